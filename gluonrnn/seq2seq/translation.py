"""Translating a sentence, and comparing translations.

Source: *Dive into Deep Learning* (2020-22 edition), section 9.7 "Sequence to sequence learning";
`d2l` 0.17.6 and 0.11.4.
"""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

from gluonrnn._arrays import namespaces, using_np
from gluonrnn._checks import check_count, explain_missing_parameters, short_repr
from gluonrnn.devices import check_context
from gluonrnn.generation.decoding import decode, likeliest
from gluonrnn.seq2seq.blocks import check_sizes
from gluonrnn.seq2seq.data import index_of, truncate_pad
from gluonrnn.threads import pushing

__all__ = ["bleu", "predict_s2s_ch9", "predict_seq2seq", "translate"]


@using_np()
def translate(
    net: Any,
    src_sentence: str,
    src_vocab: Any,
    tgt_vocab: Any,
    num_steps: int,
    device: Any,
    *,
    ends_source: bool = True,
    keep_weights: bool = False,
) -> tuple[str, list[Any]]:
    """Translate a sentence, the likeliest token at each step, up to ``<eos>``.

    Parameters
    ----------
    net, src_sentence, src_vocab, tgt_vocab, num_steps, device
        As in `predict_seq2seq`.
    ends_source : bool
        Whether the encoder reads an ``<eos>`` after the sentence.
    keep_weights : bool
        Whether to keep the attention weights of each step.

    Returns
    -------
    text : str
        The tokens of the translation, with spaces between.
    attention_weights : list
        ``net.decoder.attention_weights`` after each step, that of ``<eos>`` included; empty unless
        they are kept.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As `predict_seq2seq` does.

    Examples
    --------
    >>> import mxnet as mx
    >>> from gluonrnn.seq2seq.blocks import EncoderDecoder, Seq2SeqDecoder, Seq2SeqEncoder
    >>> from gluonrnn.corpus.vocab import Vocab
    >>> vocab = Vocab(["one"], reserved_tokens=["<pad>", "<bos>", "<eos>"])
    >>> net = EncoderDecoder(Seq2SeqEncoder(5, 4, 8, 1), Seq2SeqDecoder(5, 4, 8, 1))
    >>> net.initialize(mx.init.Zero())
    >>> translate(net, "one one", vocab, vocab, 3, mx.cpu())
    ('<unk> <unk> <unk>', [])
    """
    return _translated(
        net, src_sentence, src_vocab, tgt_vocab, num_steps, device, ends_source=ends_source, keep_weights=keep_weights
    )


def _translated(
    net: Any,
    src_sentence: str,
    src_vocab: Any,
    tgt_vocab: Any,
    num_steps: int,
    device: Any,
    *,
    ends_source: bool = True,
    keep_weights: bool = False,
) -> tuple[str, list[Any]]:
    """Translate as `translate` does, on the current array type."""
    num_steps = check_count("num_steps", num_steps)
    if not hasattr(net, "encoder") or not hasattr(net, "decoder"):
        raise TypeError(
            f"net must have an encoder and a decoder, as EncoderDecoder has, but it is {short_repr(net)}: "
            "check the order of the arguments"
        )
    if not isinstance(src_sentence, str):
        raise TypeError(f"src_sentence must be a string, but it is {short_repr(src_sentence)}: pass one sentence")
    check_context("device", device)
    pad = index_of(src_vocab, "<pad>", "src_vocab")
    end = [index_of(src_vocab, "<eos>", "src_vocab")] if ends_source else []
    bos, eos = (index_of(tgt_vocab, token, "tgt_vocab") for token in ("<bos>", "<eos>"))
    check_sizes(net, src_vocab=src_vocab, tgt_vocab=tgt_vocab)
    indices = src_vocab[src_sentence.lower().split(" ")] + end
    np, _ = namespaces()
    valid_len = np.array([len(indices)], ctx=device)  # before it is cut, as in the editions
    enc_X = np.array([truncate_pad(indices, num_steps, pad)], ctx=device)
    kept: list[Any] = []

    def step(X: Any, state: Any) -> tuple[Any, Any]:
        scores, state = net.decoder(X, state)
        if keep_weights:
            kept.append(_weights_of(net.decoder))
        return scores[:, -1], state

    with explain_missing_parameters(), pushing():
        state = net.decoder.init_state(net.encoder(enc_X, valid_len), valid_len)
    output = decode(step, [bos], num_steps, device, likeliest, state=state, stop=eos)
    return " ".join(tgt_vocab.to_tokens(output[1:])), kept


def _weights_of(decoder: Any) -> Any:
    try:
        return decoder.attention_weights
    except AttributeError:
        raise TypeError(
            "save_attention_weights needs a decoder with attention_weights, as an AttentionDecoder has, but "
            f"{type(decoder).__name__} has none: leave save_attention_weights out"
        ) from None


