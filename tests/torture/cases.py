"""A file that may be anything, what must be true of every error, and names and texts to pack."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

__all__ = ["Case", "WrongError", "check_message"]

LONGEST_MESSAGE = 1000

TEXTS = ("over and over\n" * 30, "风吹过山岗，雨落在窗前。\n" * 20, "a", "".join(map(chr, range(32, 127))) * 40)
NO_TEXTS = (b"\xff\xfe\x00", b"", bytes(50), bytes(range(256)), "歌".encode("gb18030"), b"\xef\xbb\xbf")
PAYLOADS = tuple(text.encode() for text in TEXTS)
HARMFUL = (
    *(b"../escaped", b"a/../../escaped", b"/tmp/gluonrnn-fuzz-escaped", b"..", b"..\\escaped", b"C:\\escaped", b"a/.."),
    *(b"\\escaped", b"c:escaped", b"//escaped", b"a\\..\\..\\escaped", b"../data/x", b"/"),
)
ODD = (
    *(
        b"",
        b".",
        b"./",
        b"a",
        b"a.txt",
        b"A.TXT",
        b"a.txt/",
        b"a//b.txt",
        b"a.txt/b.txt",
        b"./a.txt",
        b"a\0b.txt",
        b"\0",
    ),
    *(
        b"\xff\xfe.txt",
        b"\x80",
        "歌.txt".encode(),
        b"\x1b[2J.txt",
        b"a\nb.txt",
        "\u202egpj.txt".encode(),
        b"__MACOSX/a.txt",
    ),
    *(b"x" * 200 + b".txt", b"x" * 300, b"x" * 5000, b"d/" * 90 + b"a.txt", b"d/" * 1500 + b"a.txt", b"d/" * 20_000),
    *(
        b"con",
        b"a ",
        b" ",
        b"-rf",
        b"~",
        b"~/a.txt",
        b"$HOME.txt",
        b"*",
        b"a\\b.txt",
        b"..a",
        b"a..",
        b"\xed\xa0\x80.txt",
    ),
)


class Case(NamedTuple):
    """A file that may be anything.

    Parameters
    ----------
    kind : str
        What it was made by.
    file_name : str
        What it is called.
    content : bytes
        What it holds.
    must_load : bool
        Whether it means what it meant before, so that it must load.
    must_fail : bool
        Whether it would do harm, so that it must be refused.
    payloads : tuple of bytes
        All that it may unpack to, if it has checksums; nothing if it has none.
    """

    kind: str
    file_name: str
    content: bytes
    must_load: bool = False
    must_fail: bool = False
    payloads: tuple[bytes, ...] = ()


class WrongError(AssertionError):
    """A file did what no file may."""


def check_message(error: BaseException, path: Path) -> None:
    """Raise unless an error names the file, on one line that a terminal may be shown."""
    message = str(error)
    if str(path) not in message and path.name not in message:
        raise WrongError(f"the file is not named: {message[:300]!r}")
    if not message.isprintable():
        raise WrongError(f"the message has control characters: {message[:300]!r}")
    if len(message) > LONGEST_MESSAGE + len(str(path)):
        raise WrongError(f"the message has {len(message):,} characters: {message[:300]!r}")
