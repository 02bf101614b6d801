"""The package is built in layers: a module imports from its own and those below it, and in no circle."""

from __future__ import annotations

import ast
from pathlib import Path

import gluonrnn

ROOT = Path(gluonrnn.__file__).parent
# from the bottom to the top; "" are the modules beside the folders, which everyone may use
LAYERS = ["", "corpus", "fast", "models", "generation", "plotting", "training", "seq2seq", "editions", "rerun", "cli"]
ABOVE_ALL = {"gluonrnn", "gluonrnn.__main__", "gluonrnn.d2l"}


def name_of(path):
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sorted(ROOT.rglob("*.py")) if "templates" not in path.parts}


def layer_of(module):
    return LAYERS.index(module.split(".")[1] if module.count(".") > 1 or MODULES[module].stem == "__init__" else "")


def imported_by(module):
    """Return the modules of the package that a module imports, at once or within a function."""
    found = set()
    for node in ast.walk(ast.parse(MODULES[module].read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and not node.level:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= (inner & set(MODULES)) or {node.module}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
    return {name for name in found if name in MODULES and name != module}


IMPORTS = {module: imported_by(module) for module in MODULES}


def test_every_folder_is_a_layer():
    folders = {path.parent.relative_to(ROOT).as_posix() for path in MODULES.values()} - {"."}
    assert folders == {*LAYERS} - {""}


def test_no_module_imports_from_above():
    upward = {
        (module, other)
        for module, others in IMPORTS.items()
        for other in others
        if module not in ABOVE_ALL and (other in ABOVE_ALL or layer_of(other) > layer_of(module))
    }
    assert upward == set()


def test_modules_import_each_other_in_no_circle():
    # a package is what its __init__ imports, so that a module of it may not be asked for through it
    left = {module: others - ABOVE_ALL for module, others in IMPORTS.items() if module not in ABOVE_ALL}
    while True:
        free = {module for module, others in left.items() if not others & set(left)}
        if not free:
            break
        left = {module: others for module, others in left.items() if module not in free}
    assert left == {}
