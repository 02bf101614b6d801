"""A clean world for every test: no data of the machine's, no cache of the user's, no display."""

from __future__ import annotations

import os
import signal
import sys

if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:  # as a shell leaves it to what it starts in the background
    signal.signal(signal.SIGINT, signal.default_int_handler)
os.environ["MPLBACKEND"] = "Agg"
os.environ.setdefault("JUPYTER_PLATFORM_DIRS", "1")  # without, jupyter_core 5 warns

import hypothesis
import pytest

import gluonrnn as gb

# on a build machine the same examples each time; elsewhere new ones, to find what those miss
hypothesis.settings.register_profile("gluonrnn", deadline=None, print_blob=True, derandomize="CI" in os.environ)
hypothesis.settings.load_profile("gluonrnn")

# GLUONRNN_DATA of the caller, for the tests that need the real corpora
REAL_DATA = os.environ.get("GLUONRNN_DATA") and os.path.abspath(os.environ["GLUONRNN_DATA"])


@pytest.fixture(autouse=True)
def clean_world(tmp_path_factory, monkeypatch):
    """Start in an empty folder, with an empty cache, offline, nothing to find, no figure, and one seed."""
    home = tmp_path_factory.mktemp("home")
    (home / "here").mkdir()
    monkeypatch.chdir(home / "here")
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / "cache"))
    monkeypatch.setenv("GLUONRNN_OFFLINE", "1")
    monkeypatch.delenv("GLUONRNN_DATA", raising=False)
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")  # a doctest may have left one
    gb.seed(0)  # MXNet's generator too, which pytest-randomly does not know
    return home


@pytest.fixture
def ctx():
    """Where tests compute."""
    return gb.try_gpu()


@pytest.fixture
def tiny():
    """A text that any cell learns within seconds: 280 characters, 8 of them distinct."""
    return gb.load_corpus(text="over and over " * 20)


@pytest.fixture
def run(capsys):
    """Return a function that runs the command in this process."""

    from gluonrnn.cli.main import main
    from tests.cli.common import Result

    def call(*arguments):
        capsys.readouterr()
        status = main([str(argument) for argument in arguments])
        assert isinstance(status, int)
        return Result(status, *capsys.readouterr())

    return call
