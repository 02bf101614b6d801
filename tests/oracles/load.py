"""Import a published package from a folder of its own, and leave no trace of its name."""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
import types
import warnings

from IPython import display
from IPython.core.interactiveshell import InteractiveShell

from tests.oracles.install import FOLDER


@contextlib.contextmanager
def _missing_pieces():
    """Supply from outside what the packages ask for at import and the recurrent chapters never use."""
    gone = not hasattr(display, "set_matplotlib_formats")  # since IPython 8
    if gone:
        display.set_matplotlib_formats = lambda *formats: None
    stubs = [name for name in ("pandas", "requests") if importlib.util.find_spec(name) is None]
    sys.modules.update({name: types.ModuleType(name) for name in stubs})
    try:
        yield
    finally:
        if gone:
            del display.set_matplotlib_formats
        for name in stubs:
            del sys.modules[name]
        InteractiveShell.clear_instance()  # older IPythons start one when formats are set


def published(package, module=None):
    """Return a module of a package such as ``gluonbook==0.6``, by default the package itself."""
    folder = FOLDER / package.replace("==", "-")
    assert folder.is_dir(), "run python tests/oracles/install.py first"
    top = package.partition("==")[0]

    def of_this_name():
        return [name for name in sys.modules if name.split(".")[0] == top]

    others = {name: sys.modules.pop(name) for name in of_this_name()}
    sys.path.insert(0, str(folder))
    try:
        with _missing_pieces(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return importlib.import_module(module or top)
    finally:
        sys.path.remove(str(folder))
        for name in of_this_name():
            del sys.modules[name]
        sys.modules.update(others)
