"""Train in three threads at once, with loops of one's own and with the package's, and see what hangs or crashes.

    python -m tests.torture.loops [--processes N] [--seconds S]

What threads share is one model, the arrays of one batch, or nothing. Nothing may happen with
`gluonrnn.threads.pushing`, which the package's own trainings take; what happens without is counted.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import random
import sys
import threading
import time
import traceback
from typing import Any, Callable, NamedTuple

import gluonrnn as gb
from gluonrnn._mxnet import autograd, nd
from gluonrnn.threads import pushing
from tests.scenarios import JOBS

THREADS = 3
STUCK = 10.0  # seconds without a batch


def _plain_update(params):
    """Clip and step with MXNet's operators alone."""
    flats = [param.grad.reshape((-1,)) for param in params]
    norm = nd.concat(*(nd.dot(flat, flat) for flat in flats), dim=0).sum().sqrt().asscalar()
    for param in params:
        nd.sgd_update(param, param.grad * min(1, 0.1 / norm), lr=0.1, out=param)


def _update(params):
    gb.grad_clipping(params, 0.1, None)
    gb.sgd(params, 0.1, 1)


def _parameters():
    params = [nd.random.normal(0, 0.1, shape) for shape in ((3, 8), (8, 8), (8,), (8, 3), (3,))]
    for param in params:
        param.attach_grad()
    return params


def _step_by(update):
    """Return the function that does a batch, and updates with a function."""

    def step(params, X):
        state = nd.zeros((4, 8))
        with autograd.record():
            for _ in range(5):
                state = nd.tanh(nd.dot(X, params[0]) + nd.dot(state, params[1]) + params[2])
            loss = (nd.dot(state, params[3]) + params[4]).square().mean()
        loss.backward()
        update(params)

    return step


def _train_anything(params, X):
    name = random.choice(list(JOBS))
    JOBS[name]()


class Loop(NamedTuple):
    """What a loop does in each round, what it shares with the others, what it holds, and whether that must do."""

    name: str
    step: Callable[[Any, Any], Any]
    shares: str
    turn: Callable[[], Any]
    is_sound: bool


LOOPS = (
    Loop("MXNet's functions", _step_by(_plain_update), "one model", contextlib.nullcontext, False),
    Loop("MXNet's functions", _step_by(_plain_update), "one batch", contextlib.nullcontext, False),
    Loop("`grad_clipping` and `sgd`", _step_by(_update), "one model", contextlib.nullcontext, False),
    Loop("the same, with `pushing()`", _step_by(_update), "one model", pushing, True),
    Loop("the same, with `pushing()`", _step_by(_update), "one batch", pushing, True),
    Loop("trainings of all kinds", _train_anything, "nothing", contextlib.nullcontext, True),
)


def trial(number, seconds, report):
    """Run the loops for a while; report whether they hang, and the batches and the refusals there were."""
    _, step, shares, turn, is_sound = LOOPS[number]
    batches, refused = [0] * THREADS, []
    one_model, one_batch = _parameters(), nd.ones((4, 3))
    end = time.monotonic() + seconds

    def loop(place):
        params = one_model if shares == "one model" else _parameters()
        try:
            while time.monotonic() < end:
                X = one_batch if shares == "one batch" else nd.ones((4, 3))
                with turn():
                    step(params, X)
                batches[place] += 1
        except Exception as error:
            if "trained by one thread at a time" not in str(error):
                if is_sound:
                    traceback.print_exc()
                os._exit(1)  # as where MXNet crashes
            refused.append(place)

    threads = [threading.Thread(target=loop, args=(place,), daemon=True) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    seen, moved = list(batches), [time.monotonic()] * THREADS
    alive = list(range(THREADS))
    while alive and all(time.monotonic() - moved[place] < STUCK for place in alive):
        threads[alive[0]].join(0.5)
        for place in range(THREADS):
            if batches[place] > seen[place]:
                seen[place], moved[place] = batches[place], time.monotonic()
        alive = [place for place in range(THREADS) if threads[place].is_alive()]
    report.send((bool(alive), sum(batches), len(refused)))
    os._exit(0)  # for a thread that hangs cannot be joined


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=8, help="how often each is tried (8)")
    parser.add_argument("--seconds", type=float, default=10, help="how long (10)")
    args = parser.parse_args()
    fresh = multiprocessing.get_context("spawn")
    failed = []
    print("| three loops of | that share | processes | hung | crashed | rounds until it hung | threads refused |")
    print("|:--|:--|--:|--:|--:|--:|--:|")
    for number, loop in enumerate(LOOPS):
        # two at a time, for a machine with more to do shows more
        outcomes = [
            outcome
            for begun in range(0, args.processes, 2)
            for outcome in _outcomes(fresh, number, args.seconds, min(2, args.processes - begun))
        ]
        crashed = outcomes.count(None)
        ended = [outcome for outcome in outcomes if outcome]
        hung = [batches for is_hung, batches, _ in ended if is_hung]
        after = f"{min(hung)} to {max(hung)}" if hung else ""
        refused = sum(refused for _, _, refused in ended)
        cells = (loop.name, loop.shares, args.processes, len(hung), crashed, after, refused)
        print("|", " | ".join(map(str, cells)), "|", flush=True)
        failed += [loop.name] if loop.is_sound and (hung or crashed or refused) else []
    return int(bool(failed))


def _outcomes(fresh, number, seconds, count):
    """Return what processes report that run at the same time; None of one that crashed."""
    running = []
    for _ in range(count):
        receive, send = fresh.Pipe(duplex=False)
        process = fresh.Process(target=trial, args=(number, seconds, send))
        process.start()
        send.close()
        running.append((process, receive))
    outcomes = []
    for process, receive in running:
        try:
            outcomes.append(receive.recv())
        except EOFError:
            outcomes.append(None)
        process.join()
    return outcomes


if __name__ == "__main__":
    sys.exit(main())
