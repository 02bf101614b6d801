"""The reference in two languages.

The directive ``names`` shows names with their summaries. Every public name has one entry; the build warns where it has
none in English. Where the site is in Chinese, the first paragraph of each docstring is its translation from
``zh-cn/summaries.po``; where that is missing or stale, it stays in English, and the build lists it. For a translator,

    python -m sphinx -c docs -D language=zh_CN -D summaries_update=1 docs/zh-cn FOLDER

writes what is missing there, and marks what is stale as fuzzy.
"""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any, Iterator

import entries as reference
import tables
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from docutils import nodes
from docutils.parsers.rst import directives
from languages import untranslated
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective

CATALOGUE = Path(__file__).resolve().parents[1] / "zh-cn" / "summaries.po"
PLACE = "docs/zh-cn/summaries.po"
BEFORE_NAPOLEON, AFTER_NAPOLEON = 300, 900
HEADER = """\
# The summaries of the reference in Chinese, by the name of what they are of. See docs/_ext/summaries.py.
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

"""
HEADINGS = {"en": ("name", "summary"), "zh_CN": ("名称", "摘要")}
WIDTHS = (35, 65)
FIELD = {"en": "Editions", "zh_CN": "版本"}
OWN = {"en": "gluonrnn's own", "zh_CN": "gluonrnn 自有"}
CELL = {"en": "defined in the chapters of {}", "zh_CN": "在 {} 的章节中定义"}
# what the chapters of 2018 define themselves
CELLS = {
    f"gluonrnn.{name}"
    for name in (
        *("get_params", "init_rnn_state", "rnn", "get_gru_params", "init_gru_state", "gru"),
        *("get_lstm_params", "init_lstm_state", "lstm"),
    )
}
GLUONBOOK = "gluonrnn.editions.gluonbook"

logger = logging.getLogger(__name__)


def summary(lines: list[str]) -> tuple[str, int]:
    """Return the first paragraph of a docstring, in one line, and the number of lines that it takes."""
    start = next((number for number, line in enumerate(lines) if line.strip()), len(lines))
    end = next((number for number in range(start, len(lines)) if not lines[number].strip()), len(lines))
    return " ".join(line.strip() for line in lines[start:end]), end


class Translations:
    """The Chinese summaries, by the name of what they are of."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.of: dict[str, tuple[str, str]] = {}
        self.of_text: dict[str, str] = {}
        if not path.exists():
            return
        with path.open("rb") as stream:
            for message in read_po(stream, locale="zh_CN"):
                if message.id:
                    self.of[message.context] = (message.id, "" if message.fuzzy else message.string)
        self.of_text = dict(self.of.values())

    def look_up(self, name: str, english: str) -> tuple[str, str]:
        """Return the translation of a summary, and what is wrong with it.

        One that an edition has from another is translated there.
        """
        if name not in self.of:
            return (self.of_text[english], "") if self.of_text.get(english) else (english, "is not translated")
        was, chinese = self.of[name]
        if was != english:
            return english, f"is translated as it was: {was!r}"
        return (chinese, "") if chinese else (english, "has an empty translation")

    def write(self, wanted: dict[str, str]) -> None:
        """Write what is wanted, with its translations so far; what has another summary now is marked as fuzzy."""
        catalogue = Catalog(locale="zh_CN")
        for name, english in sorted(wanted.items()):
            if name not in self.of and self.of_text.get(english):
                continue
            was, chinese = self.of.get(name, (english, ""))
            catalogue.add(english, chinese, context=name, flags={"fuzzy"} if chinese and was != english else set())
        with self.path.open("wb") as stream:
            stream.write(HEADER.encode())
            write_po(stream, catalogue, width=120, omit_header=True)


def language(config: Any) -> str:
    """Return the language of the pages, ``"en"`` or ``"zh_CN"``."""
    return "zh_CN" if config.language == "zh_CN" else "en"


def read_everything(app: Any) -> None:
    """Read pages and translations before the first page is built."""
    folder = Path(app.srcdir) / "reference"
    found, modules = reference.read(folder)
    env = app.env
    env.reference_entries, env.reference_by_identity = {}, {}
    for entry in found:
        if reference.exists(entry.name):  # or it is one of the problems
            env.reference_by_identity[reference.identity(reference.find(entry.name))] = entry
            env.reference_entries[entry.name] = entry
    env.reference_translations = Translations(CATALOGUE) if language(app.config) == "zh_CN" else None
    problems = reference.problems(found, modules) if folder.exists() else []
    if env.reference_translations is not None:
        untranslated(env, folder.name)[:] = [f"docs/zh-cn: {problem}" for problem in problems]
        return
    for problem in problems:
        logger.warning(problem, type="reference", subtype="entry")


def translate(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Put the translation in the place of the first paragraph."""
    env = app.env
    english, end = summary(lines)
    if env.reference_translations is None or not english:
        return
    docname = env.docname
    wanted(env).setdefault(docname, {})[name] = english
    env.note_dependency(str(CATALOGUE))
    chinese, problem = env.reference_translations.look_up(name, english)
    if problem and not app.config.summaries_update:
        untranslated(env, docname).append(f"{PLACE}: the summary of {name} {problem}")
    lines[:end] = [chinese]


