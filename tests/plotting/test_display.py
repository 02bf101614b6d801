"""The size of figures, how notebooks show them, and that matplotlib is not needed before."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import pytest

from gluonrnn import plotting
from gluonrnn.plotting import plot_perplexity, set_figsize, use_svg_display
from gluonrnn.plotting.display import in_notebook
from gluonrnn.training.loop import Epoch

HISTORY = [Epoch(1, 900.0, 0.1)]


# --- set_figsize ---


def test_size_of_the_figures_that_follow():
    set_figsize()
    assert matplotlib.rcParams["figure.figsize"] == [3.5, 2.5]
    set_figsize((7, 4))
    assert matplotlib.rcParams["figure.figsize"] == [7, 4]
    set_figsize(figsize=(2, 1))
    assert plt.figure().get_size_inches().tolist() == [2, 1]


@pytest.mark.parametrize("shell", [None, "a shell"])
def test_without_matplotlib_it_says_what_to_install(no_matplotlib, monkeypatch, shell):
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    expected = r"plots need matplotlib, but matplotlib is not installed: pip install 'gluonrnn\[plot\]'"
    with pytest.raises(ImportError, match=expected):
        set_figsize()
    for draw in (
        lambda: plot_perplexity(HISTORY, "a.png"),
        lambda: plotting.plot([1, 2]),
        lambda: plotting.show_heatmaps([[[[1]]]], "x", "y"),
        lambda: plotting.show_list_len_pair_hist(None, "x", "y", ["a"], ["b"]),
        plotting.Animator,
    ):
        with pytest.raises(ImportError, match=expected):
            draw()
    assert list(Path().iterdir()) == []


def test_in_a_notebook_without_matplotlib_it_says_what_to_install(no_matplotlib, notebook, monkeypatch):
    # matplotlib_inline cannot be imported then, and the IPython.display of today has no such function
    notebook(home=None)
    monkeypatch.setitem(sys.modules, "matplotlib_inline.backend_inline", None)
    with pytest.raises(ImportError, match=r"pip install 'gluonrnn\[plot\]'"):
        set_figsize()


# --- use_svg_display ---


def test_notebook_of_today_is_asked_for_svg(notebook):
    asked = notebook("matplotlib_inline.backend_inline")
    assert use_svg_display() is None
    assert asked == [("svg",)]


def test_notebook_of_old_is_asked_for_svg(notebook, monkeypatch):
    asked = notebook("IPython.display")
    monkeypatch.setitem(sys.modules, "matplotlib_inline.backend_inline", None)
    use_svg_display()
    assert asked == [("svg",)]


def test_setting_the_size_asks_for_svg_too(notebook):
    asked = notebook("matplotlib_inline.backend_inline")
    set_figsize((4, 3))
    assert matplotlib.rcParams["figure.figsize"] == [4, 3]
    assert asked == [("svg",)]


def test_outside_a_notebook_nothing_is_asked_for(notebook):
    asked = notebook("matplotlib_inline.backend_inline", shell=None)
    use_svg_display()
    assert asked == []


@pytest.mark.parametrize("absence", ["not imported", "not installed"])
def test_without_ipython_nothing_is_asked_for(notebook, monkeypatch, absence):
    asked = notebook("matplotlib_inline.backend_inline")
    if absence == "not imported":
        monkeypatch.delitem(sys.modules, "IPython")
    else:
        monkeypatch.setitem(sys.modules, "IPython", None)
    use_svg_display()
    assert asked == []


# --- in_notebook ---


@pytest.mark.parametrize(
    ("shell", "expected"),
    [(None, False), (types.SimpleNamespace(), False), (types.SimpleNamespace(kernel=object()), True)],
    ids=["no IPython", "terminal", "notebook"],
)
def test_a_notebook_is_an_ipython_with_a_kernel(notebook, shell, expected):
    notebook(home=None, shell=shell)
    assert in_notebook() is expected


def test_no_notebook_without_ipython(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython")
    assert not in_notebook()
    assert "IPython" not in sys.modules
    monkeypatch.setitem(sys.modules, "IPython", None)
    assert not in_notebook()
