"""Code in a process of its own, which must end in time."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def apart(code, *, timeout=300, **environment):
    """Run code that may use `tests.scenarios`, and return what it prints; fail rather than hang."""
    process = subprocess.Popen(
        [sys.executable, "-X", "faulthandler", "-c", f"from tests.scenarios import *\n{code}"],
        cwd=ROOT,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate(timeout=timeout)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGABRT)  # says where each thread is
        printed, _ = _after_a_while(process)
        raise AssertionError(f"it hangs:\n{printed}") from None
    finally:
        _kill_group(process)
    assert process.returncode == 0, printed
    return printed


def _after_a_while(process):
    try:
        return process.communicate(timeout=5)
    except subprocess.TimeoutExpired:
        _kill_group(process)
        return process.communicate()


def _kill_group(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)  # its children with it
