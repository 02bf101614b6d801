"""Folders that vanish with all that works in them, even if the process that made them is killed.

A process that is killed tidies up nothing. So each folder has a watcher, which is this file run by a
Python without packages, in a session of its own: it waits for the other end of a pipe to close, which
the system does for a process that ends in whatever way, and then tidies up, and ends.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import select
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Iterator

__all__ = ["end_processes", "mark_of", "vanishing_folder", "written_or_vanished"]

_NAME = re.compile(r"gluonrnn-[0-9a-f]{8}")
_PATIENCE = 5.0  # seconds for processes to end, and for the folder to be removed
_QUIET = 1.0  # seconds without any process, after which none that was just starting will follow
_OLD = 60.0  # seconds in which a new folder is locked, or its watcher has done its work


@contextlib.contextmanager
def vanishing_folder(parent: str | os.PathLike[str]) -> Iterator[Path]:
    """Make a folder, and remove it once the block has ended, or this process has, in whatever way.

    A process whose environment has `mark_of` the folder is killed beforehand, with those that it
    has started. (That needs a ``/proc``; elsewhere, such processes must end by themselves.)

    Parameters
    ----------
    parent : str or path-like
        Where to make it. Folders that another process has left there, because its watcher was
        killed as well, are removed too.

    Yields
    ------
    pathlib.Path
        The folder, absolute and without links.

    Raises
    ------
    OSError
        If it cannot be made.

    Examples
    --------
    >>> import tempfile
    >>> with vanishing_folder(tempfile.gettempdir()) as folder:
    ...     list(folder.iterdir())
    []
    >>> folder.exists()
    False
    """
    _sweep(Path(parent).resolve())
    root = Path(parent).resolve() / f"gluonrnn-{secrets.token_hex(4)}"
    with _watched(root):
        root.mkdir(mode=0o700)  # not before there is who removes it
        with _locked(root):
            try:
                yield root
            finally:
                if not _clear(root):
                    print(f"gluonrnn: {root} could not be removed: remove it by hand", file=sys.stderr)


@contextlib.contextmanager
def written_or_vanished(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Lend a place for a new file, and move it to `path` once the block has succeeded.

    As `gluonrnn.files.written_whole`, but nothing stays beside `path` even if this process is
    killed meanwhile.

    Parameters
    ----------
    path : str or path-like
        The file to write; its folder is made if it is missing.

    Yields
    ------
    pathlib.Path
        The file to write to, of the same name.

    Examples
    --------
    >>> import tempfile
    >>> page = Path(tempfile.mkdtemp(), "page.html")
    >>> with written_or_vanished(page) as temporary:
    ...     _ = temporary.write_text("hello")
    >>> page.read_text(), len(list(page.parent.iterdir()))
    ('hello', 1)
    """
    from gluonrnn.files import place_for, put_in_place  # here, for the watcher has no packages

    path = place_for(path)
    with vanishing_folder(path.parent) as folder:
        yield folder / path.name
        put_in_place(folder / path.name, path)


def mark_of(root: Path) -> dict[str, str]:
    """Return the environment variable by which the processes at work in a folder are found.

    Its name is the folder's own, so that a process may be at work in one within another.

    Examples
    --------
    >>> mark_of(Path("/tmp/gluonrnn-00ff"))
    {'GLUONRNN_FOLDER_00FF': '/tmp/gluonrnn-00ff'}
    """
    return {f"GLUONRNN_FOLDER_{root.name.rpartition('-')[2].upper()}": str(root)}


def end_processes(root: Path) -> bool:
    """Kill the processes marked with a folder, and those that they have started; return whether there were any.

    Examples
    --------
    >>> end_processes(Path("/tmp/gluonrnn-00ff"))
    False
    """
    found = _at_work_in(root)
    for process in found:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(process, signal.SIGKILL)
    return bool(found)


def _at_work_in(root: Path) -> set[int]:
    [(name, value)] = mark_of(root).items()
    mark = os.fsencode(f"{name}={value}")
    new, parents = set(), {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended, or is another user's
            state, parent = (folder / "stat").read_bytes().rpartition(b")")[2].split()[:2]
            if state == b"Z":  # it has ended, and its parent has not asked
                continue
            parents[int(folder.name)] = int(parent)
            if mark in (folder / "environ").read_bytes().split(b"\0"):
                new.add(int(folder.name))
    found: set[int] = set()
    while new:
        found |= new
        new = {child for child, parent in parents.items() if parent in new}
    return found - {os.getpid()}


def _clear(root: Path) -> bool:
    """End all that is at work in a folder and remove it; return whether it is gone."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        busy = end_processes(root)
        _make_writable(root)
        shutil.rmtree(root, ignore_errors=True)
        gone = not os.path.lexists(root)
        if (gone and not busy) or time.monotonic() > deadline:
            return gone
        time.sleep(0.02)


def _make_writable(root: Path) -> None:
    """Open every folder, for what is in one cannot be removed from it otherwise."""
    with contextlib.suppress(OSError):
        os.chmod(root, 0o700)
    for folder, subfolders, _ in os.walk(root):
        for path in (os.path.join(folder, name) for name in subfolders):
            if not os.path.islink(path):
                with contextlib.suppress(OSError):
                    os.chmod(path, 0o700)


# --- the watcher ---


@contextlib.contextmanager
def _watched(root: Path) -> Iterator[None]:
    """Have a watcher for a folder that is about to be made."""
    watcher = subprocess.Popen(  # noqa: S603 (this file, by this Python)
        [sys.executable, "-I", "-S", __file__, str(root), str(os.getpid())],
        stdin=subprocess.PIPE,
        # not those of this process, for who reads them would wait for the watcher's end
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,  # what is sent to the terminal's processes, or to a group, is not for it
        cwd=os.sep,
    )
    try:
        yield
    finally:
        watcher.kill()  # the folder is gone
        watcher.communicate()


def _watch(root: Path, parent: int) -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):  # it ends when its parent does, and that is soon enough
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    # a fork of the parent may hold the pipe open
    while os.getppid() == parent and not select.select([0], [], [], 1)[0]:
        pass
    deadline = time.monotonic() + 6 * _PATIENCE
    quiet_since = time.monotonic()
    while time.monotonic() < min(deadline, quiet_since + _QUIET):
        if end_processes(root) or os.path.lexists(root):
            _clear(root)
            quiet_since = time.monotonic()
        time.sleep(0.05)


# --- what is left if the watcher was killed, too ---


@contextlib.contextmanager
def _locked(root: Path) -> Iterator[None]:
    """Hold the lock that says that a folder is in use; a process that has died holds none."""
    handle = os.open(root, os.O_RDONLY)
    try:
        _lock(handle)
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> bool:
    """Return whether a folder could be locked; not every file system has locks."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def _sweep(parent: Path) -> None:
    """Remove the folders of one's own whose process has died, and whose watcher has, too."""
    with contextlib.suppress(OSError):
        for folder in [Path(entry) for entry in os.scandir(parent) if _NAME.fullmatch(entry.name)]:
            if _is_left(folder):
                _clear(folder)


def _is_left(folder: Path) -> bool:
    with contextlib.suppress(OSError):
        about = folder.lstat()
        if stat.S_ISDIR(about.st_mode) and about.st_uid == os.getuid() and time.time() - about.st_ctime > _OLD:
            handle = os.open(folder, os.O_RDONLY)
            try:
                return _lock(handle)
            finally:
                os.close(handle)
    return False


if __name__ == "__main__":
    _watch(Path(sys.argv[1]), int(sys.argv[2]))
