"""Lines of text to tokens, and tokens to numbers and back.

Source: *Dive into Deep Learning* (2020-22 edition), section "Text preprocessing"; `d2l` 0.17.6.
"""

from __future__ import annotations

import collections
import itertools
import math
import numbers
import operator
import re
from typing import Any, Callable, Counter, Iterable

from gluonrnn._checks import check_list, short_repr

__all__ = ["Vocab", "count_corpus", "letters_only", "lines_of", "tokenize"]


def letters_only(lines: Iterable[str], *, strip_first: bool = False) -> list[str]:
    """Bring lines down to lower-case Latin letters, with one space for whatever stands between.

    Examples
    --------
    >>> letters_only(["'Twas 8 o'clock--or 9!", ""])
    ['twas o clock or', '']
    >>> letters_only(["'Twas 8 o'clock--or 9!", ""], strip_first=True)
    [' twas o clock or ', '']
    """
    others = re.compile("[^A-Za-z]+")
    if strip_first:
        return [others.sub(" ", line.strip().lower()) for line in lines_of(lines)]
    return [others.sub(" ", line).strip().lower() for line in lines_of(lines)]


def tokenize(lines: Iterable[str], token: str = "word") -> list[list[str]]:  # noqa: S107
    """Cut each line into words or into characters.

    Parameters
    ----------
    lines : iterable of str
        The lines of a text.
    token : {"word", "char"}
        What to cut them into; words are what white space separates.

    Returns
    -------
    list of list of str
        The tokens of each line; none for an empty line.

    Raises
    ------
    TypeError
        If `lines` is one string, or no list of strings.
    ValueError
        If `token` is neither. (The book's function prints a line and returns None.)

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Text preprocessing"; `d2l` 0.17.6.

    Examples
    --------
    >>> tokenize(["over and out", "over"])
    [['over', 'and', 'out'], ['over']]
    >>> tokenize(["to", "be"], "char")
    [['t', 'o'], ['b', 'e']]
    """
    if not isinstance(token, str) or token not in ("word", "char"):
        raise ValueError(f"token must be 'word' or 'char', but it is {short_repr(token)}: choose one of the two")
    cut: dict[str, Callable[[str], list[str]]] = {"word": str.split, "char": list}
    return [cut[token](line) for line in map(_line, lines_of(lines))]


def lines_of(lines: Iterable[str]) -> Iterable[str]:
    """Return lines, if they are not one string, which a list of its characters would come from.

    Examples
    --------
    >>> lines_of(["to", "be"])
    ['to', 'be']
    """
    if isinstance(lines, (str, bytes)):
        raise TypeError(
            f"lines must be a list of lines, but this is one string, {short_repr(lines)}: "
            "pass text.splitlines(), or [text]"
        )
    check_list("lines", lines, "lines")
    return lines


def _line(line: Any) -> str:
    if not isinstance(line, str):
        raise TypeError(f"lines must be a list of strings, but it holds {short_repr(line)}: pass the lines of a text")
    return line


def count_corpus(tokens: Iterable[Any]) -> Counter[Any]:
    """Count how often each token occurs.

    Parameters
    ----------
    tokens : list, or list of lists
        Tokens, or lines of tokens; which of the two is told by the first entry. A tuple is a
        token, such as a pair of words. Lines may come one at a time, from a generator.

    Returns
    -------
    collections.Counter
        The tokens in the order of their first appearance, with their frequencies.

    Raises
    ------
    TypeError
        If there are lists among tokens, or something else that cannot be counted.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Text preprocessing"; `d2l` 0.17.6.

    Examples
    --------
    >>> count_corpus([["over", "and"], ["over"]])
    Counter({'over': 2, 'and': 1})
    """
    if not hasattr(tokens, "__iter__"):
        raise TypeError(f"tokens must be a list of tokens, but it is {short_repr(tokens)}: pass a list")
    entries = iter(tokens)
    first = list(itertools.islice(entries, 1))
    in_lines = bool(first) and isinstance(first[0], list)
    entries = itertools.chain(first, entries)
    try:
        return collections.Counter(itertools.chain.from_iterable(entries) if in_lines else entries)
    except (TypeError, NotImplementedError) as error:  # the latter is MXNet's, of arrays
        raise TypeError(
            f"tokens must be one list of tokens or a list of lists of them, but {short_repr(tokens)} is neither "
            f"({error}): make every line a list"
        ) from None


