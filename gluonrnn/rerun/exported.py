"""Read notebooks that were exported as text: ``In [4]:``, then code, its output and prose without marks."""

from __future__ import annotations

import ast
import re
from typing import Iterator, NamedTuple, Sequence

from gluonrnn.rerun.document import CellBuilder
from gluonrnn.rerun.heuristics import (
    bound_names,
    is_comment,
    looks_like_code,
    looks_like_output,
    looks_like_prose,
    may_be_output,
    shows,
)
from gluonrnn.rerun.markdown import fences_of
from gluonrnn.rerun.syntax import syntax_tree

__all__ = ["has_prompts", "read_exported"]

_PROMPT = re.compile(r"(?P<indent>[ \t]*)(?:\*\*)?In\s*\[\s*(?:\d+|\*)?\s*\][:：](?:\*\*)?[ \t\xa0]?(?P<rest>.*)")
_OUT = re.compile(r"[ \t]*(?:\*\*)?Out\s*\[\s*\d*\s*\][:：](?:\*\*)?(?P<rest>.*)")
_CONTINUED = re.compile(r"[ \t]*\.{3,}:[ \t]?")
_CELL_MAGIC = re.compile(r"\s*(?P<name>%%(?!(?:capture|prun|tab|timeit|time)\b)\w+)")
# prose that Python or IPython would accept
_LIST_OR_IMAGE = re.compile(r"[-*] |!\[")
_QUESTION = re.compile(r"[^\n#'\"]*\?\??\s*")
_SHELL = re.compile(r"\s*!|%%(?:bash|sh)\b")
_CODE_MARKS = re.compile(r"[=(\[]|\s*[#%!]")


class _Code(NamedTuple):
    """The code at the head of a section."""

    end: int  # its number of lines
    tree: ast.Module
    doubt: str = ""


def has_prompts(text: str) -> bool:
    """Return whether a text has prompts with bare code behind them, not a fence."""
    return bool(_prompts(text.split("\n")))


def read_exported(text: str) -> CellBuilder:
    """Split an exported text into cells.

    Behind a prompt comes code as long as it parses and does not look like output, then output,
    which is dropped, and then prose from the first paragraph that looks like Markdown.
    """
    lines = text.split("\n")
    starts = _prompts(lines)
    found = CellBuilder()
    found.prose(lines[: starts[0]] if starts else lines, 1)
    bound: set[str] = set()
    for start, stop in zip(starts, [*starts[1:], len(lines)]):
        section = _Section(lines[start:stop], start + 1, bound)
        code = section.code()
        found.code(section.lines[: code.end], start + 1, doubt=code.doubt or section.doubt_of_rest(code))
        prose = section.end_of_output(code)
        found.prose(section.raw[prose:], start + prose + 1)
        bound |= bound_names(code.tree)
    return found


def _prompts(lines: Sequence[str]) -> list[int]:
    """Return the indices of the lines with a prompt, except in fences and right before them."""
    fenced: set[int] = set()
    for fence in fences_of(lines):
        before = next((number for number in range(fence.start - 1, -1, -1) if lines[number].strip()), 0)
        fenced.update([before] if fence.doubt else [before, *range(fence.start, fence.stop)])
    return [number for number, line in enumerate(lines) if _PROMPT.match(line) and number not in fenced]


