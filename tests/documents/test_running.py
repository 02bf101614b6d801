"""Real kernels throughout; documents run side by side where a test needs several."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import nbformat
import pytest

from gluonrnn.documents import kernels, rerun, rerun_all, running
from gluonrnn.documents.results import FAILED, NOT_RUN, RAN


def chapter(folder, *cells, name="chapter.md"):
    path = Path(folder, name)
    path.write_text("# A chapter\n\n" + "\n\n".join(f"```python\n{cell}\n```" for cell in cells), encoding="utf-8")
    return path


def statuses(result):
    return [cell.status for cell in result.cells]


def texts(result):
    return [cell.text for cell in result.cells]


# how a cell can come to a bad end -> what is said of it
DISASTERS = {
    "raises": ("import math\n\nmath.sqrt(-1)", "ValueError: .*math domain|ValueError: .*nonnegative"),
    "does not parse": ("def f(:\n    pass", "SyntaxError: "),
    "leaves": ("import sys\nsys.exit(4)", "SystemExit: 4"),
    "waits for input": ("name = input('your name?')", "waits for input, and nobody is there"),
    "kills its kernel": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL"),
    "ends its kernel": ("import os\nos._exit(3)", "ended with status 3"),
    "prints without end": ("while True:\n    print('over and over' * 99)", "printed more than 10,000,000 characters"),
    "takes too long": ("import time\ntime.sleep(99)", "longer than 6 seconds"),
    "will not be interrupted": (
        "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    pass",
        "longer than 6 seconds",
    ),
}


@pytest.fixture(scope="module")
def ends(tmp_path_factory):
    """Run a document for each disaster, with a cell before it and one behind."""
    folder = tmp_path_factory.mktemp("disasters")
    paths = [
        chapter(folder, f"print({name!r})", code, "print('behind')", name=f"{number}.md")
        for number, (name, (code, _)) in enumerate(DISASTERS.items())
    ]
    return dict(zip(DISASTERS, rerun_all(paths, jobs=3, timeout=6)))


@pytest.mark.parametrize("name", DISASTERS)
def test_each_bad_end_is_reported_with_its_cell(ends, name):
    result = ends[name]
    assert statuses(result) == [RAN, FAILED, NOT_RUN]
    assert not result.ok
    [failed] = result.failed
    assert failed.number == 2
    assert re.search(DISASTERS[name][1], failed.error), failed.error


def test_the_source_line_is_named(ends):
    failed = ends["raises"].failed[0]
    assert (failed.where, failed.failing_source) == ("cell 2, line 10", "math.sqrt(-1)")
    assert ends["does not parse"].failed[0].failing_source == "def f(:"


def test_what_was_printed_before_the_end_is_kept(ends):
    text = ends["prints without end"].cells[1].text
    assert text.startswith("over and over")
    assert len(text) <= kernels.MAX_OUTPUT


def test_no_process_is_left_behind(ends, tmp_path):
    started = rerun(chapter(tmp_path, "import subprocess\nprint(subprocess.Popen(['sleep', '99']).pid)\n1 / 0"))
    child = int(started.cells[0].text.split()[0])
    for _ in range(50):
        if not _lives(child):
            break
        time.sleep(0.1)
    assert not _lives(child)
    listing = subprocess.run(
        ["ps", "-o", "args", "--ppid", str(os.getpid())], capture_output=True, text=True, check=True
    )
    assert "ipykernel" not in listing.stdout


def _lives(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{process}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"


def test_a_document_runs_from_top_to_bottom_in_one_kernel_of_this_python(tmp_path):
    path = chapter(
        tmp_path,
        "%matplotlib inline\nimport sys\nsys.path.insert(0, '..')\nimport gluonbook as gb\nsys.executable",
        "from IPython.display import set_matplotlib_formats\nset_matplotlib_formats('svg')\n"
        "from matplotlib import pyplot as plt\nplt.plot([1, 3, 2]);",
        "from mxnet import nd\ngb.to_onehot(nd.array([[0, 1]]), 2)",
        "Out[1]",
    )
    result = rerun(path)
    assert result.ok, result
    assert result.edition == "gluonbook"
    assert texts(result)[0] == texts(result)[3] == repr(sys.executable)
    assert "image/svg+xml" in result.cells[1].outputs[-1]["data"]
    assert texts(result)[2].count("<NDArray 1x2 @cpu(0)>") == 2
    assert [cell.line for cell in result.cells] == [4, 12, 19, 24]
    nbformat.validate(result.notebook)
    assert [cell.cell_type for cell in result.notebook.cells] == ["markdown", "code", "code", "code", "code"]
    assert [cell.execution_count for cell in result.notebook.cells[1:]] == [1, 2, 3, 4]


def test_it_runs_in_a_scratch_folder_and_writes_nowhere_else(tmp_path, monkeypatch):
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.chdir(home)
    folder = tmp_path / "book" / "chapter_x"
    folder.mkdir(parents=True)
    (tmp_path / "book" / "data").mkdir()
    (tmp_path / "book" / "data" / "mine.txt").write_text("my own text")
    path = chapter(
        folder,
        "%matplotlib inline\nimport os\nfrom matplotlib import pyplot as plt\nplt.plot([1, 2])\nos.getcwd()",
        "with open('../data/mine.txt') as f:\n    text = f.read()\nprint(text)",
        "with open('../data/mine.txt', 'w') as f:\n    f.write('lost')\nopen('new.txt', 'w').close()",
    )
    result = rerun(path)
    assert result.ok, result
    scratch = Path(eval(texts(result)[0].splitlines()[-1].replace("<Figure size 640x480 with 1 Axes>", "")))
    assert scratch.name == "chapter"
    assert not scratch.parent.exists()
    assert "my own text" in texts(result)[1]
    assert (tmp_path / "book" / "data" / "mine.txt").read_text() == "my own text"
    assert [p.name for p in folder.iterdir()] == ["chapter.md"]
    assert list(home.rglob("*")) == []


def test_keep_going_runs_what_is_behind_a_failure(tmp_path):
    path = chapter(tmp_path, "a = 1", "b", "print(a)")
    assert statuses(rerun(path)) == [RAN, FAILED, NOT_RUN]
    result = rerun(path, keep_going=True)
    assert statuses(result) == [RAN, FAILED, RAN]
    assert not result.ok
    assert result.cells[2].text == "1\n"


def test_lines_that_install_are_skipped_and_noted(tmp_path):
    result = rerun(chapter(tmp_path, "!pip install no-such-package\nprint('here')", "%pip install no-such-package"))
    assert result.ok
    assert texts(result)[0] == "here\n"
    assert result.notes == [
        f"cell {number}: skipped {mark}pip install no-such-package" for number, mark in ((1, "!"), (2, "%"))
    ]


def test_max_epochs_lowers_what_the_document_says_and_nothing_without_it(tmp_path):
    path = chapter(tmp_path, "num_epochs, lr = 200, 1e2  # many\nprint(num_epochs)")
    lowered = rerun(path, max_epochs=3)
    assert texts(lowered) == ["3\n"]
    assert lowered.cells[0].source == "num_epochs, lr = 3, 1e2  # many\nprint(num_epochs)"
    assert lowered.notes == ["cell 1, line 1: num_epochs 200 -> 3"]
    assert texts(rerun(path)) == ["200\n"]


def test_sample_data_stands_in_for_corpora_that_are_missing(tmp_path):
    code = "from d2l import mxnet as d2l\nbatches, vocab = d2l.load_data_time_machine(4, 5)\nprint(len(vocab))"
    path = chapter(tmp_path, code)
    missing = rerun(path)
    assert statuses(missing) == [FAILED]
    assert "timemachine" in missing.failed[0].error
    assert "--sample-data puts a bundled text in its place" in missing.failed[0].error
    sample = rerun(path, sample_data=True)
    assert sample.ok, sample
    assert texts(sample)[0].endswith("28\n")
    assert any("timemachine.txt" in note and "prose.txt" in note for note in sample.notes)


def test_the_edition_asked_for_wins(tmp_path):
    path = chapter(tmp_path, "import d2l\nprint(d2l.train_ch8.__module__)")
    result = rerun(path, edition="d2l-0.10")
    assert (result.edition, texts(result)) == ("d2l-0.10", ["gluonrnn.editions.d2l010\n"])


def test_a_document_for_another_framework_is_named_as_such(tmp_path):
    result = rerun(
        chapter(tmp_path, "import torch\nfrom torch import nn", "def grad_clipping(params, theta):\n    pass")
    )
    assert statuses(result) == [NOT_RUN, NOT_RUN]
    assert not result.ok
    assert result.problem.startswith("it is written for PyTorch, and gluonrnn runs documents for MXNet.")
    assert "grad_clipping" in result.problem


def test_documents_run_side_by_side_up_to_the_limit(tmp_path):
    code = "import time\nprint(time.time())\ntime.sleep(2)\nprint(time.time())"
    paths = [chapter(tmp_path, code, name=f"{number}.md") for number in range(3)]
    ended = []
    results = rerun_all(paths, jobs=2, on_result=ended.append)
    assert [result.path for result in results] == paths
    assert sorted(result.path for result in ended) == paths
    spans = sorted(tuple(map(float, texts(result)[0].split())) for result in results)
    assert spans[1][0] < spans[0][1]  # the first two at once
    assert spans[2][0] >= min(spans[0][1], spans[1][1])  # the third after one of them


def test_cells_are_told_as_they_end(tmp_path):
    told = []
    path = chapter(tmp_path, "1", "2", "3 / 0")
    rerun(path, on_cell=lambda *what: told.append(what))
    assert told == [(path, done, 3) for done in (0, 1, 2, 3)]


def test_it_can_be_called_from_an_event_loop(tmp_path):
    async def in_a_notebook():
        return rerun(chapter(tmp_path, "print('here')"))

    assert texts(asyncio.run(in_a_notebook())) == ["here\n"]


def test_what_stops_the_caller_stops_the_kernels(tmp_path):
    path = chapter(tmp_path, "import os\nprint(os.getpid(), flush=True)", "while True:\n    pass")

    class EnoughError(Exception):
        pass

    def on_cell(path, done, total):
        if done == 1:
            timer.start()

    stopped = []
    timer = threading.Timer(0.5, lambda: os.kill(os.getpid(), signal.SIGUSR1))

    def handle(number, frame):
        stopped.append(number)
        raise EnoughError

    before = signal.signal(signal.SIGUSR1, handle)
    try:
        with pytest.raises(EnoughError):
            rerun(path, on_cell=on_cell)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert stopped
    listing = subprocess.run(
        ["ps", "-o", "args", "--ppid", str(os.getpid())], capture_output=True, text=True, check=True
    )
    assert "ipykernel" not in listing.stdout


def test_a_kernel_that_does_not_start_is_said_to(tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "_kept_in", lambda folder: {"PYTHONHOME": str(tmp_path)})
    result = rerun(chapter(tmp_path, "1"))
    assert statuses(result) == [NOT_RUN]
    assert "its kernel did not start (" in result.problem
    assert not result.ok


def test_a_file_that_cannot_be_read_is_a_problem_among_others(tmp_path):
    results = rerun_all([tmp_path / "no.md", chapter(tmp_path, "print(1)")])
    assert [result.ok for result in results] == [False, True]
    assert "no.md" in results[0].problem
    with pytest.raises(FileNotFoundError, match=r"no\.md"):
        rerun(tmp_path / "no.md")


@pytest.mark.parametrize(
    ("settings", "error", "words"),
    [
        ({"max_epochs": 0}, ValueError, "max_epochs"),
        ({"max_epochs": 1.5}, (TypeError, ValueError), "max_epochs"),
        ({"timeout": -1}, ValueError, "timeout"),
        ({"edition": "tensorflow"}, ValueError, "no edition 'tensorflow'"),
    ],
)
def test_arguments_are_checked_before_anything_runs(tmp_path, settings, error, words):
    for call in (rerun, lambda path, **settings: rerun_all([path], **settings)):
        with pytest.raises(error, match=words):
            call(tmp_path / "no.md", **settings)


def test_the_number_of_jobs_is_checked():
    with pytest.raises(ValueError, match="jobs"):
        rerun_all([], jobs=0)


def test_without_the_libraries_the_remedy_is_said(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "nbclient", None)
    with pytest.raises(ImportError, match=r"pip install 'gluonrnn\[notebook\]'"):
        rerun(chapter(tmp_path, "1"))


def test_cores_are_shared_out_among_jobs(monkeypatch):
    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("GLUONRNN_DATA", "mine")
    assert "OMP_NUM_THREADS" not in running._environment(1)
    assert running._environment(3)["OMP_NUM_THREADS"] == "2"
    assert running._environment(99)["OMP_NUM_THREADS"] == "1"
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert running._environment(3)["OMP_NUM_THREADS"] == "5"
    assert not {"GLUONRNN_DATA", "MPLBACKEND"} & set(running._environment(1))
