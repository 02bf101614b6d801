"""Recurrent networks: the cells from scratch, and Gluon's layers with an output layer."""

from __future__ import annotations

from gluonrnn.models.cells import (
    CELLS,
    Cell,
    get_gru_params,
    get_lstm_params,
    get_params,
    gru,
    init_gru_state,
    init_lstm_state,
    init_rnn_state,
    lstm,
    rnn,
)
from gluonrnn.models.scratch import CellModel, RNNModelScratch, to_onehot

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
