"""Checkpointing: write the model when it is due, on request, and at the end."""

from __future__ import annotations

import contextlib
import math
import tempfile
import time
from pathlib import Path
from typing import Any, Callable

from gluonrnn._checks import check_count, check_number
from gluonrnn.errors import CheckpointWarning, warn
from gluonrnn.training.checkpoints import Checkpoint, Progress, write_checkpoint
from gluonrnn.training.folders import LAST_FINITE_NAME, MODEL_NAME, RunFolder
from gluonrnn.training.interrupts import StopRequest
from gluonrnn.training.state import TrainingState

__all__ = ["Checkpointer", "FolderCheckpointer", "check_intervals"]


def check_intervals(epochs: int | None, minutes: float | None) -> None:
    """Check the intervals between checkpoints.

    Examples
    --------
    >>> check_intervals(epochs=0, minutes=None)
    Traceback (most recent call last):
    ...
    ValueError: checkpoint_epochs must be at least 1, but it is 0: pass a larger number
    """
    if epochs is not None:
        check_count("checkpoint_epochs", epochs)
    if minutes is not None:
        check_number("checkpoint_minutes", minutes, positive=False)


class Checkpointer:
    """Stops training on request; saves nothing.

    Parameters
    ----------
    request : StopRequest
        What has been asked.
    """

    def __init__(self, request: StopRequest) -> None:
        self.request = request

    def hold(self, state: TrainingState) -> None:
        """Called at the end of an epoch, before samples are drawn and the callback runs."""

    def after(self, state: TrainingState) -> None:
        """Called after a batch, and after an epoch with its callback; raises what stops the training."""
        self.request.check()


