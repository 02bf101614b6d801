"""Train, write and save for long, and measure what memory grows by.

    python -m tests.torture.memory [--updates N]

For each cell and form it prints the slope of the process's memory over the last three quarters of
the updates, in bytes an update, with its standard error. Needs a /proc.
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
import time
from typing import NamedTuple

import numpy as np

import gluonrnn as gb
from gluonrnn._arrays import using_nd, using_np
from gluonrnn._mxnet import mx
from gluonrnn.training.loop import NonFiniteGuard, train_epoch
from gluonrnn.training.optimizers import SGD, block_sgd
from tests.scenarios import BATCH, HIDDENS, STEPS, layers_model, model_of, model_of_np, np_batches

CELLS = ("rnn", "gru", "lstm")
# how a cell is computed -> whether on mxnet.np, and the model
FORMS = {
    "scratch, nd": (False, model_of),
    "library, nd": (False, lambda cell: layers_model(cell, False)),
    "reader's own, nd": (False, lambda cell: model_of(cell, own=True)),
    "scratch, np": (True, model_of_np),
    "library, np": (True, lambda cell: layers_model(cell, True)),
    "reader's own, np": (True, lambda cell: model_of_np(cell, own=True)),
}
MOST = 300  # bytes a step, beyond twice the standard error: less than any array takes


class Growth(NamedTuple):
    """What memory grows by with each step, the standard error of that, and the most there was."""

    slope: float
    error: float
    peak: int

    def is_flat(self, most=MOST):
        return self.slope - 2 * self.error < most


def memory():
    """Return the bytes that this process has in memory."""
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def growth(samples):
    """Fit a line to the last three quarters of samples, one a step."""
    late = np.array(samples[len(samples) // 4 :], dtype="float64")
    (slope, _), covariance = np.polyfit(np.arange(len(late)), late, 1, cov=True)
    return Growth(float(slope), float(covariance[0, 0] ** 0.5), int(max(samples)))


def train(cell, form, updates):
    """Train for a number of updates, and return what memory grew by."""
    np_arrays, make = FORMS[form]
    samples = np.zeros(updates)  # made beforehand, for a list would grow
    given = itertools.islice(itertools.cycle(np_batches()), updates)

    def batches():
        for number, (X, Y) in enumerate(given):
            yield (X, Y) if np_arrays else (X.as_nd_ndarray(), Y.as_nd_ndarray())
            samples[number] = memory()

    with using_np() if np_arrays else using_nd():
        model = make(cell)
        optimizer = block_sgd(model, 0.5, 0.1) if isinstance(model, mx.gluon.Block) else SGD(model, 0.5, 0.1)
        train_epoch(model, batches(), optimizer, ctx=mx.cpu(), carry_state=True, guard=NonFiniteGuard())
    return growth(samples)


def fitted():
    return gb.fit(
        gb.load_corpus(text="over and over " * 20), num_hiddens=HIDDENS, num_steps=STEPS, batch_size=BATCH, num_epochs=5
    )


def generate(characters, at_a_time=1000):
    """Write on and on, and return what memory grew by for each thousand characters."""
    model, samples = fitted(), []
    for _ in range(characters // at_a_time):
        assert len(model.generate(prefix="ov", length=at_a_time)) == at_a_time + 2
        samples.append(memory())
    return growth(samples)


def save(times):
    """Save a model again and again, and return what memory grew by each time."""
    model, samples = fitted(), []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(times):
            model.save(os.path.join(folder, "model.safetensors"))
            samples.append(memory())
    return growth(samples)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--updates", type=int, default=2000)
    updates = parser.parse_args(argv).updates
    tasks = {f"{updates:,} updates of {cell}, {form}": (train, cell, form, updates) for cell in CELLS for form in FORMS}
    tasks["100,000 characters, a thousand at a time"] = (generate, 100_000)
    tasks["200 times saved"] = (save, 200)
    print("| what | bytes a step | standard error | most memory | seconds |\n|:--|--:|--:|--:|--:|")
    grown = []
    for name, (task, *arguments) in tasks.items():
        started = time.monotonic()
        found = task(*arguments)
        grown += [] if found.is_flat() else [name]
        seconds = time.monotonic() - started
        print(
            f"| {name} | {found.slope:.0f} | {found.error:.0f} | {found.peak / 2**20:.0f} MB | {seconds:.0f} |",
            flush=True,
        )
    print(f"\ngrows: {', '.join(grown)}" if grown else "\nflat, all of it")
    return int(bool(grown))


if __name__ == "__main__":
    sys.exit(main())
