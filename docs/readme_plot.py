"""Draw the plot of both READMEs from the history of a run.

python docs/readme_plot.py runs/lyrics/history.csv docs/_static/figures/readme-perplexity.svg
"""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

import matplotlib

HERE = Path(__file__).parent
matplotlib.rc_file(HERE / "matplotlibrc")
matplotlib.use("svg")
from matplotlib import pyplot as plt  # noqa: E402

DARK = "<style>svg{color:#1f2328}@media(prefers-color-scheme:dark){svg{color:#e6edf3}}</style>"


def main() -> None:
    """Run the command."""
    history, goal = Path(sys.argv[1]), Path(sys.argv[2])
    with open(history, encoding="utf-8", newline="") as file:
        rows = [{name: float(value) for name, value in row.items() if value} for row in csv.DictReader(file)]
    figure, axes = plt.subplots(figsize=(6, 2.6), layout="constrained")
    axes.semilogy([row["epoch"] for row in rows], [row["perplexity"] for row in rows], color="#4c78a8", linewidth=2)
    axes.set_xlabel("epoch")
    axes.set_ylabel("perplexity")
    axes.set_yticks([3, 10, 30, 100, 300, 1000], ["3", "10", "30", "100", "300", "1000"])
    axes.minorticks_off()
    axes.set_ylim(min(row["perplexity"] for row in rows) / 1.3, 1100)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(goal, metadata={"Date": None, "Creator": None})
    # outside a page, the drawing follows the reader's own choice of light or dark
    drawing = goal.read_text(encoding="utf-8").replace("#000000", "currentColor")
    drawing = re.sub(r"<text ", '<text fill="currentColor" ', drawing)
    goal.write_text(re.sub(r"(<svg [^>]*>)", rf"\1{DARK}", drawing, count=1), encoding="utf-8")


if __name__ == "__main__":
    main()
