"""The code of a document as a syntax tree, IPython's own lines masked, and what its imported names stand for."""

from __future__ import annotations

import ast
import re
import warnings

__all__ = ["Origins", "helper_name", "masked", "positional", "syntax_tree"]

# the book's helper libraries, and gluonrnn in their place, but not those of the other frameworks
_HELPER = re.compile(
    r"(utils|gluonbook|d2lzh|d2l(?:\.mxnet)?(?!\.(?:jax|mindspore|paddle|tensorflow|torch)\b)"
    r"|gluonrnn(?:\.d2l|\.editions\.\w+)?)(?![^.])(?:\.utils(?![^.]))?\.?(\w*)"
)


class Origins:
    """Where the imported names of a document come from.

    Examples
    --------
    >>> origins = Origins()
    >>> origins.read(ast.parse("from d2l import mxnet as d2l"))
    ['d2l.mxnet']
    >>> origins.of(ast.parse("d2l.Timer", mode="eval").body)
    'd2l.mxnet.Timer'
    """

    def __init__(self) -> None:
        self.names: dict[str, str] = {}  # a name, and what it stands for
        self.stars: list[str] = []  # modules whose names were all imported

    def read(self, tree: ast.AST) -> list[str]:
        """Take in the imports of a cell, wherever they stand in it; return what they import, dotted."""
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
        """Return the dotted path that a name, or an attribute of one, stands for; "" if it is not imported."""
        if isinstance(expression, ast.Name):
            return self.names.get(expression.id, "")
        if isinstance(expression, ast.Attribute):
            origin = self.of(expression.value)
            return f"{origin}.{expression.attr}" if origin else ""
        return ""


def helper_name(path: str) -> tuple[str, str]:
    """Return the helper library that a dotted path leads into, and the name there; "" for what it does not have.

    Examples
    --------
    >>> helper_name("d2l.mxnet.Timer")
    ('d2l.mxnet', 'Timer')
    >>> helper_name("d2l.torch.Timer")
    ('', '')
    """
    found = _HELPER.match(path)
    return (found.group(1), found.group(2)) if found else ("", "")


def positional(arguments: ast.arguments) -> list[str]:
    """Return the names of the parameters that can be given by position.

    Examples
    --------
    >>> positional(ast.parse("lambda a, b=1, *, c: 0", mode="eval").body.args)
    ['a', 'b']
    """
    return [argument.arg for argument in [*arguments.posonlyargs, *arguments.args]]


def syntax_tree(source: str) -> ast.Module | None:
    """Return the syntax tree of a cell, whose magics count as ``pass``; None if it has none.

    Examples
    --------
    >>> syntax_tree("print 'hello'") is None
    True
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a document's own escapes
        try:
            return ast.parse(masked(re.sub("\r\n?", "\n", source)))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


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
