"""Bundled texts in the form of the book's corpora, for ``--sample-data``."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import dataclass
from typing import Callable, Pattern

from gluonrnn.corpus.lookup import find_corpus

__all__ = ["LYRICS", "NOVEL", "SAMPLES", "SENTENCES", "SMALL", "WORDS", "Sample"]

# the book's files, in its folder of data
LYRICS, NOVEL = "jaychou_lyrics.txt.zip", "timemachine.txt"
SENTENCES, SMALL = "fra-eng/fra.txt", "fr-en-small.txt"
WORDS = "ptb.zip"  # of 2017's concise chapter


@dataclass(frozen=True)
class Sample:
    """A bundled text in the place of a file of the book."""

    bundled: str  # what it is made of
    mentioned: Pattern[str]  # how code refers to the file or its loader
    content: Callable[[], bytes]


def _bundled(name: str) -> bytes:
    return find_corpus("lyrics").with_name(f"{name}.txt").read_bytes()


def _lyrics() -> bytes:
    # the ballad first: documents use a number of characters from the start
    return _zipped({"jaychou_lyrics.txt": _bundled("ballad") + b"\n" + _bundled("lyrics")})


def _small() -> bytes:
    from gluonrnn.seq2seq.data import preprocess_nmt

    pairs = [line.split("\t") for line in _bundled("sentences").decode("utf-8").splitlines()]
    short = [(french, english) for english, french in pairs if english.startswith(("She is ", "They are "))][:20]
    lines = (f"{preprocess_nmt(french)}\t{preprocess_nmt(english)}\n" for french, english in short)
    return "".join(lines).encode("utf-8")


def _words() -> bytes:
    """Return the story as the Penn Treebank is laid out: words in lower case, one sentence a line."""
    words = " ".join(re.findall(r"[a-z']+|[.!?]", _bundled("prose").decode("utf-8").lower()))
    lines = [f" {sentence.strip()} \n" for sentence in re.split("[.!?]", words) if sentence.strip()]
    valid, test = len(lines) * 8 // 10, len(lines) * 9 // 10
    parts = {"train": lines[:valid], "valid": lines[valid:test], "test": lines[test:]}
    return _zipped({f"ptb/ptb.{part}.txt": "".join(sentences).encode("utf-8") for part, sentences in parts.items()})


def _zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


SAMPLES = {
    LYRICS: Sample("ballad.txt and lyrics.txt", re.compile("jaychou|jay_lyrics"), _lyrics),
    NOVEL: Sample("prose.txt", re.compile("time_?machine"), lambda: _bundled("prose")),
    SENTENCES: Sample("sentences.txt", re.compile(r"fra[-_]eng|fra\.txt|_nmt"), lambda: _bundled("sentences")),
    SMALL: Sample("sentences.txt, some of them", re.compile("fr-en-small"), _small),
    WORDS: Sample("prose.txt, its words", re.compile("ptb"), _words),
}
