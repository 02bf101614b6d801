"""Pairs of sentences: the same tokens, indices and lengths as the published packages', and errors at the call."""

from __future__ import annotations

from functools import partial

import mxnet as mx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gluonrnn as gb
from gluonrnn import seq2seq
from gluonrnn.corpus.vocab import Vocab
from tests.seq2seq.common import OF_2020, OF_2022, TEXT, as_published, assert_equal, namespace_of

RESERVED = ["<pad>", "<bos>", "<eos>"]
TEXTS = st.text("aB .,!?\t\n\u202f\xa0İß", max_size=40)
many = settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])


@many
@given(TEXTS)
def test_preprocessing_is_equal(text):
    assert seq2seq.preprocess_nmt(text) == OF_2022.preprocess_nmt(text)
    assert seq2seq.preprocess_nmt(text, marks=",.!") == OF_2020.preprocess_nmt(text)


@many
@given(TEXTS, st.sampled_from([None, 0, 1, 2, 5]))
def test_tokens_are_equal(text, num_examples):
    expected = OF_2022.tokenize_nmt(text, num_examples)
    assert expected == OF_2020.tokenize_nmt(text, num_examples)
    if expected[0]:
        assert seq2seq.tokenize_nmt(text, num_examples) == expected
    else:
        with pytest.raises(ValueError, match=r"^text must have source and target on a line, "):
            seq2seq.tokenize_nmt(text, num_examples)


def test_one_line_more_than_was_asked_for():
    text = seq2seq.preprocess_nmt(TEXT)
    assert [len(seq2seq.tokenize_nmt(text, n)[0]) for n in (None, 0, 1, 3, 9, 10, 99)] == [10, 10, 2, 4, 10, 10, 10]


@many
@given(st.lists(st.integers(0, 9), max_size=6), st.integers(1, 8))
def test_cutting_and_padding_are_equal(line, num_steps):
    padded = seq2seq.truncate_pad(line, num_steps, 1)
    assert padded == OF_2022.truncate_pad(line, num_steps, 1) == OF_2020.truncate_pad(line, num_steps, 1)
    assert len(padded) == num_steps
    assert padded is not line


@settings(many, max_examples=30)
@given(st.lists(st.lists(st.sampled_from("abcx"), max_size=6), min_size=1, max_size=4), st.integers(1, 8))
def test_arrays_are_equal(lines, num_steps):
    for vocab in (Vocab(list("aab"), reserved_tokens=RESERVED), OF_2022.Vocab(list("aab"), reserved_tokens=RESERVED)):
        with as_published():
            expected = OF_2022.build_array_nmt(lines, vocab, num_steps)
            older = {is_source: OF_2020.build_array(lines, vocab, num_steps, is_source) for is_source in (True, False)}
        assert_equal(seq2seq.build_array_nmt(lines, vocab, num_steps), expected)
        for is_source, arrays in older.items():
            assert_equal(seq2seq.build_array(lines, vocab, num_steps, is_source), arrays)


def test_arrays_are_of_np_and_of_the_published_types():
    vocab = Vocab(["a"], reserved_tokens=RESERVED)
    array, valid_len = seq2seq.build_array_nmt([["a", "b"]], vocab, 5)
    assert isinstance(array, mx.np.ndarray)
    assert (array.tolist(), array.dtype, valid_len.tolist(), valid_len.dtype) == (
        [[4, 0, 3, 1, 1]],
        np.float32,
        [3],
        np.int32,
    )
    array, valid_len = seq2seq.build_array([["a", "b"]], vocab, 5, True)
    assert (array.tolist(), array.dtype, valid_len.tolist(), valid_len.dtype) == (
        [[4, 0, 1, 1, 1]],
        np.float32,
        [2],
        np.int64,
    )


@pytest.mark.parametrize("edition", ["2022", "2020"])
@pytest.mark.parametrize("num_examples", [None, 4])
def test_batches_are_equal(edition, num_examples, monkeypatch):
    text = "\n".join("\n".join(3 * [line]) for line in TEXT.splitlines())
    if edition == "2022":
        theirs, marks, options = OF_2022, ",.!?", {}
    else:
        build = {
            f"build_{side}": partial(seq2seq.build_array, is_source=side == "source") for side in ("source", "target")
        }
        theirs, marks, options = OF_2020, ",.!", {"min_freq": 3, "vocab_class": OF_2020.Vocab, **build}
    tokens = seq2seq.tokenize_nmt(seq2seq.preprocess_nmt(text, marks=marks), num_examples)
    data_iter, src_vocab, tgt_vocab = seq2seq.batches_nmt(*tokens, 3, 5, **options)
    monkeypatch.setitem(namespace_of(theirs), "read_data_nmt", lambda: text)
    with as_published():
        loaded = theirs.load_data_nmt(3, 5, num_examples)
        published_iter, *published_vocabs = loaded if edition == "2022" else (loaded[2], *loaded[:2])
    assert src_vocab.idx_to_token == published_vocabs[0].idx_to_token
    assert tgt_vocab.idx_to_token == published_vocabs[1].idx_to_token
    assert len(tgt_vocab) > 4
    gb.seed(4)
    batches = list(data_iter)
    gb.seed(4)
    with as_published():
        published_batches = list(published_iter)
    assert len(batches) == (-(-len(tokens[0]) // 3))
    assert_equal(batches, published_batches)
    assert all(isinstance(array, mx.np.ndarray) for batch in batches for array in batch)


def test_lines_that_make_no_pairs():
    with pytest.raises(ValueError, match="with one tab between, but no line"):
        seq2seq.tokenize_nmt("a\tb\tc")
    with pytest.raises(ValueError, match="as many lines, but they have 1 and 2: pass both"):
        seq2seq.batches_nmt([["a"]], [["b"], ["c"]], 2, 4)


def test_an_archive_without_the_sentences_is_told_of(tmp_path, monkeypatch):
    monkeypatch.setattr("gluonrnn.corpus.hub.download_extract", lambda name: str(tmp_path))
    with pytest.raises(ValueError, match=r"there is no .*fra\.txt: remove the folder"):
        seq2seq.read_data_nmt()
    (tmp_path / "fra.txt").write_text("Go.\tVa !\n", encoding="utf-8")
    assert seq2seq.read_data_nmt() == "Go.\tVa !\n"
