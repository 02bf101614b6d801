"""The edition between two: `d2l` 0.15 of 2020, ``from d2l import mxnet as d2l``, on ``mxnet.np`` arrays.

It is `gluonrnn.d2l`, with ``model`` for what is called ``net`` there, the older names of
translation and attention, and the vocabulary and the random batches of `gluonrnn.editions.d2l_0_11`.
Facts are those of release 0.15.1. All names of `gluonrnn.d2l` are here, also those that came after
it, for documents that were written between two releases.
"""

from __future__ import annotations

from typing import Any, Callable, ClassVar, Iterable, Sequence

from gluonrnn import seq2seq
from gluonrnn._checks import check_count, shown
from gluonrnn.corpus import loaders
from gluonrnn.editions import d2l, d2l_0_11, other_chapters
from gluonrnn.editions.signatures import in_order_of
from gluonrnn.seq2seq.training import Callback as TranslatorCallback
from gluonrnn.training.trainer import Callback

# what is not in this module is that of gluonrnn.d2l, see __getattr__
__all__ = sorted({*d2l.__all__, "MLPAttention", "predict_s2s_ch9", "train_s2s_ch9", "translate"})
_EDITION = "gluonrnn.editions.d2l_0_15"

DotProductAttention, masked_softmax = d2l_0_11.DotProductAttention, d2l_0_11.masked_softmax
seq_data_iter_random = d2l_0_11.seq_data_iter_random
grad_clipping = in_order_of(_EDITION)(d2l_0_11.grad_clipping)


class Vocab(d2l_0_11.Vocab):
    """Tokens and their indices; see `gluonrnn.d2l.Vocab`.

    Tokens of one frequency are numbered by their own order, and not by first appearance.

    Parameters
    ----------
    tokens, min_freq, reserved_tokens
        As there.

    Raises
    ------
    TypeError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.

    Examples
    --------
    >>> Vocab(["b", "a", "a", "c"], reserved_tokens=["<pad>"]).idx_to_token
    ['<unk>', '<pad>', 'a', 'b', 'c']
    """

    def __init__(self, tokens: Any = None, min_freq: int = 0, reserved_tokens: Any = None) -> None:
        super().__init__(tokens, min_freq, reserved_tokens)


def load_corpus_time_machine(max_tokens: int = -1) -> tuple[list[int], Any]:
    """Return *The Time Machine* as indices of characters; see `gluonrnn.d2l.load_corpus_time_machine`.

    Parameters
    ----------
    max_tokens
        As there.

    Returns
    -------
    corpus : list of int
        170,580 indices for the whole published file.
    vocab : Vocab
        28 tokens for the published file, whatever is kept of it.

    Raises
    ------
    CorpusNotFoundError, TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.

    Examples
    --------
    >>> corpus, vocab = load_corpus_time_machine(max_tokens=1000)  # doctest: +SKIP
    """
    max_tokens = check_count("max_tokens", max_tokens, -1, most=None)
    return loaders.character_corpus(loaders.read_time_machine(), max_tokens, Vocab)


class SeqDataLoader(d2l_0_11.SeqDataLoader):
    """*The Time Machine* in batches; see `gluonrnn.d2l.SeqDataLoader`.

    Parameters
    ----------
    batch_size, num_steps, use_random_iter, max_tokens
        As there.

    Raises
    ------
    CorpusNotFoundError, TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.

    Examples
    --------
    >>> train_iter = SeqDataLoader(32, 35, use_random_iter=True, max_tokens=10000)  # doctest: +SKIP
    """

    _load_corpus: ClassVar[Any] = staticmethod(load_corpus_time_machine)


@in_order_of(_EDITION)
def load_data_time_machine(
    batch_size: int, num_steps: int, use_random_iter: bool = False, max_tokens: int = 10000
) -> tuple[SeqDataLoader, Any]:
    """Return *The Time Machine* in batches, and its vocabulary; see `gluonrnn.d2l.load_data_time_machine`.

    Parameters
    ----------
    batch_size, num_steps, use_random_iter, max_tokens
        As there.

    Returns
    -------
    data_iter : SeqDataLoader
        Gives the batches of an epoch each time it is gone through.
    vocab : Vocab
        28 tokens for the published file.

    Raises
    ------
    CorpusNotFoundError, TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.

    Examples
    --------
    >>> train_iter, vocab = load_data_time_machine(32, 35)  # doctest: +SKIP
    """
    data_iter = SeqDataLoader(batch_size, num_steps, use_random_iter, max_tokens)
    return data_iter, data_iter.vocab


