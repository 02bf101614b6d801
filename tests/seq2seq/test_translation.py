"""Translating: the published text, weights and scores, and errors at the call."""

from __future__ import annotations

import functools

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import gluonrnn as gb
from gluonrnn import seq2seq
from gluonrnn.corpus.vocab import Vocab
from tests.seq2seq.common import (
    OF_2020,
    OF_2022,
    SOURCES,
    as_published,
    assert_equal,
    attention_net,
    gru_net,
    lstm_net,
)
from tests.seq2seq.test_training import loaded, trainer_of

SENTENCES = [*(source[:-1] + " " + source[-1] for source in SOURCES), "We whistle .", "", "a  b",
             "we sing and dance and sing and dance ."]  # fmt: skip
# edition, net, epochs
MAKERS = {"gru": ("2022", gru_net, 20), "attention": ("2022", attention_net, 10), "lstm": ("2020", lstm_net, 20)}


@functools.lru_cache(maxsize=None)
def trained(name):
    """Return an edition, a net that was trained for a while, and the vocabularies."""
    edition, make, num_epochs = MAKERS[name]
    data_iter, src_vocab, tgt_vocab = loaded(edition)
    net = make(None, src_vocab, tgt_vocab)
    trainer_of(edition)(net, data_iter, 0.03, num_epochs, tgt_vocab, gb.try_gpu(), seed=2)
    return edition, net, src_vocab, tgt_vocab


@pytest.mark.parametrize("name", ["gru", "lstm"])
def test_translations_are_equal(name, ctx):
    edition, net, src_vocab, tgt_vocab = trained(name)
    translations = []
    for num_steps in (1, 7):
        for sentence in SENTENCES:
            arguments = (net, sentence, src_vocab, tgt_vocab, num_steps, ctx)
            if edition == "2020":
                translation = seq2seq.predict_s2s_ch9(*arguments)
                with as_published():
                    assert translation == OF_2020.predict_s2s_ch9(*arguments)
            else:
                translation, weights = seq2seq.predict_seq2seq(*arguments)
                assert weights == []
                with as_published():
                    assert (translation, []) == OF_2022.predict_seq2seq(*arguments)
            assert len(translation.split()) <= num_steps
            translations.append(translation)
    assert len(set(translations)) > 5
    assert "nous chantons ." in translations


@pytest.mark.slow
def test_attention_weights_are_equal(ctx):
    _, net, src_vocab, tgt_vocab = trained("attention")
    ended = set()
    for num_steps in (2, 6):
        for sentence in SENTENCES:
            arguments = (net, sentence, src_vocab, tgt_vocab, num_steps, ctx, True)
            translation, weights = seq2seq.predict_seq2seq(*arguments)
            with as_published():
                expected, expected_weights = OF_2022.predict_seq2seq(*arguments)
            assert translation == expected
            assert_equal(weights, expected_weights)
            num_tokens = len(translation.split())
            ended.add(len(weights) > num_tokens)
            # one more where <eos> was chosen
            assert len(weights) == min(num_tokens + 1, num_steps)
            assert all(step[0].shape == (1, 1, num_steps) for step in weights)
    assert ended == {True, False}


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm", "gru"])
def test_published_vocabularies_do_too(name, ctx):
    edition, net, src_vocab, tgt_vocab = trained(name)
    theirs = OF_2022 if edition == "2022" else OF_2020
    vocabs = []
    for vocab in (src_vocab, tgt_vocab):
        vocabs.append(theirs.Vocab([]))
        vocabs[-1].idx_to_token, vocabs[-1].token_to_idx = vocab.idx_to_token, vocab.token_to_idx
    for sentence in SENTENCES[:3]:
        expected = seq2seq.translate(net, sentence, src_vocab, tgt_vocab, 6, ctx)
        assert seq2seq.translate(net, sentence, *vocabs, 6, ctx) == expected


def test_only_the_newer_edition_ends_the_source(ctx):
    _, net, src_vocab, tgt_vocab = trained("lstm")
    read = []

    class Encoder(seq2seq.Encoder):
        def forward(self, X, valid_len):
            read.append((X.tolist(), valid_len.tolist()))
            return net.encoder(X)

    other = seq2seq.EncoderDecoder(Encoder(), net.decoder)
    we, sing = src_vocab[["we", "sing"]]
    seq2seq.predict_seq2seq(other, "We sing", src_vocab, tgt_vocab, 4, ctx)
    seq2seq.predict_s2s_ch9(other, "We sing", src_vocab, tgt_vocab, 4, ctx)
    seq2seq.predict_seq2seq(other, "We sing", src_vocab, tgt_vocab, 1, ctx)
    assert read == [([[we, sing, 3, 1]], [3]), ([[we, sing, 1, 1]], [2]), ([[we]], [3])]


WORDS = st.lists(st.sampled_from(["a", "b", "c", ""]), min_size=1, max_size=8).map(" ".join)


@pytest.mark.slow
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(WORDS, WORDS, st.integers(1, 4))
def test_bleu_is_equal(pred, label, k):
    if len(pred.split(" ")) < k:
        with pytest.raises(ZeroDivisionError):
            OF_2022.bleu(pred, label, k)
        assert seq2seq.bleu(pred, label, k) == 0
    else:
        assert seq2seq.bleu(pred, label, k) == pytest.approx(OF_2022.bleu(pred, label, k), rel=1e-12)
        assert 0 <= seq2seq.bleu(pred, label, k) <= 1


VOCAB = Vocab(["a"], reserved_tokens=["<pad>", "<bos>", "<eos>"])


def test_vocabularies_that_do_not_fit(ctx):
    net = gru_net(None, VOCAB, VOCAB)
    with pytest.raises(RuntimeError, match=r"no parameters yet: call model\.initialize"):
        seq2seq.predict_seq2seq(net, "a", VOCAB, VOCAB, 4, ctx)
    net.initialize(ctx=ctx)
    larger = Vocab(["a", "b"], reserved_tokens=["<pad>", "<eos>", "<bos>"])
    for src_vocab, tgt_vocab, words in [
        (Vocab(["a"]), VOCAB, "src_vocab must hold <pad>"),
        (VOCAB, Vocab(reserved_tokens=["<bos>"]), "tgt_vocab must hold <eos>"),
        (larger, VOCAB, "src_vocab must have as many tokens as the encoder of net, 5, but it has 6"),
    ]:
        with pytest.raises(ValueError, match=words):
            seq2seq.predict_seq2seq(net, "a", src_vocab, tgt_vocab, 4, ctx)
