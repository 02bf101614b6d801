"""The edition of 2020 to 2022: `d2l.mxnet` 0.16 to 0.17.6, on ``mxnet.np`` arrays.

``from gluonrnn import d2l`` stands in for ``from d2l import mxnet as d2l`` in the recurrent
chapters. Names, parameters and printed lines are that package's; what is added is keyword-only,
and off. The cells that the chapters define themselves are here too.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, Sequence

from gluonrnn import models
from gluonrnn._arrays import using_np
from gluonrnn._checks import check_number
from gluonrnn.corpus import loaders
from gluonrnn.corpus.batches import seq_data_iter_random, seq_data_iter_sequential
from gluonrnn.corpus.hub import DATA_HUB, DATA_URL, download, download_all, download_extract
from gluonrnn.corpus.loaders import (
    SeqDataLoader,
    load_array,
    load_corpus_time_machine,
    read_time_machine,
)
from gluonrnn.corpus.vocab import Vocab, count_corpus, tokenize
from gluonrnn.devices import gpu_or_cpu, try_all_gpus
from gluonrnn.editions import numpy_names, other_chapters
from gluonrnn.editions.numpy_names import *  # noqa: F403
from gluonrnn.editions.signatures import guard_order
from gluonrnn.editions.train_ch8 import generate, train_and_print, train_one_epoch
from gluonrnn.models import layers
from gluonrnn.models.np_cells import (
    get_gru_params,
    get_lstm_params,
    get_params,
    gru,
    init_gru_state,
    init_lstm_state,
    init_rnn_state,
    lstm,
    rnn,
)
from gluonrnn.plotting import (
    Animator,
    plot,
    set_axes,
    set_figsize,
    show_heatmaps,
    show_list_len_pair_hist,
    use_svg_display,
)
from gluonrnn.seq2seq import (
    AdditiveAttention,
    AttentionDecoder,
    Decoder,
    DotProductAttention,
    Encoder,
    EncoderDecoder,
    MaskedSoftmaxCELoss,
    Seq2SeqDecoder,
    Seq2SeqEncoder,
    bleu,
    build_array_nmt,
    load_data_nmt,
    masked_softmax,
    predict_seq2seq,
    preprocess_nmt,
    read_data_nmt,
    tokenize_nmt,
    truncate_pad,
)
from gluonrnn.seq2seq import train_seq2seq as _train_seq2seq
from gluonrnn.training import optimizers
from gluonrnn.training.metrics import Accumulator, Timer, evaluate_loss
from gluonrnn.training.optimizers import clip, params_of
from gluonrnn.training.trainer import Callback

__all__ = [
    *numpy_names.__all__,
    "Accumulator",
    "AdditiveAttention",
    "Animator",
    "AttentionDecoder",
    "DATA_HUB",
    "DATA_URL",
    "Decoder",
    "DotProductAttention",
    "Encoder",
    "EncoderDecoder",
    "MaskedSoftmaxCELoss",
    "RNNModel",
    "RNNModelScratch",
    "Seq2SeqDecoder",
    "Seq2SeqEncoder",
    "SeqDataLoader",
    "Timer",
    "Vocab",
    "bleu",
    "build_array_nmt",
    "count_corpus",
    "download",
    "download_all",
    "download_extract",
    "evaluate_loss",
    "get_gru_params",
    "get_lstm_params",
    "get_params",
    "grad_clipping",
    "gru",
    "init_gru_state",
    "init_lstm_state",
    "init_rnn_state",
    "load_array",
    "load_corpus_time_machine",
    "load_data_nmt",
    "load_data_time_machine",
    "lstm",
    "masked_softmax",
    "plot",
    "predict_ch8",
    "predict_seq2seq",
    "preprocess_nmt",
    "read_data_nmt",
    "read_time_machine",
    "rnn",
    "seq_data_iter_random",
    "seq_data_iter_sequential",
    "set_axes",
    "set_figsize",
    "sgd",
    "show_heatmaps",
    "show_list_len_pair_hist",
    "tokenize",
    "tokenize_nmt",
    "train_ch8",
    "train_epoch_ch8",
    "train_seq2seq",
    "truncate_pad",
    "try_all_gpus",
    "try_gpu",
    "use_svg_display",
]

_in_order = guard_order("gluonrnn.d2l")

load_data_time_machine = _in_order(loaders.load_data_time_machine)
sgd = _in_order(optimizers.sgd)
train_seq2seq = _in_order(_train_seq2seq)

PREFIXES = ("time traveller", "traveller")


def try_gpu(i: int = 0) -> Any:
    """Return GPU `i` if it is there and works, or the CPU.

    Parameters
    ----------
    i : int
        The number of the GPU, counted from 0.

    Returns
    -------
    mxnet.Context

    Raises
    ------
    TypeError, ValueError
        If `i` is not a whole number from 0 up.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 5.6 "GPUs"; `d2l` 0.17.6.

    Examples
    --------
    >>> try_gpu(99)
    cpu(0)
    """
    return gpu_or_cpu(i)


class RNNModelScratch(models.RNNModelScratch):
    __doc__ = models.RNNModelScratch.__doc__
    __init__ = _in_order(models.RNNModelScratch.__init__)


class RNNModel(layers.RNNModel):
    """A language model over one of Gluon's recurrent layers, on ``mxnet.np`` arrays.

    It is called as `gluonrnn.RNNModel` is.

    Parameters
    ----------
    rnn_layer : mxnet.gluon.rnn.RNN, GRU or LSTM
        The recurrent layer, of any depth, in the default layout ``"TNC"``.
    vocab_size : int
        The number of tokens, and so of inputs and outputs.
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    Raises
    ------
    TypeError, ValueError
        If `rnn_layer` is no recurrent layer, or of another layout, or `vocab_size` is not a positive
        whole number.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 8.6; `d2l` 0.17.6.

    Examples
    --------
    >>> import mxnet as mx
    >>> net = RNNModel(mx.gluon.rnn.GRU(4), vocab_size=7)
    >>> net.initialize()
    >>> scores, state = net(tensor([[1, 5, 6], [0, 2, 4]]), net.begin_state(batch_size=2))
    >>> scores.shape, state[0].shape
    ((6, 7), (1, 2, 4))
    """

    _np = True


@_in_order
def grad_clipping(net: Any, theta: float) -> None:
    r"""Scale all gradients of a model down together, in place, so that their norm is at most `theta`.

    .. math:: g \leftarrow \min\left(\frac{\theta}{\lVert g \rVert}, 1\right) g

    Parameters
    ----------
    net : Gluon block or RNNModelScratch
        A model after ``backward()``; frozen parameters are left out.
    theta : float
        The most that the L2 norm, over all parameters together, may be.

    Raises
    ------
    TypeError, ValueError
        If `net` has no parameters, or `theta` is no number from 0 up.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 8.5; `d2l` 0.17.6.

    Examples
    --------
    >>> net = RNNModelScratch(7, 4, try_gpu(), get_params, init_rnn_state, rnn)
    >>> for param in net.params:
    ...     param.grad[:] = 1
    >>> grad_clipping(net, 1)
    >>> round(sum(float((param.grad**2).sum()) for param in net.params), 5)
    1.0
    """
    clip(params_of(net), check_number("theta", theta, positive=False))


@_in_order
@using_np()
def predict_ch8(prefix: Sequence[str], num_preds: int, net: Any, vocab: Any, device: Any) -> str:
    """Go on from a prefix, always with the likeliest token.

    Parameters
    ----------
    prefix : str, or list of str for tokens that are words
        The text to start from; a token that the vocabulary does not hold becomes ``<unk>``.
    num_preds : int
        How many tokens to add.
    net : RNNModelScratch, RNNModel, or any model of that kind
        ``net(X, state) -> (Y, state)`` with ``begin_state(batch_size, ctx)``.
    vocab : Vocab
        The tokens, with as many as `net` has.
    device : mxnet.Context
        Where the model lives.

    Returns
    -------
    str
        The prefix and `num_preds` tokens, joined.

    Raises
    ------
    TypeError, ValueError
        If the prefix is empty, an argument is not of its kind, or `vocab` is of another size.
    RuntimeError
        If the model was not initialised.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 8.5; `d2l` 0.17.6.

    Examples
    --------
    >>> vocab = Vocab(list("over and over"))
    >>> net = RNNModelScratch(len(vocab), 4, try_gpu(), get_params, init_rnn_state, rnn)
    >>> text = predict_ch8("over", 5, net, vocab, try_gpu())
    >>> text[:4], len(vocab[list(text[:4])])
    ('over', 4)
    """
    return generate(prefix, num_preds, net, vocab, device)


@_in_order
@using_np()
def train_epoch_ch8(
    net: Any,
    train_iter: Iterable[Any],
    loss: Callable[[Any, Any], Any],
    updater: Callable[..., Any],
    device: Any,
    use_random_iter: bool,
) -> tuple[float, float]:
    """Train a model on one pass over the batches, with a loss and an updater of one's own.

    Parameters
    ----------
    net : RNNModelScratch, RNNModel, or any model of that kind
        An initialised model.
    train_iter : iterable of (X, Y)
        Indices (batch_size, num_steps), and the same one token later, ``mxnet.np`` arrays.
    loss : function
        From scores and labels to the loss of each token, such as
        ``gluon.loss.SoftmaxCrossEntropyLoss()``; its mean is differentiated.
    updater : function or gluon.Trainer
        Called as ``updater(batch_size=1)`` after the gradients were clipped at a norm of 1.
    device : mxnet.Context
        Where to train.
    use_random_iter : bool
        Whether the state begins anew with each batch, or goes on from the last.

    Returns
    -------
    perplexity : float
        exp(mean loss per token).
    speed : float
        Tokens per second.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind, there is no batch, or a batch does not fit `net`.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 8.5; `d2l` 0.17.6.

    Examples
    --------
    >>> from mxnet import gluon
    >>> net = RNNModelScratch(7, 4, try_gpu(), get_params, init_rnn_state, rnn)
    >>> perplexity, speed = train_epoch_ch8(
    ...     net,
    ...     seq_data_iter_sequential([1, 2, 3, 4, 5, 6] * 9, batch_size=2, num_steps=5),
    ...     gluon.loss.SoftmaxCrossEntropyLoss(),
    ...     lambda batch_size: sgd(net.params, 1, batch_size),
    ...     try_gpu(),
    ...     use_random_iter=False,
    ... )
    >>> 1 < perplexity < 8, speed > 0
    (True, True)
    """
    return train_one_epoch(net, train_iter, loss, updater, device, use_random_iter)


@_in_order
@using_np()
def train_ch8(
    net: Any,
    train_iter: Iterable[Any],
    vocab: Any,
    lr: float,
    num_epochs: int,
    device: Any,
    use_random_iter: bool = False,
    *,
    prefixes: Sequence[str] = PREFIXES,
    seed: int | None = None,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
) -> None:
    """Train a model, and print perplexity, speed, and what it writes after two prefixes.

    The perplexity of every tenth epoch is plotted: live in a notebook; in a script the plot is
    pyplot's current figure, to be saved. Gradients are clipped at a norm of 1.

    Parameters
    ----------
    net : RNNModelScratch, RNNModel, or any model of that kind
        A Gluon block is initialised anew (normal, standard deviation 0.01); a scratch model goes
        on from the parameters it has.
    train_iter : iterable of (X, Y)
        Indices (batch_size, num_steps), and the same one token later, ``mxnet.np`` arrays; it begins
        anew each time it is gone through, as a `SeqDataLoader` does.
    vocab : Vocab
        The tokens, with as many as `net` has.
    lr : float
        The learning rate.
    num_epochs : int
        Passes over the text.
    device : mxnet.Context
        Where to train.
    use_random_iter : bool
        Whether the batches are of random sampling, and the state begins anew with each.
    prefixes : sequence of str
        What is printed at the end goes on from each of these.
    seed : int, optional
        Seeds Python, NumPy and MXNet first; a scratch model has its parameters by then.
    callback : function, optional
        Called after each epoch as ``callback(epoch, perplexity, seconds, samples)``, samples being
        empty; to end the training there, it raises `StopTraining` or returns True.
    progress : bool
        Whether to show a progress bar on stderr.
    on_nonfinite : {"warn", "raise", "ignore"}
        What to do at the first loss that is NaN or infinite: warn once and go on as the book
        does, stop, or nothing.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind, `vocab` is of another size than `net`, the batches are
        of ``mxnet.nd``, there are none, or one does not fit `net`.
    NonFiniteLossError
        With ``on_nonfinite="raise"``.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 8.5; `d2l` 0.17.6.

    Examples
    --------
    >>> import gluonrnn
    >>> gluonrnn.seed(1)
    >>> vocab = Vocab(list("over and over "))
    >>> class Batches:
    ...     def __iter__(self):
    ...         return seq_data_iter_sequential(vocab[list("over and over " * 20)], batch_size=4, num_steps=7)
    >>> net = RNNModelScratch(len(vocab), 16, try_gpu(), get_params, init_rnn_state, rnn)
    >>> train_ch8(net, Batches(), vocab, 2, 80, try_gpu(), prefixes=["over"])  # doctest: +ELLIPSIS
    perplexity 1..., ... tokens/sec on cpu(0)
    over and over...and over...
    """
    train_and_print(
        net,
        train_iter,
        vocab,
        lr,
        num_epochs,
        device,
        use_random_iter,
        first_point=10,
        sampling=False,
        line=lambda last: f"perplexity {last.perplexity:.1f}, {last.tokens_per_second:.1f}",
        prefixes=prefixes,
        seed=seed,
        callback=callback,
        progress=progress,
        on_nonfinite=on_nonfinite,
    )


def __getattr__(name: str) -> Any:
    return other_chapters.look_up(name, __name__)
