"""A run that was stopped goes on to the bit, or says why it cannot."""

from __future__ import annotations

import contextlib
import inspect
import os
import random
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import gluonrnn as gb
from gluonrnn.training import loop, resuming
from gluonrnn.training.checkpoints import read_checkpoint, write_checkpoint
from gluonrnn.training.options import OPTION_NAMES
from gluonrnn.training.resuming import CHANGEABLE
from tests.matrix import KINDS, combinations

ROOT = str(Path(gb.__file__).resolve().parents[1])
TEXT = "over and under, " * 19 + "and so"
SMALL = {"num_hiddens": 5, "num_steps": 11, "batch_size": 4, "pred_len": 3, "pred_period": 2}
BATCHES = {"random": 7, "consecutive": 6}


@pytest.fixture
def corpus():
    return gb.load_corpus(text=TEXT)


@contextlib.contextmanager
def stopped_after(number, monkeypatch):
    """Press Ctrl-C while a batch is in hand, counted over all epochs, and expect that it ends what is in the block."""
    look, seen = loop.NonFiniteGuard.check, []

    def press(self, *arguments, **keywords):
        look(self, *arguments, **keywords)
        seen.append(1)
        if len(seen) == number:
            signal.raise_signal(signal.SIGINT)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt) as caught:  # noqa: PT012
        patched.setattr(loop.NonFiniteGuard, "check", press)
        yield caught


def content(folder):
    """All that a run came to, but for its times."""
    arrays = safetensors.numpy.load_file(str(Path(folder, "model.safetensors")))
    history = read_checkpoint(Path(folder, "model.safetensors")).history
    return {name: array.tobytes() for name, array in arrays.items()}, [epoch[:2] for epoch in history]


@pytest.fixture(autouse=True)
def ctrl_c_is_python_s():
    # a shell may have started pytest with SIGINT ignored
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize(
    ("cell", "layers", "sampling"),
    combinations(
        *KINDS,
        short=[("rnn", "scratch", "random"), ("gru", "library", "random"), ("lstm", "scratch", "consecutive")],
    ),
)
def test_stopped_and_resumed_equals_straight_on(corpus, cell, layers, sampling, monkeypatch):
    options = {**SMALL, "cell": cell, "layers": layers, "sampling": sampling, "num_epochs": 3}
    gb.fit(corpus, seed=1, out="straight", **options)
    states = random.getstate(), np.random.get_state()[1].tobytes()
    num_batches = BATCHES[sampling]
    # within an epoch, at its last batch, and right behind it
    with stopped_after(3, monkeypatch) as first:
        gb.fit(corpus, seed=1, out="broken", **options)
    assert first.value.model.history == []
    random.seed(99)
    np.random.seed(99)
    with stopped_after(num_batches - 3, monkeypatch) as second:
        gb.resume("broken", corpus)
    assert second.value.model.history == []
    assert read_checkpoint("broken/model.safetensors").progress.state.batch == num_batches
    with stopped_after(num_batches + 2, monkeypatch) as third:
        gb.resume("broken", corpus)
    assert len(third.value.model.history) == 2
    random.seed(98)
    assert len(gb.resume("broken", corpus).history) == 3
    assert content("broken") == content("straight")
    assert (random.getstate(), np.random.get_state()[1].tobytes()) == states


def test_a_new_process_goes_on_to_the_bit():
    Path("own.txt").write_text(TEXT, encoding="utf-8")
    begun = [sys.executable, "-m", "gluonrnn", "train", "-q"]
    small = [f"--{name.replace('_', '-')}={value}" for name, value in SMALL.items()]
    settings = {"env": {**os.environ, "PYTHONPATH": ROOT}, "check": True, "capture_output": True}
    for folder, epochs in (("straight", 4), ("broken", 2)):
        subprocess.run(
            [*begun, "--corpus", "own.txt", "--cell", "gru", *small, f"--epochs={epochs}", "--seed=3", "--out", folder],
            **settings,
        )
    Path("elsewhere").mkdir()
    subprocess.run([*begun, "--resume", str(Path("broken").resolve()), "--epochs", "4"], cwd="elsewhere", **settings)
    assert content("broken") == content("straight")


@pytest.mark.slow
def test_what_a_callback_draws_is_drawn_once(corpus):
    """The random states that are kept are those behind the callback."""

    options = {**SMALL, "sampling": "random", "num_epochs": 4, "seed": 1}
    drawn = {"straight": [], "broken": []}

    def draw(folder, stop):
        return lambda epoch, *result: drawn[folder].append(random.random()) or epoch == stop

    gb.fit(corpus, out="straight", callback=draw("straight", None), **options)
    gb.fit(corpus, out="broken", callback=draw("broken", 1), **options)
    for stop in (2, None):
        random.seed(99)
        gb.resume("broken", corpus, callback=draw("broken", stop))
    assert drawn["broken"] == drawn["straight"]
    assert content("broken") == content("straight")


