"""MXNet's two array worlds: ``mxnet.nd``, and ``mxnet.np`` as after ``npx.set_np()``.

Gluon's blocks and losses ask a switch which of the two they are in. Whatever computes in one
world sets the switch for as long as it runs, so that the editions of both work in one process,
wherever the user has left it, and importing gluonrnn need not touch it.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from typing import Any, Callable, ContextManager, Iterator, TypeVar

from gluonrnn._mxnet import mx, nd

__all__ = [
    "as_nd",
    "as_np",
    "check_one_world",
    "check_world",
    "first_array",
    "in_own_world",
    "in_world_of_input",
    "is_np",
    "namespaces",
    "nd_world",
    "np_world",
    "on_device",
    "takes",
    "world_of",
]

Function = TypeVar("Function", bound=Callable[..., Any])


@contextlib.contextmanager
def nd_world() -> Iterator[None]:
    """Compute on ``mxnet.nd`` arrays for as long as this lasts; also a decorator.

    Examples
    --------
    >>> with nd_world():
    ...     mx.util.is_np_array()
    False
    """
    # array semantics need shape semantics, so they go first and come last
    with mx.util.np_array(False), mx.util.np_shape(False):
        yield


@contextlib.contextmanager
def np_world() -> Iterator[None]:
    """Compute on ``mxnet.np`` arrays for as long as this lasts; also a decorator.

    Examples
    --------
    >>> @np_world()
    ... def norm(x):
    ...     return mx.np.sqrt((x * x).sum())
    >>> float(norm(mx.np.array([3.0, 4.0])))
    5.0
    """
    with mx.util.np_shape(True), mx.util.np_array(True):
        yield


def is_np(array: Any) -> bool:
    """Return whether an array is of the ``mxnet.np`` world.

    Examples
    --------
    >>> is_np(mx.np.ones(2)), is_np(nd.ones(2))
    (True, False)
    """
    return isinstance(array, mx.np.ndarray)


def first_array(value: Any) -> Any:
    """Return an array, or the first one of a tuple or list that may be nested; else None."""
    if isinstance(value, (tuple, list)):
        return next((found for found in map(first_array, value) if found is not None), None)
    return value if isinstance(value, nd.NDArray) else None


def world_of(value: Any) -> ContextManager[None]:
    """Return the world of an array, or of the first one of a tuple or list, to be entered.

    Examples
    --------
    >>> with world_of((mx.np.ones(2),)):
    ...     mx.util.is_np_array()
    True
    """
    return np_world() if is_np(first_array(value)) else nd_world()


def in_world_of_input(function: Function) -> Function:
    """Make a function compute in the world of its first array.

    Examples
    --------
    >>> @in_world_of_input
    ... def kind(x):
    ...     return mx.util.is_np_array()
    >>> kind(mx.np.ones(2)), kind(nd.ones(2))
    (True, False)
    """

    @functools.wraps(function)
    def following(*args: Any, **kwargs: Any) -> Any:
        with world_of([*args, *kwargs.values()]):
            return function(*args, **kwargs)

    return following  # type: ignore[return-value]


def in_own_world(method: Function) -> Function:
    """Make a method compute in the world of its object: that of ``mxnet.np`` where ``self._np`` is true.

    Examples
    --------
    >>> class Zeros:
    ...     _np = True
    ...     @in_own_world
    ...     def of(self, shape):
    ...         return namespaces()[0].zeros(shape)
    >>> is_np(Zeros().of(2))
    True
    """

    @functools.wraps(method)
    def at_home(self: Any, *args: Any, **kwargs: Any) -> Any:
        with np_world() if self._np else nd_world():
            return method(self, *args, **kwargs)

    return at_home  # type: ignore[return-value]


def namespaces() -> tuple[Any, Any]:
    """Return what the current world has for ``mxnet.np`` and for ``mxnet.npx``; ``mxnet.nd`` is both.

    Examples
    --------
    >>> with nd_world():
    ...     np, npx = namespaces()
    >>> npx.one_hot(np.array([1]), 3).asnumpy().tolist()
    [[0.0, 1.0, 0.0]]
    """
    return (mx.np, mx.npx) if mx.util.is_np_array() else (nd, nd)


def check_world(name: str, value: Any, *, np: bool) -> None:
    """Raise unless every array of `value` is of the world that is asked for.

    Examples
    --------
    >>> check_world("X", nd.ones(2), np=True)
    Traceback (most recent call last):
    ...
    TypeError: X must be a mxnet.np array here, but it is of mxnet.nd: convert it with .as_np_ndarray(), or use \
the edition for mxnet.nd
    """
    if isinstance(value, (tuple, list)):
        for part in value:
            check_world(name, part, np=np)
    elif isinstance(value, nd.NDArray) and is_np(value) is not np:
        wanted, other = ("np", "nd") if np else ("nd", "np")
        raise TypeError(
            f"{name} must be a mxnet.{wanted} array here, but it is of mxnet.{other}: convert it with "
            f".as_{wanted}_ndarray(), or use the edition for mxnet.{other}"
        )


def check_one_world(name: str, arrays: Any) -> None:
    """Raise unless all arrays are of the world of the first.

    Examples
    --------
    >>> check_one_world("params", [nd.ones(2), mx.np.ones(2)])
    Traceback (most recent call last):
    ...
    TypeError: params must be a mxnet.nd array here, but it is of mxnet.np: convert it with .as_nd_ndarray(), or use \
the edition for mxnet.np
    """
    check_world(name, arrays, np=is_np(first_array(arrays)))


def takes(*, np: bool) -> Callable[[Function], Function]:
    """Make a function refuse arrays of the other world.

    Examples
    --------
    >>> @takes(np=False)
    ... def twice(X):
    ...     return X + X
    >>> twice(mx.np.ones(2))
    Traceback (most recent call last):
    ...
    TypeError: X must be a mxnet.nd array here, but it is of mxnet.np: convert it with .as_nd_ndarray(), or use \
the edition for mxnet.np
    """

    def decorate(function: Function) -> Function:
        names = list(inspect.signature(function).parameters)

        @functools.wraps(function)
        def of_one_world(*args: Any, **kwargs: Any) -> Any:
            for name, value in (*zip(names, args), *kwargs.items()):
                check_world(name, value, np=np)
            return function(*args, **kwargs)

        return of_one_world  # type: ignore[return-value]

    return decorate


def on_device(array: Any, ctx: Any) -> Any:
    """Return an array of either world on a device; None leaves it where it is.

    Examples
    --------
    >>> x = nd.ones(2)
    >>> on_device(x, mx.cpu()) is x
    True
    """
    if ctx is None:
        return array
    return array.as_in_ctx(ctx) if is_np(array) else array.as_in_context(ctx)


def as_nd(value: Any) -> Any:
    """Return arrays as ``mxnet.nd`` arrays that share memory, gradient and graph with them.

    Examples
    --------
    >>> (x,) = as_nd((mx.np.ones(2),))
    >>> is_np(x)
    False
    """
    if isinstance(value, (tuple, list)):
        return type(value)([as_nd(part) for part in value])
    return value.as_nd_ndarray()


def as_np(value: Any) -> Any:
    """Return arrays as ``mxnet.np`` arrays that share memory, gradient and graph with them.

    Examples
    --------
    >>> is_np(as_np([nd.ones(2)])[0])
    True
    """
    if isinstance(value, (tuple, list)):
        return type(value)([as_np(part) for part in value])
    return value.as_np_ndarray()
