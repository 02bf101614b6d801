"""Both array types in one process, in both orders, whatever the user's switch says."""

from __future__ import annotations

import contextlib

import mxnet as mx
import numpy as np
import pytest
from matplotlib import pyplot
from mxnet import nd
from mxnet.gluon import rnn as layers

import gluonrnn as gb
from gluonrnn import d2l
from gluonrnn._arrays import (
    array_type_of,
    as_nd,
    as_np,
    check_array_type,
    in_array_type_of_input,
    in_own_array_type,
    namespaces,
    on_device,
    using_nd,
    using_np,
)
from gluonrnn.editions import gluonbook_0_6, utils_2017

TEXT = "over and over and under " * 10


@contextlib.contextmanager
def switched(np_on):
    """Leave the switch as a user would, who has called ``npx.set_np()`` or not."""
    if np_on:
        mx.npx.set_np()
    try:
        yield
    finally:
        mx.npx.reset_np()


def arguments_of_2018(corpus):
    return (gb.rnn, gb.get_params, gb.init_rnn_state, 8, corpus.vocab_size, gb.try_gpu(), corpus.corpus_indices,
            corpus.idx_to_char, corpus.char_to_idx, False, 3, 6, 10, 1e-2, 3, 3, 9, ["over"])  # fmt: skip


def scratch_of_2018():
    gb.train_and_predict_rnn(*arguments_of_2018(gb.load_corpus(text=TEXT)), seed=1)


def layer_of_2018():
    corpus = gb.load_corpus(text=TEXT)
    model = gb.RNNModel(layers.LSTM(8), corpus.vocab_size)
    gb.train_and_predict_rnn_gluon(
        model, 8, corpus.vocab_size, gb.try_gpu(), corpus.corpus_indices, corpus.idx_to_char, corpus.char_to_idx,
        3, 6, 10, 1e-2, 3, 3, 9, ["over"], seed=1,
    )  # fmt: skip


def of_2017():
    corpus = gb.load_corpus(text=TEXT)

    def rnn(inputs, H, *params):
        outputs, (H,) = gb.rnn(inputs, (H,), params)
        return outputs, H

    gb.seed(1)
    utils_2017.train_and_predict_rnn(
        rnn, True, 3, 6, 8, 0.1, 5, 3, 3, 9, ["over"], lambda: gb.get_params(corpus.vocab_size, 8),
        lambda X: gb.to_onehot(X, corpus.vocab_size), gb.try_gpu(), corpus.corpus_indices, corpus.idx_to_char,
        corpus.char_to_idx,
    )  # fmt: skip


def of_one_s_own_text():
    model = gb.fit(
        gb.load_corpus(text=TEXT), num_hiddens=8, num_steps=6, batch_size=3, num_epochs=3, layers="library", seed=1
    )
    print(model.generate(prefix="over", length=9))


class Batches:
    def __init__(self, vocab):
        self.corpus = vocab[list(TEXT)]

    def __iter__(self):
        return d2l.seq_data_iter_sequential(self.corpus, 3, 6)


def scratch_of_2022():
    vocab = d2l.Vocab(list(TEXT))
    gb.seed(1)
    net = d2l.RNNModelScratch(len(vocab), 8, d2l.try_gpu(), d2l.get_gru_params, d2l.init_gru_state, d2l.gru)
    d2l.train_ch8(net, Batches(vocab), vocab, 1, 3, d2l.try_gpu(), prefixes=["over"])


def layer_of_2022():
    vocab = d2l.Vocab(list(TEXT))
    net = d2l.RNNModel(layers.GRU(8), len(vocab))
    d2l.train_ch8(net, Batches(vocab), vocab, 1, 3, d2l.try_gpu(), prefixes=["over"], seed=1)


def without_times(text):
    return [line.split(", time")[0].split(", ")[0] for line in text.splitlines()]


# each of the one world after one of the other, and before one
IN_TURN = [
    *(scratch_of_2018, scratch_of_2022, layer_of_2018, layer_of_2022, of_2017, scratch_of_2022, of_one_s_own_text),
    *(layer_of_2022, scratch_of_2018),
]


@pytest.mark.parametrize("np_on", [False, True], ids=["nd", "np"])
def test_editions_in_one_process_print_what_each_prints_alone(alone, np_on, capsys):
    with switched(np_on):
        for run in IN_TURN:
            run()
            assert without_times(capsys.readouterr().out) == alone[run], run
            assert mx.util.is_np_array() is mx.util.is_np_shape() is np_on


