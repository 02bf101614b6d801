"""Edit a document before it runs: lower epochs for ``--max-epochs``, and skip lines that install software.

Only the numbers themselves are replaced in the text, so comments, layout and magics stay.
"""

from __future__ import annotations

import ast
import inspect
import itertools
import re
from dataclasses import dataclass
from types import ModuleType
from typing import Iterator, Sequence, Tuple

from gluonrnn._checks import check_count
from gluonrnn.rerun.syntax import Origins, helper_name, positional, syntax_tree

__all__ = ["EPOCH_NAMES", "lower_epochs", "without_tools"]

# the usual names for a number of epochs, and for the epochs between two reports
EPOCH_NAMES = re.compile(
    r"(num_|n_|max_|total_|nb_)?epochs|(num|nb)_epoch|(pred|print|report|display)_period|(print|log|report)_every"
    r"|log_interval",
    re.IGNORECASE,
)
_LOOP_NAMES = re.compile("epoch|e", re.IGNORECASE)

_Place = Tuple[int, int, int]  # cell, line, column


def lower_epochs(
    sources: Sequence[str], max_epochs: int, edition_module: ModuleType | None = None
) -> tuple[list[str], list[str]]:
    """Lower the epochs and reporting periods that a document sets itself; return the cells and the changes.

    An integer above `max_epochs` is lowered wherever one of `EPOCH_NAMES` gets it: in an assignment,
    an argument, a dict or a default. A loop ``for epoch in range(200)`` ends after `max_epochs` rounds.
    Nothing else is touched; a cell that does not parse stays as it is.

    Examples
    --------
    >>> cells, changes = lower_epochs(["lr, num_epochs = 1e2, 200  # long"], 2)
    >>> cells
    ['lr, num_epochs = 1e2, 2  # long']
    >>> changes
    ['cell 1, line 1: num_epochs 200 -> 2']
    """
    most = check_count("max_epochs", max_epochs)
    known = _Functions(edition_module)
    lowered, changes = [], []
    for number, source in enumerate(sources, 1):
        tree = syntax_tree(source)
        if tree is None:
            lowered.append(source)
            continue
        known.read(number, tree)
        text, said = _lowered(source, _edits(number, tree, known, most))
        lowered.append(text)
        changes += [f"cell {number}, {change}" for change in said]
    return lowered, changes


@dataclass(frozen=True)
class _Edit:
    name: str
    node: ast.expr
    number: int


def _lowered(source: str, edits: Iterator[_Edit]) -> tuple[str, list[str]]:
    lines = re.split(r"(?<=\n)|(?<=\r)(?!\n)", source)
    starts = [0, *itertools.accumulate(len(line) for line in lines)]

    def offset(line: int, column: int) -> int:  # the tree counts bytes
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    pieces, said, end = [], [], 0
    for edit in sorted(edits, key=lambda edit: (edit.node.lineno, edit.node.col_offset)):
        start = offset(edit.node.lineno, edit.node.col_offset)
        if start < end:
            continue  # already lowered for another name
        pieces.append(source[end:start])
        end = offset(edit.node.end_lineno or 0, edit.node.end_col_offset or 0)
        pieces.append(str(edit.number))
        said.append(f"line {edit.node.lineno}: {edit.name} {' '.join(source[start:end].split())} -> {edit.number}")
    return "".join([*pieces, source[end:]]), said


