"""IPython's own lines in a cell, masked so that the rest can be read as Python."""

from __future__ import annotations

import re

__all__ = ["masked"]

# cell magics that run the rest of the cell as Python in the notebook itself; %%tab is of the book's own tools
_PYTHON_BODIES = ("capture", "prun", "tab", "time", "timeit")

_CELL_MAGIC = re.compile(r"\s*?(?P<indent>[ \t]*)%%(?P<name>\w+)(?![^\n]*\?[ \t\r]*(?:\n|\Z))[^\n]*")
_CONTINUED = r"(?:[^\n]*\\\r?\n)*[^\n]*"  # what IPython joins before it looks at a magic or shell line
_ASSIGNED = re.compile(rf"(?P<target>[ \t]*[\w*][\w.,*\[\]'\" \t]*=)[ \t]*[%!]{_CONTINUED}")
_ESCAPED = re.compile(rf"(?P<indent>[ \t]*)[%!?]{_CONTINUED}")
_HELP = re.compile(r"(?P<indent>[ \t]*)[^\n#'\"]*?(?:[\w*]|\[-?\d+\])\?\??;?[ \t\r]*(?=\n|\Z)")
_PIECE = re.compile(
    r"""(\"{3}|'{3}) (?:[^\\]|\\(?:.|\Z))*? (?:\1|\Z)   # a long string, closed or not
      | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*'
      | \#[^\n]* | \\\r?\n | \n | [^\\\n"'\#()\[\]{}]+ | .""",
    re.VERBOSE | re.DOTALL,
)


def masked(source: str) -> str:
    r"""Return a cell with IPython's own lines replaced, so that Python's parser takes it.

    A line magic, a shell line and a help line become ``pass``, what is assigned from one becomes
    None, and a cell whose first line is a cell magic becomes ``pass`` as a whole, unless the
    magic runs Python itself (``%%time``, ``%%timeit``, ``%%capture``, ``%%prun``). Every other
    line stays where it is, and so do strings and expressions that go over several lines.

    Examples
    --------
    >>> print(masked("%matplotlib inline\nfiles = !ls\nfor file in files:\n    !cat {file}"))
    pass
    files = None
    for file in files:
        pass
    >>> masked("%%bash\nls | wc\n")
    'pass\n\n'
    """
    magic = _CELL_MAGIC.match(source)
    if magic is None:
        return _without_lines(source)
    rest = source[magic.end() :]
    body = masked(rest[1:]) if magic["name"] in _PYTHON_BODIES else "\n" * rest[1:].count("\n")
    return source[: magic.start("indent")] + magic["indent"] + "pass" + rest[:1] + body


def _without_lines(source: str) -> str:
    parts = []
    start = 0
    while start < len(source):
        assigned = _ASSIGNED.match(source, start)
        line = assigned or _ESCAPED.match(source, start) or _HELP.match(source, start)
        if line is None:
            end = _end_of_logical_line(source, start)
            parts.append(source[start:end])
        else:
            end = line.end()
            parts.append(f"{assigned['target']} None" if assigned else f"{line['indent']}pass")
            parts.append("\n" * source.count("\n", start, end) + source[end : end + 1])
            end += 1
        start = end
    return "".join(parts)


def _end_of_logical_line(source: str, start: int) -> int:
    """Return where the next line starts that is not within a string or brackets."""
    depth = 0
    for piece in _PIECE.finditer(source, start):
        if piece[0] in "([{":
            depth += 1
        elif piece[0] in ")]}":
            depth = max(depth - 1, 0)
        elif piece[0] == "\n" and not depth:
            return piece.end()
    return len(source)
