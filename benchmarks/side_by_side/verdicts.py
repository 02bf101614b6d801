"""What the measurements say: medians and spread, ratios, whether a target was reached, shares of the limit."""

from __future__ import annotations

import statistics
from typing import NamedTuple, Sequence

from benchmarks.side_by_side.contest import Results
from benchmarks.side_by_side.rows import LIMIT, Row, Target, product_flop


class Spread(NamedTuple):
    """The middle one of some numbers, and the outermost."""

    median: float
    lowest: float
    highest: float

    @classmethod
    def of(cls, numbers: Sequence[float]) -> Spread:
        """Return that of at least one number."""
        return cls(statistics.median(numbers), min(numbers), max(numbers))


class Verdict(NamedTuple):
    """Whether a target was reached; nothing is known of one that could not be measured."""

    row: Row
    target: Target
    ratio: Spread | None

    @property
    def reached(self) -> bool | None:
        """Whether the median of the ratios is good enough."""
        return None if self.ratio is None else self.target.reached(self.ratio.median)

    @property
    def narrowly(self) -> bool:
        """Whether some rounds said otherwise."""
        if self.ratio is None:
            return False
        return self.target.reached(self.ratio.lowest) != self.target.reached(self.ratio.highest)

    def __str__(self) -> str:
        said = {True: "reached", False: "not reached", None: "not measured"}[self.reached]
        return f"{said}, narrowly" if self.narrowly else said


def judge(row: Row, results: Results) -> list[Verdict]:
    """Return a verdict on each target of a row.

    A ratio is taken within each round, where both worked one after the other, and the median of
    these is what counts: what slowed the machine down for a while slowed both.
    """
    measured = results[row.name]
    verdicts = []
    for target in row.targets:
        pairs = zip(measured[row.ours].samples, measured[target.than].samples)
        ratios = [target.ratio(ours, theirs) for ours, theirs in pairs]
        verdicts.append(Verdict(row, target, Spread.of(ratios) if ratios else None))
    return verdicts


def failures(results: Results) -> list[str]:
    """Return what could not be measured, and why."""
    return [
        f"{row}, {label}: {measured.failure}"
        for row, contestants in results.items()
        for label, measured in contestants.items()
        if measured.failure
    ]


def limit(results: Results) -> float | None:
    """Return the best median speed of a matrix product, in operations a second."""
    medians = [statistics.median(entry.samples) for entry in results.get(LIMIT, {}).values() if entry.samples]
    return product_flop() / min(medians) if medians else None


def share(row: Row, seconds: float, most: float | None) -> float | None:
    """Return what part of the limit some work reached, if its arithmetic is stated."""
    return row.flop / seconds / most if row.flop and most else None
