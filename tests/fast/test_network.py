"""The fast form of Gluon's layers and of whole models against the plain one, and where there is none."""

from __future__ import annotations

import copy
import pickle

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import autograd, gluon, nd

import gluonrnn as gb
from gluonrnn import d2l
from gluonrnn._arrays import using_np
from gluonrnn.fast import Blocks, Network
from gluonrnn.fast.layers import network_of_layers
from gluonrnn.fast.sequences import is_fused
from gluonrnn.generation.decoding import decode, likeliest
from gluonrnn.models import CELLS, CellModel
from gluonrnn.models.layers import RNNModel
from gluonrnn.training.loop import NonFiniteGuard, train_epoch
from gluonrnn.training.optimizers import Stepped
from tests.fast.common import SIZES, batch, cross_entropy, gradients, learn

LAYERS = {
    "rnn": lambda num_hiddens, **options: gluon.rnn.RNN(num_hiddens, activation="tanh", **options),
    "rnn_relu": gluon.rnn.RNN,
    "gru": gluon.rnn.GRU,
    "lstm": gluon.rnn.LSTM,
}


class PlainModel(RNNModel):
    """The same model, run as it is, because its forward is a user's own."""

    def forward(self, inputs, state):
        return super().forward(inputs, state)


def pair(make, vocab_size, scale=30):
    """Return the same model twice, to be run in its fast form and in its plain one."""
    models = [kind(make(), vocab_size) for kind in (RNNModel, PlainModel)]
    for model in models:
        model.initialize(mx.init.Normal(0.01 * scale))
        model(nd.zeros((1, 1)), model.begin_state(batch_size=1))
    ours, plain = (list(model.collect_params().values()) for model in models)
    for a, b in zip(ours, plain):
        a.set_data(nd.random.normal(scale=0.01 * scale, shape=a.shape))  # biases too
        b.set_data(a.data())
    assert models[0].fast() is not None
    assert models[1].fast() is None
    return models


def assert_equal(found, expected):
    assert len(found) == len(expected)
    for ours, theirs in zip(found, expected):
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(ours, theirs, rtol=1e-4, atol=2e-6)


@pytest.mark.parametrize("kind", sorted(LAYERS))
@settings(max_examples=15)
@given(
    **SIZES,
    num_layers=st.integers(1, 3),
    summed=st.booleans(),
)
def test_layers_have_equal_values_gradients_and_losses(
    kind, vocab_size, num_hiddens, batch_size, num_steps, num_layers, summed, seed
):
    gb.seed(seed)
    rng = np.random.default_rng(seed)
    X, Y = batch(rng, vocab_size, batch_size, num_steps)
    shape = (num_layers, batch_size, num_hiddens)
    state = [nd.array(rng.normal(size=shape)) for _ in range(2 if kind == "lstm" else 1)]
    fast, plain = pair(lambda: LAYERS[kind](num_hiddens, num_layers=num_layers), vocab_size)
    expected = learn(plain, X, Y, state, summed)
    assert_equal(learn(fast, X, Y, state, summed), expected)
    with autograd.record():
        loss, after = fast.fast().loss(X, Y, state, summed=summed)
    loss.backward()
    assert_equal([array.asnumpy() for array in (*after, loss, *gradients(fast))], expected[1:])


@pytest.mark.slow
@pytest.mark.parametrize("cell", sorted(CELLS))
@settings(max_examples=15)
@given(
    **SIZES,
    summed=st.booleans(),
)
def test_the_loss_of_cells_in_one_block_is_equal(cell, vocab_size, num_hiddens, batch_size, num_steps, summed, seed):
    gb.seed(seed)
    rng = np.random.default_rng(seed)
    X, Y = batch(rng, vocab_size, batch_size, num_steps)
    params = [
        nd.random.normal(scale=0.3, shape=param.shape) for param in CELLS[cell].get_params(vocab_size, num_hiddens)
    ]
    for param in params:
        param.attach_grad()
    state = tuple(nd.array(rng.normal(size=(batch_size, num_hiddens))) for _ in range(CELLS[cell].num_states))
    run_as_given = lambda *arguments: CELLS[cell].forward(*arguments)  # noqa: E731
    expected = learn(CellModel(run_as_given, params, None, num_hiddens, vocab_size), X, Y, state, summed)
    network = CellModel(CELLS[cell].forward, params, None, num_hiddens, vocab_size).fast()
    with autograd.record():
        loss, after = network.loss(X, Y, state, summed=summed)
    loss.backward()
    assert isinstance(after, tuple)
    assert_equal([array.asnumpy() for array in (*after, loss, *(param.grad for param in params))], expected[1:])


