"""The edition of 2019 to 2020: `d2l` 0.11, ``import d2l``, on ``mxnet.np`` arrays.

It has names of its own, computes a few things on text in another way than `gluonrnn.d2l`, and
prints other lines. Facts are those of release 0.11.4, with the special tokens of 0.11.0; the
releases before, 0.10 to 0.10.3, are `gluonrnn.editions.d2l_0_10`.
"""

from __future__ import annotations

from typing import Any, Callable, ClassVar, Counter, Iterable, Sequence

from gluonrnn import models, plotting
from gluonrnn._arrays import np_world
from gluonrnn._checks import check_count, check_number
from gluonrnn.corpus import hub, loaders, vocab
from gluonrnn.corpus.batches import Batches, random_batches_from_offset, seq_data_iter_sequential
from gluonrnn.corpus.hub import DATA_HUB, DATA_URL, download_all
from gluonrnn.corpus.loaders import load_array
from gluonrnn.devices import try_all_gpus
from gluonrnn.editions import other_chapters
from gluonrnn.editions.d2l import PREFIXES, RNNModel, try_gpu
from gluonrnn.editions.signatures import in_order_of
from gluonrnn.editions.train_ch8 import run_epoch, train_net, write_on
from gluonrnn.plotting import set_axes, set_figsize, use_svg_display
from gluonrnn.seq2seq import (
    Decoder,
    Encoder,
    EncoderDecoder,
    MaskedSoftmaxCELoss,
    build_array,
    data,
    predict_s2s_ch9,
    read_data_nmt,
    tokenize_nmt,
    truncate_pad,
)
from gluonrnn.seq2seq import train_s2s_ch9 as _train_s2s_ch9
from gluonrnn.seq2seq.lstm import Seq2SeqDecoder, Seq2SeqEncoder
from gluonrnn.seq2seq.mlp_attention import DotProductAttention, MLPAttention, masked_softmax
from gluonrnn.training import metrics, optimizers
from gluonrnn.training.loop import printer
from gluonrnn.training.metrics import Accumulator, Timer
from gluonrnn.training.optimizers import clip, params_of
from gluonrnn.training.trainer import Callback

__all__ = [
    "DATA_HUB",
    "DATA_URL",
    "Accumulator",
    "Animator",
    "Decoder",
    "DotProductAttention",
    "Encoder",
    "EncoderDecoder",
    "MLPAttention",
    "MaskedSoftmaxCELoss",
    "RNNModel",
    "RNNModelScratch",
    "Seq2SeqDecoder",
    "Seq2SeqEncoder",
    "SeqDataLoader",
    "Timer",
    "Vocab",
    "build_array",
    "count_corpus",
    "download",
    "download_all",
    "download_extract",
    "evaluate_loss",
    "grad_clipping",
    "load_array",
    "load_corpus_time_machine",
    "load_data_nmt",
    "load_data_time_machine",
    "masked_softmax",
    "plot",
    "predict_ch8",
    "predict_s2s_ch8",
    "predict_s2s_ch9",
    "preprocess_nmt",
    "read_data_nmt",
    "read_time_machine",
    "seq_data_iter_consecutive",
    "seq_data_iter_random",
    "set_axes",
    "set_figsize",
    "sgd",
    "tokenize",
    "tokenize_nmt",
    "train_ch8",
    "train_epoch_ch8",
    "train_s2s_ch8",
    "train_s2s_ch9",
    "trim_pad",
    "truncate_pad",
    "try_all_gpus",
    "try_gpu",
    "use_svg_display",
]

trim_pad = truncate_pad  # the names of release 0.10
seq_data_iter_consecutive = seq_data_iter_sequential
sgd = in_order_of("gluonrnn.editions.d2l_0_11")(optimizers.sgd)
train_s2s_ch9 = train_s2s_ch8 = in_order_of("gluonrnn.editions.d2l_0_11")(_train_s2s_ch9)
predict_s2s_ch8 = predict_s2s_ch9


def download(name: str, cache_dir: str = "../data") -> str:
    """Return the file of a hub entry, fetched once; see `gluonrnn.d2l.download`.

    Parameters
    ----------
    name, cache_dir
        As there.

    Returns
    -------
    str
        The name of the file.

    Raises
    ------
    CorpusNotFoundError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> download("time_machine")  # doctest: +SKIP
    '../data/timemachine.txt'
    """
    return hub.download(name, cache_dir)


