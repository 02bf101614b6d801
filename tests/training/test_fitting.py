"""Fitting a model on a corpus: what it learns, what it reports, and what it refuses."""

from __future__ import annotations

import inspect
import os
import re
import signal
import subprocess
import sys
import warnings
from dataclasses import fields
from pathlib import Path

import mxnet as mx
import numpy as np
import pytest

import gluonrnn as gb
from gluonrnn.training import loop
from tests.comparing import assert_equal_weights, weights

SMALL = {"num_hiddens": 16, "num_steps": 7, "batch_size": 4}
LAYER_KINDS = ("scratch", "library")


@pytest.mark.slow
@pytest.mark.parametrize("sampling", ["random", "consecutive"])
@pytest.mark.parametrize("layers", LAYER_KINDS)
@pytest.mark.parametrize(("cell", "num_epochs"), [("rnn", 40), ("gru", 30), ("lstm", 35)])
def test_a_repeating_text_is_learnt(cell, num_epochs, layers, sampling):
    # whether b or c follows an a is told by the character before it
    model = gb.fit(
        gb.load_corpus(text="abac" * 60),
        cell=cell,
        layers=layers,
        sampling=sampling,
        seed=1,
        num_epochs=num_epochs,
        num_hiddens=16,
        num_steps=20,
        batch_size=4,
        lr=100.0,
        clipping_theta=0.02,
    )
    assert model.history[0].perplexity > 1.5
    assert model.history[-1].perplexity < 1.1
    assert model.generate(prefix="ab", length=18) == "abac" * 5
    assert model.generate(prefix="abaca", length=8) == "abacabacabaca"


@pytest.mark.parametrize("layers", LAYER_KINDS)
@pytest.mark.parametrize("sampling", ["random", "consecutive"])
def test_a_seed_repeats_a_run_and_another_does_not(tiny, layers, sampling):
    def run(seed):
        return gb.fit(tiny, seed=seed, layers=layers, sampling=sampling, num_epochs=2, cell="gru", **SMALL)

    first, second, other = run(5), run(5), run(6)
    assert_equal_weights(first, second)
    assert [epoch.perplexity for epoch in first.history] == [epoch.perplexity for epoch in second.history]
    for name, weight in weights(first).items():
        assert not np.array_equal(weights(other)[name], weight), name


def test_without_a_seed_runs_differ(tiny):
    first, second = (gb.fit(tiny, num_epochs=1, **SMALL) for _ in range(2))
    assert not np.array_equal(weights(first)["W_xh"], weights(second)["W_xh"])


@pytest.mark.slow
def test_the_same_seed_prints_the_same_in_every_process():
    program = (
        "import gluonrnn as gb\n"
        "gb.fit(gb.load_corpus(text='over and over ' * 20), seed=3, num_epochs=4, num_hiddens=16, num_steps=7,\n"
        "       batch_size=4, sampling='random', pred_period=1, pred_len=20, prefixes=['over', 'an'],\n"
        "       verbose=True)\n"
    )
    root = str(Path(gb.__file__).resolve().parents[1])
    logs = []
    for hash_seed in ("1", "2"):
        environment = {**os.environ, "PYTHONPATH": root, "PYTHONHASHSEED": hash_seed}
        result = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False
        )
        assert result.stderr == ""
        logs.append(re.sub(r"time \d+\.\d+ sec", "time", result.stdout).splitlines())
    assert logs[0] == logs[1]
    assert [line for line in logs[0] if line.startswith("epoch")][3].startswith("epoch 4, perplexity ")
    assert len(logs[0]) == 12


def test_history_has_every_epoch(tiny):
    model = gb.fit(tiny, seed=1, num_epochs=5, **SMALL)
    assert [epoch.epoch for epoch in model.history] == [1, 2, 3, 4, 5]
    perplexities = [epoch.perplexity for epoch in model.history]
    assert perplexities == sorted(perplexities, reverse=True)
    assert perplexities[0] == pytest.approx(tiny.vocab_size, rel=0.5)
    assert all(epoch.seconds > 0 for epoch in model.history)


def test_what_is_fitted_knows_its_corpus_and_its_options(tiny, ctx):
    model = gb.fit(tiny, ctx=ctx, cell="gru", num_epochs=1, prefixes=["over"], **SMALL)
    assert model.idx_to_char == list(tiny.idx_to_char)
    assert model.char_to_idx == tiny.char_to_idx
    assert model.options == gb.Options(cell="gru", num_epochs=1, prefixes=["over"], **SMALL)
    assert model.ctx == ctx


