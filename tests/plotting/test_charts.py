"""Curves, histograms, heatmaps and perplexity: what is drawn, as the published `d2l` draws it."""

from __future__ import annotations

import inspect
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import matplotlib.figure
import matplotlib.pyplot as plt
import numpy as np
import pytest
from mxnet import nd
from mxnet import np as mnp

from gluonrnn import plotting
from gluonrnn.plotting import plot, plot_perplexity, set_axes, show_heatmaps, show_list_len_pair_hist
from gluonrnn.training.loop import Epoch
from tests.plotting.looks import look_of

HISTORY = [Epoch(1, 900.0, 0.1), Epoch(2, 30.5, 0.1), Epoch(3, 2.503, 0.1)]
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def drawn(monkeypatch):
    """Return the figures that were saved."""
    figures = []
    save = matplotlib.figure.Figure.savefig

    def savefig(figure, *arguments, **options):
        figures.append(figure)
        return save(figure, *arguments, **options)

    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", savefig)
    return figures


def drawn_by(draw, *arguments, **options):
    """Return how the axes look that a function draws in a new figure."""
    figure = plt.figure(figsize=(5, 5))
    assert draw(*arguments, **options) is None
    return [look_of(axes) for axes in figure.axes]


@pytest.mark.parametrize("name", ["plot", "set_axes", "show_heatmaps", "show_list_len_pair_hist", "Animator"])
def test_signatures_are_the_published_ones(name, d2l):
    ours, published = (inspect.signature(getattr(module, name)).parameters for module in (plotting, d2l))
    assert [(p.name, p.default, p.kind) for p in ours.values()] == [
        (p.name, p.default, p.kind) for p in published.values()
    ]


# --- plot ---

x = np.arange(0, 3, 0.1)
FORMS = {
    "one curve": ((x, x**2), {}),
    "ordinates alone": (([3, 1, 2],), {}),
    "ordinates of several": (([[3, 1, 2], [1, 2]], None, "n", "f(n)"), {"legend": ["a", "b"]}),
    "one X for several Y": ((x, [x**2, 2 * x, -x], "x", "f(x)"), {"legend": ["a", "b", "c"]}),
    "an X for each": (([x, [0, 1]], [x**2, [3, 4]]), {}),
    "one of one": (([[1, 2]], [[3, 4]]), {}),
    "rows of an array": ((np.ones((2, 3)), np.arange(6).reshape((2, 3))), {}),
    "a column": (([x, x[1:]], [x, x[1:, None] ** 2]), {}),
    "limits": ((x, x), {"xlim": [0, 2], "ylim": (-1, 5), "figsize": (6, 3)}),
    "one limit": ((x, x), {"xlim": [0.5, None]}),
    "limits from high to low": ((x, x), {"xlim": [10, 5]}),
    "scales": (([[1, 10], [2, 300]],), {"xscale": "log", "yscale": "log", "xlabel": "token"}),
    "formats": ((x, [x, 2 * x]), {"fmts": ["g:", "r-"], "legend": ["a"]}),
    "no legend": ((x, x), {"legend": []}),
    "not a number": (([1, float("nan"), 3],), {}),
}


@pytest.mark.parametrize("form", FORMS)
def test_plot_draws_what_the_published_one_draws(form, theirs):
    arguments, options = FORMS[form]
    ours, published = (drawn_by(module.plot, *arguments, **options) for module in (plotting, theirs))
    assert ours == published
    assert len(ours[0]["lines"]) > 0
    assert plt.rcParams["figure.figsize"] == list(options.get("figsize", (3.5, 2.5)))


@pytest.mark.parametrize(
    "convert",
    [mnp.array, nd.array, np.array, list, tuple, lambda y: [mnp.array(v) for v in y]],
    ids=["mx.np", "mx.nd", "numpy", "list", "tuple", "list of mx.np"],
)
def test_plot_takes_arrays_of_any_kind(convert):
    expected = drawn_by(plot, [0.0, 1.0, 2.0], [[1.0, 4.0, 2.0], [2.0, 8.0, 4.0]])
    assert drawn_by(plot, convert([0, 1, 2]), [convert([1, 4, 2]), convert([2, 8, 4])]) == expected
    assert drawn_by(plot, range(3), mnp.array([[1, 4, 2], [2, 8, 4]])) == expected
    assert drawn_by(plot, convert([0, 1, 2]), nd.array([[1, 4, 2], [2, 8, 4]])) == expected


def test_plot_takes_names_as_abscissae():
    plot(["a", "b"], [1, 2])
    assert plt.gca().lines[0].get_xdata().tolist() == ["a", "b"]


