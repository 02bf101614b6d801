"""Links to the source of what an edition declares in one statement, and back to the entry of an object.

Sphinx takes it that all objects of a module are documented as of one module. Here those of
`gluonrnn.corpus.batches`, say, stand partly as `gluonrnn.rnn`, partly as `gluonrnn.d2l.rnn`.
"""

from __future__ import annotations

import ast
import re
from typing import Any

from sphinx.pycode import ModuleAnalyzer

_BACK = re.compile(r'(<a class="viewcode-back" href="[^"#]*?)([^"/#]+/)?([^"/#]+)\.html#([^"]+)"')


def _mend(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if not pagename.startswith("_modules/") or "body" not in context:
        return
    objects = app.env.get_domain("py").objects

    def back(found: re.Match[str]) -> str:
        page, parts = f"{found[2] or ''}{found[3]}", found[4].split(".")
        on_page = {name: entry.node_id for name, entry in objects.items() if entry.docname == page}
        # the name itself, or one that ends like it, the longer the better
        endings = (".".join(parts[start:]) for start in range(len(parts)))
        ids = [id for ending in endings for name, id in on_page.items() if f".{name}".endswith(f".{ending}")]
        return f'{found[1]}{found[2] or ""}{found[3]}.html#{ids[0] if ids else found[4]}"'

    context["body"] = _BACK.sub(back, context["body"])


def _declarations(app: Any, module: str) -> tuple[str, dict[str, tuple[str, int, int]]] | None:
    """Return the source of an edition and where in it each name is defined, be it by an assignment."""
    if not module.startswith("gluonrnn.editions."):
        return None
    analyzer = ModuleAnalyzer.for_module(module)
    analyzer.find_tags()
    assigned = {
        target.id: ("other", statement.lineno, statement.end_lineno or statement.lineno)
        for statement in ast.parse(analyzer.code).body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name)
    }
    return analyzer.code, {**assigned, **analyzer.tags}


def setup(app: Any) -> dict[str, bool]:
    """Connect."""
    app.setup_extension("sphinx.ext.viewcode")
    app.connect("viewcode-find-source", _declarations)
    app.connect("html-page-context", _mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