def predict_seq2seq(
    net: Any,
    src_sentence: str,
    src_vocab: Any,
    tgt_vocab: Any,
    num_steps: int,
    device: Any,
    save_attention_weights: bool = False,
) -> tuple[str, list[Any]]:
    r"""Translate a sentence, the likeliest token at each step, up to ``<eos>``.

    Parameters
    ----------
    net : EncoderDecoder
        A net with an ``encoder`` and a ``decoder`` that was trained.
    src_sentence : str
        The sentence, in tokens with single spaces between; it is lowered, and unknown tokens
        become ``<unk>``.
    src_vocab : Vocab
        The vocabulary of the source, with ``<pad>`` and ``<eos>`` among its tokens.
    tgt_vocab : Vocab
        That of the target, with ``<bos>`` and ``<eos>``.
    num_steps : int
        The length that the sentence is cut or padded to, and the most tokens that are written.
    device : mxnet.Context
        Where the net lives.
    save_attention_weights : bool
        Whether to keep the weights that the decoder gave at each step.

    Returns
    -------
    text : str
        The tokens of the translation, with spaces between; empty if ``<eos>`` comes first.
    attention_weight_seq : list
        ``net.decoder.attention_weights`` after each step, that of ``<eos>`` included; empty unless
        they are kept.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind, a vocabulary lacks one of those tokens, or weights are
        asked for that the decoder does not have.
    RuntimeError
        If the net was not initialised.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.7; `d2l` 0.17.6.

    Examples
    --------
    >>> import mxnet as mx
    >>> from gluonrnn import seq2seq
    >>> text = seq2seq.preprocess_nmt("Go.\tVa !\nGo on.\tContinue !\nRun on.\tCours !\n" * 2)
    >>> data_iter, src_vocab, tgt_vocab = seq2seq.batches_nmt(*seq2seq.tokenize_nmt(text), batch_size=3, num_steps=4)
    >>> net = seq2seq.EncoderDecoder(
    ...     seq2seq.Seq2SeqEncoder(len(src_vocab), 8, 16, 1), seq2seq.Seq2SeqDecoder(len(tgt_vocab), 8, 16, 1)
    ... )
    >>> seq2seq.train_seq2seq(net, data_iter, 0.02, 40, tgt_vocab, mx.cpu(), seed=1)  # doctest: +ELLIPSIS
    loss 0.0..., ... tokens/sec on cpu(0)
    >>> predict_seq2seq(net, "run on .", src_vocab, tgt_vocab, 4, mx.cpu())
    ('cours !', [])
    """
    return translate(
        net, src_sentence, src_vocab, tgt_vocab, num_steps, device, keep_weights=bool(save_attention_weights)
    )


@using_np()
def predict_s2s_ch9(model: Any, src_sentence: str, src_vocab: Any, tgt_vocab: Any, num_steps: int, ctx: Any) -> str:
    """Translate a sentence as the edition of 2019 to 2020 does, which adds no ``<eos>`` to it.

    Parameters
    ----------
    model : EncoderDecoder
        A model with an ``encoder`` and a ``decoder`` that was trained.
    src_sentence, src_vocab, tgt_vocab, num_steps
        As in `predict_seq2seq`.
    ctx : mxnet.Context
        Where the model lives.

    Returns
    -------
    str
        The tokens of the translation, with spaces between; empty if ``<eos>`` comes first.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As `predict_seq2seq` does.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition), section "Sequence to sequence"; `d2l` 0.11.4.

    Examples
    --------
    >>> import mxnet as mx
    >>> from gluonrnn.seq2seq import EncoderDecoder, Seq2SeqDecoder, Seq2SeqEncoder
    >>> from gluonrnn.corpus.vocab import Vocab
    >>> vocab = Vocab(["one"], reserved_tokens=["<pad>", "<bos>", "<eos>"])
    >>> model = EncoderDecoder(Seq2SeqEncoder(5, 4, 8, 1), Seq2SeqDecoder(5, 4, 8, 1))
    >>> model.initialize(mx.init.Zero())
    >>> predict_s2s_ch9(model, "one one", vocab, vocab, 3, mx.cpu())
    '<unk> <unk> <unk>'
    """
    return _translated(model, src_sentence, src_vocab, tgt_vocab, num_steps, ctx, ends_source=False)[0]


def bleu(pred_seq: str, label_seq: str, k: int) -> float:
    r"""Return how good a translation is beside another, by the n-grams that they share.

    .. math:: \exp\left(\min\left(0, 1 - \frac{l_\mathrm{label}}{l_\mathrm{pred}}\right)\right)
              \prod_{n=1}^k p_n^{1/2^n}

    where :math:`p_n` is the share of the translation's n-grams that the other has too, each as
    often as it stands there.

    Parameters
    ----------
    pred_seq : str
        The translation, in tokens with single spaces between.
    label_seq : str
        What it should be.
    k : int
        The length of the longest n-grams.

    Returns
    -------
    float
        From 0, for nothing in common, to 1 where both are the same. A translation of fewer than
        `k` tokens has no n-gram of that length in common with anything, and scores 0.

    Raises
    ------
    TypeError
        If an argument is not of its kind.
    ValueError
        If `k` is less than 1.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.7; `d2l` 0.17.6. After Papineni et al.,
    "BLEU: a method for automatic evaluation of machine translation", 2002.

    Examples
    --------
    >>> bleu("we sing .", "we sing .", k=3), round(bleu("we sing .", "we sing today .", k=2), 3)
    (1.0, 0.603)
    """
    for name, sequence in (("pred_seq", pred_seq), ("label_seq", label_seq)):
        if not isinstance(sequence, str):
            raise TypeError(f"{name} must be a string, but it is {short_repr(sequence)}: join its tokens with spaces")
    k = check_count("k", k)
    pred, label = pred_seq.split(" "), label_seq.split(" ")
    if len(pred) < k:
        return 0.0  # d2l divides by zero here
    score = math.exp(min(0.0, 1 - len(label) / len(pred)))
    for n in range(1, k + 1):
        matches = _ngrams(pred, n) & _ngrams(label, n)
        score *= (sum(matches.values()) / (len(pred) - n + 1)) ** 0.5**n
    return score


def _ngrams(tokens: list[str], n: int) -> Counter[tuple[str, ...]]:
    return Counter(tuple(tokens[start : start + n]) for start in range(len(tokens) - n + 1))
