"""The directive ``bad-inputs``: the tables that the tests hold the package to, room by room."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from docutils import nodes
from docutils.parsers.rst import Directive

FOLDER = Path(__file__).resolve().parents[2] / "tests" / "bad_inputs"
HEADINGS = ("call", "error", "its words")
WIDTHS = (40, 15, 45)


class BadInputs(Directive):
    """Show every room of the table as a section of the page."""

    def run(self) -> list[nodes.Node]:
        """Return the sections; the page is written anew where a room has changed."""
        spec = importlib.util.spec_from_file_location("gluonrnn_bad_inputs", FOLDER / "table.py")
        table: Any = importlib.util.module_from_spec(spec)  # type: ignore[arg-type]
        spec.loader.exec_module(table)  # type: ignore[union-attr]
        for path in (FOLDER / "table.py", *sorted(table.FOLDER.glob("*.txt"))):
            self.state.document.settings.env.note_dependency(str(path))
        return [_section(room) for room in table.ROOMS]


def _section(room: Any) -> nodes.section:
    section = nodes.section(ids=[f"bad-inputs-{room.name.replace('_', '-')}"], names=[room.title.lower()])
    section += nodes.title(text=room.title)
    if room.before:
        section += nodes.paragraph(text="Before each call:")
        section += nodes.literal_block(room.before, room.before, language="python")
    section += _table(room.entries)
    return section


def _table(entries: Any) -> nodes.table:
    table = nodes.table(classes=["bad-inputs"])
    group = nodes.tgroup(cols=len(WIDTHS))
    group += [nodes.colspec(colwidth=width) for width in WIDTHS]
    head, body = nodes.thead(), nodes.tbody()
    head += _row([nodes.Text(heading) for heading in HEADINGS])
    for entry in entries:
        answer = nodes.literal(text=entry.error) if entry.error else nodes.Text("taken")
        body += _row([nodes.literal(text=entry.call), answer, _to_the_letter(entry.words)])
    group += [head, body]
    table += group
    return table


def _to_the_letter(words: str) -> nodes.inline:
    """Return words whose quotation marks stay as they are."""
    return nodes.inline("", words, support_smartquotes=False)


def _row(cells: list[nodes.Node]) -> nodes.row:
    row = nodes.row()
    for cell in cells:
        row += nodes.entry("", nodes.paragraph("", "", cell))
    return row


def setup(app: Any) -> dict[str, bool]:
    """Add the directive to Sphinx."""
    app.add_directive("bad-inputs", BadInputs)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