def download_extract(name: str, folder: str | None = None) -> str:
    """Unpack an archive of the hub; see `gluonrnn.d2l.download_extract`.

    Parameters
    ----------
    name, folder
        As there.

    Returns
    -------
    str
        The folder, with a slash at its end.

    Raises
    ------
    CorpusNotFoundError, ValueError, OSError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> download_extract("fra-eng")  # doctest: +SKIP
    '../data/fra-eng/'
    """
    return hub.download_extract(name, folder) + "/"


def count_corpus(sentences: Sequence[Sequence[Any]]) -> Counter[Any]:
    """Count the tokens of lines; see `gluonrnn.d2l.count_corpus`.

    Parameters
    ----------
    sentences : list of list of str
        The tokens of each line.

    Returns
    -------
    collections.Counter

    Raises
    ------
    TypeError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> count_corpus([["a", "b"], ["a"]])["a"]
    2
    """
    return vocab.count_corpus(sentences)


def tokenize(lines: Iterable[str], token: str = "word") -> list[list[str]]:  # noqa: S107
    """Cut each line into words or characters; see `gluonrnn.d2l.tokenize`.

    Words are what single spaces separate, so that an empty line has one word, the empty one.

    Parameters
    ----------
    lines, token
        As there.

    Returns
    -------
    list of list of str
        The tokens of each line.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> tokenize(["over and  out", ""])
    [['over', 'and', '', 'out'], ['']]
    """
    lines = list(vocab.lines_of(lines))
    cut = vocab.tokenize(lines, token)
    return [line.split(" ") for line in lines] if token == "word" else cut  # noqa: S105


class Vocab(vocab.Vocab):
    """Tokens and their indices; see `gluonrnn.d2l.Vocab`.

    Tokens of one frequency are numbered by their own order, and not by first appearance.

    Parameters
    ----------
    tokens : list of list of str
        The tokens of each line.
    min_freq : int
        Tokens that are rarer are left out.
    reserved_tokens : list of str, or bool
        Tokens that stand first, after ``<unk>``. Up to release 0.11.0 this was `use_special_tokens`,
        and so is True or False here.
    use_special_tokens : bool
        Whether ``<pad>``, ``<bos>``, ``<eos>`` and ``<unk>`` stand first, in this order.

    Attributes
    ----------
    pad, bos, eos : int
        The index of ``<pad>``, ``<bos>`` and ``<eos>``, of those that it has.

    Raises
    ------
    TypeError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition), section 8.2; `d2l` 0.11.4 and 0.11.0.

    Examples
    --------
    >>> Vocab([["b", "a", "a", "c"]], reserved_tokens=["<pad>"]).idx_to_token
    ['<unk>', '<pad>', 'a', 'b', 'c']
    >>> vocab = Vocab([["b", "a", "a", "c"]], min_freq=2, use_special_tokens=True)
    >>> vocab.idx_to_token, vocab.pad, vocab.unk
    (['<pad>', '<bos>', '<eos>', '<unk>', 'a'], 0, 3)
    """

    def __init__(
        self,
        tokens: Any,
        min_freq: int = 0,
        reserved_tokens: Any = [],  # noqa: B006
        *,
        use_special_tokens: bool = False,
    ) -> None:
        if isinstance(reserved_tokens, bool):
            reserved_tokens, use_special_tokens = (), reserved_tokens
        super().__init__(tokens, min_freq, data.RESERVED if use_special_tokens else reserved_tokens)
        if use_special_tokens:
            self._unk = len(data.RESERVED)
            first = [*data.RESERVED, "<unk>"]
            self.idx_to_token[: len(first)] = first
            self.token_to_idx.update((token, index) for index, token in enumerate(first))
        for token in self.token_to_idx.keys() & data.RESERVED:
            setattr(self, token.strip("<>"), self.token_to_idx[token])

    def _by_frequency(self, counter: Counter[Any]) -> list[tuple[Any, int]]:
        return sorted(counter.items(), key=lambda item: (-item[1], item[0]))


