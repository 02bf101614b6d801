from __future__ import annotations

import pytest

from benchmarks.side_by_side import contest
from benchmarks.side_by_side.contest import Crew, hold
from benchmarks.side_by_side.protocol import WorkerError, environment
from benchmarks.side_by_side.rows import Contestant
from tests.benchmarks.common import FAKE, SETTING, row


@pytest.fixture(autouse=True)
def no_pause(monkeypatch):
    monkeypatch.setattr(contest, "PAUSE", 0)


def test_everyone_in_turn_and_the_first_round_does_not_count():
    asked, said = [], []

    def measure(contestant):
        asked.append(contestant.label)
        return len(asked)

    measured = hold([row()], 2, measure, said.append)["sums"]
    names = ["gluonbook", "PyTorch sum", "gluonrnn"]
    assert asked == names + names[1:] + names[:1] + names[2:] + names[:2]
    assert [measured[name].samples for name in names] == [[6, 8], [4, 9], [5, 7]]
    assert said == ["1 of 1: adding numbers"]


def test_a_contestant_that_fails_is_out_of_the_row_and_holds_up_nobody():
    asked = []

    def measure(contestant):
        asked.append(contestant.label)
        if contestant.label == "gluonbook" and asked.count("gluonbook") == 2:
            raise WorkerError("out of memory")
        return 1.0

    results = hold([row(), row(name="more")], 3, measure, lambda line: None)
    failed = results["sums"]["gluonbook"]
    assert (failed.samples, failed.failure) == ([], "out of memory")
    assert results["sums"]["gluonrnn"].samples == [1.0, 1.0, 1.0]
    assert results["more"]["gluonbook"].samples == [1.0, 1.0, 1.0]


def test_a_worker_stays_for_all_its_tasks_but_for_those_that_ask_for_a_fresh_process(tmp_path):
    with Crew(SETTING, environment(1), tmp_path) as crew:
        same = [crew.measure(Contestant("a", FAKE, "process")) for _ in range(2)]
        fresh = [crew.measure(Contestant("a", FAKE, "process", fresh=True)) for _ in range(2)]
    assert same[0] == same[1]
    assert len({same[0], *fresh}) == 3
