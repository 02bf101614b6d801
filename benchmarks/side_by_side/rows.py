"""What is measured: a row for each line of the table "Speed to reach", its contestants and its targets.

Every measurement is a number of seconds for a unit of work, or of bytes, so less is better. A row
says in which unit it is shown. ``flop`` is the arithmetic of a unit of work, for the share of what
the machine's matrix product does. It counts the products of a training step, with the two of the
backward pass for each of the forward pass, and those with one-hot inputs as the look-ups they
are equal to; per batch of n = batch_size x num_steps tokens, h hidden units and a vocabulary of V,
that is 2 x 3 x n x (gates x h x h + h x V). What is not a product is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Callable

from benchmarks.side_by_side.machine import PRODUCT
from benchmarks.side_by_side.setting import LYRICS_HIDDENS, TIME_MACHINE_HIDDENS, TOKENS

OURS = "gluonrnn"
LYRICS_VOCAB, TIME_MACHINE_VOCAB, EPOCH_BATCHES = 1_027, 28, 8


@dataclass(frozen=True)
class Unit:
    """How a measurement is shown."""

    name: str
    of: Callable[[float], float]

    def short_repr(self, measured: float) -> str:
        """Return the number, to three digits."""
        value = self.of(measured)
        return f"{value:,.0f}" if value >= 100 else f"{value:.3g}" if value < 1 else f"{value:#.3g}"


@dataclass(frozen=True)
class Contestant:
    """Who does the work: a task of a worker, in a process of its own each time if `fresh`."""

    label: str
    worker: str
    task: str
    fresh: bool = False


@dataclass(frozen=True)
class Target:
    """What is to be reached beside another contestant.

    Parameters
    ----------
    bound : float
        The ratio.
    than : str
        The label of the other.
    at_least : bool
        Whether it is how many times as fast we are, at least, or our part of its time, at most.
    """

    bound: float
    than: str
    at_least: bool = False

    def ratio(self, ours: float, theirs: float) -> float:
        """Return what `bound` is to be compared with."""
        return theirs / ours if self.at_least else ours / theirs

    def reached(self, ratio: float) -> bool:
        """Return whether a ratio is good enough; one that is the bound is."""
        return ratio >= self.bound if self.at_least else ratio <= self.bound

    def __str__(self) -> str:
        if self.at_least:
            return f"at least {self.bound:g} x the speed of {self.than}"
        return f"at most {self.bound:.2f} of {self.than}"


@dataclass(frozen=True)
class Row:
    """A line of the table: some work, who does it, and what is to be reached."""

    name: str
    title: str
    unit: Unit
    contestants: tuple[Contestant, ...]
    targets: tuple[Target, ...] = ()
    ours: str = OURS
    flop: float | None = None
    repetitions: int | None = None  # at most

    def compared(self, measured: float, first: float) -> str:
        """Return a measurement beside that of the first contestant, as the targets of the row compare."""
        faster = any(target.at_least for target in self.targets)
        other = self.contestants[0].label
        return f"{first / measured:.2f} x the speed of {other}" if faster else f"{measured / first:.3f} of {other}"


def training_flop(gates: int, num_hiddens: int, vocab_size: int) -> float:
    """Return the arithmetic of an epoch, as the head of this module counts it."""
    return EPOCH_BATCHES * 2 * 3 * TOKENS * (gates * num_hiddens**2 + num_hiddens * vocab_size)


def product_flop() -> float:
    """Return the arithmetic of the machine's matrix product."""
    rows, inner, columns = PRODUCT
    return 2.0 * rows * inner * columns


EPOCH = Unit("s an epoch", lambda seconds: seconds)
TOKEN_RATE = Unit("tokens/s", lambda seconds: EPOCH_BATCHES * TOKENS / seconds)
CHARACTER_RATE = Unit("characters/s", lambda seconds: 1 / seconds)
CHARACTER = Unit("µs a character", lambda seconds: 1e6 * seconds)
SECONDS = Unit("s", lambda seconds: seconds)
MEBIBYTES = Unit("MiB", lambda size: size / 2**20)
GFLOPS = Unit("GFLOP/s", lambda seconds: product_flop() / seconds / 1e9)

_SCRATCH_FLOP = training_flop(1, LYRICS_HIDDENS, LYRICS_VOCAB)
_GLUONBOOK, _D2L = "gluonbook", "d2l"


def _us(task: str, fresh: bool = False) -> Contestant:
    return Contestant(OURS, "gluonrnn", task, fresh)


