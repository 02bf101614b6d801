"""Read untrusted archives with size limits: what does not keep them is refused.

A few kilobytes may unpack to petabytes, and names may lead elsewhere. None of that is left to the
libraries, whose defences differ from one version of Python to the next.
"""

from __future__ import annotations

import contextlib
import errno
import gzip
import os
import re
import stat
import struct
import tarfile
import zipfile
import zlib
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Any, Callable, Iterator, NamedTuple, NoReturn

from gluonrnn._checks import short_repr

try:
    from lzma import LZMAError
except ImportError:  # a Python built without it cannot meet it
    LZMAError = zlib.error  # type: ignore[assignment,misc]

__all__ = ["LARGEST_TEXT", "DamagedArchiveError", "read_member", "readable", "unpack"]

LARGEST_TEXT = 4 << 30  # bytes
_LARGEST_FOLDER = 16 << 30
_RATIO, _SMALL = 100, 64 << 20  # of text, deflate makes a third; the worst that it can make of anything is 1 to 1,032
_MOST_MEMBERS, _LONGEST_LIST = 100_000, 16 << 20
_LONGEST_HEADER, _LONGEST_NAME, _DEEPEST = 1 << 16, 1024, 100
_BLOCK = 1 << 20
_DIGITS = re.compile(rb"\d{300}")  # older versions of tarfile take a time that grows with their square

# the second line is what zipfile and tarfile let through of the damage they meet
_DAMAGE = (
    *(zipfile.BadZipFile, tarfile.TarError, zlib.error, LZMAError, EOFError, RuntimeError),
    *(struct.error, LookupError, MemoryError, OverflowError, ValueError),
)


class DamagedArchiveError(Exception):
    """An archive cannot be read; the message is the cause alone, for a sentence around it."""


class _RefusedError(Exception):
    """A complete error message, which must not be caught as a plain `ValueError`."""


def readable(text: Any, most: int = 120) -> str:
    r"""Return untrusted text for an error message: short, on one line, without control characters.

    Examples
    --------
    >>> readable("a\x1b[2Jb\n c")
    'a\\x1b[2Jb c'
    """
    line = " ".join(str(text).split())
    escaped = "".join(char if char.isprintable() else repr(char)[1:-1] for char in line[: most + 1])
    return escaped if len(escaped) <= most else escaped[: most - 3] + "..."


