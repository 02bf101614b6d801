"""The edition of autumn 2018 to 2020: `gluonbook` 0.7 to 0.8.10, `d2lzh` 0.8 to 1.0.0.

Names, parameters and printed lines are those packages'; what is added is keyword-only, and off.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

from gluonrnn._arrays import using_nd
from gluonrnn._checks import check_callable, check_count, check_list, short_repr
from gluonrnn._mxnet import gluon
from gluonrnn.corpus.batches import data_iter_consecutive, data_iter_random
from gluonrnn.corpus.lookup import PathLike, load_corpus
from gluonrnn.corpus.text import Corpus
from gluonrnn.devices import check_context, try_all_gpus, try_gpu
from gluonrnn.editions import other_chapters
from gluonrnn.editions.signatures import guard_order
from gluonrnn.generation.decoding import continue_text
from gluonrnn.models import CellModel, to_onehot
from gluonrnn.models.layers import RNNModel, initialize
from gluonrnn.plotting import set_figsize, use_svg_display
from gluonrnn.threads import exclusive_training
from gluonrnn.training import loop, optimizers
from gluonrnn.training.optimizers import SGD, block_sgd
from gluonrnn.training.options import Schedule
from gluonrnn.training.trainer import Callback, check_run, check_vocabulary, draw_params, reporter, train_and_sample

__all__ = [
    "RNNModel",
    "data_iter_consecutive",
    "data_iter_random",
    "grad_clipping",
    "load_data_jay_lyrics",
    "load_data_time_machine",
    "predict_rnn",
    "predict_rnn_gluon",
    "set_figsize",
    "sgd",
    "to_onehot",
    "train_and_predict_rnn",
    "train_and_predict_rnn_gluon",
    "try_all_gpus",
    "try_gpu",
    "use_svg_display",
]

_in_order = guard_order("gluonrnn")

grad_clipping = _in_order(optimizers.grad_clipping)
sgd = _in_order(optimizers.sgd)


def load_data_jay_lyrics(*, path: PathLike | None = None) -> Corpus:
    """Load the first 10,000 characters of the Jay Chou lyrics, newlines as spaces.

    Parameters
    ----------
    path : str or path-like, optional
        The archive ``jaychou_lyrics.txt.zip``, if it is not where `find_corpus` looks.

    Returns
    -------
    corpus_indices : list of int
        10,000 indices.
    char_to_idx : dict of str to int
    idx_to_char : list of str
    vocab_size : int
        1,027. Characters are numbered by code point; the book's numbering changed with every
        interpreter.

    Raises
    ------
    CorpusNotFoundError
        If the archive is nowhere and cannot be fetched; the lyrics belong to others and do not
        come with the package.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.3; `gluonbook` 0.8.10.

    Examples
    --------
    >>> corpus_indices, char_to_idx, idx_to_char, vocab_size = load_data_jay_lyrics()  # doctest: +SKIP
    """
    return _with_list(load_corpus("jaychou", path=path))


@_in_order
def load_data_time_machine(*, path: PathLike | None = None) -> Corpus:
    """Load the first 10,000 characters of *The Time Machine*, lower-cased, newlines as spaces.

    Parameters
    ----------
    path : str or path-like, optional
        The file ``timemachine.txt``, if it is not where `find_corpus` looks.

    Returns
    -------
    corpus_indices : list of int
        10,000 indices.
    char_to_idx : dict of str to int
    idx_to_char : list of str
    vocab_size : int
        43 for the published file.

    Raises
    ------
    CorpusNotFoundError
        If the file is nowhere and cannot be fetched.

    References
    ----------
    `gluonbook` 0.8.10.

    Examples
    --------
    >>> corpus_indices, char_to_idx, idx_to_char, vocab_size = load_data_time_machine()  # doctest: +SKIP
    """
    return _with_list(load_corpus("timemachine", path=path))


def _with_list(corpus: Corpus) -> Corpus:
    # the book's corpora are short, and its readers may do with them whatever a list can
    return corpus._replace(corpus_indices=list(corpus.corpus_indices))


@_in_order
def predict_rnn(
    prefix: str,
    num_chars: int,
    rnn: Callable[..., Any],
    params: Sequence[Any],
    init_rnn_state: Callable[..., Any],
    num_hiddens: int,
    vocab_size: int,
    ctx: Any,
    idx_to_char: Sequence[str],
    char_to_idx: Mapping[str, int],
    *,
    unknown: str = "raise",
) -> str:
    """Go on from a prefix with a scratch cell, always with the likeliest character.

    Parameters
    ----------
    prefix : str
        The text to start from.
    num_chars : int
        How many characters to add.
    rnn : function
        The cell, ``rnn(inputs, state, params) -> (outputs, state)``.
    params : sequence of NDArray
        Its parameters.
    init_rnn_state : function
        ``init_rnn_state(batch_size, num_hiddens, ctx) -> state``.
    num_hiddens, vocab_size : int
        Hidden units, and the number of characters.
    ctx : mxnet.Context
        Where the parameters live.
    idx_to_char : sequence of str
        The character of each index.
    char_to_idx : dict of str to int
        The index of each character.
    unknown : {"raise", "skip"}
        What becomes of a character of the prefix that the vocabulary does not hold.

    Returns
    -------
    str
        The prefix and `num_chars` characters.

    Raises
    ------
    UnknownCharacterError
        At a character of the prefix that the vocabulary does not hold.
    TypeError, ValueError
        If the prefix is empty, or an argument is not of its kind.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.4; `gluonbook` 0.8.10.

    Examples
    --------
    >>> import gluonrnn as gb
    >>> _, char_to_idx, idx_to_char, vocab_size = gb.load_corpus(text="abc")
    >>> params = gb.get_params(vocab_size, 4)
    >>> text = gb.predict_rnn("ab", 5, gb.rnn, params, gb.init_rnn_state, 4, vocab_size, gb.try_gpu(),
    ...                       idx_to_char, char_to_idx)
    >>> len(text), text[:2]
    (7, 'ab')
    """
    check_callable("rnn", rnn)
    check_callable("init_rnn_state", init_rnn_state)
    check_count("num_hiddens", num_hiddens)
    check_vocabulary(idx_to_char, char_to_idx, check_count("vocab_size", vocab_size))
    check_context("ctx", ctx)
    check_list("params", params, "arrays")
    model = CellModel(rnn, list(params), init_rnn_state, num_hiddens, vocab_size)
    return continue_text(model, prefix, num_chars, ctx, idx_to_char, char_to_idx, unknown=unknown)


def predict_rnn_gluon(
    prefix: str,
    num_chars: int,
    model: Any,
    vocab_size: int,
    ctx: Any,
    idx_to_char: Sequence[str],
    char_to_idx: Mapping[str, int],
    *,
    unknown: str = "raise",
) -> str:
    """Go on from a prefix with a Gluon model, always with the likeliest character.

    Parameters
    ----------
    prefix : str
        The text to start from.
    num_chars : int
        How many characters to add.
    model : RNNModel
        An initialised model, or any block of that kind.
    vocab_size : int
        The number of characters; the model knows it, the book's signature has it.
    ctx : mxnet.Context
        Where the model lives.
    idx_to_char : sequence of str
        The character of each index.
    char_to_idx : dict of str to int
        The index of each character.
    unknown : {"raise", "skip"}
        What becomes of a character of the prefix that the vocabulary does not hold.

    Returns
    -------
    str
        The prefix and `num_chars` characters.

    Raises
    ------
    UnknownCharacterError
        At a character of the prefix that the vocabulary does not hold.
    TypeError, ValueError
        If the prefix is empty, or an argument is not of its kind.
    RuntimeError
        If the model was not initialised.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.5; `gluonbook` 0.8.10.

    Examples
    --------
    >>> import gluonrnn as gb
    >>> from mxnet.gluon import rnn
    >>> _, char_to_idx, idx_to_char, vocab_size = gb.load_corpus(text="abc")
    >>> model = gb.RNNModel(rnn.LSTM(4), vocab_size)
    >>> model.initialize()
    >>> len(gb.predict_rnn_gluon("ab", 5, model, vocab_size, gb.try_gpu(), idx_to_char, char_to_idx))
    7
    """
    if not callable(model) or not hasattr(model, "begin_state"):
        raise TypeError(
            f"model must be a model such as RNNModel, but it is {short_repr(model)}: check the order of the arguments"
        )
    check_vocabulary(idx_to_char, char_to_idx, check_count("vocab_size", vocab_size))
    check_context("ctx", ctx)
    return continue_text(model, prefix, num_chars, ctx, idx_to_char, char_to_idx, unknown=unknown)


@_in_order
def train_and_predict_rnn(
    rnn: Callable[..., Any],
    get_params: Callable[..., list[Any]],
    init_rnn_state: Callable[..., Any],
    num_hiddens: int,
    vocab_size: int,
    ctx: Any,
    corpus_indices: Sequence[int],
    idx_to_char: Sequence[str],
    char_to_idx: Mapping[str, int],
    is_random_iter: bool,
    num_epochs: int,
    num_steps: int,
    lr: float,
    clipping_theta: float | None,
    batch_size: int,
    pred_period: int,
    pred_len: int,
    prefixes: Sequence[str],
    *,
    seed: int | None = None,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
) -> None:
    """Train a scratch cell on a corpus, and print perplexity and samples on the way.

    Parameters
    ----------
    rnn : function
        The cell, ``rnn(inputs, state, params) -> (outputs, state)``; the state may be an array,
        a tuple or a list.
    get_params : function
        Draws the parameters: without arguments, as the book's, or of ``(vocab_size, num_hiddens,
        ctx)``, as `gluonrnn.get_params`.
    init_rnn_state : function
        ``init_rnn_state(batch_size, num_hiddens, ctx) -> state``.
    num_hiddens, vocab_size : int
        Hidden units, and the number of characters.
    ctx : mxnet.Context
        Where to train.
    corpus_indices, idx_to_char, char_to_idx
        The text and its vocabulary, as `load_corpus` returns them.
    is_random_iter : bool
        Random sampling, or consecutive.
    num_epochs, num_steps, batch_size : int
        Passes over the corpus, characters in an example, examples in a batch.
    lr : float
        The learning rate.
    clipping_theta : float or None
        The most that the norm of all gradients together may be; None for no clipping.
    pred_period : int
        Print every that many epochs; 0 for never.
    pred_len : int
        Characters to add to each prefix.
    prefixes : sequence of str
        What the samples start from.
    seed : int, optional
        Seeds Python, NumPy and MXNet before the parameters are drawn.
    callback : function, optional
        Called after each epoch as ``callback(epoch, perplexity, seconds, samples)``, samples
        being a list of str, empty where none are printed; to end the training there, it raises
        `StopTraining` or returns True.
    progress : bool
        Whether to show a progress bar on stderr.
    on_nonfinite : {"warn", "raise", "ignore"}
        What to do at the first loss that is NaN or infinite: warn once and go on as the book
        does, stop, or nothing.

    Raises
    ------
    TypeError, ValueError
        Before anything is trained: if an argument is not of its kind (as when the order is
        another edition's), an index is outside the vocabulary, or the corpus is too short for
        one batch.
    UnknownCharacterError
        Before anything is trained: if a prefix has a character that the vocabulary lacks.
    NonFiniteLossError
        With ``on_nonfinite="raise"``.

    Notes
    -----
    It prints, and returns nothing, as the book's function does. `gluonrnn.fit` returns the model.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.4; `gluonbook` 0.8.10.

    Examples
    --------
    >>> import gluonrnn as gb
    >>> corpus_indices, char_to_idx, idx_to_char, vocab_size = gb.load_corpus(text="over and over " * 20)
    >>> gb.train_and_predict_rnn(gb.rnn, gb.get_params, gb.init_rnn_state, 16, vocab_size, gb.try_gpu(),
    ...                          corpus_indices, idx_to_char, char_to_idx, False, 40, 7, 1e2, 1e-2, 4,
    ...                          40, 14, ["over"], seed=1)  # doctest: +ELLIPSIS
    epoch 40, perplexity 1..., time ... sec
     - over and over over
    """
    for name, value in (("rnn", rnn), ("get_params", get_params), ("init_rnn_state", init_rnn_state)):
        check_callable(name, value)
    check_count("num_hiddens", num_hiddens)
    check_context("ctx", ctx)
    corpus = Corpus(corpus_indices, char_to_idx, idx_to_char, vocab_size)
    schedule = Schedule(
        sampling="random" if is_random_iter else "consecutive",
        num_epochs=num_epochs,
        num_steps=num_steps,
        batch_size=batch_size,
        lr=lr,
        clipping_theta=clipping_theta,
        pred_period=pred_period,
        pred_len=pred_len,
        prefixes=prefixes,
    )
    check_run(corpus, schedule, callback=callback, on_nonfinite=on_nonfinite)
    if seed is not None:
        loop.seed(seed)
    params = draw_params(get_params, vocab_size, num_hiddens, ctx)
    train_and_sample(
        CellModel(rnn, params, init_rnn_state, num_hiddens, vocab_size),
        SGD(params, lr, clipping_theta),
        corpus,
        schedule,
        ctx=ctx,
        report=reporter(progress),
        callback=callback,
        progress=progress,
        on_nonfinite=on_nonfinite,
    )


@using_nd()
def train_and_predict_rnn_gluon(
    model: Any,
    num_hiddens: int,
    vocab_size: int,
    ctx: Any,
    corpus_indices: Sequence[int],
    idx_to_char: Sequence[str],
    char_to_idx: Mapping[str, int],
    num_epochs: int,
    num_steps: int,
    lr: float,
    clipping_theta: float | None,
    batch_size: int,
    pred_period: int,
    pred_len: int,
    prefixes: Sequence[str],
    *,
    reinit: bool = True,
    seed: int | None = None,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
) -> None:
    """Train a Gluon model on a corpus by consecutive sampling, and print perplexity and samples.

    Parameters
    ----------
    model : RNNModel
        The model, or any block of that kind.
    num_hiddens : int
        Hidden units; the model knows them, the book's signature has them.
    vocab_size : int
        The number of characters, which is the model's.
    ctx : mxnet.Context
        Where to train.
    corpus_indices, idx_to_char, char_to_idx
        The text and its vocabulary, as `load_corpus` returns them.
    num_epochs, num_steps, batch_size : int
        Passes over the corpus, characters in an example, examples in a batch.
    lr : float
        The learning rate.
    clipping_theta : float or None
        The most that the norm of all gradients together may be; None for no clipping.
    pred_period : int
        Print every that many epochs; 0 for never.
    pred_len : int
        Characters to add to each prefix.
    prefixes : sequence of str
        What the samples start from.
    reinit : bool
        Draw the parameters anew (normal, standard deviation 0.01), as the book does, or go on
        from those the model has.
    seed : int, optional
        Seeds Python, NumPy and MXNet before the parameters are drawn.
    callback : function, optional
        Called after each epoch as ``callback(epoch, perplexity, seconds, samples)``; to end the
        training there, it raises `StopTraining` or returns True.
    progress : bool
        Whether to show a progress bar on stderr.
    on_nonfinite : {"warn", "raise", "ignore"}
        What to do at the first loss that is NaN or infinite: warn once and go on as the book
        does, stop, or nothing.

    Raises
    ------
    TypeError, ValueError, UnknownCharacterError
        Before anything is trained, for what `train_and_predict_rnn` refuses.
    NonFiniteLossError
        With ``on_nonfinite="raise"``.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.5; `gluonbook` 0.8.10.

    Examples
    --------
    >>> import gluonrnn as gb
    >>> from mxnet.gluon import rnn
    >>> corpus_indices, char_to_idx, idx_to_char, vocab_size = gb.load_corpus(text="over and over " * 20)
    >>> model = gb.RNNModel(rnn.GRU(16), vocab_size)
    >>> gb.train_and_predict_rnn_gluon(model, 16, vocab_size, gb.try_gpu(), corpus_indices, idx_to_char,
    ...                                char_to_idx, 120, 7, 1e2, 1e-2, 4, 120, 14, ["over"],
    ...                                seed=1)  # doctest: +ELLIPSIS
    epoch 120, perplexity 1..., time ... sec
     - over and over over
    """
    if not isinstance(model, gluon.Block):
        raise TypeError(
            f"model must be a Gluon block such as RNNModel, but it is a {type(model).__name__}: "
            "use train_and_predict_rnn for a scratch cell, and check the order of the arguments"
        )
    check_context("ctx", ctx)
    if getattr(model, "vocab_size", vocab_size) != check_count("vocab_size", vocab_size):
        raise ValueError(
            f"vocab_size must be that of the model, {model.vocab_size}, but it is {vocab_size}: "
            "make the model for this corpus"
        )
    corpus = Corpus(corpus_indices, char_to_idx, idx_to_char, vocab_size)
    schedule = Schedule(
        sampling="consecutive",
        num_epochs=num_epochs,
        num_steps=num_steps,
        batch_size=batch_size,
        lr=lr,
        clipping_theta=clipping_theta,
        pred_period=pred_period,
        pred_len=pred_len,
        prefixes=prefixes,
    )
    check_run(corpus, schedule, callback=callback, on_nonfinite=on_nonfinite)
    with exclusive_training(model):
        if seed is not None:
            loop.seed(seed)
        if reinit:
            initialize(model, ctx)
        train_and_sample(
            model,
            block_sgd(model, lr, clipping_theta),
            corpus,
            schedule,
            ctx=ctx,
            report=reporter(progress),
            callback=callback,
            progress=progress,
            on_nonfinite=on_nonfinite,
        )


def __getattr__(name: str) -> Any:
    return other_chapters.look_up(name, __name__)
