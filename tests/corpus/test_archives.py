"""Archives of strangers: what is honest is read, what is not is refused in a sentence, in bounded memory."""

from __future__ import annotations

import bz2
import gzip
import io
import os
import random
import stat
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gluonrnn as gb
from gluonrnn.corpus import archives, text
from gluonrnn.corpus.archives import DamagedArchiveError, read_member, readable, unpack
from tests.corpus.common import read_text
from tests.torture.tars import a_header, a_pax, a_record, ended, file_in_tar, padded
from tests.torture.zips import BZIP2, DEFLATED, LZMA, STORED, Entry, a_zip, zeros

TEXT = b"over and over\n" * 20
METHODS = pytest.mark.parametrize("method", [STORED, DEFLATED, BZIP2, LZMA])


def written(content, name="a.zip"):
    Path(name).write_bytes(content)
    return name


def everything(folder):
    return sorted(str(path.relative_to(folder)) for path in Path(folder).rglob("*") if path.is_file())


def is_refused(content, words, name="a.zip"):
    """Try to unpack; nothing may be written but into the folder."""
    os.mkdir("folder")
    with pytest.raises(ValueError, match=rf"the archive {name} is not unpacked, for {words}: unpack it by hand"):
        unpack(written(content, name), "folder")
    assert sorted(os.listdir(".")) == [name, "folder"]


def is_damaged(content, words, name="a.zip"):
    os.mkdir("folder")
    with pytest.raises(DamagedArchiveError, match=words):
        unpack(written(content, name), "folder")


def cannot_be_read(content, words):
    with pytest.raises(ValueError, match=rf"the zip archive a\.zip cannot be read \({words}.*\): unpack it, or copy"):
        read_text(written(content))


# --- what is honest ---


@METHODS
def test_text_and_folder_are_what_was_packed(method):
    path = written(a_zip([Entry(b"d/a.txt", TEXT, method), Entry("d/更.md".encode(), TEXT * 99, method)]))
    assert read_member(path, min) == (TEXT, "d/a.txt")
    unpack(path, "folder")
    assert everything("folder") == ["d/a.txt", "d/更.md"]
    assert Path("folder/d/更.md").read_bytes() == TEXT * 99


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_tar_of_every_form(form, mode):
    names = {"a.txt": b"", "更/b.txt": TEXT * 5000, "long/" * 30 + "x" * 80: TEXT, "c.txt": bytes(1024)}
    with tarfile.open("a.tar", mode, format=form) as archive:
        for name, content in names.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    unpack("a.tar", "folder")
    assert {name: Path("folder", name).read_bytes() for name in everything("folder")} == names


@METHODS
def test_large_honest_text_is_read_whatever_packs_it(method):
    rng = random.Random(1)
    content = b"".join(rng.choice((b"over ", b"and ", b"under ", b"hill\n", b"\xe9\xa3\x8e")) for _ in range(20_000))
    path = written(a_zip([Entry(b"a.txt", content, method)]))
    assert read_member(path, min)[0] == content


# --- what is too large ---


@METHODS
def test_member_that_would_fill_the_memory_is_refused_before_it_is_unpacked(method):
    bomb = Entry(b"a.txt", b"", method)
    bomb.data, bomb.size, bomb.packed_size = b"x" * 4000, 2**32 - 16, 4000
    written(a_zip([bomb]))
    for path in ("a.zip", Path("a.zip")):
        with pytest.raises(ValueError, match=r"not unpacked, for it takes 4,294,967,280 bytes or more, and above 100"):
            gb.load_corpus(path)
    os.remove("a.zip")
    is_refused(a_zip([bomb]), "it takes 4,294,.* and above 100 times its own size that is taken for a trap")


