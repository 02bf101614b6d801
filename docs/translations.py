"""Compare the two languages of the site: ``python docs/translations.py`` lists what is missing or lags behind.

A Chinese page says which state of the English one it renders, by the beginning of that file's SHA-256:
``translation-of: 0123456789ab``. One that lags behind tells its readers so, and is no error; only a page that is
missing is one. After a change of the English page has been translated, say so with

    python docs/translations.py --translated docs/zh-cn/learn/text.md

A page that waits for a translator is a copy of the English one: without a stamp, it shows that it is not translated.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
from pathlib import Path
from typing import Iterator, NamedTuple

HERE = Path(__file__).parent
ENGLISH, CHINESE = HERE / "en", HERE / "zh-cn"
LANGUAGES = {"en": ("en", "English"), "zh-cn": ("zh-CN", "简体中文")}  # folder -> its tag, and its name for itself
SUFFIXES = (".md", ".rst")
# what a page includes: the original, and its translation
INCLUDED = {"changelog.md": (HERE.parent / "CHANGELOG.md", HERE.parent / "CHANGELOG.zh-CN.md")}
UNTRANSLATED = "is not translated"

_STAMP = re.compile(r"^(?P<before>(?:<!-- )?:?translation-of:) (?P<stamp>\w+)", re.MULTILINE)
_FENCE = re.compile(r"^(?P<fence>`{3,})(?P<kind>[^\n]*)\n(?P<body>.*?)^(?P=fence)\s*$", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"\{code-cell\}|^(?:python|bash|console|json|text|bibtex|pycon|toml)?$")
_OPTIONS = re.compile(r"\A(?:---\n.*?^---\n|(?::[^\n]*\n)+)", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) ", re.MULTILINE)


class Lag(NamedTuple):
    """In what a translation lags behind."""

    translation: Path
    why: str
    since: str
    """The date of the English change, or nothing where git does not know it."""

    def __str__(self) -> str:
        since = f" (English changed {self.since})" * bool(self.since)
        return f"{self.translation.relative_to(HERE.parent)}: {self.why}{since}"


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


def missing() -> Iterator[str]:
    """Yield what to do about each page that one language lacks."""
    for name in sorted(pages(ENGLISH) ^ pages(CHINESE)):
        if (ENGLISH / name).exists():
            yield f"docs/zh-cn/{name} is missing: translate docs/en/{name}, or copy it for a translator to come"
        else:
            yield f"docs/en/{name} is missing: write it, or remove docs/zh-cn/{name}"


def texts_of(name: str) -> list[tuple[Path, Path]]:
    """Return the files that make a page, each in English and in Chinese."""
    return [(ENGLISH / name, CHINESE / name), *([INCLUDED[name]] if name in INCLUDED else [])]


def lag_of(name: str) -> Lag | None:
    """Return in what the Chinese page of a name lags behind the English one, if it does."""
    for source, translation in texts_of(name):
        why = _difference(source, translation) if source.exists() else ""
        if why:
            return Lag(translation, why, changed_on(source))
    return None


def lags() -> Iterator[Lag]:
    """Yield what lags behind."""
    return filter(None, map(lag_of, sorted(pages(CHINESE))))


def _difference(source: Path, translation: Path) -> str:
    english, chinese = (path.read_text(encoding="utf-8") for path in (source, translation))
    stamp = _STAMP.search(chinese)
    if not stamp:
        return UNTRANSLATED
    if stamp["stamp"] != stamp_of(source):
        return "renders an older English text"
    if source.suffix == ".md" and headings_of(english) != headings_of(chinese):
        return "has other headings than the English text"
    if code_of(english) != code_of(chinese):
        return "has other code than the English text"
    return ""


def changed_on(source: Path) -> str:
    """Return the date of the last commit that changed a file, or nothing where git does not know it."""
    is_known = git("rev-parse", "--is-shallow-repository") == "false"
    return git("log", "-1", "--format=%cs", "--", str(source)) if is_known else ""


def git(*words: str) -> str:
    """Return what git answers about the folder that this is in; nothing where there is no git."""
    try:
        return subprocess.run(["git", *words], cwd=HERE, capture_output=True, text=True).stdout.strip()
    except FileNotFoundError:
        return ""


def main() -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--translated", nargs="+", type=Path, metavar="FILE", help="these are up to date now")
    for path in parser.parse_args().translated or []:
        path = path.resolve()
        sources = {translation: source for source, translation in INCLUDED.values()}
        source = sources.get(path) or ENGLISH / path.relative_to(CHINESE)
        text, count = _STAMP.subn(rf"\g<before> {stamp_of(source)}", path.read_text(encoding="utf-8"), count=1)
        if not count:
            parser.error(f"{path} has no line translation-of: write one into its front matter")
        path.write_text(text, encoding="utf-8")
    gaps = list(missing())
    print("\n".join([*gaps, *map(str, lags())]) or "The two languages agree.")
    return bool(gaps)


if __name__ == "__main__":
    sys.exit(main())