@pytest.fixture(scope="module")
def alone():
    import io

    printed = {}
    for run in set(IN_TURN):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            run()
        printed[run] = without_times(out.getvalue())
        assert len(printed[run]) >= 1
    return printed


@pytest.fixture(autouse=True)
def no_figure_left():
    yield
    pyplot.close("all")


@pytest.mark.parametrize("np_on", [False, True])
def test_a_world_lasts_as_long_as_its_block_also_when_that_fails(np_on):
    with switched(np_on):
        for world, inside in ((using_nd, False), (using_np, True)):
            with world():
                assert mx.util.is_np_array() is mx.util.is_np_shape() is inside
            assert mx.util.is_np_array() is mx.util.is_np_shape() is np_on
            with pytest.raises(KeyError), world():
                {}[inside]
            assert mx.util.is_np_array() is mx.util.is_np_shape() is np_on


def test_arrays_change_worlds_and_keep_memory_gradient_and_graph():
    x = mx.np.array([2.0, 3.0])
    x.attach_grad()
    (y,) = as_nd([x])
    with mx.autograd.record():
        z = as_np((as_nd(x) * y).sum())
    z.backward()
    assert x.grad.tolist() == [4, 6]
    y[:] = 7
    assert x.tolist() == [7, 7]
    assert type(as_np(({0: 1} and nd.ones(1),))) is tuple
    for array, np_array in ((x, True), (y, False), ([(), (x, y)], True), (3, False)):
        with array_type_of(array):
            assert mx.util.is_np_array() is np_array


@pytest.mark.parametrize("np_on", [False, True])
def test_functions_follow_their_input_and_methods_their_object(np_on):
    @in_array_type_of_input
    def of_input(*arguments, **named):
        return mx.util.is_np_array(), namespaces()[0]

    class OfOneWorld:
        @in_own_array_type
        def method(self, name, *, more):
            assert (name, more) == ("a", 1)
            return mx.util.is_np_array(), namespaces()[1]

    with switched(np_on):
        assert of_input(None, [mx.np.ones(1)]) == of_input(X=mx.np.ones(1)) == (True, mx.np)
        assert of_input(3, (nd.ones(1), mx.np.ones(1))) == of_input(X=nd.ones(1)) == (False, nd)
        for own, expected in ((True, (True, mx.npx)), (False, (False, nd))):
            OfOneWorld._np = own
            assert OfOneWorld().method("a", more=1) == expected
        assert mx.util.is_np_array() is np_on


@pytest.mark.parametrize("np_on", [False, True])
@pytest.mark.parametrize(("module", "array"), [(gb, nd.array), (d2l, mx.np.array)], ids=["nd", "np"])
def test_a_model_is_called_saved_and_loaded_in_its_own_world(module, array, np_on, tmp_path):
    with switched(not np_on):
        model = module.RNNModel(layers.LSTM(4), 7)
    with switched(np_on):
        model.initialize()
        X = array([[1, 5, 6], [0, 2, 4]])
        scores, state = model(X, model.begin_state(batch_size=2))
        model.save_parameters(str(tmp_path / "model.params"))
        again = module.RNNModel(layers.LSTM(4), 7)
        again.load_parameters(str(tmp_path / "model.params"))
        same, _ = again(X, again.begin_state(batch_size=2))
        assert type(scores) is type(state[0]) is type(X)
        np.testing.assert_array_equal(scores.asnumpy(), same.asnumpy())


def test_params_of_either_world_are_stepped_and_clipped_but_not_of_both():
    for array in (nd.array, mx.np.array):
        w = array([3.0, 4.0])
        w.attach_grad()
        w.grad[:] = w
        gb.grad_clipping([w], 1, None)
        gb.sgd([w], 1, 1)
        np.testing.assert_allclose(w.asnumpy(), [2.4, 3.2], rtol=1e-6)
    mixed = [nd.ones(2), mx.np.ones(2)]
    for param in mixed:
        param.attach_grad()
    for call in (
        lambda: gb.sgd(mixed, 1, 1),
        lambda: gb.grad_clipping(mixed, 1, None),
        lambda: utils_2017.SGD(mixed, 1),
    ):
        with pytest.raises(TypeError, match=r"params must be a mxnet\.nd array here, but it is of mxnet\.np"):
            call()
    assert mixed[0].asnumpy().tolist() == [1, 1]