def test_fit_load_and_resume_choose_the_device_in_the_same_way(tiny, monkeypatch):
    monkeypatch.setattr("gluonrnn.devices.try_gpu", lambda: mx.cpu(1))
    for ctx in (None, mx.cpu(0)):
        made = [
            gb.fit(tiny, ctx=ctx, num_epochs=1, out="run", overwrite=True, **SMALL),
            gb.load("run/model.safetensors", ctx=ctx),
            gb.resume("run", tiny, ctx=ctx, num_epochs=2),
        ]
        assert [model.ctx for model in made] == [ctx or mx.cpu(1)] * 3
        assert {weight.ctx for model in made for weight in model.network.params} == {ctx or mx.cpu(1)}
    for use in (
        lambda: gb.fit(tiny, ctx="cpu", **SMALL),
        lambda: gb.load("x", ctx="cpu"),
        lambda: gb.resume("run", ctx="cpu"),
    ):
        with pytest.raises(TypeError, match="ctx must be a device"):
            use()


def test_a_file_is_taken_for_a_corpus():
    Path("own.txt").write_text("over and over " * 20, encoding="utf-8")
    model = gb.fit("own.txt", num_epochs=1, **SMALL)
    assert "".join(model.idx_to_char) == " adenorv"
    assert model.options.prefixes == ("ov",)
    assert_equal_weights(
        gb.fit("own.txt", seed=1, num_epochs=1, **SMALL), gb.fit(Path("own.txt"), seed=1, num_epochs=1, **SMALL)
    )


def test_a_known_corpus_brings_its_prefixes():
    settings_ = {"num_epochs": 1, "num_hiddens": 2, "num_steps": 100, "batch_size": 100}
    assert gb.fit("prose", **settings_).options.prefixes == ("The ", "Miss Thorne ")
    assert gb.fit("prose", prefixes=["Miss"], **settings_).options.prefixes == ("Miss",)
    assert gb.fit("prose", prefixes=[], **settings_).options.prefixes == ()


def test_samples_are_drawn_every_pred_period_epochs_and_printed_when_asked(tiny, capsys):
    called = []
    for verbose in (False, True):
        gb.fit(
            tiny,
            seed=1,
            num_epochs=5,
            pred_period=2,
            pred_len=3,
            prefixes=["over", "a"],
            verbose=verbose,
            callback=lambda epoch, perplexity, seconds, samples: called.append((epoch, samples)),
            **SMALL,
        )
        printed = capsys.readouterr().out.splitlines()
        assert [line.split(",")[0] for line in printed if "perplexity" in line] == ["epoch 2", "epoch 4"] * verbose
    assert called[:5] == called[5:]
    assert [(epoch, len(samples)) for epoch, samples in called[:5]] == [(1, 0), (2, 2), (3, 0), (4, 2), (5, 0)]
    for first, second in (called[1][1], called[3][1]):
        assert (first[:4], len(first), second[:1], len(second)) == ("over", 7, "a", 4)
    assert [line[3:] for line in printed if line.startswith(" - ")] == called[6][1] + called[8][1]


def test_no_samples_with_pred_period_0(tiny, capsys):
    gb.fit(tiny, num_epochs=2, pred_period=0, prefixes=["over"], verbose=True, **SMALL)
    assert capsys.readouterr().out == ""


def test_samples_do_not_change_the_training(tiny):
    with_samples = gb.fit(tiny, seed=1, num_epochs=3, pred_period=1, prefixes=["over"], **SMALL)
    without = gb.fit(tiny, seed=1, num_epochs=3, pred_period=0, **SMALL)
    assert_equal_weights(with_samples, without)


def test_a_callback_sees_each_epoch_as_the_history_has_it(tiny):
    seen = []
    model = gb.fit(tiny, num_epochs=3, callback=lambda *arguments: seen.append(arguments), **SMALL)
    assert [arguments[:3] for arguments in seen] == [tuple(epoch) for epoch in model.history]


def stop(*_):
    raise gb.StopTraining


@pytest.mark.parametrize("ending", [lambda *_: True, lambda *_: np.True_, stop])
def test_a_callback_ends_the_training(tiny, ending):
    model = gb.fit(tiny, seed=1, num_epochs=50, callback=lambda epoch, *_: ending() if epoch == 3 else None, **SMALL)
    assert len(model.history) == 3
    assert_equal_weights(model, gb.fit(tiny, seed=1, num_epochs=3, **SMALL))


