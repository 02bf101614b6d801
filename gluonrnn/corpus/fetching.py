"""Fetching a file whose hash is known, for the corpora and for the book's table of downloads."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import sys
from pathlib import Path

from gluonrnn._checks import short_repr
from gluonrnn._files import atomic_write

__all__ = ["FetchError", "fetch", "fetch_into_place", "file_hash"]

_IN_WORDS = {"sha1": "SHA-1", "sha256": "SHA-256"}
_HASH = re.compile("sha1:[0-9a-fA-F]{40}|sha256:[0-9a-fA-F]{64}")


class FetchError(Exception):
    """A file could not be fetched; the message is the cause alone, for a sentence around it."""


def fetch(url: str, known_hash: str, target: Path) -> None:
    """Fetch a file to a temporary name beside `target`, and move it there if its hash is the known one.

    Examples
    --------
    >>> fetch("nowhere://a.txt", "sha1:" + 40 * "0", Path("a.txt"))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    gluonrnn.corpus.fetching.FetchError: Unrecognized URL protocol 'nowhere'
    """
    if not _HASH.fullmatch(str(known_hash)):
        raise ValueError(
            f"a file is fetched by its SHA-1 or SHA-256, but the hash is {short_repr(known_hash)}: "
            "give it as sha256:..."
        )
    from pooch.downloaders import choose_downloader  # pooch.retrieve would log each file, unless its logger is changed

    algorithm, _, digest = known_hash.partition(":")
    try:
        with atomic_write(target) as temporary:
            choose_downloader(url, progressbar=sys.stderr.isatty())(url, str(temporary), None)
            if file_hash(temporary, algorithm) != digest.lower():
                raise FetchError(f"what the server sent has another {_IN_WORDS[algorithm]} than the published file")
    except (OSError, ValueError) as error:  # every error of requests is an OSError
        root = _root(error)
        raise FetchError(str(root).strip().splitlines()[0] if str(root).strip() else type(root).__name__) from error


def fetch_into_place(url: str, known_hash: str, target: Path) -> None:
    """Fetch a file to `target`; another file there is renamed, with a line on stderr.

    Examples
    --------
    >>> fetch_into_place("nowhere://a.txt", "sha1:" + 40 * "0", Path("a.txt"))  # doctest: +IGNORE_EXCEPTION_DETAIL
    Traceback (most recent call last):
    ...
    gluonrnn.corpus.fetching.FetchError: Unrecognized URL protocol 'nowhere'
    """
    is_new = not target.parent.exists()
    try:
        with atomic_write(target) as temporary:
            fetch(url, known_hash, temporary)
            if os.path.lexists(target):
                kept = _free_name(target)
                os.rename(target, kept)
                print(f"gluonrnn: {target} was not the published file; kept as {kept}", file=sys.stderr)
    except BaseException:
        if is_new:
            with contextlib.suppress(OSError):
                target.parent.rmdir()
        raise


def _free_name(path: Path) -> Path:
    number = 1
    while os.path.lexists(free := path.with_name(f"{path.stem}.other-{number}{path.suffix}")):
        number += 1
    return free


def _root(error: BaseException) -> BaseException:
    """Return the root cause: the errors around it speak of connection pools and retries."""
    while (deeper := error.__cause__ or error.__context__) is not None:
        error = deeper
    return error


def file_hash(path: Path, algorithm: str) -> str:
    """Return a file's hash, in hexadecimal.

    Examples
    --------
    >>> import tempfile
    >>> path = Path(tempfile.mkdtemp(), "abc.txt")
    >>> _ = path.write_text("abc")
    >>> file_hash(path, "sha1")
    'a9993e364706816aba3e25717850c26c9cd0d89d'
    """
    digest = hashlib.new(algorithm)
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    return digest.hexdigest()
