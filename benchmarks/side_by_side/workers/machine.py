"""The machine itself: NumPy's matrix product, and what an import takes in a fresh Python."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, Callable

import numpy

from benchmarks.side_by_side.machine import PRODUCT
from benchmarks.side_by_side.setting import Setting
from benchmarks.side_by_side.timing import seconds_per_call

VERSIONS = {"numpy": numpy.__version__}

# what MXNet needs on a newer NumPy is put back as gluonrnn does it
_BARE_MXNET = """
import warnings
warnings.simplefilter("ignore")
import numpy
if not hasattr(numpy, "bool"):
    numpy.bool = bool
import mxnet
"""
_TIMED = "import time\nstart = time.perf_counter()\n{}\nprint(time.perf_counter() - start)"


def tasks(setting: Setting) -> dict[str, Callable[[], Any]]:
    """Return what can be measured."""
    return {
        "product": lambda: _product(setting),
        "import-mxnet": lambda: _seconds_of(_BARE_MXNET),
        "import-gluonrnn": lambda: _seconds_of("import gluonrnn"),
    }


def _seconds_of(statements: str) -> float:
    """Return what some statements take in a Python of their own, its own start left out."""
    command = [sys.executable, "-c", _TIMED.format(statements)]
    done = subprocess.run(command, stdout=subprocess.PIPE, encoding="utf-8", check=True)
    return float(done.stdout.split()[-1])


def _product(setting: Setting) -> float:
    rows, inner, columns = PRODUCT
    draw = numpy.random.default_rng(0)
    A, B = (draw.standard_normal(shape, dtype="float32") for shape in ((rows, inner), (inner, columns)))
    return seconds_per_call(lambda: A @ B, least_seconds=setting.least_seconds)
