"""A text in pieces that end where a line does, so that a large one is never held in several forms at once.

Python takes four bytes for each character of a text that has one emoji; of a text in pieces it
does so for the piece that has it, and not for the rest.
"""

from __future__ import annotations

import os
from typing import AnyStr, Iterable, Iterator, Sequence

from gluonrnn._checks import check_count
from gluonrnn.corpus.text import decode_bytes, normalize, read_bytes

__all__ = ["cut_at_newlines", "normalized_pieces", "read_pieces"]

_PIECE = 1 << 18  # characters, or bytes


def cut_at_newlines(whole: AnyStr, newline: AnyStr) -> Iterator[AnyStr]:
    r"""Cut a text, or its bytes, into large pieces that end where a line does.

    Examples
    --------
    >>> list(cut_at_newlines("One\ntwo", "\n"))
    ['One\ntwo']
    """
    start = 0
    while start < len(whole):
        stop = whole.find(newline, start + _PIECE) + 1 or len(whole)
        yield whole[start:stop]
        start = stop


def read_pieces(path: str | os.PathLike[str], *, encoding: str = "utf-8", members: Sequence[str] = ()) -> Iterator[str]:
    """Read what `gluonrnn.corpus.text.read_text` reads, piece by piece.

    Examples
    --------
    >>> from gluonrnn.corpus.lookup import find_corpus
    >>> len(list(read_pieces(find_corpus("lyrics"))))
    1
    """
    return _decoded(*read_bytes(path, members), encoding)


def _decoded(content: bytes, source: str, encoding: str) -> Iterator[str]:
    if str(encoding).lower() not in ("utf-8", "utf8"):  # where the byte 0x0a may be part of something else
        yield from cut_at_newlines(decode_bytes(content, encoding, source), "\n")
        return
    for number, piece in enumerate(cut_at_newlines(content, b"\n")):
        try:
            text = piece.decode(encoding)
        except UnicodeDecodeError:
            decode_bytes(content, encoding, source)  # it says where in the file
            raise
        yield text[1:] if number == 0 and text.startswith("\ufeff") else text


def normalized_pieces(
    pieces: Iterable[str], *, max_chars: int | None = None, keep_newlines: bool = False, lower: bool = False
) -> Iterator[str]:
    r"""Bring the pieces of a text into the form of `gluonrnn.corpus.text.normalize`.

    Examples
    --------
    >>> list(normalized_pieces(["One\r\n", "two\n"], max_chars=6))
    ['One ', 'tw']
    """
    left = None if max_chars is None else check_count("max_chars", max_chars, most=None)
    for piece in pieces:
        normal = normalize(piece, keep_newlines=keep_newlines, lower=lower)[:left]
        yield normal
        left = None if left is None else left - len(normal)
