"""Corpora by name: where they are looked for, what is said of a miss, and how they are fetched."""

from __future__ import annotations

import dataclasses
import gc
import hashlib
import http.server
import re
import socket
import threading
import zipfile
from pathlib import Path

import pytest

import gluonrnn
from gluonrnn.corpora import KNOWN_CORPORA, cache_folder, fetch_corpus, find_corpus, load_corpus
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


# --- the table ---


@pytest.mark.parametrize("name", KNOWN_CORPORA)
def test_known_corpus_is_described_in_full(name):
    known = KNOWN_CORPORA[name]
    assert known.name == name
    assert re.fullmatch("[0-9a-f]{64}", known.sha256)
    assert known.bundled == (name in ("lyrics", "prose"))
    assert known.bundled or known.url.startswith("https://")
    assert known.prefixes


def test_known_corpora_and_what_the_book_trains_on():
    sizes = {known.name: (known.max_chars, known.vocab_size) for known in KNOWN_CORPORA.values() if not known.bundled}
    assert sizes == {"jaychou": (10_000, 1027), "jaychou-2017": (20_000, 1465), "timemachine": (10_000, 43)}
    assert len({known.sha256 for known in KNOWN_CORPORA.values()}) == len(KNOWN_CORPORA) == 5


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


def test_bundled_lyrics_are_of_the_size_that_the_book_trains_on():
    corpus = load_corpus("lyrics")
    assert len(corpus.corpus_indices) >= 10_000
    assert 950 <= corpus.vocab_size <= 1100


def test_bundled_prose_has_enough_characters():
    corpus = load_corpus("prose")
    assert len(corpus.corpus_indices) >= 20_000
    assert 40 <= corpus.vocab_size <= 100


@pytest.mark.parametrize("name", ["lyrics", "prose"])
def test_bundled_corpus_comes_with_the_package_whatever_lies_about(name, places):
    for folder in places:
        write(folder / KNOWN_CORPORA[name].file_name)
    assert find_corpus(name) == fetch_corpus(name)
    assert find_corpus(name).parent.resolve() not in [folder.resolve() for folder in places]


def test_lyrics_are_the_default():
    assert load_corpus() == load_corpus("lyrics")


# --- where a corpus is looked for ---


@pytest.mark.parametrize("first", range(4))
def test_places_are_looked_through_in_order(first, places, publish):
    known = publish("timemachine")
    for folder in places[first:]:
        write(folder / known.file_name)
    assert find_corpus("timemachine").resolve() == (places[first] / known.file_name).resolve()


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
    for nowhere in (clean_world / "nowhere.txt", clean_world / "here"):
        expected = rf"'timemachine' is not at {re.escape(str(nowhere))}: pass the path of timemachine\.txt"
        with pytest.raises(CorpusNotFoundError, match=expected):
            find_corpus("timemachine", path=nowhere)


@pytest.mark.parametrize("arguments", [("lyrics",), (), ("novel.txt",)])
def test_path_is_for_known_corpora_that_do_not_come_with_the_package(clean_world, arguments):
    given = write(clean_world / "here" / "novel.txt", b"la la")
    with pytest.raises(ValueError, match=r"path says where .* lies .*: give a file of your own as the first argument"):
        load_corpus(*arguments, path=given)
    with pytest.raises(ValueError, match="path says where"):
        load_corpus(text="la la", path=given)


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


@pytest.mark.parametrize("place", [0, 1, 2])
def test_unknown_file_in_a_folder_of_the_reader_is_used_with_a_warning(place, places, publish):
    known = publish("timemachine")
    file = write(places[place] / known.file_name, b"My own Words")
    got, wanted = hashlib.sha256(b"My own Words").hexdigest(), known.sha256
    with pytest.warns(CorpusWarning, match=r"timemachine\.txt is not the published file .* used as it is") as caught:
        corpus = load_corpus("timemachine")
    assert len(caught) == 1
    assert f"(its SHA-256 is {got[:12]}..., not {wanted[:12]}...)" in str(caught[0].message)
    assert "".join(corpus.idx_to_char[i] for i in corpus.corpus_indices) == "my own words"
    with pytest.warns(CorpusWarning, match="is not the published file"):
        assert find_corpus("timemachine").resolve() == file.resolve()


