"""The old import lines themselves: ``import gluonbook as gb``, ``import d2lzh``, ``import utils``.

An alias is made by asking only, can be taken back, and never hides a real package silently.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from types import ModuleType
from typing import Any

__all__ = ["ALIASES", "install_aliases", "remove_aliases"]

# what may be asked for -> the module that stands in for it
ALIASES = {
    "d2lzh": "gluonrnn",
    "gluonbook": "gluonrnn",
    "gluonbook==0.6": "gluonrnn.editions.gluonbook06",
    "utils": "gluonrnn.editions.utils",
}


class _Alias(ModuleType):
    """A module under an old name, whose names are those of an edition."""

    def __init__(self, name: str, target: ModuleType) -> None:
        super().__init__(name, f"{target.__name__} of gluonrnn, under the name {name}.")
        self.__all__ = target.__all__
        self.__gluonrnn__ = target

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__gluonrnn__, name)

    def __dir__(self) -> list[str]:
        return sorted(self.__all__)


def install_aliases(*names: str, shadow: bool = False) -> list[str]:
    """Make old import lines work as they are written, until `remove_aliases` or the end of Python.

    Parameters
    ----------
    *names : str
        ``"gluonbook"``, ``"gluonbook==0.6"`` (spring 2018), ``"d2lzh"`` or ``"utils"`` (2017);
        without any, every one that hides no real package, gluonbook being the later edition.
    shadow : bool
        Whether an alias may hide a package or a file of that name that Python would find.

    Returns
    -------
    list of str
        The module names that are aliases now, by this call.

    Raises
    ------
    ValueError
        If a name is none of these.
    ImportError
        If a name was given and a real package or file of that name would be hidden; nothing is
        installed then.

    Examples
    --------
    >>> install_aliases("gluonbook==0.6", shadow=True)
    ['gluonbook']
    >>> import gluonbook
    >>> gluonbook.train_and_predict_rnn.__module__
    'gluonrnn.editions.gluonbook06'
    >>> remove_aliases()
    ['gluonbook']
    """
    for name in names:
        if name not in ALIASES:
            raise ValueError(f"there is no alias {name!r}: choose from {', '.join(ALIASES)}")
    if not names:
        names = tuple(name for name in ALIASES if "==" not in name and (shadow or _real(name) is None))
    wanted = {name.partition("==")[0]: ALIASES[name] for name in names}
    for name in wanted:
        place = _real(name)
        if place is not None and not shadow:
            raise ImportError(
                f"an alias {name!r} would hide the real {name} at {place}: uninstall or move that, "
                "or pass shadow=True to hide it"
            )
    for name, target in wanted.items():
        sys.modules[name] = _Alias(name, importlib.import_module(target))
    return list(wanted)


def remove_aliases() -> list[str]:
    """Take all aliases back; what was hidden can be imported again.

    Returns
    -------
    list of str
        The module names that were aliases.

    Examples
    --------
    >>> remove_aliases()
    []
    """
    names = [name for name, module in sys.modules.items() if isinstance(module, _Alias)]
    for name in names:
        del sys.modules[name]
    return names


def _real(name: str) -> str | None:
    """Return where Python would find a module of this name that is no alias, or None."""
    module = sys.modules.get(name)
    if module is not None and not isinstance(module, _Alias):
        return getattr(module, "__file__", None) or "its place in sys.modules"
    for finder in sys.meta_path:  # not importlib.util.find_spec, which stops at an alias
        find_spec = getattr(finder, "find_spec", None)
        spec = find_spec(name, None) if find_spec else None
        if spec is not None:
            return spec.origin or "one of the folders of sys.path"
    return None


def load_ipython_extension(ipython: Any) -> None:
    """Answer ``%load_ext gluonrnn``: install every alias that hides no real package.

    Parameters
    ----------
    ipython : IPython.InteractiveShell
        The shell that asks.

    Examples
    --------
    >>> load_ipython_extension(None)
    >>> names = remove_aliases()
    """
    install_aliases()


def unload_ipython_extension(ipython: Any) -> None:
    """Answer ``%unload_ext gluonrnn``: take all aliases back.

    Parameters
    ----------
    ipython : IPython.InteractiveShell
        The shell that asks.

    Examples
    --------
    >>> unload_ipython_extension(None)
    """
    remove_aliases()
