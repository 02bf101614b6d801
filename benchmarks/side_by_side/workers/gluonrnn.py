"""The package that this is about: its own cells, the caller's cell, and MXNet's matrix products."""

from __future__ import annotations

from functools import partial
from typing import Any, Callable

import gluonrnn as gb
from benchmarks.side_by_side.corpora import time_machine
from benchmarks.side_by_side.machine import PRODUCT
from benchmarks.side_by_side.setting import BATCH_SIZE, LYRICS_HIDDENS, NUM_STEPS, TOKENS, Setting, Text
from benchmarks.side_by_side.timing import seconds_per_call
from benchmarks.side_by_side.workers.chapter8 import epoch_task
from benchmarks.side_by_side.workers.documents import Cell, of_2018
from benchmarks.side_by_side.workers.edition2018 import Edition2018
from gluonrnn import d2l
from gluonrnn._mxnet import mx, nd

VERSIONS = {"gluonrnn": gb.__version__, "mxnet": mx.__version__}


def tasks(setting: Setting) -> dict[str, Callable[[], Any]]:
    """Return what can be measured."""
    text = _loaded(setting.texts["lyrics"])
    book = Edition2018(gb, setting._replace(texts={**setting.texts, "lyrics": text}))

    def own(text: Text) -> Cell:
        draw = partial(gb.get_params, text.vocab_size, LYRICS_HIDDENS, book.ctx)
        return Cell(gb.rnn, gb.get_params, gb.init_rnn_state, draw)

    def per_character(name: str) -> float:
        text = setting.texts[name]
        return book.scratch(own(text), text) / (text.num_batches * TOKENS)

    def chapter8() -> float:
        loader = time_machine(BATCH_SIZE, NUM_STEPS)
        assert list(loader.corpus) == setting.texts["time_machine"].indices, "all contestants must train on one text"
        return epoch_task(d2l, (d2l.get_params, d2l.init_rnn_state, d2l.rnn), loader, setting)

    return {
        "scratch": lambda: book.scratch(own(text), text),
        "naive": lambda: book.scratch(of_2018(text.vocab_size, LYRICS_HIDDENS, book.ctx), text),
        "layer-rnn": lambda: book.layer("rnn"),
        "layer-lstm": lambda: book.layer("lstm"),
        "time-machine": chapter8,
        "write-scratch": lambda: book.write_with_scratch(own(text)),
        "write-layer": lambda: book.write_with_layer("rnn"),
        "start": lambda: per_character("start"),
        "whole": lambda: per_character("whole"),
        "memory-scratch": lambda: book.memory_of_scratch(own(text)),
        "memory-lstm": lambda: book.memory_of_layer("lstm"),
        "dot": lambda: _product(setting, nd.dot, transposed=False),
        "fully-connected": lambda: _product(
            setting, lambda A, B: nd.FullyConnected(A, B, num_hidden=B.shape[0], no_bias=True), transposed=True
        ),
    }


def _loaded(text: Text) -> Text:
    """Return a text as `load_corpus` gives it, for that is what its users train on."""
    idx_to_char = text.idx_to_char
    corpus = gb.load_corpus(text="".join(idx_to_char[index] for index in text.indices))
    assert list(corpus.corpus_indices) == text.indices, "all contestants must train on one text"
    return Text(corpus.corpus_indices, corpus.vocab_size)


def _product(setting: Setting, product: Callable[[Any, Any], Any], transposed: bool) -> float:
    rows, inner, columns = PRODUCT
    A = nd.random.normal(shape=(rows, inner))
    B = nd.random.normal(shape=(columns, inner) if transposed else (inner, columns))
    return seconds_per_call(lambda: product(A, B).wait_to_read(), least_seconds=setting.least_seconds)
