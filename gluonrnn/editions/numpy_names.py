"""What `d2l` calls MXNet's NumPy functions, so that its chapters read alike for every framework.

Source: `d2l` 0.17.6. Most names are ``mxnet.np`` functions themselves; ``matmul`` is ``np.dot``.
"""

from __future__ import annotations

from typing import Any, Callable

from gluonrnn._mxnet import mx

__all__ = [
    "abs",
    "arange",
    "argmax",
    "astype",
    "concat",
    "cos",
    "cosh",
    "exp",
    "eye",
    "float32",
    "int32",
    "linspace",
    "log",
    "matmul",
    "meshgrid",
    "normal",
    "numpy",
    "ones",
    "rand",
    "reduce_sum",
    "reshape",
    "sin",
    "sinh",
    "size",
    "stack",
    "tanh",
    "tensor",
    "to",
    "transpose",
    "zeros",
]

np = mx.np

abs = np.abs
arange = np.arange
concat = np.concatenate
cos = np.cos
cosh = np.cosh
exp = np.exp
eye = np.eye
float32 = np.float32
int32 = np.int32
linspace = np.linspace
log = np.log
matmul = np.dot
meshgrid = np.meshgrid
normal = np.random.normal
ones = np.ones
rand = np.random.rand
sin = np.sin
sinh = np.sinh
stack = np.stack
tanh = np.tanh
tensor = np.array
zeros = np.zeros


def _calling(name: str, method: str, summary: str, takes: str, returns: str, example: str) -> Callable[..., Any]:
    """Return a function that calls a method of its first argument."""

    def function(x: Any, *args: Any, **kwargs: Any) -> Any:
        return getattr(x, method)(*args, **kwargs)

    function.__name__ = function.__qualname__ = name
    function.__doc__ = f"""{summary}

Parameters
----------
x : mxnet.np.ndarray
    Any array.
*args, **kwargs
    What the method takes: {takes}.

Returns
-------
{returns}

References
----------
`d2l` 0.17.6.

Examples
--------
{example}
"""
    return function


argmax = _calling(
    *("argmax", "argmax", "Return ``x.argmax(...)``.", "such as ``axis``", "mxnet.np.ndarray\n    Indices."),
    ">>> int(argmax(tensor([1.0, 3.0, 2.0])))\n1",
)
astype = _calling(
    *("astype", "astype", "Return ``x.astype(...)``.", "the type", "mxnet.np.ndarray, the shape of `x`"),
    ">>> astype(tensor([1.5]), int32).tolist()\n[1]",
)
numpy = _calling(
    *("numpy", "asnumpy", "Return ``x.asnumpy(...)``, a NumPy array.", "nothing", "numpy.ndarray, the shape of `x`"),
    ">>> numpy(ones(2)).tolist()\n[1.0, 1.0]",
)
reduce_sum = _calling(
    *("reduce_sum", "sum", "Return ``x.sum(...)``.", "such as ``axis``", "mxnet.np.ndarray"),
    ">>> float(reduce_sum(ones((2, 3))))\n6.0",
)
reshape = _calling(
    *("reshape", "reshape", "Return ``x.reshape(...)``.", "the shape", "mxnet.np.ndarray, of that shape"),
    ">>> reshape(ones((2, 3)), (3, 2)).shape\n(3, 2)",
)
to = _calling(
    *("to", "as_in_ctx", "Return ``x.as_in_ctx(...)``: the array on another device, or itself if it is there."),
    *("the device", "mxnet.np.ndarray, the shape of `x`"),
    ">>> to(ones(2), mx.cpu()).ctx\ncpu(0)",
)


def size(a: Any) -> int:
    """Return the number of elements.

    Parameters
    ----------
    a : mxnet.np.ndarray
        Any array.

    Returns
    -------
    int

    References
    ----------
    `d2l` 0.17.6.

    Examples
    --------
    >>> size(ones((2, 3)))
    6
    """
    return a.size


def transpose(a: Any) -> Any:
    """Return the transpose.

    Parameters
    ----------
    a : mxnet.np.ndarray
        Any array.

    Returns
    -------
    mxnet.np.ndarray, the axes of `a` in reverse order

    References
    ----------
    `d2l` 0.17.6.

    Examples
    --------
    >>> transpose(ones((2, 3))).shape
    (3, 2)
    """
    return a.T
