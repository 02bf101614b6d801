"""PyTorch: the chapters' code in its terms, with the products hoisted out of the loop, and its own layers."""

from __future__ import annotations

import math
import time
from typing import Any, Callable, Iterator

import torch
from torch import nn
from torch.nn import functional as F

from benchmarks.side_by_side.machine import PRODUCT
from benchmarks.side_by_side.setting import (
    BATCH_SIZE,
    LYRICS_HIDDENS,
    LYRICS_LR,
    LYRICS_THETA,
    NUM_STEPS,
    PREFIX_LENGTH,
    TIME_MACHINE_HIDDENS,
    TIME_MACHINE_LR,
    WRITTEN,
    Setting,
    Text,
)
from benchmarks.side_by_side.timing import seconds_per_call, seconds_per_epoch

VERSIONS = {"torch": torch.__version__}
Model = Callable[[Any, Any], Any]  # from indices (batch_size, num_steps) and a state to scores and a state


class Scratch:
    """The RNN from scratch as a model; `forward` is one of the functions below.

    Parameters
    ----------
    forward : function
        From indices, state and parameters to scores, step by step, and the state.
    vocab_size, num_hiddens : int
        Its sizes.
    """

    def __init__(self, forward: Callable[..., Any], vocab_size: int, num_hiddens: int) -> None:
        self.forward, self.num_hiddens = forward, num_hiddens
        self.params = [
            0.01 * torch.randn(vocab_size, num_hiddens), 0.01 * torch.randn(num_hiddens, num_hiddens),
            torch.zeros(num_hiddens), 0.01 * torch.randn(num_hiddens, vocab_size), torch.zeros(vocab_size),
        ]  # fmt: skip
        for param in self.params:
            param.requires_grad_()

    def parameters(self) -> list[Any]:
        """Return the parameters."""
        return self.params

    def begin_state(self, batch_size: int) -> Any:
        """Return the state before the first character."""
        return torch.zeros(batch_size, self.num_hiddens)

    def __call__(self, X: Any, H: Any) -> tuple[Any, Any]:
        """Return the scores (num_steps * batch_size, vocab_size) and the state."""
        return self.forward(X, H, self.params)


def same_code(X: Any, H: Any, params: list[Any]) -> tuple[Any, Any]:
    """Compute as the chapters do: one-hot inputs, and every product within the loop."""
    W_xh, W_hh, b_h, W_hq, b_q = params
    outputs = []
    for x in [F.one_hot(x, W_xh.shape[0]).float() for x in X.T]:
        H = torch.tanh(x @ W_xh + H @ W_hh + b_h)
        outputs.append(H @ W_hq + b_q)
    return torch.cat(outputs), H


def hoisted(X: Any, H: Any, params: list[Any]) -> tuple[Any, Any]:
    """Take the products with inputs, and those that give outputs, for all steps at once."""
    return _recur(F.one_hot(X.T, params[0].shape[0]).float() @ params[0], H, params)


def looked_up(X: Any, H: Any, params: list[Any]) -> tuple[Any, Any]:
    """Do as `hoisted`, with a look-up for the product of one-hot inputs."""
    return _recur(F.embedding(X.T, params[0]), H, params)


def _recur(inputs: Any, H: Any, params: list[Any]) -> tuple[Any, Any]:
    _, W_hh, b_h, W_hq, b_q = params
    hiddens = []
    for x in inputs + b_h:
        H = torch.tanh(x + H @ W_hh)
        hiddens.append(H)
    return torch.cat(hiddens) @ W_hq + b_q, H


class Layered(nn.Module):
    """A layer of PyTorch with an output layer on top, on one-hot inputs."""

    def __init__(self, layer: type[nn.RNNBase], vocab_size: int) -> None:
        super().__init__()
        self.vocab_size = vocab_size
        self.rnn, self.dense = layer(vocab_size, LYRICS_HIDDENS), nn.Linear(LYRICS_HIDDENS, vocab_size)

    def begin_state(self, batch_size: int) -> Any:
        """Return the state before the first character, which PyTorch makes itself."""
        return None

    def forward(self, X: Any, state: Any) -> tuple[Any, Any]:
        """Return the scores (num_steps * batch_size, vocab_size) and the state."""
        Y, state = self.rnn(F.one_hot(X.T, self.vocab_size).float(), state)
        return self.dense(Y.reshape(-1, Y.shape[-1])), state


