"""The book's data loaders: The Time Machine in batches of characters, and arrays in batches of rows.

Source: *Dive into Deep Learning* (2020-22 edition), sections "Text preprocessing", "Language models
and the dataset" and "Concise implementation of linear regression"; `d2l` 0.17.6.
"""

from __future__ import annotations

import sys
from itertools import chain, islice
from typing import Any, Callable, ClassVar, Iterable, Sequence

from gluonrnn._arrays import array_type_of, check_array_type, is_np, using_np
from gluonrnn._checks import check_batches, check_count, short_repr
from gluonrnn._mxnet import gluon, nd
from gluonrnn.corpus import hub
from gluonrnn.corpus.batches import Batches, seq_data_iter_random, seq_data_iter_sequential
from gluonrnn.corpus.vocab import Vocab, letters_only, lines_of

__all__ = [
    "SeqDataLoader",
    "character_corpus",
    "load_array",
    "load_corpus_time_machine",
    "load_data_time_machine",
    "read_time_machine",
]


def read_time_machine() -> list[str]:
    r"""Read the lines of *The Time Machine*, with nothing in them but lower-case letters and spaces.

    Returns
    -------
    list of str
        3,221 lines of the published file, many of them empty.

    Raises
    ------
    CorpusNotFoundError
        If the file is nowhere and cannot be fetched, see `gluonrnn.corpus.hub.download`.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Text preprocessing"; `d2l` 0.17.6.

    Examples
    --------
    >>> import os, tempfile
    >>> from unittest import mock
    >>> folder = tempfile.mkdtemp()  # with another text in it, for this example
    >>> with open(os.path.join(folder, "timemachine.txt"), "w") as file:
    ...     _ = file.write("One o'clock\n\nTwo!\n")
    >>> entry = (hub.DATA_URL + "timemachine.txt", "2423e84040b705614560f59b9f7e6e4a2faa776b")
    >>> with mock.patch.dict(hub.DATA_HUB, time_machine=entry), mock.patch.dict(os.environ, GLUONRNN_DATA=folder):
    ...     read_time_machine()
    ['one o clock', '', 'two']
    """
    with open(hub.download("time_machine"), encoding="utf-8") as file:
        return letters_only(file)


def character_corpus(
    lines: Iterable[str], max_tokens: int = -1, vocab_class: Callable[[Any], Any] = Vocab
) -> tuple[list[int], Any]:
    """Number the characters of some lines, and write the lines in those numbers, one after another.

    Examples
    --------
    >>> corpus, vocab = character_corpus(["la la", "di"], max_tokens=6)
    >>> corpus, vocab.idx_to_token
    ([1, 2, 3, 1, 2, 4], ['<unk>', 'l', 'a', ' ', 'd', 'i'])
    """
    max_tokens = check_count("max_tokens", max_tokens, -1, most=None)
    lines = list(lines_of(lines))
    vocab = vocab_class(map(list, lines))  # a line at a time: a list of characters takes eight bytes for each
    numbers = {character: vocab[character] for character in set(chain.from_iterable(lines))}
    kept = islice(chain.from_iterable(lines), min(max_tokens, sys.maxsize) if max_tokens > 0 else None)
    return list(map(numbers.__getitem__, kept)), vocab


def load_corpus_time_machine(max_tokens: int = -1) -> tuple[list[int], Vocab]:
    """Return *The Time Machine* as a list of indices of characters, and its vocabulary.

    Parameters
    ----------
    max_tokens : int
        Keep that many characters from the start; all of them if it is 0 or -1.

    Returns
    -------
    corpus : list of int
        170,580 indices for the whole published file.
    vocab : Vocab
        28 tokens for the published file, whatever is kept of it.

    Raises
    ------
    CorpusNotFoundError
        If the file is nowhere and cannot be fetched, see `gluonrnn.corpus.hub.download`.
    TypeError, ValueError
        If `max_tokens` is not a whole number from -1 on.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Text preprocessing"; `d2l` 0.17.6.

    Examples
    --------
    >>> from unittest import mock
    >>> with mock.patch("gluonrnn.corpus.loaders.read_time_machine", return_value=["the time machine"]):  # no file here
    ...     corpus, vocab = load_corpus_time_machine(max_tokens=8)
    >>> "".join(vocab.to_tokens(corpus)), len(vocab)
    ('the time', 10)
    """
    max_tokens = check_count("max_tokens", max_tokens, -1, most=None)
    return character_corpus(read_time_machine(), max_tokens)


