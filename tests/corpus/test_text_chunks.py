"""Texts in pieces: put together they are the text as read and brought into form whole, errors included."""

from __future__ import annotations

import tracemalloc
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gluonrnn.corpus import text
from gluonrnn.corpus.lookup import load_corpus
from gluonrnn.corpus.text import (
    cut_at_newlines,
    decode_bytes,
    index_characters,
    normalize,
    normalized_pieces,
    read_bytes,
    read_pieces,
)
from tests.corpus.test_text import write_zip

parts = ["\r\n", "\n", "\r", "ab", " ", "雨", "🎵", "Σ", "İS", "\ufeff", "\x85", "\u2028"]
texts = st.lists(st.sampled_from(parts), max_size=20).map("".join)
in_one_folder = settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch):
    """Let the borders of pieces be met by short texts."""
    monkeypatch.setattr(text, "_PIECE", 2)


def read_whole(path, encoding="utf-8"):
    content, source = read_bytes(path)
    return decode_bytes(content, encoding, source)


@given(texts)
def test_pieces_make_the_whole_and_end_where_a_line_does(text):
    found = list(cut_at_newlines(text, "\n"))
    assert "".join(found) == text
    assert all(len(piece) > 2 and piece.endswith("\n") for piece in found[:-1])
    assert all("\n" not in piece[2:-1] for piece in found)
    assert b"".join(cut_at_newlines(text.encode(), b"\n")) == text.encode()


@given(
    texts,
    st.fixed_dictionaries(
        {"max_chars": st.none() | st.integers(1, 12), "keep_newlines": st.booleans(), "lower": st.booleans()}
    ),
)
def test_pieces_are_brought_into_the_form_of_the_whole(text, options):
    assert "".join(normalized_pieces(cut_at_newlines(text, "\n"), **options)) == normalize(text, **options)


@pytest.mark.parametrize("encoding", ["UTF8", "utf-8-sig", "utf-16", "gb18030"])
@in_one_folder
@given(text=texts)
def test_pieces_of_a_file_are_the_file(encoding, text):
    Path("own.txt").write_bytes(text.encode(encoding))
    assert "".join(read_pieces("own.txt", encoding=encoding)) == read_whole("own.txt", encoding)


def read_or_told(read):
    try:
        return read()
    except ValueError as error:
        return [str(error)]


@in_one_folder
@given(content=st.lists(st.sampled_from([b"\n", b"a", "é".encode(), b"\xe9", b"\x96\xa8", b"\xef\xbb\xbf"])))
def test_bytes_that_do_not_fit_are_named_as_for_the_whole_file(content):
    Path("own.txt").write_bytes(b"".join(content))
    assert read_or_told(lambda: "".join(read_pieces("own.txt"))) == read_or_told(lambda: read_whole("own.txt"))


def test_bytes_that_do_not_fit_are_an_error_behind_what_is_kept_too():
    Path("own.txt").write_bytes(b"one\ntwo\nthree\xff\n")
    with pytest.raises(ValueError, match=r"own\.txt is not written in utf-8: byte 0xff at offset 13"):
        load_corpus("own.txt", max_chars=2)


@in_one_folder
@given(text=texts.filter(bool), max_chars=st.none() | st.integers(1, 40), keep_newlines=st.booleans())
def test_corpus_from_pieces_is_that_of_the_whole(text, max_chars, keep_newlines):
    options = {"max_chars": max_chars, "keep_newlines": keep_newlines}
    expected = index_characters(normalize(text, **options))
    assert load_corpus(text=text, **options) == expected
    write_zip("own.zip", {"own.txt": b"\xef\xbb\xbf" + text.encode()})
    assert load_corpus("own.zip", **options) == expected


@pytest.mark.parametrize("rare", ["", "🎵"])
def test_memory_is_a_few_bytes_a_byte_of_the_file(monkeypatch, rare):
    monkeypatch.setattr(text, "_PIECE", 1 << 18)
    Path("own.txt").write_bytes(("over and under, and\r\n" * 150_000 + rare).encode())
    tracemalloc.start()
    try:
        load_corpus("own.txt")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3.5 * Path("own.txt").stat().st_size
