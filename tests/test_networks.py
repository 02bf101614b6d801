"""From options to a network, to its weights, and back to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from gluonrnn import networks, training
from gluonrnn.cells import CELLS, CellModel
from gluonrnn.layers import RNNModel
from gluonrnn.networks import network_from, new_network, weight_shapes, weights_of
from gluonrnn.options import Options

CELL_NAMES = ("rnn", "gru", "lstm")
LAYER_KINDS = ("scratch", "library")
SIZES = [(1, 1), (1, 9), (9, 1), (3, 5), (16, 7)]

every_kind = pytest.mark.parametrize("cell", CELL_NAMES)
both_layers = pytest.mark.parametrize("layers", LAYER_KINDS)


def built(options, vocab_size, ctx):
    """Return a network whose shapes are settled, with its update function."""
    training.seed(3)
    network, update = new_network(options, vocab_size, ctx)
    network(nd.zeros((1, 1), ctx=ctx), network.begin_state(batch_size=1, ctx=ctx))
    return network, update


def spread(network, options):
    """Draw larger weights, biases too, so that no two of them are alike."""
    for weight in weights_of(network, options).values():
        weight[:] = nd.random.normal(scale=0.5, shape=weight.shape)


def as_numpy(weights):
    return {name: weight.asnumpy() for name, weight in weights.items()}


@every_kind
@both_layers
@pytest.mark.parametrize(("num_hiddens", "vocab_size"), SIZES)
def test_the_shapes_foretold_are_the_real_ones(cell, layers, num_hiddens, vocab_size, ctx):
    options = Options(cell=cell, layers=layers, num_hiddens=num_hiddens)
    network, _ = built(options, vocab_size, ctx)
    real = {name: weight.shape for name, weight in weights_of(network, options).items()}
    assert weight_shapes(options, vocab_size) == real


@every_kind
def test_scratch_weights_are_named_in_the_order_of_the_cell(cell, ctx):
    options = Options(cell=cell, num_hiddens=3)
    network, _ = new_network(options, 4, ctx)
    assert tuple(weight_shapes(options, 4)) == CELLS[cell].param_names
    assert list(weights_of(network, options).values()) == network.params


@both_layers
def test_every_parameter_of_the_network_is_among_the_weights(layers, ctx):
    options = Options(cell="lstm", layers=layers, num_hiddens=3)
    network, _ = built(options, 5, ctx)
    every = network.params if layers == "scratch" else [param.data() for param in network.collect_params().values()]
    assert len(every) == len(weights_of(network, options))
    assert sum(param.size for param in every) == sum(np.prod(s) for s in weight_shapes(options, 5).values())


@every_kind
def test_the_kind_of_network_is_the_one_asked_for(cell, ctx):
    scratch, _ = new_network(Options(cell=cell, num_hiddens=3), 4, ctx)
    assert isinstance(scratch, CellModel)
    assert scratch.forward is CELLS[cell].forward
    library, _ = new_network(Options(cell=cell, layers="library", num_hiddens=3), 4, ctx)
    assert isinstance(library, RNNModel)
    assert isinstance(library.rnn, getattr(gluon.rnn, cell.upper()))


def test_the_library_rnn_is_a_tanh_as_the_scratch_cell(ctx):
    scratch, library = (Options(layers=layers, num_hiddens=3) for layers in LAYER_KINDS)
    network, _ = built(library, 4, ctx)
    spread(network, library)
    weights = as_numpy(weights_of(network, library))
    same = {
        "W_xh": weights["rnn.l0_i2h_weight"].T,
        "W_hh": weights["rnn.l0_h2h_weight"].T,
        "b_h": weights["rnn.l0_i2h_bias"] + weights["rnn.l0_h2h_bias"],
        "W_hq": weights["dense.weight"].T,
        "b_q": weights["dense.bias"],
    }
    twin = network_from(same, scratch, 4, ctx)
    X = nd.array([[0, 1, 2, 3], [3, 3, 1, 0]], ctx=ctx)
    expected, _ = network(X, network.begin_state(batch_size=2, ctx=ctx))
    found, _ = twin(X, twin.begin_state(batch_size=2, ctx=ctx))
    np.testing.assert_allclose(found.asnumpy(), expected.asnumpy(), rtol=1e-5, atol=1e-6)


@every_kind
@both_layers
@pytest.mark.parametrize(("num_hiddens", "vocab_size"), [(1, 1), (5, 3), (16, 7)])
def test_a_network_made_from_weights_scores_the_same_to_the_bit(cell, layers, num_hiddens, vocab_size, ctx):
    options = Options(cell=cell, layers=layers, num_hiddens=num_hiddens)
    network, _ = built(options, vocab_size, ctx)
    spread(network, options)
    weights = as_numpy(weights_of(network, options))
    copy = network_from(weights, options, vocab_size, ctx)
    state, state_of_copy = network.begin_state(batch_size=3, ctx=ctx), copy.begin_state(batch_size=3, ctx=ctx)
    for _ in range(2):
        X = nd.array(np.random.default_rng(4).integers(0, vocab_size, size=(3, 6)), ctx=ctx)
        scores, state = network(X, state)
        scores_of_copy, state_of_copy = copy(X, state_of_copy)
        assert scores.shape == (18, vocab_size)
        np.testing.assert_array_equal(scores_of_copy.asnumpy(), scores.asnumpy())
    for part, part_of_copy in zip(state, state_of_copy):
        np.testing.assert_array_equal(part_of_copy.asnumpy(), part.asnumpy())
    back = as_numpy(weights_of(copy, options))
    assert list(back) == list(weights)
    for name, weight in weights.items():
        np.testing.assert_array_equal(back[name], weight)


@both_layers
def test_a_network_made_from_weights_has_arrays_of_its_own(layers, ctx):
    options = Options(layers=layers, num_hiddens=2)
    network, _ = built(options, 3, ctx)
    weights = as_numpy(weights_of(network, options))
    kept = {name: weight.copy() for name, weight in weights.items()}
    copy = network_from(weights, options, 3, ctx)
    for weight in weights_of(copy, options).values():
        weight[:] = 7
    for name in weights:
        np.testing.assert_array_equal(weights[name], kept[name])
        np.testing.assert_array_equal(weights_of(network, options)[name].asnumpy(), kept[name])


@every_kind
@both_layers
def test_gradients_reach_every_weight_of_a_network_made_from_weights(cell, layers, ctx):
    options = Options(cell=cell, layers=layers, num_hiddens=4)
    network, _ = built(options, 5, ctx)
    spread(network, options)
    copy = network_from(as_numpy(weights_of(network, options)), options, 5, ctx)
    with autograd.record():
        scores, _ = copy(nd.array([[0, 1, 2], [4, 3, 1]], ctx=ctx), copy.begin_state(batch_size=2, ctx=ctx))
        loss = nd.square(scores).mean()
    loss.backward()
    for name, weight in weights_of(copy, options).items():
        assert nd.abs(weight.grad).sum().asscalar() > 0, name


@both_layers
@pytest.mark.parametrize("theta", [None, 1e-3, 1e6])
def test_the_update_is_one_clipped_step_of_gradient_descent(layers, theta, ctx):
    options = Options(layers=layers, num_hiddens=4, lr=0.5, clipping_theta=theta)
    network, update = built(options, 5, ctx)
    spread(network, options)
    with autograd.record():
        scores, _ = network(nd.array([[0, 1, 2]], ctx=ctx), network.begin_state(batch_size=1, ctx=ctx))
        loss = nd.square(scores).mean()
    loss.backward()
    before = as_numpy(weights_of(network, options))
    grads = {name: weight.grad.asnumpy().copy() for name, weight in weights_of(network, options).items()}
    norm = np.sqrt(sum((grad.astype("float64") ** 2).sum() for grad in grads.values()))
    factor = 1.0 if theta is None else min(1.0, theta / norm)
    reported = update(1)
    assert reported() == pytest.approx(norm, rel=1e-5)
    for name, weight in weights_of(network, options).items():
        np.testing.assert_allclose(weight.asnumpy(), before[name] - 0.5 * factor * grads[name], rtol=1e-5, atol=1e-6)


def damaged(weights, damage):
    name = sorted(weights)[1]
    if damage == "missing":
        del weights[name]
    elif damage == "unknown":
        weights["W_zz"] = np.zeros((2, 2), "float32")
    elif damage == "shape":
        weights[name] = np.zeros((2, 2, 2), "float32")
    elif damage == "transposed":
        weights.update({key: weight.T for key, weight in weights.items()})
    else:
        weights[name] = weights[name].astype(damage)
    return weights


@both_layers
@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ("missing", r"^the weight (W_hq|dense\.weight) is missing$"),
        ("unknown", r"^the weight W_zz is unknown$"),
        ("shape", r"^(W_hq|dense\.weight) has shape \(2, 2, 2\) \(float32\) instead of \(\d, \d\) \(float32\)$"),
        ("transposed", r"has shape \((3, 5|5, 3)\) \(float32\) instead of \((5, 3|3, 5)\) \(float32\)$"),
        ("float64", r"^(W_hq|dense\.weight) has shape .* \(float64\) instead of .* \(float32\)$"),
        ("int32", r"\(int32\) instead of .* \(float32\)$"),
    ],
)
def test_weights_that_do_not_fit_are_refused(layers, damage, words, ctx):
    options = Options(layers=layers, num_hiddens=3)
    network, _ = built(options, 5, ctx)
    weights = damaged(as_numpy(weights_of(network, options)), damage)
    with pytest.raises(ValueError, match=words):
        network_from(weights, options, 5, ctx)


@every_kind
@both_layers
def test_nothing_is_allocated_for_weights_that_do_not_fit(cell, layers, ctx, monkeypatch):
    options = Options(cell=cell, layers=layers, num_hiddens=3)
    network, _ = built(options, 5, ctx)
    weights = as_numpy(weights_of(network, options))

    class Untouchable:
        def __getattr__(self, name):
            pytest.fail(f"{name} was called")

        __call__ = __getattr__

    monkeypatch.setattr(networks, "nd", Untouchable())
    monkeypatch.setattr(networks, "RNNModel", Untouchable())
    with pytest.raises(ValueError, match="000000000000"):
        network_from(weights, Options(cell=cell, layers=layers, num_hiddens=10**12), 5, ctx)
