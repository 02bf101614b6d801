"""What is said of documents that ran: in lines for people, in JUnit's XML for machines."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Sequence
from xml.etree import ElementTree as Xml

from gluonrnn._files import written_whole
from gluonrnn.rerun.results import FAILED, RAN, CellResult, DocumentResult

__all__ = ["in_lines", "write_junit"]

# what XML 1.0 cannot hold, and the colours of a terminal
_NOT_IN_XML = re.compile("\x1b\\[[0-9;]*m|[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_WIDEST = 1000  # characters of a line that is read by people

# attribute of a suite -> the path of what it counts
_COUNTED = {"tests": "testcase", "failures": "*/failure", "errors": "*/error", "skipped": "*/skipped"}


def in_lines(result: DocumentResult, *, notes: bool = True) -> str:
    r"""Return the report of a document: one line, its notes, and each failure with its source line.

    Examples
    --------
    >>> failed = CellResult(2, 8, "x = 1\nx.y", FAILED, error="AttributeError: no y", error_line=2)
    >>> print(in_lines(DocumentResult(Path("a.md"), "d2l", [CellResult(1, 3, "1", RAN), failed], seconds=4.2)))
    a.md: 1/2 cells, d2l, 4.2 s
      cell 2, line 9: x.y
        AttributeError: no y
    """
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
    """Write results as JUnit's XML: a suite per document, a case per cell.

    Examples
    --------
    >>> import tempfile
    >>> report = Path(tempfile.mkdtemp(), "report.xml")
    >>> write_junit([DocumentResult(Path("a.md"), "d2l", [CellResult(1, 3, "1", RAN)])], report)
    >>> Xml.parse(report).getroot().get("tests")
    '1'
    """
    root = Xml.Element("testsuites")
    for result in results:
        _add_suite(root, result)
    for count in _COUNTED:
        root.set(count, str(sum(int(suite.get(count, "0")) for suite in root)))
    with written_whole(path, overwrite=overwrite) as temporary:
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
