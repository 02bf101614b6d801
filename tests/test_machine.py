"""What is read off a machine, and what ``doctor`` advises."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from mxnet import nd

import gluonrnn as gb
from gluonrnn import _machine


def lines_of_doctor():
    lines: list[str] = []
    gb.doctor(lines.append)
    return lines


def run(code, **environment):
    """Return what Python prints in an environment, for MXNet reads it once."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OMP_", "GOMP_", "MXNET_", "OPENBLAS_"))
    }
    environment = {**kept, **environment, "PYTHONPATH": os.pathsep.join(sys.path)}
    result = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return result.stdout.strip()


@pytest.fixture
def computer(tmp_path, monkeypatch):
    """Return a function that writes the files in which Linux describes a machine of four hyper-threads."""

    def write(files):
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)

    write(
        {
            f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list": f"{cpu % 4},{cpu % 4 + 4}"
            for cpu in range(8)
        }
    )
    monkeypatch.setattr(_machine, "_ROOT", tmp_path)
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(8)))
    return write


@pytest.fixture
def threads_set_back():
    before = _machine.num_threads()
    yield
    gb.set_num_threads(before)


def test_threads_and_kernels_are_those_that_the_environment_asks_for():
    code = "from gluonrnn import _machine as m; print(m.num_threads(), m.openblas_kernels(), m.better_kernels())"
    assert run(code, OMP_NUM_THREADS="3", OPENBLAS_CORETYPE="Haswell") == "3 Haswell None"


def test_in_a_process_of_the_users_own_nothing_changes():
    code = "import os, sys; sys.argv = ['mine.py', 'train']; import gluonrnn; print(*os.environ)"
    assert not {"OMP_NUM_THREADS", "GOMP_SPINCOUNT"} & set(run(code).split())


def test_threads_of_one_core_count_once(computer, monkeypatch):
    assert _machine.num_cores() == 4
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {1, 5, 6})
    assert _machine.num_cores() == 2
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {7, 8, 9})  # of some nothing is known
    assert _machine.num_cores() == 3
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    assert _machine.num_cores() == 7


V1 = "4:memory:/box/mine\n3:cpu,cpuacct:/box/mine\n0::/elsewhere\n"


@pytest.mark.parametrize(
    ("groups", "limits", "cores"),
    [
        ("0::/box/mine\n", {"box/mine/cpu.max": "200000 100000\n"}, 2),
        ("0::/box/mine\n", {"box/mine/cpu.max": "max 100000\n", "box/cpu.max": "150000 100000\n"}, 2),  # 1.5
        ("0::/box/mine\n", {"cpu.max": "10000 100000\n"}, 1),  # all that a container sees
        ("0::/box/mine\n", {"box/mine/cpu.max": "900000 100000\n", "other/cpu.max": "1 1\n"}, 4),
        (V1, {"cpu/box/mine/cpu.cfs_quota_us": "300000\n", "cpu/box/mine/cpu.cfs_period_us": "100000\n"}, 3),
        (V1, {"cpu/cpu.cfs_quota_us": "200000\n", "cpu/cpu.cfs_period_us": "100000\n"}, 2),
        (V1, {"cpu/box/cpu.cfs_quota_us": "-1\n", "cpu/box/cpu.cfs_period_us": "100000\n"}, 4),
    ],
)
def test_limits_of_control_groups_are_respected(computer, groups, limits, cores):
    computer({"proc/self/cgroup": groups, **{f"sys/fs/cgroup/{path}": text for path, text in limits.items()}})
    assert _machine.num_cores() == cores


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "MXNET_OMP_MAX_THREADS"])
def test_the_users_choice_stays(computer, name):
    environment = {name: "1"}
    _machine.use_all_cores(environment)
    assert environment == {name: "1"}


def test_processes_of_our_own_get_all_cores_or_their_share(computer):
    for jobs, threads in ((1, "4"), (2, "2"), (3, "1"), (9, "1")):
        environment = {"OMP_WAIT_POLICY": "ACTIVE"}  # and who says how to wait is heard
        _machine.use_all_cores(environment, jobs)
        assert environment == {"OMP_WAIT_POLICY": "ACTIVE", "OMP_NUM_THREADS": threads}
    environment = {}
    _machine.use_all_cores(environment)
    assert int(environment["GOMP_SPINCOUNT"]) < 300_000  # the default, at which two threads starve beside other work


