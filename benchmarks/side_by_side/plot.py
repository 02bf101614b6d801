"""The results as a picture: how many times as fast as the published package, and what part of the limit."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Mapping, NamedTuple, Sequence

from benchmarks.side_by_side.contest import Results
from benchmarks.side_by_side.rows import LIMIT, OURS, Row, Target
from benchmarks.side_by_side.verdicts import Spread, Verdict, judge, limit, share

OURS_COLOUR, PUBLISHED_COLOUR, TORCH_COLOUR = "#0b7a75", "#9aa0a6", "#e08e45"
TARGET_COLOUR = "#b3261e"
GAP = 1.6  # between rows, in bars
FACTORS = (0.25, 0.5, 1, 2, 5, 10, 20, 50, 100)


class Bar(NamedTuple):
    """A contestant in a row: where it stands, and what it took."""

    row: Row
    label: str
    y: float
    took: Spread
    first: Spread  # what the contestant took that its row begins with

    @property
    def factor(self) -> float:
        """How many times as good it is as the first."""
        return self.first.median / self.took.median

    @property
    def is_ours(self) -> bool:
        """Whether it is the one that has targets."""
        return self.label == self.row.ours

    @property
    def colour(self) -> str:
        """Return the colour of its family."""
        if self.is_ours:
            return OURS_COLOUR
        return TORCH_COLOUR if self.label.startswith("PyTorch") else PUBLISHED_COLOUR


def draw(path: Path, rows: Sequence[Row], results: Results, facts: Mapping[str, Any]) -> None:
    """Draw what was measured, and save it.

    Parameters
    ----------
    path : pathlib.Path
        The file; a picture as it is named.
    rows : sequence of Row
        What was measured; those that have no measurement are left out.
    results : Results
        The measurements.
    facts : mapping
        What the heading says.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    bars = _bars(rows, results)
    height = (max((bar.y for bar in bars), default=0) + 4) * 0.27 + 1.2
    figure, (factors, shares) = pyplot.subplots(
        1, 2, figsize=(13, height), sharey=True, gridspec_kw={"width_ratios": [5, 2]}, layout="constrained"
    )
    _factors(factors, bars, results)
    _shares(shares, bars, limit(results))
    _titles(factors, bars)
    factors.set_yticks([bar.y for bar in bars], [bar.label for bar in bars])
    factors.set_ylim(max((bar.y for bar in bars), default=0) + 1, -1.6)
    for axes in (factors, shares):
        axes.tick_params(axis="y", length=0)
        axes.spines[["top", "right", "left"]].set_visible(False)
    figure.suptitle(
        "gluonrnn beside the published packages and PyTorch, in one run\n"
        f"{facts['cpu']}, {facts['threads']} threads, {facts['date'][:10]}; medians, whiskers from lowest to highest",
        fontsize=10, color="#5f6368",
    )  # fmt: skip
    figure.savefig(path, dpi=130)
    pyplot.close(figure)


def _bars(rows: Sequence[Row], results: Results) -> list[Bar]:
    bars, y = [], 0.0
    for row in rows:
        measured = results[row.name]
        first = measured[row.contestants[0].label].samples
        if row.name == LIMIT or not first:
            continue
        for label, entry in measured.items():
            if entry.samples:
                bars.append(Bar(row, label, y, Spread.of(entry.samples), Spread.of(first)))
                y += 1
        y += GAP
    return bars


def _factors(axes: Any, bars: Sequence[Bar], results: Results) -> None:
    """Draw on a logarithmic axis that begins at 1 for what each row begins with."""
    axes.set_xscale("log")
    axes.axvline(1, color="#202124", linewidth=0.8)
    reach = [1.0]
    for bar in bars:
        verdicts = judge(bar.row, results) if bar.is_ours else []
        needed = [_needed(bars, bar, verdict.target) for verdict in verdicts if verdict.ratio]
        whiskers = [bar.first.median / bar.took.highest, bar.first.median / bar.took.lowest]
        axes.barh(bar.y, bar.factor - 1, left=1, height=0.78, color=bar.colour)
        axes.plot(whiskers, [bar.y, bar.y], color="#202124", linewidth=0.9)
        for factor in needed:
            axes.plot([factor, factor], [bar.y - 0.5, bar.y + 0.5], color=TARGET_COLOUR, linewidth=2.2)
        _label(axes, bar, max(1, bar.factor, *whiskers, *needed), verdicts)
        reach += [bar.factor, *needed, max(whiskers)]
    axes.set_xlim(min(0.45, min(reach) * 0.8), max(reach) * 4)
    left, right = axes.get_xlim()
    ticks = [factor for factor in FACTORS if left <= factor <= right]
    axes.set_xticks(ticks, [f"{factor:g}x" for factor in ticks])
    axes.minorticks_off()
    axes.set_xlabel("times as fast, or as small, as what the row begins with")
    _legend(axes)


def _label(axes: Any, bar: Bar, x: float, verdicts: Sequence[Verdict]) -> None:
    value = f"{bar.factor:.2g}x   {bar.row.unit.short_repr(bar.took.median)} {bar.row.unit.name}"
    missed = any(verdict.reached is False for verdict in verdicts)
    if verdicts and all(verdict.ratio for verdict in verdicts):
        value += "   not reached" if missed else "   reached"
    axes.annotate(
        value, (x, bar.y), xytext=(6, 0), textcoords="offset points", va="center", fontsize=8,
        color=(TARGET_COLOUR if missed else OURS_COLOUR) if bar.is_ours else "#3c4043",
        fontweight="bold" if bar.is_ours else "normal",
    )  # fmt: skip


def _needed(bars: Sequence[Bar], ours: Bar, target: Target) -> float:
    """Return how many times as good as the first a target asks us to be."""
    than = next(bar for bar in bars if bar.row is ours.row and bar.label == target.than)
    return than.factor * (target.bound if target.at_least else 1 / target.bound)


def _shares(axes: Any, bars: Sequence[Bar], most: float | None) -> None:
    """Draw what part of the speed of a matrix product the training rows reach."""
    for bar in bars:
        part = share(bar.row, bar.took.median, most)
        if part:
            axes.barh(bar.y, 100 * part, height=0.78, color=bar.colour)
            axes.annotate(
                f"{part:.0%}", (100 * part, bar.y), xytext=(4, 0), textcoords="offset points", va="center", fontsize=8
            )
    axes.set_xlim(0, 110)
    axes.set_xticks([0, 50, 100], ["0", "50 %", "100 %"])
    axes.set_xlabel(f"of a matrix product's {most / 1e9:.0f} GFLOP/s" if most else "no matrix product was measured")


def _titles(axes: Any, bars: Sequence[Bar]) -> None:
    for row in dict.fromkeys(bar.row for bar in bars):
        top = min(bar.y for bar in bars if bar.row is row)
        axes.annotate(
            row.title, (0, top - 0.55), xycoords=("axes fraction", "data"), xytext=(-118, 1),
            textcoords="offset points", fontsize=9, fontweight="bold", va="bottom", annotation_clip=False,
            backgroundcolor="white",
        )  # fmt: skip


def _legend(axes: Any) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    families = [(OURS, OURS_COLOUR), ("published", PUBLISHED_COLOUR), ("PyTorch", TORCH_COLOUR)]
    handles: list[Any] = [Patch(color=colour, label=label) for label, colour in families]
    handles.append(Line2D([], [], color=TARGET_COLOUR, linewidth=2.2, label="target"))
    axes.legend(handles=handles, loc="upper right", frameon=False, fontsize=9)
