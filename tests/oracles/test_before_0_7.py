"""Side by side with the published `gluonbook` 0.6 (the 2017 order) and 0.6.10 (spring 2018)."""

from __future__ import annotations

import inspect
import itertools
import re

import numpy as np
import pytest
from mxnet import nd

import gluonrnn as gb
from gluonrnn.editions import gluonbook_0_6, utils_2017
from tests.matrix import combinations
from tests.oracles.load import published

OF_2017, OF_SPRING = published("gluonbook==0.6"), published("gluonbook==0.6.10")
PAIRS = pytest.mark.parametrize(
    ("ours", "theirs"), [(utils_2017, OF_2017), (gluonbook_0_6, OF_SPRING)], ids=["2017", "spring"]
)


def rnn_of_three(inputs, H, *params):
    outputs, (H,) = gb.rnn(inputs, (H,), params)
    return outputs, H


def gru_of_three(inputs, H, *params):
    outputs, (H,) = gb.gru(inputs, (H,), params)
    return outputs, H


def lstm_of_four(inputs, H, C, *params):
    outputs, (H, C) = gb.lstm(inputs, (H, C), params)
    return outputs, H, C


CELLS = {
    "rnn": (rnn_of_three, gb.get_params, False),
    "gru": (gru_of_three, gb.get_gru_params, False),
    "lstm": (lstm_of_four, gb.get_lstm_params, True),
}


@PAIRS
def test_signatures_are_the_published_ones(ours, theirs):
    for name in ours.__all__:
        mine = inspect.signature(getattr(ours, name)).parameters.values()
        positional = [(p.name, p.default) for p in mine if p.kind is not p.KEYWORD_ONLY]
        published_ones = inspect.signature(getattr(theirs, name)).parameters.values()
        renamed = {"clipping_norm": "theta"} if (ours, name) == (utils_2017, "grad_clipping") else {}
        assert [(renamed.get(parameter, parameter), default) for parameter, default in positional] == [
            (renamed.get(p.name, p.name), p.default) for p in published_ones
        ], name


def arguments_of(ours, cell, corpus, is_random_iter, get_params):
    corpus_indices, char_to_idx, idx_to_char, vocab_size = corpus
    forward, _, is_lstm = CELLS[cell]
    ctx = gb.try_gpu()
    rest = (ctx, corpus_indices, idx_to_char, char_to_idx, is_lstm)
    prefixes = ["分开", "不分开"]
    if ours is utils_2017:
        return (forward, is_random_iter, 5, 5, 20, 0.2, 5, 3, 1, 10, prefixes, get_params,
                lambda X: gb.to_onehot(X, vocab_size), *rest)  # fmt: skip
    return (forward, is_random_iter, 5, 5, 20, 0.2, 5, 3, vocab_size, 1, 10, prefixes, get_params, gb.to_onehot, *rest)


@PAIRS
@pytest.mark.parametrize(("cell", "is_random_iter"), combinations(CELLS, [True, False], short=[("lstm", False)]))
def test_fifty_updates_are_equal(ours, theirs, cell, is_random_iter, capsys, ctx):
    corpus = gb.load_corpus("lyrics", max_chars=170)
    results = []
    for module in (ours, theirs):
        kept = []

        def closure(kept=kept):
            kept.extend(CELLS[cell][1](corpus.vocab_size, 20, ctx))
            return kept

        gb.seed(17)
        module.train_and_predict_rnn(*arguments_of(ours, cell, corpus, is_random_iter, closure))
        printed = capsys.readouterr().out
        perplexities = [float(number) for number in re.findall(r"erplexity ([\d.]+)", printed)]
        results.append((perplexities, re.sub(r"erplexity [\d.]+", "", printed), [param.asnumpy() for param in kept]))
    (perplexities, texts, params), (published_perplexities, published_texts, published_params) = results
    assert len(perplexities) == 5
    np.testing.assert_allclose(perplexities, published_perplexities, rtol=1e-4)
    assert perplexities[-1] < 0.9 * perplexities[0]
    assert texts == published_texts
    assert texts.count(" -  分开") == 5
    for param, published_param in zip(params, published_params):
        np.testing.assert_allclose(param, published_param, rtol=1e-3, atol=1e-5)


@PAIRS
def test_predictions_are_equal(ours, theirs, ctx):
    _, char_to_idx, idx_to_char, vocab_size = gb.load_corpus(text="over and under")
    for num_chars, (forward, get_params, is_lstm) in itertools.product((0, 1, 25), CELLS.values()):
        params = [param * 60 for param in get_params(vocab_size, 9, ctx)]
        sizes = (9,) if ours is utils_2017 else (9, vocab_size)
        get_inputs = (lambda X: gb.to_onehot(X, vocab_size)) if ours is utils_2017 else gb.to_onehot
        arguments = (forward, "OVER", num_chars, params, *sizes, ctx, idx_to_char, char_to_idx, get_inputs, is_lstm)
        text = ours.predict_rnn(*arguments)
        assert text == theirs.predict_rnn(*arguments)
        assert text.startswith("over")
        assert len(text) == 4 + num_chars + 1


@PAIRS
def test_clipping_and_steps_are_equal(ours, theirs, ctx):
    for theta in (None, 0, 1e-2, 1e3):
        results = []
        for module in (ours, theirs):
            gb.seed(3)
            w = nd.random.normal(shape=(7, 5))
            w.attach_grad()
            w.grad[:] = nd.random.normal(scale=2, shape=w.shape)
            module.grad_clipping([w], theta, ctx)
            if ours is utils_2017:
                module.SGD([w], 0.3)
            else:
                module.sgd([w], 0.3, 4)
            results.append(w.asnumpy())
        np.testing.assert_allclose(*results, rtol=1e-6)
