"""Side by side with the published `d2l` 0.17.6 and 0.11.4: same parameters and batches, same everything."""

from __future__ import annotations

import itertools
import random
import re

import mxnet as mx
import numpy as np
import pytest
from IPython import display
from matplotlib import pyplot
from mxnet import gluon, npx
from mxnet.gluon import rnn as layers

import gluonrnn as gb
from gluonrnn import d2l
from gluonrnn.editions import d2l_0_11
from tests.matrix import combinations
from tests.oracles.load import published

OF_2022, OF_2020 = published("d2l==0.17.6", "d2l.mxnet"), published("d2l==0.11.4")
# 0.11.4 still calls a method by the name that MXNet has since deprecated
pytestmark = pytest.mark.filterwarnings("ignore:ndarray.as_in_context:DeprecationWarning")
PAIRS = pytest.mark.parametrize(("ours", "theirs"), [(d2l, OF_2022), (d2l_0_11, OF_2020)], ids=["2022", "2020"])
RANDOM = pytest.mark.parametrize("use_random_iter", [False, True], ids=["sequential", "random"])
TEXT = "it was at ten o clock to day that the first of all time machines began its career " * 4
UPDATES = 50
BEGINNING = TEXT[:100]  # five batches an epoch, so that eleven epochs, of which one is printed, are 55 updates


@pytest.fixture(autouse=True)
def np_arrays(monkeypatch):
    """Switch MXNet to NumPy semantics, as the chapters do and the published package needs."""
    # what IPython had for 0.11.4 until its version 8
    monkeypatch.setattr(display, "set_matplotlib_formats", lambda *formats: None, raising=False)
    # outside a notebook the published ones print a line for each point of their plots
    monkeypatch.setattr(display, "display", lambda figure: None)
    monkeypatch.setattr(display, "clear_output", lambda wait: None)
    npx.set_np()
    yield
    npx.reset_np()
    pyplot.close("all")


# the cells as a reader would write them: one product after the other, in mxnet.np
def plain_rnn(inputs, state, params):
    W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    outputs = []
    for X in inputs:
        H = mx.np.tanh(mx.np.dot(X, W_xh) + mx.np.dot(H, W_hh) + b_h)
        outputs.append(mx.np.dot(H, W_hq) + b_q)
    return mx.np.concatenate(outputs, axis=0), (H,)


