"""A cell from scratch with its parameters, as a model: indices in, scores out."""

from __future__ import annotations

from typing import Any, Callable

from gluonrnn._arrays import as_nd, check_array_type, in_own_array_type, namespaces, requires_array_type
from gluonrnn._checks import check_callable, check_count, short_repr
from gluonrnn._mxnet import nd
from gluonrnn._shapes import check_array, explain_shape_errors
from gluonrnn.devices import check_context
from gluonrnn.fast import Fast, Network
from gluonrnn.models.cells import network_of_cell
from gluonrnn.models.np_cells import listwise

__all__ = ["CellModel", "RNNModelScratch", "to_onehot"]


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
    weights and indices of the vocabulary, unless ``GLUONRNN_PLAIN=1`` is in the environment; any
    other function is run as it is given.

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
        check_array_type("a parameter", params, np=False)
        self.forward = forward
        self.params = params
        self.init_state = init_state
        self.num_hiddens = num_hiddens
        self.vocab_size = vocab_size

    def begin_state(self, batch_size: int, ctx: Any | None = None) -> Any:
        """Return the state before the first character, for `batch_size` examples."""
        state = self.init_state(batch_size, self.num_hiddens, ctx)
        check_array_type("the state", state, np=False)
        return state

    def __call__(self, X: Any, state: Any) -> tuple[Any, Any]:
        """Return the scores (num_steps * batch_size, vocab_size), step by step, and the state."""
        fast = self.fast()
        if fast is not None and fast.supports(X, state):
            return fast(X, state)
        result = self.forward(to_onehot(X, self.vocab_size), state, self.params)
        if not isinstance(result, (tuple, list)) or len(result) != 2 or not isinstance(result[0], (tuple, list)):
            raise TypeError(
                f"rnn must return its outputs, a list, and its state, but it returned {short_repr(result)}: "
                "return outputs, state"
            )
        outputs, state = result
        return nd.concat(*outputs, dim=0), state

    def _fast_form(self, ctx: Any) -> Network | None:
        # a class that calls the cell in another way is run as it is
        own = type(self).__call__ is CellModel.__call__
        return network_of_cell(self.forward, self.params, self.vocab_size, self._blocks) if own else None


