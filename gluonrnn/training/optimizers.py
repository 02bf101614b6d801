r"""Gradient clipping and optimizers.

Source: *Dive into Deep Learning* (2018 edition), sections 3.2 (``sgd``) and 6.4 (clipping);
Pascanu et al., "On the difficulty of training recurrent neural networks", 2013.
"""

from __future__ import annotations

import math
import numbers
from typing import Any, Callable, Mapping, Sequence

import numpy as np

from gluonrnn._arrays import check_same_array_type
from gluonrnn._checks import check_finite, check_number, short_repr
from gluonrnn._mxnet import gluon, nd
from gluonrnn.threads import exclusive_update, pushing

__all__ = ["SGD", "Optimizer", "Stepped", "block_sgd", "global_norm", "grad_clipping", "params_of", "sgd"]


def _gradients(arrays: list[Any]) -> list[Any]:
    """Return the gradients; a frozen parameter (``grad_req="null"``) has none."""
    return [grad for grad in (array.grad for array in arrays) if grad is not None]


def _arrays(params: Any) -> list[Any]:
    """Return parameters as a list, if they are arrays of one array type."""
    if isinstance(params, (str, bytes, nd.NDArray)) or not hasattr(params, "__iter__"):
        raise TypeError(f"params must be a list of arrays, but it is {short_repr(params)}: pass [param]")
    params = list(params)
    for param in params:
        if not isinstance(param, nd.NDArray):
            remedy = "pass its data()" if hasattr(param, "list_data") else "pass the arrays themselves"
            raise TypeError(f"params must be a list of arrays, but it holds {short_repr(param)}: {remedy}")
    check_same_array_type("params", params)
    return params


def global_norm(params: Sequence[Any]) -> float:
    """Return the L2 norm of all gradients, laid end to end as one vector.

    Examples
    --------
    >>> w = nd.array([3.0, 4.0])
    >>> w.attach_grad()
    >>> w.grad[:] = w
    >>> global_norm([w])
    5.0
    """
    return _norm(_gradients(_arrays(params)))


def _norm(grads: list[Any]) -> float:
    if not grads:
        return 0.0
    # dot is exact enough at any size, which norm and multi_sum_sq are not, and sum is slow
    with pushing():
        flats = [grad.as_nd_ndarray().reshape((-1,)) for grad in grads]
        squares = nd.concat(*(nd.dot(flat, flat) for flat in flats), dim=0)
    return math.sqrt(squares.asnumpy().sum(dtype="float64"))


def params_of(net: Any) -> list[Any]:
    """Return the parameters of a Gluon block, or of a model that has a list of them.

    Examples
    --------
    >>> params_of([nd.ones(1)])
    Traceback (most recent call last):
    ...
    TypeError: net must be a Gluon block or a model with params such as RNNModelScratch, but it is \
[ [1.] <NDArray 1 @cpu(0)>] (list): check the order of the arguments
    """
    if isinstance(net, gluon.Block):
        return [param.data() for param in net.collect_params().values()]
    if not hasattr(net, "params"):
        raise TypeError(
            f"net must be a Gluon block or a model with params such as RNNModelScratch, but it is {short_repr(net)}: "
            "check the order of the arguments"
        )
    return list(net.params)


def grad_clipping(params: Sequence[Any], theta: float | None, ctx: Any) -> None:
    r"""Scale all gradients down together, in place, so that their norm is at most `theta`.

    .. math:: g \leftarrow \min\left(\frac{\theta}{\lVert g \rVert}, 1\right) g

    Parameters
    ----------
    params : sequence of NDArray
        Parameters with gradients; frozen ones are left out.
    theta : float or None
        The most that the L2 norm, over all parameters together, may be; None for no clipping.
    ctx : mxnet.Context or None
        The book's argument; the gradients are clipped where they are, whatever it is.

    Raises
    ------
    TypeError, ValueError
        If `params` is no list of arrays, or `theta` no number from 0 up.
    RuntimeError
        If another thread clips or updates `params` meanwhile.

    Notes
    -----
    A norm of NaN is not above `theta`, so NaN passes through, in the book and here: the trainers
    report it from the loss.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.4, "Clipping gradients"; ``theta=None``
    is `gluonbook`'s.

    Examples
    --------
    >>> w = nd.array([3.0, 4.0])
    >>> w.attach_grad()
    >>> w.grad[:] = w
    >>> grad_clipping([w], theta=1.0, ctx=None)
    >>> [round(g, 6) for g in w.grad.asnumpy().tolist()]
    [0.6, 0.8]
    """
    clip(params, theta)


def clip(params: Sequence[Any], theta: float | None) -> float | None:
    """Clip as `grad_clipping`, and return the norm before clipping, or None without clipping."""
    if theta is None:
        return None
    _check_threshold(theta)
    params = _arrays(params)
    with exclusive_update(params):
        grads = _gradients(params)
        norm = _norm(grads)
        if norm > theta:
            with pushing():
                for grad in grads:
                    grad *= theta / norm
    return norm


