"""What running a document gave: a result per cell, and one for the whole."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

__all__ = ["CellResult", "DocumentResult"]

RAN, FAILED, NOT_RUN = "ran", "failed", "not run"


@dataclass(frozen=True)
class CellResult:
    """What became of a code cell.

    Parameters
    ----------
    number : int
        Its place among the code cells, counted from 1.
    line : int
        The line of the file that it starts on, counted from 1; 0 in a notebook.
    source : str
        Its text, as it ran.
    status : {"ran", "failed", "not run"}
        What became of it.
    outputs : list
        What it printed and showed, as `nbformat` has it.
    seconds : float
        How long it took.
    error : str
        What went wrong, such as ``"NameError: name 'x' is not defined"``; "" where nothing did.
    error_line : int
        The line of `source` that the error came from, counted from 1; 0 where it is not known.

    Examples
    --------
    >>> CellResult(1, 12, "a = 1", "ran").where
    'cell 1, line 12'
    """

    number: int
    line: int
    source: str
    status: str
    outputs: list[Any] = field(default_factory=list)
    seconds: float = 0.0
    error: str = ""
    error_line: int = 0

    @property
    def where(self) -> str:
        """The cell and the line of the file that the error came from, or that the cell starts on."""
        inside = max(self.error_line, 1)
        return f"cell {self.number}, line {self.line + inside - 1 if self.line else inside}"

    @property
    def failing_source(self) -> str:
        """The line that the error came from, or the cell's first."""
        lines = self.source.split("\n")
        return lines[min(max(self.error_line, 1), len(lines)) - 1].strip()

    @property
    def text(self) -> str:
        """What the cell printed, and the text of what it showed."""
        return "".join(
            str(output.get("text", "")) + str(output.get("data", {}).get("text/plain", "")) for output in self.outputs
        )


@dataclass(frozen=True)
class DocumentResult:
    """What became of a document.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    edition : str
        The edition of the book's helpers that it ran with; "" where it imports none.
    cells : list of CellResult
        One for each code cell, in order.
    seconds : float
        How long it took, the start of its kernel included.
    notes : list of str
        What was done that the document does not say: lines skipped, epochs lowered, sample data.
    problem : str
        Why not one cell could run, such as a document for another framework; "" otherwise.
    notebook : nbformat.NotebookNode or None
        The document as a notebook, with the outputs of this run.

    Examples
    --------
    >>> result = DocumentResult(Path("a.md"), "d2l", [CellResult(1, 3, "1", "ran"), CellResult(2, 8, "2", "not run")])
    >>> result.ok, result.summary
    (False, 'a.md: 1/2 cells, d2l, 0.0 s')
    """

    path: Path
    edition: str
    cells: list[CellResult]
    seconds: float = 0.0
    notes: list[str] = field(default_factory=list)
    problem: str = ""
    notebook: Any = field(default=None, repr=False)

    @property
    def ok(self) -> bool:
        """Whether every cell ran."""
        return not self.problem and all(cell.status == RAN for cell in self.cells)

    @property
    def failed(self) -> list[CellResult]:
        """The cells that failed."""
        return [cell for cell in self.cells if cell.status == FAILED]

    @property
    def summary(self) -> str:
        """The result in one line."""
        ran = sum(cell.status == RAN for cell in self.cells)
        return f"{self.path.name}: {ran}/{len(self.cells)} cells, {self.edition or 'no edition'}, {self.seconds:.1f} s"
