"""The one training loop: begin or carry the state, forward, loss, backward, update.

Every edition's trainer calls it, and adds only its names, its printed lines and its samples.

Source: *Dive into Deep Learning* (2018 edition), section 6.4, "Defining the training function".
"""

from __future__ import annotations

import contextlib
import itertools
import math
import random
import time
from typing import Any, Callable, Iterable, NamedTuple, Sequence

import numpy as np

from gluonrnn._arrays import check_array_type, on_device
from gluonrnn._checks import check_seed, short_repr
from gluonrnn._mxnet import autograd, gluon, mx
from gluonrnn.errors import NonFiniteLossError, NonFiniteLossWarning, StopTraining, warn
from gluonrnn.fast import fast_form_of, is_changed
from gluonrnn.threads import computing, exclusive_training, pushing
from gluonrnn.training.optimizers import Optimizer
from gluonrnn.training.state import TrainingState

__all__ = [
    "Epoch",
    "Loss",
    "NonFiniteGuard",
    "Totals",
    "detach_state",
    "ends_training",
    "perplexity",
    "printer",
    "seed",
    "train",
    "train_batches",
    "train_epoch",
]

ON_NONFINITE = ("warn", "raise", "ignore")


class Epoch(NamedTuple):
    """What one pass over the corpus came to.

    Parameters
    ----------
    epoch : int
        Counted from 1.
    perplexity : float
        exp(mean cross-entropy in nats per character) over the epoch; from 1 up, and ``inf``
        where that overflows.
    seconds : float
        Wall-clock time of the pass.

    Examples
    --------
    >>> Epoch(50, 69.47, 1.64).perplexity
    69.47
    """

    epoch: int
    perplexity: float
    seconds: float


def seed(n: int) -> None:
    """Seed Python, NumPy and MXNet at once.

    MXNet starts every process from the same fixed seed and Python from a fresh one, so a run is
    repeatable only when both are set: initial weights are drawn from MXNet's generator, random
    batches from Python's.

    Parameters
    ----------
    n : int
        The seed, from 0 to 2**32 - 1.

    Raises
    ------
    TypeError, ValueError
        If it is no such number.

    Examples
    --------
    >>> seed(1)
    >>> a = mx.nd.random.normal(shape=3)
    >>> seed(1)
    >>> (a == mx.nd.random.normal(shape=3)).asnumpy().tolist()
    [1.0, 1.0, 1.0]
    """
    n = check_seed(n)
    random.seed(n)
    np.random.seed(n)
    mx.random.seed(n)


def perplexity(mean_loss: float) -> float:
    """Return ``exp(mean_loss)``, or ``inf`` where that overflows.

    Parameters
    ----------
    mean_loss : float
        Cross-entropy in nats per character.

    Returns
    -------
    float

    Examples
    --------
    >>> perplexity(0.0), perplexity(1e4), perplexity(float("nan"))
    (1.0, inf, nan)
    """
    try:
        return math.exp(mean_loss)
    except OverflowError:
        return math.inf


def detach_state(state: Any) -> Any:
    """Return the same state, cut from the graph that computed it.

    Without the cut, the gradient of a batch would reach back through all batches before it.

    Parameters
    ----------
    state : NDArray, tuple or list
        A state as a cell returns it.

    Returns
    -------
    NDArray, tuple or list
        Equal in value and kind.

    Notes
    -----
    ``NDArray.detach`` returns a new array. The book calls it and drops the result; its gradients
    are right all the same, because ``backward`` clears the recorded history.

    Examples
    --------
    >>> detach_state((mx.nd.zeros(2), mx.nd.ones(2)))[1].asnumpy().tolist()
    [1.0, 1.0]
    """
    if isinstance(state, (tuple, list)):
        return type(state)([detach_state(part) for part in state])
    return state.detach()


