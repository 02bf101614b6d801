"""Side by side with the published packages: same parameters and batches, same everything.

They are installed by ``make test``, or by ``python tests/oracles/install.py`` beside matplotlib and
IPython.
"""

from __future__ import annotations

import inspect
import random
import re
import warnings
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import gluon, nd

import gluonrnn as gb
from gluonrnn.editions import gluonbook as edition
from tests.matrix import combinations

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what matplotlib and IPython say of themselves
    import d2lzh
    import gluonbook

PUBLISHED = pytest.mark.parametrize("published", [gluonbook, d2lzh], ids=lambda module: module.__name__)
CELLS = {
    "rnn": (gb.rnn, gb.get_params, gb.init_rnn_state),
    "gru": (gb.gru, gb.get_gru_params, gb.init_gru_state),
    "lstm": (gb.lstm, gb.get_lstm_params, gb.init_lstm_state),
}
LAYERS = {"rnn": gluon.rnn.RNN, "gru": gluon.rnn.GRU, "lstm": gluon.rnn.LSTM}


def parameters(function):
    return list(inspect.signature(function).parameters.values())


def positional(function):
    """Return the names and defaults of what the book's function has too."""
    return [(p.name, p.default) for p in parameters(function) if p.kind is not p.KEYWORD_ONLY]


@PUBLISHED
def test_signatures_are_the_published_ones(published):
    for name in set(edition.__all__) - {"RNNModel"}:
        assert positional(getattr(gb, name)) == positional(getattr(published, name)), name
        extra = [p for p in parameters(getattr(gb, name)) if p.kind is p.KEYWORD_ONLY]
        assert all(p.default is not p.empty for p in extra), name
    for name in ("__init__", "forward", "begin_state"):
        ours, theirs = getattr(gb.RNNModel, name), getattr(published.RNNModel, name)
        assert [(p.name, p.kind) for p in parameters(ours)] == [(p.name, p.kind) for p in parameters(theirs)], name


@PUBLISHED
def test_loaders_read_the_same_text(published, tmp_path, monkeypatch):
    (tmp_path / "data").mkdir()
    (tmp_path / "chapter").mkdir()
    lyrics = gb.find_corpus("lyrics").read_text(encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "data" / "jaychou_lyrics.txt.zip", "w") as archive:
        archive.writestr("jaychou_lyrics.txt", lyrics)
    prose = gb.find_corpus("prose").read_text(encoding="utf-8")
    (tmp_path / "data" / "timemachine.txt").write_text(prose, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "chapter")
    for name in ("load_data_jay_lyrics", "load_data_time_machine"):
        theirs = getattr(published, name)()
        with pytest.warns(gb.CorpusWarning, match="is not the published file"):
            ours = getattr(gb, name)()
        assert "".join(ours[2][i] for i in ours[0]) == "".join(theirs[2][i] for i in theirs[0])
        assert set(ours[1]) == set(theirs[1])
        assert ours[3] == theirs[3]


@pytest.mark.slow
@PUBLISHED
@pytest.mark.parametrize("name", ["data_iter_random", "data_iter_consecutive"])
@settings(max_examples=40)
@given(length=st.integers(1, 90), batch_size=st.integers(1, 6), num_steps=st.integers(1, 9), seed=st.integers(0, 10**6))
def test_batches_are_equal_to_the_last_value(published, name, length, batch_size, num_steps, seed):
    if name == "data_iter_consecutive" and length < batch_size:
        return  # MXNet refuses to reshape the empty array that the published one makes
    corpus_indices = list(np.random.default_rng(seed).integers(50, size=length))
    taken = []
    for module in (gb, published):
        random.seed(seed)
        batches = getattr(module, name)(corpus_indices, batch_size, num_steps)
        taken.append([(X.asnumpy(), Y.asnumpy(), X.dtype, X.context) for X, Y in batches])
        taken[-1].append(random.random())
    ours, theirs = taken
    assert len(ours) == len(theirs)
    assert ours.pop() == theirs.pop()
    for (X, Y, *kind), (X_published, Y_published, *kind_published) in zip(ours, theirs):
        np.testing.assert_array_equal(X, X_published)
        np.testing.assert_array_equal(Y, Y_published)
        assert kind == kind_published


