"""Chapters in Markdown: fences in every spelling, the tabs of the frameworks, recorded outputs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Iterator, Sequence

from gluonrnn.rerun.document import Gathering, is_for_mxnet, tab_names
from gluonrnn.rerun.heuristics import parsed

__all__ = ["Fence", "dedented", "fences_of", "prose_for_mxnet", "read_markdown"]

_OPENING = re.compile(r"(?P<bullet>[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+)?[ \t]*(?P<mark>`{3,}|~{3,})(?P<info>.*)")
_INFO = re.compile(r"\s*(?P<word>[^\s{,:;]*)[^{]*(?:\{(?P<attributes>[^}]*))?")
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_PYTHON = re.compile(r"i?py(thon)?(3(\.\d+)?)?")
_BEGIN_TAB = re.compile(r"[ \t]*:begin_tab:(?P<names>.*)")
_END_TAB = re.compile(r"[ \t]*:end_tab:[ \t]*")
_UNPARSED = "it does not parse as Python as a whole, so it may hold recorded output as well"


@dataclass(frozen=True)
class Fence:
    """A fenced block, by the indices of its lines.

    Parameters
    ----------
    start, end, stop : int
        The line that opens it, the one behind its content, the first behind all of it.
    indent : int
        Where its mark stands in the line.
    classes : tuple of str
        What is written behind the mark, in lower case: a language, "input", "output".
    bullet : str
        The marker of a list that stands before the mark.
    doubt : str
        Why its end is not sure; "" where it is.

    Examples
    --------
    >>> fences_of(["```{.python .input  n=4}", "1 + 1", "```"])
    [Fence(start=0, end=2, stop=3, indent=0, classes=('python', 'input'), bullet='', doubt='')]
    """

    start: int
    end: int
    stop: int
    indent: int
    classes: tuple[str, ...]
    bullet: str = ""
    doubt: str = ""

    @property
    def is_output(self) -> bool:
        """Whether it is a recorded output."""
        return "output" in self.classes

    @property
    def is_python(self) -> bool:
        """Whether it is Python, which an ``.input`` without a language is as well."""
        return _is_of_a_cell(self.classes) and not self.is_output

    @property
    def is_input(self) -> bool:
        """Whether it is a cell of the notebook that is made from the document."""
        return self.is_python and "input" in self.classes


def read_markdown(text: str) -> Gathering:
    r"""Read a document in Markdown.

    Where any fence of Python is an ``.input``, only those run, and the others are for display.

    Examples
    --------
    >>> found = read_markdown("# A\n\n```python\n1 + 1\n```\n\n~~~{.json .output}\n2\n~~~\n")
    >>> [(cell.kind, cell.source, cell.line) for cell in found.cells]
    [('prose', '# A', 1), ('code', '1 + 1', 4)]
    """
    lines = text.split("\n")
    fences = fences_of(lines)
    tabs = _tabs_of(lines, fences)
    inputs_only = any(fence.is_input for fence in fences)
    found = Gathering()
    position = 0
    for fence in fences:
        runs = fence.is_input if inputs_only else fence.is_python
        if not runs and not fence.is_output:
            continue  # it stays in the prose
        _add_prose(found, lines, tabs, position, fence.start)
        inside = tabs[fence.start] or []
        if fence.bullet and is_for_mxnet(inside):
            found.prose([fence.bullet.rstrip()], fence.start + 1)
        if runs:
            code = dedented(lines[fence.start + 1 : fence.end], fence.indent)
            doubt = fence.doubt or ("" if fence.is_input or parsed("\n".join(code)) else _UNPARSED)
            found.code(code, fence.start + 2, doubt=doubt, tabs=inside)
        found.prose([""])  # what stands before and behind is not one paragraph
        position = fence.stop
    _add_prose(found, lines, tabs, position, len(lines))
    return found


def prose_for_mxnet(text: str) -> list[str]:
    r"""Return the lines of a piece of Markdown without those for other frameworks alone.

    Examples
    --------
    >>> prose_for_mxnet("All.\n:begin_tab:`pytorch`\nOne.\n:end_tab:\n:begin_tab:`mxnet, jax`\nOther.\n:end_tab:")
    ['All.', '', '', '', 'Other.', '']
    """
    lines = text.split("\n")
    tabs = _tabs_of(lines, fences_of(lines))
    return ["" if names is None else line for line, names in zip(lines, tabs) if is_for_mxnet(names or [])]


def _add_prose(found: Gathering, lines: Sequence[str], tabs: Sequence[list[str] | None], start: int, stop: int) -> None:
    for number in range(start, stop):
        if is_for_mxnet(tabs[number] or []):
            found.prose(["" if tabs[number] is None else lines[number]], number + 1)


def fences_of(lines: Sequence[str]) -> list[Fence]:
    r"""Find the fenced blocks of a text in Markdown, but for those in HTML comments.

    Examples
    --------
    >>> [fence.classes for fence in fences_of(["~~~py", "~~~", "<!--", "```", "-->", "- ```Python", "x"])]
    [('py',), ('python',)]
    """
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
    """Return where the text goes on behind a comment; one that never ends is none."""
    return next((number + 1 for number in range(start, len(lines)) if "-->" in lines[number]), start + 1)


def _fence_at(lines: Sequence[str], start: int) -> Fence | None:
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
    return Fence(start, end, stop, opening.start("mark"), _classes(opening["info"]), bullet, doubt)


def _is_of_a_cell(classes: Sequence[str]) -> bool:
    return "output" in classes or classes == ("input",) or any(_PYTHON.fullmatch(name) for name in classes)


def _opened(line: str) -> re.Match[str] | None:
    opening = _OPENING.fullmatch(line)
    # what has another backtick is code within a sentence
    return None if opening is None or (opening["mark"][0] == "`" and "`" in opening["info"]) else opening


def _width(indent: str) -> int:
    return len(indent.expandtabs(4))


def _classes(info: str) -> tuple[str, ...]:
    """Return what stands behind an opening fence, without identifiers and values: ``{.python .input  n=4}``."""
    found = _INFO.match(_QUOTED.sub("", info.lower()))
    word, attributes = found.group("word", "attributes") if found else ("", "")
    names = [name.lstrip(".") for name in re.split(r"[\s,]+", attributes or "") if "=" not in name and name[:1] != "#"]
    if word:  # which is the language
        names = [word.lstrip("."), *(name for name in names if name in ("input", "output"))]
    return tuple(name for name in names if name)


def dedented(lines: Sequence[str], indent: int = 0) -> list[str]:
    r"""Return code without the indentation that all of it has, such as that of a list it stands in.

    Examples
    --------
    >>> dedented(["    def f():", "", "        return 1"])
    ['def f():', '', '    return 1']
    """
    indents = [len(line) - len(line.lstrip()) for line in lines if line.strip()]
    margin = min(indents, default=0) or min([indent, *indents[:1]])
    return [line[min(margin, len(line) - len(line.lstrip())) :] for line in lines]


def _tabs_of(lines: Sequence[str], fences: Sequence[Fence]) -> list[list[str] | None]:
    """Return the names of the ``:begin_tab:`` that each line stands in: [] if in none, None for the markers."""
    tabs: list[list[str] | None] = [[] for _ in lines]
    begun: tuple[int, list[str]] | None = None
    for number in _outside(lines, fences):
        begin = _BEGIN_TAB.fullmatch(lines[number])
        end = _END_TAB.fullmatch(lines[number])
        if end and begun:
            start, names = begun
            tabs[start:number] = [names] * (number - start)
        if begin or end:
            tabs[number] = None
            begun = (number + 1, tab_names(begin["names"])) if begin else None
    return tabs


def _outside(lines: Sequence[str], fences: Sequence[Fence]) -> Iterator[int]:
    position = 0
    for fence in fences:
        yield from range(position, fence.start)
        position = fence.stop
    yield from range(position, len(lines))
