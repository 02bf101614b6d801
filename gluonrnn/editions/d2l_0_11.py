"""The edition of 2019 to 2020: `d2l` 0.11, ``import d2l``, on ``mxnet.np`` arrays.

It differs from `gluonrnn.d2l` in names, in how it reads and numbers a text, and in the lines that it
prints. Facts are those of release 0.11.4, with the special tokens of 0.11.0; releases 0.10 to 0.10.3
are `gluonrnn.editions.d2l_0_10`.
"""

from __future__ import annotations

import functools
from typing import Any, Callable, ClassVar, Counter, Iterable

from gluonrnn import models, plotting
from gluonrnn._arrays import using_np
from gluonrnn._checks import check_count
from gluonrnn.corpus import batches, hub, loaders, vocab
from gluonrnn.corpus.batches import seq_data_iter_sequential
from gluonrnn.corpus.hub import DATA_HUB, DATA_URL, download, download_all
from gluonrnn.corpus.loaders import character_corpus, load_array
from gluonrnn.devices import try_all_gpus
from gluonrnn.editions import d2l, other_chapters
from gluonrnn.editions.d2l import RNNModel, try_gpu
from gluonrnn.editions.declarations import Edition
from gluonrnn.editions.seq2seq_0_11 import (
    DotProductAttention,
    MLPAttention,
    Seq2SeqDecoder,
    Seq2SeqEncoder,
    masked_softmax,
)
from gluonrnn.editions.signatures import guard_order
from gluonrnn.editions.train_ch8 import generate, train_and_print, train_one_epoch
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
from gluonrnn.training import metrics, optimizers
from gluonrnn.training.metrics import Accumulator, Timer

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

_edition = Edition(
    "gluonrnn.editions.d2l_0_11",
    "*Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.",
    {
        "gluonrnn.corpus.loaders.read_time_machine": "gluonrnn.editions.d2l_0_11.read_time_machine",
        'matplotlib("pyplot")': 'plotting.display.matplotlib("pyplot")',
        "get_params, init_rnn_state, rnn": "d2l.get_params, d2l.init_rnn_state, d2l.rnn",
    },
)
_in_order = guard_order("gluonrnn.editions.d2l_0_11")

trim_pad = truncate_pad  # the names of release 0.10
seq_data_iter_consecutive = seq_data_iter_sequential
sgd = _in_order(optimizers.sgd)
train_s2s_ch9 = train_s2s_ch8 = _in_order(_train_s2s_ch9)
predict_s2s_ch8 = predict_s2s_ch9

count_corpus = _edition.renamed(vocab.count_corpus, tokens="sentences")
download_extract = _edition.renamed(
    hub.download_extract,
    calls=lambda name, folder: hub.download_extract(name, folder) + "/",
    docs={
        "The name of that folder.": "The name of that folder, with a slash at its end.",
        "Examples": """
            >>> download_extract("fra-eng")  # doctest: +SKIP
            '../data/fra-eng/'
            """,
    },
)
preprocess_nmt = _edition.renamed(
    data.preprocess_nmt,
    calls=functools.partial(data.preprocess_nmt, marks=",.!"),
    without=["marks"],
    docs={
        "set a space before each mark of punctuation": "set a space before each full stop, comma and exclamation mark",
        "Examples": """
            >>> preprocess_nmt("Why not? Go!")
            'why not? go !'
            """,
    },
)
evaluate_loss = _edition.renamed(
    metrics.evaluate_loss,
    calls=functools.partial(metrics.evaluate_loss, per_label=True),
    without=["per_label"],
    docs={
        "The sum of all losses over their number.": "The sum of all losses over the number of labels.",
        "Examples": """
            >>> import mxnet as mx
            >>> X = mx.np.array([[1.0, 2.0]])
            >>> evaluate_loss(lambda X: X, [(X, X)], lambda y_hat, y: (y_hat - y + 1) ** 2)
            1.0
            """,
    },
)
plot = _edition.renamed(plotting.plot, defaults={"legend": [], "fmts": ["-", "m--", "g-.", "r:"]})


def tokenize(lines: Iterable[str], token: str = "word") -> list[list[str]]:  # noqa: S107
    """Cut each line into words or into characters; words are what single spaces separate.

    An empty line has therefore one word, the empty one.

    Parameters
    ----------
    lines : iterable of str
        The lines of a text.
    token : {"word", "char"}
        What to cut them into.

    Returns
    -------
    list of list of str
        The tokens of each line.

    Raises
    ------
    TypeError
        If `lines` is one string, or no list of strings.
    ValueError
        If `token` is neither. (The book's function prints a line and returns None.)

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
    """The tokens of a text, numbered from the most frequent to the rarest, and of one frequency in their own order.

    Index 0 is the unknown token ``<unk>``, and the reserved tokens follow it; or with
    `use_special_tokens`, ``<pad>``, ``<bos>``, ``<eos>`` and ``<unk>`` stand first, in this order.

    Parameters
    ----------
    tokens : list of list of str
        The tokens of each line.
    min_freq : int
        Tokens that are rarer are left out.
    reserved_tokens : list of str, or bool
        Tokens that have a place whether or not the text holds them. Up to release 0.11.0 this was
        `use_special_tokens`, and so is True or False here.
    use_special_tokens : bool
        Whether the four special tokens stand first.

    Attributes
    ----------
    idx_to_token : list
        The token of each index.
    token_to_idx : dict
        The index of each token.
    pad, bos, eos : int
        The index of ``<pad>``, ``<bos>`` and ``<eos>``, of those that it has.

    Raises
    ------
    TypeError
        If the tokens cannot be counted, `reserved_tokens` is no list, or `min_freq` no number.

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
    """Read the lines of *The Time Machine*, in lower-case letters, with one space for whatever stands between.

    A line is stripped before all but its letters becomes spaces, so that one may be left at
    either end.

    Returns
    -------
    list of str
        3,221 lines of the published file, many of them empty.

    Raises
    ------
    CorpusNotFoundError
        If the file is nowhere and cannot be fetched, see `download`.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition); `d2l` 0.11.4.

    Examples
    --------
    >>> lines = read_time_machine()  # doctest: +SKIP
    """
    with open(hub.download("time_machine"), encoding="utf-8") as file:
        return vocab.letters_only(file, strip_first=True)


