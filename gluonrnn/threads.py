"""What threads must not do at the same time: fork while another computes, or train one model twice.

MXNet stops its own threads before a fork and starts them anew afterwards. What another thread asks
of it in between is lost, and both threads wait for ever: so a fork is given its turn only where
nobody computes.
"""

from __future__ import annotations

import collections
import contextlib
import os
import threading
from typing import Any, Callable, Counter, Iterator

__all__ = ["computing", "trained_by_one"]

PATIENCE = 60.0  # seconds that a fork waits for computations to pause, before it takes its chance


class _Turns:
    """Who computes, and who forks."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._computing: Counter[int] = collections.Counter()
        self._waiting: set[int] = set()  # to fork, which is as good as a pause
        self.forking: int | None = None

    def begin(self) -> None:
        me = threading.get_ident()
        with self._changed:
            # who computes already goes on, for the fork waits until it pauses
            self._changed.wait_for(lambda: self.forking in (None, me) or self._computing[me] > 0)
            self._computing[me] += 1

    def end(self) -> None:
        me = threading.get_ident()
        with self._changed:
            self._computing[me] -= 1
            self._computing += collections.Counter()  # forget those at 0
            self._changed.notify_all()

    def before_fork(self) -> None:
        me = threading.get_ident()
        with self._changed:
            self._waiting.add(me)
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.forking is None, PATIENCE)
            self.forking = me
            self._changed.wait_for(lambda: set(self._computing) <= self._waiting, PATIENCE)

    def after_fork(self) -> None:
        with self._changed:
            self._waiting.discard(threading.get_ident())
            self.forking = None
            self._changed.notify_all()

    def after_fork_in_child(self) -> None:
        me = threading.get_ident()
        depth = self._computing[me]
        self.__init__()  # type: ignore[misc]  # the other threads are not here, whatever they held
        if depth:
            self._computing[me] = depth


_turns = _Turns()
_trainers: dict[int, tuple[object, int]] = {}  # a model's id -> a mark of the outermost call, and its thread

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: _turns.before_fork(),
        after_in_parent=lambda: _turns.after_fork(),
        after_in_child=lambda: _turns.after_fork_in_child(),
    )
    os.register_at_fork(after_in_child=lambda: _trainers.clear())


@contextlib.contextmanager
def computing() -> Iterator[Callable[[], None]]:
    """Compute, and let no other thread fork meanwhile, but where one pauses.

    A loop of one's own that trains in a thread of a program that also forks, as Gluon's
    ``DataLoader`` with workers does, takes this around it.

    Yields
    ------
    function
        Called without arguments, once a batch or so: there, a fork that waits has its turn.

    Examples
    --------
    >>> with computing() as pause:
    ...     for batch in range(3):
    ...         pause()
    """

    def pause() -> None:
        if _turns.forking is not None:
            _turns.end()
            _turns.begin()

    _turns.begin()
    try:
        yield pause
    finally:
        _turns.end()


@contextlib.contextmanager
def trained_by_one(model: Any) -> Iterator[None]:
    """Let no other thread train a model meanwhile.

    Parameters
    ----------
    model : object
        The model.

    Raises
    ------
    RuntimeError
        If another thread trains it.

    Examples
    --------
    >>> model = object()
    >>> with trained_by_one(model), trained_by_one(model):
    ...     pass
    """
    me = threading.get_ident()
    # one look-up that also sets, for another thread may come in between two
    own = object()
    first, thread = _trainers.setdefault(id(model), (own, me))
    if thread != me:
        raise RuntimeError(
            f"a model is trained by one thread at a time, but thread {thread} is training this {type(model).__name__}: "
            "wait for it to end, or train a copy"
        )
    try:
        yield
    finally:
        if first is own:  # and not where the same thread trains it further out
            del _trainers[id(model)]
