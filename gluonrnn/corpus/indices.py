"""Indices in a compact array, a byte or two each, where a list takes eight."""

from __future__ import annotations

import operator
import sys
from typing import Any, Iterable, Iterator, Sequence

__all__ = ["Indices", "number_characters"]

_BLOCK = 1 << 16  # characters numbered at a time: what fits into a processor's cache


class Indices(Sequence[int]):
    """A row of indices that reads like a list of int: its items are ints, its slices lists.

    It equals a list of the same ints and is printed as one. It cannot be changed; ``list`` makes
    a list of it, and ``numpy.asarray`` gives its array without a copy.

    Parameters
    ----------
    array : numpy.ndarray, (length,), whole numbers
        The indices; the array is kept, not copied.

    Examples
    --------
    >>> import numpy as np
    >>> indices = Indices(np.array([2, 0, 1], dtype="uint8"))
    >>> indices[0], indices[1:], len(indices)
    (2, [0, 1], 3)
    >>> indices == [2, 0, 1], np.asarray(indices).dtype
    (True, dtype('uint8'))
    """

    def __init__(self, array: Any) -> None:
        self._array = array.view()
        self._array.flags.writeable = False

    def __len__(self) -> int:
        return len(self._array)

    def __getitem__(self, key: Any) -> Any:
        return self._array[key if isinstance(key, slice) else operator.index(key)].tolist()

    def __iter__(self) -> Iterator[int]:
        for start in range(0, len(self), _BLOCK):
            yield from self[start : start + _BLOCK]

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, (list, Indices)):
            return NotImplemented
        return len(self) == len(other) and all(map(operator.eq, self, other))

    def __repr__(self) -> str:
        return repr(list(self))

    def __array__(self, dtype: Any = None) -> Any:
        return self._array if dtype is None else self._array.astype(dtype, copy=False)


def number_characters(pieces: Iterable[str]) -> tuple[Indices, list[str]]:
    """Number the characters of a text by code point, and write the text in those numbers.

    Examples
    --------
    >>> number_characters(["ab", "cab"])
    ([0, 1, 2, 0, 1], ['a', 'b', 'c'])
    """
    import numpy as np  # here, so that `gluonrnn doctor` starts without NumPy

    waiting, present = [], np.zeros(sys.maxunicode + 1, dtype=bool)
    for piece in pieces:
        waiting.append(piece)
        for code_points in _code_points(piece):
            present[code_points] = True
    code_points = np.flatnonzero(present)
    numbers = np.zeros(len(present), dtype=np.min_scalar_type(max(len(code_points) - 1, 0)))
    numbers[code_points] = np.arange(len(code_points))

    indices = np.empty(sum(map(len, waiting)), dtype=numbers.dtype)
    start = 0
    waiting.reverse()
    while waiting:  # a piece is let go as soon as it is written
        for block in _code_points(waiting.pop()):
            numbers.take(block, out=indices[start : start + len(block)], mode="clip")
            start += len(block)
    return Indices(indices), [chr(code_point) for code_point in code_points]


def _code_points(text: str) -> Iterator[Any]:
    import numpy as np

    for start in range(0, len(text), _BLOCK):
        # a lone surrogate is a character like any other
        yield np.frombuffer(text[start : start + _BLOCK].encode("utf-32-le", "surrogatepass"), dtype="<u4")
