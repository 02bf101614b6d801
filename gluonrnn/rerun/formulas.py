"""The formulas of a chapter as MathML, which browsers show without a script or a network."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Any, Iterator

from gluonrnn.rerun.prose import anchor

__all__ = ["formula"]

# What latex2mathml does not know, or not in all its versions, by what it does.
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
    r"""Convert a formula to MathML, which browsers show without any script.

    Examples
    --------
    >>> formula("h_t")
    '<math display="inline" alttext="h_t"><mrow><msub><mi>h</mi><mi>t</mi></msub></mrow></math>'
    >>> formula(r"\unheard{h}")
    '<code class="tex">\\unheard{h}</code>'
    """
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
    for node in reversed(list(tree.iter())):  # what is inside first
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
    except Exception as error:  # IndexError and others beside its own
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
    """Return the bold or otherwise styled twin of a letter, for browsers ignore the attribute."""
    name = re.sub("LATIN |GREEK |LETTER ", "", unicodedata.name(letter, ""))
    try:
        return unicodedata.lookup(f"MATHEMATICAL {style.replace('-', ' ').upper()} {name}")
    except KeyError:
        return letter


def _has_limits(base: Any) -> bool:
    return base.get("movablelimits") == "true" or "".join(base.itertext()) in _HAVE_LIMITS


def _space_functions(row: Any) -> None:
    """Set the names of functions apart from what they stand beside, as TeX does: log x, but log(x)."""
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
