"""The rules for what users pass in, and the sentences that state them."""

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

from gluonrnn.batches import data_iter_consecutive, data_iter_random
from gluonrnn.checks import (
    as_array,
    check_batches,
    check_callable,
    check_count,
    check_indices,
    check_number,
    check_seed,
    minimal_length,
    shown,
    told_of_missing_parameters,
)
from gluonrnn.indices import Indices

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
    assert shown(value) == expected


# --- check_count ---


@pytest.mark.parametrize("value", [1, 35, np.int64(7), np.int32(1), np.uint8(200), 2**31 - 1])
def test_whole_number_is_returned_as_an_int(value):
    result = check_count("batch_size", value)
    assert result == value
    assert type(result) is int


def test_least_count_is_accepted():
    assert check_count("pred_len", 0, 0) == 0
    assert check_count("n", -3, least=-3) == -3


@pytest.mark.parametrize(
    ("value", "received"),
    [
        (True, "True (bool)"),
        (False, "False (bool)"),
        (np.bool_(True), f"{np.bool_(True)!r} ({np.bool_.__name__})"),
        (2.0, "2.0 (float)"),
        (np.float32(2), "2.0 (float32)"),
        ("32", "'32' (str)"),
        (None, "None (NoneType)"),
        (float("nan"), "nan (float)"),
        ([32], "[32] (list)"),
        (np.array(32), "array(32) (ndarray)"),
    ],
)
def test_what_is_no_whole_number_is_an_error(value, received):
    expected = re.escape(f"batch_size must be a whole number, but it is {received}: pass an int of at least 1")
    with pytest.raises(TypeError, match=expected):
        check_count("batch_size", value)


@pytest.mark.parametrize(("value", "least"), [(0, 1), (-1, 1), (-1, 0), (np.int64(0), 1), (4, 5)])
def test_count_below_the_least_is_an_error(value, least):
    with pytest.raises(ValueError, match=f"num_steps must be at least {least}, but it is {value}: pass a larger"):
        check_count("num_steps", value, least)


# --- check_number ---


@pytest.mark.parametrize("value", [1, 1e2, 1e-300, np.float32(0.5), np.float64(3), np.int64(2), Fraction(1, 2)])
def test_number_is_returned_as_a_float(value):
    result = check_number("lr", value)
    assert result == value
    assert type(result) is float


@pytest.mark.parametrize("value", [0, 0.0, -0.0, 0.5])
def test_zero_is_a_number_where_it_may_be(value):
    assert check_number("temperature", value, positive=False) == value


@pytest.mark.parametrize("value", [0, 0.0, -1, -1e-9, np.float32(-2)])
def test_number_must_be_above_zero(value):
    with pytest.raises(ValueError, match=f"lr must be a finite number above 0, but it is {value}: pass another value"):
        check_number("lr", value)


@pytest.mark.parametrize("value", [-1, -1e-9])
def test_number_must_be_from_zero_on(value):
    expected = f"temperature must be a finite number of at least 0, but it is {value}: pass another value"
    with pytest.raises(ValueError, match=expected):
        check_number("temperature", value, positive=False)


@pytest.mark.parametrize("positive", [True, False])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), np.float32("nan"), np.float64("inf")])
def test_number_must_be_finite(value, positive):
    with pytest.raises(ValueError, match=f"lr must be a finite number .* 0, but it is {value}: pass another value"):
        check_number("lr", value, positive=positive)


def test_whole_number_beyond_every_float_is_not_finite():
    with pytest.raises(ValueError, match="lr must be a finite number above 0"):
        check_number("lr", 10**400)


@pytest.mark.parametrize(
    ("value", "received"),
    [
        (True, "True (bool)"),
        (np.bool_(False), f"{np.bool_(False)!r} ({np.bool_.__name__})"),
        ("1e2", "'1e2' (str)"),
        (None, "None (NoneType)"),
        (1j, "1j (complex)"),
        ([1.0], "[1.0] (list)"),
        (np.array(1.0), "array(1.) (ndarray)"),
        (Decimal(1), "Decimal('1') (Decimal)"),
    ],
)
def test_what_is_no_real_number_is_an_error(value, received):
    expected = re.escape(f"lr must be a finite number above 0, but it is {received}: pass a float")
    with pytest.raises(TypeError, match=expected):
        check_number("lr", value)


# --- check_callable ---


@pytest.mark.parametrize("value", [len, lambda: None, int])
def test_function_can_be_called(value):
    assert check_callable("rnn", value) is None


@pytest.mark.parametrize(("value", "received"), [(256, "256 (int)"), (None, "None (NoneType)"), ("rnn", "'rnn' (str)")])
def test_what_cannot_be_called_is_an_error(value, received):
    expected = re.escape(f"rnn must be a function, but it is {received}: check the order of the arguments")
    with pytest.raises(TypeError, match=expected):
        check_callable("rnn", value)


# --- check_indices ---


@pytest.mark.parametrize(
    "make",
    [
        list,
        tuple,
        np.array,
        lambda values: np.array(values, dtype="float32"),
        lambda values: np.array(values, dtype="uint8"),
        lambda values: Indices(np.array(values, dtype="uint16")),
    ],
)
def test_indices_of_the_vocabulary_pass(make):
    check_indices(make([0, 1, 2, 1]), 3)


