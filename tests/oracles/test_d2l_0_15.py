"""Side by side with the published `d2l` 0.15.1, in what its edition has of its own."""

from __future__ import annotations

import random
import re
from pathlib import Path

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib import pyplot

import gluonrnn as gb
from gluonrnn import d2l, seq2seq
from gluonrnn.editions import d2l_0_15
from tests.matrix import combinations
from tests.oracles.load import published
from tests.oracles.test_d2l import (
    BEGINNING,
    RANDOM,
    TEXT,
    Batches,
    alike,
    model_of,
    np_arrays,  # noqa: F401 (a fixture)
    params_of,
)
from tests.seq2seq.common import (
    SOURCES,
    assert_equal,
    assert_gradients_equal,
    copy_parameters,
    forward_and_gradients,
    gru_net,
    parameters_of,
    random_array,
)
from tests.seq2seq.common import TEXT as PAIRS_OF_SENTENCES

OF_2020 = published("d2l==0.15.1", "d2l.mxnet")
LIBRARY = OF_2020.Vocab.__init__.__globals__  # where its functions look names up
# it calls methods by names that MXNet has since deprecated, and an IPython function of before version 8
pytestmark = [
    pytest.mark.filterwarnings("ignore:ndarray.as_in_context:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:.*set_matplotlib_formats:DeprecationWarning"),
]
NO_SPEED = re.compile(r"[\d.]+ tokens/sec")


@pytest.fixture
def sentences(monkeypatch, tmp_path):
    """Let both read a small text for the English-French sentences."""
    (tmp_path / "fra-eng").mkdir()
    (tmp_path / "fra-eng" / "fra.txt").write_text(PAIRS_OF_SENTENCES * 2, encoding="utf-8")
    monkeypatch.setenv("GLUONRNN_DATA", str(tmp_path))
    monkeypatch.setitem(LIBRARY, "read_data_nmt", lambda: PAIRS_OF_SENTENCES * 2)


@settings(max_examples=60)
@given(
    st.lists(st.sampled_from("abcdefg")) | st.lists(st.lists(st.sampled_from("abcdefg")), min_size=1),
    st.integers(0, 3),
    st.none() | st.lists(st.sampled_from(["<pad>", "<bos>", "c"]), unique=True),
)
def test_vocabularies_are_equal(tokens, min_freq, reserved_tokens):
    ours, theirs = (module.Vocab(tokens, min_freq, reserved_tokens) for module in (d2l_0_15, OF_2020))
    assert ours.idx_to_token == theirs.idx_to_token
    assert ours.token_to_idx == theirs.token_to_idx
    assert (ours.unk, ours.token_freqs) == (theirs.unk, theirs.token_freqs)


@pytest.mark.slow
@RANDOM
def test_the_time_machine_is_loaded_alike(use_random_iter, monkeypatch, tmp_path):
    text = "The mill, by nobody.\n\n  Sacks of flour: 9!\nThe dust o'er the sacks, all day\n" * 3
    path = tmp_path / "timemachine.txt"
    path.write_text(text, encoding="utf-8")
    monkeypatch.setattr("gluonrnn.corpus.hub.download", lambda name: str(path))
    monkeypatch.setattr(LIBRARY["d2l"], "download", lambda name: str(path))
    for max_tokens in (-1, 100):
        (corpus, vocab), (their_corpus, their_vocab) = (
            module.load_corpus_time_machine(max_tokens) for module in (d2l_0_15, OF_2020)
        )
        assert corpus == their_corpus
        assert vocab.idx_to_token == their_vocab.idx_to_token
    # the last seeds drop num_steps tokens, one more than 0.17 ever does
    for seed in range(20):
        found = []
        for module in (d2l_0_15, OF_2020):
            random.seed(seed)
            data_iter, vocab = module.load_data_time_machine(2, 3, use_random_iter)
            assert isinstance(vocab, module.Vocab)
            found.append([(X.asnumpy(), Y.asnumpy()) for X, Y in data_iter])
        assert len(found[0]) > 5
        np.testing.assert_array_equal(*found)
    assert Path(path).read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("kind", "use_random_iter"),
    combinations(["scratch", "layer"], [False, True], short=[("scratch", False), ("layer", True)]),
)
def test_training_is_equal(kind, use_random_iter, ctx, capsys):
    printed, trained = [], []
    for module in (d2l_0_15, OF_2020):
        gb.seed(7)
        vocab = module.Vocab([list(TEXT)])
        # the edition has the models of gluonrnn.d2l
        model = model_of(d2l if module is d2l_0_15 else module, kind, "gru", vocab, ctx)
        batches = Batches(module, vocab, use_random_iter, text=BEGINNING)
        module.train_ch8(model, batches, vocab, 0.2, 11, ctx, use_random_iter)
        printed.append(NO_SPEED.sub("... tokens/sec", capsys.readouterr().out))
        (line,) = pyplot.gcf().axes[0].lines
        trained.append([line.get_xdata(), np.log(line.get_ydata()), *params_of(model)])
    assert printed[0] == printed[1]
    assert len(printed[0].splitlines()) == 3
    alike(*trained, 1e-3)


