from __future__ import annotations

import importlib
import inspect
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

import gluonrnn
from gluonrnn.editions import d2l, d2l_0_10, d2l_0_11, d2l_0_15, gluonbook, gluonbook_0_6, utils_2017
from gluonrnn.editions.aliases import ALIASES
from gluonrnn.rerun.detection import EDITIONS, Detected, detect
from gluonrnn.rerun.document import Cell, Document


def document(*sources, left_out=None):
    cells = [Cell("prose", "import torch"), *(Cell("code", source) for source in sources)]
    return Document(Path("chapter.md"), "markdown", tuple(cells), left_out or {})


def found(*sources, edition=None):
    detected = detect(document(*sources), edition)
    return detected.edition, detected.aliases


ND = "from mxnet import autograd, nd"
NP = "from mxnet import autograd, np, npx\nnpx.set_np()"

OF_2017 = """
train_and_predict_rnn(rnn=lstm, is_random_iter=False, epochs=100, num_steps=35, hidden_dim=64, learning_rate=0.3,
                      clipping_norm=5, batch_size=16, pred_period=20, pred_len=60, seqs=[a, b], get_params=get_params,
                      get_inputs=get_inputs, ctx=ctx, corpus_indices=corpus_indices, idx_to_char=idx_to_char,
                      char_to_idx=char_to_idx, is_lstm=True)"""
OF_SPRING_2018 = """
train_and_predict_rnn(gru, False, num_epochs, num_steps, num_hiddens, lr, clipping_theta, batch_size, vocab_size,
                      pred_period, pred_len, prefixes, get_params, to_onehot, ctx, corpus_indices, idx_to_char,
                      char_to_idx)"""
OF_AUTUMN_2018 = """
train_and_predict_rnn(gru, get_params, init_gru_state, num_hiddens, vocab_size, ctx, corpus_indices, idx_to_char,
                      char_to_idx, False, num_epochs, num_steps, lr, clipping_theta, batch_size, pred_period, pred_len,
                      prefixes)"""


def called(library, text):
    return text.strip().replace("train_and", f"{library}.train_and").replace(" to_onehot", f" {library}.to_onehot")


