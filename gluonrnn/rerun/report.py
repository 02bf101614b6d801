"""The results of documents that ran, and the report: lines for people, JUnit's XML for machines."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Sequence
from xml.etree import ElementTree as Xml

from gluonrnn._files import atomic_write

__all__ = ["CellResult", "DocumentResult", "in_lines", "write_junit"]

# characters that XML 1.0 does not allow, and terminal colours
_NOT_IN_XML = re.compile("\x1b\\[[0-9;]*m|[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_WIDEST = 1000  # characters in a line of the report

# attribute of a suite -> the elements that it counts
_COUNTED = {"tests": "testcase", "failures": "*/failure", "errors": "*/error", "skipped": "*/skipped"}

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
        What it printed and showed, in the form of `nbformat`.
    seconds : float
        How long it took.
    error : str
        What went wrong, such as ``"NameError: name 'x' is not defined"``; "" where nothing did.
    error_line : int
        The line of `source` that raised the error, counted from 1; 0 if unknown.

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
        What was changed for the run: lines skipped, epochs lowered, sample data.
    problem : str
        Why no cell could run, such as a document for another framework; "" otherwise.
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


def in_lines(result: DocumentResult, *, notes: bool = True) -> str:
    """Return the report of a document: one line, its notes, and each failure with its source line."""
    lines = [result.summary]
    if notes:
        lines += [f"  {note}" for note in result.notes]
    if result.problem:
        lines.append(f"  {_shortened(result.problem)}")
    for cell in result.failed:
        lines += [f"  {cell.where}: {_shortened(cell.failing_source)}", f"    {_shortened(cell.error)}"]
    return "\n".join(lines)


def _shortened(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDEST else f"{line[: _WIDEST - 3]}..."


def write_junit(results: Sequence[DocumentResult], path: str | Path, *, overwrite: bool = True) -> None:
    """Write results as JUnit's XML: a suite per document, a case per cell."""
    root = Xml.Element("testsuites")
    for result in results:
        _add_suite(root, result)
    for count in _COUNTED:
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    with atomic_write(path, overwrite=overwrite) as temporary:
        Xml.ElementTree(root).write(temporary, encoding="utf-8", xml_declaration=True)


def _add_suite(root: Xml.Element, result: DocumentResult) -> None:
    suite = Xml.SubElement(root, "testsuite", name=_for_xml(result.path.name), time=f"{result.seconds:.3f}")
    if result.problem:
        case = _case(suite, "document", 0)
        Xml.SubElement(case, "error", message=_for_xml(_shortened(result.problem))).text = _for_xml(result.problem)
    for cell in result.cells:
        _add_cell(suite, cell)
    for count, path in _COUNTED.items():
        suite.set(count, str(len(suite.findall(path))))


def _case(suite: Xml.Element, name: str, seconds: float) -> Xml.Element:
    return Xml.SubElement(suite, "testcase", classname=suite.get("name", ""), name=name, time=f"{seconds:.3f}")


def _add_cell(suite: Xml.Element, cell: CellResult) -> None:
    case = _case(suite, f"cell {cell.number}", cell.seconds)
    if cell.status == FAILED:
        failure = Xml.SubElement(case, "failure", message=_for_xml(_shortened(cell.error)))
        failure.text = _for_xml(f"{cell.where}: {cell.failing_source}\n{cell.error}")
    elif cell.status != RAN:
        Xml.SubElement(case, "skipped", message="it was not reached")
    if cell.text:
        Xml.SubElement(case, "system-out").text = _for_xml(cell.text)


def _for_xml(text: str) -> str:
    return _NOT_IN_XML.sub("", text)
