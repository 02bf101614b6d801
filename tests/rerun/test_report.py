from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree as Xml

import nbformat
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gluonrnn.rerun.report import FAILED, NOT_RUN, RAN, CellResult, DocumentResult, in_lines, write_junit

PRINTED = [nbformat.v4.new_output("stream", text="one\n"), nbformat.v4.new_output("stream", text="two\n")]
CELLS = [
    CellResult(1, 10, "a = 1\nprint(a)", RAN, PRINTED, seconds=0.25),
    CellResult(2, 20, "b = 2\nb.c(\n)", FAILED, seconds=1.5, error="AttributeError: no c\nin b", error_line=2),
    CellResult(3, 30, "d", NOT_RUN),
]


def result(cells=CELLS, **settings):
    return DocumentResult(Path("somewhere", "chapter.md"), "d2l", list(cells), seconds=3.21, **settings)


def test_a_report_is_a_line_a_document_with_notes_and_failures():
    assert in_lines(result(notes=["cell 1: skipped !pip install d2l"])).splitlines() == [
        "chapter.md: 1/3 cells, d2l, 3.2 s",
        "  cell 1: skipped !pip install d2l",
        "  cell 2, line 21: b.c(",
        "    AttributeError: no c in b",
    ]


def test_notes_can_be_left_out():
    assert "skipped" not in in_lines(result(notes=["cell 1: skipped !pip install d2l"]), notes=False)


def test_lines_that_nobody_would_read_are_shortened():
    cell = CellResult(1, 1, f"x{'y' * 5000}", FAILED, error=f"ValueError: {'z' * 5000}")
    _, source, error = in_lines(result([cell])).splitlines()
    assert source == f"  cell 1, line 1: x{'y' * 996}..."
    assert error == f"    ValueError: {'z' * 985}..."


def test_what_kept_a_document_from_running_is_said():
    report = in_lines(DocumentResult(Path("a.md"), "", [], problem="it is written for\nPyTorch"))
    assert report.splitlines() == ["a.md: 0/0 cells, no edition, 0.0 s", "  it is written for PyTorch"]


def test_a_result_is_ok_when_every_cell_ran():
    assert result(CELLS[:1]).ok
    assert result([]).ok
    assert not result(CELLS[:2]).ok
    assert not result(CELLS[::2]).ok
    assert not result(CELLS[:1], problem="no kernel").ok
    assert result().failed == [CELLS[1]]


def test_where_an_error_came_from():
    assert CELLS[1].where == "cell 2, line 21"
    assert CellResult(4, 0, "x\ny", FAILED, error_line=2).where == "cell 4, line 2"  # in a notebook
    assert CellResult(4, 7, "x\ny", FAILED).failing_source == "x"
    assert CellResult(4, 7, "x\n  y", FAILED, error_line=2).failing_source == "y"
    assert CellResult(4, 7, "x", FAILED, error_line=9).failing_source == "x"
    assert CellResult(4, 7, "", FAILED).failing_source == ""
    assert CellResult(4, 7, "x\f\ny", FAILED, error_line=2).failing_source == "y"


def test_the_text_of_a_cell_is_what_it_printed_and_showed():
    shown = nbformat.v4.new_output("execute_result", {"text/plain": "3", "text/html": "<b>3</b>"})
    assert CellResult(1, 1, "x", RAN, [*PRINTED, shown]).text == "one\ntwo\n3"
    assert (
        CellResult(1, 1, "x", RAN, [{"data": {"text/plain": 5}}]).text == "5"
    )  # of a document that displays odd things


def test_junit_has_a_suite_a_document_and_a_case_a_cell(tmp_path):
    problem = DocumentResult(Path("b.md"), "", [], problem="it is written for PyTorch")
    write_junit([result(), problem], tmp_path / "report.xml")
    root = Xml.parse(tmp_path / "report.xml").getroot()
    assert {name: root.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    first, second = root
    assert (first.get("name"), first.get("tests"), first.get("time")) == ("chapter.md", "3", "3.210")
    assert [case.get("name") for case in first] == ["cell 1", "cell 2", "cell 3"]
    assert first[0].find("system-out").text == "one\ntwo\n"
    assert first[1].find("failure").get("message") == "AttributeError: no c in b"
    assert "line 21: b.c(" in first[1].find("failure").text
    assert first[2].find("skipped") is not None
    assert second[0].find("error").get("message") == "it is written for PyTorch"
    assert {case.get("classname") for case in first} == {"chapter.md"}


def test_the_colours_of_a_terminal_are_left_out(tmp_path):
    printed = nbformat.v4.new_output("stream", text="a \x1b[31mred\x1b[1;39m word")
    write_junit([result([CellResult(1, 1, "x", RAN, [printed])])], tmp_path / "report.xml")
    assert Xml.parse(tmp_path / "report.xml").getroot()[0][0].findtext("system-out") == "a red word"


def test_a_report_that_cannot_be_written_leaves_what_was_there(tmp_path):
    with pytest.raises(OSError, match="is a folder"):
        write_junit([], tmp_path)


@settings(max_examples=25)
@given(st.text(st.characters()), st.text(st.characters(blacklist_categories=())))
def test_any_text_gives_xml_that_parses(tmp_path_factory, printed, error):
    cell = CellResult(1, 1, "x", FAILED, [nbformat.v4.new_output("stream", text=f"\x1b[31m{printed}")], error=error)
    path = tmp_path_factory.mktemp("junit") / "report.xml"
    write_junit([result([cell])], path)
    case = Xml.parse(path).getroot()[0][0]
    assert "\x1b" not in (case.findtext("system-out") or "")
