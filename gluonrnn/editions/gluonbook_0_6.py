"""The edition of spring 2018: `gluonbook` 0.6.1 to 0.6.11.

Names, parameters and printed lines are those packages'; what is added is keyword-only, and off.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

from gluonrnn._checks import check_callable
from gluonrnn.corpus.batches import data_iter_consecutive, data_iter_random
from gluonrnn.corpus.text import Corpus
from gluonrnn.devices import try_all_gpus, try_gpu
from gluonrnn.editions import other_chapters
from gluonrnn.editions.before_0_7 import EarlyCellModel, train_early, write_early
from gluonrnn.editions.signatures import guard_order
from gluonrnn.models import to_onehot
from gluonrnn.plotting import set_figsize
from gluonrnn.training import optimizers
from gluonrnn.training.loop import Epoch, printer
from gluonrnn.training.trainer import Callback

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

grad_clipping = guard_order("gluonrnn.editions.gluonbook_0_6")(optimizers.grad_clipping)
sgd = guard_order("gluonrnn.editions.gluonbook_0_6")(optimizers.sgd)


@guard_order("gluonrnn.editions.gluonbook_0_6")
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
    num_hiddens, vocab_size : int
        Hidden units, and the number of characters.
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
    model = EarlyCellModel(rnn, params, lambda X: get_inputs(X, vocab_size), num_hiddens, is_lstm)
    return write_early(model, prefix, num_chars, ctx, idx_to_char, char_to_idx)


@guard_order("gluonrnn.editions.gluonbook_0_6")
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
    num_epochs, num_steps : int
        Passes over the corpus, and characters in an example.
    num_hiddens : int
        Hidden units.
    lr : float
        The learning rate, for the sum of the loss.
    clipping_theta : float or None
        The most that the norm of all gradients together may be; None for no clipping.
    batch_size, vocab_size : int
        Examples in a batch, and the number of characters.
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
    seed, callback, progress, on_nonfinite
        As in `gluonrnn.train_and_predict_rnn`.

    Raises
    ------
    TypeError, ValueError, UnknownCharacterError, NonFiniteLossError
        As `gluonrnn.train_and_predict_rnn`; and a `TypeError` if the order is another edition's.

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
    write = printer(progress)

    def report(result: Epoch, samples: Sequence[str]) -> None:
        write(f"\nepoch {result.epoch}, perplexity {result.perplexity:f}")
        for sample in samples:
            write(f" -  {sample}")

    train_early(
        lambda params: EarlyCellModel(rnn, params, lambda X: get_inputs(X, vocab_size), num_hiddens, is_lstm),
        get_params,
        num_hiddens,
        lambda params: optimizers.sgd(params, lr, 1),
        Corpus(corpus_indices, char_to_idx, idx_to_char, vocab_size),
        is_random_iter=is_random_iter,
        num_epochs=num_epochs,
        num_steps=num_steps,
        lr=lr,
        clipping_theta=clipping_theta,
        batch_size=batch_size,
        pred_period=pred_period,
        pred_len=pred_len,
        prefixes=prefixes,
        ctx=ctx,
        report=report,
        seed=seed,
        callback=callback,
        progress=progress,
        on_nonfinite=on_nonfinite,
    )


def __getattr__(name: str) -> Any:
    return other_chapters.look_up(name, __name__)
