"""A network one token at a time, in NumPy.

A step on one example is so little work that MXNet's operators spend their time on being called.
"""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

from gluonrnn.fast.operators import NumPyOperators
from gluonrnn.fast.sequences import Form
from gluonrnn.fast.steps import Gate

__all__ = ["Writer"]


class Writer:
    """Reads one index after the other, and remembers the state.

    Parameters
    ----------
    form : Form
        The network.
    params : sequence of NDArray
        What its weights are found in, as they are now.
    state : sequence of NDArray
        The state of one example to start from.
    """

    def __init__(self, form: Form, params: Sequence[Any], state: Sequence[Any]) -> None:
        self._step = form.step
        self._weights = form.weights(NumPyOperators, [param.asnumpy() for param in params])
        parts = [part.asnumpy().reshape((-1, form.num_hiddens)) for part in state]
        self._state: list[Any] = list(zip(*parts))  # for each layer its H, and C if it has one

    def __call__(self, index: int) -> Any:
        """Return the scores (vocab_size,) of the token that follows."""
        if not 0 <= index < len(self._weights.b_q):
            raise IndexError(
                f"an index must lie in [0, {len(self._weights.b_q)}) for this model, but it is {index}: "
                "take indices from the vocabulary that it was trained with"
            )
        with np.errstate(all="ignore"):  # of a model that diverged, the scores say so
            return self._read(int(index))

    def _read(self, index: int) -> Any:
        first, *others = self._weights.layers
        x = [_with_bias(gate.W_x[index], gate) for gate in first]
        self._state[0] = self._step(NumPyOperators, x, self._state[0], first)
        for layer, gates in enumerate(others, start=1):
            below = self._state[layer - 1][0]
            x = [_with_bias(below @ gate.W_x, gate) for gate in gates]
            self._state[layer] = self._step(NumPyOperators, x, self._state[layer], gates)
        return self._weights.W_q @ self._state[-1][0] + self._weights.b_q


def _with_bias(x: Any, gate: Gate) -> Any:
    return x if gate.b_x is None else x + gate.b_x
