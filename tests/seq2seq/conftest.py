"""Every test runs before ``npx.set_np()`` and, in the long suite, after it too."""

from __future__ import annotations

import types

import matplotlib.pyplot as plt
import mxnet as mx
import pytest

from tests.seq2seq.common import OF_2020, OF_2022, namespace_of


@pytest.fixture(autouse=True, params=["before set_np", pytest.param("after set_np", marks=pytest.mark.slow)])
def switch(request):
    """Set the user's switch, and see that it is left as it was."""
    after = request.param == "after set_np"
    if after:
        mx.npx.set_np()
    try:
        yield after
        left = mx.util.is_np_array(), mx.util.is_np_shape()
    finally:
        mx.npx.reset_np()
    assert left == (after, after)


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """Keep the published packages from printing figures, and close all."""
    display = types.SimpleNamespace(display=lambda figure: None, clear_output=lambda wait: None)
    for module in (OF_2022, OF_2020):
        monkeypatch.setitem(namespace_of(module), "display", display)
        monkeypatch.setitem(namespace_of(module), "use_svg_display", lambda: None)
    yield
    plt.close("all")
