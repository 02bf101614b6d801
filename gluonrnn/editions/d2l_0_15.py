"""The edition of 2020: `d2l` 0.15, ``from d2l import mxnet as d2l``, on ``mxnet.np`` arrays.

It is `gluonrnn.d2l` with ``model`` for ``net``, the older names of translation and attention, and the
vocabulary and the random batches of `gluonrnn.editions.d2l_0_11`. Facts are those of release 0.15.1;
names that came after it are here as well, for documents that were written between two releases.
"""

from __future__ import annotations

from typing import Any, ClassVar, Sequence

from gluonrnn import seq2seq
from gluonrnn._checks import check_count, short_repr
from gluonrnn.corpus import loaders
from gluonrnn.corpus.vocab import Vocab as _Vocab
from gluonrnn.editions import d2l, d2l_0_11, other_chapters
from gluonrnn.editions.declarations import Edition
from gluonrnn.editions.signatures import guard_order

__all__ = sorted({*d2l.__all__, "MLPAttention", "predict_s2s_ch9", "train_s2s_ch9", "translate"})

# all that is not declared below
globals().update((name, getattr(d2l, name)) for name in d2l.__all__)

_edition = Edition("gluonrnn.editions.d2l_0_15", "*Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.")
_in_order = guard_order("gluonrnn.editions.d2l_0_15")

DotProductAttention, masked_softmax = d2l_0_11.DotProductAttention, d2l_0_11.masked_softmax
seq_data_iter_random = d2l_0_11.seq_data_iter_random
grad_clipping = _in_order(d2l_0_11.grad_clipping)


@_edition.documented(_Vocab, {"the one that appears first": "by their own order"})
class Vocab(d2l_0_11.Vocab):
    def __init__(self, tokens: Any = None, min_freq: int = 0, reserved_tokens: Any = None) -> None:
        super().__init__(tokens, min_freq, reserved_tokens)


@_edition.documented(d2l.load_corpus_time_machine)
def load_corpus_time_machine(max_tokens: int = -1) -> tuple[list[int], Any]:
    max_tokens = check_count("max_tokens", max_tokens, -1, most=None)
    return loaders.character_corpus(loaders.read_time_machine(), max_tokens, Vocab)


@_edition.documented(d2l.SeqDataLoader, {"character_corpus(": "loaders.character_corpus("})
class SeqDataLoader(d2l_0_11.SeqDataLoader):
    _load_corpus: ClassVar[Any] = staticmethod(load_corpus_time_machine)


load_data_time_machine = _in_order(
    _edition.renamed(d2l.load_data_time_machine, calls=d2l_0_11.with_vocabulary(SeqDataLoader))
)


@_edition.documented(d2l.load_data_nmt)
def load_data_nmt(batch_size: int, num_steps: int, num_examples: int = 600) -> tuple[Any, Any, Any]:
    batch_size, num_steps = check_count("batch_size", batch_size), check_count("num_steps", num_steps)
    source, target = seq2seq.tokenize_nmt(seq2seq.preprocess_nmt(seq2seq.read_data_nmt()), num_examples)
    return seq2seq.batches_nmt(source, target, batch_size, num_steps, vocab_class=Vocab)


predict_ch8 = _in_order(_edition.renamed(d2l.predict_ch8, net="model"))
train_epoch_ch8 = _in_order(_edition.renamed(d2l.train_epoch_ch8, net="model"))
train_ch8 = _in_order(_edition.renamed(d2l.train_ch8, docs={"# doctest: +ELLIPSIS": "# doctest: +SKIP"}, net="model"))
train_s2s_ch9 = _in_order(
    _edition.renamed(
        d2l.train_seq2seq,
        "train_s2s_ch9",
        docs={
            ">>> from gluonrnn import seq2seq": ">>> import mxnet as mx\n>>> from gluonrnn import seq2seq",
            "# doctest: +ELLIPSIS": "# doctest: +SKIP",
        },
        net="model",
    )
)
predict_s2s_ch9 = _edition.renamed(
    d2l.predict_seq2seq,
    "predict_s2s_ch9",
    calls=lambda *arguments: d2l.predict_seq2seq(*arguments)[0],
    without=["save_attention_weights"],
    docs={
        ", a vocabulary lacks one of those tokens, or weights are asked for that the decoder does not have.": (
            " or a vocabulary lacks one of those tokens."
        ),
        "Returns": """
            str
                The tokens of the translation, with spaces between; empty if ``<eos>`` comes first.
            """,
        "Examples": """
            >>> vocab = Vocab(["one"], reserved_tokens=["<pad>", "<bos>", "<eos>"])
            >>> model = d2l.EncoderDecoder(d2l.Seq2SeqEncoder(5, 4, 8, 1), d2l.Seq2SeqDecoder(5, 4, 8, 1))
            >>> model.initialize("zeros")
            >>> predict_s2s_ch9(model, "one one", vocab, vocab, 3, d2l.try_gpu())
            '<unk> <unk> <unk>'
            """,
    },
    net="model",
)


