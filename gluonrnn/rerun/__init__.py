"""Run the chapter documents of the book as they are.

reading -> detection of the edition -> workspace -> kernel -> results -> report, page.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gluonrnn.rerun.report import CellResult, DocumentResult
    from gluonrnn.rerun.runner import rerun, rerun_all

__all__ = ["CellResult", "DocumentResult", "rerun", "rerun_all"]

_MODULES = {"CellResult": "report", "DocumentResult": "report", "rerun": "runner", "rerun_all": "runner"}


def __getattr__(name: str) -> object:
    # on first use: `import gluonrnn` must stay light
    if name in _MODULES:
        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
