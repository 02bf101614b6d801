"""Corpora by name: where they are looked for, what is said of a miss, and how they are fetched."""

from __future__ import annotations

import dataclasses
import gc
import hashlib
import http.server
import logging
import re
import socket
import threading
import zipfile
from pathlib import Path

import pooch
import pytest

import gluonrnn
from gluonrnn.corpus.lookup import KNOWN_CORPORA, cache_folder, fetch_corpus, find_corpus, load_corpus
from gluonrnn.errors import CorpusNotFoundError, CorpusWarning
from tests.conftest import REAL_DATA

TEXT = b"Over the hill\nand OVER again\r\nand over\n"
# tests run in another folder
REAL_FOLDER = Path(REAL_DATA or "").resolve()
NEEDS_REAL_DATA = pytest.mark.skipif(
    not REAL_DATA, reason="needs the real corpora: set GLUONRNN_DATA to the folder that has them"
)


def write(path, content=TEXT):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def zipped(name, content):
    """Return the bytes of an archive with one member."""
    with zipfile.ZipFile("made.zip", "w") as archive:
        archive.writestr(name, content)
    made = Path("made.zip").read_bytes()
    Path("made.zip").unlink()
    return made


@pytest.fixture
def publish(monkeypatch):
    """Let a known corpus be made-up bytes: ``publish(name, content)``."""

    def as_published(name, content=TEXT, **changes):
        known = dataclasses.replace(KNOWN_CORPORA[name], sha256=hashlib.sha256(content).hexdigest(), **changes)
        monkeypatch.setitem(KNOWN_CORPORA, name, known)
        return known

    return as_published


@pytest.fixture
def places(clean_world, monkeypatch):
    """Return the four folders that are looked through, in order; GLUONRNN_DATA names the first."""
    monkeypatch.setenv("GLUONRNN_DATA", str(clean_world / "mine"))
    return [clean_world / "mine", clean_world / "data", clean_world / "here" / "data", cache_folder()]


# --- the bundled corpora ---


@pytest.mark.parametrize("name", ["lyrics", "prose"])
def test_bundled_corpus_is_the_one_in_the_table(name):
    known = KNOWN_CORPORA[name]
    content = find_corpus(name).read_bytes()
    assert hashlib.sha256(content).hexdigest() == known.sha256
    corpus = load_corpus(name)
    assert corpus.vocab_size == len(corpus.idx_to_char) == len(set(corpus.corpus_indices)) == known.vocab_size
    assert len(corpus.corpus_indices) == len(content.decode("utf-8"))
    assert all(char in corpus.char_to_idx for prefix in known.prefixes for char in prefix)
    assert not {"\n", "\r", "\ufeff"} & set(corpus.idx_to_char)


@pytest.mark.parametrize("name", ["lyrics", "prose"])
def test_bundled_corpus_comes_with_the_package_whatever_lies_about(name, places):
    for folder in places:
        write(folder / KNOWN_CORPORA[name].file_name)
    assert find_corpus(name) == fetch_corpus(name)
    assert find_corpus(name).parent.resolve() not in [folder.resolve() for folder in places]


def test_lyrics_are_the_default():
    assert load_corpus() == load_corpus("lyrics")


# --- where a corpus is looked for ---


def test_places_are_looked_through_in_order(places, publish):
    known = publish("timemachine")
    for folder in reversed(places):
        write(folder / known.file_name)
        assert find_corpus("timemachine").resolve() == (folder / known.file_name).resolve()


def test_path_is_looked_at_before_every_other_place(places, publish, clean_world):
    known = publish("timemachine")
    for folder in [*places, clean_world / "given"]:
        write(folder / known.file_name)
    given = clean_world / "given" / known.file_name
    assert find_corpus("timemachine", path=given) == given
    assert find_corpus("timemachine", path=str(given)) == given
    assert find_corpus("timemachine", path=clean_world / "given") == given


def test_file_given_by_path_is_read_whatever_its_hash_and_name_are(clean_world):
    write(clean_world / "another.txt", b"ABBA")
    corpus = load_corpus("timemachine", path=clean_world / "another.txt")
    assert corpus == ([0, 1, 1, 0], {"a": 0, "b": 1}, ["a", "b"], 2)


