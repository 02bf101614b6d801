from __future__ import annotations

import contextlib
import random

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import cpu, nd

import gluonrnn as gb
from gluonrnn._arrays import using_np
from gluonrnn.corpus.batches import random_batches_from_offset, seq_data_iter_random, seq_data_iter_sequential
from gluonrnn.corpus.indices import Indices
from tests.oracles.load import published

sizes = {"length": st.integers(0, 90), "batch_size": st.integers(1, 8), "num_steps": st.integers(1, 9)}
BOTH = pytest.mark.parametrize("data_iter", [gb.data_iter_random, gb.data_iter_consecutive])


def in_bytes(numbers):
    return Indices(np.array(numbers, dtype="uint8"))


def batches(data_iter, length, batch_size, num_steps):
    return [(X.asnumpy(), Y.asnumpy()) for X, Y in data_iter(list(range(length)), batch_size, num_steps)]


@BOTH
@settings(max_examples=40)
@given(**sizes)
def test_every_batch_is_full_and_labels_come_one_character_later(data_iter, length, batch_size, num_steps):
    for X, Y in batches(data_iter, length, batch_size, num_steps):
        assert X.shape == Y.shape == (batch_size, num_steps)
        np.testing.assert_array_equal(Y, X + 1)
        np.testing.assert_array_equal(np.diff(X, axis=1), 1)
        assert Y.max() < length


@settings(max_examples=40)
@given(**sizes, seed=st.integers(0, 2**32 - 1))
def test_random_examples_start_at_each_multiple_once(length, batch_size, num_steps, seed):
    random.seed(seed)
    starts = [int(row[0]) for X, _ in batches(gb.data_iter_random, length, batch_size, num_steps) for row in X]
    num_examples = max(length - 1, 0) // num_steps
    assert len(starts) == num_examples // batch_size * batch_size
    assert len(set(starts)) == len(starts)
    assert set(starts) <= {example * num_steps for example in range(num_examples)}


@settings(max_examples=40)
@given(**sizes)
def test_consecutive_rows_laid_end_to_end_rebuild_the_corpus(length, batch_size, num_steps):
    taken = [X for X, _ in batches(gb.data_iter_consecutive, length, batch_size, num_steps)]
    row_length = length // batch_size
    assert len(taken) == max(row_length - 1, 0) // num_steps
    if taken:
        walked = np.concatenate(taken, axis=1)
        for row, start in zip(walked, range(0, length, row_length)):
            np.testing.assert_array_equal(row, start + np.arange(len(row)))


def test_random_order_is_that_of_a_shuffled_list():
    random.seed(5)
    starts = [example * 7 for example in range(142)]
    random.shuffle(starts)
    random.seed(5)
    assert [int(row[0]) for X, _ in batches(gb.data_iter_random, 1000, 2, 7) for row in X] == starts
    after = random.random()
    random.seed(5)
    random.shuffle([0] * 142)
    assert after == random.random()


@BOTH
def test_batches_are_float32_and_live_where_they_are_told(data_iter):
    X, Y = next(data_iter(range(30), 2, 3, cpu(1)))
    assert X.context == Y.context == cpu(1)
    assert X.dtype == Y.dtype == np.float32
    assert next(data_iter(range(30), 2, 3))[0].context == nd.zeros(1).context


# --- the later editions, which drop a few characters at the start ---


def of_0_11(corpus, batch_size, num_steps):
    return random_batches_from_offset(corpus, batch_size, num_steps, largest_offset=num_steps)


ITERATORS = [seq_data_iter_random, seq_data_iter_sequential, of_0_11]
LATER = pytest.mark.parametrize("data_iter", ITERATORS)


@pytest.fixture(scope="module")
def d2l():
    return published("d2l==0.17.6", "d2l.mxnet")


@pytest.fixture(scope="module")
def d2l_early():
    return published("d2l==0.11.4")


def drawn(data_iter, seed, *arguments):
    """Return the batches that a seed gives, and the state that it leaves the generator in."""
    random.seed(seed)
    return [(X.asnumpy(), Y.asnumpy()) for X, Y in data_iter(*arguments)], random.getstate()


