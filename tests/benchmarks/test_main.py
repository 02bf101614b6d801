from __future__ import annotations

import json

import pytest

from benchmarks.side_by_side import __main__ as program
from benchmarks.side_by_side import contest
from benchmarks.side_by_side.rows import CHARACTER_RATE, SECONDS, Contestant, Row, Target
from tests.benchmarks.common import FAKE, SETTING


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    monkeypatch.setattr(contest, "PAUSE", 0)
    monkeypatch.setattr(program, "QUICK_REPETITIONS", 1)


@pytest.fixture
def run(monkeypatch, tmp_path):
    def run(row, *arguments):
        monkeypatch.setattr(program, "ROWS", (row,))
        return program.main(["--quick", "--output", str(tmp_path / "out"), *arguments]), tmp_path / "out"

    return run


def of_fakes(*tasks):
    contestants = tuple(Contestant(f"the {task} one", FAKE, task) for task in tasks)
    target = Target(0.1, contestants[0].label)
    return Row("fakes", "doing nothing", SECONDS, contestants, (target,), ours=contestants[-1].label)


@pytest.mark.slow
def test_what_cannot_be_measured_is_told_and_the_status_is_1(run, capsys, monkeypatch):
    monkeypatch.setattr(program, "_setting", lambda *arguments: SETTING)
    status, out = run(of_fakes("chatty", "failing", "threads"))
    assert status == 1
    said = capsys.readouterr().out
    assert f"fakes, the failing one: {FAKE}: ValueError: out of memory" in said
    data = json.loads((out / "speed.json").read_text("utf-8"))
    assert data["complete"] is False
    assert data["rows"][0]["targets"][0]["reached"] is False


@pytest.mark.slow
def test_gluonbook_and_gluonrnn_side_by_side(run, capsys):
    both = tuple(Contestant(name, name, "write-scratch") for name in ("gluonbook", "gluonrnn"))
    row = Row("write", "writing", CHARACTER_RATE, both, (Target(10, "gluonbook", at_least=True),))
    status, out = run(row, "--threads", "1")
    assert status == 0, (out / "logs" / "gluonrnn.log").read_text()
    data = json.loads((out / "speed.json").read_text("utf-8"))
    assert data["threads"] == 1
    assert data["versions"]["gluonbook"]
    assert data["versions"]["gluonrnn"]
    assert data["rows"][0]["targets"][0]["ratio"]["median"] > 0
