"""The folder that a document runs in, what is put there, and what is said of what is not."""

from __future__ import annotations

import dataclasses
import hashlib
import io
import os
import re
import shutil
import stat
import tempfile
import threading
import warnings
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gluonrnn as gb
from gluonrnn.corpus.lookup import KNOWN_CORPORA, cache_folder, find_corpus
from gluonrnn.errors import CorpusNotFoundError
from gluonrnn.rerun import workspace as module
from gluonrnn.rerun.document import Cell, Document
from gluonrnn.rerun.sample_corpora import SAMPLES
from gluonrnn.rerun.workspace import missing_data_hint, temporary_workspace
from gluonrnn.seq2seq.data import preprocess_nmt, tokenize_nmt

EDITIONS = ["utils", "gluonbook-0.6", "gluonbook", "d2l-0.10", "d2l", ""]
FILES = {"jaychou": "jaychou_lyrics.txt.zip", "timemachine": "timemachine.txt"}
NOVEL, PAIRS, SMALL = b"Over the hill\n", b"Go.\tVa !\nStop!\tArr\xc3\xaate !\n", b"il dort .\the is asleep .\n"
BUNDLED = find_corpus("lyrics").parent


def write(path, content=NOVEL):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def zipped(**members):
    """Return an archive without the time of day in it: the names of tests are made of its bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name.replace("__", "/").replace("_txt", ".txt")), content)
    return buffer.getvalue()


LYRICS_2017, LYRICS_2018 = zipped(jaychou_lyrics_txt="分开 2017"), zipped(jaychou_lyrics_txt="分开 2018")


@pytest.fixture(autouse=True)
def published(monkeypatch):
    """Let the corpora of the book be made-up bytes."""
    for name, content in {"jaychou": LYRICS_2018, "jaychou-2017": LYRICS_2017, "timemachine": NOVEL}.items():
        known = dataclasses.replace(KNOWN_CORPORA[name], sha256=hashlib.sha256(content).hexdigest())
        monkeypatch.setitem(KNOWN_CORPORA, name, known)


@pytest.fixture(autouse=True)
def temporary(clean_world, monkeypatch):
    """Let temporary folders be in one of their own, where nothing is left."""
    monkeypatch.setattr(tempfile, "tempdir", str(clean_world / "temporary"))
    (clean_world / "temporary").mkdir()
    yield clean_world / "temporary"
    assert not list((clean_world / "temporary").iterdir())


@pytest.fixture
def mine(clean_world, monkeypatch):
    monkeypatch.setenv("GLUONRNN_DATA", str(clean_world / "mine"))
    return clean_world / "mine"


@pytest.fixture
def book(clean_world):
    """Return the folder of a chapter that is not the current folder's, with ``data`` beside it."""
    (clean_world / "book" / "chapter_rnn").mkdir(parents=True)
    return clean_world / "book" / "chapter_rnn"


def document(folder, *sources):
    return Document(Path(folder) / "rnn.md", "markdown", tuple(Cell("code", source) for source in sources))


def everything(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if not path.is_dir())


def contents(workspace):
    return {name: (workspace.root / name).read_bytes() for name in everything(workspace.root)}


def members(path):
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


# --- the folder ---


def test_folder_is_laid_out_as_the_books_and_removed(temporary):
    with temporary_workspace(document("here"), "d2l") as workspace:
        assert sorted(path.name for path in workspace.root.iterdir()) == ["chapter", "data", "img"]
        assert (workspace.chapter, workspace.data) == (workspace.root / "chapter", workspace.root / "data")
        assert (workspace.chapter / "../data").resolve() == workspace.data
        assert not everything(workspace.root)
        assert workspace.root.parent == temporary
        assert (workspace.notes, workspace.samples) == ([], [])
    assert not workspace.root.exists()


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, GeneratorExit])
def test_folder_is_removed_whatever_happens(error):
    roots = []

    def run():
        with temporary_workspace(document("."), "d2l") as workspace:
            roots.append(write(workspace.chapter / "deep" / "er" / "x").parents[3])
            raise error

    with pytest.raises(error):
        run()
    assert roots[0].name.startswith("gluonrnn-")
    assert not roots[0].exists()


