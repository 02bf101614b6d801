"""Kill runs at random moments, go on with each, and compare with runs that nobody touched.

``python -m tests.torture.kills`` starts runs of every cell, layer and sampling, each in a process of
its own, and kills each with SIGKILL at a random moment, while it writes, too. Every one must go on
from its folder, must have lost no more than its interval allows, and must come to the same weights,
history and random states, to the bit, as a run that was left alone. No file may ever be half written.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import safetensors.numpy

from gluonrnn.training.checkpoints import Checkpoint, read_checkpoint

ROOT = str(Path(__file__).resolve().parents[2])
KINDS = [
    (cell, layers, sampling)
    for cell in ("rnn", "gru", "lstm")
    for layers in ("scratch", "library")
    for sampling in ("random", "consecutive")
]
# how often checkpoints are written: after each batch, after each epoch, every 0.3 seconds
INTERVALS: dict[str, dict[str, Any]] = {
    "each batch": {"checkpoint_minutes": 0},
    "each epoch": {"checkpoint_minutes": None, "checkpoint_epochs": 1},
    "0.3 s": {"checkpoint_minutes": 0.005},
}
NUM_EPOCHS, LENGTH, SLACK = 6, 6_000, 2.0

# Trains, and notes after each batch where it stands: the last line is what a kill can take away.
PROGRAM = """
import json, os, sys, time
import gluonrnn as gb
from gluonrnn.training.loop import NonFiniteGuard

