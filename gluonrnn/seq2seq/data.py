"""Pairs of sentences, to tokens and to batches of indices.

A text has one pair to a line, source and target with a tab between.

Source: *Dive into Deep Learning* (2020-22 edition), section 9.5 "Machine translation and the
dataset"; `d2l` 0.17.6 and 0.11.4.
"""

from __future__ import annotations

import re
from typing import Any, Callable, Sequence

from gluonrnn._arrays import using_np
from gluonrnn._checks import check_count, short_repr
from gluonrnn._mxnet import mx
from gluonrnn.corpus.loaders import load_array
from gluonrnn.corpus.vocab import Vocab

__all__ = [
    "RESERVED",
    "batches_nmt",
    "build_array",
    "build_array_nmt",
    "index_of",
    "preprocess_nmt",
    "tokenize_nmt",
    "truncate_pad",
]

RESERVED = ("<pad>", "<bos>", "<eos>")

Lines = Sequence[Sequence[str]]


def preprocess_nmt(text: str, *, marks: str = ",.!?") -> str:
    r"""Lower a text, make its spaces plain ones, and set a space before each mark of punctuation.

    Parameters
    ----------
    text : str
        The text.
    marks : str
        The marks; `d2l` 0.11.4 left the question mark out.

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If `text` is no string.

    Notes
    -----
    A mark at the start of a sentence, after a tab or a line break, gets its space too.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.5; `d2l` 0.17.6.

    Examples
    --------
    >>> preprocess_nmt("Who?\tQui\u202f?")
    'who ?\tqui ?'
    >>> preprocess_nmt("Who? Me!", marks=",.!")
    'who? me !'
    """
    _check_text(text)
    if not isinstance(marks, str):
        raise TypeError(f"marks must be a string of marks, but it is {short_repr(marks)}: pass such as ',.!?'")
    plain = re.sub("[\u202f\xa0]", " ", text).lower()
    return re.sub(f"(?<=[^ ])(?=[{re.escape(marks)}])", " ", plain) if marks else plain


def _check_text(text: Any) -> None:
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, but it is {short_repr(text)}: pass what the file holds")


def tokenize_nmt(text: str, num_examples: int | None = None) -> tuple[list[list[str]], list[list[str]]]:
    r"""Cut each line into the words of its source and those of its target.

    Parameters
    ----------
    text : str
        From `preprocess_nmt`.
    num_examples : int, optional
        Where to stop; None or 0 for nowhere.

    Returns
    -------
    source, target : list of list of str
        As many of the one as of the other. Lines that are not two columns are left out.

    Raises
    ------
    TypeError
        If `text` is no string, or `num_examples` no whole number.
    ValueError
        If `num_examples` is negative, or no line that is read has two columns.

    Notes
    -----
    ``num_examples + 1`` lines are read, those that are left out included: `d2l` counts so, in all
    its versions, and so do the sizes of vocabularies in the book.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.5; `d2l` 0.17.6.

    Examples
    --------
    >>> tokenize_nmt("go .\tva !\nhi .\tsalut !\nrun !\tcours !", num_examples=1)
    ([['go', '.'], ['hi', '.']], [['va', '!'], ['salut', '!']])
    """
    _check_text(text)
    num_lines = None if num_examples is None else check_count("num_examples", num_examples, least=0, most=None)
    lines = text.split("\n")
    rows = [line.split("\t") for line in (lines[: num_lines + 1] if num_lines else lines)]
    pairs = [[column.split(" ") for column in row] for row in rows if len(row) == 2]
    if not pairs:
        raise ValueError(
            f"text must have source and target on a line, with one tab between, but no line that was read has, of "
            f"{short_repr(text)}: pass such a text"
        )
    return [source for source, _ in pairs], [target for _, target in pairs]