class _Section:
    """The text from one prompt to the next: code, recorded output, prose, in this order."""

    def __init__(self, raw: list[str], line: int, bound: set[str]) -> None:
        self.raw = [_PROMPT.sub(r"\g<rest>", raw[0]), *raw[1:]]
        self.line = line
        self.bound = bound
        self.indented = _without_prompts(raw)
        self.margin = next((_indent(text) for text in self.indented if text.strip()), 0)
        self.lines = [text[min(self.margin, _indent(text)) :] for text in self.indented]
        self.out = next((number for number, text in enumerate(raw) if _OUT.match(text)), len(raw))
        # how many lines are certainly code by their prompts, and how many may be
        self.sure = max((number + 1 for number, text in enumerate(raw) if _CONTINUED.match(text)), default=0)
        self.limit = self.sure or self.out

    def code(self) -> _Code:
        """Take paragraphs as code while they parse and do not look like output."""
        code = _Code(0, ast.Module([], []))
        paragraphs = _paragraphs(self.lines, 0, self.limit)
        if self.raw[0].strip():  # as in a terminal, where nothing is left blank before the output
            first, last = paragraphs[0]
            paragraphs[:1] = [(number, number + 1) for number in range(first, last)]
        position = 0
        while position < len(paragraphs):
            start, stop = paragraphs[position]
            following = position
            tree = self._parsed_up_to(stop)
            while tree is None and following + 1 < len(paragraphs):
                following += 1
                stop = paragraphs[following][1]
                tree = self._parsed_up_to(stop)
            if tree is None:
                return code if position and not self.sure else self._unparsed(*paragraphs[0])
            new = list(_statements_after(code.end, tree))
            if not all(is_comment(statement) for statement, _ in new):  # comments wait for code behind them
                sure = not position or stop <= self.sure
                if _LIST_OR_IMAGE.match(self.lines[start]) or not (sure or self._may_be_code(start, new, code.tree)):
                    return code
                code = _Code(stop, tree, self._doubt(start, new, code))
            position = following + 1
        return code

    def _parsed_up_to(self, stop: int) -> ast.Module | None:
        return syntax_tree("\n".join(self.lines[:stop]))

    def _unparsed(self, start: int, stop: int) -> _Code:
        first = self.lines[start]
        if looks_like_prose([first]) and not _CODE_MARKS.search(first):
            return _Code(0, ast.Module([], []))
        doubt = f"the lines from {self.line + start} on do not parse as Python, so nothing tells where the cell ends"
        return _Code(max(stop, self.sure), ast.parse("from anywhere import *"), doubt)  # it may bind any name

    def _may_be_code(self, start: int, new: Sequence[tuple[ast.stmt, bool]], before: ast.Module) -> bool:
        if _indent(self.indented[start]) < self.margin or _QUESTION.fullmatch(self.lines[start]):
            return False
        bound = self.bound | bound_names(before)
        for statement, nested in new:
            local = bound_names(before, within=True) | bound_names(statement, within=True) if nested else set()
            if not is_comment(statement) and looks_like_output(statement, bound | local):
                return False
            bound |= bound_names(ast.Module([statement], []))
        return True

    def _doubt(self, start: int, new: Sequence[tuple[ast.stmt, bool]], before: _Code) -> str:
        magic = None if before.end else _CELL_MAGIC.match("\n".join(self.lines))
        if magic:
            return f"nothing tells where a cell that starts with {magic['name']} ends"
        if before.end and shows(before.tree) and all(may_be_output(statement) for statement, _ in new):
            return f"the lines from {self.line + start} on could be recorded output"
        return ""

    def doubt_of_rest(self, code: _Code) -> str:
        """Return a doubt if something behind the supposed output looks like code, else ""."""
        for start, stop in _paragraphs(self.lines, code.end, self.limit) if code.end else ():
            tree = None if _LIST_OR_IMAGE.match(self.lines[start]) else syntax_tree("\n".join(self.lines[start:stop]))
            bound = self.bound | bound_names(code.tree)
            if tree and any(looks_like_code(statement, bound) for statement in tree.body):
                return f"the lines from {self.line + start} on read like code, but stand behind what looks like output"
        return ""

    def end_of_output(self, code: _Code) -> int:
        """Return where output ends and prose starts."""
        marked = self.out < len(self.raw)
        shown = shows(code.tree) or any(_SHELL.match(text) for text in self.lines[: code.end])
        awaited = False
        for start, stop in _paragraphs(self.raw, self.out if marked else code.end, len(self.raw)):
            out = _OUT.match(self.raw[start])
            # behind a marked value comes prose, or more of the value, such as of an array of three dimensions
            more = self.raw[start][0] in " \t[]()<" if marked else shown
            if not out and not awaited and (not more or looks_like_prose(self.raw[start:stop])):
                return start
            awaited = out is not None and stop - start == 1 and not out["rest"].strip()
        return len(self.raw)


def _without_prompts(raw: Sequence[str]) -> list[str]:
    """Replace the prompts before code by spaces, so that continued lines keep their indentation."""
    lines = [_CONTINUED.sub(lambda prompt: " " * len(prompt[0]), text) for text in raw]
    prompt = _PROMPT.match(raw[0])
    indent, width = (prompt.end("indent"), prompt.start("rest")) if prompt else (0, 0)
    hangs = lines != list(raw) or (len(lines) > 1 and lines[1].strip() and _indent(lines[1]) >= width)
    lines[0] = " " * (width if hangs else indent) + raw[0][width:]
    return lines


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _paragraphs(lines: Sequence[str], start: int, stop: int) -> list[tuple[int, int]]:
    """Return start and end of each paragraph."""
    blank = [number for number in range(start, stop) if not lines[number].strip()]
    ends = [start - 1, *blank, stop]
    return [(before + 1, after) for before, after in zip(ends, ends[1:]) if after > before + 1]


def _statements_after(line: int, node: ast.AST, nested: bool = False) -> Iterator[tuple[ast.stmt, bool]]:
    """Yield the statements that start behind a line, and whether an earlier one contains them."""
    for child in ast.iter_child_nodes(node):
        is_statement = isinstance(child, ast.stmt)
        if isinstance(child, ast.stmt) and child.lineno > line:
            yield child, nested
        elif not isinstance(child, ast.expr):
            yield from _statements_after(line, child, nested or is_statement)