def test_each_way_through_is_taken():
    taken = {
        (cell, is_fused(CellModel(CELLS[cell].forward, CELLS[cell].get_params(V, 4), None, 4, V).fast().form))
        for cell in CELLS
        for V in (3, 30)
    }
    assert taken == {("rnn", True), ("gru", False), ("lstm", True), ("lstm", False)}


def make_cell(cell="lstm", vocab_size=30, num_hiddens=4):
    parts = CELLS[cell]
    return CellModel(
        parts.forward, parts.get_params(vocab_size, num_hiddens), parts.init_state, num_hiddens, vocab_size
    )


@pytest.mark.parametrize("vocab_size", [3, 30], ids=["fused", "unrolled"])
def test_two_batches_may_be_recorded_before_the_gradient_is_taken(vocab_size):
    rng = np.random.default_rng(1)
    model = make_cell(vocab_size=vocab_size)
    as_given = CellModel(lambda *arguments: gb.lstm(*arguments), model.params, gb.init_lstm_state, 4, vocab_size)
    (X, Y), found = batch(rng, vocab_size, 3, 5), []
    for each in (model, as_given):
        with autograd.record():
            first, state = each(X, each.begin_state(3))
            second, state = each(Y, state)
            total = (first * second).sum() + state[1].sum()
        total.backward(retain_graph=True)
        once = [param.grad.asnumpy() for param in each.params]
        total.backward()
        found.append([first.asnumpy(), second.asnumpy(), *once])
        for a, b in zip(once, each.params):
            np.testing.assert_array_equal(a, b.grad.asnumpy())
    assert_equal(*found)


def test_gradients_reach_the_state_and_are_added_where_asked():
    model = make_cell("gru")
    X, Y = batch(np.random.default_rng(2), 30, 3, 5)
    H = nd.random.normal(shape=(3, 4))
    H.attach_grad()
    for param in model.params:
        param.attach_grad(grad_req="add")
    for _ in range(2):
        with autograd.record():
            loss, _ = model.fast().loss(X, Y, (H,), summed=False)
        loss.backward()
    twice = [param.grad.asnumpy() for param in model.params]
    for param in model.params:
        param.attach_grad()
    expected = learn(CellModel(lambda *args: gb.gru(*args), model.params, None, 4, 30), X, Y, (H,))
    assert_equal([half / 2 for half in twice], expected[-len(twice) :])
    with autograd.record():
        loss, _ = model.fast().loss(X, Y, (H,), summed=False)
    loss.backward()
    through_the_block = H.grad.asnumpy()
    learn(CellModel(lambda *args: gb.gru(*args), model.params, None, 4, 30), X, Y, (H,))
    assert_equal([through_the_block], [H.grad.asnumpy()])


def gradients_with_one_frozen(model, frozen, X, Y, state, fast):
    """Return the gradients of all parameters but one, which is asked for none."""
    is_block = isinstance(model, gluon.Block)
    params = list(model.collect_params().values()) if is_block else model.params
    for number, param in enumerate(params):
        if is_block:
            param.grad_req = "null" if number == frozen else "write"
        else:
            param.attach_grad("null" if number == frozen else "write")
    with autograd.record():
        if fast:
            loss, _ = model.fast().loss(X, Y, state, summed=False)
        else:
            scores, _ = model(X, state)
            loss = cross_entropy(scores, Y)
    loss.backward()
    return [grad.asnumpy() for number, grad in enumerate(gradients(model)) if number != frozen]


@pytest.mark.parametrize("vocab_size", [3, 30], ids=["fused", "unrolled"])
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_a_frozen_parameter_of_a_cell_changes_no_other_gradient(cell, vocab_size):
    X, Y = batch(np.random.default_rng(2), vocab_size, 3, 5)
    model = make_cell(cell, vocab_size)
    as_given = CellModel(lambda *args: CELLS[cell].forward(*args), model.params, None, 4, vocab_size)
    for frozen in range(len(model.params)):
        state = model.begin_state(3)
        found = gradients_with_one_frozen(model, frozen, X, Y, state, fast=True)
        assert_equal(found, gradients_with_one_frozen(as_given, frozen, X, Y, state, fast=False))


