"""Importing MXNet: what is mended on the way, and the one sentence where it cannot be."""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
import types
import warnings
from pathlib import Path

import pytest

import gluonrnn
from gluonrnn import _mxnet

ROOT = str(Path(gluonrnn.__file__).resolve().parents[1])


class DeprecatingNumPy(types.ModuleType):
    """Answers to ``bool`` as NumPy 1.20 to 1.23 do."""

    def __getattr__(self, name):
        if name == "bool":
            warnings.warn("`np.bool` is a deprecated alias for the builtin `bool`", DeprecationWarning, stacklevel=2)
            return "the alias that NumPy has"
        raise AttributeError(name)


class Refusing:
    """An importer that has `name`, and fails to load it with `error`."""

    def __init__(self, name, error):
        self.name, self.error = name, error

    def find_spec(self, name, path=None, target=None):
        if name == self.name:
            raise self.error


def module(name, **attributes):
    made = types.ModuleType(name)
    vars(made).update(attributes)
    return made


@pytest.fixture
def machine(monkeypatch):
    """Return a function that makes this look like another machine."""

    def pretend(*, python=(3, 11, 7), system="linux", processor="x86_64", modules=(), failing=None):
        monkeypatch.setattr(_mxnet, "sys", types.SimpleNamespace(version_info=python, platform=system))
        monkeypatch.setattr(platform, "python_version", lambda: ".".join(map(str, python)))
        monkeypatch.setattr(platform, "machine", lambda: processor)
        for name, value in dict(modules).items():
            monkeypatch.setitem(sys.modules, name, value)
        if failing is not None:
            monkeypatch.delitem(sys.modules, "mxnet")
            monkeypatch.setattr(sys, "meta_path", [Refusing("mxnet", failing), *sys.meta_path])

    return pretend


def refusal():
    """Return what `load` says, having checked that it is one sentence without a tail of causes."""
    with pytest.raises(ImportError, match=r": |MXNet|NumPy|Python") as caught:
        _mxnet.load()
    message = str(caught.value)
    assert "\n" not in message
    assert not re.search(r"\.\s", message), "more than one sentence"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None or caught.value.__suppress_context__
    return message


def test_a_missing_alias_is_put_back():
    numpy = module("numpy")
    _mxnet.put_back_numpy_aliases(numpy)
    assert numpy.bool is bool


def test_an_alias_that_exists_is_left_alone():
    numpy = module("numpy", bool="its own")
    _mxnet.put_back_numpy_aliases(numpy)
    assert numpy.bool == "its own"


def test_a_deprecated_alias_is_neither_replaced_nor_warned_of():
    numpy = DeprecatingNumPy("numpy")
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        _mxnet.put_back_numpy_aliases(numpy)
    assert seen == []
    assert "bool" not in vars(numpy)


def test_load_returns_mxnet_1_9():
    mxnet = _mxnet.load()
    assert mxnet is sys.modules["mxnet"]
    assert mxnet.__version__.startswith("1.9")


def test_load_changes_no_warning_filter():
    before = list(warnings.filters)
    _mxnet.load()
    assert warnings.filters == before


@pytest.mark.parametrize("version", ["2.0.0", "10.0"])
def test_numpy_2_is_refused(machine, version):
    machine(modules={"numpy": module("numpy", __version__=version)})
    assert f"NumPy {version} is installed: pip install 'numpy<2'" in refusal()


def test_numpy_missing(machine):
    machine(modules={"numpy": None})
    assert "needs NumPy 1.x, which is not installed: pip install 'numpy<2'" in refusal()


