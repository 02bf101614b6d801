"""The fast form of Gluon's recurrent layers: where their weights are found, gate by gate."""

from __future__ import annotations

import functools
from typing import Any, NamedTuple, Sequence

import numpy as np

from gluonrnn._mxnet import gluon
from gluonrnn.fast import steps
from gluonrnn.fast.network import Blocks, Network
from gluonrnn.fast.sequences import Form, Weights
from gluonrnn.fast.steps import Gate

__all__ = ["is_changed", "network_of_layers"]


class _Layer(NamedTuple):
    """A layer of Gluon's: its step, and where the step's gates, in their order, stand in the layer's weights."""

    step: steps.Step
    order: tuple[int, ...]
    apart: int | None = None  # the gate whose two biases are not added up beforehand
    num_states: int = 1


_LAYERS = {
    # MXNet computes the gradient of a sum of two parameters wrongly where one is frozen
    "rnn_tanh": _Layer(steps.rnn, (0,), apart=0),
    "rnn_relu": _Layer(steps.rnn_relu, (0,), apart=0),
    "gru": _Layer(steps.gru_reset_after, (0, 1, 2), apart=2),
    "lstm": _Layer(steps.lstm, (0, 1, 3, 2), num_states=2),
}


def network_of_layers(layer: Any, dense: Any, vocab_size: int, ctx: Any, blocks: Blocks) -> Network | None:
    """Return the fast form of a recurrent layer of Gluon's with an output layer, or None if it has none.

    Examples
    --------
    >>> layer, dense = gluon.rnn.LSTM(4, bidirectional=True), gluon.nn.Dense(7)
    >>> network_of_layers(layer, dense, 7, None, Blocks()) is None
    True
    """
    if not (_is_plain_layer(layer) and _is_plain_dense(dense, vocab_size)):
        return None
    names = [
        f"l{number}_{name}"
        for number in range(layer._num_layers)
        for name in ("i2h_weight", "h2h_weight", "i2h_bias", "h2h_bias")
    ]
    found = [*(getattr(layer, name) for name in names), dense.weight, dense.bias]
    if any(param._data is None or np.dtype(param.dtype) != np.float32 for param in found):
        return None
    if layer.l0_i2h_weight.shape[1] != vocab_size or dense.weight.shape[1] != layer._hidden_size:
        return None
    known, weights = _LAYERS[layer._mode], _FROM_LAYERS[layer._mode]
    form = Form(known.step, weights, vocab_size, layer._hidden_size, known.num_states, layer._num_layers)
    return Network(form, [param.data(ctx).as_nd_ndarray() for param in found], blocks)


def _is_plain_layer(layer: Any) -> bool:
    return (
        type(layer) in (gluon.rnn.RNN, gluon.rnn.GRU, gluon.rnn.LSTM)
        and layer._layout == "TNC"
        and layer._dir == 1
        and not layer._dropout
        and not layer._projection_size
        and not layer._use_sequence_length
        and layer._lstm_state_clip_min is layer._lstm_state_clip_max is None
        and not is_changed(layer)
    )


def _is_plain_dense(dense: Any, vocab_size: int) -> bool:
    return (
        type(dense) is gluon.nn.Dense
        and dense.act is None
        and dense.bias is not None
        and dense._units == vocab_size
        and not is_changed(dense)
    )


def is_changed(block: Any) -> bool:
    """Return whether a block computes something else than its class does, or is listened to."""
    own = {"forward", "hybrid_forward"} & set(vars(block))
    return bool(own or block._forward_hooks or block._forward_pre_hooks)


def _weights_of_layers(layer: _Layer, ops: Any, params: Sequence[Any]) -> Weights:
    *by_layer, W_q, b_q = params
    layers = [_gates(layer, ops, *by_layer[first : first + 4]) for first in range(0, len(by_layer), 4)]
    return Weights(layers, W_q, b_q)


def _gates(layer: _Layer, ops: Any, *params: Any) -> list[Gate]:
    i2h_weight, h2h_weight, i2h_bias, h2h_bias = (ops.split(param, len(layer.order)) for param in params)
    gates = []
    for number in layer.order:
        W_x, W_h = ops.transpose(i2h_weight[number]), h2h_weight[number]
        b_x, b_h = i2h_bias[number], h2h_bias[number]
        if number == layer.apart:
            gates.append(Gate(W_x, W_h, b_h, b_x))
        else:
            with np.errstate(invalid="ignore"):  # of a model that diverged; its scores are looked at
                gates.append(Gate(W_x, W_h, b_x + b_h))
    return gates


_FROM_LAYERS = {mode: functools.partial(_weights_of_layers, layer) for mode, layer in _LAYERS.items()}