def read_time_machine() -> list[str]:
    """Read the lines of *The Time Machine*; see `gluonrnn.d2l.read_time_machine`.

    A line is stripped before all but its letters becomes spaces, so that one may be left at
    either end.

    Returns
    -------
    list of str
        3,221 lines of the published file, many of them empty.

    Raises
    ------
    CorpusNotFoundError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> lines = read_time_machine()  # doctest: +SKIP
    """
    with open(download("time_machine"), encoding="utf-8") as file:
        return vocab.letters_only(file, strip_first=True)


def load_corpus_time_machine(max_tokens: int = -1) -> tuple[list[int], Any]:
    """Return *The Time Machine* as indices of characters; see `gluonrnn.d2l.load_corpus_time_machine`.

    Parameters
    ----------
    max_tokens
        As there.

    Returns
    -------
    corpus : list of int
        The indices of the characters.
    vocab : Vocab
        28 tokens for the published file, whatever is kept of it.

    Raises
    ------
    CorpusNotFoundError, TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> corpus, vocab = load_corpus_time_machine(max_tokens=1000)  # doctest: +SKIP
    """
    max_tokens = check_count("max_tokens", max_tokens, -1, most=None)
    return loaders.character_corpus(read_time_machine(), max_tokens, Vocab)


def seq_data_iter_random(corpus: Sequence[int], batch_size: int, num_steps: int) -> Batches:
    """Yield examples in random order; see `gluonrnn.d2l.seq_data_iter_random`.

    Up to `num_steps` tokens are dropped at the start, one more than in the later edition.

    Parameters
    ----------
    corpus, batch_size, num_steps
        As there.

    Yields
    ------
    X, Y : mxnet.np.ndarray, each (batch_size, num_steps), float32
        Indices, and the indices one token later, on the current context.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> X, Y = next(seq_data_iter_random(range(30), batch_size=2, num_steps=5))
    >>> (Y - X).tolist()
    [[1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0]]
    """
    return random_batches_from_offset(corpus, batch_size, num_steps, largest_offset=num_steps)


class SeqDataLoader(loaders.SeqDataLoader):
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
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> train_iter = SeqDataLoader(32, 35, use_random_iter=True, max_tokens=10000)  # doctest: +SKIP
    """

    _load_corpus: ClassVar[Any] = staticmethod(load_corpus_time_machine)
    _random_iter: ClassVar[Any] = staticmethod(seq_data_iter_random)
    _sequential_iter: ClassVar[Any] = staticmethod(seq_data_iter_consecutive)


@in_order_of("gluonrnn.editions.d2l_0_11")
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
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> train_iter, vocab = load_data_time_machine(32, 35)  # doctest: +SKIP
    """
    data_iter = SeqDataLoader(batch_size, num_steps, use_random_iter, max_tokens)
    return data_iter, data_iter.vocab


class RNNModelScratch(models.RNNModelScratch):
    """A recurrent network from scratch, as a model; see `gluonrnn.RNNModelScratch`.

    It is called as that is.

    Parameters
    ----------
    vocab_size, num_hiddens : int
        Tokens, and hidden units.
    ctx : mxnet.Context
        Where the parameters live.
    get_params, init_state, forward : function
        As there; the later edition calls the last one ``forward_fn``.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> from gluonrnn import d2l
    >>> net = RNNModelScratch(7, 4, try_gpu(), d2l.get_params, d2l.init_rnn_state, d2l.rnn)
    >>> net.begin_state(2, try_gpu())[0].shape
    (2, 4)
    """

    @in_order_of("gluonrnn.editions.d2l_0_11", method_of="RNNModelScratch")
    def __init__(
        self,
        vocab_size: int,
        num_hiddens: int,
        ctx: Any,
        get_params: Callable[..., Any],
        init_state: Callable[..., Any],
        forward: Callable[..., Any],
    ) -> None:
        super().__init__(vocab_size, num_hiddens, ctx, get_params, init_state, forward)


def evaluate_loss(net: Callable[..., Any], data_iter: Iterable[Any], loss: Callable[..., Any]) -> float:
    """Return the sum of a net's losses over the number of labels; see `gluonrnn.d2l.evaluate_loss`.

    Parameters
    ----------
    net, data_iter, loss
        As there.

    Returns
    -------
    float
        The sum of all losses over the number of labels.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> import mxnet as mx
    >>> X = mx.np.array([[1.0, 2.0]])
    >>> evaluate_loss(lambda X: X, [(X, X)], lambda y_hat, y: (y_hat - y + 1) ** 2)
    1.0
    """
    return metrics.evaluate_loss(net, data_iter, loss, per_label=True)


