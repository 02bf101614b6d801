"""What all cells share: how parameters and states are made, documented and checked."""

from __future__ import annotations

import functools
import inspect
from typing import Any, Callable, List, Tuple, TypeVar

from gluonrnn._checks import LARGEST, check_count, check_list
from gluonrnn._mxnet import mx, nd
from gluonrnn._shapes import check_array, check_arrays, explain_shape_errors
from gluonrnn.devices import check_context
from gluonrnn.threads import pushing

__all__ = ["Outputs", "State", "checked", "documented", "draw_params", "zeros"]

State = Tuple[Any, ...]
Outputs = Tuple[List[Any], State]
Function = TypeVar("Function", bound=Callable[..., Any])

GET_PARAMS = """Draw the parameters of `{cell}`: normal with standard deviation 0.01, biases zero.

    Parameters
    ----------
    vocab_size : int
        The number of {token}s, and so of inputs and outputs.
    num_hiddens : int
        Hidden units.
    {ctx} : mxnet.Context, optional
        Where the parameters live.

    Returns
    -------
    list of {array}, float32, each with a gradient attached
        {params}. Each ``W_x?`` is (vocab_size, num_hiddens), each ``W_h?`` (num_hiddens,
        num_hiddens), each ``b_?`` (num_hiddens,); ``W_hq`` is (num_hiddens, vocab_size) and
        ``b_q`` (vocab_size,).

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `{ctx}` no device of this machine.

    References
    ----------
    *Dive into Deep Learning* ({edition}), section {section}.

    Examples
    --------
    >>> [param.shape for param in {function}(28, 16)[:3]]
    [(28, 16), (16, 16), (16,)]
    """

INIT_STATE = """Return {what} before the first {token}: zeros.

    Parameters
    ----------
    batch_size : int
        Examples in a batch.
    num_hiddens : int
        Hidden units.
    {ctx} : mxnet.Context, optional
        Where the state lives.

    Returns
    -------
    tuple of {parts} {array}, (batch_size, num_hiddens), float32
        {state}.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `{ctx}` no device of this machine.

    References
    ----------
    *Dive into Deep Learning* ({edition}), section {section}.

    Examples
    --------
    >>> [part.shape for part in {function}(2, 5)][0]
    (2, 5)
    """


def documented(template: str, **words: str) -> Callable[[Function], Function]:
    """Give a function the docstring that a template makes of some words and of its last parameter's name.

    Examples
    --------
    >>> @documented("Draw `{function}` on `{ctx}`.")
    ... def get_params(vocab_size, num_hiddens, device=None): ...
    >>> get_params.__doc__
    'Draw `get_params` on `device`.'
    """

    def decorate(function: Function) -> Function:
        ctx = list(inspect.signature(function).parameters)[-1]
        function.__doc__ = template.format(function=function.__name__, ctx=ctx, **words)
        return function

    return decorate


@pushing()
def draw_params(num_gates: int, vocab_size: int, num_hiddens: int, ctx: Any, *, np: bool = False) -> list[Any]:
    """Draw the weights of each gate and of the output, and attach their gradients.

    The candidate counts as a gate. The order is the one in which the book draws: gate by gate
    ``W_x``, ``W_h``, ``b``, then the output's ``W_hq``, ``b_q``. With `np`, they are ``mxnet.np``
    arrays, whose generator draws other numbers, and the device is called ``device``.
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


def zeros(num_parts: int, batch_size: int, num_hiddens: int, ctx: Any, *, np: bool = False) -> State:
    """Return the state before the first step.

    Examples
    --------
    >>> [part.shape for part in zeros(2, 3, 5, None)]
    [(3, 5), (3, 5)]
    """
    _check_sizes(batch_size=batch_size, num_hiddens=num_hiddens)
    check_context("device" if np else "ctx", ctx)
    return tuple((mx.np if np else nd).zeros((batch_size, num_hiddens), ctx=ctx) for _ in range(num_parts))


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


def checked(num_params: int, num_states: int) -> Callable[[Function], Function]:
    """Make a cell over lists check its arguments: what does not fit is a `TypeError` or a `ValueError`.

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

    def decorate(cell: Function) -> Function:
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
            with explain_shape_errors("a cell", inputs=inputs[0], state=state, params=params):
                return cell(inputs, state, params)

        return checking  # type: ignore[return-value]

    return decorate
