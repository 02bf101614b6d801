"""Measure how time and memory grow: with the text, the vocabulary, the hidden units, the steps, the batch.

    python benchmarks/scale.py [--quick] [--output build/scale]

Prints a table, and writes ``scale.json`` and ``scale.png`` into the output folder. Each figure comes
from a process of its own, so that its memory is its own. Texts are drawn with a fixed seed. Takes
about eight minutes on two idle cores; ``--quick`` takes two, and measures less.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Iterator, NamedTuple

import numpy as np

BATCH_SIZE, NUM_STEPS, NUM_HIDDENS, VOCAB_SIZE = 32, 35, 256, 1027  # of the book's run on the lyrics
LENGTHS = [10_000, 100_000, 1_000_000, 10_000_000, 64_000_000]
LATIN = "abcdefghijklmnopqrstuvwxyz ."  # 28 characters
CHINESE = "".join(map(chr, range(0x4E00, 0x4E00 + 5000)))


class Task(NamedTuple):
    """One figure of the plot: its panel, its curve, its place on the horizontal axis, and what to do."""

    panel: str
    curve: str
    x: int
    measure: str
    arguments: dict[str, Any]


PANELS = {  # by name: label of the horizontal axis, time that is shown, its label
    "reading": ("bytes of text", "seconds", "seconds"),
    "sampling": ("characters of text", "us_per_batch", "µs per batch"),
    "vocabulary": ("distinct characters", "us_per_character", "µs per character"),
    "hidden units": ("hidden units", "us_per_character", "µs per character"),
    "steps": ("steps", "us_per_character", "µs per character"),
    "batch": ("examples in a batch", "us_per_character", "µs per character"),
}


def tasks(quick: bool = False) -> Iterator[Task]:
    """Yield everything to measure; `quick` leaves out the slow ends and every other size."""
    lengths = LENGTHS[:-1] if quick else LENGTHS
    for curve, length in itertools.product(("latin", "chinese"), lengths):
        yield Task("reading", curve, length, "reading", {"alphabet": curve, "size": length})
    for curve, length in itertools.product(("random", "consecutive"), lengths):
        yield Task("sampling", curve, length, "sampling", {"kind": curve, "length": length})
    sizes = {
        "vocabulary": ("vocab_size", [28, 100, 300, 1000, 3000, 10_000]),
        "hidden units": ("num_hiddens", [64, 128, 256, 512, 1024, 2048]),
        "steps": ("num_steps", [5, 10, 20, 35, 70, 140]),
        "batch": ("batch_size", [1, 2, 8, 32, 128, 512]),
    }
    for (panel, (name, values)), cell in itertools.product(sizes.items(), ("rnn", "lstm")):
        for value in values[:-1:2] if quick else values:
            if (cell, value) != ("lstm", 2048):  # a minute for little news
                yield Task(panel, cell, value, "training", {"cell": cell, "budget": 0.5 if quick else 5, name: value})


# --- what a process of its own does ---


def reading(alphabet: str, size: int) -> dict[str, Any]:
    """Read and number a text file of `size` bytes."""
    import gluonrnn as gb

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "text.txt")
        # by another process, which leaves no memory behind in this one
        subprocess.run([sys.executable, __file__, "--write", str(path), alphabet, str(size)], check=True)
        before, start = peak_mb(), time.perf_counter()
        corpus = gb.load_corpus(path)
        seconds, peak = time.perf_counter() - start, peak_mb() - before
    return {"seconds": seconds, "peak_mb": peak, "characters": len(corpus.corpus_indices)}


def write_text(path: Path, alphabet: str, size: int) -> None:
    """Write about `size` bytes of UTF-8 in lines of 60 characters, the first of the alphabet the most frequent."""
    characters = np.array(list({"latin": LATIN, "chinese": CHINESE}[alphabet]))
    weights = 1 / np.arange(1, len(characters) + 1)
    rng = np.random.default_rng(0)
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        length = max(size // len(characters[0].encode()), 1)
        for start in range(0, length, 600_000):
            drawn = rng.choice(characters, size=min(600_000, length - start), p=weights / weights.sum())
            drawn[59::60] = "\n"
            file.write("".join(drawn))


def sampling(kind: str, length: int) -> dict[str, Any]:
    """Draw batches from `length` characters, in as many epochs as 300 batches take."""
    import gluonrnn as gb
    from gluonrnn.corpus.indices import Indices

    corpus = Indices(np.random.default_rng(0).integers(0, 28, length, dtype="uint8"))
    batches_of = {"random": gb.data_iter_random, "consecutive": gb.data_iter_consecutive}[kind]
    random.seed(0)
    before, first, batches = peak_mb(), [], []
    while len(batches) < 300:
        last = time.perf_counter()
        times = []
        for X, Y in itertools.islice(batches_of(corpus, BATCH_SIZE, NUM_STEPS), 301):
            Y.wait_to_read()
            times.append(time.perf_counter() - last)
            last = time.perf_counter()
            del X, Y
        first.append(times[0])
        batches += times[1:]
    return {
        "us_per_batch": 1e6 * statistics.median(batches),
        "ms_to_first_batch": 1e3 * statistics.median(first),
        "peak_mb": peak_mb() - before,
    }


def training(
    cell: str,
    budget: float,
    vocab_size: int = VOCAB_SIZE,
    num_hiddens: int = NUM_HIDDENS,
    num_steps: int = NUM_STEPS,
    batch_size: int = BATCH_SIZE,
) -> dict[str, Any]:
    """Train for whole epochs of eight batches, until `budget` seconds are over, and three of them at least."""
    import gluonrnn as gb

    length = 8 * batch_size * num_steps + batch_size
    indices = np.random.default_rng(0).integers(0, vocab_size, length)
    characters = [chr(0x4E00 + i) for i in range(vocab_size)]
    corpus = gb.Corpus(indices, {char: i for i, char in enumerate(characters)}, characters, vocab_size)
    before, start = peak_mb(), time.perf_counter()
    model = gb.fit(
        corpus, cell=cell, num_hiddens=num_hiddens, num_steps=num_steps, batch_size=batch_size, num_epochs=1000,
        sampling="consecutive", pred_period=0, seed=0, on_nonfinite="ignore", prefixes=characters[:1],
        callback=lambda epoch, *_: epoch >= 3 and time.perf_counter() - start > budget,
    )  # fmt: skip
    # the first warms up
    per_character = [1e6 * epoch.seconds / (8 * batch_size * num_steps) for epoch in model.history[1:]]
    return {
        "us_per_character": statistics.median(per_character),
        "lowest": min(per_character),
        "highest": max(per_character),
        "peak_mb": peak_mb() - before,
    }


def peak_mb() -> float:
    """Return the most memory that this process ever had."""
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 2**20 if sys.platform == "darwin" else peak / 2**10


MEASURES: dict[str, Callable[..., dict[str, Any]]] = {"reading": reading, "sampling": sampling, "training": training}


# --- all of them, and what is shown ---


def measured(measure: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return what a process of its own measures."""
    root = str(Path(__file__).resolve().parents[1])
    finished = subprocess.run(
        [sys.executable, __file__, "--measure", measure, json.dumps(arguments)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([root, os.environ.get("PYTHONPATH", "")])},
        capture_output=True,
        text=True,
        check=False,
    )
    if finished.returncode:
        raise SystemExit(f"{measure} {arguments} failed:\n{finished.stderr}")
    return json.loads(finished.stdout.splitlines()[-1])