class NonFiniteGuard:
    """Checks every loss, and reports the first that is NaN or infinite.

    Parameters
    ----------
    on_nonfinite : {"warn", "raise", "ignore"}
        ``"warn"`` warns once and lets training go on, as the book's does; ``"raise"`` stops it.

    Attributes
    ----------
    diverged : bool
        Whether a loss that is not finite was seen.

    Raises
    ------
    ValueError
        If `on_nonfinite` is none of these.

    Examples
    --------
    >>> NonFiniteGuard("raise").check(float("nan"), epoch=3, batch=2, norm=lambda: float("nan"))
    Traceback (most recent call last):
    ...
    gluonrnn.errors.NonFiniteLossError: the loss became nan at epoch 3, batch 2 (gradient norm nan): \
use a smaller lr or clipping_theta
    """

    def __init__(self, on_nonfinite: str = "warn") -> None:
        if not isinstance(on_nonfinite, str) or on_nonfinite not in ON_NONFINITE:
            raise ValueError(
                f"on_nonfinite is one of {', '.join(ON_NONFINITE)}, but it is {on_nonfinite!r}: choose one of these"
            )
        self.on_nonfinite = on_nonfinite
        self.reported = on_nonfinite == "ignore"
        self.diverged = False

    def check(self, loss: float, *, epoch: int, batch: int, norm: Callable[[], float]) -> None:
        """Report `loss` if it is the first that is not finite; `norm` is called only then."""
        if math.isfinite(loss):
            return
        self.diverged = True
        if self.reported:
            return
        self.reported = True
        place = f"the loss became {loss} at epoch {epoch}, batch {batch} (gradient norm {norm():g})"
        if self.on_nonfinite == "raise":
            raise NonFiniteLossError(f"{place}: use a smaller lr or clipping_theta")
        warn(
            f'{place}; training goes on, as the book does: pass on_nonfinite="raise" to stop there, '
            "and use a smaller lr or clipping_theta",
            NonFiniteLossWarning,
        )


class Loss(NamedTuple):
    """The result of a forward pass: the loss to differentiate, and its weight.

    Parameters
    ----------
    objective : NDArray, one number
        What is differentiated.
    weight : float
        How often `objective` counts in the sum over all tokens: the number of tokens for a mean,
        once for a sum.
    num_tokens : float
        The tokens that were predicted.
    """

    objective: Any
    weight: float
    num_tokens: float


class Totals(NamedTuple):
    """The result of one pass over the batches.

    Parameters
    ----------
    epoch : int
        Counted from 1.
    loss_sum : float
        Cross-entropy in nats, summed over all tokens.
    num_tokens : float
        The tokens that were predicted.
    seconds : float
        Wall-clock time of the pass.

    Examples
    --------
    >>> totals = Totals(epoch=1, loss_sum=0.0, num_tokens=500, seconds=0.25)
    >>> totals.perplexity, totals.tokens_per_second
    (1.0, 2000.0)
    """

    epoch: int
    loss_sum: float
    num_tokens: float
    seconds: float

    @property
    def mean_loss(self) -> float:
        """Cross-entropy in nats per token."""
        return self.loss_sum / self.num_tokens

    @property
    def perplexity(self) -> float:
        """exp(mean loss), or ``inf`` where that overflows."""
        return perplexity(self.mean_loss)

    @property
    def tokens_per_second(self) -> float:
        """How fast the pass was."""
        return self.num_tokens / self.seconds


