"""The texts that are trained on: the book's own where they are at hand, and made-up ones elsewhere.

Run as a program it prints them as indices, as gluonrnn's loaders give them, so that every
contestant gets the same. Nothing of a text is written anywhere.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import sys
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any, Iterator

LYRICS, TIME_MACHINE = "jaychou_lyrics.txt", "timemachine.txt"
# length and distinct characters, of the first 10,000 and of all
LYRICS_START, LYRICS_START_VOCAB, LYRICS_LENGTH, LYRICS_VOCAB = 10_000, 1_027, 63_282, 2_583
TIME_MACHINE_LENGTH = 178_979
MADE_UP = "BENCH_MADE_UP_TEXTS"


@contextlib.contextmanager
def data_folder() -> Iterator[tuple[str, dict[str, str]]]:
    """Yield what the texts are, in words, and the environment in which gluonrnn finds them.

    They are those in the folder ``$GLUONRNN_DATA``; without that variable, made-up ones of the same
    size in a temporary folder.
    """
    given = os.environ.get("GLUONRNN_DATA")
    if given:
        yield "the book's own, from GLUONRNN_DATA", {"GLUONRNN_DATA": os.path.abspath(given), "GLUONRNN_OFFLINE": "1"}
        return
    with tempfile.TemporaryDirectory() as folder:
        make_up(Path(folder))
        yield (
            "made up, of the same size and number of distinct characters (GLUONRNN_DATA is not set)",
            {"GLUONRNN_DATA": folder, "GLUONRNN_OFFLINE": "1", MADE_UP: "1"},
        )


def make_up(folder: Path) -> None:
    """Write texts of the size of the book's, drawn by a seeded generator, under its file names."""
    draw = random.Random(2018)
    start = _drawn(draw, LYRICS_START, LYRICS_START_VOCAB)
    rest = _drawn(draw, LYRICS_LENGTH - LYRICS_START, LYRICS_VOCAB)
    with zipfile.ZipFile(folder / f"{LYRICS}.zip", "w") as archive:
        archive.writestr(LYRICS, "".join(chr(0x4E00 + index) for index in start + rest))
    letters = "abcdefghijklmnopqrstuvwxyz"
    prose = "".join(letters[index] if index < 26 else " " for index in _drawn(draw, TIME_MACHINE_LENGTH, 27))
    (folder / TIME_MACHINE).write_text("\n".join(prose[i : i + 70] for i in range(0, len(prose), 70)), "utf-8")


def _drawn(draw: random.Random, length: int, distinct: int) -> list[int]:
    """Return that many indices, each of the distinct ones at least once and the low ones often."""
    often = [1 / (rank + 5) for rank in range(distinct)]
    indices = list(range(distinct)) + draw.choices(range(distinct), often, k=length - distinct)
    draw.shuffle(indices)
    return indices


def time_machine(batch_size: int, num_steps: int) -> Any:
    """Return the loader of `gluonrnn.d2l`, told of the hash of a made-up text."""
    from gluonrnn import d2l

    if os.environ.get(MADE_UP):
        sha1 = hashlib.sha1(Path(os.environ["GLUONRNN_DATA"], TIME_MACHINE).read_bytes()).hexdigest()
        d2l.DATA_HUB["time_machine"] = (d2l.DATA_URL + TIME_MACHINE, sha1)
    loader, _ = d2l.load_data_time_machine(batch_size, num_steps)
    return loader


def load() -> dict[str, Any]:
    """Return each text as ``(indices, vocab_size)``; two of them are the start of others, in their vocabulary."""
    import gluonrnn as gb

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gb.CorpusWarning)  # made-up texts are not the published ones
        start, whole = gb.load_corpus("jaychou"), gb.load_corpus("jaychou", max_chars=None)
    loader = time_machine(32, 35)
    return {
        "lyrics": (list(start.corpus_indices), start.vocab_size),
        "whole": (list(whole.corpus_indices), whole.vocab_size),
        "start": (list(whole.corpus_indices)[: len(start.corpus_indices)], whole.vocab_size),
        "time_machine": (list(loader.corpus), len(loader.vocab)),
    }


if __name__ == "__main__":
    json.dump(load(), sys.stdout)
