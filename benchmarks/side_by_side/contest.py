"""The contest: row by row, round by round, every contestant in turn."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Callable, Dict, Mapping, Sequence

from benchmarks.side_by_side.protocol import Worker, WorkerError
from benchmarks.side_by_side.rows import Contestant, Row
from benchmarks.side_by_side.setting import Setting

PAUSE = 0.1  # seconds after each request, for its threads to fall asleep
ROW_SECONDS, FEWEST = 40.0, 3  # a row that takes longer has fewer rounds, but not less than these


@dataclass
class Measured:
    """What a contestant took for a unit of work, round by round, or why it could not be measured."""

    samples: list[float] = field(default_factory=list)
    failure: str | None = None


Results = Dict[str, Dict[str, Measured]]  # by row and contestant


class Crew:
    """The workers: each started when it is first needed, and again for a new row if it has died.

    Parameters
    ----------
    setting, env, logs
        As `Worker` takes them; the logs are a folder.
    """

    def __init__(self, setting: Setting, env: Mapping[str, str], logs: Path) -> None:
        self.setting, self.env, self.logs = setting, env, logs
        self.versions: dict[str, str] = {}
        self._workers: dict[str, Worker] = {}
        self._absent: dict[str, WorkerError] = {}

    def measure(self, contestant: Contestant) -> float:
        """Return what a unit of its work took once, or raise a `WorkerError`."""
        if contestant.fresh:
            worker = self._start(contestant.worker)
            try:
                return worker.run(contestant.task)
            finally:
                worker.close()
        worker = self._workers.get(contestant.worker)
        if worker is None or not worker.alive:
            if worker is not None:
                worker.close()
            self._workers[contestant.worker] = worker = self._start(contestant.worker)
        return worker.run(contestant.task)

    def _start(self, name: str) -> Worker:
        if name in self._absent:
            raise self._absent[name]
        try:
            worker = Worker(name, self.setting, self.env, self.logs / f"{name}.log")
        except WorkerError as error:
            self._absent[name] = error
            raise
        self.versions.update(worker.versions)
        return worker

    def __enter__(self) -> Crew:
        return self

    def __exit__(self, *error: Any) -> None:
        for worker in self._workers.values():
            worker.close()


def hold(
    rows: Sequence[Row], repetitions: int, measure: Callable[[Contestant], float], report: Callable[[str], Any]
) -> Results:
    """Measure every contestant of every row.

    Parameters
    ----------
    rows : sequence of Row
        What to measure.
    repetitions : int
        Rounds that count, fewer on a slow machine; one before them warms up and does not. Each
        round begins with another contestant, lest one always follows the same.
    measure : function
        From a contestant to what a unit of its work took; a contestant for which it raises a
        `WorkerError` is out of this row.
    report : function
        Told of each row as it begins.
    """
    results: Results = {}
    for number, row in enumerate(rows, start=1):
        report(f"{number} of {len(rows)}: {row.title}")
        results[row.name] = measured = {contestant.label: Measured() for contestant in row.contestants}
        rounds = min(repetitions, row.repetitions or repetitions)
        start = time.monotonic()
        for turn in range(rounds + 1):
            if turn > FEWEST and time.monotonic() - start > ROW_SECONDS:
                break
            for contestant in _rotated(row.contestants, turn):
                entry = measured[contestant.label]
                if entry.failure is None:
                    _measure_once(entry, contestant, measure, counts=turn > 0)
    return results


def _measure_once(
    entry: Measured, contestant: Contestant, measure: Callable[[Contestant], float], counts: bool
) -> None:
    try:
        value = measure(contestant)
    except WorkerError as error:
        entry.failure = str(error)
        entry.samples.clear()
        return
    if counts:
        entry.samples.append(value)
    time.sleep(PAUSE)


def _rotated(contestants: Sequence[Contestant], turn: int) -> tuple[Contestant, ...]:
    first = turn % len(contestants)
    return (*contestants[first:], *contestants[:first])
