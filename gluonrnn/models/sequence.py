r"""The same cells over one array of inputs, on ``mxnet.np``: those of the editions from 2019 on.

A cell is called as ``forward_fn(inputs, state, params)``, `inputs` being one array (num_steps,
batch_size, vocab_size) and not a list, and returns its scores as one array as well. The formulas
are those of `plain` and `gated`, which compute them.

Source: *Dive into Deep Learning* (2020-22 edition), sections 8.5 "RNN from scratch", 9.1 "GRU" and
9.2 "LSTM".
"""

from __future__ import annotations

from typing import Any, Callable, Sequence

from gluonrnn._arrays import as_nd, as_np, takes
from gluonrnn._mxnet import nd
from gluonrnn._shapes import check_array, check_arrays
from gluonrnn.models import gated, plain
from gluonrnn.models.parameters import State, draw_params, zeros

__all__ = [
    "get_gru_params",
    "get_lstm_params",
    "get_params",
    "gru",
    "init_gru_state",
    "init_lstm_state",
    "init_rnn_state",
    "listwise",
    "lstm",
    "rnn",
]


def get_params(vocab_size: int, num_hiddens: int, device: Any = None) -> list[Any]:
    """Draw the parameters of `rnn`: normal with standard deviation 0.01, biases zero.

    Parameters
    ----------
    vocab_size : int
        The number of tokens, and so of inputs and outputs.
    num_hiddens : int
        Hidden units.
    device : mxnet.Context, optional
        Where the parameters live.

    Returns
    -------
    list of mxnet.np.ndarray, float32, each with a gradient attached
        ``W_xh`` (vocab_size, num_hiddens), ``W_hh`` (num_hiddens, num_hiddens), ``b_h``
        (num_hiddens,), ``W_hq`` (num_hiddens, vocab_size), ``b_q`` (vocab_size,).

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `device` none of this machine.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 8.5.

    Examples
    --------
    >>> [param.shape for param in get_params(28, 16)]
    [(28, 16), (16, 16), (16,), (16, 28), (28,)]
    """
    return draw_params(1, vocab_size, num_hiddens, device, np=True)


def get_gru_params(vocab_size: int, num_hiddens: int, device: Any = None) -> list[Any]:
    """Draw the parameters of `gru`, as `get_params` those of `rnn`.

    Parameters
    ----------
    vocab_size, num_hiddens, device
        As in `get_params`.

    Returns
    -------
    list of mxnet.np.ndarray, float32, each with a gradient attached
        ``W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h, W_hq, b_q``.

    Raises
    ------
    TypeError, ValueError
        As in `get_params`.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.1.

    Examples
    --------
    >>> len(get_gru_params(28, 16))
    11
    """
    return draw_params(3, vocab_size, num_hiddens, device, np=True)


def get_lstm_params(vocab_size: int, num_hiddens: int, device: Any = None) -> list[Any]:
    """Draw the parameters of `lstm`, as `get_params` those of `rnn`.

    Parameters
    ----------
    vocab_size, num_hiddens, device
        As in `get_params`.

    Returns
    -------
    list of mxnet.np.ndarray, float32, each with a gradient attached
        ``W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c, W_hq, b_q``.

    Raises
    ------
    TypeError, ValueError
        As in `get_params`.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.2.

    Examples
    --------
    >>> len(get_lstm_params(28, 16))
    14
    """
    return draw_params(4, vocab_size, num_hiddens, device, np=True)


def init_rnn_state(batch_size: int, num_hiddens: int, device: Any = None) -> State:
    """Return the hidden state before the first token: zeros.

    Parameters
    ----------
    batch_size : int
        Examples in a batch.
    num_hiddens : int
        Hidden units.
    device : mxnet.Context, optional
        Where the state lives.

    Returns
    -------
    tuple of one mxnet.np.ndarray, (batch_size, num_hiddens), float32

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `device` none of this machine.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 8.5.

    Examples
    --------
    >>> (H,) = init_rnn_state(2, 5)
    >>> H.shape
    (2, 5)
    """
    return (zeros(batch_size, num_hiddens, device, np=True),)


def init_gru_state(batch_size: int, num_hiddens: int, device: Any = None) -> State:
    """Return the hidden state of a GRU before the first token; see `init_rnn_state`.

    Parameters
    ----------
    batch_size, num_hiddens, device
        As in `init_rnn_state`.

    Returns
    -------
    tuple of one mxnet.np.ndarray, (batch_size, num_hiddens), float32

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `device` none of this machine.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.1.

    Examples
    --------
    >>> (H,) = init_gru_state(2, 5)
    >>> H.shape
    (2, 5)
    """
    return init_rnn_state(batch_size, num_hiddens, device)


def init_lstm_state(batch_size: int, num_hiddens: int, device: Any = None) -> State:
    """Return hidden state and memory cell of an LSTM before the first token: zeros both.

    Parameters
    ----------
    batch_size, num_hiddens, device
        As in `init_rnn_state`.

    Returns
    -------
    tuple of two mxnet.np.ndarray, each (batch_size, num_hiddens), float32

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `device` none of this machine.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.2.

    Examples
    --------
    >>> H, C = init_lstm_state(2, 5)
    >>> H.shape == C.shape == (2, 5)
    True
    """
    return init_rnn_state(batch_size, num_hiddens, device) + init_rnn_state(batch_size, num_hiddens, device)


