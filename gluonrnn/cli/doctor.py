"""``gluonrnn doctor``: what this machine has, what stands in the way, and what to do about it."""

from __future__ import annotations

import importlib
import importlib.util
import os
import platform
import sys
from importlib import metadata
from typing import Any, Callable, NamedTuple

from gluonrnn import _mxnet
from gluonrnn._checks import check_callable
from gluonrnn.cli.common import DONE, FAILED
from gluonrnn.version import __version__

__all__ = ["add_doctor", "doctor", "findings"]


class Finding(NamedTuple):
    """One line of the report."""

    subject: str
    value: str
    remedy: str | None = None  # what to do if something is wrong
    needed: bool = True  # whether gluonrnn needs it to work


def add_doctor(commands: Any) -> None:
    """Add the command to those of ``gluonrnn``."""
    command = commands.add_parser("doctor", help="say what this machine has, and what to do where something is wrong")
    command.set_defaults(run=lambda arguments: DONE if doctor() else FAILED)


def doctor(write: Callable[[str], Any] = print) -> bool:
    """Print what gluonrnn finds on this machine, and what to do where something is wrong.

    Parameters
    ----------
    write : function
        Takes each line.

    Returns
    -------
    bool
        Whether everything that is needed is there.

    Raises
    ------
    TypeError
        If `write` cannot be called.

    Examples
    --------
    >>> lines = []
    >>> doctor(lines.append)
    True
    >>> lines[-1]
    'All that gluonrnn needs is here.'
    """
    check_callable("write", write)
    found = findings()
    width = max(len(finding.subject) for finding in found)
    for finding in found:
        mark = "ok  " if finding.remedy is None else "FAIL" if finding.needed else "note"
        write(f"{mark}  {finding.subject:<{width}}  {finding.value}")
        if finding.remedy is not None:
            write(f"      {'':<{width}}  -> {finding.remedy}")
    healthy = all(finding.remedy is None or not finding.needed for finding in found)
    write(
        "All that gluonrnn needs is here."
        if healthy
        else "gluonrnn cannot work until the lines marked FAIL are mended."
    )
    return healthy


def findings() -> list[Finding]:
    """Return all findings, in order of importance."""
    return [
        Finding("gluonrnn", __version__),
        _python(),
        Finding("platform", f"{platform.system()} {platform.machine()}"),
        _numpy(),
        *_mxnet_and_devices(),
        *map(_requirement, ("pooch", "safetensors", "tqdm")),
        _matplotlib(),
        *_corpora(),
    ]


def _python() -> Finding:
    supported = _mxnet.OLDEST_PYTHON <= sys.version_info[:2] <= _mxnet.NEWEST_PYTHON
    return Finding(
        "Python",
        platform.python_version(),
        None if supported else "make an environment with Python 3.8 to 3.12",
    )


def _numpy() -> Finding:
    try:
        version = importlib.import_module("numpy").__version__
    except ImportError:
        return Finding("NumPy", "not installed", "pip install 'numpy<2'")
    return Finding("NumPy", version, None if int(version.split(".")[0]) < 2 else "pip install 'numpy<2'")


def _mxnet_and_devices() -> list[Finding]:
    try:
        mx = _mxnet.load()
    except ImportError as error:
        cause, _, remedy = str(error).rpartition(": ")
        return [Finding("MXNet", cause, remedy)]
    from gluonrnn.devices import try_all_gpus

    devices = ", ".join(str(ctx) for ctx in try_all_gpus())
    return [Finding("MXNet", mx.__version__), Finding("devices", devices), *_speed()]


def _speed() -> list[Finding]:
    """Return how MXNet uses the processor."""
    from gluonrnn import _machine

    threads, cores, kernels, better = (
        _machine.num_threads(), _machine.num_cores(), _machine.openblas_kernels(), _machine.better_kernels(),
    )  # fmt: skip
    lines = []
    if threads is not None:
        remedy = f"call gluonrnn.set_num_threads(), or export OMP_NUM_THREADS={cores} before Python starts"
        lines.append(
            Finding("threads", f"{threads} on {cores} cores", None if threads >= cores else remedy, needed=False)
        )
    if os.environ.get("OMP_WAIT_POLICY", "").upper() == "PASSIVE":
        lines.append(
            Finding("waiting", "OMP_WAIT_POLICY=PASSIVE", "unset OMP_WAIT_POLICY: small operators wait for it", False)
        )
    if kernels is not None:
        remedy = (
            f"export OPENBLAS_CORETYPE={better}: OpenBLAS does not know this processor, and takes it for an old one"
        )
        lines.append(Finding("OpenBLAS", f"kernels for {kernels}", remedy if better else None, needed=False))
    return lines


def _requirement(name: str) -> Finding:
    if importlib.util.find_spec(name) is None:
        return Finding(name, "not installed", f"pip install {name}")
    return Finding(name, metadata.version(name))


def _matplotlib() -> Finding:
    remedy = "for plots: pip install 'gluonrnn[plot]'"
    if importlib.util.find_spec("matplotlib") is None:
        return Finding("matplotlib", "not installed", remedy, needed=False)
    try:
        return Finding("matplotlib", importlib.import_module("matplotlib").__version__)
    except Exception as error:  # one built for another NumPy fails in various ways
        cause = str(error).strip().partition("\n")[0]
        return Finding("matplotlib", f"does not load ({cause})", remedy, needed=False)


def _corpora() -> list[Finding]:
    from gluonrnn.corpus.lookup import KNOWN_CORPORA, find_corpus
    from gluonrnn.errors import CorpusNotFoundError

    if importlib.util.find_spec("pooch") is None:  # it locates the cache
        return []
    lines = []
    for name in KNOWN_CORPORA:
        try:
            lines.append(Finding(f"corpus {name}", str(find_corpus(name, fetch=False))))
        except CorpusNotFoundError:
            lines.append(Finding(f"corpus {name}", "not on this machine", f"gluonrnn corpora fetch {name}", False))
    return lines
