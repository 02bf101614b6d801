from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from xml.etree import ElementTree as Xml

import nbformat
import psutil
import pytest

from gluonrnn.cli import rerun
from gluonrnn.cli.main import main
from gluonrnn.rerun import runner
from gluonrnn.rerun.report import FAILED, NOT_RUN, RAN, CellResult, DocumentResult


@pytest.fixture
def canned(monkeypatch):
    """Run nothing: what becomes of a document is in its name, and what was asked for is kept."""
    asked = {}
    become = {"bad": (FAILED, "E"), "stopped": (FAILED, "interrupted"), "late": (NOT_RUN, "")}

    def rerun_all(paths, *, on_cell=None, on_result=None, **settings):
        asked.update(settings)
        for path in map(Path, paths):
            status, error = become.get(path.stem, (RAN, ""))
            notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(f"# {path.stem}")])
            cell = CellResult(1, 3, "x", status, error=error)
            on_cell(path, 0, 1)
            on_result(DocumentResult(path, "d2l", [cell], notes=["cell 1: a note"], notebook=notebook))
            if path.stem == "stopped":
                raise KeyboardInterrupt

    monkeypatch.setattr(runner, "rerun_all", rerun_all)
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


@pytest.mark.slow
def test_a_chapter_of_prose_is_written_too(capsys):
    Path("bptt.md").write_text("# Back-propagation\n\n$$h_t = f(h_{t-1})$$\n")
    assert main(["rerun", "bptt.md", "--to", "html"]) == 0
    assert "bptt.md: 0/0 cells" in capsys.readouterr().out
    assert "<math" in Path("bptt.html").read_text(encoding="utf-8")


def test_a_notebook_is_written_where_it_is_asked_for(canned):
    for options in ([], ["--overwrite"]):
        assert main(["rerun", "good.md", "-o", "deep/new.ipynb", *options]) == 0
    notebook = nbformat.reads(Path("deep", "new.ipynb").read_text(encoding="utf-8"), as_version=4)
    nbformat.validate(notebook)
    assert notebook.metadata.gluonrnn.edition == "d2l"
    assert notebook.metadata.gluonrnn.document == "good.md"


def test_without_out_it_is_written_into_the_current_folder(canned):
    assert main(["rerun", "somewhere/good.md", "--to", "ipynb"]) == 0
    assert json.loads(Path("good.ipynb").read_text(encoding="utf-8"))["nbformat"] == 4


def test_options_reach_the_run(canned):
    given = {
        "edition": "gluonbook",
        "max_epochs": 3,
        "timeout": 2.5,
        "sample_data": True,
        "keep_going": True,
        "jobs": 4,
    }
    options = "--edition gluonbook --max-epochs 3 --timeout 2.5 --sample-data --keep-going --jobs 4"
    assert main(["rerun", "good.md", *options.split()]) == 0
    assert canned == given
    assert main(["rerun", "good.md"]) == 0
    assert canned == {**dict.fromkeys(given), "sample_data": False, "keep_going": False, "jobs": 1}


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
        (["a.md", "--to", "html", "-o", "new.ipynb"], "new.ipynb is not named as html is: leave out --to"),
        (["a.md", "-o", "folder.html", "--overwrite"], "folder.html cannot be written, and would be missed"),
        (["a.md", "--junit", "there.html/r.xml"], "there.html/r.xml cannot be written"),
        (["a.md", "--to", "html", "-o", "there.html/deep/in"], "there.html/deep/in/a.html cannot be written"),
        (["a.md", "--jobs", "0"], "jobs"),
        (["a.md", "--max-epochs", "0"], "max_epochs"),
        (["a.md", "--timeout", "0"], "timeout"),
        (["a.md", "--edition", "torch"], "no edition 'torch'"),
    ],
)
def test_options_that_do_not_go_together_are_usage_errors(options, words, capsys):
    Path("there.html").write_text("mine")
    Path("mine.ipynb").write_text("mine")
    Path("there.html").chmod(0o755)
    Path("folder.html").mkdir()
    assert main(["rerun", *options]) == 2
    assert words in capsys.readouterr().err
    assert Path("there.html").read_text() == Path("mine.ipynb").read_text() == "mine"