def test_the_edition_is_found_from_imports_and_calls():
    for sources, edition, aliases in [
        # 2017
        (["import sys\nsys.path.append('..')\nimport utils\nctx = utils.try_gpu()", ND], "utils", ("utils",)),
        (["from utils import try_gpu, SGD", called("utils", OF_2017)], "utils", ("utils",)),
        # spring of 2018
        (["import gluonbook as gb", ND, called("gb", OF_SPRING_2018)], "gluonbook-0.6", ("gluonbook==0.6",)),
        (
            [
                "import gluonbook as gb",
                "print(gb.predict_rnn(rnn, 'a', 9, params, num_hiddens, vocab_size, ctx, i, c, f))",
            ],
            "gluonbook-0.6",
            ("gluonbook==0.6",),
        ),
        (
            [
                "import gluonbook as gb\ngb.to_onehot(X, 4)",
                "def predict_rnn(rnn, prefix, num_chars, params, num_hiddens): 0",
            ],
            "gluonbook-0.6",
            ("gluonbook==0.6",),
        ),
        # autumn of 2018 to 2020
        (["import gluonbook as gb", ND, called("gb", OF_AUTUMN_2018)], "gluonbook", ("gluonbook",)),
        (["import gluonbook as gb", "gb.load_data_jay_lyrics()"], "gluonbook", ("gluonbook",)),
        (["from gluonbook.utils import RNNModel"], "gluonbook", ("gluonbook",)),
        (["import d2lzh as d2l", ND, called("d2l", OF_AUTUMN_2018)], "gluonbook", ("d2lzh",)),
        (["import d2l", ND, called("d2l", OF_AUTUMN_2018)], "gluonbook", ("d2l==0.9",)),
        (["import d2l", ND, "d2l.try_gpu()"], "gluonbook", ("d2l==0.9",)),
        (["import d2l", "a, b, c, d = d2l.load_data_time_machine()"], "gluonbook", ("d2l==0.9",)),
        (["import d2l", ND, "d2l.RNNModel(rnn_layer, vocab_size)"], "gluonbook", ("d2l==0.9",)),
        # summer of 2019
        (
            ["import d2l", ND, "d2l.train_ch8(model, train_iter, vocab, lr, num_epochs, ctx)"],
            "d2l-0.10",
            ("d2l==0.10",),
        ),
        (["import d2l", ND, "it, v = d2l.load_data_time_machine(32, 35)"], "d2l-0.10", ("d2l==0.10",)),
        (["import d2l", ND, "d2l.Vocab(source, 3, use_special_tokens=True)"], "d2l-0.10", ("d2l==0.10",)),
        (["import d2l", ND, "d2l.train_s2s_ch8(model, it, lr, num_epochs, ctx)"], "d2l-0.10", ("d2l==0.10",)),
        (["import d2l", ND, "d2l.train_s2s_ch9(model, it, lr, num_epochs, ctx)"], "d2l-0.10", ("d2l==0.10",)),
        (["from d2l import *", ND, "X = trim_pad(line, 8, 0)"], "d2l-0.10", ("d2l==0.10",)),
        (
            [
                "import d2l",
                ND,
                "class RNNModelScratch:\n    def __init__(self, a, b, ctx, get_params, init_state, forward): pass",
            ],
            "d2l-0.10",
            ("d2l==0.10",),
        ),
        # 2019-20
        (["import d2l", NP, "d2l.Vocab(source, 3, use_special_tokens=True)"], "d2l-0.10", ("d2l==0.11",)),
        (["import d2l", "d2l.train_s2s_ch9(a, b, c, d, e, f)"], "d2l-0.10", ("d2l==0.11",)),
        (["import d2l", NP, "d2l.try_gpu()"], "d2l-0.10", ("d2l==0.11",)),
        (["import d2l", "d2l.try_gpu()"], "d2l-0.10", ("d2l==0.11",)),
        (["from d2l import mxnet as d2l", NP, "d2l.train_s2s_ch9(a, b, c, d, e)"], "d2l-0.10", ("d2l==0.11",)),
        (
            ["from d2l import mxnet as d2l", NP, "d2l.train_ch8(model, train_iter, vocab, lr, num_epochs, ctx)"],
            "d2l-0.10",
            ("d2l==0.11",),
        ),
        (
            [
                "import d2l.mxnet",
                "class RNNModelScratch:\n    def __init__(self, a, b, ctx, get_params, init_state, forward): pass",
            ],
            "d2l-0.10",
            ("d2l==0.11",),
        ),
        (["import d2l", "d2l.load_data_time_machine.mock()"], "d2l-0.10", ("d2l==0.11",)),
        # 2020
        (["from d2l import train_s2s_ch9\nfrom d2l import mxnet"], "d2l-0.15", ("d2l==0.15",)),
        (["from d2l import mxnet as d2l", "d2l.train_s2s_ch9(a, b, *c)"], "d2l-0.15", ("d2l==0.15",)),
        (["from d2l import mxnet as d2l", "d2l.train_s2s_ch9(a, b, c, d, e, f)"], "d2l-0.15", ("d2l==0.15",)),
        (
            ["from d2l import mxnet as d2l", "def grad_clipping(model, theta): 0", "def predict_ch8(a, b, model): 0"],
            "d2l-0.15",
            ("d2l==0.15",),
        ),
        # 2020-22
        (
            [
                "from d2l import mxnet as d2l",
                "d2l.train_ch8(model, it, vocab, lr, num_epochs, device); d2l.predict_ch8(a, b, model, vocab, device)",
            ],
            "d2l",
            ("d2l.mxnet",),
        ),
        (["from d2l import mxnet as d2l", "d2l.train_ch8(model, it, vocab, lr, num_epochs, d)"], "d2l", ("d2l.mxnet",)),
        (["import d2l.mxnet as d2l", "d2l.build_array_nmt(lines, vocab, 8)"], "d2l", ("d2l.mxnet",)),
        (["import d2l.mxnet", "d2l.mxnet.predict_seq2seq(*everything)"], "d2l", ("d2l.mxnet",)),
        (["from d2l.mxnet import *", "bleu(a, b, k=2)"], "d2l", ("d2l.mxnet",)),
        (["import d2l", NP, "d2l.bleu(a, b, k=2)"], "d2l", ("d2l",)),
        (["import d2l", "d2l.mxnet.Timer()"], "d2l", ("d2l.mxnet",)),
        (["import d2l\nfrom d2l import mxnet", "mxnet.AdditiveAttention"], "d2l", ("d2l.mxnet",)),
        (["try:\n    from d2l import mxnet as d2l\nexcept ImportError:\n    import os"], "d2l", ("d2l.mxnet",)),
        # gluonrnn itself
        (["import gluonrnn as gb", "gb.try_gpu()"], "gluonbook", ()),
        (["from gluonrnn import d2l"], "d2l", ()),
        (["from gluonrnn.editions import d2l_0_11 as d2l"], "d2l-0.10", ()),
        (["from gluonrnn.editions import d2l_0_10 as d2l"], "d2l-0.10", ()),
        # no helper library
        (["from mxnet import nd\nnd.arange(3)"], "", ()),
        ([], "", ()),
    ]:
        detected = detect(document(*sources))
        assert (detected.edition, detected.aliases) == (edition, aliases)
        assert (detected.framework, detected.offer) == ("", "")
        assert bool(detected.module) == bool(edition)
        assert set(aliases) <= set(ALIASES)
        for alias in aliases[:1]:
            assert detected.module == ALIASES[alias]


