"""One file is one model: weights, vocabulary, options and the history of its training.

The file is a `.safetensors`: numbers behind a JSON header, nothing that runs when it is opened.
"""

from __future__ import annotations

import json
import math
import os
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, NamedTuple, Sequence, Union

import numpy as np

from gluonrnn.checks import check_count
from gluonrnn.errors import ModelFileError
from gluonrnn.files import written_whole
from gluonrnn.options import Options
from gluonrnn.training import Epoch

__all__ = ["Checkpoint", "read_checkpoint", "write_checkpoint"]

PathLike = Union[str, "os.PathLike[str]"]

FORMAT_VERSION = 1


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
    """

    weights: dict[str, Any]
    vocabulary: list[str]
    options: Options
    history: list[Epoch]
    versions: dict[str, str]


def write_checkpoint(path: PathLike, checkpoint: Checkpoint) -> None:
    """Write a model file; what stands at `path` is replaced only when the new one is complete.

    Parameters
    ----------
    path : str or path-like
        The file, by habit ``.safetensors``.
    checkpoint : Checkpoint
        What to write.
    """
    from safetensors.numpy import save_file

    header = {
        "version": FORMAT_VERSION,
        "options": asdict(checkpoint.options),
        "vocabulary": checkpoint.vocabulary,
        "history": [[_finite(value) for value in epoch] for epoch in checkpoint.history],
        "versions": checkpoint.versions,
    }
    weights = {name: np.ascontiguousarray(weight) for name, weight in checkpoint.weights.items()}
    with written_whole(path) as temporary:
        save_file(weights, str(temporary), metadata={"gluonrnn": json.dumps(header, allow_nan=False)})


def _finite(value: float) -> float | str:
    """Return a number as JSON has it: infinity and NaN as strings, which `float` reads."""
    return value if math.isfinite(value) else str(value)


def read_checkpoint(path: PathLike, *, vocabulary: Sequence[str] | None = None) -> Checkpoint:
    """Read a model file and check that its parts fit each other.

    Parameters
    ----------
    path : str or path-like
        The file.
    vocabulary : sequence of str, optional
        The vocabulary that the model must have, such as a corpus's ``idx_to_char``.

    Returns
    -------
    Checkpoint

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ModelFileError
        If it is damaged, not a gluonrnn model, of a newer gluonrnn, or of another vocabulary.
    """
    from safetensors import SafetensorError, safe_open

    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no model file {path}: check the name, relative to {Path.cwd()}")
    try:
        with safe_open(str(path), framework="numpy") as file:
            metadata = file.metadata() or {}
            weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (it is no mapping)
    except (SafetensorError, OSError, ValueError, TypeError) as error:
        raise ModelFileError(
            f"{path} is not a readable model ({error}): it is damaged or incomplete, copy it anew or train again"
        ) from None
    if "gluonrnn" not in metadata:
        raise ModelFileError(f"{path} holds weights but was not written by gluonrnn: give a file that it saved")
    checkpoint = _parse(path, metadata["gluonrnn"], weights)
    if vocabulary is not None and list(vocabulary) != checkpoint.vocabulary:
        raise ModelFileError(_other_vocabulary(path, checkpoint.vocabulary, list(vocabulary)))
    return checkpoint


def _parse(path: Path, text: str, weights: dict[str, Any]) -> Checkpoint:
    try:
        header = json.loads(text)
        if check_count("version", header["version"]) > FORMAT_VERSION:
            raise ModelFileError(f"{path} was written by a newer gluonrnn: pip install --upgrade gluonrnn")
        known = {field.name for field in fields(Options)}
        options = Options(**{name: value for name, value in header["options"].items() if name in known})
        vocabulary = header["vocabulary"]
        if (
            not isinstance(vocabulary, list)
            or not vocabulary
            or len(set(vocabulary)) != len(vocabulary)
            or not all(map(_is_character, vocabulary))
        ):
            raise ValueError("its vocabulary is not a list of distinct characters")
        history = [Epoch(int(epoch), float(value), float(seconds)) for epoch, value, seconds in header["history"]]
        versions = {str(name): str(version) for name, version in header["versions"].items()}
    except ModelFileError:
        raise
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError) as error:
        cause = f"it lacks {error}" if isinstance(error, KeyError) else error
        raise ModelFileError(f"{path} has a damaged header ({cause}): copy it anew or train again") from None
    return Checkpoint(weights, vocabulary, options, history, versions)


def _is_character(value: Any) -> bool:
    return isinstance(value, str) and len(value) == 1


def _other_vocabulary(path: Path, found: list[str], wanted: list[str]) -> str:
    different = sorted(set(found) ^ set(wanted))
    detail = f"{len(different)} differ, such as {different[0]!r}" if different else "their order differs"
    return (
        f"{path} was trained on another vocabulary ({len(found)} characters instead of {len(wanted)}; {detail}): "
        "load it with the corpus it was trained on"
    )
