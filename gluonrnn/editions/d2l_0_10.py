"""The edition of summer 2019: `d2l` 0.10, ``import d2l``, on ``mxnet.nd`` arrays.

It is `gluonrnn.editions.d2l_0_11` on the older arrays. The vocabularies of its `load_data_nmt` begin with
``<pad>``, ``<bos>``, ``<eos>`` and ``<unk>``, as they did then. Facts are those of release 0.10.3; names that
came after it are here as well, for documents that were written between two releases.
"""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, ClassVar

from gluonrnn import plotting
from gluonrnn._arrays import as_nd, using_nd
from gluonrnn.editions import d2l_0_11, other_chapters
from gluonrnn.editions.declarations import Edition
from gluonrnn.editions.signatures import guard_order
from gluonrnn.editions.train_ch8 import generate, train_one_epoch
from gluonrnn.models import layers

__all__ = sorted(d2l_0_11.__all__)

# all that is not declared below
globals().update((name, getattr(d2l_0_11, name)) for name in __all__)

_edition = Edition(
    "gluonrnn.editions.d2l_0_10",
    "*Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.",
    {
        "mxnet.np.ndarray": "NDArray",
        "``mxnet.np``": "``mxnet.nd``",
        "``mxnet.nd``": "``mxnet.np``",
        "Examples\n--------\n": "Examples\n--------\n>>> from mxnet import nd\n",
        ">>> from mxnet import np\n": "",
        ">>> from gluonrnn._mxnet import mx\n": "",
        "mx.np.": "nd.",
        " np.": " nd.",
        "(np.": "(nd.",
        ".tolist()": ".asnumpy().tolist()",
    },
)
_in_order = guard_order("gluonrnn.editions.d2l_0_10")


