"""A table as docutils has it, of rows that are written in Python."""

from __future__ import annotations

from typing import Iterable, Sequence

from docutils import nodes


def table(
    headings: Sequence[str], rows: Iterable[Sequence[Sequence[nodes.Node]]], widths: Sequence[int]
) -> nodes.table:
    """Return a table.

    Parameters
    ----------
    headings : sequence of str
        One a column.
    rows : iterable of sequence
        The cells of each row, each the words that are in it.
    widths : sequence of int
        One a column, in relation to each other.
    """
    group = nodes.tgroup(cols=len(widths))
    group += [nodes.colspec(colwidth=width) for width in widths]
    group += nodes.thead("", _row([[nodes.Text(heading)] for heading in headings]))
    group += nodes.tbody("", *(_row(cells) for cells in rows))
    return nodes.table("", group)


def _row(cells: Iterable[Sequence[nodes.Node]]) -> nodes.row:
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *words)) for words in cells))
