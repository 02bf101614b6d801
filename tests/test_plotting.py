"""Plots: what is drawn, into which file, and that matplotlib is not needed before."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import types
from pathlib import Path
from xml.etree import ElementTree

import matplotlib
import matplotlib.figure
import matplotlib.pyplot as plt
import pytest

import gluonrnn
from gluonrnn.plotting import plot_perplexity, set_figsize, use_svg_display
from gluonrnn.training import Epoch

HISTORY = [Epoch(1, 900.0, 0.1), Epoch(2, 30.5, 0.1), Epoch(3, 2.503, 0.1)]
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def no_matplotlib(monkeypatch):
    """Be where matplotlib is not installed."""

    class Absent:
        def find_spec(self, name, path=None, target=None):
            if name.split(".")[0] == "matplotlib":
                raise ModuleNotFoundError(f"No module named {name!r}", name=name)

    for name in list(sys.modules):
        if name.split(".")[0] == "matplotlib":
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Absent(), *sys.meta_path])


@pytest.fixture
def notebook(monkeypatch):
    """Pretend that IPython runs, its plots at home in the module `home`; return what formats are asked for."""

    def start(home, shell="a shell"):
        asked = []
        ipython = types.ModuleType("IPython")
        ipython.get_ipython = lambda: shell
        monkeypatch.setitem(sys.modules, "IPython", ipython)
        for name in ("matplotlib_inline.backend_inline", "IPython.display"):
            module = types.ModuleType(name)
            if name == home:
                module.set_matplotlib_formats = lambda *formats: asked.append(formats)
            monkeypatch.setitem(sys.modules, name, module)
        return asked

    return start


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


# --- set_figsize ---


def test_size_of_the_figures_that_follow():
    with matplotlib.rc_context():
        set_figsize()
        assert matplotlib.rcParams["figure.figsize"] == [3.5, 2.5]
        set_figsize((7, 4))
        assert matplotlib.rcParams["figure.figsize"] == [7, 4]
        set_figsize(figsize=(2, 1))
        figure = plt.figure()
        assert figure.get_size_inches().tolist() == [2, 1]
        plt.close(figure)


@pytest.mark.parametrize("shell", [None, "a shell"])
def test_without_matplotlib_it_says_what_to_install(no_matplotlib, monkeypatch, shell):
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    expected = r"plots need matplotlib, but matplotlib is not installed: pip install 'gluonrnn\[plot\]'"
    with pytest.raises(ImportError, match=expected):
        set_figsize()
    with pytest.raises(ImportError, match=expected):
        plot_perplexity(HISTORY, "a.png")
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
    with matplotlib.rc_context():
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


@pytest.mark.parametrize("perplexity", [1.0, 2.5, 1e20])
def test_history_of_one_epoch(perplexity, drawn):
    plot_perplexity([Epoch(1, perplexity, 0.1)], "a.png")
    assert drawn[0].axes[0].lines[0].get_ydata().tolist() == [perplexity]


def test_title_is_written_as_it_is(drawn):
    # a file name may hold what matplotlib takes for a formula
    plot_perplexity(HISTORY, "a.png", title="rnn on $a^^b$.txt")
    assert drawn[0].axes[0].get_title() == "rnn on $a^^b$.txt"


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


# --- the import ---


def test_import_pulls_in_no_package_for_plots_or_notebooks():
    code = "import json, sys, gluonrnn; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    finished = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(gluonrnn.__file__).parents[1])},
        stdout=subprocess.PIPE,
        timeout=120,
        check=True,
    )
    imported = set(json.loads(finished.stdout))
    assert {"gluonrnn", "mxnet"} <= imported
    assert not {"matplotlib", "matplotlib_inline", "IPython", "pandas"} & imported
