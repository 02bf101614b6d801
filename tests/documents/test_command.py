from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as Xml

import nbformat
import pytest

from gluonrnn.cli import main
from gluonrnn.documents import command, running
from gluonrnn.documents.results import FAILED, RAN, CellResult, DocumentResult


@pytest.fixture(autouse=True)
def signals():
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.fixture
def canned(monkeypatch):
    """Run nothing: a document is well unless it is called bad, and what was asked for is kept."""
    asked = {}

    def rerun_all(paths, *, on_cell, on_result, **settings):
        asked.update(settings)
        results = []
        for path in map(Path, paths):
            cell = CellResult(1, 3, "x", FAILED if "bad" in path.name else RAN, error="E" if "bad" in path.name else "")
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"# {path.stem}")])
            results.append(DocumentResult(path, "d2l", [cell], notes=["cell 1: a note"], notebook=notebook))
            on_cell(path, 1, 1)
            on_result(results[-1])
        return results

    monkeypatch.setattr(running, "rerun_all", rerun_all)
    return asked


def test_a_real_document_is_run_reported_and_written(tmp_path, capsys):
    Path("a.md").write_text("# A chapter\n\n$h_t$\n\n```python\nnum_epochs = 9\nprint(num_epochs)\n```\n")
    Path("b.md").write_text("```python\nb.c\n```\n")
    status = main(
        ["rerun", "a.md", "b.md", "--max-epochs", "2", "--jobs", "2", "--to", "html", "-o", "out", "--junit", "r.xml"]
    )
    assert status == 1
    printed = capsys.readouterr().out
    assert "a.md: 1/1 cells, no edition, " in printed
    assert "  cell 1, line 1: num_epochs 9 -> 2\n" in printed
    assert "b.md: 0/1 cells, no edition, " in printed
    assert "  cell 1, line 2: b.c\n    NameError: name 'b' is not defined\n" in printed
    assert "a.md -> out/a.html" in printed
    page = Path("out", "a.html").read_text(encoding="utf-8")
    assert "A chapter" in page
    assert "<math" in page
    assert Path("out", "b.html").exists()
    assert Xml.parse("r.xml").getroot().get("failures") == "1"


def test_a_notebook_is_written_where_it_is_asked_for(canned):
    assert main(["rerun", "good.md", "-o", "deep/new.ipynb"]) == 0
    notebook = nbformat.reads(Path("deep", "new.ipynb").read_text(encoding="utf-8"), as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.gluonrnn.edition == "d2l"
    assert notebook.metadata.gluonrnn.document == "good.md"


def test_without_out_it_is_written_into_the_current_folder(canned):
    assert main(["rerun", "somewhere/good.md", "--to", "ipynb"]) == 0
    assert json.loads(Path("good.ipynb").read_text(encoding="utf-8"))["nbformat"] == 4


def test_options_reach_the_run(canned):
    options = "--edition gluonbook --max-epochs 3 --timeout 2.5 --sample-data --keep-going --jobs 4"
    assert main(["rerun", "good.md", *options.split()]) == 0
    assert canned == {
        "edition": "gluonbook",
        "max_epochs": 3,
        "timeout": 2.5,
        "sample_data": True,
        "keep_going": True,
        "jobs": 4,
    }
    assert main(["rerun", "good.md"]) == 0
    assert canned == {
        "edition": None,
        "max_epochs": None,
        "timeout": None,
        "sample_data": False,
        "keep_going": False,
        "jobs": 1,
    }


def test_quiet_is_one_line_a_document_and_its_failure(canned, capsys):
    assert main(["rerun", "good.md", "bad.md", "-q", "--to", "html"]) == 1
    assert capsys.readouterr().out.splitlines() == [
        "good.md: 1/1 cells, d2l, 0.0 s",
        "bad.md: 0/1 cells, d2l, 0.0 s",
        "  cell 1, line 3: x",
        "    E",
    ]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["a.md", "-o", "out"], "does not say what to write: give --to"),
        (["a.md", "-o", "out.pdf"], "does not say what to write: give --to"),
        (["a.md", "b.md", "-o", "out.html"], "is one file for 2 documents: name a folder"),
        (["x/a.md", "y/a.md", "--to", "html"], "two files would be written to a.html"),
        (["a.md", "--to", "html", "-o", "r.html", "--junit", "r.html"], "two files would be written to r.html"),
        (["a.md", "--to", "html", "-o", "there.html"], "there.html exists: name another file, or pass --overwrite"),
        (["a.md", "--junit", "there.html"], "there.html exists"),
        (["mine.ipynb", "--to", "ipynb", "--overwrite"], "mine.ipynb is a document to run, and would be replaced"),
        (["a.md", "--jobs", "0"], "jobs"),
        (["a.md", "--max-epochs", "0"], "max_epochs"),
        (["a.md", "--timeout", "0"], "timeout"),
        (["a.md", "--edition", "torch"], "no edition 'torch'"),
    ],
)
def test_options_that_do_not_go_together_are_usage_errors(options, words, capsys):
    Path("there.html").write_text("mine")
    Path("mine.ipynb").write_text("mine")
    assert main(["rerun", *options]) == 2
    assert words in capsys.readouterr().err
    assert Path("there.html").read_text() == Path("mine.ipynb").read_text() == "mine"


def test_overwrite_replaces(canned):
    Path("there.html").write_text("mine")
    assert main(["rerun", "good.md", "-o", "there.html", "--overwrite"]) == 0
    assert Path("there.html").read_text(encoding="utf-8") != "mine"


def test_what_cannot_be_read_is_reported_and_fails(capsys):
    assert main(["rerun", "no.md"]) == 1
    assert "no.md: 0/0 cells" in capsys.readouterr().out


def test_the_help_says_whose_rights_a_document_has(capsys):
    assert main(["rerun", "--help"]) == 0
    assert "runs with your own rights" in " ".join(capsys.readouterr().out.split())


def test_a_terminal_sees_a_bar(capsys):
    progress = command._Progress(show=True)
    progress.on_cell(Path("a.md"), 0, 4)
    progress.on_cell(Path("a.md"), 2, 4)
    progress.say(Path("a.md"), "a.md: done")
    printed = capsys.readouterr()
    assert "a.md: " in printed.err
    assert "0/4" in printed.err
    assert printed.out == "a.md: done\n"


def test_a_file_sees_none(capsys):
    progress = command._Progress(show=False)
    progress.on_cell(Path("a.md"), 1, 4)
    progress.say(Path("a.md"), "a.md: done")
    assert capsys.readouterr() == ("a.md: done\n", "")


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_ends_it_with_its_kernel(tmp_path, number, status):
    mark = tmp_path / "kernel.txt"
    code = f"import os\nwith open({str(mark)!r}, 'w') as f:\n    f.write(str(os.getpid()))\nwhile True:\n    pass"
    Path("a.md").write_text(f"```python\n{code}\n```\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "gluonrnn", "rerun", "a.md"],
        env={**os.environ, "PYTHONPATH": str(Path(command.__file__).resolve().parents[2])},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    for _ in range(600):
        if mark.exists() and mark.read_text():
            break
        time.sleep(0.1)
    process.send_signal(number)
    process.communicate(timeout=60)
    assert process.returncode == status
    with pytest.raises(ProcessLookupError):
        os.kill(int(mark.read_text()), 0)
