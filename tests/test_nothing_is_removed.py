"""What lay there before a command, under whatever name the package itself uses, lies there after it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from gluonrnn.corpus.lookup import cache_folder
from gluonrnn.training.folders import RESULTS, UNFINISHED
from tests.cli.common import SMALL, TEXT

LONG_AGO = 1_000_000_000

# folders and files as the package, the libraries it uses, and its earlier releases name theirs
FOLDERS = [
    *("gluonrnn-0123abcd", "gluonrnn-20260731", "gluonrnn-abcdefgh", "tmp0a1b2c3d", ".fra-eng-0a1b2c3d", ".kernel"),
    *("chapter", "data", "img", "runs", UNFINISHED, f"{UNFINISHED}-2", "gluonrnn"),
]
FILES = [
    *(".lock", ".replaces-the-run-above", "connection.json", "page.other-1.html", "unfinished-3", "gluonrnn-89abcdef"),
    *(f".{Path(name).stem}-0a1b2c3d{Path(name).suffix}" for name in (*RESULTS, "page.html", "report.xml")),
    *(".model-0123456789abcdef.safetensors", "tmp0a1b2c3e", "timemachine.other-1.txt", "model.other-1.safetensors"),
]


def plant(folder):
    """Lay everything into a folder, and make it all old."""
    for name in FOLDERS:
        (folder / name / "deep").mkdir(parents=True, exist_ok=True)
        (folder / name / "deep" / "mine.txt").write_text("mine")
        for inner in (name, f"{name}/.lock"):
            if not (folder / inner).exists():
                (folder / inner).write_text("mine")
    for name in FILES:
        (folder / name).write_text(f"my {name}")
    for path in [*folder.rglob("*")]:
        os.utime(path, (LONG_AGO, LONG_AGO), follow_symlinks=False)


def state(folders):
    """Return all files as they are now, and all folders."""
    found = [path for folder in folders for path in folder.rglob("*")]
    return {
        path: (path.stat().st_ino, path.stat().st_mode, path.stat().st_mtime_ns, path.read_bytes())
        if path.is_file()
        else "folder"
        for path in found
    }


def test_no_command_removes_what_it_has_not_made(run, clean_world, monkeypatch):
    here, temporary, cache = Path.cwd(), clean_world / "temporary", cache_folder()
    for folder in (here, here / "pages", here / "run", here / "runs", temporary, cache, clean_world / "data"):
        folder.mkdir(parents=True, exist_ok=True)
        plant(folder)
    (cache / "timemachine.txt").write_text("my own")
    (here / "runs" / "own").mkdir()
    (here / "runs" / "own" / "model.safetensors").write_text("mine")
    (here / "own.txt").write_text(TEXT)
    (here / "page.md").write_text("```python\nopen('new', 'w').close()\n```\n")
    monkeypatch.setattr(tempfile, "tempdir", str(temporary))
    monkeypatch.setenv("TMPDIR", str(temporary))
    before = state([clean_world])
    train = ("train", "--corpus", "own.txt", *SMALL)
    rerun = ("rerun", "page.md", "--junit", "pages/report.xml", "-o")
    results = {here / "run" / name for name in RESULTS}
    fonts = clean_world / "cache" / "matplotlib"  # matplotlib's own
    made = {fonts, here / "runs" / "own-2", *results, *(here / "pages" / name for name in ("page.html", "report.xml"))}
    for arguments, expected in {
        (*train, "--epochs", 1): 0,
        (*train, "--epochs", 1, "--out", "run"): 0,
        (*train, "--epochs", 1, "--out", "run", "--quiet"): 1,  # a run is there
        ("train", "--resume", "run", "--epochs", 2): 0,
        (*train, "--epochs", 1, "--out", "run", "--overwrite"): 0,
        ("generate", "run", "--prefix", "over"): 0,
        (*rerun, "pages/page.html"): 0,
        (*rerun, "pages/page.html", "-q"): 2,  # both are there
        (*rerun, "pages/page.html", "--overwrite"): 0,
        (*rerun, "pages/tmp0a1b2c3e"): 2,
        ("corpora",): 0,
        ("corpora", "fetch", "lyrics"): 0,
        ("corpora", "fetch", "timemachine"): 1,
        ("doctor",): 0,
    }.items():
        result = run(*arguments)
        assert result.status == expected, result
        after = state([clean_world])
        changed = {path for path, what in before.items() if after.get(path) != what}
        assert not changed, arguments
        new = {path for path in set(after) - set(before) if not made & {path, *path.parents}}
        assert not new, arguments
