"""The other end of `serving`: a worker process, asked to run its tasks one by one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, Mapping

from benchmarks.side_by_side.setting import Setting

ROOT = Path(__file__).resolve().parents[2]
WORKERS = "benchmarks.side_by_side.workers"
THREAD_VARIABLES = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class WorkerError(Exception):
    """A worker could not do what it was asked, and why."""


def environment(threads: int, **more: str) -> dict[str, str]:
    """Return the environment of every process that measures: the caller's, with one number of threads.

    MXNet and PyTorch look at these variables when they are loaded. Left alone, MXNet takes half of
    the logical processors and PyTorch all physical ones.
    """
    return {**os.environ, **dict.fromkeys(THREAD_VARIABLES, str(threads)), "MPLBACKEND": "Agg", **more}


class Worker:
    """A process that runs the tasks of one module.

    Parameters
    ----------
    name : str
        A module of `workers`, or any other by its full name.
    setting : Setting
        What it is told at the start.
    env : mapping
        From `environment`.
    log : pathlib.Path
        Where its stderr is added, and what libraries print.
    timeout : float
        Seconds after which a request counts as failed.

    Raises
    ------
    WorkerError
        If the module cannot be loaded, for instance since a package is not installed.
    """

    def __init__(self, name: str, setting: Setting, env: Mapping[str, str], log: Path, timeout: float = 180.0) -> None:
        self.name, self.log, self.timeout, self.late = name, log, timeout, False
        module = name if "." in name else f"{WORKERS}.{name}"
        command = [sys.executable, "-m", "benchmarks.side_by_side.serving", module]
        with log.open("a", encoding="utf-8") as stderr:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env=dict(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stderr,
                encoding="utf-8",
            )  # fmt: skip
        try:
            self.versions = self._ask(setting=setting._asdict())["versions"]
        except WorkerError:
            self.close()
            raise

    @property
    def alive(self) -> bool:
        """Whether it can be asked again."""
        return self.process.poll() is None

    def run(self, task: str) -> float:
        """Return what a unit of work of a task took, or raise a `WorkerError`."""
        return self._ask(run=task)["value"]

    def _ask(self, **request: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        alarm = threading.Timer(self.timeout, self._give_up)
        alarm.start()
        try:
            print(json.dumps(request), file=self.process.stdin, flush=True)
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        finally:
            alarm.cancel()
        if not line:
            status = self.process.wait()
            cause = f"no answer within {self.timeout:g} s" if self.late else f"the process ended with status {status}"
            raise WorkerError(f"{self.name}: {cause}, see {self.log}")
        answer = json.loads(line)
        if "error" in answer:
            raise WorkerError(f"{self.name}: {answer['error']}")
        return answer

    def _give_up(self) -> None:
        self.late = True
        self.process.kill()

    def close(self) -> None:
        """End the process."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.close()
            self.process.wait(timeout=10)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        self.process.stdout.close()
