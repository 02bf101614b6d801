"""The prose of a chapter, made ready to be shown: the book's own marks made plain.

The book's Markdown has directives such as ``:numref:`sec_rnn```, which nothing but its own builder
knows, and marks such as ``[**...**]`` for its slides.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

__all__ = ["anchor", "headings_of", "readable"]

# What is taken whole, the first that begins: nothing inside it is read again.
_WHOLE = re.compile(
    r"""
      ^[ \t]*(?P<fence>`{3,}|~{3,})[^\n]*\n(?s:.*?)(?:^[ \t]*(?P=fence)[`~]*[ \t]*$|\Z)
    | (?P<formula>
        (?<!\\)\$\$(?s:.+?)(?<!\\)\$\$
        | \\begin\{(?P<environment>[a-z]+\*?)\}(?s:.*?)\\end\{(?P=environment)\}
      )(?:\s*:eqlabel:`(?P<equation>[^`]+)`)?
    | (?<![\\$])\$(?:(?!\n[ \t]*\n)[^$]|(?<=\\)\$)+(?<!\\)\$
    | (?P<line>
        ^[ \t]*:(?:(?:label|eqlabel|width|height|bibliography):`(?P<own>[^`]*)`|begin_tab:[^\n]*|end_tab:)
        [ \t]*(?:\n|\Z)
      )
    | :(?P<name>numref|ref|eqref|cite[pt]?|label|eqlabel|width|height):`(?P<value>[^`]+)`
    | (?<!`)(?P<ticks>`+)(?!`)(?s:.+?)(?<!`)(?P=ticks)(?!`)
    | \\[^\w\s]
    | \ue000
    """,
    re.MULTILINE | re.VERBOSE,
)
_KEPT = re.compile("\ue000([0-9]+)\ue001")
_SLIDE_MARK = re.compile(
    r"(?:\[|(?P<round>\())(?P<mark>\*\*|~~)(?P<body>\S(?:(?!\n[ \t]*\n|(?P=mark))(?s:.))*?)(?P=mark)"
    r"(?(round)\)|\](?!\((?!\*\*|~~)))"  # but [**bold**](address) is a link
)
_BOLD_HEADING = re.compile(r"(?m)^([ \t]*#{1,6}[ \t]+)\*\*((?:(?!\*\*).)+)\*\*[ \t]*$")
_STRONG = re.compile(r"(?<!\*)\*\*(?P<body>[^\s*](?:(?!\n[ \t]*\n|\*\*)(?s:.))*?(?<=[^\s*]))\*\*(?!\*)")
_WIDE = "[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"  # Chinese characters and their punctuation
_WIDE_BREAK = re.compile(rf"(?m)^((?![ \t]*#).*{_WIDE}[*~]*)\n[ \t]*(?=[*~]*{_WIDE})")
_DIRECTIVE_LINE = re.compile(r"(?m)^[ \t]*:[a-z_]+:`[^`\n]*`[ \t]*(?:\n|\Z)")
_HEADING = re.compile(r"[ \t]*#{1,6}[ \t]*(?P<title>.+?)[ \t#]*")
_IMAGE = re.compile(r".*!\[(?P<title>[^\]]+)\]\([^)]*\)[ \t]*")
_LINK = re.compile(r"!?\[([^\]]*)\]\([^)]*\)")


def readable(prose: str, headings: dict[str, str]) -> str:
    """Make the book's Markdown plain Markdown, to be shown and not to be edited.

    Labels, widths and the lines that name tabs go; references become the title of what they refer
    to, and citations names and a year; the marks for slides become bold type. Lines that are
    broken between two Chinese characters are joined, for a browser shows the break as a space.
    Fenced code, code spans and formulas stay as they are, but for the number that a labelled
    formula gets.

    Examples
    --------
    >>> readable("See :numref:`sec_rnn` and :numref:`sec_beam-search`.", {"sec_rnn": "A Cell"})
    'See [A Cell](#a-cell) and *beam search*.'
    >>> readable("[**Now**] we clip :cite:`Ng.Lee.ea.2010`; `:cite:` stays.", {})
    '**Now** we clip (Ng, Lee et al., 2010); `:cite:` stays.'
    """
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(_shown(match, headings))
        return f"\ue000{len(kept) - 1}\ue001" if kept[-1] else ""

    text = _WHOLE.sub(keep, prose)
    text = _SLIDE_MARK.sub(_marked, text)
    text = _WIDE_BREAK.sub(r"\1", _BOLD_HEADING.sub(r"\1\2", text))
    text = _STRONG.sub(_strong, text)
    return _KEPT.sub(lambda number: kept[int(number[1])], text)


def _shown(match: re.Match[str], headings: dict[str, str]) -> str:
    name, label = match["name"], " ".join((match["value"] or "").split())
    if match["line"] is not None or name in ("label", "eqlabel", "width", "height"):
        return ""
    if match["equation"] in headings:
        inner = match["formula"] if match["environment"] else match["formula"][2:-2]
        return rf"$${inner.rstrip()} \tag{{{headings[match['equation']].strip('()')}}}$$"
    if match["formula"]:
        return match["formula"]
    if name in ("numref", "ref", "eqref"):
        place = "eq-" if name == "eqref" else ""
        return f"[{headings[label]}](#{place}{anchor(headings[label])})" if label in headings else f"*{_words(label)}*"
    return _cited(label, in_text=name == "citet") if name else match[0]


def _words(label: str) -> str:
    kind, *words = [word for word in re.split("[_-]+", label) if word] or [label]
    return " ".join(words if words and kind in ("chap", "eq", "fig", "img", "sec", "subsec", "tab") else [kind, *words])


def _cited(keys: str, in_text: bool) -> str:
    works = []
    for key in filter(None, re.split(r"[,\s]+", keys)):
        *names, year = key.split(".") if re.search(r"\.\d{4}\w?$", key) else [key, ""]
        authors = ", ".join(name for name in names if name != "ea") + (" et al." if "ea" in names else "")
        works.append((authors, year))
    if in_text:
        return "; ".join(f"{authors} ({year})" if year else authors for authors, year in works)
    return f"({'; '.join(', '.join(filter(None, work)) for work in works)})"


def _marked(match: re.Match[str]) -> str:
    """Return what stands in a mark for slides: in bold type, but not in a heading."""
    is_heading = match.string[: match.start()].rpartition("\n")[2].lstrip().startswith("#")
    return match["body"].strip().join(["**" if match["mark"] == "**" and not is_heading else ""] * 2)


def _strong(match: re.Match[str]) -> str:
    """Write bold type as HTML where Markdown has no way to: between punctuation and a Chinese character."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    body = match["body"]
    if (_is_word(before) and not _is_word(body[0])) or (_is_word(after) and not _is_word(body[-1])):
        return f"<strong>{body}</strong>"
    return match[0]


