"""Pages are executed side by side, once for both languages, and can be taken away as notebooks."""

from __future__ import annotations

import fcntl
import os
import re
from concurrent.futures import ThreadPoolExecutor
from functools import partialmethod
from pathlib import Path
from typing import Any

import jupytext
from jupyter_cache import get_cache
from jupyter_cache.cache.main import JupyterCacheBase
from myst_nb.core.execute import create_client
from myst_nb.core.read import create_nb_reader
from nbclient import NotebookClient
from sphinx.util import logging

logger = logging.getLogger(__name__)

_ROLE = re.compile(r"\{(?:func|class|meth|attr|mod|data|exc|doc|ref)\}`~?(?:([^`<]+?)\s*<[^`>]+>|([^`<]+))`")
_TARGET = re.compile(r"^\([\w-]+\)=\n", re.MULTILINE)
_FIGURE = re.compile(r"^```\{figure\}.*?^```\n?", re.MULTILINE | re.DOTALL)
_OPTIONS = ("mystnb", "tags")


def plain(markdown: str) -> str:
    r"""Return a page's Markdown without what only this site understands.

    Examples
    --------
    >>> plain("(rule)=\nSee {func}`gluonrnn.rnn` and {doc}`the list </names>`.")
    'See `gluonrnn.rnn` and the list.'
    """
    markdown = _FIGURE.sub("", _TARGET.sub("", markdown))
    return _ROLE.sub(lambda found: found[1] or (f"`{found[2]}`" if found[0][1:4] != "doc" else found[2]), markdown)


def notebook_of(source: str) -> Any:
    """Return the notebook of a page: its words and its code, not yet executed."""
    notebook = jupytext.reads(source, fmt="md:myst")
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = plain(cell.source)
        cell.metadata = {name: value for name, value in cell.metadata.items() if name not in _OPTIONS}
    notebook.metadata = {"kernelspec": notebook.metadata["kernelspec"]}
    notebook.cells = [cell for cell in notebook.cells if cell.source.strip()]
    return notebook


def _execute(app: Any, env: Any, docnames: list[str]) -> None:
    """Execute what is not in the cache yet, so that reading the pages finds it there."""
    config = env.mystnb_config
    cache = get_cache(config.execution_cache_path)

    def execute(docname: str) -> None:
        path = env.doc2path(docname)
        source = Path(path).read_text(encoding="utf-8")
        reader = create_nb_reader(path, env.myst_config, config, source)
        if reader is not None:
            with create_client(reader.read(source), path, config, logger, reader.read_fmt):
                pass

    # The other language's build waits, and then finds in the cache what the two have in common.
    with (cache.path / "lock").open("w") as lock, ThreadPoolExecutor(os.cpu_count()) as pool:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _ = cache.db  # made before several threads want it
        list(pool.map(execute, docnames))


def _is_notebook(app: Any, pagename: str) -> bool:
    return "kernelspec" in app.env.metadata.get(pagename, {})


def _offer(app: Any, pagename: str, templatename: str, context: dict[str, Any], doctree: Any) -> None:
    if _is_notebook(app, pagename):
        context["notebook"] = context["pathto"](f"notebooks/{pagename}.ipynb", 1)


def _write(app: Any, exception: BaseException | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    for pagename in sorted(app.env.found_docs):
        if _is_notebook(app, pagename):
            path = Path(app.outdir, "notebooks", f"{pagename}.ipynb")
            path.parent.mkdir(parents=True, exist_ok=True)
            jupytext.write(notebook_of(Path(app.env.doc2path(pagename)).read_text(encoding="utf-8")), path)


def _join_what_is_printed() -> None:
    """Let what a cell prints in parts, at different times, be one output."""
    client: Any = NotebookClient
    client.__init__ = partialmethod(client.__init__, coalesce_streams=True, extra_arguments=["--log-level=ERROR"])


def _share_what_was_executed() -> None:
    """Let pages of the same code have the same outputs, and each its own cells' options, such as words for plots."""
    cache: Any = JupyterCacheBase
    cache.create_hashed_notebook = partialmethod(cache.create_hashed_notebook, cell_metadata=("tags",))
    cache.merge_match_into_notebook = partialmethod(cache.merge_match_into_notebook, cell_meta=())


def setup(app: Any) -> dict[str, bool]:
    """Connect."""
    _join_what_is_printed()
    _share_what_was_executed()
    app.connect("env-before-read-docs", _execute)
    app.connect("html-page-context", _offer)
    app.connect("build-finished", _write)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