def test_bound_of_small_archives(monkeypatch):
    monkeypatch.setattr(archives, "_RATIO", 1)
    path = written(a_zip([Entry(b"a.txt", bytes(1000))]))
    monkeypatch.setattr(archives, "_SMALL", 1000)
    assert len(read_text(path)) == 1000
    monkeypatch.setattr(archives, "_SMALL", 999)
    with pytest.raises(ValueError, match="it takes 1,000 bytes or more, and above 1 times its own size"):
        read_text(path)


def test_bound_of_large_archives(monkeypatch):
    monkeypatch.setattr(archives, "_SMALL", 0)
    random_text = bytes(random.Random(1).choices(b"abcdefgh", k=20_000))
    path = written(a_zip([Entry(b"a.txt", random_text + bytes(200_000))]))
    assert 100 * os.path.getsize(path) > 220_000
    assert len(read_text(path)) == 220_000
    monkeypatch.setattr(archives, "_RATIO", 20)
    with pytest.raises(ValueError, match="above 20 times its own size"):
        read_text(path)
    monkeypatch.setattr(archives, "_RATIO", 100)
    monkeypatch.setattr(text, "LARGEST_TEXT", 200_000)
    monkeypatch.setattr(archives, "LARGEST_TEXT", 200_000)
    with pytest.raises(ValueError, match="it takes 220,000 bytes or more, and above 200,000 that is taken for a trap"):
        read_text(path)


@pytest.mark.parametrize(
    ("method", "claimed"),
    [
        (DEFLATED, 10),
        (DEFLATED, 1 << 20),
        pytest.param(BZIP2, 10, marks=pytest.mark.slow),
        pytest.param(LZMA, 1 << 20, marks=pytest.mark.slow),
    ],
)
def test_member_that_is_larger_than_it_claims_takes_no_memory(method, claimed):
    bomb = Entry(b"a.txt", b"", method)
    bomb.data, bomb.size = zeros(method, 40), claimed
    bomb.packed_size = len(bomb.data)
    content = a_zip([bomb])
    tracemalloc.start()
    cannot_be_read(content, "Bad CRC-32")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < (24 << 20 if method != BZIP2 else 160 << 20)


def test_members_that_share_their_data_are_counted_as_often_as_they_are_listed():
    first = Entry(b"a0.txt", bytes(1 << 20))
    entries = [first]
    for number in range(1, 70):
        twin = Entry(b"a%d.txt" % number, b"")
        twin.crc, twin.size, twin.data, twin.offset, twin.packed_size = first.crc, first.size, b"", 0, first.packed_size
        entries.append(twin)
    is_refused(a_zip(entries), "it takes 73,400,320 bytes or more, .*trap")


def test_long_list_of_members_is_not_even_read():
    entry = Entry(b"x" * 60_000, b"")
    listed = entry.listed(0) * 600
    number = 600
    ending = b"PK\x05\x06" + bytes(4) + number.to_bytes(2, "little") * 2 + len(listed).to_bytes(4, "little") + bytes(6)
    cannot_be_read(listed + ending, r"its list of members takes 36,027,600 bytes")


@pytest.mark.parametrize("ending", [".zip", ".tar"])
def test_many_members_are_refused(ending, monkeypatch):
    monkeypatch.setattr(archives, "_MOST_MEMBERS", 3)
    names = [b"a", b"b", b"c", b"d"]
    make = {".zip": lambda names: a_zip([Entry(name, b"") for name in names])}.get(
        ending, lambda names: ended(b"".join(file_in_tar(name, b"") for name in names))
    )
    unpack(written(make(names[:3]), f"b{ending}"), "other")
    assert everything("other") == ["a", "b", "c"]
    with pytest.raises(ValueError, match="it holds 4 members or more, and above 3 that is taken for a trap"):
        unpack(written(make(names), f"a{ending}"), "folder")


def tar_bombs():
    nothing = bytes(13 << 20)
    return {
        "member": ended(file_in_tar(b"a.txt", nothing)),
        "header": ended(a_header(b"pax", len(nothing), b"x") + nothing),
        "name": ended(a_header(b"pax", len(nothing), b"L") + nothing),
        "behind the end": ended(file_in_tar(b"a.txt", b"x")) + nothing,
    }