def plain_gru(inputs, state, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    outputs = []
    for X in inputs:
        Z = npx.sigmoid(mx.np.dot(X, W_xz) + mx.np.dot(H, W_hz) + b_z)
        R = npx.sigmoid(mx.np.dot(X, W_xr) + mx.np.dot(H, W_hr) + b_r)
        H = Z * H + (1 - Z) * mx.np.tanh(mx.np.dot(X, W_xh) + mx.np.dot(R * H, W_hh) + b_h)
        outputs.append(mx.np.dot(H, W_hq) + b_q)
    return mx.np.concatenate(outputs, axis=0), (H,)


def plain_lstm(inputs, state, params):
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c, W_hq, b_q = params
    H, C = state
    outputs = []
    for X in inputs:
        I = npx.sigmoid(mx.np.dot(X, W_xi) + mx.np.dot(H, W_hi) + b_i)
        F = npx.sigmoid(mx.np.dot(X, W_xf) + mx.np.dot(H, W_hf) + b_f)
        O = npx.sigmoid(mx.np.dot(X, W_xo) + mx.np.dot(H, W_ho) + b_o)
        C = F * C + I * mx.np.tanh(mx.np.dot(X, W_xc) + mx.np.dot(H, W_hc) + b_c)
        H = O * mx.np.tanh(C)
        outputs.append(mx.np.dot(H, W_hq) + b_q)
    return mx.np.concatenate(outputs, axis=0), (H, C)


CELLS = {
    "rnn": (d2l.get_params, d2l.init_rnn_state, d2l.rnn, plain_rnn),
    "gru": (d2l.get_gru_params, d2l.init_gru_state, d2l.gru, plain_gru),
    "lstm": (d2l.get_lstm_params, d2l.init_lstm_state, d2l.lstm, plain_lstm),
}
LAYERS = {"rnn": layers.RNN, "gru": layers.GRU, "lstm": layers.LSTM}


class Batches:
    """Batches of a published iterator, or of one of ours, drawn anew each time."""

    def __init__(self, module, vocab, use_random_iter, batch_size=3, num_steps=6, text=TEXT):
        sequential = (
            "seq_data_iter_sequential" if hasattr(module, "seq_data_iter_sequential") else "seq_data_iter_consecutive"
        )
        self.make = getattr(module, "seq_data_iter_random" if use_random_iter else sequential)
        self.corpus = vocab[list(text)]
        self.sizes = batch_size, num_steps

    def __iter__(self):
        return self.make(self.corpus, *self.sizes)


def model_of(module, kind, cell, vocab, ctx):
    if kind == "layer":
        return module.RNNModel(LAYERS[cell](12), len(vocab))
    get_params, init_state, ours, plain = CELLS[cell]
    # theirs has no cells of its own: a reader's is taken; ours is given the package's
    forward = ours if module in (d2l, d2l_0_11) else plain
    return module.RNNModelScratch(len(vocab), 12, ctx, get_params, init_state, forward)


def params_of(net):
    if isinstance(net, gluon.Block):
        return [param.data().asnumpy() for param in net.collect_params().values()]
    return [param.asnumpy() for param in net.params]


def alike(ours, theirs, rtol):
    for mine, published_one in zip(ours, theirs):
        np.testing.assert_allclose(mine, published_one, rtol=rtol, atol=rtol * 1e-2)


SHORT = [("lstm", "scratch", False), ("gru", "layer", True)]


@PAIRS
@pytest.mark.parametrize(
    ("cell", "kind", "use_random_iter"), combinations(CELLS, ["scratch", "layer"], [False, True], short=SHORT)
)
def test_fifty_updates_are_equal(ours, theirs, cell, kind, use_random_iter, ctx):
    results = []
    for module in (ours, theirs):
        gb.seed(11)
        vocab = module.Vocab([list(TEXT)])
        net = model_of(module, kind, cell, vocab, ctx)
        if kind == "layer":
            net.initialize(mx.init.Normal(0.01), ctx=ctx)
            trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 0.5})
            updater = trainer.step
        else:
            updater = lambda batch_size, net=net, module=module: module.sgd(net.params, 0.5, batch_size)  # noqa: E731
        loss, batches = gluon.loss.SoftmaxCrossEntropyLoss(), Batches(module, vocab, use_random_iter)
        updates, perplexities = [], []

        def counted(batch_size, updater=updater, updates=updates):
            updates.append(batch_size)
            updater(batch_size)

        while len(updates) < UPDATES:
            perplexities.append(module.train_epoch_ch8(net, batches, loss, counted, ctx, use_random_iter)[0])
        results.append((perplexities, updates, params_of(net), module.predict_ch8("it was", 30, net, vocab, ctx)))
    (perplexities, updates, params, text), (published_perplexities, published_updates, published_params, expected) = (
        results
    )
    np.testing.assert_allclose(np.log(perplexities), np.log(published_perplexities), rtol=1e-4)
    assert perplexities[-1] < 0.95 * perplexities[0]
    assert updates == published_updates == [1] * len(updates)
    alike(params, published_params, 1e-3)
    assert text == expected


@PAIRS
@pytest.mark.parametrize(
    ("kind", "use_random_iter"), combinations(["scratch", "layer"], [False, True], short=[("scratch", False)])
)
def test_training_prints_the_same(ours, theirs, kind, use_random_iter, ctx, capsys):
    printed, curves = [], []
    for module in (ours, theirs):
        gb.seed(7)
        vocab = module.Vocab([list(TEXT)])
        net = model_of(module, kind, "rnn", vocab, ctx)
        # few steps and small ones: further on, rounding alone drives two runs apart
        batches = Batches(module, vocab, use_random_iter, text=BEGINNING)
        module.train_ch8(net, batches, vocab, 0.2, 11, ctx, use_random_iter)
        printed.append(re.sub(r"[\d.]+ tokens/sec", "... tokens/sec", capsys.readouterr().out))
        axes = pyplot.gcf().axes[0]
        (line,) = axes.lines
        labels = axes.get_xlabel(), axes.get_ylabel(), [text.get_text() for text in axes.get_legend().get_texts()]
        curves.append((line.get_xdata().tolist(), np.log(line.get_ydata()), axes.get_xlim(), labels))
    assert printed[0] == printed[1]
    assert len(printed[0].splitlines()) == (3 if ours is d2l else 5)
    (x, y, xlim, labels), (published_x, published_y, published_xlim, published_labels) = curves
    assert (x, xlim, labels) == (published_x, published_xlim, published_labels)
    np.testing.assert_allclose(y, published_y, rtol=1e-4)


@PAIRS
@RANDOM
def test_batches_are_equal(ours, theirs, use_random_iter):
    vocab = ours.Vocab([list(TEXT)])
    published_vocab = theirs.Vocab([list(TEXT)])
    assert vocab.idx_to_token == published_vocab.idx_to_token
    for seed in range(9):
        found = []
        for module, its_vocab in ((ours, vocab), (theirs, published_vocab)):
            random.seed(seed)
            found.append([(X.asnumpy(), Y.asnumpy()) for X, Y in Batches(module, its_vocab, use_random_iter)])
        assert len(found[0]) == len(found[1]) > 0
        for pair, published_pair in zip(*found):
            np.testing.assert_array_equal(pair, published_pair)