@pytest.mark.parametrize("answer", [None, False, np.False_, 0, 1, 2.5, "yes", [7], np.ones(2), gb.StopTraining])
def test_a_callback_that_returns_anything_else_does_not(tiny, answer):
    assert len(gb.fit(tiny, num_epochs=3, callback=lambda *_: answer, **SMALL).history) == 3


def test_ctrl_c_ends_a_loop_over_learning_rates(tiny):
    begun = []

    def press(epoch, *_):
        if epoch == 2:
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:  # noqa: PT012
        for lr in (1.0, 10.0, 100.0):
            begun.append(lr)
            gb.fit(tiny, seed=1, lr=lr, num_epochs=50, callback=press, **SMALL)
    assert begun == [1.0]
    model = caught.value.model
    assert [epoch.epoch for epoch in model.history] == [1, 2]
    assert_equal_weights(model, gb.fit(tiny, seed=1, lr=1.0, num_epochs=2, **SMALL))
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_an_error_of_a_callback_is_not_swallowed(tiny):
    def fail(*_):
        raise ZeroDivisionError("the callback's own")

    with pytest.raises(ZeroDivisionError, match="the callback's own"):
        gb.fit(tiny, num_epochs=2, callback=fail, **SMALL)


@pytest.fixture
def never_trained(monkeypatch):
    def never(*arguments, **keywords):
        pytest.fail("training began")

    monkeypatch.setattr(loop, "train_epoch", never)


def test_fit_names_every_option_with_its_default():
    parameters = inspect.signature(gb.fit).parameters
    for field in fields(gb.Options):
        if field.name != "prefixes":  # those of the corpus
            assert parameters[field.name].default == field.default
    reading = inspect.signature(gb.load_corpus).parameters
    for name in ("text", "encoding", "max_chars", "keep_newlines"):
        assert parameters[name].default == reading[name].default
    assert parameters["corpus"].default == reading["source"].default
    assert all(parameter.kind is not parameter.VAR_KEYWORD for parameter in parameters.values())


@pytest.mark.parametrize(
    "options",
    [{"lr": 0}, {"clipping_theta": 0}, {"num_epochs": 0}],
    ids=lambda options: next(iter(options)),
)
@pytest.mark.parametrize("layers", LAYER_KINDS)
def test_what_learns_nothing_leaves_the_model_as_it_was_drawn(tiny, layers, options):
    model = gb.fit(tiny, seed=1, layers=layers, **{"num_epochs": 2, **options}, **SMALL)
    untrained = gb.fit(tiny, seed=1, layers=layers, num_epochs=0, **SMALL)
    assert_equal_weights(model, untrained)
    assert len(model.history) == model.options.num_epochs
    assert len(untrained.generate(prefix="over", length=3)) == 7


def test_gradients_may_be_climbed(tiny):
    model = gb.fit(tiny, seed=1, lr=-1.0, num_epochs=3, **SMALL)
    assert model.history[0].perplexity < model.history[1].perplexity < model.history[2].perplexity


def test_there_may_be_more_epochs_than_anyone_waits_for(tiny):
    assert len(gb.fit(tiny, num_epochs=2**31 - 1, callback=stop, **SMALL).history) == 1


@pytest.mark.parametrize(
    ("option", "value", "error", "words"),
    [
        ("num_epochs", -1, ValueError, "num_epochs must be at least 0, but it is -1"),
        ("num_hiddens", -1, ValueError, "num_hiddens must be at least 1, but it is -1"),
        ("batch_size", 2.5, TypeError, r"batch_size must be a whole number, but it is 2.5 \(float\)"),
        ("num_steps", True, TypeError, "num_steps must be a whole number"),
        ("lr", float("nan"), ValueError, "lr must be a finite number, but it is nan"),
        ("lr", "fast", TypeError, "lr must be a finite number, but it is 'fast'"),
        ("clipping_theta", -1, ValueError, "clipping_theta must be a finite number of at least 0"),
        ("cell", "elman", ValueError, "cell must be one of rnn, gru, lstm, but it is 'elman'"),
        ("layers", "gluon", ValueError, "layers must be one of scratch, library"),
        ("sampling", "sequential", ValueError, "sampling must be one of random, consecutive"),
        ("prefixes", "over", TypeError, "prefixes must be a list of strings"),
        ("prefixes", ["oxen"], gb.UnknownCharacterError, "the character 'x' at position 1 of 'oxen'"),
        ("prefixes", [""], ValueError, "a prefix needs at least one character"),
        ("num_steps", 280, ValueError, "needs at least .* but this one has 280: use .*num_steps up to"),
        ("seed", -1, ValueError, r"seed must be a whole number in \[0, 2\*\*32\), but it is -1"),
        ("on_nonfinite", "stop", ValueError, "on_nonfinite is one of warn, raise, ignore, but it is 'stop'"),
    ],
)
def test_a_wrong_option_is_refused_before_any_training(tiny, never_trained, option, value, error, words):
    with pytest.raises(error, match=words):
        gb.fit(tiny, **{**SMALL, option: value})