def test_folder_is_removed_if_it_cannot_be_furnished(monkeypatch, temporary):
    monkeypatch.setattr(module, "_place_samples", lambda *given: 1 / 0)
    with pytest.raises(ZeroDivisionError), temporary_workspace(document("."), "d2l", sample_data=True):
        pass
    assert not list(temporary.iterdir())


def test_removal_leaves_what_links_lead_to(clean_world):
    kept = write(clean_world / "kept" / "file.txt")
    os.chmod(kept.parent, 0o750)
    os.chmod(kept, 0o440)
    with temporary_workspace(document("."), "d2l") as workspace:
        (workspace.chapter / "folder").symlink_to(kept.parent)
        (workspace.chapter / "file").symlink_to(kept)
        (workspace.chapter / "nowhere").symlink_to(clean_world / "nowhere")
    assert not workspace.root.exists()
    assert kept.read_bytes() == NOVEL
    assert [stat.S_IMODE(path.stat().st_mode) for path in (kept.parent, kept)] == [0o750, 0o440]


def test_removal_opens_every_folder_first(monkeypatch):
    modes, cleanup = [], tempfile.TemporaryDirectory.cleanup
    with temporary_workspace(document("."), "d2l") as workspace:
        inner = write(workspace.chapter / "a" / "b" / "x").parent
        os.chmod(inner / "x", 0o400)
        folders = [inner, inner.parent, workspace.chapter, workspace.root]
        for folder in folders:
            os.chmod(folder, 0o500)

        def seen(holder):  # root may do all, so that removal alone shows nothing
            modes.extend(stat.S_IMODE(folder.stat().st_mode) for folder in folders)
            cleanup(holder)

        monkeypatch.setattr(tempfile.TemporaryDirectory, "cleanup", seen)
    assert modes == [0o700] * 4
    assert not workspace.root.exists()


@pytest.mark.parametrize("error", [OSError(39, "Directory not empty"), RecursionError("again and again")])
def test_folder_that_stays_costs_nothing_and_is_said_to(error, monkeypatch, capsys):
    def stay(holder):
        cleanup(holder)
        raise error

    cleanup = tempfile.TemporaryDirectory.cleanup
    monkeypatch.setattr(tempfile.TemporaryDirectory, "cleanup", stay)
    with temporary_workspace(document("."), "d2l") as workspace:
        pass
    assert capsys.readouterr().err == f"gluonrnn: {workspace.root} could not be removed ({error}): remove it by hand\n"


# --- the corpora of the machine ---


@pytest.mark.parametrize("place", ["mine", "data", "here/data", "cache", "book/data", "book/chapter_rnn/data"])
def test_corpora_are_found_on_the_machine_and_about_the_document(place, clean_world, mine, book):
    folder = cache_folder() if place == "cache" else clean_world / place
    write(folder / FILES["timemachine"])
    write(folder / FILES["jaychou"], LYRICS_2018)
    write(folder / "fra-eng" / "fra.txt", PAIRS)
    write(folder / "fr-en-small.txt", SMALL)
    write(folder / "ptb.zip", SMALL)
    with temporary_workspace(document(book, MENTIONS), "d2l", sample_data=True) as workspace:
        found = contents(workspace)
        assert members(workspace.chapter / "fra-eng.zip") == {"fra-eng/fra.txt": PAIRS, "fra.txt": PAIRS}
    del found["chapter/fra-eng.zip"]
    assert found == {
        "data/timemachine.txt": NOVEL,
        "data/jaychou_lyrics.txt.zip": LYRICS_2018,
        "data/fra-eng/fra.txt": PAIRS,
        "data/fr-en-small.txt": SMALL,
        "data/ptb.zip": SMALL,
    }
    assert (workspace.notes, workspace.samples) == ([], [])


def test_copies_are_no_links_and_can_be_written(mine):
    corpus = write(mine / FILES["timemachine"])
    os.chmod(corpus, 0o444)
    with temporary_workspace(document("."), "d2l") as workspace:
        copy = workspace.data / corpus.name
        assert not copy.is_symlink()
        assert copy.stat().st_mode & stat.S_IWUSR
        copy.write_bytes(b"overwritten")
    assert corpus.read_bytes() == NOVEL


