"""Install the published packages that gluonrnn is compared with, for the Python that runs this.

They ask for all of Jupyter and are installed without it. Where several share one name, each has a
folder of its own.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PACKAGES = ["gluonbook==0.8.10", "d2lzh==1.0.0"]
APART = ["gluonbook==0.6", "gluonbook==0.6.10", "d2l==0.10.3", "d2l==0.11.4", "d2l==0.15.1", "d2l==0.17.6"]
FOLDER = Path(sys.prefix) / "oracles"


def pip_install(*arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps"]
    subprocess.run([*command, *arguments], check=True)


if __name__ == "__main__":
    pip_install(*PACKAGES)
    for package in APART:
        target = FOLDER / package.replace("==", "-")
        if not target.exists():
            pip_install("--target", str(target), package)
