"""The book's loaders, also beside the published `d2l` 0.17.6 and 0.11.4."""

from __future__ import annotations

import contextlib
import hashlib
import random
from pathlib import Path

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluonrnn._arrays import using_nd, using_np
from gluonrnn.corpus.batches import random_batches_from_offset, seq_data_iter_random, seq_data_iter_sequential
from gluonrnn.corpus.hub import DATA_HUB, DATA_URL
from gluonrnn.corpus.loaders import (
    SeqDataLoader,
    character_corpus,
    load_array,
    load_corpus_time_machine,
    load_data_time_machine,
    read_time_machine,
)
from gluonrnn.corpus.vocab import Vocab, letters_only, tokenize
from tests.corpus.test_lookup import NEEDS_REAL_DATA, REAL_FOLDER
from tests.oracles.load import published

TEXT = (
    """\ufeffThe Mill, by nobody in particular

'Round and round,' said the miller's wife, 'and what comes of it?'
Flour -- and dust; 3 sacks à day.
""".encode()
    * 3
)
WORLDS = pytest.mark.parametrize("world", [using_nd, using_np])


@pytest.fixture(scope="module")
def d2l():
    return published("d2l==0.17.6", "d2l.mxnet")


@pytest.fixture(scope="module")
def d2l_early():
    return published("d2l==0.11.4")


@pytest.fixture
def mill(monkeypatch):
    """Let The Time Machine be a text about a mill, and be on disk."""
    monkeypatch.setitem(DATA_HUB, "time_machine", (DATA_URL + "timemachine.txt", hashlib.sha1(TEXT).hexdigest()))
    Path("../data").mkdir()
    Path("../data/timemachine.txt").write_bytes(TEXT)


