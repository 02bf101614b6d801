from __future__ import annotations

import importlib
import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

import gluonrnn as gb
from gluonrnn import d2l
from gluonrnn.editions import aliases, d2l_0_10, d2l_0_11, d2l_0_15, gluonbook, gluonbook_0_6, utils_2017

ROOT = str(Path(gb.__file__).resolve().parents[1])


@pytest.fixture(autouse=True)
def nothing_real(monkeypatch):
    """Hide the published packages that the other tests are compared with, and clean up."""
    before = dict(sys.modules)
    for name in [name for name in sys.modules if name.split(".")[0] in ("gluonbook", "d2l", "d2lzh", "utils")]:
        monkeypatch.delitem(sys.modules, name)
    real = aliases.place_of
    monkeypatch.setattr(aliases, "place_of", lambda name: None)
    yield real
    gb.remove_aliases()
    sys.modules.update({name: module for name, module in before.items() if name not in sys.modules})


@pytest.mark.parametrize(
    ("asked", "name", "target"),
    [
        ("gluonbook", "gluonbook", gluonbook),
        ("d2lzh", "d2lzh", gluonbook),
        ("gluonbook==0.6", "gluonbook", gluonbook_0_6),
        ("gluonbook==0.6.0", "gluonbook", utils_2017),
        ("utils", "utils", utils_2017),
    ],
)
def test_the_old_import_line_gives_the_edition(asked, name, target):
    assert gb.install_aliases(asked) == [name]
    module = importlib.import_module(name)
    assert module.__name__ == name
    assert module.train_and_predict_rnn is target.train_and_predict_rnn
    assert importlib.util.find_spec(name) is not None
    with pytest.raises(AttributeError, match="train_ch3"):
        module.train_ch3  # noqa: B018


def test_aliases_are_taken_back():
    assert gb.install_aliases("gluonbook", "utils") == ["gluonbook", "utils"]
    assert sorted(gb.remove_aliases()) == ["gluonbook", "utils"]
    assert "utils" not in sys.modules
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("utils")
    assert gb.remove_aliases() == []


def test_an_alias_is_no_second_package():
    gb.install_aliases("d2lzh")
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("d2lzh.training")


def test_one_module_stands_in_for_one_edition():
    with pytest.raises(ValueError, match=r"but gluonbook, gluonbook==0\.6 name two: choose one"):
        gb.install_aliases("gluonbook", "gluonbook==0.6")
    gb.install_aliases("gluonbook==0.6")
    assert gb.install_aliases() == ["d2l", "d2l.mxnet", "d2lzh", "utils"]
    assert importlib.import_module("gluonbook").predict_rnn is gluonbook_0_6.predict_rnn


def test_asking_again_changes_the_edition():
    gb.install_aliases("gluonbook==0.6")
    gb.install_aliases("gluonbook")
    assert importlib.import_module("gluonbook").train_and_predict_rnn is gb.train_and_predict_rnn


def test_an_unknown_alias_says_which_there_are():
    with pytest.raises(
        ValueError,
        match=r"there is no alias 'tensorbook': choose from d2l, d2l\.mxnet, d2l==0\.10, .*utils$",
    ):
        gb.install_aliases("gluonbook", "tensorbook")
    assert "gluonbook" not in sys.modules


@pytest.mark.parametrize("imported", [False, True])
def test_a_real_module_is_hidden_only_when_asked(nothing_real, monkeypatch, imported):
    monkeypatch.setattr(aliases, "place_of", nothing_real)
    Path("utils.py").write_text("mine = True\n", encoding="utf-8")
    monkeypatch.syspath_prepend(os.getcwd())
    importlib.invalidate_caches()
    if imported:
        monkeypatch.setitem(sys.modules, "utils", importlib.import_module("utils"))
    with pytest.raises(
        ImportError, match=r"would hide the real utils at .*utils\.py: uninstall or move that, or pass sh"
    ):
        gb.install_aliases("utils")
    assert getattr(sys.modules.get("utils"), "mine", None) is (True if imported else None)
    assert "utils" not in gb.install_aliases()
    hidden = sys.modules.get("utils")
    assert gb.install_aliases("utils", shadow=True) == ["utils"]
    assert sys.modules["utils"].SGD is utils_2017.SGD
    gb.remove_aliases()
    assert sys.modules.get("utils") is hidden
    assert importlib.import_module("utils").mine


def test_the_notebook_extension_says_what_it_leaves_alone(monkeypatch, capsys):
    monkeypatch.setattr(aliases, "place_of", lambda name: "their.py" if name == "utils" else None)
    gb.load_ipython_extension(None)
    assert capsys.readouterr().out == "gluonrnn: utils stays the real one at their.py\n"
    assert "utils" not in sys.modules


def test_the_notebook_extension_installs_what_hides_nothing():
    gb.load_ipython_extension(None)
    assert sys.modules["d2lzh"].sgd is sys.modules["gluonbook"].sgd is gb.sgd
    assert sys.modules["utils"].SGD is utils_2017.SGD
    gb.unload_ipython_extension(None)
    assert not {"d2l", "d2l.mxnet", "d2lzh", "gluonbook", "utils"} & set(sys.modules)