def _walk(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield all nodes except those in f-strings, whose positions are wrong before Python 3.12."""
    todo = [tree]
    while todo:
        node = todo.pop()
        if not isinstance(node, ast.JoinedStr):
            yield node
            todo.extend(ast.iter_child_nodes(node))


def _edits(cell: int, tree: ast.Module, known: _Functions, most: int) -> Iterator[_Edit]:
    for node in _walk(tree):
        given = list(_given(node))
        if isinstance(node, ast.Call):
            given += zip(known.parameters(cell, node), itertools.takewhile(_is_single, node.args))
        elif isinstance(node, ast.For):
            yield from _of_loop(node, most)
        for name, value in given:
            number = getattr(value, "value", None)
            if EPOCH_NAMES.fullmatch(name) and isinstance(number, int) and number > most:
                yield _Edit(name, value, most)


def _is_single(argument: ast.expr) -> bool:
    return not isinstance(argument, ast.Starred)


def _given(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield the names that a node gives values to, with the values."""
    if isinstance(node, ast.Assign):
        for target in node.targets:
            yield from _assigned(target, node.value)
    elif isinstance(node, (ast.AnnAssign, ast.NamedExpr)) and node.value:
        yield from _assigned(node.target, node.value)
    elif isinstance(node, ast.keyword):
        yield node.arg or "", node.value
    elif isinstance(node, ast.Dict):
        for key, item in zip(node.keys, node.values):
            if isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, item
    elif isinstance(node, ast.arguments):
        yield from zip(reversed(positional(node)), reversed(node.defaults))
        for argument, keyword_default in zip(node.kwonlyargs, node.kw_defaults):
            if keyword_default is not None:
                yield argument.arg, keyword_default


def _assigned(target: ast.expr, value: ast.expr) -> Iterator[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Attribute):
        yield target.attr, value
    elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(value, (ast.Tuple, ast.List)):
        for way in (1, -1):  # from both ends up to a starred item
            pairs = zip(target.elts[::way], value.elts[::way])
            for pair in itertools.takewhile(lambda pair: _is_single(pair[0]) and _is_single(pair[1]), pairs):
                yield from _assigned(*pair)


def _of_loop(loop: ast.For, most: int) -> Iterator[_Edit]:
    target, call = loop.target, loop.iter
    if not (isinstance(target, ast.Name) and _LOOP_NAMES.fullmatch(target.id) and isinstance(call, ast.Call)):
        return
    if getattr(call.func, "id", "") != "range" or not 1 <= len(call.args) <= 3:
        return
    bounds = [_whole(argument) for argument in call.args]
    start, stop, step = [0, *bounds, 1] if len(bounds) == 1 else [*bounds, 1][:3]
    if start is None or stop is None or not step:
        return
    if -((start - stop) // step) > most:  # rounds, rounded up
        yield _Edit(f"end of range for {target.id}", call.args[min(1, len(bounds) - 1)], start + most * step)


def _whole(expression: ast.expr) -> int | None:
    """Return the value of an integer literal, possibly negated, or of a sum or difference of such."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, int):
        return expression.value
    if isinstance(expression, ast.UnaryOp) and isinstance(expression.op, ast.USub):
        operand = _whole(expression.operand)
        return None if operand is None else -operand
    if isinstance(expression, ast.BinOp) and isinstance(expression.op, (ast.Add, ast.Sub)):
        left, right = _whole(expression.left), _whole(expression.right)
        if left is not None and right is not None:
            return left + right if isinstance(expression.op, ast.Add) else left - right
    return None


class _Functions:
    """The parameters of the functions that a document has defined or imported so far."""

    def __init__(self, edition_module: ModuleType | None) -> None:
        self.edition_module = edition_module
        self.origins = Origins()
        self.defined: dict[str, list[tuple[_Place, list[str]]]] = {}

    def read(self, cell: int, tree: ast.Module) -> None:
        self.origins.read(tree)
        methods: dict[ast.AST, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                methods.update((child, node.name) for child in node.body if isinstance(child, ast.FunctionDef))
            if isinstance(node, ast.FunctionDef):
                self._define(cell, node, methods.get(node, ""))
            elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Lambda):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        self._add(target.id, cell, node, positional(node.value.args))

    def _define(self, cell: int, node: ast.FunctionDef, owner: str) -> None:
        names, key = positional(node.args), node.name
        if owner:
            is_static = any(getattr(decorator, "id", "") == "staticmethod" for decorator in node.decorator_list)
            names = names if is_static else names[1:]  # self
            key = owner if key == "__init__" else f".{key}"
        self._add(key, cell, node, names)

    def _add(self, key: str, cell: int, node: ast.stmt, names: list[str]) -> None:
        self.defined.setdefault(key, []).append(((cell, node.lineno, node.col_offset), names))

    def parameters(self, cell: int, call: ast.Call) -> list[str]:
        """Return the names of a function's positional parameters; [] if it is unknown."""
        function, origin = call.func, self.origins.of(call.func)
        key = getattr(function, "id", "")
        if isinstance(function, ast.Attribute) and not origin and getattr(function.value, "id", "") not in self.defined:
            key = f".{function.attr}"
        definitions = self.defined.get(key, [])
        if definitions:
            earlier = [definition for definition in definitions if definition[0] < (cell, call.lineno, call.col_offset)]
            return (max(earlier) if earlier else min(definitions))[1]
        if not origin and any(helper_name(star)[0] for star in self.origins.stars):
            return self._of_edition(getattr(function, "id", ""))
        return self._of_edition(helper_name(origin)[1])

    def _of_edition(self, name: str) -> list[str]:
        if self.edition_module is None or name not in self.edition_module.__all__:
            return []
        try:
            parameters = inspect.signature(getattr(self.edition_module, name)).parameters.values()
        except (TypeError, ValueError):  # a constant, or a function without a signature
            return []
        return [parameter.name for parameter in parameters if parameter.kind is parameter.POSITIONAL_OR_KEYWORD]


# pip install d2l, python -m pip uninstall -y mxnet, sudo apt-get -y install git; 'pip', 'install d2l' in a script
_BETWEEN = r"[\s'\",]+"
_INSTALLS = (
    rf"\b(?:pip[\d.]*|conda|mamba|apt|apt-get|brew)\b(?:{_BETWEEN}-\S+)*{_BETWEEN}"
    r"(?:install|uninstall|update|upgrade|remove)\b"
)
_CALL = r"get_ipython\(\)\.\w+\("  # a magic or shell line in an exported script
_LINE = re.compile(
    rf"""(?P<before>\s*(?:\w+\s*=\s*)?)(?:
        (?:[!%]|{_CALL}).*?{_INSTALLS}                         # what to install is the reader's choice
        | (?:%|{_CALL}).*?\b(?:re)?load_ext{_BETWEEN}d2lbook\b      # the book's build tool
        | tab\.interact_select\(.*\)\s*$
    )""",
    re.VERBOSE,
)
_AUTOMAGIC = re.compile(r"(?P<before>\s*)(?:pip|conda|mamba)\s+(?:install|uninstall|update)\b")  # IPython needs no %
_SHELL_CELL = re.compile(r"\s*%%(?:bash|sh|cmd|script|system|sx|!)")
_TEXT_CELL = re.compile(r"\s*%%(?!capture|prun|tab|time)")
_SHELL_LINE = re.compile(rf"(?P<before>\s*)(?!\s|%%|\#|echo\b).*?{_INSTALLS}")


def without_tools(source: str) -> tuple[str, list[str]]:
    """Disable the lines of a cell that install software or control the book's build tool; return them, too."""
    in_shell = _SHELL_CELL.match(source) is not None
    if not in_shell and _TEXT_CELL.match(source):
        return source, []
    patterns = [_SHELL_LINE] if in_shell else [_LINE, _AUTOMAGIC]
    if any(quotes in source for quotes in ('"""', "'''")):
        patterns = patterns[:1]  # a bare line may belong to a string
    lines: list[str] = []
    skipped: list[str] = []
    continues = False
    for line in source.split("\n"):
        found = next(filter(None, (pattern.match(line) for pattern in patterns)), None)
        text = line.strip().rstrip("\\").rstrip()
        if continues:
            skipped[-1] += f" {text}"
            lines.append("")
        elif found:
            skipped.append(text)
            nothing = ":" if in_shell else "None" if "=" in found["before"] else "pass"
            lines.append(f"{found['before']}{nothing}  # skipped: {text}")
        else:
            lines.append(line)
        continues = (continues or found is not None) and line.endswith("\\")
    return "\n".join(lines), skipped
