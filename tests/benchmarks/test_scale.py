"""The benchmark of scale: what it is to measure, its texts, and that each measurement runs."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

SOURCE = Path(__file__).resolve().parents[2] / "benchmarks" / "scale.py"


@pytest.fixture(scope="module")
def scale():
    spec = importlib.util.spec_from_file_location("benchmark_of_scale", SOURCE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sizes(tasks, panel):
    found = [task.x for task in tasks if task.panel == panel]
    return min(found), max(found)


def test_the_ends_of_each_range_are_measured(scale):
    tasks = list(scale.tasks())
    assert {task.panel for task in tasks} == set(scale.PANELS)
    assert sizes(tasks, "reading") == sizes(tasks, "sampling") == (10_000, 64_000_000)
    assert sizes(tasks, "vocabulary") == (28, 10_000)
    assert sizes(tasks, "hidden units") == (64, 2048)
    for task in tasks:
        assert task.x in task.arguments.values()
    quick = list(scale.tasks(quick=True))
    assert {task.panel for task in quick} == set(scale.PANELS)
    assert len(quick) < len(tasks)


@pytest.mark.parametrize(("alphabet", "size"), [("latin", 1), ("latin", 700_000), ("chinese", 1), ("chinese", 700_000)])
def test_texts_have_their_size_and_are_the_same_each_time(scale, alphabet, size):
    for name in ("one.txt", "two.txt"):
        scale.write_text(Path(name), alphabet, size)
    content = Path("one.txt").read_bytes()
    assert content == Path("two.txt").read_bytes()
    assert 0.95 * size < len(content) < size + 3
    if size > 1:
        assert len(set(content.decode("utf-8"))) in {"latin": [29], "chinese": range(4900, 5002)}[alphabet]
        assert {len(line) for line in content.decode("utf-8").split("\n")[:-1]} == {59}


@pytest.mark.parametrize(
    ("measure", "arguments", "keys"),
    [
        ("reading", {"alphabet": "latin", "size": 3000}, {"seconds", "characters", "peak_mb"}),
        ("sampling", {"kind": "random", "length": 3000}, {"us_per_batch", "ms_to_first_batch", "peak_mb"}),
        ("sampling", {"kind": "consecutive", "length": 3000}, {"us_per_batch", "ms_to_first_batch", "peak_mb"}),
        (
            "training",
            {"cell": "rnn", "budget": 0, "vocab_size": 30, "num_hiddens": 4, "num_steps": 3, "batch_size": 2},
            {"us_per_character", "lowest", "highest", "peak_mb"},
        ),
    ],
)
def test_each_measurement_says_what_it_took(scale, measure, arguments, keys):
    found = scale.MEASURES[measure](**arguments)
    assert set(found) == keys
    assert all(value >= 0 for value in found.values())


def test_tables_and_plot_are_written(scale, monkeypatch, capsys):
    sampling = {"kind": "consecutive", "length": 3000}
    training = {"cell": "rnn", "budget": 0, "num_hiddens": 4, "num_steps": 3}
    tasks = [
        scale.Task("sampling", "consecutive", 3000, "sampling", sampling),
        *(scale.Task("batch", "rnn", size, "training", {**training, "batch_size": size}) for size in (1, 2)),
    ]
    monkeypatch.setattr(scale, "tasks", lambda quick: tasks)
    assert scale.main(["--output", "out"]) == 0
    written = json.loads(Path("out/scale.json").read_text(encoding="utf-8"))
    assert [(point["panel"], point["curve"], point["x"]) for point in written["points"]] == [
        ("sampling", "consecutive", 3000),
        ("batch", "rnn", 1),
        ("batch", "rnn", 2),
    ]
    assert written["machine"]["run"]["num_hiddens"] == 256
    assert Path("out/scale.png").read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr().out
    assert "us_per_batch" in printed
    assert "written: out/scale.json, out/scale.png" in printed


def test_a_measurement_that_fails_ends_the_run(scale):
    with pytest.raises(SystemExit, match=r"(?s)sampling .* failed:.*batch_size"):
        scale.measured("sampling", {"batch_size": 3})
