"""Text to indices: reading files and strings, and the vocabulary of characters.

Source: *Dive into Deep Learning*, chapter "Language model data sets" (2018 edition). The book
numbered its characters in the order of a Python ``set``, which changes with every interpreter;
here they are numbered by code point, so that a run can be repeated and a model reloaded.
"""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path
from typing import Any, AnyStr, Iterable, Iterator, Mapping, NamedTuple, Sequence

from gluonrnn._checks import check_count, short_repr
from gluonrnn.corpus.archives import LARGEST_TEXT, DamagedArchiveError, read_member, readable
from gluonrnn.corpus.indices import number_characters
from gluonrnn.errors import UnknownCharacterError

__all__ = [
    "Corpus",
    "check_text",
    "cut_at_newlines",
    "decode_bytes",
    "encode",
    "index_characters",
    "normalize",
    "normalized_pieces",
    "read_bytes",
    "read_pieces",
]

_NAMED = 8  # members of an archive that an error names


class Corpus(NamedTuple):
    """A text as indices, with its vocabulary: the book's four values, in the book's order.

    Parameters
    ----------
    corpus_indices : sequence of int
        The text, one index per character, each in ``[0, vocab_size)``: a list, or
        `gluonrnn.corpus.indices.Indices`, which read like one.
    char_to_idx : dict of str to int
        The index of each character.
    idx_to_char : list of str
        The character of each index.
    vocab_size : int
        The number of distinct characters.

    Examples
    --------
    >>> corpus_indices, char_to_idx, idx_to_char, vocab_size = index_characters("abcab")
    >>> vocab_size, "".join(idx_to_char[index] for index in corpus_indices)
    (3, 'abcab')
    """

    corpus_indices: Sequence[int]
    char_to_idx: Mapping[str, int]
    idx_to_char: Sequence[str]
    vocab_size: int


def index_characters(text: str | Iterable[str]) -> Corpus:
    """Number the characters of a text by code point, and write the text in those numbers.

    Examples
    --------
    >>> index_characters("abcab")
    Corpus(corpus_indices=[0, 1, 2, 0, 1], char_to_idx={'a': 0, 'b': 1, 'c': 2}, idx_to_char=['a', 'b', 'c'], \
vocab_size=3)
    """
    indices, idx_to_char = number_characters([text] if isinstance(text, str) else text)
    if not indices:
        raise ValueError("a corpus needs at least one character, but the text is empty: choose another text")
    return Corpus(indices, {char: i for i, char in enumerate(idx_to_char)}, idx_to_char, len(idx_to_char))


def encode(text: str, char_to_idx: Mapping[str, int], unknown: str = "raise") -> list[int]:
    """Write a text in the indices of a vocabulary.

    Examples
    --------
    >>> encode("cab!", {"a": 0, "b": 1, "c": 2}, unknown="skip")
    [2, 0, 1]
    """
    if not isinstance(text, str):
        raise TypeError(f"a prefix is a string, but this is {text!r} ({type(text).__name__}): pass a string")
    if unknown not in ("raise", "skip"):
        raise ValueError(f'unknown is "raise" or "skip", but this is {unknown!r}: choose one of the two')
    if not text:
        raise ValueError("a prefix needs at least one character, but it is empty: give the text to go on from")
    if unknown == "raise":
        for position, char in enumerate(text):
            if char not in char_to_idx:
                raise UnknownCharacterError(char, position, text)
    indices = [char_to_idx[char] for char in text if char in char_to_idx]
    if not indices:
        raise ValueError(
            f"a prefix needs at least one character of the vocabulary, but {text!r} has none: "
            "start from characters that the training text has"
        )
    return indices


def check_text(text: Any) -> str:
    """Return `text`, if it is a string.

    Examples
    --------
    >>> check_text("abc")
    'abc'
    """
    if not isinstance(text, str):
        raise TypeError(f"text must be a string, but it is {short_repr(text)}: decode bytes, join lists")
    return text


