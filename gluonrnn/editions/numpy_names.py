"""What `d2l` calls MXNet's NumPy functions, so that its chapters read alike for every framework.

Source: `d2l` 0.17.6. Most names are ``mxnet.np`` functions themselves; ``matmul`` is ``np.dot``.
"""

from __future__ import annotations

from typing import Any

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


def argmax(x: Any, *args: Any, **kwargs: Any) -> Any:
    """Return ``x.argmax(...)``.

    Parameters
    ----------
    x : mxnet.np.ndarray
        Any array.
    *args, **kwargs
        As the method takes them, such as ``axis``.

    Returns
    -------
    mxnet.np.ndarray
        Indices.

    References
    ----------
    `d2l` 0.17.6.

    Examples
    --------
    >>> int(argmax(tensor([1.0, 3.0, 2.0])))
    1
    """
    return x.argmax(*args, **kwargs)


def astype(x: Any, *args: Any, **kwargs: Any) -> Any:
    """Return ``x.astype(...)``.

    Parameters
    ----------
    x : mxnet.np.ndarray
        Any array.
    *args, **kwargs
        As the method takes them: the type.

    Returns
    -------
    mxnet.np.ndarray, the shape of `x`

    References
    ----------
    `d2l` 0.17.6.

    Examples
    --------
    >>> astype(tensor([1.5]), int32).tolist()
    [1]
    """
    return x.astype(*args, **kwargs)


def numpy(x: Any, *args: Any, **kwargs: Any) -> Any:
    """Return ``x.asnumpy(...)``, a NumPy array.

    Parameters
    ----------
    x : mxnet.np.ndarray
        Any array.
    *args, **kwargs
        As the method takes them: none.

    Returns
    -------
    numpy.ndarray, the shape of `x`

    References
    ----------
    `d2l` 0.17.6.

    Examples
    --------
    >>> numpy(ones(2)).tolist()
    [1.0, 1.0]
    """
    return x.asnumpy(*args, **kwargs)


def reduce_sum(x: Any, *args: Any, **kwargs: Any) -> Any:
    """Return ``x.sum(...)``.

    Parameters
    ----------
    x : mxnet.np.ndarray
        Any array.
    *args, **kwargs
        As the method takes them, such as ``axis``.

    Returns
    -------
    mxnet.np.ndarray

    References
    ----------
    `d2l` 0.17.6.

    Examples
    --------
    >>> float(reduce_sum(ones((2, 3))))
    6.0
    """
    return x.sum(*args, **kwargs)


def reshape(x: Any, *args: Any, **kwargs: Any) -> Any:
    """Return ``x.reshape(...)``.

    Parameters
    ----------
    x : mxnet.np.ndarray
        Any array.
    *args, **kwargs
        As the method takes them: the shape.

    Returns
    -------
    mxnet.np.ndarray, of that shape

    References
    ----------
    `d2l` 0.17.6.

    Examples
    --------
    >>> reshape(ones((2, 3)), (3, 2)).shape
    (3, 2)
    """
    return x.reshape(*args, **kwargs)


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


def to(x: Any, *args: Any, **kwargs: Any) -> Any:
    """Return ``x.as_in_ctx(...)``: the array on another device, or itself if it is there.

    Parameters
    ----------
    x : mxnet.np.ndarray
        Any array.
    *args, **kwargs
        As the method takes them: the device.

    Returns
    -------
    mxnet.np.ndarray, the shape of `x`

    References
    ----------
    `d2l` 0.17.6.

    Examples
    --------
    >>> to(ones(2), mx.cpu()).ctx
    cpu(0)
    """
    return x.as_in_ctx(*args, **kwargs)


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