def test_tar_that_unpacks_to_much_of_nothing_takes_no_memory(monkeypatch):
    monkeypatch.setattr(archives, "_SMALL", 12 << 20)
    for what, content in tar_bombs().items():
        written(gzip.compress(content, 1), "a.tar.gz")
        tracemalloc.start()
        with pytest.raises((ValueError, DamagedArchiveError), match=r"taken for a trap|a header of 13,631,488 bytes"):
            unpack("a.tar.gz", what)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
        tracemalloc.stop()


def test_file_in_a_tar_that_is_too_large_is_not_even_begun():
    is_refused(
        gzip.compress(ended(a_header(b"a.txt", 8**11 - 1))), "it takes 8,589,935,103 bytes or more, .*trap", "a.tgz"
    )
    assert os.listdir("folder") == []


def test_archive_in_an_archive_is_a_file_like_any_other():
    inner = a_zip([Entry(b"a.txt", TEXT)])
    path = written(a_zip([Entry(b"inner.zip", inner)]))
    unpack(path, "folder")
    assert Path("folder/inner.zip").read_bytes() == inner
    with pytest.raises(ValueError, match=r"must hold one \.txt file, but a\.zip holds inner\.zip: unpack it"):
        read_text(path)


# --- names ---


@pytest.mark.parametrize(
    "content",
    [
        a_zip([Entry(b"a", TEXT), Entry(b"a", TEXT)]),
        a_zip([Entry(b"a", TEXT), Entry(b"a/b", TEXT)]),
        a_zip([Entry(b"a/b", TEXT), Entry(b"a", TEXT)]),
        a_zip([Entry(b"a", TEXT), Entry(b"./a", TEXT)]),
        a_zip([Entry(b".", TEXT)]),
    ],
    ids=["twice", "folder over file", "file over folder", "in other words", "the folder itself"],
)
def test_member_that_stands_where_another_one_does(content):
    is_refused(content, r"its member '.*' \(str\) stands where another one does")


def test_text_that_is_packed_twice_is_refused_even_if_asked_for():
    path = written(a_zip([Entry(b"a.txt", TEXT), Entry(b"a.txt", b"other")]))
    with pytest.raises(
        ValueError, match=r"a\.zip is not unpacked, for it holds 2 members of the name 'a\.txt' \(str\)"
    ):
        read_text(path, members=["a.txt"])
    with pytest.raises(ValueError, match=r"must hold one \.txt file, but a\.zip holds a\.txt, a\.txt"):
        read_text(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (b"d/" * 101 + b"a", "has a name of more than 1,024 characters or 100 folders"),
        (b"x/" * 1500 + b"a", "has a name of more than 1,024 characters or 100 folders"),
        (b"x" * 300, "has a name that no file can have here"),
    ],
)
def test_name_that_is_too_long(name, words):
    is_refused(a_zip([Entry(name, TEXT)]), rf"its member '.*\.\.\. \(str\) {words}")
    unpack(written(a_zip([Entry(b"d/" * 50 + b"x" * 255, TEXT)]), "b.zip"), "other")
    assert [len(name) for name in everything("other")] == [355]


def test_name_that_is_not_utf_8_though_it_says_so():
    entry = Entry(b"\xff\xfe.txt", TEXT)
    assert entry.flags == 0x800
    cannot_be_read(a_zip([entry]), "'utf-8' codec can't decode byte 0xff")
    is_damaged(a_zip([entry]), "'utf-8' codec can't decode byte 0xff")


def test_name_with_a_nul():
    content = ended(a_pax(a_record(b"path", b"a\0b")) + file_in_tar(b"a.txt", TEXT))
    is_refused(content, r"its member 'a\\x00b' \(str\) has a name with a NUL in it", "a.tar")