@contextlib.contextmanager
def _explain_damage() -> Iterator[None]:
    try:
        yield
    except _RefusedError as error:
        raise ValueError(str(error)) from None
    except (*_DAMAGE, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:  # of the disk, and not of the archive
            raise
        raise DamagedArchiveError(readable(error) or type(error).__name__) from error


def _refuse(archive: Path, reason: str) -> NoReturn:
    raise _RefusedError(f"the archive {archive} is not unpacked, for {reason}: unpack it by hand if you trust it")


def _check_size(archive: Path, size: int, most: int) -> None:
    small_enough = max(_RATIO * archive.stat().st_size, _SMALL)
    if size > min(small_enough, most):
        rule = f"{_RATIO} times its own size" if small_enough < most else f"{most:,}"
        _refuse(archive, f"it takes {size:,} bytes or more, and above {rule} that is taken for a trap")


def _check_number(archive: Path, number: int) -> None:
    if number > _MOST_MEMBERS:
        _refuse(archive, f"it holds {number:,} members or more, and above {_MOST_MEMBERS:,} that is taken for a trap")


# --- zip ---


class _ZipSource:
    """A file for `zipfile`, which would read a list of members of any length at once."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self.tell, self.seekable = file.tell, file.seekable

    def read(self, size: int = -1) -> bytes:
        if size > _LONGEST_LIST:
            raise zipfile.BadZipFile(f"its list of members takes {size:,} bytes")
        return self._file.read(size)

    def seek(self, position: int, whence: int = os.SEEK_SET) -> int:
        if whence == os.SEEK_SET and position < 0:
            raise zipfile.BadZipFile("a member begins before the file does")
        return self._file.seek(position, whence)


def _open_zip(path: Path, file: IO[bytes]) -> zipfile.ZipFile:
    source: Any = _ZipSource(file)
    archive = zipfile.ZipFile(source)
    _check_number(path, len(archive.filelist))
    return archive


def _zip_blocks(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield a member's content, up to the size that it claims."""
    size = _BLOCK
    with archive.open(info) as opened:
        file: Any = opened
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # what bzip2 and LZMA make of what they are given has no bound: 37 bytes may become 46 million
            size = file.MIN_READ_SIZE = 1 << 6
        yield from iter(lambda: file.read(size), b"")


def read_member(path: str | os.PathLike[str], choose: Callable[[list[str]], str]) -> tuple[bytes, str]:
    """Read one file of a zip archive, if it fits into 4 GiB.

    What would fill the memory is refused: a member that takes more than 64 MiB and is 100 times
    as large as the archive (texts are three or four times as large), or takes more than 4 GiB; more
    than 100,000 members, or a list of them of more than 16 MiB. An archive inside the archive is
    not opened.

    Examples
    --------
    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "a.zip")
    >>> with zipfile.ZipFile(path, "w") as archive:
    ...     archive.writestr("a.txt", "over and over")
    >>> read_member(path, min)
    (b'over and over', 'a.txt')
    """
    path = Path(path)
    with open(path, "rb") as file:
        with _explain_damage():
            archive = _open_zip(path, file)
        name = choose([info.filename for info in archive.filelist])
        found = [info for info in archive.filelist if info.filename == name]
        with _explain_damage():
            if len(found) != 1:
                _refuse(path, f"it holds {len(found)} members of the name {short_repr(name)}")
            _check_size(path, found[0].file_size, LARGEST_TEXT)
            return b"".join(_zip_blocks(archive, found[0])), name


# --- tar ---


class _TarSource:
    """A file for `tarfile`: unpacked, read from start to end, with no header and no whole of any length."""

    def __init__(self, path: Path, file: IO[bytes]) -> None:
        self._path, self._position, self.last = path, 0, b""
        is_packed = file.read(2) == b"\x1f\x8b"
        file.seek(0)
        self._file: Any = gzip.GzipFile(fileobj=file) if is_packed else file

    def tell(self) -> int:
        return self._position

    def read(self, size: int) -> bytes:
        """Read a header, or what belongs to one."""
        if not 0 <= size <= _LONGEST_HEADER:
            raise tarfile.ReadError(f"a header of {size:,} bytes")
        self.last = self.read_data(size)
        if _DIGITS.search(self.last):
            raise tarfile.ReadError("a number of hundreds of digits")
        return self.last

    def read_data(self, size: int) -> bytes:
        block = self._file.read(min(size, _BLOCK))
        self._position += len(block)
        _check_size(self._path, self._position, _LARGEST_FOLDER)
        return block

    def seek(self, position: int) -> None:
        if position < self._position:
            raise tarfile.ReadError("two members overlap")
        for _ in self.blocks(position - self._position):
            pass

    def blocks(self, size: int) -> Iterator[bytes]:
        while size > 0:
            block = self.read_data(size)
            if not block:
                raise tarfile.ReadError("unexpected end of data")
            yield block
            size -= len(block)


# --- either ---


class _Member(NamedTuple):
    name: str
    kind: str  # "file", "folder" or "other"
    blocks: Iterator[bytes]


def _zip_members(path: Path, file: IO[bytes]) -> Iterator[_Member]:
    archive = _open_zip(path, file)
    _check_size(path, sum(info.file_size for info in archive.filelist), _LARGEST_FOLDER)
    for info in archive.filelist:
        is_plain = stat.S_IFMT(info.external_attr >> 16) in (0, stat.S_IFREG, stat.S_IFDIR)
        kind = "other" if not is_plain else "folder" if info.is_dir() else "file"
        yield _Member(info.filename, kind, _zip_blocks(archive, info))


def _tar_members(path: Path, file: IO[bytes]) -> Iterator[_Member]:
    source: Any = _TarSource(path, file)
    archive: Any = tarfile.TarFile(fileobj=source)
    number = 0
    while (member := archive.next()) is not None:
        archive.members.clear()  # it keeps them all
        number += 1
        _check_number(path, number)
        if member.size < 0:
            raise tarfile.ReadError("a negative size")
        _check_size(path, source.tell() + member.size, _LARGEST_FOLDER)
        is_plain = member.isfile() and not member.issparse()
        kind = "folder" if member.isdir() else "file" if is_plain else "other"
        yield _Member(member.name, kind, source.blocks(member.size))
    if source.last != bytes(tarfile.BLOCKSIZE):  # tarfile takes a damaged header, and none, for the end
        raise tarfile.ReadError("its end is missing, or a header is damaged")
    while source.read_data(_BLOCK):  # gzip's checksum comes last
        pass


def unpack(path: str | os.PathLike[str], folder: str | os.PathLike[str]) -> None:
    """Unpack a zip or tar archive into an empty folder, if all of it fits into 16 GiB.

    Nothing is written outside the folder, and nothing but files and folders. What would fill the
    disk is refused: an archive that takes more than 64 MiB and 100 times its own size, or more than
    16 GiB; more than 100,000 members, names of more than 1,024 characters or 100 folders. An archive
    inside the archive is a file like any other. What was written before an error stays in the folder.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> with zipfile.ZipFile(f"{folder}/a.zip", "w") as archive:
    ...     archive.writestr("../a.txt", "over and over")
    >>> unpack(f"{folder}/a.zip", folder)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    ValueError: the archive ... is not unpacked, for its member '../a.txt' (str) leads out of the folder: \
unpack it by hand if you trust it
    """
    path, folder = Path(path), Path(folder)
    members = _zip_members if path.name.lower().endswith(".zip") else _tar_members
    with _explain_damage(), open(path, "rb") as file:
        for member in members(path, file):
            problem = _problem(member) or _write(member, folder / PurePosixPath(member.name))
            if problem:
                _refuse(path, f"its member {short_repr(member.name)} {problem}")


def _problem(member: _Member) -> str:
    """Return why a member is refused; "" if it is not."""
    name = member.name
    parts, of_windows = PurePosixPath(name).parts, PureWindowsPath(name)
    if ".." in (*parts, *of_windows.parts) or of_windows.anchor:
        return "leads out of the folder"
    if member.kind == "other":
        return "is a link or no file"
    if "\0" in name:
        return "has a name with a NUL in it"
    if len(name) > _LONGEST_NAME or len(parts) > _DEEPEST:
        return f"has a name of more than {_LONGEST_NAME:,} characters or {_DEEPEST} folders"
    return ""


def _write(member: _Member, target: Path) -> str:
    """Write a member; return why it could not be written, or ""."""
    try:
        (target if member.kind == "folder" else target.parent).mkdir(parents=True, exist_ok=True)
        if member.kind == "file":
            with open(target, "xb") as file:
                for block in member.blocks:
                    file.write(block)
    except (FileExistsError, IsADirectoryError, NotADirectoryError):
        return "stands where another one does"
    except OSError as error:
        if error.errno not in (errno.ENAMETOOLONG, errno.EILSEQ, errno.EINVAL):
            raise
        return "has a name that no file can have here"
    return ""