@pytest.mark.slow
def test_a_finished_run_goes_on_to_more_epochs(corpus):
    gb.fit(corpus, seed=1, out="straight", num_epochs=4, **SMALL)
    gb.fit(corpus, seed=1, out="longer", num_epochs=2, **SMALL)
    assert gb.resume("longer", corpus).options.num_epochs == 2  # nothing is left to do
    assert len(gb.resume("longer", corpus, num_epochs=4).history) == 4
    assert content("longer") == content("straight")


@pytest.mark.slow
def test_a_known_corpus_is_found_again(monkeypatch):
    with stopped_after(2, monkeypatch):
        gb.fit("prose", out="run", num_epochs=1, num_hiddens=3, batch_size=64, num_steps=50, pred_period=0)
    assert len(gb.resume("run").history) == 1


@pytest.mark.slow
def test_a_relative_path_is_found_from_another_folder(monkeypatch, tmp_path):
    Path("own.txt").write_text(TEXT, encoding="utf-8")
    gb.fit("own.txt", out="run", num_epochs=1, **SMALL)
    run = Path("run").resolve()
    monkeypatch.chdir(tmp_path)
    assert len(gb.resume(run, num_epochs=2).history) == 2


@pytest.mark.slow
def test_a_text_that_was_moved_can_be_named(corpus):
    Path("own.txt").write_text(TEXT, encoding="utf-8")
    gb.fit("own.txt", out="run", num_epochs=1, **SMALL)
    Path("own.txt").rename("moved.txt")
    with pytest.raises(FileNotFoundError, match=r"is neither a known corpus .* nor a file"):
        gb.resume("run", num_epochs=2)
    assert len(gb.resume("run", "moved.txt", num_epochs=2).history) == 2
    assert len(gb.resume("run", num_epochs=3).history) == 3  # it is remembered
    assert len(gb.resume("run", corpus, num_epochs=4).history) == 4


@pytest.mark.slow
@pytest.mark.parametrize("other", [TEXT[:-1] + "p", TEXT + "o", TEXT[1:] + "o", "x" + TEXT[1:]])
def test_another_text_is_refused(corpus, other):
    gb.fit(corpus, out="run", num_epochs=1, **SMALL)
    with pytest.raises(
        ValueError, match=r"^the run in run learns from another text \(310 characters, 11 distinct\) than"
    ):
        gb.resume("run", gb.load_corpus(text=other), num_epochs=2)


@pytest.mark.slow
def test_a_corpus_in_memory_is_asked_for(corpus):
    gb.fit(corpus, out="run", num_epochs=1, **SMALL)
    with pytest.raises(
        ValueError, match=r"begun with a text that was in memory, and not in a file: pass the same corpus, or .* text="
    ):
        gb.resume("run")
    assert gb.resume("run", text=TEXT).history


@pytest.mark.parametrize("reading", [{}, {"max_chars": 200, "keep_newlines": True}])
def test_a_text_in_memory_is_read_as_it_was(reading):
    text = TEXT.replace(",", "\n")
    gb.fit(text=text, out="run", num_epochs=1, **reading, **SMALL)
    with pytest.raises(ValueError, match="in memory"):
        gb.resume("run")
    with pytest.raises(TypeError, match="both were given"):
        gb.resume("run", "own.txt", text=text)
    with pytest.raises(ValueError, match=r"learns from another text .* than this \("):
        gb.resume("run", text=text[1:])
    assert len(gb.resume("run", text=text, num_epochs=2).history) == 2
    Path("own.txt").write_text(text, encoding="utf-8")
    assert len(gb.resume("run", "own.txt", num_epochs=3).history) == 3
    assert len(gb.resume("run", num_epochs=4).history) == 4


CHANGES = {
    "num_epochs": 3,
    "lr": 7.0,
    "clipping_theta": None,
    "pred_period": 1,
    "pred_len": 1,
    "prefixes": ["and"],
}


def test_resume_names_what_may_change():
    own, of_fit = (inspect.signature(function).parameters for function in (gb.resume, gb.fit))
    assert sorted(CHANGES) == sorted(CHANGEABLE) == sorted(set(own) & set(OPTION_NAMES))
    assert list(own)[2:] == [name for name in of_fit if name in own and name != "corpus"]
    for name in set(own) - set(CHANGEABLE) - {"run", "corpus"}:
        assert own[name].default == of_fit[name].default


@pytest.mark.slow
def test_some_options_may_change(corpus):
    gb.fit(corpus, out="run", num_epochs=1, **SMALL)
    before = read_checkpoint("run/model.safetensors").options
    assert gb.resume("run", corpus).options == before
    options = gb.resume("run", corpus, **CHANGES).options
    assert options == replace(before, **CHANGES)
    assert read_checkpoint("run/model.safetensors").options == options


