"""MathJax from the reader's own copy of the site: only what formulas in LaTeX need of it, and no other host."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path
from typing import Any

PACKAGE = "sphinx-mathjax-offline"  # brings MathJax 3.2.2
SCRIPT = "tex-chtml-full.js"
FONTS = "output/chtml/fonts/woff-v2"


def _copy(app: Any, exception: BaseException | None) -> None:
    if exception is not None or app.builder.format != "html":
        return
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ImportError(f"the site's formulas need {PACKAGE}: pip install {PACKAGE}")
    source = Path(spec.origin).parent / "static" / "mathjax"
    goal = Path(app.outdir, "_static", "mathjax")
    shutil.copytree(source / FONTS, goal / FONTS, dirs_exist_ok=True)
    shutil.copy(source / SCRIPT, goal / SCRIPT)


def setup(app: Any) -> dict[str, bool]:
    """Connect."""
    app.setup_extension("sphinx.ext.mathjax")
    app.config.mathjax_path = f"mathjax/{SCRIPT}"
    # a command that is not known is an error, which `make docs-check` finds, and not a word in red
    app.config.mathjax3_config = {"tex": {"packages": {"[-]": ["noundefined"]}}}
    app.connect("build-finished", _copy)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
