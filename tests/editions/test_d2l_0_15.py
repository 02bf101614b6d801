"""The edition of release 0.15: the orders of its trainer, and its attention."""

from __future__ import annotations

import mxnet as mx
import pytest

from gluonrnn.editions import d2l_0_11, d2l_0_15
from tests.editions.test_signatures import VALUES


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
