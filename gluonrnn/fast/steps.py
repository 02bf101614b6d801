r"""One step of each network, gate by gate, in the book's formulas.

They are computed by whatever is passed as `ops`: MXNet's arrays or symbols, or NumPy. `x` holds the
products of the inputs for each gate, :math:`X_t W_x`, taken beforehand; what stays here waits for the
last step's state.
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Sequence, Tuple

__all__ = ["Gate", "Step", "gru", "gru_reset_after", "lstm", "rnn", "rnn_relu"]

Step = Callable[[Any, Sequence[Any], Sequence[Any], Sequence["Gate"]], Tuple[Any, ...]]


class Gate(NamedTuple):
    """The weights of one gate.

    Parameters
    ----------
    W_x : array, (num_inputs, num_hiddens)
        What the inputs are multiplied with.
    W_h : array, (num_hiddens, num_hiddens)
        What the hidden state is multiplied with, transposed.
    b : array, (num_hiddens,)
        What is added to the product with the hidden state.
    b_x : array, (num_hiddens,), optional
        What is added to the product with the inputs, where that makes a difference.
    """

    W_x: Any
    W_h: Any
    b: Any
    b_x: Any = None


def rnn(ops: Any, x: Sequence[Any], state: Sequence[Any], gates: Sequence[Gate]) -> tuple[Any, ...]:
    r"""Return :math:`H_t = \tanh(X_t W_{xh} + H_{t-1} W_{hh} + b_h)`."""
    (x_h,), (H,), (h,) = x, state, gates
    return (ops.tanh(x_h + ops.linear(H, h)),)


def rnn_relu(ops: Any, x: Sequence[Any], state: Sequence[Any], gates: Sequence[Gate]) -> tuple[Any, ...]:
    r"""Return :math:`H_t = \max(X_t W_{xh} + H_{t-1} W_{hh} + b_h, 0)`, Gluon's default."""
    (x_h,), (H,), (h,) = x, state, gates
    return (ops.relu(x_h + ops.linear(H, h)),)


def gru(ops: Any, x: Sequence[Any], state: Sequence[Any], gates: Sequence[Gate]) -> tuple[Any, ...]:
    """Return the state of the book's GRU; see `gluonrnn.gru`."""
    (x_z, x_r, x_h), (H,), (z, r, h) = x, state, gates
    Z = ops.sigmoid(x_z + ops.linear(H, z))
    R = ops.sigmoid(x_r + ops.linear(H, r))
    H_tilde = ops.tanh(x_h + ops.linear(R * H, h))
    return (Z * H + (1 - Z) * H_tilde,)


def gru_reset_after(ops: Any, x: Sequence[Any], state: Sequence[Any], gates: Sequence[Gate]) -> tuple[Any, ...]:
    """Return the state of Gluon's GRU, which resets after the product with the hidden state."""
    (x_r, x_z, x_h), (H,), (r, z, h) = x, state, gates
    R = ops.sigmoid(x_r + ops.linear(H, r))
    Z = ops.sigmoid(x_z + ops.linear(H, z))
    H_tilde = ops.tanh(x_h + R * ops.linear(H, h))
    return (Z * H + (1 - Z) * H_tilde,)


def lstm(ops: Any, x: Sequence[Any], state: Sequence[Any], gates: Sequence[Gate]) -> tuple[Any, ...]:
    """Return hidden state and memory cell of an LSTM; see `gluonrnn.lstm`."""
    (x_i, x_f, x_o, x_c), (H, C), (i, f, o, c) = x, state, gates
    I = ops.sigmoid(x_i + ops.linear(H, i))
    F = ops.sigmoid(x_f + ops.linear(H, f))
    O = ops.sigmoid(x_o + ops.linear(H, o))
    C_tilde = ops.tanh(x_c + ops.linear(H, c))
    C = F * C + I * C_tilde
    return O * ops.tanh(C), C
