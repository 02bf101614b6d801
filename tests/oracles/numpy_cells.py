"""Recurrent cells as plain NumPy loops in double precision, one example at a time.

Written from the equations alone, so that they can tell when a gate stands in the wrong place.
"""

from __future__ import annotations

import numpy as np


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def rnn_step(x, state, p, activation=np.tanh):
    (h,) = state
    h = activation(x @ p["W_xh"] + h @ p["W_hh"] + p["b_h"])
    return h, (h,)


def gru_step(x, state, p, reset_after=False):
    (h,) = state
    z = sigmoid(x @ p["W_xz"] + h @ p["W_hz"] + p["b_z"])
    r = sigmoid(x @ p["W_xr"] + h @ p["W_hr"] + p["b_r"])
    if reset_after:  # as cuDNN and Gluon have it
        candidate = np.tanh(x @ p["W_xh"] + p["b_xh"] + r * (h @ p["W_hh"] + p["b_h"]))
    else:
        candidate = np.tanh(x @ p["W_xh"] + (r * h) @ p["W_hh"] + p["b_h"])
    h = z * h + (1 - z) * candidate
    return h, (h,)


def lstm_step(x, state, p):
    h, c = state
    i = sigmoid(x @ p["W_xi"] + h @ p["W_hi"] + p["b_i"])
    f = sigmoid(x @ p["W_xf"] + h @ p["W_hf"] + p["b_f"])
    o = sigmoid(x @ p["W_xo"] + h @ p["W_ho"] + p["b_o"])
    c = f * c + i * np.tanh(x @ p["W_xc"] + h @ p["W_hc"] + p["b_c"])
    h = o * np.tanh(c)
    return h, (h, c)


STEPS = {"rnn": rnn_step, "gru": gru_step, "lstm": lstm_step}


def run(step, inputs, state, params):
    """Return the hidden states (num_steps, num_hiddens) of one example, and the last state."""
    hiddens = []
    for x in inputs:
        h, state = step(x, state, params)
        hiddens.append(h)
    return np.array(hiddens), state


def scores(cell, X, states, params):
    """Return the scores of a batch, step by step as gluonrnn stacks them, and the last states.

    X is (batch_size, num_steps) of indices; states is one tuple of vectors for each example.
    """
    vocab_size = len(params["b_q"])
    per_example, last = [], []
    for row, state in zip(X, states):
        inputs = np.eye(vocab_size)[row.astype(int)]
        hiddens, state = run(STEPS[cell], inputs, state, params)
        per_example.append(hiddens @ params["W_hq"] + params["b_q"])
        last.append(state)
    return np.stack(per_example, axis=1).reshape(-1, vocab_size), last


def mean_cross_entropy(logits, labels):
    """Return the mean of -log softmax at the labels."""
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -log_softmax[np.arange(len(labels)), labels.astype(int)].mean()


def numeric_gradient(f, array, epsilon=1e-6):
    """Return df/darray by central differences; `f` takes no argument and reads `array`."""
    gradient = np.zeros_like(array)
    for index in np.ndindex(array.shape):
        kept = array[index]
        array[index] = kept + epsilon
        above = f()
        array[index] = kept - epsilon
        below = f()
        array[index] = kept
        gradient[index] = (above - below) / (2 * epsilon)
    return gradient
