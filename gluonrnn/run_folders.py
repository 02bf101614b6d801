"""The folder of a run: chosen before the training, made and written after it."""

from __future__ import annotations

import csv
import os
from pathlib import Path
from typing import Any

from gluonrnn.files import written_whole

__all__ = ["HISTORY_NAME", "MODEL_NAME", "PLOT_NAME", "RunFolders", "write_run"]

MODEL_NAME, PLOT_NAME, HISTORY_NAME = "model.safetensors", "perplexity.png", "history.csv"


class RunFolders:
    """Where a run may write, without replacing anything that was not given up.

    Parameters
    ----------
    out : str or None
        The folder that the user named; None for ``runs/STEM``, numbered if it is there.
    stem : str
        What to call the folder under ``runs``.
    overwrite : bool
        Whether a run that is in `out` may be replaced.

    Raises
    ------
    FileExistsError
        If `out` holds a run, or a part of one, that may not be replaced.
    NotADirectoryError
        If `out` is a file.
    PermissionError
        If nothing can be written there.

    Examples
    --------
    >>> RunFolders(None, "lyrics").wanted.as_posix()
    'runs/lyrics'
    """

    def __init__(self, out: str | None, stem: str, *, overwrite: bool = False) -> None:
        self.named = out is not None
        self.wanted = Path("runs", stem) if out is None else Path(out)
        for name in (MODEL_NAME, HISTORY_NAME, PLOT_NAME):
            if self.named and (self.wanted / name).exists() and not overwrite:
                raise FileExistsError(
                    f"{self.wanted / name} is there already: choose another --out, or replace it with --overwrite"
                )
        # what is written next: the folder itself, or the next number beside it
        target = self.wanted if self.named else self.wanted.parent
        there = next(folder for folder in (target, *target.absolute().parents) if folder.exists())
        if not there.is_dir():
            raise NotADirectoryError(f"{there} is a file, and a run needs a folder there: choose another --out")
        if not os.access(there, os.W_OK):
            raise PermissionError(f"the folder {there} cannot be written to: choose another --out")

    def make(self, *, finished: bool) -> Path:
        """Make and return the folder; a run that is not finished never replaces another.

        Parameters
        ----------
        finished : bool
            Whether the training came to its end.

        Returns
        -------
        pathlib.Path
            The folder wanted; for a run under ``runs``, the next number that is free; for one that
            is not finished where another run is, a folder ``unfinished`` in it.
        """
        if self.named and (finished or not (self.wanted / MODEL_NAME).exists()):
            self.wanted.mkdir(parents=True, exist_ok=True)
            return self.wanted
        stem = self.wanted / "unfinished" if self.named else self.wanted
        stem.parent.mkdir(parents=True, exist_ok=True)
        return _first_free(stem)


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


def write_run(model: Any, folder: Path, *, title: str) -> str:
    """Write model, history and plot.

    Parameters
    ----------
    model : LanguageModel
        What was trained.
    folder : pathlib.Path
        From `RunFolders.make`.
    title : str
        Written above the plot.

    Returns
    -------
    str
        Where the plot is, or why there is none.
    """
    model.save(folder / MODEL_NAME)
    with written_whole(folder / HISTORY_NAME) as temporary, open(temporary, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["epoch", "perplexity", "seconds"])
        writer.writerows(model.history)
    return _plot(model, folder / PLOT_NAME, title)


def _plot(model: Any, path: Path, title: str) -> str:
    from gluonrnn.plotting import plot_perplexity

    try:
        plot_perplexity(model.history, path, title=title)
    except ImportError as error:
        return f"none: {error}"
    return str(path)