def load_data_nmt(batch_size: int, num_steps: int, num_examples: int = 600) -> tuple[Any, Any, Any]:
    """Load the English-French sentences in batches; see `gluonrnn.d2l.load_data_nmt`.

    Parameters
    ----------
    batch_size, num_steps, num_examples
        As there.

    Returns
    -------
    data_iter : mxnet.gluon.data.DataLoader
        Gives batches of X (batch_size, num_steps), X_valid_len (batch_size,), Y and Y_valid_len.
    src_vocab, tgt_vocab : Vocab
        The vocabularies: words that occur twice and more, after ``<unk>``, ``<pad>``, ``<bos>``
        and ``<eos>``.

    Raises
    ------
    CorpusNotFoundError, TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.

    Examples
    --------
    >>> data_iter, src_vocab, tgt_vocab = load_data_nmt(batch_size=64, num_steps=10)  # doctest: +SKIP
    """
    batch_size, num_steps = check_count("batch_size", batch_size), check_count("num_steps", num_steps)
    source, target = seq2seq.tokenize_nmt(seq2seq.preprocess_nmt(seq2seq.read_data_nmt()), num_examples)
    return seq2seq.batches_nmt(source, target, batch_size, num_steps, vocab_class=Vocab)


@in_order_of(_EDITION)
def predict_ch8(prefix: Sequence[str], num_preds: int, model: Any, vocab: Any, device: Any) -> str:
    """Go on from a prefix, always with the likeliest token; see `gluonrnn.d2l.predict_ch8`.

    Parameters
    ----------
    prefix, num_preds, model, vocab, device
        As there, where `model` is `net`.

    Returns
    -------
    str
        The prefix and `num_preds` tokens, joined.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.

    Examples
    --------
    >>> vocab = Vocab(list("over and over"))
    >>> model = d2l.RNNModelScratch(len(vocab), 4, d2l.try_gpu(), d2l.get_params, d2l.init_rnn_state, d2l.rnn)
    >>> predict_ch8("over", 0, model, vocab, d2l.try_gpu())
    'over'
    """
    return d2l.predict_ch8(prefix, num_preds, model, vocab, device)


@in_order_of(_EDITION)
def train_epoch_ch8(
    model: Any,
    train_iter: Iterable[Any],
    loss: Callable[[Any, Any], Any],
    updater: Callable[..., Any],
    device: Any,
    use_random_iter: bool,
) -> tuple[float, float]:
    """Train a model on one pass over the batches; see `gluonrnn.d2l.train_epoch_ch8`.

    Parameters
    ----------
    model, train_iter, loss, updater, device, use_random_iter
        As there, where `model` is `net`.

    Returns
    -------
    perplexity : float
        exp(mean loss per token).
    speed : float
        Tokens per second.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.

    Examples
    --------
    >>> perplexity, speed = train_epoch_ch8(model, train_iter, loss, updater, device, True)  # doctest: +SKIP
    """
    return d2l.train_epoch_ch8(model, train_iter, loss, updater, device, use_random_iter)


@in_order_of(_EDITION)
def train_ch8(
    model: Any,
    train_iter: Iterable[Any],
    vocab: Any,
    lr: float,
    num_epochs: int,
    device: Any,
    use_random_iter: bool = False,
    *,
    prefixes: Sequence[str] = d2l.PREFIXES,
    seed: int | None = None,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
) -> None:
    """Train a model, and print what it writes after two prefixes; see `gluonrnn.d2l.train_ch8`.

    Parameters
    ----------
    model, train_iter, vocab, lr, num_epochs, device, use_random_iter, prefixes, seed, callback, progress, on_nonfinite
        As there, where `model` is `net`.

    Raises
    ------
    TypeError, ValueError, NonFiniteLossError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.

    Examples
    --------
    >>> train_ch8(model, train_iter, vocab, 1, 500, device)  # doctest: +SKIP
    """
    d2l.train_ch8(
        model,
        train_iter,
        vocab,
        lr,
        num_epochs,
        device,
        use_random_iter,
        prefixes=prefixes,
        seed=seed,
        callback=callback,
        progress=progress,
        on_nonfinite=on_nonfinite,
    )


