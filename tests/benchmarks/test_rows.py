from __future__ import annotations

import pytest

from benchmarks.side_by_side.rows import (
    CHARACTER_RATE,
    EPOCH,
    GFLOPS,
    LIMIT,
    MEBIBYTES,
    ROWS,
    TOKEN_RATE,
    Target,
    training_flop,
)


@pytest.mark.parametrize(
    ("bound", "at_least", "ours", "theirs", "reached"),
    [
        (0.2, False, 0.2, 1.0, True),
        (0.2, False, 0.2001, 1.0, False),
        (10, True, 0.1, 1.0, True),
        (10, True, 0.1001, 1.0, False),
        (1, True, 3.0, 3.0, True),
    ],
)
def test_a_target_is_reached_up_to_its_bound(bound, at_least, ours, theirs, reached):
    target = Target(bound, "gluonbook", at_least)
    assert target.reached(target.ratio(ours, theirs)) is reached


def test_targets_read_as_sentences():
    assert str(Target(0.2, "gluonbook")) == "at most 0.20 of gluonbook"
    assert str(Target(3.2, "d2l", at_least=True)) == "at least 3.2 x the speed of d2l"


def test_the_table_is_whole():
    wanted = {
        "lyrics-scratch": ["at most 0.20 of gluonbook", "at most 1.00 of PyTorch hoisted"],
        "lyrics-naive": ["at most 0.95 of gluonbook"],
        "lyrics-rnn": ["at most 0.60 of gluonbook", "at most 1.00 of PyTorch nn.RNN"],
        "lyrics-lstm": ["at most 0.60 of gluonbook", "at most 1.00 of PyTorch nn.LSTM"],
        "time-machine": ["at least 3.2 x the speed of d2l", "at least 1 x the speed of PyTorch same code"],
        "write-scratch": ["at least 10 x the speed of gluonbook", "at least 1 x the speed of PyTorch same code"],
        "write-rnn": ["at least 30 x the speed of gluonbook", "at least 1 x the speed of PyTorch nn.RNN"],
        "whole-corpus": ["at most 1.10 of 10,000 characters"],
        "import": ["at most 1.15 of mxnet"],
        "memory-scratch": ["at most 1.00 of gluonbook"],
        "memory-lstm": ["at most 1.00 of gluonbook"],
        LIMIT: [],
    }
    assert {row.name: list(map(str, row.targets)) for row in ROWS} == wanted


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_whom_a_row_compares_takes_part_in_it(row):
    labels = [contestant.label for contestant in row.contestants]
    assert len(set(labels)) == len(labels)
    assert {target.than for target in row.targets} <= set(labels)
    assert not row.targets or row.ours in labels


def test_arithmetic_of_an_epoch():
    assert training_flop(1, 256, 1027) == 8 * 2 * 3 * 1120 * 256 * (256 + 1027)
    assert training_flop(4, 256, 1027) == 8 * 2 * 3 * 1120 * 256 * (4 * 256 + 1027)


@pytest.mark.parametrize(
    ("unit", "measured", "shown"),
    [
        (EPOCH, 0.04321, "0.0432"),
        (EPOCH, 1.0, "1.00"),
        (TOKEN_RATE, 0.5, "17,920"),
        (CHARACTER_RATE, 1e-4, "10,000"),
        (MEBIBYTES, 2**20 * 12.34, "12.3"),
        (GFLOPS, 2 * 1120 * 1024 * 1024 / 150e9, "150"),
    ],
)
def test_measurements_are_shown_in_the_unit_of_the_row(unit, measured, shown):
    assert unit.shown(measured) == shown
