"""Where a training stands, there and back."""

from __future__ import annotations

import json
import math
import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gluonrnn.training.state import RandomStates, TrainingState, pack_state, unpack_state

finite = st.floats(0, 1e300)


def through_json(header):
    return json.loads(json.dumps(header, allow_nan=False))


@given(
    epoch=st.integers(1, 10**9),
    batch=st.integers(0, 10**9),
    loss_sum=st.floats(),
    num_tokens=finite,
    seconds=finite,
    diverged=st.booleans(),
    seed=st.integers(0, 2**32 - 1),
    draws=st.integers(0, 700),
    num_states=st.integers(0, 2),
)
def test_what_is_packed_comes_back(epoch, batch, loss_sum, num_tokens, seconds, diverged, seed, draws, num_states):
    random.seed(seed)
    np.random.seed(seed)
    for _ in range(draws):
        random.random()
        np.random.rand()
    if draws % 2:
        random.gauss(0, 1)
        np.random.standard_normal()
    states = RandomStates.now()
    hidden = [np.arange(6, dtype="float32").reshape(2, 3) - number for number in range(num_states)]
    state = TrainingState(
        epoch, states, batch, loss_sum, num_tokens, hidden or None, seconds=seconds, diverged=diverged
    )
    arrays, header = pack_state(state)
    found = unpack_state(arrays, through_json(header))
    expected = random.random(), random.gauss(0, 1), np.random.rand(), np.random.standard_normal()
    random.seed(0)
    np.random.seed(0)
    found.random_states.restore()
    assert (random.random(), random.gauss(0, 1), np.random.rand(), np.random.standard_normal()) == expected
    assert (found.epoch, found.seconds, found.diverged) == (epoch, seconds, diverged)
    assert (found.batch, found.num_tokens) == (batch, num_tokens)
    assert found.loss_sum == loss_sum or (math.isnan(loss_sum) and math.isnan(found.loss_sum))
    assert len(found.hidden or []) == num_states
    for one, other in zip(found.hidden or [], hidden):
        np.testing.assert_array_equal(one, other)


def good():
    return pack_state(TrainingState(1, RandomStates.now(), 3, 1.5, 7.0))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("epoch", 0),
        ("epoch", "1"),
        ("batch", -1),
        ("batch", 1.5),
        ("loss_sum", []),
        ("loss", None),
        ("num_tokens", -1),
        ("seconds", "long"),
        ("python_random", None),
        ("python_random", {"version": 0, "gauss": None}),
        ("python_random", {"version": 7, "gauss": None}),
        ("python_random", {"version": 3, "gauss": "x"}),
        ("python_random", {"version": 3, "gauss": math.inf}),
        ("numpy_random", {"place": -1, "has_gauss": 0, "cached": 0.0}),
        ("numpy_random", {"place": 625, "has_gauss": 0, "cached": 0.0}),
        ("numpy_random", {"place": 1, "has_gauss": 0, "cached": True}),
    ],
)
def test_a_wrong_value_is_refused(name, value):
    arrays, header = good()
    with pytest.raises((TypeError, ValueError)):
        unpack_state(arrays, {**header, name: value})


@pytest.mark.parametrize("name", ["epoch", "batch", "loss_sum", "num_tokens", "seconds", "diverged", "numpy_random"])
def test_a_value_that_is_missing_is_refused(name):
    arrays, header = good()
    del header[name]
    with pytest.raises(KeyError, match=name):
        unpack_state(arrays, header)


@pytest.mark.parametrize(
    ("name", "array"),
    [
        ("python_random", np.zeros(624, "uint32")),
        ("python_random", np.zeros(625, "int64")),
        ("python_random", np.full(625, 2**32 - 1, "uint32")),
        ("numpy_random", np.zeros((624, 1), "uint32")),
        ("numpy_random", np.zeros(624, "float32")),
    ],
)
def test_a_wrong_array_is_refused(name, array):
    arrays, header = good()
    with pytest.raises(ValueError, match=r"random|state"):
        unpack_state({**arrays, name: array}, header)


def test_an_array_that_is_missing_is_refused():
    arrays, header = good()
    del arrays["python_random"]
    with pytest.raises(KeyError, match="python_random"):
        unpack_state(arrays, header)
