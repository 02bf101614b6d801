"""What the tests of the commands share."""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import safetensors.numpy

import gluonrnn as gb

ROOT = str(Path(gb.__file__).resolve().parents[1])
TEXT = "over and over " * 20
SMALL = ("--num-hiddens", 16, "--num-steps", 7, "--batch-size", 4, "--pred-len", 14)
EPOCH_LINE = re.compile(r"epoch (\d+), perplexity (\d+\.\d{6}|inf|nan), time \d+\.\d{2} sec")
ERROR = "gluonrnn: error: "
FILES = [".lock", "history.csv", "log.txt", "model.safetensors", "options.json", "perplexity.png"]


class Result(NamedTuple):
    """What a command came to."""

    status: int
    out: str
    err: str


def assert_one_line(result, status, words):
    """Check the exit status and the one line on stderr."""
    assert result.status == status
    lines = result.err.splitlines()
    assert len(lines) == 1, result.err
    assert lines[0].startswith(ERROR)
    assert re.search(words, lines[0]), lines[0]


def perplexities(folder):
    with open(Path(folder) / "history.csv", newline="", encoding="utf-8") as file:
        return [row["perplexity"] for row in csv.DictReader(file)]


def weights(folder):
    return safetensors.numpy.load_file(str(Path(folder) / "model.safetensors"))


def call_python(*arguments, **environment):
    return subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": ROOT, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