def test_names_that_an_error_lists_are_few_and_without_control_characters():
    names = [b"\x1b[2J.txt", b"a\nb.txt", "\u202etxt".encode(), b"x" * 500, *(b"%d" % number for number in range(90))]
    path = written(a_zip([Entry(name, b"") for name in names]))
    with pytest.raises(ValueError, match="must hold one") as caught:
        read_text(path)
    message = str(caught.value)
    assert message.isprintable()
    assert r"holds \x1b[2J.txt, a b.txt, \u202etxt, xxx" in message
    assert "3 and 86 more: unpack it and name the text file" in message
    assert len(message) < 400
    written(a_zip([Entry(b"\x1b]0;x\x07.txt", b"\xff")]))
    with pytest.raises(ValueError, match=r"a\.zip:\\x1b\]0;x\\x07\.txt is not written in utf-8"):
        read_text(path)


@given(st.text())
def test_what_is_readable_is_short_and_on_one_line(name):
    shown = readable(name)
    assert shown.isprintable()
    assert len(shown) <= 120
    if name.isprintable() and len(name) <= 120 and "  " not in name:
        assert shown == name.strip()


# --- kinds of members ---


def test_sparse_file_in_a_tar_is_refused():
    records = a_record(b"GNU.sparse.map", b"0,1") + a_record(b"GNU.sparse.size", b"9999")
    is_refused(
        ended(a_pax(records) + file_in_tar(b"a.txt", b"x")), r"its member 'a\.txt' .* is a link or no file", "a.tar"
    )


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_zip_of_what_is_no_file(kind):
    link = Entry(b"link", b"/etc/passwd")
    link.attributes = (kind | 0o777) << 16
    is_refused(a_zip([link]), r"its member 'link' \(str\) is a link or no file")


# --- damage ---


def test_zip_packed_by_an_unknown_method():
    entry = Entry(b"a.txt", TEXT, STORED)
    entry.method = 99
    cannot_be_read(a_zip([entry]), "compression type 99|That compression method is not supported")


@pytest.mark.parametrize("offset", [0x7FFFFFFF, 0xFFFFFFF0])
def test_member_that_begins_outside_of_the_file(offset):
    entry = Entry(b"a.txt", TEXT)
    entry.offset = offset
    cannot_be_read(a_zip([entry]), ".+")


def test_list_that_begins_before_the_file():
    cannot_be_read(a_zip([Entry(b"a.txt", TEXT)], start=2**32 - 9), ".+")


@pytest.mark.parametrize("extra", [b"\x01\x00\x08\x00abc", b"\x01\x00\x18\x00" + b"\xff" * 24, b"\x01\x00\x00\x00"])
def test_sizes_of_more_than_four_gigabytes_that_are_none(extra):
    entry = Entry(b"a.txt", TEXT)
    entry.extra, entry.size, entry.packed_size = extra, 0xFFFFFFFF, 0xFFFFFFFF
    with pytest.raises(ValueError, match=r"a\.zip (cannot be read|is not unpacked)"):
        read_text(written(a_zip([entry])))


def test_dictionary_of_gigabytes():
    entry = Entry(b"a.txt", TEXT, LZMA)
    entry.data = entry.data[:5] + b"\xff\xff\xff\xff" + entry.data[9:]
    path = written(a_zip([entry]))
    try:  # where the memory is lent and not given
        assert read_text(path).encode() == TEXT
    except ValueError as error:
        assert "cannot be read (" in str(error)  # noqa: PT017


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda one, two: one, id="no end"),
        pytest.param(lambda one, two: one + b"x" * 512 + ended(two), id="damaged header"),
        pytest.param(lambda one, two: one + two[:300], id="cut in a header"),
        pytest.param(lambda one, two: one + two[:600], id="cut in a file"),
        pytest.param(lambda one, two: one + a_header(b"b", b"-0000000001\0") + ended(two), id="negative size"),
        pytest.param(lambda one, two: one + a_header(b"b", b"\xff" * 10 + b"\xfc\x00") + ended(two), id="goes back"),
        pytest.param(lambda one, two: one + a_header(b"b", 2**33 - 1) + ended(two), id="huge size"),
        pytest.param(lambda one, two: one + a_pax(b"9" * 60_000) + ended(two), id="long number"),
        pytest.param(lambda one, two: one + a_pax(b"x" * 70_000) + ended(two), id="long header"),
        pytest.param(lambda one, two: one + a_pax(b"0 a=b\n") + ended(two), id="record of no length"),
    ],
)
def test_damaged_tar_is_not_unpacked_in_part(damage):
    content = damage(file_in_tar(b"a.txt", TEXT), file_in_tar(b"c.txt", TEXT))
    for name, packed in (("a.tar", content), ("b.tar.gz", gzip.compress(content))):
        with pytest.raises((DamagedArchiveError, ValueError), match=r"\w") as caught:
            unpack(written(packed, name), "folder")
        assert str(caught.value).isprintable()


