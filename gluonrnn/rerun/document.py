"""A chapter document as it is read: its cells in order; and how a reader of one of its forms collects them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Sequence

__all__ = ["Cell", "Document", "Gathering", "is_for_mxnet"]


@dataclass(frozen=True)
class Cell:
    """A piece of a document: code to run, or prose to read.

    Parameters
    ----------
    kind : {"code", "prose"}
        What it is. Prose is Markdown.
    source : str
        Its text, without fences, prompts and the line that names its tabs.
    line : int
        The line of the file that `source` starts on, counted from 1; 0 in a notebook's JSON,
        whose lines nobody reads.
    doubt : str
        Why it is not sure that `source` is code to its end, and nothing else; "" where it is.

    Examples
    --------
    >>> Cell("code", "1 + 1", line=7).kind
    'code'
    """

    kind: str
    source: str
    line: int = 0
    doubt: str = ""


@dataclass(frozen=True)
class Document:
    """A chapter document, read.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    form : {"markdown", "notebook", "exported", "script"}
        The form that its content has, whatever the file's ending says.
    cells : tuple of Cell
        Prose and code, in order. Recorded outputs are not among them, and of a document in
        several frameworks only what is for MXNet, or for all.
    left_out : dict of str to int
        How many code cells each other framework had.

    Examples
    --------
    >>> document = Document(Path("a.md"), "markdown", (Cell("prose", "# A"), Cell("code", "1", line=3)))
    >>> [cell.source for cell in document.code]
    ['1']
    """

    path: Path
    form: str
    cells: tuple[Cell, ...]
    left_out: dict[str, int] = field(default_factory=dict)

    @property
    def code(self) -> list[Cell]:
        """The cells that run."""
        return [cell for cell in self.cells if cell.kind == "code"]


_TAB = re.compile(r"[ \t]*(?:#[ \t]*@tab|%%tab)\b[ \t:]*(?P<names>[\w\-,， \t]*)")


def is_for_mxnet(tabs: Sequence[str]) -> bool:
    """Return whether what is marked with these names is for MXNet: it is named, or all are, or none.

    Examples
    --------
    >>> is_for_mxnet(["mxnet", "pytorch"]), is_for_mxnet(["pytorch"])
    (True, False)
    """
    return not tabs or "mxnet" in tabs or "all" in tabs


def tab_names(text: str) -> list[str]:
    """Return the names in a list of frameworks, however it is spaced.

    Examples
    --------
    >>> tab_names("mxnet,PyTorch , paddle")
    ['mxnet', 'pytorch', 'paddle']
    """
    return re.findall(r"[\w\-]+", text.lower())


class Gathering:
    r"""Cells in the order in which they are found.

    Lines of prose are joined until code comes between them. Code is taken without the line that
    names its tabs and without blank lines around it, and counted only if it is not for MXNet.

    Examples
    --------
    >>> found = Gathering()
    >>> found.prose(["# A title", ""], 1)
    >>> found.code(["#@tab pytorch", "import torch"], 4)
    >>> found.code(["#@tab mxnet, pytorch", "", "1 + 1"], 8)
    >>> found.cells
    (Cell(kind='prose', source='# A title', line=1, doubt=''), Cell(kind='code', source='1 + 1', line=10, doubt=''))
    >>> found.left_out
    {'pytorch': 1}
    """

    def __init__(self) -> None:
        self.left_out: dict[str, int] = {}
        self._cells: list[Cell] = []
        self._prose: list[str] = []
        self._prose_line = 0

    @property
    def cells(self) -> tuple[Cell, ...]:
        """What was found so far."""
        self._end_prose()
        return tuple(self._cells)

    def prose(self, lines: Sequence[str], line: int = 0) -> None:
        """Add lines of Markdown, the first of which is line `line` of the file (0: of none)."""
        for number, text in enumerate(lines):
            if self._prose:
                self._prose.append(text)
            elif text.strip():
                self._prose = [text]
                self._prose_line = line and line + number

    def code(self, lines: Sequence[str], line: int = 0, *, doubt: str = "", tabs: Sequence[str] = ()) -> None:
        """Add a code cell, the first line of which is line `line` of the file (0: of none).

        Its own line of tabs is looked at if `tabs`, those of what it stands in, have MXNet.
        """
        lines, line = _trimmed(lines, line)
        own = _TAB.fullmatch(lines[0]) if lines else None
        if own:
            lines, line = _trimmed(lines[1:], line and line + 1)
            tabs = tab_names(own["names"]) if is_for_mxnet(tabs) else tabs
        if not lines:
            return
        if is_for_mxnet(tabs):
            self._end_prose()
            self._cells.append(Cell("code", "\n".join(lines), line, doubt))
            return
        for name in dict.fromkeys(tabs):
            self.left_out[name] = self.left_out.get(name, 0) + 1

    def _end_prose(self) -> None:
        lines, line = _trimmed(self._prose, self._prose_line)
        self._prose = []
        if lines:
            self._cells.append(Cell("prose", "\n".join(lines), line))


def _trimmed(lines: Sequence[str], line: int) -> tuple[Sequence[str], int]:
    """Return the lines without blank ones at either end, and the number of the first that stays."""
    full = [number for number, text in enumerate(lines) if text.strip()]
    if not full:
        return [], line
    return lines[full[0] : full[-1] + 1], line and line + full[0]
