"""The two languages of the site are compared page by page; whatever is missing or lags behind is named."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def site(tmp_path, monkeypatch):
    """Return the module, with a small site of two pages that agree."""
    spec = importlib.util.spec_from_file_location("translations_of_a_site", DOCS / "translations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in ("en/learn", "zh-cn/learn"):
        (tmp_path / "docs" / name).mkdir(parents=True)
    monkeypatch.setattr(module, "HERE", tmp_path / "docs")
    monkeypatch.setattr(module, "ENGLISH", tmp_path / "docs" / "en")
    monkeypatch.setattr(module, "CHINESE", tmp_path / "docs" / "zh-cn")
    monkeypatch.setattr(module, "BESIDE", {})
    for name, english, chinese in PAGES:
        (module.ENGLISH / name).write_text(english, encoding="utf-8")
        (module.CHINESE / name).write_text(chinese, encoding="utf-8")
        translated(module, name)
    return module


CELL = "```{code-cell} ipython3\n---\nmystnb:\n  image:\n    alt: %s\n---\n1 + 1\n```\n"
PAGES = [
    ("index.md", "# Home\n\n## More\n", "---\ntranslation-of: 0\n---\n\n# 首页\n\n## 更多\n"),
    ("learn/a.md", "# Sums\n\n" + CELL % "two", "---\ntranslation-of: 0\n---\n\n# 加法\n\n" + CELL % "二"),
]


def translated(site, name):
    chinese = site.CHINESE / name
    text = chinese.read_text(encoding="utf-8")
    stamp = site.stamp_of(site.ENGLISH / name)
    chinese.write_text(text.replace("translation-of: 0", f"translation-of: {stamp}"), encoding="utf-8")


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def found(site):
    return [(path.name, fault) for path, fault in site.faults()]


def test_pages_that_agree_have_no_fault(site):
    assert found(site) == []


def test_a_page_in_one_language_only_is_named(site):
    (site.ENGLISH / "new.md").write_text("# New\n", encoding="utf-8")
    (site.CHINESE / "old.md").write_text("# 旧\n", encoding="utf-8")
    assert found(site) == [
        ("new.md", "has no Chinese version: write docs/zh-cn/new.md"),
        ("old.md", "has no English version: write docs/en/old.md, or remove it"),
    ]


def test_a_translation_lags_behind_when_a_letter_of_the_original_changes(site):
    change(site.ENGLISH / "index.md", "Home", "home")
    [(name, fault)] = found(site)
    assert name == "index.md"
    assert "does not say that it renders docs/en/index.md as it is now" in fault


@pytest.mark.parametrize(
    ("name", "old", "new", "fault"),
    [
        ("index.md", "## 更多", "### 更多", "has not the headings of the English page"),
        ("learn/a.md", "1 + 1", "1 + 2", "has other code than the English page in block 1"),
        ("learn/a.md", "```{code-cell}", "```{other}", "has not as many blocks of code"),
        ("index.md", "首页\n\n## 更多", "Home\n\n## More", "has no Chinese character"),
    ],
)
def test_a_translation_that_differs_says_in_what(site, name, old, new, fault):
    change(site.CHINESE / name, old, new)
    assert [name for name, _ in found(site)] == [Path(name).name]
    assert fault in found(site)[0][1]


def test_the_words_for_a_picture_are_each_language_s_own(site):
    change(site.CHINESE / "learn/a.md", "alt: 二", "alt: 两个")
    assert found(site) == []


def test_what_is_translated_beside_the_pages_is_compared_too(site, monkeypatch, tmp_path):
    source, translation = tmp_path / "NEWS.md", tmp_path / "NEWS.zh-CN.md"
    monkeypatch.setattr(site, "BESIDE", {translation: source})
    source.write_text("news", encoding="utf-8")
    assert found(site) == [("NEWS.zh-CN.md", "is missing: translate NEWS.md")]
    translation.write_text(f"<!-- translation-of: {site.stamp_of(source)} -->\n新闻\n", encoding="utf-8")
    assert found(site) == []
    source.write_text("other news", encoding="utf-8")
    assert "NEWS.md as it is now" in found(site)[0][1]


def test_the_command_sets_the_stamp_and_says_that_all_agree(site, monkeypatch, capsys):
    change(site.ENGLISH / "index.md", "Home", "At home")
    monkeypatch.setattr("sys.argv", ["translations.py"])
    assert site.main() == 1
    assert "index.md: does not say" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["translations.py", "--translated", str(site.CHINESE / "index.md")])
    assert site.main() == 0
    assert capsys.readouterr().out == "The two languages agree.\n"


def test_a_page_without_a_stamp_is_not_stamped(site, monkeypatch, capsys):
    change(site.CHINESE / "index.md", "translation-of", "nothing")
    monkeypatch.setattr("sys.argv", ["translations.py", "--translated", str(site.CHINESE / "index.md")])
    with pytest.raises(SystemExit, match="2"):
        site.main()
    assert "has no line translation-of" in capsys.readouterr().err
