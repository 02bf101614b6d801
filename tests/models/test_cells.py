from __future__ import annotations

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import autograd, gluon, nd

import gluonrnn as gb
from gluonrnn._arrays import as_np
from gluonrnn.models import CELLS, CellModel, np_cells
from tests.oracles import numpy_cells

NAMES = sorted(CELLS)
OF_THE_BOOK = [name for name in NAMES if hasattr(np_cells, name)]  # which have names of their own on mxnet.np


def drawn(cell, vocab_size, num_hiddens, scale=0.5, seed=7):
    """Return parameters large enough that every term counts, as NumPy and as MXNet arrays."""
    rng = np.random.default_rng(seed)
    arrays = [param.asnumpy() for param in CELLS[cell].get_params(vocab_size, num_hiddens)]
    arrays = [rng.normal(scale=scale, size=array.shape) for array in arrays]
    params = [nd.array(array) for array in arrays]
    for param in params:
        param.attach_grad()
    return dict(zip(CELLS[cell].param_names, arrays)), params


def random_batch(vocab_size, batch_size, num_steps, seed=3):
    rng = np.random.default_rng(seed)
    return rng.integers(vocab_size, size=(2, batch_size, num_steps)).astype("float32")


def model_of(cell, params, vocab_size, num_hiddens):
    return CellModel(CELLS[cell].forward, params, CELLS[cell].init_state, num_hiddens, vocab_size)


def numpy_states(cell, batch_size, num_hiddens):
    return [(np.zeros(num_hiddens),) * CELLS[cell].num_states] * batch_size