class SeqDataLoader:
    """*The Time Machine* in batches, drawn anew each time it is gone through.

    Parameters
    ----------
    batch_size : int
        Examples in a batch.
    num_steps : int
        Characters in an example.
    use_random_iter : bool
        Whether examples come in random order, see `seq_data_iter_random`, or go on from batch to
        batch, see `seq_data_iter_sequential`.
    max_tokens : int
        Keep that many characters from the start of the text; all of them if it is 0 or -1.

    Attributes
    ----------
    data_iter_fn : function
        What makes the batches of `corpus`, `batch_size` and `num_steps`.
    corpus : list of int
        The text as indices.
    vocab : Vocab
        The vocabulary.
    batch_size, num_steps : int
        As given.

    Raises
    ------
    CorpusNotFoundError
        If the file is nowhere and cannot be fetched, see `gluonrnn.corpus.hub.download`.
    TypeError, ValueError
        If a number is not a whole number that is large enough, or the text may be too short for a
        batch: whatever an epoch drops at the start, ``(batch_size + 1) * num_steps + 1``
        characters are enough.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Language models and the dataset"; `d2l` 0.17.6.

    Examples
    --------
    >>> class OfSeventeenCharacters(SeqDataLoader):
    ...     _load_corpus = staticmethod(lambda max_tokens: character_corpus(["over and over and"], max_tokens))
    >>> loader = OfSeventeenCharacters(batch_size=2, num_steps=5, use_random_iter=False, max_tokens=-1)
    >>> [(X.shape, Y.shape) for X, Y in loader]
    [((2, 5), (2, 5))]
    """

    # an older edition reads, numbers and walks in ways of its own, and overrides these three
    _load_corpus: ClassVar[Any] = staticmethod(load_corpus_time_machine)
    _random_iter: ClassVar[Any] = staticmethod(seq_data_iter_random)
    _sequential_iter: ClassVar[Any] = staticmethod(seq_data_iter_sequential)

    def __init__(self, batch_size: int, num_steps: int, use_random_iter: bool, max_tokens: int) -> None:
        self.batch_size, self.num_steps = check_count("batch_size", batch_size), check_count("num_steps", num_steps)
        self.data_iter_fn: Callable[..., Batches] = self._random_iter if use_random_iter else self._sequential_iter
        self.corpus, self.vocab = self._load_corpus(check_count("max_tokens", max_tokens, -1, most=None))
        # whatever is dropped at the start, an epoch must have a batch
        check_batches(len(self.corpus), self.batch_size, self.num_steps, random=True, spare=1)

    def __iter__(self) -> Batches:
        return self.data_iter_fn(self.corpus, self.batch_size, self.num_steps)


def load_data_time_machine(
    batch_size: int, num_steps: int, use_random_iter: bool = False, max_tokens: int = 10000
) -> tuple[SeqDataLoader, Vocab]:
    """Return *The Time Machine* in batches, and its vocabulary.

    Parameters
    ----------
    batch_size : int
        Examples in a batch.
    num_steps : int
        Characters in an example.
    use_random_iter : bool
        Whether examples come in random order, or go on from batch to batch.
    max_tokens : int
        Keep that many characters from the start of the text; all of them if it is 0 or -1.

    Returns
    -------
    data_iter : SeqDataLoader
        Gives the batches of an epoch each time it is gone through.
    vocab : Vocab
        28 tokens for the published file.

    Raises
    ------
    CorpusNotFoundError, TypeError, ValueError
        As `SeqDataLoader` does.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Language models and the dataset"; `d2l` 0.17.6.

    Examples
    --------
    >>> from unittest import mock
    >>> with mock.patch("gluonrnn.corpus.loaders.read_time_machine", return_value=["the time machine"]):  # no file here
    ...     train_iter, vocab = load_data_time_machine(batch_size=2, num_steps=5)
    >>> [X.shape for X, Y in train_iter], len(vocab)
    ([(2, 5)], 10)
    """
    data_iter = SeqDataLoader(batch_size, num_steps, use_random_iter, max_tokens)
    return data_iter, data_iter.vocab


def load_array(data_arrays: Sequence[Any], batch_size: int, is_train: bool = True) -> Any:
    """Return a loader that gives arrays in batches of rows.

    Parameters
    ----------
    data_arrays : tuple or list
        Arrays of equal length: of ``mxnet.np``, NumPy or ``mxnet.nd``, or lists.
    batch_size : int
        Rows in a batch; the last one may be smaller.
    is_train : bool
        Whether the rows are shuffled, anew in each epoch, by NumPy's generator.

    Returns
    -------
    mxnet.gluon.data.DataLoader
        Gives a list of a batch of each array, or the batch itself if there is one array; as
        ``mxnet.nd`` arrays where such are passed in, and else as ``mxnet.np`` arrays, whether or
        not ``npx.set_np()`` was called. Their types are those of the arrays.

    Raises
    ------
    TypeError
        If `data_arrays` is one array, its arrays are of both array types, or `batch_size` is not a
        whole number.
    ValueError
        If there is no array, their lengths differ, or `batch_size` is less than 1.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Concise implementation of linear regression";
    `d2l` 0.17.6.

    Examples
    --------
    >>> import mxnet as mx
    >>> features, labels = mx.np.array([[1, 2], [3, 4], [5, 6]]), mx.np.array([0, 1, 0])
    >>> for X, y in load_array((features, labels), batch_size=2, is_train=False):
    ...     print(X, y)
    [[1. 2.]
     [3. 4.]] [0. 1.]
    [[5. 6.]] [0.]
    """
    if not isinstance(data_arrays, (tuple, list)):
        raise TypeError(f"data_arrays must be a tuple of arrays, but it is {short_repr(data_arrays)}: pass (array,)")
    for array in data_arrays:
        if not hasattr(array, "__len__") or isinstance(array, (str, bytes)) or not getattr(array, "shape", True):
            raise TypeError(f"data_arrays must be a tuple of arrays, but it holds {short_repr(array)}: pass (array,)")
    lengths = [len(array) for array in data_arrays]
    if len(set(lengths)) != 1:
        found = f"theirs are {', '.join(map(str, lengths))}" if lengths else "there is none"
        raise ValueError(
            f"data_arrays must be one or more arrays of one length, but {found}: pass a row of each for every example"
        )
    batch_size = check_count("batch_size", batch_size)
    # told here, for the dataset turns rows of labels into NumPy's
    arrays = [array for array in data_arrays if isinstance(array, nd.NDArray)]
    if arrays:
        check_array_type("data_arrays", arrays, np=is_np(arrays[0]))

    def batchify(rows: Any) -> Any:
        with array_type_of(arrays) if arrays else using_np():
            return gluon.data.dataloader.default_batchify_fn(rows)

    dataset = gluon.data.ArrayDataset(*data_arrays)
    return gluon.data.DataLoader(dataset, batch_size, shuffle=bool(is_train), batchify_fn=batchify)
