"""Where the time of one lyrics step goes: gluonbook 0.8.10's code, and gluonrnn's.

One step of the chapter "RNN from scratch": a batch of 32 x 35 characters of 1,027, 256 hidden units;
forward, loss, backward, clipping, update. MXNet's own profiler counts operator by operator, and the
operators are added up by what they are for. Prints two tables in Markdown.

    OMP_NUM_THREADS=2 python benchmarks/profile_step.py

Needs gluonbook, which `make bench` installs. Operators run one by one here, not in bulk
as otherwise, so that each can be seen, and the profiler takes its share: the sums are somewhat more
than what a step takes, which is measured without it and given above each table.
"""

from __future__ import annotations

import collections
import json
import os
import statistics
import time
from typing import Any, Callable

os.environ["MXNET_EXEC_BULK_EXEC_TRAIN"] = "0"

import gluonbook

import gluonrnn as gb
from gluonrnn._mxnet import autograd, gluon, mx, nd
from gluonrnn.models import CellModel
from gluonrnn.training.loop import NonFiniteGuard, train_epoch
from gluonrnn.training.optimizers import SGD

VOCAB_SIZE, NUM_HIDDENS, BATCH_SIZE, NUM_STEPS, LR, THETA = 1027, 256, 32, 35, 1e2, 1e-2
STEPS = 20

# in this order: the first that fits counts
PURPOSES = {
    "inputs and outputs as one-hot vectors": ["one_hot"],
    "waiting, copies, memory": [
        "WaitForVar",
        "CopyCPU2CPU",
        "DeleteVariable",
        "SetValueOp",
        "_copy",
        "_zeros",
        "_full",
    ],
    "powers and sums of the clipping": ["_power_scalar", "sum", "sqrt", "norm", "_greater"],
    "loss": ["log_softmax", "pick", "mean"],
    "look-ups": ["Embedding", "_eye"],
    "recurrent operator": ["RNN"],
    "products": ["dot", "FullyConnected"],
    "tanh": ["tanh", "Activation"],
    "update": ["sgd_update"],
}
REST = "adding, stacking, splitting, scaling"


def book_step(X: Any, Y: Any) -> Callable[[], Any]:
    """Return one step in gluonbook's functions, and the chapter's cell."""
    params = gb.get_params(VOCAB_SIZE, NUM_HIDDENS)
    loss = gluon.loss.SoftmaxCrossEntropyLoss()

    def step() -> None:
        state = gb.init_rnn_state(BATCH_SIZE, NUM_HIDDENS)
        with autograd.record():
            outputs, state = gb.rnn(gluonbook.to_onehot(X, VOCAB_SIZE), state, params)
            mean = loss(nd.concat(*outputs, dim=0), Y.T.reshape((-1,))).mean()
        mean.backward()
        gluonbook.grad_clipping(params, THETA, mx.cpu())
        gluonbook.sgd(params, LR, 1)
        mean.asscalar()
        nd.waitall()

    return step


def fast_step(X: Any, Y: Any) -> Callable[[], Any]:
    """Return one step as gluonrnn takes it."""
    params = gb.get_params(VOCAB_SIZE, NUM_HIDDENS)
    model = CellModel(gb.rnn, params, gb.init_rnn_state, NUM_HIDDENS, VOCAB_SIZE)
    optimizer = SGD(params, LR, THETA)

    def step() -> None:
        train_epoch(model, [(X, Y)], optimizer, ctx=mx.cpu(), carry_state=False, guard=NonFiniteGuard("ignore"))
        nd.waitall()

    return step


def purpose_of(operator: str) -> str:
    """Return what an operator, or its gradient, is for."""
    name = operator[len("_backward_") :] if operator.startswith("_backward_") else operator
    for purpose, names in PURPOSES.items():
        if any(name.startswith(each) for each in names):
            return purpose
    return REST


def profile(step: Callable[[], Any]) -> dict[str, tuple[float, float]]:
    """Return calls and milliseconds a step for each purpose."""
    # the trace itself, which would be written in any case, is not wanted
    mx.profiler.set_config(profile_all=True, aggregate_stats=True, filename=os.devnull)
    mx.profiler.set_state("run")
    for _ in range(STEPS):
        step()
    mx.profiler.set_state("stop")
    found = json.loads(mx.profiler.dumps(reset=True, format="json"))
    totals: dict[str, list[float]] = collections.defaultdict(lambda: [0, 0])
    for name, numbers in found["Time"]["operator"].items():
        total = totals[purpose_of(name)]
        total[0] += numbers["Count"] / STEPS
        total[1] += numbers["Total"] / STEPS
    return {purpose: (calls, spent) for purpose, (calls, spent) in totals.items()}


def milliseconds(step: Callable[[], Any]) -> list[float]:
    """Return how long steps take without the profiler."""
    for _ in range(3):
        step()
    times = []
    for _ in range(STEPS):
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1e3)
    return times


def main() -> None:
    """Print both tables."""
    X, Y = (nd.random.randint(0, VOCAB_SIZE, shape=(BATCH_SIZE, NUM_STEPS)).astype("float32") for _ in range(2))
    for title, step in (("gluonbook 0.8.10", book_step(X, Y)), ("gluonrnn", fast_step(X, Y))):
        times = milliseconds(step)
        table = sorted(profile(step).items(), key=lambda row: -row[1][1])
        whole = sum(spent for _, (_, spent) in table)
        print(
            f"### {title}\n\n{statistics.median(times):.1f} ms a step "
            f"({min(times):.1f} to {max(times):.1f} in {STEPS}, operators one by one)\n"
        )
        print("| what for | operators run | ms | share |\n|---|---|---|---|")
        for purpose, (calls, spent) in table:
            print(f"| {purpose} | {calls:.0f} | {spent:.2f} | {100 * spent / whole:.0f} % |")
        print()


if __name__ == "__main__":
    main()
