"""What gluonrnn raises and warns of, beyond Python's own ``TypeError`` and ``ValueError``."""

from __future__ import annotations

import sys
import warnings

__all__ = [
    "CheckpointWarning",
    "CorpusNotFoundError",
    "CorpusWarning",
    "DeviceWarning",
    "ModelFileError",
    "NonFiniteLossError",
    "NonFiniteLossWarning",
    "UnknownCharacterError",
    "warn",
]


class UnknownCharacterError(KeyError):
    """A character that the vocabulary does not hold.

    Parameters
    ----------
    character : str
        The character.
    position : int
        Where it stands in `text`, counted from 0.
    text : str
        The text it stands in, such as a prefix.
    can_skip : bool
        Whether what was called takes ``unknown="skip"``.

    Examples
    --------
    >>> raise UnknownCharacterError("x", 2, "abx")
    Traceback (most recent call last):
    ...
    gluonrnn.errors.UnknownCharacterError: the character 'x' at position 2 of 'abx' is not in the \
vocabulary: leave it out, pass unknown="skip", or train on a text that has it
    """

    def __init__(self, character: str, position: int, text: str, *, can_skip: bool = True) -> None:
        super().__init__(character, position, text)
        self.can_skip = can_skip
        self.character = character
        self.position = position
        self.text = text

    def __str__(self) -> str:
        skip = 'pass unknown="skip", ' if self.can_skip else ""
        shown = self.text if len(self.text) <= 40 else self.text[:40] + "..."
        return (
            f"the character {self.character!r} at position {self.position} of {shown!r} is not in "
            f"the vocabulary: leave it out, {skip}or train on a text that has it"
        )


class CheckpointWarning(RuntimeWarning):
    """A checkpoint could not be written; training goes on, and it is tried again."""


class CorpusNotFoundError(FileNotFoundError):
    """A corpus is in none of the places looked at and could not be fetched."""


class CorpusWarning(UserWarning):
    """A corpus file is not the one that was published under its name."""


class DeviceWarning(UserWarning):
    """A device exists but cannot be used."""


class ModelFileError(ValueError):
    """A model file is damaged, foreign, or does not fit."""


class NonFiniteLossError(ArithmeticError):
    """The loss became NaN or infinite, and the caller asked to stop there."""


class NonFiniteLossWarning(RuntimeWarning):
    """The loss became NaN or infinite; training goes on, as the book's does."""


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the line outside gluonrnn that led here, however deep this is called."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "gluonrnn":
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
