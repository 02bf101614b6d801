"""The page of names says of every name what is so."""

from __future__ import annotations

import re
from pathlib import Path

from gluonrnn import d2l
from gluonrnn.editions import d2l_0_11, gluonbook, gluonbook_0_6, numpy_names, utils_2017

EDITIONS = {
    "utils": utils_2017,
    "gluonbook_0_6": gluonbook_0_6,
    "gluonbook": gluonbook,
    "d2l_0_11": d2l_0_11,
    "d2l": d2l,
}
PAGE = (Path(__file__).resolve().parents[1] / "docs" / "en" / "names.md").read_text(encoding="utf-8")
TABLE = PAGE.split("| name | editions |")[1]
ROWS = {
    name: (re.findall("`(.*?)`", editions), difference)
    for name, editions, difference in re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", TABLE, re.MULTILINE)
}


def test_every_name_of_every_edition_has_a_row():
    listed = {name for edition in EDITIONS.values() for name in edition.__all__} - set(numpy_names.__all__)
    assert set(ROWS) - set(EDITIONS) == listed
    for name in numpy_names.__all__:
        assert f"`{name}`" in PAGE.split("`gluonrnn.editions.numpy_names`")[1], name


def test_a_row_names_the_editions_and_the_difference():
    for name in sorted(set(ROWS) - set(EDITIONS)):
        editions, difference = ROWS[name]
        having = [label for label, edition in EDITIONS.items() if name in edition.__all__]
        assert editions == having, name
        assert difference, name