def test_a_folder_that_may_not_be_written_to_is_noticed_before_the_run(canned, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(rerun.os, "access", lambda *what: asked.append(what))
    assert main(["rerun", "good.md", "-o", "new/good.html"]) == 2
    assert "new/good.html cannot be written" in capsys.readouterr().err
    assert asked == [(Path.cwd(), os.W_OK | os.X_OK)]
    assert canned == {}


def test_a_library_that_the_page_needs_is_missed_before_the_run(canned, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "nbconvert", None)
    assert main(["rerun", "good.md", "--to", "html"]) == 1
    printed = capsys.readouterr()
    assert "pip install 'gluonrnn[notebook]'" in printed.err
    assert printed.out == ""
    assert main(["rerun", "good.md", "--to", "ipynb"]) == 0


def test_what_ran_is_written_although_the_next_is_interrupted(canned, capsys):
    options = ["--to", "ipynb", "--junit", "r.xml", "-q"]
    assert main(["rerun", "good.md", "stopped.md", "never.md", *options]) == 130
    assert sorted(path.name for path in Path.cwd().iterdir()) == ["good.ipynb", "r.xml", "stopped.ipynb"]
    assert [suite.get("name") for suite in Xml.parse("r.xml").getroot()] == ["good.md", "stopped.md"]
    printed = capsys.readouterr()
    assert printed.out.splitlines()[1:] == [
        "stopped.md: 0/1 cells, d2l, 0.0 s",
        "  cell 1, line 3: x",
        "    interrupted",
    ]
    assert printed.err == "gluonrnn: error: interrupted\n"


def test_a_document_of_which_nothing_ran_replaces_nothing(canned, capsys):
    Path("late.html").write_text("mine")
    assert main(["rerun", "late.md", "--to", "html", "--overwrite"]) == 1
    assert Path("late.html").read_text() == "mine"
    assert "->" not in capsys.readouterr().out


def test_one_that_cannot_be_written_costs_no_other(canned, monkeypatch, capsys):
    rendered = rerun._rendered

    def full(result, suffix):
        if result.path.name == "first.md":
            raise OSError("no space left")
        return rendered(result, suffix)

    monkeypatch.setattr(rerun, "_rendered", full)
    assert main(["rerun", "first.md", "good.md", "--to", "ipynb"]) == 1
    assert [path.name for path in Path.cwd().iterdir()] == ["good.ipynb"]
    assert "  first.ipynb could not be written: OSError: no space left\n" in capsys.readouterr().out


def test_names_that_are_no_text_are_written(canned):
    name = os.fsdecode(b"\xff")
    assert main(["rerun", f"{name}.md", "--to", "ipynb", "--junit", "r.xml"]) == 0
    assert (
        json.loads(Path(f"{name}.ipynb").read_text(encoding="utf-8"))["metadata"]["gluonrnn"]["document"]
        == f"{name}.md"
    )
    assert Xml.parse("r.xml").getroot()[0].get("name") == ".md"


def test_the_report_has_the_order_of_the_command_line(monkeypatch):
    def rerun_all(paths, *, on_result=None, **settings):
        for path in reversed(list(map(Path, paths))):
            on_result(DocumentResult(path, "d2l", []))

    monkeypatch.setattr(runner, "rerun_all", rerun_all)
    assert main(["rerun", "a.md", "b.md", "c.md", "--junit", "r.xml"]) == 0
    assert [suite.get("name") for suite in Xml.parse("r.xml").getroot()] == ["a.md", "b.md", "c.md"]


def test_what_cannot_be_read_is_reported_and_fails(capsys):
    assert main(["rerun", "no.md"]) == 1
    assert "no.md: 0/0 cells" in capsys.readouterr().out


def test_the_help_says_whose_rights_a_document_has(capsys):
    assert main(["rerun", "--help"]) == 0
    assert "runs with your own rights" in " ".join(capsys.readouterr().out.split())


def test_a_terminal_sees_a_bar(capsys):
    progress = rerun._Progress(show=True)
    progress.on_cell(Path("a.md"), 0, 4)
    [bar] = progress._bars.values()
    progress.on_cell(Path("a.md"), 1, 4)
    progress.on_cell(Path("a.md"), 3, 4)
    assert bar.n == 3
    progress.say(Path("a.md"), "a.md: done")
    assert bar.disable
    assert progress._bars == {}
    printed = capsys.readouterr()
    assert printed.err.endswith("\r")  # and the bar is wiped out
    assert "a.md: " in printed.err
    assert "0/4" in printed.err
    assert printed.out == "a.md: done\n"


@pytest.mark.parametrize(("options", "bars"), [([], 1), (["-q"], 0)])
def test_bars_are_for_terminals_and_go_with_the_run(monkeypatch, options, bars):
    closed = []

    class Progress(rerun._Progress):
        def close(self):
            closed.append(len(self._bars))
            super().close()

    def rerun_all(paths, *, on_cell=None, **settings):
        if paths:
            on_cell(Path("a.md"), 0, 1)
            raise KeyboardInterrupt

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setattr(rerun, "_Progress", Progress)
    monkeypatch.setattr(runner, "rerun_all", rerun_all)
    assert main(["rerun", "a.md", *options]) == 130
    assert closed == [bars]


def test_a_file_sees_none(capsys):
    progress = rerun._Progress(show=False)
    progress.on_cell(Path("a.md"), 1, 4)
    progress.say(Path("a.md"), "a.md: done")
    assert capsys.readouterr() == ("a.md: done\n", "")


def test_signals_are_handled_during_the_run_alone(monkeypatch):
    during = []

    def rerun_all(paths, **settings):
        during[:] = [signal.getsignal(number) for number in numbers]

    monkeypatch.setattr(runner, "rerun_all", rerun_all)
    numbers = (signal.SIGTERM, signal.SIGHUP)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)  # as nohup does
    try:
        assert main(["rerun", "a.md"]) == 0
        assert during == [rerun._end, signal.SIG_IGN]
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
        assert main(["rerun", "a.md"]) == 0
        assert during == [rerun._end, rerun._end]
    finally:
        signal.signal(signal.SIGHUP, before)


