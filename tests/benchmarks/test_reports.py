from __future__ import annotations

import json

import pytest

from benchmarks.side_by_side import plot, record, tables
from benchmarks.side_by_side.contest import Measured
from benchmarks.side_by_side.machine import telling_variables
from benchmarks.side_by_side.rows import ROWS
from tests.benchmarks.common import AT_LEAST, AT_MOST, FACTS, results, row


@pytest.fixture
def everything():
    """Results of all rows, with PyTorch missing."""
    return {
        each.name: {
            contestant.label: Measured(failure="no torch")
            if contestant.worker == "torch"
            else Measured([0.010 * number, 0.011 * number, 0.012 * number])
            for number, contestant in enumerate(each.contestants, start=1)
        }
        for each in ROWS
    }


def test_a_line_for_each_target():
    of = row(AT_MOST, AT_LEAST)
    table = tables.targets_table([of], results(of, [1.0, 1.0, 1.0], [], [0.1, 0.1234, 0.3]))
    heading, first, second, _, summary = table.splitlines()
    assert heading.split() == ["row", "target", "measured", "verdict"]
    assert first.split("  ")[0] == "sums"
    assert "at most 0.20 of gluonbook" in first
    assert "0.123 (0.100 to 0.300)" in first
    assert first.endswith("reached, narrowly")
    assert second.startswith("    ")  # the row is named once
    assert "8.1 (3.3 to 10.0)" in second
    assert summary == "1 of 2 targets reached."


def test_details_tell_median_spread_ratio_and_share():
    of = row(AT_MOST, flop=1e9)
    measured = results(of, [1.0, 2.0, 3.0], "gone", [0.5])
    measured["matrix-product"] = {"a": Measured([2 * 1120 * 1024 * 1024 / 10e9])}
    title, gluonbook, torch, ours = tables.details([of], measured).splitlines()
    assert title == "adding numbers, s, 3 rounds"
    assert "2.00" in gluonbook
    assert "1.00 to 3.00" in gluonbook
    assert "5% of the matrix product" in gluonbook
    assert torch.endswith("not measured")
    assert "0.250 of gluonbook" in ours
    assert "20% of the matrix product" in ours


def test_speeds_are_compared_as_speeds():
    of = row(AT_LEAST)
    assert "4.00 x the speed of gluonbook" in tables.details([of], results(of, [1.0], [1.0], [0.25]))


def test_ranges_rise_in_the_unit_that_is_shown():
    of = next(each for each in ROWS if each.name == "write-scratch")
    assert "500 to 1,000" in tables.details([of], results(of, [0.001, 0.002], [1.0], [1.0]))


def test_json_holds_every_measurement(tmp_path, everything):
    record.write(tmp_path / "speed.json", record.as_data(ROWS, everything, FACTS))
    data = json.loads((tmp_path / "speed.json").read_text("utf-8"))
    assert data["cpu"] == "a processor"
    assert data["complete"] is False
    assert "lyrics-scratch, PyTorch hoisted: no torch" in data["failures"]
    assert [each["name"] for each in data["rows"]] == [each.name for each in ROWS]
    first = data["rows"][0]
    assert first["contestants"]["gluonbook"]["samples"] == [0.010, 0.011, 0.012]
    assert first["contestants"]["gluonbook"]["median"] == 0.011
    assert 0 < first["contestants"]["gluonbook"]["share_of_limit"] < 100
    assert first["contestants"]["PyTorch hoisted"] == {"failure": "no torch"}
    to_book, to_torch = first["targets"]
    assert to_book["ratio"]["median"] == pytest.approx(5)
    assert to_book["reached"] is False
    assert to_torch["ratio"] is to_torch["reached"] is None


@pytest.mark.slow
def test_a_picture_is_drawn_of_whatever_was_measured(tmp_path, everything):
    for rows in (ROWS, ROWS[-1:], []):
        plot.draw(tmp_path / "speed.png", rows, {each.name: everything[each.name] for each in rows}, FACTS)
        assert (tmp_path / "speed.png").read_bytes().startswith(b"\x89PNG")


def test_only_variables_that_matter_are_told():
    environment = {"OMP_NUM_THREADS": "2", "MXNET_ENGINE_TYPE": "NaiveEngine", "MALLOC_ARENA_MAX": "1", "SECRET": "s"}
    assert set(telling_variables(environment)) == set(environment) - {"SECRET"}
