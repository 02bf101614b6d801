"""A lock on a folder, for one process at a time."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

__all__ = ["LOCK_NAME", "FolderLock"]

LOCK_NAME = ".lock"

_held: set[int] = set()  # file handles: what a child of this process inherits


class FolderLock:
    """Holds a folder until it is released or the process ends, however it does.

    It is the system's own lock of a file in the folder, which stays there. A child that this
    process forks holds nothing. (On a file system without locks, nothing is held.)

    Parameters
    ----------
    folder : path-like
        The folder, which exists.

    Raises
    ------
    BlockingIOError
        If somebody holds it.

    Attributes
    ----------
    is_new : bool
        Whether the file was made for it.

    Examples
    --------
    >>> import tempfile
    >>> folder = tempfile.mkdtemp()
    >>> lock = FolderLock(folder)
    >>> FolderLock(folder)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    ...
    BlockingIOError: ... is held by another process
    >>> lock.release()
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        import fcntl

        self.folder = Path(folder)
        # not emptied: it may be somebody's who calls a file like that, too
        self.is_new = not os.path.lexists(self.folder / LOCK_NAME)
        self._handle = os.open(self.folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(self._handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(self._handle)
            raise BlockingIOError(f"{self.folder} is held by another process") from None
        except OSError:  # there are no locks here
            pass
        _held.add(self._handle)

    @property
    def is_lost(self) -> bool:
        """Whether the locked folder was deleted, moved or replaced."""
        try:
            own, found = os.fstat(self._handle), os.stat(self.folder / LOCK_NAME)
        except OSError:
            return True
        return (own.st_dev, own.st_ino) != (found.st_dev, found.st_ino)

    def release(self) -> None:
        """Release the lock."""
        import fcntl

        if self._handle in _held:
            _held.remove(self._handle)
            with contextlib.suppress(OSError):  # closing alone would not, while a child just forked has it open
                fcntl.flock(self._handle, fcntl.LOCK_UN)
            os.close(self._handle)


def _forget() -> None:
    while _held:
        with contextlib.suppress(OSError):
            os.close(_held.pop())


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)
