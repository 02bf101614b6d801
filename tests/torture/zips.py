"""Zip archives with every lie that the format allows."""

from __future__ import annotations

import bz2
import lzma
import random
import stat
import struct
import zlib
from functools import lru_cache

from tests.torture.cases import HARMFUL, NO_TEXTS, ODD, PAYLOADS
from tests.torture.raw import EXTREME

DEFLATED, STORED, BZIP2, LZMA = 8, 0, 12, 14


@lru_cache(maxsize=None)
def zeros(method: int, megabytes: int) -> bytes:
    """Return megabytes of zeros as each method of a zip packs them: by a thousand, and by more."""
    return packed(bytes(megabytes << 20), method)


def packed(content: bytes, method: int) -> bytes:
    if method == DEFLATED:
        return zlib.compress(content, 9)[2:-4]
    if method == BZIP2:
        return bz2.compress(content)
    if method == LZMA:
        properties = lzma._encode_filter_properties({"id": lzma.FILTER_LZMA1})  # type: ignore[attr-defined]
        raw = lzma.LZMACompressor(lzma.FORMAT_RAW, filters=[{"id": lzma.FILTER_LZMA1}])
        return struct.pack("<BBH", 9, 4, len(properties)) + properties + raw.compress(content) + raw.flush()
    return content


class Entry:
    """A member, and all that is said of it; every lie is an attribute."""

    def __init__(self, name: bytes, content: bytes, method: int = DEFLATED) -> None:
        self.name, self.local_name, self.method = name, name, method
        self.data = packed(content, method)
        self.crc, self.size, self.packed_size = zlib.crc32(content), len(content), len(self.data)
        self.flags = 0 if name.isascii() else 0x800
        self.attributes, self.extra, self.offset, self.version = 0, b"", -1, 20

    def head(self) -> bytes:
        numbers = (self.version, self.flags, self.method, 0, 33, self.crc, self.packed_size, self.size)
        return struct.pack("<5H3I", *(clipped(number, 32) for number in numbers))

    def local(self) -> bytes:
        lengths = struct.pack("<2H", len(self.local_name) & 0xFFFF, len(self.extra))
        return b"PK\x03\x04" + self.head() + lengths + self.local_name + self.extra + self.data

    def listed(self, offset: int) -> bytes:
        place = offset if self.offset < 0 else self.offset
        lengths = struct.pack(
            "<5H2I", len(self.name) & 0xFFFF, len(self.extra), 0, 0, 0, self.attributes, clipped(place, 32)
        )
        return b"PK\x01\x02" + struct.pack("<H", 3 << 8 | 20) + self.head() + lengths + self.name + self.extra


def clipped(number: int, bits: int) -> int:
    return number % (1 << bits)


def a_zip(entries: list[Entry], **lies: int) -> bytes:
    made, listed = bytearray(), bytearray()
    for entry in entries:
        listed += entry.listed(len(made))
        made += entry.local()
    end = {"disk": 0, "number": len(entries), "size": len(listed), "start": len(made), "comment": 0, **lies}
    number = clipped(end["number"], 16)
    tail = struct.pack(
        "<4H2IH", end["disk"], 0, number, number, clipped(end["size"], 32), clipped(end["start"], 32), end["comment"]
    )
    return bytes(made + listed) + b"PK\x05\x06" + tail


def some_entries(rng: random.Random) -> list[Entry]:
    names = [b"pairs/a.txt", b"pairs/b.md", b"pairs/more/c.csv", b"d"][: rng.choice((1, 1, 2, 4))]
    return [Entry(name, rng.choice(PAYLOADS), rng.choice((DEFLATED, DEFLATED, STORED, BZIP2, LZMA))) for name in names]


def good_zip(rng):
    return a_zip(some_entries(rng)), "load"


def odd_names(rng):
    entries = some_entries(rng)
    entry = rng.choice(entries)
    entry.name = rng.choice(ODD)
    entry.local_name = entry.name if rng.random() < 0.8 else rng.choice(ODD)
    entry.flags = rng.choice((0, 0x800))
    return a_zip(entries), ""


def harmful_names(rng):
    entries = [*some_entries(rng), Entry(rng.choice(HARMFUL), PAYLOADS[0])]
    rng.shuffle(entries)
    return a_zip(entries), "fail"


