from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.side_by_side import corpora
from benchmarks.side_by_side.protocol import ROOT
from benchmarks.side_by_side.setting import Text


@pytest.mark.slow
def test_made_up_texts_are_of_the_size_of_the_real_ones():
    with corpora.data_folder() as (what, variables):
        assert "made up" in what
        command = [sys.executable, "-m", "benchmarks.side_by_side.corpora"]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, **variables}, stdout=subprocess.PIPE, check=True)
    assert not Path(variables["GLUONRNN_DATA"]).exists()
    texts = {name: Text(*text) for name, text in json.loads(done.stdout).items()}
    sizes = {name: (len(text.indices), text.vocab_size, text.num_batches) for name, text in texts.items()}
    assert sizes == {
        "lyrics": (10_000, 1_027, 8),
        "whole": (63_282, 2_583, 56),
        "start": (10_000, 2_583, 8),
        "time_machine": (10_000, 28, 8),
    }
    assert texts["whole"].indices[:10_000] == texts["start"].indices
