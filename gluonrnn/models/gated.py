r"""The gated cells: GRU and LSTM.

Source: *Dive into Deep Learning* (2018 edition), sections 6.7 "Gated recurrent units (GRU)" and
6.8 "Long short-term memory (LSTM)".
"""

from __future__ import annotations

from typing import Any, Sequence

from gluonrnn._arrays import takes
from gluonrnn._mxnet import nd
from gluonrnn.models.parameters import Outputs, State, checked, draw_params
from gluonrnn.models.plain import init_rnn_state

__all__ = ["get_gru_params", "get_lstm_params", "gru", "init_gru_state", "init_lstm_state", "lstm"]


def get_gru_params(vocab_size: int, num_hiddens: int, ctx: Any = None) -> list[Any]:
    """Draw the parameters of `gru`: normal with standard deviation 0.01, biases zero.

    Parameters
    ----------
    vocab_size : int
        The number of characters, and so of inputs and outputs.
    num_hiddens : int
        Hidden units.
    ctx : mxnet.Context, optional
        Where the parameters live.

    Returns
    -------
    list of NDArray, float32, each with a gradient attached
        ``W_xz, W_hz, b_z`` of the update gate, ``W_xr, W_hr, b_r`` of the reset gate,
        ``W_xh, W_hh, b_h`` of the candidate, ``W_hq, b_q`` of the output; shapes as in
        `get_params`.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `ctx` no device of this machine.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.7.

    Examples
    --------
    >>> len(get_gru_params(28, 16))
    11
    """
    return draw_params(3, vocab_size, num_hiddens, ctx)


def init_gru_state(batch_size: int, num_hiddens: int, ctx: Any = None) -> State:
    """Return the hidden state of a GRU before the first character; see `init_rnn_state`.

    Parameters
    ----------
    batch_size : int
        Examples in a batch.
    num_hiddens : int
        Hidden units.
    ctx : mxnet.Context, optional
        Where the state lives.

    Returns
    -------
    tuple of one NDArray, (batch_size, num_hiddens), float32

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `ctx` no device of this machine.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.7.

    Examples
    --------
    >>> (H,) = init_gru_state(2, 5)
    >>> H.shape
    (2, 5)
    """
    return init_rnn_state(batch_size, num_hiddens, ctx)


@takes(np=False)
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
    differs from this cell, which is the book's.

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


def get_lstm_params(vocab_size: int, num_hiddens: int, ctx: Any = None) -> list[Any]:
    """Draw the parameters of `lstm`: normal with standard deviation 0.01, biases zero.

    Parameters
    ----------
    vocab_size : int
        The number of characters, and so of inputs and outputs.
    num_hiddens : int
        Hidden units.
    ctx : mxnet.Context, optional
        Where the parameters live.

    Returns
    -------
    list of NDArray, float32, each with a gradient attached
        ``W_xi, W_hi, b_i`` of the input gate, ``W_xf, W_hf, b_f`` of the forget gate,
        ``W_xo, W_ho, b_o`` of the output gate, ``W_xc, W_hc, b_c`` of the candidate memory cell,
        ``W_hq, b_q`` of the output; shapes as in `get_params`.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `ctx` no device of this machine.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.8.

    Examples
    --------
    >>> len(get_lstm_params(28, 16))
    14
    """
    return draw_params(4, vocab_size, num_hiddens, ctx)


def init_lstm_state(batch_size: int, num_hiddens: int, ctx: Any = None) -> State:
    """Return hidden state and memory cell of an LSTM before the first character: zeros.

    Parameters
    ----------
    batch_size : int
        Examples in a batch.
    num_hiddens : int
        Hidden units.
    ctx : mxnet.Context, optional
        Where the state lives.

    Returns
    -------
    tuple of two NDArray, each (batch_size, num_hiddens), float32

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `ctx` no device of this machine.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.8.

    Examples
    --------
    >>> H, C = init_lstm_state(2, 5)
    >>> H.shape == C.shape == (2, 5)
    True
    """
    return init_rnn_state(batch_size, num_hiddens, ctx) + init_rnn_state(batch_size, num_hiddens, ctx)


@takes(np=False)
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
