"""The book's table of downloads: a file by name, found or fetched, its SHA-1 checked, and unpacked.

Source: *Dive into Deep Learning* (2020-22 edition), section "Predicting house prices on Kaggle";
`d2l` 0.17.6.
"""

from __future__ import annotations

import filecmp
import os
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from gluonrnn._checks import check_path, short_repr
from gluonrnn.corpus.archives import DamagedArchiveError, readable, unpack
from gluonrnn.corpus.fetching import FetchError, fetch_into_place, file_hash
from gluonrnn.corpus.lookup import PathLike, folders_of_data
from gluonrnn.errors import CorpusNotFoundError

__all__ = ["DATA_HUB", "DATA_URL", "download", "download_all", "download_extract", "find_unpacked"]

DATA_URL = "http://d2l-data.s3-accelerate.amazonaws.com/"

# name: (url, SHA-1); readers add their own
DATA_HUB: dict[str, tuple[str, str]] = {
    "kaggle_house_train": (DATA_URL + "kaggle_house_pred_train.csv", "585e9cc93e70b39160e7921475f9bcd7d31219ce"),
    "kaggle_house_test": (DATA_URL + "kaggle_house_pred_test.csv", "fa19780a7b011d9b009e8bff8e99922a8ee2eb90"),
    "time_machine": (DATA_URL + "timemachine.txt", "090b5e7e70c295757f55df93cb0a180b9691891a"),
    "fra-eng": (DATA_URL + "fra-eng.zip", "94646ad1522d915e7b0f9296181140edcf86a4f5"),
}

# files that are taken for published ones, whatever their SHA-1: absolute names, put in by `rerun` with sample data
SAMPLE_FILES: set[str] = set()

_BOOK_FOLDER = os.path.join("..", "data")
_ENDINGS = (".tar.gz", ".zip", ".tar", ".tgz", ".gz")


def download(name: str, cache_dir: PathLike = _BOOK_FOLDER) -> str:
    """Return the file of an entry of `DATA_HUB`, fetched if it is nowhere.

    Places, in order: the folder ``$GLUONRNN_DATA``; `cache_dir`; ``data``; the user's cache. A
    file there is taken if its SHA-1 is the entry's, and passed over if it is another. Then the
    file is fetched into `cache_dir`, unless ``$GLUONRNN_OFFLINE`` is set, and moved to its name
    once its SHA-1 has been checked; one of that name with another SHA-1 is kept beside it under
    another name, and a line on stderr says so.

    Parameters
    ----------
    name : str
        A name of `DATA_HUB`.
    cache_dir : str or path-like
        The folder to fetch into; it is made if it is missing.

    Returns
    -------
    str
        The name of the file.

    Raises
    ------
    CorpusNotFoundError
        If it is nowhere and cannot be fetched, or what the server sent is not the published file;
        it lists every place. Nothing new is then left behind.
    ValueError
        If the name is not known, or its entry is not ``(url, sha1)``.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Predicting house prices on Kaggle"; `d2l` 0.17.6.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "greeting.txt").write_text("hello")
    >>> DATA_HUB["greeting"] = (DATA_URL + "greeting.txt", "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d")
    >>> download("greeting", folder) == str(folder / "greeting.txt")
    True
    >>> del DATA_HUB["greeting"]
    """
    url, sha1, file_name = _entry(name)
    check_path("cache_dir", cache_dir)
    target = Path(cache_dir, file_name)
    tried: dict[str, str] = {}  # of a folder that is named twice, the first will do
    for folder, why in folders_of_data(cache_dir):
        candidate = folder / file_name
        problem = _problem(candidate, sha1)
        if not problem:
            return os.path.join(cache_dir, file_name) if candidate == target else str(candidate)
        tried.setdefault(os.path.abspath(candidate), f"{candidate} ({why}): {problem}")
    looked = "; ".join(tried.values())
    remedy = f"put {file_name} into one of these folders, or name its folder in GLUONRNN_DATA"
    if os.environ.get("GLUONRNN_OFFLINE"):
        raise CorpusNotFoundError(
            f"the file of {name!r} was not found, and it was not fetched because GLUONRNN_OFFLINE is set; "
            f"looked at {looked}: {remedy}"
        )
    print(f"Downloading {os.path.join(cache_dir, file_name)} from {url}...")
    try:
        fetch_into_place(url, f"sha1:{sha1}", target)
    except (FetchError, OSError) as error:
        raise CorpusNotFoundError(
            f"the file of {name!r} was not found, and it could not be fetched from {url} ({error}); "
            f"looked at {looked}: {remedy}"
        ) from error
    return os.path.join(cache_dir, file_name)


def _entry(name: str) -> tuple[str, str, str]:
    if not isinstance(name, str) or name not in DATA_HUB:
        raise ValueError(
            f"there is no {name!r} in DATA_HUB: choose from {', '.join(DATA_HUB)}, "
            "or add it as DATA_HUB[name] = (url, sha1)"
        )
    entry: Any = DATA_HUB[name]
    if isinstance(entry, (tuple, list)) and len(entry) == 2 and all(isinstance(part, str) for part in entry):
        url, sha1 = entry
        file_name = url.split("/")[-1]
        if re.fullmatch("[0-9a-fA-F]{40}", sha1) and file_name not in ("", ".", ".."):
            return url, sha1.lower(), file_name
    raise ValueError(
        f"an entry of DATA_HUB is (url, sha1), a file's address and 40 hexadecimal digits, but {name!r} is "
        f"{short_repr(entry)}: correct it"
    )


