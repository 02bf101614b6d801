"""A corpus in batches: examples in random order, or rows that go on from batch to batch.

Source: *Dive into Deep Learning*, chapter "Language model data sets"; `gluonbook` 0.8.10. The
later editions, `d2l` 0.10 to 0.17.6, drop a few characters at the start, drawn anew in each epoch.
"""

from __future__ import annotations

import random
from array import array
from typing import Any, Callable, Iterator, Sequence, Tuple

import numpy as np

from gluonrnn._checks import as_array, check_count, check_indices
from gluonrnn._mxnet import mx, nd
from gluonrnn.devices import check_context

__all__ = [
    "data_iter_consecutive",
    "data_iter_random",
    "random_batches_from_offset",
    "seq_data_iter_random",
    "seq_data_iter_sequential",
]

Batches = Iterator[Tuple[Any, Any]]


def data_iter_random(corpus_indices: Sequence[int], batch_size: int, num_steps: int, ctx: Any | None = None) -> Batches:
    """Cut a corpus into examples of `num_steps` and yield them in random order, in batches.

    Each example is taken at most once; examples that do not fill a batch are left out, and so is
    the end of the text that does not fill an example. Two examples that follow each other in a
    batch need not do so in the text, so the hidden state starts anew with every batch. A corpus
    too short for one batch gives none.

    Parameters
    ----------
    corpus_indices : sequence of int
        The text as indices, of any length.
    batch_size : int
        Examples in a batch.
    num_steps : int
        Characters in an example.
    ctx : mxnet.Context, optional
        Where the batches are made; the current context by default.

    Yields
    ------
    X, Y : NDArray, each (batch_size, num_steps), float32
        Indices, and the indices one character later.

    Raises
    ------
    TypeError, ValueError
        At the call, if an index is no whole number from 0 up, or a size is not a positive one.

    Notes
    -----
    The order is drawn from Python's `random`, once, when the first batch is asked for.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.3, "Random sampling".

    Examples
    --------
    >>> import random
    >>> random.seed(3)
    >>> for X, Y in data_iter_random(range(30), batch_size=2, num_steps=6):
    ...     print(X.asnumpy(), Y.asnumpy())
    [[18. 19. 20. 21. 22. 23.]
     [ 0.  1.  2.  3.  4.  5.]] [[19. 20. 21. 22. 23. 24.]
     [ 1.  2.  3.  4.  5.  6.]]
    [[12. 13. 14. 15. 16. 17.]
     [ 6.  7.  8.  9. 10. 11.]] [[13. 14. 15. 16. 17. 18.]
     [ 7.  8.  9. 10. 11. 12.]]
    """
    indices = _whole(corpus_indices, "corpus_indices")
    batch_size, num_steps = check_count("batch_size", batch_size), check_count("num_steps", num_steps)
    check_context("ctx", ctx)
    return _random_batches(indices, batch_size, num_steps, ctx)


def _whole(corpus: Any, name: str) -> Any:
    indices = as_array(corpus, name)
    check_indices(indices, name=name)
    return indices


def _random_batches(indices: Any, batch_size: int, num_steps: int, ctx: Any | None) -> Batches:
    for X, Y in _random_examples(indices, batch_size, num_steps):
        yield nd.array(X, ctx=ctx), nd.array(Y, ctx=ctx)


def _random_examples(indices: Any, batch_size: int, num_steps: int) -> Batches:
    # one character less, for the last example's labels stand one later
    num_examples = max(len(indices) - 1, 0) // num_steps
    starts = array("q", range(0, num_examples * num_steps, num_steps))  # a fifth of a list's memory
    random.shuffle(starts)
    for first in range(0, num_examples - batch_size + 1, batch_size):
        examples = indices[np.add.outer(starts[first : first + batch_size], np.arange(num_steps + 1))]
        yield examples[:, :-1], examples[:, 1:]