folder, notes, settings = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
out = os.open(notes, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
look = NonFiniteGuard.check

def noted(self, loss, *, epoch, batch, norm):
    os.write(out, f"{epoch} {batch} {time.time()}\\n".encode())
    look(self, loss, epoch=epoch, batch=batch, norm=norm)

NonFiniteGuard.check = noted
if os.path.exists(os.path.join(folder, "model.safetensors")):
    gb.resume(folder, **settings["intervals"])
else:
    gb.fit("text.txt", out=folder, **settings["intervals"], **settings["options"])
"""


class Found(NamedTuple):
    """What a kill left behind."""

    place: str
    lost_batches: int
    lost_seconds: float


def start(folder: str, notes: str, settings: dict[str, Any], home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, folder, notes, json.dumps(settings)],
        cwd=home,
        env={**os.environ, "PYTHONPATH": ROOT, "MPLBACKEND": "Agg"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def finish(folder: str, notes: str, settings: dict[str, Any], home: Path) -> None:
    """Let a run come to its end."""
    process = start(folder, notes, settings, home)
    _, errors = process.communicate()
    if process.returncode != 0:
        raise AssertionError(f"{folder} did not come to its end: {errors.decode()[-2000:]}")


def content(folder: Path) -> Any:
    """All that a run came to, but for its times."""
    arrays = safetensors.numpy.load_file(str(folder / "model.safetensors"))
    history = read_checkpoint(folder / "model.safetensors").history
    return {name: array.tobytes() for name, array in arrays.items()}, [epoch[:2] for epoch in history]


def look_at(folder: Path, notes: Path, interval: str, batches_an_epoch: int) -> Found:
    """Check what a kill left, and return how much was lost."""
    path = folder / "model.safetensors"
    if not path.exists():
        if notes.exists() and notes.read_text():
            raise AssertionError(f"{folder} has no model, though batches were trained")
        return Found("before the run began", 0, 0.0)
    checkpoint = read_checkpoint(path)
    with_history(folder, checkpoint)
    hidden = [name for name in os.listdir(folder) if name.startswith(".") and name != ".lock"]
    lines = [line.split() for line in notes.read_text().splitlines()] if notes.exists() else []
    place = "while writing" if hidden else "while training" if lines else "while starting"
    if not lines:
        return Found(place, 0, 0.0)
    assert checkpoint.progress is not None, "it was written by a run"
    state = checkpoint.progress.state
    kept = (state.epoch - 1) * batches_an_epoch + state.batch
    epoch, batch, last = int(lines[-1][0]), int(lines[-1][1]), float(lines[-1][2])
    lost = max(0, (epoch - 1) * batches_an_epoch + batch - kept)
    first_lost = next((float(at) for e, b, at in lines if (int(e) - 1) * batches_an_epoch + int(b) > kept), last)
    seconds = last - first_lost
    # what was noted last may not have been written yet, for the note comes first
    allowed = {"each batch": lost <= 1, "each epoch": lost <= batches_an_epoch, "0.3 s": seconds <= 0.3 + SLACK}
    if not allowed[interval]:
        raise AssertionError(f"{folder} lost {lost} batches, {seconds:.2f} s, with checkpoints {interval}")
    return Found(place, lost, seconds)


def with_history(folder: Path, checkpoint: Checkpoint) -> None:
    """Check that the history beside a model is whole, and is that of this checkpoint or of the one before."""
    path = folder / "history.csv"
    if not path.exists():
        return
    with open(path, newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    expected = [[str(value) for value in epoch] for epoch in checkpoint.history]
    if header != ["epoch", "perplexity", "seconds"] or rows != expected[: len(rows)]:
        raise AssertionError(f"{path} is not the history of the model beside it")


def chain(number: int, kills: int, seed: int, home: Path) -> list[tuple[str, Found]]:
    """Begin a run, kill it so many times, let it end, and compare it with one that was left alone."""
    draw = random.Random(f"{seed} {number}")
    cell, layers, sampling = KINDS[number % len(KINDS)]
    interval = list(INTERVALS)[number % len(INTERVALS)]
    options = {
        "cell": cell,
        "layers": layers,
        "sampling": sampling,
        "num_epochs": NUM_EPOCHS,
        "num_hiddens": draw.choice((64, 200)),
        "num_steps": 17,
        "batch_size": 8,
        "seed": number,
        "pred_period": 3,
        "pred_len": 10,
    }
    settings = {"intervals": INTERVALS[interval], "options": options}
    straight, broken = f"straight-{number}", f"broken-{number}"
    begun = time.monotonic()
    finish(straight, f"notes-{straight}", settings, home)
    duration = time.monotonic() - begun
    lines = (home / f"notes-{straight}").read_text().splitlines()
    batches_an_epoch = len(lines) // NUM_EPOCHS
    trained = float(lines[-1].split()[2]) - float(lines[0].split()[2])
    found = []
    for kill in range(kills):
        notes = f"notes-{broken}-{kill}"
        process = start(broken, notes, settings, home)
        # some while it starts; most once it trains, so far on that it has gone on a bit
        if draw.random() < 0.15:
            time.sleep(draw.uniform(0, duration - trained))
        else:
            while not (home / notes).exists() and process.poll() is None:
                time.sleep(0.005)
            time.sleep(draw.uniform(0, 2 * trained / kills))
        process.send_signal(signal.SIGKILL)
        _, errors = process.communicate()
        if process.returncode not in (0, -signal.SIGKILL):
            raise AssertionError(f"{broken} did not go on: {errors.decode()[-2000:]}")
        state = look_at(home / broken, home / notes, interval, batches_an_epoch)
        found.append((interval, state._replace(place="after its end") if process.returncode == 0 else state))
    finish(broken, f"notes-{broken}-last", settings, home)
    if content(home / broken) != content(home / straight):
        raise AssertionError(f"{broken} ({cell}, {layers}, {sampling}) came to something else than {straight}")
    # each killed process may leave the temporary file that it was writing, which no other may remove
    hidden = [name for name in os.listdir(home / broken) if name.startswith(".") and name != ".lock"]
    if len(hidden) > kills or not all(re.fullmatch(r"\.[\w-]+-[0-9a-f]{16}\.\w+", name) for name in hidden):
        raise AssertionError(f"{broken} still has {hidden}")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=204, help="how many runs to kill (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", help="where to work, and to look after a failure; a temporary one if left out")
    arguments = parser.parse_args()
    home = Path(arguments.folder or tempfile.mkdtemp(prefix="gluonrnn-kills-")).resolve()
    home.mkdir(parents=True, exist_ok=True)
    draw = random.Random(arguments.seed)
    words = ["".join(draw.choices("abcdefghijklmnop", k=draw.randint(1, 7))) for _ in range(200)]
    (home / "text.txt").write_text(" ".join(draw.choices(words, k=LENGTH))[:LENGTH], encoding="utf-8")
    begun, found, failures = time.monotonic(), [], []
    chains = 12
    for number in range(chains):
        kills = arguments.runs // chains + (number < arguments.runs % chains)
        if not kills:
            continue
        try:
            found += chain(number, kills, arguments.seed, home)
        except AssertionError as error:
            failures.append(f"chain {number}: {error}")
        print(f"{len(found)} runs killed, {time.monotonic() - begun:.0f} s", file=sys.stderr)
    print("| checkpoints | runs killed | while writing | most batches lost | most seconds lost |")
    print("|---|---|---|---|---|")
    for interval in INTERVALS:
        states = [state for each, state in found if each == interval]
        if states:
            writing = sum(state.place == "while writing" for state in states)
            batches, seconds = max(s.lost_batches for s in states), max(s.lost_seconds for s in states)
            print(f"| {interval} | {len(states)} | {writing} | {batches} | {seconds:.2f} |")
    places = Counter(state.place for _, state in found)
    print(f"\nkilled {', '.join(f'{place}: {count}' for place, count in places.most_common())}")
    for failure in failures:
        print(f"FAILED {failure}")
    print(f"{len(found)} runs killed, {len(failures)} failures, {time.monotonic() - begun:.0f} s; in {home}")
    return int(bool(failures) or len(found) < arguments.runs)


if __name__ == "__main__":
    sys.exit(main())