def _problem(candidate: Path, sha1: str) -> str:
    """Return why a file cannot be used; "" if it can."""
    if not candidate.is_file():
        return "no such file"
    try:
        found = file_hash(candidate, "sha1")
    except OSError as error:
        return f"it cannot be read ({error.strerror})"
    if found == sha1 or str(candidate.resolve()) in SAMPLE_FILES:
        return ""
    return f"its SHA-1 is another ({found[:12]}..., not {sha1[:12]}...)"


def download_all() -> None:
    """Download every entry of `DATA_HUB`, in its order, unless it is at hand.

    Raises
    ------
    CorpusNotFoundError, ValueError
        As `download` does, at the first entry that it does it for.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Predicting house prices on Kaggle"; `d2l` 0.17.6.

    Examples
    --------
    >>> from unittest import mock
    >>> with mock.patch.dict(DATA_HUB, clear=True):  # so that it has nothing to do
    ...     download_all()
    """
    for name in list(DATA_HUB):
        download(name)


def download_extract(name: str, folder: str | None = None) -> str:
    """Return the folder that the archive of an entry of `DATA_HUB` unpacks to, downloaded and unpacked.

    A folder of that name that is unpacked already, in ``$GLUONRNN_DATA``, ``../data``, ``data``
    or the user's cache, is used as it is, and a line on stderr says so. Otherwise the archive is
    unpacked in a temporary folder beside it, and all that it holds is moved to where it lies; a
    file of yours that stands in the way is left as it is, and a line on stderr says so.

    Parameters
    ----------
    name : str
        A name of `DATA_HUB`; its file is a ``.zip``, a ``.tar``, or a ``.tar.gz`` or ``.tgz``.
    folder : str, optional
        The folder inside the archive that is wanted; by default, the archive's name without its
        ending.

    Returns
    -------
    str
        The name of that folder. (For a ``.tar.gz``, the book's function leaves ``.tar`` in it.)

    Raises
    ------
    CorpusNotFoundError
        As `download` does.
    ValueError
        If the file is no archive by its ending, is damaged, or would unpack to another folder or
        fill the disk (see `gluonrnn.corpus.archives.unpack`), or as `download` does.
    OSError
        If it cannot be unpacked where it lies.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section "Predicting house prices on Kaggle"; `d2l` 0.17.6.

    Examples
    --------
    >>> from unittest import mock
    >>> import zipfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> with zipfile.ZipFile(folder / "greetings.zip", "w") as archive:
    ...     archive.writestr("greetings/en.txt", "hello")
    >>> DATA_HUB["greetings"] = (DATA_URL + "greetings.zip", file_hash(folder / "greetings.zip", "sha1"))
    >>> with mock.patch.dict(os.environ, GLUONRNN_DATA=str(folder)):
    ...     unpacked = download_extract("greetings")
    >>> os.listdir(unpacked)
    ['en.txt']
    >>> del DATA_HUB["greetings"]
    """
    file_name = _entry(name)[2]
    stem = _without_ending(name, file_name)
    if folder is not None:
        check_path("folder", folder)
    unpacked = find_unpacked(folder or stem)
    if unpacked is not None:
        print(f"gluonrnn: {unpacked} is used as it lies there unpacked; its hash was not checked", file=sys.stderr)
        return str(unpacked)
    archive = Path(download(name))
    _unpack(archive)
    return os.path.join(archive.parent, folder or stem)


def _without_ending(name: str, file_name: str) -> str:
    for ending in _ENDINGS:
        if file_name.lower().endswith(ending) and len(file_name) > len(ending):
            return file_name[: -len(ending)]
    raise ValueError(
        f"only .zip, .tar, .tar.gz and .tgz files can be unpacked, but {name!r} is {file_name}: "
        "use download, and read the file as it is"
    )


def find_unpacked(folder_name: str, member: str = "") -> Path | None:
    """Find a folder of data that is unpacked already, in the places that `download` looks in.

    Examples
    --------
    >>> find_unpacked("no-such-folder") is None
    True
    """
    for place, _ in folders_of_data():
        folder = place / folder_name
        if folder.is_dir() and ((folder / member).is_file() if member else any(folder.iterdir())):
            return folder
    return None


def _unpack(archive: Path) -> None:
    try:
        with tempfile.TemporaryDirectory(dir=archive.parent, prefix=f".{archive.stem}-") as temporary:
            unpack(archive, temporary)
            _move_in(Path(temporary), archive.parent)
    except OSError as error:
        raise OSError(
            f"{archive} cannot be unpacked beside itself ({error.strerror}: {readable(error.filename)}): copy it into "
            "another folder and name that in GLUONRNN_DATA"
        ) from error
    except DamagedArchiveError as error:
        raise ValueError(
            f"the archive {archive} cannot be unpacked ({error}), though its SHA-1 is that of its entry in DATA_HUB: "
            "correct the entry"
        ) from error


def _move_in(source: Path, target: Path) -> None:
    """Move a folder's content into another folder, overwriting nothing."""
    for path in sorted(source.iterdir()):
        there = target / path.name
        if not os.path.lexists(there):
            os.rename(path, there)
        elif path.is_dir() and there.is_dir():
            _move_in(path, there)
        elif not (path.is_file() and there.is_file() and filecmp.cmp(path, there, shallow=False)):
            print(f"gluonrnn: {there} is left as it is; the archive holds another of that name", file=sys.stderr)
