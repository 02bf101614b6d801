"""A chapter document as it is read: its cells in order, and what is known of each."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

__all__ = ["Cell", "Document"]


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