def data_iter_consecutive(
    corpus_indices: Sequence[int], batch_size: int, num_steps: int, ctx: Any | None = None
) -> Batches:
    """Lay a corpus out in `batch_size` rows and walk along them, `num_steps` at a time.

    Each batch goes on, row by row, where the last one stopped, so the hidden state is carried
    from batch to batch. What does not fill a row or a batch is left out; a corpus too short for
    one batch gives none.

    Parameters
    ----------
    corpus_indices : sequence of int
        The text as indices, of any length.
    batch_size : int
        Rows that the text is laid out in.
    num_steps : int
        Characters taken from each row at a time.
    ctx : mxnet.Context, optional
        Where the batches are made; the current context by default.

    Yields
    ------
    X, Y : NDArray, each (batch_size, num_steps), float32
        Indices, and the indices one character later.

    Raises
    ------
    TypeError, ValueError
        At the call, if an index is no whole number from 0 up, or a size is not a positive one.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.3, "Consecutive sampling".

    Examples
    --------
    >>> for X, Y in data_iter_consecutive(range(30), batch_size=2, num_steps=6):
    ...     print(X.asnumpy(), Y.asnumpy())
    [[ 0.  1.  2.  3.  4.  5.]
     [15. 16. 17. 18. 19. 20.]] [[ 1.  2.  3.  4.  5.  6.]
     [16. 17. 18. 19. 20. 21.]]
    [[ 6.  7.  8.  9. 10. 11.]
     [21. 22. 23. 24. 25. 26.]] [[ 7.  8.  9. 10. 11. 12.]
     [22. 23. 24. 25. 26. 27.]]
    """
    indices = _whole(corpus_indices, "corpus_indices")
    batch_size, num_steps = check_count("batch_size", batch_size), check_count("num_steps", num_steps)
    check_context("ctx", ctx)
    return _consecutive_batches(indices, batch_size, num_steps, ctx)


def _consecutive_batches(indices: Any, batch_size: int, num_steps: int, ctx: Any | None) -> Batches:
    row_length = len(indices) // batch_size
    rows = indices[: batch_size * row_length].reshape((batch_size, row_length))
    # stops where the labels, one later, would leave the row
    for start in range(0, row_length - num_steps, num_steps):
        yield (
            nd.array(rows[:, start : start + num_steps], ctx=ctx),
            nd.array(rows[:, start + 1 : start + 1 + num_steps], ctx=ctx),
        )


def seq_data_iter_random(corpus: Sequence[int], batch_size: int, num_steps: int) -> Batches:
    """Drop a few tokens, cut the rest into examples, and yield them in random order, in batches.

    Each example is taken at most once; examples that do not fill a batch are left out. Two that
    follow each other in a batch need not do so in the text, so the hidden state starts anew with
    every batch. A corpus too short for one batch gives none.

    Parameters
    ----------
    corpus : sequence of int
        The text as indices, of any length.
    batch_size : int
        Examples in a batch.
    num_steps : int
        Tokens in an example.

    Yields
    ------
    X, Y : mxnet.np.ndarray, each (batch_size, num_steps), float32
        Indices, and the indices one token later, on the current context.

    Raises
    ------
    TypeError, ValueError
        At the call, if an index is no whole number from 0 up, or a size is not a positive one.

    Notes
    -----
    Python's `random` draws, when the first batch is asked for, how many tokens to drop, up to
    ``num_steps - 1``, and then the order.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Language models and the dataset"; `d2l` 0.17.6.

    Examples
    --------
    >>> import random
    >>> random.seed(3)
    >>> for X, Y in seq_data_iter_random(range(35), batch_size=2, num_steps=5):
    ...     print(X, Y)
    [[ 1.  2.  3.  4.  5.]
     [11. 12. 13. 14. 15.]] [[ 2.  3.  4.  5.  6.]
     [12. 13. 14. 15. 16.]]
    [[16. 17. 18. 19. 20.]
     [ 6.  7.  8.  9. 10.]] [[17. 18. 19. 20. 21.]
     [ 7.  8.  9. 10. 11.]]
    [[26. 27. 28. 29. 30.]
     [21. 22. 23. 24. 25.]] [[27. 28. 29. 30. 31.]
     [22. 23. 24. 25. 26.]]

    """
    num_steps = check_count("num_steps", num_steps)
    return random_batches_from_offset(corpus, batch_size, num_steps, largest_offset=num_steps - 1)


