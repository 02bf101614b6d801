"""Open files that may be anything, each within bounds: ``python -m tests.torture.fuzz --count 10000``.

Every file is opened by a process that may take neither long nor much memory, and must give one of
the documented errors or a load that is right. Whatever else happens is kept for looking at, and makes
the exit status 1. A file is made from a seed and its number alone, and so can be made again.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence

from tests.torture.cases import Case, WrongError

SECONDS, MEGABYTES = 20, 512  # of a processor, and of memory, for each file
WAITED = 120  # seconds by the clock: the machine may be busy, but a pipe may be waited for too
GROUPS = ("models", "archives")
PROGRAM = (sys.executable, "-m", "tests.torture.fuzz")


def maker_and_judge(group: str) -> tuple[Callable[[random.Random, str], Case], Callable[[Case, Path], str]]:
    if group == "models":
        from tests.torture import models as module
    else:
        from tests.torture import archives as module  # type: ignore[no-redef]
    return module.make, module.judge


def case_of(group: str, seed: int, number: int, folder: str) -> Case:
    """Return the file of this number, the same one each time."""
    return maker_and_judge(group)[0](random.Random(f"{group} {seed} {number}"), folder)


def outcome(case: Case, judge: Callable[[Case, Path], str], sandbox: Path) -> str:
    """Put a file into an otherwise empty folder, open it, and look around; return what came of it."""
    home = sandbox / "data"
    home.mkdir()
    path = home / case.file_name
    path.write_bytes(case.content)
    found = judge(case, path)
    if os.listdir(sandbox) != ["data"]:
        raise WrongError(f"something was written outside: {sorted(os.listdir(sandbox))}")
    if case.must_load and found != "loaded":
        raise WrongError(f"it means what it meant before, but was refused: {found}")
    if case.must_fail and found == "loaded":
        raise WrongError("it is dangerous, but was loaded")
    return found


# --- the process that opens files ---


def work(group: str, seed: int, start: int, stop: int, scratch: str) -> None:
    """Open the files of these numbers; print a line for each."""
    os.chdir(scratch)
    judge = maker_and_judge(group)[1]
    case_of(group, seed, start, scratch)  # makes what is made once
    mapped = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + 2 * (MEGABYTES << 20),) * 2)
    for number in range(start, stop):
        case = case_of(group, seed, number, scratch)
        with tempfile.TemporaryDirectory(dir=scratch) as sandbox:
            before = peak(reset=True)
            signal.setitimer(signal.ITIMER_PROF, SECONDS)
            signal.alarm(WAITED)
            begun = time.process_time()
            line = {"number": number, "kind": case.kind, "failed": False}
            try:
                line["outcome"] = outcome(case, judge, Path(sandbox))
            except Exception as error:
                line.update(outcome=f"{type(error).__name__}: {error}"[:500], failed=True)
            line["seconds"] = time.process_time() - begun
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.alarm(0)
            line["megabytes"] = max(0, peak() - before)
        if line["megabytes"] > MEGABYTES:
            line.update(outcome=f"it took {line['megabytes']:.0f} MB ({line['outcome']})", failed=True)
        print(json.dumps(line), flush=True)


def peak(*, reset: bool = False) -> float:
    """Return the most memory that this process had since it was last reset, in megabytes."""
    if reset:
        Path("/proc/self/clear_refs").write_text("5")
    status = dict(line.split(":", 1) for line in Path("/proc/self/status").read_text().splitlines())
    return int(status["VmHWM"].split()[0]) / 1024


# --- the process that watches ---


def results(
    group: str, seed: int, count: int, scratch: str, program: Sequence[str] = PROGRAM
) -> Iterator[dict[str, Any]]:
    """Yield what came of each file; where a process ends, the next one goes on behind the file that ended it."""
    start = 0
    while start < count:
        command = [*program, "--work", group, str(seed), str(start), str(count), scratch]
        root = str(Path(__file__).parents[2])
        environment = {**os.environ, "PYTHONPATH": root, "GLUONRNN_OFFLINE": "1", "OMP_NUM_THREADS": "1"}
        with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stdout is not None
            for text in process.stdout:
                line = json.loads(text)
                start = line["number"] + 1
                yield line
        if start < count:
            why = (
                "it took too long"
                if -process.returncode in (signal.SIGALRM, signal.SIGPROF)
                else f"exit status {process.returncode}"
            )
            kind = case_of(group, seed, start, scratch).kind
            line = {"number": start, "kind": kind, "outcome": f"the process ended: {why}", "failed": True}
            yield {**line, "seconds": float(SECONDS), "megabytes": 0.0}
            start += 1


def run(group: str, seed: int, count: int, kept: Path) -> int:
    """Open all files of a group, print the table, keep those that failed, and return how many did."""
    kinds: dict[str, Counter[str]] = defaultdict(Counter)
    worst: dict[str, tuple[float, float]] = defaultdict(lambda: (0.0, 0.0))
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        for line in results(group, seed, count, scratch):
            kind = line["kind"]
            kinds[kind]["FAILED" if line["failed"] else line["outcome"]] += 1
            worst[kind] = (max(worst[kind][0], line["seconds"]), max(worst[kind][1], line["megabytes"]))
            if line["failed"]:
                failures += 1
                keep(case_of(group, seed, line["number"], scratch), line, kept / f"{group}-{seed}-{line['number']}")
    print_table(kinds, worst)
    return failures


def keep(case: Case, line: dict[str, Any], folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / case.file_name).write_bytes(case.content)
    (folder / "what-happened.txt").write_text(f"{case.kind}\n{line['outcome']}\n", encoding="utf-8", errors="replace")
    print(f"FAILED {folder}: {line['outcome']}", file=sys.stderr)


def print_table(kinds: dict[str, Counter[str]], worst: dict[str, tuple[float, float]]) -> None:
    def row(name: str, counts: Counter[str], seconds: float, megabytes: float) -> None:
        refused = ", ".join(f"{count:,} {what}" for what, count in sorted(counts.items()) if what != "loaded")
        print(
            f"{name:<32} {sum(counts.values()):>7,} {counts['loaded']:>7,} {seconds:>8.2f} {megabytes:>7.0f}  {refused}"
        )

    print(f"{'kind':<32} {'cases':>7} {'loaded':>7} {'worst s':>8} {'MB':>7}  refused")
    for kind in sorted(kinds):
        row(kind, kinds[kind], *worst[kind])
    total: Counter[str] = sum(kinds.values(), Counter())
    row("all", total, max(seconds for seconds, _ in worst.values()), max(size for _, size in worst.values()))
    print()


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=10_000, help="files of each group")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=GROUPS)
    parser.add_argument("--keep", type=Path, default=Path("build", "fuzz"), help="where files that failed are kept")
    parser.add_argument("--work", nargs=5, help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    if arguments.work:
        group, seed, start, stop, scratch = arguments.work
        work(group, int(seed), int(start), int(stop), scratch)
        return 0
    begun = time.monotonic()
    groups = [arguments.only] if arguments.only else GROUPS
    failures = sum(run(group, arguments.seed, arguments.count, arguments.keep) for group in groups)
    print(f"{len(groups) * arguments.count:,} files in {time.monotonic() - begun:.0f} s, {failures} failed", end="")
    print(f"; they are kept in {arguments.keep}" if failures else "")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