def train_batches(
    forward: Callable[..., Loss],
    batches: Iterable[Sequence[Any]],
    optimizer: Optimizer,
    *,
    guard: NonFiniteGuard,
    epoch: int = 1,
    start: TrainingState | None = None,
    after_batch: Callable[[TrainingState], Any] | None = None,
) -> tuple[float, float]:
    """Train on each batch once: the loop behind every trainer of this package.

    Parameters
    ----------
    forward : function
        From the arrays of a batch to its `Loss`, recorded.
    batches : iterable of tuple
        The arrays of each batch.
    optimizer : Optimizer
        Clips and steps after each backward pass.
    guard : NonFiniteGuard
        Sees every loss.
    epoch : int
        The number of this pass, for `guard`.
    start : TrainingState, optional
        Where to go on; the batches before it are passed over.
    after_batch : function, optional
        Called with the `TrainingState` after each batch; what it raises ends the training there.

    Returns
    -------
    loss_sum : float
        Cross-entropy in nats, summed over all tokens.
    num_tokens : float
        The number of tokens predicted.

    Raises
    ------
    ValueError
        If there is no batch, as from an iterator that has run out.
    """
    state = start or TrainingState(epoch)
    loss_sum, num_tokens = state.loss_sum, state.num_tokens
    with computing() as pause:  # a fork by another thread waits for it
        for batch, arrays in enumerate(itertools.islice(batches, state.batch, None), start=state.batch + 1):
            with pushing():
                loss = forward(*arrays)
                loss.objective.backward()
            norm = optimizer.update(loss.num_tokens)
            value = loss.objective.asnumpy().item()  # waits for the batch
            guard.check(value, epoch=epoch, batch=batch, norm=norm)
            loss_sum += value * loss.weight
            num_tokens += loss.num_tokens
            if after_batch is not None:
                after_batch(state._replace(batch=batch, loss_sum=loss_sum, num_tokens=num_tokens, loss=value))
            pause()
    if not num_tokens:
        raise ValueError(
            f"an epoch needs at least one batch, but epoch {epoch} had none: use a longer text, a smaller batch_size "
            "or num_steps, or an iterator that begins anew each time, such as a SeqDataLoader"
        )
    return loss_sum, num_tokens


def train_epoch(
    model: Any,
    batches: Iterable[tuple[Any, Any]],
    optimizer: Optimizer,
    *,
    ctx: Any,
    carry_state: bool,
    guard: NonFiniteGuard,
    epoch: int = 1,
    summed: bool = False,
    loss: Callable[[Any, Any], Any] | None = None,
    start: TrainingState | None = None,
    after_batch: Callable[[TrainingState], Any] | None = None,
) -> tuple[float, float]:
    """Train a language model on one pass over the corpus.

    Parameters
    ----------
    model : callable
        ``model(X, state) -> (scores, state)`` with ``begin_state(batch_size, ctx)``.
    batches : iterable of (X, Y)
        Indices (batch_size, num_steps), and the same one character later.
    optimizer : Optimizer
        Clips and steps after each backward pass.
    ctx : mxnet.Context
        Where to train; batches are moved there.
    carry_state : bool
        Whether the state goes on from batch to batch, cut from the graph (consecutive sampling),
        or begins anew with each (random sampling).
    guard : NonFiniteGuard
        Sees every loss.
    epoch : int
        The number of this pass, for `guard`.
    summed : bool
        Whether the sum of the loss over all characters is differentiated, as in the editions
        before autumn 2018, instead of its mean.
    loss : function, optional
        From scores and labels to the loss of each character; softmax cross-entropy by default.
    start, after_batch : optional
        As in `train_batches`; the states have the hidden state where it is carried.

    Returns
    -------
    loss_sum : float
        Cross-entropy in nats, summed over all characters.
    num_chars : float
        The number of characters predicted.

    Raises
    ------
    TypeError
        If the batches are of the other array type.
    ValueError
        If there is no batch.
    """
    loss = loss or gluon.loss.SoftmaxCrossEntropyLoss()
    state: Any = start.hidden if start else None
    np_arrays = mx.util.is_np_array()
    may_be_fast = _is_cross_entropy(loss)

    def forward(X: Any, Y: Any) -> Loss:
        nonlocal state
        check_array_type("a batch", [X, Y], np=getattr(model, "_np", np_arrays))
        if state is None or not carry_state:
            state = model.begin_state(batch_size=X.shape[0], ctx=ctx)
        else:
            state = detach_state(state)
        X, Y = on_device(X, ctx), on_device(Y, ctx)
        network = fast_form_of(model, X.ctx) if may_be_fast else None
        with autograd.record():
            if network is not None and network.supports(X, state):
                objective, state = network.loss(X, Y, state, summed=summed)
            else:
                scores, state = model(X, state)
                # scores stand step by step, so the labels must too
                losses = loss(scores, Y.T.reshape((-1,)))
                if not hasattr(losses, "backward"):
                    raise TypeError(
                        f"loss must return an array, but it is {short_repr(losses)}: return that of each example"
                    )
                objective = losses.sum() if summed else losses.mean()
        return Loss(objective, 1 if summed else Y.size, Y.size)

    def after(reached: TrainingState) -> None:
        if after_batch is not None:
            after_batch(reached._replace(hidden=state if carry_state else None))

    with exclusive_training(model):
        return train_batches(forward, batches, optimizer, guard=guard, epoch=epoch, start=start, after_batch=after)


