"""What is drawn at one go: curves, histograms, heatmaps, and the perplexity of a run.

Source: `d2l` 0.17.6 (``plot``, ``set_axes``, ``show_heatmaps``, ``show_list_len_pair_hist``).
"""

from __future__ import annotations

import itertools
import math
import os
import warnings
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

import numpy as np

from gluonrnn._checks import check_list, short_repr
from gluonrnn._files import atomic_write
from gluonrnn.plotting.display import check_axes, check_figsize, check_looks, matplotlib, set_figsize, use_svg_display

__all__ = ["plot", "plot_perplexity", "set_axes", "show_heatmaps", "show_list_len_pair_hist"]

FMTS = ("-", "m--", "g-.", "r:")


def to_numpy(values: Any) -> Any:
    """Return an array of MXNet's, a sequence of them, or of numbers, as one NumPy array.

    Examples
    --------
    >>> from gluonrnn._mxnet import mx
    >>> to_numpy([mx.np.ones(2), [2, 3]]).tolist()
    [[1.0, 1.0], [2.0, 3.0]]
    """
    if hasattr(values, "asnumpy"):
        return values.asnumpy()
    if isinstance(values, (list, tuple)):
        values = [to_numpy(value) if is_row(value) or hasattr(value, "asnumpy") else value for value in values]
    return np.asarray(values)


def is_row(value: Any) -> bool:
    """Return whether a value has several parts, which a number, its array and a name have not.

    Examples
    --------
    >>> is_row([1.0]), is_row(1.0), is_row("one"), is_row(np.array(1.0))
    (True, False, False, False)
    """
    return hasattr(value, "__len__") and not isinstance(value, str) and getattr(value, "ndim", 1) > 0


def endless(fmts: Sequence[str] | str) -> Iterator[str]:
    """Return formats that begin anew after the last, for any number of curves.

    Examples
    --------
    >>> [fmt for fmt, _ in zip(endless(["-", "--"]), range(3))]
    ['-', '--', '-']
    """
    fmts = [fmts] if isinstance(fmts, str) else fmts
    if not isinstance(fmts, (list, tuple)) or not all(isinstance(fmt, str) for fmt in fmts):
        raise TypeError(f"fmts must be a list of formats of lines, but it is {short_repr(fmts)}: pass ['-']")
    if not fmts:
        raise ValueError(f"fmts must hold at least one format of a line, but it is {short_repr(fmts)}: pass ['-']")
    return itertools.cycle(fmts)


def _points(name: str, curve: Any) -> Any:
    """Return the points of one curve; what a network scores may be one column."""
    points = to_numpy(curve)
    if points.ndim == 2 and points.shape[1] == 1:
        points = points[:, 0]
    if points.ndim != 1:
        raise ValueError(
            f"a curve must be one row of numbers, but {name} has one of shape {points.shape}: "
            "pass each curve as a row of its own"
        )
    return points


def _curves(name: str, values: Any) -> list[Any]:
    """Return one curve or several as a list of NumPy rows."""
    if not is_row(values):
        raise TypeError(
            f"{name} must be a list or an array of numbers, or several, but it is {short_repr(values)}: pass a list"
        )
    if hasattr(values, "asnumpy"):
        values = values.asnumpy()
    if len(values) == 0:
        raise ValueError(f"{name} must hold at least one point, but it is {short_repr(values)}: pass what to draw")
    one = not is_row(next(iter(values)))
    return [_points(name, curve) for curve in ([values] if one else values)]


def _pairs(X: Any, Y: Any) -> list[tuple[Any, ...]]:
    """Return what matplotlib draws each curve from: abscissae and ordinates, or these alone."""
    if Y is None:
        return [(points,) for points in _curves("X", X)]
    xs, ys = _curves("X", X), _curves("Y", Y)
    if len(xs) not in (1, len(ys)):
        raise ValueError(
            f"X must be one row for all curves or one for each, but there are {len(xs)} for {len(ys)} of Y: "
            f"pass one, or {len(ys)}"
        )
    pairs = list(zip(xs * len(ys) if len(xs) == 1 else xs, ys))
    for number, (x, y) in enumerate(pairs):
        if len(x) != len(y):
            raise ValueError(
                f"X and Y must have as many points as each other, but in curve {number}, counted from 0, they have "
                f"{len(x)} and {len(y)}: make them equally long"
            )
    return pairs


