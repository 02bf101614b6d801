from __future__ import annotations

import sys
import types

import pytest

import gluonrnn as gb
from gluonrnn.corpus import hub
from gluonrnn.rerun import kernel_setup


@pytest.fixture(autouse=True)
def clean_up(monkeypatch):
    for name in [name for name in sys.modules if name.split(".")[0] in ("gluonbook", "d2l", "utils")]:
        monkeypatch.delitem(sys.modules, name)
    yield
    gb.remove_aliases()
    hub.SAMPLE_FILES.clear()


def test_a_real_package_is_hidden(monkeypatch):
    monkeypatch.setitem(sys.modules, "utils", types.ModuleType("utils"))
    kernel_setup.prepare(["utils"])
    assert sys.modules["utils"].SGD is not None


def test_the_function_that_ipython_9_dropped_is_back(monkeypatch):
    display = __import__("IPython.display", fromlist=["display"])
    monkeypatch.delattr(display, "set_matplotlib_formats", raising=False)
    kernel_setup.prepare([])
    from IPython.display import set_matplotlib_formats
    from matplotlib_inline import backend_inline

    calls = []
    monkeypatch.setattr(backend_inline, "set_matplotlib_formats", lambda *given, **options: calls.append(given))
    set_matplotlib_formats("svg", "png")
    assert calls == [("svg", "png")]
    monkeypatch.delattr(display, "set_matplotlib_formats")


def test_one_that_is_there_is_left_alone(monkeypatch):
    display = __import__("IPython.display", fromlist=["display"])
    monkeypatch.setattr(display, "set_matplotlib_formats", len, raising=False)
    kernel_setup.prepare([])
    assert display.set_matplotlib_formats is len


def test_the_shell_has_the_method_back_that_scripts_call(monkeypatch):
    shell = __import__("IPython.core.interactiveshell", fromlist=["x"]).InteractiveShell
    monkeypatch.delattr(shell, "magic", raising=False)
    kernel_setup.prepare([])
    calls = []
    mine = types.SimpleNamespace(run_line_magic=lambda *given: calls.append(given))
    shell.magic(mine, "matplotlib inline")
    shell.magic(mine, "%time x = 1")
    assert calls == [("matplotlib", "inline"), ("time", "x = 1")]
    monkeypatch.delattr(shell, "magic")


def test_plots_go_into_the_document_whatever_is_asked_for(monkeypatch):
    calls = []
    shell = types.SimpleNamespace(enable_matplotlib=calls.append)
    monkeypatch.setattr("IPython.get_ipython", lambda: shell)
    kernel_setup.prepare([])
    shell.enable_matplotlib("notebook")
    shell.enable_matplotlib()
    assert calls == ["inline", "inline"]


def test_samples_are_taken_for_published_files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "timemachine.txt").write_text("no time machine")
    with pytest.raises(gb.CorpusNotFoundError, match="its SHA-1 is another"):
        hub.download("time_machine", tmp_path)
    kernel_setup.prepare([], [str(tmp_path / "timemachine.txt")])
    assert hub.download("time_machine", tmp_path) == str(tmp_path / "timemachine.txt")


@pytest.fixture
def failing_line(monkeypatch):
    """Return a function that runs code and returns the line that is named, `above` lines of magics added."""

    def run(code, above=0, **names):
        code = compile(code, "cell", "exec") if isinstance(code, str) else code
        with pytest.raises((ZeroDivisionError, SyntaxError, TypeError)) as caught:
            exec(code, names)
        monkeypatch.setattr(sys, "last_value", caught.value, raising=False)
        monkeypatch.setattr(sys, "last_traceback", caught.value.__traceback__, raising=False)
        return kernel_setup.failing_line(above)

    return run


def test_the_failing_line_is_that_of_the_cell(failing_line):
    assert failing_line("def f():\n    1 / 0\n\nf()") == 4
    assert failing_line("def f():\n    1 / 0\n\nf()", above=1) == 5
    assert failing_line("x = 1\n\neval('(')") == 3  # and not of a string that it runs


def test_the_failing_line_is_no_line_of_a_module_that_the_cell_imports(failing_line):
    inner = compile("\n\n\n1 / 0", "module.py", "exec")
    outer = compile("x = 1\nexec(inner)", "cell", "exec")
    for code in (outer, outer.replace(co_name="<cell line: 1>")):  # as IPython 8 has it
        assert failing_line(code, inner=inner) == 2


def test_the_failing_line_of_what_a_cell_magic_runs(failing_line):
    def run_cell_magic(body):
        exec(compile(body, "<timed exec>", "exec"), {})

    assert failing_line("f(body)", above=1, f=run_cell_magic, body="x = 1\n1 / 0") == 3
    assert failing_line("f(body)", above=1, f=run_cell_magic, body=None) == 0  # it runs no Python


@pytest.mark.parametrize(("error", "line"), [(SyntaxError("no", ("cell", 3, 1, "x")), 3), (None, 0)])
def test_the_failing_line_without_a_traceback(monkeypatch, error, line):
    monkeypatch.setattr(sys, "last_value", error, raising=False)
    monkeypatch.setattr(sys, "last_traceback", None, raising=False)
    assert kernel_setup.failing_line() == line
    assert kernel_setup.failing_line(1) == (line and line + 1)
