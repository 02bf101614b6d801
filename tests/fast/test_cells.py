"""The fast form of each cell against the plain one: values, gradients, and 50 updates."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from mxnet import gluon, nd

import gluonrnn as gb
from gluonrnn.fast import Blocks
from gluonrnn.models import CELLS, CellModel, np_cells
from gluonrnn.models.cells import network_of_cell
from tests.fast.common import SIZES, batch, learn
from tests.matrix import combinations

NAMES = sorted(CELLS)


def plain(cell):
    """Return the cell under another name, so that it is run as it is."""
    return lambda inputs, state, params: CELLS[cell].forward(inputs, state, params)


def pair(cell, vocab_size, num_hiddens, scale=30):
    """Return the same model twice, to be run in its fast form and in its plain one."""
    params = [param * scale for param in CELLS[cell].get_params(vocab_size, num_hiddens)]
    models = []
    for forward in (CELLS[cell].forward, plain(cell)):
        copies = [param.copy() for param in params]
        for copy in copies:
            copy.attach_grad()
        models.append(CellModel(forward, copies, CELLS[cell].init_state, num_hiddens, vocab_size))
    return models


def test_only_this_packages_cells_have_a_fast_form():
    for parts in CELLS.values():
        params = parts.get_params(9, 4)
        assert network_of_cell(parts.forward, params, 9, Blocks()) is not None
        assert network_of_cell(lambda *arguments: None, params, 9, Blocks()) is None
        assert all(network_of_cell(parts.forward, params, vocab_size, Blocks()) is None for vocab_size in (8, 10))
        # the plain form broadcasts such a bias
        assert network_of_cell(parts.forward, [*params[:-1], params[-1].reshape((1, 9))], 9, Blocks()) is None
        assert network_of_cell(parts.forward, [param.astype("float64") for param in params], 9, Blocks()) is None


@pytest.mark.parametrize("cell", NAMES)
def test_the_fast_form_is_taken_from_the_first_state_on(cell, monkeypatch):
    fast, slow = pair(cell, 9, 4)
    X = nd.array([[1, 2, 3], [4, 5, 6]])
    monkeypatch.setattr("gluonrnn.models.scratch.to_onehot", None)  # which the plain form begins with
    _, state = fast(X, fast.begin_state(2))
    assert fast.fast().supports(X, fast.begin_state(2))
    assert fast.fast().supports(X, state)
    assert not fast.fast().supports(X, fast.begin_state(3))
    with pytest.raises(TypeError):
        slow(X, slow.begin_state(2))


def test_the_environment_can_ask_for_the_plain_form(monkeypatch, ctx):
    models = [
        pair("lstm", 9, 4)[0],
        gb.RNNModelScratch(9, 4, ctx, np_cells.get_params, np_cells.init_rnn_state, np_cells.rnn),
        gb.RNNModel(gluon.rnn.GRU(4), 9),
    ]
    models[2].initialize()
    models[2](nd.array([[1, 2]]), models[2].begin_state(1))
    for value, plain in (("1", True), ("0", False), ("", False)):
        monkeypatch.setenv("GLUONRNN_PLAIN", value)
        assert [model.fast() is None for model in models] == [plain] * 3


def test_a_training_in_the_plain_form_runs_the_formula_and_ends_alike(monkeypatch):
    models, steps = {}, []
    monkeypatch.setattr("gluonrnn.models.scratch.to_onehot", lambda X, size: steps.append(X) or gb.to_onehot(X, size))
    for value in "01":
        monkeypatch.setenv("GLUONRNN_PLAIN", value)
        models[value] = gb.fit(text="abcab" * 40, cell="gru", num_hiddens=8, num_epochs=3, num_steps=5, seed=1)
        assert bool(steps) is (value == "1")
    fast, plain = (models[value].history[-1].perplexity for value in "01")
    assert plain == pytest.approx(fast, rel=1e-5)


@pytest.mark.parametrize("cell", NAMES)
def test_parameters_that_are_no_arrays_have_no_fast_form(cell):
    shapes = [param.shape for param in CELLS[cell].get_params(9, 4)]
    assert (
        network_of_cell(CELLS[cell].forward, [gluon.Parameter("p", shape=shape) for shape in shapes], 9, Blocks())
        is None
    )
    assert network_of_cell(CELLS[cell].forward, [], 9, Blocks()) is None


def test_a_model_that_is_called_in_a_way_of_its_own_has_no_fast_form(ctx):
    parts = {
        CellModel: (gb.rnn, gb.get_params(9, 4), gb.init_rnn_state, 4, 9),
        gb.RNNModelScratch: (9, 4, ctx, np_cells.get_params, np_cells.init_rnn_state, np_cells.rnn),
    }
    for kind, arguments in parts.items():
        own = type("Own", (kind,), {"__call__": lambda self, X, state: (X, state)})
        assert kind(*arguments).fast() is not None
        assert own(*arguments).fast() is None


def test_a_cell_need_not_be_hashable():
    class Cell:
        __hash__ = None

        def __call__(self, inputs, state, params):
            return gb.rnn(inputs, state, params)

    model = CellModel(Cell(), gb.get_params(9, 4), gb.init_rnn_state, 4, 9)
    assert model(nd.array([[1, 2]]), model.begin_state(1))[0].shape == (2, 9)


def test_parameters_of_another_size_are_refused_as_by_the_plain_form():
    from mxnet.base import MXNetError

    for forward in (gb.rnn, plain("rnn")):
        model = CellModel(forward, gb.get_params(9, 4), gb.init_rnn_state, 4, 7)
        with pytest.raises((MXNetError, ValueError), match=r"(?i)shape"):
            model(nd.array([[1, 2]]), model.begin_state(1))[0].asnumpy()


@pytest.mark.slow
@pytest.mark.parametrize("cell", NAMES)
@settings(max_examples=15)
@given(**SIZES)
def test_values_and_gradients_are_equal(cell, vocab_size, num_hiddens, batch_size, num_steps, seed):
    gb.seed(seed)
    rng = np.random.default_rng(seed)
    X, Y = batch(rng, vocab_size, batch_size, num_steps)
    states = [nd.array(rng.normal(size=(batch_size, num_hiddens))) for _ in range(CELLS[cell].num_states)]
    results = [learn(model, X, Y, tuple(states)) for model in pair(cell, vocab_size, num_hiddens)]
    for fast, slow in zip(*results):
        assert fast.shape == slow.shape
        np.testing.assert_allclose(fast, slow, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(
    ("cell", "is_random_iter"),
    combinations(NAMES, (True, False), short=[("rnn", True), ("gru", False), ("lstm", True)]),
)
def test_fifty_updates_are_equal(cell, is_random_iter, capsys):
    corpus = gb.load_corpus("lyrics", max_chars=170)
    results = []
    for forward in (CELLS[cell].forward, plain(cell)):
        kept, perplexities = [], []

        def closure(kept=kept):
            kept.extend(CELLS[cell].get_params(corpus.vocab_size, 20))
            return kept

        gb.train_and_predict_rnn(
            forward, closure, CELLS[cell].init_state, 20, corpus.vocab_size, gb.try_gpu(), corpus.corpus_indices,
            corpus.idx_to_char, corpus.char_to_idx, is_random_iter, 5, 5, 1e2, 1e-2, 3, 5, 40, ["分开"],
            seed=3, callback=lambda epoch, perplexity, *rest, seen=perplexities: seen.append(perplexity),
        )  # fmt: skip
        sample = capsys.readouterr().out.splitlines()[1]
        results.append((perplexities, sample, [param.asnumpy() for param in kept]))
    (perplexities, sample, params), (plain_perplexities, plain_sample, plain_params) = results
    np.testing.assert_allclose(perplexities, plain_perplexities, rtol=1e-4)
    assert sample == plain_sample
    for param, plain_param in zip(params, plain_params):
        np.testing.assert_allclose(param, plain_param, rtol=1e-3, atol=1e-5)