def truncate_pad(line: Sequence[Any], num_steps: int, padding_token: Any) -> list[Any]:
    """Bring a line to a length: cut its end off, or pad it.

    Parameters
    ----------
    line : list
        Tokens or indices.
    num_steps : int
        The length.
    padding_token : str or int
        What to pad it with.

    Returns
    -------
    list
        As long as `num_steps`.

    Raises
    ------
    TypeError
        If `line` is a string or no sequence, or `num_steps` no whole number.
    ValueError
        If `num_steps` is less than 1.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.5; `d2l` 0.17.6.

    Examples
    --------
    >>> truncate_pad([8, 5], 4, 1), truncate_pad([8, 5, 9], 2, 1)
    ([8, 5, 1, 1], [8, 5])
    """
    num_steps = check_count("num_steps", num_steps)
    _check_line(line)
    kept = list(line[:num_steps])
    return kept + [padding_token] * (num_steps - len(kept))


def _check_line(line: Any) -> None:
    if not isinstance(line, (list, tuple)):
        raise TypeError(f"a line must be a list of tokens, but it is {short_repr(line)}: tokenize it first")


def index_of(vocab: Any, token: str, name: str = "vocab") -> int:
    """Return the index of a reserved token.

    Examples
    --------
    >>> index_of(Vocab(reserved_tokens=RESERVED), "<eos>")
    3
    """
    if not hasattr(vocab, "to_tokens"):
        raise TypeError(f"{name} must be a Vocab, but it is {short_repr(vocab)}: check the order of the arguments")
    if vocab[token] == vocab.unk:
        raise ValueError(
            f"{name} must hold {token}, but it does not: make it with reserved_tokens=['<pad>', '<bos>', '<eos>']"
        )
    return vocab[token]


@using_np()
def build_array_nmt(lines: Lines, vocab: Any, num_steps: int) -> tuple[Any, Any]:
    """Turn lines of tokens into rows of indices, each with ``<eos>`` at its end, all of one length.

    Parameters
    ----------
    lines : list of list of str
        The tokens of each line.
    vocab : Vocab
        With ``<pad>`` and ``<eos>`` among its tokens.
    num_steps : int
        The length of a row: a longer line is cut, and its ``<eos>`` with it, a shorter one padded.

    Returns
    -------
    array : mxnet.np.ndarray, (num_lines, num_steps), float32
        Indices.
    valid_len : mxnet.np.ndarray, (num_lines,), int32
        How many in each row are not ``<pad>``.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If `num_steps` is less than 1, there is no line, or `vocab` lacks one of the two tokens.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.5; `d2l` 0.17.6.

    Examples
    --------
    >>> vocab = Vocab([["go", "."]], reserved_tokens=["<pad>", "<bos>", "<eos>"])
    >>> array, valid_len = build_array_nmt([["go", "."], ["go"]], vocab, num_steps=4)
    >>> array.tolist(), valid_len.tolist()
    ([[4.0, 5.0, 3.0, 1.0], [4.0, 3.0, 1.0, 1.0]], [3, 2])
    """
    array, is_valid = _rows(lines, vocab, num_steps, after=["<eos>"])
    return array, is_valid.astype("int32").sum(axis=1)


@using_np()
def build_array(lines: Lines, vocab: Any, num_steps: int, is_source: bool) -> tuple[Any, Any]:
    """Turn lines of tokens into rows of indices, as the edition of 2019 to 2020 does.

    Parameters
    ----------
    lines : list of list of str
        The tokens of each line.
    vocab : Vocab
        With ``<pad>``, and for targets ``<bos>`` and ``<eos>`` among its tokens.
    num_steps : int
        The length of a row, as in `build_array_nmt`.
    is_source : bool
        Whether the lines stand as they are, or begin with ``<bos>`` and end with ``<eos>``.

    Returns
    -------
    array : mxnet.np.ndarray, (num_lines, num_steps), float32
        Indices.
    valid_len : mxnet.np.ndarray, (num_lines,), int64
        How many in each row are not ``<pad>``.

    Raises
    ------
    TypeError, ValueError
        As `build_array_nmt` does.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition), section "Machine translation and data sets";
    `d2l` 0.11.4.

    Examples
    --------
    >>> vocab = Vocab([["go", "."]], reserved_tokens=["<pad>", "<bos>", "<eos>"])
    >>> array, valid_len = build_array([["go", "."]], vocab, num_steps=5, is_source=False)
    >>> array.tolist(), valid_len.tolist()
    ([[2.0, 4.0, 5.0, 3.0, 1.0]], [4])
    """
    around: dict[str, list[str]] = {} if is_source else {"before": ["<bos>"], "after": ["<eos>"]}
    array, is_valid = _rows(lines, vocab, num_steps, **around)
    return array, is_valid.sum(axis=1)


