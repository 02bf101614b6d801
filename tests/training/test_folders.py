"""Where a run may be, who may write into it, and what becomes of it."""

from __future__ import annotations

import csv
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gluonrnn as gb
from gluonrnn.training.folders import MODEL_NAME, RESULTS, RunFolder
from gluonrnn.training.locks import LOCK_NAME, FolderLock

ROOT = str(Path(gb.__file__).resolve().parents[1])


def opened(*arguments, **keywords):
    folder = RunFolder(*arguments, **keywords)
    folder.open()
    return folder


def names(folder):
    return sorted(path.name for path in Path(folder).iterdir())


def test_runs_without_a_name_are_numbered():
    folders = [opened(None, "own") for _ in range(3)]
    assert [folder.path for folder in folders] == [Path("runs/own"), Path("runs/own-2"), Path("runs/own-3")]


def test_a_named_folder_is_made():
    assert opened("a/b").path == Path("a/b")
    assert names("a/b") == [LOCK_NAME]


@pytest.mark.parametrize("name", RESULTS)
def test_a_folder_with_a_part_of_a_run_is_refused(name):
    Path("here").mkdir()
    Path("here", name).write_text("mine", encoding="utf-8")
    with pytest.raises(FileExistsError, match=f"here.{name} is there already: choose another --out, or .*--overwrite"):
        RunFolder("here")


def test_a_folder_may_not_be_a_file():
    Path("here").write_text("mine", encoding="utf-8")
    with pytest.raises(NotADirectoryError, match="here is a file, and a run needs a folder there"):
        RunFolder("here/run")


def test_one_run_at_a_time_writes_into_a_folder():
    first = opened("here")
    second = RunFolder("here")
    with pytest.raises(
        BlockingIOError, match=r"^another run is writing into here: let it end, or choose another --out$"
    ):
        second.open()
    first.close()
    second.open()


def test_the_folder_of_a_run_at_work_cannot_be_resumed_or_replaced():
    first = opened("here")
    Path("here", MODEL_NAME).touch()
    for other in (RunFolder.again("here"), RunFolder("here", overwrite=True)):
        with pytest.raises(BlockingIOError, match="another run is writing into here"):
            other.open()
    assert names("here") == [LOCK_NAME, MODEL_NAME]
    first.close()


@pytest.mark.slow
def test_a_process_that_was_killed_holds_nothing():
    program = (
        "import time\nfrom gluonrnn.training.folders import RunFolder\n"
        "folder = RunFolder('here')\nfolder.open()\nprint('open', flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": ROOT}, stdout=subprocess.PIPE
    ) as process:
        try:
            assert process.stdout.readline() == b"open\n"
            with pytest.raises(BlockingIOError, match="another run is writing into here"):
                RunFolder("here").open()
        finally:
            process.send_signal(signal.SIGKILL)
    opened("here")


def test_what_replaces_a_run_does_so_when_it_is_finished():
    Path("here").mkdir()
    for name in RESULTS:
        Path("here", name).write_text("old", encoding="utf-8")
    Path("here", "notes.txt").write_text("mine", encoding="utf-8")
    folder = opened("here", overwrite=True)
    assert folder.path == Path("here/unfinished")
    (folder.path / MODEL_NAME).write_text("new", encoding="utf-8")
    assert Path("here", MODEL_NAME).read_text(encoding="utf-8") == "old"
    folder.finish()
    assert folder.path == Path("here")
    folder.close()
    assert not Path("here/unfinished").exists()
    # nothing of the old run stays that the new one does not have
    assert names("here") == [LOCK_NAME, MODEL_NAME, "notes.txt"]
    assert Path("here", MODEL_NAME).read_text(encoding="utf-8") == "new"


def test_runs_that_were_not_finished_are_kept_beside_each_other():
    Path("here").mkdir()
    Path("here", MODEL_NAME).write_text("old", encoding="utf-8")
    for expected in ("unfinished", "unfinished-2"):
        folder = opened("here", overwrite=True)
        (folder.path / MODEL_NAME).write_text(expected, encoding="utf-8")
        folder.close()
        assert folder.path == Path("here", expected)


def test_overwrite_of_nothing_is_any_new_run():
    assert opened("here", overwrite=True).path == Path("here")


@pytest.mark.parametrize("moved", [False, True])
def test_a_folder_that_was_deleted_is_made_anew(moved):
    folder = opened("here")
    assert not folder.reopen()
    if moved:
        Path("here").rename("there")
    else:
        shutil.rmtree("here")
    assert folder.reopen()
    assert not folder.reopen()
    with pytest.raises(BlockingIOError, match="another run is writing into here"):
        opened("here")


