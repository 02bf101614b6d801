"""How the workers time: the same way for all of them."""

from __future__ import annotations

import contextlib
import io
import re
import time
from pathlib import Path
from typing import Any, Callable


class EpochClock(io.TextIOBase):
    """Stands in for stdout while a trainer trains, and notes when it prints the line of an epoch."""

    def __init__(self) -> None:
        self.times: list[float] = []

    def write(self, text: str) -> int:
        """Note the time, if this begins the line of an epoch."""
        if text.startswith("epoch "):
            self.times.append(time.perf_counter())
        return len(text)


def seconds_per_epoch(train: Callable[[int], Any], epochs: int) -> float:
    """Return what an epoch of a trainer takes that prints a line after each.

    Parameters
    ----------
    train : function
        Trains for that many epochs, from fresh parameters. All the trainers here print
        ``epoch 1, perplexity ...`` and so on; no samples are drawn.
    epochs : int
        How many are timed, from line to line; one more is trained before, to warm up.

    Raises
    ------
    RuntimeError
        If there were not as many lines.
    """
    clock = EpochClock()
    with contextlib.redirect_stdout(clock):
        train(epochs + 1)
    if len(clock.times) != epochs + 1:
        raise RuntimeError(f"{epochs + 1} epochs were trained, but {len(clock.times)} lines were printed")
    return (clock.times[-1] - clock.times[0]) / epochs


def seconds_per_call(function: Callable[[], Any], times: int = 0, least_seconds: float = 0.0) -> float:
    """Return what a call takes, on average over a number of them or some time, after one to warm up."""
    function()
    calls, start, elapsed = 0, time.perf_counter(), 0.0
    while calls < max(times, 1) or elapsed < least_seconds:
        function()
        calls += 1
        elapsed = time.perf_counter() - start
    return elapsed / calls


def peak_memory() -> float:
    """Return the most bytes of memory that this process ever held.

    The kernel's ``VmHWM`` is that of ``ru_maxrss``, without what a parent held when it forked.
    """
    return 1024 * float(re.findall(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())[0])
