"""The editions on mxnet.np: what they compute, what they print, and what they refuse."""

from __future__ import annotations

import importlib
import math
import re

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, nd
from mxnet.gluon import rnn as layers

import gluonrnn as gb
from gluonrnn import d2l
from gluonrnn.editions import d2l_0_11
from gluonrnn.models import scratch as scratch_module
from tests.oracles.load import published

EDITIONS = pytest.mark.parametrize("edition", [d2l, d2l_0_11], ids=["d2l", "d2l_0_11"])
CELLS = {
    "rnn": (d2l.get_params, d2l.init_rnn_state, d2l.rnn),
    "gru": (d2l.get_gru_params, d2l.init_gru_state, d2l.gru),
    "lstm": (d2l.get_lstm_params, d2l.init_lstm_state, d2l.lstm),
}
SENTENCE = "over the river and over the hill "


class Batches:
    """Batches of a text, drawn anew each time."""

    def __init__(self, vocab, batch_size=3, num_steps=5, random=False, text=SENTENCE * 8):
        self.corpus = vocab[list(text)]
        self.make = d2l.seq_data_iter_random if random else d2l.seq_data_iter_sequential
        self.sizes = batch_size, num_steps

    def __iter__(self):
        return self.make(self.corpus, *self.sizes)


@pytest.fixture
def vocab():
    return d2l.Vocab(list(SENTENCE))


@pytest.fixture(autouse=True)
def no_figure_left():
    yield
    importlib.import_module("matplotlib.pyplot").close("all")


@pytest.fixture
def np_arrays():
    """Switch MXNet to NumPy semantics, without which Gluon makes trainers for mx.nd arrays."""
    mx.npx.set_np()
    yield
    mx.npx.reset_np()


def scratch(vocab, cell="rnn", num_hiddens=9):
    return d2l.RNNModelScratch(len(vocab), num_hiddens, d2l.try_gpu(), *CELLS[cell])


def test_array_names_are_what_the_published_ones_are():
    for name in importlib.import_module("gluonrnn.editions.numpy_names").__all__:
        ours, theirs = getattr(d2l, name), getattr(published("d2l==0.17.6", "d2l.mxnet"), name)
        if getattr(theirs, "__name__", "") != "<lambda>":
            assert ours is theirs, name
    x = d2l.reshape(d2l.arange(6), (2, 3))
    assert d2l.size(x) == 6
    assert d2l.transpose(x).shape == (3, 2)
    assert d2l.numpy(x).tolist() == [[0, 1, 2], [3, 4, 5]]
    assert d2l.reduce_sum(x, axis=0).tolist() == [3, 5, 7]
    assert d2l.argmax(x, axis=1).tolist() == [2, 2]
    assert d2l.astype(x, d2l.int32).dtype == np.int32
    assert d2l.to(x, mx.cpu()) is x
    assert d2l.matmul(x, x.T).tolist() == [[5, 14], [14, 50]]


def test_the_earlier_edition_unpacks_into_a_folder_with_a_slash_at_its_end(monkeypatch):
    monkeypatch.setattr("gluonrnn.corpus.hub.download_extract", lambda *arguments: "/".join(filter(None, arguments)))
    assert d2l_0_11.download_extract("fra-eng") == "fra-eng/"
    assert d2l_0_11.download_extract("fra-eng", "more") == "fra-eng/more/"


