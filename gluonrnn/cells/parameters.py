"""What the parameters of all cells have in common: how they are drawn, and in which order."""

from __future__ import annotations

from typing import Any, List, Tuple

from gluonrnn._mxnet import mx, nd
from gluonrnn.checks import check_count

__all__ = ["Outputs", "State", "draw_params"]

State = Tuple[Any, ...]
Outputs = Tuple[List[Any], State]


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
        Where the parameters live.
    np : bool
        Whether they are ``mxnet.np`` arrays, whose random numbers are other ones.

    Returns
    -------
    list of NDArray, float32
        Weights normal with standard deviation 0.01, biases zero, gate by gate, the output last:
        the order in which the book draws them.
    """
    check_count("vocab_size", vocab_size)
    check_count("num_hiddens", num_hiddens)

    def normal(rows: int, columns: int) -> Any:
        if np:
            return mx.np.random.normal(scale=0.01, size=(rows, columns), ctx=ctx)
        return nd.random.normal(scale=0.01, shape=(rows, columns), ctx=ctx)

    zeros = mx.np.zeros if np else nd.zeros
    params = []
    for _ in range(num_gates):
        params += [normal(vocab_size, num_hiddens), normal(num_hiddens, num_hiddens), zeros(num_hiddens, ctx=ctx)]
    params += [normal(num_hiddens, vocab_size), zeros(vocab_size, ctx=ctx)]
    for param in params:
        param.attach_grad()
    return params
