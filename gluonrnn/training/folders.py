"""The folder of a run: its files, its lock, and replacing the run that was there."""

from __future__ import annotations

import contextlib
import csv
import itertools
import json
import os
import time
from pathlib import Path
from typing import Any, Mapping, Sequence

from gluonrnn._files import atomic_write
from gluonrnn.training.locks import LOCK_NAME, FolderLock

__all__ = [
    "HISTORY_NAME",
    "LAST_FINITE_NAME",
    "LOG_NAME",
    "MODEL_NAME",
    "OPTIONS_NAME",
    "PLOT_NAME",
    "RunFolder",
]

MODEL_NAME, PLOT_NAME, HISTORY_NAME = "model.safetensors", "perplexity.png", "history.csv"
OPTIONS_NAME, LOG_NAME = "options.json", "log.txt"
LAST_FINITE_NAME = "last-finite.safetensors"
UNFINISHED = "unfinished"
RESULTS = (MODEL_NAME, HISTORY_NAME, PLOT_NAME, OPTIONS_NAME, LOG_NAME, LAST_FINITE_NAME)

_REPLACES = ".replaces-the-run-above"


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
        The folder, as it is named to people; until `open`, where it is wanted.
    where : pathlib.Path
        The same, wherever the current folder is.
    kept : (pathlib.Path, int) or None
        The folder that the last written model is in, and its epochs: this one, as a rule.

    Examples
    --------
    >>> RunFolder(None, "lyrics").path.as_posix()
    'runs/lyrics'
    """

    def __init__(self, out: str | os.PathLike[str] | None, stem: str = "corpus", *, overwrite: bool = False) -> None:
        self._is_named = out is not None
        self._wanted = self.path = Path("runs", stem) if out is None else Path(out)
        self._start = Path.cwd()
        self._overwrite, self._replaces, self._goes_on = overwrite, False, False
        self._locks: list[FolderLock] = []
        self._made: list[Path] = []
        self._no_plot = "no epoch was trained"
        self.kept: tuple[Path, int] | None = None
        self._check()
        # what is written next: the folder itself, or the next number beside it
        target = self._wanted if self._is_named else self._wanted.parent
        there = next(folder for folder in (target, *target.absolute().parents) if folder.exists())
        if not there.is_dir():
            raise NotADirectoryError(f"{there} is a file, and a run needs a folder there: choose another --out")
        if not os.access(there, os.W_OK):
            raise PermissionError(f"the folder {there} cannot be written to: choose another --out")

    def _check(self) -> None:
        """Raise if there is a run that must not be replaced."""
        if not self._is_named or self._goes_on:
            return
        found = [name for name in RESULTS if os.path.lexists(self._at(self._wanted) / name)]
        if found and not self._overwrite:
            raise FileExistsError(
                f"{self._wanted / found[0]} is there already: choose another --out, or replace it with --overwrite"
            )
        self._replaces = bool(found)

    def _at(self, path: Path) -> Path:
        return self._start / path

    @property
    def where(self) -> Path:
        """The folder, wherever the current folder is."""
        return self._at(self.path)

    @classmethod
    def again(cls, path: str | os.PathLike[str]) -> RunFolder:
        """Return the folder of a run to resume.

        A run that is to replace another still does so when it is finished.
        """
        path = Path(path)
        if path.name == MODEL_NAME and path.is_file():
            path = path.parent
        if not (path / MODEL_NAME).is_file():
            raise FileNotFoundError(
                f"there is no run in {path} (no {MODEL_NAME}): name the folder that the run said it writes into"
            )
        replaces = _is_to_replace(path)
        folder = cls(path.parent if replaces else path, overwrite=True)
        folder._goes_on, folder._replaces, folder.path = True, replaces, path
        return folder

    def open(self) -> None:
        """Create the folder if it is missing, and lock it."""
        if self._locks:
            return
        try:
            if self._is_named:
                self._make(self._at(self._wanted))
                self._take(self._wanted)
                self._check()
                if self._replaces and not self._goes_on:
                    self.path = self._first_free(self._wanted / UNFINISHED)
                    (self.where / _REPLACES).write_bytes(os.fsencode(self._at(self._wanted).resolve()))
            else:
                self._make(self._at(self._wanted.parent))
                self.path = self._first_free(self._wanted)
            if not self._locks or self.path != self._wanted:
                self._take(self.path)
        except BaseException:
            self.discard()
            raise

    def _make(self, folder: Path) -> None:
        self._made += [each for each in (folder, *folder.parents) if not each.exists()]
        folder.mkdir(parents=True, exist_ok=True)

    def _take(self, folder: Path) -> None:
        try:
            self._locks.append(FolderLock(self._at(folder)))
        except BlockingIOError:
            raise BlockingIOError(
                f"another run is writing into {folder}: let it end, or choose another --out"
            ) from None

    def _first_free(self, stem: Path) -> Path:
        """Make and return the first of stem, stem-2, stem-3, ... that is not there."""
        names = itertools.chain([stem], (stem.with_name(f"{stem.name}-{number}") for number in itertools.count(2)))
        while True:
            folder = next(names)
            with contextlib.suppress(FileExistsError):
                self._at(folder).mkdir()
                self._made.insert(0, self._at(folder))
                return folder

    @property
    def is_lost(self) -> bool:
        """Whether the folder was deleted, moved or taken by another run."""
        return any(lock.is_lost for lock in self._locks)

    def reopen(self) -> bool:
        """Recreate the folder if it was deleted or moved; return whether it was."""
        lost = [lock for lock in self._locks if lock.is_lost]
        for lock in lost:
            lock.folder.mkdir(parents=True, exist_ok=True)
            try:
                self._locks[self._locks.index(lock)] = FolderLock(lock.folder)
            except BlockingIOError:
                raise BlockingIOError("another run is writing there by now") from None
            lock.release()
        return bool(lost)

    def finish(self) -> None:
        """Replace the old run, if this one is to."""
        if not self._replaces or self.is_lost:
            return
        old, new = self._at(self._wanted), self.where
        for name in RESULTS:  # nothing of the old run may seem to be of the new one
            if name != MODEL_NAME:
                with contextlib.suppress(FileNotFoundError):
                    (old / name).unlink()
        for name in RESULTS:
            with contextlib.suppress(FileNotFoundError):
                os.replace(new / name, old / name)
        with contextlib.suppress(OSError):
            (new / _REPLACES).unlink()
            (new / LOCK_NAME).unlink()
            new.rmdir()
        self._locks.pop().release()
        self.path, self._replaces = self._wanted, False

    def discard(self, *, begun: bool = False) -> None:
        """Undo `open`, when nothing was trained: remove what this process created, and if `begun`, the run's files."""
        if self._locks and not self._goes_on and (begun or not (self.where / MODEL_NAME).exists()):
            is_beside = self._replaces and self.path != self._wanted
            made = [_REPLACES] * is_beside + [LOCK_NAME] * self._locks[-1].is_new
            for name in (*(RESULTS if begun else ()), *made):
                with contextlib.suppress(OSError):
                    (self.where / name).unlink()
        for folder in self._made:
            with contextlib.suppress(OSError):
                folder.rmdir()
        self._made.clear()
        self.close()

    def close(self) -> None:
        """Release the lock."""
        while self._locks:
            self._locks.pop().release()

    def write_history(self, history: Sequence[Any]) -> None:
        """Write the history of a run: epoch, perplexity, seconds."""
        path = self.where / HISTORY_NAME
        with atomic_write(path) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(["epoch", "perplexity", "seconds"])
            writer.writerows(history)

    def write_options(self, options: Mapping[str, Any]) -> None:
        """Write the run's options and versions as JSON, for people to read."""
        text = json.dumps(options, ensure_ascii=False, indent=2) + "\n"
        with atomic_write(self.where / OPTIONS_NAME) as temporary:
            temporary.write_bytes(text.encode(errors="backslashreplace"))

    @property
    def last_finite(self) -> Path | None:
        """The last model with finite weights, if that of the run is not finite any more."""
        return self.path / LAST_FINITE_NAME if (self.where / LAST_FINITE_NAME).exists() else None

    def write_plot(self, history: Sequence[Any], title: str) -> None:
        """Plot perplexity over epochs; a plot that fails stops nothing."""
        if not history or self.is_lost:
            return
        try:
            from gluonrnn.plotting import plot_perplexity

            plot_perplexity(history, self.where / PLOT_NAME, title=title)
        except Exception as error:
            self._no_plot = str(error)
        else:
            self._no_plot = ""

    @property
    def plot(self) -> str:
        """Where the plot is, or why there is none."""
        return f"none: {self._no_plot}" if self._no_plot else str(self.path / PLOT_NAME)

    def log(self, text: str) -> None:
        """Append lines to the log, each with the time; a failure stops nothing."""
        if self.is_lost:
            return
        now = time.strftime("%Y-%m-%d %H:%M:%S")
        path = self.where / LOG_NAME
        with contextlib.suppress(OSError), open(path, "a", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(f"{now}  {line}\n" for line in text.splitlines())


def _is_to_replace(unfinished: Path) -> bool:
    """Return whether this unfinished run is to replace the run in the folder above."""
    with contextlib.suppress(OSError):
        return os.fsdecode((unfinished / _REPLACES).read_bytes()) == str(unfinished.resolve().parent)
    return False