def test_plot_begins_anew_with_the_formats_after_the_last():
    plot([0, 1], [[n, n] for n in range(6)])
    assert [line.get_linestyle() for line in plt.gca().lines] == ["-", "--", "-.", ":", "-", "--"]
    plot([0, 1], [[n, n] for n in range(3)], fmts="r--")
    assert [(line.get_color(), line.get_linestyle()) for line in plt.gca().lines] == [("r", "--")] * 3


def test_plot_replaces_what_was_there():
    figure = plt.figure()
    plot([1, 2], xlabel="old", legend=["old"])
    plot([3, 4])
    assert plt.get_fignums() == [figure.number]
    (axes,) = figure.axes
    assert [line.get_ydata().tolist() for line in axes.lines] == [[3, 4]]
    assert (axes.get_xlabel(), axes.get_legend()) == ("", None)


def test_plot_draws_where_it_is_told_to():
    figure, (first, second) = plt.subplots(1, 2)
    plot([1, 2], axes=first)
    assert (len(first.lines), len(second.lines)) == (1, 0)
    assert plt.gcf() is figure


def test_new_plot_has_its_size_and_room_for_its_labels():
    plot([1, 2], xlabel="x", ylabel="a label", figsize=(3, 2))
    figure = plt.gcf()
    assert figure.get_size_inches().tolist() == [3, 2]
    figure.canvas.draw()
    (axes,) = figure.axes
    for label in (axes.xaxis.label, axes.yaxis.label):
        box = label.get_window_extent()
        assert box.x0 >= 0
        assert box.y0 >= 0


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (([1], []), ValueError, "Y must hold at least one point"),
        ((np.zeros(0),), ValueError, "X must hold at least one point"),
        (([1], np.array(3)), TypeError, "Y must be a list or an array of numbers"),
        ((iter([1]),), TypeError, "X must be a list or an array of numbers"),
        (([[1], [1]], [[1], [1, 2]]), ValueError, "in curve 1, counted from 0, they have 1 and 2"),
        (([[1], [1]], [1]), ValueError, "there are 2 for 1 of Y: pass one, or 1"),
        ((np.zeros((2, 3, 4)),), ValueError, r"X has one of shape \(3, 4\): pass each curve as a row of its own"),
        (([1], [[1], 2]), ValueError, r"Y has one of shape \(\)"),
    ],
)
def test_what_does_not_fit_is_refused_before_a_figure_is_made(arguments, error, words):
    with pytest.raises(error, match=words):
        plot(*arguments)
    assert plt.get_fignums() == []


# --- set_axes ---


@pytest.mark.parametrize(
    ("xlim", "ylim", "legend"),
    [([1, 10], None, None), (None, (0.5, 2), []), ([10, 1], None, ["a"]), ([2, None], [None, 3], ["a", "b"])],
)
def test_axes_are_set_as_the_published_ones(xlim, ylim, legend, theirs):
    looks = []
    for module in (plotting, theirs):
        axes = plt.figure().subplots()
        axes.plot([1, 2], [3, 4])
        axes.plot([2, 4], [3, 4])
        assert module.set_axes(axes, "x", None, xlim, ylim, "linear", "log", legend) is None
        looks.append(look_of(axes))
    assert looks[0] == looks[1]


@pytest.mark.parametrize("same", [(10, 10.0), mnp.array([10, 10])])
def test_limits_that_are_equal_are_left_to_matplotlib(same):
    axes = plt.figure().subplots()
    axes.plot([10, 20], [1, 2])
    before = axes.get_xlim(), axes.get_ylim()
    set_axes(axes, None, None, same, same, "linear", "linear", None)
    assert (axes.get_xlim(), axes.get_ylim()) == before


def test_limits_may_be_arrays_and_the_legend_one_name():
    axes = plt.figure().subplots()
    axes.plot([1, 2], [3, 4])
    set_axes(axes, None, None, mnp.array([1, 3]), np.array([0, 9]), "linear", "linear", "loss")
    assert (axes.get_xlim(), axes.get_ylim()) == ((1, 3), (0, 9))
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["loss"]


def test_setting_axes_twice_keeps_the_grid():
    axes = plt.figure().subplots()
    for _ in range(2):
        set_axes(axes, None, None, None, None, "linear", "linear", None)
    assert look_of(axes)["grid"]


# --- show_list_len_pair_hist ---


def test_histogram_is_the_published_one(theirs):
    rng = np.random.default_rng(0)
    source, target = ([["word"] * n for n in rng.poisson(mean, 200)] for mean in (6, 8))
    ours, published = (
        drawn_by(module.show_list_len_pair_hist, ["source", "target"], "# tokens", "count", source, target)
        for module in (plotting, theirs)
    )
    assert ours == published
    bars = ours[0]["bars"]
    assert sum(height for _, _, height, hatch in bars if hatch) == 200
    assert sum(height for _, _, height, hatch in bars if not hatch) == 200
    assert plt.rcParams["figure.figsize"] == [3.5, 2.5]


