"""What gluonbook and gluonrnn do alike: training and writing with the functions of the 2018 edition."""

from __future__ import annotations

from typing import Any

from mxnet import gluon

from benchmarks.side_by_side.setting import (
    BATCH_SIZE,
    LYRICS_HIDDENS,
    LYRICS_LR,
    LYRICS_THETA,
    NUM_STEPS,
    PREFIX_LENGTH,
    WRITTEN,
    Setting,
    Text,
)
from benchmarks.side_by_side.timing import peak_memory, seconds_per_call, seconds_per_epoch
from benchmarks.side_by_side.workers.documents import Cell

LAYERS = {
    # tanh as in the scratch cell; the layer's own default is ReLU
    "rnn": lambda: gluon.rnn.RNN(LYRICS_HIDDENS, activation="tanh"),
    "lstm": lambda: gluon.rnn.LSTM(LYRICS_HIDDENS),
}
MEMORY_EPOCHS = 3


class Edition2018:
    """The lyrics experiments, by the functions of one package.

    Parameters
    ----------
    package : module
        Has ``train_and_predict_rnn`` and its kin.
    setting : Setting
        The texts, and how long to measure.
    """

    def __init__(self, package: Any, setting: Setting) -> None:
        self.package, self.setting = package, setting
        self.ctx = package.try_gpu()

    def scratch(self, cell: Cell, text: Text) -> float:
        """Return the seconds of an epoch with a cell from scratch."""
        return seconds_per_epoch(lambda epochs: self._train_scratch(cell, text, epochs), self.setting.epochs)

    def layer(self, kind: str) -> float:
        """Return the seconds of an epoch with a layer of Gluon."""
        return seconds_per_epoch(lambda epochs: self._train_layer(kind, epochs), self.setting.epochs)

    def write_with_scratch(self, cell: Cell) -> float:
        """Return the seconds that a character takes to write, with fresh parameters."""
        text, params = self.setting.texts["lyrics"], cell.draw()
        idx_to_char, char_to_idx = text.idx_to_char, text.char_to_idx
        prefix = "".join(idx_to_char[:PREFIX_LENGTH])

        def write() -> None:
            self.package.predict_rnn(
                prefix, WRITTEN, cell.rnn, params, cell.init_state, LYRICS_HIDDENS, text.vocab_size, self.ctx,
                idx_to_char, char_to_idx,
            )  # fmt: skip

        return seconds_per_call(write, least_seconds=self.setting.least_seconds) / WRITTEN

    def write_with_layer(self, kind: str) -> float:
        """Return the seconds that a character takes to write, with fresh parameters."""
        text, model = self.setting.texts["lyrics"], self._model(kind)
        model.initialize(ctx=self.ctx)
        idx_to_char, char_to_idx = text.idx_to_char, text.char_to_idx
        prefix = "".join(idx_to_char[:PREFIX_LENGTH])

        def write() -> None:
            self.package.predict_rnn_gluon(prefix, WRITTEN, model, text.vocab_size, self.ctx, idx_to_char, char_to_idx)

        return seconds_per_call(write, least_seconds=self.setting.least_seconds) / WRITTEN

    def memory_of_scratch(self, cell: Cell) -> float:
        """Return the peak memory of this process, having trained a cell from scratch."""
        self._train_scratch(cell, self.setting.texts["lyrics"], MEMORY_EPOCHS)
        return peak_memory()

    def memory_of_layer(self, kind: str) -> float:
        """Return the peak memory of this process, having trained a layer."""
        self._train_layer(kind, MEMORY_EPOCHS)
        return peak_memory()

    def _model(self, kind: str) -> Any:
        return self.package.RNNModel(LAYERS[kind](), self.setting.texts["lyrics"].vocab_size)

    def _train_scratch(self, cell: Cell, text: Text, epochs: int) -> None:
        self.package.train_and_predict_rnn(
            cell.rnn, cell.get_params, cell.init_state, LYRICS_HIDDENS, text.vocab_size, self.ctx, text.indices,
            text.idx_to_char, text.char_to_idx, False, epochs, NUM_STEPS, LYRICS_LR, LYRICS_THETA, BATCH_SIZE, 1, 0, [],
        )  # fmt: skip

    def _train_layer(self, kind: str, epochs: int) -> None:
        text = self.setting.texts["lyrics"]
        self.package.train_and_predict_rnn_gluon(
            self._model(kind), LYRICS_HIDDENS, text.vocab_size, self.ctx, text.indices, text.idx_to_char,
            text.char_to_idx, epochs, NUM_STEPS, LYRICS_LR, LYRICS_THETA, BATCH_SIZE, 1, 0, [],
        )  # fmt: skip
