"""Convert the book's Markdown to plain Markdown, and its formulas to MathML.

The book has directives of its own build tool, such as ``:numref:`sec_rnn```, and marks for slides,
such as ``[**...**]``.
"""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any, Iterator

__all__ = ["anchor", "formula", "headings_of", "readable"]

# what is matched as a whole and not searched for further marks
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
    """Convert the book's Markdown to plain Markdown for display.

    Labels, widths and tab lines go; references become the title of their target, citations become
    names and a year, and slide marks bold type. Lines that break between two Chinese characters are
    joined, since browsers show the break as a space. Code and formulas stay, apart from the number
    of a labelled formula.
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
    """Return the text of a slide mark: bold, except in a heading."""
    is_heading = match.string[: match.start()].rpartition("\n")[2].lstrip().startswith("#")
    return match["body"].strip().join(["**" if match["mark"] == "**" and not is_heading else ""] * 2)


def _strong(match: re.Match[str]) -> str:
    """Write bold type as HTML between punctuation and a Chinese character, where Markdown cannot."""
    before, after = match.string[: match.start()][-1:], match.string[match.end() :][:1]
    body = match["body"]
    if (_is_word(before) and not _is_word(body[0])) or (_is_word(after) and not _is_word(body[-1])):
        return f"<strong>{body}</strong>"
    return match[0]


def _is_word(character: str) -> bool:
    return bool(character.strip()) and unicodedata.category(character)[0] not in "CPSZ"


def anchor(title: str) -> str:
    """Return the id for links to a heading."""
    return "-".join(re.findall(r"\w+", title.lower())) or "section"


def headings_of(notebook: Any) -> dict[str, str]:
    """Find what the labels of a document stand for."""
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


# what latex2mathml does not know in all its versions, and what to use instead
_COMMANDS = {"arg": "operatorname{arg}", "operatorname*": "operatorname", "stackrel": "overset", "bm": "boldsymbol"}
_COMMAND = re.compile(r"\\(operatorname\*|(?:arg|stackrel|bm)(?![a-zA-Z]))")
_ENVIRONMENTS = {
    "aligned": "split",
    "equation": "equation*",
    **dict.fromkeys(("align", "eqnarray", "eqnarray*"), "align*"),
    **dict.fromkeys(("gather", "gather*", "gathered"), "matrix"),
}
_BEGIN_END = re.compile(r"\\(begin|end)\{([a-z]+\*?)\}")
_NO_OUTPUT = re.compile(r"\\(?:label\{[^}]*\}|nonumber\b|notag\b|displaystyle\b)|(?<=\\begin\{aligned\})\[[tcb]\]")
_OPERATORS = {"~": "\u223c", ":": ":", ";": ";", "\u27e8": "\u27e8", "\u27e9": "\u27e9", "\u2a7d": "\u2a7d"}
_ACCENTS = {"^": "\u02c6", "~": "\u02dc", "\u2015": "\u00af"}
_LIMITS = {"msub": "munder", "msup": "mover", "msubsup": "munderover"}
_HAVE_LIMITS = ("max", "min", "lim", "sup", "inf", "argmax", "argmin", *"\u2211\u220f\u22c3\u22c2")


def formula(tex: str, display: bool = False) -> str:
    """Convert a formula to MathML, which browsers show without a script; one that cannot be stays TeX."""
    number = re.search(r"\\tag\*?\{([^{}]*)\}", tex)
    tex = tex.replace(number[0], "") if number else tex
    try:
        shown = _mathml(tex, display)
    except ValueError:
        shown = f'<code class="tex">{html.escape(tex.strip())}</code>'
    if number and display:
        return (
            f'<span class="formula" id="eq-{anchor(number[1])}">{shown}'
            f'<span class="number">({html.escape(number[1])})</span></span>'
        )
    return f'<span class="formula">{shown}</span>' if display else shown


def _mathml(tex: str, display: bool) -> str:
    from xml.etree.ElementTree import tostring

    prepared = _BEGIN_END.sub(
        lambda match: rf"\{match[1]}{{{_ENVIRONMENTS.get(match[2], match[2])}}}", _NO_OUTPUT.sub("", tex)
    )
    prepared = _COMMAND.sub(lambda match: "\\" + _COMMANDS[match[1]], prepared).replace("&=&", "&=").strip()
    tree = _converted(prepared, display)
    if tree.find(".//mspace[@linebreak]") is not None:  # a break outside of any environment
        tree = _converted(rf"\begin{{split}}{prepared}\end{{split}}", display)
    for node in reversed(list(tree.iter())):  # children first
        _correct(node, display)
    for node in list(tree.iter()):
        _space_functions(node)
    tree.attrib.pop("xmlns", None)
    tree.set("alttext", " ".join(tex.split()))
    return tostring(tree, encoding="unicode", short_empty_elements=False)


def _converted(tex: str, display: bool) -> Any:
    from latex2mathml.converter import convert_to_element

    try:
        tree = convert_to_element(tex, display="block" if display else "inline")
    except Exception as error:  # not only its own errors
        raise ValueError(f"{tex!r} is no TeX that can be converted ({type(error).__name__})") from error
    for node in tree.iter():
        if node.text and (node.text == "&" or re.match(r"\\[a-zA-Z]", node.text)):
            raise ValueError(f"{tex!r} cannot be converted because of its {node.text}")
    return tree


def _correct(node: Any, display: bool) -> None:
    if node.tag == "mo" and len(node):  # \mathop
        node.text, node[:] = "".join(node.itertext()), []
        node.set("movablelimits", "true")
    node.text = html.unescape(node.text) if node.text else node.text
    if node.tag == "mtext" and node.text:
        node.text = re.sub(r"\\([#$%&_{}])", r"\1", node.text)
    elif node.tag in ("mi", "mn", "mo") and node.text:
        node.text = "".join(_letter(letter, node.get("mathvariant", "")) for letter in node.text)
        if node.get("mathvariant") != "normal":
            node.attrib.pop("mathvariant", None)
    if node.tag == "mi" and node.text in _OPERATORS:
        node.tag, node.text = "mo", _OPERATORS[node.text]
    if node.tag == "mo" and node.text in ("/", "|", "\u2016"):
        node.attrib.update(lspace="0em", rspace="0em")
    if node.tag == "mover" and len(node) == 2 and node[1].text in _ACCENTS:
        node[1].text = _ACCENTS[node[1].text]
    if node.tag in _LIMITS and display and _has_limits(node[0]):
        node.tag = _LIMITS[node.tag]
    if node.tag == "mrow" and len(node) > 1 and all(letter.get("mathvariant") == "normal" for letter in node):
        node.tag, node.text, node[:] = "mi", "".join(letter.text for letter in node), []


def _letter(letter: str, style: str) -> str:
    """Return the bold or otherwise styled form of a letter, since browsers ignore `mathvariant`."""
    name = re.sub("LATIN |GREEK |LETTER ", "", unicodedata.name(letter, ""))
    try:
        return unicodedata.lookup(f"MATHEMATICAL {style.replace('-', ' ').upper()} {name}")
    except KeyError:
        return letter


def _has_limits(base: Any) -> bool:
    return base.get("movablelimits") == "true" or "".join(base.itertext()) in _HAVE_LIMITS


def _space_functions(row: Any) -> None:
    """Put space beside the names of functions as TeX does: log x, but log(x)."""
    from xml.etree.ElementTree import Element

    for place, node in reversed(list(_functions(row))):
        for beside, where in ((place + 1, place + 1), (place - 1, place)):
            if 0 <= beside < len(row) and not _is_operator(row[beside]):
                row.insert(where, Element("mspace", width="0.167em"))
        if node.tag == "mo":
            node.tag = "mi"


def _functions(row: Any) -> Iterator[tuple[int, Any]]:
    if row.tag not in ("math", "mrow", "mtd", "mstyle", "msqrt"):
        return
    for place, node in enumerate(row):
        base = node
        while len(base) and base.tag in (*_LIMITS, *_LIMITS.values(), "mrow"):
            base = base[0]
        if base.tag in ("mi", "mo") and base.text and len(base.text) > 1 and base.text.isalpha():
            yield place, base


def _is_operator(node: Any) -> bool:
    return node.tag in ("mo", "mspace", "mtext") or (node.tag == "mrow" and len(node) > 0 and node[0].tag == "mo")
