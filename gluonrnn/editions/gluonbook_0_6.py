"""The edition of spring 2018: `gluonbook` 0.6.1 to 0.6.11.

Its cells take the parts of the state and the parameters as arguments of their own; the sum of the
loss is differentiated, not its mean; prefixes are lower-cased, and samples are one character
longer. All this is so in `gluonrnn.editions.utils_2017`, too. Names, parameters and printed lines are
those packages'; what is added is keyword-only, and off.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Mapping, Sequence

from gluonrnn._arrays import check_array_type
from gluonrnn._checks import check_callable, check_count, check_list, short_repr
from gluonrnn._mxnet import nd
from gluonrnn.corpus.batches import data_iter_consecutive, data_iter_random
from gluonrnn.corpus.text import Corpus
from gluonrnn.devices import check_context, try_all_gpus, try_gpu
from gluonrnn.editions import other_chapters
from gluonrnn.editions.signatures import guard_order
from gluonrnn.generation.decoding import continue_text
from gluonrnn.models import init_lstm_state, init_rnn_state, to_onehot
from gluonrnn.plotting import set_figsize
from gluonrnn.training import loop, optimizers
from gluonrnn.training.loop import Epoch, printer
from gluonrnn.training.optimizers import SGD
from gluonrnn.training.options import Schedule
from gluonrnn.training.trainer import Callback, check_run, draw_params, train_and_sample

__all__ = [
    "data_iter_consecutive",
    "data_iter_random",
    "grad_clipping",
    "predict_rnn",
    "set_figsize",
    "sgd",
    "to_onehot",
    "train_and_predict_rnn",
    "try_all_gpus",
    "try_gpu",
]

_in_order = guard_order("gluonrnn.editions.gluonbook_0_6")

grad_clipping = _in_order(optimizers.grad_clipping)
sgd = _in_order(optimizers.sgd)


class CellModel:
    """A cell of these editions as a model: indices in, scores out; `get_inputs` takes the indices alone."""

    def __init__(
        self,
        rnn: Callable[..., Any],
        params: Sequence[Any],
        get_inputs: Callable[[Any], Sequence[Any]],
        num_hiddens: int,
        is_lstm: bool,
    ) -> None:
        check_list("params", params, "arrays")
        check_array_type("a parameter", list(params), np=False)
        check_count("num_hiddens", num_hiddens)
        self.rnn = rnn
        self.params = params
        self.get_inputs = get_inputs
        self.num_hiddens = num_hiddens
        self.is_lstm = is_lstm

    def begin_state(self, batch_size: int, ctx: Any = None) -> Any:
        """Return the state before the first character: zeros."""
        init_state = init_lstm_state if self.is_lstm else init_rnn_state
        return init_state(batch_size, self.num_hiddens, ctx)

    def __call__(self, X: Any, state: Any) -> tuple[Any, Any]:
        """Return the scores (num_steps * batch_size, vocab_size), step by step, and the state."""
        result = self.rnn(self.get_inputs(X), *state, *self.params)
        if not isinstance(result, (tuple, list)) or len(result) < 2 or not isinstance(result[0], (tuple, list)):
            raise TypeError(
                f"rnn must return its outputs and the parts of its state, but it returned {short_repr(result)}: "
                "return outputs, H"
            )
        outputs, *state = result
        return nd.concat(*outputs, dim=0), state

    def generate(self, prefix: str, num_chars: int, ctx: Any, idx_to_char: Sequence[str], char_to_idx: Any) -> str:
        """Extend a prefix as these editions do: in lower case, and one character further."""
        num_chars = check_count("num_chars", num_chars, least=0)
        check_context("ctx", ctx)
        if isinstance(prefix, str):  # anything else is refused below
            prefix = prefix.lower()
        return continue_text(self, prefix, num_chars + 1, ctx, idx_to_char, char_to_idx)


@_in_order
def predict_rnn(
    rnn: Callable[..., Any],
    prefix: str,
    num_chars: int,
    params: Sequence[Any],
    num_hiddens: int,
    vocab_size: int,
    ctx: Any,
    idx_to_char: Sequence[str],
    char_to_idx: Mapping[str, int],
    get_inputs: Callable[[Any, int], Sequence[Any]],
    is_lstm: bool = False,
) -> str:
    """Go on from a prefix with a scratch cell, always with the likeliest character.

    Parameters
    ----------
    rnn : function
        The cell, ``rnn(inputs, state_h, *params) -> (outputs, state_h)`` or, with `is_lstm`,
        ``rnn(inputs, state_h, state_c, *params) -> (outputs, state_h, state_c)``.
    prefix : str
        The text to start from; it is lower-cased.
    num_chars : int
        How many characters to add, less one.
    params : sequence of NDArray
        The parameters of the cell.
    num_hiddens : int
        Hidden units.
    vocab_size : int
        The number of characters.
    ctx : mxnet.Context
        Where the parameters live.
    idx_to_char : sequence of str
        The character of each index.
    char_to_idx : dict of str to int
        The index of each character.
    get_inputs : function
        From a batch of indices and `vocab_size` to one one-hot matrix for each time step, such as
        `to_onehot`.
    is_lstm : bool
        Whether the cell has a memory cell.

    Returns
    -------
    str
        The prefix in lower case and ``num_chars + 1`` characters.

    Raises
    ------
    UnknownCharacterError
        At a character of the prefix that the vocabulary does not hold.
    TypeError, ValueError
        If the order is another edition's, the prefix is empty, or an argument is not of its kind.

    References
    ----------
    `gluonbook` 0.6.4.

    Examples
    --------
    >>> import gluonrnn as gb
    >>> cell = lambda inputs, H, *params: (lambda outputs, state: (outputs, *state))(*gb.rnn(inputs, (H,), params))
    >>> text = predict_rnn(cell, "AB", 3, gb.get_params(3, 4), 4, 3, gb.try_gpu(), "abc", {"a": 0, "b": 1, "c": 2},
    ...                    gb.to_onehot)
    >>> text[:2], len(text)
    ('ab', 6)
    """
    check_callable("rnn", rnn)
    check_callable("get_inputs", get_inputs)
    model = CellModel(rnn, params, lambda X: get_inputs(X, vocab_size), num_hiddens, is_lstm)
    return model.generate(prefix, num_chars, ctx, idx_to_char, char_to_idx)


@_in_order
def train_and_predict_rnn(
    rnn: Callable[..., Any],
    is_random_iter: bool,
    num_epochs: int,
    num_steps: int,
    num_hiddens: int,
    lr: float,
    clipping_theta: float | None,
    batch_size: int,
    vocab_size: int,
    pred_period: int,
    pred_len: int,
    prefixes: Sequence[str],
    get_params: Callable[..., Sequence[Any]],
    get_inputs: Callable[[Any, int], Sequence[Any]],
    ctx: Any,
    corpus_indices: Sequence[int],
    idx_to_char: Sequence[str],
    char_to_idx: Mapping[str, int],
    is_lstm: bool = False,
    *,
    seed: int | None = None,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
) -> None:
    """Train a scratch cell on the summed loss, and print perplexity and samples on the way.

    Parameters
    ----------
    rnn : function
        The cell, ``rnn(inputs, state_h, *params) -> (outputs, state_h)`` or, with `is_lstm`,
        ``rnn(inputs, state_h, state_c, *params) -> (outputs, state_h, state_c)``.
    is_random_iter : bool
        Random sampling, or consecutive.
    num_epochs : int
        Passes over the corpus.
    num_steps : int
        Characters in an example.
    num_hiddens : int
        Hidden units.
    lr : float
        The learning rate, for the sum of the loss.
    clipping_theta : float or None
        The most that the norm of all gradients together may be; None for no clipping.
    batch_size : int
        Examples in a batch.
    vocab_size : int
        The number of characters.
    pred_period : int
        Print every that many epochs; 0 for never.
    pred_len : int
        Characters to add to each prefix, less one.
    prefixes : sequence of str
        What the samples start from.
    get_params : function
        Draws the parameters, without arguments or of ``(vocab_size, num_hiddens, ctx)``.
    get_inputs : function
        From a batch of indices and `vocab_size` to one one-hot matrix for each time step, such as
        `to_onehot`.
    ctx : mxnet.Context
        Where to train.
    corpus_indices, idx_to_char, char_to_idx
        The text and its vocabulary, as `load_corpus` returns them.
    is_lstm : bool
        Whether the cell has a memory cell.
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
        Before anything is trained: if the order is another edition's, an argument is not of its
        kind, an index is outside the vocabulary, or the corpus is too short for one batch.
    UnknownCharacterError
        Before anything is trained: if a prefix has a character that the vocabulary lacks.
    NonFiniteLossError
        With ``on_nonfinite="raise"``.

    References
    ----------
    `gluonbook` 0.6.4.

    Examples
    --------
    >>> import gluonrnn as gb
    >>> corpus_indices, char_to_idx, idx_to_char, vocab_size = gb.load_corpus(text="over and over " * 20)
    >>> cell = lambda inputs, H, *params: (lambda outputs, state: (outputs, *state))(*gb.rnn(inputs, (H,), params))
    >>> train_and_predict_rnn(cell, False, 60, 7, 16, 0.2, 5, 4, vocab_size, 60, 13, ["over"],
    ...                       lambda: gb.get_params(vocab_size, 16), gb.to_onehot, gb.try_gpu(), corpus_indices,
    ...                       idx_to_char, char_to_idx, seed=1)  # doctest: +ELLIPSIS
    <BLANKLINE>
    epoch 60, perplexity 1...
     -  over and over over
    """
    check_callable("rnn", rnn)
    check_callable("get_inputs", get_inputs)
    train(
        lambda params: CellModel(rnn, params, lambda X: get_inputs(X, vocab_size), num_hiddens, is_lstm),
        *(is_random_iter, num_epochs, num_steps, num_hiddens, lr, clipping_theta, batch_size, pred_period, pred_len),
        *(prefixes, get_params, ctx, Corpus(corpus_indices, char_to_idx, idx_to_char, vocab_size)),
        lines=lambda result, samples: [f"\nepoch {result.epoch}, perplexity {result.perplexity:f}", *samples],
        seed=seed,
        callback=callback,
        progress=progress,
        on_nonfinite=on_nonfinite,
    )


def train(
    model_of: Callable[[Sequence[Any]], CellModel],
    is_random_iter: bool,
    num_epochs: int,
    num_steps: int,
    num_hiddens: int,
    lr: float,
    clipping_theta: float | None,
    batch_size: int,
    pred_period: int,
    pred_len: int,
    prefixes: Sequence[str],
    get_params: Callable[..., Sequence[Any]],
    ctx: Any,
    corpus: Corpus,
    *,
    lines: Callable[[Epoch, Sequence[str]], Sequence[str]],
    seed: int | None,
    callback: Callback | None,
    progress: bool,
    on_nonfinite: str,
) -> None:
    """Train the model of new parameters, and print the lines for each epoch that is due and its samples."""
    check_callable("get_params", get_params)
    check_count("num_hiddens", num_hiddens)
    check_context("ctx", ctx)
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
    schedule = replace(schedule, prefixes=[prefix.lower() for prefix in schedule.prefixes])
    check_run(corpus, schedule, callback=callback, on_nonfinite=on_nonfinite)
    if seed is not None:
        loop.seed(seed)
    params = draw_params(get_params, corpus.vocab_size, num_hiddens, ctx)
    model, write = model_of(params), printer(progress)
    train_and_sample(
        model,
        SGD(list(params), lr, clipping_theta),
        corpus,
        schedule,
        ctx=ctx,
        report=lambda result, samples: write("\n".join(lines(result, [f" -  {sample}" for sample in samples]))),
        callback=callback,
        progress=progress,
        on_nonfinite=on_nonfinite,
        summed=True,
        sample=lambda prefix: model.generate(prefix, pred_len, ctx, corpus.idx_to_char, corpus.char_to_idx),
    )


def __getattr__(name: str) -> Any:
    return other_chapters.look_up(name, __name__)
