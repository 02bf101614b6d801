"""Files that are never seen half written."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

import gluonrnn
from gluonrnn._files import atomic_write


def names(folder="."):
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.mark.parametrize("kind", [str, Path])
def test_file_is_written(kind):
    with atomic_write(kind("a.txt")) as temporary:
        temporary.write_text("new")
    assert Path("a.txt").read_text() == "new"
    assert names() == ["a.txt"]


def test_file_is_replaced_only_at_the_end():
    Path("a.txt").write_text("old")
    with atomic_write("a.txt") as temporary:
        temporary.write_text("new")
        assert Path("a.txt").read_text() == "old"
    assert Path("a.txt").read_text() == "new"
    assert names() == ["a.txt"]


def test_new_file_appears_only_at_the_end():
    with atomic_write("a.txt") as temporary:
        temporary.write_text("new")
        assert not Path("a.txt").exists()
    assert Path("a.txt").exists()


def test_temporary_file_lies_beside_it_and_has_its_suffix():
    with atomic_write("folder/model.safetensors") as temporary:
        assert temporary.parent.resolve() == Path("folder").resolve()
        assert temporary.suffix == ".safetensors"
        assert temporary.name.startswith(".model-")
        assert temporary.read_bytes() == b""


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_error_in_the_block_leaves_the_old_file_and_nothing_else(error):
    Path("a.txt").write_text("old")

    def fail():
        with atomic_write("a.txt") as temporary:
            temporary.write_text("half of the n")
            raise error("in the middle")

    with pytest.raises(error, match="in the middle"):
        fail()
    assert Path("a.txt").read_text() == "old"
    assert names() == ["a.txt"]


def test_error_in_the_block_leaves_no_new_file():
    def fail():
        with atomic_write("a.txt"):
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        fail()
    assert names() == []


def test_error_in_the_block_is_the_one_raised_though_the_temporary_file_is_gone():
    def fail():
        with atomic_write("a.txt") as temporary:
            temporary.unlink()
            raise ValueError("in the middle")

    with pytest.raises(ValueError, match="in the middle"):
        fail()
    assert names() == []


def test_folder_is_made():
    with atomic_write("one/two/three/a.txt") as temporary:
        temporary.write_text("new")
    assert Path("one/two/three/a.txt").read_text() == "new"
    assert names("one/two/three") == ["a.txt"]


def test_folder_in_the_way_is_an_error_and_stays():
    Path("a.txt").mkdir()

    def write():
        with atomic_write("a.txt") as temporary:
            temporary.write_text("new")

    with pytest.raises(IsADirectoryError, match=r"a\.txt"):
        write()
    assert names() == ["a.txt"]
    assert Path("a.txt").is_dir()


def test_two_writers_at_once_do_not_share_a_temporary_file():
    with atomic_write("a.txt") as first, atomic_write("a.txt") as second:
        assert first != second
        first.write_text("first")
        second.write_text("second")
    # the inner block ends first
    assert Path("a.txt").read_text() == "first"
    assert names() == ["a.txt"]


@pytest.mark.parametrize("private", [False, True])
@pytest.mark.parametrize("mask", [0o027, 0o002])
def test_mode_is_that_of_any_new_file(mask, private, monkeypatch):
    set_mask = os.umask
    before = set_mask(mask)
    monkeypatch.setattr(os, "umask", lambda mask: pytest.fail("it is the process's, and other threads write files"))
    try:
        with atomic_write("a.txt") as temporary:
            if private:  # as downloads are
                temporary.unlink()
                os.close(os.open(temporary, os.O_CREAT, 0o600))
            temporary.write_text("new")
    finally:
        set_mask(before)
    assert stat.S_IMODE(Path("a.txt").stat().st_mode) == 0o666 & ~mask


def test_what_is_there_by_then_is_replaced_only_if_it_may_be():
    def write():
        with atomic_write("a.txt", overwrite=False) as temporary:
            temporary.write_text("new")
            Path("a.txt").symlink_to("nowhere")

    with pytest.raises(FileExistsError, match="was not there before"):
        write()
    assert names() == ["a.txt"]
    assert Path("a.txt").is_symlink()


def test_a_temporary_name_that_is_taken_is_not_used(monkeypatch):
    monkeypatch.setattr("secrets.token_hex", lambda number: "0")
    Path(".a-0.txt").write_text("mine")
    with pytest.raises(FileExistsError), atomic_write("a.txt"):
        pass
    assert names() == [".a-0.txt"]
    assert Path(".a-0.txt").read_text() == "mine"


def test_longest_names_are_written():
    name = f"{'長' * 80}.txt"
    with atomic_write(name) as temporary:
        temporary.write_text("new")
    assert names() == [name]


def test_kill_in_the_middle_leaves_the_old_file():
    Path("a.txt").write_text("old")
    code = """
import os
from gluonrnn._files import atomic_write
with atomic_write("a.txt") as temporary:
    with open(temporary, "w") as file:
        file.write("half of the n")
        file.flush()
        os._exit(7)
"""
    finished = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(gluonrnn.__file__).parents[1])},
        timeout=120,
        check=False,
    )
    assert finished.returncode == 7
    assert Path("a.txt").read_text() == "old"
    # what was half written is hidden, and no obstacle to the next attempt
    assert [name for name in names() if not name.startswith(".")] == ["a.txt"]
    with atomic_write("a.txt") as temporary:
        temporary.write_text("new")
    assert Path("a.txt").read_text() == "new"
