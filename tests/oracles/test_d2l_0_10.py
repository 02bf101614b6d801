"""Side by side with the published `d2l` 0.10.3, which computes on mxnet.nd arrays."""

from __future__ import annotations

import random
import re

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from IPython import display
from matplotlib import pyplot
from mxnet import autograd, gluon, nd

import gluonrnn as gb
from gluonrnn.editions import d2l_0_10
from tests.matrix import combinations
from tests.oracles.load import published
from tests.oracles.test_d2l import BEGINNING, LAYERS, RANDOM, TEXT, UPDATES, Batches, alike, params_of
from tests.seq2seq.common import SOURCES, assert_equal, assert_gradients_equal, parameters_of
from tests.seq2seq.common import TEXT as PAIRS_OF_SENTENCES

OF_2019 = published("d2l==0.10.3")
LIBRARY = OF_2019.Vocab.__init__.__globals__  # where its functions look names up
EACH = (d2l_0_10, OF_2019)
NO_SPEED = re.compile(r"\d+ tokens/sec")


@pytest.fixture(autouse=True)
def quiet_plots(monkeypatch):
    """Supply what IPython had until its version 8; outside a notebook the published ones print each point."""
    monkeypatch.setattr(display, "set_matplotlib_formats", lambda *formats: None, raising=False)
    monkeypatch.setattr(display, "display", lambda figure: None)
    monkeypatch.setattr(display, "clear_output", lambda wait: None)
    yield
    pyplot.close("all")


@pytest.fixture
def sentences(monkeypatch, tmp_path):
    """Let both read a small text for the English-French sentences."""
    (tmp_path / "fra-eng").mkdir()
    (tmp_path / "fra-eng" / "fra.txt").write_text(PAIRS_OF_SENTENCES * 2, encoding="utf-8")
    monkeypatch.setenv("GLUONRNN_DATA", str(tmp_path))
    monkeypatch.setitem(LIBRARY, "read_data_nmt", lambda: PAIRS_OF_SENTENCES * 2)


# cells as the chapters of that summer have them, which both editions are given
def parameters(num_gates):
    def get_params(vocab_size, num_hiddens, ctx):
        def normal(*shape):
            return nd.random.normal(scale=0.01, shape=shape, ctx=ctx)

        params = []
        for _ in range(num_gates):
            params += [normal(vocab_size, num_hiddens), normal(num_hiddens, num_hiddens), nd.zeros(num_hiddens)]
        params += [normal(num_hiddens, vocab_size), nd.zeros(vocab_size)]
        for param in params:
            param.attach_grad()
        return params

    return get_params


def init_state(batch_size, num_hiddens, ctx):
    return (nd.zeros((batch_size, num_hiddens), ctx=ctx),)


def rnn(inputs, state, params):
    W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    outputs = []
    for X in inputs:
        H = nd.tanh(nd.dot(X, W_xh) + nd.dot(H, W_hh) + b_h)
        outputs.append(nd.dot(H, W_hq) + b_q)
    return nd.concat(*outputs, dim=0), (H,)


def gru(inputs, state, params):
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    outputs = []
    for X in inputs:
        Z = nd.sigmoid(nd.dot(X, W_xz) + nd.dot(H, W_hz) + b_z)
        R = nd.sigmoid(nd.dot(X, W_xr) + nd.dot(H, W_hr) + b_r)
        H = Z * H + (1 - Z) * nd.tanh(nd.dot(X, W_xh) + nd.dot(R * H, W_hh) + b_h)
        outputs.append(nd.dot(H, W_hq) + b_q)
    return nd.concat(*outputs, dim=0), (H,)


CELLS = {"rnn": (parameters(1), init_state, rnn), "gru": (parameters(3), init_state, gru)}


def model_of(module, kind, cell, vocab, ctx):
    if kind == "layer":
        return module.RNNModel(LAYERS[cell](12), len(vocab))
    return module.RNNModelScratch(len(vocab), 12, ctx, *CELLS[cell])


@settings(max_examples=60)
@given(st.lists(st.lists(st.sampled_from(["a", "b", "<pad>", "<unk>"]))), st.integers(0, 3), st.booleans())
def test_vocabularies_are_equal(lines, min_freq, use_special_tokens):
    ours, theirs = (module.Vocab(lines, min_freq, use_special_tokens) for module in EACH)
    assert ours.idx_to_token == theirs.idx_to_token
    assert ours.token_to_idx == theirs.token_to_idx
    assert (ours.unk, ours.token_freqs) == (theirs.unk, theirs.token_freqs)
    if use_special_tokens:
        assert (ours.pad, ours.bos, ours.eos) == (theirs.pad, theirs.bos, theirs.eos)
    assert ours[["a", "zz"]] == theirs[["a", "zz"]]


