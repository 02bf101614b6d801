"""The published d2l 0.17.6, with the cell that its reader writes."""

from __future__ import annotations

from typing import Any, Callable

from benchmarks.side_by_side.workers.plain_mxnet import mxnet

# isort: split
from mxnet import np, npx

from benchmarks.side_by_side.setting import BATCH_SIZE, NUM_STEPS, Setting
from benchmarks.side_by_side.workers.chapter8 import epoch_task
from benchmarks.side_by_side.workers.documents import of_2022
from tests.oracles.load import published

npx.set_np()
d2l = published("d2l==0.17.6", "d2l.mxnet")
VERSIONS = {"d2l": "0.17.6", "mxnet": mxnet.__version__}


def tasks(setting: Setting) -> dict[str, Callable[[], Any]]:
    """Return what can be measured."""
    text = setting.texts["time_machine"]
    # it reads its text from the network, or ../data; its loader is then used as it is
    d2l.load_corpus_time_machine = lambda max_tokens: (text.indices, text.idx_to_char)
    loader, _ = d2l.load_data_time_machine(BATCH_SIZE, NUM_STEPS)
    return {"time-machine": lambda: epoch_task(d2l, of_2022(np), loader, setting)}