@contextlib.contextmanager
def reading(package, path):
    """Let a published package read The Time Machine from a file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(package.read_time_machine.__globals__["d2l"], "download", lambda name: str(path))
        yield


def drawn(data_iter, seed=0):
    random.seed(seed)
    return [(X.asnumpy(), Y.asnumpy()) for X, Y in data_iter]


# --- The Time Machine ---


def test_lines_are_read_as_utf8_and_hold_letters_alone(mill):
    lines = read_time_machine()
    assert lines[:2] == ["the mill by nobody in particular", ""]
    assert lines[3:5] == ["flour and dust sacks day", "the mill by nobody in particular"]
    assert len(lines) == 12


def test_corpus_equals_the_published_one(mill, d2l):
    for max_tokens in (-1, 0, 1, 40, 10_000):
        corpus, vocab = load_corpus_time_machine(max_tokens)
        with reading(d2l, "../data/timemachine.txt"):
            expected, their_vocab = d2l.load_corpus_time_machine(max_tokens)
        assert corpus == expected
        assert vocab.idx_to_token == their_vocab.idx_to_token
        assert isinstance(vocab, Vocab)


class VocabByToken(Vocab):
    def _by_frequency(self, counter):
        return sorted(counter.items(), key=lambda entry: (-entry[1], entry[0]))


@pytest.mark.parametrize("vocab_class", [Vocab, VocabByToken, lambda tokens: Vocab(tokens, min_freq=3)])
@pytest.mark.parametrize("kind", [list, iter])
@settings(max_examples=40)
@given(lines=st.lists(st.text("ab é雨🎵", max_size=12), max_size=6), max_tokens=st.integers(-1, 30))
def test_character_corpus_is_what_its_parts_make(kind, vocab_class, lines, max_tokens):
    corpus, vocab = character_corpus(kind(lines), max_tokens, vocab_class)
    tokens = tokenize(lines, "char")
    expected = vocab_class(tokens)
    assert (vocab.idx_to_token, vocab.token_freqs) == (expected.idx_to_token, expected.token_freqs)
    assert corpus == [expected[token] for line in tokens for token in line][: max_tokens if max_tokens > 0 else None]
    assert type(corpus) is list


@pytest.mark.parametrize("use_random_iter", [False, True])
@pytest.mark.parametrize(("batch_size", "num_steps", "max_tokens"), [(2, 5, -1), (1, 1, 3), (4, 6, 31)])
def test_batches_equal_the_published_ones(mill, d2l, batch_size, num_steps, use_random_iter, max_tokens):
    arguments = batch_size, num_steps, use_random_iter, max_tokens
    loader, vocab = load_data_time_machine(*arguments)
    with reading(d2l, "../data/timemachine.txt"):
        theirs, _ = d2l.load_data_time_machine(*arguments)
    for seed in range(5):
        found = drawn(loader, seed)
        with using_np():
            expected = drawn(theirs, seed)
        assert len(found) == len(expected)
        np.testing.assert_array_equal(found, expected)
    assert isinstance(loader, SeqDataLoader)
    assert vocab is loader.vocab
    assert loader.corpus == theirs.corpus
    assert (loader.batch_size, loader.num_steps) == (batch_size, num_steps)
    assert loader.data_iter_fn is (seq_data_iter_random if use_random_iter else seq_data_iter_sequential)


def test_each_epoch_is_drawn_anew_by_what_the_loader_holds(mill):
    loader, _ = load_data_time_machine(2, 5, use_random_iter=True)
    random.seed(0)
    first, second = ([X.asnumpy().tolist() for X, _ in loader] for _ in range(2))
    assert first != second
    loader.corpus, loader.batch_size = range(20), 3
    loader.data_iter_fn = lambda *arguments: iter([arguments])
    assert list(loader) == [(range(20), 3, 5)]


def test_an_early_edition_changes_three_attributes(mill, d2l_early):
    def load(max_tokens):
        with open("../data/timemachine.txt", encoding="utf-8") as file:
            return character_corpus(letters_only(file, strip_first=True), max_tokens, VocabByToken)

    def random_iter(corpus, batch_size, num_steps):
        return random_batches_from_offset(corpus, batch_size, num_steps, largest_offset=num_steps)

    class EarlyLoader(SeqDataLoader):
        _load_corpus = staticmethod(load)
        _random_iter = staticmethod(random_iter)

    for use_random_iter in (False, True):
        loader = EarlyLoader(3, 4, use_random_iter, 120)
        with reading(d2l_early, "../data/timemachine.txt"):
            theirs = d2l_early.SeqDataLoader(3, 4, use_random_iter, 120)
        assert loader.corpus == theirs.corpus
        assert loader.vocab.idx_to_token == theirs.vocab.idx_to_token
        for seed in range(5):
            with using_np():
                np.testing.assert_array_equal(drawn(loader, seed), drawn(theirs, seed))


@pytest.mark.parametrize("use_random_iter", [False, True])
def test_a_text_that_may_be_too_short_for_a_batch(mill, use_random_iter):
    with pytest.raises(ValueError, match=r"at least 26 characters .*: use batch_size up to 3 or num_steps up to 4,"):
        SeqDataLoader(4, 5, use_random_iter, 25)
    for sizes in ((3, 5), (4, 4)):  # what the error says would fit
        assert {len(drawn(SeqDataLoader(*sizes, use_random_iter, 25), seed)) for seed in range(40)} == {1}
    loader = SeqDataLoader(4, 5, use_random_iter, 26)
    assert {len(drawn(loader, seed)) for seed in range(40)} == {1}


@NEEDS_REAL_DATA
def test_the_real_time_machine_has_the_books_figures(monkeypatch, d2l):
    monkeypatch.setenv("GLUONRNN_DATA", str(REAL_FOLDER))
    lines = read_time_machine()
    assert (len(lines), lines[0]) == (3221, "the time machine by h g wells")
    corpus, vocab = load_corpus_time_machine()
    assert (len(corpus), len(vocab)) == (170_580, 28)
    assert vocab.idx_to_token[:5] == ["<unk>", " ", "e", "t", "a"]
    with reading(d2l, REAL_FOLDER / "timemachine.txt"):
        expected, their_vocab = d2l.load_corpus_time_machine()
    assert corpus == expected
    assert vocab.token_freqs == their_vocab.token_freqs
    loader, _ = load_data_time_machine(32, 35)
    assert [X.shape for X, _ in loader] == [(32, 35)] * 8


# --- arrays ---


def arrays_of(length, seed=0):
    generator = np.random.RandomState(seed)
    features = generator.normal(size=(length, 2, 3)).astype("float32")
    return {
        "np": mx.np.array(features),
        "labels": mx.np.arange(length),
        "int32": mx.np.arange(length, dtype="int32"),
        "numpy": features.astype("float64"),
        "numpy labels": np.arange(length),
        "list": list(range(length)),
    }


def as_lists(batch):
    parts = batch if isinstance(batch, list) else [batch]
    return [(type(part), np.dtype(part.dtype), part.shape, part.asnumpy().tolist()) for part in parts]


def loaded(function, seed, *arguments):
    np.random.seed(seed)
    loader = function(*arguments)
    return len(loader), [[as_lists(batch) for batch in loader] for _ in range(2)]


@pytest.mark.slow
@settings(max_examples=12)
@given(
    length=st.integers(1, 12),
    batch_size=st.integers(1, 13),
    is_train=st.booleans(),
    kinds=st.lists(st.sampled_from(sorted(arrays_of(1))), min_size=1, max_size=4),
    world=st.sampled_from([using_nd, using_np]),
    seed=st.integers(0, 2**32 - 1),
)
def test_rows_equal_the_published_ones(d2l, length, batch_size, is_train, kinds, world, seed):
    arrays = arrays_of(length)
    arguments = tuple(arrays[kind] for kind in kinds), batch_size, is_train
    with world():
        found = loaded(load_array, seed, *arguments)
    with using_np():
        assert found == loaded(d2l.load_array, seed, *arguments)


@WORLDS
@pytest.mark.parametrize("kind", [tuple, list])
def test_every_row_comes_once_in_either_world(world, kind):
    X, y = mx.np.arange(21).reshape(7, 3), mx.np.arange(7)
    with world():
        batches = list(load_array(kind([X, y]), 3))
    assert [len(labels) for _, labels in batches] == [3, 3, 1]
    assert sorted(label for _, labels in batches for label in labels.asnumpy()) == list(range(7))
    for features, labels in batches:
        assert type(features) is type(labels) is mx.np.ndarray
        np.testing.assert_array_equal(features.asnumpy()[:, 0], 3 * labels.asnumpy())


@WORLDS
def test_arrays_of_nd_give_batches_of_nd(world):
    X, y = mx.nd.arange(8).reshape((4, 2)), mx.nd.arange(4)
    with world():
        ((features, labels),) = load_array((X, y), 4, is_train=False)
        (labels_alone,) = load_array([y], 4, is_train=False)
    assert type(features) is type(labels) is type(labels_alone) is mx.nd.NDArray
    assert labels.asnumpy().tolist() == labels_alone.asnumpy().tolist() == [0, 1, 2, 3]


def test_the_switch_is_left_as_it_was():
    for world in (using_nd, using_np):
        with world():
            before = mx.util.is_np_array(), mx.util.is_np_shape()
            next(iter(load_array((mx.np.ones((2, 1)),), 1)))
            assert (mx.util.is_np_array(), mx.util.is_np_shape()) == before
