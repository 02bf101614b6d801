"""The edition of the releases 0.10 to 0.10.3, on mxnet.nd arrays: array types, special tokens, orders."""

from __future__ import annotations

import importlib
import inspect
import re

import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon, nd
from mxnet.gluon import nn
from mxnet.gluon import rnn as layers

from gluonrnn import d2l, seq2seq
from gluonrnn._arrays import using_nd, using_np
from gluonrnn.editions import d2l_0_10, d2l_0_11, d2l_0_15, signatures

EDITION = "gluonrnn.editions.d2l_0_10"
SENTENCE = "over the river and over the hill "
WORLDS = pytest.mark.parametrize("switch", [using_nd, using_np])


class Batches:
    """Batches of a text, drawn anew each time."""

    def __init__(self, vocab, random=False):
        self.corpus = vocab[list(SENTENCE * 8)]
        self.make = d2l_0_10.seq_data_iter_random if random else d2l_0_10.seq_data_iter_consecutive

    def __iter__(self):
        return self.make(self.corpus, 3, 5)


@pytest.fixture
def vocab():
    return d2l_0_10.Vocab([list(SENTENCE)])


@pytest.fixture(autouse=True)
def no_figure_left():
    yield
    importlib.import_module("matplotlib.pyplot").close("all")


def get_params(vocab_size, num_hiddens, ctx):
    def normal(*shape):
        return nd.random.normal(scale=0.01, shape=shape, ctx=ctx)

    params = [
        *(normal(vocab_size, num_hiddens), normal(num_hiddens, num_hiddens), nd.zeros(num_hiddens)),
        *(normal(num_hiddens, vocab_size), nd.zeros(vocab_size)),
    ]
    for param in params:
        param.attach_grad()
    return params


def init_rnn_state(batch_size, num_hiddens, ctx):
    return (nd.zeros(shape=(batch_size, num_hiddens), ctx=ctx),)


def rnn(inputs, state, params):
    W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    outputs = []
    for X in inputs:
        H = nd.tanh(nd.dot(X, W_xh) + nd.dot(H, W_hh) + b_h)
        outputs.append(nd.dot(H, W_hq) + b_q)
    return nd.concat(*outputs, dim=0), (H,)


class PlainModel(nn.Block):
    """A model of the reader's own, which says nothing of its arrays."""

    def __init__(self, vocab_size):
        super().__init__()
        self.rnn, self.dense, self.vocab_size = layers.GRU(24), nn.Dense(vocab_size), vocab_size

    def forward(self, inputs, state):
        Y, state = self.rnn(nd.one_hot(inputs.T, self.vocab_size), state)
        return self.dense(Y.reshape((-1, Y.shape[-1]))), state

    def begin_state(self, *args, **kwargs):
        return self.rnn.begin_state(*args, **kwargs)


def model_of(kind, vocab, ctx):
    if kind == "scratch":
        return d2l_0_10.RNNModelScratch(len(vocab), 24, ctx, get_params, init_rnn_state, rnn)
    return d2l_0_10.RNNModel(layers.RNN(24), len(vocab)) if kind == "layer" else PlainModel(len(vocab))