def _book(task: str, fresh: bool = False) -> Contestant:
    return Contestant(_GLUONBOOK, "gluonbook", task, fresh)


def _torch(label: str, task: str) -> Contestant:
    return Contestant(f"PyTorch {label}", "torch", task)


ROWS: tuple[Row, ...] = (
    Row(
        "lyrics-scratch", "lyrics epoch, RNN from scratch: 256 units, 8 batches of 32 x 35", EPOCH,
        (_book("scratch"), _torch("same code", "same-code"), _torch("hoisted", "hoisted"),
         _torch("looked up", "looked-up"), _us("scratch")),
        (Target(0.20, _GLUONBOOK), Target(1, "PyTorch hoisted")), flop=_SCRATCH_FLOP,
    ),
    Row(
        "lyrics-naive", "lyrics epoch, RNN from scratch, the document's own function", EPOCH,
        (_book("scratch"), _us("naive")),
        (Target(0.95, _GLUONBOOK),), flop=_SCRATCH_FLOP,
    ),
    Row(
        "lyrics-rnn", "lyrics epoch, RNN layer", EPOCH,
        (_book("layer-rnn"), _torch("nn.RNN", "layer-rnn"), _us("layer-rnn")),
        (Target(0.6, _GLUONBOOK), Target(1, "PyTorch nn.RNN")), flop=_SCRATCH_FLOP,
    ),
    Row(
        "lyrics-lstm", "lyrics epoch, LSTM layer", EPOCH,
        (_book("layer-lstm"), _torch("nn.LSTM", "layer-lstm"), _us("layer-lstm")),
        (Target(0.6, _GLUONBOOK), Target(1, "PyTorch nn.LSTM")), flop=training_flop(4, LYRICS_HIDDENS, LYRICS_VOCAB),
    ),
    Row(
        "time-machine", "Time Machine, RNN from scratch: 512 units, 32 x 35", TOKEN_RATE,
        (Contestant(_D2L, "d2l", "time-machine"), _torch("same code", "time-machine"), _us("time-machine")),
        (Target(3.2, _D2L, at_least=True), Target(1, "PyTorch same code", at_least=True)),
        flop=training_flop(1, TIME_MACHINE_HIDDENS, TIME_MACHINE_VOCAB),
    ),
    Row(
        "write-scratch", "writing 50 characters, RNN from scratch", CHARACTER_RATE,
        (_book("write-scratch"), _torch("same code", "write-scratch"), _us("write-scratch")),
        (Target(10, _GLUONBOOK, at_least=True), Target(1, "PyTorch same code", at_least=True)),
    ),
    Row(
        "write-rnn", "writing 50 characters, RNN layer", CHARACTER_RATE,
        (_book("write-layer"), _torch("nn.RNN", "write-layer"), _us("write-layer")),
        (Target(30, _GLUONBOOK, at_least=True), Target(1, "PyTorch nn.RNN", at_least=True)),
    ),
    Row(
        "whole-corpus", "63,282 characters instead of 10,000, with one vocabulary of 2,583", CHARACTER,
        (Contestant("10,000 characters", "gluonrnn", "start"), Contestant("whole corpus", "gluonrnn", "whole")),
        (Target(1.1, "10,000 characters"),), ours="whole corpus",
    ),
    Row(
        "import", "import in a fresh Python", SECONDS,
        (Contestant("mxnet", "machine", "import-mxnet"), Contestant(OURS, "machine", "import-gluonrnn")),
        (Target(1.15, "mxnet"),),
    ),
    Row(
        "memory-scratch", "peak memory of the process, imports and all: 3 lyrics epochs, RNN from scratch", MEBIBYTES,
        (_book("memory-scratch", fresh=True), _us("memory-scratch", fresh=True)), (Target(1, _GLUONBOOK),),
        repetitions=3,
    ),
    Row(
        "memory-lstm", "peak memory of the process, imports and all: 3 lyrics epochs, LSTM layer", MEBIBYTES,
        (_book("memory-lstm", fresh=True), _us("memory-lstm", fresh=True)), (Target(1, _GLUONBOOK),), repetitions=3,
    ),
    Row(
        "matrix-product", "float32 matrix product, 1120 x 1024 x 1024", GFLOPS,
        (Contestant("MXNet FullyConnected", "gluonrnn", "fully-connected"), Contestant("MXNet dot", "gluonrnn", "dot"),
         Contestant("NumPy", "machine", "product"), _torch("matmul", "product")),
    ),
)  # fmt: skip
LIMIT = "matrix-product"
