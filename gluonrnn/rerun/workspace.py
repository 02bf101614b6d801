"""The folder that a document runs in: laid out as the book's, with the corpora that the machine has."""

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
from typing import Iterator

from gluonrnn.corpus.archives import DamagedArchiveError, read_member
from gluonrnn.corpus.fetching import file_hash
from gluonrnn.corpus.lookup import KNOWN_CORPORA, KnownCorpus, cache_folder, folders_of_data
from gluonrnn.rerun.document import Document
from gluonrnn.rerun.sample_corpora import LYRICS, NOVEL, SAMPLES, SENTENCES, SMALL, WORDS
from gluonrnn.rerun.syntax import syntax_tree

__all__ = ["Workspace", "missing_data_hint", "temporary_workspace"]

_ARCHIVE = "fra-eng.zip"
_MEMBERS = ("fra-eng/fra.txt", "fra.txt")  # as it is published today, and as it was in 2019
_OF_2017 = ("utils", "gluonbook-0.6")
_LARGEST = 200 << 20
_DAMAGE = (DamagedArchiveError, ValueError)

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
    """A temporary folder laid out as the book's.

    Parameters
    ----------
    root : pathlib.Path
        The folder itself, removed at the end.
    chapter : pathlib.Path
        Where a document runs.
    data : pathlib.Path
        The corpora, ``../data`` for the document.
    notes : list of str
        Sentences for the report: what is not as the document's reader would expect.
    samples : list of pathlib.Path
        The files of `data` that are bundled texts under the names of the book's.

    Examples
    --------
    >>> Workspace(Path("x"), Path("x/chapter"), Path("x/data")).notes
    []
    """

    root: Path
    chapter: Path
    data: Path
    notes: list[str] = field(default_factory=list)
    samples: list[Path] = field(default_factory=list)


@contextlib.contextmanager
def temporary_workspace(document: Document, edition: str, *, sample_data: bool = False) -> Iterator[Workspace]:
    """Lend a temporary folder for a document to run in, and remove it at the end of the block.

    A process that is killed leaves it where the system keeps temporary files.

    It holds ``chapter``, ``data`` and ``img``, with copies, which a document may overwrite, of
    the book's corpora as far as they are on the machine, where `find_corpus` looks and about the
    document, and of the files that its code names by a relative path, such as
    ``../data/mine.txt``. Nothing is fetched.

    Examples
    --------
    >>> with temporary_workspace(Document(Path("a.md"), "markdown", ()), "d2l", sample_data=True) as workspace:
    ...     sorted(path.name for path in workspace.data.iterdir())
    ['fr-en-small.txt', 'fra-eng', 'jaychou_lyrics.txt.zip', 'ptb.zip', 'timemachine.txt']
    >>> workspace.root.exists()
    False
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
    """Lend a folder whose removal costs nobody the run; a document may leave anything there, and be writing still."""
    folder = tempfile.TemporaryDirectory(prefix="gluonrnn-")
    try:
        yield Path(folder.name).resolve()
    finally:
        try:
            _make_writable(folder.name)
            folder.cleanup()
        except (OSError, RecursionError) as error:  # old Pythons try again without end
            print(f"gluonrnn: {folder.name} could not be removed ({error}): remove it by hand", file=sys.stderr)


def _make_writable(folder: str) -> None:
    """Open a folder and all in it, but follow no link: old Pythons would, and change the mode of what it leads to."""
    with contextlib.suppress(OSError):
        os.chmod(folder, 0o700)
        for entry in list(os.scandir(folder)):
            if entry.is_dir(follow_symlinks=False):
                _make_writable(entry.path)


# --- the corpora of the machine ---


def _place_corpora(workspace: Workspace, document: Document, edition: str) -> None:
    beside = document.path.parent
    folders = [folder for folder, _ in folders_of_data()] + [beside / ".." / "data", beside / "data", beside]
    _place_lyrics(workspace, folders, edition)
    _place_known(workspace, KNOWN_CORPORA["timemachine"], folders, NOVEL)
    sentences = _find_sentences(folders, workspace.notes)
    if sentences is not None:
        _write_sentences(workspace, sentences)
    for name in (SMALL, WORDS):
        found = next((folder / name for folder in folders if (folder / name).is_file()), None)
        if found is not None:
            _copy(found, workspace.data / name, workspace.notes)


def _lyrics_of(edition: str) -> list[KnownCorpus]:
    """Return both revisions of the lyrics, first the one that the edition's documents were written for."""
    names = ["jaychou-2017", "jaychou"] if edition in _OF_2017 else ["jaychou", "jaychou-2017"]
    return [KNOWN_CORPORA[name] for name in names]


