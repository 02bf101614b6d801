"""Model files: what is written comes back, and what is damaged is refused."""

from __future__ import annotations

import json
import math
import pickle
import random
import re
import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import example, given, settings
from hypothesis import strategies as st

import gluonrnn as gb
from gluonrnn.training import checkpoints, networks
from gluonrnn.training.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from gluonrnn.training.loop import Epoch
from gluonrnn.training.networks import weight_shapes
from gluonrnn.training.options import Options

OPTIONS = Options(cell="gru", num_hiddens=3, num_steps=7, batch_size=4, prefixes=["ab"])
VOCABULARY = ["a", "b", "\n", "分", "😀"]


def drawn_weights(options=OPTIONS, vocabulary=VOCABULARY):
    rng = np.random.default_rng(1)
    return {
        name: rng.normal(size=shape).astype("float32")
        for name, shape in weight_shapes(options, len(vocabulary)).items()
    }


def checkpoint(**changes):
    parts = {
        "weights": drawn_weights(),
        "vocabulary": VOCABULARY,
        "options": OPTIONS,
        "history": [Epoch(1, 3.5, 0.25), Epoch(2, 1.25, 0.5)],
        "versions": {"gluonrnn": "0.1.0", "mxnet": "1.9.1"},
    }
    return Checkpoint(**{**parts, **changes})


@pytest.fixture
def path(tmp_path):
    return tmp_path / "model.safetensors"


@pytest.fixture
def good(path):
    """A file that is as it should be."""
    write_checkpoint(path, checkpoint())
    return path


def write_header(path, header=None, *, weights=None, **changes):
    """Write a model file with a header of one's own, or the right one with changes."""
    if header is None:
        right = {
            "version": 1,
            "options": asdict(OPTIONS),
            "vocabulary": VOCABULARY,
            "history": [[1, 3.5, 0.25]],
            "versions": {"gluonrnn": "0.1.0"},
        }
        header = json.dumps({**right, **changes})
    safetensors.numpy.save_file(weights or drawn_weights(), str(path), metadata={"gluonrnn": header})


def assert_same(found, expected):
    """Compare two checkpoints; NaN is equal to NaN."""
    assert list(found.weights) == sorted(expected.weights)
    for name, weight in expected.weights.items():
        assert found.weights[name].dtype == weight.dtype == np.float32
        np.testing.assert_array_equal(found.weights[name], weight)
    assert found.vocabulary == list(expected.vocabulary)
    assert found.options == expected.options
    assert found.versions == expected.versions
    assert len(found.history) == len(expected.history)
    for one, other in zip(found.history, expected.history):
        assert isinstance(one, Epoch)
        np.testing.assert_equal(tuple(one), tuple(other))


vocabularies = st.text(min_size=1, max_size=30).map(lambda text: list(dict.fromkeys(text)))
positive = st.floats(min_value=1e-6, max_value=1e6)
all_options = st.builds(
    Options,
    sampling=st.sampled_from(["consecutive", "random"]),
    num_epochs=st.integers(0, 2**31 - 1),
    num_steps=st.integers(1, 10**6),
    batch_size=st.integers(1, 10**6),
    lr=st.floats(-1e6, 1e6),
    clipping_theta=st.none() | positive,
    pred_period=st.integers(0, 1000),
    pred_len=st.integers(0, 1000),
    prefixes=st.lists(st.text(max_size=5), max_size=3),
    cell=st.sampled_from(["rnn", "gru", "lstm"]),
    layers=st.sampled_from(["scratch", "library"]),
    num_hiddens=st.integers(1, 5),
)
histories = st.lists(
    st.builds(
        Epoch,
        st.integers(1, 10**6),
        st.floats(min_value=1) | st.sampled_from([math.inf, math.nan]),
        st.floats(min_value=0, max_value=1e9),
    ),
    max_size=5,
)


