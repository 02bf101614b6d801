"""The edition of release 0.15: names, signatures, orders, and what it takes from the editions beside it."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import mxnet as mx
import pytest

import gluonrnn as gb
from gluonrnn import d2l
from gluonrnn.editions import d2l_0_11, d2l_0_15, numpy_names
from tests.editions.test_signatures import VALUES
from tests.oracles.load import published

REAL = published("d2l==0.15.1", "d2l.mxnet")
EDITION = "gluonrnn.editions.d2l_0_15"
REQUIRED = inspect.Parameter.empty
OWN = {name for name in d2l_0_15.__all__ if getattr(d2l_0_15, name) is not getattr(d2l, name, None)}
# what the chapters define in their own cells, and what came after the release
MORE = {
    *("get_params", "get_gru_params", "get_lstm_params", "init_rnn_state", "init_gru_state", "init_lstm_state"),
    *("rnn", "gru", "lstm", "Seq2SeqDecoder"),
    *("AdditiveAttention", "AttentionDecoder", "eye", "predict_seq2seq", "rand", "show_heatmaps"),
    *("show_list_len_pair_hist", "train_seq2seq"),
}


def described(function):
    """Return a signature without what may be given by keyword only."""
    found = inspect.signature(function).parameters.values()
    return [
        (p.name, list(p.default) if isinstance(p.default, (list, tuple)) else p.default, p.kind)
        for p in found
        if p.kind is not p.KEYWORD_ONLY
    ]


def test_all_is_that_of_d2l_and_four_names_more():
    assert d2l_0_15.__all__ == sorted(set(d2l_0_15.__all__))
    assert set(d2l_0_15.__all__) - set(d2l.__all__) == {"MLPAttention", "predict_s2s_ch9", "train_s2s_ch9", "translate"}
    assert set(d2l.__all__) < set(d2l_0_15.__all__)
    assert {name for name in d2l_0_15.__all__ if not hasattr(REAL, name)} == MORE - {"rnn"}


def test_what_it_does_not_define_is_that_of_d2l():
    assert OWN.isdisjoint(numpy_names.__all__)
    assert {"Timer", "RNNModelScratch", "seq_data_iter_sequential", "sgd", "train_seq2seq"}.isdisjoint(OWN)
    namespace: dict = {}
    exec("from gluonrnn.editions.d2l_0_15 import *", namespace)
    assert {name for name in namespace if getattr(d2l, name, None) is not namespace[name]} - {"__builtins__"} == OWN


def test_signatures_are_the_published_ones():
    for name in sorted(set(d2l_0_15.__all__) - MORE - set(numpy_names.__all__)):
        ours, theirs = getattr(d2l_0_15, name), getattr(REAL, name)
        if inspect.isclass(theirs):
            for method, its in vars(theirs).items():
                if inspect.isfunction(its) and (method == "__init__" or not method.startswith("__")):
                    assert described(getattr(ours, method)) == described(its), (name, method)
        elif callable(theirs):
            assert described(ours) == described(theirs), name


def test_an_own_name_says_what_it_is_and_shows_it():
    for name in sorted(OWN):
        text = inspect.getdoc(getattr(d2l_0_15, name))
        assert text.splitlines()[0].endswith("."), name
        assert ">>> " in text, name


def test_training_without_a_vocabulary_is_in_the_order_of_2019(ctx):
    batches, vocab = [], d2l_0_15.Vocab(["a"])
    with pytest.raises(
        TypeError, match=r"tgt_vocab, device\), but .*: use gluonrnn\.editions\.d2l_0_11\.train_s2s_ch9$"
    ):
        d2l_0_15.train_s2s_ch9(VALUES["model"], batches, 0.005, 9, ctx)
    with pytest.raises(
        TypeError, match=r"epochs, ctx\), but .*: use gluonrnn\.editions\.d2l_0_15\.train_s2s_ch9 or gluo"
    ):
        d2l_0_11.train_s2s_ch9(VALUES["model"], batches, 0.005, 9, vocab, ctx)


def test_translation_as_in_0_14_is_told_of(monkeypatch, tmp_path, ctx):
    """Its documents unpack the vocabularies first, so that the batches have the name of one."""
    (tmp_path / "fra-eng").mkdir()
    (tmp_path / "fra-eng" / "fra.txt").write_text("Go.\tVa !\nRun.\tCours !\n", encoding="utf-8")
    monkeypatch.setenv("GLUONRNN_DATA", str(tmp_path))
    src_vocab, tgt_vocab, train_iter = d2l_0_15.load_data_nmt(batch_size=2, num_steps=3)
    encoder = d2l_0_15.Seq2SeqEncoder(len(src_vocab), 4, 8, 1)
    model = d2l_0_15.EncoderDecoder(encoder, d2l_0_15.Seq2SeqDecoder(len(tgt_vocab), 4, 8, 1))
    with pytest.raises(TypeError, match=r"order of another edition: use gluonrnn\.editions\.d2l_0_11\.train_s2s_ch9$"):
        d2l_0_15.train_s2s_ch9(model, train_iter, 0.005, 9, ctx)


def test_names_of_other_editions_and_chapters_are_told_of(monkeypatch):
    from gluonrnn.editions import published as real

    def of(name, *editions):
        return " or ".join(f"gluonrnn.editions.{edition}.{name}" for edition in editions)

    monkeypatch.setattr(real, "import_real", lambda name: None)
    for module, name, words in (
        (d2l, "train_s2s_ch9", "use " + of("train_s2s_ch9", "d2l_0_11", "d2l_0_10", "d2l_0_15")),
        (gb, "MLPAttention", "use " + of("MLPAttention", "d2l_0_11", "d2l_0_10", "d2l_0_15")),
        (d2l, "translate", "use gluonrnn.editions.d2l_0_15.translate"),
        (gb, "Seq2SeqDecoder", "use gluonrnn.d2l.Seq2SeqDecoder or " + of("Seq2SeqDecoder", "d2l_0_11", "d2l_0_10")),
        (d2l_0_11, "train_seq2seq", "use gluonrnn.d2l.train_seq2seq"),
        (d2l_0_15, "build_array", "use " + of("build_array", "d2l_0_11", "d2l_0_10")),
        (d2l_0_15, "train_ch6", "'Convolutional neural networks' (2020-22 edition)"),
        (d2l_0_15, "no_such_name", f"module {EDITION!r} has no attribute 'no_such_name'"),
    ):
        # one edition that only passes a name on is not named beside the one that has it
        with pytest.raises(AttributeError, match=re.escape(words) + r"($|, and)"):
            getattr(module, name)


def test_the_attention_of_the_edition_before_is_another():
    layer, before = d2l_0_15.MLPAttention(3, 0), d2l_0_11.MLPAttention(3, 0)
    key, value = mx.np.eye(3).reshape(1, 3, 3), mx.np.arange(3.0).reshape(1, 3, 1)
    layer.initialize(mx.init.Uniform(1))
    before.initialize(mx.init.Uniform(1))
    outputs = [attention(key, key, value, None).flatten().tolist() for attention in (layer, before)]
    # in 0.11 the query makes no difference
    assert len(set(outputs[0])) == 3
    assert outputs[1] == pytest.approx([outputs[1][0]] * 3, rel=1e-5)
    assert sorted(layer._collect_params_with_prefix()) == ["W_k.weight", "W_q.weight", "v.weight"]


def test_the_page_of_names_lists_what_it_has_of_its_own():
    page = (Path(__file__).resolve().parents[2] / "docs" / "en" / "names.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \|$", page.split("and these of its own")[1], re.MULTILINE)
    assert rows == sorted(OWN, key=str.lower)