@pytest.mark.parametrize("indices", [[], range(5), np.arange(0)])
def test_any_row_of_indices_passes(indices):
    check_indices(indices, 5)


@pytest.mark.parametrize(
    ("indices", "vocab_size", "held", "position"),
    [
        ([0, 1, 2], 2, "2", 2),
        ([0, -1, 5], 2, "-1", 1),
        ([9, 9], 2, "9", 0),
        (np.array([0, 1, 3]), 3, "3", 2),
        ([0.0, float("nan")], 3, "nan", 1),
        (range(10), 7, "7", 7),
        (Indices(np.array([0, 255], dtype="uint8")), 255, "255", 1),
        (np.array([0, -1], dtype="int8"), 300, "-1", 1),
        ([0] * 65_536 + [0, 9, 8], 8, "9", 65_537),
        (np.arange(200_000), 150_000, "150000", 150_000),
    ],
)
def test_first_index_outside_the_vocabulary_is_named(indices, vocab_size, held, position):
    expected = re.escape(
        f"an index must be whole and lie in [0, {vocab_size}) for vocab_size {vocab_size}, but corpus_indices holds "
        f"{held} at position {position}: pass the vocab_size of this corpus"
    )
    with pytest.raises(ValueError, match=expected):
        check_indices(indices, vocab_size)


@pytest.mark.parametrize("dtype", ["uint8", "int32", "int64", "float32"])
def test_array_of_indices_is_not_copied(dtype):
    array = np.array([2, 0, 1], dtype=dtype)
    assert as_array(array) is array
    if dtype != "float32":
        assert np.shares_memory(as_array(Indices(array)), array)


@pytest.mark.parametrize(
    "indices", [[2, 0, 1], (2, 0, 1), np.array([2.0, 0.0, 1.0]), nd.array([2, 0, 1]), mx.np.array([2, 0, 1])]
)
def test_other_indices_become_float32(indices):
    found = as_array(indices)
    assert isinstance(found, np.ndarray)
    assert found.dtype == "float32"
    assert found.tolist() == [2, 0, 1]


@pytest.mark.parametrize("indices", [[[0, 1], [5, 1]], [[0, 1], [1, 0]]])
def test_table_of_indices_is_an_error_like_in_the_iterators(indices):
    with pytest.raises(ValueError, match=r"corpus_indices must be one row of indices, but its shape is \(2, 2\)"):
        check_indices(indices, 2)


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


@pytest.mark.parametrize(
    ("batch_size", "num_steps", "random", "expected"),
    [
        (32, 35, True, 1121),
        (32, 35, False, 1152),
        (1, 1, True, 2),
        (1, 1, False, 2),
        (2, 6, True, 13),
        (2, 6, False, 14),
    ],
)
def test_length_that_the_first_batch_takes(batch_size, num_steps, random, expected):
    assert minimal_length(batch_size, num_steps, random=random) == expected


@given(SIZES, SIZES, st.booleans())
def test_shortest_corpus_gives_one_batch_and_a_shorter_one_none(batch_size, num_steps, random):
    least = minimal_length(batch_size, num_steps, random=random)
    assert batches(least, batch_size, num_steps, random) == 1
    assert complaint(least, batch_size, num_steps, random) == ""
    assert batches(least - 1, batch_size, num_steps, random) == 0
    assert complaint(least - 1, batch_size, num_steps, random).startswith(f"a corpus needs at least {least} characters")


@given(st.integers(min_value=0, max_value=200), SIZES, SIZES, st.booleans())
def test_check_agrees_with_the_iterator(length, batch_size, num_steps, random):
    assert bool(complaint(length, batch_size, num_steps, random)) == (
        batches(length, batch_size, num_steps, random) == 0
    )


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
    needed = minimal_length(batch_size, num_steps, random=random)
    assert complaint(length, batch_size, num_steps, random) == (
        f"a corpus needs at least {needed} characters for one batch of batch_size {batch_size} and num_steps "
        f"{num_steps}, but this one has {length}: {remedy}"
    )


@pytest.mark.parametrize("seed", [0, 7, 2**32 - 1, np.int64(5)])
def test_a_seed_is_any_that_all_generators_take(seed):
    assert check_seed(seed) == seed
    assert type(check_seed(seed)) is int


@pytest.mark.parametrize(
    ("seed", "error", "said"),
    [
        (-1, ValueError, "-1: pass another one"),
        (2**32, ValueError, "4294967296: pass another one"),
        (1.0, TypeError, r"1\.0 \(float\): pass an int"),
        (True, TypeError, r"True \(bool\): pass an int"),
        ("1", TypeError, r"'1' \(str\): pass an int"),
    ],
)
def test_another_seed_is_refused(seed, error, said):
    with pytest.raises(error, match=rf"^seed must be a whole number in \[0, 2\*\*32\), but it is {said}$"):
        check_seed(seed)


def test_only_missing_parameters_are_told_of_in_other_words():
    with pytest.raises(RuntimeError, match=r"^the kernel is out of memory$"), told_of_missing_parameters():
        raise RuntimeError("the kernel is out of memory")
    with pytest.raises(RuntimeError, match=r"no parameters yet: call model\.initialize"), told_of_missing_parameters():
        mx.gluon.nn.Dense(2, in_units=3)(nd.ones((1, 3)))
