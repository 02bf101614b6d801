"""Run cells in a Jupyter kernel of this interpreter, and end it on a timeout, too much output, or request."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from pathlib import Path
from typing import IO, Any, AsyncIterator, Awaitable, Sequence

import psutil
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import ValidationError

from gluonrnn.rerun import kernel_setup
from gluonrnn.rerun.workspace import Workspace

__all__ = ["CellError", "Kernel", "KernelStoppedError", "started_kernel"]

MAX_OUTPUT = 10_000_000  # characters that a cell may print
_STARTUP_SECONDS = 300
_OUTPUT_SECONDS = 60  # for the output of a cell to arrive once it has ended
_POLL_SECONDS = 0.1
_STILL_SECONDS = 180  # that a cell may wait for something; a connection gives up after 130
_STOPPED_SECONDS = 10  # that a kernel may stay stopped, as by SIGSTOP
_LOOK_SECONDS = 1.0
_IDLE_WORK = 0.5  # seconds of processor time; an idle kernel takes a tenth of it in minutes
_LONGEST = 70  # characters in the path of a folder in which multiprocessing creates sockets

_WHY_KILLED = {
    "SIGKILL": ", as is done where memory runs out",
    "SIGSEGV": ", for it used memory that is not its own",
}


class CellError(Exception):
    """A cell raised an error; the kernel still runs."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class KernelStoppedError(Exception):
    """The kernel ended or was stopped, so that no further cell can run; the message says why."""


class _ThisInterpreter(KernelSpecManager):
    """Offers the Python that runs this as the only kernel, whatever is registered on the machine."""

    def get_kernel_spec(self, kernel_name: str) -> KernelSpec:
        argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        return KernelSpec(argv=argv, display_name="Python 3", language="python")


class _Client(NotebookClient):
    """Keeps a cell's reply, and limits how much output it may produce."""

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, on_cell_executed=self._keep_reply, allow_errors=True, **settings)
        self.begin()

    def begin(self) -> None:
        """Forget the cell before."""
        self.printed = 0
        self.reply: dict[str, Any] = {}

    def _keep_reply(self, *, execute_reply: Any, **_: Any) -> None:
        self.reply = execute_reply["content"]

    def process_message(self, msg: Any, cell: Any, cell_index: int) -> Any:
        kind, content = msg["msg_type"], msg["content"]
        if kind == "clear_output":  # used by plots that are redrawn
            self.printed = 0
        elif kind == "stream":
            room = max(0, MAX_OUTPUT - self.printed)
            self.printed += len(content["text"])
            content["text"] = content["text"][:room]
        elif kind in ("display_data", "execute_result", "error"):
            self.printed += len(str(content))
            if self.printed > MAX_OUTPUT:
                return None
        with contextlib.suppress(ValidationError):  # not an output that a notebook can hold
            return super().process_message(msg, cell, cell_index)


class IdleTimer:
    """Measures how long a process and its children have done nothing.

    That is: no main thread was woken, as in a deadlock or one long sleep, and all threads together
    took next to no processor time. Only seconds in which this process ran count, so that a pause
    of the whole machine does not.
    """

    def __init__(self, process: int) -> None:
        self.idle = 0.0  # seconds (Linux only)
        self.stopped = 0.0  # seconds since a signal such as SIGSTOP
        self._process = process
        self._looked_at = time.monotonic()
        self._before = (-1, 0.0)

    def update(self) -> None:
        """Update both numbers, at most once a second."""
        if time.monotonic() - self._looked_at < _LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        try:
            process = psutil.Process(self._process)
            is_stopped, now = process.status() == psutil.STATUS_STOPPED, _signs_of_life(process)
        except psutil.Error:  # it has ended, or may not be inspected
            self.idle = self.stopped = 0.0
            return
        self.stopped = self.stopped + _LOOK_SECONDS if is_stopped else 0.0
        if now[0] != self._before[0] or abs(now[1] - self._before[1]) > _IDLE_WORK:
            self.idle, self._before = 0.0, now
        else:
            self.idle += _LOOK_SECONDS


def _signs_of_life(process: psutil.Process) -> tuple[int, float]:
    """Return the context switches of the main threads, and the processor time of all threads."""
    switches, work = 0, 0.0
    for each in (process, *process.children(recursive=True)):
        with contextlib.suppress(psutil.Error):
            switches += sum(each.num_ctx_switches())  # of the main thread, on Linux
            work += sum(each.cpu_times())
    return switches, work


