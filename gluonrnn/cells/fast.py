r"""The cells of `plain` and `gated` once more, equal in value and gradient, ordered for speed.

A one-hot row times a weight is a row of the weight, so the inputs of all steps are one look-up;
and no step waits for the outputs, so they are one product after the loop. What stays inside is
the product with the hidden state, taken for all gates at once.
"""

from __future__ import annotations

from typing import Any, Callable, Sequence

import numpy as np

from gluonrnn._mxnet import nd
from gluonrnn.cells.gated import gru, lstm
from gluonrnn.cells.parameters import State
from gluonrnn.cells.plain import rnn

__all__ = ["fast_form"]

Fast = Callable[[Any, State, Sequence[Any]], "tuple[Any, State]"]


def fast_form(forward: Callable[..., Any], params: Sequence[Any], vocab_size: int) -> Fast | None:
    """Return the fast form of one of this package's cells, or None for any other function.

    Parameters
    ----------
    forward : function
        A cell, such as `gluonrnn.rnn`.
    params : sequence of NDArray
        Its parameters. With others than ``get_..._params`` draws, in shape or dtype, the cell has
        no fast form: the plain one may broadcast them, or refuse them.
    vocab_size : int
        The length of a one-hot vector.

    Returns
    -------
    function or None
        ``fast(X, state, params) -> (scores, state)``, X being indices (batch_size, num_steps) and
        scores (num_steps * batch_size, vocab_size). Equal for finite weights and indices in
        ``[0, vocab_size)``.

    Examples
    --------
    >>> fast_form(lambda inputs, state, params: None, [], 7) is None
    True
    """
    # by identity, for a user's cell need not be hashable
    fast = next((fast for plain, fast in _FAST if plain is forward), None)
    return fast if fast is not None and _as_drawn(params, vocab_size) else None


def _as_drawn(params: Sequence[Any], vocab_size: int) -> bool:
    *gates, W_hq, _ = params
    num_hiddens = W_hq.shape[0]
    gate = [(vocab_size, num_hiddens), (num_hiddens, num_hiddens), (num_hiddens,)]
    shapes = gate * (len(gates) // 3) + [(num_hiddens, vocab_size), (vocab_size,)]
    return [param.shape for param in params] == shapes and all(param.dtype is np.float32 for param in params)


def _rnn(X: Any, state: State, params: Sequence[Any]) -> tuple[Any, State]:
    W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    hiddens = []
    for x in _inputs(X, [W_xh], [b_h]):
        H = _tanh(x + nd.dot(H, W_hh))
        hiddens.append(H)
    return _scores(hiddens, W_hq, b_q), (H,)


def _gru(X: Any, state: State, params: Sequence[Any]) -> tuple[Any, State]:
    W_xz, W_hz, b_z, W_xr, W_hr, b_r, W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    W_hzr = nd.concat(W_hz, W_hr, dim=1)
    hiddens = []
    for x_zr, x_h in zip(_inputs(X, [W_xz, W_xr], [b_z, b_r]), _inputs(X, [W_xh], [b_h])):
        Z, R = nd.split(_sigmoid(x_zr + nd.dot(H, W_hzr)), num_outputs=2, axis=1)
        H = Z * H + (1 - Z) * _tanh(x_h + nd.dot(R * H, W_hh))
        hiddens.append(H)
    return _scores(hiddens, W_hq, b_q), (H,)


def _lstm(X: Any, state: State, params: Sequence[Any]) -> tuple[Any, State]:
    W_xi, W_hi, b_i, W_xf, W_hf, b_f, W_xo, W_ho, b_o, W_xc, W_hc, b_c, W_hq, b_q = params
    H, C = state
    W_h = nd.concat(W_hi, W_hf, W_ho, W_hc, dim=1)
    hiddens = []
    for x in _inputs(X, [W_xi, W_xf, W_xo, W_xc], [b_i, b_f, b_o, b_c]):
        I, F, O, C_tilde = nd.split(x + nd.dot(H, W_h), num_outputs=4, axis=1)
        C = _sigmoid(F) * C + _sigmoid(I) * _tanh(C_tilde)
        H = _sigmoid(O) * _tanh(C)
        hiddens.append(H)
    return _scores(hiddens, W_hq, b_q), (H, C)


_FAST: tuple[tuple[Callable[..., Any], Fast], ...] = ((rnn, _rnn), (gru, _gru), (lstm, _lstm))


def _inputs(X: Any, weights: list[Any], biases: list[Any]) -> Sequence[Any]:
    """Return X_t W + b for each step, (batch_size, num_hiddens) for each gate, side by side."""
    W, b = nd.concat(*weights, dim=1), nd.concat(*biases, dim=0)
    rows = nd.Embedding(X.T, W, input_dim=W.shape[0], output_dim=W.shape[1]) + b
    # one output of split is an array and no list
    return nd.split(rows, num_outputs=X.shape[1], axis=0, squeeze_axis=True) if X.shape[1] > 1 else [rows[0]]


def _scores(hiddens: list[Any], W_hq: Any, b_q: Any) -> Any:
    # FullyConnected runs on oneDNN and dot does not
    return nd.FullyConnected(nd.concat(*hiddens, dim=0), W_hq.T, b_q, num_hidden=W_hq.shape[1])


# several times as fast as nd.tanh and nd.sigmoid
def _tanh(x: Any) -> Any:
    return nd.Activation(x, act_type="tanh")


def _sigmoid(x: Any) -> Any:
    return nd.Activation(x, act_type="sigmoid")
