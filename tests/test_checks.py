"""The rules for what users pass in, at their borders; the errors stand in the tables of `tests.bad_inputs`."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mxnet import nd

from gluonrnn._checks import (
    as_array,
    check_batches,
    check_count,
    check_finite,
    check_indices,
    check_number,
    check_seed,
    explain_missing_parameters,
    minimal_length,
    short_repr,
)
from gluonrnn.corpus.batches import data_iter_consecutive, data_iter_random
from gluonrnn.corpus.indices import Indices

SIZES = st.integers(min_value=1, max_value=40)


# --- shown ---


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0, "0 (int)"),
        ("a", "'a' (str)"),
        (None, "None (NoneType)"),
        (True, "True (bool)"),
        (np.zeros((2, 2), dtype=int), "array([[0, 0], [0, 0]]) (ndarray)"),
        ("x" * 58, f"'{'x' * 58}' (str)"),
        ("x" * 59, f"'{'x' * 56}... (str)"),
    ],
)
def test_value_is_shown_short_on_one_line_with_its_type(value, expected):
    assert short_repr(value) == expected


# --- numbers ---


def test_counts_numbers_and_seeds_become_pythons_own():
    for value in (1, np.int64(7), np.uint8(200), 2**31 - 1):
        assert (check_count("batch_size", value), type(check_count("batch_size", value))) == (value, int)
    for value in (1, 1e-300, np.float32(0.5), np.int64(2), Fraction(1, 2)):
        assert (check_number("lr", value), type(check_number("lr", value))) == (value, float)
    for value in (0, 2**32 - 1, np.int64(5)):
        assert (check_seed(value), type(check_seed(value))) == (value, int)


def test_the_borders_belong_to_the_numbers():
    assert check_count("pred_len", 0, 0) == 0
    assert check_count("n", -3, least=-3) == -3
    assert check_number("temperature", 0.0, positive=False) == 0
    for value in (0, -1, np.float32(-2), Fraction(-1, 2)):
        assert (check_finite("lr", value), type(check_finite("lr", value))) == (value, float)
    for value in (np.bool_(True), np.array(32), np.float32(2)):
        with pytest.raises(TypeError, match="must be a whole number"):
            check_count("n", value)
    for value in (np.bool_(False), np.array(1.0), Decimal(1), 1j):
        with pytest.raises(TypeError, match="must be a finite number above 0"):
            check_number("lr", value)
    for value in (0, -1e-9, np.float32("nan"), float("-inf"), 10**400):
        with pytest.raises(ValueError, match="must be a finite number above 0"):
            check_number("lr", value)
    with pytest.raises(TypeError, match="seed must be a whole number"):
        check_seed(True)


# --- check_indices ---


def test_rows_of_indices_of_the_vocabulary_pass():
    for indices in ([0, 1, 2, 1], (2,), range(3), [], np.arange(0), np.array([2.0]), Indices(np.array([2], "uint16"))):
        check_indices(indices, 3)


@pytest.mark.parametrize(
    ("indices", "vocab_size", "held", "position"),
    [
        ([0, -1, 5], 2, "-1", 1),
        ([9, 9], 2, "9", 0),
        (range(10), 7, "7", 7),
        (Indices(np.array([0, 255], dtype="uint8")), 255, "255", 1),
        (np.array([0, -1], dtype="int8"), 300, "-1", 1),
        ([0] * 65_536 + [0, 9, 8], 8, "9", 65_537),
        (np.arange(200_000), 150_000, "150000", 150_000),
    ],
)
def test_first_index_outside_the_vocabulary_is_named(indices, vocab_size, held, position):
    with pytest.raises(ValueError, match=rf"corpus_indices holds {held} at position {position}:"):
        check_indices(indices, vocab_size)


def test_whole_numbers_in_an_array_are_not_copied_and_others_become_float32():
    for dtype in ("uint8", "int32", "int64"):
        array = np.array([2, 0, 1], dtype=dtype)
        assert as_array(array) is array
        assert np.shares_memory(as_array(Indices(array)), array)
    for indices in ([2, 0, 1], (2, 0, 1), np.array([2.0, 0.0, 1.0]), nd.array([2, 0, 1]), mx.np.array([2, 0, 1])):
        found = as_array(indices)
        assert (type(found), found.dtype.name, found.tolist()) == (np.ndarray, "float32", [2, 0, 1])


# --- check_batches ---


def batches(length, batch_size, num_steps, random):
    data_iter = data_iter_random if random else data_iter_consecutive
    return sum(1 for _ in data_iter(np.arange(length), batch_size, num_steps))


def complaint(length, batch_size, num_steps, random):
    """Return what check_batches says, or an empty string."""
    try:
        check_batches(length, batch_size, num_steps, random=random)
    except ValueError as error:
        return str(error)
    return ""


@given(SIZES, SIZES, st.booleans())
def test_shortest_corpus_gives_one_batch_and_a_shorter_one_none(batch_size, num_steps, random):
    least = minimal_length(batch_size, num_steps, random=random)
    assert batches(least, batch_size, num_steps, random) == 1
    assert complaint(least, batch_size, num_steps, random) == ""
    assert batches(least - 1, batch_size, num_steps, random) == 0
    assert complaint(least - 1, batch_size, num_steps, random).startswith(f"a corpus needs at least {least} characters")


@given(st.integers(min_value=0, max_value=200), SIZES, SIZES, st.booleans())
def test_proposed_sizes_fit_and_are_the_largest_that_do(length, batch_size, num_steps, random):
    message = complaint(length, batch_size, num_steps, random)
    if not message:
        return
    rows = re.search(r"batch_size up to (\d+)", message)
    most_rows = int(rows.group(1)) if rows else 0
    assert rows is None or not complaint(length, most_rows, num_steps, random)
    assert complaint(length, most_rows + 1, num_steps, random)
    steps = re.search(r"num_steps up to (\d+)", message)
    most_steps = int(steps.group(1)) if steps else 0
    assert steps is None or not complaint(length, batch_size, most_steps, random)
    assert complaint(length, batch_size, most_steps + 1, random)
    assert message.endswith("a longer text")


@pytest.mark.parametrize(
    ("length", "batch_size", "num_steps", "random", "remedy"),
    [
        (1000, 32, 35, True, "use batch_size up to 28 or num_steps up to 31, or a longer text"),
        (1000, 32, 35, False, "use batch_size up to 27 or num_steps up to 30, or a longer text"),
        (20, 32, 5, True, "use batch_size up to 3, or a longer text"),
        (20, 3, 35, False, "use num_steps up to 5, or a longer text"),
        (1, 2, 3, True, "use a longer text"),
        (0, 2, 3, False, "use a longer text"),
    ],
)
def test_corpus_too_short_says_what_is_needed_and_what_would_fit(length, batch_size, num_steps, random, remedy):
    assert complaint(length, batch_size, num_steps, random).endswith(f"but this one has {length}: {remedy}")


def test_only_missing_parameters_are_told_of_in_other_words():
    with pytest.raises(RuntimeError, match=r"^the kernel is out of memory$"), explain_missing_parameters():
        raise RuntimeError("the kernel is out of memory")
    with pytest.raises(RuntimeError, match=r"no parameters yet: call model\.initialize"), explain_missing_parameters():
        mx.gluon.nn.Dense(2, in_units=3)(nd.ones((1, 3)))
