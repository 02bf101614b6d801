"""Comparing models."""

from __future__ import annotations

import numpy as np

from gluonrnn.training.networks import weights_of


def weights(model):
    return {name: weight.asnumpy() for name, weight in weights_of(model.network, model.options).items()}


def assert_equal_weights(one, other):
    assert list(weights(one)) == list(weights(other))
    for name, weight in weights(one).items():
        np.testing.assert_array_equal(weights(other)[name], weight)