def test_four_names_are_also_the_packages_own():
    for name in ("RNNModelScratch", "predict_ch8", "train_ch8", "train_epoch_ch8"):
        assert getattr(gb, name) is getattr(d2l, name)
    assert importlib.import_module("gluonrnn.d2l") is d2l


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_a_cell_over_one_array_is_the_cell_over_a_list(cell):
    get_params, init_state, forward = CELLS[cell]
    plain = {"rnn": gb.rnn, "gru": gb.gru, "lstm": gb.lstm}[cell]
    params = get_params(7, 5, d2l.try_gpu())
    X = mx.npx.one_hot(mx.np.array([[1, 5, 6, 0], [0, 2, 4, 4], [3, 3, 3, 1]]).T, 7)
    results = []
    for run in (
        lambda: forward(X, init_state(3, 5, d2l.try_gpu()), params),
        lambda: plain(
            list(X.as_nd_ndarray()), [h.as_nd_ndarray() for h in init_state(3, 5)], [p.as_nd_ndarray() for p in params]
        ),
    ):
        with autograd.record():
            Y, state = run()
            Y = nd.concat(*Y, dim=0) if isinstance(Y, list) else Y.as_nd_ndarray()
            loss = (Y * nd.arange(Y.size).reshape(Y.shape)).sum()
        loss.backward()
        results.append([Y.asnumpy(), *[h.asnumpy() for h in state], *[p.grad.asnumpy() for p in params]])
    assert results[0][0].shape == (12, 7)
    for ours, theirs in zip(*results):
        np.testing.assert_allclose(ours, theirs, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_the_fast_form_of_the_scratch_model_is_the_plain_one(cell, vocab, monkeypatch):
    net = scratch(vocab, cell)
    run = []
    whole = scratch_module.network_of_cell
    monkeypatch.setattr(scratch_module, "network_of_cell", lambda *args: run.append(whole(*args)) or run[-1])
    for param in net.params:
        param[:] = mx.np.random.normal(scale=0.4, size=param.shape)
    slow = scratch(vocab, cell)
    slow.params = net.params
    slow.forward_fn = lambda *arguments: CELLS[cell][2](*arguments)
    X = mx.np.array([[1, 5, 6, 0], [0, 2, 4, 4]])
    results = []
    for model in (net, slow):
        with autograd.record():
            Y, state = model(X, model.begin_state(2, d2l.try_gpu()))
            Y, state = model(X, state)
            loss = (Y * Y).sum()
        loss.backward()
        results.append([Y.asnumpy(), *[h.asnumpy() for h in state], *[p.grad.asnumpy() for p in net.params]])
    assert len(run) == 2  # by the one net, and not by the other
    assert None not in run
    for fast, plain in zip(*results):
        np.testing.assert_allclose(fast, plain, rtol=1e-4, atol=1e-5)


def test_the_scratch_model_draws_in_the_books_order(ctx):
    gb.seed(3)
    params = d2l.get_gru_params(7, 5, ctx)
    gb.seed(3)
    for param in params:
        if param.ndim == 2:
            assert (param == mx.np.random.normal(scale=0.01, size=param.shape)).all()
        else:
            assert not param.any()


TRAINED = r"perplexity 1\.\d, [\d.]+ tokens/sec on cpu\(0\)\n"


@pytest.mark.parametrize(("kind", "random"), [("scratch", False), ("layer", True)])
def test_training_prints_the_books_lines_and_learns(vocab, capsys, kind, random, ctx):
    net = scratch(vocab, num_hiddens=32) if kind == "scratch" else d2l.RNNModel(layers.RNN(32), len(vocab))
    d2l.train_ch8(net, Batches(vocab, random=random), vocab, 1, 50, ctx, random, prefixes=["over", "hill"], seed=1)
    out, err = capsys.readouterr()
    assert re.fullmatch(TRAINED + "over.{50}\nhill.{50}\n", out)
    assert err == ""
    assert "over the" in out


@pytest.mark.slow
def test_training_of_the_earlier_edition_prints_a_sample_every_tenth_epoch(vocab, capsys, ctx):
    d2l_0_11.train_ch8(scratch(vocab), Batches(vocab), vocab, 1, 21, ctx, prefixes=["over", "hill"])
    lines = capsys.readouterr().out.splitlines()
    assert [line[:4] for line in lines] == ["over", "over", "over", "Perp", "over", "hill"]
    assert re.fullmatch(r"Perplexity \d+\.\d, \d+ tokens/sec on cpu\(0\)", lines[3])
    assert {len(line) for line in lines if line[:4] != "Perp"} == {54}


def test_the_books_prefixes_are_the_default(vocab, capsys, ctx):
    d2l.train_ch8(scratch(vocab), Batches(vocab), vocab, 1, 1, ctx)
    first, second = capsys.readouterr().out.splitlines()[1:]
    assert first.startswith("ti<unk>e tr")
    assert second.startswith("tr")


@pytest.mark.slow
def test_the_plot_has_a_point_every_tenth_epoch(vocab, ctx, tmp_path):
    from matplotlib import pyplot

    seen = []
    d2l.train_ch8(
        scratch(vocab), Batches(vocab), vocab, 1, 25, ctx, callback=lambda *result: seen.append(result) and None
    )
    (line,) = pyplot.gcf().axes[0].lines
    assert line.get_xdata().tolist() == [10, 20]
    np.testing.assert_allclose(line.get_ydata(), [seen[epoch - 1][1] for epoch in (10, 20)])
    assert pyplot.gcf().axes[0].get_xlim() == (10, 25)
    pyplot.savefig(tmp_path / "curve.png")
    assert (tmp_path / "curve.png").stat().st_size > 1000
    assert [result[0] for result in seen] == list(range(1, 26))
    assert seen[0][3] == []


@pytest.mark.slow
def test_one_seed_makes_one_run(vocab, capsys, ctx):
    printed = []
    for _ in range(2):
        net = d2l.RNNModel(layers.GRU(9), len(vocab))
        d2l.train_ch8(net, Batches(vocab, random=True), vocab, 1, 3, ctx, True, seed=5)
        printed.append(re.sub(r", .*/sec", "", capsys.readouterr().out))
    assert printed[0] == printed[1]


@EDITIONS
def test_an_epoch_returns_perplexity_and_speed(edition, vocab, ctx):
    net = scratch(vocab)
    for updater in (lambda batch_size: d2l.sgd(net.params, 1, batch_size), lambda batch_size: None):
        gb.seed(2)
        before = [param.asnumpy() for param in net.params]
        perplexity, speed = edition.train_epoch_ch8(
            net, Batches(vocab), gluon.loss.SoftmaxCrossEntropyLoss(), updater, ctx, False
        )
        assert 1 < perplexity < len(vocab) + 1
        assert speed > 0
    assert all((a == p.asnumpy()).all() for a, p in zip(before, net.params))


def test_an_epoch_takes_a_model_that_does_not_tell_its_size(vocab, ctx):
    class Own:
        def __init__(self, net):
            self.params, self.begin_state, self.net = net.params, net.begin_state, net

        def __call__(self, X, state):
            return self.net(X, state)

    perplexities = []
    for wrap in (lambda net: net, Own):
        gb.seed(3)
        net = scratch(vocab)
        loss, updater = (
            gluon.loss.SoftmaxCrossEntropyLoss(),
            lambda batch_size, net=net: d2l.sgd(net.params, 1, batch_size),
        )
        perplexities.append(d2l.train_epoch_ch8(wrap(net), Batches(vocab), loss, updater, ctx, False)[0])
    assert perplexities[0] == pytest.approx(perplexities[1], rel=1e-5)


def test_an_epoch_takes_a_gluon_trainer(vocab, ctx, np_arrays):
    net = d2l.RNNModel(layers.LSTM(9), len(vocab))
    net.initialize(ctx=ctx)
    with_trainer = []
    for _ in range(3):
        trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1})
        loss = gluon.loss.SoftmaxCrossEntropyLoss()
        with_trainer.append(d2l.train_epoch_ch8(net, Batches(vocab), loss, trainer, ctx, False)[0])
    assert with_trainer[-1] < with_trainer[0]


