"""What threads and forked processes do in the tests: small trainings that come to the same each time.

Nothing here draws random numbers from a generator that threads share, so each job can be compared
with itself alone.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
import time

import numpy as np

import gluonrnn as gb
from gluonrnn import d2l
from gluonrnn._arrays import using_np
from gluonrnn._mxnet import autograd, gluon, mx, nd
from gluonrnn.generation.decoding import continue_text, decode, likeliest
from gluonrnn.models import CELLS
from gluonrnn.models.scratch import CellModel
from gluonrnn.threads import computing
from gluonrnn.training.loop import NonFiniteGuard, train_epoch
from gluonrnn.training.optimizers import SGD

__all__ = [
    "BATCH",
    "CORPUS",
    "JOBS",
    "SGD",
    "STEPS",
    "CellModel",
    "NonFiniteGuard",
    "all_jobs",
    "at_once",
    "autograd",
    "computing",
    "d2l",
    "draw",
    "forked",
    "gb",
    "gluon",
    "model_of",
    "multiprocessing",
    "mx",
    "nd",
    "np",
    "os",
    "some_jobs",
    "threading",
    "time",
    "train_epoch",
    "train_model",
    "try_out",
    "using_np",
    "write",
    "write_np",
]

CORPUS = gb.load_corpus(text="over and over the hill we go " * 6)
HIDDENS, BATCH, STEPS = 8, 4, 5
_GATES = {"rnn": 1, "gru": 3, "lstm": 4}
_STATES = {"rnn": "init_rnn_state", "gru": "init_gru_state", "lstm": "init_lstm_state"}

_TEXT = (CORPUS.corpus_indices, CORPUS.idx_to_char, CORPUS.char_to_idx)
_SCHEDULE = (STEPS, 1.0, 0.1, BATCH, 99, 5, ["ov"])


@computing()  # as whatever calls MXNet in a thread
def draw(cell, array, hiddens=HIDDENS):
    """Return parameters that are the same each time."""
    rng = np.random.default_rng(1)
    size = CORPUS.vocab_size
    shapes = [(size, hiddens), (hiddens, hiddens), (hiddens,)] * _GATES[cell] + [(hiddens, size), (size,)]
    params = [array(rng.normal(0, 0.3, shape).astype("float32")) for shape in shapes]
    for param in params:
        param.attach_grad()
    return params


def _own(function):
    """Return a cell that gluonrnn does not know, and runs as it is."""
    return lambda *args: function(*args)


def model_of(cell, *, own=False, hiddens=HIDDENS):
    function = getattr(gb, cell)
    init = getattr(gb, _STATES[cell])
    return CellModel(
        _own(function) if own else function, draw(cell, nd.array, hiddens), init, hiddens, CORPUS.vocab_size
    )


def train_model(model, epochs=2, batch_size=BATCH):
    """Train a model of `model_of` as it is, and return the losses."""
    optimizer = SGD(model, 1.0, 0.1)
    return [
        train_epoch(
            model,
            gb.data_iter_consecutive(CORPUS.corpus_indices, batch_size, STEPS, mx.cpu()),
            optimizer,
            ctx=mx.cpu(),
            carry_state=True,
            guard=NonFiniteGuard(),
            epoch=epoch,
        )
        for epoch in range(1, epochs + 1)
    ]


def _train_nd(cell, own):
    perplexities = []
    gb.train_and_predict_rnn(
        _own(getattr(gb, cell)) if own else getattr(gb, cell),
        lambda: draw(cell, nd.array),
        getattr(gb, _STATES[cell]),
        HIDDENS,
        CORPUS.vocab_size,
        mx.cpu(),
        *_TEXT,
        False,
        2,
        *_SCHEDULE,
        callback=lambda epoch, perplexity, seconds, samples: perplexities.append(perplexity),
    )
    return perplexities


@computing()
def np_batches():
    indices = np.array(CORPUS.corpus_indices)
    indices = indices[: len(indices) // BATCH * BATCH].reshape(BATCH, -1)
    starts = range(0, indices.shape[1] - STEPS, STEPS)
    return [
        (mx.np.array(indices[:, start : start + STEPS]), mx.np.array(indices[:, start + 1 : start + STEPS + 1]))
        for start in starts
    ]


@computing()
def model_of_np(cell, *, own=False):
    return d2l.RNNModelScratch(
        CORPUS.vocab_size,
        HIDDENS,
        mx.cpu(),
        lambda *sizes: draw(cell, mx.np.array),
        getattr(d2l, _STATES[cell]),
        _own(getattr(d2l, cell)) if own else getattr(d2l, cell),
    )


def _train_np(cell, own):
    net = model_of_np(cell, own=own)
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    step = lambda batch_size: d2l.sgd(net.params, 1.0, batch_size)  # noqa: E731
    return [d2l.train_epoch_ch8(net, np_batches(), loss, step, mx.cpu(), False)[0] for _ in range(2)]


@computing()
def layers_model(cell, np_arrays):
    net = (d2l if np_arrays else gb).RNNModel(CELLS[cell].layer(HIDDENS), CORPUS.vocab_size)
    net.initialize()
    X = mx.np.zeros((1, 1))
    net(X if np_arrays else X.as_nd_ndarray(), net.begin_state(batch_size=1))
    rng = np.random.default_rng(2)
    for param in net.collect_params().values():
        param.set_data((mx.np if np_arrays else nd).array(rng.normal(0, 0.3, param.shape).astype("float32")))
    return net


def _train_layers(cell, np_arrays):
    net = layers_model(cell, np_arrays)
    if np_arrays:
        with using_np():
            trainer = gluon.Trainer(net.collect_params(), "sgd", {"learning_rate": 1.0})
        loss = gluon.loss.SoftmaxCrossEntropyLoss()
        return [d2l.train_epoch_ch8(net, np_batches(), loss, trainer, mx.cpu(), False)[0] for _ in range(2)]
    perplexities = []
    gb.train_and_predict_rnn_gluon(
        net,
        HIDDENS,
        CORPUS.vocab_size,
        mx.cpu(),
        *_TEXT,
        2,
        *_SCHEDULE,
        reinit=False,
        callback=lambda epoch, perplexity, seconds, samples: perplexities.append(perplexity),
    )
    return perplexities


# every cell: from scratch and a reader's own, and Gluon's layer, on mxnet.nd and on mxnet.np
JOBS = {
    f"{name} {cell} {flag}": (lambda job=job, cell=cell, flag=flag: job(cell, flag))
    for cell in _GATES
    for flag in (False, True)
    for name, job in (("nd", _train_nd), ("np", _train_np), ("layers", _train_layers))
}


def all_jobs():
    """Do each job, and return what they came to."""
    return {name: job() for name, job in JOBS.items()}


def some_jobs():
    """Do one job of each kind."""
    return [JOBS[name]() for name in ("nd gru False", "nd rnn True", "np lstm False", "layers lstm False")]


def write(model, length=20):
    """Go on from a prefix."""
    return continue_text(model, "ov", length, mx.cpu(), CORPUS.idx_to_char, CORPUS.char_to_idx)


@using_np()
def write_np(net):
    """Go on from a prefix with a model on mxnet.np."""
    return decode(net, [0, 1], 20, mx.cpu(), likeliest)


def at_once(*functions):
    """Call functions, each in a thread; return what each returned, or the error it raised."""
    results = [None] * len(functions)

    def call(number):
        try:
            results[number] = functions[number]()
        except Exception as error:
            results[number] = error

    threads = [threading.Thread(target=call, args=(number,)) for number in range(len(functions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _answer(queue, function):
    queue.put(try_out(function))


def try_out(function):
    """Return what a function returns, or the words of its error."""
    try:
        return function()
    except Exception as error:
        return repr(error)


def forked(function, method="fork"):
    """Call a function in another process, and return what it returns."""
    context = multiprocessing.get_context(method)
    queue = context.SimpleQueue()
    process = context.Process(target=_answer, args=(queue, function))
    process.start()
    process.join(60)
    assert process.exitcode == 0, f"the child ended with {process.exitcode}"
    return queue.get()
