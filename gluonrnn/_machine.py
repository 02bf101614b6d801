"""What MXNet makes of this machine: threads, and the kernels of its linear algebra."""

from __future__ import annotations

import ctypes
import math
import os
from pathlib import Path
from typing import Any, Iterator, MutableMapping

from gluonrnn import _mxnet
from gluonrnn._checks import check_count
from gluonrnn.threads import pushing

__all__ = ["better_kernels", "num_cores", "num_threads", "openblas_kernels", "set_num_threads", "use_all_cores"]

# what OpenBLAS falls back on where it does not know the processor
_OLD_KERNELS = ("Prescott", "Core2", "Barcelona", "Athlon", "Opteron", "Penryn", "Nehalem")
_ROOT = Path("/")
_CALLBACK = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_void_p)
_chosen: int | None = None  # by set_num_threads


def num_cores() -> int:
    """Return the number of physical cores that this process may use.

    Its affinity and the processor limits of its control groups (a container's, for example) are
    respected, and hyper-threads of one core count once.

    Examples
    --------
    >>> num_cores() <= os.cpu_count()
    True
    """
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    cpus = os.sched_getaffinity(0)
    topology = _ROOT / "sys/devices/system/cpu"
    try:
        cores = len({(topology / f"cpu{cpu}/topology/thread_siblings_list").read_text() for cpu in cpus})
    except OSError:
        cores = len(cpus)
    return max(1, math.ceil(min([cores, *_cgroup_limits()])))


def _cgroup_limits() -> Iterator[float]:
    """Yield the processor limit of each control group that this process is in, the outer ones included."""
    try:
        lines = (_ROOT / "proc/self/cgroup").read_text().splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, group = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        folder = _ROOT / "sys/fs/cgroup" / ("cpu" if controllers else "")  # no controllers: version 2
        for part in ["", *group.split("/")]:  # a container may see only the outermost of these
            folder /= part
            try:
                if controllers:
                    quota, period = ((folder / f"cpu.cfs_{name}_us").read_text() for name in ("quota", "period"))
                else:
                    quota, period = (folder / "cpu.max").read_text().split()
                if quota.strip() not in ("max", "-1"):
                    yield int(quota) / int(period)
            except (OSError, ValueError):
                pass


def use_all_cores(environment: MutableMapping[str, str], jobs: int = 1) -> None:
    """Let a process that starts in this environment compute on all cores, or on its share of them.

    Nothing changes where the user has chosen a number of threads.

    Examples
    --------
    >>> environment = {"OMP_NUM_THREADS": "1"}
    >>> use_all_cores(environment)
    >>> environment
    {'OMP_NUM_THREADS': '1'}
    """
    if not {"OMP_NUM_THREADS", "MXNET_OMP_MAX_THREADS"} & set(environment):
        environment["OMP_NUM_THREADS"] = str(max(1, num_cores() // jobs))
        if "OMP_WAIT_POLICY" not in environment:  # wait a fraction of a millisecond, and then leave the core to others
            environment.setdefault("GOMP_SPINCOUNT", "10000")


def set_num_threads(n: int | None = None) -> None:
    """Let MXNet compute with this many threads, from its next operator on.

    It starts with half of the logical processors, unless ``OMP_NUM_THREADS`` says otherwise. This
    sets the threads of matrix products, recurrent layers and what else runs on oneDNN or OpenBLAS; a
    few operators of MXNet's own, such as the update of an optimizer, never take more than it
    started with. A training is equal to the bit only to one with the same number of threads.

    In Python 3.8 and 3.9, starting a program (``subprocess``) sets it back, since MXNet starts its threads
    anew around a fork; ``OMP_NUM_THREADS``, set before Python starts, lasts.

    Parameters
    ----------
    n : int, optional
        How many; by default, one for each physical core that this process may use.

    Raises
    ------
    TypeError, ValueError
        If `n` is not a whole number from 1 to 1024.
    OSError
        If this build of MXNet cannot be told.

    Examples
    --------
    >>> from gluonrnn._machine import num_threads
    >>> before = num_threads()
    >>> set_num_threads(2)
    >>> num_threads()
    2
    >>> set_num_threads(before)
    """
    global _chosen
    n = num_cores() if n is None else check_count("n", n, most=1024)
    try:
        _call_in_worker("omp_set_num_threads", n)
    except AttributeError:
        raise OSError("this build of MXNet has no OpenMP to tell: set OMP_NUM_THREADS before Python starts") from None
    if _chosen is None and hasattr(os, "register_at_fork"):  # around a fork, MXNet starts its threads anew
        os.register_at_fork(after_in_parent=lambda: _call_in_worker("omp_set_num_threads", _chosen))
    _chosen = n


def num_threads() -> int | None:
    """Return the number of threads that MXNet computes with, or None where it cannot be asked."""
    try:
        return _call_in_worker("omp_get_max_threads")
    except AttributeError:
        return None


def _call_in_worker(name: str, *arguments: int | None) -> int:
    """Call an OpenMP function in MXNet's own worker thread, which is the one whose setting counts.

    Each thread has a number of its own, so that `MXSetNumOMPThreads`, which sets that of its caller,
    changes nothing for the computations.
    """
    library = _library()
    function = getattr(library, name)
    answers: list[int] = []
    call = _CALLBACK(lambda run_context, parameter: answers.append(function(*arguments)))
    cpu = (ctypes.c_int32 * 2)(1, 0)  # as MXNet's Context: the kind of device and its number
    with pushing():
        array = _mxnet.mx.nd.empty(1)
        handles = (ctypes.c_void_p * 1)(array.handle)
        library.MXEnginePushSyncND(call, None, None, ctypes.byref(cpu), None, 0, handles, 1, None, 0, None)
        array.wait_to_read()
    return answers[0]


def openblas_kernels() -> str | None:
    """Return the processor whose kernels MXNet's OpenBLAS runs, or None where it cannot be asked."""
    try:
        get_corename = _library().openblas_get_corename
    except AttributeError:
        return None
    get_corename.restype = ctypes.c_char_p
    return str(get_corename().decode())


def better_kernels() -> str | None:
    """Return better kernels for a processor that is newer than OpenBLAS; None if there are none."""
    try:
        flags = (_ROOT / "proc/cpuinfo").read_text().split()
    except OSError:
        return None
    return "Haswell" if openblas_kernels() in _OLD_KERNELS and {"avx2", "fma"} <= set(flags) else None


def _library() -> Any:
    return _mxnet.mx.base._LIB  # its symbols include those of the OpenMP and the OpenBLAS that it was linked to
