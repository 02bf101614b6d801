"""Plots; matplotlib is imported when the first one is asked for, IPython never.

- `gluonrnn.plotting.display`: how big figures are, and how a notebook shows them.
- `gluonrnn.plotting.charts`: what is drawn at one go: curves, histograms, heatmaps, perplexity.
- `gluonrnn.plotting.animator`: curves that grow while a model learns.
"""

from __future__ import annotations

from gluonrnn.plotting.animator import Animator, training_curve
from gluonrnn.plotting.charts import plot, plot_perplexity, set_axes, show_heatmaps, show_list_len_pair_hist
from gluonrnn.plotting.display import set_figsize, use_svg_display

__all__ = [
    "Animator",
    "plot",
    "plot_perplexity",
    "set_axes",
    "set_figsize",
    "show_heatmaps",
    "show_list_len_pair_hist",
    "training_curve",
    "use_svg_display",
]
