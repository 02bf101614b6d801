"""What all trainers of all editions do alike: they end when they are told to, and take what the originals took."""

from __future__ import annotations

import signal

import mxnet as mx
import numpy as np
import pytest
from mxnet.gluon import rnn as layers

import gluonrnn as gb
from gluonrnn import d2l, seq2seq
from gluonrnn.editions import d2l_0_10, d2l_0_11, d2l_0_15, gluonbook_0_6, seq2seq_0_11, utils_2017
from gluonrnn.seq2seq.training import shifted, train_translator

TEXT = "over and over " * 5
CORPUS = gb.load_corpus(text=TEXT)
INDICES, CHAR_TO_IDX, IDX_TO_CHAR, VOCAB_SIZE = CORPUS


def early_cell(inputs, H, *params):
    outputs, (H,) = gb.rnn(inputs, (H,), params)
    return outputs, H


def from_scratch(params, num_epochs, lr, theta, **options):
    gb.train_and_predict_rnn(
        *(gb.rnn, lambda: params, gb.init_rnn_state, 4, VOCAB_SIZE, mx.cpu(), INDICES, IDX_TO_CHAR, CHAR_TO_IDX),
        *(False, num_epochs, 7, lr, theta, 2, 0, 3, ["over"]),
        **options,
    )


def of_2017(params, num_epochs, lr, theta, **options):
    utils_2017.train_and_predict_rnn(
        *(early_cell, False, num_epochs, 7, 4, lr, theta, 2, 1, 3, ["over"], lambda: params),
        *(lambda X: gb.to_onehot(X, VOCAB_SIZE), mx.cpu(), INDICES, IDX_TO_CHAR, CHAR_TO_IDX),
        **options,
    )


def of_spring_2018(params, num_epochs, lr, theta, **options):
    gluonbook_0_6.train_and_predict_rnn(
        *(early_cell, False, num_epochs, 7, 4, lr, theta, 2, VOCAB_SIZE, 1, 3, ["over"], lambda: params),
        *(gb.to_onehot, mx.cpu(), INDICES, IDX_TO_CHAR, CHAR_TO_IDX),
        **options,
    )


EARLY = [from_scratch, of_2017, of_spring_2018]


def of_parameters(train):
    return lambda num_epochs, lr, **options: train(gb.get_params(VOCAB_SIZE, 4), num_epochs, lr, 1e-2, **options)


def with_layers(num_epochs, lr, **options):
    gb.train_and_predict_rnn_gluon(
        *(gb.RNNModel(layers.RNN(4), VOCAB_SIZE), 4, VOCAB_SIZE, mx.cpu(), INDICES, IDX_TO_CHAR, CHAR_TO_IDX),
        *(num_epochs, 7, lr, 1e-2, 2, 0, 3, ["over"]),
        **options,
    )


def ch8(edition, np=True):
    def train(num_epochs, lr, **options):
        vocab = d2l.Vocab(list(TEXT)) if np else d2l_0_10.Vocab([list(TEXT)])
        batches = d2l.seq_data_iter_sequential if np else d2l_0_10.seq_data_iter_consecutive
        net = edition.RNNModel(layers.GRU(4), len(vocab))
        edition.train_ch8(
            *(net, list(batches(vocab[list(TEXT)], 2, 7)), vocab, lr, num_epochs, mx.cpu()),
            prefixes=["over"],
            **options,
        )

    return train


def translation(train, blocks=seq2seq, first=5, *more):
    X, Y, valid_len = mx.np.array([[5, 6, 3]]), mx.np.array([[first, 7, 3]]), mx.np.array([3])
    vocab = d2l.Vocab([list("abcde")], reserved_tokens=["<pad>", "<bos>", "<eos>"])

    def call(num_epochs, lr, **options):
        net = seq2seq.EncoderDecoder(blocks.Seq2SeqEncoder(9, 4, 8, 1), blocks.Seq2SeqDecoder(9, 4, 8, 1))
        train(
            net,
            [(X, valid_len, Y, valid_len)],
            lr,
            num_epochs,
            *([vocab] if blocks is seq2seq else []),
            mx.cpu(),
            **options,
        )

    return call


def any_translator(num_epochs, lr, callback=None):
    def train(*arguments):
        train_translator(*arguments, arrange=shifted, on_epoch=lambda totals: callback(totals.epoch))

    translation(train, seq2seq_0_11, 2)(num_epochs, lr)


TRAINERS = {
    **{train.__name__: of_parameters(train) for train in EARLY},
    "with layers": with_layers,
    "d2l 0.10": ch8(d2l_0_10, np=False),
    "d2l 0.11": ch8(d2l_0_11),
    "d2l 0.15": ch8(d2l_0_15),
    "d2l 0.17": ch8(d2l),
    "translation 0.11": translation(d2l_0_11.train_s2s_ch9, seq2seq_0_11, 2),
    "translation 0.15": translation(d2l_0_15.train_s2s_ch9),
    "translation 0.17": translation(d2l.train_seq2seq),
    "any translator": any_translator,
}


def stop():
    raise gb.StopTraining


ENDINGS = {"exception": (stop, 2), "True": (lambda: True, 2), "numpy": (lambda: np.True_, 2), "number": (lambda: 7, 3)}


@pytest.mark.parametrize("train", TRAINERS.values(), ids=TRAINERS)
@pytest.mark.parametrize(("ending", "lasts"), ENDINGS.values(), ids=ENDINGS)
def test_a_callback_ends_a_training_by_an_exception_or_by_true_itself(train, ending, lasts):
    seen = []
    train(3, 0.1, callback=lambda epoch, *_: seen.append(epoch) or (ending() if epoch == 2 else None))
    assert seen == list(range(1, lasts + 1))


@pytest.mark.parametrize("train", TRAINERS.values(), ids=TRAINERS)
def test_ctrl_c_reaches_the_caller(train):
    begun = []
    with pytest.raises(KeyboardInterrupt):  # noqa: PT012
        for lr in (0.1, 1.0):
            begun.append(lr)
            train(3, lr, callback=lambda *_: signal.raise_signal(signal.SIGINT))
    assert begun == [0.1]


@pytest.mark.parametrize("train", TRAINERS.values(), ids=TRAINERS)
def test_a_learning_rate_of_nothing_learns_nothing(train):
    seen = []
    train(2, 0, callback=lambda epoch, *result: seen.append(result[:1]))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("train", EARLY)
@pytest.mark.parametrize(("num_epochs", "lr", "theta"), [(0, 1.0, 1.0), (2, 0, 1.0), (2, 1.0, 0)])
def test_what_the_originals_took_leaves_the_parameters_as_they_are(train, num_epochs, lr, theta):
    params = gb.get_params(VOCAB_SIZE, 4)
    before = [param.asnumpy() for param in params]
    epochs = []
    train(params, num_epochs, lr, theta, callback=lambda epoch, *_: epochs.append(epoch))
    assert epochs == list(range(1, num_epochs + 1))
    for param, old in zip(params, before):
        np.testing.assert_array_equal(param.asnumpy(), old)
