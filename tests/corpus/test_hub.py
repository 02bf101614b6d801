"""The table of downloads: where a file is looked for, how it is fetched, checked and unpacked."""

from __future__ import annotations

import gc
import hashlib
import io
import os
import stat
import tarfile
import warnings
import zipfile
from pathlib import Path
from unittest import mock

import pytest

from gluonrnn.corpus import hub
from gluonrnn.corpus.hub import DATA_HUB, DATA_URL, download, download_all, download_extract, find_unpacked
from gluonrnn.corpus.lookup import cache_folder
from gluonrnn.errors import CorpusNotFoundError
from tests.conftest import REAL_DATA
from tests.corpus.test_lookup import NEEDS_REAL_DATA, REAL_FOLDER, Home, ignores_unclosed
from tests.oracles.load import published

TEXT = b"Over the hill\nand over again\n"
OTHER = b"Under the hill\n"
UNREACHABLE = "http://127.0.0.1:1/"


def write(path, content=TEXT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def sha1(content):
    return hashlib.sha1(content).hexdigest()


@pytest.fixture
def enter(monkeypatch):
    """Enter made-up bytes into the table: ``enter(name, file_name, content, where)``."""

    def as_entry(name, file_name, content=TEXT, where=UNREACHABLE):
        monkeypatch.setitem(DATA_HUB, name, (where + file_name, sha1(content)))

    return as_entry


@pytest.fixture
def online(monkeypatch):
    """Allow fetching, from this machine and past any proxy."""
    monkeypatch.delenv("GLUONRNN_OFFLINE")
    for variable in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(variable, "127.0.0.1")
    gc.freeze()  # what was there before need not be gone through
    yield
    gc.collect()
    gc.unfreeze()


@pytest.fixture
def home(online):
    home = Home()
    home.body = TEXT
    home.where = home.url[: -len("a.txt")]
    yield home
    home.close()


@pytest.fixture
def places(clean_world, monkeypatch):
    """Return the four folders that are looked through, in order; GLUONRNN_DATA names the first."""
    monkeypatch.setenv("GLUONRNN_DATA", str(clean_world / "mine"))
    return [clean_world / "mine", Path("../data"), Path("data"), cache_folder()]


def everything(folder):
    """Return the names of all that lies below a folder, and is no folder."""
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if not path.is_dir())


# --- the table ---


def test_table_holds_the_published_entries():
    d2l = published("d2l==0.17.6", "d2l.mxnet")
    assert DATA_URL == d2l.DATA_URL
    assert set(DATA_HUB) == {"kaggle_house_train", "kaggle_house_test", "time_machine", "fra-eng"}
    assert {name: d2l.DATA_HUB[name] for name in DATA_HUB} == DATA_HUB


def test_entry_that_is_not_url_and_sha1(monkeypatch):
    for entry in (
        "http://a/b.txt",
        ("http://a/b.txt",),
        ("http://a/b.txt", None),
        ("http://a/", sha1(b"")),
        ("http://a/..", sha1(b"")),
        ("http://a/b.txt", sha1(b""), 3),
        (Path("b.txt"), sha1(b"")),
    ):
        monkeypatch.setitem(DATA_HUB, "mine", entry)
        with pytest.raises(ValueError, match=r"an entry of DATA_HUB is \(url, sha1\), .*, but 'mine' is "):
            download("mine")


# --- where a file is looked for ---


def test_places_are_looked_through_in_order(places, enter, capfd):
    enter("mine", "a.txt")
    for folder in reversed(places):
        write(folder / "a.txt")
        assert download("mine") == str(folder / "a.txt")
    assert capfd.readouterr() == ("", "")


def test_own_folder_takes_the_place_of_the_books(places, enter):
    enter("mine", "a.txt")
    write(places[1] / "a.txt")
    write(Path("own/a.txt"))
    write(places[2] / "a.txt")
    assert download("mine", "own") == os.path.join("own", "a.txt")
    assert download("mine", "./own") == "./own/a.txt"
    assert download("mine", Path("own")) == "own/a.txt"
    assert download("mine", cache_dir="nowhere") == "data/a.txt"