def _limit(set_limits: Callable[[Any], object], limits: Any) -> None:
    if limits is None:
        return
    if is_row(limits):
        limits = to_numpy(limits).tolist()
        if len(limits) == 2 and limits[0] == limits[1]:
            return  # an axis of no length, which matplotlib warns of and widens
    set_limits(limits)


def _explain(axes: Any, legend: Any) -> None:
    if legend is not None and len(legend):
        axes.legend([legend] if isinstance(legend, str) else list(legend))


def set_axes(
    axes: Any, xlabel: Any, ylabel: Any, xlim: Any, ylim: Any, xscale: str, yscale: str, legend: Sequence[str] | None
) -> None:
    """Give axes their labels, limits and scales, a legend and a grid.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        What to change.
    xlabel, ylabel : str or None
        What stands along them.
    xlim, ylim : sequence of float or None
        From where to where they go; None, or twice the same, leaves it to matplotlib.
    xscale, yscale : str
        Such as ``"linear"`` and ``"log"``.
    legend : sequence of str or None
        What each line is called; None or nothing for no legend.

    Raises
    ------
    TypeError, ValueError
        If `axes` are none of matplotlib, or a limit, a scale or the legend is not of its kind.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 2.4 "Calculus"; `d2l` 0.17.6, which
    passes equal limits on, so that matplotlib warns of them.

    Examples
    --------
    >>> axes = matplotlib("figure").Figure().subplots()
    >>> set_axes(axes, "epoch", "loss", [1, 10], [1, 100], "linear", "log", None)
    >>> axes.get_xlim(), axes.get_yscale()
    ((1.0, 10.0), 'log')
    """
    check_axes(axes)
    check_looks(xlim, ylim, xscale, yscale, legend)
    axes.set(xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
    _limit(axes.set_xlim, xlim)
    _limit(axes.set_ylim, ylim)
    _explain(axes, legend)
    axes.grid(True)


def plot(
    X: Any,
    Y: Any = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    legend: Sequence[str] | None = None,
    xlim: Any = None,
    ylim: Any = None,
    xscale: str = "linear",
    yscale: str = "linear",
    fmts: Sequence[str] = FMTS,
    figsize: tuple[float, float] = (3.5, 2.5),
    axes: Any = None,
) -> None:
    """Draw one curve or several into the current axes, in place of what was there.

    Parameters
    ----------
    X, Y : array, (num_points,), or sequence of arrays
        Abscissae and ordinates, of MXNet, NumPy or plain Python: one curve, or several of any
        lengths. One `X` may serve every `Y`; without `Y`, the ordinates are `X`, and the
        abscissae 0, 1, 2 and so on.
    xlabel, ylabel, legend, xlim, ylim, xscale, yscale
        As in `set_axes`.
    fmts : sequence of str
        How matplotlib draws each curve; after the last, the first again.
    figsize : tuple of float
        Width and height, in inches, of this figure if it is a new one, and of those that follow.
    axes : matplotlib.axes.Axes, optional
        Where to draw instead.

    Raises
    ------
    ImportError
        If matplotlib is not installed; it says what to install.
    TypeError
        If `X` or `Y` is no list or array.
    ValueError
        If there is nothing to draw, `X` and `Y` do not fit each other, or a curve is no row.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 2.4 "Calculus"; `d2l` 0.17.6, which
    draws no more curves than there are `fmts`.

    Examples
    --------
    >>> plot([0, 1, 2], [[0, 1, 4], [0, 2, 4]], "x", "f(x)", legend=["square", "double"])
    >>> pyplot = matplotlib("pyplot")
    >>> [line.get_ydata().tolist() for line in pyplot.gca().lines]
    [[0, 1, 4], [0, 2, 4]]
    >>> pyplot.close()
    """
    pairs, formats = _pairs(X, Y), endless(fmts)
    check_looks(xlim, ylim, xscale, yscale, legend)
    set_figsize(figsize)
    if axes is None:
        axes = current_axes()
    check_axes(axes)
    axes.cla()
    for pair, fmt in zip(pairs, formats):
        axes.plot(*pair, fmt)
    set_axes(axes, xlabel, ylabel, xlim, ylim, xscale, yscale, legend)


def current_axes() -> Any:
    """Return the axes of pyplot, in a new figure if there is none.

    Examples
    --------
    >>> current_axes() is current_axes()
    True
    >>> matplotlib("pyplot").close()
    """
    pyplot = matplotlib("pyplot")
    if not pyplot.get_fignums():
        pyplot.figure(layout="tight")  # at the book's size, matplotlib's own cuts labels off
    return pyplot.gca()


def show_list_len_pair_hist(
    legend: Sequence[str] | None, xlabel: str, ylabel: str, xlist: Sequence[Any], ylist: Sequence[Any]
) -> None:
    """Draw how long the two sides of pairs are, such as sentences and their translations.

    Parameters
    ----------
    legend : sequence of str or None
        What the two sides are called.
    xlabel, ylabel : str
        What stands along the axes.
    xlist, ylist : sequence of sequences
        One side of each pair, and the other.

    Raises
    ------
    ImportError
        If matplotlib is not installed; it says what to install.
    ValueError
        If there is no pair, or more of one side than of the other.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.5 "Machine translation and the
    dataset"; `d2l` 0.17.6, which also takes sides that are no pairs.

    Examples
    --------
    >>> source, target = [["go", "."], ["hi", "."]], [["va", "!"], ["salut", "à", "tous", "!"]]
    >>> show_list_len_pair_hist(["source", "target"], "tokens", "count", source, target)
    >>> pyplot = matplotlib("pyplot")
    >>> [int(bar.get_height()) for bar in pyplot.gca().patches if bar.get_height()]
    [2, 1, 1]
    >>> pyplot.close()
    """
    for name, side in (("xlist", xlist), ("ylist", ylist)):
        check_list(name, side, "lists of tokens")
        for tokens in side:
            if not hasattr(tokens, "__len__"):
                raise TypeError(
                    f"{name} must be a list of lists of tokens, but it holds {short_repr(tokens)}: tokenize it"
                )
    if len(xlist) != len(ylist) or not len(xlist):
        raise ValueError(
            f"xlist and ylist must be the two sides of at least one pair, but they hold {len(xlist)} and "
            f"{len(ylist)}: pass both sides of every pair"
        )
    set_figsize()
    axes = current_axes()
    _, _, (_, second) = axes.hist([[len(side) for side in sides] for sides in (xlist, ylist)])
    for bar in second:
        bar.set_hatch("/")
    axes.set(xlabel=xlabel, ylabel=ylabel)
    _explain(axes, legend)


def show_heatmaps(
    matrices: Any,
    xlabel: str | None,
    ylabel: str | None,
    titles: Sequence[str] | None = None,
    figsize: tuple[float, float] = (2.5, 2.5),
    cmap: str = "Reds",
) -> None:
    """Draw matrices, such as attention weights, as rows and columns of coloured squares.

    Parameters
    ----------
    matrices : array, (num_rows, num_cols, num_queries, num_keys)
        Of MXNet, NumPy or plain Python.
    xlabel, ylabel : str or None
        What stands below the lowest row and beside the first column.
    titles : sequence of str, optional
        What stands above each column.
    figsize : tuple of float
        Width and height of the figure in inches.
    cmap : str
        The name of matplotlib's colours.

    Raises
    ------
    ImportError
        If matplotlib is not installed; it says what to install.
    ValueError
        If `matrices` has another number of dimensions or is empty, or titles are missing.

    Notes
    -----
    All matrices share one scale of colours, the one at the side. In `d2l` 0.17.6 each has its
    own, and only that of the last is shown. Ticks are at whole positions.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 10.1 "Attention cues"; `d2l` 0.17.6.

    Examples
    --------
    >>> show_heatmaps(np.eye(3).reshape((1, 1, 3, 3)), xlabel="Keys", ylabel="Queries")
    >>> pyplot = matplotlib("pyplot")
    >>> pyplot.gcf().axes[0].images[0].get_array().shape
    (3, 3)
    >>> pyplot.close()
    """
    check_figsize(figsize)
    stack = to_numpy(matrices)
    if stack.dtype.kind not in "biuf":
        raise TypeError(f"matrices must be an array of numbers, but they are {short_repr(matrices)}: pass an array")
    if stack.ndim != 4 or not stack.size:
        raise ValueError(
            "matrices must be of shape (rows, columns, queries, keys), none of them 0, but their shape is "
            f"{stack.shape}: reshape them"
        )
    num_rows, num_cols = stack.shape[:2]
    if titles is not None:
        check_list("titles", titles, "strings")
    titles = [] if titles is None else list(titles)
    if titles and len(titles) < num_cols:
        raise ValueError(
            f"titles must name every column, but there are {len(titles)} for {num_cols} columns: pass one for each"
        )
    use_svg_display()
    figure, grid = matplotlib("pyplot").subplots(
        num_rows, num_cols, figsize=figsize, sharex=True, sharey=True, squeeze=False, layout="constrained"
    )
    finite = stack[np.isfinite(stack)]
    scale = {"vmin": finite.min(), "vmax": finite.max()} if finite.size else {}
    for axes, matrix in zip(grid.flat, stack.reshape((-1, *stack.shape[2:]))):
        image = axes.imshow(matrix, cmap=cmap, **scale)
    for axis in (grid[0, 0].xaxis, grid[0, 0].yaxis):  # all share these
        axis.get_major_locator().set_params(integer=True)
    for axes in grid[-1]:
        axes.set_xlabel(xlabel)
    for axes in grid[:, 0]:
        axes.set_ylabel(ylabel)
    for row in grid:
        for axes, title in zip(row, titles):
            axes.set_title(title)
    figure.colorbar(image, ax=grid, shrink=0.6)
    _lay_out_once(figure)


def _lay_out_once(figure: Any) -> None:
    """Make room for the labels, and free the figure for ``tight_layout``, which constrained ones refuse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a figure that is too small for this stays as it is
        figure.draw_without_rendering()
    if hasattr(figure, "set_layout_engine"):
        figure.set_layout_engine(None)
    else:
        figure.set_constrained_layout(False)  # until matplotlib 3.5


def plot_perplexity(history: Sequence[Any], path: str | os.PathLike[str], *, title: str = "") -> None:
    """Draw perplexity against epochs, on a logarithmic scale, into an image file.

    Examples
    --------
    >>> import tempfile
    >>> from gluonrnn import Epoch
    >>> path = Path(tempfile.mkdtemp()) / "perplexity.png"
    >>> plot_perplexity([Epoch(1, 900.0, 0.1), Epoch(2, 30.5, 0.1)], path)
    >>> path.exists()
    True
    """
    figure = matplotlib("figure").Figure(figsize=(7, 4), dpi=120, layout="constrained")
    finite = [result for result in history if math.isfinite(result.perplexity)]
    axes = figure.subplots()
    axes.plot([result.epoch for result in finite], [result.perplexity for result in finite], linewidth=2)
    axes.set(xlabel="epoch", ylabel="perplexity (log scale)", yscale="log")
    axes.yaxis.set_major_formatter(matplotlib("ticker").FormatStrFormatter("%g"))
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
    with atomic_write(path) as temporary:
        figure.savefig(temporary, format=Path(path).suffix[1:] or "png")
