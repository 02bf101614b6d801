"""The old import lines themselves: ``import gluonbook as gb``, ``from d2l import mxnet as d2l``, ...

An alias is made by asking only, can be taken back, and never hides a real package silently.
"""

from __future__ import annotations

import importlib
import sys
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

from gluonrnn._checks import short_repr
from gluonrnn.editions import other_chapters
from gluonrnn.editions.published import place_of
from gluonrnn.version import __version__

__all__ = ["ALIASES", "install_aliases", "remove_aliases"]

# what may be asked for -> the module that stands in for it
ALIASES = {
    "d2l": "gluonrnn.editions.d2l",
    "d2l.mxnet": "gluonrnn.editions.d2l",
    "d2l==0.10": "gluonrnn.editions.d2l_0_10",
    "d2l==0.11": "gluonrnn.editions.d2l_0_11",
    "d2l==0.15": "gluonrnn.editions.d2l_0_15",
    "d2l==0.9": "gluonrnn.editions.gluonbook",
    "d2lzh": "gluonrnn.editions.gluonbook",
    "gluonbook": "gluonrnn.editions.gluonbook",
    "gluonbook==0.6": "gluonrnn.editions.gluonbook_0_6",
    "gluonbook==0.6.0": "gluonrnn.editions.utils_2017",
    "utils": "gluonrnn.editions.utils_2017",
}
# releases that are, for the most part, the same as another
_SAME = {"d2l==0.13": "d2l==0.11", "d2l==0.14": "d2l==0.15", "d2l==0.8": "d2l==0.9"}


def _top(name: str) -> str:
    return name.partition("==")[0].partition(".")[0]


def _modules_of(name: str) -> list[str]:
    """Return the names in `sys.modules` of one alias: ``from d2l import mxnet`` makes two."""
    return ["d2l", "d2l.mxnet"] if _top(name) == "d2l" else [_top(name)]


class _Alias(ModuleType):
    """A module under an old name, with the names of its release: an edition's, and what that let through."""

    def __init__(self, name: str, target: ModuleType, hidden: ModuleType | None) -> None:
        super().__init__(name, f"{target.__name__}, under the name {name}.")
        self.__names = other_chapters.names_of_release(target.__name__)
        self.__all__ = sorted([*self.__names, "d2l"] if _top(name) == "d2l" else self.__names)
        self.__spec__ = ModuleSpec(name, None)
        self.__version__ = __version__
        self.__gluonrnn__ = (target, hidden)

    def __getattr__(self, name: str) -> Any:
        if self.__name__ == "d2l" and name == "mxnet":
            return sys.modules["d2l.mxnet"]
        if self.__name__ == "d2l" and name in ("jax", "paddle", "tensorflow", "torch"):
            raise ImportError(
                f"the alias d2l has the MXNet edition alone, but d2l.{name} is asked for: write from d2l import mxnet, "
                "or pip install d2l and call remove_aliases()"
            )
        if name.startswith("__"):  # __path__ would make it a second package
            raise AttributeError(f"the alias {self.__name__!r} has no attribute {name!r}")
        if _top(self.__name__) == "d2l" and name == "d2l":  # as each release lets itself through
            return self
        target = self.__gluonrnn__[0]
        return getattr(target, name) if self.__names.get(name) == "" else other_chapters.look_up(name, target.__name__)

    def __dir__(self) -> list[str]:
        return sorted(self.__all__)


def install_aliases(*names: str, shadow: bool = False) -> list[str]:
    """Make old import lines work as they are written, until `remove_aliases` or the end of Python.

    Parameters
    ----------
    *names : str
        ``"utils"`` (2017); ``"gluonbook"``, or ``"gluonbook==0.6"`` (0.6.1 to 0.6.11, spring
        2018), or ``"gluonbook==0.6.0"`` (with the names of 2017); ``"d2lzh"``; ``"d2l"``, which
        is ``"d2l.mxnet"`` as well (0.16 and 0.17), or ``"d2l==0.15"`` (0.14 and 0.15, 2020), or
        ``"d2l==0.11"`` (0.11 to 0.13, 2019-20, and translation in 0.14), or ``"d2l==0.10"`` (0.10
        to 0.10.3, summer 2019, on ``mxnet.nd``), or ``"d2l==0.9"`` (0.8 and 0.9, as gluonbook).
        Without any, every one that hides no real package and is no alias yet, in its latest
        edition.
    shadow : bool
        Whether an alias may hide a package or a file of that name that Python would find.

    Returns
    -------
    list of str
        The module names that are aliases now, by this call.

    Raises
    ------
    TypeError, ValueError
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
    'gluonrnn.editions.gluonbook_0_6'
    >>> remove_aliases()
    ['gluonbook']
    """
    for name in names:
        if not isinstance(name, str):
            raise TypeError(f"an alias is asked for by a string, but this is {short_repr(name)}: pass its name")
    names = tuple(_SAME.get(name, name) for name in names)
    for name in names:
        if name not in ALIASES:
            raise ValueError(f"there is no alias {name!r}: choose from {', '.join(sorted([*ALIASES, *_SAME]))}")
    if not names:
        names = tuple(name for name in ALIASES if name == _top(name) and not _stands_for(name, shadow))
    wanted: dict[str, str] = {}
    for name in names:
        if wanted.setdefault(_top(name), ALIASES[name]) != ALIASES[name]:
            raise ValueError(f"one module can stand in for one edition, but {', '.join(names)} name two: choose one")
    for top in wanted:
        place = place_of(top)
        if place is not None and not shadow:
            raise ImportError(
                f"an alias {top!r} would hide the real {top} at {place}: uninstall or move that, "
                "or pass shadow=True to hide it"
            )
    made = {module: _alias(module, target) for top, target in wanted.items() for module in _modules_of(top)}
    sys.modules.update(made)
    return list(made)


def _stands_for(name: str, shadow: bool) -> bool:
    return isinstance(sys.modules.get(name), _Alias) or (not shadow and place_of(name) is not None)


def _alias(name: str, target: str) -> _Alias:
    before = sys.modules.get(name)
    hidden = before.__gluonrnn__[1] if isinstance(before, _Alias) else before
    return _Alias(name, importlib.import_module(target), hidden)


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
    for name in sorted({_top(name) for name in ALIASES}):
        if not isinstance(sys.modules.get(name), _Alias):
            print(f"gluonrnn: {name} stays the real one at {place_of(name)}")


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
