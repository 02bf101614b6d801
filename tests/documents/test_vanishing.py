"""Folders of processes that are killed; what is killed is always a process of the test's own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from gluonrnn.documents import vanishing
from gluonrnn.documents.vanishing import end_processes, mark_of, vanishing_folder, written_or_vanished
from tests.torture import documents as torture

# where a process finds the module without the package, which takes a while
ALONE = {"PYTHONPATH": str(Path(vanishing.__file__).parent)}

# makes a folder in argv[1], with two processes at work in it, prints what there is, and does not end
HOLDER = """
import os, subprocess, sys, time
from vanishing import mark_of, vanishing_folder
with vanishing_folder(sys.argv[1]) as folder:
    (folder / "deep").mkdir()
    environment = {**os.environ, **mark_of(folder)}
    writer = "import itertools, sys; [open(f'{sys.argv[1]}/deep/{n}', 'w').close() for n in itertools.count()]"
    at_work = [
        subprocess.Popen([sys.executable, "-c", writer, folder], env=environment, start_new_session=True),
        # its child is not marked, and found for its parent's sake
        subprocess.Popen(["sh", "-c", "env -i sleep 99 & wait"], env=environment, start_new_session=True),
    ]
    time.sleep(0.3)
    if sys.argv[2:] == ["forks"] and os.fork() == 0:
        time.sleep(3)
        os._exit(0)
    print(os.getpid(), folder.name, *[process.pid for process in at_work], flush=True)
    time.sleep(99)
"""


@contextlib.contextmanager
def holder(place, *arguments):
    """Run a process that holds a folder; yield it, the folder, and the processes at work in there."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(place), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **ALONE},
        start_new_session=True,
    )
    _, name, *at_work = process.stdout.readline().split()
    try:
        yield process, Path(place, name), list(map(int, at_work))
    finally:
        for pid in (process.pid, *map(int, at_work)):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()


def lives(process):
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"not within {seconds} seconds"
        time.sleep(0.05)


def watchers_of(parent):
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (folder / "cmdline").read_bytes().split(b"\0")[-2:] == [str(parent).encode(), b""]:
                found.append(int(folder.name))
    return found


@pytest.mark.parametrize("kill", [os.kill, os.killpg])
def test_a_process_that_is_killed_leaves_no_folder_and_no_process(tmp_path, kill):
    with holder(tmp_path) as (process, folder, at_work):
        children = [
            int(file.parent.name)
            for file in Path("/proc").glob("[0-9]*/stat")
            if file.read_text().rpartition(")")[2].split()[1] == str(at_work[1])
        ]
        watchers = watchers_of(process.pid)
        assert folder.is_dir()
        assert len(children) == len(watchers) == 1
        kill(process.pid, signal.SIGKILL)
        wait_until(lambda: not folder.exists() and not any(map(lives, [*at_work, *children, *watchers])))
    assert list(tmp_path.iterdir()) == []


def test_a_fork_that_holds_the_pipe_does_not_keep_the_folder(tmp_path):
    with holder(tmp_path, "forks") as (process, folder, _):
        process.kill()
        started = time.monotonic()
        wait_until(lambda: not folder.exists())
        assert time.monotonic() - started < 2.5  # the fork lives for three seconds


def test_the_watcher_is_no_concern_of_signals_that_ask(tmp_path):
    with holder(tmp_path) as (process, folder, at_work):
        [watcher] = watchers_of(process.pid)
        time.sleep(0.3)  # until it is up
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            os.kill(watcher, number)
        time.sleep(0.2)
        assert lives(watcher)
        process.kill()
        wait_until(lambda: not folder.exists() and not any(map(lives, [*at_work, watcher])))


def test_what_is_left_since_the_watcher_was_killed_too_is_swept_by_the_next(tmp_path, monkeypatch):
    with holder(tmp_path) as (process, left, at_work), holder(tmp_path) as (_, used, _):
        link, file, other = tmp_path / "gluonrnn-00112233", tmp_path / "gluonrnn-00112234", tmp_path / "gluonrnn-mine"
        link.symlink_to(used)
        file.write_text("")
        other.mkdir()
        for pid in (*watchers_of(process.pid), process.pid):
            os.kill(pid, signal.SIGKILL)
        process.wait()
        with vanishing_folder(tmp_path):
            assert left.exists()  # for it is young: it may not be locked yet
        monkeypatch.setattr(vanishing, "_OLD", -1)
        with vanishing_folder(tmp_path):
            assert not left.exists()
        assert not any(map(lives, at_work))
        assert all(path.exists() for path in (used, link, file, other))


def test_a_folder_that_cannot_be_made_leaves_no_watcher(tmp_path):
    with pytest.raises(FileNotFoundError), vanishing_folder(tmp_path / "missing"):
        pass
    assert not (tmp_path / "missing").exists()
    assert watchers_of(os.getpid()) == []


def test_processes_are_found_by_their_own_folder_only(tmp_path):
    mine, other = tmp_path / "gluonrnn-aa", tmp_path / "gluonrnn-bb"
    process = subprocess.Popen(["sleep", "99"], env={**os.environ, **mark_of(mine)})
    try:
        wait_until(lambda: lives(process.pid))
        assert not end_processes(other)
        assert process.poll() is None
        assert end_processes(mine)
        assert process.wait(5) == -signal.SIGKILL
        assert not end_processes(mine)
    finally:
        process.kill()


def test_a_file_is_written_whole_or_not_at_all(tmp_path):
    page = tmp_path / "new" / "page.html"
    with written_or_vanished(page) as temporary:
        assert temporary.suffix == ".html"
        temporary.write_text("first")
    with contextlib.suppress(ZeroDivisionError), written_or_vanished(page) as temporary:
        temporary.write_text("half of the sec")
        raise ZeroDivisionError
    assert page.read_text() == "first"
    assert list(page.parent.iterdir()) == [page]
    with pytest.raises(IsADirectoryError, match="is a folder: name a file in it"), written_or_vanished(tmp_path):
        pass


def test_a_file_that_is_being_written_as_the_process_is_killed_is_as_before(tmp_path):
    page = tmp_path / "page.html"
    page.write_text("first")
    code = (
        "import os, sys\nfrom gluonrnn.documents.vanishing import written_or_vanished\n"
        "with written_or_vanished(sys.argv[1]) as temporary:\n"
        "    temporary.write_text('half of the sec')\n    os.kill(os.getpid(), 9)"
    )
    root = str(Path(vanishing.__file__).parents[2])
    killed = subprocess.run([sys.executable, "-c", code, str(page)], env={**os.environ, "PYTHONPATH": root})
    assert killed.returncode == -signal.SIGKILL
    wait_until(lambda: list(tmp_path.iterdir()) == [page])
    assert page.read_text() == "first"


# what is run -> how it is ended, and how many are run at once
ENDED = {
    "will not be interrupted": ("SIGKILL, group", 2),
    "writes files": ("SIGKILL", 1),
    "has children": ("kernel killed", 1),
}


def test_a_rerun_leaves_nothing_behind():
    """The rest of it is ``python -m tests.torture.documents``."""
    with ThreadPoolExecutor(2) as pool:
        runs = list(
            pool.map(
                lambda document: torture.torture(
                    document, ENDED[document][0], 1.5, jobs=ENDED[document][1], until_kernel=True
                ),
                ENDED,
            )
        )
    assert [run.left for run in runs] == [[]] * len(runs)
