"""What all commands use."""

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
    """An option that argparse accepts and the command does not."""


@contextlib.contextmanager
def usage_errors() -> Iterator[None]:
    """Turn the block's ``TypeError`` and ``ValueError`` into usage errors.

    Examples
    --------
    >>> with usage_errors():
    ...     raise ValueError("seed must be a whole number")
    Traceback (most recent call last):
    ...
    gluonrnn.cli.common.UsageError: seed must be a whole number
    """
    try:
        yield
    except (ValueError, TypeError) as error:
        raise UsageError(error) from None


class Formatter(argparse.ArgumentDefaultsHelpFormatter):
    """Shows defaults, except where there is none."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default in (None, False) else super()._get_help_string(action)


def device(name: str) -> Any:
    """Return the context that ``--device`` names.

    Examples
    --------
    >>> device("cpu")
    cpu(0)
    """
    from gluonrnn._mxnet import mx
    from gluonrnn.devices import try_gpu

    ctx = mx.cpu() if name == "cpu" else try_gpu()
    if name == "gpu" and ctx.device_type != "gpu":
        raise ValueError("--device gpu needs a GPU that MXNet can use, and there is none: leave --device out")
    return ctx


def for_terminal(text: str) -> str:
    r"""Return a text without control characters, which an untrusted model could write to the terminal.

    Examples
    --------
    >>> for_terminal("over\n\x1b[2J and over")
    'over\n\\x1b[2J and over'
    """
    return "".join(
        repr(char)[1:-1] if unicodedata.category(char) == "Cc" and char not in "\n\t" else char for char in text
    )


def call(*words: object) -> str:
    """Return what starts this command from here with some words, to be pasted into a shell.

    Examples
    --------
    >>> call("generate", "my run").endswith(" generate 'my run'")
    True
    """
    return " ".join(shlex.quote(str(word)) for word in [*_own_name(), *words])


def _own_name() -> list[str]:
    """Return the words that start this command from here."""
    if shutil.which("gluonrnn") is not None:
        return ["gluonrnn"]
    started_as = Path(sys.argv[0])
    return [os.path.relpath(started_as)] if started_as.name == "gluonrnn" else [sys.executable, "-m", "gluonrnn"]
