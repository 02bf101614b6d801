"""A batch of indices as one-hot matrices, one for each time step."""

from __future__ import annotations

from typing import Any

from gluonrnn._arrays import takes
from gluonrnn._checks import check_count
from gluonrnn._mxnet import nd
from gluonrnn._shapes import check_array

__all__ = ["to_onehot"]


@takes(np=False)
def to_onehot(X: Any, size: int, *, check: bool = False) -> list[Any]:
    """Turn a batch of indices into one one-hot matrix for each time step.

    Parameters
    ----------
    X : NDArray, (batch_size, num_steps)
        Indices; those of one example may be one row, (num_steps,).
    size : int
        The length of a one-hot vector, `vocab_size`.
    check : bool
        Whether to refuse indices outside ``[0, size)``, which costs a look at every value. The
        book's function, and this one by default, makes a row of zeros of them.

    Returns
    -------
    list of NDArray
        `num_steps` arrays of shape (batch_size, size), float32.

    Raises
    ------
    TypeError, ValueError
        If `X` is no array of one or two axes, `size` is not a positive whole number, or, with
        ``check=True``, an index lies outside.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.4, "One-hot vectors".

    Examples
    --------
    >>> inputs = to_onehot(nd.array([[0, 2], [1, 1]]), 3)
    >>> len(inputs), inputs[1].asnumpy().tolist()
    (2, [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    """
    if not (isinstance(X, nd.NDArray) and X.ndim == 1):  # the early editions write on from one index
        check_array("X", X, "batch_size, num_steps")
    size = check_count("size", size)
    if check:
        least, most = X.min().asscalar(), X.max().asscalar()
        if not (least >= 0 and most < size):
            outside = most if least >= 0 else least
            raise ValueError(
                f"an index must lie in [0, {size}) for a one-hot vector of size {size}, but the batch holds "
                f"{outside:g}: pass the vocab_size of this corpus"
            )
    return [nd.one_hot(x, size) for x in X.T]