@pytest.mark.parametrize("edition", [d2l_0_10, d2l_0_11])
def test_special_tokens_stand_first(edition):
    lines = [["b", "a", "<unk>"], ["a", "c", "<eos>"]]
    for vocab in (edition.Vocab(lines, 0, True), edition.Vocab(lines, use_special_tokens=True)):
        assert vocab.idx_to_token == ["<pad>", "<bos>", "<eos>", "<unk>", "a", "b", "c"]
        assert (vocab.pad, vocab.bos, vocab.eos, vocab.unk) == (0, 1, 2, 3)
        assert vocab[["<pad>", "zz", "c"]] == [0, 3, 6]
        assert vocab.to_tokens(vocab[["<unk>", "b"]]) == ["<unk>", "b"]
        assert {token: vocab[token] for token in vocab.idx_to_token} == vocab.token_to_idx
    for vocab in (edition.Vocab(lines, 0, False), edition.Vocab(lines)):
        assert vocab.idx_to_token[:2] == ["<unk>", "a"]
        assert vocab.unk == 0
        assert not hasattr(vocab, "pad")
    assert edition.Vocab(lines, 2, True).idx_to_token == ["<pad>", "<bos>", "<eos>", "<unk>", "a"]
    reserved = edition.Vocab(lines, 0, ["<pad>", "<bos>"])
    assert (reserved.unk, reserved.pad, reserved.bos) == (0, 1, 2)
    assert d2l_0_15.Vocab([["a"]]).unk == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "random", "switch"), [("scratch", False, using_np), ("layer", True, using_nd), ("plain", True, using_np)]
)
def test_training_prints_the_books_lines_and_learns(vocab, capsys, kind, random, switch, ctx):
    with switch():
        model = model_of(kind, vocab, ctx)
        d2l_0_10.train_ch8(model, Batches(vocab, random), vocab, 1, 31, ctx, random, prefixes=["over", "hill"], seed=1)
        lines = capsys.readouterr().out.splitlines()
        assert [line[:4] for line in lines] == ["over"] * 4 + ["Perp", "over", "hill"]
        found = re.fullmatch(r"Perplexity (\d+\.\d), \d+ tokens/sec on cpu\(0\)", lines[4])
        assert float(found.group(1)) < 0.8 * len(vocab)
        assert lines[5].startswith(d2l_0_10.predict_ch8("over", 9, model, vocab, ctx))
        params = list(model.params if kind == "scratch" else [p.data() for p in model.collect_params().values()])
        assert {type(param) for param in params} == {nd.NDArray}
        before = [param.asnumpy() for param in params]
        for param in params:
            param.grad[:] = 1
        d2l_0_10.grad_clipping(model, 0.5)
        d2l_0_10.sgd(params, 2, 1)
        moved = np.concatenate([(old - param.asnumpy()).ravel() for old, param in zip(before, params)])
        assert np.linalg.norm(moved) == pytest.approx(1, rel=1e-3)


@WORLDS
def test_an_epoch_is_trained_with_a_trainer_or_a_function(vocab, switch, ctx):
    model, loss = model_of("plain", vocab, ctx), gluon.loss.SoftmaxCrossEntropyLoss()
    model.initialize()
    trainer = gluon.Trainer(model.collect_params(), "sgd", {"learning_rate": 1})
    with switch():
        perplexities = [
            d2l_0_10.train_epoch_ch8(model, Batches(vocab), loss, updater, ctx, False)[0]
            for updater in (trainer, trainer.step, lambda batch_size: None)
        ]
    assert perplexities == sorted(perplexities, reverse=True)


@pytest.mark.slow
@WORLDS
def test_encoder_and_decoder_are_trained_and_translate(switch, ctx, capsys, monkeypatch, tmp_path):
    (tmp_path / "fra-eng").mkdir()
    (tmp_path / "fra-eng" / "fra.txt").write_text("Go.\tVa !\nRun.\tCours !\nDance.\tDanse !\n" * 3, encoding="utf-8")
    monkeypatch.setenv("GLUONRNN_DATA", str(tmp_path))
    with switch():
        src_vocab, tgt_vocab, data_iter = d2l_0_10.load_data_nmt(batch_size=2, num_steps=4)
        assert (len(src_vocab), tgt_vocab.eos) == (8, 2)
        for batch in data_iter:
            assert [type(array) for array in batch] == [nd.NDArray] * 4
            assert [array.dtype for array in batch] == [np.float32] * 4
        encoder = d2l_0_10.Seq2SeqEncoder(len(src_vocab), 8, 16, 1)
        model = d2l_0_10.EncoderDecoder(encoder, d2l_0_10.Seq2SeqDecoder(len(tgt_vocab), 8, 16, 1))
        d2l_0_10.train_s2s_ch8(model, data_iter, 0.02, 60, ctx, seed=1)
        assert re.fullmatch(r"loss 0\.0\d\d, \d+ tokens/sec on cpu\(0\) \n", capsys.readouterr().out)
        predict = d2l_0_10.predict_s2s_ch8
        answers = [predict(model, text, src_vocab, tgt_vocab, 4, ctx) for text in ("Go .", "Run .", "Dance .")]
        assert answers == ["va !", "cours !", "danse !"]
        model.save_parameters(str(tmp_path / "model.params"))
        model.load_parameters(str(tmp_path / "model.params"))
        assert predict(model, "Run .", src_vocab, tgt_vocab, 4, ctx) == "cours !"


