from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import autograd, gluon, nd

import gluonrnn as gb
from gluonrnn.training import fitting
from gluonrnn.training.checkpoints import read_checkpoint
from gluonrnn.training.networks import weights_of
from gluonrnn.training.optimizers import SGD, Optimizer, block_sgd, clip, global_norm

TEXT = "over and over and under " * 5

shapes = st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=5)


def parameters(shapes, seed, scale=1.0):
    rng = np.random.default_rng(seed)
    params = [nd.array(rng.normal(size=shape)) for shape in shapes]
    for param in params:
        param.attach_grad()
        param.grad[:] = nd.array(rng.normal(scale=scale, size=param.shape))
    return params


def flat_gradient(params):
    return np.concatenate([param.grad.asnumpy().ravel() for param in params]).astype("float64")


@settings(max_examples=40)
@given(shapes=shapes, seed=st.integers(0, 999), theta=st.floats(1e-3, 1e3), scale=st.sampled_from([1e-4, 1.0, 1e4]))
def test_clipping_keeps_the_direction_and_bounds_the_norm(shapes, seed, theta, scale):
    params = parameters(shapes, seed, scale)
    before = flat_gradient(params)
    norm = np.linalg.norm(before)
    gb.grad_clipping(params, theta, None)
    np.testing.assert_allclose(flat_gradient(params), before * min(theta / norm, 1), rtol=1e-5)
    assert np.linalg.norm(flat_gradient(params)) <= theta * (1 + 1e-5)


def test_clipping_below_theta_changes_no_bit():
    params = parameters([(3, 4), (5, 1)], seed=1)
    before = flat_gradient(params)
    gb.grad_clipping(params, float(np.linalg.norm(before)) * 1.001, None)
    np.testing.assert_array_equal(flat_gradient(params), before)


def test_an_infinite_theta_changes_no_bit_even_of_an_infinite_norm():
    for scale in (1, 1e30):  # whose square is beyond float32
        params = parameters([(3, 4)], seed=1, scale=scale)
        before = flat_gradient(params)
        gb.grad_clipping(params, float("inf"), None)
        np.testing.assert_array_equal(flat_gradient(params), before)
    assert global_norm(params) == float("inf")


def test_no_theta_is_no_clipping(ctx):
    params = parameters([(3, 4)], seed=1, scale=100)
    before = flat_gradient(params)
    gb.grad_clipping(params, None, ctx)
    np.testing.assert_array_equal(flat_gradient(params), before)
    assert clip(params, None) is None


def test_the_norm_is_of_all_parameters_together_and_before_clipping():
    params = parameters([(2, 3), (4, 1), (1, 1)], seed=2, scale=3)
    expected = np.linalg.norm(flat_gradient(params))
    assert global_norm(params) == pytest.approx(expected, rel=1e-6)
    assert clip(params, 0.5) == pytest.approx(expected, rel=1e-6)


def test_the_norm_is_exact_at_any_size():
    w = nd.random.uniform(0.5, 1, shape=(2500, 1700))
    w.attach_grad()
    w.grad[:] = w
    assert global_norm([w]) == pytest.approx(np.linalg.norm(w.asnumpy().astype("float64")), rel=1e-5)


def test_frozen_parameters_are_left_out():
    frozen, live = parameters([(2, 2), (3, 1)], seed=3, scale=10)
    frozen = frozen.detach()
    values = frozen.asnumpy()
    norm = np.linalg.norm(live.grad.asnumpy())
    assert global_norm([frozen, live]) == pytest.approx(norm, rel=1e-6)
    gb.grad_clipping([frozen, live], 1.0, None)
    assert np.linalg.norm(live.grad.asnumpy()) == pytest.approx(1, rel=1e-5)
    expected = live.asnumpy() - 0.1 * live.grad.asnumpy()
    gb.sgd([frozen, live], 0.1, 1)
    np.testing.assert_array_equal(frozen.asnumpy(), values)
    np.testing.assert_allclose(live.asnumpy(), expected, rtol=1e-5, atol=1e-6)
    assert global_norm([frozen]) == 0


def test_nan_passes_through_clipping():
    params = parameters([(2, 2)], seed=4)
    params[0].grad[0, 0] = float("nan")
    gb.grad_clipping(params, 1e-2, None)
    assert np.isnan(global_norm(params))
    assert np.isfinite(params[0].grad.asnumpy()).sum() == 3


@settings(max_examples=25)
@given(
    shapes=shapes,
    seed=st.integers(0, 999),
    lr=st.just(0.0) | st.floats(1e-30, 10),  # MXNet parses no subnormal scalar
    batch_size=st.integers(1, 50),
)
def test_sgd_steps_in_place(shapes, seed, lr, batch_size):
    params = parameters(shapes, seed)
    same_arrays = list(params)
    expected = [param.asnumpy() - lr * param.grad.asnumpy() / batch_size for param in params]
    gb.sgd(params, lr, batch_size)
    for param, array, value in zip(params, same_arrays, expected):
        assert param is array
        np.testing.assert_allclose(param.asnumpy(), value, rtol=1e-5, atol=1e-5)


