"""Memory stays flat; longer, and with a table: ``python -m tests.torture.memory``."""

from __future__ import annotations

import numpy as np
import pytest

from tests.apart import apart
from tests.torture.memory import CELLS, FORMS, growth

# a process has not settled after so few updates; what MXNet is known to lose where it does is two thousand and more
MOST = 1000
# so many that one step of the C library, which takes 132 kB at a time, is less than that
UPDATES = 400


def measured(trainings):
    """Return the forms that grow, from a process that has trained nothing else."""
    return apart(
        f"""
from tests.torture.memory import train
for cell, form, updates in {trainings!r}:
    found = train(cell, form, updates)
    if not found.is_flat({MOST}):
        print(cell, form, found)
"""
    )


@pytest.mark.slow
def test_training_is_flat_for_every_cell_in_every_form_of_this_package():
    assert measured([(cell, form, UPDATES) for cell in CELLS for form in FORMS if "own" not in form]) == ""


@pytest.mark.slow
def test_training_is_flat_for_a_cell_of_the_readers_own():
    trainings = [("rnn", "reader's own, nd"), ("gru", "reader's own, np"), ("lstm", "reader's own, nd")]
    assert measured([(*training, UPDATES) for training in trainings]) == ""


@pytest.mark.slow
def test_writing_and_saving_are_flat():
    assert (
        apart(
            """
from tests.torture.memory import generate, save
for found in (generate(4000, at_a_time=100), save(40)):
    if not found.is_flat(20_000):  # a hundred characters each, and a file
        print(found)
"""
        )
        == ""
    )


def test_growth_is_what_a_line_has_and_noise_has_not():
    noise = np.random.default_rng(1).normal(0, 4096, 400)
    grows, stays = growth(noise + 2000.0 * np.arange(400)), growth(noise)
    assert 1900 < grows.slope < 2100
    assert not grows.is_flat(MOST)
    assert stays.is_flat(MOST)
    assert grows.peak > 2000 * 399 - 5 * 4096
