"""Hyper-parameters as data: checked once, saved with the model, and offered by the command line."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields
from typing import Any, Iterable, Sequence

from gluonrnn._checks import check_count, check_finite, check_number, short_repr
from gluonrnn.models.cells import CELLS

__all__ = ["CELL_NAMES", "LAYER_KINDS", "OPTION_NAMES", "SAMPLINGS", "Options", "Schedule"]

CELL_NAMES = tuple(CELLS)
LAYER_KINDS = ("scratch", "library")
SAMPLINGS = ("random", "consecutive")


def _option(default: Any, text: str, choices: Sequence[str] = ()) -> Any:
    return field(default=default, metadata={"help": text, "choices": tuple(choices)})


@dataclass(frozen=True)
class Schedule:
    """How a model is trained: sampling, sizes, learning rate, and when to print samples.

    The defaults are those of the book's chapter "RNN from scratch".

    Parameters
    ----------
    sampling : {"consecutive", "random"}
        How batches are taken from the corpus.
    num_epochs : int
        Passes over the corpus; 0 leaves the model as it was drawn.
    num_steps : int
        Characters in an example.
    batch_size : int
        Examples in a batch.
    lr : float
        The learning rate.
    clipping_theta : float or None
        The most that the norm of all gradients together may be; None for no clipping.
    pred_period : int
        Print samples every that many epochs; 0 for never.
    pred_len : int
        Characters to add to each prefix.
    prefixes : sequence of str
        What the samples start from.

    Raises
    ------
    TypeError, ValueError
        If a value is not of its kind, or out of its range.

    Examples
    --------
    >>> Schedule(batch_size=0)
    Traceback (most recent call last):
    ...
    ValueError: batch_size must be at least 1, but it is 0: pass a larger number
    """

    sampling: str = _option("consecutive", "how batches are taken from the corpus", SAMPLINGS)
    num_epochs: int = _option(200, "passes over the corpus")
    num_steps: int = _option(35, "characters in an example")
    batch_size: int = _option(32, "examples in a batch")
    lr: float = _option(1e2, "the learning rate")
    clipping_theta: float | None = _option(
        1e-2, "the most that the norm of all gradients together may be, or 'none' for no clipping"
    )
    pred_period: int = _option(50, "print samples every that many epochs, 0 for never")
    pred_len: int = _option(50, "characters to add to each prefix of a sample")
    prefixes: Sequence[str] = _option((), "what samples start from; may be given several times")

    def __post_init__(self) -> None:
        _check_choice("sampling", self.sampling, SAMPLINGS)
        for name, least in (
            ("num_epochs", 0),
            ("num_steps", 1),
            ("batch_size", 1),
            ("pred_period", 0),
            ("pred_len", 0),
        ):
            self._settle(name, check_count(name, getattr(self, name), least))
        self._settle("lr", check_finite("lr", self.lr))
        if isinstance(self.clipping_theta, float) and self.clipping_theta == math.inf:  # clips nothing, as None does
            self._settle("clipping_theta", None)
        if self.clipping_theta is not None:
            self._settle("clipping_theta", check_number("clipping_theta", self.clipping_theta, positive=False))
        is_list = isinstance(self.prefixes, Iterable) and not isinstance(self.prefixes, str)
        prefixes = tuple(self.prefixes) if is_list else ()
        if not is_list or not all(isinstance(prefix, str) for prefix in prefixes):
            raise TypeError(f"prefixes must be a list of strings, but it is {short_repr(self.prefixes)}: pass ['...']")
        self._settle("prefixes", prefixes)

    def _settle(self, name: str, value: Any) -> None:
        """Keep a checked value as Python's own type, which can be written as JSON."""
        object.__setattr__(self, name, value)

    @property
    def is_random_iter(self) -> bool:
        """Whether sampling is random."""
        return self.sampling == "random"

    def prints_after(self, epoch: int) -> bool:
        """Return whether samples are due after this epoch, counted from 1."""
        return self.pred_period > 0 and epoch % self.pred_period == 0


@dataclass(frozen=True)
class Options(Schedule):
    """A `Schedule`, and the model that is trained by it.

    Parameters
    ----------
    cell : {"rnn", "gru", "lstm"}
        The recurrent cell.
    layers : {"scratch", "library"}
        The book's cell from scratch, or Gluon's layer.
    num_hiddens : int
        Hidden units.

    Raises
    ------
    TypeError, ValueError
        If a value is not of its kind, or out of its range.

    Examples
    --------
    >>> Options(cell="lstm").num_hiddens
    256
    """

    cell: str = _option("rnn", "the recurrent cell", CELL_NAMES)
    layers: str = _option("scratch", "the book's cell from scratch, or Gluon's layer", LAYER_KINDS)
    num_hiddens: int = _option(256, "hidden units")

    def __post_init__(self) -> None:
        super().__post_init__()
        _check_choice("cell", self.cell, CELL_NAMES)
        _check_choice("layers", self.layers, LAYER_KINDS)
        if self.layers == "library" and CELLS[self.cell].layer is None:
            raise ValueError(f"Gluon has no layer for the cell {self.cell}: use layers='scratch'")
        self._settle("num_hiddens", check_count("num_hiddens", self.num_hiddens))


OPTION_NAMES = tuple(option.name for option in fields(Options))


def _check_choice(name: str, value: Any, choices: Sequence[str]) -> None:
    if not isinstance(value, str) or value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, but it is {value!r}: choose one of these")