def _is_word(character: str) -> bool:
    return bool(character.strip()) and unicodedata.category(character)[0] not in "CPSZ"


def anchor(title: str) -> str:
    """Return the name by which a heading can be linked to.

    Examples
    --------
    >>> anchor("The `rnn` Function"), anchor("困惑度")
    ('the-rnn-function', '困惑度')
    """
    return "-".join(re.findall(r"\w+", title.lower())) or "section"


def headings_of(notebook: Any) -> dict[str, str]:
    r"""Find what the labels of a document stand for.

    Examples
    --------
    >>> prose = "# [**A Cell**]\n:label:`sec_rnn`\n\n$$h$$ :eqlabel:`eq_h`"
    >>> headings_of({"cells": [{"cell_type": "markdown", "source": prose}]})
    {'sec_rnn': 'A Cell', 'eq_h': '(1)'}
    """
    found: dict[str, str] = {}
    equations = 0
    for cell in notebook["cells"]:
        for match in _WHOLE.finditer(cell["source"]) if cell["cell_type"] == "markdown" else ():
            if match["equation"]:
                equations += 1
                found[match["equation"]] = f"({equations})"
            elif match[0].lstrip().startswith(":label:"):
                lines = _DIRECTIVE_LINE.sub("", match.string[: match.start()])
                line = lines.rstrip().rpartition("\n")[2]
                labelled = _HEADING.fullmatch(line) or _IMAGE.fullmatch(line)
                if labelled:
                    title = readable(f"# {_LINK.sub(lambda link: link[1], labelled['title'])}", {})[2:]
                    found[(match["own"] or match["value"]).strip()] = title.rstrip(".")
    return found
