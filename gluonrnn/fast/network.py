"""A network in its fast form: batches in compiled blocks, single tokens in NumPy."""

from __future__ import annotations

import collections
import functools
from typing import Any, Callable, Sequence

import numpy as np

from gluonrnn._mxnet import autograd, gluon, nd
from gluonrnn.fast.sequences import Form, loss_of, scores_of
from gluonrnn.fast.steps import lstm
from gluonrnn.fast.writing import Writer
from gluonrnn.worlds import as_nd, as_np, is_np, nd_world

__all__ = ["Blocks", "Fast", "Network", "own_network"]


class _Block(gluon.HybridBlock):
    """A function of ``mxnet.nd`` or ``mxnet.sym``, compiled at its first call.

    Its memory is planned once; what would be allocated anew each time costs as much as the sums
    that are done in it.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(prefix="")
        self._function = function
        self.hybridize(static_alloc=True, static_shape=True)

    def hybrid_forward(self, F: Any, *args: Any) -> list[Any]:
        result, state = self._function(F, *args)
        return [result, list(state)]


class Blocks:
    """The blocks that a model has compiled; the least recently used goes first.

    A copy of it starts empty, so that models can be copied and pickled.

    Examples
    --------
    >>> blocks = Blocks()
    >>> double = blocks.of(lambda F, x: (x + x, [x]))
    >>> double(nd.ones(2))[0].asnumpy().tolist()
    [2.0, 2.0]
    """

    MOST = 4

    def __init__(self) -> None:
        self._blocks: collections.OrderedDict[Any, Any] = collections.OrderedDict()

    def of(self, function: Callable[..., Any], *key: Any) -> Callable[..., Any]:
        """Return the compiled form of ``functools.partial(function, *key)``."""
        whole = (function, *key)
        if whole not in self._blocks:
            while len(self._blocks) >= self.MOST:
                self._blocks.popitem(last=False)
            self._blocks[whole] = _Block(functools.partial(function, *key))
        self._blocks.move_to_end(whole)
        return self._blocks[whole]

    def __reduce__(self) -> Any:
        return Blocks, ()


class Network:
    """A network in its fast form, equal to the plain one for finite weights and known indices.

    Parameters
    ----------
    form : Form
        What is known of it before its weights.
    params : sequence of NDArray
        What its weights are found in.
    blocks : Blocks
        What the model has compiled.
    """

    def __init__(self, form: Form, params: Sequence[Any], blocks: Blocks) -> None:
        self.form = form
        self.params = list(params)
        self._blocks = blocks

    def takes(self, state: Any, batch_size: int) -> bool:
        """Return whether a state is one that `gluonrnn.fast` is made for; what it lacks, plain code says best."""
        size = (batch_size, self.form.num_hiddens)
        shape = (self.form.num_layers, *size) if self.form.num_layers else size
        return (
            isinstance(state, (tuple, list))
            and len(state) == (2 if self.form.step is lstm else 1)
            and all(part.shape == shape and part.dtype == np.float32 for part in state)
        )

    def __call__(self, X: Any, state: Any) -> tuple[Any, Any]:
        """Return the scores (num_steps * batch_size, vocab_size), step by step, and the state."""
        if not autograd.is_recording():  # such as a prefix, whose length comes once
            return self._run(functools.partial(scores_of, self.form, X.shape[1], nd), X, state=state)
        return self._run(self._blocks.of(scores_of, self.form, X.shape[1]), X, state=state)

    def loss(self, X: Any, Y: Any, state: Any, *, summed: bool) -> tuple[Any, Any]:
        """Return the mean (or the sum) of the cross-entropy with the labels `Y`, and the state."""
        return self._run(self._blocks.of(loss_of, self.form, X.shape[1], summed), X, Y, state=state)

    def _run(self, function: Callable[..., Any], *batch: Any, state: Any) -> tuple[Any, Any]:
        with nd_world():
            result, state = function(*as_nd(batch), as_nd(list(state)), self.params)
        # as Gluon's layers and the book's cells return it
        state = list(state) if self.form.num_layers else tuple(state)
        return (as_np(result), as_np(state)) if is_np(batch[0]) else (result, state)

    def writer(self, state: Any) -> Callable[[int], Any] | None:
        """Return the function from one index after the other to scores (vocab_size,), in NumPy.

        None where the state is of another form, or something is not on the CPU.
        """
        on_cpu = all(array.ctx.device_type == "cpu" for array in (*self.params, *state))
        return Writer(self.form, self.params, state) if on_cpu and self.takes(state, batch_size=1) else None


class Fast:
    """A model that may have a fast form."""

    def fast(self, ctx: Any = None) -> Network | None:
        """Return the fast form as the model is now, or None where it is run as it is."""
        raise NotImplementedError


def own_network(model: Any, ctx: Any) -> Network | None:
    """Return the fast form of a model of this package, if it has one; None for a user's own model."""
    return model.fast(ctx) if isinstance(model, Fast) else None
