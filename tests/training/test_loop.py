from __future__ import annotations

import math
import random

import numpy as np
import pytest
from mxnet import autograd, nd

import gluonrnn as gb
from gluonrnn.errors import NonFiniteLossError, NonFiniteLossWarning
from gluonrnn.models import CELLS, CellModel
from gluonrnn.training.loop import NonFiniteGuard, detach_state, perplexity, train, train_epoch
from gluonrnn.training.optimizers import SGD, Stepped
from tests.oracles import numpy_cells


def scratch(cell, vocab_size=7, num_hiddens=5, seed=1):
    gb.seed(seed)
    parts = CELLS[cell]
    params = parts.get_params(vocab_size, num_hiddens)
    for param in params:
        param[:] = param * 30  # large enough for the state to matter
    return CellModel(parts.forward, params, parts.init_state, num_hiddens, vocab_size)


def corpus(length=61, vocab_size=7):
    return np.random.default_rng(8).integers(vocab_size, size=length)


def one_epoch(model, batches, *, carry_state, step=lambda num_tokens: None):
    return train_epoch(
        model,
        batches,
        Stepped(model, step, None),
        ctx=gb.try_gpu(),
        carry_state=carry_state,
        guard=NonFiniteGuard("raise"),
    )


@pytest.mark.parametrize("carry_state", [True, False])
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_the_loss_of_an_epoch_is_numpys(cell, carry_state):
    model = scratch(cell)
    arrays = dict(zip(CELLS[cell].param_names, (param.asnumpy() for param in model.params)))
    zeros = [(np.zeros(5),) * (2 if cell == "lstm" else 1)] * 2
    states, expected, count = zeros, 0.0, 0
    for X, Y in gb.data_iter_consecutive(corpus(), 2, 6):
        logits, last = numpy_cells.scores(cell, X.asnumpy(), states if carry_state else zeros, arrays)
        labels = Y.asnumpy().T.reshape(-1)
        expected += numpy_cells.mean_cross_entropy(logits, labels) * len(labels)
        count += len(labels)
        states = last
    loss_sum, num_chars = one_epoch(model, gb.data_iter_consecutive(corpus(), 2, 6), carry_state=carry_state)
    assert num_chars == count == 2 * 6 * 4
    assert loss_sum == pytest.approx(expected, rel=1e-5)
    assert perplexity(loss_sum / num_chars) == pytest.approx(math.exp(expected / count), rel=1e-4)


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_no_gradient_crosses_a_batch(cell):
    """The gradient of batch 2 is that of a run which starts from a constant copy of the state."""
    model = scratch(cell)
    (X1, Y1), (X2, Y2) = list(gb.data_iter_consecutive(corpus(), 2, 6))[:2]
    gradients = []
    one_epoch(
        model,
        [(X1, Y1), (X2, Y2)],
        carry_state=True,
        step=lambda num_tokens: gradients.append([param.grad.asnumpy() for param in model.params]),
    )
    _, state = model(X1, model.begin_state(2))
    constant = [nd.array(part.asnumpy()) for part in state]
    from mxnet import gluon

    with autograd.record():
        scores, _ = model(X2, constant)
        loss = gluon.loss.SoftmaxCrossEntropyLoss()(scores, Y2.T.reshape((-1,))).mean()
    loss.backward()
    for found, param in zip(gradients[1], model.params):
        np.testing.assert_allclose(found, param.grad.asnumpy(), rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("wrap", [lambda H: H, lambda H: (H,), lambda H: [H]])
def test_a_users_cell_may_return_its_state_as_array_tuple_or_list(wrap):
    plain = scratch("rnn")

    def cell(inputs, state, params):
        H = state if isinstance(state, nd.NDArray) else state[0]
        outputs, (H,) = gb.rnn(inputs, (H,), params)
        return outputs, wrap(H)

    own = CellModel(cell, plain.params, lambda *args: wrap(gb.init_rnn_state(*args)[0]), 5, 7)
    batches = list(gb.data_iter_consecutive(corpus(), 2, 6))
    found, expected = (one_epoch(model, batches, carry_state=True) for model in (own, plain))
    assert found == pytest.approx(expected, rel=1e-6)


def test_detaching_keeps_value_and_kind_and_cuts_the_graph():
    x = nd.array([2.0, 3.0])
    x.attach_grad()
    with autograd.record():
        y = x * x
        cut = detach_state([y, (y,)])
        loss = (y * cut[0] * cut[1][0]).sum()
    loss.backward()
    assert type(cut) is list
    assert type(cut[1]) is tuple
    np.testing.assert_array_equal(cut[0].asnumpy(), [4, 9])
    # d(y c^2)/dx with c = x^2 held constant
    np.testing.assert_allclose(x.grad.asnumpy(), 2 * x.asnumpy() ** 5)


def test_random_sampling_begins_each_batch_anew_and_consecutive_only_the_epoch():
    model = scratch("rnn")
    begun = []
    begin_state = model.begin_state
    model.begin_state = lambda batch_size, ctx: begun.append(batch_size) or begin_state(batch_size, ctx)
    for carry_state, expected in ((True, 1), (False, 4)):
        begun.clear()
        one_epoch(model, gb.data_iter_consecutive(corpus(), 2, 6), carry_state=carry_state)
        assert begun == [2] * expected


def epochs_of(model, optimizer):
    """Return one pass of `model` over the corpus, as `train` wants it."""
    return lambda epoch, guard: train_epoch(
        model,
        gb.data_iter_consecutive(corpus(), 2, 6),
        optimizer,
        ctx=gb.try_gpu(),
        carry_state=True,
        guard=guard,
        epoch=epoch,
    )


def training_run(num_epochs=5, on_epoch=lambda result: False, **options):
    model = scratch("rnn")
    optimizer = SGD(model, 10.0, 1e-2)
    train(epochs_of(model, optimizer), num_epochs=num_epochs, on_epoch=on_epoch, **options)
    return model


def test_every_epoch_is_reported_until_told_to_stop():
    results = []
    training_run(on_epoch=lambda result: results.append(result) or result.epoch == 3)
    assert [result.epoch for result in results] == [1, 2, 3]
    assert all(result.perplexity > 1 and result.seconds > 0 for result in results)
    assert results[-1].perplexity < results[0].perplexity


def test_progress_is_a_bar_on_stderr_and_nothing_on_stdout(capfd):
    training_run(progress=True)
    out, err = capfd.readouterr()
    assert out == ""
    assert "5/5" in err
    assert "perplexity" in err
    training_run()
    assert capfd.readouterr() == ("", "")


class Exploding:
    """A model whose loss turns NaN in the given batch."""

    def __init__(self, at):
        self.at, self.calls = at, 0
        self.w = nd.ones((1,))
        self.w.attach_grad()

    def begin_state(self, batch_size=2, ctx=None):
        return ()

    def __call__(self, X, state):
        self.calls += 1
        factor = float("nan") if self.calls >= self.at else 1.0
        return nd.one_hot(X.T.reshape((-1,)), 7) * self.w * factor, state


def explode(at, **options):
    model = Exploding(at)
    optimizer = Stepped([model.w], lambda num_tokens: None, None)
    train(epochs_of(model, optimizer), num_epochs=3, on_epoch=lambda totals: False, **options)
    return model


def test_a_loss_that_turns_nan_is_reported_once_with_epoch_batch_and_norm():
    with pytest.warns(
        NonFiniteLossWarning, match=r"became nan at epoch 2, batch 3 \(gradient norm nan\); training goes on"
    ) as caught:
        model = explode(at=7)
    assert len(caught) == 1
    assert model.calls == 3 * 4


def test_a_loss_that_turns_nan_can_end_the_training_or_be_ignored():
    with pytest.raises(NonFiniteLossError, match="became nan at epoch 2, batch 3"):
        explode(at=7, on_nonfinite="raise")
    assert explode(at=7, on_nonfinite="ignore").calls == 12
    with pytest.raises(ValueError, match="on_nonfinite is one of warn, raise, ignore, but it is 'stop'"):
        explode(at=7, on_nonfinite="stop")


def test_perplexity_overflows_to_infinity():
    assert perplexity(710) == math.inf
    assert perplexity(math.inf) == math.inf
    assert math.isnan(perplexity(math.nan))
    assert perplexity(np.float32(1.5)) == pytest.approx(math.exp(1.5))


def test_the_seed_is_of_all_three_generators():
    def draws():
        return random.random(), np.random.rand(), nd.random.normal(shape=1).asscalar()

    gb.seed(4)
    first = draws()
    gb.seed(4)
    assert draws() == first
    gb.seed(5)
    assert all(a != b for a, b in zip(draws(), first))
    with pytest.raises(ValueError, match=r"seed must be a whole number in \[0, 2\*\*32\), but it is -1"):
        gb.seed(-1)


def test_the_norm_that_an_update_returns_is_that_before_clipping():
    w = nd.array([3.0, 4.0])
    w.attach_grad()
    for theta in (1.0, None):
        w.grad[:] = nd.array([3.0, 4.0])
        norm = Stepped([w], lambda num_tokens: None, theta).update(1)
        assert norm() == pytest.approx(5.0)
