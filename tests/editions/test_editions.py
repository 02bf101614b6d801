"""What is so of every edition: its names, signatures and docstrings, and what it says of names that it lacks."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest

import gluonrnn as gb
from gluonrnn import d2l
from gluonrnn.editions import d2l_0_10, d2l_0_11, d2l_0_15, gluonbook, gluonbook_0_6, numpy_names, utils_2017
from tests.oracles.load import published

NAMES_PAGE = (Path(__file__).resolve().parents[2] / "docs" / "en" / "names.md").read_text(encoding="utf-8")
REAL = {
    d2l_0_10: published("d2l==0.10.3"),
    d2l_0_11: published("d2l==0.11.4"),
    d2l_0_15: published("d2l==0.15.1", "d2l.mxnet"),
    d2l: published("d2l==0.17.6", "d2l.mxnet"),
}
CELLS = {
    *("get_params", "get_gru_params", "get_lstm_params", "init_rnn_state", "init_gru_state", "init_lstm_state"),
    *("rnn", "gru", "lstm", "Seq2SeqDecoder"),
}
# what chapters define in their own cells, and what other releases had
MORE = {
    d2l_0_10: {
        *("DATA_HUB", "DATA_URL", "download", "download_all", "download_extract"),
        *("predict_s2s_ch9", "train_s2s_ch9", "truncate_pad"),
    },
    d2l_0_11: {"trim_pad", "train_s2s_ch8", "predict_s2s_ch8"},
    d2l_0_15: {
        *CELLS,
        *("AdditiveAttention", "AttentionDecoder", "eye", "predict_seq2seq", "rand", "show_heatmaps"),
        *("show_list_len_pair_hist", "train_seq2seq"),
    },
    d2l: CELLS,
}
EDITIONS = [utils_2017, gluonbook_0_6, gluonbook, *REAL]


def own_names(edition, before):
    return {name for name in edition.__all__ if getattr(edition, name) is not getattr(before, name, None)}


def short_name(edition):
    return edition.__name__.rpartition(".")[2]


of_each_edition = pytest.mark.parametrize("edition", EDITIONS, ids=short_name)
of_each_d2l = pytest.mark.parametrize("edition", REAL, ids=short_name)


def test_all_is_that_of_the_edition_beside_it_and_what_it_renamed():
    assert d2l_0_10.__all__ == sorted(d2l_0_11.__all__)
    assert d2l_0_15.__all__ == sorted({*d2l.__all__, "MLPAttention", "predict_s2s_ch9", "train_s2s_ch9", "translate"})


@of_each_d2l
def test_all_is_what_the_release_had_and_what_is_known(edition):
    assert {name for name in edition.__all__ if not hasattr(REAL[edition], name)} == MORE[edition] - {"rnn"}


@of_each_edition
def test_star_import_brings_all_and_no_more(edition):
    namespace: dict = {}
    exec(f"from {edition.__name__} import *", namespace)
    assert set(namespace) - {"__builtins__"} == set(edition.__all__)
    assert len(edition.__all__) == len(set(edition.__all__))


def test_what_an_edition_does_not_declare_is_that_of_the_one_beside_it():
    shared = {"Timer", "load_array", "MaskedSoftmaxCELoss"}
    assert {*shared, "Vocab", "tokenize", "trim_pad"}.isdisjoint(own_names(d2l_0_10, d2l_0_11))
    assert {*shared, "RNNModelScratch", "seq_data_iter_sequential", "sgd", "train_seq2seq"}.isdisjoint(
        own_names(d2l_0_15, d2l)
    )
    assert own_names(d2l_0_15, d2l).isdisjoint(numpy_names.__all__)


def by_place(function):
    """Return the parameters that can be given by place, with their defaults."""
    return [
        (p.name, list(p.default) if isinstance(p.default, (list, tuple)) else p.default, p.kind)
        for p in inspect.signature(function).parameters.values()
        if p.kind is not p.KEYWORD_ONLY
    ]


@of_each_d2l
def test_signatures_are_the_published_ones(edition):
    compared = 0
    for name in sorted(set(edition.__all__) - MORE[edition] - set(numpy_names.__all__)):
        ours, theirs = getattr(edition, name), getattr(REAL[edition], name)
        pairs = {"": (ours, theirs)} if inspect.isfunction(theirs) else {}
        if inspect.isclass(theirs):
            methods = [method for method, its in vars(theirs).items() if inspect.isfunction(its)]
            assert all(hasattr(ours, method) for method in methods)
            pairs = {
                method: (getattr(ours, method), getattr(theirs, method))
                for method in methods
                if method == "__init__" or not method.startswith("__")
            }
        for method, pair in pairs.items():
            found, expected = map(by_place, pair)
            if edition is d2l_0_10:  # its blocks are those of 0.11, with newer names for what is given by place
                if (name, method) == ("Vocab", "__init__"):
                    continue
                expected = [(parameter.replace("_length", "_len"), *rest) for parameter, *rest in expected]
                found = [(parameter.replace("_length", "_len"), *rest) for parameter, *rest in found]
                if (name, method) == ("Encoder", "forward"):
                    found.pop()  # *args
            assert found == expected, (name, method)
            compared += 1
    assert compared > 40


def described_parameters(text):
    section = re.search(r"^Parameters\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", text, re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^(\S.*?)(?: : .*)?$", section[1], re.MULTILINE) if section else []
    return [name.lstrip("*") for heading in headings for name in heading.split(", ")]


@of_each_edition
def test_a_docstring_is_complete_and_in_the_names_of_the_edition(edition):
    for name in edition.__all__:
        found = getattr(edition, name)
        if not (getattr(found, "__module__", None) or "").startswith("gluonrnn"):
            continue  # data, and MXNet's own
        text = inspect.getdoc(found)
        assert text.splitlines()[0].endswith("."), name
        assert ">>> " in text, name
        if found.__module__.startswith("gluonrnn.editions.") and found.__module__ != numpy_names.__name__:
            assert sorted(described_parameters(text)) == sorted(inspect.signature(found).parameters), name
            assert not re.search(r"\bas there\b", text, re.IGNORECASE), name


@pytest.mark.parametrize(
    ("edition", "before", "start"),
    [
        (d2l_0_10, d2l_0_11, "`d2l_0_10` has all names of `d2l_0_11`"),
        (d2l_0_15, d2l, "and these of its own"),
    ],
    ids=["d2l_0_10", "d2l_0_15"],
)
def test_the_page_of_names_lists_what_an_edition_has_of_its_own(edition, before, start):
    section = NAMES_PAGE.split(start)[1].split("`d2l_0_15` has all names")[0]
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \|$", section, re.MULTILINE)
    assert rows == sorted(own_names(edition, before), key=str.lower)


def use(name, *editions):
    return "use " + " or ".join(f"gluonrnn.editions.{edition}.{name}" for edition in editions)


@pytest.mark.parametrize(
    ("module", "name", "words"),
    [
        (d2l, "train_s2s_ch9", use("train_s2s_ch9", "d2l_0_11", "d2l_0_10", "d2l_0_15")),
        (gb, "MLPAttention", use("MLPAttention", "d2l_0_11", "d2l_0_10", "d2l_0_15")),
        (d2l, "translate", use("translate", "d2l_0_15")),
        (
            gb,
            "Seq2SeqDecoder",
            "use gluonrnn.d2l.Seq2SeqDecoder or " + use("Seq2SeqDecoder", "d2l_0_11", "d2l_0_10")[4:],
        ),
        (d2l_0_11, "train_seq2seq", "use gluonrnn.d2l.train_seq2seq"),
        (d2l_0_15, "build_array", use("build_array", "d2l_0_11", "d2l_0_10")),
        (d2l, "train_and_predict_rnn", "use gluonrnn.train_and_predict_rnn or "),
        (d2l_0_10, "train_and_predict_rnn", "use gluonrnn.train_and_predict_rnn or "),
        (
            d2l,
            "train_ch6",
            "'Convolutional neural networks' (2020-22 edition), and gluonrnn covers the ",
        ),
        (d2l, "MultiHeadAttention", "the chapter 'Attention mechanisms' (2020-22 edition)"),
        (d2l_0_10, "train_ch10", "the chapter 'Optimization algorithms' (2020-22 edition)"),
        (d2l_0_10, "train_ch3", "covers the recurrent chapters only: pip install --no-deps d2l==0.10.3"),
        (d2l_0_10, "train_ch5", "(2018 edition), and gluonrnn covers the recurrent chapters only: pip install --no-de"),
        (gluonbook_0_6, "train_ch3", "'train_ch3' is from the chapter 'Deep learning basics'"),
        (d2l, "no_such_name", "module 'gluonrnn.d2l' has no attribute 'no_such_name'"),
        (d2l, "_private", "module 'gluonrnn.d2l' has no attribute '_private'"),
        (d2l_0_10, "no_such_name", "module 'gluonrnn.editions.d2l_0_10' has no attribute 'no_such_name'"),
        (d2l_0_15, "no_such_name", "module 'gluonrnn.editions.d2l_0_15' has no attribute 'no_such_name'"),
        (utils_2017, "nothing", "module 'gluonrnn.editions.utils_2017' has no attribute 'nothing'"),
    ],
)
def test_a_name_of_another_edition_or_chapter_is_told_of(module, name, words, monkeypatch):
    monkeypatch.setattr("gluonrnn.editions.published.import_real", lambda name: None)
    with pytest.raises(AttributeError, match=re.escape(words)):
        getattr(module, name)


def test_other_chapters_come_from_the_real_package(monkeypatch):
    monkeypatch.setattr("gluonrnn.editions.published.import_real", lambda name: REAL[d2l])
    assert d2l.MultiHeadAttention is REAL[d2l].MultiHeadAttention
    assert d2l.linreg is REAL[d2l].linreg

    def broken(name):
        raise ImportError("No module named 'pandas'")

    monkeypatch.setattr("gluonrnn.editions.published.import_real", broken)
    with pytest.raises(AttributeError, match=r"is installed but cannot be imported .*pandas.*pip install 'gluonrnn"):
        d2l.linreg  # noqa: B018
