"""What keeps a kernel from hanging, and how it starts; `test_runner` runs documents in real ones."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from gluonrnn.rerun import kernel as module
from gluonrnn.rerun.kernel import IdleTimer

BUSY = "while True: pass"

# what a process does -> whether it is still, though a thread of it looks every second whether its parent is there
PROCESSES = {
    "computes": (BUSY, False),
    "polls": ("while True:\n    time.sleep(0.2)", False),
    "waits for a thread": (f"def work():\n    {BUSY}\nt = threading.Thread(target=work)\nt.start()\nt.join()", False),
    "waits for a process": (f"subprocess.run([sys.executable, '-c', {BUSY!r}])", False),
    "waits for itself": ("lock = threading.Lock()\nlock.acquire()\nlock.acquire()", True),
    "sleeps": ("time.sleep(60)", True),
}
LOOKS_UP = "def look():\n    while True:\n        time.sleep(1)\nthreading.Thread(target=look, daemon=True).start()\n"


def started(code):
    program = f"import subprocess, sys, threading, time\n{LOOKS_UP}print(flush=True)\n{code}"
    process = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, start_new_session=True)
    process.stdout.readline()
    return process


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nothing tells whether a thread was woken up")
def test_only_what_does_nothing_is_still(monkeypatch):
    monkeypatch.setattr(module, "_LOOK_SECONDS", 0.5)
    monkeypatch.setattr(module, "_IDLE_WORK", 0.1)
    processes = {name: started(code) for name, (code, _) in PROCESSES.items()}
    try:
        looks = {name: IdleTimer(process.pid) for name, process in processes.items()}
        processes["sleeps"].send_signal(signal.SIGSTOP)
        longest = dict.fromkeys(looks, 0.0)
        for _ in range(35):
            time.sleep(0.1)
            for name, idle_timer in looks.items():
                idle_timer.update()
                longest[name] = max(longest[name], idle_timer.idle)
        assert {name: seconds > 1.9 for name, seconds in longest.items()} == {
            name: is_still for name, (_, is_still) in PROCESSES.items()
        }, longest
        assert {name for name, idle_timer in looks.items() if idle_timer.stopped} == {"sleeps"}
    finally:
        for process in processes.values():
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            process.stdout.close()
    looks["sleeps"]._looked_at = 0
    looks["sleeps"].update()  # what has ended is not still
    assert looks["sleeps"].idle == looks["sleeps"].stopped == 0


def test_the_last_words_of_a_kernel_are_no_warning():
    warning = b"[App] WARNING | It is early\n\n"
    assert (
        module._last_words(io.BytesIO(b"a\n  ImportError: \xff  \n<no Python frame>\n" + warning))
        == "ImportError: \ufffd"
    )
    assert module._last_words(io.BytesIO(b"a\n b \n" + warning)) == "b"
    assert module._last_words(io.BytesIO(warning)) == ""


def test_a_checkout_comes_before_a_gluonrnn_that_is_installed(monkeypatch):
    place = str(Path(module.__file__).resolve().parents[2])
    monkeypatch.setattr(sys, "path", ["elsewhere"])
    for _ in range(2):
        eval(module._find_package())
        assert sys.path == [place, "elsewhere"]
