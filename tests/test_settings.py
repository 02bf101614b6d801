"""What belongs to Python, to the user, or to another library is, after all that gluonrnn does, as it was."""

from __future__ import annotations

import gc
import locale
import logging
import os
import signal
import socket
import sys
import threading
import warnings

import matplotlib
import mxnet as mx
import numpy as np
import pytest
from mxnet import autograd, gluon

import gluonrnn as gb
from gluonrnn import d2l, seq2seq


def settings():
    """Return all that a library may be tempted to change."""
    loggers = [logging.getLogger(), *map(logging.getLogger, sorted(logging.root.manager.loggerDict))]
    return {
        "loggers": {logger.name: (logger.level, list(logger.handlers), list(logger.filters)) for logger in loggers},
        "disabled": logging.root.manager.disable,
        "warnings": list(warnings.filters),
        "numpy": (np.geterr(), np.get_printoptions()),
        "matplotlib": dict(matplotlib.rcParams),
        "mxnet": (mx.util.is_np_array(), mx.util.is_np_shape(), autograd.is_recording(), autograd.is_training()),
        "locale": locale.setlocale(locale.LC_ALL),
        "environment": dict(os.environ),
        "hooks": (sys.excepthook, sys.displayhook, sys.gettrace(), threading.excepthook),
        "limits": (sys.getrecursionlimit(), sys.getswitchinterval(), socket.getdefaulttimeout(), gc.get_threshold()),
        "streams": (sys.stdout, sys.stderr, sys.stdin),
        "signals": {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)},
        "path": list(sys.path),
        "folder": os.getcwd(),
    }


def gluonbook(tiny):
    model = gb.RNNModel(gluon.rnn.RNN(4), tiny.vocab_size)
    indices, char_to_idx, idx_to_char, size = tiny
    text = indices, idx_to_char, char_to_idx
    gb.train_and_predict_rnn_gluon(model, 4, size, mx.cpu(), *text, 1, 5, 1.0, 1, 4, 1, 3, ["over"])


def later(tiny):
    vocab = d2l.Vocab(list("over and over "))
    batches = list(d2l.seq_data_iter_sequential(vocab[list("over and over " * 9)], 2, 5))
    net = d2l.RNNModelScratch(len(vocab), 4, mx.cpu(), d2l.get_params, d2l.init_rnn_state, d2l.rnn)
    d2l.train_ch8(net, batches, vocab, 1, 1, mx.cpu())


def translation(tiny):
    text = seq2seq.preprocess_nmt("Go.\tVa !\nGo on.\tContinue !\n" * 2)
    batches, source, target = seq2seq.batches_nmt(*seq2seq.tokenize_nmt(text), batch_size=2, num_steps=4)
    parts = d2l.Seq2SeqEncoder(len(source), 4, 4, 1), d2l.Seq2SeqDecoder(len(target), 4, 4, 1)
    d2l.train_seq2seq(d2l.EncoderDecoder(*parts), batches, 0.01, 1, target, mx.cpu())


def plots(tiny):  # d2l.plot sets the size of figures, as the original does
    d2l.show_heatmaps(mx.np.ones((1, 1, 2, 2)), "keys", "queries")


def aliases(tiny):
    gb.install_aliases(shadow=True)
    gb.remove_aliases()


def errors(tiny):
    for call in (lambda: gb.sgd([], "fast", 1), lambda: d2l.masked_softmax(mx.np.ones((1, 1, 2)), mx.np.array([-1]))):
        with pytest.raises((TypeError, ValueError)):
            call()


@pytest.mark.parametrize("use", [gluonbook, later, translation, plots, aliases, errors])
def test_settings_stay_as_they_were(use, tiny):
    before = settings()
    use(tiny)
    after = settings()
    for name, value in before.items():
        if name == "loggers":  # those that others made meanwhile are theirs
            assert {logger: after[name][logger] for logger in value} == value
        else:
            assert after[name] == value, name