def _check_threshold(theta: Any) -> None:
    rule = "theta must be a number of at least 0, or None for no clipping"
    is_number = isinstance(theta, numbers.Real) and not isinstance(theta, bool)
    if not is_number:
        raise TypeError(f"{rule}, but it is {short_repr(theta)}: pass a float, and check the order of the arguments")
    if not theta >= 0:  # infinity clips nothing
        raise ValueError(f"{rule}, but it is {theta}: pass another value")


def sgd(params: Sequence[Any], lr: float, batch_size: float) -> None:
    r"""Take one step of minibatch stochastic gradient descent, in place.

    .. math:: w \leftarrow w - \frac{\eta}{|B|} \frac{\partial L}{\partial w}

    Parameters
    ----------
    params : sequence of NDArray
        Parameters with gradients; frozen ones are left out.
    lr : float
        The learning rate.
    batch_size : int
        What the gradient is divided by: the examples it sums over, or 1 if the loss is a mean.

    Raises
    ------
    TypeError, ValueError
        If `params` is no list of arrays, `lr` is no finite number, or `batch_size` none above 0.
    RuntimeError
        If another thread clips or updates `params` meanwhile.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 3.2.

    Examples
    --------
    >>> w = nd.array([1.0, 2.0])
    >>> w.attach_grad()
    >>> w.grad[:] = 1
    >>> sgd([w], lr=0.5, batch_size=1)
    >>> w.asnumpy().tolist()
    [0.5, 1.5]
    """
    params = _arrays(params)
    rate = _rate(lr, batch_size)
    with exclusive_update(params), pushing():
        for param in params:
            grad = param.grad
            if grad is None:
                continue
            if isinstance(rate, float) and param.dtype is np.float32:
                weight = param.as_nd_ndarray()
                nd.sgd_update(weight, grad.as_nd_ndarray(), lr=rate, out=weight)  # without an array in between
            else:
                param -= rate * grad


def _rate(lr: Any, batch_size: Any) -> Any:
    """Return ``lr / batch_size``, if both are numbers; either may be an array, too, which is taken as it is."""
    rate = lr if isinstance(lr, nd.NDArray) else check_finite("lr", lr)
    return rate / (batch_size if isinstance(batch_size, nd.NDArray) else check_number("batch_size", batch_size))


class Optimizer:
    """What the training loop calls after each backward pass: clip the gradients, then take a step.

    A subclass says how to step, and in `arrays` what it remembers from step to step: that is saved
    with each checkpoint, so that a run goes on to the bit.

    Parameters
    ----------
    net : Block, model or list of NDArray
        What is trained; see `params_of`.
    theta : float or None
        The clipping threshold.

    Examples
    --------
    >>> class SignSGD(Optimizer):
    ...     def step(self, num_tokens):
    ...         for param in self.params():
    ...             param -= 0.5 * param.grad.sign()
    >>> w = nd.array([3.0, 4.0])
    >>> w.attach_grad()
    >>> w.grad[:] = w
    >>> norm = SignSGD([w], theta=None).update(num_tokens=1)
    >>> w.asnumpy().tolist(), norm()
    ([2.5, 3.5], 5.0)
    """

    def __init__(self, net: Any, theta: float | None) -> None:
        self.net = net
        self.theta = theta

    def params(self) -> list[Any]:
        """Return the parameters as they are now: Gluon makes some at the first batch."""
        return self.net if isinstance(self.net, list) else params_of(self.net)

    def step(self, num_tokens: float) -> Any:
        """Change the parameters by their gradients; `num_tokens` are those that a summed loss is summed over."""
        raise NotImplementedError

    def arrays(self) -> dict[str, Any]:
        """Return copies of what is remembered between steps, as NumPy arrays by name."""
        return {}

    def load(self, arrays: Mapping[str, Any]) -> None:
        """Go on from what `arrays` returned."""

    def update(self, num_tokens: float) -> Callable[[], float]:
        """Clip and step; return a function that gives the norm of the gradients before clipping.

        Without clipping, the norm costs a pass over the gradients, and is only computed on demand.
        """
        params = self.params()
        norm = clip(params, self.theta)
        with pushing():
            self.step(num_tokens)
        return (lambda: global_norm(params)) if norm is None else (lambda: norm)


class SGD(Optimizer):
    """Plain gradient descent on a loss that is a mean, the book's; it remembers nothing."""

    def __init__(self, net: Any, lr: float, theta: float | None) -> None:
        super().__init__(net, theta)
        self.lr = lr

    def step(self, num_tokens: float) -> None:
        """Take one step of `sgd`."""
        sgd(self.params(), self.lr, 1)


class Stepped(Optimizer):
    """An optimizer whose step is a function of the number of tokens, such as a ``gluon.Trainer``'s."""

    def __init__(self, net: Any, step: Callable[[float], Any], theta: float | None) -> None:
        super().__init__(net, theta)
        self._step = step

    def step(self, num_tokens: float) -> None:
        """Call the function."""
        self._step(num_tokens)


def block_sgd(model: Any, lr: float, theta: float | None) -> Optimizer:
    """Return gradient descent on a block by Gluon's own trainer."""
    trainer = gluon.Trainer(model.collect_params(), "sgd", {"learning_rate": lr, "momentum": 0, "wd": 0})
    return Stepped(model, lambda num_tokens: trainer.step(1), theta)