def test_folder_given_by_path_may_hold_the_file_under_its_other_name(clean_world):
    known = KNOWN_CORPORA["jaychou-2017"]
    archive = write(clean_world / "given" / "jaychou_lyrics.txt.zip")
    assert find_corpus("jaychou-2017", path=archive.parent) == archive
    own = write(clean_world / "given" / known.file_name)
    assert find_corpus("jaychou-2017", path=archive.parent) == own


def test_path_that_leads_nowhere_is_an_error_though_the_file_is_elsewhere(places, publish, clean_world):
    known = publish("timemachine")
    write(places[0] / known.file_name)
    with pytest.raises(CorpusNotFoundError, match=re.escape(f"not at {clean_world / 'here'}: pass the path")):
        find_corpus("timemachine", path=clean_world / "here")


def test_path_is_for_known_corpora_that_do_not_come_with_the_package(clean_world):
    given = write(clean_world / "here" / "novel.txt", b"la la")
    for arguments, options in (((), {}), (("novel.txt",), {}), ((), {"text": "la la"})):
        with pytest.raises(ValueError, match="path says where"):
            load_corpus(*arguments, path=given, **options)


@pytest.mark.parametrize(("folder", "expected"), [("book/chapter", "book/data"), ("book", "book/data"), (".", "cache")])
def test_a_document_runs_from_its_chapter_from_the_book_and_from_elsewhere(
    folder, expected, clean_world, monkeypatch, publish
):
    known = publish("timemachine")
    (clean_world / "book" / "chapter").mkdir(parents=True)
    write(clean_world / "book" / "data" / known.file_name)
    write(cache_folder() / known.file_name)
    monkeypatch.chdir(clean_world / folder)
    found = find_corpus("timemachine").resolve()
    assert found == (cache_folder() if expected == "cache" else clean_world / expected).resolve() / known.file_name


def test_empty_environment_variables_count_as_unset(monkeypatch, publish):
    publish("timemachine")
    write(Path("timemachine.txt"), b"not looked at")
    monkeypatch.setenv("GLUONRNN_DATA", "")
    with pytest.raises(CorpusNotFoundError, match=r"looked at \.\./data/timemachine\.txt"):
        find_corpus("timemachine")


def test_another_known_corpus_is_passed_over(places, publish):
    older, newer = publish("jaychou-2017", b"older"), publish("jaychou", b"newer")
    write(places[0] / newer.file_name, b"older")
    with pytest.raises(CorpusNotFoundError, match=r"GLUONRNN_DATA\): it is the corpus 'jaychou-2017'"):
        find_corpus("jaychou")
    assert find_corpus("jaychou-2017") == places[0] / newer.file_name
    write(places[2] / newer.file_name, b"newer")
    assert find_corpus("jaychou").read_bytes() == b"newer"
    write(places[1] / older.file_name, b"newer")
    assert find_corpus("jaychou-2017").read_bytes() == b"older"


def test_unknown_file_under_the_other_name_is_passed_over(places, publish):
    publish("jaychou-2017", b"older")
    write(places[0] / "jaychou_lyrics.txt.zip", b"neither")
    with pytest.raises(CorpusNotFoundError, match=r"lyrics\.txt\.zip \(GLUONRNN_DATA\): its SHA-256 is another"):
        find_corpus("jaychou-2017")


def test_unknown_file_in_a_folder_of_the_reader_is_used_with_a_warning(places, publish):
    known = publish("timemachine")
    file = write(places[2] / known.file_name, b"My own Words")
    got, wanted = hashlib.sha256(b"My own Words").hexdigest(), known.sha256
    with pytest.warns(CorpusWarning, match=r"timemachine\.txt is not the published file .* used as it is") as caught:
        corpus = load_corpus("timemachine")
    assert len(caught) == 1
    assert f"(its SHA-256 is {got[:12]}..., not {wanted[:12]}...)" in str(caught[0].message)
    assert "".join(corpus.idx_to_char[i] for i in corpus.corpus_indices) == "my own words"
    with pytest.warns(CorpusWarning, match="is not the published file"):
        assert find_corpus("timemachine").resolve() == file.resolve()


