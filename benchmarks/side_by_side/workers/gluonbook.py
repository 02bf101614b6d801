"""The published gluonbook 0.8.10, with the cell that its reader writes."""

from __future__ import annotations

from typing import Any, Callable

from benchmarks.side_by_side.workers.plain_mxnet import mxnet

# isort: split
import gluonbook

from benchmarks.side_by_side.setting import LYRICS_HIDDENS, Setting
from benchmarks.side_by_side.workers.documents import of_2018
from benchmarks.side_by_side.workers.edition2018 import Edition2018

VERSIONS = {"gluonbook": gluonbook.__version__, "mxnet": mxnet.__version__}


def tasks(setting: Setting) -> dict[str, Callable[[], Any]]:
    """Return what can be measured."""
    book, text = Edition2018(gluonbook, setting), setting.texts["lyrics"]
    cell = of_2018(text.vocab_size, LYRICS_HIDDENS, book.ctx)
    return {
        "scratch": lambda: book.scratch(cell, text),
        "layer-rnn": lambda: book.layer("rnn"),
        "layer-lstm": lambda: book.layer("lstm"),
        "write-scratch": lambda: book.write_with_scratch(cell),
        "write-layer": lambda: book.write_with_layer("rnn"),
        "memory-scratch": lambda: book.memory_of_scratch(cell),
        "memory-lstm": lambda: book.memory_of_layer("lstm"),
    }
