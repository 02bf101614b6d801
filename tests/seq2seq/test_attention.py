"""Attention: equal to the published layers, to a loop in NumPy, and to PyTorch's."""

from __future__ import annotations

import inspect

import mxnet as mx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gluonrnn as gb
from gluonrnn import d2l, seq2seq
from gluonrnn.editions import d2l_0_10, d2l_0_11, d2l_0_15, seq2seq_0_11
from tests.seq2seq.common import (
    OF_2020,
    OF_2022,
    as_published,
    assert_equal,
    assert_gradients_equal,
    copy_parameters,
    forward_and_gradients,
    random_array,
)

LAYERS = {
    "additive": (seq2seq.AdditiveAttention, OF_2022.AdditiveAttention, (8,)),
    "dot product": (seq2seq.DotProductAttention, OF_2022.DotProductAttention, ()),
    "dot product of 2020": (seq2seq_0_11.DotProductAttention, OF_2020.DotProductAttention, ()),
    "mlp": (seq2seq_0_11.MLPAttention, OF_2020.MLPAttention, (8,)),
}
LENGTHS = {
    "none": None,
    "for each example": mx.np.array([2, 5, 0]),
    "for each query": mx.np.array([[1, 2], [3, 4], [5, 0]]),
}
EACH_LAYER = pytest.mark.parametrize("layer", LAYERS)
EACH_LENGTH = pytest.mark.parametrize("lengths", LENGTHS)


def arrays(size_of_keys=4):
    rng = np.random.default_rng(4)
    return random_array(rng, 3, 2, 4), random_array(rng, 3, 5, size_of_keys), random_array(rng, 3, 5, 6)


def initialized(block, *inputs):
    with as_published():
        block.initialize(mx.init.Uniform(0.5))
        block(*inputs)
    return block


def loop_of_numpy(X, lengths):
    weights = np.zeros_like(X)
    for example, row in np.ndindex(*X.shape[:2]):
        length = X.shape[2] if lengths is None else lengths[example] if lengths.ndim == 1 else lengths[example, row]
        if length:
            odds = np.exp(X[example, row, :length] - X[example, row, :length].max())
            weights[example, row, :length] = odds / odds.sum()
        else:
            weights[example, row] = 1 / X.shape[2]
    return weights


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.tuples(*[st.integers(1, 5)] * 3), st.sampled_from([None, 1, 2]), st.integers(0, 2**32 - 1))
def test_masked_softmax_is_the_loop_and_the_published_ones(shape, ndim, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=shape).astype("float32")
    lengths = None if ndim is None else rng.integers(0, shape[2] + 3, size=shape[:ndim])
    inputs = mx.np.array(X), None if lengths is None else mx.np.array(lengths)
    weights = seq2seq.masked_softmax(*inputs)
    np.testing.assert_allclose(weights.asnumpy(), loop_of_numpy(X, lengths), rtol=1e-5, atol=1e-7)
    assert_equal(seq2seq_0_11.masked_softmax(*inputs), weights)
    with as_published():
        assert_equal(OF_2022.masked_softmax(*inputs), weights)
        assert_equal(OF_2020.masked_softmax(*inputs), weights)


def test_lengths_of_any_type():
    for dtype in ["int32", "int64", "float32"]:
        lengths = mx.np.array([1, 3], dtype=dtype)
        assert (seq2seq.masked_softmax(mx.np.ones((2, 2, 4)), lengths).asnumpy() > 0).sum(axis=2).tolist() == [
            [1, 1],
            [3, 3],
        ]


def takes_lengths(call):
    call = getattr(call, "forward", call)
    return inspect.isfunction(call) and "valid_len" in str(inspect.signature(call))


OF_EDITIONS = {
    f"{edition.__name__.rpartition('.')[2]}.{name}": (edition, getattr(edition, name))
    for edition in (d2l, d2l_0_11, d2l_0_10, d2l_0_15)
    for name in edition.__all__
    if takes_lengths(getattr(edition, name))
}
SIZES = {"num_hiddens": 8, "units": 8, "dropout": 0.1}