class FolderCheckpointer(Checkpointer):
    """Writes checkpoints into the folder of a run.

    Parameters
    ----------
    request : StopRequest
        What has been asked.
    folder : RunFolder
        Where to write.
    snapshot : function
        From a `TrainingState` to the `Checkpoint` of the model as it is, its arrays copied.
    start : TrainingState
        Where the training begins, or goes on.
    epochs, minutes : optional
        A checkpoint is due every that many epochs, and whenever that many minutes have gone by.
    keeps_nonfinite : bool
        Whether weights that are not finite may take the place of those that are.

    Notes
    -----
    Two checkpoints are held in memory: the newest, and the newest that is proven, that is, on which
    a finite loss was computed. When the loss ceases to be finite, the proven one is written beside
    the model, as ``last-finite.safetensors``; or as the model itself, where the training ends there.
    """

    def __init__(
        self,
        request: StopRequest,
        folder: RunFolder,
        snapshot: Callable[[TrainingState], Checkpoint],
        start: TrainingState,
        *,
        epochs: int | None = None,
        minutes: float | None = None,
        keeps_nonfinite: bool = True,
    ) -> None:
        super().__init__(request)
        self.folder = folder
        self._snapshot = snapshot
        self._epochs, self._minutes = epochs, minutes
        self._keeps_nonfinite = keeps_nonfinite
        self._newest = snapshot(start)
        self._proven = self._newest if _is_good(self._newest) else None
        self._written: TrainingState | None = None
        self._written_at = time.monotonic()
        self._failed = False

    def begin(self) -> None:
        """Write the first checkpoint."""
        self._write()

    def hold(self, state: TrainingState) -> None:
        """Keep a copy in memory, whatever happens next."""
        self._take(state)

    def after(self, state: TrainingState) -> None:
        """Write a checkpoint if one is due; see `Checkpointer.after`."""
        is_wanted = self.request.number is not None or self._is_due(state)
        if state.batch == 0:  # held already
            self._newest = _restated(self._newest, state)  # a callback may have drawn
        else:
            if math.isfinite(state.loss):
                self._proven = self._newest  # the batch in hand went well with it
            if is_wanted:
                self._take(state)
        if is_wanted:
            self._try_to_write()
        super().after(state)

    def fall_back(self) -> None:
        """Keep the last weights with a finite loss: what came after them diverged."""
        if self._proven is not None:
            self._newest = self._proven

    def end(self) -> None:
        """Write the newest checkpoint; if the folder cannot take it, into a temporary folder."""
        if self._written is _state(self._newest) and not self.folder.is_lost:
            return
        try:
            self._write()
        except OSError as error:
            raise OSError(self._elsewhere(_cause(error))) from error

    def _elsewhere(self, cause: str) -> str:
        """Write the newest checkpoint into a temporary folder; return the error message."""
        failed = f"the model could not be written into {self.folder.path} ({cause})"
        refuge = Path(tempfile.mkdtemp(prefix="gluonrnn-"))
        try:
            write_checkpoint(refuge / MODEL_NAME, self._newest)
        except OSError as error:
            with contextlib.suppress(OSError):
                refuge.rmdir()
            return (
                f"{failed}, nor into {refuge.parent} ({_cause(error)}){self._last()}: make room, and go on from there"
            )
        self.folder.kept = refuge, len(self._newest.history)
        return f"{failed} and is kept in {refuge / MODEL_NAME}: copy it to where there is room"

    def _is_due(self, state: TrainingState) -> bool:
        is_over = state.batch == 0
        by_epochs = self._epochs is not None and is_over and (state.epoch - 1) % self._epochs == 0
        return by_epochs or (self._minutes is not None and time.monotonic() - self._written_at >= 60 * self._minutes)

    def _take(self, state: TrainingState) -> None:
        checkpoint = self._snapshot(state)
        if self._keeps_nonfinite or checkpoint.is_finite:  # a loss that is not would have ended it
            self._newest = checkpoint

    def _try_to_write(self) -> None:
        """Write; if that fails, warn once and let the training go on."""
        try:
            self._write()
        except OSError as error:
            self._written_at = time.monotonic()  # tried again when the next is due
            if not self._failed:
                self._failed = True
                text = f"a checkpoint could not be written into {self.folder.path} ({_cause(error)})"
                self.folder.log(text)
                warn(
                    f"{text}; training goes on, and it is tried again{self._last()}: make room, or stop with Ctrl-C",
                    CheckpointWarning,
                )

    def _last(self) -> str:
        if self._written is None:
            return ""
        return f", and the last one is of epoch {self._written.epoch}, batch {self._written.batch}"

    def _write(self) -> None:
        newest = self._newest
        was_lost = self.folder.reopen()
        if self._proven is not None and not _is_good(newest):
            self.folder.log("the model is no longer finite")
            write_checkpoint(self.folder.where / LAST_FINITE_NAME, self._proven)
            self._proven = None
        write_checkpoint(self.folder.where / MODEL_NAME, newest)
        self._written, self._written_at, self._failed = _state(newest), time.monotonic(), False
        self.folder.kept = self.folder.path, len(newest.history)
        try:
            self.folder.write_history(newest.history)
        except OSError as error:  # the model has it, too
            self.folder.log(f"the history could not be written ({_cause(error)})")
        if was_lost:
            warn(f"the folder {self.folder.path} was deleted or moved, and is made anew", CheckpointWarning)


def _restated(checkpoint: Checkpoint, state: TrainingState) -> Checkpoint:
    """Return a checkpoint of the same weights with the random states of now."""
    progress = _progress(checkpoint)
    if progress.state.epoch != state.epoch or progress.state.batch:
        return checkpoint
    return checkpoint._replace(progress=progress._replace(state=state))


def _is_good(checkpoint: Checkpoint) -> bool:
    """Return whether weights and last loss are finite."""
    return checkpoint.is_finite and math.isfinite(_state(checkpoint).loss)


def _state(checkpoint: Checkpoint) -> TrainingState:
    return _progress(checkpoint).state


def _progress(checkpoint: Checkpoint) -> Progress:
    if checkpoint.progress is None:
        raise ValueError("a checkpoint of a run must say where it stands: give its snapshot a progress")
    return checkpoint.progress


def _cause(error: Any) -> str:
    return getattr(error, "strerror", None) or " ".join(str(error).split())