def _place_lyrics(workspace: Workspace, folders: list[Path], edition: str) -> None:
    right, other = _lyrics_of(edition)
    if not _place_known(workspace, right, folders, LYRICS) and _place_known(workspace, other, folders, LYRICS):
        workspace.notes.append(
            f"data/{LYRICS} is the corpus {other.name!r}, and not {right.name!r}, which the document was written for: "
            "that one is not on this machine"
        )


def _place_known(workspace: Workspace, known: KnownCorpus, folders: list[Path], name: str) -> bool:
    found = _find(known, folders)
    if found is None:
        return False
    path, is_published = found
    if not is_published:
        workspace.notes.append(f"data/{name} is {path}, which is not the published file")
    return _copy(path, workspace.data / name, workspace.notes)


def _find(known: KnownCorpus, folders: list[Path]) -> tuple[Path, bool] | None:
    """Return a corpus, and whether it is the published one; chosen as `find_corpus` does, which warns."""
    for folder in folders:
        for name in (known.file_name, *known.other_file_names):
            path = folder / name
            if not path.is_file() or not os.access(path, os.R_OK):
                continue
            found = file_hash(path, "sha256")
            if found == known.sha256:
                return path, True
            if name == known.file_name and folder != cache_folder() and found not in _hashes_under(name):
                return path, False
    return None


def _hashes_under(name: str) -> set[str]:
    return {known.sha256 for known in KNOWN_CORPORA.values() if name in (known.file_name, *known.other_file_names)}


def _find_sentences(folders: list[Path], notes: list[str]) -> bytes | None:
    for path in (folder / name for folder in folders for name in (SENTENCES, _ARCHIVE)):
        if path.is_file():
            try:
                return _read_archive(path) if path.name == _ARCHIVE else path.read_bytes()
            except (*_DAMAGE, OSError) as error:
                notes.append(f"{path} is passed over, for it cannot be read ({error})")
    return None


def _read_archive(path: Path) -> bytes:
    return read_member(path, lambda names: next((member for member in _MEMBERS if member in names), _MEMBERS[0]))[0]


def _write_sentences(workspace: Workspace, text: bytes) -> None:
    (workspace.data / SENTENCES).parent.mkdir(exist_ok=True)
    (workspace.data / SENTENCES).write_bytes(text)
    _write_archive(workspace, text)


def _write_archive(workspace: Workspace, text: bytes) -> None:
    # documents of 2019 download this into their own folder, unless it is there
    with zipfile.ZipFile(workspace.chapter / _ARCHIVE, "w") as archive:
        for member in _MEMBERS:
            archive.writestr(member, text)


def _copy(source: Path, target: Path, notes: list[str]) -> bool:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    except OSError as error:
        notes.append(f"{source} could not be copied ({error.strerror})")
        return False
    return True


# --- the reader's own files ---


def _place_own_files(workspace: Workspace, document: Document) -> None:
    here = os.path.abspath(document.path.parent)
    for name in sorted(_relative_paths(document)):
        source, target = (os.path.normpath(os.path.join(folder, name)) for folder in (here, workspace.chapter))
        is_inside = target.startswith(os.path.join(workspace.root, ""))
        if not is_inside or not os.path.isfile(source) or os.path.lexists(target):
            continue
        if os.path.getsize(source) > _LARGEST:
            workspace.notes.append(
                f"{source} is not copied for the document, for it is larger than {_LARGEST >> 20} MB"
            )
        else:
            _copy(Path(source), Path(target), workspace.notes)


def _relative_paths(document: Document) -> set[str]:
    """Return the strings of the code that may be one, most of which are not."""
    trees = filter(None, (syntax_tree(cell.source) for cell in document.code))
    nodes = (node.value for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Constant))
    return {value for value in nodes if isinstance(value, str) and value and not os.path.isabs(value)}


# --- the bundled texts in their place ---


def _place_samples(workspace: Workspace, document: Document) -> None:
    code = "\n".join(cell.source for cell in document.code)
    for name, sample in SAMPLES.items():
        target = workspace.data / name
        if not target.exists():
            target.parent.mkdir(exist_ok=True)
            target.write_bytes(sample.content())
            workspace.samples.append(target)
            if name == SENTENCES:
                _write_archive(workspace, sample.content())
            if sample.mentioned.search(code):
                workspace.notes.append(
                    f"data/{name} is not the published text but the bundled {sample.bundled} (--sample-data)"
                )


# --- what is missing ---


def missing_data_hint(error_text: str, edition: str) -> str:
    """Say how to supply a corpus of the book that a cell has not found.

    Examples
    --------
    >>> error = "FileNotFoundError: [Errno 2] No such file or directory: '../data/timemachine.txt'"
    >>> print(missing_data_hint(error, "d2l"))
    the corpus 'timemachine' is not on this machine: run gluonrnn corpora fetch timemachine, or name the \
folder that holds timemachine.txt in GLUONRNN_DATA; --sample-data puts a bundled text in its place
    """
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
