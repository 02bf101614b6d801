"""From options to a network, to its weights, and back to the bit."""

from __future__ import annotations

import numpy as np
import pytest
from mxnet import autograd, gluon, nd

from gluonrnn.models import CELLS, CellModel
from gluonrnn.models.layers import RNNModel
from gluonrnn.training import loop
from gluonrnn.training.networks import network_from, new_network, optimizer_of, weight_shapes, weights_of
from gluonrnn.training.options import Options

CELL_NAMES = ("rnn", "gru", "lstm")
LAYER_KINDS = ("scratch", "library")
SIZES = [(1, 1), (16, 7)]

every_kind = pytest.mark.parametrize("cell", CELL_NAMES)
both_layers = pytest.mark.parametrize("layers", LAYER_KINDS)


def built(options, vocab_size, ctx):
    """Return a network whose shapes are settled, with its optimizer."""
    loop.seed(3)
    network = new_network(options, vocab_size, ctx)
    network(nd.zeros((1, 1), ctx=ctx), network.begin_state(batch_size=1, ctx=ctx))
    return network, optimizer_of(network, options)


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
    every = network.params if layers == "scratch" else network.collect_params().values()
    assert len(every) == len(real)  # none is left out


@every_kind
def test_scratch_weights_are_named_in_the_order_of_the_cell(cell, ctx):
    options = Options(cell=cell, num_hiddens=3)
    network = new_network(options, 4, ctx)
    assert tuple(weight_shapes(options, 4)) == CELLS[cell].param_names
    assert list(weights_of(network, options).values()) == network.params


@every_kind
def test_the_kind_of_network_is_the_one_asked_for(cell, ctx):
    scratch = new_network(Options(cell=cell, num_hiddens=3), 4, ctx)
    assert isinstance(scratch, CellModel)
    assert scratch.forward is CELLS[cell].forward
    library = new_network(Options(cell=cell, layers="library", num_hiddens=3), 4, ctx)
    assert isinstance(library, RNNModel)
    assert isinstance(library.rnn, getattr(gluon.rnn, cell.upper()))


@every_kind
@both_layers
@pytest.mark.parametrize(("num_hiddens", "vocab_size"), SIZES)
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
    with autograd.record():
        loss = nd.square(copy(X, copy.begin_state(batch_size=3, ctx=ctx))[0]).mean()
    loss.backward()
    if (num_hiddens, vocab_size) != (1, 1):  # where a gate may never matter
        assert all(nd.abs(weight.grad).sum().asscalar() > 0 for weight in weights_of(copy, options).values())
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


@both_layers
@pytest.mark.parametrize("theta", [None, 1e-3, 1e6])
def test_the_update_is_one_clipped_step_of_gradient_descent(layers, theta, ctx):
    options = Options(layers=layers, num_hiddens=4, lr=0.5, clipping_theta=theta)
    network, optimizer = built(options, 5, ctx)
    spread(network, options)
    with autograd.record():
        scores, _ = network(nd.array([[0, 1, 2]], ctx=ctx), network.begin_state(batch_size=1, ctx=ctx))
        loss = nd.square(scores).mean()
    loss.backward()
    before = as_numpy(weights_of(network, options))
    grads = {name: weight.grad.asnumpy().copy() for name, weight in weights_of(network, options).items()}
    norm = np.sqrt(sum((grad.astype("float64") ** 2).sum() for grad in grads.values()))
    factor = 1.0 if theta is None else min(1.0, theta / norm)
    reported = optimizer.update(1)
    assert reported() == pytest.approx(norm, rel=1e-5)
    for name, weight in weights_of(network, options).items():
        np.testing.assert_allclose(weight.asnumpy(), before[name] - 0.5 * factor * grads[name], rtol=1e-5, atol=1e-6)
