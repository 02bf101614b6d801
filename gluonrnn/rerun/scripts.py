"""Read Python scripts, with or without the cell marks ``# In[4]:`` and ``# %%``."""

from __future__ import annotations

import ast
import re
from typing import Sequence

from gluonrnn.rerun.document import CellBuilder
from gluonrnn.rerun.heuristics import looks_like_output
from gluonrnn.rerun.syntax import syntax_tree

__all__ = ["has_cells", "is_script", "read_script"]

_PROMPT = re.compile(r"#[ \t]*In[ \t]*\[[ \t]*(?:\d+|\*)?[ \t]*\]:[ \t]*")
_CELL = re.compile(r"#[ \t]*%%(?!\w)(?P<title>.*)")
_MARKDOWN = re.compile(r"\[(?:markdown|md|raw)\]", re.IGNORECASE)
_OF_THE_FILE = re.compile(r"#!.*|#.*\bcoding[:=].*")


def is_script(text: str) -> bool:
    """Return whether all of a text is Python, apart from IPython's own lines, and not by chance."""
    tree = syntax_tree(text)
    statements = [part for part in tree.body if not isinstance(part, ast.Pass) and not _is_text(part)] if tree else []
    if not statements or looks_like_output(statements[0], set()):
        return False
    return not any(map(_is_prompt, statements))


def has_cells(text: str) -> bool:
    """Return whether a text has the cell marks of a script, whether or not it parses."""
    return any(_is_mark(line) for line in text.split("\n"))


def _is_text(statement: ast.stmt) -> bool:
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _is_prompt(statement: ast.stmt) -> bool:
    """Return whether a statement is ``In [1]: x = 1``, which Python takes for an annotation."""
    target = statement.target if isinstance(statement, ast.AnnAssign) else None
    return isinstance(target, ast.Subscript) and isinstance(target.value, ast.Name) and target.value.id == "In"


def read_script(text: str) -> CellBuilder:
    """Split a Python script into cells of code and of commented prose."""
    lines = text.split("\n")
    strings = _lines_in_strings(text)
    marks = [number for number, line in enumerate(lines) if number not in strings and _is_mark(line)]
    found = CellBuilder()
    if not marks:
        found.code(lines, 1)
        return found
    for mark, stop in zip([-1, *marks], [*marks, len(lines)]):
        start = mark + 1
        cell = _CELL.fullmatch(lines[mark]) if mark >= 0 else None
        if cell is None:
            code = _end_of_code(lines, start, stop, strings)
        else:
            code = start if _MARKDOWN.search(cell["title"]) else stop
        doubt = "" if syntax_tree("\n".join(lines[start:code])) else "it does not parse as Python as a whole"
        found.code(lines[start:code], start + 1, doubt=doubt)
        found.prose([_uncommented(line) for line in lines[code:stop]], code + 1)
    return found


def _is_mark(line: str) -> bool:
    return bool(_PROMPT.fullmatch(line) or _CELL.fullmatch(line))


def _lines_in_strings(text: str) -> set[int]:
    """Return the indices of the lines that start inside a string."""
    tree = syntax_tree(text) or ast.Module([], [])
    strings = (node for node in ast.walk(tree) if isinstance(node, (ast.Constant, ast.JoinedStr)))
    return {number for node in strings for number in range(node.lineno, node.end_lineno or node.lineno)}


def _end_of_code(lines: Sequence[str], start: int, stop: int, strings: set[int]) -> int:
    """Return where code ends and comments that were Markdown start: after two blank lines."""
    full = [number for number in range(start, stop) if lines[number].strip()]
    last = start
    for number in full:
        if number in strings or not lines[number].startswith("#"):
            last = number + 1
    behind = (number for number in full if number >= last)
    if last == start:
        return start
    return next((number for number in behind if not any(line.strip() for line in lines[number - 2 : number])), stop)


def _uncommented(line: str) -> str:
    return "" if _OF_THE_FILE.fullmatch(line) else re.sub(r"^#[ \t]?", "", line)
