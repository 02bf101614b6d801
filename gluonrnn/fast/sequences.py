"""A batch of sequences through a network, on ``mxnet.nd`` or ``mxnet.sym``.

What is done for all steps at once stands here: the inputs, which are look-ups, and the outputs,
which are one product. The steps between them are one operator where MXNet has it, or unrolled.
"""

from __future__ import annotations

from typing import Any, Callable, NamedTuple, Sequence

from gluonrnn.fast import steps
from gluonrnn.fast.operators import MXNetOperators
from gluonrnn.fast.steps import Gate

__all__ = ["Form", "Weights", "is_fused", "loss_of", "scores_of"]


class Weights(NamedTuple):
    """The weights of a network.

    Parameters
    ----------
    layers : list of list of Gate
        The gates of each layer.
    W_q : array, (vocab_size, num_hiddens)
        What the hidden state is multiplied with for the outputs, transposed.
    b_q : array, (vocab_size,)
    """

    layers: list[list[Gate]]
    W_q: Any
    b_q: Any


class Form(NamedTuple):
    """What is known of a network before its weights.

    Parameters
    ----------
    step : function
        Of `gluonrnn.fast.steps`.
    weights : function
        ``weights(ops, params) -> Weights``.
    vocab_size, num_hiddens : int
        The number of tokens, and hidden units.
    num_states : int
        The arrays that the state is made of.
    num_layers : int, optional
        That of Gluon's layers, whose state is (num_layers, batch_size, num_hiddens); by default a
        cell, whose state is (batch_size, num_hiddens).
    """

    step: steps.Step
    weights: Callable[[Any, Sequence[Any]], Weights]
    vocab_size: int
    num_hiddens: int
    num_states: int
    num_layers: int | None = None

    @property
    def is_cell(self) -> bool:
        """Whether the state has no axis of layers."""
        return self.num_layers is None


class _Operator(NamedTuple):
    """What MXNet's recurrent operator calls a network, and which of the step's gates come in its order."""

    mode: str
    order: tuple[int, ...]


_OPERATORS: dict[steps.Step, _Operator] = {
    steps.rnn: _Operator("rnn_tanh", (0,)),
    steps.rnn_relu: _Operator("rnn_relu", (0,)),
    steps.gru_reset_after: _Operator("gru", (0, 1, 2)),
    steps.lstm: _Operator("lstm", (0, 1, 3, 2)),
}


def is_fused(form: Form) -> bool:
    """Return whether a network is run by MXNet's recurrent operator.

    Its products with the inputs are not look-ups. With one gate an identity takes the look-up
    through; with more they cost too much where the vocabulary is large.
    """
    if form.step not in _OPERATORS:
        return False
    one_gate = len(_OPERATORS[form.step].order) == 1
    return one_gate or (form.num_layers or 1) > 1 or form.vocab_size <= 2 * form.num_hiddens


def scores_of(
    form: Form, num_steps: int, F: Any, X: Any, state: Sequence[Any], params: Sequence[Any]
) -> tuple[Any, Sequence[Any]]:
    """Return the scores of the tokens that follow, and the state after the last step."""
    ops = MXNetOperators(F, form.num_hiddens)
    weights = form.weights(ops, params)
    if is_fused(form):
        H, state = _fused(form, F, F.transpose(X), state, weights.layers)
    else:
        H, state = _unrolled(form, num_steps, ops, F.transpose(X), state, weights.layers)
    # the bias is one more column, for the reason that `_repeated` gives
    H, W_q = _with_column(F, H, _ones(F, H)), _with_column(F, weights.W_q, F.reshape(weights.b_q, shape=(-1, 1)))
    return F.FullyConnected(H, W_q, no_bias=True, num_hidden=form.vocab_size), state


def loss_of(
    form: Form,
    num_steps: int,
    summed: bool,
    F: Any,
    X: Any,
    Y: Any,
    state: Sequence[Any],
    params: Sequence[Any],
) -> tuple[Any, Sequence[Any]]:
    """Return the cross-entropy with the tokens `Y`, their mean or their sum, and the state."""
    scores, state = scores_of(form, num_steps, F, X, state, params)
    # scores stand step by step, so the labels must too
    labels = F.reshape(F.transpose(Y), shape=(-1,))
    losses = -F.pick(F.log_softmax(scores, axis=-1), labels, axis=-1)
    return (F.sum if summed else F.mean)(losses), state