@pytest.mark.parametrize("theta", [1e-3, 1e3])
def test_clipping_is_of_all_parameters_together(vocab, theta, ctx):
    net = scratch(vocab)
    for param in net.params:
        param.grad[:] = mx.np.random.normal(size=param.shape)
    before = np.concatenate([param.grad.asnumpy().ravel() for param in net.params])
    d2l.grad_clipping(net, theta)
    after = np.concatenate([param.grad.asnumpy().ravel() for param in net.params])
    factor = min(1, theta / np.linalg.norm(before.astype("float64")))
    np.testing.assert_allclose(after, before * factor, rtol=1e-5)


@pytest.mark.parametrize("unknown", ["X", "time"])
def test_unknown_characters_of_a_prefix_become_unk(vocab, unknown, ctx):
    text = d2l.predict_ch8(unknown, 4, scratch(vocab), vocab, ctx)
    shown = "".join(char if char in vocab.token_to_idx else "<unk>" for char in unknown)
    assert text.startswith(shown)


def test_words_are_tokens_too(ctx):
    vocab = d2l.Vocab([SENTENCE.split()])
    text = d2l.predict_ch8(["over", "the"], 3, scratch(vocab), vocab, ctx)
    assert text.startswith("overthe")


@EDITIONS
def test_bad_input_is_refused_before_any_training(edition, vocab, ctx):
    """What is said of it stands in the tables of `tests.bad_inputs`."""
    names = {"net": "model", "device": "ctx"} if edition is d2l_0_11 else {}
    net, batch, wrong = scratch(vocab), mx.np.ones((3, 5)), mx.np.full((3, 5), 13)
    before = [param.asnumpy() for param in net.params]
    call = {"net": net, "train_iter": Batches(vocab), "vocab": vocab, "lr": 1, "num_epochs": 1, "device": ctx}
    for changes in (
        {"train_iter": []},
        {"train_iter": [5]},
        {"train_iter": [(wrong, batch)]},
        {"train_iter": [(batch, -wrong)]},
        {"train_iter": [(batch, batch[:, 1:])]},
        {"train_iter": [[batch] * 3]},
        {"train_iter": [[batch[0]] * 2]},
        {"vocab": list(range(13))},
        {"vocab": d2l.Vocab(["a"])},
        {"prefixes": ["o", ""]},
        {"prefixes": [3]},
        {"callback": 3},
        {"on_nonfinite": "stop"},
    ):
        with pytest.raises((TypeError, ValueError)):
            edition.train_ch8(**{names.get(name, name): value for name, value in {**call, **changes}.items()})
        assert all((old == param.asnumpy()).all() for old, param in zip(before, net.params)), changes