def test_warning_points_at_the_line_of_the_caller(places):
    write(places[0] / "timemachine.txt")
    for load in (
        lambda: load_corpus("timemachine"),
        lambda: find_corpus("timemachine"),
        lambda: gluonrnn.load_data_time_machine(),
    ):
        with pytest.warns(CorpusWarning, match="is not the published file") as caught:
            load()
        assert (caught[0].filename, caught[0].lineno) == (__file__, load.__code__.co_firstlineno)


def test_damaged_file_in_the_cache_is_not_used(publish):
    known = publish("timemachine")
    write(cache_folder() / known.file_name, TEXT[:-1])
    with pytest.raises(CorpusNotFoundError, match=r"timemachine\.txt \(the cache\): it is damaged"):
        find_corpus("timemachine")


def test_miss_lists_every_place_in_order_and_both_names_of_the_file(places):
    with pytest.raises(CorpusNotFoundError, match=r"'jaychou-2017' .* GLUONRNN_OFFLINE is set") as caught:
        find_corpus("jaychou-2017")
    found = re.findall(r"(\S+/jaychou_lyrics\S*\.txt\.zip) \(", str(caught.value))
    folders = [places[0], "../data", "data", places[3]]
    names = ["jaychou_lyrics_2017.txt.zip", "jaychou_lyrics.txt.zip"]
    assert found == [f"{folder}/{name}" for folder in folders for name in names]
    assert isinstance(caught.value, FileNotFoundError)


# --- load_corpus ---


@pytest.fixture
def words(publish):
    """Let the Time Machine be five words on disk, of which the book takes the first ten characters."""
    publish("timemachine", b"One\r\nTWO\nthree four five", max_chars=10)
    return write(Path("data/timemachine.txt"), b"One\r\nTWO\nthree four five")


def text_of(corpus):
    return "".join(corpus.idx_to_char[i] for i in corpus.corpus_indices)


def test_known_corpus_as_the_book_has_it_or_as_asked(words):
    for options, expected in (
        ({}, "one two th"),
        ({"max_chars": "book"}, "one two th"),
        ({"max_chars": 15}, "one two three f"),
        ({"max_chars": None}, "one two three four five"),
        ({"keep_newlines": True}, "one\ntwo\nth"),
        ({"keep_newlines": True, "max_chars": None}, "one\ntwo\nthree four five"),
    ):
        corpus = load_corpus("timemachine", **options)
        assert text_of(corpus) == expected, options
        assert corpus.vocab_size == len(corpus.idx_to_char) == len(corpus.char_to_idx) == len(set(expected))


def test_only_the_corpus_that_the_book_lowers_is_lowered(publish):
    known = publish("jaychou", zipped("jaychou_lyrics.txt", "La\nLA"))
    write(Path("data") / known.file_name, zipped("jaychou_lyrics.txt", "La\nLA"))
    assert text_of(load_corpus("jaychou")) == "La LA"


def test_known_archive_is_read_by_the_name_of_its_member(publish, monkeypatch):
    with zipfile.ZipFile("both.zip", "w") as archive:
        archive.writestr("jaychou_lyrics.txt", "right")
        archive.writestr("a.txt", "wrong")
    content = Path("both.zip").read_bytes()
    known = publish("jaychou", content)
    write(Path("data") / known.file_name, content)
    assert text_of(load_corpus("jaychou")) == "right"


def test_text_of_your_own():
    text = "Over\r\n\nand\n\rOVER\r"
    assert text_of(load_corpus(text=text)) == text_of(load_corpus(text=text, max_chars=None)) == "Over  and  OVER "
    assert text_of(load_corpus(text=text, max_chars=6)) == "Over  "
    assert text_of(load_corpus(text=text, max_chars=7, keep_newlines=True)) == "Over\n\na"


def test_text_is_taken_before_a_name():
    assert text_of(load_corpus("timemachine", text="ABC", max_chars=2)) == "AB"


@pytest.mark.parametrize("kind", [str, Path])
def test_text_file_of_your_own(kind):
    write(Path("own.txt"), b"Ein Lied\nund noch eins")
    assert text_of(load_corpus(kind("own.txt"))) == "Ein Lied und noch eins"
    assert text_of(load_corpus(kind("own.txt"), max_chars=8, keep_newlines=True)) == "Ein Lied"


