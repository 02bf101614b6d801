"""A small model, and commands that make one."""

from __future__ import annotations

from pathlib import Path

import pytest

from gluonrnn.cli.main import main
from gluonrnn.training import loop
from tests.cli.common import SMALL, TEXT


@pytest.fixture
def train(run):
    """Return a function that trains a small model on ``own.txt``, which it writes."""
    Path("own.txt").write_text(TEXT, encoding="utf-8")
    return lambda *arguments: run("train", "--corpus", "own.txt", *SMALL, *arguments)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a run that knows its text by heart."""
    folder = tmp_path_factory.mktemp("trained")
    own = folder / "own.txt"
    own.write_text(TEXT, encoding="utf-8")
    arguments = ["train", "--corpus", own, *SMALL, "--epochs", 40, "--seed", 1, "--prefix", "over", "--out", folder]
    assert main([str(argument) for argument in [*arguments, "-q"]]) == 0
    return folder


@pytest.fixture
def never_trained(monkeypatch):
    def never(*arguments, **keywords):
        pytest.fail("training began")

    monkeypatch.setattr(loop, "train_epoch", never)
