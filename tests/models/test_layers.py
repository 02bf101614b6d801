from __future__ import annotations

import numpy as np
import pytest
from mxnet import gluon, init, nd

import gluonrnn as gb
from tests.oracles import numpy_cells

# the gates in the order in which Gluon stacks their weights
GATES = {"rnn": "h", "gru": "rzh", "lstm": "ifco"}


def relu(x):
    return np.maximum(x, 0)


LAYERS = {
    "rnn_tanh": ("rnn", lambda **sizes: gluon.rnn.RNN(activation="tanh", **sizes), numpy_cells.rnn_step),
    "rnn_relu": ("rnn", lambda **sizes: gluon.rnn.RNN(**sizes), lambda x, s, p: numpy_cells.rnn_step(x, s, p, relu)),
    "gru": ("gru", gluon.rnn.GRU, lambda x, s, p: numpy_cells.gru_step(x, s, p, reset_after=True)),
    "lstm": ("lstm", gluon.rnn.LSTM, numpy_cells.lstm_step),
}


def cell_weights(layer, cell, number):
    """Return the weights of one layer as the NumPy cells name them."""
    parts = {
        kind: np.split(getattr(layer, f"l{number}_{kind}").data().asnumpy(), len(GATES[cell]))
        for kind in ("i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias")
    }
    named = {}
    for i, gate in enumerate(GATES[cell]):
        named[f"W_x{gate}"] = parts["i2h_weight"][i].T
        named[f"W_h{gate}"] = parts["h2h_weight"][i].T
        if cell == "gru" and gate == "h":  # the reset gate comes between the two biases
            named["b_xh"], named["b_h"] = parts["i2h_bias"][i], parts["h2h_bias"][i]
        else:
            named[f"b_{gate}"] = parts["i2h_bias"][i] + parts["h2h_bias"][i]
    return named


def numpy_scores(model, cell, step, X, num_layers, num_hiddens):
    rows = []
    for example in X:
        inputs = np.eye(model.vocab_size)[example.astype(int)]
        for number in range(num_layers):
            state = (np.zeros(num_hiddens),) * (2 if cell == "lstm" else 1)
            inputs, _ = numpy_cells.run(step, inputs, state, cell_weights(model.rnn, cell, number))
        rows.append(inputs @ model.dense.weight.data().asnumpy().T + model.dense.bias.data().asnumpy())
    return np.stack(rows, axis=1).reshape(-1, model.vocab_size)


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("name", sorted(LAYERS))
def test_scores_equal_a_numpy_loop_also_after_weights_and_batch_sizes_changed(name, num_layers, ctx):
    cell, make, step = LAYERS[name]
    model = gb.RNNModel(make(hidden_size=4, num_layers=num_layers), vocab_size=5)
    model.initialize(init.Normal(0.5), ctx=ctx)
    rng = np.random.default_rng(2)
    # training batches and single characters take turns, as when samples are printed
    for batch_size, num_steps in ((3, 6), (1, 1), (2, 4), (1, 1)):
        X = rng.integers(5, size=(batch_size, num_steps)).astype("float32")
        found, state = model(nd.array(X), model.begin_state(batch_size=batch_size, ctx=ctx))
        expected = numpy_scores(model, cell, step, X, num_layers, 4)
        np.testing.assert_allclose(found.asnumpy(), expected, rtol=1e-4, atol=1e-5)
        assert {part.shape for part in state} == {(num_layers, batch_size, 4)}
        for param in model.collect_params().values():
            param.set_data(param.data() * 0.9 + 0.01)


@pytest.mark.parametrize("name", sorted(LAYERS))
def test_gradients_equal_finite_differences(name, ctx):
    from mxnet import autograd

    cell, make, step = LAYERS[name]
    model = gb.RNNModel(make(hidden_size=3), vocab_size=4)
    model.initialize(init.Normal(0.5), ctx=ctx)
    rng = np.random.default_rng(4)
    X, Y = rng.integers(4, size=(2, 2, 5)).astype("float32")
    with autograd.record():
        scores, _ = model(nd.array(X), model.begin_state(batch_size=2, ctx=ctx))
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(scores, nd.array(Y.T.reshape(-1))).mean()
    loss.backward()

    def numpy_loss():
        logits = numpy_scores(model, cell, step, X, 1, 3)
        return numpy_cells.mean_cross_entropy(logits, Y.T.reshape(-1))

    assert loss.asscalar() == pytest.approx(numpy_loss(), rel=1e-5)
    for param in model.collect_params().values():
        values, found = param.data().asnumpy(), param.grad().asnumpy()
        for index in [tuple(rng.integers(size) for size in values.shape) for _ in range(4)]:
            losses, at = [], []
            for nudge in (1e-4, -1e-4):  # small, for ReLU has a kink
                nudged = values.copy()
                nudged[index] += nudge
                param.set_data(nd.array(nudged))
                losses.append(numpy_loss())
                at.append(float(nudged[index]))
            param.set_data(nd.array(values))
            slope = (losses[0] - losses[1]) / (at[0] - at[1])
            assert found[index] == pytest.approx(slope, rel=1e-2, abs=1e-5), param.name


def test_the_model_keeps_what_it_is_given():
    layer = gluon.rnn.LSTM(3, num_layers=2)
    model = gb.RNNModel(layer, 7, prefix="mine_")
    assert (model.rnn, model.vocab_size, model.prefix) == (layer, 7, "mine_")
    assert [part.shape for part in model.begin_state(batch_size=4)] == [(2, 4, 3)] * 2