NP = "must be a mxnet.np array here, but it is of mxnet.nd: convert it with .as_np_ndarray(), or use the edition for"
ND = "must be a mxnet.nd array here, but it is of mxnet.np: convert it with .as_nd_ndarray(), or use the edition for"


def test_mixing_the_worlds_is_one_clear_error():
    corpus = gb.load_corpus(text=TEXT)
    vocab = d2l.Vocab(list(TEXT))
    ctx = gb.try_gpu()
    net = d2l.RNNModelScratch(len(vocab), 8, ctx, d2l.get_params, d2l.init_rnn_state, d2l.rnn)
    params = gb.get_params(corpus.vocab_size, 8)
    wrong = list(arguments_of_2018(corpus))
    wrong[1] = d2l.get_params
    strange = list(arguments_of_2018(corpus))
    strange[2] = d2l.init_rnn_state
    X = nd.ones((3, 6))
    calls = [
        (lambda: gb.train_and_predict_rnn(*wrong), ND),
        (lambda: gb.predict_rnn("over", 3, gb.rnn, net.params, gb.init_rnn_state, 8, corpus.vocab_size, ctx,
                                corpus.idx_to_char, corpus.char_to_idx), ND),
        (lambda: gb.RNNModel(layers.RNN(4), 7)(X.as_np_ndarray(), []), ND),
        (lambda: d2l.RNNModel(layers.RNN(4), 7)(X, []), NP),
        (lambda: net(X, net.begin_state(3, ctx)), NP),
        (lambda: net(X.as_np_ndarray(), gb.init_rnn_state(3, 8)), NP),
        (lambda: d2l.rnn(mx.np.ones((2, 3, len(vocab))), d2l.init_rnn_state(3, 8), params), NP),
        (lambda: d2l.RNNModelScratch(7, 8, ctx, gb.get_params, d2l.init_rnn_state, d2l.rnn), NP),
        (lambda: d2l.train_ch8(net, [(X, X)], vocab, 1, 1, ctx), NP),
        (lambda: gb.to_onehot(X.as_np_ndarray(), 7), ND),
        (lambda: gb.rnn([mx.np.ones((3, 7))], gb.init_rnn_state(3, 8), params), ND),
        (lambda: gb.gru([nd.ones((3, 7))], d2l.init_gru_state(3, 8), params), ND),
        (lambda: gb.lstm([nd.ones((3, 7))], gb.init_lstm_state(3, 8), params=net.params), ND),
        (lambda: gb.train_and_predict_rnn(*strange), ND),
        (lambda: d2l.evaluate_loss(abs, [(X.as_np_ndarray(), X)], abs), NP),
        (lambda: d2l.RNNModelScratch(7, 8, ctx, d2l.get_params, gb.init_rnn_state, d2l.rnn).begin_state(2, ctx), NP),
    ]  # fmt: skip
    for np_on in (False, True):
        with switched(np_on):
            for call, words in calls:
                with pytest.raises(TypeError) as caught:
                    call()
                assert words in str(caught.value)


def test_what_is_no_array_is_let_by():
    check_array_type("state", [None, 3, (np.ones(2),)], np=True)
    check_array_type("state", [nd.ones(1)], np=False)


@pytest.mark.parametrize("edition", [utils_2017, gluonbook_0_6])
def test_the_early_editions_refuse_np_arrays_too(edition):
    corpus = gb.load_corpus(text=TEXT)
    params = d2l.get_params(corpus.vocab_size, 8)
    sizes = (8,) if edition is utils_2017 else (8, corpus.vocab_size)
    with pytest.raises(TypeError) as caught:
        edition.predict_rnn(
            gb.rnn, "over", 3, params, *sizes, gb.try_gpu(), corpus.idx_to_char, corpus.char_to_idx, gb.to_onehot
        )
    assert ND in str(caught.value)


@pytest.mark.parametrize("array", [nd.ones(2), mx.np.ones(2)], ids=["nd", "np"])
def test_an_array_is_copied_to_a_device_unless_none_is_named(array):
    elsewhere = on_device(array, mx.cpu(1))
    assert elsewhere.ctx == mx.cpu(1)
    assert type(elsewhere) is type(array)
    assert on_device(elsewhere, None) is elsewhere