@_edition.documented(
    d2l.AdditiveAttention,
    {
        "Attributes": """
            W_k, W_q, v : mxnet.gluon.nn.Dense
                The weights, without biases.
            dropout : mxnet.gluon.nn.Dropout
                What drops weights.
            attention_weights : mxnet.np.ndarray, (batch_size, num_queries, num_keys)
                Those of the last call, before any was dropped.
            """,
        ">>> attention =": ">>> import mxnet as mx\n>>> attention =",
    },
    AdditiveAttention="MLPAttention",
    num_hiddens="units",
    keys="key",
    values="value",
    valid_lens="valid_len",
)
class MLPAttention(seq2seq.AdditiveAttention):
    def __init__(self, units: int, dropout: float, **kwargs: Any) -> None:
        super().__init__(check_count("units", units), dropout, **kwargs)
        self.v = self._children.pop("w_v")  # its name in files of parameters

    forward = _edition.renamed(
        seq2seq.AdditiveAttention.forward,
        "MLPAttention.forward",
        queries="query",
        keys="key",
        values="value",
        valid_lens="valid_len",
    )


def translate(
    engs: Sequence[str], fras: Sequence[str], model: Any, src_vocab: Any, tgt_vocab: Any, num_steps: int, device: Any
) -> None:
    """Translate sentences, and print each with its BLEU score for n-grams of up to two tokens.

    Parameters
    ----------
    engs, fras : list of str
        Sentences, and what their translations should be.
    model : EncoderDecoder
        A model with an ``encoder`` and a ``decoder`` that was trained.
    src_vocab : Vocab
        The vocabulary of the source, with ``<pad>`` and ``<eos>`` among its tokens.
    tgt_vocab : Vocab
        That of the target, with ``<bos>`` and ``<eos>``.
    num_steps : int
        The length that a sentence is cut or padded to, and the most tokens that are written.
    device : mxnet.Context
        Where the model lives.

    Raises
    ------
    TypeError, ValueError
        If there are not as many of both, an argument is not of its kind, or a vocabulary lacks one of
        those tokens.
    RuntimeError
        If the model was not initialised.

    References
    ----------
    *Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.

    Examples
    --------
    >>> vocab = Vocab(["one"], reserved_tokens=["<pad>", "<bos>", "<eos>"])
    >>> model = d2l.EncoderDecoder(d2l.Seq2SeqEncoder(5, 4, 8, 1), d2l.Seq2SeqDecoder(5, 4, 8, 1))
    >>> model.initialize("zeros")
    >>> translate(["one one"], ["un un"], model, vocab, vocab, 3, d2l.try_gpu())
    one one => <unk> <unk> <unk>, bleu 0.000
    """
    if not all(isinstance(lines, (list, tuple)) for lines in (engs, fras)) or len(engs) != len(fras):
        raise ValueError(
            "engs and fras must be two lists of as many sentences, but they are "
            f"{short_repr(engs)} and {short_repr(fras)}: give each sentence its translation"
        )
    for eng, fra in zip(engs, fras):
        translation = predict_s2s_ch9(model, eng, src_vocab, tgt_vocab, num_steps, device)
        print(f"{eng} => {translation}, bleu {seq2seq.bleu(translation, fra, k=2):.3f}")


def __getattr__(name: str) -> Any:
    return other_chapters.look_up(name, __name__)
