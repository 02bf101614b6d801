"""Ctrl-C and SIGTERM end a training after the current batch; a second Ctrl-C acts at once."""

from __future__ import annotations

import contextlib
import signal
import threading
from typing import Any, Iterator, Sequence

__all__ = ["StopRequest", "stop_requested"]

# what ends a process when a terminal closes, or a machine shuts down
ENDING = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


class StopRequest:
    """The signal that has come, if any.

    Attributes
    ----------
    number : int or None
        The signal that came, if one has.
    """

    def __init__(self) -> None:
        self.number: int | None = None

    def check(self) -> None:
        """Raise `KeyboardInterrupt` or `SystemExit` if a signal has come.

        Examples
        --------
        >>> request = StopRequest()
        >>> request.check()
        >>> request.number = signal.SIGTERM
        >>> request.check()
        Traceback (most recent call last):
        ...
        SystemExit: 143
        """
        if self.number == signal.SIGINT:
            raise KeyboardInterrupt
        if self.number is not None:
            raise SystemExit(128 + self.number)


@contextlib.contextmanager
def stop_requested(numbers: Sequence[int]) -> Iterator[StopRequest]:
    """Record signals while the block runs, instead of letting them act; a second Ctrl-C acts.

    (A terminal that closes sends its signal twice, and so may what forwards signals to a group.)

    Only signals that act as Python's do by themselves are taken: one that is ignored stays so, and
    a handler of the user's is left alone. So are all outside the main thread, where Python does
    not let handlers be set.

    Examples
    --------
    >>> with stop_requested([signal.SIGUSR1]) as request:
    ...     signal.raise_signal(signal.SIGUSR1)
    ...     print(signal.Signals(request.number).name)
    SIGUSR1
    """
    request = StopRequest()
    before: dict[int, Any] = {}

    def note(number: int, frame: object) -> None:
        if request.number not in ENDING:
            request.number = number
        if number == signal.SIGINT:
            signal.signal(number, before.pop(number))  # the next one acts

    if threading.current_thread() is threading.main_thread():
        for number in numbers:
            handler = signal.getsignal(number)
            if handler in (signal.SIG_DFL, signal.default_int_handler):
                before[number] = handler
                signal.signal(number, note)
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