@pytest.mark.parametrize("edition", EDITIONS)
@pytest.mark.parametrize("name_of_2017", ["jaychou_lyrics_2017.txt.zip", "jaychou_lyrics.txt.zip"])
def test_edition_has_its_revision_of_the_lyrics(edition, name_of_2017, mine, clean_world):
    write(mine / name_of_2017, LYRICS_2017)
    write(clean_world / "data" / FILES["jaychou"], LYRICS_2018)
    with temporary_workspace(document("."), edition) as workspace:
        assert everything(workspace.root) == ["data/jaychou_lyrics.txt.zip"]
        expected = LYRICS_2017 if edition in ("utils", "gluonbook-0.6") else LYRICS_2018
        assert (workspace.data / FILES["jaychou"]).read_bytes() == expected
        assert workspace.notes == []


@pytest.mark.parametrize(
    ("edition", "content", "note"),
    [
        ("utils", LYRICS_2018, "is the corpus 'jaychou', and not 'jaychou-2017', which the document was written for"),
        ("gluonbook", LYRICS_2017, "is the corpus 'jaychou-2017', and not 'jaychou', which the document was written"),
    ],
)
def test_other_revision_of_the_lyrics_is_better_than_none(edition, content, note, mine):
    write(mine / FILES["jaychou"], content)
    with temporary_workspace(document("."), edition, sample_data=True) as workspace:
        assert (workspace.data / FILES["jaychou"]).read_bytes() == content
        assert workspace.data / FILES["jaychou"] not in workspace.samples
    assert f"data/jaychou_lyrics.txt.zip {note}" in workspace.notes[0]
    assert [text for text in workspace.notes if "jaychou" in text] == workspace.notes[:1]


def test_corpus_that_is_not_the_published_one_is_used_and_said_to_be(mine):
    write(mine / FILES["timemachine"], b"mine")
    with temporary_workspace(document("."), "d2l") as workspace:
        assert (workspace.data / FILES["timemachine"]).read_bytes() == b"mine"
    assert workspace.notes == [f"data/timemachine.txt is {mine / 'timemachine.txt'}, which is not the published file"]


KINDS = [None, LYRICS_2018, LYRICS_2017, b"damaged or mine"]


@given(
    kinds=st.lists(st.sampled_from(KINDS), min_size=4, max_size=4),
    kinds_2017=st.lists(st.sampled_from(KINDS), min_size=4, max_size=4),
    name=st.sampled_from(["jaychou", "jaychou-2017"]),
)
def test_corpora_are_chosen_as_find_corpus_chooses(kinds, kinds_2017, name):
    with tempfile.TemporaryDirectory() as temporary, pytest.MonkeyPatch.context() as patch:
        root = Path(temporary)
        (root / "here").mkdir()
        patch.chdir(root / "here")
        patch.setenv("GLUONRNN_DATA", str(root / "mine"))
        patch.setenv("XDG_CACHE_HOME", str(root / "cache"))
        folders = [root / "mine", root / "data", root / "here" / "data", cache_folder()]
        for folder, kind, kind_2017 in zip(folders, kinds, kinds_2017):
            for file_name, content in ((FILES["jaychou"], kind), ("jaychou_lyrics_2017.txt.zip", kind_2017)):
                if content is not None:
                    write(folder / file_name, content)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                expected = find_corpus(name, fetch=False).resolve()
        except CorpusNotFoundError:
            expected = None
        found = module._find(KNOWN_CORPORA[name], [folder for folder, _ in module.folders_of_data()])
        assert (found and found[0].resolve()) == expected
        if found:
            assert found[1] == (expected.read_bytes() == {"jaychou": LYRICS_2018}.get(name, LYRICS_2017))


@pytest.mark.parametrize("member", ["fra-eng__fra_txt", "fra_txt"])
@pytest.mark.parametrize("place", ["mine", "book/data", "book/chapter_rnn"])
def test_sentences_are_found_in_their_archive(member, place, clean_world, mine, book):
    write(clean_world / place / "fra-eng.zip", zipped(**{member: PAIRS, "_about_txt": b"about"}))
    with temporary_workspace(document(book), "d2l") as workspace:
        assert everything(workspace.root) == ["chapter/fra-eng.zip", "data/fra-eng/fra.txt"]
        assert (workspace.data / "fra-eng" / "fra.txt").read_bytes() == PAIRS
        assert members(workspace.chapter / "fra-eng.zip") == {"fra-eng/fra.txt": PAIRS, "fra.txt": PAIRS}
        assert workspace.notes == []