def test_archive_of_your_own():
    write(Path("own.zip"), zipped("song.txt", "雨落在窗前"))
    assert text_of(load_corpus("own.zip")) == "雨落在窗前"


def test_name_of_a_corpus_wins_over_a_file_of_that_name():
    write(Path("lyrics"), b"my own")
    assert load_corpus("lyrics").vocab_size == KNOWN_CORPORA["lyrics"].vocab_size
    assert text_of(load_corpus("./lyrics")) == text_of(load_corpus(Path("lyrics"))) == "my own"


def test_text_passed_as_a_name_says_how_to_pass_it():
    # longer than any file name may be
    with pytest.raises(FileNotFoundError, match="or pass the text itself as text="):
        load_corpus("over and over " * 20)


# --- fetching ---


class Home:
    """The public home of a corpus, on this machine: what it sends, and what it was asked for."""

    def __init__(self):
        self.body, self.missing, self.status, self.asked = TEXT, 0, 200, []

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(handler):  # noqa: N805
                self.asked.append(handler.path)
                handler.send_response(self.status)
                handler.send_header("Content-Length", str(len(self.body) + self.missing))
                handler.end_headers()
                handler.wfile.write(self.body)

            def log_message(handler, *arguments):  # noqa: N805
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/corpora/a.txt"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01})
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@pytest.fixture
def online(monkeypatch):
    """Allow fetching, from this machine and past any proxy."""
    monkeypatch.delenv("GLUONRNN_OFFLINE")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    gc.freeze()  # what was there before need not be gone through
    yield
    gc.collect()
    gc.unfreeze()


# of the socket of a failed download, which pooch leaves to the garbage collector
ignores_unclosed = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture
def home(online):
    home = Home()
    yield home
    home.close()


def cached_files():
    folder = cache_folder()
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


def fails_to_fetch(name, url):
    """Fetch, and return the cause that the error names; nothing may be left behind."""
    with pytest.raises(
        CorpusNotFoundError, match=f"the corpus {name!r} .* was not found, and it could not be"
    ) as caught:
        load_corpus(name)
    message = str(caught.value)
    assert "\n" not in message
    assert "name its folder in GLUONRNN_DATA, or pass path=" in message
    assert "looked at ../data/" in message
    assert cached_files() == []
    cause = re.search(rf"it could not be fetched from {re.escape(url)} \((.*?)\); looked at", message)
    assert cause, message
    return cause.group(1)


def test_fetched_corpus_is_kept_and_not_asked_for_again(home, publish, capfd):
    known = publish("timemachine", url=home.url)
    corpus = load_corpus("timemachine", max_chars=13)
    assert pooch.get_logger().level == logging.NOTSET  # as pooch leaves it
    assert text_of(corpus) == "over the hill"
    assert home.asked == ["/corpora/a.txt"]
    assert cached_files() == ["timemachine.txt"]
    assert (cache_folder() / known.file_name).read_bytes() == TEXT
    printed = capfd.readouterr()
    assert printed.out == ""
    assert printed.err == f"gluonrnn: fetching timemachine.txt from {home.url} into {cache_folder()}\n"

    assert load_corpus("timemachine", max_chars=13) == corpus
    assert find_corpus("timemachine") == fetch_corpus("timemachine") == cache_folder() / known.file_name
    assert len(home.asked) == 1
    assert capfd.readouterr() == ("", "")


def test_damaged_file_in_the_cache_is_fetched_anew_and_kept(home, publish, capfd):
    known = publish("timemachine", url=home.url)
    write(cache_folder() / known.file_name, TEXT[:-1])
    assert find_corpus("timemachine").read_bytes() == TEXT
    assert cached_files() == ["timemachine.other-1.txt", known.file_name]
    assert (cache_folder() / "timemachine.other-1.txt").read_bytes() == TEXT[:-1]
    assert "timemachine.txt was not the published file; kept as " in capfd.readouterr().err


def test_nothing_is_asked_for_offline(home, publish, monkeypatch):
    publish("timemachine", url=home.url)
    monkeypatch.setenv("GLUONRNN_OFFLINE", "1")
    for function in (find_corpus, fetch_corpus, load_corpus):
        with pytest.raises(CorpusNotFoundError, match="was not fetched because GLUONRNN_OFFLINE is set"):
            function("timemachine")
    assert home.asked == []
    assert cached_files() == []