def test_it_runs_in_a_thread_too(canned):
    statuses = []
    thread = threading.Thread(target=lambda: statuses.append(main(["rerun", "good.md"])))
    thread.start()
    thread.join()
    assert statuses == [0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -signal.SIGKILL)]
)
def test_a_signal_ends_it_with_its_kernel(tmp_path, number, status):
    mark = tmp_path / "kernel.txt"
    code = f"import os\nwith open({str(mark)!r}, 'w') as f:\n    f.write(str(os.getpid()))\nwhile True:\n    pass"
    Path("a.md").write_text(f"```python\n{code}\n```\n")
    process = subprocess.Popen(
        [sys.executable, "-m", "gluonrnn", "rerun", "a.md"],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(rerun.__file__).resolve().parents[2]),
            "TMPDIR": str(tmp_path),  # where a folder stays after SIGKILL
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    for _ in range(600):
        if mark.exists() and mark.read_text():
            break
        time.sleep(0.1)
    process.send_signal(number)
    printed, _ = process.communicate(timeout=60)
    assert process.returncode == status
    if number == signal.SIGKILL:
        deadline = time.monotonic() + 10
        while psutil.pid_exists(int(mark.read_text())) and time.monotonic() < deadline:
            time.sleep(0.1)  # for the kernel looks every second whether its parent is there
    else:
        assert b"    interrupted" in printed
        assert not list(tmp_path.glob("gluonrnn-*"))
    assert not psutil.pid_exists(int(mark.read_text()))
