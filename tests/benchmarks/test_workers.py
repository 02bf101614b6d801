"""The real workers, on a text of two batches; PyTorch's is not among them, for tests do without."""

from __future__ import annotations

import pytest

from benchmarks.side_by_side.protocol import Worker, environment
from tests.benchmarks.common import SETTING

TASKS = {
    "gluonbook": [
        "scratch", "layer-rnn", "layer-lstm", "write-scratch", "write-layer", "memory-scratch", "memory-lstm",
    ],
    "d2l": ["time-machine"],
    "machine": ["product", "import-gluonrnn"],
    "gluonrnn": [
        "scratch", "naive", "layer-rnn", "layer-lstm", "write-scratch", "write-layer", "memory-scratch", "memory-lstm",
        "dot", "fully-connected",
    ],
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("name", TASKS)
def test_workers_do_their_tasks(name, tmp_path):
    worker = Worker(name, SETTING, environment(1), tmp_path / "log", timeout=60)
    try:
        for task in TASKS[name]:
            took = worker.run(task)
            assert took > (2**20 if task.startswith("memory") else 0)
    finally:
        worker.close()
