"""Cells in order: prose joined, tabs read, and those of other frameworks counted."""

from __future__ import annotations

from gluonrnn.rerun.document import Cell, CellBuilder


def gathered(*cells):
    found = CellBuilder()
    for lines, line in cells:
        found.code(lines, line)
    return found


def test_a_cell_for_mxnet_is_kept_without_its_tab():
    for tab in [
        *("#@tab mxnet", "#@tab all", "#@tab mxnet, pytorch", "#@tab  pytorch ,  mxnet ,jax", "# @tab MXNet"),
        *("  #@tab: mxnet  ", "%%tab mxnet", "%%tab pytorch, mxnet", "#@tab pytorch，mxnet", "#@tab"),
    ]:
        found = gathered((["", tab, "", "x = 1", "y"], 10))
        assert found.cells == (Cell("code", "x = 1\ny", 13),)
        assert found.left_out == {}


def test_a_cell_for_others_counts_for_each():
    for tab in ["#@tab tensorflow, pytorch", "# @tab pytorch,tensorflow", "%%tab pytorch tensorflow"]:
        found = gathered(([tab, "x = 1"], 1), (["#@tab pytorch", "x"], 5), (["y"], 8))
        assert found.cells == (Cell("code", "y", 8),)
        assert found.left_out == {"pytorch": 2, "tensorflow": 1}


def test_other_lines_are_no_tabs():
    for line in ["#@table mxnet", "x = 1  #@tab pytorch", "#@save", "#@tab mxnet (all)", "%%table jax"]:
        assert gathered(([line, "y"], 1)).cells[0].source == f"{line}\ny"


def test_a_tab_line_further_down_is_code():
    assert gathered((["x", "#@tab pytorch"], 1)).cells == (Cell("code", "x\n#@tab pytorch", 1),)


def test_a_cell_within_what_is_for_others_is_left_out_whatever_its_own_tab():
    found = CellBuilder()
    found.code(["#@tab mxnet", "x"], 1, tabs=["jax"])
    found.code(["#@tab paddle", "x"], 1, tabs=["all"])
    assert found.cells == ()
    assert found.left_out == {"jax": 1, "paddle": 1}


def test_prose_is_joined_until_there_is_code():
    found = CellBuilder()
    found.prose(["", " ", "a", ""], 1)
    found.prose(["", "b"], 9)
    found.code(["", " "], 11)
    found.code(["#@tab jax", "x"], 12)
    found.prose(["c  ", ""], 20)
    found.code(["x"], 30, doubt="why")
    found.prose(["", " "], 40)
    found.code(["y"])
    found.prose(["d"])
    assert found.cells == (
        Cell("prose", "a\n\n\nb\nc  ", 3),
        Cell("code", "x", 30, "why"),
        Cell("code", "y", 0),
        Cell("prose", "d", 0),
    )