def test_case_of_the_hash_does_not_matter(monkeypatch):
    monkeypatch.setitem(DATA_HUB, "mine", [DATA_URL + "a.txt", sha1(TEXT).upper()])
    write(Path("data/a.txt"))
    assert download("mine") == "data/a.txt"


def test_file_with_another_hash_is_passed_over(places, enter):
    enter("mine", "a.txt")
    for folder in places[:3]:
        write(folder / "a.txt", OTHER)
    write(places[3] / "a.txt")
    assert download("mine") == str(places[3] / "a.txt")
    assert (places[1] / "a.txt").read_bytes() == OTHER


def test_miss_lists_every_place_and_says_how_to_supply_the_file(places, enter):
    enter("mine", "a.txt")
    write(places[1] / "a.txt", OTHER)
    (places[2] / "a.txt").mkdir(parents=True)
    with pytest.raises(CorpusNotFoundError, match=r"put a\.txt into one of these folders") as caught:
        download("mine")
    looked = str(caught.value).partition("looked at ")[2].split("; ")
    assert [word.partition(" (")[0] for word in looked] == [str(folder / "a.txt") for folder in places]
    assert [": no such file" in word for word in looked] == [True, False, True, True]
    assert f"its SHA-1 is another ({sha1(OTHER)[:12]}..., not {sha1(TEXT)[:12]}...)" in looked[1]


def test_folder_named_twice_is_listed_once(monkeypatch, enter):
    enter("mine", "a.txt")
    monkeypatch.setenv("GLUONRNN_DATA", "data")
    with pytest.raises(CorpusNotFoundError, match="'mine' was not found") as caught:
        download("mine", "data")
    assert str(caught.value).count("data/a.txt (") == 1


def test_file_that_cannot_be_read(monkeypatch, enter):
    def refuse(path, algorithm):
        raise PermissionError(13, "Permission denied", str(path))

    enter("mine", "a.txt")
    write(Path("data/a.txt"))
    monkeypatch.setattr(hub, "file_hash", refuse)
    with pytest.raises(CorpusNotFoundError, match=r"data/a\.txt \(.*\): it cannot be read \(Permission denied\)"):
        download("mine")


# --- fetching ---


def test_file_is_fetched_once_into_the_books_folder(home, enter, capfd):
    enter("mine", "a.txt", where=home.where)
    assert download("mine") == os.path.join("..", "data", "a.txt")
    assert Path("../data/a.txt").read_bytes() == TEXT
    assert everything("..") == ["data/a.txt"]
    assert capfd.readouterr() == (f"Downloading ../data/a.txt from {home.where}a.txt...\n", "")
    assert download("mine") == "../data/a.txt"
    assert home.asked == ["/corpora/a.txt"]
    assert capfd.readouterr() == ("", "")


def test_file_is_fetched_into_a_folder_of_your_own(home, enter, capfd, monkeypatch):
    enter("mine", "a.txt", where=home.where)
    assert download("mine", Path("new/own")) == "new/own/a.txt"
    assert stat.S_IMODE(os.stat("new/own/a.txt").st_mode) == 0o666 & ~umask()
    assert everything("..") == ["here/new/own/a.txt"]
    assert capfd.readouterr().out.startswith("Downloading new/own/a.txt from http://127")
    monkeypatch.setenv("GLUONRNN_OFFLINE", "1")
    assert download("mine", "new/own") == "new/own/a.txt"


def umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_old_file_is_kept_beside_the_fetched_one(home, enter, capfd):
    enter("mine", "a.txt", where=home.where)
    for number, content in enumerate([OTHER, TEXT[:5]], 1):
        write(Path("../data/a.txt"), content)
        assert download("mine") == "../data/a.txt"
        expected = f"gluonrnn: ../data/a.txt was not the published file; kept as ../data/a.other-{number}.txt\n"
        assert capfd.readouterr().err == expected
    assert everything("../data") == ["a.other-1.txt", "a.other-2.txt", "a.txt"]
    assert [Path(f"../data/a{kind}.txt").read_bytes() for kind in ("", ".other-1", ".other-2")] == [
        TEXT,
        OTHER,
        TEXT[:5],
    ]


