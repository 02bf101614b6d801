"""What is read off a machine, and what ``doctor`` advises."""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys

import pytest

import gluonrnn as gb
from gluonrnn import machine


def lines_of_doctor():
    lines: list[str] = []
    gb.doctor(lines.append)
    return lines


def run(code, **environment):
    """Return what Python prints in an environment, for MXNet reads it once."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("OMP_", "OPENBLAS_"))}
    environment = {**kept, **environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return result.stdout.strip()


def test_the_threads_are_those_that_the_environment_asks_for():
    code = "from gluonrnn import machine; print(machine.num_threads())"
    assert run(code, OMP_NUM_THREADS="3") == "3"


def test_openblas_runs_the_kernels_that_the_environment_asks_for():
    code = "from gluonrnn import machine; print(machine.openblas_kernels(), machine.better_kernels())"
    assert run(code, OPENBLAS_CORETYPE="Haswell") == "Haswell None"


def test_threads_of_one_core_count_once(tmp_path, monkeypatch):
    for cpu, siblings in enumerate(["0,2", "1,3", "0,2", "1,3"]):
        folder = tmp_path / f"cpu{cpu}" / "topology"
        folder.mkdir(parents=True)
        (folder / "thread_siblings_list").write_text(siblings)
    monkeypatch.setattr(machine, "_CPUS", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2, 3})
    assert machine.num_cores() == 2
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {1})
    assert machine.num_cores() == 1
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {4, 5})  # of which nothing is known
    assert machine.num_cores() == 2
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert machine.num_cores() == 7


@pytest.mark.parametrize("function", [machine.num_threads, machine.openblas_kernels, machine.better_kernels])
def test_where_a_library_is_missing_nothing_is_said(function, monkeypatch):
    def refuse(name):
        raise OSError(name)

    monkeypatch.setattr(ctypes, "CDLL", refuse)
    assert function() is None
    assert not any("threads" in line or "OpenBLAS" in line for line in lines_of_doctor())


def test_where_the_processor_is_unknown_no_kernels_are_advised(monkeypatch):
    def refuse(path):
        raise FileNotFoundError(path)

    monkeypatch.setattr(machine, "openblas_kernels", lambda: "Barcelona")
    monkeypatch.setattr(machine.Path, "read_text", lambda path: "flags : fpu avx2 fma")
    assert machine.better_kernels() == "Haswell"
    monkeypatch.setattr(machine.Path, "read_text", lambda path: "flags : fpu avx2")
    assert machine.better_kernels() is None
    monkeypatch.setattr(machine.Path, "read_text", refuse)
    assert machine.better_kernels() is None


def test_advice_is_given_where_cores_lie_idle(monkeypatch):
    monkeypatch.setattr(machine, "num_threads", lambda: 2)
    monkeypatch.setattr(machine, "num_cores", lambda: 4)
    note, advice = next(pair for pair in zip(lines_of_doctor(), lines_of_doctor()[1:]) if "threads" in pair[0])
    assert note.split() == ["note", "threads", "2", "on", "4", "cores"]
    assert advice.strip() == "-> export OMP_NUM_THREADS=4 before Python starts, to compute on all of them"
    monkeypatch.setattr(machine, "num_threads", lambda: 4)
    assert any(line.split()[:2] == ["ok", "threads"] for line in lines_of_doctor())


def test_advice_is_given_where_openblas_is_older_than_the_processor(monkeypatch, tmp_path):
    monkeypatch.setattr(machine, "openblas_kernels", lambda: "Barcelona")
    monkeypatch.setattr(machine, "better_kernels", lambda: "Haswell")
    advice = [line.strip() for line in lines_of_doctor() if "OPENBLAS_CORETYPE" in line]
    assert len(advice) == 1
    assert advice[0].startswith("-> export OPENBLAS_CORETYPE=Haswell: OpenBLAS does not know this processor")


def test_advice_is_given_on_threads_that_sleep(monkeypatch):
    assert not any("OMP_WAIT_POLICY" in line for line in lines_of_doctor())
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")
    assert any("unset OMP_WAIT_POLICY" in line for line in lines_of_doctor())