def test_sgd_keeps_the_precision_of_float64():
    (param,) = (param.astype("float64") for param in parameters([(4, 3)], seed=5))
    param.attach_grad()
    param.grad[:] = nd.random.uniform(-1, 1, shape=(4, 3), dtype="float64")
    expected = param.asnumpy() - 0.1 / 7 * param.grad.asnumpy()
    gb.sgd([param], 0.1, 7)
    assert param.dtype is np.float64
    np.testing.assert_allclose(param.asnumpy(), expected, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize(("lr", "batch_size"), [(nd.array([0.25]), 2), (0.25, nd.array([2.0]))], ids=["lr", "batch"])
def test_sgd_takes_its_numbers_as_arrays_too(lr, batch_size):
    (param,) = parameters([(4, 3)], seed=6)
    expected = param.asnumpy() - 0.125 * param.grad.asnumpy()
    gb.sgd([param], lr, batch_size)
    np.testing.assert_allclose(param.asnumpy(), expected, rtol=1e-6, atol=1e-7)


def test_a_threshold_of_nothing_leaves_nothing_and_one_below_is_refused():
    w = nd.array([3.0, 4.0])
    w.attach_grad()
    w.grad[:] = w
    for theta in (-0.5, -1e-9, -(10**400)):
        with pytest.raises(ValueError, match="theta must be a number of at least 0"):
            gb.grad_clipping([w], theta, None)
    gb.grad_clipping([w], 10**400, None)
    assert w.grad.asnumpy().tolist() == [3.0, 4.0]
    gb.grad_clipping([w], 0, None)
    assert w.grad.asnumpy().tolist() == [0.0, 0.0]


def test_a_rate_beyond_any_float_is_refused():
    w = nd.array([1.0])
    w.attach_grad()
    with pytest.raises(ValueError, match="lr must be a finite number"):
        gb.sgd([w], 10**400, 1)


class Momentum(Optimizer):
    """Gradient descent with momentum, as a user would add it."""

    def __init__(self, net, lr, theta):
        super().__init__(net, theta)
        self.lr = lr
        self.velocities = {}

    def step(self, num_tokens):
        for number, param in enumerate(self.params()):
            velocity = 0.9 * self.velocities.get(str(number), nd.zeros_like(param)) - self.lr * param.grad
            self.velocities[str(number)] = velocity
            param += velocity

    def arrays(self):
        return {name: velocity.asnumpy() for name, velocity in self.velocities.items()}

    def load(self, arrays):
        self.velocities = {name: nd.array(array) for name, array in arrays.items()}


@pytest.mark.parametrize("layers", ["scratch", "library"])
def test_a_run_with_an_optimizer_that_remembers_goes_on_to_the_bit(layers, monkeypatch):
    monkeypatch.setattr(
        fitting, "optimizer_of", lambda network, options: Momentum(network, options.lr, options.clipping_theta)
    )
    options = {"layers": layers, "num_hiddens": 5, "num_steps": 3, "batch_size": 2, "lr": 5.0, "seed": 3}
    whole = gb.fit(text=TEXT, num_epochs=4, **options)
    gb.fit(text=TEXT, num_epochs=4, out="run", callback=lambda epoch, *rest: epoch == 2, **options)
    assert read_checkpoint("run/model.safetensors").progress.optimizer
    resumed = gb.resume("run", text=TEXT)
    assert [epoch.perplexity for epoch in resumed.history] == [epoch.perplexity for epoch in whole.history]
    for name, weight in weights_of(whole.network, whole.options).items():
        np.testing.assert_array_equal(weights_of(resumed.network, resumed.options)[name].asnumpy(), weight.asnumpy())


def test_two_steps_without_clipping_subtract_both_gradients():
    w, gradients = nd.array([1.0, -2.0]), ([1.0, 3.0], [2.0, -1.0])
    w.attach_grad()
    net = gluon.nn.Dense(1, in_units=2, use_bias=False)
    net.initialize()
    weight = net.weight.data()
    before = weight.asnumpy()
    scratch, block = SGD([w], 0.5, None), block_sgd(net, 0.5, None)
    for gradient in gradients:
        w.grad[:] = nd.array(gradient)
        scratch.update(1)
        with autograd.record():
            loss = net(nd.array([gradient])).sum()
        loss.backward()
        block.update(1)
    step = 0.5 * np.sum(gradients, axis=0)
    np.testing.assert_allclose(w.asnumpy(), [1.0, -2.0] - step, rtol=1e-6)
    np.testing.assert_allclose(weight.asnumpy(), before - step, rtol=1e-5)
