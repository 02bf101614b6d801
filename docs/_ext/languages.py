"""What the two languages of the site have in common: where the other one is, and what lags behind."""

from __future__ import annotations

import itertools
import posixpath
from pathlib import Path
from typing import Any

import translations
from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)


def untranslated(env: Any, docname: str) -> list[str]:
    """Return what the build will list of a page: what it shows in English, since nobody has translated it yet."""
    if not hasattr(env, "untranslated"):
        env.untranslated = {}
    found: list[str] = env.untranslated.setdefault(docname, [])
    return found


def _forget(app: Any, env: Any, docname: str) -> None:
    untranslated(env, docname).clear()


def _merge(app: Any, env: Any, docnames: Any, other: Any) -> None:
    for docname in docnames:
        untranslated(env, docname)[:] = untranslated(other, docname)


def _is_chinese(app: Any) -> bool:
    return Path(app.srcdir).name == translations.CHINESE.name


def _compare(app: Any) -> None:
    for gap in translations.missing():
        logger.warning(gap)


def _warn_readers(app: Any, doctree: nodes.document) -> None:
    if not _is_chinese(app):
        return
    name = str(app.env.doc2path(app.env.docname, base=False))
    for source, _ in translations.texts_of(name):
        app.env.note_dependency(str(source))
    lag = translations.lag_of(name)
    if lag:
        there = posixpath.relpath(f"/en/{app.env.docname}.html", posixpath.dirname(f"/zh-cn/{app.env.docname}"))
        next(doctree.findall(nodes.title)).parent.insert(1, note(lag, there))


def note(lag: translations.Lag, there: str) -> nodes.note:
    """Return what a page that lags behind says to its readers, with a link to the English one.

    Examples
    --------
    >>> path = translations.CHINESE / "index.md"
    >>> note(translations.Lag(path, "has other code", "2026-12-01"), "../en/index.html").astext()
    '英文页面已于 2026-12-01 更改，本页译文尚未更新，请以英文页面为准。'
    >>> note(translations.Lag(path, translations.UNTRANSLATED, ""), "../en/index.html").astext()
    '本页尚未翻译，请以英文页面为准。'
    """
    if lag.why == translations.UNTRANSLATED:
        why = "本页尚未翻译"
    else:
        why = f"英文页面已{f'于 {lag.since} ' if lag.since else '经'}更改，本页译文尚未更新"
    link = nodes.reference("", "英文页面", refuri=there)
    words = nodes.paragraph("", "", nodes.Text(f"{why}，请以"), link, nodes.Text("为准。"))
    return nodes.note("", words, classes=["lag"])


def _list(app: Any, exception: BaseException | None) -> None:
    if exception is None and _is_chinese(app):
        found = [*map(str, translations.lags()), *itertools.chain(*getattr(app.env, "untranslated", {}).values())]
        if found:
            print("Not in Chinese yet, which is no error:", *found, sep="\n  ", flush=True)


# what a folded cell says: unfolded, folded
FOLDS = {"en": ("Hide the answer", "Show the answer"), "zh_CN": ("收起答案", "显示答案")}


def _point(app: Any, config: Any) -> None:
    folder = Path(app.srcdir).name
    config.nb_code_prompt_hide, config.nb_code_prompt_show = FOLDS[config.language]
    link = config.html_theme_options.get("source_edit_link")
    if link:
        config.html_theme_options["source_edit_link"] = link.replace("{folder}", folder)


def _offer(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    here = Path(app.srcdir).name
    up = "../" * (pagename.count("/") + 1)
    context["languages"] = [
        {"tag": tag, "name": name, "here": folder == here, "url": f"{up}{folder}/{pagename}.html"}
        for folder, (tag, name) in translations.LANGUAGES.items()
    ]


def setup(app: Any) -> dict[str, bool]:
    """Connect."""
    app.connect("config-inited", _point)
    app.connect("builder-inited", _compare)
    app.connect("html-page-context", _offer)
    app.connect("doctree-read", _warn_readers)
    app.connect("env-purge-doc", _forget)
    app.connect("env-merge-info", _merge)
    app.connect("build-finished", _list)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
