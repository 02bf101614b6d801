"""The fast form of this package's cells."""

from __future__ import annotations

from typing import Any, Callable, Sequence

import numpy as np

from gluonrnn._mxnet import nd
from gluonrnn.fast import Blocks, Form, Gate, Network, Weights, steps
from gluonrnn.models.gated import gru, lstm
from gluonrnn.models.plain import rnn

__all__ = ["network_of_cell"]

# the cell, its step, and its number of gates
_CELLS: Sequence[tuple[Callable[..., Any], steps.Step, int]] = (
    (rnn, steps.rnn, 1),
    (gru, steps.gru, 3),
    (lstm, steps.lstm, 4),
)


def network_of_cell(
    forward: Callable[..., Any], params: Sequence[Any], vocab_size: int, blocks: Blocks
) -> Network | None:
    """Return the fast form of one of this package's cells, or None for any other function.

    Parameters
    ----------
    forward : function
        A cell over lists, such as `gluonrnn.rnn`.
    params : sequence of NDArray
        Its parameters. With others than ``get_..._params`` draws, in shape or dtype, the cell has
        no fast form: the plain one may broadcast them, or refuse them.
    vocab_size : int
        The length of a one-hot vector.
    blocks : Blocks
        What the model has compiled.

    Returns
    -------
    Network or None

    Examples
    --------
    >>> network_of_cell(lambda inputs, state, params: None, [], 7, Blocks()) is None
    True
    """
    # by identity, for a user's cell need not be hashable
    for cell, step, num_gates in _CELLS:
        if cell is forward and _as_drawn(params, vocab_size, num_gates):
            return Network(Form(step, _weights_of_cell, vocab_size, params[-2].shape[0]), params, blocks)
    return None


def _as_drawn(params: Sequence[Any], vocab_size: int, num_gates: int) -> bool:
    if len(params) != 3 * num_gates + 2 or not all(isinstance(param, nd.NDArray) for param in params):
        return False
    num_hiddens = params[-2].shape[0]
    gate = [(vocab_size, num_hiddens), (num_hiddens, num_hiddens), (num_hiddens,)]
    shapes = gate * num_gates + [(num_hiddens, vocab_size), (vocab_size,)]
    return [param.shape for param in params] == shapes and all(param.dtype is np.float32 for param in params)


def _weights_of_cell(ops: Any, params: Sequence[Any]) -> Weights:
    *gates, W_hq, b_q = params
    layer = [Gate(W_x, ops.transpose(W_h), b) for W_x, W_h, b in zip(gates[0::3], gates[1::3], gates[2::3])]
    return Weights([layer], ops.transpose(W_hq), b_q)
