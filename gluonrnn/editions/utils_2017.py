"""The edition of 2017, when the tutorials did ``import utils``.

Names, parameters and printed lines are those of that library; what is added is keyword-only, and
off.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

from gluonrnn._checks import check_callable, check_list
from gluonrnn.corpus.batches import data_iter_consecutive, data_iter_random
from gluonrnn.corpus.text import Corpus
from gluonrnn.devices import try_all_gpus, try_gpu
from gluonrnn.editions import other_chapters
from gluonrnn.editions.before_0_7 import EarlyCellModel, train_early, write_early
from gluonrnn.editions.signatures import guard_order
from gluonrnn.training.loop import Epoch, printer
from gluonrnn.training.optimizers import clip, sgd
from gluonrnn.training.trainer import Callback

__all__ = [
    "SGD",
    "data_iter_consecutive",
    "data_iter_random",
    "grad_clipping",
    "predict_rnn",
    "train_and_predict_rnn",
    "try_all_gpus",
    "try_gpu",
]


@guard_order("gluonrnn.editions.utils_2017")
def SGD(params: Sequence[Any], lr: float) -> None:  # noqa: N802 (the book's name)
    """Take one step of gradient descent, in place: ``param - lr * gradient``.

    Parameters
    ----------
    params : sequence of NDArray
        Parameters with gradients; frozen ones are left out.
    lr : float
        The learning rate.

    Raises
    ------
    TypeError, ValueError
        If `params` is no list of arrays, or `lr` is no finite number.

    References
    ----------
    The 2017 tutorials, ``utils.SGD``.

    Examples
    --------
    >>> from mxnet import nd
    >>> w = nd.array([1.0, 2.0])
    >>> w.attach_grad()
    >>> w.grad[:] = 1
    >>> SGD([w], lr=0.5)
    >>> w.asnumpy().tolist()
    [0.5, 1.5]
    """
    sgd(params, lr, 1)


@guard_order("gluonrnn.editions.utils_2017")
def grad_clipping(params: Sequence[Any], clipping_norm: float | None, ctx: Any) -> None:
    """Scale all gradients down together, in place, so that their norm is at most `clipping_norm`.

    Parameters
    ----------
    params : sequence of NDArray
        Parameters with gradients; frozen ones are left out.
    clipping_norm : float or None
        The most that the L2 norm over all parameters may be; None for no clipping.
    ctx : mxnet.Context or None
        The book's argument; the gradients are clipped where they are.

    Raises
    ------
    TypeError, ValueError
        If `params` is no list of arrays, or `clipping_norm` no number from 0 up.

    References
    ----------
    The 2017 tutorials, ``utils.grad_clipping``.

    Examples
    --------
    >>> from mxnet import nd
    >>> w = nd.array([3.0, 4.0])
    >>> w.attach_grad()
    >>> w.grad[:] = w
    >>> grad_clipping([w], 10.0, None)
    >>> w.grad.asnumpy().tolist()
    [3.0, 4.0]
    """
    clip(params, clipping_norm)


@guard_order("gluonrnn.editions.utils_2017")
def predict_rnn(
    rnn: Callable[..., Any],
    prefix: str,
    num_chars: int,
    params: Sequence[Any],
    hidden_dim: int,
    ctx: Any,
    idx_to_char: Sequence[str],
    char_to_idx: Mapping[str, int],
    get_inputs: Callable[[Any], Sequence[Any]],
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
    hidden_dim : int
        Hidden units.
    ctx : mxnet.Context
        Where the parameters live.
    idx_to_char : sequence of str
        The character of each index.
    char_to_idx : dict of str to int
        The index of each character.
    get_inputs : function
        From a batch of indices to one one-hot matrix for each time step.
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
    The 2017 tutorials, ``utils.predict_rnn``.

    Examples
    --------
    >>> import gluonrnn as gb
    >>> cell = lambda inputs, H, *params: (lambda outputs, state: (outputs, *state))(*gb.rnn(inputs, (H,), params))
    >>> text = predict_rnn(cell, "AB", 3, gb.get_params(3, 4), 4, gb.try_gpu(), "abc", {"a": 0, "b": 1, "c": 2},
    ...                    lambda X: gb.to_onehot(X, 3))
    >>> text[:2], len(text)
    ('ab', 6)
    """
    check_callable("rnn", rnn)
    check_callable("get_inputs", get_inputs)
    model = EarlyCellModel(rnn, params, get_inputs, hidden_dim, is_lstm)
    return write_early(model, prefix, num_chars, ctx, idx_to_char, char_to_idx)


