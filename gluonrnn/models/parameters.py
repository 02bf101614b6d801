"""What the parameters of all cells have in common: how they are drawn, and in which order."""

from __future__ import annotations

import functools
from typing import Any, Callable, List, Tuple, TypeVar

from gluonrnn._checks import LARGEST, check_count, check_list
from gluonrnn._mxnet import mx, nd
from gluonrnn._shapes import check_array, check_arrays, told_of_shapes
from gluonrnn._threads import pushing
from gluonrnn.devices import check_context

__all__ = ["Cell", "Outputs", "State", "checked", "draw_params", "zeros"]

State = Tuple[Any, ...]
Outputs = Tuple[List[Any], State]
Cell = TypeVar("Cell", bound=Callable[..., Any])


@pushing()
def draw_params(num_gates: int, vocab_size: int, num_hiddens: int, ctx: Any, *, np: bool = False) -> list[Any]:
    """Draw the weights of each gate and of the output, and attach their gradients.

    Parameters
    ----------
    num_gates : int
        Gates, the candidate counted among them; each has weights for the input and for the
        hidden state, and a bias.
    vocab_size, num_hiddens : int
        Inputs and outputs, and hidden units.
    ctx : mxnet.Context
        Where the parameters live; called `device` where `np` is true.
    np : bool
        Whether they are ``mxnet.np`` arrays, whose random numbers are other ones.

    Returns
    -------
    list of NDArray, float32
        Weights normal with standard deviation 0.01, biases zero, gate by gate, the output last:
        the order in which the book draws them.
    """
    _check_sizes(vocab_size=vocab_size, num_hiddens=num_hiddens)
    check_context("device" if np else "ctx", ctx)

    def normal(rows: int, columns: int) -> Any:
        if np:
            return mx.np.random.normal(scale=0.01, size=(rows, columns), ctx=ctx)
        return nd.random.normal(scale=0.01, shape=(rows, columns), ctx=ctx)

    of_zeros = mx.np.zeros if np else nd.zeros
    params = []
    for _ in range(num_gates):
        params += [normal(vocab_size, num_hiddens), normal(num_hiddens, num_hiddens), of_zeros(num_hiddens, ctx=ctx)]
    params += [normal(num_hiddens, vocab_size), of_zeros(vocab_size, ctx=ctx)]
    for param in params:
        param.attach_grad()
    return params


def zeros(batch_size: int, num_hiddens: int, ctx: Any, *, np: bool = False) -> Any:
    """Return one part of a state before the first step.

    Examples
    --------
    >>> zeros(2, 5, None).shape
    (2, 5)
    """
    _check_sizes(batch_size=batch_size, num_hiddens=num_hiddens)
    check_context("device" if np else "ctx", ctx)
    return (mx.np if np else nd).zeros((batch_size, num_hiddens), ctx=ctx)


def _check_sizes(**sizes: Any) -> None:
    for name, size in sizes.items():
        check_count(name, size)
    others = [*sizes.values()]
    largest = max(others[0] * others[1], others[1] ** 2 if "vocab_size" in sizes else 0)
    if largest > LARGEST:
        found = " and ".join(f"{name} {size}" for name, size in sizes.items())
        raise ValueError(
            f"an array of MXNet has at most {LARGEST} numbers, but {found} ask for {largest}: pass smaller numbers"
        )


def checked(num_params: int, num_states: int) -> Callable[[Cell], Cell]:
    """Make a cell over lists say what is wrong with its arguments.

    Parameters
    ----------
    num_params, num_states : int
        How many arrays its parameters and its state are.

    Returns
    -------
    function
        A decorator. What does not fit is a `TypeError` or a `ValueError`.

    Examples
    --------
    >>> @checked(num_params=1, num_states=1)
    ... def scaled(inputs, state, params):
    ...     return [X * params[0] for X in inputs], state
    >>> scaled([nd.ones((1, 2))], (nd.zeros((1, 2)),), [])
    Traceback (most recent call last):
    ...
    ValueError: params must hold 1 arrays, but it holds 0: pass what the cell's get_params returns
    """

    def decorate(cell: Cell) -> Cell:
        @functools.wraps(cell)
        def checking(inputs: Any, state: Any, params: Any) -> Any:
            params = list(params) if hasattr(params, "__iter__") else params
            check_arrays("params", params, num_params, "pass what the cell's get_params returns")
            check_arrays("state", state, num_states, "pass what the cell's init_state returns, or its last call")
            check_list("inputs", inputs, "one-hot matrices", "pass what to_onehot returns")
            inputs = list(inputs)
            if not inputs:
                raise ValueError("inputs must hold at least one step, but it is empty: pass what to_onehot returns")
            for X in inputs:
                check_array("each of inputs", X, "batch_size, vocab_size")
            with told_of_shapes("a cell", inputs=inputs[0], state=state, params=params):
                return cell(inputs, state, params)

        return checking  # type: ignore[return-value]

    return decorate
