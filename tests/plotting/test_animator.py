"""Growing curves: as the published `d2l` draws them, shown in notebooks, silent anywhere else."""

from __future__ import annotations

import os
import subprocess
import sys
import types
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from mxnet import nd
from mxnet import np as mnp

import gluonrnn
from gluonrnn import plotting
from gluonrnn.plotting import Animator, training_curve
from tests.plotting.looks import look_of

# what the book's trainers hand over, add by add
COURSES = {
    "one curve": [(10, [300.0]), (20, [90.5]), (30, [12.25])],
    "one number": [(1, 3.0), (2, 2.0)],
    "a curve without a point": [(0.5, (0.9, None)), (1, (0.7, None)), (1, (None, 0.8)), (2, [0.5, 0.6])],
    "an abscissa for each": [([1, 2], [3, 4]), ([2, None], [5, 6])],
    "no point yet": [(1, [None, 2])],
    "not a number": [(1, [float("nan")]), (2, [float("inf")]), (3, [1.0])],
}
SETTINGS = {
    "bare": {},
    "book": {"xlabel": "epoch", "ylabel": "perplexity", "legend": ["train"], "xlim": [1, 30], "figsize": (4, 3)},
    "all": {"ylim": [0.1, 9], "xlim": (1, 50), "xscale": "log", "yscale": "log", "fmts": ["r:", "b"]},
    "row": {"ncols": 2, "legend": ["a", "b"]},
    "column": {"nrows": 3},
}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("course", "settings"),
    [*((course, "book") for course in COURSES), *(("a curve without a point", settings) for settings in SETTINGS)],
)
def test_it_draws_what_the_published_one_draws(course, settings, theirs):
    ours, published = plotting.Animator(**SETTINGS[settings]), theirs.Animator(**SETTINGS[settings])
    for x, y in COURSES[course]:
        assert ours.add(x, y) is None
        published.add(x, y)
        assert [look_of(axes) for axes in ours.axes] == [look_of(axes) for axes in published.axes]
        assert str((ours.X, ours.Y)) == str((published.X, published.Y))
    assert ours.fmts == published.fmts
    assert len(ours.axes[0].lines) == len(ours.Y)


def test_what_it_is_before_the_first_point():
    animator = Animator(xlabel="epoch", nrows=2, ncols=3)
    assert (animator.X, animator.Y) == (None, None)
    assert isinstance(animator.axes, list)
    assert animator.axes == animator.fig.axes
    assert len(animator.axes) == 6
    assert animator.axes[0].get_xlabel() == ""
    animator.config_axes()
    assert animator.axes[0].get_xlabel() == "epoch"


def test_grid_of_axes_draws_in_the_first():
    animator = Animator(nrows=2, ncols=2)
    animator.add(1, 2)
    assert [len(axes.lines) for axes in animator.axes] == [1, 0, 0, 0]


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (1, mnp.array([2, 3])),
        (mnp.array(1), [mnp.array(2), nd.array([3])]),
        (np.float32(1), np.array([2.0, 3.0])),
        (nd.array([1, 1]), nd.array([2, 3])),
        ((1, 1), (np.array(2), 3)),
    ],
)
def test_points_of_any_kind(x, y):
    animator = Animator()
    animator.add(x, y)
    assert (animator.X, animator.Y) == ([[1], [1]], [[2], [3]])
    assert all(type(number) in (int, float) for curve in animator.X + animator.Y for number in curve)


def test_one_number_of_any_kind():
    animator = Animator()
    for number in (2, mnp.array(2), np.float64(2), nd.array([2])):
        animator.add(1, number)
    assert animator.Y == [[2, 2, 2, 2]]


def test_it_begins_anew_with_the_formats_after_the_last():
    animator = Animator()
    animator.add(1, range(5))
    assert [line.get_linestyle() for line in animator.axes[0].lines] == ["-", "--", "-.", ":", "-"]


def test_points_that_do_not_fit_draw_nothing():
    animator = Animator()
    animator.add(1, [1, 2])
    for x, y in ((2, []), ([2], [2, 3]), (2, [3]), (2, mnp.zeros((2, 3))), (nd.zeros((1, 3)), 1)):
        with pytest.raises(ValueError, match=r"must hold (a|one) number for each"):
            animator.add(x, y)
    assert (animator.X, animator.Y) == ([[1], [1]], [[1], [2]])


def test_figure_is_the_current_one_and_its_labels_fit():
    animator = Animator("epoch", "perplexity", ["train"])
    assert plt.gcf() is animator.fig
    animator.add(1, 1000)
    animator.fig.canvas.draw()
    for label in (animator.axes[0].xaxis.label, animator.axes[0].yaxis.label):
        box = label.get_window_extent()
        assert box.x0 >= 0
        assert box.y0 >= 0


def test_equal_limits_pass_without_a_word():
    animator = Animator(xlim=[10, 10])
    animator.add(10, 1.5)
    low, high = animator.axes[0].get_xlim()
    assert low < 10 < high


def test_limits_from_high_to_low_are_the_callers():
    animator = Animator(xlim=[10, 5])
    animator.add(7, 1.5)
    assert animator.axes[0].get_xlim() == (10, 5)


def test_many_models_pass_without_a_word():
    limit = plt.rcParams["figure.max_open_warning"]
    for _ in range(limit + 2):
        animator = Animator()
    assert plt.gcf() is animator.fig
    assert plt.rcParams["figure.max_open_warning"] == limit


