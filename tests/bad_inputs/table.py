"""Read the tables of bad inputs, for the tests and for the page in the docs.

A room is a text file: a title; lines of Python, indented, that stand before every call of it; and
the calls, each with its answer below::

    gluonrnn.sgd([w], 0.5, 0)
        -> ValueError: batch_size must be a finite number above 0, but it is 0: pass another value
    gluonrnn.grad_clipping([w], 1.0, "cpu")
        == gradients are clipped where they are, whatever it is

``->`` is followed by an error and its words, or, of a command, by its exit status and its line on
stderr, and ``==`` by why a call is taken that looks wrong. Dots stand for what differs from
machine to machine.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent / "cases"
ORDER = (
    *("texts", "batches", "cells", "layers", "updates", "training", "generation", "model", "editions"),
    *("translation", "plotting", "hub", "vocab", "metrics", "devices", "documents", "command_line"),
)


class Entry(NamedTuple):
    """A call that is wrong, what it raises, and its words; or, with no error, why it is taken."""

    call: str
    error: str
    words: str

    def fits(self, text: str) -> bool:
        """Return whether an error's text is the one that stands here."""
        return re.fullmatch(".*".join(map(re.escape, self.words.split("..."))), text, re.DOTALL) is not None


class Room(NamedTuple):
    """The calls of one part of the package, and what stands before each."""

    name: str
    title: str
    before: str
    entries: list[Entry]


def read(path: Path) -> Room:
    title, *lines = path.read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if line[:1].strip())
    before = textwrap.dedent("\n".join(lines[:first])).strip()
    answers = [line for line in lines[first:] if line]
    return Room(path.stem, title, before, [_entry(*pair) for pair in zip(answers[::2], answers[1::2])])


def _entry(call: str, answer: str) -> Entry:
    sign, _, rest = answer.strip().partition(" ")
    if sign == "==":
        return Entry(call, "", rest)
    error, colon, words = rest.partition(": ")
    if sign != "->" or not colon:
        raise ValueError(f"{call} must have an answer below it, but there is {answer!r}: write -> Error: words")
    return Entry(call, error, words)


ROOMS = [read(FOLDER / f"{name}.txt") for name in ORDER]