class Kernel:
    """A running kernel, which ends as soon as any thread sets `stop`."""

    def __init__(self, client: _Client, stop: threading.Event) -> None:
        self._client = client
        self._stop = stop

    async def run(self, cell: Any, index: int, timeout: float | None) -> None:
        """Run a cell of the notebook and store its outputs there, or raise one of the errors above."""
        self._client.begin()
        try:
            await self._unless_stopped(self._client.async_execute_cell(cell, index), timeout)
        except DeadKernelError as error:
            raise KernelStoppedError(self._cause_of_death()) from error
        except CellTimeoutError as error:
            raise CellError(
                f"it ended, but not all that it printed came within {_OUTPUT_SECONDS} seconds", 0
            ) from error
        except UnicodeEncodeError as error:
            raise CellError(f"it is no text that Python can run ({error.reason})", 0) from error
        reply = self._client.reply
        shown = [output for output in cell.outputs if output.output_type == "error"]
        if shown or reply.get("status") == "error":
            said = shown[-1] if shown else reply
            raise CellError(_in_words(said["ename"], said["evalue"]), await self._failing_line(cell.source))
        called_exit = any(item.get("source") == "ask_exit" for item in reply.get("payload", []))
        if called_exit and any(later.cell_type == "code" for later in self._client.nb.cells[index + 1 :]):
            raise KernelStoppedError("it called exit(), so no cell behind it can run")

    async def _unless_stopped(self, work: Awaitable[Any], timeout: float | None = None) -> Any:
        """Await something until there is a reason to stop."""
        started = time.monotonic()
        idle_timer = IdleTimer(self._process.pid)
        task = asyncio.ensure_future(work)
        while not task.done():
            await asyncio.wait({task}, timeout=_POLL_SECONDS)
            idle_timer.update()
            reason = self._reason_to_stop(time.monotonic() - started, timeout, idle_timer)
            if reason:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, Exception):
                    await task
                raise KernelStoppedError(reason)
        return task.result()

    def _reason_to_stop(self, seconds: float, timeout: float | None, idle_timer: IdleTimer) -> str:
        if self._stop.is_set():
            return "interrupted"
        if self._client.printed > MAX_OUTPUT:
            return f"it printed more than {MAX_OUTPUT:,} characters, so it was stopped"
        if timeout is not None and seconds > timeout:
            return f"it ran longer than {timeout:g} seconds, its timeout, so it was stopped"
        if idle_timer.stopped > _STOPPED_SECONDS:
            return f"its kernel was stopped by a signal, and did not go on for {_STOPPED_SECONDS} seconds"
        if timeout is None and idle_timer.idle > _STILL_SECONDS:
            return (
                f"it has not done anything for {_STILL_SECONDS} seconds, as in a deadlock, so it was stopped: "
                "give a timeout if it is to wait for longer"
            )
        return ""

    async def ask(self, expression: str) -> str:
        """Evaluate an expression in the kernel, without a trace, and return its ``repr``."""
        kc: Any = self._client.kc
        message = kc.execute("", silent=True, store_history=False, user_expressions={"it": expression})
        reply = await self._unless_stopped(self._client.async_wait_for_reply(message), _STARTUP_SECONDS)
        answer = reply["content"].get("user_expressions", {}).get("it", reply["content"])
        if answer["status"] != "ok":
            said = _in_words(answer.get("ename", answer["status"]), answer.get("evalue", ""))
            raise KernelStoppedError(f"its kernel said {said}")
        return str(answer["data"]["text/plain"])

    async def _failing_line(self, source: str) -> int:
        above = int(source.startswith("%%"))  # Python does not count the line of a cell magic
        with contextlib.suppress(KernelStoppedError, DeadKernelError, ValueError):
            return int(await self.ask(_in_kernel(f"failing_line({above})")))
        return 0

    def _cause_of_death(self) -> str:
        status = self._process.poll()
        if status >= 0:
            return f"its kernel ended with status {status}"
        name = signal.Signals(-status).name
        return f"its kernel was killed by {name}{_WHY_KILLED.get(name, '')}"

    @property
    def _process(self) -> Any:
        manager: Any = self._client.km
        return manager.provisioner.process


