"""Curves that grow while a model learns.

Source: `d2l` 0.17.6 (``Animator``).
"""

from __future__ import annotations

import importlib
import numbers
from typing import Any, Sequence

from gluonrnn._checks import check_count, short_repr
from gluonrnn.plotting.charts import FMTS, endless, is_row, set_axes, to_numpy
from gluonrnn.plotting.display import check_figsize, check_looks, in_notebook, matplotlib, use_svg_display

__all__ = ["Animator", "training_curve"]


_MOST_AXES = 100  # in a row or a column; thousands take matplotlib minutes


class Animator:
    """A plot of one curve or several that grows point by point.

    In a notebook it is shown anew after each point. Anywhere else nothing is shown; the figure
    is pyplot's current one, and complete after each point.

    Parameters
    ----------
    xlabel, ylabel, legend, xlim, ylim, xscale, yscale
        As in `gluonrnn.plotting.set_axes`.
    fmts : sequence of str
        How matplotlib draws each curve; after the last, the first again.
    nrows, ncols : int
        How many axes the figure has; the curves are in the first.
    figsize : tuple of float
        Width and height of the figure in inches.

    Attributes
    ----------
    fig : matplotlib.figure.Figure
        The figure.
    axes : list of matplotlib.axes.Axes
        Its axes, row by row.
    config_axes : callable
        Gives the first axes their labels, limits and scales, without arguments.
    X, Y : list of lists of float, or None
        Abscissae and ordinates of each curve; None before the first point.
    fmts : sequence of str
        As given.

    Raises
    ------
    ImportError
        If matplotlib is not installed; it says what to install.
    TypeError, ValueError
        If a size, a limit, a scale or a format is not of its kind.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 3.6 "Softmax regression from scratch";
    `d2l` 0.17.6, which draws no more curves than there are `fmts`, and outside a notebook prints
    a line for each point.

    Examples
    --------
    >>> animator = Animator(xlabel="epoch", legend=["train", "test"], xlim=[1, 3])
    >>> animator.add(1, [0.9, None])
    >>> animator.add(2, [0.5, 0.7])
    >>> [line.get_ydata().tolist() for line in animator.axes[0].lines]
    [[0.9, 0.5], [0.7]]
    >>> matplotlib("pyplot").close()
    """

    def __init__(
        self,
        xlabel: str | None = None,
        ylabel: str | None = None,
        legend: Sequence[str] | None = None,
        xlim: Any = None,
        ylim: Any = None,
        xscale: str = "linear",
        yscale: str = "linear",
        fmts: Sequence[str] = FMTS,
        nrows: int = 1,
        ncols: int = 1,
        figsize: tuple[float, float] = (3.5, 2.5),
    ) -> None:
        # raises here rather than at the first point
        nrows, ncols = check_count("nrows", nrows, most=_MOST_AXES), check_count("ncols", ncols, most=_MOST_AXES)
        endless(fmts)
        check_figsize(figsize)
        check_looks(xlim, ylim, xscale, yscale, legend)
        use_svg_display()
        self.fig = _new_figure(figsize)
        self.axes: list[Any] = list(self.fig.subplots(nrows, ncols, squeeze=False).flat)
        self.config_axes = lambda: set_axes(self.axes[0], xlabel, ylabel, xlim, ylim, xscale, yscale, legend)
        self.X: list[list[float]] | None = None
        self.Y: list[list[float]] | None = None
        self.fmts = fmts

    def add(self, x: Any, y: Any) -> None:
        """Add one point to each curve.

        Parameters
        ----------
        x : float, or sequence of float or None
            The abscissa of all points, or one for each curve.
        y : float, or sequence of float or None
            The ordinate, or one for each curve; None where a curve has no point.

        Raises
        ------
        TypeError, ValueError
            If one is no number, there is no ordinate, or another number of them than of abscissae or than in the
            first call.
        """
        ordinates = _numbers("y", y) if is_row(y) else [_number("y", y)]
        num_curves = len(ordinates)
        abscissae = _numbers("x", x) if is_row(x) else [_number("x", x)] * num_curves
        if not ordinates or len(abscissae) != num_curves:
            raise ValueError(
                f"x and y must hold a number for each curve, but they hold {len(abscissae)} and {num_curves}: "
                "pass None for a curve without a point"
            )
        if self.X is None or self.Y is None:
            self.X, self.Y = [[] for _ in ordinates], [[] for _ in ordinates]
        if len(self.Y) != num_curves:
            raise ValueError(
                f"y must hold a number for each of the {len(self.Y)} curves of the first point, but it holds "
                f"{num_curves}: pass None for a curve without a point"
            )
        for xs, ys, abscissa, ordinate in zip(self.X, self.Y, abscissae, ordinates):
            if abscissa is not None and ordinate is not None:
                xs.append(abscissa)
                ys.append(ordinate)
        self._draw()

    def _draw(self) -> None:
        axes = self.axes[0]
        axes.cla()
        for x, y, fmt in zip(self.X or [], self.Y or [], endless(self.fmts)):
            axes.plot(x, y, fmt)
        self.config_axes()
        if in_notebook():
            display = importlib.import_module("IPython.display")
            display.display(self.fig)
            # it goes when the next one comes, and the last when the cell ends, which shows all figures
            display.clear_output(wait=True)


def _new_figure(figsize: tuple[float, float]) -> Any:
    """Return a new figure of pyplot, without a word on how many there are."""
    pyplot = matplotlib("pyplot")
    key = "figure.max_open_warning"
    limit = pyplot.rcParams[key]
    pyplot.rcParams[key] = 0
    try:
        return pyplot.figure(figsize=figsize, layout="tight")
    finally:
        pyplot.rcParams[key] = limit


def _number(name: str, value: Any) -> Any:
    """Return an array of one number as that number, and anything else as it is."""
    if value is None:
        return None
    if not hasattr(value, "asnumpy") and not hasattr(value, "ndim"):
        if isinstance(value, bool) or not isinstance(value, numbers.Real):
            raise TypeError(f"{name} must hold numbers, but it holds {short_repr(value)}: pass a float for each curve")
        return value
    array = to_numpy(value)
    if array.size != 1:
        raise ValueError(
            f"{name} must hold one number for each curve, but it holds an array of shape {array.shape}: "
            "take its mean, or one of its numbers"
        )
    return array.item()


def _numbers(name: str, values: Any) -> list[Any]:
    if hasattr(values, "asnumpy"):
        values = values.asnumpy()
    return [_number(name, value) for value in values]


class _NoCurve:
    """A curve that is not drawn."""

    def add(self, x: Any, y: Any) -> None:
        """Take a point, and do nothing."""


def training_curve(**kwargs: Any) -> Animator | _NoCurve:
    """Return what a trainer adds its points to, whether or not plots can be drawn here.

    Examples
    --------
    >>> curve = training_curve(xlabel="epoch", ylabel="perplexity", xlim=[10, 5])
    >>> curve.add(5, 12.3)
    >>> matplotlib("pyplot").close()
    """
    for name in ("xlim", "ylim"):
        limits = kwargs.get(name)
        if limits is not None and None not in list(limits) and not limits[0] < limits[1]:
            kwargs[name] = None
    try:
        return Animator(**kwargs)
    except ImportError:
        return _NoCurve()