def _on_nd(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of `d2l_0_11` that computes on ``mxnet.nd`` arrays instead."""
    return using_nd()(inspect.unwrap(function))


RNNModel = layers.RNNModel
sgd = _in_order(_on_nd(d2l_0_11.sgd))
predict_s2s_ch8 = predict_s2s_ch9 = _on_nd(d2l_0_11.predict_s2s_ch8)
train_s2s_ch8 = train_s2s_ch9 = _in_order(_on_nd(d2l_0_11.train_s2s_ch8))

grad_clipping = _in_order(
    _edition.renamed(
        d2l_0_11.grad_clipping,
        calls=using_nd()(d2l_0_11.grad_clipping),
        docs={
            "Examples": """
                >>> from mxnet import gluon
                >>> layer = gluon.nn.Dense(2, in_units=3)
                >>> layer.initialize()
                >>> layer.weight.grad()[:] = 1
                >>> grad_clipping(layer, 1)
                >>> round(float(layer.weight.grad().norm().asscalar()), 5)
                1.0
                """,
        },
    )
)
predict_ch8 = _in_order(
    _edition.renamed(
        d2l_0_11.predict_ch8,
        calls=using_nd()(generate),
        docs={
            "Examples": """
                >>> from mxnet.gluon import rnn
                >>> vocab = Vocab([list("over and over")])
                >>> model = RNNModel(rnn.GRU(4), len(vocab))
                >>> model.initialize()
                >>> len(predict_ch8("over ", 1, model, vocab, try_gpu()).replace("<unk>", "?"))
                6
                """,
        },
    )
)
train_epoch_ch8 = _in_order(
    _edition.renamed(
        d2l_0_11.train_epoch_ch8,
        calls=using_nd()(train_one_epoch),
        docs={
            "Examples": """
                >>> from mxnet import gluon
                >>> model = RNNModel(gluon.rnn.GRU(4), vocab_size=7)
                >>> model.initialize()
                >>> batches = list(seq_data_iter_consecutive([1, 2, 3, 4, 5, 6] * 9, batch_size=2, num_steps=5))
                >>> loss, trainer = gluon.loss.SoftmaxCrossEntropyLoss(), gluon.Trainer(model.collect_params(), "sgd")
                >>> perplexity, speed = train_epoch_ch8(model, batches, loss, trainer, try_gpu(), use_random_iter=False)
                >>> 1 < perplexity < 8, speed > 0
                (True, True)
                """,
        },
    )
)
train_ch8 = _in_order(
    _edition.renamed(
        d2l_0_11.train_ch8,
        calls=using_nd()(d2l_0_11.train_with_samples),
        docs={
            "Examples": """
                >>> from mxnet.gluon import rnn
                >>> vocab = Vocab([list("over and over ")])
                >>> batches = list(seq_data_iter_consecutive(vocab[list("over and over " * 9)], 4, 7))
                >>> model = RNNModel(rnn.GRU(16), len(vocab))
                >>> train_ch8(model, batches, vocab, 1, 2, try_gpu(), prefixes=["over"])  # doctest: +ELLIPSIS
                over...
                Perplexity ..., ... tokens/sec on cpu(0)
                over...
                """,
        },
    )
)

seq_data_iter_random = _edition.renamed(
    d2l_0_11.seq_data_iter_random, calls=lambda *arguments: map(as_nd, d2l_0_11.seq_data_iter_random(*arguments))
)
seq_data_iter_consecutive = _edition.renamed(
    d2l_0_11.seq_data_iter_consecutive,
    "seq_data_iter_consecutive",
    calls=lambda *arguments: map(as_nd, d2l_0_11.seq_data_iter_consecutive(*arguments)),
    docs={
        "Examples": """
            >>> [X.shape for X, Y in seq_data_iter_consecutive(range(37), batch_size=2, num_steps=5)]
            [(2, 5), (2, 5), (2, 5)]
            """
    },
)


@_edition.documented(d2l_0_11.SeqDataLoader, {"character_corpus(": "d2l_0_11.character_corpus("})
class SeqDataLoader(d2l_0_11.SeqDataLoader):
    _random_iter: ClassVar[Any] = staticmethod(seq_data_iter_random)
    _sequential_iter: ClassVar[Any] = staticmethod(seq_data_iter_consecutive)


load_data_time_machine = _in_order(
    _edition.renamed(d2l_0_11.load_data_time_machine, calls=d2l_0_11.with_vocabulary(SeqDataLoader))
)


@_edition.documented(
    d2l_0_11.RNNModelScratch,
    {
        "Notes": "",
        "Examples": """
            >>> from mxnet import nd
            >>> def get_params(vocab_size, num_hiddens, ctx):
            ...     return [nd.ones((vocab_size, num_hiddens))]
            >>> def forward(inputs, state, params):
            ...     return nd.dot(inputs.reshape((-1, 7)), params[0]), state
            >>> model = RNNModelScratch(7, 4, try_gpu(), get_params, lambda *sizes: (), forward)
            >>> model(nd.array([[1, 5, 6]]), ())[0].shape
            (3, 4)
            """,
    },
)
class RNNModelScratch(d2l_0_11.RNNModelScratch):
    _np = False


@_edition.documented(
    d2l_0_11.build_array,
    {
        "int64": "float32",
        "Examples": """
            >>> vocab = Vocab([["go", "."]], use_special_tokens=True)
            >>> array, valid_len = build_array([["go", "."]], vocab, num_steps=5, is_source=False)
            >>> array.asnumpy().tolist(), valid_len.asnumpy().tolist()
            ([[1.0, 5.0, 4.0, 2.0, 0.0]], [4.0])
            """,
    },
)
def build_array(lines: Any, vocab: Any, num_steps: int, is_source: bool) -> tuple[Any, Any]:
    array, valid_len = as_nd(d2l_0_11.build_array(lines, vocab, num_steps, is_source))
    return array, valid_len.astype("float32")


load_data_nmt = _edition.renamed(
    d2l_0_11.load_data_nmt,
    calls=functools.partial(
        d2l_0_11.vocabularies_and_batches,
        build=build_array,
        vocab_class=lambda lines, min_freq, reserved_tokens: d2l_0_11.Vocab(lines, min_freq, use_special_tokens=True),
    ),
    docs={"``<unk>``, ``<pad>``, ``<bos>`` and ``<eos>``": "``<pad>``, ``<bos>``, ``<eos>`` and ``<unk>``"},
)


@_edition.documented(d2l_0_11.Encoder)
class Encoder(d2l_0_11.Encoder):
    _np = False


@_edition.documented(d2l_0_11.Decoder)
class Decoder(d2l_0_11.Decoder):
    _np = False


@_edition.documented(d2l_0_11.EncoderDecoder)
class EncoderDecoder(d2l_0_11.EncoderDecoder):
    _np = False


@_edition.documented(d2l_0_11.Seq2SeqEncoder)
class Seq2SeqEncoder(Encoder, d2l_0_11.Seq2SeqEncoder):
    pass


@_edition.documented(d2l_0_11.Seq2SeqDecoder)
class Seq2SeqDecoder(Decoder, d2l_0_11.Seq2SeqDecoder):
    pass


masked_softmax = _edition.renamed(d2l_0_11.masked_softmax, valid_len="valid_length")


@_edition.documented(d2l_0_11.DotProductAttention)
class DotProductAttention(d2l_0_11.DotProductAttention):
    _np = False


@_edition.documented(d2l_0_11.MLPAttention)
class MLPAttention(d2l_0_11.MLPAttention):
    _np = False


plot = _edition.renamed(
    d2l_0_11.plot,
    calls=lambda *arguments: plotting.plot(*[*arguments[:9], arguments[9] or ["-"], *arguments[10:]]),  # fmts
    defaults={"fmts": None},
    docs={
        "the first again.": "the first again; plain lines by default.",
        "Examples": """
            >>> plot([1, 4, 9], xlabel="n")
            """,
    },
)


def __getattr__(name: str) -> Any:
    return other_chapters.look_up(name, __name__)