def test_the_reason_is_what_decided():
    for sources, reason in [
        (
            ["from gluonbook import *", OF_SPRING_2018],
            "import gluonbook; train_and_predict_rnn(...) in the order of gluonbook-0.6; "
            "to_onehot is a name of gluonbook-0.6",
        ),
        (
            ["import gluonbook", "def predict_rnn(rnn, prefix, num_chars, params, num_hiddens): 0"],
            "import gluonbook; its own predict_rnn(...) in the order of gluonbook-0.6",
        ),
        (["import d2l", ND, "d2l.trim_pad"], "import d2l; nd arrays; trim_pad is a name of d2l-0.10"),
        (["from d2l.mxnet import bleu"], "import d2l.mxnet; bleu is a name of d2l"),
        (
            ["from d2l import mxnet as d2l", "d2l.train_s2s_ch9(model, it, lr, num_epochs, ctx); d2l.trim_pad"],
            "import d2l.mxnet; trim_pad is a name of d2l-0.10; train_s2s_ch9(...) in the order of d2l-0.10",
        ),
        (["import d2l.mxnet, utils"], "import d2l.mxnet; import utils"),
        (["import numpy"], "no helper library is imported"),
    ]:
        assert detect(document(*sources)).reason == reason


EVERY = {
    "utils": utils_2017,
    "gluonbook-0.6": gluonbook_0_6,
    "gluonbook": gluonbook,
    "d2l-0.10": d2l_0_11,
    "d2l-0.15": d2l_0_15,
    "d2l": d2l,
}
IMPORTS = {
    "utils": ("import utils as book", ("utils",)),
    "gluonbook-0.6": ("import gluonbook as book", ("gluonbook==0.6",)),
    "gluonbook": ("import gluonbook as book", ("gluonbook",)),
    "d2l-0.10": ("import d2l as book", ("d2l==0.11",)),
    "d2l-0.15": ("from d2l import mxnet as book", ("d2l==0.15",)),
    "d2l": ("from d2l import mxnet as book", ("d2l.mxnet",)),
}


def call_of(module, name):
    """Call a function of an edition with variables that are named as its parameters."""
    parameters = inspect.signature(getattr(module, name)).parameters.values()
    given = [each.name for each in parameters if each.kind is each.POSITIONAL_OR_KEYWORD]
    return f"book.{name}({', '.join(given)})"


def test_a_document_that_calls_everything_of_an_edition_is_of_it():
    for edition in EDITIONS:
        module = EVERY[edition]
        functions = [name for name in module.__all__ if inspect.isfunction(getattr(module, name))]
        line, aliases = IMPORTS[edition]
        assert found(line, *(call_of(module, name) for name in functions)) == (edition, aliases)


def test_an_edition_of_two_modules_is_told_apart_by_the_arrays():
    functions = [name for name in d2l_0_10.__all__ if inspect.isfunction(getattr(d2l_0_10, name))]
    calls = [call_of(d2l_0_10, name) for name in functions]
    for imported, alias, module in (
        (ND, "d2l==0.10", d2l_0_10),
        (NP, "d2l==0.11", d2l_0_11),
        ("", "d2l==0.11", d2l_0_11),
    ):
        detected = detect(document("import d2l as book", imported, *calls))
        assert (detected.edition, detected.aliases, detected.module) == ("d2l-0.10", (alias,), module.__name__)
        asked = detect(document("import d2l as book", imported, "book.try_gpu()"), "d2l-0.10")
        assert (asked.aliases, asked.module) == ((alias,), module.__name__)


