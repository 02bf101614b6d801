"""Chapter documents of the book: their import lines, and running them as they are.

reading -> detection of the edition -> scratch folder -> kernel -> results -> report, page.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gluonrnn.documents.results import CellResult, DocumentResult
    from gluonrnn.documents.running import rerun, rerun_all

__all__ = ["CellResult", "DocumentResult", "rerun", "rerun_all"]

_ROOMS = {"CellResult": "results", "DocumentResult": "results", "rerun": "running", "rerun_all": "running"}


def __getattr__(name: str) -> object:
    # on first use, for `import gluonrnn` needs the aliases alone
    if name in _ROOMS:
        return getattr(import_module(f"{__name__}.{_ROOMS[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
