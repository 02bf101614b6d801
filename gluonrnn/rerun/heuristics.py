"""Tell code, recorded output and prose apart where nothing marks them."""

from __future__ import annotations

import ast
import builtins
import re
from typing import Iterator, Sequence

__all__ = [
    "bound_names",
    "is_comment",
    "looks_like_code",
    "looks_like_output",
    "looks_like_prose",
    "may_be_output",
    "shows",
]

# the repr of these is a call of their own name
_SHOWN_AS_CALLS = {"bytearray", "frozenset", "range", "set", "slice"}
_BUILTINS = {*dir(builtins), "In", "Out", "_", "__", "___", "display", "get_ipython"} - _SHOWN_AS_CALLS
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
_SCOPES = (*_DEFINITIONS, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

_TAGS = r"<(?:!--|(?:a|b|br|center|div|font|h\d|img|li|ol|p|span|table|ul)\b)"
_UNDERLINED = r"[^\n]+\n(?:={3,}|-{3,})\s*(?:\n|\Z)"
_MARKUP = re.compile(rf"[#*>|]|[-+] |\d+[.)]\s|!\[|\$\$|\\(?:begin|\[)|:[a-z_]+:`|```|~~~|{_TAGS}|{_UNDERLINED}")
_INLINE = re.compile(r"`|\]\(|\*\*|\$[^$\s][^$\n]*\$")
_CHINESE = re.compile("[\u4e00-\u9fff]")
_CHINESE_MARK = re.compile("[。，：；、？！]")
_WORD = re.compile(r"[A-Za-z]{2,}")
_ENDED = re.compile(r"[^.\s][.:?!][\"')\]”]?\s*\Z")


def _outside_definitions(tree: ast.AST) -> Iterator[ast.AST]:
    """Walk a tree without entering functions, classes and comprehensions, which have scopes of their own."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, _SCOPES):
            waiting.extend(ast.iter_child_nodes(node))


def bound_names(tree: ast.AST, *, within: bool = False) -> set[str]:
    """Return the names that code binds for what follows ("*" for a star import); `within` adds inner scopes."""
    names = set()
    for node in ast.walk(tree) if within else _outside_definitions(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.alias):
            names.add(node.asname or node.name.partition(".")[0])
        elif isinstance(node, ast.arg):
            names.add(node.arg)
        elif hasattr(node, "name"):  # a definition, a handler, a pattern
            names.add(node.name)
    declared = (node.names for node in ast.walk(tree) if isinstance(node, ast.Global))
    return names.difference([None]).union(*declared)


def _read_names(node: ast.AST) -> set[str]:
    return {name.id for name in ast.walk(node) if isinstance(name, ast.Name) and not isinstance(name.ctx, ast.Store)}


def is_comment(statement: ast.stmt) -> bool:
    """Return whether a statement is a multi-line string, which some authors use as a comment."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str) and value.lineno != value.end_lineno


def looks_like_output(statement: ast.stmt, bound: set[str]) -> bool:
    """Return whether a statement is recorded output that happens to parse: only constants and unbound names."""
    if isinstance(statement, ast.Expr):
        return _is_shown_value(statement.value, bound)
    if isinstance(statement, ast.AnnAssign) and statement.value is None:
        return True
    if isinstance(statement, (ast.Global, ast.Nonlocal)):
        return bound.isdisjoint(statement.names)
    if isinstance(statement, (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Assert, ast.Delete, ast.Raise, ast.Return)):
        names = _read_names(statement)
        return bool(names) and "*" not in bound and names.isdisjoint(bound | _BUILTINS)
    return False


def _is_shown_value(value: ast.expr, bound: set[str]) -> bool:
    if any(isinstance(node, _SCOPES) for node in ast.walk(value)) or not bound.isdisjoint(_read_names(value)):
        return False
    return all(_is_shown_call(node, bound) for node in ast.walk(value) if isinstance(node, ast.Call))


def _is_shown_call(call: ast.Call, bound: set[str]) -> bool:
    """Return whether a call is the repr of a value: ``array([1., 2.])`` where no `array` is bound."""
    function = call.func
    while isinstance(function, ast.Attribute):
        function = function.value
    return isinstance(function, ast.Name) and "*" not in bound and function.id not in _BUILTINS


def looks_like_code(statement: ast.stmt, bound: set[str]) -> bool:
    """Return whether a statement is certainly code: an import, a definition, a call of a bound name."""
    if isinstance(statement, (ast.Import, ast.ImportFrom, *_DEFINITIONS, ast.For, ast.If, ast.While, ast.With)):
        return True
    calls = (node.func for node in ast.walk(statement) if isinstance(node, ast.Call))
    return any(not _read_names(function).isdisjoint(bound | _BUILTINS) for function in calls)


def may_be_output(statement: ast.stmt) -> bool:
    """Return whether a statement could also be recorded output: plain values and no call."""
    if not isinstance(statement, (ast.Assign, ast.Expr)) or any(
        isinstance(node, ast.Call) for node in ast.walk(statement)
    ):
        return False
    return isinstance(statement, ast.Expr) or not _read_names(statement.value)


def shows(tree: ast.Module) -> bool:
    """Return whether a cell has output: it prints, or ends in an expression."""
    if tree.body and isinstance(tree.body[-1], ast.Expr) and not is_comment(tree.body[-1]):
        return True
    calls = (node for node in _outside_definitions(tree) if isinstance(node, ast.Call))
    return any(isinstance(call.func, ast.Name) and call.func.id == "print" for call in calls)


def looks_like_prose(lines: Sequence[str]) -> bool:
    """Return whether a paragraph is prose rather than output: Markdown, Chinese, or a sentence of several words."""
    text = "\n".join(lines)
    if _MARKUP.match(text) or _INLINE.search(text):
        return True
    if len(_CHINESE.findall(text)) >= 4 and _CHINESE_MARK.search(text):
        return True
    return len(_WORD.findall(text)) >= 4 and _ENDED.search(text) is not None
