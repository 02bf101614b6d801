"""Where plots are drawn: without matplotlib, in a notebook, beside the published package."""

from __future__ import annotations

import sys
import types

import matplotlib
import matplotlib.pyplot as plt
import pytest

from tests.oracles.load import published


@pytest.fixture(autouse=True)
def no_figure_left():
    """Close what a test draws, and forget what it sets."""
    with matplotlib.rc_context():
        yield
    plt.close("all")


@pytest.fixture(scope="session")
def d2l():
    """Return the published package as it is."""
    return published("d2l==0.17.6", "d2l.mxnet")


@pytest.fixture
def theirs(d2l, monkeypatch):
    """Return the published package, kept from starting an IPython and from printing."""
    monkeypatch.setattr(d2l, "use_svg_display", lambda: None)
    monkeypatch.setattr(d2l, "display", types.SimpleNamespace(display=lambda fig: None, clear_output=lambda wait: None))
    return d2l


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