@pytest.mark.slow
@RANDOM
def test_the_time_machine_is_loaded_alike(use_random_iter, monkeypatch, tmp_path):
    text = "The mill, by nobody.\n\n  Sacks of flour: 9!\nThe dust o'er the sacks, all day\n" * 3
    (tmp_path / "chapter").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "timemachine.txt").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path / "chapter")
    monkeypatch.setattr("gluonrnn.corpus.hub.download", lambda *names: "../data/timemachine.txt")
    for max_tokens in (-1, 100):
        (corpus, vocab), (their_corpus, their_vocab) = (module.load_corpus_time_machine(max_tokens) for module in EACH)
        assert corpus == their_corpus
        assert vocab.idx_to_token == their_vocab.idx_to_token
    for seed in range(20):
        found = []
        for module in EACH:
            random.seed(seed)
            data_iter, vocab = module.load_data_time_machine(2, 3, use_random_iter)
            found.append([(X.asnumpy(), Y.asnumpy()) for X, Y in data_iter])
            assert {type(array) for pair in data_iter for array in pair} == {nd.NDArray}
        assert len(found[0]) > 5
        np.testing.assert_array_equal(*found)


SHORT = [("gru", "scratch", False), ("gru", "layer", True)]


@pytest.mark.parametrize(
    ("cell", "kind", "use_random_iter"), combinations(CELLS, ["scratch", "layer"], [False, True], short=SHORT)
)
def test_fifty_updates_are_equal(cell, kind, use_random_iter, ctx):
    results = []
    for module in EACH:
        gb.seed(11)
        vocab = module.Vocab([list(TEXT)])
        model = model_of(module, kind, cell, vocab, ctx)
        if kind == "layer":
            model.initialize(mx.init.Normal(0.01), ctx=ctx)
            trainer = gluon.Trainer(model.collect_params(), "sgd", {"learning_rate": 0.5})
            updater = trainer.step
        else:
            updater = lambda batch_size, model=model, module=module: module.sgd(model.params, 0.5, batch_size)  # noqa: E731
        batches, loss = Batches(module, vocab, use_random_iter), gluon.loss.SoftmaxCrossEntropyLoss()
        perplexities, updates = [], []

        def counted(batch_size, updater=updater, updates=updates):
            updates.append(batch_size)
            updater(batch_size)

        while len(updates) < UPDATES:
            perplexities.append(module.train_epoch_ch8(model, batches, loss, counted, ctx, use_random_iter)[0])
        results.append((perplexities, updates, params_of(model), module.predict_ch8("it was", 30, model, vocab, ctx)))
    (perplexities, updates, params, text), (their_perplexities, their_updates, their_params, expected) = results
    np.testing.assert_allclose(np.log(perplexities), np.log(their_perplexities), rtol=1e-4)
    assert perplexities[-1] < 0.95 * perplexities[0]
    assert updates == their_updates == [1] * len(updates)
    alike(params, their_params, 1e-3)
    assert text == expected


@pytest.mark.parametrize(
    ("kind", "use_random_iter"), combinations(["scratch", "layer"], [False, True], short=[("scratch", False)])
)
def test_training_prints_and_plots_the_same(kind, use_random_iter, ctx, capsys):
    printed, curves = [], []
    for module in EACH:
        gb.seed(7)
        vocab = module.Vocab([list(TEXT)])
        model = model_of(module, kind, "rnn", vocab, ctx)
        batches = Batches(module, vocab, use_random_iter, text=BEGINNING)
        module.train_ch8(model, batches, vocab, 0.2, 11, ctx, use_random_iter)
        printed.append(NO_SPEED.sub("... tokens/sec", capsys.readouterr().out))
        axes = pyplot.gcf().axes[0]
        (line,) = axes.lines
        curves.append((line.get_xdata().tolist(), np.log(line.get_ydata()), axes.get_xlim(), axes.get_xlabel()))
    assert printed[0] == printed[1]
    assert len(printed[0].splitlines()) == 5
    (x, y, *rest), (their_x, their_y, *their_rest) = curves
    assert (x, rest) == (their_x, their_rest)
    np.testing.assert_allclose(y, their_y, rtol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["scratch", "layer"])