def fails_to_fetch(name, cause):
    """Fetch, and match the cause; what there is stays as it is."""
    before = everything("..")
    with pytest.raises(CorpusNotFoundError, match=f"file of {name!r} was not found, and it could not") as caught:
        download(name)
    message = str(caught.value)
    assert cause in message.partition("fetched from ")[2].partition("; looked at ")[0]
    assert "\n" not in message
    assert "looked at ../data/a.txt (the book's folder): " in message
    assert message.endswith(": put a.txt into one of these folders, or name its folder in GLUONRNN_DATA")
    assert everything("..") == before


@ignores_unclosed
@pytest.mark.parametrize("old", [None, OTHER])
def test_wrong_file_on_the_server(home, enter, old):
    enter("mine", "a.txt", where=home.where)
    if old is not None:
        write(Path("../data/a.txt"), old)
    home.body = OTHER
    fails_to_fetch("mine", "(what the server sent has another SHA-1 than the published file)")
    assert home.asked == ["/corpora/a.txt"]
    assert Path("../data").exists() is (old is not None)


def test_address_that_is_none(online, enter):
    enter("mine", "a.txt", where="nowhere://hash/")
    fails_to_fetch("mine", "Unrecognized URL protocol 'nowhere'")


def test_folder_that_cannot_be_made(home, enter):
    enter("mine", "a.txt", where=home.where)
    write(Path("../data"))
    fails_to_fetch("mine", "File exists")
    assert home.asked == []


def test_folder_where_the_file_should_be(home, enter):
    enter("mine", "a.txt", where=home.where)
    Path("../data/a.txt").mkdir(parents=True)
    fails_to_fetch("mine", "a.txt is a folder: name a file in it")


@ignores_unclosed
def test_interrupted_download_leaves_nothing(home, enter, monkeypatch):
    import requests

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    enter("mine", "a.txt", where=home.where)
    monkeypatch.setattr(requests.Response, "iter_content", interrupt)
    with pytest.raises(KeyboardInterrupt):
        download("mine")
    assert os.listdir("..") == ["here"]


def test_all_are_downloaded_in_order(home, capfd):
    entries = {name: (home.where + f"{name}.txt", sha1(TEXT)) for name in ("b", "a")}
    with mock.patch.dict(DATA_HUB, entries, clear=True):
        assert download_all() is None
    assert home.asked == ["/corpora/b.txt", "/corpora/a.txt"]
    assert everything("../data") == ["a.txt", "b.txt"]
    assert capfd.readouterr().out.count("Downloading ") == 2


# --- unpacking ---


def a_zip(members):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return made.getvalue()


def a_tar(members, mode="w"):
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode=mode) as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            if name.endswith("/"):
                info.type = tarfile.DIRTYPE
            archive.addfile(info, io.BytesIO(content))
    return made.getvalue()


def a_gz(members):
    return a_tar(members, "w:gz")


MEMBERS = {"pairs/": b"", "pairs/a.txt": TEXT, "pairs/more/b.txt": OTHER, "pairs/empty/": b""}
KINDS = pytest.mark.parametrize(
    ("ending", "make"),
    [(".zip", a_zip), (".tar", a_tar), (".tar.gz", a_gz), (".tgz", a_gz), (".gz", a_gz), (".ZIP", a_zip)],
)


@KINDS
def test_archive_is_fetched_and_unpacked_beside_itself(home, enter, ending, make):
    home.body = make(MEMBERS)
    enter("mine", f"pairs{ending}", home.body, home.where)
    assert download_extract("mine") == os.path.join("..", "data", "pairs")
    assert everything("../data") == [f"pairs{ending}", "pairs/a.txt", "pairs/more/b.txt"]
    assert Path("../data/pairs/a.txt").read_bytes() == TEXT
    assert Path("../data/pairs/empty").is_dir()
    assert stat.S_IMODE(os.stat("../data/pairs").st_mode) == 0o777 & ~umask()


