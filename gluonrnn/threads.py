"""Serialise MXNet calls across threads, and delay a fork while another thread computes.

MXNet stops its own threads before a fork and restarts them afterwards. What another thread asks of
it in between is lost, and both threads hang: so a fork waits until nobody computes.

MXNet puts an operator into the queue of each array it touches, one queue after the other. Two
threads can interleave, so that two operators each wait behind the other: a deadlock. It takes two
arrays that both touch: those of one model, or MXNet's own, since operators that run as one share
scratch memory, and even freeing a compiled block is an operator on all its arrays. So one thread
pushes operators at a time; computing them, and waiting for them, goes on side by side.
"""

from __future__ import annotations

import collections
import contextlib
import os
import threading
import weakref
from typing import Any, Callable, Counter, Iterator, Sequence

__all__ = ["computing", "exclusive_training", "exclusive_update", "freed_under_lock", "pushing"]

PATIENCE = 60.0  # seconds that a fork waits for computations to pause, before it takes its chance


class _ForkGate:
    """Lets a fork wait until nobody computes, and computations until the fork is over."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._computing: Counter[int] = collections.Counter()
        self._waiting: set[int] = set()  # to fork, which is as good as a pause
        self.forking: int | None = None

    def begin(self) -> None:
        me = threading.get_ident()
        if self._computing[me]:  # a count that no other thread touches
            self._computing[me] += 1
            return
        with self._changed:
            self._changed.wait_for(lambda: self.forking in (None, me))
            self._computing[me] = 1

    def end(self) -> None:
        me = threading.get_ident()
        if self._computing[me] > 1:
            self._computing[me] -= 1
            return
        with self._changed:
            del self._computing[me]
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


_fork_gate = _ForkGate()
_pushing = threading.RLock()
_unused: list[Any] = []  # compiled blocks that wait to be freed
# the id of a model, or of its first parameter -> a mark of the outermost call, and its thread
_trainers: dict[int, tuple[object, int]] = {}

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: _fork_gate.before_fork(),
        after_in_parent=lambda: _fork_gate.after_fork(),
        after_in_child=lambda: _after_fork_in_child(),
    )


def _after_fork_in_child() -> None:
    """Forget what other threads held: they are not here."""
    global _pushing
    _fork_gate.after_fork_in_child()
    _trainers.clear()
    _pushing = threading.RLock()


class _Pushing(contextlib.ContextDecorator):
    """Holds the lock; a class, since it is taken several times a batch and a generator is slower."""

    def _recreate_cm(self) -> _Pushing:
        return _Pushing()

    def __enter__(self) -> None:
        _fork_gate.begin()  # first, or a fork could wait for who waits for the lock
        try:
            self._lock = _pushing
            self._lock.acquire()
        except BaseException:
            _fork_gate.end()
            raise

    def __exit__(self, *error: object) -> None:
        self._lock.release()
        _fork_gate.end()
        _free_soon()  # what was collected while this thread held the lock


def pushing() -> _Pushing:
    """Hold the lock under which operators are pushed to MXNet.

    No other thread forks meanwhile, and this one must not. A loop of your own, in a thread beside
    others, holds it for each batch, from the forward pass to the update. Waiting for a result while
    holding it makes the others wait, too.

    Examples
    --------
    >>> from mxnet import autograd, nd
    >>> w = nd.ones(2)
    >>> w.attach_grad()
    >>> with pushing():
    ...     with autograd.record():
    ...         loss = (w * w).sum()
    ...     loss.backward()
    >>> w.grad.asnumpy().tolist()
    [2.0, 2.0]
    """
    return _Pushing()


def freed_under_lock(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """Return a compiled function that is freed under the lock.

    Examples
    --------
    >>> double = freed_under_lock(lambda x: 2 * x)
    >>> double(21)
    42
    """
    held = [compiled]

    def call(*args: Any) -> Any:
        return held[0](*args)

    weakref.finalize(call, _let_go, held).atexit = False  # a thread may still be at it
    return call


def _let_go(held: list[Any]) -> None:
    _unused.append(held.pop())
    _free_soon()


def _free_soon() -> None:
    """Free now if the lock is free, else leave it to the lock holder: a garbage-collection callback must not block."""
    while _unused and _pushing.acquire(blocking=False):
        try:
            _unused.clear()
        finally:
            _pushing.release()


@contextlib.contextmanager
def computing() -> Iterator[Callable[[], None]]:
    """Delay other threads' forks while this block computes; ``pause()`` lets one through.

    A training loop of your own needs this in a thread of a program that also forks, as Gluon's
    ``DataLoader`` with workers does.

    Examples
    --------
    >>> with computing() as pause:
    ...     for batch in range(3):
    ...         pause()
    """

    def pause() -> None:
        if _fork_gate.forking is not None:
            _fork_gate.end()
            _fork_gate.begin()

    _fork_gate.begin()
    try:
        yield pause
    finally:
        _fork_gate.end()


@contextlib.contextmanager
def exclusive_training(model: Any) -> Iterator[None]:
    """Refuse another thread that trains the same model meanwhile.

    Examples
    --------
    >>> model = object()
    >>> with exclusive_training(model), exclusive_training(model):
    ...     pass
    """
    with _exclusive(model, f"training this {type(model).__name__}: wait for it to end, or train a copy"):
        yield


@contextlib.contextmanager
def exclusive_update(params: Sequence[Any]) -> Iterator[None]:
    """Refuse another thread that clips or updates the same parameters meanwhile.

    Two loops on one model meet here: each would step on the other's gradients, and could deadlock.

    Examples
    --------
    >>> params = [object()]
    >>> with exclusive_update(params), exclusive_update(params):
    ...     pass
    """
    remedy = "take threads.pushing() around each batch, from the forward pass to the update, or train a copy"
    with _exclusive(params[0], f"clipping or updating these params: {remedy}") if params else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def _exclusive(model: Any, what_the_other_does: str) -> Iterator[None]:
    me = threading.get_ident()
    # one look-up that also sets, for another thread may come in between two
    own = object()
    first, thread = _trainers.setdefault(id(model), (own, me))
    if thread != me:
        raise RuntimeError(f"a model is trained by one thread at a time, but thread {thread} is {what_the_other_does}")
    try:
        yield
    finally:
        if first is own:  # and not where the same thread trains it further out
            del _trainers[id(model)]