def _in_words(name: str, value: str) -> str:
    if name == "StdinNotImplementedError":
        return "it waits for input, and nobody is there to give any"
    return f"{name}: {value}" if value else name


def _in_kernel(call: str) -> str:
    """Return an expression that calls a function of `kernel_setup` without binding a name."""
    return f"__import__({kernel_setup.__name__!r}, fromlist=['']).{call}"


@contextlib.asynccontextmanager
async def started_kernel(
    notebook: Any, workspace: Workspace, aliases: Sequence[str], *, environment: dict[str, str], stop: threading.Event
) -> AsyncIterator[Kernel]:
    """Start a kernel in a workspace folder, with a document's aliases installed, and end it after the block."""
    own = Path(tempfile.mkdtemp(prefix=".kernel-", dir=workspace.root))
    _lend_font_list(own / "matplotlib")
    manager = AsyncKernelManager(
        kernel_name="python3", kernel_spec_manager=_ThisInterpreter(), connection_file=str(own / "connection.json")
    )
    client = _Client(
        notebook, km=manager, shutdown_kernel="immediate", iopub_timeout=_OUTPUT_SECONDS, raise_on_iopub_timeout=True
    )
    kernel = Kernel(client, stop)
    with open(own / "log.txt", "w+b") as log:
        try:
            try:
                variables = {**environment, **_kept_in(own)}
                await client.async_start_new_kernel(env=variables, cwd=str(workspace.chapter), stdout=log, stderr=log)
                client.kc = manager.client()
                client.kc.start_channels(stdin=False)
                await kernel._unless_stopped(client.kc.wait_for_ready(timeout=_STARTUP_SECONDS))
                await kernel.ask(_find_package())
                await kernel.ask(_in_kernel(f"prepare({list(aliases)!r}, {list(map(str, workspace.samples))!r})"))
            except (OSError, RuntimeError) as error:  # DeadKernelError is one
                last_words = "" if await manager.is_alive() else _last_words(log)
                raise KernelStoppedError(f"its kernel did not start ({last_words or error})") from error
            yield kernel
            client.set_widgets_metadata()
        finally:
            _kill(manager)
            try:
                await client._async_cleanup_kernel()
            finally:
                manager.context.destroy(linger=0)  # the garbage collector would warn


def _last_words(log: IO[bytes]) -> str:
    log.seek(0)
    lines = [line.strip() for line in log.read().decode(errors="replace").splitlines() if " WARNING " not in line]
    errors = [line for line in lines if "Error" in line]
    return (errors or list(filter(None, lines)) or [""])[-1]


def _kept_in(folder: Path) -> dict[str, str]:
    """Return the environment variables that keep the kernel's own files in a folder, and its output in UTF-8."""
    temporary = folder / "tmp"
    temporary.mkdir()
    return {
        # the paths of sockets have a limit
        **({"TMPDIR": str(temporary)} if len(str(temporary)) <= _LONGEST else {}),
        "IPYTHONDIR": str(folder / "ipython"),
        "JUPYTER_CONFIG_DIR": str(folder / "jupyter"),
        "JUPYTER_RUNTIME_DIR": str(folder / "jupyter"),
        "MPLCONFIGDIR": str(folder / "matplotlib"),
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "PYTHONUTF8": "1",
    }


def _lend_font_list(folder: Path) -> None:
    """Copy the user's matplotlib font list, if there is one: building it can take ten seconds."""
    folder.mkdir(parents=True)
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    for file in Path(os.environ.get("MPLCONFIGDIR") or os.path.join(cache, "matplotlib")).glob("fontlist-*.json"):
        with contextlib.suppress(OSError):
            shutil.copy(file, folder)


def _find_package() -> str:
    """Return an expression that makes this gluonrnn importable, ahead of another that is installed."""
    place = str(Path(kernel_setup.__file__).resolve().parents[2])
    return f"{place!r} in __import__('sys').path or __import__('sys').path.insert(0, {place!r})"


def _kill(manager: AsyncKernelManager) -> None:
    """Kill a kernel with its process group; jupyter_client then waits for its end, within limits."""
    group = getattr(manager.provisioner, "pgid", None)
    if group is not None and hasattr(os, "killpg") and group != os.getpgrp():  # otherwise nbclient kills the kernel
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)
