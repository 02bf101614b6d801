"""The command ``gluonrnn rerun``: run chapter documents, and write reports, pages and notebooks."""

from __future__ import annotations

import argparse
import contextlib
import os
import signal
import sys
import threading
from pathlib import Path
from typing import Any, Iterator

from gluonrnn._files import atomic_write
from gluonrnn.cli.common import DONE, FAILED, UsageError, usage_errors
from gluonrnn.rerun.detection import EDITIONS
from gluonrnn.rerun.pages import page_name, to_html, to_notebook
from gluonrnn.rerun.report import NOT_RUN, DocumentResult, in_lines, write_junit
from gluonrnn.version import __version__

__all__ = ["add_rerun"]

FORMATS = ("html", "ipynb")


def add_rerun(commands: Any) -> None:
    """Add the command to those of ``gluonrnn``."""
    command = commands.add_parser(
        "rerun",
        help="run original chapter documents of the book, unchanged",
        description="Run chapter documents of the book's MXNet editions from top to bottom, unchanged, each in a fresh "
        "Jupyter kernel and a scratch folder that is removed afterwards: the book's Markdown, notebooks, and text "
        "exported from them. A document is code: it runs with your own rights.",
    )
    command.add_argument("documents", nargs="+", metavar="DOC", help="the documents")
    command.add_argument(
        "--edition", metavar="E", help=f"{', '.join(EDITIONS)}; found from the document's imports and calls if left out"
    )
    command.add_argument(
        "--max-epochs",
        type=int,
        metavar="N",
        help="lower the document's own epoch and reporting-period constants to N, and list what was lowered",
    )
    command.add_argument(
        "--timeout",
        type=float,
        metavar="S",
        help="stop a cell, and its document, after S seconds; without it, a cell may compute for days, and is "
        "stopped once it has waited for three minutes without any sign of life",
    )
    command.add_argument(
        "--sample-data", action="store_true", help="put bundled texts in the place of corpora that this machine has not"
    )
    command.add_argument("--keep-going", action="store_true", help="run the cells behind one that failed, too")
    command.add_argument("--jobs", type=int, default=1, metavar="N", help="run up to N documents at once")
    command.add_argument("--to", choices=FORMATS, help="write the executed document, as a page or as a notebook")
    command.add_argument(
        "-o", "--out", metavar="OUT", help="the file to write it to, or a folder; the current folder if left out"
    )
    command.add_argument("--overwrite", action="store_true", help="replace what --out or --junit names already")
    command.add_argument("--junit", metavar="FILE", help="write a report in JUnit's XML, a case per cell")
    command.add_argument("-q", "--quiet", action="store_true", help="print one line a document, and its failure")
    command.set_defaults(run=_rerun)


def _rerun(arguments: argparse.Namespace) -> int:
    from gluonrnn.rerun.runner import rerun_all

    targets = _targets(arguments)
    names = ("edition", "max_epochs", "timeout", "sample_data", "keep_going", "jobs")
    settings = {name: getattr(arguments, name) for name in names}
    with usage_errors():
        rerun_all([], **settings)
    _need_libraries(targets)
    progress = _Progress(show=sys.stderr.isatty() and not arguments.quiet)
    results = _Results(targets, progress, quiet=arguments.quiet, overwrite=arguments.overwrite)
    with _ending_in_order(), contextlib.closing(progress):
        try:
            rerun_all(arguments.documents, on_cell=progress.on_cell, on_result=results.add, **settings)
        finally:
            if arguments.junit:
                places = [Path(document) for document in arguments.documents]
                ordered = sorted(results.all, key=lambda result: places.index(result.path))
                write_junit(ordered, arguments.junit, overwrite=arguments.overwrite)
    return DONE if results.ok else FAILED


def _targets(arguments: argparse.Namespace) -> dict[Path, Path]:
    """Return the file for each document, after checking that all can be written and nothing gets lost."""
    documents = [Path(document) for document in arguments.documents]
    named = Path(arguments.out).suffix[1:] if arguments.out else ""
    form = arguments.to or named
    if not arguments.to and not arguments.out:
        targets: list[Path] = []
    elif form not in FORMATS:
        raise UsageError(f"--out {arguments.out} does not say what to write: give --to {' or --to '.join(FORMATS)}")
    elif named not in FORMATS:
        targets = [Path(arguments.out or ".", page_name(document, form)) for document in documents]
    elif named != form:
        raise UsageError(f"--out {arguments.out} is not named as {form} is: leave out --to, or name another file")
    elif len(documents) > 1:
        raise UsageError(f"--out {arguments.out} is one file for {len(documents)} documents: name a folder")
    else:
        targets = [Path(arguments.out)]
    written = [*targets, *([Path(arguments.junit)] if arguments.junit else [])]
    for number, target in enumerate(written):
        if target in written[:number]:
            raise UsageError(f"two files would be written to {target}: rename a document, or run one at a time")
        if target.exists() and any(document.exists() and target.samefile(document) for document in documents):
            raise UsageError(f"{target} is a document to run, and would be replaced: name another file with --out")
        if os.path.lexists(target) and not arguments.overwrite:
            raise UsageError(f"{target} exists: name another file, or pass --overwrite")
        if not _can_be_written(target):
            raise UsageError(f"{target} cannot be written, and would be missed after the run: name another file")
    return dict(zip(documents, targets))


