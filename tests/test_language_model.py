"""Fitting, generating, saving and loading, in three calls."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import warnings
from dataclasses import fields
from pathlib import Path

import mxnet as mx
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import gluonrnn as gb
from gluonrnn import training
from gluonrnn.networks import weights_of

SMALL = {"num_hiddens": 16, "num_steps": 7, "batch_size": 4}
CELL_NAMES = ("rnn", "gru", "lstm")
LAYER_KINDS = ("scratch", "library")


@pytest.fixture(scope="module")
def trained():
    """A model that knows ``over and over`` by heart."""
    corpus = gb.load_corpus(text="over and over " * 20)
    return gb.fit(corpus, seed=1, num_epochs=40, prefixes=["over", "and "], **SMALL)


def weights(model):
    return {name: weight.asnumpy() for name, weight in weights_of(model.network, model.options).items()}


def assert_equal_weights(one, other):
    assert list(weights(one)) == list(weights(other))
    for name, weight in weights(one).items():
        np.testing.assert_array_equal(weights(other)[name], weight)


# fitting


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
    assert model.interrupted is False


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


@pytest.mark.parametrize("answer", [True, np.True_, 1, "yes"])
def test_a_callback_with_a_true_answer_ends_the_training(tiny, answer):
    model = gb.fit(tiny, seed=1, num_epochs=50, callback=lambda epoch, *_: answer if epoch == 3 else False, **SMALL)
    assert len(model.history) == 3
    assert model.interrupted is False
    assert_equal_weights(model, gb.fit(tiny, seed=1, num_epochs=3, **SMALL))


@pytest.mark.parametrize("answer", [None, False, 0, "", []])
def test_a_callback_that_returns_anything_else_does_not(tiny, answer):
    assert len(gb.fit(tiny, num_epochs=3, callback=lambda *_: answer, **SMALL).history) == 3


def test_ctrl_c_keeps_what_was_learnt(tiny):
    def press(epoch, *_):
        if epoch == 2:
            raise KeyboardInterrupt

    model = gb.fit(tiny, seed=1, num_epochs=50, callback=press, **SMALL)
    assert model.interrupted is True
    assert [epoch.epoch for epoch in model.history] == [1, 2]
    assert_equal_weights(model, gb.fit(tiny, seed=1, num_epochs=2, **SMALL))


def test_an_error_of_a_callback_is_not_swallowed(tiny):
    def fail(*_):
        raise ZeroDivisionError("the callback's own")

    with pytest.raises(ZeroDivisionError, match="the callback's own"):
        gb.fit(tiny, num_epochs=2, callback=fail, **SMALL)


@pytest.fixture
def never_trained(monkeypatch):
    def never(*arguments, **keywords):
        pytest.fail("training began")

    monkeypatch.setattr(training, "train_epoch", never)


def test_an_unknown_option_lists_those_there_are(tiny, never_trained):
    with pytest.raises(TypeError, match=r"^fit has no option 'hidden_size': choose from ") as caught:
        gb.fit(tiny, hidden_size=3)
    for field in fields(gb.Options):
        assert field.name in str(caught.value)


@pytest.mark.parametrize(
    ("option", "value", "error", "words"),
    [
        ("num_epochs", 0, ValueError, "num_epochs must be at least 1, but it is 0"),
        ("num_hiddens", -1, ValueError, "num_hiddens must be at least 1, but it is -1"),
        ("batch_size", 2.5, TypeError, r"batch_size must be a whole number, but it is 2.5 \(float\)"),
        ("num_steps", True, TypeError, "num_steps must be a whole number"),
        ("lr", float("nan"), ValueError, "lr must be a finite number above 0, but it is nan"),
        ("lr", "fast", TypeError, "lr must be a finite number above 0, but it is 'fast'"),
        ("clipping_theta", 0, ValueError, "clipping_theta must be a finite number above 0"),
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


def test_a_text_is_not_a_corpus(never_trained):
    with pytest.raises(FileNotFoundError, match=r"'over and over' is neither a known corpus .* nor a file"):
        gb.fit("over and over")


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


# generating


@settings(max_examples=40)
@given(
    prefix=st.text("over and", min_size=1, max_size=12),
    length=st.integers(0, 20),
    temperature=st.sampled_from([0.0, 0.2, 1.0, 50.0]),
    top_k=st.none() | st.integers(1, 12),
    seed=st.integers(0, 2**32 - 1),
)
@example(prefix="o", length=0, temperature=0.0, top_k=None, seed=0)
@example(prefix=" ", length=1, temperature=1.0, top_k=1, seed=0)
def test_a_text_starts_with_its_prefix_and_has_the_length_asked_for(trained, prefix, length, temperature, top_k, seed):
    arguments = {"prefix": prefix, "length": length, "temperature": temperature, "top_k": top_k, "seed": seed}
    text = trained.generate(**arguments)
    assert text.startswith(prefix)
    assert len(text) == len(prefix) + length
    assert set(text) <= set(trained.idx_to_char)
    assert trained.generate(**arguments) == text
    if top_k == 1 or temperature == 0:
        assert text == trained.generate(prefix=prefix, length=length)


def test_a_longer_text_goes_on_from_the_shorter(trained):
    texts = [trained.generate(prefix="an", length=length) for length in range(12)]
    for shorter, longer in zip(texts, texts[1:]):
        assert longer[:-1] == shorter


def test_each_character_is_the_likeliest_of_the_scores(trained, ctx):
    text = trained.generate(prefix="over", length=10)
    indices = [trained.char_to_idx[char] for char in text]
    scores, _ = trained.network(mx.nd.array([indices], ctx=ctx), trained.network.begin_state(batch_size=1, ctx=ctx))
    assert scores.asnumpy().argmax(axis=1)[3:-1].tolist() == indices[4:]


@pytest.mark.parametrize("temperature", [1e-3, 1e-9, 1e-310])
@pytest.mark.parametrize("prefix", ["o", "and", "dnr v"])
def test_a_temperature_close_to_0_takes_the_likeliest(trained, temperature, prefix):
    greedy = trained.generate(prefix=prefix, length=20)
    assert trained.generate(prefix=prefix, length=20, temperature=temperature, seed=1) == greedy


def test_a_high_temperature_uses_the_whole_vocabulary(trained):
    drawn = trained.generate(prefix="o", length=300, temperature=1000.0, seed=1)[1:]
    assert set(drawn) == set(trained.idx_to_char)


def test_only_the_top_k_are_drawn(trained, ctx):
    text = trained.generate(prefix="o", length=100, temperature=1000.0, top_k=2, seed=1)
    indices = [trained.char_to_idx[char] for char in text]
    scores, _ = trained.network(mx.nd.array([indices], ctx=ctx), trained.network.begin_state(batch_size=1, ctx=ctx))
    ranks = (-scores.asnumpy()).argsort(axis=1)
    drawn = [ranks[t].tolist().index(indices[t + 1]) for t in range(len(indices) - 1)]
    assert set(drawn) == {0, 1}


def test_seeds_make_the_draws(trained):
    texts = [trained.generate(prefix="o", length=40, temperature=5.0, seed=seed) for seed in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]


def test_drawing_leaves_the_generators_of_the_user_alone(trained):
    gb.seed(1)
    expected = np.random.random(), mx.nd.random.normal(shape=1).asscalar()
    gb.seed(1)
    trained.generate(prefix="o", length=5, temperature=1.0, seed=9)
    assert (np.random.random(), mx.nd.random.normal(shape=1).asscalar()) == expected


def test_an_unknown_character_is_named_with_its_position(trained):
    with pytest.raises(gb.UnknownCharacterError, match="the character 'x' at position 2 of 'ovx'") as caught:
        trained.generate(prefix="ovx", length=3)
    assert (caught.value.character, caught.value.position, caught.value.text) == ("x", 2, "ovx")


def test_unknown_characters_can_be_skipped_and_still_stand_in_the_text(trained):
    known = trained.generate(prefix="over", length=10)
    assert trained.generate(prefix="oXve!r分", length=10, unknown="skip") == "oXve!r分" + known[4:]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"prefix": ""}, ValueError, "a prefix needs at least one character, but it is empty"),
        ({"prefix": "XYZ", "unknown": "skip"}, ValueError, "at least one character of the vocabulary, but 'XYZ'"),
        ({"prefix": 3}, TypeError, r"a prefix is a string, but this is 3 \(int\)"),
        ({"prefix": ["over"]}, TypeError, r"a prefix is a string, but this is \['over'\] \(list\)"),
        ({"prefix": "o", "unknown": "ignore"}, ValueError, 'unknown is "raise" or "skip", but this is \'ignore\''),
        ({"prefix": "o", "length": -1}, ValueError, r"length must be at least 0, but it is -1"),
        ({"prefix": "o", "length": 2.0}, TypeError, r"length must be a whole number, but it is 2.0 \(float\)"),
        ({"prefix": "o", "temperature": -1}, ValueError, "temperature must be a finite number of at least 0"),
        ({"prefix": "o", "temperature": float("nan")}, ValueError, "temperature must be a finite number"),
        ({"prefix": "o", "temperature": "hot"}, TypeError, "temperature must be a finite number"),
        ({"prefix": "o", "top_k": 0}, ValueError, "top_k must be at least 1, but it is 0"),
        ({"prefix": "o", "top_k": 1.5}, TypeError, "top_k must be a whole number, but it is 1.5"),
        ({"prefix": "o", "temperature": 1.0, "seed": -1}, ValueError, "seed must .* but it is -1"),
    ],
)
def test_a_wrong_argument_says_what_is_right(trained, arguments, error, words):
    with pytest.raises(error, match=words):
        trained.generate(**arguments)


@pytest.mark.parametrize("temperature", [0.0, 1.0])
@pytest.mark.parametrize("layers", LAYER_KINDS)
def test_scores_that_are_not_finite_raise(tiny, layers, temperature):
    model = gb.fit(tiny, layers=layers, num_epochs=1, **SMALL)
    for weight in weights_of(model.network, model.options).values():
        weight[:] = float("nan")
    with pytest.raises(ValueError, match=r"the model's scores are not finite.*train again with a smaller lr"):
        model.generate(prefix="over", length=3, temperature=temperature)
    assert model.generate(prefix="over", length=0, temperature=temperature) == "over"


# saving and loading


@pytest.mark.parametrize("cell", CELL_NAMES)
@pytest.mark.parametrize("layers", LAYER_KINDS)
def test_a_model_that_was_saved_and_loaded_writes_the_same(tiny, tmp_path, cell, layers):
    model = gb.fit(tiny, seed=2, cell=cell, layers=layers, num_epochs=2, prefixes=["over"], **SMALL)
    path = tmp_path / "model.safetensors"
    model.save(path)
    loaded = gb.load(path)
    assert_equal_weights(model, loaded)
    assert loaded.options == model.options
    assert loaded.idx_to_char == model.idx_to_char
    assert loaded.char_to_idx == model.char_to_idx
    assert loaded.history == model.history
    assert loaded.interrupted is False
    assert loaded.ctx == mx.cpu()
    assert repr(loaded) == repr(model)
    for arguments in ({}, {"temperature": 0.7, "seed": 4}, {"temperature": 2.0, "top_k": 3, "seed": 4}):
        assert loaded.generate(prefix="over", **arguments) == model.generate(prefix="over", **arguments)


def test_saving_twice_writes_the_same_bytes(trained, tmp_path):
    trained.save(tmp_path / "one.safetensors")
    trained.save(str(tmp_path / "two.safetensors"))
    assert (tmp_path / "one.safetensors").read_bytes() == (tmp_path / "two.safetensors").read_bytes()
    gb.load(tmp_path / "one.safetensors").save(tmp_path / "three.safetensors")
    assert (tmp_path / "three.safetensors").read_bytes() == (tmp_path / "one.safetensors").read_bytes()


def test_a_vocabulary_can_be_demanded(trained, tiny, tmp_path):
    path = tmp_path / "model.safetensors"
    trained.save(path)
    assert gb.load(path, vocabulary=tiny.idx_to_char).idx_to_char == tiny.idx_to_char
    with pytest.raises(gb.ModelFileError, match=r"trained on another vocabulary .8 characters instead of 3"):
        gb.load(path, vocabulary=gb.load_corpus(text="abc").idx_to_char)


def test_loading_what_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no model file .*none.safetensors"):
        gb.load(tmp_path / "none.safetensors")


def test_repr_says_what_the_model_is(trained):
    assert repr(trained) == (
        "<LanguageModel rnn (scratch), 16 hidden units, 8 characters, 40 epochs, "
        f"perplexity {trained.history[-1].perplexity:.2f}>"
    )


def test_repr_of_a_model_that_was_not_trained(trained, ctx):
    fresh = gb.LanguageModel(trained.options, trained.idx_to_char, trained.network, ctx)
    assert repr(fresh) == "<LanguageModel rnn (scratch), 16 hidden units, 8 characters, 0 epochs>"
    assert fresh.history == []


def test_an_error_that_ends_the_training_carries_the_model(tiny):
    def stumble(epoch, *_):
        if epoch == 3:
            raise RuntimeError("stumbled")

    with pytest.raises(RuntimeError, match="stumbled") as caught:
        gb.fit(tiny, num_epochs=9, callback=stumble, **SMALL)
    assert len(caught.value.model.history) == 3
    assert len(caught.value.model.generate(prefix="over", length=3)) == 7


@pytest.mark.parametrize("name", ["encoding", "max_chars", "keep_newlines"])
def test_an_option_of_the_loader_says_where_it_goes(name):
    with pytest.raises(TypeError, match=rf"fit has no option '{name}': pass load_corpus\(\.\.\., {name}=\.\.\.\) as"):
        gb.fit("novel.txt", **{name: 1})


def test_the_books_four_values_are_a_corpus(tiny):
    assert_equal_weights(
        gb.fit(tuple(tiny), seed=1, num_epochs=1, **SMALL), gb.fit(tiny, seed=1, num_epochs=1, **SMALL)
    )


def test_idx_to_char_may_be_a_dict(tiny):
    as_dict = tiny._replace(idx_to_char=dict(enumerate(tiny.idx_to_char)))
    model = gb.fit(as_dict, num_epochs=1, **SMALL)
    assert model.idx_to_char == tiny.idx_to_char
    assert model.generate(prefix="o", length=1)[0] == "o"


def test_a_library_model_that_was_never_trained_can_be_saved(tiny, monkeypatch):
    def press(*arguments, **keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("gluonrnn.training.train_epoch", press)
    model = gb.fit(tiny, layers="library", num_epochs=1, **SMALL)
    model.save("model.safetensors")
    assert_equal_weights(gb.load("model.safetensors"), model)
    with pytest.raises(IsADirectoryError, match=r"\. is a folder: name a file in it"):
        model.save(".")
