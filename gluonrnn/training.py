"""The one training loop: begin or carry the state, forward, loss, backward, update.

Every edition's trainer calls it, and adds only its names, its printed lines and its samples.

Source: *Dive into Deep Learning* (2018 edition), section 6.4, "Defining the training function".
"""

from __future__ import annotations

import contextlib
import math
import random
import time
from typing import Any, Callable, Iterable, NamedTuple

import numpy as np

from gluonrnn._mxnet import autograd, gluon, mx
from gluonrnn.checks import check_seed
from gluonrnn.errors import NonFiniteLossError, NonFiniteLossWarning, warn
from gluonrnn.updates import clip, global_norm

__all__ = ["Epoch", "Watch", "detach_state", "perplexity", "printer", "seed", "train", "train_epoch", "updater"]

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


class Watch:
    """Looks at every loss, and reports the first that is NaN or infinite.

    Parameters
    ----------
    on_nonfinite : {"warn", "raise", "ignore"}
        ``"warn"`` warns once and lets training go on, as the book's does; ``"raise"`` stops it.

    Raises
    ------
    ValueError
        If `on_nonfinite` is none of these.

    Examples
    --------
    >>> Watch("raise").look(float("nan"), epoch=3, batch=2, norm=lambda: float("nan"))
    Traceback (most recent call last):
    ...
    gluonrnn.errors.NonFiniteLossError: the loss became nan at epoch 3, batch 2 (gradient norm nan): \
use a smaller lr or clipping_theta
    """

    def __init__(self, on_nonfinite: str = "warn") -> None:
        if on_nonfinite not in ON_NONFINITE:
            raise ValueError(
                f"on_nonfinite is one of {', '.join(ON_NONFINITE)}, but it is {on_nonfinite!r}: choose one of these"
            )
        self.on_nonfinite = on_nonfinite
        self.reported = on_nonfinite == "ignore"

    def look(self, loss: float, *, epoch: int, batch: int, norm: Callable[[], float]) -> None:
        """Report `loss` if it is the first that is not finite; `norm` is called only then."""
        if self.reported or math.isfinite(loss):
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


def updater(params: Callable[[], list[Any]], theta: float | None, step: Callable[[], None]) -> Callable[[], float]:
    """Return the function that clips and steps after each backward pass.

    Parameters
    ----------
    params : function
        Returns the parameters; asked for at each call, since Gluon makes some at the first batch.
    theta : float or None
        The clipping threshold.
    step : function
        Takes one step on the clipped gradients.

    Returns
    -------
    function
        Clips, steps, and returns a function that gives the norm of the gradients before
        clipping. (The norm costs a pass where clipping is off, so it is worked out on demand.)
    """

    def update() -> Any:
        current = params()
        norm = clip(current, theta)
        step()
        return (lambda: global_norm(current)) if norm is None else (lambda: norm)

    return update


def train_epoch(
    model: Any,
    batches: Iterable[tuple[Any, Any]],
    update: Callable[[], Any],
    *,
    begin_state: Callable[[], Any],
    carry_state: bool,
    watch: Watch,
    epoch: int = 1,
    summed: bool = False,
) -> tuple[float, int]:
    """Run over the corpus once.

    Parameters
    ----------
    model : callable
        ``model(X, state) -> (scores, state)``.
    batches : iterable of (X, Y)
        Indices (batch_size, num_steps), and the same one character later.
    update : function
        From `updater`.
    begin_state : function
        Returns the state before the first character.
    carry_state : bool
        Whether the state goes on from batch to batch, cut from the graph (consecutive sampling),
        or begins anew with each (random sampling).
    watch : Watch
        Sees every loss.
    epoch : int
        The number of this pass, for `watch`.
    summed : bool
        Whether the sum of the loss over all characters is differentiated, as in the editions
        before autumn 2018, instead of its mean.

    Returns
    -------
    loss_sum : float
        Cross-entropy in nats, summed over all characters.
    num_chars : int
        The number of characters predicted.
    """
    loss = gluon.loss.SoftmaxCrossEntropyLoss()
    loss_sum, num_chars = 0.0, 0
    state = begin_state() if carry_state else None
    for batch, (X, Y) in enumerate(batches, start=1):
        state = detach_state(state) if carry_state else begin_state()
        with autograd.record():
            scores, state = model(X, state)
            # scores stand step by step, so the labels must too
            losses = loss(scores, Y.T.reshape((-1,)))
            objective = losses.sum() if summed else losses.mean()
        objective.backward()
        norm = update()
        value = objective.asscalar()  # waits for the batch
        watch.look(float(value), epoch=epoch, batch=batch, norm=norm)
        loss_sum += value if summed else value * Y.size
        num_chars += Y.size
    return loss_sum, num_chars


def train(
    model: Any,
    make_batches: Callable[[], Iterable[tuple[Any, Any]]],
    update: Callable[[], Any],
    *,
    num_epochs: int,
    begin_state: Callable[[], Any],
    carry_state: bool,
    on_epoch: Callable[[Epoch], Any],
    on_nonfinite: str = "warn",
    progress: bool = False,
    summed: bool = False,
) -> None:
    """Train a model for a number of epochs.

    Parameters
    ----------
    model, update, begin_state, carry_state
        As in `train_epoch`.
    make_batches : function
        Returns the batches of one epoch.
    num_epochs : int
        Passes over the corpus.
    on_epoch : function
        Called with each `Epoch`; a true answer ends the training there.
    on_nonfinite : {"warn", "raise", "ignore"}
        As in `Watch`.
    progress : bool
        Whether to show a progress bar on stderr.
    summed : bool
        As in `train_epoch`.

    Raises
    ------
    NonFiniteLossError
        With ``on_nonfinite="raise"``.
    """
    watch = Watch(on_nonfinite)
    with _epochs(num_epochs, progress) as epochs:
        for epoch in epochs:
            start = time.time()
            loss_sum, num_chars = train_epoch(
                model,
                make_batches(),
                update,
                begin_state=begin_state,
                carry_state=carry_state,
                watch=watch,
                epoch=epoch,
                summed=summed,
            )
            result = Epoch(epoch, perplexity(loss_sum / num_chars), time.time() - start)
            if progress:
                epochs.set_postfix_str(f"perplexity {result.perplexity:.2f}", refresh=False)
            if on_epoch(result):
                break


def printer(progress: bool) -> Callable[[str], Any]:
    """Return the function that prints a line, above the progress bar if there is one."""
    if not progress:
        return print
    from tqdm import tqdm

    return tqdm.write


def _epochs(num_epochs: int, progress: bool) -> Any:
    numbers = range(1, num_epochs + 1)
    if not progress:
        return contextlib.nullcontext(numbers)
    from tqdm import tqdm

    return tqdm(numbers, unit="epoch", dynamic_ncols=True)
