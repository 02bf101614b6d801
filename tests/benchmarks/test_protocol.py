from __future__ import annotations

import contextlib

import pytest

from benchmarks.side_by_side.protocol import Worker, WorkerError, environment
from tests.benchmarks.common import FAKE, SETTING


@pytest.fixture
def log(tmp_path):
    return tmp_path / "fake.log"


@pytest.fixture
def start(log):
    with contextlib.ExitStack() as stack:

        def start(name=FAKE, threads=1, **kwargs):
            worker = Worker(name, SETTING, environment(threads), log, **kwargs)
            stack.callback(worker.close)
            return worker

        yield start


def test_what_libraries_print_does_not_get_into_the_answers(start, log):
    worker = start()
    assert [worker.run("chatty"), worker.run("chatty")] == [0.5, 0.5]
    worker.close()
    said = log.read_text()
    assert said.count("a library says something") == said.count("and so does one in C") == 2


def test_threads_are_set_before_anything_is_imported(start, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "7")
    assert start(threads=3).run("variable") == "3"


def test_a_failure_is_told_in_one_line_and_the_worker_goes_on(start, log):
    worker = start()
    with pytest.raises(WorkerError, match=r"ValueError: out of memory$"):
        worker.run("failing")
    assert worker.run("chatty") == 0.5
    assert "Traceback" in log.read_text()


def test_a_process_that_dies_is_reported(start):
    worker = start()
    with pytest.raises(WorkerError, match=r"ended with status 3, see .*fake\.log"):
        worker.run("dying")
    assert not worker.alive
    with pytest.raises(WorkerError, match="status 3"):
        worker.run("chatty")
