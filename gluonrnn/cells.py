r"""Recurrent cells from scratch: parameters, initial state, forward pass.

Each cell is three functions, as in the book. ``get_..._params`` draws its parameters,
``init_..._state`` gives the state before the first character, and the cell itself reads
`num_steps` one-hot inputs and returns as many outputs, and the state after the last.

Source: *Dive into Deep Learning* (2018 edition), sections 6.4 "RNN from scratch", 6.7 "Gated
recurrent units (GRU)" and 6.8 "Long short-term memory (LSTM)".
"""

from __future__ import annotations

from typing import Any, Callable, List, NamedTuple, Sequence, Tuple

from gluonrnn._mxnet import nd
from gluonrnn.checks import check_count

__all__ = [
    "CELLS",
    "Cell",
    "CellModel",
    "get_gru_params",
    "get_lstm_params",
    "get_params",
    "gru",
    "init_gru_state",
    "init_lstm_state",
    "init_rnn_state",
    "lstm",
    "rnn",
    "to_onehot",
]

State = Tuple[Any, ...]
Outputs = Tuple[List[Any], State]


def to_onehot(X: Any, size: int, *, check: bool = False) -> list[Any]:
    """Turn a batch of indices into one one-hot matrix for each time step.

    Parameters
    ----------
    X : NDArray, (batch_size, num_steps)
        Indices.
    size : int
        The length of a one-hot vector, `vocab_size`.
    check : bool
        Whether to refuse indices outside ``[0, size)``, which costs a look at every value. The
        book's function, and this one by default, makes a row of zeros of them.

    Returns
    -------
    list of NDArray
        `num_steps` arrays of shape (batch_size, size), float32.

    Raises
    ------
    ValueError
        With ``check=True``, if an index lies outside.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.4, "One-hot vectors".

    Examples
    --------
    >>> inputs = to_onehot(nd.array([[0, 2], [1, 1]]), 3)
    >>> len(inputs), inputs[1].asnumpy().tolist()
    (2, [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    """
    if check:
        least, most = X.min().asscalar(), X.max().asscalar()
        if least < 0 or most >= size:
            outside = least if least < 0 else most
            raise ValueError(
                f"an index must lie in [0, {size}) for a one-hot vector of size {size}, but the batch holds "
                f"{outside:g}: pass the vocab_size of this corpus"
            )
    return [nd.one_hot(x, size) for x in X.T]


def _normal(shape: tuple[int, int], ctx: Any) -> Any:
    return nd.random.normal(scale=0.01, shape=shape, ctx=ctx)


def _gate(vocab_size: int, num_hiddens: int, ctx: Any) -> list[Any]:
    """Draw what one gate has: weights for the input and the hidden state, and a bias of zeros."""
    return [
        _normal((vocab_size, num_hiddens), ctx),
        _normal((num_hiddens, num_hiddens), ctx),
        nd.zeros(num_hiddens, ctx=ctx),
    ]


def _with_gradients(gates: list[Any], vocab_size: int, num_hiddens: int, ctx: Any) -> list[Any]:
    params = [*gates, _normal((num_hiddens, vocab_size), ctx), nd.zeros(vocab_size, ctx=ctx)]
    for param in params:
        param.attach_grad()
    return params


def _draw(num_gates: int, vocab_size: int, num_hiddens: int, ctx: Any) -> list[Any]:
    check_count("vocab_size", vocab_size), check_count("num_hiddens", num_hiddens)
    gates = [param for _ in range(num_gates) for param in _gate(vocab_size, num_hiddens, ctx)]
    return _with_gradients(gates, vocab_size, num_hiddens, ctx)


def get_params(vocab_size: int, num_hiddens: int, ctx: Any = None) -> list[Any]:
    """Draw the parameters of `rnn`: normal with standard deviation 0.01, biases zero.

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
        ``W_xh`` (vocab_size, num_hiddens), ``W_hh`` (num_hiddens, num_hiddens), ``b_h``
        (num_hiddens,), ``W_hq`` (num_hiddens, vocab_size), ``b_q`` (vocab_size,).

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.4. The book's function has no arguments
    and finds the sizes around it; `train_and_predict_rnn` takes either kind.

    Examples
    --------
    >>> [param.shape for param in get_params(28, 16)]
    [(28, 16), (16, 16), (16,), (16, 28), (28,)]
    """
    return _draw(1, vocab_size, num_hiddens, ctx)


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
        If a size is not a positive whole number.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.7.

    Examples
    --------
    >>> len(get_gru_params(28, 16))
    11
    """
    return _draw(3, vocab_size, num_hiddens, ctx)


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
        If a size is not a positive whole number.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.8.

    Examples
    --------
    >>> len(get_lstm_params(28, 16))
    14
    """
    return _draw(4, vocab_size, num_hiddens, ctx)