@pytest.mark.parametrize(
    ("asked", "target"),
    [
        *[("d2l", d2l), ("d2l.mxnet", d2l), ("d2l==0.15", d2l_0_15), ("d2l==0.14", d2l_0_15)],
        *[("d2l==0.13", d2l_0_11), ("d2l==0.11", d2l_0_11), ("d2l==0.10", d2l_0_10), ("d2l==0.9", gluonbook)],
    ],
)
def test_d2l_is_a_package_with_one_module(asked, target):
    assert gb.install_aliases(asked) == ["d2l", "d2l.mxnet"]
    namespace: dict = {}
    for line in ("import d2l", "from d2l import mxnet", "import d2l.mxnet as m", "from d2l.mxnet import RNNModel"):
        exec(line, namespace)
    assert namespace["RNNModel"] is namespace["d2l"].RNNModel is namespace["mxnet"].RNNModel is target.RNNModel
    assert namespace["m"] is namespace["mxnet"] is sys.modules["d2l.mxnet"]
    assert namespace["m"].grad_clipping is namespace["d2l"].grad_clipping is target.grad_clipping
    with pytest.raises(ModuleNotFoundError):
        exec("import d2l.torch", namespace)
    with pytest.raises(ImportError, match=r"has the MXNet edition alone, but d2l\.torch is asked for: write from d2l"):
        exec("from d2l import torch", namespace)
    assert gb.remove_aliases() == ["d2l", "d2l.mxnet"]


def test_an_alias_has_the_names_that_an_edition_has_from_another():
    gb.install_aliases("d2l==0.15")
    module = importlib.import_module("d2l.mxnet")
    assert module.train_s2s_ch9 is d2l_0_15.train_s2s_ch9
    assert module.RNNModelScratch is d2l.RNNModelScratch
    gb.install_aliases("d2l==0.10")
    module = importlib.import_module("d2l")
    assert module.train_s2s_ch8 is d2l_0_10.train_s2s_ch8
    assert module.Vocab is d2l_0_11.Vocab


def test_two_editions_of_d2l_are_too_many_for_one_name():
    with pytest.raises(ValueError, match=r"but d2l, d2l==0\.10 name two: choose one"):
        gb.install_aliases("d2l", "d2l==0.10")
    with pytest.raises(ValueError, match=r"but d2l==0\.10, d2l==0\.11 name two: choose one"):
        gb.install_aliases("d2l==0.10", "d2l==0.13")
    with pytest.raises(ValueError, match=r"but d2l==0\.15, d2l==0\.11 name two: choose one"):
        gb.install_aliases("d2l==0.14", "d2l==0.13")
    assert gb.install_aliases("d2l", "d2l.mxnet") == ["d2l", "d2l.mxnet"]


def test_the_real_package_is_behind_its_alias(monkeypatch, nothing_real):
    """A name of another chapter comes from the real d2l, also while its name is an alias."""
    from gluonrnn.editions import published

    monkeypatch.setattr(published, "_IMPORTED", {})
    Path("d2l").mkdir()
    Path("d2l", "__init__.py").write_text("", encoding="utf-8")
    Path("d2l", "mxnet.py").write_text("def linreg(): return __name__\nVocab = 3\n", encoding="utf-8")
    monkeypatch.syspath_prepend(os.getcwd())
    importlib.invalidate_caches()
    gb.install_aliases("d2l", shadow=True)
    alias = importlib.import_module("d2l.mxnet")
    assert alias.linreg() == "d2l.mxnet"
    assert alias.Vocab is d2l.Vocab
    assert importlib.import_module("d2l.mxnet") is alias
    with pytest.raises(AttributeError, match="'train_ch3' is from the chapter 'Linear neural networks'"):
        alias.train_ch3  # noqa: B018
    gb.remove_aliases()
    assert importlib.import_module("d2l.mxnet").Vocab == 3
    for name in ("d2l", "d2l.mxnet"):
        monkeypatch.delitem(sys.modules, name)


def test_an_old_script_runs_unedited():
    Path("chapter").mkdir()
    script = (
        "import sys\n"
        "sys.path.append('..')\n"
        "import utils\n"
        "from mxnet import nd\n"
        "w = nd.ones(1)\n"
        "w.attach_grad()\n"
        "w.grad[:] = 1\n"
        "utils.SGD([w], 0.25)\n"
        "print(w.asscalar(), utils.try_gpu().device_type in ('cpu', 'gpu'))\n"
        "print({'matplotlib', 'IPython', 'pandas'} & set(sys.modules))\n"  # an alias takes nothing along
        "print(utils.plt.__name__)\n"
    )
    Path("chapter", "old.py").write_text(script, encoding="utf-8")
    program = "import gluonrnn, runpy; gluonrnn.install_aliases(shadow=True); runpy.run_path('old.py')"
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd="chapter",
        env={**os.environ, "PYTHONPATH": ROOT},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (result.stdout, result.stderr) == ("0.75 True\nset()\nmatplotlib.pyplot\n", "")