@guard_order("gluonrnn.editions.utils_2017")
def train_and_predict_rnn(
    rnn: Callable[..., Any],
    is_random_iter: bool,
    epochs: int,
    num_steps: int,
    hidden_dim: int,
    learning_rate: float,
    clipping_norm: float | None,
    batch_size: int,
    pred_period: int,
    pred_len: int,
    seqs: Sequence[str],
    get_params: Callable[..., Sequence[Any]],
    get_inputs: Callable[[Any], Sequence[Any]],
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
    epochs, num_steps : int
        Passes over the corpus, and characters in an example.
    hidden_dim : int
        Hidden units.
    learning_rate : float
        The learning rate, for the sum of the loss.
    clipping_norm : float or None
        The most that the norm of all gradients together may be; None for no clipping.
    batch_size : int
        Examples in a batch.
    pred_period : int
        Print every that many epochs; 0 for never.
    pred_len : int
        Characters to add to each prefix, less one.
    seqs : sequence of str
        The prefixes that samples start from.
    get_params : function
        Draws the parameters, without arguments or of ``(vocab_size, num_hiddens, ctx)``.
    get_inputs : function
        From a batch of indices to one one-hot matrix for each time step.
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
    The 2017 tutorials, ``utils.train_and_predict_rnn``.

    Examples
    --------
    >>> import gluonrnn as gb
    >>> corpus_indices, char_to_idx, idx_to_char, vocab_size = gb.load_corpus(text="over and over " * 20)
    >>> cell = lambda inputs, H, *params: (lambda outputs, state: (outputs, *state))(*gb.rnn(inputs, (H,), params))
    >>> train_and_predict_rnn(cell, False, 60, 7, 16, 0.2, 5, 4, 60, 13, ["over"],
    ...                       lambda: gb.get_params(vocab_size, 16), lambda X: gb.to_onehot(X, vocab_size),
    ...                       gb.try_gpu(), corpus_indices, idx_to_char, char_to_idx, seed=1)  # doctest: +ELLIPSIS
    Epoch 60. Training perplexity 1...
     -  over and over over
    <BLANKLINE>
    """
    check_callable("rnn", rnn)
    check_callable("get_inputs", get_inputs)
    check_list("idx_to_char", [] if isinstance(idx_to_char, str) else idx_to_char, "characters")
    write = printer(progress)

    def report(result: Epoch, samples: Sequence[str]) -> None:
        write(f"Epoch {result.epoch}. Training perplexity {result.perplexity:f}")
        for sample in samples:
            write(f" -  {sample}")
        write("")

    train_early(
        lambda params: EarlyCellModel(rnn, params, get_inputs, hidden_dim, is_lstm),
        get_params,
        hidden_dim,
        lambda params: SGD(params, learning_rate),
        Corpus(corpus_indices, char_to_idx, idx_to_char, len(idx_to_char)),
        is_random_iter=is_random_iter,
        num_epochs=epochs,
        num_steps=num_steps,
        lr=learning_rate,
        clipping_theta=clipping_norm,
        batch_size=batch_size,
        pred_period=pred_period,
        pred_len=pred_len,
        prefixes=seqs,
        ctx=ctx,
        report=report,
        seed=seed,
        callback=callback,
        progress=progress,
        on_nonfinite=on_nonfinite,
    )


def __getattr__(name: str) -> Any:
    return other_chapters.look_up(name, __name__)
