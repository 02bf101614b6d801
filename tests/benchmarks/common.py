"""What the tests of the benchmark have in common."""

from __future__ import annotations

from benchmarks.side_by_side.contest import Measured
from benchmarks.side_by_side.rows import SECONDS, Contestant, Row, Target
from benchmarks.side_by_side.setting import Setting, Text

FAKE = "tests.benchmarks.fake_worker"
# 2 batches of 32 x 35, the least that can be trained on twice
LYRICS = Text([i * 7 % 30 for i in range(2_300)], 30)
SETTING = Setting({"lyrics": LYRICS, "time_machine": LYRICS}, epochs=1, least_seconds=0.001, threads=1)
FACTS = {
    "date": "2018-11-01T12:00:00+00:00", "cpu": "a processor", "cores": 2, "load": 0.1, "system": "Linux", "threads": 2,
    "versions": {"python": "3.8"}, "environment": {"OMP_NUM_THREADS": "2"}, "texts": "made up", "repetitions": 3,
}  # fmt: skip


def row(*targets, ours="gluonrnn", worker="nobody", name="sums", **kwargs):
    """Return a row of three contestants."""
    contestants = tuple(Contestant(label, worker, "sum") for label in ("gluonbook", "PyTorch sum", ours))
    return Row(name, "adding numbers", SECONDS, contestants, targets, ours=ours, **kwargs)


def results(of, *samples):
    """Return results of one row: the samples of each contestant, or why it has none."""
    measured = [Measured(failure=each) if isinstance(each, str) else Measured(list(each)) for each in samples]
    return {of.name: {contestant.label: each for contestant, each in zip(of.contestants, measured)}}


AT_MOST, AT_LEAST = Target(0.2, "gluonbook"), Target(10, "gluonbook", at_least=True)
