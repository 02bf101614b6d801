"""Lay out the temporary folder that a document runs in as the book's, with the corpora of this machine."""

from __future__ import annotations

import ast
import contextlib
import os
import re
import shutil
import sys
import tempfile
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator, Sequence

from gluonrnn.corpus.archives import DamagedArchiveError, read_member
from gluonrnn.corpus.fetching import file_hash
from gluonrnn.corpus.lookup import KNOWN_CORPORA, KnownCorpus, cache_folder, folders_of_data
from gluonrnn.rerun.document import Document
from gluonrnn.rerun.sample_corpora import LYRICS, NOVEL, SAMPLES, SENTENCES, SMALL, WORDS
from gluonrnn.rerun.syntax import syntax_tree

__all__ = ["Workspace", "missing_data_hint", "temporary_workspace"]

_ARCHIVE = "fra-eng.zip"
_MEMBERS = ("fra-eng/fra.txt", "fra.txt")  # as published today, and in 2019
_OF_2017 = ("utils", "gluonbook-0.6")
_LARGEST = 200 << 20

_UNREACHED = re.compile(
    r"[\w.]*(FileNotFound|CorpusNotFound|Connection|Proxy|SSL|ChunkedEncoding|HTTP|URL)Error|[\w.]*Timeout"
    r"|RuntimeError: Failed downloading"
)
_NAMED = {
    LYRICS: re.compile(r"(?<!\w)jaychou_lyrics"),
    NOVEL: re.compile(r"(?<!\w)(timemachine\.txt|'time_machine')"),
    SENTENCES: re.compile(r"(?<![\w-])(fra-eng\.zip|fra-eng'|fra\.txt)"),
    SMALL: re.compile(r"(?<!\w)fr-en-small\.txt"),
    WORDS: re.compile(r"(?<!\w)ptb(\.zip|\.(train|valid|test)\.txt|/)"),
}


@dataclass
class Workspace:
    """A temporary folder laid out as the book's."""

    root: Path
    chapter: Path  # where the document runs
    data: Path  # the corpora, ``../data`` for the document
    notes: list[str] = field(default_factory=list)  # for the report
    samples: list[Path] = field(default_factory=list)  # bundled texts under the names of the book's

    def copy(self, source: Path, target: Path) -> bool:
        """Copy a file; if that fails, note it and return False."""
        try:
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, target)
        except OSError as error:
            self.notes.append(f"{source} could not be copied ({error.strerror})")
            return False
        return True

    def write_sentences(self, text: bytes) -> None:
        """Write the sentence pairs, and their archive, which documents of 2019 download unless it is there."""
        (self.data / SENTENCES).parent.mkdir(exist_ok=True)
        (self.data / SENTENCES).write_bytes(text)
        with zipfile.ZipFile(self.chapter / _ARCHIVE, "w") as archive:
            for member in _MEMBERS:
                archive.writestr(member, text)


@contextlib.contextmanager
def temporary_workspace(document: Document, edition: str, *, sample_data: bool = False) -> Iterator[Workspace]:
    """Make a temporary folder for a document to run in, and remove it after the block.

    It holds ``chapter``, ``data`` and ``img`` with copies, which the document may overwrite, of the
    book's corpora from this machine and of the files that the code names by a relative path.
    Nothing is fetched. A process that is killed leaves the folder among the temporary files.
    """
    with _temporary_folder() as root:
        workspace = Workspace(root, root / "chapter", root / "data")
        for folder in (workspace.chapter, workspace.data, root / "img"):
            folder.mkdir()
        _place_corpora(workspace, document, edition)
        _place_own_files(workspace, document)
        if sample_data:
            _place_samples(workspace, document)
        yield workspace


@contextlib.contextmanager
def _temporary_folder() -> Iterator[Path]:
    """Make a temporary folder; failing to remove it is reported, and no reason to lose the run."""
    folder = tempfile.TemporaryDirectory(prefix="gluonrnn-")
    try:
        yield Path(folder.name).resolve()
    finally:
        try:
            _make_writable(folder.name)
            folder.cleanup()
        except (OSError, RecursionError) as error:  # before Python 3.12, removal may recurse without end
            print(f"gluonrnn: {folder.name} could not be removed ({error}): remove it by hand", file=sys.stderr)


def _make_writable(folder: str) -> None:
    """Make a folder and all below it writable; links are not followed, as old Pythons would."""
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)
        for entry in list(os.scandir(folder)):
            if entry.is_dir(follow_symlinks=False):
                _make_writable(entry.path)


# --- the corpora of this machine ---


def _place_corpora(workspace: Workspace, document: Document, edition: str) -> None:
    beside = document.path.parent
    folders = [folder for folder, _ in folders_of_data()] + [beside / ".." / "data", beside / "data", beside]
    right, other = _lyrics_of(edition)
    if not _place_known(workspace, right, folders, LYRICS) and _place_known(workspace, other, folders, LYRICS):
        workspace.notes.append(
            f"data/{LYRICS} is the corpus {other.name!r}, and not {right.name!r}, which the document was written for: "
            "that one is not on this machine"
        )
    _place_known(workspace, KNOWN_CORPORA["timemachine"], folders, NOVEL)
    sentences = _find_sentences(folders, workspace.notes)
    if sentences is not None:
        workspace.write_sentences(sentences)
    for name in (SMALL, WORDS):
        found = next((folder / name for folder in folders if (folder / name).is_file()), None)
        if found is not None:
            workspace.copy(found, workspace.data / name)


