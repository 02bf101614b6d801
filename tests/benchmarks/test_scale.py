"""The benchmark of scale: its texts, and that each measurement runs."""

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


@pytest.mark.slow
def test_texts_have_their_size_and_are_the_same_each_time(scale):
    for alphabet, size in [("latin", 1), ("latin", 700_000), ("chinese", 700_000)]:
        for name in ("one.txt", "two.txt"):
            scale.write_text(Path(name), alphabet, size)
        content = Path("one.txt").read_bytes()
        assert content == Path("two.txt").read_bytes()
        assert 0.95 * size < len(content) < size + 3
        if size > 1:
            assert len(set(content.decode("utf-8"))) in {"latin": [29], "chinese": range(4900, 5002)}[alphabet]
            assert {len(line) for line in content.decode("utf-8").split("\n")[:-1]} == {59}


@pytest.mark.slow
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


@pytest.mark.slow
def test_tables_and_plot_are_written(scale, monkeypatch, capsys):
    training = {"cell": "rnn", "budget": 0, "vocab_size": 30, "num_hiddens": 4, "num_steps": 3, "batch_size": 2}
    tasks = [
        scale.Task("sampling", "consecutive", 3000, "sampling", {"kind": "consecutive", "length": 3000}),
        scale.Task("batch", "rnn", 2, "training", training),
    ]
    monkeypatch.setattr(scale, "tasks", lambda quick: tasks)
    assert scale.main(["--output", "out"]) == 0
    written = json.loads(Path("out/scale.json").read_text(encoding="utf-8"))
    points = [(point["panel"], point["curve"], point["x"]) for point in written["points"]]
    assert points == [("sampling", "consecutive", 3000), ("batch", "rnn", 2)]
    assert written["machine"]["run"]["num_hiddens"] == 256
    assert Path("out/scale.png").read_bytes().startswith(b"\x89PNG")
    printed = capsys.readouterr().out
    assert "us_per_batch" in printed
    assert "written: out/scale.json, out/scale.png" in printed
