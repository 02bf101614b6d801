"""State besides the weights needed for bit-exact resume."""

from __future__ import annotations

import math
import random
from typing import Any, Mapping, NamedTuple

import numpy as np

from gluonrnn._checks import check_count, check_finite, check_number

__all__ = ["RandomStates", "TrainingState", "pack_state", "unpack_state"]

# the words of a Mersenne Twister, and for Python's the place in them
NUMPY_WORDS, PYTHON_WORDS = 624, 625
STATE = "state."


class RandomStates(NamedTuple):
    """The states of Python's and NumPy's generators.

    (MXNet's cannot be read. It draws the first weights, and nothing after that.)

    Parameters
    ----------
    python : tuple
        From `random.getstate`.
    numpy : tuple
        From `numpy.random.get_state`.

    Examples
    --------
    >>> states = RandomStates.now()
    >>> drawn = random.random(), np.random.rand()
    >>> states.restore()
    >>> (random.random(), np.random.rand()) == drawn
    True
    """

    python: Any
    numpy: Any

    @classmethod
    def now(cls) -> RandomStates:
        """Return the current states."""
        return cls(random.getstate(), np.random.get_state())

    def restore(self) -> None:
        """Set both generators to these states."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)


class TrainingState(NamedTuple):
    """The state of a training between two batches; with the weights, enough for bit-exact resume.

    Parameters
    ----------
    epoch : int
        The current epoch, counted from 1.
    random_states : RandomStates or None
        As the epoch found them; its order of batches is drawn from them. None where nothing is drawn.
    batch : int
        The batches of the epoch that are done.
    loss_sum : float
        Their cross-entropy in nats, summed over all tokens.
    num_tokens : float
        The tokens that were predicted in them.
    hidden : optional
        The hidden state that the next batch goes on from, where one is carried.
    loss : float
        That of the last batch, as it was differentiated.
    seconds : float
        What the epoch has taken so far.
    diverged : bool
        Whether a loss that is not finite was met, and reported.

    Examples
    --------
    >>> TrainingState().batch
    0
    """

    epoch: int = 1
    random_states: RandomStates | None = None
    batch: int = 0
    loss_sum: float = 0.0
    num_tokens: float = 0.0
    hidden: Any = None
    loss: float = 0.0
    seconds: float = 0.0
    diverged: bool = False


def pack_state(state: TrainingState) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a state as NumPy arrays, and as what JSON can hold.

    Examples
    --------
    >>> arrays, header = pack_state(TrainingState(3, RandomStates.now()))
    >>> sorted(arrays), header["epoch"]
    (['numpy_random', 'python_random'], 3)
    >>> unpack_state(arrays, header).epoch
    3
    """
    random_states = state.random_states or RandomStates.now()
    version, words, gauss = random_states.python
    _, keys, place, has_gauss, cached = random_states.numpy
    hidden = state.hidden if isinstance(state.hidden, (tuple, list)) else [state.hidden]
    arrays = {f"{STATE}{i}": np.ascontiguousarray(_numpy(part)) for i, part in enumerate(hidden) if part is not None}
    arrays["python_random"] = np.array(words, dtype="uint32")
    arrays["numpy_random"] = np.array(keys, dtype="uint32")
    header = {
        "epoch": state.epoch,
        "batch": state.batch,
        "loss_sum": finite_or_name(state.loss_sum),
        "num_tokens": state.num_tokens,
        "loss": finite_or_name(state.loss),
        "seconds": state.seconds,
        "diverged": state.diverged,
        "python_random": {"version": version, "gauss": gauss},
        "numpy_random": {"place": int(place), "has_gauss": int(has_gauss), "cached": float(cached)},
    }
    return arrays, header


def _numpy(part: Any) -> Any:
    return part.asnumpy() if hasattr(part, "asnumpy") else part


def finite_or_name(value: float) -> float | str:
    """Return a number as JSON has it: infinity and NaN as strings, which `float` reads.

    Examples
    --------
    >>> finite_or_name(1.5), finite_or_name(math.inf)
    (1.5, 'inf')
    """
    return value if math.isfinite(value) else str(value)


def unpack_state(arrays: Mapping[str, Any], header: Mapping[str, Any]) -> TrainingState:
    """Return the state that `pack_state` was given, its hidden state as NumPy arrays."""
    python, numpy = header["python_random"], header["numpy_random"]
    place = check_count("numpy_random", numpy["place"], least=0)
    gauss = None if python["gauss"] is None else check_finite("gauss", python["gauss"])
    words = _words(arrays, "python_random", PYTHON_WORDS)
    states = RandomStates(
        (check_count("version", python["version"]), tuple(words), gauss),
        (
            "MT19937",
            np.array(_words(arrays, "numpy_random", NUMPY_WORDS), dtype="uint32"),
            place,
            int(bool(numpy["has_gauss"])),
            check_finite("cached", numpy["cached"]),
        ),
    )
    if place > NUMPY_WORDS:
        raise ValueError(f"the state of NumPy's generator has no place {place}")
    # whether they take it is known before anything is begun
    random.Random().setstate(states.python)
    np.random.RandomState().set_state(states.numpy)
    num_states = sum(name.startswith(STATE) for name in arrays)
    return TrainingState(
        epoch=check_count("epoch", header["epoch"]),
        random_states=states,
        batch=check_count("batch", header["batch"], least=0),
        loss_sum=float(header["loss_sum"]),
        num_tokens=check_number("num_tokens", header["num_tokens"], positive=False),
        hidden=[arrays[f"{STATE}{i}"] for i in range(num_states)] or None,
        loss=float(header["loss"]),
        seconds=check_number("seconds", header["seconds"], positive=False),
        diverged=bool(header["diverged"]),
    )


def _words(arrays: Mapping[str, Any], name: str, number: int) -> list[int]:
    words = arrays[name]
    if words.shape != (number,) or words.dtype != "uint32":
        raise ValueError(f"{name} has shape {words.shape} ({words.dtype}) instead of ({number},) (uint32)")
    return [int(word) for word in words]