def _can_be_written(file: Path) -> bool:
    folder = next(folder for folder in file.absolute().parents if folder.exists())
    return folder.is_dir() and os.access(folder, os.W_OK | os.X_OK) and not file.is_dir()


def _need_libraries(targets: dict[Path, Path]) -> None:
    """Raise an `ImportError` if a library for writing the documents is missing."""
    from nbformat import v4

    for suffix in {target.suffix for target in targets.values()}:
        _rendered(DocumentResult(Path(), "", [], notebook=v4.new_notebook()), suffix)


def _rendered(result: DocumentResult, suffix: str) -> str:
    facts = {
        "document": result.path.name,
        "edition": result.edition,
        "version": __version__,
        "seconds": result.seconds,
        "notes": result.notes,
    }
    if suffix == ".html":
        return to_html(result.notebook, facts, folder=result.path.parent)
    return to_notebook(result.notebook, facts)


class _Results:
    """Prints and writes each result as soon as it is there, so that no later error can lose it."""

    def __init__(self, targets: dict[Path, Path], progress: _Progress, *, quiet: bool, overwrite: bool) -> None:
        self.all: list[DocumentResult] = []
        self.ok = True
        self._targets = targets
        self._progress = progress
        self._quiet = quiet
        self._overwrite = overwrite

    def add(self, result: DocumentResult) -> None:
        """Print a result, and write the document if it has a target."""
        self.all.append(result)
        self.ok = self.ok and result.ok
        self._progress.say(result.path, in_lines(result, notes=not self._quiet))
        target = self._targets.get(result.path)
        has_run = not result.cells or any(cell.status != NOT_RUN for cell in result.cells)
        if target is None or result.problem or not has_run:
            return
        try:
            with atomic_write(target, overwrite=self._overwrite) as temporary:
                temporary.write_text(_rendered(result, target.suffix), encoding="utf-8", errors="backslashreplace")
        except Exception as error:  # of any kind: it must not lose the other documents
            self.ok = False
            self._progress.say(result.path, f"  {target} could not be written: {type(error).__name__}: {error}")
        else:
            if not self._quiet:
                self._progress.say(result.path, f"{result.path.name} -> {target}")


class _Progress:
    """Shows a progress bar for each running document, on terminals only."""

    def __init__(self, *, show: bool) -> None:
        self._show = show
        self._bars: dict[Path, Any] = {}
        self._lock = threading.Lock()

    def on_cell(self, path: Path, done: int, total: int) -> None:
        """Update the bar of a document."""
        from tqdm import tqdm

        with self._lock:
            if self._show and path not in self._bars:
                self._bars[path] = tqdm(total=total, desc=path.name[:40], unit="cell", file=sys.stderr, leave=False)
            if self._show:
                self._bars[path].update(done - self._bars[path].n)

    def say(self, path: Path, text: str) -> None:
        """Remove the bar of a document, and print a text above the other bars."""
        with self._lock:
            if path in self._bars:
                self._bars.pop(path).close()
            if self._show:
                from tqdm import tqdm

                tqdm.write(text, file=sys.stdout)
            else:
                print(text, flush=True)

    def close(self) -> None:
        """Remove all bars."""
        with self._lock:
            while self._bars:
                self._bars.popitem()[1].close()


@contextlib.contextmanager
def _ending_in_order() -> Iterator[None]:
    """Turn signals that end the process into SystemExit, so that no kernel outlives it."""
    before = {}
    if threading.current_thread() is threading.main_thread():  # only this thread may set handlers
        for number in (signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)):
            if signal.getsignal(number) is signal.SIG_DFL:  # keep a caller's handler, and nohup's
                before[number] = signal.signal(number, _end)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _end(number: int, frame: object) -> None:
    raise SystemExit(128 + number)
