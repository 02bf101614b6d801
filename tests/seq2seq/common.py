"""What the tests of this folder share: a made-up text, and the published packages beside ours."""

from __future__ import annotations

import contextlib
import warnings

import numpy as np
from mxnet import autograd

from gluonrnn import seq2seq
from gluonrnn._arrays import using_np
from gluonrnn._mxnet import mx
from gluonrnn.editions import seq2seq_0_11
from tests.oracles.load import published

OF_2022 = published("d2l==0.17.6", "d2l.mxnet")
OF_2020 = published("d2l==0.11.4")

SOURCES = ["We sing.", "We sleep!", "You sing.", "You sleep!", "Who sings?", "Who sleeps?", "I dance.", "You dance.",
           "We sing and dance.", "Who dances?"]  # fmt: skip
TARGETS = ["Nous chantons.", "Nous dormons\u202f!", "Tu chantes.", "Tu dors\xa0!", "Qui chante\u202f?", "Qui dort ?",
           "Je danse.", "Tu danses.", "Nous chantons et dansons.", "Qui danse ?"]  # fmt: skip
TEXT = "\n".join(f"{source}\t{target}" for source, target in zip(SOURCES, TARGETS)) + "\n"


@contextlib.contextmanager
def as_published():
    """Be in the world that the published packages need, without the warnings that they cause."""
    with using_np(), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def namespace_of(module):
    """Return the globals of a published package, where its functions look names up."""
    return module.EncoderDecoder.__init__.__globals__


def parameters_of(block):
    """Return the parameters by their place in the structure."""
    return block._collect_params_with_prefix()


def copy_parameters(source, target):
    """Give `target` the parameters of `source`; both have been called before."""
    ours, theirs = parameters_of(source), parameters_of(target)
    assert list(ours) == list(theirs)
    with using_np():
        for name, parameter in ours.items():
            theirs[name].set_data(parameter.data())


def random_array(rng, *shape):
    return mx.np.array(rng.normal(size=shape).astype("float32"))


def forward_and_gradients(block, inputs, weigh, *, inputs_have_gradients=True):
    """Return what a block gives, and the gradients of a weighted sum of it, as NumPy arrays."""
    arrays = [array for array in inputs if inputs_have_gradients and array is not None and array.ndim == 3]
    for array in arrays:
        array.attach_grad()
    with as_published(), autograd.record(train_mode=False):
        output = block(*inputs)
        objective = weigh(output)
    with as_published():
        objective.backward()
    gradients = {name: parameter.grad().asnumpy() for name, parameter in parameters_of(block).items()}
    return output, gradients, [array.grad.asnumpy() for array in arrays]


def assert_equal(output, other):
    """Compare arrays, however nested."""
    if isinstance(output, (list, tuple)):
        assert len(output) == len(other)
        for part, other_part in zip(output, other):
            assert_equal(part, other_part)
    else:
        as_numpy = [array.asnumpy() if hasattr(array, "asnumpy") else array for array in (output, other)]
        assert as_numpy[0].dtype == as_numpy[1].dtype
        np.testing.assert_allclose(*as_numpy, rtol=1e-5, atol=1e-6)


def assert_gradients_equal(gradients, others, *, zero=()):
    assert list(gradients) == list(others)
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, others[name], rtol=1e-4, atol=1e-6, err_msg=name)
        assert bool(abs(gradient).max() > 1e-6) is (name not in zero), name


def with_attention(module, vocab_size, size):
    """Return a decoder with attention, derived from the classes of a package; a reader would write one."""

    class AttentionGRU(module.AttentionDecoder):
        def __init__(self):
            super().__init__()
            self.attention = module.AdditiveAttention(size, 0)
            self.embedding = mx.gluon.nn.Embedding(vocab_size, size)
            self.rnn = mx.gluon.rnn.GRU(size)
            self.dense = mx.gluon.nn.Dense(vocab_size, flatten=False)

        def init_state(self, enc_outputs, enc_valid_lens, *args):
            outputs, state = enc_outputs
            return outputs.swapaxes(0, 1), state, enc_valid_lens

        def forward(self, X, state):
            outputs, hidden, valid_lens = state
            scores, self._weights = [], []
            for token in self.embedding(X).swapaxes(0, 1):
                query = hidden[0][-1:].swapaxes(0, 1)
                context = self.attention(query, outputs, outputs, valid_lens)
                read = mx.np.concatenate([context.swapaxes(0, 1), mx.np.expand_dims(token, 0)], axis=2)
                Y, hidden = self.rnn(read, hidden)
                scores.append(self.dense(Y))
                self._weights.append(self.attention.attention_weights)
            return mx.np.concatenate(scores, axis=0).swapaxes(0, 1), (outputs, hidden, valid_lens)

        @property
        def attention_weights(self):
            return self._weights

    return AttentionGRU()


def lstm_net(module, src_vocab, tgt_vocab):
    """Return the net of 2019-20, from our classes (``None``) or from those of the published package."""
    encoder = (module or seq2seq_0_11).Seq2SeqEncoder(len(src_vocab), 8, 16, 2)
    return (module or seq2seq).EncoderDecoder(
        encoder, (module or seq2seq_0_11).Seq2SeqDecoder(len(tgt_vocab), 8, 16, 2)
    )


def attention_net(module, src_vocab, tgt_vocab):
    """Return a net of 2020-22 with attention, from our classes (``None``) or from the published package's."""
    module = module or seq2seq
    encoder = module.Seq2SeqEncoder(len(src_vocab), 8, 16, 1)
    return module.EncoderDecoder(encoder, with_attention(module, len(tgt_vocab), 16))


def gru_net(module, src_vocab, tgt_vocab):
    """Return the net of 2020-22; its decoder is in no published package, so ours is in both."""
    module = module or seq2seq
    encoder = module.Seq2SeqEncoder(len(src_vocab), 8, 16, 2)
    return module.EncoderDecoder(encoder, seq2seq.Seq2SeqDecoder(len(tgt_vocab), 8, 16, 2))