@pytest.mark.parametrize(
    "load",
    [
        pytest.param(lambda: load_corpus("timemachine"), id="load_corpus"),
        pytest.param(lambda: find_corpus("timemachine"), id="find_corpus"),
        pytest.param(lambda: gluonrnn.load_data_time_machine(), id="load_data_time_machine"),
    ],
)
def test_warning_points_at_the_line_of_the_caller(load, places):
    write(places[0] / "timemachine.txt")
    with pytest.warns(CorpusWarning, match="is not the published file") as caught:
        load()
    assert caught[0].filename == __file__
    assert caught[0].lineno == load.__code__.co_firstlineno


def test_damaged_file_in_the_cache_is_not_used(publish):
    known = publish("timemachine")
    write(cache_folder() / known.file_name, TEXT[:-1])
    with pytest.raises(CorpusNotFoundError, match=r"timemachine\.txt \(the cache\): it is damaged"):
        find_corpus("timemachine")


def test_miss_lists_every_place_in_order_and_says_how_to_supply_the_file(places):
    with pytest.raises(CorpusNotFoundError, match="the corpus 'timemachine'") as caught:
        load_corpus("timemachine")
    message = str(caught.value)
    assert message == (
        "the corpus 'timemachine' (timemachine.txt) was not found, and it was not fetched because GLUONRNN_OFFLINE "
        f"is set; looked at {places[0]}/timemachine.txt (GLUONRNN_DATA): no such file; "
        "../data/timemachine.txt (the book's folder): no such file; "
        "data/timemachine.txt (under the current folder): no such file; "
        f"{places[3]}/timemachine.txt (the cache): no such file. "
        "Put the file into one of these folders, name its folder in GLUONRNN_DATA, or pass path="
    )
    assert isinstance(caught.value, FileNotFoundError)


def test_miss_lists_the_other_names_too():
    with pytest.raises(CorpusNotFoundError, match="'jaychou-2017'") as caught:
        find_corpus("jaychou-2017")
    message = str(caught.value)
    for folder in ("../data", "data", cache_folder()):
        assert f"{folder}/jaychou_lyrics_2017.txt.zip (" in message
        assert f"{folder}/jaychou_lyrics.txt.zip (" in message
    assert "name its folder in GLUONRNN_DATA, or pass path=" in message


def test_nothing_is_fetched_when_only_looked_for(monkeypatch):
    monkeypatch.delenv("GLUONRNN_OFFLINE")
    with pytest.raises(CorpusNotFoundError, match="was not found, and it was not fetched; looked at"):
        find_corpus("timemachine", fetch=False)


@pytest.mark.parametrize("function", [find_corpus, fetch_corpus])
@pytest.mark.parametrize("name", ["nothing", "Lyrics", ""])
def test_unknown_name_lists_the_known_ones(function, name):
    expected = f"no corpus named {name!r}: choose from lyrics, prose, jaychou, jaychou-2017, timemachine"
    with pytest.raises(ValueError, match=expected):
        function(name)


def test_cache_is_the_users_own_folder(clean_world):
    assert cache_folder() == clean_world / "cache" / "gluonrnn"
    assert not cache_folder().exists()


# --- load_corpus ---


@pytest.fixture
def words(publish):
    """Let the Time Machine be five words on disk, of which the book takes the first ten characters."""
    publish("timemachine", b"One\r\nTWO\nthree four five", max_chars=10)
    return write(Path("data/timemachine.txt"), b"One\r\nTWO\nthree four five")


