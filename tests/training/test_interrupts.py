"""The first signal is noted, and the second acts."""

from __future__ import annotations

import signal
import threading

import pytest

from gluonrnn.training.interrupts import stop_requested


@pytest.fixture(autouse=True)
def handlers_of_python():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_the_first_is_noted_and_the_second_acts():
    with stop_requested([signal.SIGINT, signal.SIGTERM]) as request:
        request.check()
        signal.raise_signal(signal.SIGINT)
        assert request.number == signal.SIGINT
        with pytest.raises(KeyboardInterrupt):
            request.check()
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("first", [signal.SIGTERM, signal.SIGINT])
def test_what_comes_in_pairs_is_noted_twice(first):
    with stop_requested([signal.SIGINT, signal.SIGTERM]) as request:
        for number in (first, signal.SIGTERM, signal.SIGTERM):
            signal.raise_signal(number)
        with pytest.raises(SystemExit, match=r"^143$"):
            request.check()
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_handlers_are_put_back():
    with stop_requested([signal.SIGINT, signal.SIGTERM]):
        assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("handler", [signal.SIG_IGN, lambda number, frame: None])
def test_what_the_user_set_is_left_alone(handler):
    signal.signal(signal.SIGINT, handler)
    with stop_requested([signal.SIGINT]) as request:
        assert signal.getsignal(signal.SIGINT) is handler
        signal.raise_signal(signal.SIGINT)
    assert request.number is None


def test_other_threads_ask_for_nothing():
    seen = []

    def look():
        with stop_requested([signal.SIGINT]) as request:
            seen.append((request.number, signal.getsignal(signal.SIGINT)))

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    assert seen == [(None, signal.default_int_handler)]