# --- in a notebook ---


@pytest.fixture
def displayed(notebook):
    """Be in a notebook; return what it is asked for."""
    plt.close(plt.figure())  # matplotlib looks for an IPython of its own, once
    asked = notebook("matplotlib_inline.backend_inline", shell=types.SimpleNamespace(kernel=object()))
    display = sys.modules["IPython.display"]
    display.display = lambda figure: asked.append(
        ("display", figure, [len(line.get_xdata()) for line in figure.axes[0].lines])
    )
    display.clear_output = lambda wait: asked.append(("clear_output", wait))
    return asked


def test_notebook_shows_each_point(displayed):
    animator = Animator()
    assert displayed == [("svg",)]
    del displayed[:]
    animator.add(1, [2, None])
    assert displayed == [("display", animator.fig, [1, 0]), ("clear_output", True)]
    animator.add(2, [2, 3])
    assert displayed[2:] == [("display", animator.fig, [2, 1]), ("clear_output", True)]


def test_ipython_of_a_terminal_shows_nothing(displayed, monkeypatch):
    monkeypatch.setattr(sys.modules["IPython"], "get_ipython", lambda: types.SimpleNamespace())
    Animator().add(1, 2)
    assert displayed == [("svg",)]


# --- training_curve ---


def test_training_curve_is_an_animator():
    curve = training_curve(xlabel="epoch", legend=["train"], xlim=[10, 50])
    assert isinstance(curve, Animator)
    curve.add(10, [5.0])
    assert look_of(curve.axes[0])["limits"][0] == (10, 50)
    assert curve.axes[0].get_xlabel() == "epoch"


@pytest.mark.parametrize("limits", [[10, 5], [10, 10], (5.5, 5), np.array([10, 5])])
def test_training_curve_leaves_limits_out_that_do_not_rise(limits):
    curve, free = training_curve(xlim=limits, ylim=limits), Animator()
    for animator in (curve, free):
        animator.add(3, 1.5)
        animator.add(5, 1.25)
    assert look_of(curve.axes[0]) == look_of(free.axes[0])


@pytest.mark.parametrize("limits", [[None, 5], np.array([2, 5])])
def test_training_curve_keeps_other_limits(limits):
    curve, plain = training_curve(xlim=limits), Animator(xlim=limits)
    for animator in (curve, plain):
        animator.add(3, 1.5)
        animator.add(4, 1.25)
    assert look_of(curve.axes[0]) == look_of(plain.axes[0])


def test_training_curve_says_what_it_does_not_know():
    with pytest.raises(TypeError, match="colour"):
        training_curve(colour="red")


@pytest.mark.parametrize("in_a_notebook", [False, True])
def test_without_matplotlib_training_goes_on(no_matplotlib, notebook, monkeypatch, in_a_notebook):
    if in_a_notebook:
        notebook(home=None, shell=types.SimpleNamespace(kernel=object()))
        monkeypatch.setitem(sys.modules, "matplotlib_inline.backend_inline", None)
    curve = training_curve(xlabel="epoch", legend=["train"], xlim=[10, 50])
    assert curve.add(1, [2.0]) is None
    with pytest.raises(ImportError, match=r"plots need matplotlib, but matplotlib is not installed: pip install"):
        Animator()


# --- scripts ---

SCRIPT = """
from gluonrnn.plotting import Animator, training_curve
for run in range(3):
    curve = training_curve(xlabel="epoch", ylabel="perplexity", legend=["train"], xlim=[10, 50])
    for epoch in range(10, 60, 10):
        curve.add(epoch, [run + 100 / epoch])
assert isinstance(curve, Animator)
import sys
import matplotlib.pyplot as plt
plt.savefig("curve.png")
curve.fig.savefig("figure.png")
assert sys.modules.get("IPython") is None
"""


def run_script(code, *options, **changes):
    """Run a script without a display, unless the changes give it one."""
    kept = {
        name: value for name, value in os.environ.items() if name not in ("MPLBACKEND", "DISPLAY", "WAYLAND_DISPLAY")
    }
    return subprocess.run(
        [sys.executable, *options, "-c", code],
        env={**kept, "PYTHONPATH": str(Path(gluonrnn.__file__).parents[1]), **changes},
        capture_output=True,
        timeout=300,
        check=True,
    )


@pytest.mark.slow
def test_script_prints_nothing_and_saves_the_curve():
    finished = run_script(SCRIPT)
    assert (finished.stdout, finished.stderr) == (b"", b"")
    assert Path("curve.png").stat().st_size > 5000
    assert Path("curve.png").read_bytes() == Path("figure.png").read_bytes()


@pytest.mark.slow
def test_script_whose_backend_finds_no_display_trains_without_a_curve():
    # with the fallback, which is the default, matplotlib draws without a display by itself
    code = (
        "import matplotlib; matplotlib.rcParams['backend_fallback'] = False; "
        "from gluonrnn.plotting import training_curve; "
        "curve = training_curve(xlim=[1, 2]); curve.add(1, 2); print(type(curve).__name__)"
    )
    finished = run_script(code, MPLBACKEND="TkAgg")
    assert (finished.stdout, finished.stderr) == (b"_NoCurve\n", b"")
