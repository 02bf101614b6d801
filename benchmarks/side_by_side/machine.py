"""Facts about the machine that a measurement depends on."""

from __future__ import annotations

import os
import platform
import re
from pathlib import Path
from typing import Mapping

PRODUCT = (1120, 1024, 1024)  # rows, inner, columns: about the shape of the lyrics' output product
_TELLING = ("OMP_", "OPENBLAS_", "MKL_", "MXNET_", "MALLOC_", "KMP_", "GOMP_", "LD_PRELOAD", "TORCH_")


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def cpu_model(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """Return what the processor calls itself."""
    try:
        named = re.search(r"model name\s*:\s*(.+)", cpuinfo.read_text(encoding="utf-8"))
    except OSError:
        named = None
    return named.group(1).strip() if named else platform.processor() or platform.machine()


def telling_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return those variables of an environment that change how fast the contestants are.

    Examples
    --------
    >>> telling_variables({"OMP_NUM_THREADS": "2", "HOME": "/root"})
    {'OMP_NUM_THREADS': '2'}
    """
    return {name: value for name, value in sorted(environment.items()) if name.startswith(_TELLING)}