class RNNModelScratch(Fast):
    """A recurrent network from scratch, as a model: indices in, scores out.

    Parameters
    ----------
    vocab_size : int
        The number of tokens, and so of inputs and outputs.
    num_hiddens : int
        Hidden units.
    device : mxnet.Context
        Where the parameters live.
    get_params : function
        ``get_params(vocab_size, num_hiddens, device) -> params``, a list of ``mxnet.np`` arrays
        with gradients attached.
    init_state : function
        ``init_state(batch_size, num_hiddens, device) -> state``.
    forward_fn : function
        ``forward_fn(inputs, state, params) -> (Y, state)``; `inputs` is (num_steps, batch_size,
        vocab_size), `Y` (num_steps * batch_size, vocab_size), and the state an array, a tuple or a
        list.

    Raises
    ------
    TypeError
        If an argument is not of its kind, or `get_params` draws ``mxnet.nd`` arrays.
    ValueError
        If a size is not positive.

    Notes
    -----
    A cell of this package is run in its fast form, which is equal in value and gradient for finite
    weights and indices of the vocabulary, unless ``GLUONRNN_PLAIN=1`` is in the environment; any
    other function is run as it is given.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 8.5; `d2l` 0.17.6.

    Examples
    --------
    >>> from gluonrnn import d2l
    >>> net = RNNModelScratch(7, 4, d2l.try_gpu(), d2l.get_params, d2l.init_rnn_state, d2l.rnn)
    >>> Y, state = net(d2l.tensor([[1, 5, 6], [0, 2, 4]]), net.begin_state(2, d2l.try_gpu()))
    >>> Y.shape, state[0].shape
    ((6, 7), (2, 4))
    """

    _np = True

    @in_own_array_type
    def __init__(
        self,
        vocab_size: int,
        num_hiddens: int,
        device: Any,
        get_params: Callable[..., list[Any]],
        init_state: Callable[..., Any],
        forward_fn: Callable[..., Any],
    ) -> None:
        for name, function in (("get_params", get_params), ("init_state", init_state), ("forward_fn", forward_fn)):
            check_callable(name, function)
        check_context("device", device)
        self.vocab_size = check_count("vocab_size", vocab_size)
        self.num_hiddens = check_count("num_hiddens", num_hiddens)
        self.params = get_params(vocab_size, num_hiddens, device)
        if not isinstance(self.params, (list, tuple)):
            raise TypeError(
                f"get_params must return a list of arrays, but it returned {short_repr(self.params)}: "
                "return the parameters"
            )
        check_array_type("a parameter", list(self.params), np=self._np)
        self.init_state = init_state
        self.forward_fn = forward_fn

    @in_own_array_type
    def __call__(self, X: Any, state: Any) -> tuple[Any, Any]:
        """Score the token that follows each input.

        Parameters
        ----------
        X : mxnet.np.ndarray, (batch_size, num_steps)
            Indices in ``[0, vocab_size)``.
        state : array, tuple or list
            From `begin_state`, or the last call.

        Returns
        -------
        Y : mxnet.np.ndarray, (num_steps * batch_size, vocab_size), float32
            Scores, all examples of the first step first.
        state
            The state after the last step.

        Raises
        ------
        TypeError, ValueError
            If `X` is no array of two axes, or does not fit `state`.
        """
        check_array("X", X, "batch_size, num_steps")
        check_array_type("X", X, np=self._np)
        fast = self.fast()
        check_array_type("the state", state, np=self._np)
        if fast is not None and fast.supports(X, state):
            return fast(X, state)
        _, npx = namespaces()
        with explain_shape_errors("the cell", X=X, state=state):
            return self.forward_fn(npx.one_hot(X.T, self.vocab_size), state, self.params)

    @in_own_array_type
    def begin_state(self, batch_size: int, ctx: Any) -> Any:
        """Return the state before the first token, for `batch_size` examples.

        Parameters
        ----------
        batch_size : int
            Examples in a batch.
        ctx : mxnet.Context
            Where the state lives.

        Returns
        -------
        array, tuple or list
            What `init_state` returns: for the package's cells a tuple of arrays (batch_size, num_hiddens).

        Raises
        ------
        TypeError, ValueError
            If `batch_size` is not a positive whole number, or `ctx` no device.
        """
        check_count("batch_size", batch_size)
        check_context("ctx", ctx)
        state = self.init_state(batch_size, self.num_hiddens, ctx)
        check_array_type("the state", state, np=self._np)
        return state

    def _fast_form(self, ctx: Any) -> Network | None:
        # a class that calls the cell in another way is run as it is
        own = self._np and type(self).__call__ is RNNModelScratch.__call__
        cell = listwise(self.forward_fn) if own else None
        return cell and network_of_cell(cell, as_nd(list(self.params)), self.vocab_size, self._blocks)


@requires_array_type(np=False)
def to_onehot(X: Any, size: int, *, check: bool = False) -> list[Any]:
    """Turn a batch of indices into one one-hot matrix for each time step.

    Parameters
    ----------
    X : NDArray, (batch_size, num_steps)
        Indices; those of one example may be one row, (num_steps,).
    size : int
        The length of a one-hot vector, `vocab_size`.
    check : bool
        Whether to refuse indices outside ``[0, size)``, which costs a look at every value. The
        book's function, and this one by default, makes a row of zeros of them.

    Returns
    -------
    list of NDArray
        `num_steps` arrays of shape (batch_size, size), float32.

    Raises
    ------
    TypeError, ValueError
        If `X` is no array of one or two axes, `size` is not a positive whole number, or, with
        ``check=True``, an index lies outside.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.4, "One-hot vectors".

    Examples
    --------
    >>> inputs = to_onehot(nd.array([[0, 2], [1, 1]]), 3)
    >>> len(inputs), inputs[1].asnumpy().tolist()
    (2, [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0]])
    """
    if not (isinstance(X, nd.NDArray) and X.ndim == 1):  # the early editions write on from one index
        check_array("X", X, "batch_size, num_steps")
    size = check_count("size", size)
    if check:
        least, most = X.min().asscalar(), X.max().asscalar()
        if not (least >= 0 and most < size):
            outside = most if least >= 0 else least
            raise ValueError(
                f"an index must lie in [0, {size}) for a one-hot vector of size {size}, but the batch holds "
                f"{outside:g}: pass the vocab_size of this corpus"
            )
    return [nd.one_hot(x, size) for x in X.T]
