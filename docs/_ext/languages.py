"""What the two languages of the site have in common: where the other one is, and that neither lags behind."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from sphinx.util import logging

sys.path.insert(0, str(Path(__file__).parents[1]))
import translations

logger = logging.getLogger(__name__)


def _compare(app: Any) -> None:
    if Path(app.srcdir) not in (translations.ENGLISH, translations.CHINESE):
        return
    for path, fault in translations.faults():
        logger.warning("%s %s", path, fault)


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
    return {"parallel_read_safe": True, "parallel_write_safe": True}
