"""Run chapter documents from top to bottom, each in a fresh kernel and a workspace folder."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Callable, Iterable, Sequence, Union

from gluonrnn._checks import check_count, check_number
from gluonrnn._machine import use_all_cores
from gluonrnn.rerun.detection import Detected, check_edition, detect
from gluonrnn.rerun.document import Document
from gluonrnn.rerun.edits import lower_epochs, without_tools
from gluonrnn.rerun.reading import read_document
from gluonrnn.rerun.report import FAILED, NOT_RUN, RAN, CellResult, DocumentResult
from gluonrnn.rerun.workspace import Workspace, missing_data_hint, temporary_workspace

__all__ = ["rerun", "rerun_all"]

PathLike = Union[str, "os.PathLike[str]"]
# called with the document's path, the number of cells that are done, and of all
OnCell = Callable[[Path, int, int], None]

# the kernel finds data in its workspace folder, and would show no plots with the caller's backend
_NOT_HANDED_ON = ("GLUONRNN_DATA", "MPLBACKEND", "PYTHONSTARTUP")


def rerun(
    path: PathLike,
    *,
    edition: str | None = None,
    max_epochs: int | None = None,
    timeout: float | None = None,
    sample_data: bool = False,
    keep_going: bool = False,
    on_cell: OnCell | None = None,
) -> DocumentResult:
    r"""Run a chapter document of the book, unchanged, in a fresh Jupyter kernel of this Python.

    It may be the book's Markdown, Markdown with plain fences, a notebook, a script, or text that
    was exported from a notebook. It runs in a temporary folder laid out as the book's, with the
    corpora of this machine; gluonrnn answers the imports of its edition. A document is code: it
    runs with your own rights.

    Parameters
    ----------
    path : str or path-like
        The document.
    edition : str, optional
        One of ``gluonrnn.rerun.detection.EDITIONS``, or what `install_aliases` takes; found
        from its imports and calls if left out.
    max_epochs : int, optional
        Lower the document's own epoch and reporting-period constants to this; nothing is touched
        by default. The notes of the result list what was lowered.
    timeout : float, optional
        Seconds that one cell may take; by default, as long as it takes. A cell that is stopped
        ends its document.
    sample_data : bool
        Use bundled texts for corpora that are not on this machine.
    keep_going : bool
        Run the cells behind one that raised an error, too.
    on_cell : callable, optional
        Called in another thread with the path, the number of finished cells, and the number of
        all. An error that it raises ends the run.

    Returns
    -------
    DocumentResult
        A result per cell. A cell that fails is no exception here: see ``ok`` and ``failed``.

    Raises
    ------
    OSError
        If the file cannot be read; `FileNotFoundError` if there is none.
    TypeError, ValueError
        If the file has none of these forms, or an argument is invalid.
    ImportError
        If the libraries that run notebooks are not installed.

    Examples
    --------
    >>> import tempfile
    >>> chapter = Path(tempfile.mkdtemp(), "chapter.md")
    >>> _ = chapter.write_text("# A chapter\n```python\nimport gluonbook as gb\nprint(gb.try_gpu())\n```\n")
    >>> result = rerun(chapter)
    >>> result.edition, [(cell.status, cell.text) for cell in result.cells]
    ('gluonbook', [('ran', 'cpu(0)\n')])
    """
    plan = _plan(path, _Settings(edition, max_epochs, timeout, sample_data, keep_going))
    return _run_all([plan], jobs=1, on_cell=on_cell)[0]


def rerun_all(
    paths: Iterable[PathLike],
    *,
    jobs: int = 1,
    on_cell: OnCell | None = None,
    on_result: Callable[[DocumentResult], None] | None = None,
    **settings: Any,
) -> list[DocumentResult]:
    """Run several chapter documents, some of them side by side.

    Parameters
    ----------
    paths : iterable of str or path-like
        The documents.
    jobs : int
        How many may run at once; they share the cores.
    on_cell : callable, optional
        As in `rerun`, in as many threads as documents run at once.
    on_result : callable, optional
        Called with each result as soon as it is there, in the order in which they end; after
        Ctrl-C with what ran until then.
    **settings
        The further keywords of `rerun`, for every document.

    Returns
    -------
    list of DocumentResult
        In the order of `paths`. A file that cannot be read has its reason as ``problem``.

    Raises
    ------
    TypeError, ValueError, ImportError
        As `rerun`, for arguments and libraries.

    Examples
    --------
    >>> rerun_all([])
    []
    """
    check_count("jobs", jobs)
    shared = _Settings(**settings)
    return _run_all([_plan_or_problem(path, shared) for path in paths], jobs=jobs, on_cell=on_cell, on_result=on_result)


@dataclass(frozen=True)
class _Settings:
    edition: str | None = None
    max_epochs: int | None = None
    timeout: float | None = None
    sample_data: bool = False
    keep_going: bool = False

    def __post_init__(self) -> None:
        if self.max_epochs is not None:
            check_count("max_epochs", self.max_epochs)
        if self.timeout is not None:
            check_number("timeout", self.timeout)
        check_edition(self.edition)
        for name in ("nbformat", "nbclient", "ipykernel", "psutil"):
            try:
                import_module(name)
            except ImportError as error:
                message = f"running documents needs {name} ({error}): pip install 'gluonrnn[notebook]'"
                raise ImportError(message) from error


@dataclass(frozen=True)
class _Plan:
    """A document as it will run."""

    document: Document
    detected: Detected
    settings: _Settings
    sources: list[str]
    notes: list[str]

    def not_run(self, done: int = 0) -> list[CellResult]:
        """Return the results of all cells but the first `done`."""
        cells = enumerate(zip(self.document.code, self.sources), 1)
        return [CellResult(number, cell.line, source, NOT_RUN) for number, (cell, source) in cells][done:]


def _plan(path: PathLike, settings: _Settings) -> _Plan | DocumentResult:
    document = read_document(path)
    detected = detect(document, settings.edition)
    sources = [cell.source for cell in document.code]
    notes = [f"cell {number}: {cell.doubt}" for number, cell in enumerate(document.code, 1) if cell.doubt]
    if detected.framework:
        problem = f"it is written for {detected.framework}, and gluonrnn runs documents for MXNet. {detected.offer}"
        cells = _Plan(document, detected, settings, sources, []).not_run()
        return DocumentResult(document.path, "", cells, problem=problem.strip())
    for index, source in enumerate(sources):
        sources[index], skipped = without_tools(source)
        notes += [f"cell {index + 1}: skipped {line}" for line in skipped]
    if settings.max_epochs is not None:
        module = import_module(detected.module) if detected.module else None
        sources, lowered = lower_epochs(sources, settings.max_epochs, module)
        notes += lowered
    return _Plan(document, detected, settings, sources, notes)


def _plan_or_problem(path: PathLike, settings: _Settings) -> _Plan | DocumentResult:
    try:
        return _plan(path, settings)
    except (OSError, ValueError) as error:
        return DocumentResult(Path(path), "", [], problem=str(error))


def _run_all(
    plans: Sequence[_Plan | DocumentResult],
    *,
    jobs: int,
    on_cell: OnCell | None = None,
    on_result: Callable[[DocumentResult], None] | None = None,
) -> list[DocumentResult]:
    """Run plans in threads, since the caller may be in an event loop, as every notebook is."""
    stop = threading.Event()
    environment = _environment(min(jobs, sum(isinstance(plan, _Plan) for plan in plans)))
    futures: list[Future[DocumentResult]] = []
    told = set()

    def tell(future: Future[DocumentResult]) -> None:
        told.add(future)
        result = future.result()
        if on_result is not None:
            on_result(result)

    with ThreadPoolExecutor(jobs) as pool:
        try:
            for plan in plans:
                futures.append(pool.submit(_result, plan, environment, stop, on_cell))
            for future in as_completed(futures):
                tell(future)
        except BaseException as error:  # above all Ctrl-C, which no kernel may outlive
            stop.set()
            begun = [future for future in futures if not future.cancel()]
            if not isinstance(error, Exception):  # report what ran until then
                for future in begun:
                    if future not in told:
                        tell(future)
            raise
    return [future.result() for future in futures]


def _environment(jobs: int) -> dict[str, str]:
    """Return the environment of kernels of which `jobs` run at once."""
    environment = {name: value for name, value in os.environ.items() if name not in _NOT_HANDED_ON}
    use_all_cores(environment, max(1, jobs))
    return environment


def _result(
    plan: _Plan | DocumentResult, environment: dict[str, str], stop: threading.Event, on_cell: OnCell | None
) -> DocumentResult:
    """Run a plan in a thread that has no event loop."""
    if isinstance(plan, DocumentResult):
        return plan
    started = time.monotonic()
    document, detected = plan.document, plan.detected
    notebook = _as_notebook(document, plan.sources)
    done: list[CellResult] = []
    notes, problem = list(plan.notes), ""
    if document.code:
        with contextlib.ExitStack() as stack:
            try:
                folder = temporary_workspace(document, detected.edition, sample_data=plan.settings.sample_data)
                workspace = stack.enter_context(folder)
            except OSError as error:
                problem = f"it has no folder to run in ({error})"
            else:
                notes += workspace.notes
                problem = asyncio.run(_run_cells(plan, notebook, workspace, done, environment, stop, on_cell))
    return DocumentResult(
        path=document.path,
        edition=detected.edition,
        cells=[*done, *plan.not_run(len(done))],
        seconds=time.monotonic() - started,
        notes=notes,
        problem=problem,
        notebook=notebook,
    )


async def _run_cells(
    plan: _Plan,
    notebook: Any,
    workspace: Workspace,
    done: list[CellResult],
    environment: dict[str, str],
    stop: threading.Event,
    on_cell: OnCell | None,
) -> str:
    """Run the cells in order and append their results to `done`; return the problem if no cell could run."""
    from gluonrnn.rerun.kernel import CellError, KernelStoppedError, started_kernel

    def tell() -> None:
        if on_cell is not None:
            on_cell(plan.document.path, len(done), len(plan.sources))

    cells = [(index, cell) for index, cell in enumerate(notebook.cells) if cell.cell_type == "code"]
    kernel_of = started_kernel(notebook, workspace, plan.detected.aliases, environment=environment, stop=stop)
    try:
        async with kernel_of as kernel:
            tell()
            for index, cell in cells:
                started = time.monotonic()
                error, line, over = "", 0, False
                try:
                    await kernel.run(cell, index, plan.settings.timeout)
                except CellError as failure:
                    error, line, over = str(failure), failure.line, not plan.settings.keep_going
                except KernelStoppedError as stopped:
                    error, over = str(stopped), True
                hint = missing_data_hint(error, plan.detected.edition) if error else ""
                result = CellResult(
                    number=len(done) + 1,
                    line=plan.document.code[len(done)].line,
                    source=cell.source,
                    status=FAILED if error else RAN,
                    outputs=cell.outputs,
                    seconds=time.monotonic() - started,
                    error=f"{error} ({hint})" if hint else error,
                    error_line=line,
                )
                done.append(result)
                tell()
                if over:
                    break
    except KernelStoppedError as stopped:
        return str(stopped)
    return ""


def _as_notebook(document: Document, sources: Sequence[str]) -> Any:
    """Return a document as a notebook without outputs, with the code that is to run."""
    from nbformat import v4

    code = iter(sources)
    cells = [
        v4.new_code_cell(next(code)) if cell.kind == "code" else v4.new_markdown_cell(cell.source)
        for cell in document.cells
    ]
    return v4.new_notebook(cells=cells)