@pytest.mark.slow
@PAIRS
@pytest.mark.parametrize("kind", ["scratch", "layer"])
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_each_works_with_the_others_parts(ours, theirs, kind, cell, ctx, capsys):
    """A net, a vocabulary, an iterator of the one in the trainer and the predictor of the other."""
    perplexities = []
    for trainer, parts in ((ours, theirs), (theirs, ours), (ours, ours)):
        gb.seed(4)
        vocab = parts.Vocab([list(TEXT)])
        net = model_of(parts, kind, cell, vocab, ctx)
        trainer.train_ch8(net, Batches(parts, vocab, False), vocab, 1, 8, ctx)
        perplexities.append(re.findall(r"erplexity ([\d.]+)", capsys.readouterr().out)[-1])
        assert trainer.predict_ch8("it was", 9, net, vocab, ctx) == parts.predict_ch8("it was", 9, net, vocab, ctx)
        for param in params_of(net):
            assert np.isfinite(param).all()
    assert len(set(perplexities)) == 1


@PAIRS
def test_gradients_are_clipped_at_one(ours, theirs, ctx):
    gradients = []
    for module in (ours, theirs):
        gb.seed(5)
        vocab = module.Vocab([list(TEXT)])
        net = model_of(module, "scratch", "rnn", vocab, ctx)
        net.params[-2][:] = 1000 * net.params[-2]  # steep enough
        seen = []

        def updater(batch_size, net=net, seen=seen):
            seen.append([param.grad.asnumpy() for param in net.params])

        loss, batches = gluon.loss.SoftmaxCrossEntropyLoss(), Batches(module, vocab, False)
        module.train_epoch_ch8(net, batches, loss, updater, ctx, False)
        gradients.append(seen)
    for mine, published_ones in zip(*gradients):
        assert np.sqrt(sum((gradient.astype("float64") ** 2).sum() for gradient in mine)) == pytest.approx(1, rel=1e-5)
        alike(mine, published_ones, 1e-3)


@pytest.mark.slow
@PAIRS
def test_translations_are_loaded_alike(ours, theirs, monkeypatch, tmp_path):
    subjects = (("We", "Nous"), ("They", "Ils"), ("Ann", "Ann"))
    verbs = (("sing", "chantent"), ("run", "courent"))
    pairs = [
        (f"{who} {verb}{mark}", f"{qui} {verbe} {mark}")
        for (who, qui), (verb, verbe), mark in itertools.product(subjects, verbs, ".!?")
    ]
    text = "\n".join("\t".join(pair) for pair in pairs) + "\n"
    (tmp_path / "fra-eng").mkdir()
    (tmp_path / "fra-eng" / "fra.txt").write_text(text, encoding="utf-8")
    monkeypatch.setenv("GLUONRNN_DATA", str(tmp_path))
    monkeypatch.setitem(theirs.load_data_nmt.__globals__, "read_data_nmt", lambda: text)
    assert ours.read_data_nmt() == text
    for arguments in ((4, 6), (5, 3, 7)):
        found = []
        for module in (ours, theirs):
            gb.seed(2)
            parts = sorted(module.load_data_nmt(*arguments), key=lambda part: hasattr(part, "idx_to_token"))
            found.append(([[array.asnumpy() for array in batch] for batch in parts[0]], *parts[1:]))
            assert hasattr(module.load_data_nmt(*arguments)[0], "idx_to_token") is (ours is d2l_0_11)
        (batches, *vocabs), (published_batches, *published_vocabs) = found
        for vocab, published_vocab in zip(vocabs, published_vocabs):
            assert vocab.idx_to_token == published_vocab.idx_to_token
            assert len(vocab) > 5
        assert len(batches) == len(published_batches) > 1
        for batch, published_batch in zip(batches, published_batches):
            for array, published_array in zip(batch, published_batch):
                assert array.dtype == published_array.dtype
                np.testing.assert_array_equal(array, published_array)


@PAIRS
def test_clipping_and_steps_are_equal(ours, theirs, ctx):
    for theta in (0, 1e-2, 1, 1e3):
        results = []
        for module in (ours, theirs):
            gb.seed(3)
            net = model_of(ours, "scratch", "gru", [0] * 9, ctx)
            for param in net.params:
                param.grad[:] = mx.np.random.normal(scale=2, size=param.shape)
            module.grad_clipping(net, theta)
            module.sgd(net.params, 0.3, 4)
            results.append(params_of(net))
        alike(*results, 1e-5)
