"""The scratch RNN as a chapter writes it, step by step, in ``nd`` and in ``np``: the caller's own functions."""

from __future__ import annotations

from typing import Any, Callable, NamedTuple

from mxnet import nd


class Cell(NamedTuple):
    """A cell as the trainers take it; `draw` gives its parameters."""

    rnn: Callable[..., Any]
    get_params: Callable[..., Any]
    init_state: Callable[..., Any]
    draw: Callable[[], Any]


def _steps(inputs: Any, state: Any, params: Any, tanh: Any, dot: Any) -> tuple[list[Any], tuple[Any]]:
    W_xh, W_hh, b_h, W_hq, b_q = params
    (H,) = state
    outputs = []
    for X in inputs:
        H = tanh(dot(X, W_xh) + dot(H, W_hh) + b_h)
        outputs.append(dot(H, W_hq) + b_q)
    return outputs, (H,)


def _params(vocab_size: int, num_hiddens: int, normal: Callable[..., Any], zeros: Callable[[int], Any]) -> list[Any]:
    params = [
        normal(vocab_size, num_hiddens), normal(num_hiddens, num_hiddens), zeros(num_hiddens),
        normal(num_hiddens, vocab_size), zeros(vocab_size),
    ]  # fmt: skip
    for param in params:
        param.attach_grad()
    return params


def of_2018(vocab_size: int, num_hiddens: int, ctx: Any) -> Cell:
    """Return the cell of the 2018 chapter, with ``get_params`` as its closure."""

    def get_params() -> list[Any]:
        def normal(*shape: int) -> Any:
            return nd.random.normal(scale=0.01, shape=shape, ctx=ctx)

        return _params(vocab_size, num_hiddens, normal, lambda length: nd.zeros(length, ctx=ctx))

    def init_state(batch_size: int, num_hiddens: int, ctx: Any) -> tuple[Any]:
        return (nd.zeros((batch_size, num_hiddens), ctx=ctx),)

    def rnn(inputs: Any, state: Any, params: Any) -> tuple[list[Any], tuple[Any]]:
        return _steps(inputs, state, params, nd.tanh, nd.dot)

    return Cell(rnn, get_params, init_state, get_params)


def of_2022(np: Any) -> tuple[Callable[..., Any], ...]:
    """Return ``get_params, init_state, rnn`` of the 2020-22 chapter, for `RNNModelScratch`."""

    def get_params(vocab_size: int, num_hiddens: int, device: Any) -> list[Any]:
        def normal(*shape: int) -> Any:
            return np.random.normal(scale=0.01, size=shape, ctx=device)

        return _params(vocab_size, num_hiddens, normal, lambda length: np.zeros(length, ctx=device))

    def init_state(batch_size: int, num_hiddens: int, device: Any) -> tuple[Any]:
        return (np.zeros((batch_size, num_hiddens), ctx=device),)

    def rnn(inputs: Any, state: Any, params: Any) -> tuple[Any, tuple[Any]]:
        outputs, state = _steps(inputs, state, params, np.tanh, np.dot)
        return np.concatenate(outputs, axis=0), state

    return get_params, init_state, rnn