def test_unpacked_sentences_are_taken_rather_than_their_archive(mine):
    write(mine / "fra-eng" / "fra.txt", PAIRS)
    write(mine / "fra-eng.zip", zipped(fra_txt=b"another"))
    with temporary_workspace(document("."), "d2l") as workspace:
        assert (workspace.data / "fra-eng" / "fra.txt").read_bytes() == PAIRS


def test_corpus_that_may_not_be_read_is_passed_over(mine, clean_world, monkeypatch):
    closed = write(mine / FILES["timemachine"], b"closed")
    write(clean_world / "data" / FILES["timemachine"])
    monkeypatch.setattr(module.os, "access", lambda path, mode: path != closed)
    with temporary_workspace(document("."), "d2l") as workspace:
        assert (workspace.data / FILES["timemachine"]).read_bytes() == NOVEL


PACKED = zipped(fra_txt=b"a" * 100)


@pytest.mark.parametrize(
    "content", [b"no archive", b"", zipped(other_txt=b"x"), PACKED.replace(b"a" * 100, b"b" * 100), PACKED[:-9]]
)
def test_archive_that_is_none_is_passed_over_and_said_to_be(content, mine, clean_world):
    write(mine / "fra-eng.zip", content)
    write(clean_world / "data" / "fra-eng" / "fra.txt", PAIRS)
    with temporary_workspace(document("."), "d2l") as workspace:
        assert (workspace.data / "fra-eng" / "fra.txt").read_bytes() == PAIRS
    assert len(workspace.notes) == 1
    assert workspace.notes[0].startswith(f"{mine / 'fra-eng.zip'} is skipped because it cannot be read (")


def test_gluon_finds_the_archive_without_a_network(mine, monkeypatch):
    from mxnet import gluon

    write(mine / "fra-eng" / "fra.txt", PAIRS)
    with temporary_workspace(document("."), "d2l-0.10") as workspace:
        monkeypatch.chdir(workspace.chapter)
        name = gluon.utils.download("http://127.0.0.1:1/data/fra-eng.zip")
        assert members(name)["fra.txt"] == PAIRS
        assert gb.d2l.read_data_nmt() == PAIRS.decode("utf-8")


# --- the reader's own files ---


def test_files_that_the_code_names_are_copied_to_the_same_place(book, temporary, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(temporary / ".." / temporary.name))
    names = ["notes.csv", "../data/mine.txt", "../img/cat.jpg", "sub/folder/x.txt", "../other.txt"]
    for name in names:
        write(book / name, name.encode())
    os.chmod(book / "notes.csv", 0o444)
    write(book / "not-named.csv")
    code = [f"%matplotlib inline\nread({name!r})" for name in names] + ["this is no Python"]
    with temporary_workspace(document(book, *code), "d2l") as workspace:
        assert {name: (workspace.chapter / name).read_bytes() for name in names} == {
            name: name.encode() for name in names
        }
        assert len(everything(workspace.root)) == len(names)
        (workspace.chapter / "notes.csv").write_bytes(b"overwritten")
    assert workspace.notes == []


def test_files_are_found_wherever_the_current_folder_is(book, monkeypatch):
    write(book / "notes.csv")
    for current, path in ((book.parent, "chapter_rnn"), (book, "."), (book, "../chapter_rnn")):
        monkeypatch.chdir(current)
        with temporary_workspace(document(path, "f = 'notes.csv'"), "d2l") as workspace:
            assert everything(workspace.root) == ["chapter/notes.csv"]


@pytest.mark.parametrize(
    "name", ["{top}/book/data/a.txt", "../../a.txt", "../../book/data/a.txt", "nowhere.txt", "..", "", "\0", "x" * 5000]
)
def test_other_strings_are_no_files_to_copy(name, book, clean_world):
    for place in ("a.txt", "book/data/a.txt"):
        write(clean_world / place)
    name = name.format(top=clean_world)
    with temporary_workspace(document(book, f"f = {name!r}"), "d2l") as workspace:
        assert everything(workspace.root) == []
        assert workspace.notes == []


def test_strings_of_prose_and_comments_are_not_looked_at(book):
    write(book / "notes.csv")
    cells = (Cell("prose", "'notes.csv'"), Cell("code", "# 'notes.csv'\nx = 1"))
    with temporary_workspace(Document(book / "rnn.md", "markdown", cells), "d2l") as workspace:
        assert everything(workspace.root) == []


