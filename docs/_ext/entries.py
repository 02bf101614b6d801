"""What the pages of the reference describe: every public name, where its entry is, and which editions have it."""

from __future__ import annotations

import importlib
import inspect
import re
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

# module -> what it is called in a list of editions, and its page
EDITIONS = {
    "gluonrnn.editions.utils_2017": ("utils", "reference/edition-utils"),
    "gluonrnn.editions.gluonbook_0_6": ("gluonbook 0.6", "reference/edition-gluonbook_0_6"),
    "gluonrnn.editions.gluonbook": ("gluonbook", "reference/edition-gluonbook"),
    "gluonrnn.editions.d2l_0_10": ("d2l 0.10", "reference/edition-d2l_0_10"),
    "gluonrnn.editions.d2l_0_11": ("d2l 0.11", "reference/edition-d2l_0_11"),
    "gluonrnn.editions.d2l_0_15": ("d2l 0.15", "reference/edition-d2l_0_15"),
    "gluonrnn.editions.d2l": ("d2l 0.17", "reference/edition-d2l"),
}
PUBLIC = ("gluonrnn", *EDITIONS, "gluonrnn.rerun", "gluonrnn.seq2seq")

_DIRECTIVE = re.compile(r"^\.\. (?:auto|py:)(?:class|data|exception|function):: (gluonrnn[\w.]+)")
_TABLE = re.compile(r"^\.\. names::\n   :module: ([\w.]+)$", re.MULTILINE)


class Entry(NamedTuple):
    """The place of one name in the reference."""

    name: str
    page: str
    words: str | None
    """The first paragraph, where it stands on the page itself and not in a docstring."""


def read(folder: Path) -> tuple[list[Entry], set[str]]:
    """Return the entries of the pages in a folder, in order, and the modules that have a table of all their names."""
    entries, modules = [], set()
    for path in sorted(folder.glob("*.rst")):
        text = path.read_text(encoding="utf-8")
        modules.update(_TABLE.findall(text))
        lines = text.splitlines()
        for number, line in enumerate(lines):
            found = _DIRECTIVE.match(line)
            if found:
                words = None if line.startswith(".. auto") else _first_paragraph(lines[number + 1 :])
                entries.append(Entry(found[1], f"{folder.name}/{path.stem}", words))
    return entries, modules


def _first_paragraph(lines: list[str]) -> str:
    """Return the first indented paragraph that is no option."""
    words: list[str] = []
    for line in lines:
        if line.startswith("   ") and not line.strip().startswith(":"):
            words.append(line.strip())
        elif words or (line and not line.startswith(" ")):
            break
    return " ".join(words)


@lru_cache(maxsize=None)
def find(name: str) -> Any:
    """Return the object of a full name."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        try:
            found = importlib.import_module(".".join(parts[:end]))
        except ImportError:
            continue
        for part in parts[end:]:
            found = getattr(found, part)
        return found
    raise ImportError(name)


@lru_cache(maxsize=None)
def exists(name: str) -> bool:
    """Return whether there is an object of a full name."""
    try:
        find(name)
    except (ImportError, AttributeError):
        return False
    return True


def identity(found: Any) -> int:
    """Return what an object and those that only pass its arguments on have in common."""
    return id(inspect.unwrap(found) if callable(found) else found)


def names_of(module: str) -> list[str]:
    """Return the public names of a module, without regard to case."""
    return sorted(find(module).__all__, key=lambda name: (name.lower(), name))


@lru_cache(maxsize=None)
def _owners() -> dict[int, list[str]]:
    """Return the editions that have an object, by its identity."""
    owners: dict[int, list[str]] = {}
    for edition in EDITIONS:
        for name in names_of(edition):
            having = owners.setdefault(identity(find(f"{edition}.{name}")), [])
            if edition not in having:
                having.append(edition)
    return owners


def editions_of(name: str) -> list[str]:
    """Return the editions that have the object of a full name."""
    return _owners().get(identity(find(name)), [])


def problems(entries: list[Entry], tables: set[str]) -> list[str]:
    """Return what is wrong with the reference: names without an entry, and with more than one."""
    found: list[str] = []
    named: dict[int, str] = {}
    for entry in entries:
        if not exists(entry.name):
            found.append(f"{entry.page}: there is no {entry.name}")
            continue
        key = identity(find(entry.name))
        if key in named:
            found.append(f"{entry.page}: {entry.name} has an entry already, {named[key]}")
        named.setdefault(key, entry.name)
    for module in PUBLIC:
        for name in names_of(module):
            key = identity(find(f"{module}.{name}"))
            if key not in named:
                found.append(f"{module}.{name} has no entry in the reference")
                named[key] = f"{module}.{name}"  # said once is enough
    found += [f"{module} has no table of its names in the reference" for module in EDITIONS if module not in tables]
    return found
