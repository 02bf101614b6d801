"""A chapter document that has been read: its cells in order, and the builder that collects them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Sequence

__all__ = ["Cell", "CellBuilder", "Document", "is_for_mxnet", "tab_names"]

_TAB = re.compile(r"[ \t]*(?:#[ \t]*@tab|%%tab)\b[ \t:]*(?P<names>[\w\-,， \t]*)")


@dataclass(frozen=True)
class Cell:
    """A piece of a document: code to run, or prose in Markdown."""

    kind: str  # "code" or "prose"
    source: str  # without fences, prompts and the line that names its tabs
    line: int = 0  # where it starts in the file, counted from 1; 0 in a notebook's JSON, which nobody reads
    doubt: str = ""  # why it may not be code from beginning to end; "" if it certainly is


@dataclass(frozen=True)
class Document:
    """A chapter document. Recorded outputs, and cells for other frameworks alone, are left out."""

    path: Path
    form: str  # of the content, whatever the file's suffix: "markdown", "notebook", "exported" or "script"
    cells: tuple[Cell, ...]
    left_out: dict[str, int] = field(default_factory=dict)  # framework -> number of code cells left out

    @property
    def code(self) -> list[Cell]:
        """The cells that run."""
        return [cell for cell in self.cells if cell.kind == "code"]


def is_for_mxnet(tabs: Sequence[str]) -> bool:
    """Return whether text in these tabs is for MXNet: it has no tab, or one is `mxnet` or `all`."""
    return not tabs or "mxnet" in tabs or "all" in tabs


def tab_names(text: str) -> list[str]:
    """Return the names in a list of frameworks, however it is spaced."""
    return re.findall(r"[\w\-]+", text.lower())


class CellBuilder:
    """Collects cells in document order; adjacent lines of prose become one cell."""

    def __init__(self) -> None:
        self.left_out: dict[str, int] = {}
        self._cells: list[Cell] = []
        self._prose: list[str] = []
        self._prose_line = 0

    @property
    def cells(self) -> tuple[Cell, ...]:
        """The cells so far."""
        self._end_prose()
        return tuple(self._cells)

    def prose(self, lines: Sequence[str], line: int = 0) -> None:
        """Add lines of Markdown that start on line `line` of the file (0 if unknown)."""
        for number, text in enumerate(lines):
            if self._prose:
                self._prose.append(text)
            elif text.strip():
                self._prose = [text]
                self._prose_line = line and line + number

    def code(self, lines: Sequence[str], line: int = 0, *, doubt: str = "", tabs: Sequence[str] = ()) -> None:
        """Add a code cell that starts on line `line`; one for other frameworks is only counted.

        `tabs` are those around the cell. If they include MXNet, the cell's own tab line decides.
        """
        lines, line = _trimmed(lines, line)
        own = _TAB.fullmatch(lines[0]) if lines else None
        if own:
            lines, line = _trimmed(lines[1:], line and line + 1)
            tabs = tab_names(own["names"]) if is_for_mxnet(tabs) else tabs
        if lines and is_for_mxnet(tabs):
            self._end_prose()
            self._cells.append(Cell("code", "\n".join(lines), line, doubt))
        elif lines:
            for name in dict.fromkeys(tabs):
                self.left_out[name] = self.left_out.get(name, 0) + 1

    def _end_prose(self) -> None:
        lines, line = _trimmed(self._prose, self._prose_line)
        self._prose = []
        if lines:
            self._cells.append(Cell("prose", "\n".join(lines), line))


def _trimmed(lines: Sequence[str], line: int) -> tuple[Sequence[str], int]:
    """Drop blank lines at both ends; return the rest and the number of its first line."""
    full = [number for number, text in enumerate(lines) if text.strip()]
    return (lines[full[0] : full[-1] + 1], line and line + full[0]) if full else ([], line)
