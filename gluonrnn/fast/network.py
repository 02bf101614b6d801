"""A network in its fast form: batches in compiled blocks, single tokens in NumPy."""

from __future__ import annotations

import collections
import functools
import os
import threading
from typing import Any, Callable, Sequence

import numpy as np

from gluonrnn._arrays import as_nd, as_np, is_np, using_nd
from gluonrnn._mxnet import autograd, gluon, nd
from gluonrnn.fast.operators import NumPyOperators
from gluonrnn.fast.sequences import Form, loss_of, scores_of
from gluonrnn.fast.steps import Gate
from gluonrnn.threads import freed_under_lock

__all__ = ["Blocks", "Fast", "Network", "Writer", "fast_form_of"]


class _Block(gluon.HybridBlock):
    """A function of ``mxnet.nd`` or ``mxnet.sym``, compiled at its first call.

    Its memory is planned once; what would be allocated anew each time costs as much as the sums
    that are done in it.
    """

    _cached_op: Any

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(prefix="")
        self._function = function
        self.hybridize(static_alloc=True, static_shape=True)

    def _build_cache(self, *args: Any) -> None:
        super()._build_cache(*args)
        self._cached_op = freed_under_lock(self._cached_op)

    def hybrid_forward(self, F: Any, *args: Any) -> list[Any]:
        result, state = self._function(F, *args)
        return [result, list(state)]


class Blocks(threading.local):
    """The blocks that a model has compiled; the least recently used goes first.

    Each thread has its own, for a block computes in memory of its own, which two calls at once would
    share. A copy of it starts empty, so that models can be copied and pickled.

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

    def of(self, function: Callable[..., Any], *args: Any) -> Callable[..., Any]:
        """Return the compiled form of ``functools.partial(function, *args)``."""
        whole = (function, *args)
        if whole not in self._blocks:
            while len(self._blocks) >= self.MOST:
                self._blocks.popitem(last=False)
            self._blocks[whole] = _Block(functools.partial(function, *args))
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

    def supports(self, X: Any, state: Any) -> bool:
        """Return whether inputs and state are supported; others go to the plain code, which reports errors."""
        return self._is_state(state, X.shape[0]) and all(array.ctx == X.ctx for array in (self.params[0], *state))

    def _is_state(self, state: Any, batch_size: int) -> bool:
        size = (batch_size, self.form.num_hiddens)
        shape = size if self.form.is_cell else (self.form.num_layers, *size)
        return (
            isinstance(state, (tuple, list))
            and len(state) == self.form.num_states
            and all(isinstance(part, nd.NDArray) and part.shape == shape for part in state)
            and all(part.dtype == np.float32 for part in state)
        )

    def __call__(self, X: Any, state: Any) -> tuple[Any, Any]:
        """Score the token that follows each input."""
        if not autograd.is_recording():  # where lengths vary, and there is no gradient to plan memory for
            return self._run(functools.partial(scores_of, self.form, X.shape[1], nd), X, state=state)
        return self._run(self._blocks.of(scores_of, self.form, X.shape[1]), X, state=state)

    def loss(self, X: Any, Y: Any, state: Any, *, summed: bool) -> tuple[Any, Any]:
        """Return the cross-entropy of a batch, to be called within ``autograd.record()``."""
        return self._run(self._blocks.of(loss_of, self.form, X.shape[1], summed), X, Y, state=state)

    def _run(self, function: Callable[..., Any], *batch: Any, state: Any) -> tuple[Any, Any]:
        with using_nd():
            result, state = function(*as_nd(batch), as_nd(list(state)), self.params)
        # as Gluon's layers and the book's cells return it
        state = tuple(state) if self.form.is_cell else list(state)
        return (as_np(result), as_np(state)) if is_np(batch[0]) else (result, state)

    def writer(self, state: Any) -> Callable[[int], Any] | None:
        """Return the function from one index after the other to scores (vocab_size,), in NumPy.

        None where the state is of another form, or something is not on the CPU.
        """
        if not self._is_state(state, batch_size=1):
            return None
        on_cpu = all(array.ctx.device_type == "cpu" for array in (*self.params, *state))
        return Writer(self.form, self.params, state) if on_cpu else None


class Fast:
    """A model that may have a fast form."""

    @functools.cached_property
    def _blocks(self) -> Blocks:
        return Blocks()

    def fast(self, ctx: Any = None) -> Network | None:
        """Return the fast form with the parameters as they are now, or None where the model is run as it is."""
        return None if os.environ.get("GLUONRNN_PLAIN", "0") not in ("", "0") else self._fast_form(ctx)

    def _fast_form(self, ctx: Any) -> Network | None:
        raise NotImplementedError


def fast_form_of(model: Any, ctx: Any) -> Network | None:
    """Return the fast form of a model of this package, if it has one; None for a user's own model."""
    return model.fast(ctx) if isinstance(model, Fast) else None


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
