"""A Jupyter kernel of this interpreter, that ends when it should: on time, on too much output, on request."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import shutil
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any, AsyncIterator, Sequence

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from gluonrnn.documents import inside
from gluonrnn.documents.scratch import Scratch

__all__ = ["CellError", "Kernel", "KernelStoppedError", "started_kernel"]

MAX_OUTPUT = 10_000_000  # characters that a cell may print
_STARTUP_SECONDS = 300
_POLL_SECONDS = 0.1


class CellError(Exception):
    """A cell raised an error; the kernel lives on."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class KernelStoppedError(Exception):
    """A cell, and its kernel, came to an end that no cell can follow; the message says which."""


class _ThisInterpreter(KernelSpecManager):
    """Knows one kernel, whatever is registered on the machine: the Python that runs this."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        return KernelSpec(
            argv=[sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            display_name="Python 3",
            language="python",
        )


class _Client(NotebookClient):
    """Keeps count of what a cell has printed and shown, and keeps no more than may be."""

    printed = 0

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        kind, content = msg["msg_type"], msg["content"]
        if kind == "clear_output":  # as plots that are drawn anew do
            self.printed = 0
        elif kind == "stream":
            room = max(0, MAX_OUTPUT - self.printed)
            self.printed += len(content["text"])
            content["text"] = content["text"][:room]
        elif kind in ("display_data", "execute_result", "error"):
            self.printed += len(str(content))
            if self.printed > MAX_OUTPUT:
                return None
        return super().process_message(msg, cell, cell_index)


class Kernel:
    """A running kernel.

    Parameters
    ----------
    client : nbclient.NotebookClient
        Its client, which has the notebook.
    stop : threading.Event
        Set, by any thread, to end whatever runs.
    """

    def __init__(self, client: _Client, stop: threading.Event) -> None:
        self._client = client
        self._stop = stop

    async def run(self, cell: Any, index: int, timeout: float | None) -> None:
        """Run a cell of the notebook; its outputs are then in it.

        Parameters
        ----------
        cell : nbformat.NotebookNode
            A code cell.
        index : int
            Where it is in the notebook.
        timeout : float or None
            Seconds that it may take.

        Raises
        ------
        CellError
            If it raised an error.
        KernelStoppedError
            If it took or printed too much, the kernel died, or `stop` was set.
        """
        self._client.printed = 0
        started = time.monotonic()
        task = asyncio.ensure_future(self._client.async_execute_cell(cell, index))
        while not task.done():
            await asyncio.wait({task}, timeout=_POLL_SECONDS)
            reason = self._reason_to_stop(time.monotonic() - started, timeout)
            if reason and not task.done():
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, DeadKernelError):
                    await task
                raise KernelStoppedError(reason)
        try:
            task.result()
        except CellExecutionError as error:
            raise CellError(_in_words(error.ename, error.evalue), await self._failing_line()) from error
        except DeadKernelError as error:
            raise KernelStoppedError(await self._cause_of_death()) from error

    def _reason_to_stop(self, seconds: float, timeout: float | None) -> str:
        if self._stop.is_set():
            return "interrupted"
        if self._client.printed > MAX_OUTPUT:
            return f"it printed more than {MAX_OUTPUT:,} characters, so it was stopped"
        if timeout is not None and seconds > timeout:
            return f"it ran longer than {timeout:g} seconds, its timeout, so it was stopped"
        return ""

    async def ask(self, expression: str) -> str:
        """Return the ``repr`` of an expression in the kernel, leaving no trace there; "" if it fails."""
        kc: Any = self._client.kc
        message = kc.execute("", silent=True, store_history=False, user_expressions={"it": expression})
        reply = await self._client.async_wait_for_reply(message)
        answer = (reply or {}).get("content", {}).get("user_expressions", {}).get("it", {})
        if answer.get("status") == "error":
            raise KernelStoppedError(f"its kernel said {_in_words(answer['ename'], answer['evalue'])}")
        return str(answer.get("data", {}).get("text/plain", ""))

    async def _failing_line(self) -> int:
        with contextlib.suppress(KernelStoppedError, DeadKernelError, ValueError):
            return int(await self.ask(_in_kernel("failing_line()")))
        return 0

    async def _cause_of_death(self) -> str:
        manager: Any = self._client.km
        process = getattr(manager.provisioner, "process", None)
        status = process.poll() if process is not None else None
        if status is not None and status < 0:
            return f"its kernel was killed by {signal.Signals(-status).name}"
        return "its kernel ended" if status in (None, 0) else f"its kernel ended with status {status}"


def _in_words(name: str, value: str) -> str:
    if name == "StdinNotImplementedError":
        return "it waits for input, and nobody is there to give any"
    return f"{name}: {value}" if value else name


def _in_kernel(call: str) -> str:
    """Return an expression that calls a function of `inside` and leaves no name behind."""
    return f"__import__({inside.__name__!r}, fromlist=['']).{call}"


@contextlib.asynccontextmanager
async def started_kernel(
    notebook: Any, scratch: Scratch, aliases: Sequence[str], *, environment: dict[str, str], stop: threading.Event
) -> AsyncIterator[Kernel]:
    """Start a kernel in a scratch folder, with a document's aliases installed, and leave nothing of it behind.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        What it is to run.
    scratch : Scratch
        Where; it works in ``chapter``.
    aliases : sequence of str
        What the document imports, for `gluonrnn.install_aliases`.
    environment : dict of str to str
        Environment variables of its own.
    stop : threading.Event
        Set, by any thread, to end it.

    Yields
    ------
    Kernel
        Ready to run the first cell.

    Raises
    ------
    KernelStoppedError
        If it does not start.
    """
    own = scratch.root / ".kernel"
    _lend_font_list(own / "matplotlib")
    manager = AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=_ThisInterpreter(), connection_file=str(own / "connection.json")
    )
    client = _Client(notebook, km=manager, startup_timeout=_STARTUP_SECONDS, shutdown_kernel="immediate", timeout=None)
    client.reset_execution_trackers()
    with open(own / "log.txt", "w+b") as log:
        settings = {"env": {**environment, **_kept_in(own)}, "cwd": str(scratch.chapter), "stdout": log, "stderr": log}
        try:
            async with client.async_setup_kernel(cleanup_kc=True, **settings):
                try:
                    kernel = Kernel(client, stop)
                    await kernel.ask(_find_package())
                    await kernel.ask(_in_kernel(f"prepare({list(aliases)!r}, {list(map(str, scratch.samples))!r})"))
                    yield kernel
                finally:
                    _kill_group(manager)
        except RuntimeError as error:  # DeadKernelError is one
            atexit.unregister(client._cleanup_kernel)  # nbclient forgets it where no kernel came up
            log.seek(0)
            last = log.read().decode(errors="replace").strip().rpartition("\n")[2].strip()
            raise KernelStoppedError(f"its kernel did not start ({last or error})") from error


def _kept_in(folder: Path) -> dict[str, str]:
    """Return the environment that keeps a kernel's own files in a folder, and its output in UTF-8."""
    return {
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONUTF8": "1",
    }


def _lend_font_list(folder: Path) -> None:
    """Copy matplotlib's list of fonts, if the user has one: making it can take ten seconds."""
    folder.mkdir(parents=True)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    for file in Path(os.environ.get("MPLCONFIGDIR") or os.path.join(cache, "matplotlib")).glob("fontlist-*.json"):
        with contextlib.suppress(OSError):
            shutil.copy(file, folder)


def _find_package() -> str:
    """Return an expression that makes a checkout importable that is not installed."""
    place = str(Path(inside.__file__).resolve().parents[2])
    return f"__import__('importlib.util').util.find_spec('gluonrnn') or __import__('sys').path.append({place!r})"


def _kill_group(manager: AsyncKernelManager) -> None:
    """Kill a kernel with all that it started, while its process still holds the group's number."""
    group = getattr(manager.provisioner, "pgid", None)
    if group is not None and hasattr(os, "killpg") and group != os.getpgrp():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