def test_checksum_behind_the_end_is_checked():
    content = bytearray(gzip.compress(ended(file_in_tar(b"a.txt", TEXT)) + bytes(99999)))
    content[-6] ^= 1
    is_damaged(bytes(content), "CRC check failed", "a.tar.gz")


def test_source_of_a_tar_never_goes_back():
    with open(written(ended(file_in_tar(b"a.txt", TEXT)), "a.tar"), "rb") as file:
        source = archives._TarSource(Path("a.tar"), file)
        source.seek(600)
        source.seek(600)
        assert source.tell() == 600
        with pytest.raises(tarfile.ReadError, match="two members overlap"):
            source.seek(599)


def test_bytes_behind_a_padded_tar_are_passed_over():
    unpack(written(ended(file_in_tar(b"a.txt", TEXT)) + padded(b"x"), "a.tar"), "folder")
    assert everything("folder") == ["a.txt"]


@METHODS
def test_every_damage_to_a_small_zip_is_told(method):
    content = a_zip([Entry(b"a.txt", TEXT, method)])
    for place in range(0, len(content), 3):
        changed = bytearray(content)
        changed[place] ^= 0xFF
        try:
            found = read_text(written(bytes(changed)))
        except ValueError as error:
            if "a.zip" not in str(error) or not str(error).isprintable():
                pytest.fail(f"byte {place}: {error!r}")
        else:
            assert found == TEXT.decode()


def test_bzip2_that_is_none_is_told():
    entry = Entry(b"a.txt", TEXT, BZIP2)
    entry.data = bz2.compress(TEXT)[:20] + b"?" * 40
    entry.packed_size = len(entry.data)
    cannot_be_read(a_zip([entry]), "Invalid data stream|Compressed file ended")


# --- what is no file ---


def test_what_is_no_file_is_refused_and_not_waited_for():
    os.mkfifo("pipe.zip")
    for path in ("pipe.zip", "/dev/zero"):
        for read in (read_text, gb.load_corpus):
            with pytest.raises(ValueError, match=rf"but {path} is a pipe or a device: write the text into a file"):
                read(path)
    os.symlink("two", "one")
    os.symlink("one", "two")
    with pytest.raises(FileNotFoundError, match="there is no file one: check the name"):
        read_text("one")


@pytest.mark.parametrize("name", ["huge.txt", "huge.zip"])
def test_file_of_five_gigabytes_of_nothing_is_refused(name):
    with open(name, "wb") as file:
        file.truncate(5 << 30)
    with pytest.raises(ValueError, match=r"up to 4,294,967,296 bytes, but huge\.\w+ has 5,368,709,120: cut it"):
        read_text(name)


def test_zip_is_read_by_a_file_that_zipfile_made_too():
    with zipfile.ZipFile("a.zip", "w", zipfile.ZIP_DEFLATED) as archive, archive.open(
        "a.txt", "w", force_zip64=True
    ) as file:
        file.write(TEXT)
    assert read_text("a.zip").encode() == TEXT