@pytest.mark.parametrize("vocab_size", [3, 30], ids=["fused", "unrolled"])
@pytest.mark.parametrize("kind", sorted(LAYERS))
def test_a_frozen_parameter_of_a_layer_changes_no_other_gradient(kind, vocab_size):
    X, Y = batch(np.random.default_rng(2), vocab_size, 3, 5)
    fast, plain = pair(lambda: LAYERS[kind](4), vocab_size)
    for frozen in range(5):  # with dense.weight frozen, Gluon's own Dense leaves its bias's gradient unwritten
        if frozen == list(fast.collect_params()).index(fast.dense.weight.name):
            continue
        state = fast.begin_state(batch_size=3)
        found = gradients_with_one_frozen(fast, frozen, X, Y, state, fast=True)
        assert_equal(found, gradients_with_one_frozen(plain, frozen, X, Y, state, fast=False))


def test_gradients_may_be_asked_for_of_some_parameters_only():
    X, Y = batch(np.random.default_rng(2), 30, 3, 5)
    model = make_cell("gru")
    found = []
    for each in (model, CellModel(lambda *args: gb.gru(*args), model.params, None, 4, 30)):
        with autograd.record():
            scores, _ = each(X, model.begin_state(3))
            loss = cross_entropy(scores, Y)
        found.append([grad.asnumpy() for grad in autograd.grad(loss, [model.params[2], model.params[-1]])])
    assert_equal(*found)


@pytest.mark.parametrize("kind", sorted(LAYERS))
def test_indices_may_be_of_any_dtype(kind):
    X = nd.array([[1, 2], [3, 4]])
    for vocab_size in (5, 23):
        fast, _ = pair(lambda: LAYERS[kind](6), vocab_size)
        scores, _ = fast(X, fast.begin_state(batch_size=2))
        for dtype in ("int32", "int64", "uint8", "float16", "float64"):
            assert_equal([fast(X.astype(dtype), fast.begin_state(batch_size=2))[0].asnumpy()], [scores.asnumpy()])


def test_a_cell_is_computed_with_the_parameters_that_it_has_now():
    model = make_cell("rnn")
    X = nd.array([[1, 2]])
    before = model(X, model.begin_state(1))[0].asnumpy()
    model.params[-1] = nd.ones(30) * 5
    np.testing.assert_allclose(model(X, model.begin_state(1))[0].asnumpy(), before + 5, rtol=1e-6)
    assert model.fast().writer(model.begin_state(1))(1).min() > 4
    model.forward = lambda inputs, state, params: ([nd.zeros((1, 30)) for _ in inputs], state)
    assert not model(X, model.begin_state(1))[0].asnumpy().any()


def test_a_cell_with_the_parameters_of_another_is_refused_by_the_plain_form():
    model = CellModel(gb.rnn, gb.get_gru_params(7, 4), gb.init_rnn_state, 4, 7)
    with pytest.raises(ValueError, match="params must hold 5 arrays, but it holds 11"):
        model(nd.array([[1, 2, 3]]), model.begin_state(1))
    assert CellModel(gb.lstm, [], gb.init_lstm_state, 4, 7).fast() is None


def test_models_need_not_call_the_constructor_of_their_class():
    class Mine(d2l.RNNModelScratch):
        def __init__(self):
            self.vocab_size, self.num_hiddens = 7, 4
            self.params = d2l.get_params(7, 4, d2l.try_gpu())
            self.init_state, self.forward_fn = d2l.init_rnn_state, d2l.rnn

    net = Mine()
    assert net(mx.np.array([[1, 5, 6]]), net.begin_state(1, d2l.try_gpu()))[0].shape == (3, 7)


def test_a_forward_set_on_one_model_is_its_own():
    model = RNNModel(gluon.rnn.RNN(4), 9)
    model.initialize()
    X = nd.array([[1, 2]])
    model(X, model.begin_state(batch_size=1))
    assert model.fast() is not None
    for block in (model.dense, model.rnn, model):
        block.forward = block.forward
        assert model.fast() is None
        del block.forward
    assert model.fast() is not None


def test_a_model_that_diverged_writes_in_silence():
    model = make_cell("rnn")
    for param in (model.params[1], model.params[-2]):
        param[:] = float("inf")
    assert len(decode(model, [1, 2], 5, mx.cpu(), likeliest)) == 7