def test_published_corpus_is_not_overwritten_by_the_readers_own(book, mine):
    write(mine / FILES["timemachine"])
    write(book / "../data/timemachine.txt", b"mine")
    with temporary_workspace(document(book, "f = open('../data/timemachine.txt')"), "d2l") as workspace:
        assert (workspace.data / "timemachine.txt").read_bytes() == NOVEL


def test_large_file_is_left_and_said_to_be(book):
    with open(book / "large.bin", "wb") as file:
        file.truncate((200 << 20) + 1)
    write(book / "small.bin")
    with temporary_workspace(document(book, "f = ['large.bin', 'small.bin']"), "d2l") as workspace:
        assert everything(workspace.root) == ["chapter/small.bin"]
    assert workspace.notes == [
        f"{book / 'large.bin'} is not copied because it is larger than 200 MB",
    ]


def test_file_that_cannot_be_copied_is_said_to_be(book, monkeypatch):
    write(book / "notes.csv")

    def refused(source, target):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(shutil, "copyfile", refused)
    with temporary_workspace(document(book, "f = 'notes.csv'"), "d2l") as workspace:
        pass
    assert workspace.notes == [f"{book / 'notes.csv'} could not be copied (Permission denied)"]


# --- the bundled texts in their place ---


MENTIONS = "# load_data_jay_lyrics, time_machine, read_data_nmt, fr-en-small, ptb"


@pytest.mark.parametrize("edition", EDITIONS)
def test_samples_stand_in_for_what_is_missing(edition):
    with temporary_workspace(document(".", MENTIONS), edition, sample_data=True) as workspace:
        names = ["fr-en-small.txt", "fra-eng/fra.txt", "jaychou_lyrics.txt.zip", "ptb.zip", "timemachine.txt"]
        assert everything(workspace.data) == names
        assert sorted(workspace.samples) == [workspace.data / name for name in names]
        assert len(workspace.notes) == len(names)
        for name in names:
            said = [
                note for note in workspace.notes if note.startswith(f"data/{name} is not the published text but the")
            ]
            assert len(said) == 1
            assert said[0].endswith("(--sample-data)")
        assert (workspace.data / "timemachine.txt").read_bytes() == (BUNDLED / "prose.txt").read_bytes()
        sentences = (BUNDLED / "sentences.txt").read_bytes()
        assert (workspace.data / "fra-eng/fra.txt").read_bytes() == sentences
        assert members(workspace.chapter / "fra-eng.zip") == {"fra-eng/fra.txt": sentences, "fra.txt": sentences}
    assert "the bundled prose.txt" in "".join(workspace.notes)


def test_sample_lyrics_have_what_chapters_start_from():
    with temporary_workspace(document("."), "utils", sample_data=True) as workspace:
        ((member, content),) = members(workspace.data / "jaychou_lyrics.txt.zip").items()
    text = content.decode("utf-8").replace("\n", " ")
    assert member == "jaychou_lyrics.txt"
    assert len(text) > 10_000
    for prefix in ("分开", "不分开", "战争中部队"):
        assert prefix in text[:10_000]
    assert (BUNDLED / "lyrics.txt").read_text(encoding="utf-8").replace("\n", " ") in text
    novel = (BUNDLED / "prose.txt").read_text(encoding="utf-8").lower()
    assert set("time traveller") <= set(novel[:10_000])


def test_small_sample_is_of_the_kind_that_the_book_has():
    with temporary_workspace(document("."), "gluonbook", sample_data=True) as workspace:
        text = (workspace.data / "fr-en-small.txt").read_text(encoding="utf-8")
    lines = [line.split("\t") for line in text.splitlines()]
    assert len(lines) == 20
    assert ["ils regardent .", "they are watching ."] in lines
    for french, english in lines:
        assert max(len(french.split(" ")), len(english.split(" "))) <= 5
        assert french == french.lower()
        assert english.endswith(" .")
        assert french.endswith(" .")


