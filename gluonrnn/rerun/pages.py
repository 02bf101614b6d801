"""Write an executed document as an HTML page or as a notebook."""

from __future__ import annotations

import base64
import copy
import datetime
import importlib
import json
import mimetypes
import re
import warnings
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, Callable
from urllib.parse import unquote
from uuid import uuid4

from gluonrnn.rerun.prose import anchor, formula, headings_of, readable

__all__ = ["page_name", "to_html", "to_notebook"]

_TEMPLATES = Path(__file__).parent / "templates"
_ENDINGS = {"html": ".html", "ipynb": ".ipynb"}
_PYTHON = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python", "pygments_lexer": "ipython3"}
# output types that need no script, the best first
_SHOWN = ["text/html", "text/markdown", "image/svg+xml", "text/latex", "image/png", "image/jpeg", "text/plain"]


def page_name(document: str | Path, to: str) -> str:
    """Return the file name for an executed document."""
    if to not in _ENDINGS:
        raise ValueError(f"a document is written as {' or '.join(_ENDINGS)}, but to is {to!r}: choose one of them")
    return Path(document).stem + _ENDINGS[to]


def to_notebook(notebook: Any, facts: dict[str, Any]) -> str:
    """Write an executed document as a notebook for any Jupyter, with `facts` in its metadata."""
    _need("nbformat")
    import nbformat

    written = _copied(notebook)
    for cell in written.cells:
        if cell.cell_type == "code":
            cell.outputs = _joined(cell.outputs)
    written.metadata.update(
        kernelspec={"name": "python3", "display_name": "Python 3", "language": "python"},
        language_info=_PYTHON,
        gluonrnn=json.loads(json.dumps(facts, default=str)),
    )
    nbformat.validate(written)
    return nbformat.writes(written) + "\n"


def to_html(notebook: Any, facts: dict[str, Any], *, folder: str | Path) -> str:
    """Write an executed document as one HTML file without scripts or references to other files.

    Formulas become MathML, and pictures are embedded; a missing one becomes a frame with its
    caption. Links to other files of the book become text. HTML in the document or its outputs is
    kept as it is.
    """
    _need("nbconvert", "latex2mathml")
    from nbconvert.exporters import HTMLExporter
    from traitlets.config import Config

    page = _Page(Path(folder), _language(notebook))
    shown = _copied(notebook)
    labels = headings_of(shown)
    convert = _markdown()
    numbers = iter(range(1, len(shown.cells) + 1))
    for cell in shown.cells:
        if cell.cell_type == "markdown":
            cell.source = page.finished(convert(readable(cell.source, labels)), cell.get("attachments", {}))
        elif cell.cell_type == "code":
            cell.metadata = {"number": next(numbers)}
            cell.outputs = _to_show(cell.outputs)
    exporter = HTMLExporter(
        config=Config({"NbConvertBase": {"display_data_priority": _SHOWN}}),
        template_name="gluonrnn",
        extra_template_basedirs=[str(_TEMPLATES)],
    )
    exporter.register_filter("markdown2html", convert)
    shown.metadata["language_info"] = _PYTHON
    return exporter.from_notebook_node(shown, resources={"page": page.resources(shown, facts)})[0] + "\n"


def _need(*modules: str) -> None:
    for name in modules:
        try:
            with warnings.catch_warnings():  # Jupyter's deprecations
                warnings.simplefilter("ignore")
                importlib.import_module(name)
        except ImportError as error:
            raise ImportError(f"writing documents needs {name} ({error}): pip install 'gluonrnn[notebook]'") from error


def _copied(notebook: Any) -> Any:
    """Return a copy in nbformat 4.5, where each cell has a unique id."""
    copied = copy.deepcopy(notebook)
    copied.nbformat, copied.nbformat_minor = 4, 5
    taken: set[str] = set()
    for cell in copied.cells:
        if cell.get("id") in (None, *taken):
            cell["id"] = uuid4().hex[:8]
        taken.add(cell["id"])
    return copied


def _language(notebook: Any) -> str:
    prose = " ".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    chinese = len(re.findall("[\u4e00-\u9fff]", prose))
    return "zh" if chinese > len(re.findall("[A-Za-z]+", prose)) else "en"


def _markdown() -> Callable[[str], str]:
    """Return nbconvert's converter from Markdown to HTML, with formulas as MathML."""
    from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

    class Renderer(IPythonRenderer):
        def inline_math(self, body: str) -> str:
            return formula(body, display=False)

        def block_math(self, body: str) -> str:
            return formula(body, display=True)

        def latex_environment(self, name: str, body: str) -> str:
            return formula(rf"\begin{{{name}}}{body}\end{{{name}}}", display=True)

        def image(self, *args: Any, **named: Any) -> str:  # keeps the markup of the caption for `_Page`
            caption, address = (args[0], named["url"]) if named else (escape(args[1]), args[0])  # before mistune 3
            return f'<img src="{escape(address)}" alt="{escape(caption)}">'

    return lambda text: MarkdownWithMath(renderer=Renderer(escape=False, exclude_anchor_links=True)).render(text)


