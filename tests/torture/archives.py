"""Archives from strangers: damaged and made up, and what they may unpack to."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import random
from pathlib import Path
from unittest import mock

import gluonrnn as gb
from gluonrnn.corpus.hub import DATA_HUB, download_extract
from tests.torture.cases import NO_TEXTS, PAYLOADS, TEXTS, Case, WrongError, check_message
from tests.torture.raw import damaged
from tests.torture.tars import TARS, good_tar, tar_bomb
from tests.torture.zips import RARE_ZIPS, ZIPS, good_zip


def make(rng: random.Random, folder: str) -> Case:
    """Return an archive that may be anything."""
    is_zip = rng.random() < 0.5
    is_bomb = rng.random() < 0.02
    is_raw = not is_bomb and rng.random() < 0.4
    pack = rng.random() < 0.4
    group = (RARE_ZIPS if is_bomb else ZIPS) if is_zip else ((tar_bomb,) if is_bomb else TARS)
    mutate = rng.choice((good_zip if is_zip else good_tar,) if is_raw else group)
    content, meaning = mutate(rng)
    ending = ".zip" if is_zip else ".tar.gz" if pack or is_bomb else ".tar"
    if ending == ".tar.gz" and not is_bomb:
        content = gzip.compress(content, 6, mtime=0) if rng.random() < 0.5 else with_name(content)
    kind = f"{ending[1:]}: {mutate.__name__}"
    if is_raw:
        damage, content = damaged(content, rng)
        kind, meaning = f"{ending[1:]}, raw: {damage}", ""
    # where a tar says how long a file is, nothing can tell that it lies: it may end early, or hold the next one too
    has_checksums = ending != ".tar" or kind.endswith((": cut", ": append"))
    has_checksums = has_checksums and mutate.__name__ not in ("tar_sizes", "tar_fields", "pax_records")
    payloads = PAYLOADS + NO_TEXTS if has_checksums else ()
    return Case(kind, f"pairs{ending}", content, meaning == "load", meaning == "fail", payloads)


def with_name(content: bytes) -> bytes:
    made = io.BytesIO()
    with gzip.GzipFile("a-name.tar", "wb", fileobj=made, mtime=0) as file:
        file.write(content)
    return made.getvalue()


def judge(case: Case, path: Path) -> str:
    """Unpack an archive as an entry of the hub, and read a zip as a text; return what came of both."""
    unpacked = judge_unpacked(case, path)
    if path.suffix != ".zip":
        return unpacked
    read = judge_text(case, path)
    if unpacked == read or case.must_load or case.must_fail:
        return unpacked if unpacked != "loaded" else read if case.must_load else unpacked
    return "unpacked only" if unpacked == "loaded" else "read only"


def judge_unpacked(case: Case, path: Path) -> str:
    digest = hashlib.sha1(case.content).hexdigest()
    with mock.patch.dict(DATA_HUB, fuzz=(f"http://127.0.0.1:1/{path.name}", digest)), mock.patch.dict(
        os.environ, GLUONRNN_DATA=str(path.parent)
    ):
        try:
            download_extract("fuzz", "wanted")
        except (ValueError, OSError) as error:
            expected = error if isinstance(error, OSError) and "beside itself" in str(error) else None
            if isinstance(error, OSError) and expected is None:
                raise
            check_own(error, path)
            if os.listdir(path.parent) != [path.name]:
                raise WrongError(f"it was refused, but left {os.listdir(path.parent)}") from error
            return type(error).__name__
    for found in path.parent.rglob("*"):
        if found != path and not found.is_dir() and (found.is_symlink() or not found.is_file()):
            raise WrongError(f"{found} is no file")
        if found != path and found.is_file() and case.payloads and not made_of(found.read_bytes(), case.payloads):
            raise WrongError(f"{found} holds what nobody packed")
    return "loaded"


def made_of(content: bytes, payloads: tuple[bytes, ...]) -> bool:
    return content in payloads or len(content) < 3 or content[:2] == b"PK"


def judge_text(case: Case, path: Path) -> str:
    try:
        corpus = gb.load_corpus(path, keep_newlines=True)
    except ValueError as error:
        check_own(error, path)
        return "ValueError"
    text = "".join(corpus.idx_to_char[index] for index in corpus.corpus_indices)
    if "corpus" not in case.kind and text not in TEXTS and not made_of(text.encode(), case.payloads):
        raise WrongError(f"it reads {text[:60]!r}, which nobody packed")
    return "loaded"


def check_own(error: Exception, path: Path) -> None:
    """Raise unless the words are ours: an error that `zipfile` or `tarfile` raised names no file."""
    if "embedded" in str(error) or type(error) not in (ValueError, OSError):
        raise WrongError(f"{type(error).__name__} is not documented: {error}") from error
    if "text is empty" not in str(error):
        check_message(error, path)
