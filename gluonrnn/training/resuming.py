"""Resuming a run: its options, its text and its state, each checked against the model file."""

from __future__ import annotations

import os
from pathlib import Path

from gluonrnn._checks import check_path
from gluonrnn._mxnet import nd
from gluonrnn.corpus.text import Corpus
from gluonrnn.errors import ModelFileError
from gluonrnn.training.checkpoints import Checkpoint, Progress
from gluonrnn.training.language_model import LanguageModel
from gluonrnn.training.sources import Source, fingerprint, name_of
from gluonrnn.training.state import TrainingState

__all__ = ["CHANGEABLE", "progress_of", "state_on_device", "text_again"]

# what a run may go on with otherwise than it was begun
CHANGEABLE = ("num_epochs", "lr", "clipping_theta", "pred_period", "pred_len", "prefixes")


def progress_of(path: Path, checkpoint: Checkpoint) -> Progress:
    """Return a checkpoint's progress, or raise if there is none."""
    if checkpoint.progress is None:
        raise ModelFileError(
            f"{path} is a model that does not say where its training stood: give the folder of a run, or fit a new one"
        )
    epoch, done = checkpoint.progress.state.epoch, len(checkpoint.history)
    if epoch != done + 1:
        raise ModelFileError(
            f"{path} says that it stands in epoch {epoch}, but its history has {done}: copy it anew or train again"
        )
    return checkpoint.progress


def text_again(
    path: Path,
    checkpoint: Checkpoint,
    progress: Progress,
    corpus: Corpus | str | os.PathLike[str] | None,
    text: str | None = None,
) -> tuple[Corpus, Source | None]:
    """Load the text of a run again, and check that it is the same."""
    own = progress.text
    source = own.source
    if isinstance(corpus, tuple):
        found = Corpus(*corpus)
    elif text is not None:  # read in the way it was
        found = (source or Source("")).load(text)
    else:
        if corpus is not None:
            check_path("corpus", corpus)
            source = (source or Source(""))._replace(name=name_of(corpus))
        if source is None or not source.name:
            raise ValueError(
                f"the run in {path.parent} was begun with a text that was in memory, and not in a file: "
                "pass the same corpus, or the same text="
            )
        found = source.load()
    vocabulary = [found.idx_to_char[i] for i in range(found.vocab_size)]
    if vocabulary != checkpoint.vocabulary or fingerprint(found) != own.sha256:
        name = source.name if source is not None and text is None else ""
        raise ValueError(
            f"the run in {path.parent} learns from another text ({own.length:,} characters, "
            f"{len(checkpoint.vocabulary):,} distinct) than {name or 'this'} "
            f"({len(found.corpus_indices):,}, {found.vocab_size:,}): give the text that it was begun with, "
            "or begin a new run"
        )
    return found, source


def state_on_device(path: Path, state: TrainingState, model: LanguageModel) -> TrainingState:
    """Move a state's hidden arrays to the model's device."""
    arrays = state.hidden
    if arrays is None:
        return state
    own = model.network.begin_state(batch_size=1, ctx=model.ctx)  # one of a size that a file claims may be huge
    shapes = [(*part.shape[:-2], model.options.batch_size, part.shape[-1]) for part in own]
    if [(shape, "float32") for shape in shapes] != [(part.shape, part.dtype) for part in arrays]:
        raise ModelFileError(f"{path} has a hidden state that does not fit its model: copy it anew or train again")
    return state._replace(hidden=type(own)([nd.array(part, ctx=model.ctx) for part in arrays]))
