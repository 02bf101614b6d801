from __future__ import annotations

import pytest

from benchmarks.side_by_side.contest import Measured
from benchmarks.side_by_side.rows import LIMIT, ROWS, product_flop
from benchmarks.side_by_side.verdicts import Spread, failures, judge, limit, share
from tests.benchmarks.common import AT_LEAST, AT_MOST, results, row


def test_ratios_are_of_the_same_round():
    of = row(AT_MOST)
    # the machine was ten times slower in the second round
    (verdict,) = judge(of, results(of, [1.0, 10.0, 1.0], [], [0.1, 2.0, 0.3]))
    assert verdict.ratio == pytest.approx(Spread(0.2, 0.1, 0.3))
    assert str(verdict) == "reached, narrowly"


def test_the_median_decides():
    for target, ours, said in [
        (AT_MOST, [0.1, 0.2], "reached"),
        (AT_MOST, [0.3, 0.25], "not reached"),
        (AT_MOST, [0.1, 0.3, 0.3], "not reached, narrowly"),
        (AT_LEAST, [0.05, 0.1], "reached"),
        (AT_LEAST, [0.2, 0.11], "not reached"),
        (AT_LEAST, [0.2, 0.05, 0.05], "reached, narrowly"),
    ]:
        of = row(target)
        (verdict,) = judge(of, results(of, [1.0] * len(ours), [], ours))
        assert str(verdict) == said


def test_without_a_measurement_there_is_no_verdict():
    of = row(AT_MOST)
    for samples in (("gone", [], [1.0]), ([1.0], [], "gone")):
        (verdict,) = judge(of, results(of, *samples))
        assert (verdict.ratio, verdict.reached, str(verdict)) == (None, None, "not measured")
        assert len(failures(results(of, *samples))) == 1


def test_failures_name_row_contestant_and_reason():
    of = row()
    assert failures(results(of, [1.0], "no module named torch", [1.0])) == ["sums, PyTorch sum: no module named torch"]


def test_the_fastest_product_is_the_limit():
    measured = {LIMIT: {"a": Measured([2.0, 1.0, 3.0]), "b": Measured([4.0]), "c": Measured(failure="gone")}}
    assert limit(measured) == product_flop() / 2
    assert limit({}) is None
    assert limit({LIMIT: {"c": Measured(failure="gone")}}) is None


def test_share_of_the_limit():
    assert share(row(flop=6e9), 0.5, 100e9) == pytest.approx(0.12)
    assert share(row(flop=6e9), 0.5, None) is None
    assert share(ROWS[-1], 0.5, 100e9) is None
