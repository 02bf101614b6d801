"""End ``gluonrnn rerun`` at random moments by random means, and look for what it leaves behind.

    python -m tests.torture.documents [--runs N] [--seed S] [--only KIND]

Each run has a home, a folder for temporary files and a current folder of its own, and its
processes inherit a mark in their environment, by which every one of them is found. Needs a /proc.
"""

from __future__ import annotations

import argparse
import collections
import contextlib
import os
import random
import secrets
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).resolve().parents[2]
MARK = "GLUONRNN_TORTURE"
PATIENCE = 10.0  # seconds in which all must be gone
GIVE_UP = 60.0  # seconds in which a process that was asked to end must have done so

_BUSY = (
    "import mxnet as mx\nx = mx.nd.ones((1500, 1500))\nwhile True:\n    x = mx.nd.dot(x, x) * 0\n    x.wait_to_read()"
)

# what a document does -> its cells
DOCUMENTS = {
    "ends soon": ["import gluonbook as gb", "print('x' * 1_000_000)"],
    "computes": [_BUSY],
    "will not be interrupted": [
        "import signal\nfor name in ('SIGINT', 'SIGTERM', 'SIGHUP'):\n"
        "    signal.signal(getattr(signal, name), signal.SIG_IGN)",
        _BUSY,
    ],
    "has children": [
        "import subprocess, time\n"
        "started = [subprocess.Popen(['sleep', '600'], start_new_session=own) for own in (False, True)]\n"
        "!(trap '' HUP INT TERM; sleep 600 & sleep 600)",
    ],
    "loads with workers": [
        "from mxnet import gluon, nd\n"
        "data = gluon.data.ArrayDataset(nd.ones((64, 9)))\n"
        "while True:\n    for batch in gluon.data.DataLoader(data, batch_size=8, num_workers=2):\n"
        "        batch.wait_to_read()",
    ],
    "writes files": [
        "import subprocess, sys\n"
        "code = '''import itertools, os, time\n"
        "for number in itertools.count():\n"
        "    os.makedirs(f'deep/{number % 9}', exist_ok=True)\n"
        "    open(f'deep/{number % 9}/{number}', 'w').close()\n"
        "    time.sleep(0.001)'''\n"
        "subprocess.Popen([sys.executable, '-c', code], start_new_session=True)",
        "import tempfile, time\ntempfile.mkdtemp()\ntempfile.mkstemp()\ntime.sleep(600)",
    ],
    "ends its kernel": [
        "import os, subprocess, time\nsubprocess.Popen(['sleep', '600'], start_new_session=True)\ntime.sleep(1)",
        "os._exit(3)",
    ],
    "crashes": [
        "import ctypes, subprocess, time\nsubprocess.Popen(['sleep', '600'])\ntime.sleep(1)",
        "ctypes.string_at(0)",
    ],
    "runs out of memory": ["import os, signal, time\ntime.sleep(1)", "os.kill(os.getpid(), signal.SIGKILL)"],
}


class Run(NamedTuple):
    """What is done to a run, and what came of it."""

    document: str
    end: str
    jobs: int
    moment: float
    clean_after: float
    left: list


def _send(number, *, to_group=False, times=1):
    def end(process):
        for again in range(times):
            time.sleep(0.3 * bool(again))
            with contextlib.suppress(ProcessLookupError):
                (os.killpg if to_group else os.kill)(process.pid, number)

    return end


def _kernels_of(process):
    return [pid for pid, command in processes_of(process).items() if "ipykernel" in command]


def _kill_kernel(process):
    kernels = _kernels_of(process)
    for kernel in kernels:
        with contextlib.suppress(ProcessLookupError):
            os.kill(kernel, signal.SIGKILL)
    if not kernels:  # there is none yet, or none any more
        process.send_signal(signal.SIGINT)


ENDS = {
    "SIGINT": _send(signal.SIGINT),
    "SIGINT, group": _send(signal.SIGINT, to_group=True),
    "SIGINT, group, 3 times": _send(signal.SIGINT, to_group=True, times=3),
    "SIGTERM": _send(signal.SIGTERM),
    "SIGTERM, group": _send(signal.SIGTERM, to_group=True),
    "SIGHUP, group": _send(signal.SIGHUP, to_group=True),
    "SIGKILL": _send(signal.SIGKILL),
    "SIGKILL, group": _send(signal.SIGKILL, to_group=True),
    "kernel killed": _kill_kernel,
}


def _environments():
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            yield int(folder.name), (folder / "environ").read_bytes().split(b"\0")


def _mark_of(process):
    return f"{MARK}={process.mark}".encode()


