"""Drawings and plots in SVG become part of the page, and take its colours, its letters and its dark theme."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)
SVG = "http://www.w3.org/2000/svg"
XLINK = "http://www.w3.org/1999/xlink"
_BLACK = re.compile(r"(?:^|(?<=[:\s]))(?:#000000|#000|black)\b")


def inlined(svg: str, alt: str, prefix: str) -> str:
    """Return a drawing for the middle of a page: black is the text's colour, and names of parts begin with `prefix`.

    Examples
    --------
    >>> drawing = '<svg xmlns="http://www.w3.org/2000/svg"><path id="a" style="stroke: #000000"/></svg>'
    >>> print(inlined(drawing, "a line", "p1-").partition(">")[2])
    <path id="p1-a" style="stroke: currentColor" /></svg>
    """
    ElementTree.register_namespace("", SVG)
    ElementTree.register_namespace("xlink", XLINK)
    root = ElementTree.fromstring(svg)  # noqa: S314 (drawings of this site)
    for parent in list(root.iter()):
        for child in list(parent):
            # a style or a script would reach the whole page
            if child.tag.rpartition("}")[2] in ("metadata", "style", "script"):
                parent.remove(child)
    for element in root.iter():
        _adapt(element, prefix)
    root.set("role", "img")
    root.set("aria-label", alt)
    return ElementTree.tostring(root, encoding="unicode")


def _adapt(element: Any, prefix: str) -> None:
    for name, value in list(element.attrib.items()):
        if name == "id":
            value = prefix + value
        elif name == f"{{{XLINK}}}href" and value.startswith("#"):
            value = f"#{prefix}{value[1:]}"
        elif name in ("fill", "stroke", "style"):
            value = _BLACK.sub("currentColor", value)
        element.set(name, value.replace("url(#", f"url(#{prefix}"))


def _inline(app: Any, doctree: nodes.document, docname: str) -> None:
    if app.builder.format != "html":
        return
    numbers = itertools.count(1)
    for image in list(doctree.findall(nodes.image)):
        path = Path(app.srcdir, image["uri"])
        if path.suffix != ".svg":
            continue
        alt = image.get("alt", "")
        if not alt:
            logger.warning("an image needs words for those who cannot see it: add its alt", location=image)
        drawing = inlined(path.read_text(encoding="utf-8"), alt, f"drawing-{next(numbers)}-")
        image.replace_self(nodes.raw("", f'<div class="drawing">{drawing}</div>', format="html"))


def setup(app: Any) -> dict[str, bool]:
    """Connect."""
    app.connect("doctree-resolved", _inline)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
