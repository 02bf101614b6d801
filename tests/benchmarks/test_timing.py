from __future__ import annotations

import time

import pytest

from benchmarks.side_by_side.timing import peak_memory, seconds_per_call, seconds_per_epoch


def test_epochs_are_timed_from_line_to_line_and_the_first_is_left_out(capsys):
    def train(epochs):
        for epoch in range(epochs):
            time.sleep(0.3 if epoch == 0 else 0.01)
            print(f"epoch {epoch + 1}, perplexity 1.0, time 0.01 sec")
            print(" - a sample")

    assert 0.01 <= seconds_per_epoch(train, 3) < 0.1
    assert capsys.readouterr().out == ""


def test_a_trainer_that_prints_otherwise_cannot_be_timed():
    for lines in [0, 1, 3]:
        with pytest.raises(RuntimeError, match=f"2 epochs were trained, but {lines} lines were printed"):
            seconds_per_epoch(lambda epochs, lines=lines: [print("epoch 1,") for _ in range(lines)], 1)


def test_calls_are_counted_after_one_to_warm_up():
    calls = []
    seconds_per_call(lambda: calls.append(1), times=4)
    assert len(calls) == 5


def test_calls_go_on_for_the_time_asked_for():
    calls = []

    def call():
        calls.append(time.sleep(0.01))

    assert 0.01 <= seconds_per_call(call, least_seconds=0.05) < 0.05
    assert len(calls) > 2


def test_memory_once_held_stays_in_the_peak():
    before = peak_memory()
    held = bytearray(64 << 20)
    held[:: 1 << 12] = bytes(len(held) >> 12)  # touched, or it is not there
    del held
    assert peak_memory() > before + (32 << 20) or before > 200 << 20
