"""Encoders and decoders: equal to the published ones, to NumPy loops, and clear about misuse."""

from __future__ import annotations

import os
import subprocess
import sys

import mxnet as mx
import numpy as np
import pytest

import gluonrnn as gb
from gluonrnn import seq2seq
from gluonrnn.editions import seq2seq_0_11
from tests.seq2seq.common import (
    OF_2020,
    OF_2022,
    as_published,
    assert_equal,
    assert_gradients_equal,
    copy_parameters,
    forward_and_gradients,
    parameters_of,
    random_array,
)

BOTH = pytest.mark.parametrize(("ours", "theirs"), [(seq2seq, OF_2022), (seq2seq_0_11, OF_2020)], ids=["2022", "2020"])
X = mx.np.array([[1, 5, 6, 0], [0, 2, 4, 8], [7, 7, 3, 1]])
Y = mx.np.array([[3, 1, 0], [2, 2, 6], [4, 5, 1]])
LENS = mx.np.array([4, 2, 3])


def initialized(block, *inputs):
    """Draw the parameters of a block, and call it once so that all have their shapes."""
    gb.seed(11)
    with as_published():
        block.initialize(mx.init.Uniform(0.5), force_reinit=True)
        block(*inputs)
    return block


@BOTH
@pytest.mark.parametrize("num_layers", [1, 2])
def test_encoders_are_equal(ours, theirs, num_layers):
    encoder = initialized(ours.Seq2SeqEncoder(9, 5, 6, num_layers), X)
    published_one = initialized(theirs.Seq2SeqEncoder(9, 5, 6, num_layers), X)
    assert_equal(encoder(X), call(published_one, X))  # equally seeded, they are drawn alike
    gb.seed(5)
    encoder.initialize(mx.init.Normal(0.3), force_reinit=True)
    encoder(X)
    copy_parameters(encoder, published_one)
    weights = random_array(np.random.default_rng(1), 4, 3, 6)

    def weigh(output):
        return (output[0] * weights).sum() + sum((state * state).sum() for state in output[1])

    output, gradients, _ = forward_and_gradients(encoder, [X], weigh)
    published_output, published_gradients, _ = forward_and_gradients(published_one, [X], weigh)
    assert_equal(output, published_output)
    assert_gradients_equal(gradients, published_gradients)


def call(block, *inputs):
    with as_published():
        return block(*inputs)


def test_encoder_with_decoder_is_equal_to_the_published():
    ours = initialized(
        seq2seq.EncoderDecoder(seq2seq_0_11.Seq2SeqEncoder(9, 5, 6, 2), seq2seq_0_11.Seq2SeqDecoder(7, 5, 6, 2)), X, Y
    )
    theirs = OF_2020.EncoderDecoder(OF_2020.Seq2SeqEncoder(9, 5, 6, 2), OF_2020.Seq2SeqDecoder(7, 5, 6, 2))
    mixed = OF_2022.EncoderDecoder(OF_2020.Seq2SeqEncoder(9, 5, 6, 2), seq2seq_0_11.Seq2SeqDecoder(7, 5, 6, 2))
    weights = random_array(np.random.default_rng(2), 3, 3, 7)

    def weigh(output):
        return (output[0] * weights).sum() + sum(state.sum() for state in output[1])

    output, gradients, _ = forward_and_gradients(ours, [X, Y, LENS], weigh)
    for other in (theirs, mixed):
        copy_parameters(ours, initialized(other, X, Y))
        other_output, other_gradients, _ = forward_and_gradients(other, [X, Y, LENS], weigh)
        assert_equal(output, other_output)
        assert_gradients_equal(gradients, other_gradients)
    assert output[0].shape == (3, 3, 7)


