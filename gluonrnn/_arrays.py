"""MXNet's two array types: ``mxnet.nd``, and ``mxnet.np`` as after ``npx.set_np()``.

Gluon's blocks and losses ask a switch which of the two they are in. Whatever computes in one
Gluon's blocks and losses ask a process-wide switch which of the two to use. Code for one type
sets the switch for as long as it runs, so that the editions of both work in one process,
wherever the user has left it, and importing gluonrnn need not touch it.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from typing import Any, Callable, ContextManager, Iterator, TypeVar

from gluonrnn._mxnet import mx, nd

__all__ = [
    "array_type_of",
    "as_nd",
    "as_np",
    "check_array_type",
    "check_same_array_type",
    "first_array",
    "in_array_type_of_input",
    "in_own_array_type",
    "is_np",
    "namespaces",
    "on_device",
    "requires_array_type",
    "using_nd",
    "using_np",
]

Function = TypeVar("Function", bound=Callable[..., Any])


@contextlib.contextmanager
def using_nd() -> Iterator[None]:
    """Compute on ``mxnet.nd`` arrays for as long as this lasts; also a decorator.

    Examples
    --------
    >>> with using_nd():
    ...     mx.util.is_np_array()
    False
    """
    # array semantics need shape semantics, so they go first and come last
    with mx.util.np_array(False), mx.util.np_shape(False):
        yield


@contextlib.contextmanager
def using_np() -> Iterator[None]:
    """Compute on ``mxnet.np`` arrays for as long as this lasts; also a decorator.

    Examples
    --------
    >>> @using_np()
    ... def norm(x):
    ...     return mx.np.sqrt((x * x).sum())
    >>> float(norm(mx.np.array([3.0, 4.0])))
    5.0
    """
    with mx.util.np_shape(True), mx.util.np_array(True):
        yield


def is_np(array: Any) -> bool:
    """Return whether an array is an ``mxnet.np`` array.

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


def array_type_of(value: Any) -> ContextManager[None]:
    """Return the context manager for the array type of an array, or of the first one in a tuple or list.

    Examples
    --------
    >>> with array_type_of((mx.np.ones(2),)):
    ...     mx.util.is_np_array()
    True
    """
    return using_np() if is_np(first_array(value)) else using_nd()


def in_array_type_of_input(function: Function) -> Function:
    """Make a function compute on the array type of its first array.

    Examples
    --------
    >>> @in_array_type_of_input
    ... def kind(x):
    ...     return mx.util.is_np_array()
    >>> kind(mx.np.ones(2)), kind(nd.ones(2))
    (True, False)
    """

    @functools.wraps(function)
    def following(*args: Any, **kwargs: Any) -> Any:
        with array_type_of([*args, *kwargs.values()]):
            return function(*args, **kwargs)

    return following  # type: ignore[return-value]


def in_own_array_type(method: Function) -> Function:
    """Make a method compute on the array type of its object: ``mxnet.np`` where ``self._np`` is true.

    Examples
    --------
    >>> class Zeros:
    ...     _np = True
    ...     @in_own_array_type
    ...     def of(self, shape):
    ...         return namespaces()[0].zeros(shape)
    >>> is_np(Zeros().of(2))
    True
    """

    @functools.wraps(method)
    def at_home(self: Any, *args: Any, **kwargs: Any) -> Any:
        with using_np() if self._np else using_nd():
            return method(self, *args, **kwargs)

    return at_home  # type: ignore[return-value]


def namespaces() -> tuple[Any, Any]:
    """Return the current namespaces: ``mxnet.np`` and ``mxnet.npx``, or ``mxnet.nd`` twice.

    Examples
    --------
    >>> with using_nd():
    ...     np, npx = namespaces()
    >>> npx.one_hot(np.array([1]), 3).asnumpy().tolist()
    [[0.0, 1.0, 0.0]]
    """
    return (mx.np, mx.npx) if mx.util.is_np_array() else (nd, nd)


def check_array_type(name: str, value: Any, *, np: bool) -> None:
    """Raise a `TypeError` unless every array in `value` is of the required array type.

    Examples
    --------
    >>> check_array_type("X", nd.ones(2), np=True)
    Traceback (most recent call last):
    ...
    TypeError: X must be a mxnet.np array here, but it is of mxnet.nd: convert it with .as_np_ndarray(), or use \
the edition for mxnet.nd
    """
    if isinstance(value, (tuple, list)):
        for part in value:
            check_array_type(name, part, np=np)
    elif isinstance(value, nd.NDArray) and is_np(value) is not np:
        wanted, other = ("np", "nd") if np else ("nd", "np")
        raise TypeError(
            f"{name} must be a mxnet.{wanted} array here, but it is of mxnet.{other}: convert it with "
            f".as_{wanted}_ndarray(), or use the edition for mxnet.{other}"
        )


def check_same_array_type(name: str, arrays: Any) -> None:
    """Raise a `TypeError` unless all arrays are of the type of the first.

    Examples
    --------
    >>> check_same_array_type("params", [nd.ones(2), mx.np.ones(2)])
    Traceback (most recent call last):
    ...
    TypeError: params must be a mxnet.nd array here, but it is of mxnet.np: convert it with .as_nd_ndarray(), or use \
the edition for mxnet.np
    """
    check_array_type(name, arrays, np=is_np(first_array(arrays)))


def requires_array_type(*, np: bool) -> Callable[[Function], Function]:
    """Make a function refuse arrays of the other array type.

    Examples
    --------
    >>> @requires_array_type(np=False)
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
                check_array_type(name, value, np=np)
            return function(*args, **kwargs)

        return of_one_world  # type: ignore[return-value]

    return decorate


def on_device(array: Any, ctx: Any) -> Any:
    """Return an array of either array type on a device; None leaves it where it is.

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
