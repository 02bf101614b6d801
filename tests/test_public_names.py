"""The public names: which there are, with which parameters, and what is said of others."""

from __future__ import annotations

import importlib
import inspect
import re
import types

import pytest

import gluonrnn as gb
from gluonrnn.editions import gluonbook, other_chapters

REQUIRED = inspect.Parameter.empty

# What the chapters call, as gluonbook 0.7 to 0.8.10 and d2lzh 0.8 to 1.0.0 have it: name, parameters.
# "*name" and "**name" stand for themselves.
GLUONBOOK = {
    "data_iter_consecutive": "corpus_indices batch_size num_steps ctx",
    "data_iter_random": "corpus_indices batch_size num_steps ctx",
    "grad_clipping": "params theta ctx",
    "load_data_jay_lyrics": "",
    "load_data_time_machine": "",
    "predict_rnn": "prefix num_chars rnn params init_rnn_state num_hiddens vocab_size ctx idx_to_char char_to_idx",
    "predict_rnn_gluon": "prefix num_chars model vocab_size ctx idx_to_char char_to_idx",
    "RNNModel": "rnn_layer vocab_size **kwargs",
    "set_figsize": "figsize",
    "sgd": "params lr batch_size",
    "to_onehot": "X size",
    "train_and_predict_rnn": "rnn get_params init_rnn_state num_hiddens vocab_size ctx corpus_indices idx_to_char "
    "char_to_idx is_random_iter num_epochs num_steps lr clipping_theta batch_size pred_period pred_len prefixes",
    "train_and_predict_rnn_gluon": "model num_hiddens vocab_size ctx corpus_indices idx_to_char char_to_idx "
    "num_epochs num_steps lr clipping_theta batch_size pred_period pred_len prefixes",
    "try_all_gpus": "",
    "try_gpu": "",
    "use_svg_display": "",
}
METHODS = {
    "__init__": "self rnn_layer vocab_size **kwargs",
    "forward": "self inputs state",
    "begin_state": "self *args **kwargs",
}
DEFAULTS = {
    "data_iter_consecutive": {"ctx": None},
    "data_iter_random": {"ctx": None},
    "set_figsize": {"figsize": (3.5, 2.5)},
}

# What the chapters define in their own cells: name, parameters.
CHAPTERS = {
    "get_params": "vocab_size num_hiddens ctx",
    "get_gru_params": "vocab_size num_hiddens ctx",
    "get_lstm_params": "vocab_size num_hiddens ctx",
    "init_rnn_state": "batch_size num_hiddens ctx",
    "init_gru_state": "batch_size num_hiddens ctx",
    "init_lstm_state": "batch_size num_hiddens ctx",
    "rnn": "inputs state params",
    "gru": "inputs state params",
    "lstm": "inputs state params",
}

STARS = {inspect.Parameter.VAR_POSITIONAL: "*", inspect.Parameter.VAR_KEYWORD: "**"}


def parameters(function):
    """Return the parameters that can be given by place, as words, and the further ones."""
    found = inspect.signature(function).parameters.values()
    further = [parameter for parameter in found if parameter.kind is inspect.Parameter.KEYWORD_ONLY]
    return [STARS.get(parameter.kind, "") + parameter.name for parameter in found if parameter not in further], further


def test_all_is_sorted_and_without_repetition():
    assert gb.__all__ == sorted(set(gb.__all__))


def test_all_is_the_real_public_namespace():
    real = {
        name
        for name, value in vars(gb).items()
        if not name.startswith("_") and not isinstance(value, types.ModuleType) and name != "annotations"
    }
    assert real | {"__version__"} == set(gb.__all__)


def test_no_submodule_hides_a_public_name():
    for name in gb.__all__:
        assert not isinstance(getattr(gb, name), types.ModuleType), name
    for module in ("corpus", "errors", "generation", "models", "training"):
        importlib.import_module(f"gluonrnn.{module}")
        assert isinstance(getattr(gb, module), types.ModuleType), module


def test_star_import_brings_the_public_names_and_no_others():
    namespace: dict = {}
    exec("from gluonrnn import *", namespace)
    assert set(namespace) - {"__builtins__"} == set(gb.__all__)


def test_dir_shows_the_public_names_and_no_others():
    assert [name for name in dir(gb) if not name.startswith("__")] == [n for n in gb.__all__ if n != "__version__"]


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("nd", "from mxnet import nd"),
        ("os", "import os"),
        ("plt", "import matplotlib.pyplot as plt"),
    ],
)
def test_what_is_another_librarys_is_told_of(name, line):
    with pytest.raises(AttributeError, match=f"{name!r} is another library's: write {line}$"):
        getattr(gb, name)


