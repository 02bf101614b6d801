"""Ctrl-C and its like ask a training to stop after the batch in hand; the second time, they act at once."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import Iterator, Sequence

__all__ = ["StopRequest", "Stopped", "stop_requested"]

# what ends a process when a terminal closes, or a machine shuts down
ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class Stopped(Exception):  # noqa: N818 (it is none)
    """A training ended between two batches, because a signal asked it to."""


class StopRequest:
    """What has been asked so far.

    Attributes
    ----------
    number : int or None
        The signal that came, if one has.
    """

    def __init__(self) -> None:
        self.number: int | None = None

    def check(self) -> None:
        """Raise `Stopped` if a signal has come.

        Examples
        --------
        >>> request = StopRequest()
        >>> request.check()
        >>> request.number = signal.SIGTERM
        >>> request.check()
        Traceback (most recent call last):
        ...
        gluonrnn.keeping.stopping.Stopped: SIGTERM
        """
        if self.number is not None:
            raise Stopped(signal.Signals(self.number).name)


@contextlib.contextmanager
def stop_requested(numbers: Sequence[int]) -> Iterator[StopRequest]:
    """Note the first signal while the block runs, instead of letting it act.

    Only signals that act as Python's do by themselves are taken: one that is ignored stays so, and
    a handler of the user's is left alone. So are all outside the main thread, where Python does
    not let handlers be set.

    Parameters
    ----------
    numbers : sequence of int
        The signals.

    Yields
    ------
    StopRequest

    Examples
    --------
    >>> with stop_requested([signal.SIGINT]) as request:
    ...     signal.raise_signal(signal.SIGINT)
    ...     print(signal.Signals(request.number).name)
    SIGINT
    """
    request = StopRequest()
    before: dict[int, object] = {}

    def note(number: int, frame: object) -> None:
        request.number = number
        _restore(before)  # the next one acts

    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            handler = signal.getsignal(number)
            if handler in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = handler
                signal.signal(number, note)
    try:
        yield request
    finally:
        _restore(before)


def _restore(handlers: dict[int, object]) -> None:
    while handlers:
        number, handler = handlers.popitem()
        signal.signal(number, handler)  # type: ignore[arg-type]