def _unrolled(
    form: Form, num_steps: int, ops: MXNetOperators, X: Any, state: Sequence[Any], layers: list[list[Gate]]
) -> tuple[Any, Sequence[Any]]:
    F, (gates,) = ops.F, layers
    if not form.is_cell:
        state = [F.reshape(part, shape=(-1, form.num_hiddens)) for part in state]
    indices = F.reshape(X, shape=(-1,))
    inputs = [ops.split(_rows(form, F, indices, gate), num_steps) for gate in gates]
    gates = [gate._replace(b=None if gate.b_x is None else _repeated(F, state[0], gate.b)) for gate in gates]
    hiddens = []
    for x in zip(*inputs):
        state = form.step(ops, x, state, gates)
        hiddens.append(state[0])
    if not form.is_cell:
        state = [F.expand_dims(part, axis=0) for part in state]
    return F.concat(*hiddens, dim=0), state


def _rows(form: Form, F: Any, indices: Any, gate: Gate) -> Any:
    """Return X W_x + b, X W_x being the rows of the weight that the indices name."""
    rows = F.Embedding(indices, gate.W_x, input_dim=form.vocab_size, output_dim=form.num_hiddens)
    return rows + _repeated(F, rows, gate.b if gate.b_x is None else gate.b_x)


def _repeated(F: Any, like: Any, bias: Any) -> Any:
    """Return a bias once for each row of another array.

    By a product, because the gradient of a sum by broadcasting is slow; and not as the bias of
    `FullyConnected`, which leaves its gradient unwritten where the weight is asked for none.
    """
    return F.dot(_ones(F, like), F.reshape(bias, shape=(1, -1)))


def _ones(F: Any, like: Any) -> Any:
    return F.ones_like(F.slice_axis(like, axis=1, begin=0, end=1))


def _with_column(F: Any, matrix: Any, column: Any) -> Any:
    """Return a matrix with one more column.

    Joined as rows: at each gradient of two matrices that were joined side by side, MXNet 1.9.1
    loses two kilobytes.
    """
    return F.transpose(F.concat(F.transpose(matrix), F.transpose(column), dim=0))


def _fused(form: Form, F: Any, X: Any, state: Sequence[Any], layers: list[list[Gate]]) -> tuple[Any, Sequence[Any]]:
    operator = _OPERATORS[form.step]
    layers = [[gates[number] for number in operator.order] for gates in layers]
    if len(operator.order) == 1 and form.vocab_size > form.num_hiddens:
        (gate,) = layers[0]
        inputs = F.Embedding(X, gate.W_x, input_dim=form.vocab_size, output_dim=form.num_hiddens)
        layers[0] = [gate._replace(W_x=F.eye(N=form.num_hiddens))]
    else:
        inputs = F.one_hot(X, depth=form.vocab_size)
    H, *state = F.RNN(
        inputs,
        _packed(F, layers),
        *([F.expand_dims(part, axis=0) for part in state] if form.is_cell else state),
        mode=operator.mode,
        state_size=form.num_hiddens,
        num_layers=len(layers),
        state_outputs=True,
    )
    if form.is_cell:
        state = [F.reshape(part, shape=(-1, form.num_hiddens)) for part in state]
    return F.reshape(H, shape=(-1, form.num_hiddens)), state


def _packed(F: Any, layers: list[list[Gate]]) -> Any:
    """Return all weights as the one vector that MXNet's operator takes."""
    weights, biases = [], []
    for gates in layers:
        weights += [F.transpose(gate.W_x) for gate in gates] + [gate.W_h for gate in gates]
        biases += [F.zeros_like(gate.b) if gate.b_x is None else gate.b_x for gate in gates]
        biases += [gate.b for gate in gates]
    return F.concat(*(F.reshape(weight, shape=(-1,)) for weight in weights), *biases, dim=0)