def processes_of(process):
    """Return the processes of a run, with their commands."""
    found = {}
    for pid, environment in _environments():
        if _mark_of(process) in environment:
            with contextlib.suppress(OSError):
                found[pid] = Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()[:90]
    return found


def start(place, document, *, jobs):
    """Start ``gluonrnn rerun`` on documents of a kind, in a world of its own."""
    for name in ("tmp", "home", "here"):
        (place / name).mkdir()
    text = "# A chapter\n\n" + "\n\n".join(f"```python\n{cell}\n```" for cell in DOCUMENTS[document])
    names = [f"{number}.md" for number in range(jobs)]
    for name in names:
        (place / "here" / name).write_text(text)
    mark = secrets.token_hex(8)
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "JUPYTER", "GLUONRNN"))
    }
    environment.update(
        {
            MARK: mark,
            "TMPDIR": str(place / "tmp"),
            "HOME": str(place / "home"),
            "PYTHONPATH": str(REPOSITORY),
            "OMP_NUM_THREADS": "1",
            "JUPYTER_PLATFORM_DIRS": "1",
        }
    )
    command = [sys.executable, "-m", "gluonrnn", "rerun", *names, "--jobs", str(jobs), "--to", "html"]
    with open(place / "said", "wb") as said:
        process = subprocess.Popen(
            [*command, "--junit", "report.xml"],
            cwd=place / "here",
            env=environment,
            stdin=subprocess.PIPE,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    process.mark = mark
    return process


def left_by(process, place):
    """Return what is left of a run: processes, and files that nobody has asked for."""
    pages = {f"here/{number}.{suffix}" for number in range(9) for suffix in ("md", "html")}
    asked_for = pages | {"said", "tmp", "home", "here", "here/report.xml"}
    found = (Path(folder, name) for folder, *names in os.walk(place) for name in (*names[0], *names[1]))
    files = {str(path.relative_to(place)) for path in found}
    return [*processes_of(process).values(), *sorted(files - asked_for)[:9]]


def torture(document, end, moment, *, jobs=1, until_kernel=False):
    """Run documents of a kind, end that by some means after `moment` seconds, and return what came of it."""
    place = Path(tempfile.mkdtemp(prefix="torture-")).resolve()
    process = start(place, document, jobs=jobs)
    try:
        while until_kernel and process.poll() is None and not _kernels_of(process):
            time.sleep(0.1)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(moment)
        asked_at = time.monotonic()
        if process.poll() is None:
            ENDS[end](process)
        try:
            process.wait(GIVE_UP)
        except subprocess.TimeoutExpired:
            return Run(document, end, jobs, moment, GIVE_UP, ["it goes on"])
        ended_at = time.monotonic()
        while time.monotonic() - ended_at < PATIENCE:
            left = left_by(process, place)
            if not left:
                break
            time.sleep(0.05)
        return Run(document, end, jobs, moment, time.monotonic() - asked_at, left)
    finally:
        for pid in (process.pid, *processes_of(process)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        process.stdin.close()
        shutil.rmtree(place, ignore_errors=True)


def table(runs):
    """Return the runs by their end, as a table."""
    by_end = collections.defaultdict(list)
    for run in runs:
        by_end[run.end].append(run)
    lines = ["| ended by | runs | clean after: median | at most | leaks |", "|:--|--:|--:|--:|--:|"]
    for end, some in [*by_end.items(), ("all", runs)]:
        seconds = [run.clean_after for run in some]
        leaks = sum(bool(run.left) for run in some)
        lines.append(f"| {end} | {len(some)} | {statistics.median(seconds):.1f} s | {max(seconds):.1f} s | {leaks} |")
    return "\n".join(lines)


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=60)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--only", choices=DOCUMENTS, help="one kind of document")
    arguments = parser.parse_args(argv)
    seed = secrets.randbelow(10**6) if arguments.seed is None else arguments.seed
    print(f"seed {seed}", flush=True)
    rng = random.Random(seed)
    runs = []
    for number in range(arguments.runs):
        document = arguments.only or list(DOCUMENTS)[number % len(DOCUMENTS)]
        # some before a kernel is there, most while it runs
        early = rng.random() < 0.4
        moment = rng.uniform(0, 3) if early else rng.uniform(0, 5)
        run = torture(document, rng.choice(list(ENDS)), moment, jobs=rng.choice([1, 1, 2]), until_kernel=not early)
        runs.append(run)
        of = "" if early else " of its kernel"
        what = f"{run.document}, {run.end} after {run.moment:.2f} s{of}, {run.jobs} at once"
        print(f"{number + 1:3}  {what:86} clean after {run.clean_after:4.1f} s  {run.left or ''}", flush=True)
    print(f"\n{table(runs)}")
    return int(any(run.left for run in runs))


if __name__ == "__main__":
    sys.exit(main())