def _lyrics_of(edition: str) -> list[KnownCorpus]:
    """Return both revisions of the lyrics, starting with that of the edition."""
    names = ["jaychou-2017", "jaychou"] if edition in _OF_2017 else ["jaychou", "jaychou-2017"]
    return [KNOWN_CORPORA[name] for name in names]


def _place_known(workspace: Workspace, known: KnownCorpus, folders: list[Path], name: str) -> bool:
    found = _find(known, folders)
    if found is None:
        return False
    path, is_published = found
    if not is_published:
        workspace.notes.append(f"data/{name} is {path}, which is not the published file")
    return workspace.copy(path, workspace.data / name)


def _find(known: KnownCorpus, folders: list[Path]) -> tuple[Path, bool] | None:
    """Choose a file as `find_corpus` does, without its warning; return also whether it is the published one."""
    for path in (folder / name for folder in folders for name in (known.file_name, *known.other_file_names)):
        if not path.is_file() or not os.access(path, os.R_OK):
            continue
        found = file_hash(path, "sha256")
        if found == known.sha256:
            return path, True
        is_another = any(
            found == twin.sha256 and path.name in (twin.file_name, *twin.other_file_names)
            for twin in KNOWN_CORPORA.values()
        )
        if path.name == known.file_name and path.parent != cache_folder() and not is_another:
            return path, False
    return None


def _find_sentences(folders: list[Path], notes: list[str]) -> bytes | None:
    for path in (folder / name for folder in folders for name in (SENTENCES, _ARCHIVE)):
        if path.is_file():
            try:
                return read_member(path, _member)[0] if path.name == _ARCHIVE else path.read_bytes()
            except (DamagedArchiveError, ValueError, OSError) as error:
                notes.append(f"{path} is skipped because it cannot be read ({error})")
    return None


def _member(names: Sequence[str]) -> str:
    return next((member for member in _MEMBERS if member in names), _MEMBERS[0])


# --- the reader's own files, and samples ---


def _place_own_files(workspace: Workspace, document: Document) -> None:
    """Copy the files whose relative paths stand as strings in the code."""
    here = os.path.abspath(document.path.parent)
    for name in sorted(_relative_paths(document)):
        source, target = (os.path.normpath(os.path.join(folder, name)) for folder in (here, workspace.chapter))
        is_inside = target.startswith(os.path.join(workspace.root, ""))
        if not is_inside or not os.path.isfile(source) or os.path.lexists(target):
            continue
        if os.path.getsize(source) > _LARGEST:
            workspace.notes.append(f"{source} is not copied because it is larger than {_LARGEST >> 20} MB")
        else:
            workspace.copy(Path(source), Path(target))


def _relative_paths(document: Document) -> set[str]:
    """Return the strings in the code that could be relative paths."""
    trees = filter(None, (syntax_tree(cell.source) for cell in document.code))
    nodes = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in nodes if isinstance(value, str) and value and not os.path.isabs(value)}


def _place_samples(workspace: Workspace, document: Document) -> None:
    """Put bundled texts in the place of the corpora that are missing."""
    code = "\n".join(cell.source for cell in document.code)
    for name, sample in SAMPLES.items():
        target = workspace.data / name
        if target.exists():
            continue
        if name == SENTENCES:
            workspace.write_sentences(sample.content())
        else:
            target.write_bytes(sample.content())
        workspace.samples.append(target)
        if sample.mentioned.search(code):
            workspace.notes.append(
                f"data/{name} is not the published text but the bundled {sample.bundled} (--sample-data)"
            )


def missing_data_hint(error_text: str, edition: str) -> str:
    """Say how to supply a corpus that a cell did not find; "" for another error."""
    if not _UNREACHED.match(error_text):
        return ""
    wanted = next((name for name, pattern in _NAMED.items() if pattern.search(error_text)), "")
    if wanted in (LYRICS, NOVEL):
        known = _lyrics_of(edition)[0] if wanted == LYRICS else KNOWN_CORPORA["timemachine"]
        supply = f"the corpus {known.name!r} is not on this machine: run gluonrnn corpora fetch {known.name}, or "
        files = known.file_name
    elif wanted == WORDS:
        supply, files = "the sentences of the Penn Treebank are not on this machine: ", WORDS
    elif wanted:
        files = f"{SENTENCES} or {_ARCHIVE}" if wanted == SENTENCES else SMALL
        supply = "the English-French sentences of the book are not on this machine: "
    else:
        return ""
    return (
        supply + f"name the folder that holds {files} in GLUONRNN_DATA; --sample-data puts a bundled text in its place"
    )
