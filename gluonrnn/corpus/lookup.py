"""Load corpora: known ones by name, found or fetched, and texts of the user's own."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Iterator, Union

from gluonrnn._checks import check_path, short_repr
from gluonrnn.corpus.catalog import KNOWN_CORPORA, KnownCorpus
from gluonrnn.corpus.fetching import FetchError, fetch_into_place, file_hash
from gluonrnn.corpus.text import Corpus, check_text, cut_at_newlines, index_characters, normalized_pieces, read_pieces
from gluonrnn.errors import CorpusNotFoundError, CorpusWarning, warn

__all__ = ["KNOWN_CORPORA", "KnownCorpus", "cache_folder", "fetch_corpus", "find_corpus", "load_corpus"]

PathLike = Union[str, "os.PathLike[str]"]


def load_corpus(
    source: PathLike = "lyrics",
    *,
    path: PathLike | None = None,
    text: str | None = None,
    encoding: str = "utf-8",
    max_chars: int | str | None = "book",
    keep_newlines: bool = False,
) -> Corpus:
    """Load a corpus by name, from a file, or from a string, as indices and vocabulary.

    Parameters
    ----------
    source : str or path-like
        A name of `KNOWN_CORPORA`, or a ``.txt`` or ``.zip`` file of your own. A name wins over a
        file of that name; write ``./lyrics`` for the file.
    path : str or path-like, optional
        Where the known corpus `source` lies. A file given so is read whatever its hash is.
    text : str, optional
        The text itself; `source` is then not looked at.
    encoding : str
        The encoding of the file.
    max_chars : int, "book" or None
        How many characters to keep. ``"book"`` is the number the book trains on for a known
        corpus, and everything for a text of your own; None is everything.
    keep_newlines : bool
        Keep newlines; by default each becomes a space, as in the book.

    Returns
    -------
    Corpus
        ``(corpus_indices, char_to_idx, idx_to_char, vocab_size)``; the indices read like a list, and
        take one byte a character with up to 256 distinct ones, and two with up to 65,536.

    Raises
    ------
    CorpusNotFoundError
        If a known corpus is in none of the places looked at and cannot be fetched.
    FileNotFoundError
        If `source` is neither the name of a corpus nor a file.
    ValueError
        If the file cannot be decoded or unpacked, holds no text, has more than 4 GiB or unpacks to
        so much that it is taken for a trap, or is a pipe or a device.

    Examples
    --------
    >>> corpus = load_corpus(text="over and over", max_chars=4)
    >>> corpus.idx_to_char, corpus.corpus_indices
    (['e', 'o', 'r', 'v'], [1, 3, 0, 2])
    """
    if isinstance(max_chars, str) and max_chars != "book":
        raise ValueError(f'max_chars is a number, "book" or None, but it is {max_chars!r}: pass a number')
    if path is not None:
        check_path("path", path)
    known = KNOWN_CORPORA.get(source) if isinstance(source, str) and text is None else None
    if path is not None and (known is None or known.bundled):
        raise ValueError(
            "path says where the file of a known corpus lies that does not come with the package, but this is "
            f"{short_repr(source if text is None else text)}: give a file of your own as the first argument"
        )
    if known is not None:
        pieces = _read_known(known, find_corpus(known.name, path=path), encoding)
    elif text is None:
        pieces = _read_own(source, encoding)
    else:
        pieces = cut_at_newlines(check_text(text), "\n")
    if isinstance(max_chars, str):
        max_chars = known.max_chars if known else None
    lower = known is not None and known.lower
    return index_characters(normalized_pieces(pieces, max_chars=max_chars, keep_newlines=keep_newlines, lower=lower))


def _read_known(known: KnownCorpus, path: Path, encoding: str) -> Iterator[str]:
    return read_pieces(path, encoding=encoding, members=[known.member] if known.member else ())


def _read_own(source: PathLike, encoding: str) -> Iterator[str]:
    if not isinstance(source, (str, os.PathLike)):
        raise TypeError(
            f"a corpus is named by a string or a path, but this is {short_repr(source)}: pass text= for a text"
        )
    if not os.path.exists(source):
        raise FileNotFoundError(
            f"{str(source)[:60]!r} is neither a known corpus ({', '.join(KNOWN_CORPORA)}) nor a file: "
            "check the name, or pass the text itself as text="
        )
    return read_pieces(source, encoding=encoding)


def find_corpus(name: str, *, path: PathLike | None = None, fetch: bool = True) -> Path:
    """Find the file of a known corpus, and fetch it if it is nowhere.

    Places, in order: `path`; the folder ``$GLUONRNN_DATA``; ``../data``; ``data``; the user's
    cache; the corpus's public home, unless ``$GLUONRNN_OFFLINE`` is set. The two that come with
    the package are taken from there.

    Parameters
    ----------
    name : str
        A name of `KNOWN_CORPORA`.
    path : str or path-like, optional
        The file itself, or the folder it is in.
    fetch : bool
        Whether to fetch it once if it is nowhere.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    CorpusNotFoundError
        If it is nowhere; it lists every place.
    ValueError
        If the name is not known.

    Warns
    -----
    CorpusWarning
        If a file of the right name in one of the reader's folders is not the one published; it
        is used. (One that is another corpus of the table is passed over.)

    Examples
    --------
    >>> find_corpus("prose").name
    'prose.txt'
    """
    known = _known(name)
    if path is not None:
        check_path("path", path)
        return _given(known, Path(path))
    if known.bundled:
        return _bundled_folder() / known.file_name
    tried: list[str] = []
    for folder, why in folders_of_data():
        for file_name in (known.file_name, *known.other_file_names):
            candidate = folder / file_name
            if not candidate.is_file():
                tried.append(f"{candidate} ({why}): no such file")
            elif _fits(candidate, known, tried, why):
                return candidate
    if not fetch:
        raise _not_found(known, tried, "it was not fetched")
    return _fetch(known, tried)


def fetch_corpus(name: str) -> Path:
    """Fetch a known corpus into the user's cache, unless it is there.

    The download goes to a temporary file, its SHA-256 is checked, and only then is it moved to
    its name; a line on stderr says so. Another file that is there is kept beside it.

    Parameters
    ----------
    name : str
        A name of `KNOWN_CORPORA`.

    Returns
    -------
    pathlib.Path
        The file in the cache, or in the package for a bundled corpus.

    Raises
    ------
    CorpusNotFoundError
        If ``$GLUONRNN_OFFLINE`` is set, the server cannot be reached, or what it sent is not the
        published file; nothing new is then left in the cache.

    Examples
    --------
    >>> fetch_corpus("lyrics").name
    'lyrics.txt'
    """
    return _fetch(_known(name), [])


def _fetch(known: KnownCorpus, tried: list[str]) -> Path:
    if known.url is None:
        return _bundled_folder() / known.file_name
    target = cache_folder() / known.file_name
    if target.is_file() and file_hash(target, "sha256") == known.sha256:
        return target
    if os.environ.get("GLUONRNN_OFFLINE"):
        raise _not_found(known, tried, "it was not fetched because GLUONRNN_OFFLINE is set")

    print(f"gluonrnn: fetching {known.file_name} from {known.url} into {target.parent}", file=sys.stderr)
    try:
        fetch_into_place(known.url, f"sha256:{known.sha256}", target)
    except (FetchError, OSError) as error:
        raise _not_found(known, tried, f"it could not be fetched from {known.url} ({error})") from error
    return target


def cache_folder() -> Path:
    """Return the folder that fetched corpora are kept in."""
    import pooch

    return Path(pooch.os_cache("gluonrnn"))


def _known(name: str) -> KnownCorpus:
    if not isinstance(name, str) or name not in KNOWN_CORPORA:
        found = repr(name) if isinstance(name, str) else short_repr(name)
        raise ValueError(f"there is no corpus named {found}: choose from {', '.join(KNOWN_CORPORA)}")
    return KNOWN_CORPORA[name]


def _given(known: KnownCorpus, path: Path) -> Path:
    candidates = [path / name for name in (known.file_name, *known.other_file_names)] if path.is_dir() else [path]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise CorpusNotFoundError(f"the corpus {known.name!r} is not at {path}: pass the path of {known.file_name}")


def folders_of_data(cache_dir: PathLike = "../data") -> Iterator[tuple[Path, str]]:
    """Yield the folders that files are looked for in, in order, each with what it is.

    Examples
    --------
    >>> [str(folder) for folder, why in folders_of_data("here") if why == "cache_dir"]
    ['here']
    """
    if os.environ.get("GLUONRNN_DATA"):
        yield Path(os.environ["GLUONRNN_DATA"]), "GLUONRNN_DATA"
    yield Path(cache_dir), "the book's folder" if Path(cache_dir) == Path("../data") else "cache_dir"
    yield Path("data"), "under the current folder"
    yield cache_folder(), "the cache"


def _bundled_folder() -> Path:
    """Return ``gluonrnn/data`` of an installed package, or ``data`` beside it in a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "data"
    return installed if installed.is_dir() else package.parent / "data"


