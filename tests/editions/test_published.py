"""The real packages behind their aliases: imported once, under their own name, and never in the alias's place."""

from __future__ import annotations

import json
import sys

import pytest

from gluonrnn.editions.published import import_real


@pytest.fixture
def package(tmp_path, monkeypatch):
    """Lay out a package, and return its name."""
    (tmp_path / "own_package").mkdir()
    (tmp_path / "own_package" / "__init__.py").write_text("loaded = []\n")
    (tmp_path / "own_package" / "part.py").write_text("import own_package\nown_package.loaded.append(__name__)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "own_package"
    for name in ("own_package", "own_package.part"):
        sys.modules.pop(name, None)


def test_a_package_is_imported_once(package):
    part = import_real(f"{package}.part")
    assert part is import_real(f"{package}.part") is sys.modules[f"{package}.part"]
    assert sys.modules[package].loaded == ["own_package.part"]


def test_what_is_imported_already_is_returned_as_it_is():
    assert import_real("json") is json


def test_what_is_not_installed_is_none():
    assert import_real("no_such_package.part") is None


def test_what_cannot_be_imported_says_why(package):
    with pytest.raises(ImportError, match=r"own_package\.missing"):
        import_real(f"{package}.missing")
