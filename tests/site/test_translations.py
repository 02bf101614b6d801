"""The two languages of the site are compared page by page; what is missing is an error, what lags behind is listed."""

from __future__ import annotations

import importlib.util
import os
import subprocess
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
    monkeypatch.setattr(module, "INCLUDED", {})
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
    return [(lag.translation.name, lag.why) for lag in site.lags()]


def test_pages_that_agree_lack_nothing(site):
    assert found(site) == []
    assert list(site.missing()) == []


def test_a_page_in_one_language_only_is_named_with_what_to_do(site):
    (site.ENGLISH / "new.md").write_text("# New\n", encoding="utf-8")
    (site.CHINESE / "old.md").write_text("---\ntranslation-of: 0\n---\n\n# 旧\n", encoding="utf-8")
    new, old = site.missing()
    assert "docs/zh-cn/new.md is missing" in new
    assert "docs/en/old.md is missing" in old
    assert found(site) == []


@pytest.mark.parametrize(
    ("folder", "name", "old", "new", "why"),
    [
        ("en", "index.md", "Home", "home", "older English text"),
        ("zh-cn", "index.md", "## 更多", "### 更多", "other headings"),
        ("zh-cn", "learn/a.md", "1 + 1", "1 + 2", "other code"),
        ("zh-cn", "learn/a.md", "```{code-cell}", "```{other}", "other code"),
        ("zh-cn", "index.md", "translation-of", "nothing", "not translated"),
    ],
)
def test_a_page_that_lags_behind_says_in_what(site, folder, name, old, new, why):
    change(site.HERE / folder / name, old, new)
    [(behind, said)] = found(site)
    assert behind == Path(name).name
    assert why in said
    assert list(site.missing()) == []


def test_a_page_that_waits_for_a_translator_is_a_copy(site):
    for folder in (site.ENGLISH, site.CHINESE):
        (folder / "new.md").write_text("# New\n", encoding="utf-8")
    assert found(site) == [("new.md", site.UNTRANSLATED)]
    assert list(site.missing()) == []


def test_the_words_for_a_picture_are_each_language_s_own(site):
    change(site.CHINESE / "learn/a.md", "alt: 二", "alt: 两个")
    assert found(site) == []


def test_what_a_page_includes_is_compared_too(site, monkeypatch, tmp_path):
    source, translation = tmp_path / "NEWS.md", tmp_path / "NEWS.zh-CN.md"
    monkeypatch.setattr(site, "INCLUDED", {"index.md": (source, translation)})
    source.write_text("news", encoding="utf-8")
    translation.write_text(f"<!-- translation-of: {site.stamp_of(source)} -->\n新闻\n", encoding="utf-8")
    assert found(site) == []
    source.write_text("other news", encoding="utf-8")
    assert [name for name, _ in found(site)] == ["NEWS.zh-CN.md"]
    monkeypatch.setattr("sys.argv", ["translations.py", "--translated", str(translation)])
    assert site.main() == 0
    assert found(site) == []


def test_the_command_lists_what_lags_behind_fails_for_what_is_missing_and_sets_stamps(site, monkeypatch, capsys):
    change(site.ENGLISH / "index.md", "Home", "At home")
    monkeypatch.setattr("sys.argv", ["translations.py"])
    assert site.main() == 0
    assert "docs/zh-cn/index.md: renders an older English text" in capsys.readouterr().out
    (site.CHINESE / "learn/a.md").unlink()
    assert site.main() == 1
    assert "docs/zh-cn/learn/a.md is missing" in capsys.readouterr().out
    monkeypatch.setattr("sys.argv", ["translations.py", "--translated", str(site.CHINESE / "index.md")])
    assert site.main() == 1
    assert "index.md" not in capsys.readouterr().out


def test_the_date_of_a_change_is_that_of_its_commit(site):
    index = site.ENGLISH / "index.md"
    assert site.changed_on(index) == ""  # no git
    commit(site, "2026-12-01")
    change(index, "Home", "At home")
    commit(site, "2026-12-24")
    change(site.ENGLISH / "learn/a.md", "Sums", "More sums")
    assert {lag.translation.name: lag.since for lag in site.lags()} == {"index.md": "2026-12-24", "a.md": "2026-12-01"}
    assert "(English changed 2026-12-24)" in "".join(map(str, site.lags()))


def commit(site, day):
    date = f"{day}T12:00:00Z"
    environment = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date, "PATH": os.environ["PATH"]}
    name = ["-c", "user.name=A", "-c", "user.email=a@b.example"]
    for words in (["init", "-q"], ["add", "."], [*name, "commit", "-q", "-m", "A change"]):
        subprocess.run(["git", *words], cwd=site.HERE, env=environment, check=True)


def test_a_page_without_a_stamp_is_not_stamped(site, monkeypatch, capsys):
    change(site.CHINESE / "index.md", "translation-of", "nothing")
    monkeypatch.setattr("sys.argv", ["translations.py", "--translated", str(site.CHINESE / "index.md")])
    with pytest.raises(SystemExit, match="2"):
        site.main()
    assert "has no line translation-of" in capsys.readouterr().err
