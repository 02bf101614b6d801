"""What threads must not do at the same time: fork while another computes, push operators, or train one model.

MXNet stops its own threads before a fork and starts them anew afterwards. What another thread asks
of it in between is lost, and both threads wait for ever: so a fork is given its turn only where
nobody computes.

MXNet puts an operator into the queue of each array it touches, one after the other. Two threads may
come in between each other, so that two operators each stand behind the other, and wait for ever.
That is where both touch the same two arrays: those of one model, or MXNet's own, for operators that
run as one take scratch memory from a common stock, and even freeing a compiled block is an operator
on all its arrays. So one thread pushes at a time; what was pushed is computed, and waited for, side by side.
"""

from __future__ import annotations

import collections
import contextlib
import os
import threading
import weakref
from typing import Any, Callable, Counter, Iterator, Sequence

__all__ = ["computing", "freed_in_turn", "pushing", "trained_by_one", "updated_by_one"]

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


_turns = _Turns()
_pushing = threading.RLock()
_unused: list[Any] = []  # compiled blocks that wait to be freed
# the id of a model, or of its first parameter -> a mark of the outermost call, and its thread
_trainers: dict[int, tuple[object, int]] = {}

if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=lambda: _turns.before_fork(),
        after_in_parent=lambda: _turns.after_fork(),
        after_in_child=lambda: _after_fork_in_child(),
    )


def _after_fork_in_child() -> None:
    """Forget what other threads held: they are not here."""
    global _pushing
    _turns.after_fork_in_child()
    _trainers.clear()
    _pushing = threading.RLock()


class _Pushing(contextlib.ContextDecorator):
    """A turn at pushing; a class, for it is taken several times a batch, and a generator is slower."""

    def _recreate_cm(self) -> _Pushing:
        return _Pushing()

    def __enter__(self) -> None:
        _turns.begin()  # first, or a fork could wait for who waits for the lock
        try:
            self._lock = _pushing
            self._lock.acquire()
        except BaseException:
            _turns.end()
            raise

    def __exit__(self, *error: object) -> None:
        self._lock.release()
        _turns.end()
        _free_soon()  # garbage of meanwhile


def pushing() -> _Pushing:
    """Give MXNet its operators while no other thread does.

    No other thread forks meanwhile, and this one must not. A loop of one's own, in a thread beside
    others, takes this around each batch, from the forward pass to the update. Who waits for a result
    in it lets the others wait, too.

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


def freed_in_turn(compiled: Callable[..., Any]) -> Callable[..., Any]:
    """Free what was compiled, once nobody holds it any more, while no other thread pushes.

    Examples
    --------
    >>> double = freed_in_turn(lambda x: 2 * x)
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
    """Free now, or let who pushes do it: the garbage collector, which comes at any time, must not wait."""
    while _unused and _pushing.acquire(blocking=False):
        try:
            _unused.clear()
        finally:
            _pushing.release()


@contextlib.contextmanager
def computing() -> Iterator[Callable[[], None]]:
    """Compute, and let no other thread fork meanwhile, but where one pauses.

    A loop of one's own that trains in a thread of a program that also forks, as Gluon's
    ``DataLoader`` with workers does, takes this around it.

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

    Examples
    --------
    >>> model = object()
    >>> with trained_by_one(model), trained_by_one(model):
    ...     pass
    """
    with _by_one(model, f"training this {type(model).__name__}: wait for it to end, or train a copy"):
        yield


@contextlib.contextmanager
def updated_by_one(params: Sequence[Any]) -> Iterator[None]:
    """Let no other thread clip or update the same parameters meanwhile.

    Two loops of one's own on one model meet here. They must not go on: each steps on the other's
    gradients, and may wait for the other for ever.

    Examples
    --------
    >>> params = [object()]
    >>> with updated_by_one(params), updated_by_one(params):
    ...     pass
    """
    remedy = "take threads.pushing() around each batch, from the forward pass to the update, or train a copy"
    with _by_one(params[0], f"clipping or updating these params: {remedy}") if params else contextlib.nullcontext():
        yield


@contextlib.contextmanager
def _by_one(model: Any, what_the_other_does: str) -> Iterator[None]:
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
