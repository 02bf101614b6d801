"""What is done inside the kernel: before a document's first cell, and after one that failed."""

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
    """Make this kernel a place where a chapter document runs as it is written.

    Examples
    --------
    >>> prepare(["utils"])
    >>> import utils
    >>> utils.SGD.__module__
    'gluonrnn.editions.utils_2017'
    >>> from gluonrnn import remove_aliases
    >>> remove_aliases()
    ['utils']
    """
    if aliases:
        install_aliases(*aliases, shadow=True)
    hub.SAMPLE_FILES.update(samples)
    _crash_at_once()
    _put_back_matplotlib_formats()
    _put_back_magic()
    _draw_plots_inline()


def _crash_at_once() -> None:
    """Take SIGSEGV back from MXNet, whose handler can wait for ever for a lock that the crashed thread holds."""
    signal.signal(signal.SIGSEGV, signal.SIG_DFL)


def _put_back_magic() -> None:
    """Give the shell back the method that IPython 9 took from it, which exported scripts call."""
    shell: Any = import_module("IPython.core.interactiveshell").InteractiveShell
    if not hasattr(shell, "magic"):

        def magic(self: Any, line: str) -> Any:
            name, _, rest = line.lstrip("%").partition(" ")
            return self.run_line_magic(name, rest)

        shell.magic = magic


def _put_back_matplotlib_formats() -> None:
    """Give IPython.display back the function that IPython 9 took from it, which old documents import."""
    display: Any = import_module("IPython.display")
    if not hasattr(display, "set_matplotlib_formats"):

        def set_matplotlib_formats(*formats: str, **options: Any) -> None:
            from matplotlib_inline import backend_inline

            backend_inline.set_matplotlib_formats(*formats, **options)

        display.set_matplotlib_formats = set_matplotlib_formats


def _draw_plots_inline() -> None:
    """Draw plots into the document, whatever %matplotlib asks for: nobody is there to look at a window or a widget."""
    shell: Any = import_module("IPython").get_ipython()
    if shell is not None:
        enable = shell.enable_matplotlib
        shell.enable_matplotlib = lambda gui=None: enable("inline")


def failing_line(above: int = 0) -> int:
    """Return the line of the cell that failed last, counted from 1; 0 where none is to be had.

    Examples
    --------
    >>> failing_line()
    0
    """
    error = getattr(sys, "last_value", None)
    line = _line_of_module(getattr(sys, "last_traceback", None))
    if not line and isinstance(error, SyntaxError):  # of the cell itself, and not of a string that it runs
        line = error.lineno or 0
    return line and line + above


def _line_of_module(traceback: TracebackType | None) -> int:
    """Return the line of the outermost frame of a cell: IPython's own are functions of files."""
    line = 0
    for frame, number in walk_tb(traceback):
        name = frame.f_code.co_name
        if name == "run_cell_magic":  # the frame above is the magic's; its body is to come, if it is Python
            line = 0
        elif not line and (name == "<module>" or name.startswith("<cell line")):
            line = number
    return line
