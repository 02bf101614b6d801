"""Models that write, and are saved and loaded."""

from __future__ import annotations

import mxnet as mx
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import gluonrnn as gb
from gluonrnn.training.networks import weights_of
from tests.comparing import assert_equal_weights

SMALL = {"num_hiddens": 16, "num_steps": 7, "batch_size": 4}


@pytest.fixture(scope="module")
def trained():
    """A model that knows ``over and over`` by heart."""
    corpus = gb.load_corpus(text="over and over " * 20)
    return gb.fit(corpus, seed=1, num_epochs=40, prefixes=["over", "and "], **SMALL)


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


@pytest.mark.parametrize(("temperature", "prefix"), [(1e-3, "dnr v"), (1e-310, "o")])
def test_a_temperature_close_to_0_takes_the_likeliest(trained, temperature, prefix):
    greedy = trained.generate(prefix=prefix, length=20)
    assert trained.generate(prefix=prefix, length=20, temperature=temperature, seed=1) == greedy


@pytest.mark.slow
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


def test_unknown_characters_can_be_skipped_and_still_stand_in_the_text(trained):
    known = trained.generate(prefix="over", length=10)
    assert trained.generate(prefix="oXve!r分", length=10, unknown="skip") == "oXve!r分" + known[4:]


@pytest.mark.parametrize(("layers", "temperature"), [("scratch", 0.0), ("library", 1.0)])
def test_scores_that_are_not_finite_raise(tiny, layers, temperature):
    model = gb.fit(tiny, layers=layers, num_epochs=1, **SMALL)
    for weight in weights_of(model.network, model.options).values():
        weight[:] = float("nan")
    with pytest.raises(ValueError, match=r"the model's scores are not finite.*train again with a smaller lr"):
        model.generate(prefix="over", length=3, temperature=temperature)
    assert model.generate(prefix="over", length=0, temperature=temperature) == "over"


# saving and loading


@pytest.mark.parametrize(("cell", "layers"), [("rnn", "scratch"), ("gru", "library"), ("lstm", "scratch")])
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


def test_repr_says_what_the_model_is_and_how_far_it_was_trained(trained, ctx):
    assert repr(trained).endswith(f"40 epochs, perplexity {trained.history[-1].perplexity:.2f}>")
    fresh = gb.LanguageModel(trained.options, trained.idx_to_char, trained.network, ctx)
    assert repr(fresh) == "<LanguageModel rnn (scratch), 16 hidden units, 8 characters, 0 epochs>"
    assert fresh.history == []


def test_a_library_model_that_was_never_trained_can_be_saved(tiny):
    model = gb.fit(tiny, layers="library", **{**SMALL, "num_epochs": 0})
    model.save("model.safetensors")
    assert_equal_weights(gb.load("model.safetensors"), model)
    with pytest.raises(IsADirectoryError, match=r"\. is a folder: name a file in it"):
        model.save(".")
