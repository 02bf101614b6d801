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


def test_the_failing_line_is_that_of_the_cell(monkeypatch):
    try:
        exec(compile("def f():\n    1 / 0\n\nf()", "cell", "exec"), {})
    except ZeroDivisionError as error:
        monkeypatch.setattr(sys, "last_value", error, raising=False)
        monkeypatch.setattr(sys, "last_traceback", error.__traceback__, raising=False)
    assert kernel_setup.failing_line() == 4
    assert kernel_setup.failing_line(1) == 5


def test_the_failing_line_is_no_line_of_a_module_that_the_cell_imports(monkeypatch):
    inner = compile("\n\n\n1 / 0", "module.py", "exec")
    outer = compile("x = 1\nexec(inner)", "cell", "exec")
    for code in (outer, outer.replace(co_name="<cell line: 1>")):  # as IPython 8 has it
        try:
            exec(code, {"inner": inner})
        except ZeroDivisionError as error:
            monkeypatch.setattr(sys, "last_value", error, raising=False)
            monkeypatch.setattr(sys, "last_traceback", error.__traceback__, raising=False)
        assert kernel_setup.failing_line() == 2


def test_the_failing_line_of_what_a_cell_magic_runs(monkeypatch):
    def run_cell_magic(body):
        exec(compile(body, "<timed exec>", "exec"), {})

    def line_of(body):
        try:
            exec(compile("f(body)", "cell", "exec"), {"f": run_cell_magic, "body": body})
        except Exception as error:
            monkeypatch.setattr(sys, "last_value", error, raising=False)
            monkeypatch.setattr(sys, "last_traceback", error.__traceback__, raising=False)
        return kernel_setup.failing_line(1)

    assert line_of("x = 1\n1 / 0") == 3
    assert line_of(None) == 0  # it runs no Python


def test_the_failing_line_is_not_that_of_a_string_that_the_cell_runs(monkeypatch):
    try:
        exec(compile("x = 1\n\neval('(')", "cell", "exec"), {})
    except SyntaxError as error:
        monkeypatch.setattr(sys, "last_value", error, raising=False)
        monkeypatch.setattr(sys, "last_traceback", error.__traceback__, raising=False)
    assert kernel_setup.failing_line() == 3


def test_the_failing_line_of_a_cell_that_does_not_parse(monkeypatch):
    monkeypatch.setattr(sys, "last_value", SyntaxError("no", ("cell", 3, 1, "x")), raising=False)
    monkeypatch.setattr(sys, "last_traceback", None, raising=False)
    assert kernel_setup.failing_line() == 3
    assert kernel_setup.failing_line(1) == 4


def test_no_failing_line_is_0(monkeypatch):
    monkeypatch.setattr(sys, "last_value", None, raising=False)
    monkeypatch.setattr(sys, "last_traceback", None, raising=False)
    assert kernel_setup.failing_line() == kernel_setup.failing_line(1) == 0