def _joined(outputs: list[Any]) -> list[Any]:
    """Join consecutive pieces of printed text."""
    joined: list[Any] = []
    for output in outputs:
        if output.output_type == "stream" and joined and joined[-1].get("name") == output.name:
            joined[-1].text += output.text
        else:
            joined.append(output)
    return joined


def _to_show(outputs: list[Any]) -> list[Any]:
    """Apply carriage returns as a terminal does, and leave out what needs a script."""
    shown = _joined(
        [
            output
            for output in outputs
            if output.output_type in ("stream", "error") or any(kind in output.data for kind in _SHOWN)
        ]
    )
    for output in shown:
        if output.output_type == "stream":
            output.text = re.sub(r"(?m)^.*\r(?!$)", "", output.text.replace("\r\n", "\n")).rstrip("\r")
    return shown


@dataclass
class _Page:
    """Collects title and contents while the prose of a page is converted."""

    folder: Path
    language: str
    title: str = ""
    names: set[str] = field(default_factory=set)
    contents: list[tuple[int, str, str]] = field(default_factory=list)

    def finished(self, converted: str, attachments: dict[str, Any]) -> str:
        """Return a piece of prose with ids for its headings and with its pictures embedded."""
        from bs4 import BeautifulSoup

        soup = BeautifulSoup(converted, "html.parser")
        for image in soup("img"):
            self._place(soup, image, attachments)
        for link in soup("a", href=True):
            address = str(link["href"])
            if not re.match("[A-Za-z][A-Za-z0-9+.-]*:|//|#", address):
                link.name, link.attrs = "span", {"class": "elsewhere", "title": unquote(address)}
        for heading in soup(re.compile("^h[1-6]$")):
            self._name(heading)
        return str(soup)

    def _name(self, heading: Any) -> None:
        level, inner = int(heading.name[1]), heading.decode_contents()
        name = _heading_name(inner)
        while name in self.names:
            name += "-"
        self.names.add(name)
        if not self.title:
            self.title = inner
            if level == 1:  # the template shows it
                heading.extract()
                return
        heading["id"] = name
        self.contents.append((level, name, re.sub("</?a[^>]*>", "", inner)))

    def _place(self, soup: Any, image: Any, attachments: dict[str, Any]) -> None:
        """Embed a picture, or its name if it is missing; one in its own paragraph gets a caption."""
        from bs4 import BeautifulSoup

        address, caption, paragraph = image.get("src", ""), image.get("alt", ""), image.parent
        is_alone = paragraph.name == "p" and [child for child in paragraph.contents if str(child).strip()] == [image]
        data = _picture(address, self.folder, attachments)
        if data:
            image["src"], image["alt"] = data, _text(caption)
        else:
            image.name, image.attrs = "small", {"class": "missing"}
            image.string = Path(unquote(address)).name
        if is_alone:
            paragraph.name, paragraph.attrs = "figure", {} if data else {"class": "missing"}
        if is_alone and caption:
            paragraph["id"] = _heading_name(caption)
            paragraph.append(soup.new_tag("figcaption"))
            paragraph.figcaption.append(BeautifulSoup(caption, "html.parser"))

    def resources(self, notebook: Any, facts: dict[str, Any]) -> dict[str, Any]:
        """Return what the template shows besides the cells."""
        from pygments.formatters import HtmlFormatter

        light, dark = (HtmlFormatter(style=style).get_style_defs(".highlight") for style in ("xcode", "github-dark"))
        heading = self.title or escape(str(facts.get("document") or "gluonrnn"))
        return {
            "contents": self.contents if len(self.contents) > 3 else [],
            "duration": _duration(facts["seconds"]) if "seconds" in facts else "",
            "facts": {"date": datetime.date.today(), **facts},
            "failures": _failures(notebook),
            "heading": heading,
            "highlighting": f"{light}\n@media screen and (prefers-color-scheme: dark) {{\n{dark}\n}}",
            "language": self.language,
            "name": _heading_name(heading),
            "title": _text(heading),
        }


def _picture(address: str, folder: Path, attachments: dict[str, Any]) -> str:
    """Return a picture as a data URL; "" if it is missing."""
    if address.startswith("data:"):
        return address
    if address.startswith("attachment:"):
        for kind, data in attachments.get(unquote(address.partition(":")[2]), {}).items():
            return f"data:{kind};base64,{data}"
    file = folder / unquote(re.split("[?#]", address)[0])
    kind = mimetypes.guess_type(file.name)[0] or ""
    try:
        data = base64.b64encode(file.read_bytes()).decode() if kind.startswith("image/") else ""
    except (OSError, ValueError):
        return ""
    return f"data:{kind};base64,{data}" if data else ""


def _text(markup: str) -> str:
    from bs4 import BeautifulSoup

    return " ".join(BeautifulSoup(markup, "html.parser").get_text().split())


def _heading_name(markup: str) -> str:
    return anchor(_text(re.sub('<math [^>]*alttext="([^"]*)".*?</math>', r"\1", markup)))


def _failures(notebook: Any) -> list[tuple[int, str]]:
    return [
        (cell.metadata["number"], f"{output.ename}: {output.evalue.strip()}".splitlines()[0].rstrip(": "))
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    ]


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{seconds:.1f} s"
