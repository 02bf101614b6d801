"""Writing files so that none is ever seen half written."""

from __future__ import annotations

import contextlib
import glob
import os
import tempfile
from pathlib import Path
from typing import Iterator

__all__ = ["place_for", "put_in_place", "remove_leftovers", "written_whole"]


@contextlib.contextmanager
def written_whole(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Lend a temporary file beside `path`, and move it there once the block has succeeded.

    Parameters
    ----------
    path : str or path-like
        The file to write; its folder is made if it is missing.

    Yields
    ------
    pathlib.Path
        The file to write to, of the same suffix. If the block raises, it is removed, and what
        stood at `path` is untouched.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> with written_whole(f"{folder}/greeting.txt") as temporary:
    ...     _ = temporary.write_text("hello")
    >>> os.listdir(folder)
    ['greeting.txt']
    """
    path = place_for(path)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        # mkstemp makes files that only their owner reads
        os.chmod(temporary, 0o666 & ~_umask())
        put_in_place(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def place_for(path: str | os.PathLike[str]) -> Path:
    """Return the path of a file that is to be written, its folder made if it is missing.

    Raises
    ------
    IsADirectoryError
        If it is a folder.

    Examples
    --------
    >>> place_for(tempfile.gettempdir())  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    IsADirectoryError: ... is a folder: name a file in it
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(f"{path} is a folder: name a file in it")
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def put_in_place(temporary: Path, path: Path) -> None:
    """Move a complete file of the same disk to its name, once all of it is on that disk.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "new").write_text("hello")
    >>> put_in_place(folder / "new", folder / "greeting.txt")
    >>> os.listdir(folder)
    ['greeting.txt']
    """
    with open(temporary, "rb") as file:
        os.fsync(file.fileno())
    os.replace(temporary, path)
    _settle(path.parent)


def remove_leftovers(path: Path) -> None:
    """Remove what writers of `path` left behind that were killed; none may be at work.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / ".model-x8s2.bin").touch()
    >>> remove_leftovers(folder / "model.bin")
    >>> list(folder.iterdir())
    []
    """
    for temporary in path.parent.glob(f".{glob.escape(path.stem)}-*{glob.escape(path.suffix)}"):
        temporary.unlink(missing_ok=True)


def _settle(folder: Path) -> None:
    """Have the names of a folder on the disk, too, where the system can do that."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
