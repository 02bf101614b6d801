"""The model file: weights, vocabulary, options, history and training state in one safetensors file.

The file is a `.safetensors`: numbers behind a JSON header, nothing that runs when it is opened.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import math
import os
from dataclasses import asdict
from pathlib import Path
from types import MappingProxyType
from typing import Any, Iterator, Mapping, NamedTuple, Sequence, Union

import numpy as np

from gluonrnn._checks import check_count, check_seed
from gluonrnn._files import atomic_write
from gluonrnn.corpus.archives import readable
from gluonrnn.errors import ModelFileError
from gluonrnn.training.loop import Epoch
from gluonrnn.training.networks import weight_shapes
from gluonrnn.training.options import OPTION_NAMES, Options
from gluonrnn.training.sources import Source, Text
from gluonrnn.training.state import TrainingState, finite_or_name, pack_state, unpack_state

__all__ = ["Checkpoint", "Progress", "read_checkpoint", "write_checkpoint"]

PathLike = Union[str, "os.PathLike[str]"]

FORMAT_VERSION = 3  # 1 says nothing of the training, and 3 is only written for a long history
_LONGEST_HEADER = 32 << 20  # characters: a vocabulary of all characters there are
_LONG_HISTORY = 100_000  # epochs; from there on the history is an array, and not in the header
_BESIDE = 128 << 20  # bytes of a file that are no weights: safetensors reads a header of up to 100 MB
TRAINING, HISTORY = "training.", "history"  # the first begins the names of the arrays that are no weights
OPTIMIZER = "optimizer."


class Progress(NamedTuple):
    """What a run needs to resume.

    Parameters
    ----------
    state : TrainingState
        Where it stands.
    text : Text
        What it learns from.
    seed : int or None
        What it was begun with.
    optimizer : dict of str to numpy.ndarray
        What the optimizer remembers; nothing, for plain gradient descent.
    """

    state: TrainingState
    text: Text
    seed: int | None
    optimizer: Mapping[str, Any] = MappingProxyType({})


class Checkpoint(NamedTuple):
    """What a model file holds.

    Parameters
    ----------
    weights : dict of str to numpy.ndarray
        Each parameter by its name, float32.
    vocabulary : list of str
        The character of each index.
    options : Options
        What the model is and how it was trained.
    history : list of Epoch
        Perplexity and seconds of each epoch.
    versions : dict of str to str
        Of what wrote the file.
    progress : Progress or None
        What is needed to train on; None for a model that is only to write.
    """

    weights: dict[str, Any]
    vocabulary: list[str]
    options: Options
    history: list[Epoch]
    versions: dict[str, str]
    progress: Progress | None = None

    @property
    def is_finite(self) -> bool:
        """Whether no weight is NaN or infinite."""
        return all(np.isfinite(weight).all() for weight in self.weights.values())


def write_checkpoint(path: PathLike, checkpoint: Checkpoint) -> None:
    """Write a model file; what stands at `path` is replaced only when the new one is complete."""
    from safetensors.numpy import save

    is_long = len(checkpoint.history) >= _LONG_HISTORY
    header: dict[str, Any] = {
        "version": FORMAT_VERSION if is_long else 2,
        "options": asdict(checkpoint.options),
        "vocabulary": checkpoint.vocabulary,
        "history": len(checkpoint.history) if is_long else [list(map(finite_or_name, e)) for e in checkpoint.history],
        "versions": checkpoint.versions,
    }
    arrays = {name: np.ascontiguousarray(weight) for name, weight in checkpoint.weights.items()}
    if is_long:
        rows = itertools.chain.from_iterable(checkpoint.history)
        arrays[TRAINING + HISTORY] = np.fromiter(rows, dtype="float64").reshape(-1, 3)
    if checkpoint.progress is not None:
        state, text, seed, optimizer = checkpoint.progress
        packed, at = pack_state(state)
        packed.update((OPTIMIZER + name, array) for name, array in optimizer.items())
        arrays.update({TRAINING + name: array for name, array in packed.items()})
        source = None if text.source is None else text.source._asdict()
        header["training"] = {"standing": at, "text": {**text._asdict(), "source": source}, "seed": seed}
    # its own writer makes a temporary file of its own, which a killed process would leave behind
    content = save(arrays, metadata={"gluonrnn": json.dumps(header, allow_nan=False)})
    with atomic_write(path) as temporary:
        temporary.write_bytes(content)


def read_checkpoint(path: PathLike, *, vocabulary: Sequence[str] | None = None) -> Checkpoint:
    """Read a model file and check that its parts fit each other."""
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no model file {path}: check the name, relative to {Path.cwd()}")
    try:
        with safe_open(str(path), framework="numpy") as file:
            metadata = file.metadata() or {}
            if "gluonrnn" not in metadata:
                raise ModelFileError(f"{path} holds weights but was not written by gluonrnn: give a file that it saved")
            header = _header(path, metadata["gluonrnn"])
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)
    except ModelFileError:
        raise
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        cause = readable(error)
        raise ModelFileError(
            f"{path} is not a readable model ({cause}): it is damaged or incomplete, copy it anew or train again"
        ) from None
    checkpoint = _parse(path, header, arrays)
    if vocabulary is not None and list(vocabulary) != checkpoint.vocabulary:
        raise ModelFileError(_other_vocabulary(path, checkpoint.vocabulary, list(vocabulary)))
    return checkpoint


@contextlib.contextmanager
def _explain_damage(path: Path) -> Iterator[None]:
    try:
        yield
    except ModelFileError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        cause = readable(f"it lacks {error}" if isinstance(error, KeyError) else error)
        raise ModelFileError(f"{path} has a damaged header ({cause}): copy it anew or train again") from None


def _header(path: Path, text: str) -> dict[str, Any]:
    """Read the header, and refuse a file that is larger than it says, before any number is read."""
    with _explain_damage(path):
        if len(text) > _LONGEST_HEADER:
            raise ValueError(f"it has {len(text):,} characters, and may have {_LONGEST_HEADER:,}")
        header = json.loads(text)
        if check_count("version", header["version"]) > FORMAT_VERSION:
            raise ModelFileError(f"{path} was written by a newer gluonrnn: pip install --upgrade gluonrnn")
        options = Options(**{name: value for name, value in header["options"].items() if name in OPTION_NAMES})
        vocabulary = header["vocabulary"]
        if (
            not isinstance(vocabulary, list)
            or not vocabulary
            or len(set(vocabulary)) != len(vocabulary)
            or not all(map(_is_character, vocabulary))
        ):
            raise ValueError("its vocabulary is not a list of distinct characters")
    shapes = [*weight_shapes(options, len(vocabulary)).values(), (2, options.batch_size, options.num_hiddens)]
    num_epochs = header["history"] if isinstance(header.get("history"), int) else 0
    allowed = 4 * sum(map(math.prod, shapes)) + 24 * num_epochs + _BESIDE
    size = path.stat().st_size
    if size > allowed:
        raise ModelFileError(
            f"the parts of {path} do not fit each other (it has {size:,} bytes, and such a model at most {allowed:,}): "
            "copy it anew or train again"
        )
    return {**header, "options": options}


def _parse(path: Path, header: dict[str, Any], arrays: dict[str, Any]) -> Checkpoint:
    packed = {name[len(TRAINING) :]: arrays.pop(name) for name in list(arrays) if name.startswith(TRAINING)}
    with _explain_damage(path):
        rows = header["history"]
        if isinstance(rows, int):
            rows = packed.pop(HISTORY).reshape(rows, 3).tolist()
        history = [Epoch(int(epoch), float(value), float(seconds)) for epoch, value, seconds in rows]
        versions = {str(name): str(version) for name, version in header["versions"].items()}
        progress = _progress(packed, header["training"]) if "training" in header else None
    return Checkpoint(arrays, header["vocabulary"], header["options"], history, versions, progress)


def _progress(packed: dict[str, Any], header: Any) -> Progress:
    text, seed = header["text"], header["seed"]
    source = None if text["source"] is None else Source.from_json(text["source"])
    return Progress(
        unpack_state(packed, header["standing"]),
        Text(source, check_count("length", text["length"]), str(text["sha256"])),
        None if seed is None else check_seed(seed),
        {name[len(OPTIMIZER) :]: array for name, array in packed.items() if name.startswith(OPTIMIZER)},
    )


def _is_character(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 1


def _other_vocabulary(path: Path, found: list[str], wanted: list[str]) -> str:
    different = sorted(set(found) ^ set(wanted))
    detail = f"{len(different)} differ, such as {different[0]!r}" if different else "their order differs"
    return (
        f"{path} was trained on another vocabulary ({len(found)} characters instead of {len(wanted)}; {detail}): "
        "load it with the corpus it was trained on"
    )
