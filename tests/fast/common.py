"""What the tests of the fast form share: sizes to draw, batches, and a step of learning."""

from __future__ import annotations

from hypothesis import strategies as st
from mxnet import autograd, gluon, nd

SIZES = {
    "vocab_size": st.integers(1, 40),
    "num_hiddens": st.integers(1, 19),
    "batch_size": st.integers(1, 5),
    "num_steps": st.integers(1, 9),
    "seed": st.integers(0, 99),
}


def batch(rng, vocab_size, batch_size, num_steps):
    return (nd.array(rng.integers(vocab_size, size=(batch_size, num_steps))) for _ in range(2))


def cross_entropy(scores, Y, summed=False):
    losses = gluon.loss.SoftmaxCrossEntropyLoss()(scores, Y.T.reshape((-1,)))
    return losses.sum() if summed else losses.mean()


def learn(model, X, Y, state, summed=False):
    """Return scores, state, loss and gradients, by the whole of `train_epoch` but the update."""
    with autograd.record():
        scores, after = model(X, state)
        loss = cross_entropy(scores, Y, summed)
    loss.backward()
    return [array.asnumpy() for array in (scores, *after, loss, *gradients(model))]


def gradients(model):
    if isinstance(model, gluon.Block):
        return [param.list_data()[0].grad for param in model.collect_params().values()]
    return [param.grad for param in model.params]
