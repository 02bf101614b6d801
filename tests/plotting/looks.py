"""What there is to see in a plot, to be compared."""

from __future__ import annotations

from matplotlib.colors import to_hex


def _text(numbers):
    """Return numbers as text, since one NaN does not equal another."""
    return str([float(number) for number in numbers])


def look_of(axes):
    """Return all that a reader sees in axes: curves, bars, scales, limits, words."""
    legend = axes.get_legend()
    return {
        "lines": [
            (_text(line.get_xdata()), _text(line.get_ydata()), line.get_linestyle(), to_hex(line.get_color()))
            for line in axes.lines
        ],
        "bars": [(bar.get_x(), bar.get_width(), bar.get_height(), bar.get_hatch()) for bar in axes.patches],
        "limits": (axes.get_xlim(), axes.get_ylim()),
        "scales": (axes.get_xscale(), axes.get_yscale()),
        "labels": (axes.get_xlabel(), axes.get_ylabel(), axes.get_title()),
        "legend": legend and [text.get_text() for text in legend.get_texts()],
        "grid": [line.get_visible() for axis in (axes.xaxis, axes.yaxis) for line in axis.get_gridlines()[:1]]
        == [True, True],
        "size": axes.figure.get_size_inches().tolist(),
    }