def test_nothing_is_asked_for_when_the_file_is_at_hand(home, publish):
    known = publish("timemachine", url=home.url)
    write(Path("data") / known.file_name)
    assert text_of(load_corpus("timemachine")).startswith("over the hill")
    assert home.asked == []


@ignores_unclosed
def test_download_with_another_hash_is_thrown_away(home, publish):
    publish("timemachine", url=home.url)
    home.body = TEXT.replace(b"hill", b"dale")
    cause = fails_to_fetch("timemachine", home.url)
    assert cause == "what the server sent has another SHA-256 than the published file"
    assert len(home.asked) == 1


@ignores_unclosed
def test_refused_connection(online, publish):
    # bound and not listening: the port is taken, and nobody answers
    with socket.socket() as unheard:
        unheard.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unheard.getsockname()[1]}/a.txt"
        publish("timemachine", url=url)
        cause = fails_to_fetch("timemachine", url)
    assert "Connection refused" in cause
    assert " object at 0x" not in cause


@ignores_unclosed
def test_connection_broken_in_the_middle(home, publish):
    publish("timemachine", url=home.url)
    home.body, home.missing = TEXT[:20], len(TEXT) - 20
    cause = fails_to_fetch("timemachine", home.url)
    # urllib3 before 2 does not count what it received, and the hash tells
    assert "IncompleteRead(20 bytes read" in cause or "another SHA-256" in cause


@ignores_unclosed
@pytest.mark.parametrize(("status", "cause"), [(404, "404 Client Error: Not Found"), (503, "503 Server Error")])
def test_server_without_the_file(home, publish, status, cause):
    publish("timemachine", url=home.url)
    home.status, home.body = status, b"<html>sorry</html>"
    assert cause in fails_to_fetch("timemachine", home.url)


def test_published_archive_that_is_corrupt(home, publish):
    archive = zipped("jaychou_lyrics.txt", "la la la")
    home.body = archive.replace(b"la la la", b"la la ma")
    known = publish("jaychou", home.body, url=home.url)
    with pytest.raises(
        ValueError, match=r"jaychou_lyrics\.txt\.zip cannot be read \(Bad CRC-32 .*\): unpack it, or copy or fetch"
    ):
        load_corpus("jaychou")
    # its hash is the published one: it stays, and nothing else does
    assert cached_files() == [known.file_name]


@ignores_unclosed
def test_cache_that_cannot_be_made(home, publish, clean_world):
    publish("timemachine", url=home.url)
    write(clean_world / "cache", b"a file where the folder should be")
    with pytest.raises(CorpusNotFoundError, match=r"could not be fetched from .* \(.*(Not a directory|File exists)"):
        load_corpus("timemachine")
    assert (clean_world / "cache").read_bytes() == b"a file where the folder should be"


@ignores_unclosed
def test_interrupted_download_leaves_nothing(home, publish, monkeypatch):
    import requests

    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    publish("timemachine", url=home.url)
    monkeypatch.setattr(requests.Response, "iter_content", interrupt)
    with pytest.raises(KeyboardInterrupt):
        load_corpus("timemachine")
    assert home.asked == ["/corpora/a.txt"]
    assert cached_files() == []


# --- the real corpora ---


@NEEDS_REAL_DATA
@pytest.mark.parametrize(
    ("name", "length", "vocab_size"),
    [("jaychou", 10_000, 1027), ("jaychou-2017", 20_000, 1465), ("timemachine", 10_000, 43)],
)
def test_real_corpus_has_the_books_figures(name, length, vocab_size, monkeypatch):
    # a file that is not the published one would warn, and a warning is an error
    monkeypatch.setenv("GLUONRNN_DATA", str(REAL_FOLDER))
    corpus = load_corpus(name)
    assert (len(corpus.corpus_indices), corpus.vocab_size) == (length, vocab_size)
    assert corpus.vocab_size == KNOWN_CORPORA[name].vocab_size
    assert set(corpus.corpus_indices) == set(range(vocab_size))
    assert corpus.idx_to_char == sorted(corpus.char_to_idx)
    assert "\n" not in corpus.char_to_idx
    assert all(char in corpus.char_to_idx for prefix in KNOWN_CORPORA[name].prefixes for char in prefix)
