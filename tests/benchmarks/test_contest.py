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


@pytest.fixture
def crew(tmp_path):
    with Crew(SETTING, environment(1), tmp_path) as crew:
        yield crew


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


def test_a_row_may_have_fewer_rounds():
    assert len(hold([row(repetitions=1)], 5, lambda each: 1.0, print)["sums"]["gluonrnn"].samples) == 1


def test_a_slow_machine_has_fewer_rounds_but_some(monkeypatch):
    monkeypatch.setattr(contest, "ROW_SECONDS", -1)
    measured = hold([row()], 9, lambda each: 1.0, lambda line: None)["sums"]
    assert len(measured["gluonrnn"].samples) == contest.FEWEST


def test_a_worker_stays_for_all_its_tasks(crew):
    ask = [crew.measure(Contestant("a", FAKE, "process")) for _ in range(2)]
    assert ask[0] == ask[1]
    assert crew.versions == {"fake": "1.0"}


def test_a_fresh_process_each_time(crew):
    ask = {crew.measure(Contestant("a", FAKE, "process", fresh=True)) for _ in range(2)}
    assert len(ask) == 2


def test_a_worker_that_died_is_started_again(crew):
    with pytest.raises(WorkerError):
        crew.measure(Contestant("a", FAKE, "dying"))
    assert crew.measure(Contestant("a", FAKE, "chatty")) == 0.5


def test_a_package_that_is_missing_is_looked_for_once(crew, monkeypatch):
    with pytest.raises(WorkerError, match=r"ModuleNotFoundError: No module named 'tests\.benchmarks\.nobody'"):
        crew.measure(Contestant("a", "tests.benchmarks.nobody", "sum"))
    monkeypatch.setattr(contest, "Worker", None)
    with pytest.raises(WorkerError, match="nobody"):
        crew.measure(Contestant("a", "tests.benchmarks.nobody", "sum"))
