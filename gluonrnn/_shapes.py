"""Checks of the arrays that users pass in, and one-line errors for shapes that do not fit."""

from __future__ import annotations

import contextlib
import re
from typing import Any, Iterator

from gluonrnn._checks import short_repr
from gluonrnn._mxnet import mx, nd

__all__ = ["check_array", "check_arrays", "check_range", "explain_shape_errors"]

_OF_SHAPES = re.compile("shape|dim|Deferred initialization failed|recurrent state", re.IGNORECASE)


def check_array(name: str, value: Any, axes: str) -> None:
    """Raise unless `value` is an array of MXNet with as many axes as are named.

    Examples
    --------
    >>> check_array("X", nd.ones(2), "batch_size, num_steps")
    Traceback (most recent call last):
    ...
    ValueError: X must be of shape (batch_size, num_steps), but its shape is (2,): reshape it
    """
    if not isinstance(value, nd.NDArray):
        raise TypeError(
            f"{name} must be an array of MXNet of shape ({axes}), but it is {short_repr(value)}: make one with array"
        )
    if value.ndim != axes.count(",") + 1:
        raise ValueError(f"{name} must be of shape ({axes}), but its shape is {value.shape}: reshape it")


def check_arrays(name: str, values: Any, number: int | None, remedy: str) -> None:
    """Raise unless `values` is a list or tuple of that many arrays of MXNet.

    Examples
    --------
    >>> check_arrays("params", [nd.ones(2)], 1, "pass a list")
    """
    if not isinstance(values, (list, tuple)):
        raise TypeError(f"{name} must be a list of arrays of MXNet, but it is {short_repr(values)}: {remedy}")
    for value in values:
        if not isinstance(value, nd.NDArray):
            raise TypeError(f"{name} must be a list of arrays of MXNet, but it holds {short_repr(value)}: {remedy}")
    if number is not None and len(values) != number:
        raise ValueError(f"{name} must hold {number} arrays, but it holds {len(values)}: {remedy}")


def check_range(name: str, array: Any, end: float, remedy: str) -> None:
    """Raise unless every number of an array lies in ``[0, end)``; the array is waited for.

    Examples
    --------
    >>> check_range("X", nd.array([3, -1]), 5, "count from 0")
    Traceback (most recent call last):
    ...
    ValueError: X must lie in [0, 5), but this one has -1 to 3: count from 0
    """
    values = array.asnumpy()
    if values.size and not (values.min() >= 0 and values.max() < end):
        raise ValueError(
            f"{name} must lie in [0, {end}), but this one has {values.min():g} to {values.max():g}: {remedy}"
        )


@contextlib.contextmanager
def explain_shape_errors(who: str, **values: Any) -> Iterator[None]:
    """Re-raise MXNet's shape errors as a one-line `ValueError`.

    Examples
    --------
    >>> W = nd.ones((3, 4))
    >>> with explain_shape_errors("a layer", X=nd.ones((2, 5)), params=[W]):
    ...     nd.dot(nd.ones((2, 5)), W)
    Traceback (most recent call last):
    ...
    ValueError: the shapes that a layer is given must fit each other and its parameters, but X is (2, 5) and params is \
[(3, 4)]: make all of them for the same sizes
    """
    try:
        yield
    except (mx.base.MXNetError, ValueError, AssertionError) as error:
        text = str(error).strip()
        if type(error).__module__.startswith("gluonrnn") or not _from_mxnet(error) or not _OF_SHAPES.search(text):
            raise
        found = " and ".join(f"{name} is {_shapes(value)}" for name, value in values.items())
        raise ValueError(
            f"the shapes that {who} is given must fit each other and its parameters, but {found}: "
            "make all of them for the same sizes"
        ) from error


def _from_mxnet(error: BaseException) -> bool:
    """Return whether MXNet raised it, rather than code that MXNet called."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__", "")).split(".")[0] == "mxnet"


def _shapes(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(str(_shapes(part)) for part in value)}]"
    return value.shape if isinstance(value, nd.NDArray) else short_repr(value)