@pytest.mark.parametrize("name", OF_EDITIONS)
def test_lengths_for_which_mxnet_would_write_out_of_bounds_are_refused(name):
    edition, call = OF_EDITIONS[name]
    array = mx.nd.array if edition is d2l_0_10 else mx.np.array
    if inspect.isclass(call):
        sizes = inspect.signature(call).parameters
        call = call(**{size: number for size, number in SIZES.items() if size in sizes})
        call.initialize()
        call.hybridize()
        names = inspect.signature(call.forward).parameters
    else:
        names = inspect.signature(call).parameters
    given = [array(np.ones((2, 3) if part == "label" else (2, 3, 4)), dtype="float32") for part in list(names)[:-1]]
    with mx.autograd.record():
        assert np.isfinite(call(*given, array([0, 9])).asnumpy()).all()
    rule = r"^an array of valid lengths must lie in \[0, 2147483648\), but this one has .*: count the valid steps"
    for bad in (-1.0, -(2.0**30), -0.5, np.nan, np.inf, 3e9, np.int32(-1), np.int64(2**32 - 1)):
        lengths = array([2, bad], dtype=getattr(bad, "dtype", "float32"))
        with mx.autograd.record(), pytest.raises(ValueError, match=rule):
            call(*given, lengths)


@EACH_LAYER
@EACH_LENGTH
def test_layers_are_equal(layer, lengths):
    ours, theirs, sizes = LAYERS[layer]
    inputs = [*arrays(size_of_keys=4 if "dot" in layer else 7), LENGTHS[lengths]]
    block, other = initialized(ours(*sizes, 0.1), *inputs), initialized(theirs(*sizes, 0.1), *inputs)
    copy_parameters(block, other)
    weights = random_array(np.random.default_rng(6), 3, 2, 6)
    results = [
        forward_and_gradients(attention, inputs, lambda output: (output * weights).sum())
        for attention in (block, other)
    ]
    (output, gradients, of_inputs), (other_output, other_gradients, of_other_inputs) = results
    assert_equal(output, other_output)
    # the weights of MLPAttention do not depend on the query, as its docstring says
    assert_gradients_equal(gradients, other_gradients, zero=["W_k.weight"] if layer == "mlp" else [])
    assert_equal(of_inputs, of_other_inputs)
    assert [bool(abs(gradient).max() > 1e-6) for gradient in of_inputs] == [layer != "mlp", True, True]
    assert_equal(block(*inputs), other_output)
    if theirs in (OF_2022.AdditiveAttention, OF_2022.DotProductAttention):
        assert_equal(block.attention_weights, other.attention_weights)


@EACH_LAYER
def test_the_same_weights_are_dropped(layer):
    ours, theirs, sizes = LAYERS[layer]
    inputs = [*arrays(), LENGTHS["for each query"]]
    block, other = initialized(ours(*sizes, 0.5), *inputs), initialized(theirs(*sizes, 0.5), *inputs)
    copy_parameters(block, other)
    outputs = []
    for attention in (block, other):
        gb.seed(8)
        with as_published(), mx.autograd.record():
            outputs.append(attention(*inputs))
    assert_equal(*outputs)
    assert abs(block(*inputs).asnumpy() - outputs[0].asnumpy()).max() > 1e-3


def test_weights_are_kept_before_any_is_dropped():
    attention = seq2seq.DotProductAttention(dropout=0.9)
    with mx.autograd.record():
        attention(*arrays())
    np.testing.assert_allclose(attention.attention_weights.asnumpy().sum(axis=2), 1, rtol=1e-6)


@pytest.mark.parametrize("lengths", [None, [2, 5, 0], [[1, 2], [3, 4], [5, 0]]])
def test_the_softmax_is_of_the_world_of_its_scores(lengths):
    scores = np.random.default_rng(3).normal(size=(3, 2, 5)).astype("float32")
    weights = [
        seq2seq.masked_softmax(array(scores), None if lengths is None else array(lengths))
        for array in (mx.nd.array, mx.np.array)
    ]
    assert [type(array) for array in weights] == [mx.nd.NDArray, mx.np.ndarray]
    np.testing.assert_allclose(*[array.asnumpy() for array in weights], rtol=1e-6)