def test_each_works_with_the_others_parts(kind, ctx, capsys):
    """A model, a plain block in the published package, and an iterator of the one in the trainer of the other."""
    perplexities = []
    for trainer, parts in (EACH, EACH[::-1], (d2l_0_10, d2l_0_10)):
        gb.seed(4)
        vocab = parts.Vocab([list(TEXT)])
        model = model_of(parts, kind, "gru", vocab, ctx)
        trainer.train_ch8(model, Batches(parts, vocab, False), vocab, 1, 8, ctx)
        perplexities.append(re.findall(r"erplexity ([\d.]+)", capsys.readouterr().out)[-1])
        assert trainer.predict_ch8("it was", 9, model, vocab, ctx) == parts.predict_ch8("it was", 9, model, vocab, ctx)
    assert len(set(perplexities)) == 1


def test_clipping_and_steps_are_equal(ctx):
    for theta in (0, 1e-2, 1, 1e3):
        results = []
        for module in EACH:
            gb.seed(3)
            model = model_of(module, "scratch", "gru", [0] * 9, ctx)
            for param in model.params:
                param.grad[:] = nd.random.normal(scale=2, shape=param.shape)
            module.grad_clipping(model, theta)
            module.sgd(model.params, 0.3, 4)
            results.append(params_of(model))
        alike(*results, 1e-5)


def copy_parameters(source, target):
    ours, theirs = parameters_of(source), parameters_of(target)
    assert list(ours) == list(theirs)
    for name, parameter in ours.items():
        theirs[name].set_data(parameter.data())


def random_array(rng, *shape):
    return nd.array(rng.normal(size=shape).astype("float32"))


def results_of(block, inputs, weights):
    """Return what a block gives, and the gradients of a weighted sum of it, by its parameters and by its inputs."""
    arrays = [array for array in inputs if array is not None and array.ndim == 3]
    for array in arrays:
        array.attach_grad()
    with autograd.record(train_mode=False):
        output = block(*inputs)
        first = output[0] if isinstance(output, tuple) else output
        objective = (first * weights).sum()
    objective.backward()
    gradients = {name: parameter.grad().asnumpy() for name, parameter in parameters_of(block).items()}
    return output, gradients, [array.grad.asnumpy() for array in arrays]


def test_encoder_and_decoder_are_equal():
    rng = np.random.default_rng(6)
    X, Y, valid_length = nd.array(rng.integers(0, 9, (3, 5))), nd.array(rng.integers(0, 7, (3, 4))), nd.array([5, 2, 1])
    models = [
        module.EncoderDecoder(module.Seq2SeqEncoder(9, 8, 6, 2), module.Seq2SeqDecoder(7, 8, 6, 2)) for module in EACH
    ]
    for model in models:
        model.initialize(mx.init.Uniform(0.5))
        model(X, Y, valid_length)
    copy_parameters(*models)
    weights = random_array(rng, 3, 4, 7)
    (output, gradients, _), (their_output, their_gradients, _) = (
        results_of(model, (X, Y, valid_length, valid_length), weights) for model in models
    )
    assert_equal(output, their_output)
    assert_equal(*[model.encoder(X) for model in models])
    assert_gradients_equal(gradients, their_gradients)


@pytest.mark.parametrize("lengths", [None, [2, 5, 0], [[1, 2], [3, 4], [5, 0]]], ids=["all", "examples", "queries"])
@pytest.mark.parametrize(("name", "sizes"), [("MLPAttention", (8,)), ("DotProductAttention", ())])
def test_attention_is_equal(name, sizes, lengths):
    rng = np.random.default_rng(4)
    inputs = [random_array(rng, 3, 2, 4), random_array(rng, 3, 5, 4), random_array(rng, 3, 5, 6)]
    inputs.append(None if lengths is None else nd.array(lengths))
    weights = random_array(rng, 3, 2, 6)
    layers = [getattr(module, name)(*sizes, 0.1) for module in EACH]
    for layer in layers:
        layer.initialize(mx.init.Uniform(0.5))
        layer(*inputs)
    copy_parameters(*layers)
    (output, gradients, of_inputs), (their_output, their_gradients, of_their_inputs) = (
        results_of(layer, inputs, weights) for layer in layers
    )
    assert_equal(output, their_output)
    assert_equal(of_inputs, of_their_inputs)
    # the query makes no difference in MLPAttention, so that what it meets learns nothing
    assert_gradients_equal(gradients, their_gradients, zero=["W_k.weight"])
    scores = random_array(rng, 3, 2, 5)
    assert_equal(*[module.masked_softmax(scores, inputs[3]) for module in EACH])


