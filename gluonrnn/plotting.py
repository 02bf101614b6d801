"""Plots; matplotlib is imported when the first one is asked for.

Source: `gluonbook` 0.8.10 (``set_figsize``, ``use_svg_display``).
"""

from __future__ import annotations

import contextlib
import importlib
import math
import os
import sys
from pathlib import Path
from typing import Any, Sequence

from gluonrnn.files import written_whole
from gluonrnn.training import Epoch

__all__ = ["plot_perplexity", "set_figsize", "use_svg_display"]


def _matplotlib(module: str) -> Any:
    try:
        return importlib.import_module(f"matplotlib.{module}")
    except ModuleNotFoundError as error:
        raise ImportError(
            f"plots need matplotlib, but {error.name} is not installed: pip install 'gluonrnn[plot]'"
        ) from None


def use_svg_display() -> None:
    """Show plots as SVG in a notebook.

    Outside a notebook, and where IPython is not installed, it does nothing.

    References
    ----------
    `gluonbook` 0.8.10, whose own version needs IPython before 8.

    Examples
    --------
    >>> use_svg_display()
    """
    ipython = sys.modules.get("IPython")
    if ipython is None or ipython.get_ipython() is None:
        return
    try:
        home = importlib.import_module("matplotlib_inline.backend_inline")
    except ImportError:
        home = importlib.import_module("IPython.display")  # until IPython 7.23
    # without matplotlib there is nothing to set, and nothing to show
    with contextlib.suppress(ModuleNotFoundError):
        if hasattr(home, "set_matplotlib_formats"):
            home.set_matplotlib_formats("svg")


def set_figsize(figsize: tuple[float, float] = (3.5, 2.5)) -> None:
    """Set the size of the figures that follow.

    Parameters
    ----------
    figsize : tuple of float
        Width and height in inches.

    Raises
    ------
    ImportError
        If matplotlib is not installed; it says what to install.

    References
    ----------
    `gluonbook` 0.8.10.

    Examples
    --------
    >>> set_figsize((4, 3))
    """
    use_svg_display()
    _matplotlib("pyplot").rcParams["figure.figsize"] = figsize


def plot_perplexity(history: Sequence[Epoch], path: str | os.PathLike[str], *, title: str = "") -> None:
    """Draw perplexity against epochs, on a logarithmic scale, into an image file.

    Parameters
    ----------
    history : sequence of Epoch
        As `gluonrnn.LanguageModel.history` has it; epochs that are not finite are left out.
    path : str or path-like
        The file, of a kind that matplotlib writes (``.png``, ``.svg``, ``.pdf``). It appears
        only when it is complete.
    title : str
        Written above the plot.

    Raises
    ------
    ImportError
        If matplotlib is not installed; it says what to install.
    """
    figure = _matplotlib("figure").Figure(figsize=(7, 4), dpi=120, layout="constrained")
    finite = [result for result in history if math.isfinite(result.perplexity)]
    axes = figure.subplots()
    axes.plot([result.epoch for result in finite], [result.perplexity for result in finite], linewidth=2)
    axes.set(xlabel="epoch", ylabel="perplexity (log scale)", yscale="log")
    axes.yaxis.set_major_formatter(_matplotlib("ticker").FormatStrFormatter("%g"))
    axes.set_title(title, parse_math=False)
    axes.grid(visible=True, which="both", alpha=0.3)
    if finite:
        last = finite[-1]
        axes.annotate(
            f"{last.perplexity:.2f}",
            (last.epoch, last.perplexity),
            xytext=(-6, 10),
            textcoords="offset points",
            ha="right",
            weight="bold",
        )
    with written_whole(path) as temporary:
        figure.savefig(temporary, format=Path(path).suffix[1:] or "png")