@pytest.mark.parametrize("legend", [None, []])
def test_histogram_without_legend(legend):
    show_list_len_pair_hist(legend, "x", "y", [["a", "b"]], [["a"]])
    assert plt.gca().get_legend() is None


# --- show_heatmaps ---


def heatmaps_of(module, *arguments, **options):
    assert module.show_heatmaps(*arguments, **options) is None
    figure = plt.gcf()
    figure.canvas.draw()
    looks = [
        (axes.get_xlabel(), axes.get_ylabel(), axes.get_title(), [image.get_array().tolist() for image in axes.images])
        for axes in figure.axes
    ]
    return figure, looks


@pytest.mark.slow
@pytest.mark.parametrize(
    ("shape", "with_titles"), [((1, 1, 10, 10), False), ((2, 2, 4, 5), True), ((3, 1, 2, 2), True)]
)
def test_heatmaps_are_the_published_ones(shape, with_titles, theirs):
    matrices = mnp.random.uniform(size=shape)
    titles = [f"Head {n}" for n in range(shape[1])] if with_titles else None
    options = {"xlabel": "Keys", "ylabel": "Queries", "titles": titles, "figsize": (6, 4), "cmap": "Blues"}
    our_figure, ours = heatmaps_of(plotting, matrices, **options)
    their_figure, published = heatmaps_of(theirs, matrices, **options)
    assert our_figure is not their_figure
    assert ours == published
    assert len(ours) == shape[0] * shape[1] + 1
    for figure in (our_figure, their_figure):
        assert figure.get_size_inches().tolist() == [6, 4]
        assert figure.axes[0].images[0].get_cmap().name == "Blues"


def test_heatmaps_share_the_scale_that_is_shown():
    show_heatmaps(np.arange(12.0).reshape((1, 3, 2, 2)), "Keys", "Queries")
    figure = plt.gcf()
    assert [axes.images[0].get_clim() for axes in figure.axes[:3]] == [(0, 11)] * 3
    assert figure.axes[-1].get_ylim() == (0, 11)


def test_one_heatmap_has_the_published_scale(theirs):
    matrix = mnp.array(np.arange(6.0).reshape((1, 1, 2, 3)))
    figures = [heatmaps_of(module, matrix, "x", "y")[0] for module in (plotting, theirs)]
    ours, published = (figure.axes[0].images[0].get_clim() for figure in figures)
    assert ours == published == (0, 5)


@pytest.mark.parametrize(
    "convert", [mnp.array, nd.array, np.array, np.ndarray.tolist, lambda m: [[mnp.array(m[0, 0])]]]
)
def test_heatmaps_take_arrays_of_any_kind(convert):
    matrix = np.arange(6.0).reshape((1, 1, 2, 3))
    show_heatmaps(convert(matrix), "x", "y")
    np.testing.assert_array_equal(plt.gcf().axes[0].images[0].get_array(), matrix[0, 0])


@pytest.mark.parametrize("value", [1.0, float("nan")])
def test_heatmap_of_one_value(value):
    figure, _ = heatmaps_of(plotting, np.full((1, 1, 2, 2), value), "x", "y")
    assert len(figure.axes) == 2


def test_heatmaps_have_room_for_their_labels_and_ticks_at_whole_positions():
    figure, _ = heatmaps_of(plotting, np.eye(10).reshape((1, 1, 10, 10)), "Key positions", "Query positions")
    axes = figure.axes[0]
    for label in (axes.xaxis.label, axes.yaxis.label):
        box = label.get_window_extent()
        assert box.x0 >= 0
        assert box.y0 >= 0
    figure, _ = heatmaps_of(plotting, np.zeros((1, 1, 4, 4)), "x", "y")
    assert all(tick == int(tick) for tick in figure.axes[0].get_yticks())


@pytest.mark.slow
def test_heatmaps_too_small_for_their_labels_pass_without_a_word():
    figure, _ = heatmaps_of(plotting, np.zeros((1, 3, 4, 5)), "x", "y", ["a long title"] * 3, figsize=(1, 1))
    assert len(figure.axes) == 4


def test_heatmaps_can_be_laid_out_anew():
    figure, _ = heatmaps_of(plotting, np.zeros((1, 2, 4, 5)), "x", "y")
    figure.subplots_adjust(left=0.3)
    assert figure.axes[0].get_position().x0 == pytest.approx(0.3, abs=0.01)
    with pytest.warns(UserWarning, match="not compatible with tight_layout"):  # matplotlib's word, as on any grid
        figure.tight_layout()


def test_plot_can_be_laid_out_anew():
    plot([1, 2], xlabel="x")
    plt.tight_layout()
    plt.gcf().subplots_adjust(left=0.3)


