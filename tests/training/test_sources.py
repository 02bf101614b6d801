"""Where a text came from, and whether it is the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gluonrnn as gb
from gluonrnn.training.sources import Source, fingerprint


@pytest.mark.parametrize(
    "source",
    [
        Source("prose"),
        Source("own.txt", encoding="gb18030", max_chars=20, keep_newlines=True),
        Source("own.txt", max_chars=None),
    ],
)
def test_a_source_comes_back_from_json_and_loads_the_same(source):
    Path("own.txt").write_bytes(
        "歌词\n一二三四五".encode("gb18030") if source.encoding == "gb18030" else b"over and over"
    )
    found = Source.from_json(source._asdict())
    assert found == source
    assert found.load() == source.load()


@pytest.mark.parametrize(
    "values",
    [
        {"name": 7},
        {"name": "own.txt", "encoding": None},
        {"name": "own.txt", "max_chars": 0},
        {"name": "own.txt", "max_chars": "all"},
        {"name": "own.txt", "max_chars": [1]},
        {"name": "own.txt", "colour": "red"},
        {},
        ["own.txt"],
        None,
    ],
)
def test_what_is_no_source_is_refused(values):
    with pytest.raises((TypeError, ValueError)):
        Source.from_json(values)


def test_a_file_is_found_from_another_folder(monkeypatch, tmp_path):
    Path("own.txt").write_text("over and over", encoding="utf-8")
    source = Source("own.txt").absolute()
    monkeypatch.chdir(tmp_path)
    assert source.load().vocab_size == 8
    assert Source("prose").absolute() == Source("prose")


@pytest.mark.parametrize(("name", "stem"), [("prose", "prose"), ("a/b.c.txt", "b"), (".txt", "corpus")])
def test_a_run_is_called_by_its_text(name, stem):
    assert Source(name).stem == stem


@given(st.lists(st.integers(0, 300), min_size=1, max_size=50))
def test_one_text_has_one_fingerprint_in_whatever_form(indices):
    corpus = gb.Corpus(indices, {}, [], 301)
    assert fingerprint(corpus) == fingerprint(corpus._replace(corpus_indices=[float(index) for index in indices]))
    for other in ([*indices, 0], [*indices[:-1], indices[-1] + 1]):
        assert fingerprint(corpus) != fingerprint(corpus._replace(corpus_indices=other))
