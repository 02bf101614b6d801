"""Where the text of a run came from, so that a resumed run finds it again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, NamedTuple

from gluonrnn._checks import as_array, check_count
from gluonrnn.corpus.lookup import KNOWN_CORPORA, load_corpus
from gluonrnn.corpus.text import Corpus

__all__ = ["Source", "Text", "fingerprint", "name_of"]

_BLOCK = 1 << 20


class Source(NamedTuple):
    """How a corpus was loaded: the arguments of `load_corpus`.

    Parameters
    ----------
    name : str
        A known corpus, or a file; empty for a text that was in memory.
    encoding, max_chars, keep_newlines
        As `load_corpus` takes them.

    Examples
    --------
    >>> Source("prose", max_chars=1000).load().vocab_size
    44
    """

    name: str
    encoding: str = "utf-8"
    max_chars: Any = "book"
    keep_newlines: bool = False

    def absolute(self) -> Source:
        """Return the same source, wherever the current folder will be."""
        return self if self.name in ("", *KNOWN_CORPORA) else self._replace(name=os.path.abspath(self.name))

    @classmethod
    def from_json(cls, values: Any) -> Source:
        """Return the source that a model file names."""
        source = cls(**values)
        if not isinstance(source.name, str) or not isinstance(source.encoding, str):
            raise TypeError("the source of its text is not named by strings")
        if source.max_chars is not None and source.max_chars != "book":
            check_count("max_chars", source.max_chars)
        return source._replace(keep_newlines=bool(source.keep_newlines))

    @property
    def stem(self) -> str:
        """The name of a run on it."""
        return Path(self.name).name.split(".")[0] or "corpus"

    def load(self, text: str | None = None) -> Corpus:
        """Load the corpus, or read a text with the same options."""
        return load_corpus(
            self.name, text=text, encoding=self.encoding, max_chars=self.max_chars, keep_newlines=self.keep_newlines
        )


class Text(NamedTuple):
    """How a resumed run recognises its text.

    Parameters
    ----------
    source : Source or None
        Where it came from; None for a corpus that was given as such.
    length : int
        Its characters.
    sha256 : str
        From `fingerprint`.
    """

    source: Source | None
    length: int
    sha256: str


def name_of(corpus: str | os.PathLike[str]) -> str:
    """Return the name of a corpus for `Source`; a path is made absolute.

    Examples
    --------
    >>> name_of("lyrics"), name_of(Path("/lyrics"))
    ('lyrics', '/lyrics')
    """
    return os.path.abspath(corpus) if isinstance(corpus, os.PathLike) else corpus


def fingerprint(corpus: Corpus) -> str:
    """Return the SHA-256 of a corpus's indices; with its vocabulary, they are the text.

    Examples
    --------
    >>> corpus = load_corpus(text="over and over")
    >>> fingerprint(corpus) == fingerprint(corpus._replace(corpus_indices=list(corpus.corpus_indices)))
    True
    """
    indices = as_array(corpus.corpus_indices)
    digest = hashlib.sha256()
    for start in range(0, len(indices), _BLOCK):
        digest.update(indices[start : start + _BLOCK].astype("<u4").tobytes())
    return digest.hexdigest()
