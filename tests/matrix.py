"""Parametrise over every combination, of which the short suite runs a few."""

from __future__ import annotations

import itertools

import pytest

# what a run may train, and how: the cell, its layers, and the sampling
KINDS = ("rnn", "gru", "lstm"), ("scratch", "library"), ("random", "consecutive")


def combinations(*values, short):
    """Return every combination of values as parameters; those that are not in `short` are slow."""
    return [pytest.param(*each, marks=() if each in short else pytest.mark.slow) for each in itertools.product(*values)]
