"""The results as text: a line for each target, then what every contestant took."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from benchmarks.side_by_side.contest import Measured, Results
from benchmarks.side_by_side.rows import LIMIT, Row, Unit
from benchmarks.side_by_side.verdicts import Spread, Verdict, failures, judge, limit, share


def heading(facts: Mapping[str, Any]) -> str:
    """Return what was measured where."""
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    variables = " ".join(f"{name}={value}" for name, value in facts["environment"].items())
    lines = {
        "date": facts["date"],
        "machine": f"{facts['cpu']}, {facts['cores']} cores, {facts['system']}",
        "load": f"{facts['load']:.1f} processes before it began; beside other work, threads wait for each other, and "
        "times vary several fold",
        "threads": f"{facts['threads']} for every contestant; without OMP_NUM_THREADS, MXNet would take half of the "
        "logical processors and PyTorch all physical ones",
        "versions": versions,
        "environment": variables,
        "texts": facts["texts"],
        "rounds": f"at most {facts['repetitions']}, fewer of slow rows, after one to warm up; medians, and from "
        "lowest to highest",
        "ratios": "the median, and the range, of those within each round",
    }
    return "\n".join(f"{name + ':':13}{value}" for name, value in lines.items())


def targets_table(rows: Sequence[Row], results: Results) -> str:
    """Return a line for each target: what it is, the ratio measured, and the verdict."""
    verdicts = [verdict for row in rows for verdict in judge(row, results)]
    lines, named = [("row", "target", "measured", "verdict")], ""
    for verdict in verdicts:
        name = verdict.row.name if verdict.row.name != named else ""
        named = verdict.row.name
        lines.append((name, str(verdict.target), ratio_in_words(verdict), str(verdict)))
    reached = sum(verdict.reached is True for verdict in verdicts)
    return f"{aligned(lines)}\n\n{reached} of {len(verdicts)} targets reached."


def ratio_in_words(verdict: Verdict) -> str:
    """Return a ratio and its spread; three digits of what is small, one after the point of what is large."""
    if verdict.ratio is None:
        return "-"
    median, lowest, highest = (
        f"{ratio:.1f}" if verdict.ratio.median >= 5 else f"{ratio:.3f}" for ratio in verdict.ratio
    )
    return f"{median} ({lowest} to {highest})"


def details(rows: Sequence[Row], results: Results) -> str:
    """Return what every contestant took, and what part of the machine's limit that is."""
    most = limit(results)
    blocks = []
    for row in rows:
        lines = []
        for label, measured in results[row.name].items():
            lines.append((f"  {label}", *_figures(row, measured, results[row.name][row.contestants[0].label], most)))
        rounds = max(len(measured.samples) for measured in results[row.name].values())
        blocks.append(f"{row.title}, {row.unit.name}, {rounds} rounds\n{aligned(lines)}")
    return "\n\n".join(blocks)


def _figures(row: Row, measured: Measured, first: Measured, most: float | None) -> tuple[str, ...]:
    if not measured.samples:
        return "not measured", "", "", ""
    spread = Spread.of(measured.samples)
    part = share(row, spread.median, most)
    beside = ""
    if first.samples and row.name != LIMIT:
        beside = row.compared(spread.median, Spread.of(first.samples).median)
    of_limit = f"{part:.0%} of the matrix product" if part else ""
    return row.unit.short_repr(spread.median), shown_range(row.unit, spread), beside, of_limit


def shown_range(unit: Unit, spread: Spread) -> str:
    """Return from where to where measurements lie, as they are shown."""
    ends = sorted((spread.lowest, spread.highest), key=unit.of)
    return f"{unit.short_repr(ends[0])} to {unit.short_repr(ends[1])}"


def unmeasured(results: Results) -> str:
    """Return what could not be measured and why, or that everything was."""
    reasons = failures(results)
    if not reasons:
        return "Everything was measured."
    return "Not measured:\n" + "\n".join(f"  {reason}" for reason in reasons)


def aligned(lines: Sequence[Sequence[str]]) -> str:
    """Return columns, each as wide as its widest cell.

    Examples
    --------
    >>> print(aligned([("a", "b"), ("long", "c")]))
    a     b
    long  c
    """
    widths = [max(map(len, column)) for column in zip(*lines)]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in lines)
