r"""Recurrent cells from scratch: parameters, initial state, forward pass.

Each cell is three functions, as in the book. ``get_..._params`` draws its parameters,
``init_..._state`` gives the state before the first character, and the cell itself reads
`num_steps` one-hot inputs and returns as many outputs, and the state after the last.

Source: *Dive into Deep Learning* (2018 edition), sections 6.4 "RNN from scratch", 6.7 "Gated
recurrent units (GRU)" and 6.8 "Long short-term memory (LSTM)".
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

from gluonrnn.models.cell_model import CellModel
from gluonrnn.models.gated import get_gru_params, get_lstm_params, gru, init_gru_state, init_lstm_state, lstm
from gluonrnn.models.onehot import to_onehot
from gluonrnn.models.parameters import Outputs, State
from gluonrnn.models.plain import get_params, init_rnn_state, rnn
from gluonrnn.models.scratch import RNNModelScratch

__all__ = [
    "CELLS",
    "Cell",
    "CellModel",
    "RNNModelScratch",
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
