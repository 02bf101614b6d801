"""Compare the two languages of the site: ``python docs/translations.py`` says what is missing or lags behind.

A Chinese page says which state of the English one it renders, by the beginning of that file's SHA-256:
``translation-of: 0123456789ab``. After a change of the English page has been translated, say so with

    python docs/translations.py --translated docs/zh-cn/learn/text.md
"""

from __future__ import annotations

import argparse
import hashlib
import re
import sys
from pathlib import Path
from typing import Iterator

HERE = Path(__file__).parent
ENGLISH, CHINESE = HERE / "en", HERE / "zh-cn"
LANGUAGES = {"en": ("en", "English"), "zh-cn": ("zh-CN", "简体中文")}  # folder -> its tag, and its name for itself
SUFFIXES = (".md", ".rst")
# what is translated without being a page: the original, and its translation
BESIDE = {HERE.parent / "CHANGELOG.zh-CN.md": HERE.parent / "CHANGELOG.md"}

_STAMP = re.compile(r"^(?P<before>(?:<!-- )?:?translation-of:) (?P<stamp>\w+)", re.MULTILINE)
_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<kind>[^\n]*)\n(?P<body>.*?)^(?P=fence)\s*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"\{code-cell\}|^(?:python|bash|console|json|text|bibtex|pycon|toml)?$")
_OPTIONS = re.compile(r"\A(?:---\n.*?^---\n|(?::[^\n]*\n)+)", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) ", re.MULTILINE)
_CHINESE_CHARACTER = re.compile(r"[一-鿿]")


def stamp_of(source: Path) -> str:
    """Return what a translation of a file as it is now says that it renders."""
    return hashlib.sha256(source.read_bytes()).hexdigest()[:12]


def pages(folder: Path) -> set[str]:
    """Return the names of the pages of a language."""
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.suffix in SUFFIXES}


def code_of(page: str) -> list[str]:
    r"""Return the blocks of code of a page, without the options of cells.

    Examples
    --------
    >>> code_of("```{code-cell} ipython3\n:tags: [hide-cell]\n1 + 1\n```\n\n```{figure} x.svg\n```\n")
    ['1 + 1\n']
    """
    found = (block for block in _FENCE.finditer(page) if _CODE.search(block["kind"].strip()))
    return [_OPTIONS.sub("", block["body"]) if "code-cell" in block["kind"] else block["body"] for block in found]


def headings_of(page: str) -> list[int]:
    r"""Return the levels of the headings of a page.

    Examples
    --------
    >>> headings_of("# A\n\n```bash\n# no heading\n```\n\n## B\n")
    [1, 2]
    """
    return [len(found[1]) for found in _HEADING.finditer(_FENCE.sub("", page))]


def faults() -> Iterator[tuple[Path, str]]:
    """Yield each file that is missing or lags behind, and in what."""
    english, chinese = pages(ENGLISH), pages(CHINESE)
    for name in sorted(english - chinese):
        yield ENGLISH / name, f"has no Chinese version: write docs/zh-cn/{name}"
    for name in sorted(chinese - english):
        yield CHINESE / name, f"has no English version: write docs/en/{name}, or remove it"
    for name in sorted(english & chinese):
        for fault in _differences(ENGLISH / name, CHINESE / name):
            yield CHINESE / name, fault
    for translation, source in BESIDE.items():
        if not translation.exists():
            yield translation, f"is missing: translate {source.name}"
        elif _stamp_in(translation) != stamp_of(source):
            yield translation, _lags(source)


def _differences(english: Path, chinese: Path) -> Iterator[str]:
    source, translation = english.read_text(encoding="utf-8"), chinese.read_text(encoding="utf-8")
    if _stamp_in(chinese) != stamp_of(english):
        yield _lags(english)
    if english.suffix == ".md" and headings_of(source) != headings_of(translation):
        yield "has not the headings of the English page: give it the same, in the same order"
    for number, (theirs, ours) in enumerate(zip(code_of(source), code_of(translation)), 1):
        if theirs != ours:
            yield f"has other code than the English page in block {number}: copy it"
            break
    if len(code_of(source)) != len(code_of(translation)):
        yield "has not as many blocks of code as the English page: copy the others"
    if not _CHINESE_CHARACTER.search(translation):
        yield "has no Chinese character: translate it"


def _stamp_in(translation: Path) -> str:
    found = _STAMP.search(translation.read_text(encoding="utf-8"))
    return found["stamp"] if found else ""


def _lags(source: Path) -> str:
    return (
        f"does not say that it renders {source.relative_to(HERE.parent)} as it is now: translate what changed, and "
        f"then run python docs/translations.py --translated with this file"
    )


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--translated", nargs="+", type=Path, metavar="FILE", help="these are up to date now")
    for path in parser.parse_args().translated or []:
        path = path.resolve()
        source = BESIDE.get(path) or ENGLISH / path.relative_to(CHINESE)
        text, count = _STAMP.subn(rf"\g<before> {stamp_of(source)}", path.read_text(encoding="utf-8"), count=1)
        if not count:
            parser.error(f"{path} has no line translation-of: write one into its front matter")
        path.write_text(text, encoding="utf-8")
    found = [f"{path}: {fault}" for path, fault in faults()]
    print("\n".join(found) or "The two languages agree.")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main())
