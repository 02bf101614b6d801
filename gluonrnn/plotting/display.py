"""How big figures are, how a notebook shows them, and checks of what axes are given.

Source: `gluonbook` 0.8.10 and `d2l` 0.17.6 (``set_figsize``, ``use_svg_display``).
"""

from __future__ import annotations

import contextlib
import importlib
import math
import numbers
import sys
from typing import Any

from gluonrnn._checks import check_list, short_repr

__all__ = ["check_axes", "check_looks", "in_notebook", "matplotlib", "set_figsize", "use_svg_display"]


def matplotlib(module: str) -> Any:
    """Import one of matplotlib's modules.

    Examples
    --------
    >>> matplotlib("colors").to_hex("red")
    '#ff0000'
    """
    try:
        return importlib.import_module(f"matplotlib.{module}")
    except ModuleNotFoundError as error:
        raise ImportError(
            f"plots need matplotlib, but {error.name} is not installed: pip install 'gluonrnn[plot]'"
        ) from None


def _shell() -> Any:
    """Return the IPython that runs this, or None; it has been imported, or it runs nothing."""
    ipython = sys.modules.get("IPython")
    return None if ipython is None else ipython.get_ipython()


def in_notebook() -> bool:
    """Return whether a notebook runs this, so that a figure can be shown in it.

    The IPython of a terminal is none: it would print a figure's name.

    Examples
    --------
    >>> in_notebook()
    False
    """
    return getattr(_shell(), "kernel", None) is not None


def use_svg_display() -> None:
    """Show plots as SVG in a notebook.

    Outside a notebook, and where IPython is not installed, it does nothing.

    References
    ----------
    `gluonbook` 0.8.10, whose own version needs IPython before 8; *Dive into Deep Learning*
    (2020-22 edition), section 2.4 "Calculus"; `d2l` 0.17.6.

    Examples
    --------
    >>> use_svg_display()
    """
    if _shell() is None:
        return
    try:
        home = importlib.import_module("matplotlib_inline.backend_inline")
    except ImportError as error:
        if (error.name or "").split(".")[0] == "matplotlib":
            return  # without it there is nothing to set, and nothing to show
        home = importlib.import_module("IPython.display")  # until IPython 7.23
    # the old one looks for matplotlib only now
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
    ValueError
        If `figsize` is not two numbers above 0.

    References
    ----------
    `gluonbook` 0.8.10; *Dive into Deep Learning* (2020-22 edition), section 2.4 "Calculus";
    `d2l` 0.17.6.

    Examples
    --------
    >>> set_figsize((4, 3))
    """
    check_figsize(figsize)
    use_svg_display()
    matplotlib("pyplot").rcParams["figure.figsize"] = figsize


def check_figsize(figsize: Any) -> None:
    """Raise unless `figsize` is two finite numbers above 0.

    Examples
    --------
    >>> check_figsize((3.5, 2.5))
    """
    rule = "figsize must be two finite numbers above 0, width and height in inches"
    try:
        numbers = [float(number) for number in figsize]
    except (TypeError, ValueError, OverflowError):
        numbers = []
    if isinstance(figsize, str) or len(numbers) != 2 or not all(0 < number < math.inf for number in numbers):
        raise ValueError(f"{rule}, but it is {short_repr(figsize)}: pass such as (3.5, 2.5)")


def check_looks(xlim: Any, ylim: Any, xscale: Any, yscale: Any, legend: Any) -> None:
    """Raise unless limits, scales and legend are such as axes take.

    Examples
    --------
    >>> check_looks([1, 10], None, "linear", "log", ["train"])
    """
    for name, limits in (("xlim", xlim), ("ylim", ylim)):
        if limits is not None and not _are_limits(limits):
            raise ValueError(
                f"{name} must be two finite numbers or None, but it is {short_repr(limits)}: "
                "pass where the axis begins and ends"
            )
    known = matplotlib("scale").get_scale_names()
    for name, scale in (("xscale", xscale), ("yscale", yscale)):
        if not isinstance(scale, str) or scale not in known:
            raise ValueError(
                f"{name} must be the name of a scale of matplotlib, but it is {short_repr(scale)}: choose one of "
                f"{', '.join(known)}"
            )
    if legend is not None and not isinstance(legend, str):
        check_list("legend", legend, "strings")


def _are_limits(limits: Any) -> bool:
    if hasattr(limits, "asnumpy"):
        limits = limits.asnumpy()
    if isinstance(limits, numbers.Real):
        return -_LARGEST <= float(limits) <= _LARGEST  # where the axis begins
    try:
        found = [0.0 if limit is None else float(limit) for limit in limits]
    except (TypeError, ValueError, OverflowError):
        return False
    return not isinstance(limits, str) and len(found) == 2 and all(abs(number) <= _LARGEST for number in found)


_LARGEST = 1e300  # beyond, matplotlib's own sums overflow


def check_axes(axes: Any) -> None:
    """Raise a `TypeError` unless `axes` are axes of matplotlib.

    Examples
    --------
    >>> check_axes(matplotlib("figure").Figure().subplots())
    """
    if not hasattr(axes, "set_xlim"):
        raise TypeError(
            f"axes must be axes of matplotlib, but they are {short_repr(axes)}: pass what pyplot.gca() returns"
        )