def preprocess_nmt(text: str) -> str:
    """Lower-case a text and set its marks off by spaces; see `gluonrnn.d2l.preprocess_nmt`.

    Question marks are left as they stand.

    Parameters
    ----------
    text
        As there.

    Returns
    -------
    str

    Raises
    ------
    TypeError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> preprocess_nmt("Why not? Go!")
    'why not? go !'
    """
    return data.preprocess_nmt(text, marks=",.!")


def load_data_nmt(batch_size: int, num_steps: int, num_examples: int = 1000) -> tuple[Any, Any, Any]:
    """Load the English-French sentences in batches; see `gluonrnn.d2l.load_data_nmt`.

    Parameters
    ----------
    batch_size, num_steps, num_examples
        As there.

    Returns
    -------
    src_vocab, tgt_vocab : Vocab
        The vocabularies: words that occur three times and more.
    data_iter : mxnet.gluon.data.DataLoader
        Gives batches of X, X_valid_len, Y and Y_valid_len; Y alone has ``<bos>`` and ``<eos>``.

    Raises
    ------
    CorpusNotFoundError, TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> src_vocab, tgt_vocab, data_iter = load_data_nmt(batch_size=64, num_steps=10)  # doctest: +SKIP
    """
    return vocabularies_and_batches(batch_size, num_steps, num_examples, build_array, Vocab)


def vocabularies_and_batches(
    batch_size: int, num_steps: int, num_examples: int, build: Callable[..., Any], vocab_class: Callable[..., Any]
) -> tuple[Any, Any, Any]:
    """Load what `load_data_nmt` does, with a `build_array` and a `Vocab` that may be another edition's."""
    batch_size, num_steps = check_count("batch_size", batch_size), check_count("num_steps", num_steps)
    data_iter, src_vocab, tgt_vocab = data.batches_nmt(
        *tokenize_nmt(preprocess_nmt(read_data_nmt()), num_examples),
        batch_size,
        num_steps,
        min_freq=3,
        build_source=lambda lines, vocab, num_steps: build(lines, vocab, num_steps, True),
        build_target=lambda lines, vocab, num_steps: build(lines, vocab, num_steps, False),
        vocab_class=vocab_class,
    )
    return src_vocab, tgt_vocab, data_iter


class Animator(plotting.Animator):
    """A plot that grows point by point; see `gluonrnn.d2l.Animator`.

    Parameters
    ----------
    xlabel, ylabel, legend, xlim, ylim, xscale, yscale, nrows, ncols, figsize
        As there.
    fmts : sequence of str, optional
        How matplotlib draws each curve; a plain line by default.

    Raises
    ------
    ImportError, TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> animator = Animator(xlabel="epoch")
    >>> animator.add(1, 2.5)
    >>> animator.Y
    [[2.5]]
    """

    def __init__(
        self,
        xlabel: str | None = None,
        ylabel: str | None = None,
        legend: Any = [],  # noqa: B006
        xlim: Any = None,
        ylim: Any = None,
        xscale: str = "linear",
        yscale: str = "linear",
        fmts: Any = None,
        nrows: int = 1,
        ncols: int = 1,
        figsize: tuple[float, float] = (3.5, 2.5),
    ) -> None:
        super().__init__(xlabel, ylabel, legend, xlim, ylim, xscale, yscale, fmts or ["-"], nrows, ncols, figsize)


def plot(
    X: Any,
    Y: Any = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    legend: Any = [],  # noqa: B006
    xlim: Any = None,
    ylim: Any = None,
    xscale: str = "linear",
    yscale: str = "linear",
    fmts: Any = ["-", "m--", "g-.", "r:"],  # noqa: B006
    figsize: tuple[float, float] = (3.5, 2.5),
    axes: Any = None,
) -> None:
    """Plot one curve or several; see `gluonrnn.d2l.plot`.

    Parameters
    ----------
    X, Y, xlabel, ylabel, legend, xlim, ylim, xscale, yscale, fmts, figsize, axes
        As there.

    Raises
    ------
    ImportError, TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> plot([1, 4, 9], xlabel="n")
    """
    plotting.plot(X, Y, xlabel, ylabel, legend, xlim, ylim, xscale, yscale, fmts, figsize, axes)


