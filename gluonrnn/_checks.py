"""Checks of what users pass in, shared by every module: the rule, the value received, the remedy."""

from __future__ import annotations

import contextlib
import math
import numbers
import os
from typing import Any, Iterator, Sequence

__all__ = [
    "as_array",
    "check_batches",
    "check_callable",
    "check_count",
    "check_finite",
    "check_indices",
    "check_list",
    "check_number",
    "check_path",
    "check_seed",
    "explain_missing_parameters",
    "short_repr",
]

LARGEST = 2**31 - 1  # the most elements that this MXNet counts in one array

_BLOCK = 1 << 16  # indices checked at a time: what fits into a processor's cache


def short_repr(value: Any) -> str:
    """Return a value as an error shows it: short, on one line, with its type.

    Examples
    --------
    >>> short_repr(0)
    '0 (int)'
    """
    try:
        text = " ".join(repr(value).split())
    except Exception:  # MXNet cannot print an array of no elements
        return f"a value without a text ({type(value).__name__})"
    return f"{text if len(text) <= 60 else text[:57] + '...'} ({type(value).__name__})"


def check_count(name: str, value: Any, least: int = 1, most: int | None = LARGEST) -> int:
    """Return `value` as an int, if it is a whole number of at least `least`, and at most `most`.

    Examples
    --------
    >>> check_count("batch_size", 32)
    32
    """
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(
            f"{name} must be a whole number, but it is {short_repr(value)}: pass an int of at least {least}"
        )
    if value < least:
        raise ValueError(f"{name} must be at least {least}, but it is {value}: pass a larger number")
    if most is not None and int(value) > most:
        raise ValueError(f"{name} must be at most {most}, but it is {short_repr(value)}: pass a smaller number")
    return int(value)


def check_finite(name: str, value: Any, kind: str = "a finite number") -> float:
    """Return `value` as a float, if it is a finite number.

    Examples
    --------
    >>> check_finite("lr", -1)
    -1.0
    """
    rule = f"{name} must be {kind}"
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise TypeError(f"{rule}, but it is {short_repr(value)}: pass a float")
    try:
        number = float(value)
    except OverflowError:  # an int beyond any float
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{rule}, but it is {value}: pass another value")
    return number


def check_number(name: str, value: Any, *, positive: bool = True) -> float:
    """Return `value` as a float, if it is a finite number above zero (or from zero on).

    Examples
    --------
    >>> check_number("timeout", 1e2)
    100.0
    """
    kind = f"a finite number {'above' if positive else 'of at least'} 0"
    number = check_finite(name, value, kind)
    if number < 0 or (positive and number == 0):
        raise ValueError(f"{name} must be {kind}, but it is {value}: pass another value")
    return number


def check_seed(seed: Any) -> int:
    """Return `seed` as an int, if all generators take it.

    Examples
    --------
    >>> check_seed(1)
    1
    """
    rule = "seed must be a whole number in [0, 2**32)"
    if isinstance(seed, bool) or not isinstance(seed, numbers.Integral):
        raise TypeError(f"{rule}, but it is {short_repr(seed)}: pass an int")
    seed = int(seed)
    if not 0 <= seed < 2**32:
        raise ValueError(f"{rule}, but it is {seed}: pass another one")
    return seed


def check_path(name: str, value: Any) -> None:
    """Raise a `TypeError` unless `value` is a string or a path.

    Examples
    --------
    >>> check_path("path", "data/lyrics.txt")
    """
    if not isinstance(value, (str, os.PathLike)):
        raise TypeError(f"{name} must be a string or a path, but it is {short_repr(value)}: pass the name of a file")


def check_list(name: str, value: Any, what: str, remedy: str = "pass a list") -> None:
    """Raise a `TypeError` unless `value` can be gone through, and is not one string.

    Examples
    --------
    >>> check_list("lines", ["over", "and over"], "lines")
    """
    if isinstance(value, (str, bytes)) or not (hasattr(value, "__iter__") or hasattr(value, "__getitem__")):
        raise TypeError(f"{name} must be a list of {what}, but it is {short_repr(value)}: {remedy}")


def check_callable(name: str, value: Any) -> None:
    """Raise a `TypeError` unless `value` can be called."""
    if not callable(value):
        raise TypeError(f"{name} must be a function, but it is {short_repr(value)}: check the order of the arguments")


