r"""The same cells over one array of inputs, on ``mxnet.np``: those of the editions from 2019 on.

A cell is called as ``forward_fn(inputs, state, params)``, `inputs` being one array (num_steps,
batch_size, vocab_size) and not a list, and returns its scores as one array as well. The formulas
are those of `gluonrnn.models.cells`, which compute them.

Source: *Dive into Deep Learning* (2020-22 edition), sections 8.5 "RNN from scratch", 9.1 "GRU" and
9.2 "LSTM".
"""

from __future__ import annotations

from typing import Any, Callable, Sequence

from gluonrnn._arrays import as_nd, as_np, requires_array_type
from gluonrnn._mxnet import nd
from gluonrnn._shapes import check_array, check_arrays
from gluonrnn.models import cells
from gluonrnn.models.cells import CELLS, GRU_PARAMS, LSTM_PARAMS, RNN_PARAMS
from gluonrnn.models.parameters import GET_PARAMS, INIT_STATE, State, documented

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

_BOOK = {"token": "token", "array": "mxnet.np.ndarray", "edition": "2020-22 edition"}

FORWARD = r"""Run {what} over `num_steps` inputs.

    The formulas are those of `gluonrnn.{function}`, and so is the fast form.

    Parameters
    ----------
    inputs : mxnet.np.ndarray, (num_steps, batch_size, vocab_size)
        One-hot vectors.
    state : tuple of {parts} mxnet.np.ndarray
        {state}, (batch_size, num_hiddens).
    params : sequence of mxnet.np.ndarray
        As `{get_params}` returns them.

    Returns
    -------
    Y : mxnet.np.ndarray, (num_steps * batch_size, vocab_size)
        Scores, all examples of the first step first.
    state : tuple of {parts} mxnet.np.ndarray
        {state} after the last step.

    Raises
    ------
    TypeError
        If an array is of ``mxnet.nd``.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section {section}.

    Examples
    --------
    >>> from mxnet import np, npx
    >>> X = npx.one_hot(np.array([[1, 5, 6]]).T, 7)
    >>> Y, state = {function}(X, {init_state}(1, 4), {get_params}(vocab_size=7, num_hiddens=4))
    >>> Y.shape, state[0].shape
    ((3, 7), (1, 4))
    """


@documented(GET_PARAMS, cell="rnn", params=RNN_PARAMS, section="8.5", **_BOOK)
def get_params(vocab_size: int, num_hiddens: int, device: Any = None) -> list[Any]:  # noqa: D103
    return CELLS["rnn"].get_params(vocab_size, num_hiddens, device, np=True)


@documented(INIT_STATE, what="the hidden state", parts="one", state="``H``", section="8.5", **_BOOK)
def init_rnn_state(batch_size: int, num_hiddens: int, device: Any = None) -> State:  # noqa: D103
    return CELLS["rnn"].init_state(batch_size, num_hiddens, device, np=True)


@requires_array_type(np=True)
@documented(
    FORWARD,
    what="the plain recurrent cell",
    parts="one",
    state="``H``",
    section="8.5",
    get_params="get_params",
    init_state="init_rnn_state",
)
def rnn(inputs: Any, state: State, params: Sequence[Any]) -> tuple[Any, State]:  # noqa: D103
    return _over_one_array(cells.rnn, inputs, state, params)


@documented(GET_PARAMS, cell="gru", params=GRU_PARAMS, section="9.1", **_BOOK)
def get_gru_params(vocab_size: int, num_hiddens: int, device: Any = None) -> list[Any]:  # noqa: D103
    return CELLS["gru"].get_params(vocab_size, num_hiddens, device, np=True)


@documented(INIT_STATE, what="the hidden state of a GRU", parts="one", state="``H``", section="9.1", **_BOOK)
def init_gru_state(batch_size: int, num_hiddens: int, device: Any = None) -> State:  # noqa: D103
    return CELLS["gru"].init_state(batch_size, num_hiddens, device, np=True)


@requires_array_type(np=True)
@documented(
    FORWARD,
    what="a gated recurrent unit",
    parts="one",
    state="``H``",
    section="9.1",
    get_params="get_gru_params",
    init_state="init_gru_state",
)
def gru(inputs: Any, state: State, params: Sequence[Any]) -> tuple[Any, State]:  # noqa: D103
    return _over_one_array(cells.gru, inputs, state, params)


@documented(GET_PARAMS, cell="lstm", params=LSTM_PARAMS, section="9.2", **_BOOK)
def get_lstm_params(vocab_size: int, num_hiddens: int, device: Any = None) -> list[Any]:  # noqa: D103
    return CELLS["lstm"].get_params(vocab_size, num_hiddens, device, np=True)


@documented(
    INIT_STATE,
    what="hidden state and memory cell of an LSTM",
    parts="two",
    state="``H`` and ``C``",
    section="9.2",
    **_BOOK,
)
def init_lstm_state(batch_size: int, num_hiddens: int, device: Any = None) -> State:  # noqa: D103
    return CELLS["lstm"].init_state(batch_size, num_hiddens, device, np=True)


@requires_array_type(np=True)
@documented(
    FORWARD,
    what="a long short-term memory",
    parts="two",
    state="``H`` and ``C``",
    section="9.2",
    get_params="get_lstm_params",
    init_state="init_lstm_state",
)
def lstm(inputs: Any, state: State, params: Sequence[Any]) -> tuple[Any, State]:  # noqa: D103
    return _over_one_array(cells.lstm, inputs, state, params)


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
    >>> listwise(lstm) is cells.lstm, listwise(print) is None
    (True, True)
    """
    return next((cell for own, cell in _LISTWISE if own is forward_fn), None)


_LISTWISE = ((rnn, cells.rnn), (gru, cells.gru), (lstm, cells.lstm))