def measure_all(chosen: list[Task]) -> list[dict[str, Any]]:
    """Measure each task, and print its line of the table."""
    points = []
    print(f"{'panel':<13} {'curve':<12} {'x':>11}   measured")
    for task in chosen:
        values = measured(task.measure, task.arguments)
        listed = ", ".join(f"{name} {value:,.4g}" for name, value in values.items())
        print(f"{task.panel:<13} {task.curve:<12} {task.x:>11,}   {listed}", flush=True)
        points.append({"panel": task.panel, "curve": task.curve, "x": task.x, **values})
    return points


def plot(points: list[dict[str, Any]], path: Path) -> None:
    """Plot time above and memory below, what grows from left to right, all in powers of ten."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(2, len(PANELS), figsize=(4 * len(PANELS), 7.5), layout="constrained")
    for (panel, (xlabel, seconds, ylabel)), column in zip(PANELS.items(), axes.T):
        of_panel = [point for point in points if point["panel"] == panel]
        rows = (seconds, ylabel, 1e-4), ("peak_mb", "peak memory, MB more than before", 0.1)
        for axis, (value, label, least) in zip(column, rows):
            for curve, mark in zip(dict.fromkeys(point["curve"] for point in of_panel), "os"):
                ends = [(point["x"], max(point[value], least)) for point in of_panel if point["curve"] == curve]
                axis.plot(*zip(*ends), marker=mark, label=curve)
            axis.set(xscale="log", yscale="log", xlabel=xlabel, ylabel=label)
            label_axes(axis, sorted({point["x"] for point in of_panel}))
        column[0].set_title(panel)
        if panel == "reading":
            sizes = sorted(point["x"] for point in of_panel)
            column[1].plot(sizes, [size / 2**20 for size in sizes], ":", color="gray", label="the file itself")
        if panel == "sampling":
            column[0].set_ylim(10, 1000)
        for axis in column if of_panel else ():
            axis.legend()
    figure.savefig(path, dpi=100)
    plt.close(figure)


def label_axes(axis: Any, sizes: list[int]) -> None:
    """Write sizes and values as people do, and not as powers of ten."""
    from matplotlib.ticker import EngFormatter, LogLocator, NullFormatter, NullLocator

    short = EngFormatter(sep="")
    axis.set_xticks(sizes, [short(size) if size >= 10_000 else str(size) for size in sizes])
    axis.xaxis.set_minor_locator(NullLocator())
    low, high = axis.get_ylim()
    axis.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 1000 * low else (1,)))
    axis.yaxis.set_major_formatter("{x:g}")
    axis.yaxis.set_minor_formatter(NullFormatter())
    axis.grid(alpha=0.3)


def machine() -> dict[str, Any]:
    """Return what the figures depend on beside the code."""
    return {
        "platform": platform.platform(),
        "processors": os.cpu_count(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "run": {"batch_size": BATCH_SIZE, "num_steps": NUM_STEPS, "num_hiddens": NUM_HIDDENS, "vocab_size": VOCAB_SIZE},
    }


def main(argv: list[str] | None = None) -> int:
    """Run the benchmark, or, as a process of its own, one part of it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="leave out the slow ends")
    parser.add_argument("--output", type=Path, default=Path("build/scale"), metavar="FOLDER")
    parser.add_argument("--measure", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--write", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.write:
        path, alphabet, size = arguments.write
        write_text(Path(path), alphabet, int(size))
    elif arguments.measure:
        measure, its_arguments = arguments.measure
        print(json.dumps(MEASURES[measure](**json.loads(its_arguments))))
    else:
        points = measure_all(list(tasks(arguments.quick)))
        arguments.output.mkdir(parents=True, exist_ok=True)
        written = json.dumps({"machine": machine(), "points": points}, indent=1)
        (arguments.output / "scale.json").write_text(written + "\n", encoding="utf-8")
        plot(points, arguments.output / "scale.png")
        print(f"written: {arguments.output / 'scale.json'}, {arguments.output / 'scale.png'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