@pytest.mark.parametrize("cell", NAMES)
@settings(max_examples=15)
@given(
    vocab_size=st.integers(1, 9),
    num_hiddens=st.integers(1, 7),
    batch_size=st.integers(1, 5),
    num_steps=st.integers(1, 6),
)
def test_scores_and_state_equal_a_numpy_loop(cell, vocab_size, num_hiddens, batch_size, num_steps):
    arrays, params = drawn(cell, vocab_size, num_hiddens)
    X, _ = random_batch(vocab_size, batch_size, num_steps)
    model = model_of(cell, params, vocab_size, num_hiddens)
    expected, last = numpy_cells.scores(cell, X, numpy_states(cell, batch_size, num_hiddens), arrays)
    found, state = model(nd.array(X), model.begin_state(batch_size=batch_size))
    np.testing.assert_allclose(found.asnumpy(), expected, rtol=1e-4, atol=1e-5)
    for part, example_parts in zip(state, zip(*last)):
        np.testing.assert_allclose(part.asnumpy(), np.array(example_parts), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("cell", NAMES)
def test_gradients_equal_finite_differences(cell):
    vocab_size, num_hiddens, batch_size, num_steps = 4, 3, 2, 5
    arrays, params = drawn(cell, vocab_size, num_hiddens)
    X, Y = random_batch(vocab_size, batch_size, num_steps)
    model = model_of(cell, params, vocab_size, num_hiddens)
    labels = Y.T.reshape(-1)

    def numpy_loss():
        logits, _ = numpy_cells.scores(cell, X, numpy_states(cell, batch_size, num_hiddens), arrays)
        return numpy_cells.mean_cross_entropy(logits, labels)

    with autograd.record():
        logits, _ = model(nd.array(X), model.begin_state(batch_size=batch_size))
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(logits, nd.array(labels)).mean()
    loss.backward()
    assert loss.asscalar() == pytest.approx(numpy_loss(), rel=1e-5)
    for (name, array), param in zip(arrays.items(), params):
        expected = numpy_cells.numeric_gradient(numpy_loss, array)
        np.testing.assert_allclose(param.grad.asnumpy(), expected, rtol=2e-3, atol=2e-6, err_msg=name)


@pytest.mark.parametrize("cell", NAMES)
def test_two_batches_with_the_state_carried_equal_one_long_batch(cell):
    _, params = drawn(cell, 5, 4)
    X, _ = random_batch(5, 3, 8)
    model = model_of(cell, params, 5, 4)
    whole, _ = model(nd.array(X), model.begin_state(batch_size=3))
    first, state = model(nd.array(X[:, :3]), model.begin_state(batch_size=3))
    second, _ = model(nd.array(X[:, 3:]), state)
    np.testing.assert_allclose(nd.concat(first, second, dim=0).asnumpy(), whole.asnumpy(), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("cell", OF_THE_BOOK)
def test_over_one_array_a_cell_computes_the_same(cell):
    _, params = drawn(cell, 5, 4)
    inputs = gb.to_onehot(nd.array(random_batch(5, 3, 6)[0]), 5)
    state = CELLS[cell].init_state(3, 4)
    expected, last = CELLS[cell].forward(inputs, state, params)
    found, after = getattr(np_cells, cell)(as_np(nd.stack(*inputs)), as_np(state), as_np(params))
    np.testing.assert_array_equal(found.asnumpy(), nd.concat(*expected, dim=0).asnumpy())
    for part, expected_part in zip(after, last):
        np.testing.assert_array_equal(part.asnumpy(), expected_part.asnumpy())


@pytest.mark.parametrize("cell", OF_THE_BOOK)
def test_a_cell_refuses_arrays_of_the_other_world(cell):
    _, params = drawn(cell, 5, 4)
    inputs, state = gb.to_onehot(nd.array([[1, 2]]), 5), CELLS[cell].init_state(1, 4)
    for arguments in ((as_np(inputs), state, params), (inputs, as_np(state), params), (inputs, state, as_np(params))):
        with pytest.raises(TypeError, match=r"must be a mxnet\.nd array here, but it is of mxnet\.np"):
            CELLS[cell].forward(*arguments)
    array = nd.stack(*inputs)
    for arguments in (
        (array, as_np(state), as_np(params)),
        (as_np(array), state, as_np(params)),
        (as_np(array), as_np(state), params),
    ):
        with pytest.raises(TypeError, match=r"must be a mxnet\.np array here, but it is of mxnet\.nd"):
            getattr(np_cells, cell)(*arguments)


def test_what_a_model_over_one_array_is_made_of_is_called_while_np_is_on(ctx):
    worlds = []

    def noting(function):
        def noted(*arguments):
            worlds.append((function, mx.util.is_np_array(), mx.util.is_np_shape()))
            return function(*arguments)

        return noted

    functions = np_cells.get_params, np_cells.init_rnn_state, np_cells.rnn
    net = gb.RNNModelScratch(7, 4, ctx, *map(noting, functions))
    scores, _ = net(mx.np.array([[1, 5], [6, 0]]), net.begin_state(2, ctx))
    assert scores.shape == (4, 7)
    assert worlds == [(function, True, True) for function in functions]
    assert not mx.util.is_np_array()


def test_scratch_rnn_and_lstm_equal_gluons_layers_with_the_same_weights():
    from gluonrnn.training.language_model import network_from, weights_of
    from gluonrnn.training.options import Options

    for cell, order in (("rnn", ["h"]), ("lstm", ["i", "f", "c", "o"])):
        arrays, params = drawn(cell, 6, 5)
        weights = {
            # Gluon stacks the gates and multiplies from the other side
            "rnn.l0_i2h_weight": np.vstack([arrays[f"W_x{gate}"].T for gate in order]),
            "rnn.l0_h2h_weight": np.vstack([arrays[f"W_h{gate}"].T for gate in order]),
            "rnn.l0_i2h_bias": np.hstack([arrays[f"b_{gate}"] for gate in order]),
            "rnn.l0_h2h_bias": np.zeros(5 * len(order)),
            "dense.weight": arrays["W_hq"].T,
            "dense.bias": arrays["b_q"],
        }
        options = Options(cell=cell, layers="library", num_hiddens=5)
        weights = {name: weight.astype("float32") for name, weight in weights.items()}
        layer = network_from(weights, options, 6, gb.try_gpu())
        scratch = model_of(cell, params, 6, 5)
        X = nd.array(random_batch(6, 3, 7)[0])
        expected, _ = layer(X, layer.begin_state(batch_size=3, ctx=gb.try_gpu()))
        found, _ = scratch(X, scratch.begin_state(batch_size=3))
        np.testing.assert_allclose(found.asnumpy(), expected.asnumpy(), rtol=1e-4, atol=1e-5)
        assert sorted(weights_of(layer, options)) == sorted(weights)


@pytest.mark.parametrize(
    ("get_params", "init_state", "cell"),
    [
        (gb.get_params, gb.init_rnn_state, gb.rnn),
        (gb.get_gru_params, gb.init_gru_state, gb.gru),
        (gb.get_lstm_params, gb.init_lstm_state, gb.lstm),
    ],
)
def test_parameters_are_drawn_as_the_book_says(get_params, init_state, cell, ctx):
    gb.seed(11)
    params = get_params(211, 64, ctx)
    weights = [param.asnumpy() for param in params if param.ndim == 2]
    biases = [param.asnumpy() for param in params if param.ndim == 1]
    assert all(weight.std() == pytest.approx(0.01, rel=0.05) for weight in weights)
    assert all(abs(weight.mean()) < 1e-3 for weight in weights)
    assert not np.concatenate(biases).any()
    assert len({weight.tobytes() for weight in weights}) == len(weights)
    assert all(param.grad is not None and param.context == ctx for param in params)
    assert all(not part.asnumpy().any() and part.shape == (3, 64) for part in init_state(3, 64, ctx))
    outputs, _ = cell(gb.to_onehot(nd.array([[1], [2], [3]]), 211), init_state(3, 64, ctx), params)
    assert [output.shape for output in outputs] == [(3, 211)]


@pytest.mark.parametrize("get_params", [np_cells.get_params, np_cells.get_gru_params, np_cells.get_lstm_params])
def test_parameters_over_one_array_are_drawn_as_the_book_says(get_params):
    gb.seed(11)
    params = get_params(211, 64, mx.cpu(1))
    assert all(type(param) is mx.np.ndarray and param.ctx == mx.cpu(1) for param in params)
    assert all(param.dtype == np.float32 and param.grad is not None for param in params)
    weights, biases = ([param.asnumpy() for param in params if param.ndim == ndim] for ndim in (2, 1))
    assert all(weight.std() == pytest.approx(0.01, rel=0.05) and abs(weight.mean()) < 1e-3 for weight in weights)
    assert not np.concatenate(biases).any()
    assert len({weight.tobytes() for weight in weights}) == len(weights)


def test_a_cell_lives_where_it_is_told():
    from mxnet import cpu

    elsewhere = cpu(1)
    model = CellModel(gb.lstm, gb.get_lstm_params(5, 4, elsewhere), gb.init_lstm_state, 4, 5)
    scores, state = model(nd.zeros((2, 3), ctx=elsewhere), model.begin_state(2, elsewhere))
    assert scores.context == elsewhere
    assert {part.context for part in state} == {elsewhere}


@given(
    size=st.integers(1, 12),
    shape=st.tuples(st.integers(1, 5), st.integers(1, 5)),
    seed=st.integers(0, 99),
)
@settings(max_examples=25)
def test_one_hot_rows_stand_where_numpys_identity_has_them(size, shape, seed):
    X = np.random.default_rng(seed).integers(size, size=shape)
    inputs = gb.to_onehot(nd.array(X), size)
    assert len(inputs) == shape[1]
    for step, one_hot in enumerate(inputs):
        np.testing.assert_array_equal(one_hot.asnumpy(), np.eye(size)[X[:, step]])


def test_one_hot_of_an_index_outside_is_zero_as_in_the_book():
    assert [row.asnumpy().sum() for row in gb.to_onehot(nd.array([[-1, 1, 7]]), 3)] == [0, 1, 0]


@settings(max_examples=25)
@given(size=st.integers(1, 6), indices=st.lists(st.integers(-2, 8), min_size=1, max_size=4))
def test_a_check_refuses_what_lies_outside_and_nothing_else(size, indices):
    X = nd.array([indices])
    if min(indices) < 0 or max(indices) >= size:
        outside = min(indices) if min(indices) < 0 else max(indices)
        with pytest.raises(ValueError, match=rf"one-hot vector of size {size}, but the batch holds {outside}:"):
            gb.to_onehot(X, size, check=True)
    else:
        checked, unchecked = (gb.to_onehot(X, size, check=check) for check in (True, False))
        np.testing.assert_array_equal(nd.stack(*checked).asnumpy(), nd.stack(*unchecked).asnumpy())
