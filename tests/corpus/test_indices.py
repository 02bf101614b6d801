"""Indices in little memory: like a list to who reads them, and the naive numbering whatever the text."""

from __future__ import annotations

import copy
import pickle
import tracemalloc

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mxnet import nd

from gluonrnn.corpus import indices
from gluonrnn.corpus.indices import Indices, number_characters

numbers = st.lists(st.integers(0, 255), max_size=40)


def of(values, dtype="uint8"):
    return Indices(np.array(values, dtype=dtype))


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Let the borders of blocks be met by short texts."""
    monkeypatch.setattr(indices, "_BLOCK", 3)


# --- like a list ---


@pytest.mark.slow
@given(numbers, st.slices(40))
def test_indices_read_like_a_list(values, part):
    found = of(values)
    assert (len(found), list(found), repr(found)) == (len(values), values, repr(values))
    assert found[part] == values[part]
    assert type(found[part]) is list
    assert bool(found) == bool(values)
    assert list(reversed(found)) == values[::-1]


def test_items_are_ints():
    found = of([7, 8, 300], "uint16")
    assert (found[0], found[-1], found[np.int64(1)]) == (7, 300, 8)
    assert {type(item) for item in (*found, found[0], *found[:2])} == {int}
    assert (300 in found, 9 in found, found.index(8), found.count(7)) == (True, False, 1, 1)


def test_what_a_list_refuses_is_refused():
    found = of([1, 2])
    with pytest.raises(IndexError):
        found[2]
    for key in ("0", 0.0, (0, 0), [0], None):
        with pytest.raises(TypeError):
            found[key]
    with pytest.raises(TypeError):
        hash(found)
    with pytest.raises(TypeError, match="does not support item assignment"):
        found[0] = 3


@given(numbers, numbers)
def test_indices_equal_the_same_numbers_in_a_list_or_in_other_bytes(values, others):
    same = values == others
    for other in (others, of(others), of(others, "int64")):
        assert (of(values) == other, other == of(values), of(values) != other) == (same, same, not same)
    assert of(values) == values
    assert of(values) != tuple(values)
    assert of(values) != "text"


def test_copies_and_pickles_are_equal():
    found = of([3, 1, 2])
    for again in (copy.copy(found), copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert isinstance(again, Indices)
        assert again == found


def test_arrays_are_made_of_them():
    array = np.array([3, 1, 2], dtype="uint8")
    found = Indices(array)
    assert np.shares_memory(np.asarray(found), array)
    assert not np.asarray(found).flags.writeable
    assert np.asarray(found, dtype="float32").dtype == "float32"
    for make in (np.array, nd.array, mx.np.array):
        assert make(found).tolist() if make is np.array else make(found).asnumpy().tolist() == [3, 1, 2]
    changed = np.array(found)
    changed[0] = 9
    array[1] = 8  # what made them may still be written to by who has it
    assert list(found) == [3, 8, 2]


# --- the numbering ---


def naive(text):
    idx_to_char = sorted(set(text))
    return [idx_to_char.index(char) for char in text], idx_to_char


@given(st.lists(st.text(st.characters(), max_size=12), max_size=5))  # lone surrogates, too
def test_numbering_is_the_naive_one_whatever_the_text_and_its_pieces(pieces):
    assert number_characters(iter(pieces)) == naive("".join(pieces))


@given(st.text(st.sampled_from("a\x00\xff\u0100\ud800\uffff\U00010000\U0010ffff"), max_size=20))
def test_numbering_at_the_borders_of_python_s_own_forms_of_a_text(text):
    assert number_characters([text]) == naive(text)


@pytest.mark.parametrize(
    ("vocab_size", "dtype"), [(1, "uint8"), (256, "uint8"), (257, "uint16"), (65536, "uint16"), (65537, "uint32")]
)
def test_indices_take_as_few_bytes_as_the_vocabulary_needs(monkeypatch, vocab_size, dtype):
    monkeypatch.setattr(indices, "_BLOCK", 1000)
    text = "".join(map(chr, range(vocab_size - 1, -1, -1)))
    found, idx_to_char = number_characters([text])
    assert np.asarray(found).dtype == dtype
    assert (found[0], found[-1], len(idx_to_char)) == (vocab_size - 1, 0, vocab_size)


def test_memory_is_a_byte_a_character_and_a_table(monkeypatch):
    monkeypatch.setattr(indices, "_BLOCK", 1 << 16)
    text = "over and under, " * 50_000
    tracemalloc.start()
    try:
        found, _ = number_characters([text])
        held, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 1.1 * len(found)
    assert peak < len(found) + 5_000_000  # a list would take eight bytes a character
