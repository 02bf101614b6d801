"""From one sequence to another: encoder, decoder, attention, and translation with them.

Everything here computes on ``mxnet.np`` arrays, whether or not ``npx.set_np()`` was called; the
masked softmax and the masked loss also on ``mxnet.nd`` arrays, where they are given such.

- `gluonrnn.seq2seq.blocks`: encoders and decoders, and how one goes on from the other.
- `gluonrnn.seq2seq.attention`: how the values of the most fitting keys are weighed.
- `gluonrnn.seq2seq.data`: pairs of sentences to batches of indices.
- `gluonrnn.seq2seq.corpus`: the book's English-French sentences.
- `gluonrnn.seq2seq.training`: the masked loss and the trainers.
- `gluonrnn.seq2seq.translation`: translating a sentence, and how good a translation is.

Source: *Dive into Deep Learning* (2020-22 edition), sections 9.5 to 9.7 and 10.3 to 10.4.
"""

from __future__ import annotations

from gluonrnn.seq2seq.attention import AdditiveAttention, DotProductAttention, masked_softmax
from gluonrnn.seq2seq.blocks import (
    AttentionDecoder,
    Decoder,
    Encoder,
    EncoderDecoder,
    Seq2SeqDecoder,
    Seq2SeqEncoder,
)
from gluonrnn.seq2seq.corpus import load_data_nmt, read_data_nmt
from gluonrnn.seq2seq.data import (
    batches_nmt,
    build_array,
    build_array_nmt,
    preprocess_nmt,
    tokenize_nmt,
    truncate_pad,
)
from gluonrnn.seq2seq.training import MaskedSoftmaxCELoss, train_s2s_ch9, train_seq2seq, train_translator
from gluonrnn.seq2seq.translation import bleu, predict_s2s_ch9, predict_seq2seq, translate

__all__ = [
    "AdditiveAttention",
    "AttentionDecoder",
    "Decoder",
    "DotProductAttention",
    "Encoder",
    "EncoderDecoder",
    "MaskedSoftmaxCELoss",
    "Seq2SeqDecoder",
    "Seq2SeqEncoder",
    "batches_nmt",
    "bleu",
    "build_array",
    "build_array_nmt",
    "load_data_nmt",
    "masked_softmax",
    "predict_s2s_ch9",
    "predict_seq2seq",
    "preprocess_nmt",
    "read_data_nmt",
    "tokenize_nmt",
    "train_s2s_ch9",
    "train_seq2seq",
    "train_translator",
    "translate",
    "truncate_pad",
]