def test_only_samples_that_the_document_speaks_of_are_noted():
    with temporary_workspace(document(".", "open('../data/timemachine.txt')"), "d2l", sample_data=True) as workspace:
        assert len(workspace.samples) == len(SAMPLES)
    assert workspace.notes == [
        "data/timemachine.txt is not the published text but the bundled prose.txt (--sample-data)"
    ]


def test_sample_words_are_in_the_layout_of_the_treebank():
    with temporary_workspace(document("."), "utils", sample_data=True) as workspace:
        parts = members(workspace.data / "ptb.zip")
    assert list(parts) == ["ptb/ptb.train.txt", "ptb/ptb.valid.txt", "ptb/ptb.test.txt"]
    lines = [content.decode("utf-8").splitlines() for content in parts.values()]
    assert len(lines[0]) > 2 * len(lines[1]) > 20
    assert len(lines[2]) > 10
    for line in (line for part in lines for line in part):
        assert set(line) <= set("abcdefghijklmnopqrstuvwxyz' ")
        assert line == f" {line.strip()} "


def test_only_what_is_missing_is_stood_in_for(mine, book):
    write(mine / FILES["timemachine"])
    write(book / "../data/fra-eng/about.txt")
    with temporary_workspace(document(book, "f = '../data/fra-eng/about.txt'"), "d2l", sample_data=True) as workspace:
        assert (workspace.data / "timemachine.txt").read_bytes() == NOVEL
        assert (workspace.data / "fra-eng" / "about.txt").read_bytes() == NOVEL
    assert [path.name for path in workspace.samples] == [
        "jaychou_lyrics.txt.zip",
        "fra.txt",
        "fr-en-small.txt",
        "ptb.zip",
    ]


def test_samples_are_found_by_the_loaders(monkeypatch):
    with temporary_workspace(document("."), "gluonbook", sample_data=True) as workspace:
        monkeypatch.chdir(workspace.chapter)
        with pytest.warns(gb.errors.CorpusWarning, match="is not the published file"):
            corpus = gb.load_data_jay_lyrics()
        _, source, target = gb.d2l.load_data_nmt(batch_size=64, num_steps=8)
    assert len(corpus.corpus_indices) == 10_000
    assert all(char in corpus.char_to_idx for char in "不分开战争中部队")
    assert (len(source), len(target)) == (185, 238)


