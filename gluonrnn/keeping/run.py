"""A run of the high-level API: trained, and kept in its folder if it has one."""

from __future__ import annotations

import contextlib
import dataclasses
import platform
import signal
from typing import Any, Callable, Iterator, NamedTuple, Sequence

import numpy as np

from gluonrnn.checkpoints import Progress
from gluonrnn.editions.gluonbook import epoch_lines
from gluonrnn.errors import NonFiniteLossError
from gluonrnn.keeping.folders import RunFolder
from gluonrnn.keeping.keepers import FolderKeeper, Keeper
from gluonrnn.keeping.sources import Source, Text, fingerprint
from gluonrnn.keeping.standing import Standing
from gluonrnn.keeping.stopping import ENDING, Stopped, StopRequest, stop_requested
from gluonrnn.language_model import LanguageModel, versions
from gluonrnn.machine import num_threads
from gluonrnn.runs import train_and_sample
from gluonrnn.text import Corpus
from gluonrnn.training import Epoch

__all__ = ["Report", "Run", "train_run"]

Report = Callable[[Epoch, Sequence[str]], None]


class Run(NamedTuple):
    """A model, what changes it, and what it learns from.

    Parameters
    ----------
    model : LanguageModel
        As it is when the run begins or goes on.
    update : function
        From `gluonrnn.networks.updater_of`.
    corpus : Corpus
        The text.
    source : Source or None
        Where the text came from.
    """

    model: LanguageModel
    update: Callable[[float], Any]
    corpus: Corpus
    source: Source | None


def train_run(
    run: Run,
    start: Standing,
    folder: RunFolder | None,
    *,
    epochs: int | None,
    minutes: float | None,
    report: Report,
    on_nonfinite: str,
    **settings: Any,
) -> LanguageModel:
    """Train from where a run stands to its end, or until it is stopped.

    Parameters
    ----------
    run : Run
        What to train.
    start : Standing
        Where it begins, or goes on.
    folder : RunFolder or None
        Where to keep it.
    epochs, minutes
        As in `FolderKeeper`.
    report, on_nonfinite, **settings
        As in `gluonrnn.runs.train_and_sample`.

    Returns
    -------
    LanguageModel
        The run's.

    Raises
    ------
    SystemExit
        If a run that is kept was told to end by a signal; its attribute ``model`` is the model.
    """
    model = run.model
    with stop_requested([signal.SIGINT, *(ENDING if folder is not None else ())]) as request:
        keeper: Keeper = Keeper(request)
        kept: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
        if folder is not None:
            keeper = writer = _open(run, start, folder, request, epochs, minutes, on_nonfinite)
            kept, report = _kept(run, folder, writer), _logged(report, folder)
        try:
            with kept:
                try:
                    train_and_sample(
                        model.network,
                        run.update,
                        run.corpus,
                        model.options,
                        ctx=model.ctx,
                        report=report,
                        on_nonfinite=on_nonfinite,
                        history=model.history,
                        start=start,
                        keeper=keeper,
                        **settings,
                    )
                except (KeyboardInterrupt, Stopped):
                    model.interrupted = True
        except BaseException as error:
            error.model = model  # type: ignore[attr-defined]  # for who wants what was learnt so far
            raise
    if request.number == signal.SIGINT:  # while the end was being written, too
        model.interrupted = True
    if request.number is not None and request.number in ENDING:
        ending = SystemExit(128 + request.number)
        ending.model = model  # type: ignore[attr-defined]
        raise ending
    return model


def _open(
    run: Run,
    start: Standing,
    folder: RunFolder,
    request: StopRequest,
    epochs: int | None,
    minutes: float | None,
    on_nonfinite: str,
) -> FolderKeeper:
    """Take a folder, and write all that can be written now, so that what cannot is known before any work."""
    model, source = run.model, None if run.source is None else run.source.absolute()
    text = Text(source, len(run.corpus.corpus_indices), fingerprint(run.corpus))
    keeper = FolderKeeper(
        request,
        folder,
        lambda standing: model.checkpoint(Progress(standing, text, model.seed)),
        start,
        epochs=epochs,
        minutes=minutes,
        keeps_nonfinite=on_nonfinite != "raise",
    )
    is_new = start.epoch == 1 and start.position.batch == 0
    place = f"epoch {start.epoch}, batch {start.position.batch + 1}"
    try:
        folder.open()
        keeper.begin()  # the model first: killed here, a run goes on if it has one, and begins anew if it has nothing
        folder.log(f"{'begun' if is_new else f'goes on at {place}'}: {model}")
        folder.write_options(_described(run))
    except BaseException:
        folder.discard(begun=True)
        raise
    return keeper


@contextlib.contextmanager
def _kept(run: Run, folder: RunFolder, keeper: FolderKeeper) -> Iterator[None]:
    """Have all that the block came to in the folder, however it ends."""
    model = run.model
    try:
        try:
            yield
        except BaseException as error:
            folder.log(f"ended by {type(error).__name__}: {error}")
            if isinstance(error, NonFiniteLossError):
                keeper.fall_back()
            raise
        finally:
            keeper.end()
            folder.log(f"{'interrupted' if model.interrupted else 'ended'}: {model}")
            if keeper.request.number not in ENDING:  # then there is little time
                folder.write_plot(model.history, _title(run))
        if not model.interrupted:
            folder.finish()
    finally:
        folder.close()


def _described(run: Run) -> dict[str, Any]:
    """Return what a run is, for people to read."""
    return {
        "options": dataclasses.asdict(run.model.options),
        "corpus": None if run.source is None else run.source.absolute()._asdict(),
        "characters": len(run.corpus.corpus_indices),
        "distinct": run.corpus.vocab_size,
        "seed": run.model.seed,
        "device": str(run.model.ctx),
        "threads": num_threads(),
        "versions": {"python": platform.python_version(), "numpy": np.__version__, **versions()},
    }


def _title(run: Run) -> str:
    # matplotlib's own font has no Chinese
    stem = "" if run.source is None else run.source.stem
    return f"{run.model.options.cell} on {stem}" if stem and stem.isascii() else run.model.options.cell


def _logged(report: Report, folder: RunFolder) -> Report:
    """Return a report that goes to the log, too."""

    def both(epoch: Epoch, samples: Sequence[str]) -> None:
        folder.log("\n".join(epoch_lines(epoch, samples)))
        report(epoch, samples)

    return both