def _fits(candidate: Path, known: KnownCorpus, tried: list[str], why: str) -> bool:
    found = file_hash(candidate, "sha256")
    if found == known.sha256:
        return True
    other = next((twin.name for twin in _of_this_name(candidate.name) if twin.sha256 == found), None)
    if other is not None:
        tried.append(f"{candidate} ({why}): it is the corpus {other!r}")
        return False
    if why == "the cache":
        tried.append(f"{candidate} ({why}): it is damaged")
        return False
    if candidate.name in known.other_file_names:
        tried.append(f"{candidate} ({why}): its SHA-256 is another")
        return False
    warn(
        f"{candidate} is not the published file (its SHA-256 is {found[:12]}..., not {known.sha256[:12]}...) and is "
        "used as it is: its text and vocabulary may differ from the book's",
        CorpusWarning,
    )
    return True


def _of_this_name(file_name: str) -> list[KnownCorpus]:
    """Return the corpora that were published under one file name, as both revisions of the lyrics were."""
    return [known for known in KNOWN_CORPORA.values() if file_name in (known.file_name, *known.other_file_names)]


def _not_found(known: KnownCorpus, tried: list[str], reason: str) -> CorpusNotFoundError:
    looked = f"; looked at {'; '.join(tried)}" if tried else ""
    return CorpusNotFoundError(
        f"the corpus {known.name!r} ({known.file_name}) was not found, and {reason}{looked}. "
        f"Put the file into one of these folders, name its folder in GLUONRNN_DATA, or pass path="
    )
