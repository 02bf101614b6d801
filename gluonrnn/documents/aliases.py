"""The old import lines themselves: ``import gluonbook as gb``, ``import d2lzh``, ``import utils``.

An alias is made by asking only, can be taken back, and never hides a real package silently.
"""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import ModuleSpec
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

    def __init__(self, name: str, target: ModuleType, public: list[str], hidden: ModuleType | None) -> None:
        super().__init__(name, f"{target.__name__}, under the name {name}.")
        self.__all__ = public
        self.__spec__ = ModuleSpec(name, None)
        self.__gluonrnn__ = (target, hidden)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name != "__version__":  # __path__ would make it a second package
            raise AttributeError(f"the alias {self.__name__!r} has no attribute {name!r}")
        return getattr(self.__gluonrnn__[0], name)

    def __dir__(self) -> list[str]:
        return sorted(self.__all__)


def install_aliases(*names: str, shadow: bool = False) -> list[str]:
    """Make old import lines work as they are written, until `remove_aliases` or the end of Python.

    Parameters
    ----------
    *names : str
        ``"gluonbook"``, ``"gluonbook==0.6"`` (0.6.1 to 0.6.11, spring 2018), ``"d2lzh"`` or
        ``"utils"`` (2017, and release 0.6 itself); without any, every one that hides no real
        package and is no alias yet, gluonbook being the later edition.
    shadow : bool
        Whether an alias may hide a package or a file of that name that Python would find.

    Returns
    -------
    list of str
        The module names that are aliases now, by this call.

    Raises
    ------
    ValueError
        If a name is none of these, or two are for one module.
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
        names = tuple(name for name in ALIASES if "==" not in name and not _stands_for(name, shadow))
    wanted = {name.partition("==")[0]: ALIASES[name] for name in names}
    if len(wanted) < len(names):
        raise ValueError(f"one module can stand in for one edition, but {', '.join(names)} name two: choose one")
    for name in wanted:
        place = _real(name)
        if place is not None and not shadow:
            raise ImportError(
                f"an alias {name!r} would hide the real {name} at {place}: uninstall or move that, "
                "or pass shadow=True to hide it"
            )
    for name, target in wanted.items():
        sys.modules[name] = _alias(name, target)
    return list(wanted)


def _stands_for(name: str, shadow: bool) -> bool:
    return isinstance(sys.modules.get(name), _Alias) or (not shadow and _real(name) is not None)


def _alias(name: str, target: str) -> _Alias:
    module = importlib.import_module(target)
    # the package itself has more names than the edition
    public = importlib.import_module("gluonrnn.editions.gluonbook" if target == "gluonrnn" else target).__all__
    before = sys.modules.get(name)
    hidden = before.__gluonrnn__[1] if isinstance(before, _Alias) else before
    return _Alias(name, module, public, hidden)


def remove_aliases() -> list[str]:
    """Take all aliases back, and put back what they hid.

    Returns
    -------
    list of str
        The module names that were aliases.

    Examples
    --------
    >>> remove_aliases()
    []
    """
    aliases = {name: module for name, module in sys.modules.items() if isinstance(module, _Alias)}
    for name, alias in aliases.items():
        del sys.modules[name]
        if alias.__gluonrnn__[1] is not None:
            sys.modules[name] = alias.__gluonrnn__[1]
    return list(aliases)


def _real(name: str) -> str | None:
    """Return where Python would find a module of this name that is no alias, or None."""
    module = sys.modules.get(name)
    if module is not None and not isinstance(module, _Alias):
        return getattr(module, "__file__", None) or "its place in sys.modules"
    for finder in sys.meta_path:  # importlib.util.find_spec would stop at an alias
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
    >>> load_ipython_extension(None)  # doctest: +SKIP
    """
    install_aliases()
    for name in ("d2lzh", "gluonbook", "utils"):
        if not isinstance(sys.modules.get(name), _Alias):
            print(f"gluonrnn: {name} stays the real one at {_real(name)}")


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