def text_of(corpus):
    return "".join(corpus.idx_to_char[i] for i in corpus.corpus_indices)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "one two th"),
        ({"max_chars": "book"}, "one two th"),
        ({"max_chars": 5}, "one t"),
        ({"max_chars": 15}, "one two three f"),
        ({"max_chars": 1000}, "one two three four five"),
        ({"max_chars": None}, "one two three four five"),
        ({"keep_newlines": True}, "one\ntwo\nth"),
        ({"keep_newlines": True, "max_chars": None}, "one\ntwo\nthree four five"),
    ],
)
def test_known_corpus_as_the_book_has_it_or_as_asked(words, options, expected):
    corpus = load_corpus("timemachine", **options)
    assert text_of(corpus) == expected
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


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, "Over  and  OVER "),
        ({"max_chars": None}, "Over  and  OVER "),
        ({"max_chars": 6}, "Over  "),
        ({"keep_newlines": True}, "Over\n\nand\n\nOVER\n"),
        ({"keep_newlines": True, "max_chars": 7}, "Over\n\na"),
    ],
)
def test_text_of_your_own(options, expected):
    assert text_of(load_corpus(text="Over\r\n\nand\n\rOVER\r", **options)) == expected


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


def test_encoding_of_your_own_file():
    write(Path("own.txt"), "雨落在窗前".encode("gb18030"))
    assert text_of(load_corpus("own.txt", encoding="gb18030")) == "雨落在窗前"
    with pytest.raises(ValueError, match=r"own\.txt is not written in utf-8: .* encoding="):
        load_corpus("own.txt")


def test_name_of_a_corpus_wins_over_a_file_of_that_name():
    write(Path("lyrics"), b"my own")
    assert load_corpus("lyrics").vocab_size == KNOWN_CORPORA["lyrics"].vocab_size
    assert text_of(load_corpus("./lyrics")) == "my own"


def test_path_object_is_a_file_and_never_a_name():
    write(Path("lyrics"), b"my own")
    assert text_of(load_corpus(Path("./lyrics"))) == "my own"


def test_source_that_is_neither_name_nor_file():
    expected = (
        r"'nothing\.txt' is neither a known corpus \(lyrics, prose, jaychou, jaychou-2017, timemachine\) nor a file: "
        "check the name, or pass the text itself as text="
    )
    with pytest.raises(FileNotFoundError, match=expected):
        load_corpus("nothing.txt")


def test_text_passed_as_a_name_says_how_to_pass_it():
    # longer than any file name may be
    with pytest.raises(FileNotFoundError, match="or pass the text itself as text="):
        load_corpus("over and over " * 20)


def test_empty_text_and_empty_file_are_errors():
    write(Path("own.txt"), b"")
    with pytest.raises(ValueError, match="at least one character, but the text is empty"):
        load_corpus(text="")
    with pytest.raises(ValueError, match="at least one character, but the text is empty"):
        load_corpus("own.txt")


@pytest.mark.parametrize("text", [12, b"abc", ["a", "b"]])
def test_text_that_is_no_string_is_an_error(text):
    with pytest.raises(TypeError, match="text must be a string"):
        load_corpus(text=text)


@pytest.mark.parametrize("max_chars", ["all", "10", ""])
def test_number_of_characters_in_words(max_chars):
    with pytest.raises(ValueError, match=f'max_chars is a number, "book" or None, but it is {max_chars!r}'):
        load_corpus(text="abc", max_chars=max_chars)


@pytest.mark.parametrize("max_chars", [0, -3])
def test_number_of_characters_must_be_positive(max_chars):
    with pytest.raises(ValueError, match=f"max_chars must be at least 1, but it is {max_chars}"):
        load_corpus(text="abc", max_chars=max_chars)


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
    yield
    gc.collect()


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


def test_fetched_corpus_is_found_offline_afterwards(home, publish, monkeypatch):
    publish("timemachine", url=home.url)
    fetched = fetch_corpus("timemachine")
    monkeypatch.setenv("GLUONRNN_OFFLINE", "1")
    assert fetch_corpus("timemachine") == find_corpus("timemachine") == fetched


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