def batches(indices: list[int]) -> Iterator[tuple[Any, Any]]:
    """Yield the batches of consecutive sampling."""
    corpus = torch.tensor(indices)
    rows = corpus[: len(corpus) // BATCH_SIZE * BATCH_SIZE].reshape(BATCH_SIZE, -1)
    for i in range(0, (rows.shape[1] - 1) // NUM_STEPS * NUM_STEPS, NUM_STEPS):
        yield rows[:, i : i + NUM_STEPS], rows[:, i + 1 : i + NUM_STEPS + 1]


def detached(state: Any) -> Any:
    """Return the state, cut from the graph that computed it."""
    return tuple(map(detached, state)) if isinstance(state, tuple) else None if state is None else state.detach()


def clip_and_step(params: list[Any], lr: float, theta: float) -> None:
    """Clip the gradients by the norm of all of them, step, and clear them."""
    norm = sum((param.grad**2).sum() for param in params).sqrt().item()
    for param in params:
        if norm > theta:
            param.grad *= theta / norm
        param.data -= lr * param.grad
        param.grad.zero_()


def train_epoch(model: Any, indices: list[int], lr: float, theta: float) -> float:
    """Train for an epoch, and return the perplexity."""
    params, loss_sum, count = list(model.parameters()), 0.0, 0
    state = model.begin_state(BATCH_SIZE)
    for X, Y in batches(indices):
        scores, state = model(X, detached(state))
        loss = F.cross_entropy(scores, Y.T.reshape(-1))
        loss.backward()
        clip_and_step(params, lr, theta)
        loss_sum += loss.item() * Y.numel()
        count += Y.numel()
    return math.exp(loss_sum / count)


def train(model: Any, text: Text, epochs: int) -> None:
    """Train on the lyrics, and print a line for each epoch."""
    for epoch in range(epochs):
        start = time.time()
        perplexity = train_epoch(model, text.indices, LYRICS_LR, LYRICS_THETA)
        print(f"epoch {epoch + 1}, perplexity {perplexity:f}, time {time.time() - start:.2f} sec")


@torch.no_grad()
def write(model: Any, prefix: list[int]) -> list[int]:
    """Go on from a prefix with the likeliest characters, one at a time."""
    state, output = model.begin_state(1), prefix[:1]
    for t in range(len(prefix) + WRITTEN - 1):
        scores, state = model(torch.tensor([[output[-1]]]), state)
        output.append(prefix[t + 1] if t + 1 < len(prefix) else int(scores.argmax(1).item()))
    return output


def tasks(setting: Setting) -> dict[str, Callable[[], Any]]:
    """Return what can be measured."""
    torch.set_num_threads(setting.threads)
    text, vocab_size = setting.texts["lyrics"], setting.texts["lyrics"].vocab_size

    def epoch(model: Any) -> float:
        return seconds_per_epoch(lambda epochs: train(model, text, epochs), setting.epochs)

    def scratch(forward: Callable[..., Any]) -> Scratch:
        return Scratch(forward, vocab_size, LYRICS_HIDDENS)

    def time_machine() -> float:
        text = setting.texts["time_machine"]
        model = Scratch(same_code, text.vocab_size, TIME_MACHINE_HIDDENS)
        return seconds_per_call(lambda: train_epoch(model, text.indices, TIME_MACHINE_LR, 1), setting.epochs)

    def writing(model: Any) -> float:
        prefix = list(range(PREFIX_LENGTH))
        return seconds_per_call(lambda: write(model, prefix), least_seconds=setting.least_seconds) / WRITTEN

    def product() -> float:
        rows, inner, columns = PRODUCT
        A, B = torch.randn(rows, inner), torch.randn(inner, columns)
        return seconds_per_call(lambda: A @ B, least_seconds=setting.least_seconds)

    return {
        "same-code": lambda: epoch(scratch(same_code)),
        "hoisted": lambda: epoch(scratch(hoisted)),
        "looked-up": lambda: epoch(scratch(looked_up)),
        "layer-rnn": lambda: epoch(Layered(nn.RNN, vocab_size)),
        "layer-lstm": lambda: epoch(Layered(nn.LSTM, vocab_size)),
        "time-machine": time_machine,
        "write-scratch": lambda: writing(scratch(same_code)),
        "write-layer": lambda: writing(Layered(nn.RNN, vocab_size)),
        "product": product,
    }