def test_result_is_the_published_one(monkeypatch, enter):
    d2l = published("d2l==0.17.6", "d2l.mxnet")
    for ending, make in ((".zip", a_zip), (".tar", a_tar)):
        content = make(MEMBERS)
        enter("mine", f"pairs{ending}", content)
        monkeypatch.setitem(d2l.DATA_HUB, "mine", DATA_HUB["mine"])
        write(Path(f"../data/pairs{ending}"), content)
        for arguments in (("mine",), ("mine", "pairs/more")):
            found = download_extract(*arguments)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # it leaves the archive open
                assert found == d2l.download_extract(*arguments)
                gc.collect()


@pytest.mark.parametrize("place", [0, 3])
def test_archive_is_unpacked_where_it_lies(place, places, enter, capfd):
    content = a_zip(MEMBERS)
    enter("mine", "all.zip", content)
    write(places[place] / "all.zip", content)
    assert download_extract("mine", "pairs") == str(places[place] / "pairs")
    assert everything(places[place]) == ["all.zip", "pairs/a.txt", "pairs/more/b.txt"]
    assert capfd.readouterr() == ("", "")
    # what is wanted may lie deeper
    assert download_extract("mine", "pairs/more") == str(places[place] / "pairs" / "more")


def test_folder_that_is_unpacked_already_is_used_with_a_line_on_stderr(places, enter, capfd):
    enter("mine", "pairs.zip")
    write(places[3] / "pairs" / "mine.txt", OTHER)
    assert download_extract("mine") == str(places[3] / "pairs")
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith(f"gluonrnn: {places[3] / 'pairs'} is used as it lies there")
    assert everything(places[3]) == ["pairs/mine.txt"]


def test_unpacked_folder_is_found_by_what_it_must_hold(places):
    assert find_unpacked("pairs") is None
    (places[0] / "pairs").mkdir(parents=True)
    write(places[1] / "pairs" / "a.txt")
    write(places[3] / "pairs" / "b.txt")
    assert find_unpacked("pairs") == find_unpacked("pairs", "a.txt") == places[1] / "pairs"
    assert find_unpacked("pairs", "b.txt") == places[3] / "pairs"
    assert find_unpacked("pairs", "c.txt") is None


def test_empty_folder_does_not_count_as_unpacked(enter):
    content = a_zip(MEMBERS)
    enter("mine", "pairs.zip", content)
    write(Path("data/pairs.zip"), content)
    Path("data/pairs").mkdir()
    assert download_extract("mine") == "data/pairs"
    assert everything("data/pairs") == ["a.txt", "more/b.txt"]


def test_no_file_of_yours_is_overwritten(enter, capfd):
    content = a_tar({"a.txt": TEXT, "same.txt": TEXT, "more/a.txt": TEXT, "more/b.txt": TEXT, "file": TEXT})
    enter("mine", "pairs.tar", content)
    write(Path("data/pairs.tar"), content)
    write(Path("data/a.txt"), OTHER)
    write(Path("data/more/b.txt"), OTHER)
    write(Path("data/same.txt"), TEXT)
    Path("data/file").mkdir()
    assert download_extract("mine") == "data/pairs"
    names = ["a.txt", "more/a.txt", "more/b.txt", "pairs.tar", "same.txt"]
    assert everything("data") == names
    assert [Path("data", name).read_bytes() == OTHER for name in names] == [True, False, True, False, False]
    assert capfd.readouterr().err.splitlines() == [
        f"gluonrnn: data/{name} is left as it is; the archive holds another of that name"
        for name in ("a.txt", "file", "more/b.txt")
    ]


def test_file_that_is_no_archive_by_its_ending_is_not_even_fetched(home, enter):
    for file_name in ("a.txt", ".zip", "pairs.rar"):
        enter("mine", file_name, where=home.where)
        with pytest.raises(ValueError, match=rf"only \.zip, .* unpacked, but 'mine' is {file_name}: use download, and"):
            download_extract("mine")
    assert home.asked == []