def normalize(text: str, *, max_chars: int | None = None, keep_newlines: bool = False, lower: bool = False) -> str:
    r"""Bring a text into the form that the book trains on.

    Examples
    --------
    >>> normalize("One\r\ntwo\n", max_chars=6)
    'One tw'
    """
    check_text(text)
    if max_chars is not None:
        check_count("max_chars", max_chars, most=None)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not keep_newlines:
        text = text.replace("\n", " ")
    if lower:
        text = text.lower()
    return text[:max_chars]


def read_bytes(path: str | os.PathLike[str], members: Sequence[str] = ()) -> tuple[bytes, str]:
    """Read a text as it stands in a file, or in a file inside a ``.zip``."""
    path = Path(path)
    _check_file(path)
    if not zipfile.is_zipfile(path):
        if path.suffix.lower() == ".zip":
            raise ValueError(f"{path} is named .zip but is damaged or no zip archive: copy or fetch it anew")
        return path.read_bytes(), str(path)
    try:
        content, member = read_member(path, lambda names: _text_member(names, path, members))
    except DamagedArchiveError as error:
        raise ValueError(
            f"the zip archive {path} cannot be read ({error}): unpack it, or copy or fetch it anew"
        ) from None
    return content, f"{path}:{readable(member)}"


def _check_file(path: Path) -> None:
    """Raise unless this is a regular file of reasonable size; reading a pipe or a device might never end."""
    if path.is_dir():
        raise ValueError(f"a corpus is a text file or a zip of one, but {path} is a folder: name the file in it")
    if not os.path.exists(path):
        raise FileNotFoundError(f"there is no file {path}: check the name, relative to {Path.cwd()}")
    status = os.stat(path)
    if not stat.S_ISREG(status.st_mode):
        raise ValueError(
            f"a corpus is a text file or a zip of one, but {path} is a pipe or a device: write the text into a file"
        )
    if status.st_size > LARGEST_TEXT:
        raise ValueError(
            f"a corpus is a text of up to {LARGEST_TEXT:,} bytes, but {path} has {status.st_size:,}: cut it into parts"
        )


def _text_member(names: list[str], path: Path, members: Sequence[str]) -> str:
    # a Mac adds a shadow of each file in a folder of its own
    names = [name for name in names if not name.startswith("__MACOSX/")]
    wanted = [name for name in members if name in names] or [name for name in names if name.lower().endswith(".txt")]
    if len(wanted) != 1:
        more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
        listed = ", ".join(map(readable, names[:_NAMED])) + more
        raise ValueError(
            f"a zip archive must hold one .txt file, but {path} holds {listed or 'nothing'}: "
            "unpack it and name the text file"
        )
    return wanted[0]


def decode_bytes(content: bytes, encoding: str, source: str) -> str:
    r"""Decode bytes as text, dropping a byte-order mark.

    Examples
    --------
    >>> decode_bytes(b"\xef\xbb\xbfabc", "utf-8", "a file")
    'abc'
    """
    if not isinstance(encoding, str):
        raise TypeError(f"encoding must be the name of an encoding, but it is {short_repr(encoding)}: pass 'utf-8'")
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError as error:
        # utf-8-sig counts from behind the byte-order mark
        offset = len(content) - len(error.object) + error.start
        raise ValueError(
            f"{source} is not written in {encoding}: byte 0x{content[offset]:02x} at offset {offset} "
            "does not fit; name its encoding with encoding= (--encoding), for instance gb18030"
        ) from None
    except (LookupError, ValueError):  # the latter of a name with a null in it
        raise ValueError(f"Python knows no encoding {encoding!r}: try encoding='utf-8' or 'gb18030'") from None
    return text[1:] if text.startswith("\ufeff") else text


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
    """Read a text file, or the text file inside a ``.zip``, piece by piece.

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
