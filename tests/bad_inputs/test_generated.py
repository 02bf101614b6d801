"""Whatever is no count, no device, no row of indices, no encoding: the call says so, and names the parameter."""

from __future__ import annotations

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import gluon, nd

import gluonrnn
from gluonrnn import d2l
from gluonrnn.editions import d2l_0_10, d2l_0_11, d2l_0_15

FEW = settings(max_examples=60)
CPU = mx.cpu()
VOCAB = d2l.Vocab([["go", "on"]], reserved_tokens=["<pad>", "<bos>", "<eos>"])

# a call with one count left open, and the name of that count
COUNTS = [
    *((f"vocab_size of {f.__module__}.{f.__name__}", lambda bad, f=f: f(bad, 4)) for f in (
        gluonrnn.get_params, gluonrnn.get_gru_params, gluonrnn.get_lstm_params,
        d2l.get_params, d2l.get_gru_params, d2l.get_lstm_params)),
    *((f"num_hiddens of {f.__module__}.{f.__name__}", lambda bad, f=f: f(4, bad)) for f in (
        gluonrnn.get_params, gluonrnn.init_rnn_state, gluonrnn.init_gru_state, gluonrnn.init_lstm_state,
        d2l.get_lstm_params, d2l.init_rnn_state, d2l.init_gru_state, d2l.init_lstm_state)),
    *((f"batch_size of {f.__module__}.{f.__name__}", lambda bad, f=f: f(range(30), bad, 5)) for f in (
        gluonrnn.data_iter_random, gluonrnn.data_iter_consecutive, d2l.seq_data_iter_random,
        d2l.seq_data_iter_sequential, d2l_0_11.seq_data_iter_random, d2l_0_10.seq_data_iter_random,
        d2l_0_10.seq_data_iter_consecutive)),
    *((f"num_steps of {f.__module__}.{f.__name__}", lambda bad, f=f: f(range(30), 2, bad)) for f in (
        gluonrnn.data_iter_random, gluonrnn.data_iter_consecutive, d2l.seq_data_iter_random,
        d2l.seq_data_iter_sequential)),
    ("size of to_onehot", lambda bad: gluonrnn.to_onehot(nd.ones((2, 3)), bad)),
    ("vocab_size of RNNModel", lambda bad: gluonrnn.RNNModel(gluon.rnn.RNN(4), bad)),
    ("batch_size of begin_state", lambda bad: gluonrnn.RNNModel(gluon.rnn.RNN(4), 7).begin_state(batch_size=bad)),
    *((f"{name} of Seq2SeqEncoder", lambda bad, place=place: d2l.Seq2SeqEncoder(*[4] * place, bad, *[4] * (3 - place)))
      for place, name in enumerate(("vocab_size", "embed_size", "num_hiddens", "num_layers"))),
    ("num_hiddens of AdditiveAttention", lambda bad: d2l.AdditiveAttention(bad, 0.1)),
    ("units of MLPAttention", lambda bad: d2l_0_15.MLPAttention(bad, 0.1)),
    ("num_steps of truncate_pad", lambda bad: d2l.truncate_pad([1, 2], bad, 0)),
    ("num_steps of build_array_nmt", lambda bad: d2l.build_array_nmt([["go"]], VOCAB, bad)),
    ("k of bleu", lambda bad: d2l.bleu("a b", "a b", bad)),
    ("n of Accumulator", lambda bad: d2l.Accumulator(bad)),
    ("nrows of Animator", lambda bad: d2l.Animator(nrows=bad)),
    ("batch_size of load_array", lambda bad: d2l.load_array((mx.np.ones(3),), bad)),
    *((f"{name} of Options", lambda bad, name=name: gluonrnn.Options(**{name: bad}))
      for name in ("num_hiddens", "num_steps", "batch_size")),
]  # fmt: skip

NO_COUNTS = st.one_of(
    st.integers(max_value=0),
    st.integers(min_value=2**31),
    st.floats(),
    st.booleans(),
    st.none(),
    st.text(max_size=5),
    st.binary(max_size=5),
    st.lists(st.integers(), max_size=3),
    st.sampled_from([2**70, np.float32(2), object(), CPU]),
    st.builds(np.ones, st.integers(1, 3)),
    st.builds(mx.np.ones, st.integers(1, 3)),
)


@FEW
@given(st.sampled_from(COUNTS), NO_COUNTS)
def test_what_is_no_count_is_refused_by_name(call, bad):
    name, function = call
    with pytest.raises((TypeError, ValueError), match=f"^{name.split()[0]} must be (a |at least |at most )"):
        function(bad)