@_edition.documented(loaders.load_corpus_time_machine)
def load_corpus_time_machine(max_tokens: int = -1) -> tuple[list[int], Any]:
    max_tokens = check_count("max_tokens", max_tokens, -1, most=None)
    return character_corpus(read_time_machine(), max_tokens, Vocab)


seq_data_iter_random = _edition.renamed(
    batches.seq_data_iter_random,
    calls=lambda corpus, batch_size, num_steps: batches.random_batches_from_offset(
        corpus, batch_size, num_steps, largest_offset=num_steps
    ),
    docs={
        "``num_steps - 1``": "`num_steps`",
        "Examples": """
            >>> X, Y = next(seq_data_iter_random(range(30), batch_size=2, num_steps=5))
            >>> (Y - X).tolist()
            [[1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0]]
            """,
    },
)


@_edition.documented(loaders.SeqDataLoader)
class SeqDataLoader(loaders.SeqDataLoader):
    _load_corpus: ClassVar[Any] = staticmethod(load_corpus_time_machine)
    _random_iter: ClassVar[Any] = staticmethod(seq_data_iter_random)
    _sequential_iter: ClassVar[Any] = staticmethod(seq_data_iter_consecutive)


def with_vocabulary(loader: Callable[..., Any]) -> Callable[..., tuple[Any, Any]]:
    """Return a function that makes a `SeqDataLoader` and returns it with its vocabulary."""

    def load(*arguments: Any) -> tuple[Any, Any]:
        data_iter = loader(*arguments)
        return data_iter, data_iter.vocab

    return load


load_data_time_machine = _in_order(
    _edition.renamed(loaders.load_data_time_machine, calls=with_vocabulary(SeqDataLoader))
)


@_edition.documented(models.RNNModelScratch, device="ctx", forward_fn="forward")
class RNNModelScratch(models.RNNModelScratch):
    __init__ = _in_order(_edition.renamed(models.RNNModelScratch.__init__, device="ctx", forward_fn="forward"))


grad_clipping = _in_order(_edition.renamed(d2l.grad_clipping, net="model"))
predict_ch8 = _in_order(
    _edition.renamed(d2l.predict_ch8, calls=using_np()(generate), net="model", num_preds="num_predicts", device="ctx")
)
train_epoch_ch8 = _in_order(
    _edition.renamed(d2l.train_epoch_ch8, calls=using_np()(train_one_epoch), net="model", device="ctx")
)
train_with_samples = functools.partial(
    train_and_print,
    first_point=1,
    sampling=True,
    line=lambda last: f"Perplexity {last.perplexity:.1f}, {int(last.tokens_per_second)}",
)
train_ch8 = _in_order(
    _edition.renamed(
        d2l.train_ch8,
        calls=using_np()(train_with_samples),
        docs={
            "": """
            Train a model, and print what it writes on the way and at the end, its perplexity and its speed.

            At the first epoch and at every tenth after it, perplexity is plotted and a sample printed, which
            goes on from the first of `prefixes`. In a notebook the plot is live; in a script it is pyplot's
            current figure, to be saved. Gradients are clipped at a norm of 1.
            """,
            "samples being empty": "samples being those just printed",
            "Examples": """
            >>> vocab = Vocab([list("over and over ")])
            >>> batches = [next(seq_data_iter_consecutive(vocab[list("over and over " * 9)], 4, 7))]
            >>> model = RNNModelScratch(len(vocab), 16, try_gpu(), d2l.get_params, d2l.init_rnn_state, d2l.rnn)
            >>> train_ch8(model, batches, vocab, 1, 2, try_gpu(), prefixes=["over"])  # doctest: +ELLIPSIS
            over...
            Perplexity ..., ... tokens/sec on cpu(0)
            over...
            """,
        },
        net="model",
        device="ctx",
    )
)


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


load_data_nmt = _edition.renamed(
    d2l.load_data_nmt,
    calls=functools.partial(vocabularies_and_batches, build=build_array, vocab_class=Vocab),
    defaults={"num_examples": 1000},
    docs={
        "Returns": """
            src_vocab, tgt_vocab : Vocab
                The vocabularies: words that occur three times and more, after ``<unk>``, ``<pad>``, ``<bos>``
                and ``<eos>``.
            data_iter : mxnet.gluon.data.DataLoader
                Gives batches of X (batch_size, num_steps), X_valid_len (batch_size,), Y and Y_valid_len; Y alone
                has ``<bos>`` and ``<eos>``.
            """,
        "data_iter, src_vocab, tgt_vocab =": "src_vocab, tgt_vocab, data_iter =",
    },
)


@_edition.documented(plotting.Animator, {"the first again.": "the first again; plain lines by default."})
class Animator(plotting.Animator):
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


def __getattr__(name: str) -> Any:
    return other_chapters.look_up(name, __name__)
