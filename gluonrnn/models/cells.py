r"""The recurrent cells, from scratch, and the one table of all that the package knows of each.

A cell is three functions, as in the book: one draws its parameters, one gives the state before the
first character, and the cell itself reads `num_steps` one-hot inputs and returns as many outputs
and the state after the last. `CELLS` adds what the rest of the package needs: the names of the
gates, the step of the fast form, and Gluon's layer. A new cell is one more entry, with its formula.

Source: *Dive into Deep Learning* (2018 edition), sections 6.4 "RNN from scratch", 6.7 "Gated
recurrent units (GRU)" and 6.8 "Long short-term memory (LSTM)".
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Sequence

import numpy as np

from gluonrnn._arrays import requires_array_type
from gluonrnn._mxnet import gluon, nd
from gluonrnn.fast import Blocks, Form, Gate, Network, Weights, steps
from gluonrnn.models.parameters import (
    GET_PARAMS,
    INIT_STATE,
    Outputs,
    State,
    checked,
    documented,
    draw_params,
    zeros,
)

__all__ = [
    "CELLS",
    "Cell",
    "get_gru_params",
    "get_lstm_params",
    "get_params",
    "gru",
    "init_gru_state",
    "init_lstm_state",
    "init_rnn_state",
    "lstm",
    "network_of_cell",
    "rnn",
]

_BOOK = {"token": "character", "array": "NDArray", "edition": "2018 edition"}

RNN_PARAMS = "``W_xh, W_hh, b_h`` of the hidden state, ``W_hq, b_q`` of the output"
GRU_PARAMS = (
    "``W_xz, W_hz, b_z`` of the update gate, ``W_xr, W_hr, b_r`` of the reset gate,\n"
    "        ``W_xh, W_hh, b_h`` of the candidate, ``W_hq, b_q`` of the output"
)
LSTM_PARAMS = (
    "``W_xi, W_hi, b_i`` of the input gate, ``W_xf, W_hf, b_f`` of the forget gate,\n"
    "        ``W_xo, W_ho, b_o`` of the output gate, ``W_xc, W_hc, b_c`` of the candidate,\n"
    "        ``W_hq, b_q`` of the output"
)


@documented(GET_PARAMS, cell="rnn", params=RNN_PARAMS, section="6.4", **_BOOK)
def get_params(vocab_size: int, num_hiddens: int, ctx: Any = None) -> list[Any]:  # noqa: D103
    return CELLS["rnn"].get_params(vocab_size, num_hiddens, ctx)


@documented(INIT_STATE, what="the hidden state", parts="one", state="``H``", section="6.4", **_BOOK)
def init_rnn_state(batch_size: int, num_hiddens: int, ctx: Any = None) -> State:  # noqa: D103
    return CELLS["rnn"].init_state(batch_size, num_hiddens, ctx)


@requires_array_type(np=False)
@checked(num_params=5, num_states=1)
def rnn(inputs: Sequence[Any], state: State, params: Sequence[Any]) -> Outputs:
    r"""Run the plain recurrent cell over `num_steps` inputs.

    .. math::

       H_t = \tanh(X_t W_{xh} + H_{t-1} W_{hh} + b_h), \qquad Q_t = H_t W_{hq} + b_q

    Parameters
    ----------
    inputs : sequence of NDArray
        `num_steps` one-hot matrices (batch_size, vocab_size), from `to_onehot`.
    state : tuple of one NDArray
        ``H``, (batch_size, num_hiddens).
    params : sequence of NDArray
        As `get_params` returns them.

    Returns
    -------
    outputs : list of NDArray
        `num_steps` matrices of scores (batch_size, vocab_size).
    state : tuple of one NDArray
        ``H`` after the last step.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind, or shapes do not fit each other.

    Notes
    -----
    The trainers of this package run the cell in its fast form, which is equal in value and
    gradient. With ``GLUONRNN_PLAIN=1`` in the environment, they run this function.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), sections 6.2 and 6.4.

    Examples
    --------
    >>> from gluonrnn import to_onehot
    >>> params = get_params(vocab_size=7, num_hiddens=4)
    >>> outputs, (H,) = rnn(to_onehot(nd.array([[1, 5, 6]]), 7), init_rnn_state(1, 4), params)
    >>> len(outputs), outputs[0].shape, H.shape
    (3, (1, 7), (1, 4))
    """
    W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    outputs = []
    for X in inputs:
        H = nd.tanh(nd.dot(X, W_xh) + nd.dot(H, W_hh) + b_h)
        outputs.append(nd.dot(H, W_hq) + b_q)
    return outputs, (H,)


@documented(GET_PARAMS, cell="gru", params=GRU_PARAMS, section="6.7", **_BOOK)
def get_gru_params(vocab_size: int, num_hiddens: int, ctx: Any = None) -> list[Any]:  # noqa: D103
    return CELLS["gru"].get_params(vocab_size, num_hiddens, ctx)


@documented(INIT_STATE, what="the hidden state of a GRU", parts="one", state="``H``", section="6.7", **_BOOK)
def init_gru_state(batch_size: int, num_hiddens: int, ctx: Any = None) -> State:  # noqa: D103
    return CELLS["gru"].init_state(batch_size, num_hiddens, ctx)


@requires_array_type(np=False)
@checked(num_params=11, num_states=1)
def gru(inputs: Sequence[Any], state: State, params: Sequence[Any]) -> Outputs:
    r"""Run a gated recurrent unit over `num_steps` inputs.

    .. math::

       Z_t &= \sigma(X_t W_{xz} + H_{t-1} W_{hz} + b_z) \\
       R_t &= \sigma(X_t W_{xr} + H_{t-1} W_{hr} + b_r) \\
       \tilde H_t &= \tanh(X_t W_{xh} + (R_t \odot H_{t-1}) W_{hh} + b_h) \\
       H_t &= Z_t \odot H_{t-1} + (1 - Z_t) \odot \tilde H_t

    Parameters
    ----------
    inputs : sequence of NDArray
        `num_steps` one-hot matrices (batch_size, vocab_size), from `to_onehot`.
    state : tuple of one NDArray
        ``H``, (batch_size, num_hiddens).
    params : sequence of NDArray
        As `get_gru_params` returns them.

    Returns
    -------
    outputs : list of NDArray
        `num_steps` matrices of scores (batch_size, vocab_size).
    state : tuple of one NDArray
        ``H`` after the last step.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind, or shapes do not fit each other.

    Notes
    -----
    Gluon's ``rnn.GRU`` resets after the product, :math:`R_t \odot (H_{t-1} W_{hh} + b)`, and so
    differs from this cell, which is the book's. The trainers run the cell in its fast form; see
    `rnn`.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.7; Cho et al., "On the properties of
    neural machine translation", 2014.

    Examples
    --------
    >>> from gluonrnn import to_onehot
    >>> params = get_gru_params(vocab_size=7, num_hiddens=4)
    >>> outputs, (H,) = gru(to_onehot(nd.array([[1, 5, 6]]), 7), init_gru_state(1, 4), params)
    >>> len(outputs), outputs[0].shape, H.shape
    (3, (1, 7), (1, 4))
    """
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    outputs = []
    for X in inputs:
        Z = nd.sigmoid(nd.dot(X, W_xz) + nd.dot(H, W_hz) + b_z)
        R = nd.sigmoid(nd.dot(X, W_xr) + nd.dot(H, W_hr) + b_r)
        H_tilde = nd.tanh(nd.dot(X, W_xh) + nd.dot(R * H, W_hh) + b_h)
        H = Z * H + (1 - Z) * H_tilde
        outputs.append(nd.dot(H, W_hq) + b_q)
    return outputs, (H,)


@documented(GET_PARAMS, cell="lstm", params=LSTM_PARAMS, section="6.8", **_BOOK)
def get_lstm_params(vocab_size: int, num_hiddens: int, ctx: Any = None) -> list[Any]:  # noqa: D103
    return CELLS["lstm"].get_params(vocab_size, num_hiddens, ctx)


@documented(
    INIT_STATE,
    what="hidden state and memory cell of an LSTM",
    parts="two",
    state="``H`` and ``C``",
    section="6.8",
    **_BOOK,
)
def init_lstm_state(batch_size: int, num_hiddens: int, ctx: Any = None) -> State:  # noqa: D103
    return CELLS["lstm"].init_state(batch_size, num_hiddens, ctx)


@requires_array_type(np=False)
@checked(num_params=14, num_states=2)
def lstm(inputs: Sequence[Any], state: State, params: Sequence[Any]) -> Outputs:
    r"""Run a long short-term memory cell over `num_steps` inputs.

    .. math::

       I_t &= \sigma(X_t W_{xi} + H_{t-1} W_{hi} + b_i) \\
       F_t &= \sigma(X_t W_{xf} + H_{t-1} W_{hf} + b_f) \\
       O_t &= \sigma(X_t W_{xo} + H_{t-1} W_{ho} + b_o) \\
       \tilde C_t &= \tanh(X_t W_{xc} + H_{t-1} W_{hc} + b_c) \\
       C_t &= F_t \odot C_{t-1} + I_t \odot \tilde C_t, \qquad H_t = O_t \odot \tanh(C_t)

    Parameters
    ----------
    inputs : sequence of NDArray
        `num_steps` one-hot matrices (batch_size, vocab_size), from `to_onehot`.
    state : tuple of two NDArray
        ``H`` and ``C``, each (batch_size, num_hiddens).
    params : sequence of NDArray
        As `get_lstm_params` returns them.

    Returns
    -------
    outputs : list of NDArray
        `num_steps` matrices of scores (batch_size, vocab_size).
    state : tuple of two NDArray
        ``H`` and ``C`` after the last step.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind, or shapes do not fit each other.

    Notes
    -----
    The trainers run the cell in its fast form; see `rnn`.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.8; Hochreiter and Schmidhuber, "Long
    short-term memory", 1997.

    Examples
    --------
    >>> from gluonrnn import to_onehot
    >>> params = get_lstm_params(vocab_size=7, num_hiddens=4)
    >>> outputs, (H, C) = lstm(to_onehot(nd.array([[1, 5, 6]]), 7), init_lstm_state(1, 4), params)
    >>> len(outputs), outputs[0].shape, C.shape
    (3, (1, 7), (1, 4))
    """
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c, W_hq, b_q = params
    H, C = state
    outputs = []
    for X in inputs:
        I = nd.sigmoid(nd.dot(X, W_xi) + nd.dot(H, W_hi) + b_i)
        F = nd.sigmoid(nd.dot(X, W_xf) + nd.dot(H, W_hf) + b_f)
        O = nd.sigmoid(nd.dot(X, W_xo) + nd.dot(H, W_ho) + b_o)
        C_tilde = nd.tanh(nd.dot(X, W_xc) + nd.dot(H, W_hc) + b_c)
        C = F * C + I * C_tilde
        H = O * nd.tanh(C)
        outputs.append(nd.dot(H, W_hq) + b_q)
    return outputs, (H, C)


class Cell(NamedTuple):
    """What the package knows of a cell.

    Parameters
    ----------
    forward : function
        The formula: ``forward(inputs, state, params) -> (outputs, state)``.
    gates : str
        The letters of its gates, the candidate among them, in the order of its parameters.
    num_states : int
        The arrays that its state is made of.
    step : function
        One step of its fast form; see `gluonrnn.fast.steps`.
    layer : function or None
        From `num_hiddens` to Gluon's layer, which is the cell's ``layers="library"``, if it has one.

    Examples
    --------
    >>> CELLS["rnn"].param_names
    ('W_xh', 'W_hh', 'b_h', 'W_hq', 'b_q')
    """

    forward: Callable[..., Outputs]
    gates: str
    num_states: int
    step: steps.Step
    layer: Any

    @property
    def param_names(self) -> tuple[str, ...]:
        """The parameters' names, gate by gate, the output's last."""
        return (*(name + gate for gate in self.gates for name in ("W_x", "W_h", "b_")), "W_hq", "b_q")

    def param_shapes(self, vocab_size: int, num_hiddens: int) -> list[tuple[int, ...]]:
        """Return the shape of each parameter, in their order."""
        gate: list[tuple[int, ...]] = [(vocab_size, num_hiddens), (num_hiddens, num_hiddens), (num_hiddens,)]
        return gate * len(self.gates) + [(num_hiddens, vocab_size), (vocab_size,)]

    def get_params(self, vocab_size: int, num_hiddens: int, ctx: Any = None, *, np: bool = False) -> list[Any]:
        """Draw the parameters."""
        return draw_params(len(self.gates), vocab_size, num_hiddens, ctx, np=np)

    def init_state(self, batch_size: int, num_hiddens: int, ctx: Any = None, *, np: bool = False) -> State:
        """Return the state before the first character: zeros."""
        return zeros(self.num_states, batch_size, num_hiddens, ctx, np=np)


def _tanh_layer(num_hiddens: int) -> Any:
    return gluon.rnn.RNN(num_hiddens, activation="tanh")  # whose default is ReLU


CELLS: dict[str, Cell] = {
    "rnn": Cell(rnn, "h", 1, steps.rnn, _tanh_layer),
    "gru": Cell(gru, "zrh", 1, steps.gru, gluon.rnn.GRU),
    "lstm": Cell(lstm, "ifoc", 2, steps.lstm, gluon.rnn.LSTM),
}


def network_of_cell(
    forward: Callable[..., Any], params: Sequence[Any], vocab_size: int, blocks: Blocks
) -> Network | None:
    """Return the fast form of a cell of the table with parameters as it draws them, else None.

    Examples
    --------
    >>> network_of_cell(lambda inputs, state, params: None, [], 7, Blocks()) is None
    True
    """
    # by identity: a user's cell need not be hashable
    cell = next((cell for cell in CELLS.values() if cell.forward is forward), None)
    if cell is None or not _as_drawn(cell, params, vocab_size):
        return None
    form = Form(cell.step, _weights_of_cell, vocab_size, params[-2].shape[0], cell.num_states)
    return Network(form, params, blocks)


def _as_drawn(cell: Cell, params: Sequence[Any], vocab_size: int) -> bool:
    """Return whether parameters have shapes and dtype as drawn; others the plain form broadcasts, or refuses."""
    if len(params) != len(cell.param_names) or not all(isinstance(param, nd.NDArray) for param in params):
        return False
    shapes = cell.param_shapes(vocab_size, params[-2].shape[0])
    return [param.shape for param in params] == shapes and all(param.dtype is np.float32 for param in params)


def _weights_of_cell(ops: Any, params: Sequence[Any]) -> Weights:
    *gates, W_hq, b_q = params
    layer = [Gate(W_x, ops.transpose(W_h), b) for W_x, W_h, b in zip(gates[0::3], gates[1::3], gates[2::3])]
    return Weights([layer], ops.transpose(W_hq), b_q)
