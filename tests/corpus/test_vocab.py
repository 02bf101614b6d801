"""Tokens, their numbers and back, also beside the published `d2l` 0.17.6 and 0.11.4."""

from __future__ import annotations

import collections
import re

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluonrnn.corpus.vocab import Vocab, count_corpus, letters_only, tokenize
from tests.oracles.load import published

tokens_1d = st.lists(st.sampled_from(["la", "di", "da", "<unk>", "<pad>", ""]), max_size=30)
tokens_2d = st.lists(tokens_1d, max_size=8)
reserved = st.none() | st.lists(st.sampled_from(["<pad>", "<bos>", "la"]), max_size=3)
lines_of_text = st.lists(st.text("aB z-'8é\tİK", max_size=12), max_size=6)


class VocabByToken(Vocab):
    """Of tokens that are equally frequent, the first in the alphabet first."""

    def _by_frequency(self, counter):
        return sorted(counter.items(), key=lambda entry: (-entry[1], entry[0]))


@pytest.fixture(scope="module")
def d2l():
    return published("d2l==0.17.6", "d2l.mxnet")


@pytest.fixture(scope="module")
def d2l_early():
    return published("d2l==0.11.4")


@pytest.fixture
def vocab():
    return Vocab([["over", "and", "over"], ["out"]], reserved_tokens=["<pad>"])


# --- lines and tokens ---


@given(lines_of_text)
def test_letters_and_tokens_equal_the_published_ones(d2l, d2l_early, lines):
    for token in ("word", "char"):
        assert tokenize(lines, token) == d2l.tokenize(lines, token)
    assert tokenize(lines) == d2l.tokenize(lines)
    assert tokenize(lines, "char") == d2l_early.tokenize(lines, "char")


@given(lines_of_text)
def test_lines_are_read_as_either_edition_reads_them(d2l, d2l_early, lines):
    def read_by(package):
        read = package.read_time_machine
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(read.__globals__["d2l"], "download", lambda name: "lines.txt")
            return read()

    with open("lines.txt", "w", encoding="utf-8") as file:
        file.write("\n".join(lines))
    with open("lines.txt", encoding="utf-8") as file:
        assert letters_only(file) == read_by(d2l)
    with open("lines.txt", encoding="utf-8") as file:
        assert letters_only(file, strip_first=True) == read_by(d2l_early)


@given(lines_of_text)
def test_only_letters_and_single_spaces_are_left(lines):
    found = letters_only(lines)
    assert len(found) == len(lines)
    assert all(re.fullmatch("([a-z]+( [a-z]+)*)?", line) for line in found)
    assert [line.strip() for line in letters_only(["-A b-"], strip_first=True)] == letters_only(["-A b-"])


def test_spaces_may_be_left_at_the_ends_the_early_way():
    assert letters_only(["  -Over, and: over!  "], strip_first=True) == [" over and over "]
    assert letters_only(["  -Over, and: over!  "]) == ["over and over"]


# --- counting ---


@pytest.mark.slow
@given(tokens_1d | tokens_2d)
def test_counts_equal_the_published_ones(d2l, tokens):
    found = count_corpus(tokens)
    assert isinstance(found, collections.Counter)
    assert list(found.items()) == list(d2l.count_corpus(tokens).items())


@given(tokens_2d)
def test_counts_of_lines_equal_the_early_ones(d2l_early, tokens):
    assert count_corpus(tokens) == d2l_early.count_corpus(tokens)


def test_tuples_are_tokens():
    pairs = [("over", "and"), ("and", "over"), ("over", "and")]
    assert count_corpus(pairs) == {("over", "and"): 2, ("and", "over"): 1}
    assert Vocab(pairs).to_tokens(1) == ("over", "and")
    assert count_corpus(iter(["la", "la"])) == count_corpus(iter([["la"], ["la"]])) == {"la": 2}
    assert count_corpus(iter([])) == {}


# --- the vocabulary ---