@pytest.mark.parametrize("shape", [(1, 3, 4), (1, 1, 1, 3, 4), (0, 1, 3, 4), (1, 1, 3, 0)])
def test_heatmaps_of_another_shape_are_refused_before_a_figure_is_made(shape):
    with pytest.raises(ValueError, match=r"\(rows, columns, queries, keys\), none of them 0"):
        show_heatmaps(np.zeros(shape), "x", "y")
    assert plt.get_fignums() == []


# --- plot_perplexity ---


def test_plot_is_a_png(drawn):
    plot_perplexity(HISTORY, "folder/a.png")
    content = Path("folder/a.png").read_bytes()
    assert content.startswith(PNG_SIGNATURE)
    # width and height in pixels, 7 by 4 inches
    assert (int.from_bytes(content[16:20], "big"), int.from_bytes(content[20:24], "big")) == (840, 480)
    assert [path.name for path in Path("folder").iterdir()] == ["a.png"]
    assert len(drawn) == 1


def test_plot_is_an_svg():
    plot_perplexity(HISTORY, Path("a.svg"), title="a title")
    root = ElementTree.parse("a.svg").getroot()
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert [path.name for path in Path().iterdir()] == ["a.svg"]


def test_what_is_drawn(drawn):
    plot_perplexity(HISTORY, "a.png", title="a title")
    (axes,) = drawn[0].axes
    (line,) = axes.lines
    assert line.get_xdata().tolist() == [1, 2, 3]
    assert line.get_ydata().tolist() == [900.0, 30.5, 2.503]
    assert axes.get_yscale() == "log"
    assert axes.get_xlabel() == "epoch"
    assert axes.get_ylabel() == "perplexity (log scale)"
    assert axes.get_title() == "a title"
    (last,) = axes.texts
    assert last.get_text() == "2.50"
    assert last.xy == (3, 2.503)


def test_epochs_that_are_not_finite_are_left_out(drawn):
    history = [Epoch(1, float("inf"), 0.1), Epoch(2, 30.5, 0.1), Epoch(3, float("nan"), 0.1), Epoch(4, 7.0, 0.1)]
    plot_perplexity([*history, Epoch(5, float("inf"), 0.1)], "a.png")
    (axes,) = drawn[0].axes
    assert axes.lines[0].get_xdata().tolist() == [2, 4]
    assert axes.lines[0].get_ydata().tolist() == [30.5, 7.0]
    assert [text.get_text() for text in axes.texts] == ["7.00"]


@pytest.mark.parametrize("history", [[], [Epoch(1, float("inf"), 0.1), Epoch(2, float("nan"), 0.1)]])
def test_history_without_a_finite_epoch_is_an_empty_plot(drawn, history):
    plot_perplexity(history, "a.png")
    assert Path("a.png").read_bytes().startswith(PNG_SIGNATURE)
    (axes,) = drawn[0].axes
    assert axes.lines[0].get_xdata().tolist() == []
    assert list(axes.texts) == []


@pytest.mark.parametrize("perplexity", [1.0, 1e20])
def test_history_of_one_epoch(perplexity, drawn):
    plot_perplexity([Epoch(1, perplexity, 0.1)], "a.png")
    assert drawn[0].axes[0].lines[0].get_ydata().tolist() == [perplexity]


def test_title_is_written_as_it_is(drawn):
    # a file name may hold what matplotlib takes for a formula
    plot_perplexity(HISTORY, "a.png", title="rnn on $a^^b$.txt")
    assert drawn[0].axes[0].get_title() == "rnn on $a^^b$.txt"


@pytest.mark.slow
def test_plots_leave_nothing_behind_in_pyplot():
    before = plt.get_fignums(), matplotlib.rcParams.copy()
    plot_perplexity(HISTORY, "a.png")
    assert (plt.get_fignums(), matplotlib.rcParams.copy()) == before


def test_plot_that_fails_leaves_the_old_file(monkeypatch):
    def fail(figure, path, **options):
        Path(path).write_bytes(b"half")
        raise OSError("no space left")

    Path("a.png").write_bytes(b"old")
    monkeypatch.setattr(matplotlib.figure.Figure, "savefig", fail)
    with pytest.raises(OSError, match="no space left"):
        plot_perplexity(HISTORY, "a.png")
    assert Path("a.png").read_bytes() == b"old"
    assert [path.name for path in Path().iterdir()] == ["a.png"]


def test_kind_of_file_that_matplotlib_does_not_write():
    with pytest.raises(ValueError, match="Format 'xyz' is not supported"):
        plot_perplexity(HISTORY, "a.xyz")
    assert list(Path().iterdir()) == []


def test_file_without_an_ending_is_a_png():
    plot_perplexity(HISTORY, "a")
    assert [path.name for path in Path().iterdir()] == ["a"]
    assert Path("a").read_bytes().startswith(PNG_SIGNATURE)
