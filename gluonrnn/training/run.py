"""A run of the high-level API: training, with checkpoints in its folder if it has one."""

from __future__ import annotations

import contextlib
import dataclasses
import platform
import signal
from typing import Any, Callable, Iterator, NamedTuple, Sequence

import numpy as np

from gluonrnn._machine import num_threads
from gluonrnn.corpus.text import Corpus
from gluonrnn.errors import NonFiniteLossError
from gluonrnn.training.callbacks import Checkpointer, FolderCheckpointer, check_intervals
from gluonrnn.training.checkpoints import Progress
from gluonrnn.training.folders import RunFolder
from gluonrnn.training.interrupts import ENDING, StopRequest, stop_requested
from gluonrnn.training.language_model import LanguageModel, versions
from gluonrnn.training.loop import Epoch
from gluonrnn.training.optimizers import Optimizer
from gluonrnn.training.options import Options
from gluonrnn.training.sources import Source, Text, fingerprint
from gluonrnn.training.state import TrainingState
from gluonrnn.training.trainer import Callback, check_run, epoch_lines, reporter, train_and_sample

__all__ = ["Run", "RunSettings", "train_run"]

Report = Callable[[Epoch, Sequence[str]], None]


class Run(NamedTuple):
    """A model, its optimizer and its corpus.

    Parameters
    ----------
    model : LanguageModel
        As it is when the run begins or goes on.
    optimizer : Optimizer
        From `gluonrnn.training.networks.optimizer_of`.
    corpus : Corpus
        The text.
    source : Source or None
        Where the text came from.
    """

    model: LanguageModel
    optimizer: Optimizer
    corpus: Corpus
    source: Source | None


class RunSettings(NamedTuple):
    """Reporting, callbacks and checkpointing of a run.

    Parameters
    ----------
    verbose, callback, progress, on_nonfinite, checkpoint_epochs, checkpoint_minutes
        As in `gluonrnn.fit`.
    """

    verbose: bool = False
    callback: Callback | None = None
    progress: bool = False
    on_nonfinite: str = "warn"
    checkpoint_epochs: int | None = None
    checkpoint_minutes: float | None = 1.0

    def check(self, corpus: Corpus, options: Options) -> None:
        """Check the settings against corpus and options, before any work."""
        check_run(corpus, options, callback=self.callback, on_nonfinite=self.on_nonfinite)
        check_intervals(self.checkpoint_epochs, self.checkpoint_minutes)


def train_run(run: Run, start: TrainingState, folder: RunFolder | None, settings: RunSettings) -> LanguageModel:
    """Train a run from a state to its end, or until it is stopped."""
    model = run.model
    report: Report = reporter(settings.progress) if settings.verbose else (lambda epoch, samples: None)
    with stop_requested([signal.SIGINT, *(ENDING if folder is not None else ())]) as request:
        checkpointer: Checkpointer = Checkpointer(request)
        kept: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
        if folder is not None:
            checkpointer = writer = _open(run, start, folder, request, settings)
            kept, report = _kept(run, folder, writer), _logged(report, folder)
        try:
            try:
                with kept:
                    train_and_sample(
                        model.network,
                        run.optimizer,
                        run.corpus,
                        model.options,
                        ctx=model.ctx,
                        report=report,
                        callback=settings.callback,
                        progress=settings.progress,
                        on_nonfinite=settings.on_nonfinite,
                        history=model.history,
                        start=start,
                        checkpointer=checkpointer,
                    )
            except KeyboardInterrupt:
                request.check()  # a SIGTERM that came after it is not lost
                raise
            request.check()  # while the end was being written, too
        except BaseException as error:
            error.model = model  # type: ignore[attr-defined]  # for who wants what was learnt so far
            raise
    return model


def _open(
    run: Run, start: TrainingState, folder: RunFolder, request: StopRequest, settings: RunSettings
) -> FolderCheckpointer:
    """Open the folder and write the first files, so that failures surface before any work."""
    model, source = run.model, None if run.source is None else run.source.absolute()
    text = Text(source, len(run.corpus.corpus_indices), fingerprint(run.corpus))
    checkpointer = FolderCheckpointer(
        request,
        folder,
        lambda state: model.checkpoint(Progress(state, text, model.seed, run.optimizer.arrays())),
        start,
        epochs=settings.checkpoint_epochs,
        minutes=settings.checkpoint_minutes,
        keeps_nonfinite=settings.on_nonfinite != "raise",
    )
    is_new = start.epoch == 1 and start.batch == 0
    place = f"epoch {start.epoch}, batch {start.batch + 1}"
    try:
        folder.open()
        # the model first: killed here, a run goes on if it has one, and begins anew if it has nothing
        checkpointer.begin()
        folder.log(f"{'begun' if is_new else f'goes on at {place}'}: {model}")
        folder.write_options(_described(run))
    except BaseException:
        folder.discard(begun=True)
        raise
    return checkpointer


@contextlib.contextmanager
def _kept(run: Run, folder: RunFolder, checkpointer: FolderCheckpointer) -> Iterator[None]:
    """Write the final checkpoint and plot, however the block ends."""
    model, ending = run.model, "ended"
    try:
        try:
            yield
        except BaseException as error:
            if isinstance(error, (KeyboardInterrupt, SystemExit)):
                ending = "interrupted"
            else:
                folder.log(f"ended by {type(error).__name__}: {error}")
            if isinstance(error, NonFiniteLossError):
                checkpointer.fall_back()
            raise
        finally:
            checkpointer.end()
            folder.log(f"{ending}: {model}")
            if checkpointer.request.number not in ENDING:  # then there is little time
                folder.write_plot(model.history, _title(run))
        folder.finish()
    finally:
        folder.close()


def _described(run: Run) -> dict[str, Any]:
    """Return the description of a run for ``options.json``."""
    return {
        "options": dataclasses.asdict(run.model.options),
        "corpus": run.source.absolute()._asdict() if run.source is not None and run.source.name else None,
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
    """Return a report function that also writes to the log."""

    def both(epoch: Epoch, samples: Sequence[str]) -> None:
        folder.log("\n".join(epoch_lines(epoch, samples)))
        report(epoch, samples)

    return both
