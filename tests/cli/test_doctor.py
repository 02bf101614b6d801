"""What ``doctor`` finds: here, and on machines that lack something."""

from __future__ import annotations

import importlib.util
import platform
import re
import sys
import types

import matplotlib
import mxnet
import numpy
import pytest

import gluonrnn as gb
from gluonrnn import _mxnet, devices
from gluonrnn.cli import doctor

LINE = re.compile(r"(ok  |FAIL|note)  (\S+(?: \S+)?) {2,}(\S.*)")
REMEDY = re.compile(r" {10,}-> (\S.*)")


def examine():
    """Return the verdict, and of each subject its mark, its value and its remedy."""
    lines: list[str] = []
    healthy = gb.doctor(lines.append)
    report: dict[str, list] = {}
    subject = None
    for line in lines[:-1]:
        found, remedy = LINE.fullmatch(line), REMEDY.fullmatch(line)
        assert found or remedy, line
        if found:
            mark, subject, value = found.groups()
            report[subject] = [mark.strip(), value, None]
        else:
            report[subject][2] = remedy.group(1)
    assert lines[-1] == (
        "All that gluonrnn needs is here."
        if healthy
        else "gluonrnn cannot work until the lines marked FAIL are mended."
    )
    return healthy, report


def test_this_machine_is_healthy():
    healthy, report = examine()
    assert healthy is True
    assert report["gluonrnn"] == ["ok", gb.__version__, None]
    assert report["Python"] == ["ok", platform.python_version(), None]
    assert report["NumPy"] == ["ok", numpy.__version__, None]
    assert report["MXNet"] == ["ok", mxnet.__version__, None]
    assert report["matplotlib"] == ["ok", matplotlib.__version__, None]
    assert [mark for mark, _, _ in report.values() if mark == "FAIL"] == []


def test_it_prints_by_default(capsys):
    assert gb.doctor() is True
    lines = capsys.readouterr().out.splitlines()
    assert len({match.start(3) for match in map(LINE.fullmatch, lines) if match}) == 1  # values in one column
    assert lines[0].split() == ["ok", "gluonrnn", gb.__version__]
    assert lines[-1] == "All that gluonrnn needs is here."


def test_remedies_come_with_everything_that_is_not_ok():
    for finding in doctor.findings():
        assert isinstance(finding.value, str)
        assert finding.value
        assert finding.remedy is None or finding.remedy.strip()


def test_devices_are_listed(monkeypatch):
    monkeypatch.setattr(devices, "try_all_gpus", lambda: [mxnet.gpu(0), mxnet.gpu(1)])
    assert examine()[1]["devices"] == ["ok", "gpu(0), gpu(1)", None]


def test_corpora_that_come_with_the_package_are_found():
    _, report = examine()
    for name in ("lyrics", "prose"):
        mark, value, remedy = report[f"corpus {name}"]
        assert (mark, remedy) == ("ok", None)
        assert value.endswith(f"{name}.txt")


def test_missing_corpora_are_notes_that_say_how_to_fetch_them():
    healthy, report = examine()
    assert healthy is True
    for name in ("jaychou", "jaychou-2017", "timemachine"):
        assert report[f"corpus {name}"] == ["note", "not on this machine", f"gluonrnn corpora fetch {name}"]


def test_numpy_2_fails(monkeypatch):
    fake = types.ModuleType("numpy")
    fake.__version__ = "2.1.0"
    monkeypatch.setitem(sys.modules, "numpy", fake)
    healthy, report = examine()
    assert healthy is False
    assert report["NumPy"] == ["FAIL", "2.1.0", "pip install 'numpy<2'"]
    assert report["MXNet"][0] == "FAIL"
    assert report["MXNet"][2] == "pip install 'numpy<2'"


def test_an_mxnet_that_does_not_load_fails_with_the_remedy_of_its_error(monkeypatch):
    def refuse():
        raise ImportError("MXNet is installed but does not load (libgomp.so.1: no such file): install libgomp1")

    monkeypatch.setattr(_mxnet, "load", refuse)
    healthy, report = examine()
    assert healthy is False
    assert report["MXNet"] == [
        "FAIL",
        "MXNet is installed but does not load (libgomp.so.1: no such file)",
        "install libgomp1",
    ]
    assert "devices" not in report


def test_missing_mxnet_fails(monkeypatch):
    monkeypatch.setitem(sys.modules, "mxnet", None)
    monkeypatch.setattr(_mxnet, "sys", types.SimpleNamespace(version_info=(3, 11, 0), platform="linux"))
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    healthy, report = examine()
    assert healthy is False
    assert report["MXNet"][0] == "FAIL"
    assert report["MXNet"][2] == "pip install 'mxnet>=1.9.1,<2'"


@pytest.mark.parametrize("version", [(3, 7), (3, 13)])
def test_another_python_fails(monkeypatch, version):
    fake = types.SimpleNamespace(version_info=(*version, 0), platform="linux")
    monkeypatch.setattr(doctor, "sys", fake)
    monkeypatch.setattr(_mxnet, "sys", fake)
    monkeypatch.setattr(platform, "python_version", lambda: f"{version[0]}.{version[1]}.0")
    healthy, report = examine()
    assert healthy is False
    assert report["Python"] == [
        "FAIL",
        f"{version[0]}.{version[1]}.0",
        "make an environment with Python 3.8 to 3.12",
    ]


@pytest.mark.parametrize("name", ["pooch", "safetensors", "tqdm"])
def test_a_missing_requirement_fails(monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    healthy, report = examine()
    assert healthy is False
    assert report[name][0] == "FAIL"
    assert f"pip install {name}" in report[name][2]


def test_missing_matplotlib_is_only_a_note(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    healthy, report = examine()
    assert healthy is True
    assert report["matplotlib"] == ["note", "not installed", "for plots: pip install 'gluonrnn[plot]'"]


def test_a_broken_matplotlib_is_only_a_note(monkeypatch):
    real_import = importlib.import_module

    def refuse(name, *arguments):
        if name.split(".")[0] == "matplotlib":
            raise ImportError("numpy.core.multiarray failed to import")
        return real_import(name, *arguments)

    monkeypatch.setattr(importlib, "import_module", refuse)
    healthy, report = examine()
    assert healthy is True
    assert report["matplotlib"][0] == "note"