def test_d2l_is_imported_in_every_way():
    namespace: dict = {}
    exec("import gluonrnn.d2l as a; from gluonrnn import d2l as b; from gluonrnn.d2l import train_ch8", namespace)
    assert namespace["a"] is namespace["b"] is gb.editions.d2l
    assert namespace["train_ch8"] is gb.train_ch8


def test_the_version_is_one():
    assert re.fullmatch(r"\d+\.\d+\.\d+\S*", gb.__version__)
    assert importlib.import_module("gluonrnn.version").__version__ == gb.__version__


@pytest.mark.parametrize("name", sorted(GLUONBOOK))
def test_a_name_of_gluonbook_has_its_parameters_in_its_order(name):
    by_place, further = parameters(getattr(gb, name))
    assert by_place == GLUONBOOK[name].split()
    assert [parameter.name for parameter in further if parameter.default is REQUIRED] == []
    found = inspect.signature(getattr(gb, name)).parameters
    for parameter, default in DEFAULTS.get(name, {}).items():
        assert found[parameter].default == default


@pytest.mark.parametrize("name", sorted(set(GLUONBOOK) - {"grad_clipping", *DEFAULTS}))
def test_a_name_of_gluonbook_demands_what_the_book_passes(name):
    found = inspect.signature(getattr(gb, name)).parameters.values()
    by_place = [parameter for parameter in found if parameter.kind is inspect.Parameter.POSITIONAL_OR_KEYWORD]
    assert [parameter.name for parameter in by_place if parameter.default is not REQUIRED] == []


@pytest.mark.parametrize("method", sorted(METHODS))
def test_the_model_has_the_methods_of_gluonbook(method):
    assert parameters(getattr(gb.RNNModel, method)) == (METHODS[method].split(), [])


@pytest.mark.parametrize("name", sorted(CHAPTERS))
def test_a_function_of_the_chapters_has_its_parameters_in_its_order(name):
    assert parameters(getattr(gb, name)) == (CHAPTERS[name].split(), [])


def test_the_edition_is_the_table():
    assert gluonbook.__all__ == sorted(GLUONBOOK)
    for name in GLUONBOOK:
        assert getattr(gb, name) is getattr(gluonbook, name)


CALLABLES = [name for name in gb.__all__ if callable(getattr(gb, name))]


def is_exception(name):
    return isinstance(getattr(gb, name), type) and issubclass(getattr(gb, name), BaseException)


@pytest.mark.parametrize("name", CALLABLES)
def test_a_public_name_says_what_it_is(name):
    text = inspect.getdoc(getattr(gb, name))
    assert text
    assert text.splitlines()[0].endswith(".")


# an exception of a few words has nothing to show
@pytest.mark.parametrize("name", [name for name in CALLABLES if not is_exception(name)])
def test_a_public_function_or_class_shows_an_example(name):
    text = inspect.getdoc(getattr(gb, name)) or ""
    assert re.search(r"^Examples\n-+\n(.*\n)*?.*>>> ", text, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("UnknownCharacterError", KeyError),
        ("CorpusNotFoundError", FileNotFoundError),
        ("ModelFileError", ValueError),
        ("NonFiniteLossError", ArithmeticError),
        ("NonFiniteLossWarning", RuntimeWarning),
        ("CorpusWarning", UserWarning),
        ("DeviceWarning", UserWarning),
    ],
)
def test_an_error_is_also_one_of_pythons_own(name, kind):
    assert issubclass(getattr(gb, name), kind)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"^module 'gluonrnn' has no attribute 'no_such_name'$"):
        gb.no_such_name  # noqa: B018
    assert not hasattr(gb, "no_such_name")


@pytest.mark.parametrize(
    ("name", "chapter"),
    [
        ("train_ch3", "Deep learning basics"),
        ("linreg", "Deep learning basics"),
        ("resnet18", "Convolutional neural networks"),
        ("train_2d", "Optimization algorithms"),
        ("Benchmark", "Computational performance"),
        ("VOC_CLASSES", "Computer vision"),
        ("predict_sentiment", "Natural language processing"),
    ],
)
def test_a_name_of_another_chapter_says_which_and_what_to_install(name, chapter):
    with pytest.raises(AttributeError, match=f"^'{name}' is from the chapter '{chapter}'.*: pip install d2lzh$"):
        getattr(gb, name)


def test_no_name_is_both_here_and_elsewhere():
    assert set(other_chapters._CHAPTERS["2018"]).isdisjoint(gb.__all__)