@contextlib.contextmanager
def explain_missing_parameters() -> Iterator[None]:
    """Re-raise MXNet's error about missing parameters as one line with the remedy."""
    try:
        yield
    except RuntimeError as error:
        if "has not been initialized" not in str(error):
            raise
        raise RuntimeError("the model has no parameters yet: call model.initialize(ctx=ctx) first") from None


def as_array(corpus_indices: Any, name: str = "corpus_indices") -> Any:
    """Return indices as one NumPy array: whole numbers in an array as they are, anything else as float32.

    An array that is so already is not copied; MXNet's arrays are copied over.

    Examples
    --------
    >>> as_array([1, 0]).dtype
    dtype('float32')
    """
    import numpy as np  # here, so that `gluonrnn doctor` starts without NumPy

    indices = corpus_indices
    try:
        if isinstance(indices, (str, bytes)):
            raise TypeError("text")
        if hasattr(indices, "asnumpy"):
            indices = indices.asnumpy()
        if hasattr(indices, "__array__"):
            indices = np.asarray(indices)
        if not (isinstance(indices, np.ndarray) and indices.dtype.kind in "iu"):
            indices = np.asarray(indices, dtype="float32")
    except (TypeError, ValueError, OverflowError, RuntimeError):  # the last is MXNet's, of an array of no elements
        raise TypeError(
            f"{name} must be one row of indices, but it is {short_repr(corpus_indices)}: pass what load_corpus returns"
        ) from None
    if indices.ndim != 1:
        raise ValueError(f"{name} must be one row of indices, but its shape is {indices.shape}: flatten it")
    return indices


def check_indices(corpus_indices: Sequence[int], vocab_size: int | None = None, name: str = "corpus_indices") -> None:
    """Raise unless every index of a corpus is a whole number in ``[0, vocab_size)``.

    MXNet itself is silent about such an index: ``one_hot`` makes a row of zeros of it and
    ``pick`` takes the nearest class, so that training goes on, on nonsense.

    Examples
    --------
    >>> check_indices([0, 1, 2], vocab_size=2)
    Traceback (most recent call last):
    ...
    ValueError: an index must be whole and lie in [0, 2) for vocab_size 2, but corpus_indices holds 2 at position 2: \
pass the vocab_size of this corpus
    """
    import numpy as np

    indices = as_array(corpus_indices, name)
    if vocab_size is None and indices.dtype.kind == "u":
        return
    end = math.inf if vocab_size is None else vocab_size
    for start in range(0, len(indices), _BLOCK):
        block = indices[start : start + _BLOCK]
        is_whole = True if block.dtype.kind in "iu" else block == np.floor(block)
        outside = np.flatnonzero(~((block >= 0) & (block < end) & is_whole))
        if outside.size:
            position = start + int(outside[0])
            rule, remedy = (
                ("be at least 0", "pass what load_corpus returns")
                if vocab_size is None
                else (f"lie in [0, {vocab_size}) for vocab_size {vocab_size}", "pass the vocab_size of this corpus")
            )
            raise ValueError(
                f"an index must be whole and {rule}, but {name} holds {indices[position]:.10g} at position "
                f"{position}: {remedy}"
            )


def check_batches(length: int, batch_size: int, num_steps: int, *, random: bool, spare: int = 0) -> None:
    """Raise unless a corpus is long enough for one batch.

    Examples
    --------
    >>> check_batches(100, 3, 10, random=True)
    """
    needed = minimal_length(batch_size + spare, num_steps, random=random)
    if length >= needed:
        return
    remedy = _what_fits(length, batch_size, num_steps, random, spare)
    raise ValueError(
        f"a corpus needs at least {needed} characters for one batch of batch_size {batch_size} and num_steps "
        f"{num_steps}, but this one has {length}: {remedy}"
    )


def minimal_length(batch_size: int, num_steps: int, *, random: bool) -> int:
    """Return the number of characters that the first batch takes."""
    return batch_size * num_steps + 1 if random else batch_size * (num_steps + 1)


def _what_fits(length: int, batch_size: int, num_steps: int, random: bool, spare: int) -> str:
    # invert minimal_length for the one and the other
    most_rows = ((length - 1) // num_steps if random else length // (num_steps + 1)) - spare
    most_steps = (length - 1) // (batch_size + spare) if random else length // (batch_size + spare) - 1
    choices = []
    if most_rows > 0:
        choices.append(f"batch_size up to {most_rows}")
    if most_steps > 0:
        choices.append(f"num_steps up to {most_steps}")
    return f"use {' or '.join(choices)}, or a longer text" if choices else "use a longer text"