@takes(np=True)
def rnn(inputs: Any, state: State, params: Sequence[Any]) -> tuple[Any, State]:
    r"""Run the plain recurrent cell over `num_steps` inputs.

    .. math::

       H_t = \tanh(X_t W_{xh} + H_{t-1} W_{hh} + b_h), \qquad Y_t = H_t W_{hq} + b_q

    Parameters
    ----------
    inputs : mxnet.np.ndarray, (num_steps, batch_size, vocab_size)
        One-hot vectors.
    state : tuple of one mxnet.np.ndarray
        ``H``, (batch_size, num_hiddens).
    params : sequence of mxnet.np.ndarray
        As `get_params` returns them.

    Returns
    -------
    Y : mxnet.np.ndarray, (num_steps * batch_size, vocab_size)
        Scores, all examples of the first step first.
    state : tuple of one mxnet.np.ndarray
        ``H`` after the last step.

    Raises
    ------
    TypeError
        If an array is of ``mxnet.nd``.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 8.5.

    Examples
    --------
    >>> from mxnet import np, npx
    >>> X = npx.one_hot(np.array([[1, 5, 6]]).T, 7)
    >>> Y, (H,) = rnn(X, init_rnn_state(1, 4), get_params(vocab_size=7, num_hiddens=4))
    >>> Y.shape, H.shape
    ((3, 7), (1, 4))
    """
    return _over_one_array(plain.rnn, inputs, state, params)


@takes(np=True)
def gru(inputs: Any, state: State, params: Sequence[Any]) -> tuple[Any, State]:
    r"""Run a gated recurrent unit over `num_steps` inputs.

    The formulas are those of `gluonrnn.gru`.

    Parameters
    ----------
    inputs : mxnet.np.ndarray, (num_steps, batch_size, vocab_size)
        One-hot vectors.
    state : tuple of one mxnet.np.ndarray
        ``H``, (batch_size, num_hiddens).
    params : sequence of mxnet.np.ndarray
        As `get_gru_params` returns them.

    Returns
    -------
    Y : mxnet.np.ndarray, (num_steps * batch_size, vocab_size)
        Scores, all examples of the first step first.
    state : tuple of one mxnet.np.ndarray
        ``H`` after the last step.

    Raises
    ------
    TypeError
        If an array is of ``mxnet.nd``.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.1.

    Examples
    --------
    >>> from mxnet import np, npx
    >>> X = npx.one_hot(np.array([[1, 5, 6]]).T, 7)
    >>> Y, (H,) = gru(X, init_gru_state(1, 4), get_gru_params(vocab_size=7, num_hiddens=4))
    >>> Y.shape, H.shape
    ((3, 7), (1, 4))
    """
    return _over_one_array(gated.gru, inputs, state, params)


@takes(np=True)
def lstm(inputs: Any, state: State, params: Sequence[Any]) -> tuple[Any, State]:
    r"""Run a long short-term memory over `num_steps` inputs.

    The formulas are those of `gluonrnn.lstm`.

    Parameters
    ----------
    inputs : mxnet.np.ndarray, (num_steps, batch_size, vocab_size)
        One-hot vectors.
    state : tuple of two mxnet.np.ndarray
        ``H`` and ``C``, each (batch_size, num_hiddens).
    params : sequence of mxnet.np.ndarray
        As `get_lstm_params` returns them.

    Returns
    -------
    Y : mxnet.np.ndarray, (num_steps * batch_size, vocab_size)
        Scores, all examples of the first step first.
    state : tuple of two mxnet.np.ndarray
        ``H`` and ``C`` after the last step.

    Raises
    ------
    TypeError
        If an array is of ``mxnet.nd``.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.2.

    Examples
    --------
    >>> from mxnet import np, npx
    >>> X = npx.one_hot(np.array([[1, 5, 6]]).T, 7)
    >>> Y, (H, C) = lstm(X, init_lstm_state(1, 4), get_lstm_params(vocab_size=7, num_hiddens=4))
    >>> Y.shape, H.shape == C.shape
    ((3, 7), True)
    """
    return _over_one_array(gated.lstm, inputs, state, params)


def _over_one_array(cell: Callable[..., Any], inputs: Any, state: State, params: Sequence[Any]) -> tuple[Any, State]:
    check_array("inputs", inputs, "num_steps, batch_size, vocab_size")
    params = list(params) if hasattr(params, "__iter__") else params
    check_arrays("params", params, None, "pass what the cell's get_params returns")
    check_arrays("state", state, None, "pass what the cell's init_state returns, or its last call")
    outputs, state = cell(list(as_nd(inputs)), as_nd(state), as_nd(params))
    return as_np(nd.concat(*outputs, dim=0)), as_np(state)


def listwise(forward_fn: Callable[..., Any]) -> Callable[..., Any] | None:
    """Return the cell over lists that one of this module's cells stands for, else None.

    Examples
    --------
    >>> listwise(lstm) is gated.lstm, listwise(print) is None
    (True, True)
    """
    return next((cell for own, cell in _LISTWISE if own is forward_fn), None)


_LISTWISE = ((rnn, plain.rnn), (gru, gated.gru), (lstm, gated.lstm))
