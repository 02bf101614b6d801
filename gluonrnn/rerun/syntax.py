"""The code of a document as a syntax tree, and what its imported names stand for."""

from __future__ import annotations

import ast
import re
import warnings

from gluonrnn.rerun.magics import masked

__all__ = ["Origins", "helper_name", "positional", "syntax_tree"]

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
