"""Timer, accumulator, and the mean loss of a data set.

Source: `d2l` 0.17.6 (``Timer``, ``Accumulator``, ``evaluate_loss``).
"""

from __future__ import annotations

import itertools
import time
from typing import Any, Callable, Iterable

from gluonrnn._arrays import array_type_of, check_same_array_type
from gluonrnn._checks import check_callable, check_count, check_list, short_repr

__all__ = ["Accumulator", "Timer", "evaluate_loss"]


class Timer:
    """A stopwatch that remembers every time it measured; it starts at once.

    Attributes
    ----------
    times : list of float
        The seconds from the latest start to each stop.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 3.1 "Linear regression"; `d2l` 0.17.6,
    whose clock goes wrong when that of the machine is set.

    Examples
    --------
    >>> timer = Timer()
    >>> seconds = timer.stop()
    >>> timer.times == timer.cumsum() == [seconds]
    True
    """

    def __init__(self) -> None:
        self.times: list[float] = []
        self.start()

    def start(self) -> None:
        """Start anew."""
        self.tik = time.perf_counter()

    def stop(self) -> float:
        """Note the seconds since the latest start, and return them."""
        self.times.append(time.perf_counter() - self.tik)
        return self.times[-1]

    def avg(self) -> float:
        """Return the mean of all times.

        Raises
        ------
        ValueError
            If there is none yet.
        """
        if not self.times:
            raise ValueError("a mean needs at least one time, but the timer has measured 0: call stop() before avg()")
        return self.sum() / len(self.times)

    def sum(self) -> float:
        """Return the sum of all times."""
        return sum(self.times, 0.0)

    def cumsum(self) -> list[float]:
        """Return the sum up to each time."""
        return list(itertools.accumulate(self.times))


class Accumulator:
    """Several sums that grow together.

    Parameters
    ----------
    n : int
        How many.

    Attributes
    ----------
    data : list of float
        The sums; an accumulator is indexed as they are.

    Raises
    ------
    TypeError, ValueError
        If `n` is not a positive whole number.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 3.6 "Softmax regression from scratch";
    `d2l` 0.17.6, which drops values beyond `n`, and sums for which there is no value.

    Examples
    --------
    >>> metric = Accumulator(2)
    >>> metric.add(3.0, 4)
    >>> metric.add(1.5, 2)
    >>> metric[0] / metric[1]
    0.75
    """

    def __init__(self, n: int) -> None:
        self.data = [0.0] * check_count("n", n)

    def add(self, *args: Any) -> None:
        """Add one value to each sum.

        Parameters
        ----------
        *args : float, or array of one number
            As many as there are sums.

        Raises
        ------
        TypeError, ValueError
            If there are more or fewer, or one is no single number.
        """
        if len(args) != len(self.data):
            raise ValueError(
                f"an accumulator of n sums adds n values, but there are {len(args)} for n = {len(self.data)}: "
                "pass one for each"
            )
        self.data = [total + _as_float(value) for total, value in zip(self.data, args)]

    def reset(self) -> None:
        """Set every sum to 0."""
        self.data = [0.0] * len(self.data)

    def __getitem__(self, index: Any) -> Any:
        try:
            return self.data[index]
        except (IndexError, TypeError) as error:
            raise type(error)(
                f"an accumulator of n sums is indexed by whole numbers in [0, {len(self.data)}), but this is "
                f"{short_repr(index)}: pass one of these"
            ) from None


def _as_float(value: Any) -> float:
    if hasattr(value, "asnumpy"):
        value = value.asnumpy()
    if getattr(value, "size", 1) != 1:
        raise ValueError(f"an accumulator adds single numbers, but one is of shape {value.shape}: take its sum first")
    try:
        return float(value.item() if hasattr(value, "item") else value)
    except (TypeError, ValueError, OverflowError):
        raise TypeError(
            f"an accumulator adds single numbers, but one is {short_repr(value)}: pass numbers, or arrays of one"
        ) from None


def evaluate_loss(
    net: Callable[..., Any], data_iter: Iterable[Any], loss: Callable[..., Any], *, per_label: bool = False
) -> float:
    """Return the mean loss of a net over all batches of a data set.

    Parameters
    ----------
    net : callable
        Maps `X` to predictions.
    data_iter : iterable of pairs of arrays
        Batches ``X, y``, of either array type.
    loss : callable
        Maps predictions and `y` to losses, as one array.
    per_label : bool
        Divide by the number of labels, as `d2l` 0.10 and 0.11 did, and not by that of losses.

    Returns
    -------
    float
        The sum of all losses over their number.

    Raises
    ------
    TypeError, ValueError
        If `net` or `loss` cannot be called, a batch is not X and y, or there is none.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 4.4 "Model selection, underfitting, and
    overfitting"; `d2l` 0.17.6.

    Examples
    --------
    >>> from gluonrnn._mxnet import nd
    >>> batches = [(nd.array([1, 2]), nd.array([1, 1])), (nd.array([3]), nd.array([1]))]
    >>> evaluate_loss(lambda X: 2 * X, batches, lambda y_hat, y: (y_hat - y) ** 2) == 35 / 3
    True
    """
    check_callable("net", net)
    check_callable("loss", loss)
    check_list("data_iter", data_iter, "pairs of arrays")
    metric = Accumulator(2)  # the sum of the losses, and the number of them or of the labels
    for batch in data_iter:
        if not isinstance(batch, (tuple, list)) or len(batch) != 2:
            raise TypeError(
                f"a batch must be X and y, two arrays, but this one is {short_repr(batch)}: pass a list of pairs"
            )
        X, y = batch
        check_same_array_type("a batch", [X, y])
        with array_type_of(X):
            losses = loss(net(X), y)
            if not hasattr(losses, "sum"):
                raise TypeError(
                    f"loss must return an array of losses, but it returned {short_repr(losses)}: pass another"
                )
            metric.add(losses.sum(), y.size if per_label else losses.size)
    if not metric[1]:
        raise ValueError(
            "a mean loss needs at least one batch, but data_iter has 0: pass one that is not empty, nor used up"
        )
    return metric[0] / metric[1]
