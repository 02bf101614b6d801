"""The folder of a run: where it may be, who may write into it, and what lies in it."""

from __future__ import annotations

import contextlib
import csv
import json
import os
import time
from pathlib import Path
from typing import Any, Mapping, Sequence

from gluonrnn.files import remove_leftovers, written_whole

__all__ = [
    "HISTORY_NAME",
    "LAST_FINITE_NAME",
    "LOCK_NAME",
    "LOG_NAME",
    "MODEL_NAME",
    "OPTIONS_NAME",
    "PLOT_NAME",
    "RunFolder",
]

MODEL_NAME, PLOT_NAME, HISTORY_NAME = "model.safetensors", "perplexity.png", "history.csv"
OPTIONS_NAME, LOG_NAME, LOCK_NAME = "options.json", "log.txt", ".lock"
LAST_FINITE_NAME = "last-finite.safetensors"
RESULTS = (MODEL_NAME, HISTORY_NAME, PLOT_NAME, OPTIONS_NAME, LOG_NAME, LAST_FINITE_NAME)


class RunFolder:
    """A folder that one run at a time writes into.

    Parameters
    ----------
    out : str, path-like or None
        The folder that the user named; None for ``runs/STEM``, numbered if it is there.
    stem : str
        What to call the folder under ``runs``.
    overwrite : bool
        Whether a run that is in `out` may be replaced; it is once the new one is finished, and
        until then that lies in ``unfinished`` in `out`.

    Raises
    ------
    FileExistsError
        If `out` holds a run, or a part of one, that may not be replaced.
    NotADirectoryError
        If `out` is a file.
    PermissionError
        If nothing can be written there.

    Attributes
    ----------
    path : pathlib.Path
        The folder itself; until `open`, where it is wanted.

    Examples
    --------
    >>> RunFolder(None, "lyrics").wanted.as_posix()
    'runs/lyrics'
    """

    def __init__(self, out: str | os.PathLike[str] | None, stem: str = "corpus", *, overwrite: bool = False) -> None:
        self.named = out is not None
        self.wanted = Path("runs", stem) if out is None else Path(out)
        self.path = self.wanted
        self._no_plot = "it was not drawn"
        self._locks: list[_Lock] = []
        self._replaces = False
        for name in RESULTS:
            if self.named and (self.wanted / name).exists():
                if not overwrite:
                    raise FileExistsError(
                        f"{self.wanted / name} is there already: choose another --out, or replace it with --overwrite"
                    )
                self._replaces = True
        # what is written next: the folder itself, or the next number beside it
        target = self.wanted if self.named else self.wanted.parent
        there = next(folder for folder in (target, *target.absolute().parents) if folder.exists())
        if not there.is_dir():
            raise NotADirectoryError(f"{there} is a file, and a run needs a folder there: choose another --out")
        if not os.access(there, os.W_OK):
            raise PermissionError(f"the folder {there} cannot be written to: choose another --out")

    @classmethod
    def again(cls, path: str | os.PathLike[str]) -> RunFolder:
        """Return the folder of a run that is to go on.

        Raises
        ------
        FileNotFoundError
            If no run was begun there.
        """
        if not (Path(path) / MODEL_NAME).is_file():
            raise FileNotFoundError(
                f"there is no run in {path} (no {MODEL_NAME}): name the folder that the run said it writes into"
            )
        folder = cls(path, overwrite=True)
        folder._replaces = False
        return folder

    def open(self) -> Path:
        """Make the folder if it is missing, and keep all others from writing into it.

        Raises
        ------
        BlockingIOError
            If another run is at work there.
        """
        if self.named:
            self.wanted.mkdir(parents=True, exist_ok=True)
            self._lock(self.wanted)
            self.path = _first_free(self.wanted / "unfinished") if self._replaces else self.wanted
        else:
            self.wanted.parent.mkdir(parents=True, exist_ok=True)
            self.path = _first_free(self.wanted)
        if self.path != self.wanted or not self.named:
            self._lock(self.path)
        for name in RESULTS:
            remove_leftovers(self.path / name)
        return self.path

    def _lock(self, folder: Path) -> None:
        self._locks.append(_Lock(folder))

    def reopen(self) -> bool:
        """Make the folder again if it was deleted or moved away; return whether it was.

        Raises
        ------
        BlockingIOError
            If another run has begun there meanwhile.
        """
        lost = [lock for lock in self._locks if lock.is_lost]
        for lock in lost:
            lock.folder.mkdir(parents=True, exist_ok=True)
            self._locks[self._locks.index(lock)] = _Lock(lock.folder)
        return bool(lost)

    def finish(self) -> Path:
        """Let what was made take the place of the run that it replaces, if it does.

        Returns
        -------
        pathlib.Path
            Where everything is now.
        """
        if self._replaces:
            for name in RESULTS:
                if (self.path / name).exists():
                    os.replace(self.path / name, self.wanted / name)
                else:
                    (self.wanted / name).unlink(missing_ok=True)
            with contextlib.suppress(OSError):
                (self.path / LOCK_NAME).unlink()
                self.path.rmdir()
            self.path, self._replaces = self.wanted, False
        return self.path

    def discard(self) -> None:
        """Give up a folder in which nothing was begun."""
        self.close()
        if not (self.path / MODEL_NAME).exists():
            with contextlib.suppress(OSError):
                for name in (LOCK_NAME, LOG_NAME, OPTIONS_NAME):
                    (self.path / name).unlink(missing_ok=True)
                self.path.rmdir()

    def close(self) -> None:
        """Let others write into the folder again."""
        while self._locks:
            self._locks.pop().release()

    def write_history(self, history: Sequence[Any]) -> None:
        """Write the history of a run: epoch, perplexity, seconds."""
        path = self.path / HISTORY_NAME
        with written_whole(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["epoch", "perplexity", "seconds"])
            writer.writerows(history)

    def write_options(self, options: Mapping[str, Any]) -> None:
        """Write what the run is, to be read by people."""
        with written_whole(self.path / OPTIONS_NAME) as temporary:
            temporary.write_text(json.dumps(options, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")

    @property
    def last_finite(self) -> Path | None:
        """The last model with finite weights, if that of the run is not finite any more."""
        path = self.path / LAST_FINITE_NAME
        return path if path.exists() else None

    def write_plot(self, history: Sequence[Any], title: str) -> None:
        """Draw perplexity over epochs, where that can be done."""
        if not history:
            return
        from gluonrnn.plotting import plot_perplexity

        try:
            plot_perplexity(history, self.path / PLOT_NAME, title=title)
        except (ImportError, OSError) as error:
            self._no_plot = str(error)
        else:
            self._no_plot = ""

    @property
    def plot(self) -> str:
        """Where the plot is, or why there is none."""
        return f"none: {self._no_plot}" if self._no_plot else str(self.path / PLOT_NAME)

    def log(self, text: str) -> None:
        """Add lines to the log, each with the time; a log that cannot be written stops nothing."""
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        with contextlib.suppress(OSError), open(self.path / LOG_NAME, "a", encoding="utf-8") as file:
            file.writelines(f"{now}  {line}\n" for line in text.splitlines())


class _Lock:
    """Holds a folder for this process: the system lets go of it when the process ends, however it does."""

    def __init__(self, folder: Path) -> None:
        import filelock

        self.folder = folder
        path = folder / LOCK_NAME
        self._lock = filelock.FileLock(str(path))
        try:
            self._lock.acquire(timeout=0)
        except filelock.Timeout:
            raise BlockingIOError(
                f"another run is writing into {folder}: let it end, or choose another --out"
            ) from None
        self._inode = _inode(path)

    @property
    def is_lost(self) -> bool:
        """Whether what is there by that name is not what was locked."""
        return _inode(self.folder / LOCK_NAME) != self._inode

    def release(self) -> None:
        self._lock.release()


def _inode(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _first_free(stem: Path) -> Path:
    """Make and return the first of stem, stem-2, stem-3, ... that is not there."""
    number = 1
    while True:
        folder = stem if number == 1 else stem.with_name(f"{stem.name}-{number}")
        try:
            folder.mkdir()
        except FileExistsError:
            number += 1
        else:
            return folder
