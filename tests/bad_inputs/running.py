"""Run the calls of a room, each in names of its own."""

from __future__ import annotations

import contextlib
import io
import shlex
from pathlib import Path
from typing import Any

import mxnet as mx
import numpy
from mxnet import gluon, nd

import gluonrnn
from gluonrnn import d2l
from gluonrnn.cli import main
from gluonrnn.corpus import hub
from gluonrnn.editions import d2l_0_10, d2l_0_11, d2l_0_15, gluonbook_0_6, utils_2017

NAMES = {
    "gluonrnn": gluonrnn,
    "d2l": d2l,
    "utils": utils_2017,
    "gluonbook_0_6": gluonbook_0_6,
    "d2l_0_11": d2l_0_11,
    "d2l_0_10": d2l_0_10,
    "d2l_0_15": d2l_0_15,
    "gluon": gluon,
    "mx": mx,
    "nd": nd,
    "numpy": numpy,
}


def lay_out(monkeypatch: Any) -> None:
    """Put small stand-ins for the book's files where they are looked for."""
    Path("data", "fra-eng").mkdir(parents=True)
    Path("data", "timemachine.txt").write_text("the time machine by h g wells\n" * 20)
    Path("data", "fra-eng", "fra.txt").write_text("Go.\tVa !\nGo on.\tContinue !\nRun on.\tCours !\n" * 3)
    monkeypatch.setattr(hub, "SAMPLE_FILES", {str(Path("data", "timemachine.txt").resolve())})
    monkeypatch.setattr(hub, "DATA_HUB", dict(hub.DATA_HUB))
    monkeypatch.setattr(d2l, "DATA_HUB", hub.DATA_HUB)


def run(before: str, call: str) -> Any:
    """Return what a call comes to: the exit status of a command, and the last line it wrote."""
    names = dict(NAMES)
    out, errors = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors):
        exec(before, names)
        if not call.startswith("$ gluonrnn"):
            return eval(call.partition("  # ")[0], names)
        for stream in (out, errors):
            stream.seek(0)
            stream.truncate()
        status = main.main(shlex.split(call)[2:])
    return status, (errors.getvalue() or out.getvalue()).strip().splitlines()[-1]
