"""Tar archives with every lie that the formats allow."""

from __future__ import annotations

import gzip
import io
import tarfile

from tests.torture.cases import HARMFUL, ODD, PAYLOADS


def a_header(
    name=b"pairs/a.txt", size=0, kind=b"0", link=b"", magic=b"ustar\x0000", prefix=b"", checksum=None, numbers=None
):
    """Return a header as it would be written, whatever it says; its sum is right unless another is given."""
    of_size = size if isinstance(size, bytes) else b"%011o\0" % size
    fields = (
        name[:100].ljust(100, b"\0"),
        b"0000644\0",
        *(numbers or (b"0000000\0",) * 2),
        of_size[:12].ljust(12, b"\0"),
    )
    start = b"".join(fields) + b"00000000000\0"
    rest = kind + link[:100].ljust(100, b"\0") + magic + bytes(80) + prefix[:155].ljust(155, b"\0")
    total = sum(start) + sum(rest) + 8 * 32 if checksum is None else checksum
    return (start + b"%06o\0 " % (total % 8**6) + rest).ljust(512, b"\0")


def padded(content: bytes) -> bytes:
    return content + bytes(-len(content) % 512)


def a_pax(records: bytes, kind: bytes = b"x", size=None) -> bytes:
    return a_header(b"pax", len(records) if size is None else size, kind) + padded(records)


def a_record(key: bytes, value: bytes) -> bytes:
    length = len(key) + len(value) + 3
    length += len(str(length + len(str(length))))
    return b"%d %s=%s\n" % (length, key, value)


def file_in_tar(name: bytes, content: bytes) -> bytes:
    return a_header(name, len(content)) + padded(content)


def ended(made: bytes) -> bytes:
    return made + bytes(1024)


def good_tar(rng):
    made = io.BytesIO()
    kind = rng.choice((tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT))
    with tarfile.open(fileobj=made, mode="w", format=kind) as archive:
        for name in ("pairs/a.txt", "pairs/更.txt", "pairs/" + "long" * 20 + "/" + "x" * 60)[: rng.choice((1, 2, 3))]:
            info, content = tarfile.TarInfo(name), rng.choice(PAYLOADS)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return made.getvalue(), "load"


def tar_names(rng):
    return ended(file_in_tar(rng.choice(ODD), PAYLOADS[0])), ""


def long_names(rng):
    """A name of any length, in either of the ways that formats have for it."""
    name = rng.choice((*ODD, *HARMFUL))
    if rng.random() < 0.5:
        made = a_header(b"././@LongLink", len(name) + 1, b"L") + padded(name + b"\0")
    else:
        made = a_pax(a_record(b"path", name))
    return ended(made + file_in_tar(b"a.txt", PAYLOADS[0])), "fail" if name in HARMFUL else ""


def harmful_tar(rng):
    made = [file_in_tar(b"pairs/a.txt", PAYLOADS[0]), file_in_tar(rng.choice(HARMFUL), PAYLOADS[1])]
    rng.shuffle(made)
    return ended(b"".join(made)), "fail"


def tar_links(rng):
    link = rng.choice((b"/etc/passwd", b"..", b"a.txt", b"pairs/link", b"../../escaped"))
    made = a_header(b"pairs/link", 0, rng.choice((b"1", b"2", b"3", b"4", b"6", b"S", b"V", b"M", b"Z")), link)
    return ended(made + file_in_tar(b"pairs/link/a.txt", PAYLOADS[0]) + file_in_tar(b"pairs/link", b"x")), "fail"


def tar_sizes(rng):
    huge = rng.choice((2**33, 2**62, 2**63, 2**70))
    size = rng.choice(
        (
            *(
                b"77777777777\0",
                b"-0000000001\0",
                b"\x80" + huge.to_bytes(11, "big"),
                b"\xff" * 12,
                b"",
                b"abc",
                b"0x10",
            ),
            *(
                b"\xff" + (2**88 - rng.choice((1, 512, 1024, 1536))).to_bytes(11, "big"),
                b"%011o\0" % rng.randrange(4096),
            ),
        )
    )
    kind = rng.choice((b"0", b"\0", b"5", b"x", b"g", b"L", b"K", b"S", b"7"))
    made = a_header(b"pairs/a.txt", size, kind) + padded(PAYLOADS[0])
    return ended(file_in_tar(b"first.txt", b"x") + made + file_in_tar(b"last.txt", b"y")), ""