def test_valid_lengths_reach_the_encoder_and_the_first_state():
    class Telling(seq2seq.Encoder):
        def forward(self, X, *args):
            return args

    class Told(seq2seq.Decoder):
        def init_state(self, enc_outputs, *args):
            return enc_outputs, args

        def forward(self, X, state):
            return X, state

    assert seq2seq.EncoderDecoder(Telling(), Told())(X, Y, LENS, 2) == (Y, ((LENS, 2), (LENS, 2)))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def decoder_of_numpy(params, tokens, state):
    """Return scores and state of the decoder of 2020-22, as loops in double precision."""
    embedded, context = params["embedding.weight"][tokens], state[-1]
    states, scores = list(state), []
    for step in range(tokens.shape[1]):
        x = np.concatenate([embedded[:, step], context], axis=1)
        for layer, h in enumerate(states):
            names = [f"rnn._unfused.{layer}.{kind}" for kind in ("i2h_weight", "i2h_bias", "h2h_weight", "h2h_bias")]
            W_x, b_x, W_h, b_h = (params[name] for name in names)
            # reset gate, update gate, candidate, in the order of Gluon's layer
            x_r, x_z, x_n = np.split(x @ W_x.T + b_x, 3, axis=1)
            h_r, h_z, h_n = np.split(h @ W_h.T + b_h, 3, axis=1)
            z = sigmoid(x_z + h_z)
            states[layer] = x = (1 - z) * np.tanh(x_n + sigmoid(x_r + h_r) * h_n) + z * h
        scores.append(x @ params["dense.weight"].T + params["dense.bias"])
    return np.stack(scores, axis=1), np.stack(states)


@pytest.mark.parametrize("num_layers", [1, 2])
def test_decoder_is_that_of_the_chapter_as_numpy_loops(num_layers):
    rng = np.random.default_rng(3)
    state = random_array(rng, num_layers, 3, 6)
    decoder = initialized(seq2seq.Seq2SeqDecoder(7, 5, 6, num_layers), Y, [state])
    params = {name: param.data().asnumpy().astype("float64") for name, param in parameters_of(decoder).items()}
    tokens, first = Y.asnumpy().astype(int), state.asnumpy().astype("float64")

    def objective(params):
        scores, last = decoder_of_numpy(params, tokens, first)
        return (scores**2).sum() + last.sum()

    (output, (last,)), gradients, _ = forward_and_gradients(
        decoder, [Y, [state]], lambda output: (output[0] ** 2).sum() + output[1][0].sum(), inputs_have_gradients=False
    )
    for found, expected in zip((output, last), decoder_of_numpy(params, tokens, first)):
        np.testing.assert_allclose(found.asnumpy(), expected, rtol=1e-5, atol=1e-5)
    for name, param in params.items():
        for _ in range(3):  # along random directions, by central differences
            step = 1e-5 * rng.normal(size=param.shape)
            slope = (objective({**params, name: param + step}) - objective({**params, name: param - step})) / 2
            size = np.linalg.norm(gradients[name]) * np.linalg.norm(step)
            assert slope == pytest.approx((gradients[name] * step).sum(), abs=1e-4 * size), name
    # token by token, the context is the running state, as in the chapter
    state, expected_state = decoder.init_state((None, [state])), first
    for step in range(3):
        output, state = decoder(Y[:, step : step + 1], state)
        expected, expected_state = decoder_of_numpy(params, tokens[:, step : step + 1], expected_state)
        np.testing.assert_allclose(output.asnumpy(), expected, rtol=1e-5, atol=1e-5)
        np.testing.assert_allclose(state[0].asnumpy(), expected_state, rtol=1e-5, atol=1e-5)


@BOTH
def test_parameters_are_saved_and_read_by_either(ours, theirs, tmp_path):
    encoder = initialized(ours.Seq2SeqEncoder(9, 5, 6, 2), X)
    other = theirs.Seq2SeqEncoder(9, 5, 6, 2)
    encoder.save_parameters(str(tmp_path / "ours.params"))
    with as_published():
        other.load_parameters(str(tmp_path / "ours.params"))
        other.save_parameters(str(tmp_path / "theirs.params"))
    again = ours.Seq2SeqEncoder(9, 5, 6, 2)
    again.load_parameters(str(tmp_path / "theirs.params"))
    assert_equal(again(X), encoder(X))


