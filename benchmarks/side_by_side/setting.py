"""What all contestants are given: the same texts as indices, and the sizes of the book's experiments."""

from __future__ import annotations

from typing import NamedTuple, Sequence

BATCH_SIZE, NUM_STEPS = 32, 35
TOKENS = BATCH_SIZE * NUM_STEPS  # in a batch
LYRICS_HIDDENS, LYRICS_LR, LYRICS_THETA = 256, 1e2, 1e-2
TIME_MACHINE_HIDDENS, TIME_MACHINE_LR = 512, 1
# what the book writes on from, and how far
PREFIX_LENGTH, WRITTEN = 2, 50


class Text(NamedTuple):
    """A text as indices; its characters are nobody's business here."""

    indices: Sequence[int]
    vocab_size: int

    @property
    def num_batches(self) -> int:
        """The batches of an epoch of consecutive sampling."""
        return (len(self.indices) // BATCH_SIZE - 1) // NUM_STEPS

    @property
    def idx_to_char(self) -> list[str]:
        """Made-up characters, one for each index."""
        return [chr(0x4E00 + index) for index in range(self.vocab_size)]

    @property
    def char_to_idx(self) -> dict[str, int]:
        """The index of each."""
        return {char: index for index, char in enumerate(self.idx_to_char)}


class Setting(NamedTuple):
    """What a worker is told at the start."""

    texts: dict[str, Text]
    epochs: int
    least_seconds: float
    threads: int

    @classmethod
    def from_json(cls, fields: dict) -> Setting:
        """Return what was sent as JSON, where a tuple is a list."""
        texts = {name: Text(*text) for name, text in fields.pop("texts").items()}
        return cls(texts=texts, **fields)
