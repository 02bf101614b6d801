r"""The plain recurrent cell.

Source: *Dive into Deep Learning* (2018 edition), section 6.4 "RNN from scratch".
"""

from __future__ import annotations

from typing import Any, Sequence

from gluonrnn._arrays import takes
from gluonrnn._mxnet import nd
from gluonrnn.models.parameters import Outputs, State, checked, draw_params, zeros

__all__ = ["get_params", "init_rnn_state", "rnn"]


def get_params(vocab_size: int, num_hiddens: int, ctx: Any = None) -> list[Any]:
    """Draw the parameters of `rnn`: normal with standard deviation 0.01, biases zero.

    Parameters
    ----------
    vocab_size : int
        The number of characters, and so of inputs and outputs.
    num_hiddens : int
        Hidden units.
    ctx : mxnet.Context, optional
        Where the parameters live.

    Returns
    -------
    list of NDArray, float32, each with a gradient attached
        ``W_xh`` (vocab_size, num_hiddens), ``W_hh`` (num_hiddens, num_hiddens), ``b_h``
        (num_hiddens,), ``W_hq`` (num_hiddens, vocab_size), ``b_q`` (vocab_size,).

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `ctx` no device of this machine.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.4. The book's function has no arguments
    and finds the sizes around it; `train_and_predict_rnn` takes either kind.

    Examples
    --------
    >>> [param.shape for param in get_params(28, 16)]
    [(28, 16), (16, 16), (16,), (16, 28), (28,)]
    """
    return draw_params(1, vocab_size, num_hiddens, ctx)


def init_rnn_state(batch_size: int, num_hiddens: int, ctx: Any = None) -> State:
    """Return the hidden state before the first character: zeros.

    Parameters
    ----------
    batch_size : int
        Examples in a batch.
    num_hiddens : int
        Hidden units.
    ctx : mxnet.Context, optional
        Where the state lives.

    Returns
    -------
    tuple of one NDArray, (batch_size, num_hiddens), float32

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `ctx` no device of this machine.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), section 6.4.

    Examples
    --------
    >>> (H,) = init_rnn_state(2, 5)
    >>> H.shape
    (2, 5)
    """
    return (zeros(batch_size, num_hiddens, ctx),)


@takes(np=False)
@checked(num_params=5, num_states=1)
def rnn(inputs: Sequence[Any], state: State, params: Sequence[Any]) -> Outputs:
    r"""Run the plain recurrent cell over `num_steps` inputs.

    .. math::

       H_t = \tanh(X_t W_{xh} + H_{t-1} W_{hh} + b_h), \qquad Q_t = H_t W_{hq} + b_q

    Parameters
    ----------
    inputs : sequence of NDArray
        `num_steps` one-hot matrices (batch_size, vocab_size), from `to_onehot`.
    state : tuple of one NDArray
        ``H``, (batch_size, num_hiddens).
    params : sequence of NDArray
        As `get_params` returns them.

    Returns
    -------
    outputs : list of NDArray
        `num_steps` matrices of scores (batch_size, vocab_size).
    state : tuple of one NDArray
        ``H`` after the last step.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind, or shapes do not fit each other.

    References
    ----------
    *Dive into Deep Learning* (2018 edition), sections 6.2 and 6.4.

    Examples
    --------
    >>> from gluonrnn import to_onehot
    >>> params = get_params(vocab_size=7, num_hiddens=4)
    >>> outputs, (H,) = rnn(to_onehot(nd.array([[1, 5, 6]]), 7), init_rnn_state(1, 4), params)
    >>> len(outputs), outputs[0].shape, H.shape
    (3, (1, 7), (1, 4))
    """
    W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    outputs = []
    for X in inputs:
        H = nd.tanh(nd.dot(X, W_xh) + nd.dot(H, W_hh) + b_h)
        outputs.append(nd.dot(H, W_hq) + b_q)
    return outputs, (H,)