def test_children_are_named_as_in_the_chapter(tmp_path):
    net = initialized(
        seq2seq.EncoderDecoder(seq2seq.Seq2SeqEncoder(9, 5, 6, 1), seq2seq.Seq2SeqDecoder(7, 5, 6, 1)), X, Y
    )
    assert {name.rpartition(".")[0] for name in parameters_of(net)} == {
        "encoder.embedding", "encoder.rnn._unfused.0",
        "decoder.embedding", "decoder.rnn._unfused.0", "decoder.dense"}  # fmt: skip
    net.save_parameters(str(tmp_path / "net.params"))
    other = seq2seq.EncoderDecoder(seq2seq.Seq2SeqEncoder(9, 5, 6, 1), seq2seq.Seq2SeqDecoder(7, 5, 6, 1), prefix="b_")
    other.load_parameters(str(tmp_path / "net.params"))
    assert_equal(other(X, Y), net(X, Y))
    assert other.prefix == "b_"


DROPPED = """
import mxnet as mx
from gluonrnn.editions import seq2seq_0_11
from gluonrnn.seq2seq import Seq2SeqEncoder
X = mx.np.array([[1, 5, 6, 0]])
for encoder in (Seq2SeqEncoder(9, 5, 6, 2, dropout=0.5), seq2seq_0_11.Seq2SeqEncoder(9, 5, 6, 2, dropout=0.5)):
    encoder.initialize(mx.init.Uniform(0.5))
    output = encoder(X)[0].asnumpy()
    with mx.autograd.record():
        dropped = encoder(X)[0].asnumpy()
    print(*(bool(abs(other - output).max() > 1e-4) for other in (dropped, encoder(X)[0].asnumpy())))
"""


@pytest.mark.slow
@pytest.mark.parametrize("drops", [True, False])
def test_dropout_between_layers_where_mxnet_does_it(drops, switch):
    # the note in the docstrings: oneDNN's layers, which a CPU has by default, leave it out
    variables = {**os.environ, "MXNET_USE_MKLDNN_RNN": str(int(not drops)), "PYTHONPATH": os.pathsep.join(sys.path)}
    start = "import gluonrnn, mxnet; mxnet.npx.set_np()" if switch else "import gluonrnn"
    command = [sys.executable, "-W", "ignore", "-c", start + DROPPED]
    printed = subprocess.run(command, env=variables, capture_output=True, text=True, check=True).stdout
    assert printed.split() == [str(drops), "False"] * 2


def test_a_class_of_the_reader_computes_in_the_world_of_np_arrays():
    class Halved(seq2seq.Encoder):
        def __init__(self):
            super().__init__()
            self.dense = mx.gluon.nn.Dense(2, use_bias=False)

        def forward(self, X):
            return self.dense(X) / 2

    encoder = Halved()
    encoder.initialize(mx.init.One())
    assert encoder(mx.np.ones((1, 4))).tolist() == [[2, 2]]


def test_forward_may_be_called_by_its_name():
    encoder = initialized(seq2seq.Seq2SeqEncoder(9, 5, 6, 1), X)
    assert_equal(encoder.forward(X, LENS), encoder(X))


def test_nd_arrays_are_one_clear_error():
    net = initialized(
        seq2seq.EncoderDecoder(seq2seq.Seq2SeqEncoder(9, 5, 6, 1), seq2seq.Seq2SeqDecoder(7, 5, 6, 1)), X, Y
    )
    for block, inputs in ((net.decoder, [Y, [mx.nd.ones((1, 3, 6))]]), (net, [X, mx.nd.ones((3, 4))])):
        with pytest.raises(TypeError, match=rf"{type(block).__name__} .* of mxnet\.nd: convert it with"):
            block(*inputs)