@pytest.mark.slow
def test_a_decoder_of_the_readers_own_is_trained(ctx, capsys):
    class Attentive(d2l_0_10.Decoder):
        def __init__(self):
            super().__init__()
            self.attention = d2l_0_10.MLPAttention(8, 0.1)
            self.embedding, self.rnn, self.dense = nn.Embedding(7, 4), layers.LSTM(8), nn.Dense(7, flatten=False)

        def init_state(self, enc_outputs, enc_valid_length, *args):
            return enc_outputs[0].swapaxes(0, 1), enc_outputs[1], enc_valid_length

        def forward(self, X, state):
            outputs, hidden, valid_length = state
            scores = []
            for x in self.embedding(X).swapaxes(0, 1):
                query = hidden[0][-1].expand_dims(axis=1)
                context = self.attention(query, outputs, outputs, valid_length)
                out, hidden = self.rnn(nd.concat(context, x.expand_dims(axis=1), dim=-1).swapaxes(0, 1), hidden)
                scores.append(out)
            return self.dense(nd.concat(*scores, dim=0)).swapaxes(0, 1), [outputs, hidden, valid_length]

    model = d2l_0_10.EncoderDecoder(d2l_0_10.Seq2SeqEncoder(9, 4, 8, 1), Attentive())
    X, Y, length = nd.array([[5, 6, 3], [8, 3, 1]]), nd.array([[1, 5, 2], [1, 6, 2]]), nd.array([3, 3])
    d2l_0_10.train_s2s_ch8(model, [(X, length, Y, length)], 0.05, 30, ctx, seed=1)
    assert re.match(r"loss 0\.0", capsys.readouterr().out)
    # the same model in a block that says nothing of its arrays
    plain = type("Plain", (nn.Block,), {"forward": lambda self, *args: model(*args)})()
    plain.model = model
    d2l_0_10.train_s2s_ch8(plain, [(X, length, Y, length)], 0.05, 30, ctx, seed=1)
    assert re.match(r"loss 0\.0", capsys.readouterr().out)


def test_encoders_and_decoders_are_of_their_base_classes():
    for name in ("Encoder", "Decoder"):
        base, own = getattr(d2l_0_10, name), getattr(d2l_0_10, f"Seq2Seq{name}")
        assert issubclass(own, base)
        with pytest.raises(NotImplementedError, match=f"but {name} has none"):
            base()(nd.ones(1), *[nd.ones(1)] * (name == "Decoder"))


NP = mx.np.ones((2, 3))
WRONG_WORLD = r"must be a mxnet\.nd array here, but it is of mxnet\.np: convert it with \.as_nd_ndarray\(\)"


def test_np_arrays_are_one_clear_error(vocab, ctx):
    for call in (
        lambda: d2l_0_10.Seq2SeqEncoder(9, 4, 8, 1)(NP),
        lambda: d2l_0_10.DotProductAttention(0)(NP, NP, NP),
        lambda: d2l_0_10.masked_softmax(nd.ones((2, 1, 3)), mx.np.ones(2)),
        lambda: d2l_0_10.MaskedSoftmaxCELoss()(nd.ones((2, 3, 4)), NP, nd.ones(2)),
        lambda: d2l_0_10.RNNModelScratch(7, 4, ctx, d2l.get_params, init_rnn_state, rnn),
        lambda: model_of("scratch", vocab, ctx)(NP, init_rnn_state(2, 24, ctx)),
        lambda: d2l_0_10.train_ch8(model_of("layer", vocab, ctx), [(NP, NP)], vocab, 1, 1, ctx),
        lambda: d2l_0_10.train_s2s_ch8(PlainModel(7), [[NP] * 4], 1, 1, ctx),
    ):
        with pytest.raises(TypeError, match=WRONG_WORLD):
            call()


def test_a_batch_of_lists_is_told_how_to_be_arrays(vocab, ctx):
    with pytest.raises(
        TypeError, match=r"two mxnet\.nd arrays, .*: pass a SeqDataLoader, or convert .* with nd\.array"
    ):
        d2l_0_10.train_ch8(model_of("layer", vocab, ctx), [([1], [2])], vocab, 1, 1, ctx)