def test_threads_can_be_set_and_stay_after_a_fork(computer, threads_set_back):
    gb.set_num_threads(3)
    assert _machine.num_threads() == 3
    child = os.fork()
    if not child:
        os._exit(0)
    os.waitpid(child, 0)
    assert _machine.num_threads() == 3
    gb.set_num_threads()
    assert _machine.num_threads() == 4


def test_products_are_computed_on_the_threads_that_were_set(threads_set_back):
    def threads_of_gomp():
        nd.dot(nd.ones((600, 600)), nd.ones((600, 600))).wait_to_read()
        return len(os.listdir("/proc/self/task"))

    gb.set_num_threads(1)
    before = threads_of_gomp()
    gb.set_num_threads(7)
    assert threads_of_gomp() > before


@pytest.mark.parametrize("n", [0, -1, 1025, 2.0, "2", True])
def test_other_than_a_number_of_threads_is_refused(n):
    with pytest.raises((TypeError, ValueError), match="n must be"):
        gb.set_num_threads(n)


@pytest.mark.parametrize("function", [_machine.num_threads, _machine.openblas_kernels, _machine.better_kernels])
def test_where_a_library_is_missing_nothing_is_said(function, monkeypatch):
    monkeypatch.setattr(_machine, "_library", object)
    assert function() is None
    assert not any("threads" in line or "OpenBLAS" in line for line in lines_of_doctor())
    with pytest.raises(OSError, match="OMP_NUM_THREADS"):
        gb.set_num_threads(2)


def test_where_the_processor_is_unknown_no_kernels_are_advised(monkeypatch):
    def refuse(path):
        raise FileNotFoundError(path)

    monkeypatch.setattr(_machine, "openblas_kernels", lambda: "Barcelona")
    monkeypatch.setattr(_machine.Path, "read_text", lambda path: "flags : fpu avx2 fma")
    assert _machine.better_kernels() == "Haswell"
    monkeypatch.setattr(_machine.Path, "read_text", lambda path: "flags : fpu avx2")
    assert _machine.better_kernels() is None
    monkeypatch.setattr(_machine.Path, "read_text", refuse)
    assert _machine.better_kernels() is None


def test_advice_is_given_where_cores_lie_idle(monkeypatch):
    monkeypatch.setattr(_machine, "num_threads", lambda: 2)
    monkeypatch.setattr(_machine, "num_cores", lambda: 4)
    note, advice = next(pair for pair in zip(lines_of_doctor(), lines_of_doctor()[1:]) if "threads" in pair[0])
    assert note.split() == ["note", "threads", "2", "on", "4", "cores"]
    assert "gluonrnn.set_num_threads()" in advice
    assert "OMP_NUM_THREADS=4" in advice
    monkeypatch.setattr(_machine, "num_threads", lambda: 4)
    assert any(line.split()[:2] == ["ok", "threads"] for line in lines_of_doctor())


def test_advice_is_given_where_openblas_is_older_than_the_processor(monkeypatch, tmp_path):
    monkeypatch.setattr(_machine, "openblas_kernels", lambda: "Barcelona")
    monkeypatch.setattr(_machine, "better_kernels", lambda: "Haswell")
    advice = [line.strip() for line in lines_of_doctor() if "OPENBLAS_CORETYPE" in line]
    assert len(advice) == 1
    assert advice[0].startswith("-> export OPENBLAS_CORETYPE=Haswell: OpenBLAS does not know this processor")


def test_advice_is_given_on_threads_that_sleep(monkeypatch):
    assert not any("OMP_WAIT_POLICY" in line for line in lines_of_doctor())
    monkeypatch.setenv("OMP_WAIT_POLICY", "passive")
    assert any("unset OMP_WAIT_POLICY" in line for line in lines_of_doctor())