@pytest.mark.parametrize("data_iter", [gb.data_iter_random, gb.data_iter_consecutive, *ITERATORS])
def test_any_sequence_of_indices_will_do(data_iter):
    expected, _ = drawn(data_iter, 1, list(range(60)), 3, 4)
    assert len(expected) >= 3
    for kind in (tuple, np.array, nd.array, mx.np.array, in_bytes, lambda numbers: range(len(numbers))):
        found, _ = drawn(data_iter, 1, kind(list(range(60))), 3, 4)
        assert {array.dtype.name for pair in found for array in pair} == {"float32"}
        np.testing.assert_array_equal(found, expected, err_msg=str(kind))


@pytest.mark.parametrize("data_iter", [gb.data_iter_random, *ITERATORS])
def test_nothing_is_drawn_before_the_first_batch_is_asked_for(data_iter):
    state = random.getstate()
    iterator = data_iter(range(40), 2, 3)
    assert random.getstate() == state
    next(iterator)
    assert random.getstate() != state


@pytest.mark.slow
@settings(max_examples=50)
@given(**sizes, seed=st.integers(0, 2**32 - 1))
def test_equal_seeds_give_the_published_batches(d2l, d2l_early, length, batch_size, num_steps, seed):
    arguments = seed, list(range(length)), batch_size, num_steps
    pairs = [(seq_data_iter_random, d2l.seq_data_iter_random), (of_0_11, d2l_early.seq_data_iter_random)]
    # their rows cannot be laid out where the text does not fill them
    if length > num_steps + batch_size:
        pairs.append((seq_data_iter_sequential, d2l.seq_data_iter_sequential))
        pairs.append((seq_data_iter_sequential, d2l_early.seq_data_iter_consecutive))
    for ours, theirs in pairs:
        found, state = drawn(ours, *arguments)
        with using_np():
            expected, their_state = drawn(theirs, *arguments)
        assert len(found) == len(expected)
        assert state == their_state
        np.testing.assert_array_equal(found, expected)


@LATER
@settings(max_examples=40)
@given(**sizes, seed=st.integers(0, 2**32 - 1))
def test_every_later_batch_is_full_and_labels_come_one_token_later(data_iter, length, batch_size, num_steps, seed):
    found, _ = drawn(data_iter, seed, range(length), batch_size, num_steps)
    for X, Y in found:
        assert X.shape == Y.shape == (batch_size, num_steps)
        np.testing.assert_array_equal(Y, X + 1)
        np.testing.assert_array_equal(np.diff(X, axis=1), 1)
        assert Y.max() < length
    taken = np.concatenate([X.ravel() for X, _ in found]) if found else np.array([])
    assert len(set(taken)) == len(taken)
    if length <= batch_size * num_steps:
        assert found == []
    elif length > (batch_size + 1) * num_steps:
        assert found != []


@settings(max_examples=40)
@given(**sizes, seed=st.integers(0, 2**32 - 1))
def test_sequential_rows_go_on_from_batch_to_batch(length, batch_size, num_steps, seed):
    found, _ = drawn(seq_data_iter_sequential, seed, range(length), batch_size, num_steps)
    if found:
        np.testing.assert_array_equal(np.diff(np.concatenate([X for X, _ in found], axis=1), axis=1), 1)
        assert found[0][0][0, 0] <= num_steps


@LATER
@pytest.mark.parametrize("switched", [False, True])
def test_later_batches_are_float32_arrays_of_np_on_the_current_context(data_iter, switched):
    with cpu(1), using_np() if switched else contextlib.nullcontext():
        X, Y = next(data_iter(range(40), 2, 3))
        assert not (X != Y - 1).any()
    assert type(X) is type(Y) is mx.np.ndarray
    assert X.ctx == Y.ctx == cpu(1)
    assert X.dtype == Y.dtype == np.float32
    assert next(data_iter(range(40), 2, 3))[0].ctx == nd.zeros(1).context


def test_largest_offset_is_refused_at_the_call():
    with pytest.raises(ValueError, match="largest_offset must be at least 0, but it is -1"):
        random_batches_from_offset(range(30), 2, 3, largest_offset=-1)
