"""Timers, sums and mean losses: against the published `d2l`, and where it says nothing."""

from __future__ import annotations

import itertools
import time

import mxnet as mx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mxnet import gluon, nd
from mxnet import np as mnp

from gluonrnn._arrays import using_nd, using_np
from gluonrnn.training.metrics import Accumulator, Timer, evaluate_loss
from tests.oracles.load import published


@pytest.fixture(scope="module")
def d2l():
    return published("d2l==0.17.6", "d2l.mxnet")


# --- Timer ---


@pytest.fixture
def clock(monkeypatch):
    """Let the clock stand at 0, 1, 3, 6, 10 and so on, one further each time it is asked."""
    hands = itertools.accumulate(itertools.count())
    monkeypatch.setattr(time, "perf_counter", lambda: float(next(hands)))


def test_timer_measures_from_the_latest_start(clock):
    timer = Timer()  # 0
    assert timer.times == []
    assert timer.stop() == 1
    assert timer.stop() == 3
    assert timer.start() is None  # 6
    assert timer.stop() == 4
    assert timer.times == [1, 3, 4]


def test_timer_computes_what_the_published_one_computes(d2l):
    ours, theirs = Timer(), d2l.Timer()
    ours.times = theirs.times = [0.5, 0.25, 2.0]
    assert (ours.avg(), ours.sum(), ours.cumsum()) == (theirs.avg(), theirs.sum(), theirs.cumsum())
    assert ours.cumsum() == [0.5, 0.75, 2.75]
    assert type(ours.cumsum()) is list


def test_timer_before_its_first_stop():
    assert (Timer().sum(), Timer().cumsum()) == (0, [])


# --- Accumulator ---


@given(st.lists(st.lists(st.floats(-1e6, 1e6), min_size=3, max_size=3)))
def test_sums_are_the_published_ones(d2l, rows):
    ours, theirs = Accumulator(3), d2l.Accumulator(3)
    for row in rows:
        assert ours.add(*row) is None
        theirs.add(*row)
    assert ours.data == theirs.data == ours[:]
    assert [ours[0], ours[-1]] == [theirs[0], theirs[-1]]
    ours.reset()
    assert ours.data == [0, 0, 0]


def test_values_of_any_kind():
    metric = Accumulator(7)
    metric.add(1, 2.5, True, mnp.array(2), nd.array([3]), np.float32(4), np.array([[5]]))
    metric.add(1, 1, 1, mnp.array([2]), nd.array([[3]]), 1, 1)
    assert metric.data == [2, 3.5, 2, 4, 6, 5, 6]
    assert all(type(total) is float for total in metric.data)


def test_values_that_do_not_fit_change_no_sum():
    metric = Accumulator(2)
    for values in ((), (1,), (1, 2, 3), (1, mnp.zeros(2)), (1, nd.zeros(2))):
        with pytest.raises(ValueError, match=r"an accumulator .* but"):
            metric.add(*values)
    assert metric.data == [0, 0]


# --- evaluate_loss ---


def small_batches(array):
    rng = np.random.default_rng(0)
    return [[array(rng.normal(size=(n, width)), dtype="float32") for width in (3, 1)] for n in (4, 4, 2)]


def linear():
    net = gluon.nn.Dense(1)
    net.initialize(mx.init.Constant(0.5))
    return net


def test_mean_loss_is_the_published_one(d2l):
    with using_np():
        net, loss = linear(), gluon.loss.L2Loss()
        expected = d2l.evaluate_loss(net, small_batches(mnp.array), loss)
        assert evaluate_loss(net, small_batches(mnp.array), loss) == expected
    # outside its world too, and the batches may come from a generator
    assert evaluate_loss(net, iter(small_batches(mnp.array)), loss) == expected
    assert not mx.util.is_np_array()


def test_mean_loss_is_the_same_in_both_worlds():
    results = []
    for array in (mnp.array, nd.array):
        with using_np() if array is mnp.array else using_nd():
            net, loss = linear(), gluon.loss.L2Loss()
        results.append(evaluate_loss(net, small_batches(array), loss))
    assert results[0] == pytest.approx(results[1], rel=1e-6)
    assert type(results[0]) is float


def test_mean_is_over_the_losses_not_the_batches():
    batches = [(nd.array([1, 1, 1]), nd.zeros(3)), (nd.array([5]), nd.zeros(1))]
    assert evaluate_loss(lambda X: X, batches, lambda y_hat, y: y_hat - y) == 2
