"""The way back from the source to the reference: to the name under which an object has its entry.

Sphinx takes it that all objects of a module are documented as of one module. Here those of `gluonrnn.batches`, say,
stand partly as `gluonrnn.rnn`, partly as `gluonrnn.d2l.rnn`.
"""

from __future__ import annotations

import re
from typing import Any

_BACK = re.compile(r'(<a class="viewcode-back" href="[^"#]*?)([^"/#]+/)?([^"/#]+)\.html#([^"]+)"')


def _mend(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if not pagename.startswith("_modules/") or "body" not in context:
        return
    objects = app.env.get_domain("py").objects

    def back(found: re.Match[str]) -> str:
        page, name = f"{found[2] or ''}{found[3]}", found[4]
        if name not in objects:
            last = name.partition(".")[2]  # behind the package: a function, or a class and its method
            there = [other for other, entry in objects.items() if entry.docname == page and other.endswith(f".{last}")]
            name = there[0] if there else name
        return f'{found[1]}{found[2] or ""}{found[3]}.html#{name}"'

    context["body"] = _BACK.sub(back, context["body"])


def setup(app: Any) -> dict[str, bool]:
    """Connect."""
    app.setup_extension("sphinx.ext.viewcode")
    app.connect("html-page-context", _mend)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
