"""A worker that measures nothing, and can fail or die."""

from __future__ import annotations

import os

VERSIONS = {"fake": "1.0"}


def chatty():
    print("a library says something")
    os.write(1, b"and so does one in C\n")
    return 0.5


def failing():
    raise ValueError("out of memory\nand more")


def tasks(setting):
    return {
        "chatty": chatty,
        "failing": failing,
        "dying": lambda: os._exit(3),
        "threads": lambda: setting.threads,
        "variable": lambda: os.environ["OMP_NUM_THREADS"],
        "process": os.getpid,
    }
