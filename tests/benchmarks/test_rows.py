from __future__ import annotations

from benchmarks.side_by_side.rows import (
    CHARACTER_RATE,
    EPOCH,
    GFLOPS,
    MEBIBYTES,
    ROWS,
    TOKEN_RATE,
    Target,
    training_flop,
)


def test_a_target_is_reached_up_to_its_bound():
    for bound, at_least, ours, theirs, reached in [
        (0.2, False, 0.2, 1.0, True),
        (0.2, False, 0.2001, 1.0, False),
        (10, True, 0.1, 1.0, True),
        (10, True, 0.1001, 1.0, False),
        (1, True, 3.0, 3.0, True),
    ]:
        target = Target(bound, "gluonbook", at_least)
        assert target.reached(target.ratio(ours, theirs)) is reached


def test_whom_a_row_compares_takes_part_in_it():
    for row in ROWS:
        labels = [contestant.label for contestant in row.contestants]
        assert len(set(labels)) == len(labels), row.name
        assert {target.than for target in row.targets} <= set(labels), row.name
        assert not row.targets or row.ours in labels, row.name


def test_arithmetic_of_an_epoch():
    assert training_flop(1, 256, 1027) == 8 * 2 * 3 * 1120 * 256 * (256 + 1027)
    assert training_flop(4, 256, 1027) == 8 * 2 * 3 * 1120 * 256 * (4 * 256 + 1027)


def test_measurements_are_shown_in_the_unit_of_the_row():
    for unit, measured, shown in [
        (EPOCH, 0.04321, "0.0432"),
        (EPOCH, 1.0, "1.00"),
        (TOKEN_RATE, 0.5, "17,920"),
        (CHARACTER_RATE, 1e-4, "10,000"),
        (MEBIBYTES, 2**20 * 12.34, "12.3"),
        (GFLOPS, 2 * 1120 * 1024 * 1024 / 150e9, "150"),
    ]:
        assert unit.short_repr(measured) == shown