@pytest.mark.parametrize("index", [-1, 30])
def test_writing_refuses_an_index_outside_the_vocabulary(index):
    write = make_cell("rnn").fast().writer(gb.init_rnn_state(1, 4))
    with pytest.raises(IndexError, match=rf"must lie in \[0, 30\) for this model, but it is {index}: take indices"):
        write(index)


def test_odd_states_are_left_to_the_plain_form():
    network = make_cell("rnn").fast()
    for state in (None, 3, (None,), (np.zeros((1, 4), "float32"),), [nd.zeros((1, 4), dtype="float64")]):
        assert network.writer(state) is None
        assert not network.supports(nd.array([[1, 2]]), state)


@pytest.mark.parametrize("kind", sorted(LAYERS))
@pytest.mark.parametrize(("num_layers", "vocab_size"), [(1, 5), (2, 23)])
def test_writing_in_numpy_gives_the_scores_of_the_layers(kind, num_layers, vocab_size):
    fast, plain = pair(lambda: LAYERS[kind](6, num_layers=num_layers), vocab_size)
    state = [nd.random.normal(shape=(num_layers, 1, 6)) for _ in range(2 if kind == "lstm" else 1)]
    write = fast.fast().writer(state)
    for index in (3, 0, 4, 4):
        scores, state = plain(nd.array([[index]]), state)
        np.testing.assert_allclose(write(index), scores.asnumpy()[0], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_writing_in_numpy_gives_the_scores_of_the_cell(cell):
    model = make_cell(cell)
    for param in model.params:
        param[:] = nd.random.normal(scale=0.3, shape=param.shape)
    state = tuple(nd.random.normal(shape=(1, 4)) for _ in range(CELLS[cell].num_states))
    write = model.fast().writer(state)
    for index in (3, 29, 4, 4):
        outputs, state = CELLS[cell].forward(gb.to_onehot(nd.array([[index]]), 30), state, model.params)
        np.testing.assert_allclose(write(index), outputs[0].asnumpy()[0], rtol=1e-4, atol=1e-6)


def test_writing_does_not_change_the_model_or_its_state():
    model = make_cell()
    before = [param.asnumpy() for param in model.params]
    state = model.begin_state(1)
    write = model.fast().writer(state)
    write(3), write(4)
    assert all((part.asnumpy() == 0).all() for part in state)
    for array, param in zip(before, model.params):
        np.testing.assert_array_equal(array, param.asnumpy())


ODD = {
    "dropout": lambda: gluon.rnn.LSTM(4, num_layers=2, dropout=0.5),
    "both directions": lambda: gluon.rnn.GRU(4, bidirectional=True),
    "projection": lambda: gluon.rnn.LSTM(4, projection_size=3),
    "clipped state": lambda: gluon.rnn.LSTM(4, state_clip_min=-0.5, state_clip_max=0.5, state_clip_nan=True),
    "a user's layer": lambda: type("Own", (gluon.rnn.RNN,), {})(4),
}


@pytest.mark.parametrize("make", ODD.values(), ids=ODD)
def test_other_layers_are_run_as_they_are(make):
    model = RNNModel(make(), 9)
    model.initialize()
    assert model.fast() is None


def test_a_model_is_run_as_it_is_until_it_has_weights_and_when_it_was_changed():
    model = RNNModel(gluon.rnn.RNN(4), 9)
    assert model.fast() is None
    model.initialize()
    assert model.fast() is None  # Gluon does not know the number of inputs yet
    X = nd.array([[1, 2]])
    model(X, model.begin_state(batch_size=1))
    assert isinstance(model.fast(), Network)
    seen = []
    handle = model.dense.register_forward_hook(lambda *arguments: seen.append(arguments))
    model(X, model.begin_state(batch_size=1))
    assert len(seen) == 1
    handle.detach()
    assert model.fast() is not None
    model.dense = gluon.nn.Dense(9, activation="relu")
    model.dense.initialize()
    assert model(X, model.begin_state(batch_size=1))[0].asnumpy().min() == 0


def test_an_unfit_state_is_refused_by_the_layer_itself():
    model = RNNModel(gluon.rnn.LSTM(4), 9)
    model.initialize()
    model(nd.array([[1, 2]]), model.begin_state(batch_size=1))
    with pytest.raises(ValueError, match="the shapes that RNNModel is given must fit each other"):
        model(nd.array([[1, 2]]), model.begin_state(batch_size=3))


def test_models_can_be_copied_and_pickled_after_training():
    model = make_cell()
    X, Y = batch(np.random.default_rng(2), 30, 3, 5)
    learn(model, X, Y, model.begin_state(3))
    for again in (copy.deepcopy(model), pickle.loads(pickle.dumps(model))):
        np.testing.assert_array_equal(
            again(X, again.begin_state(3))[0].asnumpy(), model(X, model.begin_state(3))[0].asnumpy()
        )


def test_few_blocks_are_kept():
    blocks = Blocks()
    double = lambda F, x: (x + x, [x])  # noqa: E731
    times = lambda n, F, x: (x * n, [x])  # noqa: E731
    kept, unused = blocks.of(times, 1), blocks.of(times, 2)
    for n in range(3, 99):
        assert blocks.of(times, n)(nd.ones(1))[0].asnumpy() == n
        assert blocks.of(times, 1) is kept  # used again and again
    assert blocks.of(times, 2) is not unused
    assert blocks.of(double)(nd.ones(1))[0].asnumpy() == 2


def trained(model, loss=None):
    """Return the loss that `train_epoch` reports for one batch."""
    X, Y = (mx.np.array([[1, 5, 6], [0, 2, 4]]), mx.np.array([[5, 6, 3], [2, 4, 4]]))
    with using_np():
        optimizer = Stepped([], lambda num_tokens: None, None)
        loss_sum, num_tokens = train_epoch(
            model, [(X, Y)], optimizer, ctx=mx.cpu(), carry_state=False, guard=NonFiniteGuard(), loss=loss
        )
    return loss_sum / num_tokens


def test_a_model_that_is_called_in_another_way_is_trained_in_that_way():
    class Certain(d2l.RNNModelScratch):
        def __call__(self, X, state):
            Y, state = super().__call__(X, state)
            return Y + 100 * mx.npx.one_hot(mx.np.array([5, 2, 6, 4, 3, 4]), 7), state

    class CertainLayer(d2l.RNNModel):
        def forward(self, inputs, state):
            Y, state = super().forward(inputs, state)
            return Y + 100 * mx.npx.one_hot(mx.np.array([5, 2, 6, 4, 3, 4]), 7), state

    parts = (7, 4, d2l.try_gpu(), d2l.get_params, d2l.init_rnn_state, d2l.rnn)
    assert trained(d2l.RNNModelScratch(*parts)) > 1.9
    assert trained(Certain(*parts)) < 1e-6
    layer, certain = d2l.RNNModel(gluon.rnn.LSTM(4), 7), CertainLayer(gluon.rnn.LSTM(4), 7)
    for model in (layer, certain):
        model.initialize()
    assert trained(layer) > 1.5
    assert abs(trained(certain)) < 1e-4


class Half(gluon.loss.SoftmaxCrossEntropyLoss):
    def forward(self, *args):
        return 0.5 * super().forward(*args)


@pytest.mark.parametrize(
    ("loss", "of_ours"),
    [
        (lambda scores, labels: 0 * gluon.loss.SoftmaxCrossEntropyLoss()(scores, labels), 0),
        (gluon.loss.SoftmaxCrossEntropyLoss(weight=3), 3),
        (Half(), 0.5),
        (gluon.loss.SoftmaxCrossEntropyLoss(), 1),
    ],
    ids=["a function", "weighted", "a subclass", "the book's"],
)
def test_another_loss_is_the_one_that_is_trained_on(loss, of_ours):
    model = d2l.RNNModelScratch(7, 4, d2l.try_gpu(), d2l.get_params, d2l.init_rnn_state, d2l.rnn)
    assert trained(model, loss) == pytest.approx(of_ours * trained(model), rel=1e-5)


def test_layers_of_another_size_than_their_vocabulary_have_no_fast_form():
    layer, dense = gluon.rnn.LSTM(4, input_size=7), gluon.nn.Dense(7, in_units=4)
    layer.initialize()
    dense.initialize()
    assert network_of_layers(layer, dense, 7, None, Blocks()) is not None
    narrow, wide = gluon.rnn.LSTM(4, input_size=6), gluon.nn.Dense(7, in_units=5)
    narrow.initialize()
    wide.initialize()
    assert network_of_layers(narrow, dense, 7, None, Blocks()) is None
    assert network_of_layers(layer, wide, 7, None, Blocks()) is None
