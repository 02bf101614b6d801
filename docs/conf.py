"""The settings of the Sphinx site: one source folder a language, everything else in common."""

import importlib
import logging
import os
import re
import sys
from pathlib import Path

from gluonrnn.version import __version__

HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(HERE / "_ext")]
translations = importlib.import_module("translations")

project = "gluonrnn"
author = "the gluonrnn developers"
copyright = "2026, the gluonrnn developers"
release = version = __version__

extensions = [
    "bad_inputs",
    "chinese_search",
    "inline_svg",
    "languages",
    "notebooks",
    "offline_math",
    "source_links",
    "summaries",
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.napoleon",
    "sphinx_copybutton",
]
myst_enable_extensions = ["dollarmath"]

autodoc_member_order = "bysource"
autodoc_typehints = "none"
autodoc_default_options = {"members": True}
napoleon_google_docstring = False
napoleon_use_rtype = False
default_role = "name"  # of summaries: code, and a link where it is a public name
copybutton_prompt_text = r">>> |\.\.\. |\$ "
copybutton_prompt_is_regexp = True
locale_dirs = [str(HERE / "_locale")]

# Pages are executed once for both languages, whose code is the same.
nb_execution_mode = "cache"
nb_execution_cache_path = str(HERE / "_build" / "executed")
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_timeout = 1800
nb_output_stderr = "warn"
logging.getLogger("traitlets").setLevel(logging.WARNING)
os.environ.update(
    GLUONRNN_OFFLINE="1",
    MATPLOTLIBRC=str(HERE / "matplotlibrc"),
    PYTHONWARNINGS="ignore:Glyph:UserWarning",  # the reader's browser has the glyphs that a plot's font lacks
)
os.environ.pop("GLUONRNN_DATA", None)
os.environ.setdefault("OMP_NUM_THREADS", "1")  # several pages are executed at once
importlib.import_module("matplotlib.font_manager")  # lists the fonts now, and not, with a warning, in a page

html_theme = "furo"
html_title = f"gluonrnn {release}"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_favicon = "_static/favicon.svg"
templates_path = ["_templates"]
html_show_sphinx = False
nitpicky = False


def _edit_link() -> str:
    """Return where a page is edited, with {folder} and {filename} to fill in; nothing where that is not known.

    It is $GLUONRNN_EDIT_LINK, or follows from the repository that this is a clone of.
    """
    given = os.environ.get("GLUONRNN_EDIT_LINK")
    if given is not None:
        return given
    origin = translations.git("remote", "get-url", "origin")
    found = re.match(r"(?:https://|git@)(github\.com|gitlab\.com)[/:](.+?)(?:\.git)?$", origin)
    if not found:
        return ""
    return f"https://{found[1]}/{found[2]}{'/-' * (found[1] == 'gitlab.com')}/edit/main/docs/{{folder}}/{{filename}}"


edit_link = _edit_link()
html_theme_options = {"source_edit_link": edit_link} if edit_link else {}