@PUBLISHED
def test_one_hot_clipping_and_sgd_are_equal(published, ctx):
    X = nd.array([[0, 3, 1], [2, 2, 9]])
    for ours, theirs in zip(gb.to_onehot(X, 4), published.to_onehot(X, 4)):
        np.testing.assert_array_equal(ours.asnumpy(), theirs.asnumpy())
    for theta, lr in ((None, 0.3), (1e-2, 0), (0, 0.3), (1.0, -0.3), (1e3, 0.3)):
        results = []
        for module in (gb, published):
            gb.seed(3)
            params = [nd.random.normal(shape=shape) for shape in ((7, 5), (5,), (1, 9))]
            for param in params:
                param.attach_grad()
                param.grad[:] = nd.random.normal(scale=2, shape=param.shape)
            module.grad_clipping(params, theta, ctx)
            gradients = [param.grad.asnumpy() for param in params]
            module.sgd(params, lr, 4)
            results.append([*gradients, *(param.asnumpy() for param in params)])
        for ours, theirs in zip(*results):
            np.testing.assert_allclose(ours, theirs, rtol=1e-6)


def lyrics_corpus():
    """Return 165 characters: 11 updates an epoch with 3 rows and 5 steps, so 5 epochs make 55."""
    return gb.load_corpus("lyrics", max_chars=170)


def printed(lines):
    """Split what a trainer printed into perplexities and everything else, times left out."""
    perplexities = [float(number) for number in re.findall(r"perplexity ([\d.]+)", lines)]
    return perplexities, re.sub(r"perplexity [\d.]+, time [\d.]+", "", lines)


def assert_same_training(ours, theirs, capsys):
    """Run both and compare printed lines and parameters; each returns its parameters."""
    results = []
    for train in (ours, theirs):
        gb.seed(17)
        params = train()
        perplexities, texts = printed(capsys.readouterr().out)
        results.append((perplexities, texts, params))
    (perplexities, texts, params), (published_perplexities, published_texts, published_params) = results
    assert len(perplexities) == 5
    np.testing.assert_allclose(perplexities, published_perplexities, rtol=1e-4)
    assert perplexities[-1] < 0.9 * perplexities[0]
    assert texts == published_texts
    assert texts.count(" - 分开") == 5
    assert len(params) == len(published_params) > 0
    for param, published_param in zip(params, published_params):
        np.testing.assert_allclose(param, published_param, rtol=1e-3, atol=1e-5)


@PUBLISHED
@pytest.mark.parametrize(("cell", "is_random_iter"), combinations(CELLS, [True, False], short=[("lstm", False)]))
def test_fifty_updates_of_the_scratch_trainer_are_equal(published, cell, is_random_iter, capsys, ctx):
    corpus_indices, char_to_idx, idx_to_char, vocab_size = lyrics_corpus()
    forward, get_params, init_state = CELLS[cell]

    def run(module):
        kept = []

        def closure():
            kept.extend(get_params(vocab_size, 20, ctx))
            return kept

        module.train_and_predict_rnn(
            forward, closure, init_state, 20, vocab_size, ctx, corpus_indices, idx_to_char, char_to_idx,
            is_random_iter, 5, 5, 1e2, 1e-2, 3, 1, 10, ["分开", "不分开"],
        )  # fmt: skip
        return [param.asnumpy() for param in kept]

    assert_same_training(lambda: run(gb), lambda: run(published), capsys)


@PUBLISHED
@pytest.mark.parametrize("cell", combinations(LAYERS, short=[("gru",)]))
def test_fifty_updates_of_the_concise_trainer_are_equal(published, cell, capsys, ctx):
    corpus_indices, char_to_idx, idx_to_char, vocab_size = lyrics_corpus()

    def run(module):
        model = module.RNNModel(LAYERS[cell](20), vocab_size)
        module.train_and_predict_rnn_gluon(
            model, 20, vocab_size, ctx, corpus_indices, idx_to_char, char_to_idx, 5, 5, 1e2, 1e-2, 3, 1, 10,
            ["分开", "不分开"],
        )  # fmt: skip
        return [param.data().asnumpy() for param in model.collect_params().values()]

    assert_same_training(lambda: run(gb), lambda: run(published), capsys)


@PUBLISHED
def test_predictions_are_equal(published, ctx):
    _, char_to_idx, idx_to_char, vocab_size = lyrics_corpus()
    model = gb.RNNModel(gluon.rnn.LSTM(9), vocab_size)
    model.initialize(ctx=ctx)
    for prefix, num_chars in (("分", 0), ("分开", 1), ("不分开", 25)):
        for forward, get_params, init_state in CELLS.values():
            params = [param * 60 for param in get_params(vocab_size, 9, ctx)]
            arguments = (forward, params, init_state, 9, vocab_size, ctx, idx_to_char, char_to_idx)
            ours = gb.predict_rnn(prefix, num_chars, *arguments)
            assert ours == published.predict_rnn(prefix, num_chars, *arguments)
            assert len(ours) == len(prefix) + num_chars
        arguments = (prefix, num_chars, model, vocab_size, ctx, idx_to_char, char_to_idx)
        assert gb.predict_rnn_gluon(*arguments) == published.predict_rnn_gluon(*arguments)