@pytest.mark.parametrize(("system", "processor"), [("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "x86_64")])
def test_mxnet_missing_where_there_is_a_wheel(machine, system, processor):
    machine(modules={"mxnet": None}, system=system, processor=processor)
    assert refusal().endswith("because mxnet is not installed: pip install 'mxnet>=1.9.1,<2'")


@pytest.mark.parametrize(("system", "processor"), [("darwin", "arm64"), ("win32", "AMD64")])
def test_mxnet_missing_where_there_is_no_wheel(machine, system, processor):
    machine(modules={"mxnet": None}, system=system, processor=processor)
    message = refusal()
    assert message.startswith(f"MXNet 1.9.1 has no wheel for {system} on {processor}: ")
    assert "use Linux on x86-64" in message
    assert "pip install" not in message


def test_a_module_that_mxnet_needs_is_missing(machine):
    machine(failing=ModuleNotFoundError("No module named 'requests'", name="requests"))
    assert refusal().endswith("because requests is not installed: pip install requests")


def test_the_openmp_runtime_is_missing(machine):
    machine(failing=OSError("libgomp.so.1: cannot open shared object file: No such file or directory"))
    message = refusal()
    assert message.startswith("MXNet is installed but does not load (libgomp.so.1: cannot open shared object file")
    assert message.endswith("apt-get install libgomp1")


def test_another_shared_library_is_missing(machine):
    machine(failing=OSError("libcudnn.so.8: cannot open shared object file: No such file or directory"))
    message = refusal()
    assert "libcudnn.so.8" in message
    assert "install that library, or pip install --force-reinstall 'mxnet>=1.9.1,<2' for the CPU build" in message
    assert "libgomp1" not in message


@pytest.mark.parametrize(
    ("error", "cause"),
    [
        (AttributeError("module 'numpy' has no attribute 'bool'"), "module 'numpy' has no attribute 'bool'"),
        (OSError("wrong ELF class\nand more lines"), "wrong ELF class"),
        (RuntimeError(""), "RuntimeError"),
    ],
)
def test_mxnet_fails_in_a_way_of_its_own(machine, error, cause):
    machine(failing=error)
    message = refusal()
    assert message.startswith(f"MXNet is installed but does not load ({cause}): pip install --force-reinstall")
    assert "'numpy<2'" in message


@pytest.mark.parametrize("version", ["1.8.0", "2.0.0b1"])
def test_another_mxnet_is_refused(machine, version):
    machine(modules={"mxnet": module("mxnet", __version__=version)})
    assert f"MXNet {version} is installed: pip install 'mxnet>=1.9.1,<2'" in refusal()


def test_an_mxnet_without_a_version_is_refused(machine):
    machine(modules={"mxnet": module("mxnet")})
    assert "MXNet of an unknown version is installed: pip install" in refusal()


@pytest.mark.parametrize("python", [(3, 13, 0), (3, 7, 17)])
def test_another_python_is_refused(machine, python):
    machine(python=python)
    message = refusal()
    assert "gluonrnn needs Python 3.8 to 3.12" in message
    assert f"this is Python {'.'.join(map(str, python))}: make an environment with one of those" in message


@pytest.mark.parametrize("python", [(3, 8, 0), (3, 11, 7)])
def test_distutils_is_not_looked_for_before_python_3_12(machine, python):
    machine(python=python, modules={"distutils": None})
    assert _mxnet.load().__version__.startswith("1.9")


def test_python_3_12_without_distutils(machine):
    machine(python=(3, 12, 1), modules={"distutils": None})
    message = refusal()
    assert "distutils, which Python 3.12 no longer has" in message
    assert message.endswith("pip install setuptools")


# below, in processes of their own: MXNet is in this one already


def run_python(*arguments, first_on_path=None, **environment):
    path = [str(first_on_path)] if first_on_path else []
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([*path, ROOT]), **environment},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture
def numpy_2(tmp_path):
    """Return a folder with a package that calls itself NumPy 2.1."""
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text('__version__ = "2.1.0"\n', encoding="utf-8")
    return tmp_path


def test_importing_with_numpy_2_ends_in_one_sentence_and_never_reaches_mxnet(numpy_2):
    result = run_python("-c", "import gluonrnn", first_on_path=numpy_2)
    assert result.returncode != 0
    assert re.match(r"ImportError: .*NumPy 2\.1\.0 .*: pip install 'numpy<2'$", result.stderr.splitlines()[-1])
    assert not re.search(r'File ".*[/\\]mxnet[/\\]', result.stderr)
    assert "During handling of the above exception" not in result.stderr


def test_doctor_with_numpy_2_says_so_and_fails(numpy_2):
    result = run_python("-m", "gluonrnn", "doctor", first_on_path=numpy_2)
    assert result.returncode == 1
    assert result.stderr == ""
    failures = [line for line in result.stdout.splitlines() if line.startswith("FAIL")]
    assert [line.split()[1] for line in failures] == ["NumPy", "MXNet"]
    assert result.stdout.count("-> pip install 'numpy<2'") == 2
    assert result.stdout.splitlines()[-1] == "gluonrnn cannot work until the lines marked FAIL are mended."


def test_train_with_numpy_2_is_one_line_on_stderr(numpy_2):
    result = run_python("-m", "gluonrnn", "train", first_on_path=numpy_2)
    assert result.returncode == 1
    assert result.stdout == ""
    assert re.fullmatch(r"gluonrnn: error: .*NumPy 2\.1\.0 .*: pip install 'numpy<2'\n", result.stderr)


def test_importing_sets_no_numpy_semantics_and_pulls_in_no_plotting():
    asked = (
        "import sys, gluonrnn, gluonrnn.plotting, gluonrnn.editions.d2l_0_11, mxnet; "
        "print(mxnet.util.is_np_array(), mxnet.util.is_np_shape(), "
        "[name for name in ('matplotlib', 'matplotlib_inline', 'IPython', 'pandas') if name in sys.modules])"
    )
    result = run_python("-W", "error::UserWarning", "-c", asked)
    assert result.stderr == ""
    assert result.stdout.split(maxsplit=2) == ["False", "False", "[]\n"]