def state_of(vocab):
    return vocab.idx_to_token, vocab.token_to_idx, vocab.token_freqs, vocab.unk, len(vocab)


@pytest.mark.slow
@given(tokens=tokens_1d | tokens_2d, min_freq=st.integers(-1, 5), reserved_tokens=reserved)
def test_vocabulary_equals_the_published_one(d2l, tokens, min_freq, reserved_tokens):
    ours, theirs = (kind(tokens, min_freq, reserved_tokens) for kind in (Vocab, d2l.Vocab))
    assert state_of(ours) == state_of(theirs)
    asked = ["la", ("di", ["nothing"]), [], "<unk>"]
    assert ours[asked] == theirs[asked]
    everything = list(range(len(ours)))
    assert ours.to_tokens(everything) == theirs.to_tokens(everything)


@given(tokens=tokens_2d, min_freq=st.integers(-1, 5), reserved_tokens=reserved)
def test_vocabulary_ordered_by_token_equals_the_early_one(d2l_early, tokens, min_freq, reserved_tokens):
    theirs = d2l_early.Vocab(tokens, min_freq, reserved_tokens or [])
    assert state_of(VocabByToken(tokens, min_freq, reserved_tokens)) == state_of(theirs)


@given(tokens_1d, st.integers(0, 4))
def test_numbers_and_tokens_are_inverse(tokens, min_freq):
    vocab = Vocab(tokens, min_freq)
    assert vocab.to_tokens(vocab[vocab.idx_to_token]) == vocab.idx_to_token
    frequencies = [frequency for _, frequency in vocab.token_freqs]
    assert frequencies == sorted(frequencies, reverse=True)
    assert dict(vocab.token_freqs) == count_corpus(tokens)
    for token in set(tokens):
        assert (vocab[token] != vocab.unk) == (token != "<unk>" and tokens.count(token) >= min_freq)


def test_empty_vocabulary():
    assert state_of(Vocab()) == (["<unk>"], {"<unk>": 0}, [], 0, 1)
    assert Vocab()["anything"] == 0


def test_reserved_tokens_are_not_changed_and_may_be_a_tuple():
    reserved_tokens = ["<pad>"]
    Vocab(["la"], reserved_tokens=reserved_tokens)
    assert reserved_tokens == ["<pad>"]
    assert Vocab(["la"], reserved_tokens=("<pad>",)).idx_to_token == ["<unk>", "<pad>", "la"]


def test_tokens_in_lists_of_any_depth(vocab):
    assert vocab.idx_to_token == ["<unk>", "<pad>", "over", "and", "out"]
    assert vocab[["over", ["out", ("and", "none")]]] == [2, [4, [3, 0]]]
    assert vocab.to_tokens([2, (4, [3, 0])]) == ["over", ["out", ["and", "<unk>"]]]
    assert vocab[[]] == vocab.to_tokens(()) == []


def test_whole_numbers_of_any_kind_are_indices(vocab):
    for kind in (
        int,
        np.uint8,
        np.array,
        lambda i: np.array([i]),
        lambda i: mx.np.array([i], dtype="int32"),
        lambda i: mx.np.array([i]),
        lambda i: mx.nd.array([i], dtype="int64"),
        lambda i: mx.nd.array([i]),
    ):
        assert vocab.to_tokens(kind(2)) == "over"
        assert vocab.to_tokens([kind(2), kind(0)]) == ["over", "<unk>"]


def test_index_that_is_no_whole_number_or_lies_outside(vocab):
    for index in (1.0, None, np.array([1.5]), np.array([1, 2]), mx.np.array([1.0, 2.0])):
        with pytest.raises(TypeError, match="an index must be a whole number"):
            vocab.to_tokens(index)
    for index in (5, -1, np.int64(99), [0, 5]):
        with pytest.raises(IndexError, match=r"must lie in \[0, 5\) for this vocabulary, but it is (5|-1|99)"):
            vocab.to_tokens(index)