def _rows(
    lines: Lines, vocab: Any, num_steps: int, *, before: Sequence[str] = (), after: Sequence[str] = ()
) -> tuple[Any, Any]:
    """Return the rows of indices, and which of these are no padding."""
    pad = index_of(vocab, "<pad>")
    first, last = ([index_of(vocab, token) for token in tokens] for tokens in (before, after))
    num_steps = check_count("num_steps", num_steps)
    if isinstance(lines, str) or not hasattr(lines, "__len__"):
        raise TypeError(f"lines must be a list of lines of tokens, but it is {short_repr(lines)}: tokenize a text")
    if not len(lines):
        raise ValueError("lines must hold at least one line, but there is none: pass the lines of a text")
    for line in lines:
        _check_line(line)
    array = mx.np.array([truncate_pad([*first, *vocab[line], *last], num_steps, pad) for line in lines])
    return array, array != pad


def batches_nmt(
    source: Lines,
    target: Lines,
    batch_size: int,
    num_steps: int,
    *,
    min_freq: int = 2,
    build_source: Callable[..., tuple[Any, Any]] = build_array_nmt,
    build_target: Callable[..., tuple[Any, Any]] = build_array_nmt,
    vocab_class: Callable[..., Any] = Vocab,
) -> tuple[Any, Any, Any]:
    r"""Return pairs of sentences in shuffled batches, and the vocabulary of either language.

    Parameters
    ----------
    source, target : list of list of str
        From `tokenize_nmt`.
    batch_size : int
        Pairs in a batch; the last one may be smaller.
    num_steps : int
        The length of each row of indices.
    min_freq : int
        Tokens that are rarer become ``<unk>``.
    build_source, build_target : function
        ``build(lines, vocab, num_steps) -> (array, valid_len)``, such as `build_array_nmt`.
    vocab_class : class
        What makes a vocabulary of lines, `min_freq` and `reserved_tokens`.

    Returns
    -------
    data_iter : mxnet.gluon.data.DataLoader
        Gives batches of X (batch_size, num_steps), X_valid_len (batch_size,), Y and Y_valid_len,
        anew each time it is gone through.
    src_vocab, tgt_vocab : Vocab
        The vocabularies.

    Raises
    ------
    TypeError, ValueError
        If `source` and `target` have not as many lines, there are none, or a number is not a
        positive whole number.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.5; ``load_data_nmt`` of `d2l` 0.17.6.

    Examples
    --------
    >>> text = preprocess_nmt("Go.\tVa !\nGo on.\tContinue !\nRun on.\tCours !")
    >>> data_iter, src_vocab, tgt_vocab = batches_nmt(*tokenize_nmt(text), batch_size=3, num_steps=4)
    >>> for X, X_valid_len, Y, Y_valid_len in data_iter:
    ...     print(X.shape, sorted(X_valid_len.tolist()), Y.shape, sorted(Y_valid_len.tolist()))
    (3, 4) [3, 4, 4] (3, 4) [3, 3, 3]
    >>> src_vocab.idx_to_token
    ['<unk>', '<pad>', '<bos>', '<eos>', '.', 'go', 'on']
    """
    batch_size, num_steps = check_count("batch_size", batch_size), check_count("num_steps", num_steps)
    if len(source) != len(target):
        raise ValueError(
            f"source and target must have as many lines, but they have {len(source)} and {len(target)}: "
            "pass both as tokenize_nmt returned them"
        )
    arrays: list[Any] = []
    vocabs = []
    for lines, build in ((source, build_source), (target, build_target)):
        vocabs.append(vocab_class(lines, min_freq=min_freq, reserved_tokens=list(RESERVED)))
        arrays += build(lines, vocabs[-1], num_steps)
    src_vocab, tgt_vocab = vocabs
    return load_array(arrays, batch_size), src_vocab, tgt_vocab
