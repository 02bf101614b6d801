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
    "StopTraining",
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
    """A checkpoint could not be written; training goes on, and it is tried again.

    `fit` and `resume` give it, such as where the disk is full.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", CheckpointWarning)
    """


class CorpusNotFoundError(FileNotFoundError):
    """A corpus is in none of the places looked at and could not be fetched.

    `load_corpus`, `find_corpus` and the book's loaders raise it; it lists every place.

    Examples
    --------
    >>> import gluonrnn as gb
    >>> try:  # doctest: +SKIP
    ...     corpus = gb.load_corpus("jaychou")
    ... except CorpusNotFoundError:
    ...     corpus = gb.load_corpus("lyrics")
    """


class CorpusWarning(UserWarning):
    """A corpus file is not the one that was published under its name.

    `find_corpus` and what calls it give it; the file is used as it is.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("error", CorpusWarning)  # now such a file is an error
    """


class DeviceWarning(UserWarning):
    """A device exists but cannot be used.

    `try_gpu` and `try_all_gpus` give it, and pass over that device.

    Examples
    --------
    >>> import warnings
    >>> from gluonrnn import try_gpu
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", DeviceWarning)
    ...     ctx = try_gpu()
    """


class ModelFileError(ValueError):
    """A model file is damaged, foreign, or does not fit.

    `load` and `resume` raise it.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from gluonrnn import load
    >>> path = pathlib.Path(tempfile.mkdtemp(), "model.safetensors")
    >>> number = path.write_bytes(b"no model")
    >>> try:
    ...     model = load(path)
    ... except ModelFileError:
    ...     print("no model")
    no model
    """


class NonFiniteLossError(ArithmeticError):
    """The loss became NaN or infinite, and the caller asked to stop there.

    The trainers raise it where they are given ``on_nonfinite="raise"``.

    Examples
    --------
    >>> from gluonrnn import fit, load_corpus
    >>> try:
    ...     model = fit(load_corpus(text="over and over " * 20), num_hiddens=4, num_steps=5, batch_size=4,
    ...                 num_epochs=3, lr=1e38, clipping_theta=None, on_nonfinite="raise")
    ... except NonFiniteLossError:
    ...     print("use a smaller lr")
    use a smaller lr
    """


class NonFiniteLossWarning(RuntimeWarning):
    """The loss became NaN or infinite; training goes on, as the book's does.

    The trainers give it once, unless they are given another `on_nonfinite`.

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings():
    ...     warnings.simplefilter("ignore", NonFiniteLossWarning)
    """


class StopTraining(Exception):  # noqa: N818 (as StopIteration)
    """Raised in a callback, it ends the training there, as if that had been its last epoch.

    `fit`, `resume` and the trainers catch it. A callback may return True instead.

    Examples
    --------
    >>> from gluonrnn import fit, load_corpus
    >>> def good_enough(epoch, perplexity, seconds, samples):
    ...     if perplexity < 6:
    ...         raise StopTraining
    >>> model = fit(text="over and over " * 20, num_hiddens=16, num_steps=7, batch_size=4, callback=good_enough)
    >>> model.history[-1].perplexity < 6
    True
    """


def warn(message: str, category: type[Warning]) -> None:
    """Warn at the line outside gluonrnn that led here, however deep this is called."""
    frame, level = sys._getframe(1), 2
    while frame.f_back is not None and frame.f_globals.get("__name__", "").split(".")[0] == "gluonrnn":
        frame, level = frame.f_back, level + 1
    warnings.warn(message, category, stacklevel=level)