@settings(max_examples=30)
@given(vocabulary=vocabularies, options=all_options, history=histories)
@example(vocabulary=["\n", "\r", "\x00", '"', "\\", "😀", "分"], options=OPTIONS, history=[Epoch(1, math.inf, 0.0)])
@example(vocabulary=["a"], options=Options(clipping_theta=None), history=[Epoch(1, math.nan, 1e-9)])
def test_what_is_written_comes_back(vocabulary, options, history):
    written = checkpoint(
        weights=drawn_weights(options, vocabulary), vocabulary=vocabulary, options=options, history=history
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.safetensors"
        write_checkpoint(file, written)
        assert_same(read_checkpoint(file), written)
        assert_same(read_checkpoint(str(file), vocabulary=tuple(vocabulary)), written)


def test_weights_come_back_to_the_bit_whatever_they_are(path):
    weights = drawn_weights()
    weights["W_hq"].flat[:4] = [np.nan, np.inf, -np.inf, -0.0]
    weights["W_xh"] = np.asfortranarray(weights["W_xh"])
    write_checkpoint(path, checkpoint(weights=weights))
    found = read_checkpoint(path).weights
    for name, weight in weights.items():
        assert found[name].tobytes() == weight.tobytes()


def test_options_that_were_numpy_numbers_come_back_as_pythons_own(path):
    options = Options(num_hiddens=np.int64(3), lr=np.float32(0.5), clipping_theta=np.float64(0.25), cell="gru")
    write_checkpoint(path, checkpoint(options=options))
    found = read_checkpoint(path).options
    assert found == options == Options(num_hiddens=3, lr=0.5, clipping_theta=0.25, cell="gru")
    assert [type(value) for value in (found.num_hiddens, found.lr, found.clipping_theta)] == [int, float, float]


@pytest.mark.slow
def test_a_history_of_any_length_comes_back(path):
    history = [Epoch(epoch, 1 + 1 / epoch, 1e-3 * epoch) for epoch in range(1, 600_001)]
    history[7] = Epoch(8, math.inf, 0.0)
    write_checkpoint(path, checkpoint(history=history))
    assert read_checkpoint(path).history == history
    assert gb.load(path).history[-1] == history[-1]


@pytest.mark.parametrize(
    "rows",
    [np.zeros((3, 3)), np.zeros((2, 4)), np.zeros(7), np.full((2, 3), np.nan), None],
)
def test_a_long_history_that_does_not_fit_is_refused(path, rows, monkeypatch):
    weights = drawn_weights()
    if rows is not None:
        weights["training.history"] = rows
    write_header(path, weights=weights, version=3, history=2)
    with pytest.raises(gb.ModelFileError, match=r"has a damaged header|not a readable model"):
        read_checkpoint(path)


def test_a_long_history_makes_room_for_itself_alone(path, monkeypatch):
    """A file may be larger by the history that it claims, and not by anything else."""
    monkeypatch.setattr(checkpoints, "_LONG_HISTORY", 2)
    monkeypatch.setattr(checkpoints, "_BESIDE", 4000)
    history = [Epoch(epoch, 2.0, 1.0) for epoch in range(1, 1001)]
    write_checkpoint(path, checkpoint(history=history))
    assert read_checkpoint(path).history == history
    weights = drawn_weights()
    weights["training.history"] = np.zeros((1000, 3))
    write_header(path, weights=weights, version=3, history=2)
    with pytest.raises(gb.ModelFileError, match=r"do not fit each other .*such a model at most"):
        read_checkpoint(path)


def test_a_file_is_replaced(good):
    write_checkpoint(good, checkpoint(history=[]))
    assert read_checkpoint(good).history == []
    assert [file.name for file in good.parent.iterdir()] == [good.name]


@pytest.mark.parametrize("error", [OSError("no space left on device"), KeyboardInterrupt("pressed")])
def test_a_write_that_fails_half_way_leaves_the_old_file(good, error, monkeypatch):
    before = good.read_bytes()

    def fail_half_way(self, content):
        with open(self, "wb") as file:
            file.write(content[:100])
        raise error

    monkeypatch.setattr(Path, "write_bytes", fail_half_way)
    with pytest.raises(type(error), match=re.escape(str(error))):
        write_checkpoint(good, checkpoint(history=[]))
    assert good.read_bytes() == before
    assert [file.name for file in good.parent.iterdir()] == [good.name]


# damage


def test_a_truncated_file_is_refused_wherever_it_ends(good):
    content = good.read_bytes()
    cut = good.with_name("cut.safetensors")
    lengths = {*range(0, 40), *range(40, len(content), 37), len(content) - 4, len(content) - 1}
    for length in sorted(lengths):
        cut.write_bytes(content[:length])
        with pytest.raises(gb.ModelFileError, match=r"not a readable model .* damaged or incomplete, copy it anew"):
            read_checkpoint(cut)


OTHER_FILES = {
    "empty": b"",
    "text": b"this is a text\n" * 20,
    "zeros": bytes(1000),
    "no weights": b"\x02\x00\x00\x00\x00\x00\x00\x00{}",
    "noise": random.Random(5).getrandbits(8 * 2000).to_bytes(2000, "little"),
}


@pytest.mark.parametrize("content", OTHER_FILES.values(), ids=OTHER_FILES)
def test_another_kind_of_file_is_refused(path, content):
    path.write_bytes(content)
    with pytest.raises(gb.ModelFileError, match=r"not a readable model|was not written by gluonrnn"):
        read_checkpoint(path)


def test_bytes_after_the_end_are_refused(good):
    good.write_bytes(good.read_bytes() + b"\x00")
    with pytest.raises(gb.ModelFileError, match="damaged or incomplete"):
        read_checkpoint(good)


@settings(max_examples=60)
@given(data=st.data())
def test_changed_bytes_are_refused_or_load(data):
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "model.safetensors"
        write_checkpoint(file, checkpoint())
        content = bytearray(file.read_bytes())
        end_of_header = 8 + int.from_bytes(content[:8], "little")
        for _ in range(data.draw(st.integers(1, 4))):
            # the header is where a changed byte can do harm
            position = data.draw(st.integers(0, end_of_header) | st.integers(0, len(content) - 1))
            content[position] = data.draw(st.integers(0, 255))
        file.write_bytes(content)
        try:
            model = gb.load(file)
        except gb.ModelFileError as error:
            if str(file) not in str(error):
                pytest.fail(f"the file is not named: {error}")
        else:
            shapes = weight_shapes(model.options, len(model.idx_to_char))
            assert len(set(model.idx_to_char)) == len(VOCABULARY)
            assert {param.shape for param in networks.weights_of(model.network, model.options).values()} == {
                *shapes.values()
            }


def test_a_file_of_another_program_is_refused(path):
    safetensors.numpy.save_file(drawn_weights(), str(path), metadata={"format": "pt"})
    with pytest.raises(gb.ModelFileError, match="holds weights but was not written by gluonrnn: give a file"):
        read_checkpoint(path)
    safetensors.numpy.save_file(drawn_weights(), str(path))
    with pytest.raises(gb.ModelFileError, match="was not written by gluonrnn"):
        read_checkpoint(path)


def with_option(**options):
    return {"options": {**asdict(OPTIONS), **options}}


# whole headers, and changes of a good one
DAMAGED = {
    "no header": "",
    "cut": "{",
    "null": "null",
    "a list": "[]",
    "nothing in it": "{}",
    "deeply nested": "[" * 100_000,
    "version is a string": {"version": "1"},
    "no version": {"version": None},
    "no options": {"options": None},
    "options are a list": {"options": []},
    "options are a string": {"options": "gru"},
    "no vocabulary": {"vocabulary": None},
    "vocabulary is empty": {"vocabulary": []},
    "vocabulary of numbers": {"vocabulary": [1, 2, 3, 4, 5]},
    "vocabulary of lists": {"vocabulary": [["a"], "b", "c", "d", "e"]},
    "no history": {"history": None},
    "history is a number": {"history": 5},
    "history of pairs": {"history": [[1, 2.0]]},
    "perplexity is a word": {"history": [[1, "much", 1.0]]},
    "epoch is nan": {"history": [[math.nan, 2.0, 1.0]]},
    "epoch is infinite": {"history": [[math.inf, 2.0, 1.0]]},
    "perplexity is no float": {"history": [[1, 10**400, 1.0]]},
    "no versions": {"versions": None},
    "versions are a list": {"versions": ["0.1.0"]},
    "unknown cell": with_option(cell="transformer"),
    "cell is a list": with_option(cell=["gru"]),
    "no layers": with_option(layers=None),
    "num_hiddens is 0": with_option(num_hiddens=0),
    "num_hiddens is no int": with_option(num_hiddens=2.5),
    "num_hiddens is a string": with_option(num_hiddens="3"),
    "clipping_theta is negative": with_option(clipping_theta=-1.0),
    "history is less than nothing": {"history": -1},
    "history is true": {"history": True},
    "lr is infinite": with_option(lr=math.inf),
    "lr is no float": with_option(lr=10**400),
    "prefixes are a string": with_option(prefixes="ab"),
    "prefixes are a number": with_option(prefixes=5),
    "prefixes of numbers": with_option(prefixes=[1]),
}


def said_of(path):
    try:
        return f"it is taken: {read_checkpoint(path)}"
    except gb.ModelFileError as error:
        return str(error)


def test_a_damaged_header_is_refused(path):
    said = {}
    for what, header in DAMAGED.items():
        if isinstance(header, str):
            write_header(path, header)
        else:
            write_header(path, **header)
        said[what] = said_of(path)
    assert {what: words for what, words in said.items() if "has a damaged header" not in words} == {}


def test_a_header_without_one_of_its_parts_names_it(path):
    write_header(path)
    with safetensors.safe_open(str(path), framework="numpy") as file:
        whole = json.loads(file.metadata()["gluonrnn"])
    for missing in ("version", "options", "vocabulary", "history", "versions"):
        write_header(path, json.dumps({name: part for name, part in whole.items() if name != missing}))
        with pytest.raises(gb.ModelFileError, match=f"has a damaged header .*{missing}"):
            read_checkpoint(path)


@pytest.mark.parametrize("version", [4, 10**6])
def test_a_file_of_a_newer_gluonrnn_is_refused(path, version):
    write_header(path, version=version)
    with pytest.raises(gb.ModelFileError, match="was written by a newer gluonrnn: pip install --upgrade gluonrnn"):
        read_checkpoint(path)


def test_an_option_of_a_later_day_is_passed_over(path):
    write_header(path, **with_option(dropout=0.5))
    assert read_checkpoint(path).options == OPTIONS


def test_a_vocabulary_that_is_no_list_of_distinct_characters_is_refused(path):
    for vocabulary in (
        ["a", "a", "b", "c", "d"],
        ["ab", "c", "d", "e", "f"],
        ["", "a", "b", "c", "d"],
        "abcde",
        {"a": 0},
    ):
        write_header(path, vocabulary=vocabulary)
        with pytest.raises(gb.ModelFileError, match="vocabulary is not a list of distinct characters"):
            read_checkpoint(path)


# parts that do not fit each other: `load` finds out, since it builds the network


@pytest.mark.parametrize(
    ("name", "weight", "words"),
    [
        ("W_hq", None, "the weight W_hq is missing"),
        ("W_zz", np.zeros(2, "float32"), "the weight W_zz is unknown"),
        ("W_hq", np.zeros((5, 3), "float32"), r"W_hq has shape \(5, 3\) \(float32\) instead of \(3, 5\)"),
        ("b_q", np.zeros(5, "float64"), r"b_q has shape \(5,\) \(float64\) instead of \(5,\) \(float32\)"),
        ("b_q", np.zeros((), "float32"), r"b_q has shape \(\) \(float32\)"),
    ],
)
def test_weights_that_do_not_fit_are_refused(path, name, weight, words):
    weights = drawn_weights()
    weights.pop(name, None)
    if weight is not None:
        weights[name] = weight
    write_header(path, weights=weights)
    with pytest.raises(gb.ModelFileError, match=f"the parts of .* do not fit each other .*{words}.*train again"):
        gb.load(path)


def test_a_header_that_does_not_fit_the_weights_is_refused(path):
    for changes in (
        {"vocabulary": VOCABULARY[:-1]},
        {"vocabulary": [*VOCABULARY, "x"]},
        with_option(cell="rnn"),
        with_option(layers="library"),
        with_option(num_hiddens=4),
    ):
        write_header(path, **changes)
        with pytest.raises(gb.ModelFileError, match="do not fit each other"):
            gb.load(path)


@pytest.mark.parametrize(("layers", "num_hiddens"), [("scratch", 10**30), ("library", 10**9), ("library", 10**30)])
def test_a_huge_size_is_refused_before_anything_is_allocated(path, layers, num_hiddens, monkeypatch):
    def allocate(*arguments, **keywords):
        pytest.fail("something was allocated")

    for name in ("zeros", "array"):
        monkeypatch.setattr(networks.nd, name, allocate)
    monkeypatch.setattr(networks, "RNNModel", allocate)
    write_header(path, **with_option(num_hiddens=num_hiddens, layers=layers))
    with pytest.raises(gb.ModelFileError, match=r"do not fit each other|num_hiddens must be at most 2147483647"):
        gb.load(path)


# vocabularies


def test_the_vocabulary_that_is_asked_for_is_accepted(good):
    assert gb.load(good, vocabulary=VOCABULARY).idx_to_char == VOCABULARY


@pytest.mark.parametrize(
    ("vocabulary", "reason"),
    [
        (VOCABULARY[:-1], r"5 characters instead of 4; 1 differ, such as '😀'"),
        ([*VOCABULARY[:-1], "x"], r"5 characters instead of 5; 2 differ, such as 'x'"),
        (VOCABULARY[::-1], "5 characters instead of 5; their order differs"),
        ([], "5 characters instead of 0; 5 differ"),
    ],
)
def test_another_vocabulary_is_refused_with_the_reason(good, vocabulary, reason):
    with pytest.raises(gb.ModelFileError, match=f"another vocabulary .{reason}"):
        read_checkpoint(good, vocabulary=vocabulary)


# safety


class Trap:
    """Makes a file when it is unpickled."""

    def __init__(self, path):
        self.path = str(path)

    def __reduce__(self):
        return open, (self.path, "w")


def test_a_pickle_is_refused_and_not_run(path):
    sprung = path.with_name("sprung")
    path.write_bytes(pickle.dumps(Trap(sprung)))
    with pytest.raises(gb.ModelFileError, match="not a readable model"):
        gb.load(path)
    assert not sprung.exists()
