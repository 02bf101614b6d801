"""The concise version: a Gluon recurrent layer with an output layer on top.

Source: *Dive into Deep Learning* (2018 edition), section 6.5 "Concise implementation of RNNs".
"""

from __future__ import annotations

from typing import Any

from gluonrnn._arrays import check_array_type, in_own_array_type, namespaces
from gluonrnn._checks import check_count, explain_missing_parameters, short_repr
from gluonrnn._mxnet import gluon, init, nd
from gluonrnn._shapes import check_array, explain_shape_errors
from gluonrnn.devices import check_context
from gluonrnn.fast import Fast, Network, is_changed, network_of_layers
from gluonrnn.threads import pushing

__all__ = ["ArrayTypeBlock", "RNNModel", "initialize"]


class ArrayTypeBlock(gluon.nn.Block):
    """A block that computes in one array type, wherever the user's switch stands.

    What is derived from it, by a reader too, is called, initialised, saved and loaded in that
    world.

    Parameters
    ----------
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    Raises
    ------
    TypeError
        When it is called with an array of the other array type.
    ValueError
        When it is called with arrays whose shapes do not fit each other or its parameters.

    Examples
    --------
    >>> from mxnet import nd
    >>> class Doubled(ArrayTypeBlock):
    ...     def forward(self, X):
    ...         return 2 * nd.relu(X)
    >>> Doubled()(nd.array([-1.0, 3.0])).asnumpy().tolist()
    [0.0, 6.0]
    """

    _np = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)

    @in_own_array_type
    def __call__(self, *args: Any) -> Any:
        """Compute; see `mxnet.gluon.nn.Block`."""
        check_array_type(f"each argument of {type(self).__name__}", args, np=self._np)
        given = {f"argument {place}": arg for place, arg in enumerate(args)}
        with explain_missing_parameters(), explain_shape_errors(type(self).__name__, **given):
            return super().__call__(*args)

    @in_own_array_type
    def initialize(self, *args: Any, **kwargs: Any) -> None:
        """Initialise the parameters; see `mxnet.gluon.nn.Block`."""
        with pushing():
            super().initialize(*args, **kwargs)

    @in_own_array_type
    def save_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Save the parameters to a file; see `mxnet.gluon.nn.Block`."""
        super().save_parameters(*args, **kwargs)

    @in_own_array_type
    def load_parameters(self, *args: Any, **kwargs: Any) -> None:
        """Load the parameters from a file; see `mxnet.gluon.nn.Block`."""
        super().load_parameters(*args, **kwargs)


class RNNModel(Fast, ArrayTypeBlock):
    """A language model over one of Gluon's recurrent layers.

    Parameters
    ----------
    rnn_layer : mxnet.gluon.rnn.RNN, GRU or LSTM
        The recurrent layer, of any depth, in the default layout ``"TNC"``.
    vocab_size : int
        The number of characters, and so of inputs and outputs.
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    Raises
    ------
    TypeError, ValueError
        If `rnn_layer` is no recurrent layer, or of another layout, or `vocab_size` is not a
        positive whole number.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.5; `gluonbook` 0.8.10.

    Examples
    --------
    >>> from mxnet import nd
    >>> model = RNNModel(gluon.rnn.RNN(4), vocab_size=7)
    >>> model.initialize()
    >>> scores, state = model(nd.array([[1, 5, 6], [0, 2, 4]]), model.begin_state(batch_size=2))
    >>> scores.shape, state[0].shape
    ((6, 7), (1, 2, 4))
    """

    def __init__(self, rnn_layer: Any, vocab_size: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        _check_layer(rnn_layer)
        self.rnn = rnn_layer
        self.vocab_size = check_count("vocab_size", vocab_size)
        self.dense = gluon.nn.Dense(vocab_size)

    @in_own_array_type
    def forward(self, inputs: Any, state: Any) -> tuple[Any, Any]:
        """Score the character that follows each input.

        Parameters
        ----------
        inputs : NDArray, (batch_size, num_steps)
            Indices.
        state : list of NDArray
            From `begin_state`, or the last call.

        Returns
        -------
        output : NDArray, (num_steps * batch_size, vocab_size), float32
            Scores, all examples of the first step first.
        state : list of NDArray, each (num_layers, batch_size, num_hiddens)
            The state after the last step.

        Raises
        ------
        TypeError, ValueError
            If `inputs` is no array of two axes, or `state` does not fit.
        """
        check_array("inputs", inputs, "batch_size, num_steps")
        network = self.fast(inputs.ctx)
        if network is not None and network.supports(inputs, state):
            return network(inputs, state)
        _check_state(state)
        _, npx = namespaces()
        X = npx.one_hot(inputs.T, self.vocab_size)
        H, state = self.rnn(X, state)
        return self.dense(H.reshape((-1, H.shape[-1]))), state

    @in_own_array_type
    def begin_state(self, *args: Any, **kwargs: Any) -> Any:
        """Return the recurrent layer's state before the first character: zeros.

        Parameters
        ----------
        *args, **kwargs
            As the layer's own ``begin_state`` takes them, such as ``batch_size=2, ctx=ctx``.

        Returns
        -------
        list of NDArray, each (num_layers, batch_size, num_hiddens), float32

        Raises
        ------
        TypeError, ValueError
            If the batch size is not a positive whole number, or `ctx` no device of this machine.
        """
        check_count("batch_size", args[0] if args else kwargs.get("batch_size", 0))
        check_context("ctx", kwargs.get("ctx"))
        return self.rnn.begin_state(*args, **kwargs)

    @in_own_array_type
    def _fast_form(self, ctx: Any) -> Network | None:
        own = type(self).forward is RNNModel.forward and type(self).__call__ is ArrayTypeBlock.__call__
        own = own and not is_changed(self)
        return network_of_layers(self.rnn, self.dense, self.vocab_size, ctx, self._blocks) if own else None


def _check_layer(layer: Any) -> None:
    if not callable(layer) or not hasattr(layer, "begin_state"):
        raise TypeError(
            f"rnn_layer must be a recurrent layer of Gluon, but it is {short_repr(layer)}: pass one such as "
            "gluon.rnn.RNN(num_hiddens)"
        )
    layout = getattr(layer, "_layout", "TNC")
    if layout != "TNC":
        raise ValueError(
            f"rnn_layer must have the layout 'TNC', but its layout is {layout!r}: make the layer without layout"
        )


def _check_state(state: Any) -> None:
    parts = state if isinstance(state, (list, tuple)) else [state]
    if not parts or not all(isinstance(part, nd.NDArray) for part in parts):
        raise TypeError(f"state must be a list of arrays, but it is {short_repr(state)}: pass what begin_state returns")


def initialize(model: Any, ctx: Any) -> None:
    """Draw a block's parameters anew, as the book does: normal, standard deviation 0.01."""
    check_context("ctx", ctx)
    model.initialize(ctx=ctx, force_reinit=True, init=init.Normal(0.01))
