"""Translating: the published text, weights and scores, and errors at the call."""

from __future__ import annotations

import inspect

import mxnet as mx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gluonrnn import seq2seq
from gluonrnn.vocab import Vocab
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
MAKERS = {"gru": ("2022", gru_net), "attention": ("2022", attention_net), "lstm": ("2020", lstm_net)}


@pytest.fixture
def trained(request, ctx, capsys):
    """Return an edition, a net that was trained for a while, and the vocabularies."""
    edition, make = MAKERS[request.param]
    data_iter, src_vocab, tgt_vocab = loaded(edition)
    net = make(None, src_vocab, tgt_vocab)
    trainer_of(edition)(net, data_iter, 0.02, 30, tgt_vocab, ctx, seed=2)
    return edition, net, src_vocab, tgt_vocab


@pytest.mark.parametrize("trained", MAKERS, indirect=True)
def test_translations_are_equal(trained, ctx):
    edition, net, src_vocab, tgt_vocab = trained
    translations = []
    for num_steps in (1, 3, 6, 9):
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
    assert len(set(translations)) > 8
    assert "nous chantons ." in translations


@pytest.mark.parametrize("trained", ["attention"], indirect=True)
def test_attention_weights_are_equal(trained, ctx):
    _, net, src_vocab, tgt_vocab = trained
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


@pytest.mark.parametrize("trained", ["lstm", "gru"], indirect=True)
def test_published_vocabularies_do_too(trained, ctx):
    edition, net, src_vocab, tgt_vocab = trained
    theirs = OF_2022 if edition == "2022" else OF_2020
    vocabs = []
    for vocab in (src_vocab, tgt_vocab):
        vocabs.append(theirs.Vocab([]))
        vocabs[-1].idx_to_token, vocabs[-1].token_to_idx = vocab.idx_to_token, vocab.token_to_idx
    for sentence in SENTENCES[:3]:
        expected = seq2seq.translate(net, sentence, src_vocab, tgt_vocab, 6, ctx)
        assert seq2seq.translate(net, sentence, *vocabs, 6, ctx) == expected


@pytest.mark.parametrize("trained", ["lstm"], indirect=True)
def test_only_the_newer_edition_ends_the_source(trained, ctx):
    _, net, src_vocab, tgt_vocab = trained
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


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (("a", "a", 0), ValueError, "^k must be at least 1, but it is 0: "),
        (("a", "a", 1.5), TypeError, "^k must be a whole number, but it is 1.5 "),
        (
            (["a"], "a", 1),
            TypeError,
            r"^pred_seq must be a string, but it is \['a'\] \(list\): join its tokens with spaces$",
        ),
    ],
)
def test_what_bleu_does_not_take(arguments, error, message):
    with pytest.raises(error, match=message):
        seq2seq.bleu(*arguments)


@pytest.mark.parametrize("name", ["predict_seq2seq", "predict_s2s_ch9", "bleu"])
def test_signatures_are_the_published_ones(name):
    theirs = OF_2020 if name == "predict_s2s_ch9" else OF_2022
    mine, published_ones = (
        [(p.name, p.kind, p.default) for p in inspect.signature(getattr(module, name)).parameters.values()]
        for module in (seq2seq, theirs)
    )
    assert mine == published_ones


VOCAB = Vocab(["a"], reserved_tokens=["<pad>", "<bos>", "<eos>"])


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        (
            {"net": mx.gluon.nn.Dense(3)},
            TypeError,
            r"^net must have an encoder and a decoder, as EncoderDecoder has, but it is Dense\(.*: check the order",
        ),
        (
            {"src_sentence": ["a"]},
            TypeError,
            r"^src_sentence must be a string, but it is \['a'\] \(list\): pass one sentence$",
        ),
        (
            {"src_vocab": Vocab(["a"])},
            ValueError,
            r"^src_vocab must hold <pad>, but it does not: make it with reserved_tok",
        ),
        (
            {"tgt_vocab": Vocab(reserved_tokens=["<bos>"])},
            ValueError,
            "^tgt_vocab must hold <eos>, but it does not: make",
        ),
        (
            {"tgt_vocab": 6},
            TypeError,
            r"^tgt_vocab must be a Vocab, but it is 6 \(int\): check the order of the arguments$",
        ),
        ({"num_steps": 0}, ValueError, "^num_steps must be at least 1, but it is 0: "),
        ({"device": "cpu"}, TypeError, r"^device must be a device, but it is 'cpu' \(str\): pass try_gpu"),
        (
            {"src_vocab": Vocab(["a", "b"], reserved_tokens=["<pad>", "<eos>", "<bos>"])},
            ValueError,
            "^src_vocab must have as many tokens as the encoder of net, 5, but it has 6: make the encoder with len",
        ),
        (
            {"save_attention_weights": True},
            TypeError,
            "^save_attention_weights needs a decoder with attention_weights, as an AttentionDecoder has, but "
            "Seq2SeqDecoder has none: leave save_attention_weights out$",
        ),
    ],
)
def test_arguments_are_checked(changes, error, message, ctx):
    net = gru_net(None, VOCAB, VOCAB)
    net.initialize(ctx=ctx)
    arguments = {"net": net, "src_sentence": "a", "src_vocab": VOCAB, "tgt_vocab": VOCAB, "num_steps": 4, "device": ctx}
    with pytest.raises(error, match=message):
        seq2seq.predict_seq2seq(**{**arguments, **changes})


def test_a_net_without_parameters(ctx):
    message = r"^the model has no parameters yet: call model\.initialize\(ctx=ctx\) first$"
    with pytest.raises(RuntimeError, match=message):
        seq2seq.predict_seq2seq(gru_net(None, VOCAB, VOCAB), "a", VOCAB, VOCAB, 4, ctx)
