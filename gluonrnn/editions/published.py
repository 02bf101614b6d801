"""The book's own packages, where they are installed beside gluonrnn."""

from __future__ import annotations

import importlib
import sys
from types import ModuleType

__all__ = ["import_real", "is_alias", "place_of"]

_IMPORTED: dict[str, ModuleType] = {}


def is_alias(module: object) -> bool:
    """Return whether a module is one that `gluonrnn.install_aliases` made.

    Examples
    --------
    >>> is_alias(sys)
    False
    """
    return hasattr(module, "__gluonrnn__")


def place_of(name: str) -> str | None:
    """Return where Python would find a top-level module of this name that is no alias, or None.

    Examples
    --------
    >>> place_of("no_such_module") is None
    True
    """
    module = sys.modules.get(name)
    if module is not None and not is_alias(module):
        return getattr(module, "__file__", None) or "its place in sys.modules"
    for finder in sys.meta_path:  # importlib.util.find_spec would stop at an alias
        find_spec = getattr(finder, "find_spec", None)
        spec = find_spec(name, None) if find_spec else None
        if spec is not None:
            return spec.origin or "one of the folders of sys.path"
    return None


def import_real(name: str) -> ModuleType | None:
    """Import a module such as ``"d2l.mxnet"``, whatever alias stands in its place; None if it is not installed.

    It raises an `ImportError` if it is installed and cannot be imported.

    Examples
    --------
    >>> import_real("no_such_module") is None
    True
    """
    top = name.partition(".")[0]
    if place_of(top) is None:
        return None
    if name in sys.modules and not is_alias(sys.modules[name]):
        return sys.modules[name]
    if name not in _IMPORTED:
        aliases = {key: module for key, module in sys.modules.items() if is_alias(module)}
        for key in aliases:
            del sys.modules[key]
        try:
            _IMPORTED[name] = importlib.import_module(name)
        finally:
            if aliases:
                # under its own name the alias stays, as it was asked for
                for key in [key for key in sys.modules if key.partition(".")[0] == top and top in aliases]:
                    del sys.modules[key]
                sys.modules.update(aliases)
    return _IMPORTED[name]