@pytest.mark.slow
def test_a_smaller_learning_rate_is_one(corpus):
    gb.fit(corpus, seed=1, out="a", num_epochs=1, **SMALL)
    gb.fit(corpus, seed=1, out="b", num_epochs=1, **SMALL)
    gb.resume("a", corpus, num_epochs=2, lr=1e-9)
    gb.resume("b", corpus, num_epochs=2)
    first, second = (safetensors.numpy.load_file(f"{name}/model.safetensors")["W_hh"] for name in "ab")
    assert not np.array_equal(first, second)


@pytest.mark.slow
def test_what_another_process_wrote_meanwhile_is_not_rolled_back(corpus, monkeypatch):
    gb.fit(corpus, seed=1, out="run", num_epochs=1, **SMALL)
    text_again, seen = resuming.text_again, []

    def meanwhile(*arguments):
        if not seen:
            seen.append(1)
            with pytest.raises(BlockingIOError, match="another run is writing into run"):
                gb.resume("run", corpus, num_epochs=9)
        return text_again(*arguments)

    monkeypatch.setattr("gluonrnn.training.fitting.text_again", meanwhile)
    assert len(gb.resume("run", corpus, num_epochs=2).history) == 2
    assert seen


@pytest.mark.slow
def test_a_resume_that_is_refused_holds_nothing(corpus):
    gb.fit(corpus, out="run", num_epochs=1, **SMALL)
    with pytest.raises(TypeError, match="lr must be"):
        gb.resume("run", corpus, lr="fast")
    assert len(gb.resume("run", corpus, num_epochs=2).history) == 2


@pytest.mark.slow
def test_an_interrupted_run_takes_the_place_of_another_when_it_is_resumed(corpus, monkeypatch):
    gb.fit(corpus, seed=1, out="run", num_epochs=1, **SMALL)
    with stopped_after(BATCHES["consecutive"] + 2, monkeypatch):
        gb.fit(corpus, seed=2, out="run", overwrite=True, num_epochs=3, **SMALL)
    assert len(read_checkpoint("run/model.safetensors").history) == 1
    gb.resume("run/unfinished", corpus)
    assert len(read_checkpoint("run/model.safetensors").history) == 3
    assert not Path("run/unfinished").exists()


@pytest.mark.slow
def test_a_callback_may_go_elsewhere(corpus):
    def go(epoch, *result):
        Path("other").mkdir(exist_ok=True)
        os.chdir("other")

    gb.fit(corpus, seed=1, out="run", num_epochs=2, callback=go, checkpoint_epochs=1, **SMALL)
    assert len(read_checkpoint("../../run/model.safetensors").history) == 2


def test_a_path_is_a_file_and_never_a_known_name():
    Path("lyrics").write_text(TEXT, encoding="utf-8")
    assert len(gb.fit(Path("lyrics"), num_epochs=1, **SMALL).idx_to_char) == 11


def test_a_folder_without_a_run():
    Path("run").mkdir()
    with pytest.raises(FileNotFoundError, match=r"^there is no run in run \(no model.safetensors\): name the folder"):
        gb.resume("run")


def test_a_model_that_was_saved_has_no_training(corpus):
    gb.fit(corpus, num_epochs=1, **SMALL).save("run/model.safetensors")
    with pytest.raises(gb.ModelFileError, match="does not say where its training stood: give the folder of a run"):
        gb.resume("run", corpus)


def test_a_model_of_a_run_can_be_loaded_and_saved_for_others(corpus):
    model = gb.fit(corpus, seed=1, out="run", num_epochs=1, **SMALL)
    again = gb.load("run/model.safetensors")
    assert again.generate(prefix="over", length=20) == model.generate(prefix="over", length=20)
    again.save("shared.safetensors")
    assert read_checkpoint("shared.safetensors").progress is None


def test_parts_that_do_not_fit_are_refused(corpus, monkeypatch):
    with stopped_after(3, monkeypatch):
        gb.fit(corpus, out="run", num_epochs=2, **SMALL)
    path = "run/model.safetensors"
    good = read_checkpoint(path)
    state = good.progress.state
    for other, words in (
        (state._replace(epoch=2), "says that it stands in epoch 2, but its history has 0"),
        (
            state._replace(hidden=[np.zeros((4, 6), "float32")]),
            "has a hidden state that does not fit its model",
        ),
    ):
        write_checkpoint(path, good._replace(progress=good.progress._replace(state=other)))
        with pytest.raises(gb.ModelFileError, match=words):
            gb.resume("run", corpus)


@pytest.mark.slow
def test_what_was_reported_is_not_reported_again(corpus, recwarn):
    options = {**SMALL, "num_epochs": 1, "lr": 1e38, "clipping_theta": None}
    gb.fit(corpus, out="run", **options)
    assert [warning.category for warning in recwarn] == [gb.NonFiniteLossWarning]
    gb.resume("run", corpus, num_epochs=2)
    assert len(recwarn) == 1
    with pytest.raises(gb.NonFiniteLossError):
        gb.resume("run", corpus, num_epochs=3, on_nonfinite="raise")