def test_the_editions_on_np_are_as_they_were(ctx):
    """What they share follows its input, but a trainer and a predictor are of one array type."""
    vocab = d2l_0_11.Vocab([list(SENTENCE)])
    model = model_of("scratch", vocab, ctx)
    for predict in (d2l_0_11.predict_ch8, d2l.predict_ch8, d2l_0_15.predict_ch8):
        with pytest.raises(TypeError, match=r"a parameter of net must be a mxnet\.np array here, but it is of mxnet"):
            predict("over", 3, model, vocab, ctx)
    batch = [nd.array([[5, 6, 3]]), nd.array([3])] * 2
    net = d2l_0_11.EncoderDecoder(d2l_0_11.Seq2SeqEncoder(9, 4, 8, 1), d2l_0_11.Seq2SeqDecoder(9, 4, 8, 1))
    with pytest.raises(TypeError, match=r"each array of a batch must be a mxnet\.np array here"):
        d2l_0_11.train_s2s_ch9(net, [batch], 0.1, 1, ctx)
    with pytest.raises(TypeError, match=r"each array of a batch must be a mxnet\.np array here"):
        seq2seq.train_translator(
            net, [batch], 0.1, 1, ctx, arrange=lambda *arrays: arrays, on_epoch=lambda totals: None
        )


def test_attention_keeps_its_weights_and_its_graph():
    layer = d2l_0_10.DotProductAttention(0)
    query, keys = nd.array([[[1, 0]]]), nd.array([[[1, 0], [0, 1], [1, 1]]])
    query.attach_grad()
    with autograd.record():
        output = layer(query, keys, keys, nd.array([2]))
        objective = output[0, 0, 0]
    objective.backward()
    assert type(layer.attention_weights) is nd.NDArray
    np.testing.assert_allclose(output.asnumpy()[0, 0], layer.attention_weights.asnumpy()[0, 0, :2], rtol=1e-6)
    assert abs(query.grad.asnumpy()).max() > 0.1


def test_the_time_machine_comes_in_nd_arrays(monkeypatch, tmp_path):
    path = tmp_path / "timemachine.txt"
    path.write_text("The time machine, so it will be convenient\n" * 4, encoding="utf-8")
    monkeypatch.setattr("gluonrnn.corpus.hub.download", lambda *names: str(path))
    for use_random_iter in (False, True):
        train_iter, vocab = d2l_0_10.load_data_time_machine(2, 5, use_random_iter)
        assert isinstance(train_iter, d2l_0_10.SeqDataLoader)
        assert vocab.idx_to_token[0] == "<unk>"
        for _ in range(2):
            batches = list(train_iter)
            assert len(batches) > 10
            assert {(type(array), array.shape) for pair in batches for array in pair} == {(nd.NDArray, (2, 5))}


@pytest.mark.parametrize("fmts", [None, ["r:"]])
def test_curves_are_plain_lines_unless_asked_otherwise(fmts):
    from matplotlib import pyplot

    x = nd.arange(4)
    d2l_0_10.plot(x, [x, 2 * x, 3 * x], fmts=fmts)
    assert [line.get_linestyle() for line in pyplot.gca().lines] == [":" if fmts else "-"] * 3


def test_the_orders_are_those_of_the_edition_on_np(vocab, ctx):
    for name, order in signatures.orders()["gluonrnn.editions.d2l_0_11"].items():
        found = inspect.signature(getattr(d2l_0_10, name)).parameters.values()
        assert [p.name for p in found if p.kind is not p.KEYWORD_ONLY] == [p.name for p in order]
    model = model_of("scratch", vocab, ctx)
    for name, arguments, right in (
        ("grad_clipping", (model.params, 1, ctx), "gluonrnn.grad_clipping"),
        ("train_s2s_ch8", (model, [], 0.005, 9, vocab, ctx), "gluonrnn.editions.d2l_0_15.train_s2s_ch9"),
        ("load_data_time_machine", (), "gluonrnn.load_data_time_machine"),
    ):
        with pytest.raises(TypeError, match=rf"^{re.escape(EDITION)}\.\w+ takes \(.*another edition: use ") as caught:
            getattr(d2l_0_10, name)(*arguments)
        assert right in str(caught.value).partition(": use ")[2].split(" or ")
