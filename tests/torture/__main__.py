"""All long tests, one after the other: ``python -m tests.torture``, or ``make torture``."""

from __future__ import annotations

import argparse
import subprocess
import sys
import time

TRIALS = {
    "kills": "runs that are killed at random moments, and go on",
    "disks": "disks that fill up, folders that vanish, two runs at once",
    "fuzz": "model files and archives that were tampered with",
    "loops": "trainings in three threads at once",
    "memory": "memory over thousands of updates",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("trials", nargs="*", metavar="TRIAL", help=f"{', '.join(TRIALS)}; all of them if left out")
    chosen = parser.parse_args().trials or list(TRIALS)
    for name in set(chosen) - set(TRIALS):
        parser.error(f"there is no trial {name!r}: choose from {', '.join(TRIALS)}")
    failed = []
    for name in chosen:
        print(f"\n== {name}: {TRIALS[name]}\n", flush=True)
        begun = time.monotonic()
        status = subprocess.run([sys.executable, "-m", f"tests.torture.{name}"], check=False).returncode
        print(f"\n{name}: {'passed' if status == 0 else 'FAILED'}, {time.monotonic() - begun:.0f} s", flush=True)
        failed += [name] if status else []
    print(f"\n{len(chosen) - len(failed)} of {len(chosen)} passed{': not ' + ', '.join(failed) if failed else ''}")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