def random_batches_from_offset(
    corpus: Sequence[int], batch_size: int, num_steps: int, *, largest_offset: int
) -> Batches:
    """Yield batches as `seq_data_iter_random` does, after dropping another number of tokens.

    Examples
    --------
    >>> X, Y = next(random_batches_from_offset(range(6), 1, 5, largest_offset=0))
    >>> X, Y
    (array([[0., 1., 2., 3., 4.]]), array([[1., 2., 3., 4., 5.]]))
    """
    indices = _whole(corpus, "corpus")
    batch_size, num_steps = check_count("batch_size", batch_size), check_count("num_steps", num_steps)
    return _np_batches(
        indices, batch_size, num_steps, check_count("largest_offset", largest_offset, 0), _random_examples
    )


def seq_data_iter_sequential(corpus: Sequence[int], batch_size: int, num_steps: int) -> Batches:
    """Drop a few tokens, lay the rest out in `batch_size` rows, and walk along them.

    Each batch goes on, row by row, where the last one stopped, so the hidden state is carried
    from batch to batch. What does not fill a row or a batch is left out; a corpus too short for
    one batch gives none.

    Parameters
    ----------
    corpus : sequence of int
        The text as indices, of any length.
    batch_size : int
        Rows that the text is laid out in.
    num_steps : int
        Tokens taken from each row at a time.

    Yields
    ------
    X, Y : mxnet.np.ndarray, each (batch_size, num_steps), float32
        Indices, and the indices one token later, on the current context.

    Raises
    ------
    TypeError, ValueError
        At the call, if an index is no whole number from 0 up, or a size is not a positive one.

    Notes
    -----
    Python's `random` draws, when the first batch is asked for, how many tokens to drop, up to
    `num_steps`.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Language models and the dataset"; `d2l` 0.17.6.

    Examples
    --------
    >>> import random
    >>> random.seed(3)
    >>> for X, Y in seq_data_iter_sequential(range(35), batch_size=2, num_steps=5):
    ...     print(X, Y)
    [[ 1.  2.  3.  4.  5.]
     [17. 18. 19. 20. 21.]] [[ 2.  3.  4.  5.  6.]
     [18. 19. 20. 21. 22.]]
    [[ 6.  7.  8.  9. 10.]
     [22. 23. 24. 25. 26.]] [[ 7.  8.  9. 10. 11.]
     [23. 24. 25. 26. 27.]]
    [[11. 12. 13. 14. 15.]
     [27. 28. 29. 30. 31.]] [[12. 13. 14. 15. 16.]
     [28. 29. 30. 31. 32.]]

    """
    indices = _whole(corpus, "corpus")
    batch_size, num_steps = check_count("batch_size", batch_size), check_count("num_steps", num_steps)
    return _np_batches(indices, batch_size, num_steps, num_steps, _rows_of_labelled)


def _rows_of_labelled(indices: Any, batch_size: int, num_steps: int) -> Batches:
    # the last character only serves as a label, unlike in `data_iter_consecutive`
    row_length = max(len(indices) - 1, 0) // batch_size
    used = batch_size * row_length
    Xs, Ys = (indices[start : start + used].reshape((batch_size, row_length)) for start in (0, 1))
    for start in range(0, row_length - num_steps + 1, num_steps):
        yield Xs[:, start : start + num_steps], Ys[:, start : start + num_steps]


def _np_batches(
    indices: Any, batch_size: int, num_steps: int, largest_offset: int, batches: Callable[[Any, int, int], Batches]
) -> Batches:
    offset = random.randint(0, largest_offset)
    for X, Y in batches(indices[offset:], batch_size, num_steps):
        yield mx.np.array(X, dtype="float32"), mx.np.array(Y, dtype="float32")
