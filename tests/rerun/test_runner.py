"""Real kernels throughout; documents run side by side where a test needs several."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import nbformat
import pytest

from gluonrnn import _machine
from gluonrnn.rerun import kernel, rerun, rerun_all, runner
from gluonrnn.rerun.report import FAILED, NOT_RUN, RAN
from gluonrnn.rerun.workspace import temporary_workspace


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
    "calls exit": ("exit()", r"it called exit\(\), so no cell behind it can run"),
    "fails in a magic that shows the error": ("%%capture\n1 / 0", "ZeroDivisionError: division by zero"),
    "fails to be shown": ("class Odd:\n    def __repr__(self):\n        1 / 0\nOdd()", "ZeroDivisionError"),
    "waits for input": ("name = input('your name?')", "waits for input, and nobody is there"),
    "kills its kernel": ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)", "killed by SIGKILL, as .* memory"),
    "aborts": ("import os\nos.abort()", "its kernel was killed by SIGABRT$"),
    "crashes": (
        "import ctypes, mxnet\nctypes.CDLL(None).memset(ctypes.c_void_p(8), 0, 8)",
        "killed by SIGSEGV, for it used memory that is not its own",
    ),
    "stops its kernel": ("import os, signal\nos.kill(os.getpid(), signal.SIGSTOP)", "stopped by a signal"),
    "ends its kernel": ("import os\nos._exit(3)", "ended with status 3"),
    "prints without end": ("while True:\n    print('over and over' * 99)", "printed more than 10,000,000 characters"),
    "prints too much, and ends": ("print('x' * 10_000_001)", "printed more than 10,000,000 characters"),
    "shows too much": ("for _ in 'abc':\n    display({'text/plain': 'x' * 4_000_000}, raw=True)", "printed more than"),
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
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "_STOPPED_SECONDS", 2)
        return dict(zip(DISASTERS, rerun_all(paths, jobs=3, timeout=6)))


@pytest.mark.slow
@pytest.mark.parametrize("name", DISASTERS)
def test_each_bad_end_is_reported_with_its_cell(ends, name):
    result = ends[name]
    assert statuses(result) == [RAN, FAILED, NOT_RUN]
    assert not result.ok
    [failed] = result.failed
    assert failed.number == 2
    assert re.search(DISASTERS[name][1], failed.error), failed.error


@pytest.mark.slow
def test_the_source_line_is_named(ends):
    failed = ends["raises"].failed[0]
    assert (failed.where, failed.failing_source) == ("cell 2, line 10", "math.sqrt(-1)")
    assert ends["does not parse"].failed[0].failing_source == "def f(:"


@pytest.mark.slow
def test_what_was_printed_before_the_end_is_kept(ends):
    text = ends["prints without end"].cells[1].text
    assert text.startswith("over and over")
    assert len(text) <= kernel.MAX_OUTPUT


@pytest.mark.slow
def test_no_process_is_left_behind(ends, tmp_path):
    mark = f"98.{os.getpid()}"  # others may run this test at the same time
    code = "import subprocess\nprint(subprocess.Popen(['sh', '-c', 'trap : HUP INT TERM; sleep 99; sleep 99']).pid)"
    started = rerun(chapter(tmp_path, code, f"!sleep {mark}"), timeout=5)
    assert statuses(started) == [RAN, FAILED]
    wait_until(lambda: not _lives(int(started.cells[0].text)))
    listing = subprocess.run(["ps", "-eo", "ppid,args"], capture_output=True, text=True, check=True).stdout
    assert f"sleep {mark}" not in listing
    assert not re.search(rf"(?m)^ *{os.getpid()} .*ipykernel", listing)


def wait_until(condition):
    for _ in range(100):
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it has taken ten seconds")


def _lives(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.slow
def test_a_cell_that_does_nothing_for_too_long_is_stopped_unless_it_has_its_time(tmp_path, monkeypatch):
    monkeypatch.setattr(kernel, "_STILL_SECONDS", 2)
    polls = "import time\nfor _ in range(15):\n    time.sleep(0.3)"
    result = rerun(
        chapter(tmp_path, polls, "import threading\nlock = threading.Lock()\nlock.acquire()\nlock.acquire()")
    )
    assert statuses(result) == [RAN, FAILED]
    assert "has not done anything for 2 seconds" in result.failed[0].error
    watched, still = kernel.Kernel(SimpleNamespace(printed=0), threading.Event()), SimpleNamespace(idle=9, stopped=0)
    assert watched._reason_to_stop(9, None, still)
    assert not watched._reason_to_stop(9, 10, still)


# a cell that fails -> the line of it that is named
FAILING_LINES = {
    "def f():\n    1 / 0\n\nf()": "f()",
    "import math\nf(  # of the cell before\n)": "f(  # of the cell before",
    "class A:\n    f()": "class A:",
    "x = 1\nexec('\\n\\n\\n1 / 0')": "exec('\\n\\n\\n1 / 0')",
    "x = 1\neval('(')": "eval('(')",
    "x = 1\nfor": "for",
    "import asyncio\nawait asyncio.wait_for(asyncio.sleep(9), 0)": "await asyncio.wait_for(asyncio.sleep(9), 0)",
    "x = 1\n%nosuch": "%nosuch",
    "%%time\nx = 1\n1 / 0": "1 / 0",
    "%%time\nx = 1\nx = = 2": "x = = 2",
    "%%capture\nx = 1\n1 / 0": "1 / 0",
    "%%bash\nexit 3": "%%bash",
    "# a comment\n1 / 0": "1 / 0",
    "import sys\nfor name in list(sys.modules):\n    'gluonrnn' in name and sys.modules.pop(name)\n1 / 0": "1 / 0",
}


def test_the_line_that_failed_is_named(tmp_path):
    result = rerun(chapter(tmp_path, *FAILING_LINES), keep_going=True)
    assert [cell.failing_source for cell in result.failed] == list(FAILING_LINES.values())


@pytest.mark.slow
def test_what_a_cell_may_do(tmp_path, monkeypatch):
    """Each of these runs, and what it prints and shows is kept."""
    widget = "{'_model_name': 'M', '_model_module': 'm', '_model_module_version': '1'}"
    cells = {
        "# only a comment": "",
        "print('x' * 900)": "x" * 900 + "\n",
        "for part in 'abc':\n    get_ipython().display_pub.clear_output()\n    print(part * 900)": "c" * 900 + "\n",
        "display({'image/png': 5}, raw=True)\nprint('that was no picture')": "that was no picture\n",
        "handle = display('first', display_id=True)": "'second'",
        "handle.update('second')": "",
        "import os\nos.chdir('/')\nprint(os.getcwd())": "/\n",
        f"import comm\nc = comm.create_comm(target_name='jupyter.widget', data={{'state': {widget}}})": "",
        "from multiprocessing import Pool\nwith Pool(2) as pool:\n    print(pool.map(abs, [-1, 2]))": "[1, 2]\n",
        "import atexit, time\natexit.register(time.sleep, 99);": "",
        "exit()": "",  # the last cell may
    }
    monkeypatch.setattr(kernel, "MAX_OUTPUT", 1000)  # of one cell
    started = time.monotonic()
    result = rerun(chapter(tmp_path, *cells))
    assert result.ok, result
    assert texts(result) == list(cells.values())
    assert time.monotonic() - started < 60
    [state] = result.notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"].values()
    assert state["model_name"] == "M"


def test_a_kernel_that_dies_between_cells_fails_the_next(tmp_path):
    dying = "import os, threading\nthreading.Timer(0.5, os._exit, [5]).start()"
    result = rerun(chapter(tmp_path, dying, "import time\ntime.sleep(9)", "3"), keep_going=True)
    assert statuses(result) == [RAN, FAILED, NOT_RUN]
    assert result.failed[0].error == "its kernel ended with status 5"


@pytest.mark.slow
def test_output_that_is_behind_is_waited_for(tmp_path, monkeypatch):
    path = chapter(tmp_path, "for i in range(1000):\n    print(i, flush=True)")
    assert texts(rerun(path)) == ["".join(f"{i}\n" for i in range(1000))]
    monkeypatch.setattr(kernel, "_OUTPUT_SECONDS", 0)
    assert rerun(path).failed[0].error == "it ended, but not all that it printed came within 0 seconds"


@pytest.mark.slow
def test_a_cell_that_is_no_text_fails(tmp_path):
    cells = [nbformat.v4.new_code_cell(source) for source in ("'\ud83d'", "print(2)")]
    path = tmp_path / "half-a-smile.ipynb"
    path.write_text(json.dumps(nbformat.v4.new_notebook(cells=cells)))
    result = rerun(path, keep_going=True)
    assert statuses(result) == [FAILED, RAN]
    assert result.failed[0].error == "it is no text that Python can run (surrogates not allowed)"


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
    (tmp_path / "book" / ".kernel").write_text("my own")
    path = chapter(
        folder,
        "%matplotlib inline\nimport os\nfrom matplotlib import pyplot as plt\nplt.plot([1, 2])\nos.getcwd()",
        "with open('../data/mine.txt') as f:\n    text = f.read()\nprint(text, open('../.kernel').read())",
        "with open('../data/mine.txt', 'w') as f:\n    f.write('lost')\nopen('new.txt', 'w').close()",
    )
    result = rerun(path)
    assert result.ok, result
    workspace = Path(eval(texts(result)[0].splitlines()[-1].replace("<Figure size 640x480 with 1 Axes>", "")))
    assert workspace.name == "chapter"
    assert not workspace.parent.exists()
    assert texts(result)[1] == "my own text my own\n"
    assert (tmp_path / "book" / "data" / "mine.txt").read_text() == "my own text"
    assert [p.name for p in folder.iterdir()] == ["chapter.md"]
    assert list(home.rglob("*")) == []


def test_keep_going_runs_what_is_behind_a_failure(tmp_path):
    result = rerun(chapter(tmp_path, "a = 1", "b", "print(a)"), keep_going=True)
    assert statuses(result) == [RAN, FAILED, RAN]
    assert not result.ok
    assert result.cells[2].text == "1\n"


@pytest.mark.slow
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
    untouched = runner._plan(path, runner._Settings())
    assert untouched.sources == [cell.source for cell in untouched.document.code]


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_edition_asked_for_wins(tmp_path):
    path = chapter(tmp_path, "import d2l\nprint(d2l.train_ch8.__module__)")
    result = rerun(path, edition="d2l-0.10")
    assert (result.edition, texts(result)) == ("d2l-0.10", ["gluonrnn.editions.d2l_0_11\n"])


def test_a_document_for_another_framework_is_named_as_such(tmp_path):
    result = rerun(
        chapter(tmp_path, "import torch\nfrom torch import nn", "def grad_clipping(params, theta):\n    pass")
    )
    assert statuses(result) == [NOT_RUN, NOT_RUN]
    assert not result.ok
    assert result.problem.startswith("it is written for PyTorch, and gluonrnn runs documents for MXNet.")
    assert "grad_clipping" in result.problem


@pytest.mark.slow
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


@pytest.mark.slow
def test_cells_are_told_as_they_end(tmp_path):
    told = []
    path = chapter(tmp_path, "1", "2", "3 / 0")
    rerun(path, on_cell=lambda *what: told.append(what))
    assert told == [(path, done, 3) for done in (0, 1, 2, 3)]


@pytest.mark.slow
def test_it_can_be_called_from_an_event_loop(tmp_path):
    async def in_a_notebook():
        return rerun(chapter(tmp_path, "print('here')"))

    assert texts(asyncio.run(in_a_notebook())) == ["here\n"]


@pytest.fixture
def signalled():
    """Return a function that makes a signal raise an error in the main thread, after a while."""
    timers, errors = [], []

    def handle(number, frame):
        raise errors[0]

    def after(seconds, error):
        errors.append(error)
        timers.append(threading.Timer(seconds, os.kill, [os.getpid(), signal.SIGUSR1]))
        timers[-1].start()

    before = signal.signal(signal.SIGUSR1, handle)
    yield after
    for timer in timers:
        timer.join()
    signal.signal(signal.SIGUSR1, before)


@pytest.mark.slow
def test_what_stops_the_caller_stops_the_kernels_and_tells_what_ran(tmp_path, signalled):
    code = "import os\nprint(os.getpid())", "while True:\n    pass"
    paths = [chapter(tmp_path, *code, name=f"{number}.md") for number in range(2)]
    told = []

    def on_cell(path, done, total):
        if done == 1:
            signalled(0.5, KeyboardInterrupt)

    with pytest.raises(KeyboardInterrupt):
        rerun_all(paths, on_cell=on_cell, on_result=told.append)
    assert [result.path for result in told] == paths[:1]
    assert statuses(told[0]) == [RAN, FAILED]
    assert told[0].failed[0].error == "interrupted"
    assert not _lives(int(told[0].cells[0].text))


def sleeping_kernel(monkeypatch):
    """Make kernels that never come up; return the list of what is asked of the system to start one."""
    started = []

    class Popen(subprocess.Popen):
        def __init__(self, command, **settings):
            super().__init__([sys.executable, "-c", "import time; time.sleep(99)"], **settings)
            started.append(self)

    monkeypatch.setattr("jupyter_client.launcher.Popen", Popen)
    return started


def test_what_stops_the_caller_stops_a_kernel_that_is_starting(tmp_path, monkeypatch, signalled):
    started = sleeping_kernel(monkeypatch)
    at = time.monotonic()
    signalled(1, OSError("enough"))
    with pytest.raises(OSError, match="enough"):
        rerun(chapter(tmp_path, "1"))
    assert time.monotonic() - at < 20
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_a_kernel_that_takes_too_long_to_start_is_said_to(tmp_path, monkeypatch):
    started = sleeping_kernel(monkeypatch)
    monkeypatch.setattr(kernel, "_STARTUP_SECONDS", 1)
    assert "its kernel did not start (Kernel didn't respond in 1 seconds)" in rerun(chapter(tmp_path, "1")).problem
    assert [process.returncode for process in started] == [-signal.SIGKILL]


def test_a_kernel_that_does_not_start_is_said_to(tmp_path, monkeypatch):
    monkeypatch.setattr(kernel, "_kept_in", lambda folder: {"PYTHONHOME": str(tmp_path)})
    result = rerun(chapter(tmp_path, "1"))
    assert statuses(result) == [NOT_RUN]
    assert "its kernel did not start (ModuleNotFoundError: No module named 'encodings')" in result.problem
    assert not result.ok


def test_a_python_that_is_gone_is_said_to_be(tmp_path, monkeypatch):
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    result = rerun(chapter(tmp_path, "1"))
    assert re.fullmatch(r"its kernel did not start \(.*No such file or directory.*\)", result.problem)


@pytest.mark.slow
def test_a_document_for_which_there_is_no_room_costs_no_other(tmp_path, monkeypatch):
    paths = [chapter(tmp_path, "print(1)", name=name) for name in ("first.md", "second.md")]

    @contextlib.contextmanager
    def full(document, edition, *, sample_data):
        if document.path == paths[0]:
            raise OSError(28, "No space left on device")
        with temporary_workspace(document, edition, sample_data=sample_data) as workspace:
            yield workspace

    monkeypatch.setattr(runner, "temporary_workspace", full)
    first, second = rerun_all(paths)
    assert first.problem == "it has no folder to run in ([Errno 28] No space left on device)"
    assert statuses(first) == [NOT_RUN]
    assert second.ok


@pytest.mark.slow
def test_an_error_of_the_callback_is_the_callers_and_ends_the_rest(tmp_path):
    paths = [chapter(tmp_path, code, name=f"{n}.md") for n, code in enumerate(["1", "import time\ntime.sleep(99)"])]

    def on_cell(path, done, total):
        if path == paths[0]:
            raise RuntimeError("mine")

    at = time.monotonic()
    with pytest.raises(RuntimeError, match="mine"):
        rerun_all(paths, jobs=2, on_cell=on_cell)
    assert time.monotonic() - at < 60


@pytest.mark.slow
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


def test_cores_are_shared_out_among_documents_that_run(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(runner, "_environment", asked.append)
    monkeypatch.setattr(runner, "_result", lambda plan, *rest: plan)
    here = [chapter(tmp_path, "1", name=f"{number}.md") for number in range(2)]
    rerun_all([*here, tmp_path / "no.md"], jobs=8)
    rerun_all(here, jobs=1)
    rerun_all([])
    assert asked == [2, 1, 0]


def test_cores_are_shared_out_among_jobs(monkeypatch):
    monkeypatch.setattr(_machine, "num_cores", lambda: 8)
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("MXNET_OMP_MAX_THREADS", raising=False)
    monkeypatch.setenv("GLUONRNN_DATA", "mine")
    shares = [runner._environment(jobs)["OMP_NUM_THREADS"] for jobs in (0, 1, 3, 99)]
    assert shares == ["8", "8", "2", "1"]
    monkeypatch.setenv("OMP_NUM_THREADS", "5")
    assert runner._environment(3)["OMP_NUM_THREADS"] == "5"
    monkeypatch.setenv("PYTHONSTARTUP", "mine.py")
    assert not {"GLUONRNN_DATA", "MPLBACKEND", "PYTHONSTARTUP"} & set(runner._environment(1))