class MLPAttention(seq2seq.AdditiveAttention):
    """What is `gluonrnn.d2l.AdditiveAttention` later on; that of release 0.11 computes otherwise.

    Parameters
    ----------
    units : int
        Hidden units of the network that scores.
    dropout, **kwargs
        As there.

    Attributes
    ----------
    W_k, W_q, v : mxnet.gluon.nn.Dense
        The weights, without biases.

    Raises
    ------
    TypeError, ValueError
        If `units` is not a positive whole number, or `dropout` does not lie in [0, 1].

    References
    ----------
    *Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.

    Examples
    --------
    >>> from mxnet import np
    >>> layer = MLPAttention(units=8, dropout=0.1)
    >>> layer.initialize()
    >>> key, value = np.ones((2, 4, 3)), np.array([[[1, 10], [3, 30], [5, 50], [7, 70]]] * 2)
    >>> layer(np.ones((2, 1, 5)), key, value, np.array([2, 4])).tolist()
    [[[2.0, 20.0]], [[4.0, 40.0]]]
    """

    def __init__(self, units: int, dropout: float, **kwargs: Any) -> None:
        super().__init__(check_count("units", units), dropout, **kwargs)
        self.v = self._children.pop("w_v")  # its name in files of parameters

    def forward(self, query: Any, key: Any, value: Any, valid_len: Any) -> Any:
        """Return the average of the values for each query, as the class above it does.

        Parameters
        ----------
        query : mxnet.np.ndarray, (batch_size, num_queries, query_size)
            What is looked for.
        key : mxnet.np.ndarray, (batch_size, num_keys, key_size)
            What is compared with it.
        value : mxnet.np.ndarray, (batch_size, num_keys, value_size)
            What is averaged.
        valid_len : mxnet.np.ndarray or None
            As in `masked_softmax`.

        Returns
        -------
        mxnet.np.ndarray, (batch_size, num_queries, value_size), float32
        """
        return super().forward(query, key, value, valid_len)


@in_order_of(_EDITION)
def train_s2s_ch9(
    model: Any,
    data_iter: Iterable[Any],
    lr: float,
    num_epochs: int,
    tgt_vocab: Any,
    device: Any,
    *,
    seed: int | None = None,
    callback: TranslatorCallback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
) -> None:
    """Train an encoder and a decoder, and print loss and speed; see `gluonrnn.d2l.train_seq2seq`.

    Parameters
    ----------
    model, data_iter, lr, num_epochs, tgt_vocab, device, seed, callback, progress, on_nonfinite
        As there, where `model` is `net`.

    Raises
    ------
    TypeError, ValueError, NonFiniteLossError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.

    Examples
    --------
    >>> train_s2s_ch9(model, data_iter, 0.005, 300, tgt_vocab, device)  # doctest: +SKIP
    """
    d2l.train_seq2seq(
        model,
        data_iter,
        lr,
        num_epochs,
        tgt_vocab,
        device,
        seed=seed,
        callback=callback,
        progress=progress,
        on_nonfinite=on_nonfinite,
    )


def predict_s2s_ch9(model: Any, src_sentence: str, src_vocab: Any, tgt_vocab: Any, num_steps: int, device: Any) -> str:
    """Translate a sentence; see `gluonrnn.d2l.predict_seq2seq`, which returns weights, too.

    Parameters
    ----------
    model, src_sentence, src_vocab, tgt_vocab, num_steps, device
        As there, where `model` is `net`.

    Returns
    -------
    str
        The tokens of the translation, with spaces between; empty if ``<eos>`` comes first.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2020 edition); `d2l` 0.15.1.

    Examples
    --------
    >>> predict_s2s_ch9(model, "go .", src_vocab, tgt_vocab, 10, device)  # doctest: +SKIP
    'va !'
    """
    return d2l.predict_seq2seq(model, src_sentence, src_vocab, tgt_vocab, num_steps, device)[0]


def translate(
    engs: Sequence[str], fras: Sequence[str], model: Any, src_vocab: Any, tgt_vocab: Any, num_steps: int, device: Any
) -> None:
    """Translate sentences, and print each with its BLEU score for n-grams of up to two tokens.

    Parameters
    ----------
    engs, fras : list of str
        Sentences, and what their translations should be.
    model, src_vocab, tgt_vocab, num_steps, device
        As in `gluonrnn.d2l.predict_seq2seq`.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        If there are not as many of both, and as `gluonrnn.d2l.predict_seq2seq` does.

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
            f"{shown(engs)} and {shown(fras)}: give each sentence its translation"
        )
    for eng, fra in zip(engs, fras):
        translation = predict_s2s_ch9(model, eng, src_vocab, tgt_vocab, num_steps, device)
        print(f"{eng} => {translation}, bleu {seq2seq.bleu(translation, fra, k=2):.3f}")


def __getattr__(name: str) -> Any:
    return getattr(d2l, name) if name in d2l.__all__ else other_chapters.look_up(name, __name__)
