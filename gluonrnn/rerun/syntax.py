"""Parse the code of a document, with IPython's own lines masked, and resolve its imported names."""

from __future__ import annotations

import ast
import re
import warnings

__all__ = ["Origins", "helper_name", "masked", "positional", "syntax_tree"]

# the book's helper libraries for MXNet, and gluonrnn in their place
_HELPER = re.compile(
    r"(utils|gluonbook|d2lzh|d2l(?:\.mxnet)?(?!\.(?:jax|mindspore|paddle|tensorflow|torch)\b)"
    r"|gluonrnn(?:\.d2l|\.editions\.\w+)?)(?![^.])(?:\.utils(?![^.]))?\.?(\w*)"
)


class Origins:
    """Resolves names by a document's imports."""

    def __init__(self) -> None:
        self.names: dict[str, str] = {}  # local name -> dotted path
        self.stars: list[str] = []  # modules of star imports

    def read(self, tree: ast.AST) -> list[str]:
        """Add the imports anywhere in a cell; return their dotted paths."""
        imported = []
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                for name in node.names:
                    top = name.name.partition(".")[0]
                    self.names[name.asname or top] = name.name if name.asname else top
                    imported.append(name.name)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                for name in node.names:
                    path = node.module if name.name == "*" else f"{node.module}.{name.name}"
                    if name.name == "*":
                        self.stars.append(path)
                    else:
                        self.names[name.asname or name.name] = path
                    imported.append(path)
        return imported

    def of(self, expression: ast.expr) -> str:
        """Return the dotted path of a name or attribute; "" if it is not imported."""
        if isinstance(expression, ast.Name):
            return self.names.get(expression.id, "")
        if isinstance(expression, ast.Attribute):
            origin = self.of(expression.value)
            return f"{origin}.{expression.attr}" if origin else ""
        return ""


def helper_name(path: str) -> tuple[str, str]:
    """Split a dotted path into helper library and name: ``d2l.mxnet.Timer``; ("", "") for another library."""
    found = _HELPER.match(path)
    return (found.group(1), found.group(2)) if found else ("", "")


def positional(arguments: ast.arguments) -> list[str]:
    """Return the names of the parameters that can be passed by position."""
    return [argument.arg for argument in [*arguments.posonlyargs, *arguments.args]]


def syntax_tree(source: str) -> ast.Module | None:
    """Parse a cell, with magics as ``pass``; None if it is not Python."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # invalid escapes such as "\m", deprecated by Python
        try:
            return ast.parse(masked(re.sub("\r\n?", "\n", source)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


# cell magics whose body is Python; %%tab belongs to the book's tools
_PYTHON_BODIES = ("capture", "prun", "tab", "time", "timeit")
_CELL_MAGIC = re.compile(r"\s*?(?P<indent>[ \t]*)%%(?P<name>\w+)(?![^\n]*\?[ \t\r]*(?:\n|\Z))[^\n]*")
_CONTINUED = r"(?:[^\n]*\\\r?\n)*[^\n]*"  # IPython joins these lines first
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
    r"""Return a cell with IPython's own lines replaced, so that Python can parse it.

    Line magics, shell lines and help lines become ``pass``, values assigned from one become None,
    and a cell under a cell magic becomes ``pass`` unless its body is Python. All other lines keep
    their numbers.

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
    """Return where the next line outside of strings and brackets starts."""
    depth = 0
    for piece in _PIECE.finditer(source, start):
        if piece[0] in "([{":
            depth += 1
        elif piece[0] in ")]}":
            depth = max(depth - 1, 0)
        elif piece[0] == "\n" and not depth:
            return piece.end()
    return len(source)