def _is_cross_entropy(loss: Any) -> bool:
    """Return whether a loss is Gluon's softmax cross-entropy with its defaults."""
    return (
        type(loss) is gluon.loss.SoftmaxCrossEntropyLoss
        and (loss._axis, loss._sparse_label, loss._from_logits) == (-1, True, False)
        and (loss._weight, loss._batch_axis) == (None, 0)
        and not is_changed(loss)
    )


def ends_training(callback: Callable[..., Any] | None, *result: Any) -> bool:
    """Call a callback, if there is one, and return whether it ends the training.

    It does so by raising `StopTraining`, or by returning True; whatever else it returns, such as
    the number that ``file.write`` gives, means nothing.

    Examples
    --------
    >>> ends_training(lambda epoch: epoch == 3, 3), ends_training(lambda epoch: epoch, 3)
    (True, False)
    """
    if callback is None:
        return False
    try:
        answer = callback(*result)
    except StopTraining:
        return True
    return isinstance(answer, (bool, np.bool_)) and bool(answer)


def train(
    run_epoch: Callable[[int, NonFiniteGuard], tuple[float, float]],
    *,
    num_epochs: int,
    on_epoch: Callable[[Totals], Any],
    on_nonfinite: str = "warn",
    progress: bool = False,
    describe: Callable[[Totals], str] = lambda totals: f"perplexity {totals.perplexity:.2f}",
    first_epoch: int = 1,
    seconds: float = 0.0,
) -> Totals:
    """Train for a number of epochs, and return the totals of the last.

    Parameters
    ----------
    run_epoch : function
        ``run_epoch(epoch, guard) -> (loss_sum, num_tokens)``, such as `train_epoch` of a model.
    num_epochs : int
        Passes over the corpus, at least one.
    on_epoch : function
        Called with the `Totals` of each epoch; see `ends_training`.
    on_nonfinite : {"warn", "raise", "ignore"}
        As in `NonFiniteGuard`.
    progress : bool
        Whether to show a progress bar on stderr.
    describe : function
        What the bar says of an epoch.
    first_epoch : int
        Where to go on, at most `num_epochs`; the epochs before it are done.
    seconds : float
        What the first epoch has taken already.

    Raises
    ------
    NonFiniteLossError
        With ``on_nonfinite="raise"``.
    """
    guard = NonFiniteGuard(on_nonfinite)
    with _epochs(first_epoch, num_epochs, progress) as epochs:
        for epoch in epochs:
            start = time.perf_counter() - seconds
            totals = Totals(epoch, *run_epoch(epoch, guard), time.perf_counter() - start)
            seconds = 0.0
            if progress:
                epochs.set_postfix_str(describe(totals), refresh=False)
            if ends_training(on_epoch, totals):
                break
    return totals


def printer(progress: bool) -> Callable[[str], Any]:
    """Return the function that prints a line, above the progress bar if there is one."""
    if not progress:
        return print
    from tqdm import tqdm

    return tqdm.write


def _epochs(first_epoch: int, num_epochs: int, progress: bool) -> Any:
    numbers = range(first_epoch, num_epochs + 1)
    if not progress:
        return contextlib.nullcontext(numbers)
    from tqdm import tqdm

    return tqdm(numbers, unit="epoch", initial=first_epoch - 1, total=num_epochs, dynamic_ncols=True)
