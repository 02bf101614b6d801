from __future__ import annotations

import doctest

import pytest

from benchmarks.side_by_side import machine, tables


@pytest.mark.parametrize("module", [machine, tables], ids=lambda module: module.__name__)
def test_examples_in_docstrings(module):
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed
