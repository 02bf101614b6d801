"""Where a training stands: all that the weights do not say and that it needs to go on to the bit.

Plain gradient descent, the book's updater, has no state of its own: its learning rate and its
clipping threshold are among the options.
"""

from __future__ import annotations

import math
import random
from typing import Any, Mapping, NamedTuple

import numpy as np

from gluonrnn._checks import check_count, check_finite, check_number
from gluonrnn.training.loop import Position

__all__ = ["RandomStates", "Standing", "pack_standing", "unpack_standing"]

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
        """Return the states as they are."""
        return cls(random.getstate(), np.random.get_state())

    def restore(self) -> None:
        """Make both generators go on from these states."""
        random.setstate(self.python)
        np.random.set_state(self.numpy)


class Standing(NamedTuple):
    """Where a training stands between two batches.

    Parameters
    ----------
    epoch : int
        The epoch in hand, counted from 1.
    random_states : RandomStates
        As that epoch found them; its order of batches is drawn from them.
    position : Position
        Where that epoch stands.
    seconds : float
        What that epoch has taken so far.
    diverged : bool
        Whether a loss that is not finite was met, and reported.
    """

    epoch: int
    random_states: RandomStates
    position: Position = Position()
    seconds: float = 0.0
    diverged: bool = False


def pack_standing(standing: Standing) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a standing as NumPy arrays, and as what JSON can hold.

    Examples
    --------
    >>> arrays, header = pack_standing(Standing(3, RandomStates.now()))
    >>> sorted(arrays), header["epoch"]
    (['numpy_random', 'python_random'], 3)
    >>> unpack_standing(arrays, header).epoch
    3
    """
    version, words, gauss = standing.random_states.python
    _, keys, place, has_gauss, cached = standing.random_states.numpy
    position = standing.position
    hidden = position.state if isinstance(position.state, (tuple, list)) else [position.state]
    arrays = {f"{STATE}{i}": np.ascontiguousarray(_numpy(part)) for i, part in enumerate(hidden) if part is not None}
    arrays["python_random"] = np.array(words, dtype="uint32")
    arrays["numpy_random"] = np.array(keys, dtype="uint32")
    header = {
        "epoch": standing.epoch,
        "batch": position.batch,
        "loss_sum": finite_or_name(position.loss_sum),
        "num_tokens": position.num_tokens,
        "loss": finite_or_name(position.loss),
        "seconds": standing.seconds,
        "diverged": standing.diverged,
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


def unpack_standing(arrays: Mapping[str, Any], header: Mapping[str, Any]) -> Standing:
    """Return the standing that `pack_standing` was given, its hidden state as NumPy arrays.

    Raises
    ------
    KeyError, TypeError, ValueError
        If something is missing, of the wrong kind, or out of its range.
    """
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
    position = Position(
        check_count("batch", header["batch"], least=0),
        float(header["loss_sum"]),
        check_number("num_tokens", header["num_tokens"], positive=False),
        [arrays[f"{STATE}{i}"] for i in range(num_states)] or None,
        float(header["loss"]),
    )
    seconds = check_number("seconds", header["seconds"], positive=False)
    return Standing(check_count("epoch", header["epoch"]), states, position, seconds, bool(header["diverged"]))


def _words(arrays: Mapping[str, Any], name: str, number: int) -> list[int]:
    words = arrays[name]
    if words.shape != (number,) or words.dtype != "uint32":
        raise ValueError(f"{name} has shape {words.shape} ({words.dtype}) instead of ({number},) (uint32)")
    return [int(word) for word in words]