@in_order_of("gluonrnn.editions.d2l_0_11")
def grad_clipping(model: Any, theta: float) -> None:
    """Scale all gradients of a model down together; see `gluonrnn.d2l.grad_clipping`.

    Parameters
    ----------
    model, theta
        As there, where `model` is `net`.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> from gluonrnn import d2l
    >>> model = RNNModelScratch(7, 4, try_gpu(), d2l.get_params, d2l.init_rnn_state, d2l.rnn)
    >>> grad_clipping(model, 1)
    """
    clip(params_of(model), check_number("theta", theta, positive=False))


@in_order_of("gluonrnn.editions.d2l_0_11")
@np_world()
def predict_ch8(prefix: Sequence[str], num_predicts: int, model: Any, vocab: Any, ctx: Any) -> str:
    """Go on from a prefix, always with the likeliest token; see `gluonrnn.d2l.predict_ch8`.

    Parameters
    ----------
    prefix, num_predicts, model, vocab, ctx
        As there, where `num_predicts` is `num_preds` and `model` is `net` and `ctx` is `device`.

    Returns
    -------
    str
        The prefix and `num_predicts` tokens, joined.

    Raises
    ------
    TypeError, ValueError, RuntimeError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> from gluonrnn import d2l
    >>> vocab = Vocab([list("over and over")])
    >>> model = RNNModelScratch(len(vocab), 4, try_gpu(), d2l.get_params, d2l.init_rnn_state, d2l.rnn)
    >>> predict_ch8("over", 0, model, vocab, try_gpu())
    'over'
    """
    return write_on(prefix, num_predicts, model, vocab, ctx)


@in_order_of("gluonrnn.editions.d2l_0_11")
@np_world()
def train_epoch_ch8(
    model: Any,
    train_iter: Iterable[Any],
    loss: Callable[[Any, Any], Any],
    updater: Callable[..., Any],
    ctx: Any,
    use_random_iter: bool,
) -> tuple[float, float]:
    """Train a model on one pass over the batches; see `gluonrnn.d2l.train_epoch_ch8`.

    Parameters
    ----------
    model, train_iter, loss, updater, ctx, use_random_iter
        As there, where `model` is `net` and `ctx` is `device`.

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
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> perplexity, speed = train_epoch_ch8(model, train_iter, loss, updater, ctx, True)  # doctest: +SKIP
    """
    return run_epoch(model, train_iter, loss, updater, ctx, use_random_iter)


@in_order_of("gluonrnn.editions.d2l_0_11")
@np_world()
def train_ch8(
    model: Any,
    train_iter: Iterable[Any],
    vocab: Any,
    lr: float,
    num_epochs: int,
    ctx: Any,
    use_random_iter: bool = False,
    *,
    prefixes: Sequence[str] = PREFIXES,
    seed: int | None = None,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
) -> None:
    """Train a model, and print what it writes on the way and at the end; see `gluonrnn.d2l.train_ch8`.

    The first epoch and every tenth after it have a point in the plot, and a sample that goes on
    from the first of `prefixes`.

    Parameters
    ----------
    model, train_iter, vocab, lr, num_epochs, ctx, use_random_iter, prefixes, seed, callback, progress, on_nonfinite
        As there, where `model` is `net` and `ctx` is `device`.

    Raises
    ------
    TypeError, ValueError, NonFiniteLossError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> train_ch8(model, train_iter, vocab, 1, 500, ctx)  # doctest: +SKIP
    """
    write = printer(progress)

    def sample() -> list[str]:
        texts = [write_on(prefix, 50, model, vocab, ctx) for prefix in prefixes[:1]]
        for text in texts:
            write(text)
        return texts

    last = train_net(
        model,
        train_iter,
        vocab,
        lr,
        num_epochs,
        ctx,
        use_random_iter,
        first_point=1,
        sample=sample,
        seed=seed,
        callback=callback,
        progress=progress,
        on_nonfinite=on_nonfinite,
        prefixes=prefixes,
    )
    write(f"Perplexity {last.perplexity:.1f}, {int(last.tokens_per_second)} tokens/sec on {ctx}")
    for prefix in prefixes:
        write(write_on(prefix, 50, model, vocab, ctx))


def __getattr__(name: str) -> Any:
    return other_chapters.look_up(name, __name__)