DEVICES = [
    *((f"{place} of {f.__module__}.{f.__name__}", lambda bad, f=f: f(4, 4, bad)) for place, f in (
        ("ctx", gluonrnn.get_params), ("ctx", gluonrnn.get_gru_params), ("ctx", gluonrnn.get_lstm_params),
        ("ctx", gluonrnn.init_rnn_state), ("ctx", gluonrnn.init_lstm_state), ("device", d2l.get_params),
        ("device", d2l.get_lstm_params), ("device", d2l.init_gru_state))),
    ("ctx of data_iter_random", lambda bad: gluonrnn.data_iter_random(range(30), 2, 5, bad)),
    ("ctx of data_iter_consecutive", lambda bad: gluonrnn.data_iter_consecutive(range(30), 2, 5, bad)),
    ("device of RNNModelScratch",
     lambda bad: d2l.RNNModelScratch(7, 4, bad, d2l.get_params, d2l.init_rnn_state, d2l.rnn)),
    ("ctx of begin_state", lambda bad: gluonrnn.RNNModel(gluon.rnn.RNN(4), 7).begin_state(batch_size=2, ctx=bad)),
]  # fmt: skip
NO_DEVICES = st.one_of(
    st.integers(),
    st.booleans(),
    st.text(max_size=5),
    st.lists(st.just(CPU), max_size=2),
    st.integers(min_value=64, max_value=1000).map(mx.gpu),
    st.sampled_from(["cpu", "gpu(0)", print]),
    st.builds(mx.np.ones, st.integers(1, 3)),
)


@FEW
@given(st.sampled_from(DEVICES), NO_DEVICES)
def test_what_is_no_device_of_this_machine_is_refused_by_name(call, bad):
    name, function = call
    with pytest.raises((TypeError, ValueError), match=f"^{name.split()[0]} must be a device"):
        function(bad)


ITERATORS = [
    gluonrnn.data_iter_random,
    gluonrnn.data_iter_consecutive,
    d2l.seq_data_iter_random,
    d2l.seq_data_iter_sequential,
    d2l_0_11.seq_data_iter_random,
    d2l_0_10.seq_data_iter_consecutive,
]
NO_INDICES = st.one_of(st.integers(max_value=-1, min_value=-(2**40)), st.floats(-0.999, -0.001), st.just(float("nan")),
                       st.floats(0.001, 0.999), st.none())  # fmt: skip


@FEW
@given(st.sampled_from(ITERATORS), st.lists(st.integers(0, 99), max_size=20), NO_INDICES, st.data())
def test_an_index_that_is_none_is_refused_wherever_it_stands(iterator, corpus, bad, data):
    corpus.insert(data.draw(st.integers(0, len(corpus))), bad)
    with pytest.raises(ValueError, match=r"^an index must be whole and be at least 0, but corpus"):
        iterator(corpus, 2, 1)


@FEW
@given(st.text(max_size=10))
def test_an_encoding_that_python_does_not_know_is_named(name):
    with open("text.txt", "w") as file:
        file.write("over and over")
    try:
        "over".encode(name)
        b"over and over".decode(name)
    except (LookupError, ValueError):
        with pytest.raises(ValueError, match=r"encoding|is not written in"):
            gluonrnn.load_corpus("text.txt", encoding=name)


@FEW
@given(st.sampled_from([nd, mx.np]), st.lists(st.integers(1, 3), min_size=1, max_size=4).filter(lambda s: len(s) != 2))
def test_an_array_of_another_rank_is_refused(world, shape):
    model = gluonrnn.RNNModel(gluon.rnn.RNN(4), 7) if world is nd else d2l.RNNModel(gluon.rnn.RNN(4), 7)
    model.initialize()
    X = world.ones(tuple(shape))
    with pytest.raises(ValueError, match=r"must be of shape \(batch_size, num_steps\), but its shape is"):
        model(X, model.begin_state(batch_size=2))


@FEW
@given(st.sampled_from(["nd", "np"]), st.sampled_from(["int32", "float64", "float16", "uint8"]))
def test_an_array_of_the_other_world_is_refused_whatever_its_type(world, dtype):
    X = (nd if world == "nd" else mx.np).ones((2, 3), dtype=dtype)
    model = d2l.RNNModel(gluon.rnn.RNN(4), 7) if world == "nd" else gluonrnn.RNNModel(gluon.rnn.RNN(4), 7)
    with pytest.raises(TypeError, match=f"must be a mxnet.{'np' if world == 'nd' else 'nd'} array here"):
        model(X, None)


@settings(max_examples=10)
@given(st.sampled_from(["x", "over", "歌"]), st.integers(1, 3000))
def test_a_text_of_any_length_is_a_corpus(text, times):
    corpus = gluonrnn.load_corpus(text=text * times)
    assert len(corpus.corpus_indices) == len(text) * times
    assert corpus.vocab_size == len(set(text))
