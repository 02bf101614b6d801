"""The results as JSON: everything that the table and the plot say, and each single measurement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Mapping, Sequence

from benchmarks.side_by_side.contest import Measured, Results
from benchmarks.side_by_side.rows import Row
from benchmarks.side_by_side.verdicts import Spread, Verdict, failures, judge, limit, share


def as_data(rows: Sequence[Row], results: Results, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return the results as dicts, lists, numbers and strings.

    ``samples`` are seconds a unit of work, or bytes; what is under ``shown`` is in the unit of the row.
    """
    most = limit(results)
    return {
        **facts,
        "complete": not failures(results),
        "failures": failures(results),
        "limit_gflops": most and most / 1e9,
        "rows": [_row(row, results, most) for row in rows],
    }


def write(path: Path, data: Mapping[str, Any]) -> None:
    """Write them to a file."""
    path.write_text(json.dumps(data, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _row(row: Row, results: Results, most: float | None) -> dict[str, Any]:
    return {
        "name": row.name,
        "title": row.title,
        "unit": row.unit.name,
        "contestants": {label: _contestant(row, measured, most) for label, measured in results[row.name].items()},
        "targets": [_target(verdict) for verdict in judge(row, results)],
    }


def _contestant(row: Row, measured: Measured, most: float | None) -> dict[str, Any]:
    if not measured.samples:
        return {"failure": measured.failure}
    spread = Spread.of(measured.samples)
    return {
        "samples": measured.samples,
        **spread._asdict(),
        "shown": row.unit.of(spread.median),
        "share_of_limit": share(row, spread.median, most),
    }


def _target(verdict: Verdict) -> dict[str, Any]:
    return {
        "target": str(verdict.target),
        "bound": verdict.target.bound,
        "at_least": verdict.target.at_least,
        "than": verdict.target.than,
        "ratio": verdict.ratio and verdict.ratio._asdict(),
        "reached": verdict.reached,
        "narrowly": verdict.narrowly,
    }
