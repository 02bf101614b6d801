"""Read chapters in Markdown: fences in every spelling, tabs of the frameworks, recorded outputs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Sequence

from gluonrnn.rerun.document import CellBuilder, is_for_mxnet, tab_names
from gluonrnn.rerun.syntax import syntax_tree

__all__ = ["fences_of", "prose_for_mxnet", "read_markdown"]

_OPENING = re.compile(r"(?P<bullet>[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)?[ \t]*(?P<mark>`{3,}|~{3,})(?P<info>.*)")
_INFO = re.compile(r"\s*(?P<word>[^\s{,:;]*)[^{]*(?:\{(?P<attributes>[^}]*))?")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_PYTHON = re.compile(r"i?py(thon)?(3(\.\d+)?)?")
_BEGIN_TAB = re.compile(r"[ \t]*:begin_tab:(?P<names>.*)")
_END_TAB = re.compile(r"[ \t]*:end_tab:[ \t]*")
_UNPARSED = "it does not parse as Python as a whole, so it may hold recorded output as well"


@dataclass(frozen=True)
class _Fence:
    start: int  # index of the opening line
    end: int  # behind the content
    stop: int  # behind the closing line
    indent: int  # of the mark
    classes: tuple[str, ...]  # behind the mark, in lower case: a language, "input", "output"
    bullet: str = ""  # of a list item that starts on the line
    doubt: str = ""  # why its end is uncertain

    @property
    def is_output(self) -> bool:
        return "output" in self.classes

    @property
    def is_python(self) -> bool:
        """Whether it is Python; an ``.input`` without a language is, too."""
        return _is_of_a_cell(self.classes) and not self.is_output

    @property
    def is_input(self) -> bool:
        return self.is_python and "input" in self.classes


def read_markdown(text: str) -> CellBuilder:
    """Split Markdown into cells. If any Python fence is an ``.input``, only those run."""
    lines = text.split("\n")
    fences = fences_of(lines)
    lines, tabs = _with_tabs(lines, fences)
    inputs_only = any(fence.is_input for fence in fences)
    found = CellBuilder()
    position = 0
    for fence in fences:
        runs = fence.is_input if inputs_only else fence.is_python
        if not runs and not fence.is_output:
            continue  # it stays in the prose
        _add_prose(found, lines, tabs, position, fence.start)
        inside = tabs[fence.start]
        if fence.bullet and is_for_mxnet(inside):
            found.prose([fence.bullet.rstrip()], fence.start + 1)
        if runs:
            code = _dedented(lines[fence.start + 1 : fence.end], fence.indent)
            doubt = fence.doubt or ("" if fence.is_input or syntax_tree("\n".join(code)) else _UNPARSED)
            found.code(code, fence.start + 2, doubt=doubt, tabs=inside)
        found.prose([""])  # text before and behind stays two paragraphs
        position = fence.stop
    _add_prose(found, lines, tabs, position, len(lines))
    return found


def prose_for_mxnet(text: str) -> list[str]:
    """Return the lines of a piece of Markdown that are not for other frameworks alone."""
    lines = text.split("\n")
    return [line for line, names in zip(*_with_tabs(lines, fences_of(lines))) if is_for_mxnet(names)]


def _add_prose(found: CellBuilder, lines: Sequence[str], tabs: Sequence[list[str]], start: int, stop: int) -> None:
    for number in range(start, stop):
        if is_for_mxnet(tabs[number]):
            found.prose([lines[number]], number + 1)


def fences_of(lines: Sequence[str]) -> list[_Fence]:
    """Find the fenced blocks of a text, except those in HTML comments."""
    fences = []
    position = 0
    while position < len(lines):
        if lines[position].lstrip().startswith("<!--"):
            position = _end_of_comment(lines, position)
            continue
        fence = _fence_at(lines, position)
        if fence is not None:
            fences.append(fence)
        position = fence.stop if fence else position + 1
    return fences


def _end_of_comment(lines: Sequence[str], start: int) -> int:
    """Return the line behind a comment; one that is never closed does not count."""
    return next((number + 1 for number in range(start, len(lines)) if "-->" in lines[number]), start + 1)


def _fence_at(lines: Sequence[str], start: int) -> _Fence | None:
    opening = _opened(lines[start])
    if opening is None:
        return None
    mark, bullet = opening["mark"], opening["bullet"] or ""
    closing = re.compile(rf"[ \t]*{mark[0]}{{{len(mark)},}}[ \t]*")
    furthest = _width(lines[start][: opening.start("mark")]) + 3
    end, stop, doubt = len(lines), len(lines), f"the fence that opens at line {start + 1} is never closed"
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if _width(line[: len(line) - len(line.lstrip())]) > furthest:
            continue
        if closing.fullmatch(line):
            end, stop, doubt = number, number + 1, ""
            break
        other = _opened(line)
        if other is not None and other["mark"] == mark and _is_of_a_cell(_classes(other["info"])):
            end, stop, doubt = number, number, f"{doubt} before the next one opens at line {number + 1}"
            break
    return _Fence(start, end, stop, opening.start("mark"), _classes(opening["info"]), bullet, doubt)


def _is_of_a_cell(classes: Sequence[str]) -> bool:
    return "output" in classes or classes == ("input",) or any(_PYTHON.fullmatch(name) for name in classes)


def _opened(line: str) -> re.Match[str] | None:
    opening = _OPENING.fullmatch(line)
    # another backtick in the line makes it an inline code span
    return None if opening is None or (opening["mark"][0] == "`" and "`" in opening["info"]) else opening


def _width(indent: str) -> int:
    return len(indent.expandtabs(4))


def _classes(info: str) -> tuple[str, ...]:
    """Return the classes of a fence, without identifiers and values: ``{.python .input  n=4}``."""
    found = _INFO.match(_QUOTED.sub("", info.lower()))
    word, attributes = found.group("word", "attributes") if found else ("", "")
    names = [name.lstrip(".") for name in re.split(r"[\s,]+", attributes or "") if "=" not in name and name[:1] != "#"]
    if word:  # the language
        names = [word.lstrip("."), *(name for name in names if name in ("input", "output"))]
    return tuple(name for name in names if name)


def _dedented(lines: Sequence[str], indent: int) -> list[str]:
    """Remove the indentation that all lines share, such as that of a list item."""
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    margin = min(indents, default=0) or min([indent, *indents[:1]])
    return [line[min(margin, len(line) - len(line.lstrip())) :] for line in lines]


def _with_tabs(lines: Sequence[str], fences: Sequence[_Fence]) -> tuple[list[str], list[list[str]]]:
    """Return the lines with ``:begin_tab:`` and ``:end_tab:`` blanked, and the names of the tab around each."""
    fenced = {number for fence in fences for number in range(fence.start, fence.stop)}
    shown = list(lines)
    tabs: list[list[str]] = [[] for _ in lines]
    begun: tuple[int, list[str]] | None = None
    for number, line in enumerate(lines):
        begin, end = _BEGIN_TAB.fullmatch(line), _END_TAB.fullmatch(line)
        if number in fenced or not (begin or end):
            continue
        if end and begun:
            start, names = begun
            tabs[start:number] = [names] * (number - start)
        shown[number] = ""
        begun = (number + 1, tab_names(begin["names"])) if begin else None
    return shown, tabs
