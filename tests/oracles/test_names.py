"""The names of each alias, one by one, beside those of the release that it stands for."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import pkgutil

import pytest

import gluonrnn as gb
from gluonrnn.editions.aliases import ALIASES
from tests.oracles.load import published

# alias -> release, and the module that documents import
RELEASES = {
    "gluonbook==0.6.0": ("gluonbook==0.6", "gluonbook"),
    "gluonbook==0.6": ("gluonbook==0.6.10", "gluonbook"),
    "gluonbook": ("gluonbook", "gluonbook"),
    "d2lzh": ("d2lzh", "d2lzh"),
    "d2l==0.10": ("d2l==0.10.3", "d2l"),
    "d2l==0.11": ("d2l==0.11.4", "d2l"),
    "d2l==0.15": ("d2l==0.15.1", "d2l.mxnet"),
    "d2l": ("d2l==0.17.6", "d2l.mxnet"),
}
SUBMODULES = {module.name for module in pkgutil.iter_modules(gb.__path__)}


def release_of(alias):
    package, module = RELEASES[alias]
    return published(package, module) if "==" in package else importlib.import_module(module)


def public(module):
    return {name: value for name, value in vars(module).items() if not name.startswith("_")}


@pytest.fixture(params=RELEASES)
def pair(request):
    """Return the alias, and the release that it stands for."""
    release, module = release_of(request.param), RELEASES[request.param][1]
    gb.install_aliases(request.param, shadow=True)
    yield request.param, importlib.import_module(module), release
    gb.remove_aliases()


def told(module, name):
    with pytest.raises(AttributeError) as caught:
        getattr(module, name)
    return str(caught.value)


def test_a_name_is_what_it_was_or_is_explained(pair):
    asked, alias, release = pair
    edition = importlib.import_module(ALIASES[asked])
    compared = 0
    for name, value in public(release).items():
        home = value.__name__ if inspect.ismodule(value) else getattr(value, "__module__", None) or ""
        is_own = home.split(".")[0] == release.__name__.split(".")[0] or name.lower().startswith("voc_")
        if name == "d2l":  # each release lets itself through
            assert alias.d2l is alias
        elif inspect.ismodule(value) and is_own:
            assert name == "utils"  # whose names are those of the package
        elif not inspect.ismodule(value) and name in (*edition.__all__, "sgd"):
            assert getattr(alias, name) is getattr(edition, name), name
        elif is_own:
            assert "the chapter" in told(alias, name), name
        elif inspect.ismodule(value) and importlib.util.find_spec(home) is None:
            with pytest.raises(ModuleNotFoundError, match=home):
                getattr(alias, name)
        elif name != "set_matplotlib_formats":  # which IPython has no more
            assert getattr(alias, name) is value, name
            compared += 1
    assert compared > 10


def test_an_alias_shows_nothing_else(pair):
    _, alias, release = pair
    before, after = public(release), {}
    if alias.__name__.startswith("d2l"):  # also for documents that were written between two of its releases
        after = {name for other in RELEASES if other.startswith("d2l") for name in public(release_of(other))}
    assert set(dir(alias)) <= {*before, *after}
    namespace: dict = {}
    exec(f"from {alias.__name__} import *", namespace)
    assert namespace.keys() - {"__builtins__"} == set(dir(alias))
    assert all(namespace[name] is getattr(alias, name) for name in dir(alias))


def test_no_module_of_gluonrnn_stands_behind_an_alias(pair):
    _, alias, release = pair
    for name in SUBMODULES - public(release).keys():
        assert not hasattr(alias, name), name
        with pytest.raises(ModuleNotFoundError):
            importlib.import_module(f"{alias.__name__}.{name}")