def test_a_folder_that_was_deleted_and_taken_is_not_taken_back():
    folder = opened("here")
    shutil.rmtree("here")
    other = opened("here")
    with pytest.raises(BlockingIOError, match=r"^another run is writing there by now$"):
        folder.reopen()
    other.close()


def test_history_options_and_log_can_be_read():
    folder = opened("here")
    folder.write_history([gb.Epoch(1, 12.5, 0.25), gb.Epoch(2, float("inf"), 0.5)])
    with open("here/history.csv", newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["epoch", "perplexity", "seconds"],
            ["1", "12.5", "0.25"],
            ["2", "inf", "0.5"],
        ]
    folder.write_options({"corpus": "歌词.txt"})
    assert json.loads(Path("here/options.json").read_text(encoding="utf-8")) == {"corpus": "歌词.txt"}
    assert "歌词" in Path("here/options.json").read_text(encoding="utf-8")
    folder.log("one\ntwo")
    folder.log("three")
    lines = Path("here/log.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split("  ", 1)[1] for line in lines] == ["one", "two", "three"]
    time.strptime(lines[0].split("  ")[0], "%Y-%m-%d %H:%M:%S")


def test_a_log_that_cannot_be_written_stops_nothing():
    folder = opened("here")
    Path("here/log.txt").mkdir()
    folder.log("lost")


@pytest.mark.slow
def test_a_plot_that_cannot_be_drawn_says_why(monkeypatch):
    folder = opened("here")
    assert folder.plot == "none: no epoch was trained"
    folder.write_plot([], "nothing")
    assert folder.plot == "none: no epoch was trained"
    with monkeypatch.context() as patched:
        patched.setitem(sys.modules, "matplotlib", None)
        folder.write_plot([gb.Epoch(1, 2.0, 0.1)], "rnn")
    assert folder.plot.startswith("none: ")
    folder.write_plot([gb.Epoch(1, 2.0, 0.1)], "rnn")
    assert folder.plot == str(Path("here/perplexity.png"))


def test_a_folder_in_which_nothing_was_begun_is_given_up():
    folder = opened("here")
    folder.log("begun")
    folder.write_options({})
    Path("here", MODEL_NAME).touch()
    folder.discard(begun=True)
    assert not Path("here").exists()


def test_what_is_not_of_the_run_that_is_given_up_stays():
    own = [LOCK_NAME, ".replaces-the-run-above", "unfinished"]
    Path("here").mkdir()
    for name in own:
        Path("here", name).write_text("somebody's", encoding="utf-8")
    folder = opened("here")
    Path("here/log.txt").write_text("somebody's", encoding="utf-8")
    folder.discard()
    assert names("here") == sorted([*own, "log.txt"])
    assert {path.read_text(encoding="utf-8") for path in Path("here").iterdir()} == {"somebody's"}


@pytest.mark.parametrize("begun", [False, True])
def test_a_run_that_was_to_go_on_is_not_given_up(begun):
    Path("here").mkdir()
    Path("here", MODEL_NAME).touch()
    folder = RunFolder.again("here")
    folder.open()
    folder.log("goes on")
    folder.discard(begun=begun)
    assert {MODEL_NAME, "log.txt"} <= set(names("here"))


def test_a_folder_that_holds_something_is_not():
    Path("here").mkdir()
    Path("here/notes.txt").touch()
    folder = opened("here")
    folder.discard()
    assert names("here") == ["notes.txt"]
    folder = opened("here")
    Path("here", MODEL_NAME).touch()
    folder.discard()
    assert MODEL_NAME in names("here")


def test_what_goes_on_in_the_place_of_another_still_takes_it():
    Path("here").mkdir()
    Path("here", MODEL_NAME).write_text("old", encoding="utf-8")
    folder = opened("here", overwrite=True)
    (folder.path / MODEL_NAME).write_text("half", encoding="utf-8")
    folder.close()
    folder = RunFolder.again("here/unfinished")
    assert folder.path == Path("here/unfinished")
    folder.open()
    with pytest.raises(BlockingIOError, match="another run is writing into here"):
        RunFolder.again("here").open()
    (folder.where / MODEL_NAME).write_text("new", encoding="utf-8")
    folder.finish()
    folder.close()
    assert names("here") == [LOCK_NAME, MODEL_NAME]
    assert Path("here", MODEL_NAME).read_text(encoding="utf-8") == "new"


@pytest.mark.parametrize("moved", ["here/unfinished", "here"])
def test_what_was_moved_replaces_nothing(moved):
    Path("here").mkdir()
    Path("here", MODEL_NAME).write_text("old", encoding="utf-8")
    folder = opened("here", overwrite=True)
    (folder.path / MODEL_NAME).write_text("half", encoding="utf-8")
    folder.close()
    Path("there").mkdir()
    Path("there", MODEL_NAME).write_text("another", encoding="utf-8")
    Path("there/log.txt").write_text("mine", encoding="utf-8")
    Path(moved).rename(Path("there", Path(moved).name))
    again = next(Path("there").rglob("unfinished"))
    folder = RunFolder.again(again)
    folder.open()
    folder.finish()
    assert folder.path == again
    assert Path("there", MODEL_NAME).read_text(encoding="utf-8") == "another"
    assert Path("there/log.txt").read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_only_called_unfinished_replaces_nothing():
    for name in ("here", "here/unfinished"):
        Path(name).mkdir()
        Path(name, MODEL_NAME).write_text(name, encoding="utf-8")
    folder = RunFolder.again("here/unfinished")
    folder.open()
    folder.finish()
    assert Path("here", MODEL_NAME).read_text(encoding="utf-8") == "here"
    assert Path("here/unfinished", MODEL_NAME).exists()


def test_a_run_that_came_in_between_is_not_replaced():
    late = RunFolder("here")
    early = opened("here")
    Path("here", MODEL_NAME).write_text("early", encoding="utf-8")
    early.close()
    with pytest.raises(FileExistsError, match="is there already"):
        late.open()
    assert Path("here", MODEL_NAME).read_text(encoding="utf-8") == "early"
    opened("there").close()


def test_a_run_is_named_by_its_model_too():
    Path("here").mkdir()
    Path("here", MODEL_NAME).touch()
    assert RunFolder.again(f"here/{MODEL_NAME}").path == Path("here")


def test_another_current_folder_changes_nothing(monkeypatch, tmp_path):
    folder = opened("here")
    here = Path.cwd()
    monkeypatch.chdir(tmp_path)
    folder.write_history([])
    folder.log("one")
    assert not folder.is_lost
    assert folder.where == here / "here"
    assert names(here / "here") == [LOCK_NAME, "history.csv", "log.txt"]
    assert names(tmp_path) == []


def test_nothing_is_written_into_a_folder_that_is_another_s():
    folder = opened("here")
    shutil.rmtree("here")
    other = opened("here")
    folder.log("mine")
    folder.write_plot([gb.Epoch(1, 2.0, 0.1)], "rnn")
    folder.finish()
    assert names("here") == [LOCK_NAME]
    other.close()


def test_what_utf_8_cannot_write_is_escaped():
    folder = opened("here")
    folder.log("a\ud800b")
    folder.write_options({"corpus": "own\udcff.txt"})
    assert "a\\ud800b" in Path("here/log.txt").read_text(encoding="utf-8")
    assert json.loads(Path("here/options.json").read_text(encoding="utf-8")) == {"corpus": "own\udcff.txt"}


def test_whatever_keeps_a_plot_from_being_drawn_stops_nothing(monkeypatch):
    def fail(*arguments, **keywords):
        raise ValueError("no such backend")

    monkeypatch.setattr("gluonrnn.plotting.plot_perplexity", fail)
    folder = opened("here")
    folder.write_plot([gb.Epoch(1, 2.0, 0.1)], "rnn")
    assert folder.plot == "none: no such backend"


def test_a_child_holds_nothing_and_frees_nothing():
    lock = FolderLock(".")
    child = os.fork()
    if child == 0:
        time.sleep(30)
        os._exit(0)
    try:
        with pytest.raises(BlockingIOError, match="is held by another process"):
            FolderLock(".")
        lock.release()
        FolderLock(".").release()  # though the child lives
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def test_a_folder_is_free_at_once_though_a_child_has_not_closed_its_copy_yet():
    lock = FolderLock(".")
    copy = os.dup(lock._handle)
    lock.release()
    FolderLock(".").release()
    os.close(copy)


def test_made_folders_go_again_and_others_stay():
    folder = opened("one/two")
    folder.discard()
    assert not Path("one").exists()
    Path("mine").mkdir()
    folder = opened("mine")
    folder.discard()
    assert names("mine") == []
