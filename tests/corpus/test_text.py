"""Text to indices: the vocabulary, prefixes, the book's form of a text, and files of every sort."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gluonrnn
from gluonrnn.corpus.lookup import KNOWN_CORPORA
from gluonrnn.corpus.text import Corpus, decode_bytes, encode, index_characters, normalize
from gluonrnn.errors import UnknownCharacterError
from tests.corpus.common import read_text

CHINESE = "风吹过山岗，雨落在窗前。\n"


def run_python(code, *arguments, **environment):
    """Run code in a fresh interpreter that finds the same gluonrnn, and return what it prints."""
    finished = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(Path(gluonrnn.__file__).parents[1]), **environment},
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr.decode("utf-8", "replace")
    return finished.stdout.decode("ascii")


def write_zip(path, members, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return Path(path)


# --- index_characters ---


def test_vocabulary_of_a_small_text():
    corpus = index_characters("banana bread")
    assert corpus.idx_to_char == [" ", "a", "b", "d", "e", "n", "r"]
    assert corpus.char_to_idx == {" ": 0, "a": 1, "b": 2, "d": 3, "e": 4, "n": 5, "r": 6}
    assert corpus.corpus_indices == [2, 1, 5, 1, 5, 1, 0, 2, 6, 4, 1, 3]
    assert corpus.vocab_size == 7


def test_corpus_unpacks_in_the_order_of_the_book():
    corpus_indices, char_to_idx, idx_to_char, vocab_size = index_characters("ba")
    assert (corpus_indices, char_to_idx, idx_to_char, vocab_size) == ([1, 0], {"a": 0, "b": 1}, ["a", "b"], 2)
    assert Corpus._fields == ("corpus_indices", "char_to_idx", "idx_to_char", "vocab_size")


@given(st.text(min_size=1))
def test_vocabulary_maps_are_inverse_bijections_in_code_point_order(text):
    corpus = index_characters(text)
    assert [corpus.char_to_idx[char] for char in corpus.idx_to_char] == list(range(corpus.vocab_size))
    assert len(corpus.char_to_idx) == len(corpus.idx_to_char) == corpus.vocab_size == len(set(text))
    code_points = [ord(char) for char in corpus.idx_to_char]
    assert all(before < after for before, after in zip(code_points, code_points[1:]))


@given(st.text(min_size=1))
def test_indices_give_the_text_back(text):
    corpus = index_characters(text)
    assert "".join(corpus.idx_to_char[i] for i in corpus.corpus_indices) == text
    assert encode(text, corpus.char_to_idx) == corpus.corpus_indices


# --- encode ---


@pytest.mark.parametrize(
    ("prefix", "character", "position"),
    [("雨a", "雨", 0), ("a雨风", "雨", 1), ("aa风雨风", "风", 2), ("aaa🎵", "🎵", 3)],
)
def test_first_of_the_unknown_characters_is_named(prefix, character, position):
    with pytest.raises(UnknownCharacterError, match=f"'{character}' at position {position} of '{prefix}'") as caught:
        encode(prefix, {"a": 0})
    assert (caught.value.character, caught.value.position) == (character, position)


def test_unknown_character_error_is_a_key_error_and_shortens_a_long_text():
    assert issubclass(UnknownCharacterError, KeyError)
    message = str(UnknownCharacterError("x", 99, "a" * 40 + "b" + "x"))
    assert f"of '{'a' * 40}...' is" in message


def test_unknown_character_error_survives_pickling():
    again = pickle.loads(pickle.dumps(UnknownCharacterError("x", 2, "abx")))
    assert (again.character, again.position, again.text) == ("x", 2, "abx")


@pytest.mark.slow
@given(st.text(min_size=1), st.text(min_size=1))
def test_skipping_keeps_exactly_the_known_characters_in_order(text, prefix):
    corpus = index_characters(text)
    known = [char for char in prefix if char in text]
    if known:
        assert [corpus.idx_to_char[i] for i in encode(prefix, corpus.char_to_idx, unknown="skip")] == known
    else:
        with pytest.raises(ValueError, match="at least one character of the vocabulary"):
            encode(prefix, corpus.char_to_idx, unknown="skip")


# --- normalize ---


def test_newlines_are_one_character_each():
    for newline in ("\n", "\r\n", "\r"):
        text = f"one{newline}two{newline}{newline}three{newline}"
        assert normalize(text) == "one two  three "
        assert normalize(text, keep_newlines=True) == "one\ntwo\n\nthree\n"
    assert normalize("a\r\nb\rc\nd\n\re", keep_newlines=True) == "a\nb\nc\nd\n\ne"


def test_characters_are_counted_after_newlines_are_one_each():
    for max_chars, expected in ((1, "a"), (2, "a "), (3, "a b"), (5, "a b c"), (6, "a b c"), (None, "a b c")):
        assert normalize("a\r\nb\r\nc", max_chars=max_chars) == expected


def test_other_white_space_is_left_alone():
    assert normalize("a\tb  c\u3000d\u2028e") == "a\tb  c\u3000d\u2028e"


def test_letters_are_lowered_only_when_asked():
    assert normalize("The ÉLAN") == "The ÉLAN"
    assert normalize("The ÉLAN", lower=True) == "the élan"


@given(st.text(alphabet="ab\r\n"), st.integers(min_value=1, max_value=8))
def test_normalizing_twice_changes_nothing(text, max_chars):
    once = normalize(text, max_chars=max_chars, keep_newlines=True)
    assert normalize(once, max_chars=max_chars, keep_newlines=True) == once
    assert normalize(text, max_chars=max_chars) == once.replace("\n", " ")
    assert "\r" not in once
    assert len(once) <= max_chars


# --- read_text: plain files ---


def test_text_file_is_read_with_its_newlines_as_they_stand():
    Path("a.txt").write_bytes(b"one\r\ntwo\rthree\n")
    assert read_text("a.txt") == "one\r\ntwo\rthree\n"


def test_empty_file_is_an_empty_text():
    Path("a.txt").write_bytes(b"")
    assert read_text("a.txt") == ""


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (b"\xef\xbb\xbf" + CHINESE.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + CHINESE.encode(), "utf-8-sig"),
        (CHINESE.encode("utf-16"), "utf-16"),
        (CHINESE.encode("utf-8"), "utf-8"),
        (CHINESE.encode("gb18030"), "gb18030"),
        (CHINESE.encode("gbk"), "GBK"),
    ],
)
def test_encodings_with_and_without_a_byte_order_mark(content, encoding):
    Path("a.txt").write_bytes(content)
    assert read_text("a.txt", encoding=encoding) == CHINESE


def test_only_the_first_byte_order_mark_is_dropped():
    assert decode_bytes(b"\xef\xbb\xbf\xef\xbb\xbfa", "utf-8", "a file") == "\ufeffa"


def test_an_emoji_is_one_character():
    Path("a.txt").write_bytes("la 🎵 la".encode())
    text = read_text("a.txt")
    assert text == "la 🎵 la"
    assert index_characters(text).idx_to_char == [" ", "a", "l", "🎵"]


@pytest.mark.parametrize(
    ("content", "encoding", "byte", "offset"),
    [
        (b"\xfe", "utf-8", "fe", 0),
        ("é".encode("latin-1") + b"a", "utf-8", "e9", 0),
        (CHINESE.encode()[:-3], "utf-8", "e3", len(CHINESE.encode()) - 4),
        (b"ab\x80", "ascii", "80", 2),
        (b"ab\xff", "gb18030", "ff", 2),
    ],
)
def test_byte_that_does_not_fit_is_named_with_its_offset(content, encoding, byte, offset):
    Path("a.txt").write_bytes(content)
    with pytest.raises(ValueError, match=rf"a\.txt is not written in {encoding}: byte 0x{byte} at offset {offset} "):
        read_text("a.txt", encoding=encoding)


def test_offset_of_a_byte_that_does_not_fit_counts_the_byte_order_mark():
    with pytest.raises(ValueError, match="byte 0xff at offset 5 does not fit"):
        decode_bytes(b"\xef\xbb\xbfab\xffcd", "utf-8-sig", "a file")


def test_missing_file_is_named_with_the_folder_it_is_relative_to(clean_world):
    with pytest.raises(FileNotFoundError, match=r"there is no file a\.txt: check the name, relative to") as caught:
        read_text("a.txt")
    assert str(caught.value).endswith(f"relative to {clean_world / 'here'}")


# --- read_text: archives ---


def test_the_one_text_of_an_archive_is_read_whatever_stands_beside_it():
    for name in ("song.txt", "SONG.TXT", "songs/song.txt"):
        write_zip("song.txt", {"songs/": b"", "readme.md": b"no", name: CHINESE.encode()})  # told by its content
        assert read_text("song.txt") == CHINESE


def test_preferred_member_is_read_among_several_and_gives_way_to_the_only_text():
    write_zip("a.zip", {"a.txt": b"aaa", "song": b"bbb"})
    assert read_text("a.zip", members=["song"]) == "bbb"
    assert read_text("a.zip", members=["a.txt"]) == read_text("a.zip", members=["b.txt"]) == "aaa"
    write_zip("a.zip", {"a.txt": b"aaa", "b.txt": b"bbb"})
    assert read_text("a.zip", members=["b.txt"]) == "bbb"


def test_text_in_an_archive_is_decoded_like_a_file():
    write_zip("a.zip", {"song.txt": CHINESE.encode("gb18030")})
    assert read_text("a.zip", encoding="gb18030") == CHINESE
    with pytest.raises(ValueError, match=r"a\.zip:song\.txt is not written in utf-8: byte 0x.. at offset 0 .*encoding"):
        read_text("a.zip")


@pytest.mark.parametrize(
    ("members", "listed"),
    [([], "nothing"), (["a.md", "b.csv"], "a.md, b.csv"), (["a.txt", "b.txt"], "a.txt, b.txt")],
    ids=["empty", "no text", "two texts"],
)
def test_archive_without_exactly_one_text_lists_what_it_holds(members, listed):
    write_zip("a.zip", dict.fromkeys(members, b"abc"))
    with pytest.raises(ValueError, match=rf"must hold one \.txt file, but a\.zip holds {re.escape(listed)}: unpack it"):
        read_text("a.zip")


def test_truncated_archive_is_an_error():
    content = write_zip("a.zip", {"song.txt": CHINESE.encode() * 20}).read_bytes()
    for kept in (1, 10, 100, -1):
        Path("a.zip").write_bytes(content[:kept])
        with pytest.raises(ValueError, match=r"a\.zip is named \.zip but is damaged or no zip archive"):
            read_text("a.zip")


def test_archive_with_a_password_is_an_error():
    write_zip("a.zip", {"song.txt": b"abc"}, zipfile.ZIP_STORED)
    content = bytearray(Path("a.zip").read_bytes())
    content[6] |= 1  # the flag "encrypted", before the data and in the table of contents
    content[content.index(b"PK\x01\x02") + 8] |= 1
    Path("a.zip").write_bytes(content)
    with pytest.raises(ValueError, match=r"a\.zip cannot be read \(.*encrypted.*\)"):
        read_text("a.zip")


# --- the locale ---


@pytest.mark.slow
def test_files_are_read_alike_in_an_ascii_locale():
    Path("歌.txt").write_bytes(CHINESE.encode())
    write_zip("歌.zip", {"歌.txt": CHINESE.encode()})
    code = """
import locale, sys
from gluonrnn import load_corpus
from tests.corpus.common import read_text
assert "utf" not in locale.getpreferredencoding(False).lower(), "this test needs an ASCII locale"
print([ascii(read_text(path)) for path in sys.argv[1:]])
print(load_corpus("lyrics").vocab_size, load_corpus(sys.argv[1]).vocab_size)
"""
    # without coercion to UTF-8, which Python otherwise does by itself
    locale = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", "PYTHONIOENCODING": ""}
    printed = run_python(code, "歌.txt", "歌.zip", **locale).splitlines()
    assert printed == [repr([ascii(CHINESE)] * 2), f"{KNOWN_CORPORA['lyrics'].vocab_size} {len(set(CHINESE))}"]