def test_a_text_that_is_taken_for_a_file_says_how_to_pass_it(never_trained):
    with pytest.raises(
        FileNotFoundError, match=r"'over and over' is neither .* nor a file.* pass the text itself as text="
    ):
        gb.fit("over and over")


def test_a_text_is_read_as_load_corpus_reads_it():
    text = "over and\nover " * 20
    for reading in ({}, {"max_chars": 100}, {"keep_newlines": True}):
        model = gb.fit(text=text, seed=1, num_epochs=1, **reading, **SMALL)
        assert_equal_weights(model, gb.fit(gb.load_corpus(text=text, **reading), seed=1, num_epochs=1, **SMALL))
        Path("own.txt").write_bytes(text.encode("utf-16"))
        assert_equal_weights(model, gb.fit("own.txt", encoding="utf-16", seed=1, num_epochs=1, **reading, **SMALL))
    assert "\n" in model.char_to_idx


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("prose", {"text": "over and over"}), "a corpus or text=, but both"),
        ((None, {"text": 7}), "text"),
        ((None, {"keep_newlines": True}), "pass them to load_corpus"),
    ],
)
def test_a_corpus_is_given_once(tiny, never_trained, arguments, words):
    corpus, reading = arguments
    corpora = [corpus] if corpus else [] if "text" in reading else [tiny]
    with pytest.raises(TypeError, match=words):
        gb.fit(*corpora, **reading)


DIVERGING = {"lr": 1e38, "clipping_theta": None, "num_epochs": 3, "seed": 1, **SMALL}


def test_a_loss_that_is_not_finite_warns_once(tiny):
    with pytest.warns(gb.NonFiniteLossWarning, match=r"the loss became (inf|nan) at epoch 1, batch \d+") as seen:
        model = gb.fit(tiny, **DIVERGING)
    assert len(seen) == 1
    assert len(model.history) == 3


def test_a_loss_that_is_not_finite_can_stop_the_training(tiny):
    epochs = []
    with pytest.raises(gb.NonFiniteLossError, match=r"at epoch 1, batch \d+ .*: use a smaller lr or clipping_theta"):
        gb.fit(tiny, on_nonfinite="raise", callback=lambda *epoch: epochs.append(epoch), **DIVERGING)
    assert epochs == []


def test_a_loss_that_is_not_finite_can_be_ignored(tiny):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(gb.fit(tiny, on_nonfinite="ignore", **DIVERGING).history) == 3


def test_a_perplexity_beyond_all_numbers_is_inf(tiny):
    model = gb.fit(tiny, lr=1e6, clipping_theta=None, num_epochs=2, seed=1, **SMALL)
    assert [epoch.perplexity for epoch in model.history] == [float("inf")] * 2


def test_an_error_that_ends_the_training_carries_the_model(tiny):
    def stumble(epoch, *_):
        if epoch == 3:
            raise RuntimeError("stumbled")

    with pytest.raises(RuntimeError, match="stumbled") as caught:
        gb.fit(tiny, num_epochs=9, callback=stumble, **SMALL)
    assert len(caught.value.model.history) == 3
    assert len(caught.value.model.generate(prefix="over", length=3)) == 7


def test_the_books_four_values_are_a_corpus(tiny):
    assert_equal_weights(
        gb.fit(tuple(tiny), seed=1, num_epochs=1, **SMALL), gb.fit(tiny, seed=1, num_epochs=1, **SMALL)
    )


def test_idx_to_char_may_be_a_dict(tiny):
    as_dict = tiny._replace(idx_to_char=dict(enumerate(tiny.idx_to_char)))
    model = gb.fit(as_dict, num_epochs=1, **SMALL)
    assert model.idx_to_char == tiny.idx_to_char
    assert model.generate(prefix="o", length=1)[0] == "o"
