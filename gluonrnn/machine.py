"""What MXNet makes of this machine: threads, and the kernels of its linear algebra.

It is read and never set: the settings belong to the user.
"""

from __future__ import annotations

import ctypes
import os
from pathlib import Path

from gluonrnn._mxnet import mx

__all__ = ["better_kernels", "num_cores", "num_threads", "openblas_kernels"]

# what OpenBLAS falls back on where it does not know the processor
_OLD_KERNELS = ("Prescott", "Core2", "Barcelona", "Athlon", "Opteron", "Penryn", "Nehalem")
_CPUS = Path("/sys/devices/system/cpu")


def num_cores() -> int:
    """Return the number of cores that this process may run on, threads of one core counted once.

    Examples
    --------
    >>> num_cores() >= 1
    True
    """
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    cpus = os.sched_getaffinity(0)
    try:
        cores = {(_CPUS / f"cpu{cpu}/topology/thread_siblings_list").read_text() for cpu in cpus}
    except OSError:
        return len(cpus)
    return len(cores)


def num_threads() -> int | None:
    """Return the number of threads that MXNet computes with, or None where it cannot be asked.

    Without ``OMP_NUM_THREADS`` it takes half of the logical processors, for on most machines two
    of them share a core.

    Examples
    --------
    >>> num_threads() is None or num_threads() >= 1
    True
    """
    mx.nd.ones(1).wait_to_read()
    try:
        return int(ctypes.CDLL("libgomp.so.1").omp_get_max_threads())
    except (OSError, AttributeError):
        return None


def openblas_kernels() -> str | None:
    """Return the processor whose kernels MXNet's OpenBLAS runs, or None where it cannot be asked.

    Examples
    --------
    >>> isinstance(openblas_kernels(), (str, type(None)))
    True
    """
    try:
        get_corename = ctypes.CDLL(str(Path(mx.__file__).parent / "libopenblas.so.0")).openblas_get_corename
    except (OSError, AttributeError):
        return None
    get_corename.restype = ctypes.c_char_p
    return str(get_corename().decode())


def better_kernels() -> str | None:
    """Return the kernels to ask for where OpenBLAS, older than the processor, did not know it; else None.

    Examples
    --------
    >>> better_kernels() in (None, "Haswell")
    True
    """
    try:
        flags = Path("/proc/cpuinfo").read_text().split()
    except OSError:
        return None
    return "Haswell" if openblas_kernels() in _OLD_KERNELS and {"avx2", "fma"} <= set(flags) else None
