"""Functions that run inside the kernel: before the first cell, and after one that failed."""

from __future__ import annotations

import signal
import sys
from importlib import import_module
from traceback import walk_tb
from types import TracebackType
from typing import Any, Sequence

from gluonrnn.corpus import hub
from gluonrnn.editions.aliases import install_aliases

__all__ = ["failing_line", "prepare"]


def prepare(aliases: Sequence[str], samples: Sequence[str] = ()) -> None:
    """Prepare this kernel so that a chapter document runs unchanged."""
    if aliases:
        install_aliases(*aliases, shadow=True)
    hub.SAMPLE_FILES.update(samples)
    _crash_at_once()
    _put_back_matplotlib_formats()
    _put_back_magic()
    _draw_plots_inline()


def _crash_at_once() -> None:
    """Undo MXNet's SIGSEGV handler, which can wait forever for a lock of the crashed thread."""
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)


def _put_back_magic() -> None:
    """Restore a method that exported scripts call and IPython 9 removed."""
    shell: Any = import_module("IPython.core.interactiveshell").InteractiveShell
    if not hasattr(shell, "magic"):

        def magic(self: Any, line: str) -> Any:
            name, _, rest = line.lstrip("%").partition(" ")
            return self.run_line_magic(name, rest)

        shell.magic = magic


def _put_back_matplotlib_formats() -> None:
    """Restore a function that old documents import and IPython 9 removed."""
    display: Any = import_module("IPython.display")
    if not hasattr(display, "set_matplotlib_formats"):

        def set_matplotlib_formats(*formats: str, **options: Any) -> None:
            from matplotlib_inline import backend_inline

            backend_inline.set_matplotlib_formats(*formats, **options)

        display.set_matplotlib_formats = set_matplotlib_formats


def _draw_plots_inline() -> None:
    """Draw plots inline whatever %matplotlib asks for: nobody can see a window or widget."""
    shell: Any = import_module("IPython").get_ipython()
    if shell is not None:
        enable = shell.enable_matplotlib
        shell.enable_matplotlib = lambda gui=None: enable("inline")


def failing_line(above: int = 0) -> int:
    """Return the line of the last error in its cell, counted from 1; 0 if unknown."""
    error = getattr(sys, "last_value", None)
    line = _line_of_module(getattr(sys, "last_traceback", None))
    if not line and isinstance(error, SyntaxError):  # in the cell itself, not in a string that it evaluates
        line = error.lineno or 0
    return line and line + above


def _line_of_module(traceback: TracebackType | None) -> int:
    """Return the line of the outermost frame that belongs to a cell, not to a file."""
    line = 0
    for frame, number in walk_tb(traceback):
        name = frame.f_code.co_name
        if name == "run_cell_magic":  # the frame before is the magic's; that of its body follows, if it is Python
            line = 0
        elif not line and (name == "<module>" or name.startswith("<cell line")):
            line = number
    return line