def is_refused(content, file_name, words):
    """Try to unpack; nothing may be left beside the archive."""
    write(Path("data", file_name), content)
    with pytest.raises(ValueError, match=words) as caught:
        download_extract("mine")
    assert "\n" not in str(caught.value)
    assert os.listdir("data") == [file_name]
    assert everything("..") == [f"here/data/{file_name}"]


CANNOT = r"the archive data/.* cannot be unpacked \(.+\), though its SHA-1 is that of its entry .*: correct the entry"


@pytest.mark.parametrize(
    ("ending", "make", "damage"),
    [
        (".zip", a_zip, lambda content: content[: len(content) * 2 // 3]),
        (".tgz", a_gz, lambda content: content[: len(content) * 2 // 3]),
        (".tar", a_tar, lambda content: b"<html>sorry</html>" * 40),
        (".gz", a_gz, lambda content: b""),
    ],
)
def test_damaged_archive(enter, ending, make, damage):
    content = damage(make({"pairs/a.txt": os.urandom(8000)}))
    enter("mine", f"pairs{ending}", content)
    is_refused(content, f"pairs{ending}", CANNOT)


def test_archive_with_a_wrong_checksum(enter):
    stored = io.BytesIO()
    with zipfile.ZipFile(stored, "w") as archive:
        archive.writestr("pairs/a.txt", TEXT)
        archive.writestr("pairs/b.txt", OTHER)
    content = stored.getvalue().replace(OTHER, OTHER.upper())
    enter("mine", "pairs.zip", content)
    is_refused(content, "pairs.zip", CANNOT.replace(".+", "Bad CRC-32 .+"))
    made = bytearray(a_gz(MEMBERS))
    made[-8] ^= 1
    enter("mine", "pairs.tgz", bytes(made))
    os.remove("data/pairs.zip")
    is_refused(bytes(made), "pairs.tgz", CANNOT.replace(".+", "CRC check failed .+"))


@pytest.mark.parametrize(("ending", "make"), [(".zip", a_zip), (".tar", a_tar)])
def test_member_that_leads_out_of_the_folder(enter, ending, make):
    for name in ("../x", "pairs/../../x", "/x", "pairs\\..\\x", "C:\\x", "\\x", "c:x", ".."):
        content = make({"pairs/a.txt": TEXT, name: OTHER})
        enter("mine", f"pairs{ending}", content)
        is_refused(content, f"pairs{ending}", r"its member '.*x?' \(str\) leads out .*: unpack it by")


def test_tar_with_a_link(enter):
    for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE):
        made = io.BytesIO()
        with tarfile.open(fileobj=made, mode="w") as archive:
            info = tarfile.TarInfo("pairs/link")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        enter("mine", "pairs.tar", made.getvalue())
        is_refused(made.getvalue(), "pairs.tar", r"for its member 'pairs/link' \(str\) is a link or no file")


def test_names_with_two_dots_inside_are_harmless(enter):
    content = a_tar({"./": b"", "./pairs/a..b.txt": TEXT, "pairs/..c": TEXT})
    enter("mine", "pairs.tar", content)
    write(Path("data/pairs.tar"), content)
    assert everything(download_extract("mine")) == ["..c", "a..b.txt"]


def test_folder_that_cannot_be_written_to(enter, monkeypatch):
    def refuse(**options):
        raise PermissionError(13, "Permission denied", "data")

    content = a_zip(MEMBERS)
    enter("mine", "pairs.zip", content)
    write(Path("data/pairs.zip"), content)
    monkeypatch.setattr(hub.tempfile, "TemporaryDirectory", refuse)
    with pytest.raises(
        OSError, match=r"data/pairs\.zip cannot be unpacked beside itself \(Permission .*: copy it into"
    ):
        download_extract("mine")


# --- the real files ---


@NEEDS_REAL_DATA
def test_the_real_time_machine_has_the_hash_of_the_table(monkeypatch):
    assert REAL_DATA
    monkeypatch.setenv("GLUONRNN_DATA", str(REAL_FOLDER))
    assert download("time_machine") == str(REAL_FOLDER / "timemachine.txt")