class Vocab:
    """The tokens of a text, numbered from the most frequent to the rarest.

    Index 0 is the unknown token ``<unk>``, the reserved tokens follow it, and then come those of
    the text; of two that are equally frequent, the one that appears first.

    Parameters
    ----------
    tokens : list, or list of lists, optional
        The text, as `count_corpus` takes it; none by default.
    min_freq : int
        Leave out tokens that are rarer.
    reserved_tokens : list of str, optional
        Tokens that have a place whether or not the text holds them, such as ``<pad>``.

    Attributes
    ----------
    idx_to_token : list
        The token of each index.
    token_to_idx : dict
        The index of each token.

    Raises
    ------
    TypeError
        If the tokens cannot be counted, `reserved_tokens` is no list, or `min_freq` no number.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Text preprocessing"; `d2l` 0.17.6.

    Examples
    --------
    >>> vocab = Vocab([["over", "and"], ["over"]], reserved_tokens=["<pad>"])
    >>> len(vocab), vocab.idx_to_token
    (4, ['<unk>', '<pad>', 'over', 'and'])
    >>> vocab["over"], vocab[["and", "out"]]
    (2, [3, 0])
    >>> vocab.to_tokens([2, 3, 2])
    ['over', 'and', 'over']
    """

    _unk = 0

    def __init__(
        self, tokens: Iterable[Any] | None = None, min_freq: float = 0, reserved_tokens: Iterable[Any] | None = None
    ) -> None:
        if isinstance(reserved_tokens, str):
            raise TypeError(
                f"reserved_tokens must be a list of tokens, but it is one string, {short_repr(reserved_tokens)}: "
                f"pass [{reserved_tokens[:20]!r}]"
            )
        if reserved_tokens is not None:
            check_list("reserved_tokens", reserved_tokens, "tokens")
        if isinstance(min_freq, bool) or not isinstance(min_freq, numbers.Real) or math.isnan(min_freq):
            raise TypeError(f"min_freq must be a number, but it is {short_repr(min_freq)}: pass an int of at least 0")
        self._token_freqs: list[tuple[Any, int]] = self._by_frequency(count_corpus(() if tokens is None else tokens))
        self.idx_to_token: list[Any] = ["<unk>", *(reserved_tokens or ())]
        self.token_to_idx: dict[Any, int] = {token: index for index, token in enumerate(self.idx_to_token)}
        for token, frequency in self._token_freqs:
            if frequency >= min_freq and token not in self.token_to_idx:
                self.token_to_idx[token] = len(self.idx_to_token)
                self.idx_to_token.append(token)

    def _by_frequency(self, counter: Counter[Any]) -> list[tuple[Any, int]]:
        """Order tokens for numbering; an edition that breaks ties in another way overrides this."""
        return counter.most_common()

    def __len__(self) -> int:
        return len(self.idx_to_token)

    def __getitem__(self, tokens: Any) -> Any:
        if isinstance(tokens, (list, tuple)):
            return [self[token] for token in tokens]
        try:
            return self.token_to_idx.get(tokens, self.unk)
        except (TypeError, NotImplementedError):  # it cannot be hashed; the latter is MXNet's
            raise TypeError(
                f"a token must be a string or the like, but it is {short_repr(tokens)}: pass a token, or a list of them"
            ) from None

    def to_tokens(self, indices: Any) -> Any:
        """Return the token of an index, or those of a list of indices.

        Parameters
        ----------
        indices : int, list or tuple
            Indices, however deep; an array of one whole number counts as an index.

        Returns
        -------
        str, or list of them
            Tokens, in lists that are nested as `indices` is.

        Raises
        ------
        IndexError
            If an index lies outside the vocabulary.
        TypeError
            If it is no whole number.

        Examples
        --------
        >>> Vocab(["la", "la", "di"]).to_tokens([1, 2, 1])
        ['la', 'di', 'la']
        """
        if isinstance(indices, (list, tuple)):
            return [self.to_tokens(index) for index in indices]
        index = _as_index(indices)
        if not 0 <= index < len(self):
            raise IndexError(
                f"an index must lie in [0, {len(self)}) for this vocabulary, but it is {index}: "
                "take indices from the vocabulary that wrote them"
            )
        return self.idx_to_token[index]

    @property
    def unk(self) -> int:
        """The index of the unknown token.

        Examples
        --------
        >>> Vocab().unk
        0
        """
        return self._unk

    @property
    def token_freqs(self) -> list[tuple[Any, int]]:
        """All tokens of the text with their frequencies, the most frequent first.

        Examples
        --------
        >>> Vocab(["la", "di", "la"], min_freq=2).token_freqs
        [('la', 2), ('di', 1)]
        """
        return self._token_freqs


def _as_index(value: Any) -> int:
    number = value
    if hasattr(value, "shape") and getattr(value, "size", 0) == 1:
        number = (value.asnumpy() if hasattr(value, "asnumpy") else value).item()
        # MXNet's indices are float32 more often than not
        number = int(number) if isinstance(number, float) and number.is_integer() else number
    try:
        return operator.index(number)
    except TypeError:
        raise TypeError(
            f"an index must be a whole number, but it is {short_repr(value)}: pass an int, or a list of them"
        ) from None
