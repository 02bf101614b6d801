"""Model files of strangers can do nothing but fail: a test for each kind of trouble that was found, or thought of."""

from __future__ import annotations

import json
import os
import tracemalloc

import numpy as np
import pytest

import gluonrnn as gb
from gluonrnn.training import checkpoints
from gluonrnn.training.checkpoints import read_checkpoint
from gluonrnn.training.language_model import LanguageModel
from gluonrnn.training.resuming import progress_of, state_on_device
from tests.torture.headers import framed, put_together, taken_apart
from tests.torture.models import seeds

ESCAPES = "\x1b[2J\x1b]0;x\x07\n"


@pytest.fixture(scope="module")
def contents(tmp_path_factory):
    """Good files of every kind, as bytes."""
    return seeds(str(tmp_path_factory.mktemp("seeds")))


@pytest.fixture
def parts(contents):
    """A good file, in its parts: the tensors' header, gluonrnn's own, and the numbers."""
    return taken_apart(contents[0])


def is_refused(content, words):
    with open("model.safetensors", "wb") as file:
        file.write(content)
    with pytest.raises(gb.ModelFileError, match=words) as caught:
        gb.load("model.safetensors")
    message = str(caught.value)
    assert "model.safetensors" in message
    assert message.isprintable()
    assert len(message) < 400


# --- what an error shows ---


def test_name_of_a_weight_is_shown_escaped_and_short(parts):
    tensors, _, numbers = parts
    for name in (ESCAPES, "x" * 10_000, "\0"):
        extra = {name: {"dtype": "F32", "shape": [0], "data_offsets": [len(numbers)] * 2}}
        is_refused(put_together({**tensors, **extra}, None, numbers), "do not fit each other .the weight")


def test_name_in_what_safetensors_says_is_shown_escaped(parts):
    tensors, _, numbers = parts
    extra = {ESCAPES: {"dtype": "F32", "shape": [1], "data_offsets": [7, 11]}}
    is_refused(put_together({**tensors, **extra}, None, numbers), r"not a readable model .*\[2J")


@pytest.mark.parametrize("name", ["cell", "layers", "num_hiddens", "lr", "prefixes"])
def test_option_is_shown_escaped_and_short(name, parts):
    tensors, header, numbers = parts
    for value in (ESCAPES, "x" * 100_000, [*range(1000), ESCAPES], 10**4000):
        header["options"][name] = value
        is_refused(put_together(tensors, header, numbers), "damaged header")


def test_foreign_metadata_is_shown_short(parts):
    tensors, _, numbers = parts
    for metadata in ("1" * 5000, ["x" * 100_000], {"gluonrnn": 3}):
        is_refused(put_together({**tensors, "__metadata__": metadata}, None, numbers), "not a readable model")


# --- what takes time and memory ---


def test_numbers_beside_the_weights_are_not_read(parts):
    tensors, _, numbers = parts
    size = 1 << 30
    extra = {"extra": {"dtype": "F32", "shape": [size // 4], "data_offsets": [len(numbers), len(numbers) + size]}}
    content = put_together({**tensors, **extra}, None, numbers)
    with open("model.safetensors", "wb") as file:
        file.write(content)
        file.truncate(len(content) + size)  # nothing of it is on the disk
    tracemalloc.start()
    with pytest.raises(
        gb.ModelFileError, match=r"do not fit each other \(it has 1,0.* bytes, and such a model at most 1"
    ):
        gb.load("model.safetensors")
    assert tracemalloc.get_traced_memory()[1] < 16 << 20
    tracemalloc.stop()


def test_file_of_five_gigabytes_of_nothing():
    with open("model.safetensors", "wb") as file:
        file.truncate(5 << 30)
    with pytest.raises(gb.ModelFileError, match="not a readable model"):
        gb.load("model.safetensors")


def test_long_header_is_not_even_parsed(parts, monkeypatch):
    tensors, header, numbers = parts
    monkeypatch.setattr(checkpoints, "_LONGEST_HEADER", 5000)
    header["history"] = [[1, 2, 3]] * 1000
    is_refused(put_together(tensors, header, numbers), r"damaged header \(it has [\d,]+ characters, and may have 5,000")


def test_hidden_state_for_a_huge_batch_is_not_made(contents, tmp_path):
    tensors, header, numbers = taken_apart(contents[3])
    header["options"]["batch_size"] = 10**9
    path = tmp_path / "model.safetensors"
    path.write_bytes(put_together(tensors, header, numbers))
    model, checkpoint = gb.load(path), read_checkpoint(path)
    assert isinstance(model, LanguageModel)
    assert checkpoint.progress.state.hidden is not None
    with pytest.raises(gb.ModelFileError, match="has a hidden state that does not fit its model"):
        state_on_device(path, progress_of(path, checkpoint).state, model)


def test_hidden_state_of_every_kind_of_model_comes_back(contents, tmp_path):
    found = 0
    for content in contents:
        path = tmp_path / "model.safetensors"
        path.write_bytes(content)
        progress = read_checkpoint(path).progress
        if progress is not None and progress.state.hidden is not None:
            model = gb.load(path)
            state = state_on_device(path, progress.state, model).hidden
            own = model.network.begin_state(batch_size=2, ctx=model.ctx)
            assert [part.shape for part in state] == [part.shape for part in own]
            found += 1
    assert found == 3


def test_odd_json_is_refused(parts):
    tensors, _, numbers = parts
    for text in ("[" * 100_000, '{"a":' * 100_000, '{"version": ' + "1" * 1_000_000 + "}", "1e999999"):
        is_refused(put_together(tensors, text, numbers), "damaged header")
    for frame in ("[" * 200_000, '{"a":' * 200_000, " " * 200_000, "{}" * 1000):
        is_refused(framed(frame, b""), "not a readable model")


# --- what is no file ---


def test_pipe_device_folder_and_loop_of_links_are_no_files_and_not_waited_for(tmp_path):
    os.mkfifo("pipe")
    os.symlink("two", "one")
    os.symlink("one", "two")
    for path in ("pipe", "/dev/zero", "one", tmp_path):
        with pytest.raises(FileNotFoundError, match="there is no model file"):
            gb.load(path)


# --- what loads, and does no harm ---


@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_weights_that_are_not_finite_load_and_write_nothing(value, parts):
    tensors, _, numbers = parts
    filled = np.full(len(numbers) // 4, value, dtype="float32").tobytes()
    with open("model.safetensors", "wb") as file:
        file.write(put_together(tensors, None, filled))
    model = gb.load("model.safetensors")
    with pytest.raises(ValueError, match="finite"):
        model.generate(prefix=model.idx_to_char[0], length=3)


def test_header_with_a_doubled_key_is_read_as_json_is(parts):
    tensors, header, numbers = parts
    text = json.dumps(header)
    with open("model.safetensors", "wb") as file:
        file.write(put_together(tensors, f'{{"vocabulary": 3, {text[1:]}', numbers))
    assert gb.load("model.safetensors").idx_to_char == header["vocabulary"]
