"""What the steps are computed with: MXNet's arrays or symbols for batches, NumPy for single tokens."""

from __future__ import annotations

from typing import Any, Sequence

import numpy as np

from gluonrnn.fast.steps import Gate

__all__ = ["MXNetOperators", "NumPyOperators"]


class MXNetOperators:
    """Operators on ``mxnet.nd`` or ``mxnet.sym``: those that are fast on a CPU.

    Parameters
    ----------
    F : module
        ``mxnet.nd`` or ``mxnet.sym``.
    num_hiddens : int
        Hidden units.
    """

    def __init__(self, F: Any, num_hiddens: int) -> None:
        self.F = F
        self.num_hiddens = num_hiddens

    # FullyConnected runs on oneDNN and dot does not
    def linear(self, H: Any, gate: Gate) -> Any:
        """Return H W_h + b, `b` being None where the inputs have it, or repeated for each example."""
        product = self.F.FullyConnected(H, gate.W_h, no_bias=True, num_hidden=self.num_hiddens)
        return product if gate.b is None else product + gate.b

    # Activation is several times as fast as nd.tanh and nd.sigmoid
    def tanh(self, x: Any) -> Any:  # noqa: D102
        return self.F.Activation(x, act_type="tanh")

    def sigmoid(self, x: Any) -> Any:  # noqa: D102
        return self.F.Activation(x, act_type="sigmoid")

    def transpose(self, x: Any) -> Any:  # noqa: D102
        return self.F.transpose(x)

    def split(self, x: Any, parts: int) -> Sequence[Any]:
        """Return the parts of an array along its first axis."""
        # one part is an array and no list
        return list(self.F.split(x, num_outputs=parts, axis=0)) if parts > 1 else [x]


class NumPyOperators:
    """The same on NumPy's arrays, for one example: vectors, and no copies of the weights.

    Examples
    --------
    >>> NumPyOperators.sigmoid(np.float32(0))
    0.5
    """

    @staticmethod
    def linear(H: Any, gate: Gate) -> Any:
        """Return H W_h + b."""
        return gate.W_h @ H + gate.b

    tanh = staticmethod(np.tanh)

    # exp would overflow
    @staticmethod
    def sigmoid(x: Any) -> Any:  # noqa: D102
        return 0.5 * np.tanh(0.5 * x) + 0.5

    @staticmethod
    def relu(x: Any) -> Any:  # noqa: D102
        return np.maximum(x, 0)

    transpose = staticmethod(np.transpose)

    @staticmethod
    def split(x: Any, parts: int) -> Sequence[Any]:
        """Return the parts of an array along its first axis."""
        return np.split(x, parts)
