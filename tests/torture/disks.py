"""Take the disk away from a run: ``python -m tests.torture.disks``.

A file system of its own that fills up under the run, one that cannot be written to, a folder that is
deleted under the run, and two runs at once on one folder. The file systems are mounted, which takes
the rights to do so; without them these two are reported as not tried, and the exit status is 1.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Callable, Iterator

from gluonrnn.training.checkpoints import read_checkpoint

ROOT = str(Path(__file__).resolve().parents[2])
# a model of about 300 kB
SMALL = ["--num-hiddens", "256", "--num-steps", "17", "--batch-size", "8", "--seed", "1", "--pred-period", "0"]
TEXT = "over and under, round and round the garden we go, " * 60


class NotTried(Exception):  # noqa: N818 (nothing was wrong)
    """The machine does not let this be tried."""


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "gluonrnn", "train", "-q", *arguments],
        cwd=home,
        env={**os.environ, "PYTHONPATH": ROOT, "MPLBACKEND": "Agg"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def train(home: Path, *arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "gluonrnn", "train", "-q", *arguments],
        cwd=home,
        env={**os.environ, "PYTHONPATH": ROOT, "MPLBACKEND": "Agg", "TMPDIR": str(home)},
        capture_output=True,
        text=True,
        check=False,
        **settings,
    )


@contextlib.contextmanager
def mounted(folder: Path, options: str) -> Iterator[None]:
    folder.mkdir()
    try:
        subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise NotTried(f"no file system can be mounted here: {error}") from None
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def epochs_in(path: Path) -> int:
    return len(read_checkpoint(path).history)


def a_full_disk(home: Path) -> str:
    """The second checkpoint does not fit beside the first: training goes on, and the model is elsewhere in the end."""
    with mounted(home / "small", "size=450k"):
        result = train(home, "--corpus", "text.txt", *SMALL, "--epochs", "3", "--out", "small/run")
        first = read_checkpoint(home / "small/run/model.safetensors")
        if list((home / "small/run").glob(".model-*")):
            raise AssertionError("half a model was left on the full disk")
    (kept,) = home.glob("gluonrnn-*/model.safetensors")
    if result.returncode != 1 or "No space left" not in result.stderr or str(kept) not in result.stderr:
        raise AssertionError(result.stderr)
    if (epochs_in(kept), len(first.history)) != (3, 0):
        raise AssertionError("neither the last model nor the first is whole")
    again = train(home, "--resume", str(kept.parent), "--epochs", "4")
    straight = train(home, "--corpus", "text.txt", *SMALL, "--epochs", "4", "--out", "straight")
    if again.returncode or straight.returncode:
        raise AssertionError(again.stderr + straight.stderr)
    if kept.read_bytes()[:200] == b"" or weights(kept) != weights(home / "straight/model.safetensors"):
        raise AssertionError("what went on from there is not what a run without the break came to")
    return "trained to its end, model kept elsewhere, goes on from there to the bit"


def weights(path: Path) -> dict[str, bytes]:
    return {name: weight.tobytes() for name, weight in read_checkpoint(path).weights.items()}


def a_read_only_disk(home: Path) -> str:
    """It is known before any work."""
    with mounted(home / "fixed", "size=2m,ro"):
        begun = time.monotonic()
        result = train(home, "--corpus", "text.txt", *SMALL, "--epochs", "100000", "--out", "fixed/run", timeout=120)
    if result.returncode != 1 or "cannot be written to: choose another --out" not in result.stderr:
        raise AssertionError(result.stderr)
    return f"refused before training, {time.monotonic() - begun:.1f} s"


def a_folder_deleted_under_the_run(home: Path) -> str:
    """It is made anew."""
    arguments = ["--corpus", "text.txt", *SMALL, "--epochs", "40", "--checkpoint-epochs", "1", "--out", "deleted"]
    with start(home, *arguments) as process:
        deleted = 0
        while process.poll() is None:
            if deleted < 5 and (home / "deleted/history.csv").exists():
                shutil.rmtree(home / "deleted", ignore_errors=True)
                deleted += 1
            time.sleep(0.2)
        errors = process.stderr.read() if process.stderr is not None else ""
    if process.returncode or not deleted or epochs_in(home / "deleted/model.safetensors") != 40:
        raise AssertionError(f"deleted {deleted} times: {errors}")
    if "was deleted or moved, and is made anew" not in errors:
        raise AssertionError(errors)
    return f"deleted {deleted} times, trained to its end, model complete"


def two_runs_on_one_folder(home: Path) -> str:
    """Of ten that begin at once, one trains, and nine are refused."""
    arguments = ["--corpus", "text.txt", *SMALL, "--epochs", "20", "--out", "shared"]
    processes = [start(home, *arguments) for _ in range(10)]
    results = [(*process.communicate(), process.returncode) for process in processes]
    refused = [errors for _, errors, status in results if status == 1]
    if len(refused) != 9 or not all("another run is writing" in e or "is there already" in e for e in refused):
        raise AssertionError(f"{len(refused)} were refused: {results}")
    if epochs_in(home / "shared/model.safetensors") != 20:
        raise AssertionError("the one that trained did not come to its end")
    return "one of ten trained, nine were refused"


TRIALS: list[Callable[[Path], str]] = [
    a_full_disk,
    a_read_only_disk,
    a_folder_deleted_under_the_run,
    two_runs_on_one_folder,
]


def main() -> int:
    status = 0
    print("| what was done | what came of it |")
    print("|---|---|")
    for trial in TRIALS:
        with tempfile.TemporaryDirectory(prefix="gluonrnn-disks-") as folder:
            home = Path(folder).resolve()
            (home / "text.txt").write_text(TEXT, encoding="utf-8")
            try:
                came = trial(home)
            except (AssertionError, NotTried) as error:
                came, status = f"{type(error).__name__}: {error}", 1
        print(f"| {trial.__name__.replace('_', ' ')} | {came} |", flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