def doubled(rng):
    entries = some_entries(rng)
    return a_zip([*entries, Entry(entries[0].name, rng.choice(PAYLOADS))]), "fail"


def links(rng):
    entries = some_entries(rng)
    kind = rng.choice((stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFBLK, stat.S_IFSOCK))
    link = Entry(b"pairs/link", rng.choice((b"/etc/passwd", b"../..", b"")), STORED)
    link.attributes = (kind | 0o777) << 16
    return a_zip([*entries, link, Entry(b"pairs/link/a.txt", b"x")]), "fail"


def lying_entry(rng):
    entries = some_entries(rng)
    entry = rng.choice(entries)
    field = rng.choice(("crc", "size", "packed_size", "flags", "method", "offset", "version"))
    old = getattr(entry, field)
    value = rng.choice((*EXTREME, old + 1, max(old - 1, 0), old * 2, rng.randrange(1 << 16)))
    setattr(entry, field, value % (1 << 16) if field in ("flags", "method", "version") else value % (1 << 32))
    return a_zip(entries), ""


def extra_fields(rng):
    entries = some_entries(rng)
    entry = rng.choice(entries)
    length = rng.choice((0, 4, 8, 16, 24, 28, 0xFFFF))
    numbers = b"".join(struct.pack("<Q", rng.choice(EXTREME) % 2**64) for _ in range(3))
    entry.extra = struct.pack("<HH", rng.choice((1, 1, 0x7075, 0x9901)), length) + numbers[: rng.choice((0, 3, 8, 24))]
    for field in ("size", "packed_size", "offset"):
        if rng.random() < 0.5:
            setattr(entry, field, 0xFFFFFFFF)
    return a_zip(entries), ""


def lying_end(rng):
    entries = some_entries(rng)
    lies = {rng.choice(("disk", "number", "comment")): rng.choice(EXTREME) & 0xFFFF}
    lies[rng.choice(("size", "start"))] = rng.choice((*EXTREME, rng.randrange(2000)))
    return a_zip(entries, **lies), ""


def zip_bomb(rng):
    """A member that is large, honest about it or not."""
    method = rng.choice((DEFLATED, BZIP2, LZMA))
    megabytes = rng.choice((70, 100) if method == DEFLATED else (200,))
    bomb = Entry(rng.choice((b"pairs/a.txt", b"a.txt")), b"", method)
    bomb.data, bomb.size = zeros(method, megabytes), rng.choice((megabytes << 20, 0xFFFFFFF0, 10, 1 << 20, 60 << 20))
    bomb.packed_size = len(bomb.data)
    return a_zip([bomb]), "fail"


def overlapping(rng):
    """All members share one piece of data, so that a small file unpacks to a large folder."""
    kernel = Entry(b"a0.txt", bytes(8 << 20))
    entries = [kernel]
    for number in range(1, rng.choice((2, 30, 400))):
        twin = Entry(b"a%d.txt" % number, b"")
        twin.crc, twin.size, twin.packed_size, twin.data = kernel.crc, kernel.size, 0, b""
        twin.offset, twin.packed_size = 0, kernel.packed_size
        entries.append(twin)
    return a_zip(entries), "fail"


def many_entries(rng):
    empty = Entry(b"x", b"", STORED)
    made, listed = empty.local(), bytearray()
    number = rng.choice((5_000, 65_535, 350_000, 800_000))
    listed = empty.listed(0) * number
    count = min(number, 0xFFFF)
    return made + listed + b"PK\x05\x06" + struct.pack("<4H2IH", 0, 0, count, count, len(listed), len(made), 0), "fail"


def nested(rng):
    inner = a_zip([Entry(b"a.txt", PAYLOADS[0])])
    for _ in range(rng.choice((1, 5))):
        inner = a_zip([Entry(b"inner.zip", inner), Entry(b"b.md", b"x")])
    return inner, ""


def not_text(rng):
    return a_zip([Entry(b"a.txt", rng.choice(NO_TEXTS))]), ""


ZIPS = (
    *(
        good_zip,
        odd_names,
        odd_names,
        harmful_names,
        doubled,
        links,
        lying_entry,
        lying_entry,
        lying_entry,
        extra_fields,
    ),
    *(extra_fields, lying_end, lying_end, nested, not_text),
)
RARE_ZIPS = (zip_bomb, zip_bomb, overlapping, many_entries)
