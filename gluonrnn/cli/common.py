"""What the commands share."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import shutil
import sys
import unicodedata
from pathlib import Path
from typing import Any, Iterator

__all__ = [
    "DONE",
    "FAILED",
    "INTERRUPTED",
    "USAGE",
    "Formatter",
    "UsageError",
    "call",
    "device",
    "for_terminal",
    "usage_errors",
]

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130


class UsageError(Exception):
    """An option that argparse accepts, with a value that is not allowed."""


@contextlib.contextmanager
def usage_errors() -> Iterator[None]:
    """Turn errors about values and types into usage errors."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise UsageError(error) from None


class Formatter(argparse.ArgumentDefaultsHelpFormatter):
    """Shows defaults, except None and False."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default in (None, False) else super()._get_help_string(action)


def device(name: str) -> Any:
    """Return the context that ``--device`` names."""
    from gluonrnn._mxnet import mx
    from gluonrnn.devices import try_gpu

    ctx = mx.cpu() if name == "cpu" else try_gpu()
    if name == "gpu" and ctx.device_type != "gpu":
        raise ValueError("--device gpu needs a GPU that MXNet can use, and there is none: leave --device out")
    return ctx


def for_terminal(text: str) -> str:
    """Escape control characters, which a model from elsewhere may generate, for a terminal."""
    return "".join(
        repr(char)[1:-1] if unicodedata.category(char) == "Cc" and char not in "\n\t" else char for char in text
    )


def call(*words: object) -> str:
    """Return a shell command that starts gluonrnn, the way it was started, with these arguments."""
    started_as = Path(sys.argv[0])
    if shutil.which("gluonrnn") is not None:
        command = ["gluonrnn"]
    elif started_as.name == "gluonrnn":
        command = [os.path.relpath(started_as)]
    else:
        command = [sys.executable, "-m", "gluonrnn"]
    return " ".join(shlex.quote(str(word)) for word in [*command, *words])
