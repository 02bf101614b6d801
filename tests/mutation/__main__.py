"""Break the maths, one small piece at a time, and see whether the tests notice.

``python -m tests.mutation [NAME ...]`` mutates a copy of the tree in ``build/mutation`` with cosmic-ray, runs the
tests of the mutated module against each mutant, and prints a table. It ends with 1 if a mutant survived that
`tests.mutation.explained` does not explain.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, Iterator, NamedTuple

from tests.mutation.explained import EXPLAINED

ROOT = Path(__file__).resolve().parents[2]
WORK = ROOT / "build" / "mutation"
TREE = WORK / "tree"


class Target(NamedTuple):
    """The modules that are mutated, and the tests that should notice, the quickest first."""

    modules: str
    tests: str

    @property
    def paths(self) -> list[str]:
        """The modules' files."""
        return [f"gluonrnn/{module}.py" for module in self.modules.split()]


BAD_INPUTS = "tests/bad_inputs/test_table.py"
TARGETS = {
    "cells": Target(
        "models/cells models/parameters",
        f"tests/models/test_cells.py tests/fast/test_cells.py gluonrnn/models {BAD_INPUTS}",
    ),
    "sequence": Target(
        "models/np_cells models/scratch",
        f"tests/models/test_cells.py tests/fast/test_cells.py tests/editions/test_d2l.py gluonrnn/models {BAD_INPUTS}",
    ),
    "optimizers": Target(
        "training/optimizers", f"gluonrnn/training/optimizers.py tests/training/test_optimizers.py {BAD_INPUTS}"
    ),
    "batches": Target("corpus/batches", f"gluonrnn/corpus/batches.py tests/corpus/test_batches.py {BAD_INPUTS}"),
    "decoding": Target(
        "generation/decoding", f"gluonrnn/generation/decoding.py tests/generation/test_decoding.py {BAD_INPUTS}"
    ),
    "steps": Target("fast/steps", "tests/fast/test_cells.py tests/fast/test_network.py"),
}

# without the minutes of whole trainings
PYTEST = f"{sys.executable} -m pytest -x -q -p no:cacheprovider -k 'not training_prints'"
# in the order of the files, with the same examples each time
ENVIRONMENT = {"CI": "1", "MPLBACKEND": "Agg", "OMP_NUM_THREADS": "1", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}

CONFIG = """\
[cosmic-ray]
module-path = {paths}
timeout = 60.0
excluded-modules = []
test-command = "{command}"

[cosmic-ray.distributor]
name = "local"

[cosmic-ray.filters.operators-filter]
exclude-operators = [
    # one replacement for each operator; of | and what else is left out, there is none but in annotations
    "core/ReplaceBinaryOperator_(?!(Add_Sub|Sub_Add|Mul_Add|Div_Mul|FloorDiv_Mul)$)",
    "core/ReplaceComparisonOperator_(Eq|NotEq|Lt|LtE|Gt|GtE)_(Is|IsNot)",
    "core/ReplaceComparisonOperator_(Is|IsNot)_(Lt|LtE|Gt|GtE|Eq|NotEq)",
]
"""


class Mutant(NamedTuple):
    """One change of one line, and what came of it: killed, timed out, survived or incompetent."""

    path: str
    line: int
    before: str
    after: str
    outcome: str

    @property
    def reason(self) -> str | None:
        """Why no test can notice, if that is known."""
        return EXPLAINED.get((self.path, self.before, self.after))

    def __str__(self) -> str:
        return f"{self.path}:{self.line} {self.outcome}\n    - {self.before}\n    + {self.after}"


def copy_tree() -> None:
    """Lay out anew what is mutated and what tests it; the working tree itself is never touched."""
    shutil.rmtree(TREE, ignore_errors=True)
    for folder in ("gluonrnn", "tests", "data"):
        shutil.copytree(ROOT / folder, TREE / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", TREE)


def run(*command: str, **options: Any) -> subprocess.CompletedProcess:
    return subprocess.run(command, cwd=TREE, env={**os.environ, **ENVIRONMENT}, check=True, **options)


def mutants_of(name: str) -> list[Mutant]:
    """Make every mutant of a target, and test each."""
    target, config, session = TARGETS[name], WORK / f"{name}.toml", WORK / f"{name}.sqlite"
    session.unlink(missing_ok=True)
    command = f"{PYTEST} {target.tests}"
    config.write_text(CONFIG.format(paths=json.dumps(target.paths), command=command), encoding="utf-8")
    bin_folder = Path(sys.executable).parent
    run("sh", "-c", command, stdout=subprocess.PIPE)  # what fails before the first mutation would kill them all
    run(str(bin_folder / "cosmic-ray"), "init", str(config), str(session), stdout=subprocess.PIPE)
    run(str(bin_folder / "cr-filter-operators"), str(session), str(config))
    run(str(bin_folder / "cosmic-ray"), "exec", str(config), str(session))
    dump = run(str(bin_folder / "cosmic-ray"), "dump", str(session), stdout=subprocess.PIPE, encoding="utf-8").stdout
    return list(_mutants(dump))


def _mutants(dump: str) -> Iterator[Mutant]:
    for line in dump.splitlines():
        item, result = json.loads(line)
        if result["worker_outcome"] == "skipped":
            continue
        (mutation,) = item["mutations"]
        outcome = "timed out" if result["output"] == "timeout" else result["test_outcome"]
        yield Mutant(mutation["module_path"], mutation["start_pos"][0], *_changed(result["diff"]), outcome)


def _changed(diff: str) -> tuple[str, str]:
    lines = diff.splitlines()[3:]
    before, after = (" ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in ("-", "+"))
    return before, after


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help=f"what to mutate: {', '.join(TARGETS)}; all by default"
    )
    names = parser.parse_args().names or list(TARGETS)
    if unknown := set(names) - set(TARGETS):
        parser.error(f"what to mutate is any of {', '.join(TARGETS)}, but {unknown.pop()!r} is none")
    copy_tree()
    table, left = ["| module | mutants | killed | timed out | survived |", "|---|---|---|---|---|"], []
    for name in names:
        mutants = mutants_of(name)
        survivors = [mutant for mutant in mutants if mutant.outcome not in ("killed", "timed out")]
        left += [mutant for mutant in survivors if mutant.reason is None]
        counts = collections.Counter(mutant.outcome for mutant in mutants)
        table.append(f"| {name} | {len(mutants)} | {counts['killed']} | {counts['timed out']} | {len(survivors)} |")
        print(*survivors, sep="\n", flush=True)
    print(*table, sep="\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
