"""Measure every row of the table "Speed to reach" in one run: ``python -m benchmarks.side_by_side``.

Prints the table, and writes it with the single measurements and a plot into ``build/bench``. Exits
0 if everything was measured, whether the targets were reached or not, and 1 otherwise.

Each contestant works in a process of its own, in turn, on the same batches, in float32, with the
same number of threads; each is warmed up. An epoch is a whole one as users run it. The trainers
print a line after each epoch, and the time from line to line is what counts, with no samples drawn
and the first epoch of each call left out; ``train_epoch_ch8`` is timed from outside.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any, Mapping, Sequence

from benchmarks.side_by_side import corpora, machine, plot, record, tables
from benchmarks.side_by_side.contest import Crew, hold
from benchmarks.side_by_side.protocol import ROOT, environment
from benchmarks.side_by_side.rows import ROWS, Row
from benchmarks.side_by_side.setting import Setting
from benchmarks.side_by_side.verdicts import failures

REPETITIONS, EPOCHS, LEAST_SECONDS = 7, 3, 0.3
QUICK_REPETITIONS, QUICK_EPOCHS, QUICK_LEAST_SECONDS = 2, 1, 0.05


def main(argv: Sequence[str] | None = None) -> int:
    """Measure, print and write the results, and return the exit status."""
    arguments = _parser().parse_args(argv)
    rows = [row for row in ROWS if row.name in arguments.rows]
    repetitions = QUICK_REPETITIONS if arguments.quick else REPETITIONS
    logs = arguments.output / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    for log in logs.glob("*.log"):
        log.unlink()
    load = os.getloadavg()[0]
    with corpora.data_folder() as (texts, variables):
        env = environment(arguments.threads, **variables)
        try:
            setting = _setting(arguments, env, logs / "corpora.log")
        except subprocess.CalledProcessError:
            reason = (logs / "corpora.log").read_text(encoding="utf-8").strip().splitlines()[-1:]
            print("nothing was measured, for the texts could not be read:", *reason, file=sys.stderr)
            return 1
        with Crew(setting, env, logs) as crew:
            results = hold(rows, repetitions, crew.measure, lambda line: print(line, file=sys.stderr, flush=True))
    facts = {**_facts(arguments.threads, repetitions, texts, env, crew.versions), "load": load}
    _report(rows, results, facts, arguments.output)
    return 1 if failures(results) else 0


def _parser() -> argparse.ArgumentParser:
    names = [row.name for row in ROWS]
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.side_by_side",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--quick", action="store_true", help="few rounds, to see whether all works; no figures to quote"
    )
    parser.add_argument(
        "--threads", type=_count, default=machine.cores(), help="for every contestant (default: all cores)"
    )
    parser.add_argument("--rows", type=_rows, default=names, help=f"some of {','.join(names)}")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "bench", help="folder (default: build/bench)")
    return parser


def _count(given: str) -> int:
    if not given.isdecimal() or int(given) < 1:
        raise argparse.ArgumentTypeError(f"a number of threads is a whole number from 1 up, but this is {given!r}")
    return int(given)


def _rows(given: str) -> list[str]:
    names = [row.name for row in ROWS]
    for name in given.split(","):
        if name not in names:
            raise argparse.ArgumentTypeError(f"there is no row {name!r}: choose from {', '.join(names)}")
    return given.split(",")


def _setting(arguments: argparse.Namespace, env: Mapping[str, str], log: Path) -> Setting:
    """Return what every worker is given; the texts are read by gluonrnn in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.side_by_side.corpora"]
    with log.open("w", encoding="utf-8") as stderr:
        done = subprocess.run(command, cwd=ROOT, env=dict(env), stdout=subprocess.PIPE, stderr=stderr, check=True)
    return Setting.from_json({
        "texts": json.loads(done.stdout),
        "epochs": QUICK_EPOCHS if arguments.quick else EPOCHS,
        "least_seconds": QUICK_LEAST_SECONDS if arguments.quick else LEAST_SECONDS,
        "threads": arguments.threads,
    })  # fmt: skip


def _facts(threads: int, repetitions: int, texts: str, env: Mapping[str, str], versions: dict) -> dict[str, Any]:
    return {
        "date": datetime.now().astimezone().isoformat(timespec="seconds"),
        "cpu": machine.cpu_model(),
        "cores": machine.cores(),
        "system": f"{platform.system()} {platform.machine()}",
        "threads": threads,
        "versions": {"python": platform.python_version(), **versions},
        "environment": machine.telling_variables(env),
        "texts": texts,
        "repetitions": repetitions,
    }


def _report(rows: Sequence[Row], results: Any, facts: Mapping[str, Any], output: Path) -> None:
    text = "\n\n".join([
        tables.heading(facts), tables.targets_table(rows, results), tables.details(rows, results),
        tables.unmeasured(results),
    ])  # fmt: skip
    table, data, picture = output / "speed.txt", output / "speed.json", output / "speed.png"
    table.write_text(text + "\n", encoding="utf-8")
    record.write(data, record.as_data(rows, results, facts))
    plot.draw(picture, rows, results, facts)
    print(text, f"Written: {table}, {data}, {picture}", sep="\n\n")


if __name__ == "__main__":
    sys.exit(main())