def init_rnn_state(batch_size: int, num_hiddens: int, ctx: Any = None) -> State:
    """Return the hidden state before the first character: zeros.

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

    Examples
    --------
    >>> (H,) = init_rnn_state(2, 5)
    >>> H.shape
    (2, 5)
    """
    return (nd.zeros((batch_size, num_hiddens), ctx=ctx),)


def init_gru_state(batch_size: int, num_hiddens: int, ctx: Any = None) -> State:
    """Return the hidden state of a GRU before the first character; see `init_rnn_state`.

    Examples
    --------
    >>> (H,) = init_gru_state(2, 5)
    >>> H.shape
    (2, 5)
    """
    return init_rnn_state(batch_size, num_hiddens, ctx)


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

    Examples
    --------
    >>> H, C = init_lstm_state(2, 5)
    >>> H.shape == C.shape == (2, 5)
    True
    """
    return init_rnn_state(batch_size, num_hiddens, ctx) + init_rnn_state(batch_size, num_hiddens, ctx)


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

    References
    ----------
    *Dive into Deep Learning* (2018 edition), sections 6.2 and 6.4.

    Examples
    --------
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

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.8; Hochreiter and Schmidhuber, "Long
    short-term memory", 1997.

    Examples
    --------
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
    """The three functions that make a cell, and what its parameters are called."""

    get_params: Callable[..., list[Any]]
    init_state: Callable[..., State]
    forward: Callable[..., Outputs]
    param_names: tuple[str, ...]


CELLS: dict[str, Cell] = {
    "rnn": Cell(get_params, init_rnn_state, rnn, ("W_xh", "W_hh", "b_h", "W_hq", "b_q")),
    "gru": Cell(
        get_gru_params,
        init_gru_state,
        gru,
        ("W_xz", "W_hz", "b_z", "W_xr", "W_hr", "b_r", "W_xh", "W_hh", "b_h", "W_hq", "b_q"),
    ),
    "lstm": Cell(
        get_lstm_params,
        init_lstm_state,
        lstm,
        ("W_xi", "W_hi", "b_i", "W_xf", "W_hf", "b_f", "W_xo", "W_ho", "b_o", "W_xc", "W_hc", "b_c", "W_hq", "b_q"),
    ),
}


class CellModel:
    """A scratch cell with its parameters, as a model: indices in, scores out.

    Parameters
    ----------
    forward : function
        ``forward(inputs, state, params) -> (outputs, state)``, such as `rnn`; a user's own cell
        may return its state as an array, a tuple or a list.
    params : list of NDArray
        The parameters of the cell.
    init_state : function
        ``init_state(batch_size, num_hiddens, ctx) -> state``.
    num_hiddens : int
        Hidden units.
    vocab_size : int
        The length of a one-hot vector.

    Examples
    --------
    >>> model = CellModel(rnn, get_params(7, 4), init_rnn_state, num_hiddens=4, vocab_size=7)
    >>> scores, state = model(nd.array([[1, 5, 6], [0, 2, 4]]), model.begin_state(batch_size=2))
    >>> scores.shape
    (6, 7)
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        params: list[Any],
        init_state: Callable[..., Any],
        num_hiddens: int,
        vocab_size: int,
    ) -> None:
        self.forward = forward
        self.params = params
        self.init_state = init_state
        self.num_hiddens = num_hiddens
        self.vocab_size = vocab_size

    def begin_state(self, batch_size: int, ctx: Any | None = None) -> Any:
        """Return the state before the first character, for `batch_size` examples."""
        return self.init_state(batch_size, self.num_hiddens, ctx)

    def __call__(self, X: Any, state: Any) -> tuple[Any, Any]:
        """Return the scores (num_steps * batch_size, vocab_size), step by step, and the state."""
        outputs, state = self.forward(to_onehot(X, self.vocab_size), state, self.params)
        return nd.concat(*outputs, dim=0), state