def remember(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Keep whose docstring this is, for the words in it."""
    set_context(app.env, name, obj)


def set_context(env: Any, name: str, obj: Any = None) -> None:
    """Keep what the words that follow may mean: names of the same module, but not the parameters."""
    try:
        parameters = set(inspect.signature(obj or reference.find(name)).parameters)
    except (TypeError, ValueError):
        parameters = set()
    env.temp_data["reference_context"] = (name, parameters)


def name_role(
    role: str, rawtext: str, text: str, lineno: int, inliner: Any, options: Any = None, content: Any = ()
) -> tuple[list[nodes.Node], list[nodes.system_message]]:
    """Show a word as code, and lead it to its entry where it is a public name and no parameter."""
    env = inliner.document.settings.env
    within, parameters = env.temp_data.get("reference_context", ("gluonrnn", set()))
    shown = nodes.literal(rawtext, text, classes=["py"])
    target = None if text in parameters else full_name(env, text, within)
    if target is None:
        return [shown], []
    link = addnodes.pending_xref(
        rawtext, refdomain="py", reftype="obj", reftarget=target, refdoc=env.docname, refexplicit=True
    )
    link += shown
    return [link], []


def full_name(env: Any, text: str, within: str) -> str | None:
    """Return the name of the entry that a word stands for, as the words of another entry use it; a method's, too."""
    if not all(part.isidentifier() for part in text.split(".")):
        return None
    outer = within.rpartition(".")[0]
    for place in ("", f"{outer}.", f"{outer.rpartition('.')[0]}.", "gluonrnn.", "gluonrnn.d2l."):
        name = place + text
        if not name.startswith("gluonrnn."):
            continue
        for entry, rest in described(env, name):
            if entry.name != within and reference.exists(name):
                return entry.name + rest
    others = [name for name in env.reference_entries if name.endswith(f".{text}") and name != within]
    return others[0] if len(others) == 1 else None


def described(env: Any, name: str) -> Iterator[tuple[Any, str]]:
    """Yield the entry of a name, and that of the class it may be in, each with the rest of the name."""
    for end in (len(name), name.rfind(".")):
        if reference.exists(name[:end]):
            entry = env.reference_by_identity.get(reference.identity(reference.find(name[:end])))
            if entry is not None:
                yield entry, name[end:]


def settle(app: Any, doctree: nodes.document) -> None:
    """Say of the types of parameters which class they are, where several have that name."""
    for node in list(doctree.findall(addnodes.pending_xref)):
        if node.get("refdomain") == "py" and node.get("refspecific") and node["reftype"] in ("class", "exc"):
            target = full_name(app.env, node["reftarget"], f"{node.get('py:module') or 'gluonrnn'}.x")
            if target is not None:
                node["reftarget"], node["refspecific"] = target, False


def add_editions(app: Any, what: str, name: str, obj: Any, options: Any, lines: list[str]) -> None:
    """Add a line that says which editions have a name."""
    if name not in app.env.reference_entries or (isinstance(obj, type) and issubclass(obj, BaseException)):
        return
    tongue = language(app.config)
    having = [link(edition) for edition in reference.editions_of(name)]
    if name in CELLS:
        having = [CELL[tongue].format(link(GLUONBOOK))]
    comma = "、" if tongue == "zh_CN" else ", "
    lines += ["", f":{FIELD[tongue]}: {comma.join(having) or OWN[tongue]}", ""]


def link(edition: str) -> str:
    """Return a link to the page of an edition, in reStructuredText."""
    label, page = reference.EDITIONS[edition]
    return f":doc:`{label} </{page}>`"


class Names(SphinxDirective):
    """A table of names with their summaries: those of a module, or those with an entry on a page."""

    option_spec = {"module": directives.unchanged_required, "page": directives.unchanged_required}  # noqa: RUF012

    def run(self) -> list[nodes.Node]:
        """Return the table."""
        if "module" in self.options:
            module = self.options["module"]
            rows = [
                (name, self.env.reference_by_identity.get(reference.identity(reference.find(f"{module}.{name}"))))
                for name in reference.names_of(module)
            ]
        else:
            rows = [
                (entry.name[len("gluonrnn.") :], entry)
                for entry in self.env.reference_entries.values()
                if entry.page == self.options["page"]
            ]
        if not rows:
            raise self.error("no entries")
        for path in (CATALOGUE, *(Path(self.env.srcdir) / "reference").glob("*.rst")):
            self.env.note_dependency(str(path))
        shown = tables.table(
            HEADINGS[language(self.config)],
            [([self.link(name, entry)], self.words(entry)) for name, entry in rows if entry],
            WIDTHS,
        )
        shown["classes"] += ["names", "colwidths-given"]
        shown["width"] = "100%"
        return [shown]

    def link(self, name: str, entry: Any) -> nodes.Node:
        """Return a name that leads to its entry."""
        target = addnodes.pending_xref(
            "", refdomain="py", reftype="obj", reftarget=entry.name, refexplicit=True, refwarn=True
        )
        target += nodes.literal(text=name, classes=["py"])
        return target

    def words(self, entry: Any) -> list[nodes.Node]:
        """Return the summary of an entry, in the language of the page."""
        text = entry.words
        set_context(self.env, entry.name)
        if text is None:
            text = summary((inspect.getdoc(reference.find(entry.name)) or "").splitlines())[0]
            if self.env.reference_translations is not None:
                text = self.env.reference_translations.look_up(entry.name, text)[0]
        shown, messages = self.state.inline_text(text, self.lineno)
        return [*shown, *messages]


def resolve(app: Any, env: Any, node: Any, contnode: Any) -> Any:
    """Lead another name of an entry to it; warn where a link to something of this package leads nowhere."""
    target = node.get("reftarget", "").strip("()")
    if node.get("refdomain") != "py" or not target.startswith("gluonrnn."):
        return None
    for entry, rest in described(env, target):
        found = env.get_domain("py").resolve_xref(
            env, node["refdoc"], app.builder, node["reftype"], entry.name + rest, node, contnode
        )
        if found is not None:
            return found
    if node["reftype"] not in ("obj", "mod"):
        logger.warning("no entry for %s", target, location=node, type="reference", subtype="link")
    return None


def wanted(env: Any) -> dict[str, dict[str, str]]:
    """Return the summaries that the pages show, by page and name."""
    if not hasattr(env, "reference_wanted"):
        env.reference_wanted = {}
    return env.reference_wanted


def forget(app: Any, env: Any, docname: str) -> None:
    """Forget what a page showed."""
    wanted(env).pop(docname, None)


def merge(app: Any, env: Any, docnames: Any, other: Any) -> None:
    """Take over what another process read."""
    wanted(env).update({name: shown for name, shown in wanted(other).items() if name in docnames})


def check(app: Any, env: Any) -> None:
    """List the translations of what no page shows; or write what the pages show, if that is asked for."""
    translations = env.reference_translations
    if translations is None:
        return
    shown = {name: english for page in wanted(env).values() for name, english in page.items()}
    if app.config.summaries_update:
        translations.write(shown)
    unused = sorted(set(translations.of) - set(shown))
    untranslated(env, CATALOGUE.name)[:] = [f"{PLACE}: no page shows the summary of {name}" for name in unused]


def setup(app: Any) -> dict[str, bool]:
    """Add directive and translation to Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.add_config_value("summaries_update", False, "")
    app.add_directive("names", Names)
    app.add_role("name", name_role)
    app.connect("builder-inited", read_everything)
    app.connect("autodoc-process-docstring", translate, priority=BEFORE_NAPOLEON)
    app.connect("autodoc-process-docstring", remember)
    app.connect("doctree-read", settle)
    app.connect("autodoc-process-docstring", add_editions, priority=AFTER_NAPOLEON)
    app.connect("missing-reference", resolve)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("env-check-consistency", check)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
