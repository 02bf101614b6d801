"""Read a chapter document in any of its forms."""

from __future__ import annotations

import json
import os
import re
import warnings
from pathlib import Path
from typing import Any

from gluonrnn._checks import short_repr
from gluonrnn.corpus.lookup import PathLike
from gluonrnn.rerun.document import CellBuilder, Document
from gluonrnn.rerun.exported import has_prompts, read_exported
from gluonrnn.rerun.markdown import fences_of, prose_for_mxnet, read_markdown
from gluonrnn.rerun.scripts import has_cells, is_script, read_script

__all__ = ["read_document"]

_FORMS = (
    "Markdown with fenced Python, a notebook, "
    "text exported from a notebook with its In [1]: prompts, and a Python script"
)

_HEADING = re.compile(r"^#{1,6} +\S", re.MULTILINE)


def read_document(path: PathLike) -> Document:
    """Read a chapter document; its content decides which form it has, not the file's suffix.

    Forms: a notebook (nbformat 2 to 4); a Python script, with or without ``# In[4]:`` or ``# %%``
    marks; Markdown with fenced code; text with ``In [4]:`` prompts. Cells for other frameworks are
    only counted.
    """
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(
            f"a document is named by a string or a path, but this is {short_repr(path)}: pass the file's name"
        )
    path = Path(path)
    text = _text_of(path)
    form, found = _read(text, path)
    has_code = found.left_out or any(cell.kind == "code" for cell in found.cells)
    if not has_code and not _HEADING.search(text):  # a chapter of prose alone, such as on back-propagation, is fine
        raise ValueError(f"a document has code to run, but no Python was found in {path}: what is read is {_FORMS}")
    return Document(path, form, found.cells, found.left_out)


def _text_of(path: Path) -> str:
    if path.is_dir():
        raise IsADirectoryError(f"a document is a file, but {path} is a folder: name the files in it")
    if not path.exists():
        raise FileNotFoundError(f"there is no document {path}: check its name, and the folder you are in")
    content = path.read_bytes()
    if b"\0" in content:
        raise ValueError(
            f"a document is text in UTF-8, but there is a null byte at offset {content.index(0)} of {path}: "
            "save it as text in UTF-8"
        )
    text = _decoded(content, path).lstrip("\ufeff")
    if not text.strip():
        raise ValueError(f"a document has code to run, but {path} is empty: check that it was saved")
    return re.sub("\r\n?", "\n", text)


def _decoded(content: bytes, path: Path) -> str:
    try:
        return content.decode()
    except UnicodeDecodeError as error:
        start = error.start
    # the start of GB 18030 may decode as UTF-8 by chance, but not to three Chinese characters
    if sum(character >= "\u2e80" for character in content[:start].decode()) < 3:
        try:
            return content.decode("gb18030")
        except UnicodeDecodeError:
            pass
    raise ValueError(
        f"a document is text in UTF-8, but byte 0x{content[start]:02x} at offset {start} of {path} does not fit: "
        "save it in UTF-8"
    )


def _read(text: str, path: Path) -> tuple[str, CellBuilder]:
    notebook = _json_of(text, path)
    if notebook is not None:
        return "notebook", _read_notebook(notebook, path)
    if is_script(text):
        return "script", read_script(text)
    has_inputs = any(fence.is_input for fence in fences_of(text.split("\n")))
    if has_prompts(text) and not has_inputs:
        return "exported", read_exported(text)
    found = read_markdown(text)
    if has_cells(text) and not found.left_out and not any(cell.kind == "code" for cell in found.cells):
        return "script", read_script(text)
    return "markdown", found


def _json_of(text: str, path: Path) -> dict[str, Any] | None:
    """Return the content of a JSON file; None for another kind of file."""
    if not text.lstrip().startswith("{"):
        return None
    try:
        content = json.loads(text)
    except json.JSONDecodeError as error:
        if not re.search(r'"(cells|nbformat|worksheets)"\s*:', text):
            return None
        raise ValueError(
            f"a notebook is JSON, but {path} is damaged at line {error.lineno}, column {error.colno} ({error.msg}): "
            "get it anew, or open and save it in Jupyter"
        ) from None
    if "cells" not in content and "worksheets" not in content:
        raise ValueError(f"a notebook has cells, but the JSON in {path} has none: what is read is {_FORMS}")
    return content


def _read_notebook(content: dict[str, Any], path: Path) -> CellBuilder:
    notebook = _upgraded(content, path)
    kernel, info = notebook.metadata.get("kernelspec") or {}, notebook.metadata.get("language_info") or {}
    language = str(info.get("name") or kernel.get("language") or "python")
    if "python" not in language.lower():
        raise ValueError(f"the cells of a notebook run as Python, but {path} is written in {language}: choose another")
    found = CellBuilder()
    for cell in notebook.cells:
        source = re.sub("\r\n?", "\n", cell.source)
        if cell.cell_type == "code":
            tabs = cell.metadata.get("tab") or []  # set by the book's tools
            found.code(source.split("\n"), tabs=[tabs] if isinstance(tabs, str) else tabs)
        else:
            found.prose([*prose_for_mxnet(source), ""])
    return found


def _upgraded(content: dict[str, Any], path: Path) -> Any:
    try:
        import nbformat
    except ImportError:
        raise ImportError(
            f"reading a notebook takes nbformat, which is not installed, and {path} is one: "
            "pip install 'gluonrnn[notebook]'"
        ) from None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # older notebooks have cells without ids
        try:
            notebook = nbformat.reads(json.dumps(content), as_version=4)
            for cell in notebook.cells:
                _ = cell.cell_type, cell.metadata, cell.source.split
        except Exception as error:  # nbformat raises errors of any type for damaged notebooks
            reason = " ".join(f"{type(error).__name__}: {error}".split())[:100]
            raise ValueError(
                f"a notebook has cells that nbformat reads, but it cannot read {path} ({reason}): save it in Jupyter"
            ) from None
    return notebook
