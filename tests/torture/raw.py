"""Damage to bytes that knows nothing of what they mean: flips, cuts, splices, repetitions, extreme numbers."""

from __future__ import annotations

import random

__all__ = ["RAW", "damaged"]

EXTREME = (0, 1, 2, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**63, 2**64 - 1)


def flip_bits(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 2, 4, 16))):
        changed[rng.randrange(len(changed))] ^= 1 << rng.randrange(8)
    return bytes(changed)


def set_bytes(content: bytes, rng: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 2, 8))):
        changed[rng.randrange(len(changed))] = rng.choice((0, 0xFF, 0x0A, 0x1B, 0x22, 0x2F, 0x5C, rng.randrange(256)))
    return bytes(changed)


def cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def cut_start(content: bytes, rng: random.Random) -> bytes:
    return content[rng.randrange(1, len(content)) :]


def remove(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content))
    return content[:start] + content[start + rng.choice((1, 2, 4, 8, 64)) :]


def repeat(content: bytes, rng: random.Random) -> bytes:
    start = rng.randrange(len(content))
    piece = content[start : start + rng.choice((1, 4, 30, 46, 512))]
    return content[:start] + piece * rng.choice((2, 3, 50)) + content[start + len(piece) :]


def splice(content: bytes, rng: random.Random) -> bytes:
    """Go on from somewhere else: what editors of disks and half-written files do."""
    return content[: rng.randrange(len(content))] + content[rng.randrange(len(content)) :]


def overwrite(content: bytes, rng: random.Random) -> bytes:
    start, length = rng.randrange(len(content)), rng.choice((4, 16, 512, 4096))
    filling = rng.choice((bytes(length), b"\xff" * length, bytes(rng.randrange(256) for _ in range(length))))
    return content[:start] + filling[: len(content) - start] + content[start + length :]


def number(content: bytes, rng: random.Random) -> bytes:
    width = rng.choice((2, 4, 8))
    start = rng.randrange(max(1, len(content) - width))
    value = rng.choice(EXTREME) % (1 << (8 * width))
    return content[:start] + value.to_bytes(width, "little") + content[start + width :]


def append(content: bytes, rng: random.Random) -> bytes:
    return content + rng.choice((b"\0", b"\n", bytes(512), content, b"PK\x05\x06" + bytes(18)))


RAW = (flip_bits, set_bytes, cut, cut_start, remove, repeat, splice, overwrite, number, append)


def damaged(content: bytes, rng: random.Random) -> tuple[str, bytes]:
    """Return the name of one of these, and what it made."""
    mutate = rng.choice(RAW)
    return mutate.__name__, mutate(content, rng)
