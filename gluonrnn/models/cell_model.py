"""A scratch cell with its parameters, as a model."""

from __future__ import annotations

from typing import Any, Callable

from gluonrnn._arrays import check_world
from gluonrnn._checks import shown
from gluonrnn._mxnet import nd
from gluonrnn.fast import Fast, Network
from gluonrnn.models.fast_forms import network_of_cell
from gluonrnn.models.onehot import to_onehot

__all__ = ["CellModel"]


class CellModel(Fast):
    """A scratch cell with its parameters, as a model: indices in, scores out.

    Parameters
    ----------
    forward : function
        ``forward(inputs, state, params) -> (outputs, state)``, such as `rnn`; a user's own cell
        may return its state as an array, a tuple or a list.
    params : list of NDArray
        The parameters of the cell.
    init_state : function
        ``init_state(batch_size, num_hiddens, ctx) -> state``.
    num_hiddens : int
        Hidden units.
    vocab_size : int
        The length of a one-hot vector.

    Notes
    -----
    A cell of this package is run in its fast form, which is equal in value and gradient for finite
    weights and indices of the vocabulary; any other function is run as it is given.

    Examples
    --------
    >>> from gluonrnn import get_params, init_rnn_state, rnn
    >>> model = CellModel(rnn, get_params(7, 4), init_rnn_state, num_hiddens=4, vocab_size=7)
    >>> scores, state = model(nd.array([[1, 5, 6], [0, 2, 4]]), model.begin_state(batch_size=2))
    >>> scores.shape
    (6, 7)
    """

    def __init__(
        self,
        forward: Callable[..., Any],
        params: list[Any],
        init_state: Callable[..., Any],
        num_hiddens: int,
        vocab_size: int,
    ) -> None:
        check_world("a parameter", params, np=False)
        self.forward = forward
        self.params = params
        self.init_state = init_state
        self.num_hiddens = num_hiddens
        self.vocab_size = vocab_size

    def begin_state(self, batch_size: int, ctx: Any | None = None) -> Any:
        """Return the state before the first character, for `batch_size` examples."""
        state = self.init_state(batch_size, self.num_hiddens, ctx)
        check_world("the state", state, np=False)
        return state

    def __call__(self, X: Any, state: Any) -> tuple[Any, Any]:
        """Return the scores (num_steps * batch_size, vocab_size), step by step, and the state."""
        fast = self.fast()
        if fast is not None and fast.takes(X, state):
            return fast(X, state)
        result = self.forward(to_onehot(X, self.vocab_size), state, self.params)
        if not isinstance(result, (tuple, list)) or len(result) != 2 or not isinstance(result[0], (tuple, list)):
            raise TypeError(
                f"rnn must return its outputs, a list, and its state, but it returned {shown(result)}: "
                "return outputs, state"
            )
        outputs, state = result
        return nd.concat(*outputs, dim=0), state

    def fast(self, ctx: Any = None) -> Network | None:
        """Return the fast form, if the cell is one of this package, with the parameters as they are now."""
        # whoever calls in another way is run as they say
        own = type(self).__call__ is CellModel.__call__
        return network_of_cell(self.forward, self.params, self.vocab_size, self._blocks) if own else None