def pax_records(rng):
    long = rng.choice((1000, 60_000, 70_000, 2_000_000))
    records = rng.choice(
        (
            *(a_record(b"size", value) for value in (b"-1", b"9" * 5000, b"1e5", b"", b"99999999999999999999")),
            *(
                a_record(b"path", b"x" * long),
                b"1" * long,
                b"1" * long + b" hdrcharset=",
                b"0 a=b\n",
                b"5 a=b",
                b"-5 a=b\n",
            ),
            *(
                a_record(b"GNU.sparse.major", b"1") + a_record(b"GNU.sparse.minor", b"0"),
                a_record(b"GNU.sparse.size", b"9" * 19),
            ),
            *(
                a_record(b"GNU.sparse.map", b"0,1," * 100) + a_record(b"GNU.sparse.size", b"10"),
                a_record(b"mtime", b"nan"),
            ),
            *(
                a_record(b"hdrcharset", b"BINARY") + a_record(b"path", b"\xff.txt"),
                a_record(b"path", b"\xff"),
                b"\xff" * 100,
            ),
            a_record(b"linkpath", b"/etc/passwd"),
        )
    )
    made = a_pax(records, rng.choice((b"x", b"g", b"X")), rng.choice((None, None, 0, 1, 2**33 - 1)))
    return ended(made * rng.choice((1, 1, 3)) + file_in_tar(b"a.txt", PAYLOADS[0])), ""


def tar_fields(rng):
    header = bytearray(a_header(size=len(PAYLOADS[0])))
    place = rng.choice((0, 100, 108, 116, 124, 136, 148, 156, 157, 257, 265, 329, 345, 483))
    header[place : place + 12] = bytes(
        rng.choice((0, 0x20, 0x30, 0x37, 0x80, 0xFF, rng.randrange(256))) for _ in range(12)
    )
    if rng.random() < 0.8:
        header[148:156] = b" " * 8
        header[148:156] = b"%06o\0 " % sum(header)
    return ended(bytes(header) + padded(PAYLOADS[0]) + file_in_tar(b"b.txt", b"x")), ""


def no_end(rng):
    return file_in_tar(b"a.txt", PAYLOADS[0]) + rng.choice((b"", b"\0", bytes(511), b"x" * 512)), "fail"


def clashing(rng):
    names = rng.choice(([b"a", b"a"], [b"a", b"a/b"], [b"a/b", b"a"], [b"a", b"./a"], [b"a", b"a//"]))
    return ended(b"".join(file_in_tar(name, PAYLOADS[0]) for name in names)), "fail"


def tar_bomb(rng):
    """Much of nothing: in a member, in a header, or behind the end."""
    nothing = bytes(rng.choice((70, 150)) << 20)
    kind = rng.randrange(4)
    if kind == 0:
        made = ended(file_in_tar(b"a.txt", nothing))
    elif kind == 1:
        made = ended(a_header(b"pax", len(nothing), rng.choice((b"x", b"g", b"L"))) + nothing)
    elif kind == 2:
        made = ended(file_in_tar(b"a.txt", b"x")) + nothing
    else:
        made = ended(file_in_tar(b"a", b"") * 120_000)
        return gzip.compress(made, 1), "fail"
    return gzip.compress(made, 9), "fail"


TARS = (
    *(
        good_tar,
        tar_names,
        long_names,
        long_names,
        harmful_tar,
        tar_links,
        tar_sizes,
        tar_sizes,
        pax_records,
        pax_records,
    ),
    *(tar_fields, tar_fields, no_end, clashing),
)
