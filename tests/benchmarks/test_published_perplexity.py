"""The benchmark of the published perplexities: what it writes is the page "Results" of both languages."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest

from benchmarks import published_perplexity
from benchmarks.published_perplexity import EXPERIMENTS, main

DOCS = Path(__file__).resolve().parents[2] / "docs"


def form_of(page):
    """Return a page with # for each figure, version and stamp."""
    page = re.sub(r"^(Versions: |版本：|translation-of: ).*", r"\1#", page, flags=re.MULTILINE)
    return re.sub(r"[+-]?[\d.]+", "#", page)


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Run the benchmark with the published figures, times `factor`, in place of trainings."""

    def write(*arguments, factor=1.0):
        def measured(name, sampling, seed):
            return {epoch: factor * figure for epoch, figure in EXPERIMENTS[name].published[sampling].items()}

        monkeypatch.setattr(published_perplexity, "measured", measured)
        monkeypatch.setattr(published_perplexity, "PAGES", tmp_path)
        monkeypatch.setattr("sys.argv", ["published_perplexity.py", *arguments])
        status = main()
        pages = {path.parent.name: path.read_text(encoding="utf-8") for path in tmp_path.glob("*/*")}
        return status, pages

    for language in ("en", "zh-cn"):
        (tmp_path / language).mkdir()
    return write


def test_both_pages_have_the_form_of_those_that_stand(written, capsys):
    status, pages = written(factor=0.95)
    assert status == 0
    assert sorted(pages) == ["en", "zh-cn"]
    for language, page in pages.items():
        standing = (DOCS / language / "results.md").read_text(encoding="utf-8")
        assert form_of(page) == form_of(standing)
        assert len(re.findall(r"-5\.0%", page)) == 2 * 4 + 2 * 10
    stamp = hashlib.sha256(pages["en"].encode()).hexdigest()[:12]
    assert f"\ntranslation-of: {stamp}\n" in pages["zh-cn"]
    assert "| **median** |" in capsys.readouterr().out


def test_figures_that_are_too_far_away_leave_the_pages_alone(written, capsys):
    assert written(factor=0.8) == (1, {})
    assert "no page was written" in capsys.readouterr().err