def test_folders_are_furnished_side_by_side(mine):
    write(mine / FILES["timemachine"], b"mine")
    seen = []

    def furnish():
        with temporary_workspace(document(".", MENTIONS), "d2l", sample_data=True) as workspace:
            seen.append((everything(workspace.root), len(workspace.notes), str(workspace.root)))

    threads = [threading.Thread(target=furnish) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({root for _, _, root in seen}) == 4
    assert [(names, notes) for names, notes, _ in seen] == [(seen[0][0], 5)] * 4


# --- the bundled texts themselves ---


def sentences():
    text = (BUNDLED / "sentences.txt").read_bytes().decode("utf-8")
    assert text.endswith("\n")
    assert "\r" not in text
    return text


def test_sentences_are_pairs_from_short_to_long():
    pairs = [line.split("\t") for line in sentences().splitlines()]
    assert {len(pair) for pair in pairs} == {2}
    lengths = [len(english) for english, _ in pairs]
    assert lengths == sorted(lengths)
    assert len({english for english, _ in pairs}) == len(pairs)
    for english, french in pairs:
        assert re.fullmatch(r"[A-Z][A-Za-z', ]*[.!?]", english)
        assert re.fullmatch(r"[A-ZÀÉÇ][A-Za-zàâçéèêîïôùûœ', -]*(\.|\u202f[!?])", french)
        assert (english[-1] == "?") == (french[-1] == "?")
        assert "  " not in english + french


def test_sentences_hold_what_the_book_translates():
    source, target = tokenize_nmt(preprocess_nmt(sentences()), 600)
    pairs = {" ".join(english): " ".join(french) for english, french in zip(source, target)}
    assert pairs["go ."] == "va !"
    assert pairs["i lost ."] == "j'ai perdu ."
    assert pairs["he's calm ."] == "il est calme ."
    assert pairs["i'm home ."] == "je suis chez moi ."
    assert pairs["i'm ok ."] == "je vais bien ."
    assert pairs["i won !"] == "j'ai gagné !"
    assert pairs["come on !"] == "allez !"


def test_readme_of_the_data_knows_its_files():
    readme = (BUNDLED / "README.md").read_text(encoding="utf-8")
    for path in BUNDLED.glob("*.txt"):
        text = path.read_bytes()
        assert f"`{path.name}`" in readme
        assert f"`{hashlib.sha256(text).hexdigest()}`" in readme
        assert f"{len(text.decode('utf-8')):,}" in readme
    words = tokenize_nmt(preprocess_nmt(sentences()))
    english, french = (len({word for line in lines for word in line}) for lines in words)
    assert f"{len(words[0])} English sentences" in readme
    assert f"{english} English, {french} French" in readme


# --- what is missing ---

LYRICS_2017_HINT = "the corpus 'jaychou-2017' is not on this machine: run gluonrnn corpora fetch jaychou-2017, or name"
NO_FILE = "FileNotFoundError: [Errno 2] No such file or directory: "
NO_LINK = "ConnectionError: HTTPConnectionPool(host='data.mxnet.io', port=80): Max retries exceeded with url: "


@pytest.mark.parametrize(
    ("error", "edition", "expected"),
    [
        (f"{NO_FILE}'../data/jaychou_lyrics.txt.zip'", "d2l", "'jaychou'"),
        (f"{NO_FILE}'../data/jaychou_lyrics.txt'", "gluonbook", "'jaychou'"),
        (f"{NO_FILE}'../data/jaychou_lyrics.txt.zip'", "utils", LYRICS_2017_HINT),
        (f"{NO_FILE}'../data/jaychou_lyrics.txt.zip'", "gluonbook-0.6", LYRICS_2017_HINT),
        (f"{NO_FILE}'../data/timemachine.txt'", "d2l", "'timemachine'"),
        ("CorpusNotFoundError: the file of 'time_machine' was not found, and ...", "d2l", "fetch timemachine, or"),
        (f"{NO_FILE}'../data/fra-eng/fra.txt'", "d2l", "fra.txt or fra-eng.zip"),
        (f"{NO_FILE}'fra-eng.zip'", "d2l", "fra.txt or fra-eng.zip"),
        ("CorpusNotFoundError: the file of 'fra-eng' was not found, and ...", "d2l", "fra.txt or fra-eng.zip"),
        ("RuntimeError: Failed downloading url http://data.mxnet.io/data/fra-eng.zip", "d2l-0.10", "or fra-eng.zip in"),
        (f"{NO_LINK}/data/fra-eng.zip (Caused by ...)", "d2l-0.10", "the English-French sentences of the book are not"),
        ("requests.exceptions.ReadTimeout: ... url: /data/fra-eng.zip", "d2l", "or fra-eng.zip in GLUONRNN_DATA"),
        (f"{NO_FILE}'../data/fr-en-small.txt'", "gluonbook", "holds fr-en-small.txt in"),
        (f"{NO_FILE}'../data/ptb.zip'", "utils", "holds ptb.zip in"),
    ],
)
def test_hint_names_the_corpus_and_how_to_supply_it(error, edition, expected):
    hint = missing_data_hint(error, edition)
    assert expected in hint
    assert "GLUONRNN_DATA" in hint
    assert hint.endswith("; --sample-data puts a bundled text in its place")
    assert hint.count("\n") == 0


@pytest.mark.parametrize("name", ["jaychou", "jaychou-2017", "timemachine"])
def test_hint_understands_what_gluonrnn_says(name):
    with pytest.raises(CorpusNotFoundError) as caught:
        find_corpus(name)
    edition = "utils" if name == "jaychou-2017" else "gluonbook"
    assert f"gluonrnn corpora fetch {name}," in missing_data_hint(f"CorpusNotFoundError: {caught.value}", edition)


@pytest.mark.parametrize(
    "error",
    [
        "",
        "ValueError: timemachine.txt is strange",
        f"{NO_FILE}'../data/mine.txt'",
        f"{NO_FILE}'my-fra.txt'",
        f"{NO_FILE}'/home/me/fra-eng/mine.txt'",
        f"{NO_FILE}'mytimemachine.txt'",
        "NameError: name 'FileNotFoundError' is not defined, fra.txt",
        f"{NO_LINK}/data/glove.zip",
        "RuntimeError: fra-eng.zip",
    ],
)
def test_other_errors_have_no_hint(error):
    assert missing_data_hint(error, "d2l") == ""