@pytest.mark.parametrize("lengths", [None, [2, 5, 0], [[1, 2], [3, 4], [5, 0]]], ids=["all", "examples", "queries"])
@pytest.mark.parametrize(("name", "sizes"), [("MLPAttention", (8,)), ("DotProductAttention", ())])
def test_attention_is_equal(name, sizes, lengths):
    rng = np.random.default_rng(4)
    inputs = [random_array(rng, 3, 2, 4), random_array(rng, 3, 5, 4), random_array(rng, 3, 5, 6)]
    inputs.append(None if lengths is None else mx.np.array(lengths))
    weights = random_array(rng, 3, 2, 6)
    layers = [getattr(module, name)(*sizes, 0.1) for module in (d2l_0_15, OF_2020)]
    for layer in layers:
        layer.initialize(mx.init.Uniform(0.5))
        layer(*inputs)
    copy_parameters(*layers)
    results = [forward_and_gradients(layer, inputs, lambda output: (output * weights).sum()) for layer in layers]
    (output, gradients, of_inputs), (their_output, their_gradients, of_their_inputs) = results
    assert_equal(output, their_output)
    assert_gradients_equal(gradients, their_gradients)
    assert_equal(of_inputs, of_their_inputs)
    scores = random_array(rng, 3, 2, 5)
    assert_equal(d2l_0_15.masked_softmax(scores, inputs[3]), OF_2020.masked_softmax(scores, inputs[3]))


def test_attention_reads_the_published_files(tmp_path):
    key, value = mx.np.eye(3).reshape(1, 3, 3), mx.np.array([[[1.0], [10.0], [100.0]]])
    outputs = []
    for source, target in ((OF_2020, d2l_0_15), (d2l_0_15, OF_2020)):
        layer, other = (module.MLPAttention(4, 0) for module in (source, target))
        layer.initialize(mx.init.Uniform(1))
        outputs.append(layer(key, key, value, None))
        layer.save_parameters(str(tmp_path / "attention"))
        other.load_parameters(str(tmp_path / "attention"))
        assert_equal(other(key, key, value, None), outputs[-1])
    assert abs(outputs[0] - outputs[1]).max() > 1e-3


@pytest.mark.slow
def test_translation_is_equal(sentences, ctx, capsys):
    printed, loaded, nets = [], [], []
    for module in (d2l_0_15, OF_2020):
        gb.seed(21)
        data_iter, src_vocab, tgt_vocab = module.load_data_nmt(2, 6)
        assert isinstance(src_vocab, module.Vocab)
        net = gru_net(seq2seq if module is d2l_0_15 else module, src_vocab, tgt_vocab)
        module.train_s2s_ch9(net, data_iter, 0.01, 5, tgt_vocab, ctx)
        loaded.append((src_vocab, tgt_vocab))
        nets.append(net)
        printed.append(NO_SPEED.sub("... tokens/sec", capsys.readouterr().out))
    assert printed[0] == printed[1]
    assert re.fullmatch(r"loss 0\.\d{3}, \.\.\. tokens/sec on cpu\(0\)\n", printed[0])
    assert [vocab.idx_to_token for vocab in loaded[0]] == [vocab.idx_to_token for vocab in loaded[1]]
    theirs = parameters_of(nets[1])
    for name, parameter in parameters_of(nets[0]).items():
        np.testing.assert_allclose(
            parameter.data().asnumpy(), theirs[name].data().asnumpy(), rtol=1e-3, atol=1e-3, err_msg=name
        )
    d2l_0_15.train_s2s_ch9(nets[0], data_iter, 0.03, 10, loaded[0][1], ctx, seed=2)  # to have something to say
    capsys.readouterr()
    engs = [f"{source[:-1]} {source[-1]}" for source in SOURCES]
    said = d2l_0_15.predict_s2s_ch9(nets[0], engs[0], *loaded[0], 6, ctx)
    fras = [f"mais {said}", *["nous dansons ."] * 9]
    for module in (d2l_0_15, OF_2020):
        module.translate(engs, fras, nets[0], *loaded[0], 6, ctx)
        printed.append(capsys.readouterr().out)
        assert [module.predict_s2s_ch9(nets[0], eng, *loaded[0], 6, ctx) for eng in engs] == [
            re.search("=> (.*), bleu", line).group(1) for line in printed[-1].splitlines()
        ]
    assert printed[2] == printed[3]
    assert re.match(rf"We sing \. => {re.escape(said)}, bleu 0\.[1-9]", printed[2])


def test_bleu_tells_tokens_apart_that_the_published_one_runs_together():
    assert d2l_0_15.bleu("a bc d", "ab c d", 2) < OF_2020.bleu("a bc d", "ab c d", 2)
    assert d2l_0_15.bleu("a b d", "a b c d", 2) == pytest.approx(OF_2020.bleu("a b d", "a b c d", 2))
