"""Install the published packages that gluonrnn is compared with, for the Python that runs this.

They ask for all of Jupyter and are installed without it. The early ones share the name of a later
one, so each has a folder of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PACKAGES = ["gluonbook==0.8.10", "d2lzh==1.0.0"]
EARLY = ["gluonbook==0.6", "gluonbook==0.6.10"]
FOLDER = Path(sys.prefix) / "oracles"


def pip_install(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps"]
    subprocess.run([*command, *arguments], check=True)


if __name__ == "__main__":
    pip_install(*PACKAGES)
    for package in EARLY:
        target = FOLDER / package.replace("==", "-")
        if not target.exists():
            pip_install("--target", str(target), package)