@pytest.mark.parametrize("valid_length", [[3, 4, 0], [4, 4, 1]])
def test_the_masked_loss_is_equal(valid_length):
    rng = np.random.default_rng(5)
    pred, label = random_array(rng, 3, 4, 7), nd.array(rng.integers(0, 7, (3, 4)))
    results = []
    for module in EACH:
        pred.attach_grad()
        with autograd.record():
            losses = module.MaskedSoftmaxCELoss()(pred, label, nd.array(valid_length))
        losses.backward()
        results.append([losses, pred.grad.copy()])
    assert_equal(*results)


def test_sentences_are_prepared_alike():
    text, their_text = (module.preprocess_nmt(PAIRS_OF_SENTENCES) for module in EACH)
    assert text == their_text
    lines, their_lines = (module.tokenize_nmt(text, 6) for module in EACH)
    assert lines == their_lines
    vocabs = [module.Vocab(lines[1], 1, use_special_tokens=True) for module in EACH]
    for is_source in (True, False):
        rows = [
            module.build_array(lines[1], vocab, num_steps, is_source)
            for module, vocab in zip(EACH, vocabs)
            for num_steps in (4, 9)
        ]
        assert_equal(rows[:2], rows[2:])
    for line in ([7, 8, 9], [7]):
        assert d2l_0_10.trim_pad(line, 2, 0) == OF_2019.trim_pad(line, 2, 0)


def test_translation_is_equal(sentences, ctx, capsys):
    printed, loaded, models = [], [], []
    for module in EACH:
        gb.seed(21)
        src_vocab, tgt_vocab, data_iter = module.load_data_nmt(2, 6)
        assert isinstance(src_vocab, module.Vocab)
        encoder = module.Seq2SeqEncoder(len(src_vocab), 8, 16, 2)
        model = module.EncoderDecoder(encoder, module.Seq2SeqDecoder(len(tgt_vocab), 8, 16, 2))
        module.train_s2s_ch8(model, data_iter, 0.01, 5, ctx)
        loaded.append((src_vocab, tgt_vocab))
        models.append(model)
        printed.append(NO_SPEED.sub("... tokens/sec", capsys.readouterr().out))
    assert printed[0] == printed[1]
    assert re.fullmatch(r"loss 0\.\d{3}, \.\.\. tokens/sec on cpu\(0\) \n", printed[0])
    assert [vocab.idx_to_token for vocab in loaded[0]] == [vocab.idx_to_token for vocab in loaded[1]]
    assert loaded[0][0].idx_to_token[:4] == ["<pad>", "<bos>", "<eos>", "<unk>"]
    theirs = parameters_of(models[1])
    for name, parameter in parameters_of(models[0]).items():
        np.testing.assert_allclose(
            parameter.data().asnumpy(), theirs[name].data().asnumpy(), rtol=1e-3, atol=1e-3, err_msg=name
        )
    d2l_0_10.train_s2s_ch8(models[0], data_iter, 0.03, 10, ctx, seed=2)  # to have something to say
    sentences = [f"{source[:-1]} {source[-1]}" for source in SOURCES]
    answers = [
        [module.predict_s2s_ch8(models[0], sentence, *vocabs, 6, ctx) for sentence in sentences]
        for module, vocabs in zip(EACH, loaded)
    ]
    assert answers[0] == answers[1]
    assert len(set(answers[0])) > 1


def test_a_curve_is_plotted_alike():
    x = nd.arange(9)
    lines = []
    for module in EACH:
        module.plot(x, [nd.sin(x), nd.cos(x)], "x", "y", legend=["sin", "cos"], xlim=[0, 9])
        axes = pyplot.gca()
        lines.append([(line.get_xydata().tolist(), line.get_linestyle(), line.get_color()) for line in axes.lines])
        assert axes.get_xlim() == (0, 9)
        pyplot.close("all")
    assert lines[0] == lines[1]
    assert len(lines[0]) == 2