def test_an_iterator_that_runs_out_is_told_of(vocab, ctx):
    with pytest.raises(ValueError, match=r"but epoch 2 had none: .* an iterator that begins anew each time"):
        d2l.train_ch8(scratch(vocab), iter(list(Batches(vocab))), vocab, 1, 2, ctx)


def test_a_loss_that_turns_nan_is_reported(vocab, ctx):
    net = scratch(vocab)
    net.params[0][:] = math.nan
    with pytest.warns(gb.NonFiniteLossWarning, match="became nan at epoch 1, batch 1"):
        d2l.train_ch8(net, Batches(vocab), vocab, 1, 1, ctx)
    with pytest.raises(gb.NonFiniteLossError, match="became nan at epoch 1, batch 1"):
        d2l.train_ch8(net, Batches(vocab), vocab, 1, 1, ctx, on_nonfinite="raise")


def test_an_epoch_with_a_model_without_parameters_is_told_of(vocab, ctx):
    net, loss = d2l.RNNModel(layers.RNN(4), len(vocab)), gluon.loss.SoftmaxCrossEntropyLoss()
    with pytest.raises(RuntimeError, match="the model has no parameters yet"):
        d2l.train_epoch_ch8(net, Batches(vocab), loss, abs, ctx, False)


@EDITIONS
def test_lines_may_come_from_an_iterator(edition):
    for token, tokens in (("word", [["a", "b"], ["c"]]), ("char", [["a", " ", "b"], ["c"]])):
        assert edition.tokenize((line for line in ("a b", "c")), token) == tokens


def test_gpus_that_are_not_there_are_the_cpu():
    if mx.context.num_gpus() == 0:
        assert d2l.try_gpu() == d2l.try_gpu(3) == mx.cpu()
        assert d2l.try_all_gpus() == [mx.cpu()]