@settings(max_examples=40)
@given(st.data())
def test_what_is_called_in_an_order_runs_in_the_edition_that_is_found(data):
    edition = data.draw(st.sampled_from(EDITIONS))
    module = EVERY[edition]
    functions = [name for name in module.__all__ if inspect.isfunction(getattr(module, name))]
    line, _ = IMPORTS[edition]
    calls = data.draw(st.lists(st.sampled_from(functions), min_size=1, max_size=4))
    detected = detect(document(line, *(call_of(module, name) for name in calls)))
    chosen = importlib.import_module(detected.module)
    for name in calls:
        own = list(inspect.signature(getattr(module, name)).parameters)
        its = list(inspect.signature(getattr(chosen, name)).parameters)
        assert own[:3] == its[:3] or len(own) == len(its)


def test_an_edition_that_is_asked_for_takes_the_place_of_the_libraries():
    for edition, sources, aliases in [
        ("d2l-0.10", ["from d2l import mxnet as d2l"], ("d2l==0.11",)),
        ("d2l-0.10", ["import d2l", ND], ("d2l==0.10",)),
        ("d2l-0.10", ["import d2l", NP], ("d2l==0.11",)),
        ("d2l==0.10", ["from d2l import mxnet as d2l"], ("d2l==0.10",)),
        ("d2l==0.11", ["import d2l", ND], ("d2l==0.11",)),
        ("d2l.mxnet", ["import d2l", ND], ("d2l.mxnet",)),
        ("d2l-0.15", ["import d2l.mxnet"], ("d2l==0.15",)),
        ("d2l==0.8", ["import d2l", NP], ("d2l==0.9",)),
        ("gluonbook", ["import d2l", NP], ("d2l==0.9",)),
        ("gluonbook", ["import d2lzh, gluonbook"], ("d2lzh", "gluonbook")),
        ("d2lzh", ["import gluonbook"], ("gluonbook",)),
        ("utils", ["import gluonbook", "gluonbook.load_data_jay_lyrics()"], ("gluonbook==0.6.0",)),
        # in the place of none
        ("d2lzh", ["import utils"], ("utils", "d2lzh")),
        ("gluonbook", ["import utils"], ("utils", "gluonbook")),
        ("d2l", ["import gluonrnn"], ("d2l",)),
    ]:
        detected = detect(document(*sources), edition)
        assert detected.aliases == aliases
        assert detected.module == ALIASES[aliases[-1]]
        assert detected.edition in EDITIONS
        assert detected.module in (EVERY[detected.edition].__name__, d2l_0_10.__name__)
        assert detected.reason == f"{edition}, as asked for"


def test_several_libraries_have_an_alias_each_and_the_most_used_is_the_edition():
    sources = [
        "import utils, gluonbook as gb\nfrom d2l import mxnet as d2l",
        "gb.sgd; gb.try_gpu; utils.SGD; d2l.Timer",
    ]
    detected = detect(document(*sources))
    assert detected.edition == "gluonbook"
    assert detected.module == "gluonrnn.editions.gluonbook"
    assert detected.aliases == ("utils", "gluonbook", "d2l.mxnet")
    gluonrnn.install_aliases(*detected.aliases, shadow=True)
    assert sorted(gluonrnn.remove_aliases()) == ["d2l", "d2l.mxnet", "gluonbook", "utils"]


def test_imports_are_found_in_cells_that_do_not_parse_or_have_magics():
    assert found("import d2lzh as d2l\nprint 'perplexity'") == ("gluonbook", ("d2lzh",))
    assert found("In [1]: nothing\n    from d2l import mxnet as d2l\nimport\nfrom d2lzh") == ("d2l", ("d2l.mxnet",))
    assert found("%matplotlib inline\n!pip install d2l\nimport gluonbook as gb") == ("gluonbook", ("gluonbook",))
    assert found("%%time\nimport gluonbook as gb") == ("gluonbook", ("gluonbook",))
    assert found("'''\nimport gluonbook\n'''") == ("", ())


