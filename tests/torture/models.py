"""Model files from strangers: damaged, made up, and judged by a reader of our own."""

from __future__ import annotations

import math
import random
from dataclasses import fields
from functools import lru_cache
from pathlib import Path

import gluonrnn as gb
from gluonrnn.training.checkpoints import Progress, read_checkpoint, write_checkpoint
from gluonrnn.training.language_model import LanguageModel
from gluonrnn.training.loop import Epoch
from gluonrnn.training.networks import new_network, weight_shapes, weights_of
from gluonrnn.training.options import CELL_NAMES, LAYER_KINDS, Options
from gluonrnn.training.resuming import progress_of, state_on_device
from gluonrnn.training.sources import Source, Text
from gluonrnn.training.state import RandomStates, TrainingState
from tests.torture.cases import Case, WrongError, check_message
from tests.torture.headers import SAME, STRUCTURED, taken_apart
from tests.torture.raw import damaged

VOCABULARIES = ("ab\n", "ab\x1b分😀", "".join(map(chr, range(40, 70))))


@lru_cache(maxsize=None)
def seeds(folder: str) -> tuple[bytes, ...]:
    """Return good model files: of each cell and kind of layers, with and without what a training goes on with."""
    path, made = Path(folder, "seed.safetensors"), []
    for number, (cell, layers) in enumerate((cell, layers) for cell in CELL_NAMES for layers in LAYER_KINDS):
        vocabulary = list(VOCABULARIES[number % len(VOCABULARIES)])
        options = Options(cell=cell, layers=layers, num_hiddens=number % 3 + 2, batch_size=2, prefixes=vocabulary[:1])
        gb.seed(number)
        network = new_network(options, len(vocabulary), gb.try_gpu())
        model = LanguageModel(
            options, vocabulary, network, gb.try_gpu(), [Epoch(1, 3.5, 0.25), Epoch(2, math.inf, 0.5)]
        )
        hidden = network.begin_state(batch_size=2, ctx=gb.try_gpu())
        state = TrainingState(3, RandomStates.now(), 4, 7.5, 70.0, hidden if number % 2 else None, seconds=0.5)
        text = Text(Source("prose") if number % 2 else None, 100, "0" * 64)
        for progress in (None, Progress(state, text, number)):
            write_checkpoint(path, model.checkpoint(progress))
            made.append(path.read_bytes())
    return tuple(made)


def make(rng: random.Random, folder: str) -> Case:
    """Return a model file that may be anything."""
    content = rng.choice(seeds(folder))
    if rng.random() < 0.4:
        kind, made = damaged(content, rng)
        return Case(f"model, raw: {kind}", "model.safetensors", made)
    mutate = rng.choice(STRUCTURED)
    made = mutate(*taken_apart(content), rng)
    return Case(f"model: {mutate.__name__}", "model.safetensors", made, must_load=mutate in SAME)


# --- the judge ---


def judge(case: Case, path: Path) -> str:
    """Load a model file, write with it, and make ready to train on; return what came of it, or raise `WrongError`."""
    try:
        model = gb.load(path)
    except gb.ModelFileError as error:
        check_message(error, path)
        return "ModelFileError"
    check_model(model, case.content)
    char = model.idx_to_char[0]
    try:
        text = model.generate(prefix=char, length=2)
    except ValueError as error:
        if "finite" not in str(error):
            raise
    else:
        if len(text) != 3 or not set(text) <= set(model.idx_to_char):
            raise WrongError(f"it wrote {text!r}")
    return go_on(model, path)


def go_on(model: LanguageModel, path: Path) -> str:
    checkpoint = read_checkpoint(path)
    if checkpoint.progress is None:
        return "loaded"
    try:
        state = state_on_device(path, progress_of(path, checkpoint).state, model)
    except gb.ModelFileError as error:
        check_message(error, path)
        return "loaded, but cannot train on"
    state.random_states.restore()
    return "loaded"


def check_model(model: LanguageModel, content: bytes) -> None:
    """Raise unless a model is what the file says, read without the package."""
    tensors, header, numbers = taken_apart(content)
    if model.idx_to_char != header["vocabulary"]:
        raise WrongError("the vocabulary is another")
    for field in fields(Options):
        found, said = getattr(model.options, field.name), header["options"].get(field.name, "as by default")
        if said != "as by default" and found != (tuple(said) if isinstance(said, list) else said):
            raise WrongError(f"the option {field.name} is {found!r}")
    if [epoch for epoch, *_ in model.history] != [int(entry[0]) for entry in header["history"]]:
        raise WrongError("the history is another")
    shapes = weight_shapes(model.options, len(model.idx_to_char))
    for name, weight in weights_of(model.network, model.options).items():
        start, end = tensors[name]["data_offsets"]
        if weight.shape != shapes[name] or weight.asnumpy().tobytes() != numbers[start:end]:
            raise WrongError(f"the weight {name} is another")
