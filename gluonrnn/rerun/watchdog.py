"""Whether a process that answers nothing computes, waits, or is stuck."""

from __future__ import annotations

import contextlib
import time

import psutil

__all__ = ["IdleTimer"]

_LOOK_SECONDS = 1.0
_IDLE_WORK = 0.5  # seconds of processor time: what an idle kernel takes in minutes is a tenth of it


class IdleTimer:
    """For how long a process and its children have not done anything.

    They are still as long as the main thread of each sleeps without being woken, as in a deadlock
    or one long sleep, and all their threads together take next to no processor time. Only seconds
    in which this process ran count: after a pause of the whole machine, none is held against them.

    Parameters
    ----------
    process : int
        The number of the process.

    Attributes
    ----------
    still : float
        For how many seconds they have been still. (On Linux; elsewhere the system does not tell.)
    stopped : float
        For how many seconds the process has been stopped, as by SIGSTOP.

    Examples
    --------
    >>> import os
    >>> idle_timer = IdleTimer(os.getpid())
    >>> idle_timer.update()
    >>> idle_timer.idle, idle_timer.stopped
    (0.0, 0.0)
    """

    def __init__(self, process: int) -> None:
        self.idle = self.stopped = 0.0
        self._process = process
        self._looked_at = time.monotonic()
        self._before = (-1, 0.0)

    def update(self) -> None:
        """Look at them, unless that was done within the last second."""
        if time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        try:
            process = psutil.Process(self._process)
            is_stopped, now = process.status() == psutil.STATUS_STOPPED, _signs_of_life(process)
        except psutil.Error:  # it has ended, or nothing can be known
            self.idle = self.stopped = 0.0
            return
        self.stopped = self.stopped + _LOOK_SECONDS if is_stopped else 0.0
        if now[0] != self._before[0] or abs(now[1] - self._before[1]) > _IDLE_WORK:
            self.idle, self._before = 0.0, now
        else:
            self.idle += _LOOK_SECONDS


def _signs_of_life(process: psutil.Process) -> tuple[int, float]:
    """Return how often main threads gave way to others, and how many seconds all threads have computed."""
    switches, work = 0, 0.0
    for each in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            switches += sum(each.num_ctx_switches())  # of the main thread, on Linux
            work += sum(each.cpu_times())
    return switches, work