def test_what_a_document_defines_itself_is_no_use_of_a_star():
    own = "def train_s2s_ch9(*everything): pass\nbuild_array = 1"
    assert found("from d2l.mxnet import *", own, "train_s2s_ch9(*everything), build_array") == ("d2l", ("d2l.mxnet",))
    assert found("from d2l.mxnet import *", "train_s2s_ch9(*everything), build_array") == ("d2l-0.10", ("d2l==0.11",))


def test_another_framework_is_named():
    for source, framework in [
        ("import torch\nimport d2l\nd2l.load_data_jay_lyrics()", "PyTorch"),
        ("import d2lzh_pytorch as d2l", "PyTorch"),
        ("from d2l import torch as d2l", "PyTorch"),
        ("import tensorflow as tf", "TensorFlow"),
        ("import d2l.paddle as d2l", "Paddle"),
        ("import warnings\nimport paddle.nn as nn", "Paddle"),
        ("from jax import numpy as jnp\nimport flax\nimport tensorflow as tf", "JAX"),
        ("from keras.layers import LSTM", "Keras"),
        ("import torch\nprint 'x'", "PyTorch"),
    ]:
        detected = detect(document(source, "x = 1"))
        assert (detected.framework, detected.edition, detected.aliases, detected.module) == (framework, "", (), "")
        assert detected.reason.startswith("import ")
        assert detected.offer.startswith("gluonrnn")
        assert detect(document(source), "d2l").framework == framework


def test_a_document_with_something_for_mxnet_is_for_mxnet():
    for sources in [
        ["import torch", ND],
        ["from d2l import mxnet as d2l", "from d2l import torch as d2l\nimport torch"],
        ["from d2l import torch as d2l\nimport torch", "from d2l import mxnet as d2l"],
        ["import d2lzh", "import tensorflow"],
    ]:
        assert detect(document(*sources, left_out={"pytorch": 9})).framework == ""


def test_frameworks_that_are_known_by_their_tabs_alone():
    tabs = {"tensorflow": 2, "pytorch": 3, "mindspore": 1}
    detected = detect(document(left_out=tabs))
    assert detected == Detected(
        "",
        framework="PyTorch",
        offer="gluonrnn has the functions of the recurrent chapters for MXNet: see help(gluonrnn)",
        reason="its cells are for TensorFlow, PyTorch, MindSpore",
    )
    assert detect(document("import numpy", left_out=tabs)).framework == "PyTorch"
    assert detect(document(left_out={"pytorch": 2, "paddle": 2, "jax": 1})).framework == "PyTorch and Paddle"
    assert detect(document(left_out={"bash": 2})).framework == ""
    assert detect(document("import d2l", left_out=tabs)).aliases == ("d2l==0.11",)


def test_what_gluonrnn_offers_instead_is_named():
    own = (
        "def to_onehot(X): pass\ndef predict_rnn(): pass\ndef fit(): pass\nclass RNNModel:\n    def forward(self): pass"
    )
    assert detect(document("import torch, d2l", own, "d2l.data_iter_random(X.reshape(3))")).offer == (
        "gluonrnn has data_iter_random, to_onehot, predict_rnn, RNNModel for MXNet: see help(gluonrnn)"
    )
    assert detect(document("from d2l import torch as d2l", "d2l.Vocab(d2l.reshape(X, 3)); d2l.train_ch8()")).offer == (
        "gluonrnn.d2l has Vocab, train_ch8 for MXNet: see help(gluonrnn.d2l)"
    )
    assert detect(document("from d2l import torch as d2l", "d2l.train_ch8()")).offer == (
        "gluonrnn.d2l has train_ch8 for MXNet: see help(gluonrnn.d2l)"
    )
    assert detect(document("from d2lzh_pytorch import *", "sgd(params, lr, 1)")).offer == (
        "gluonrnn has sgd for MXNet: see help(gluonrnn)"
    )


def test_the_editions_are_those_of_the_aliases():
    assert EDITIONS == ("utils", "gluonbook-0.6", "gluonbook", "d2l-0.10", "d2l-0.15", "d2l")
    modules = {detect(document("1"), edition).module for edition in EDITIONS}
    assert modules == set(ALIASES.values()) - {d2l_0_10.__name__}
    for alias, module in ALIASES.items():
        detected = detect(document("1"), alias)
        assert (detected.aliases, detected.module) == ((alias,), module)
