"""The page of names says of every name what is so."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

from gluonrnn import d2l
from gluonrnn.editions import arrays, d2l010, gluonbook, gluonbook06, utils

EDITIONS = {"utils": utils, "gluonbook06": gluonbook06, "gluonbook": gluonbook, "d2l010": d2l010, "d2l": d2l}
PAGE = (Path(__file__).resolve().parents[1] / "docs" / "en" / "names.md").read_text(encoding="utf-8")
ROWS = {
    name: (re.findall("`(.*?)`", editions), re.findall("`(.*?)`", modules), difference)
    for name, editions, modules, difference in re.findall(
        r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE
    )
}


def test_every_name_of_every_edition_has_a_row():
    listed = {name for edition in EDITIONS.values() for name in edition.__all__} - set(arrays.__all__)
    assert set(ROWS) - set(EDITIONS) == listed
    for name in arrays.__all__:
        assert f"`{name}`" in PAGE.split("`gluonrnn.editions.arrays`")[1], name


def test_a_row_names_the_editions_and_the_modules():
    for name in sorted(set(ROWS) - set(EDITIONS)):
        editions, modules, difference = ROWS[name]
        having = [label for label, edition in EDITIONS.items() if name in edition.__all__]
        assert editions == having, name
        values = [getattr(EDITIONS[label], name) for label in having]
        places = [getattr(inspect.unwrap(value), "__module__", "gluonrnn.hub") for value in values if callable(value)]
        assert modules == [place.replace("gluonrnn.", "") for place in dict.fromkeys(places or ["gluonrnn.hub"])], name
        assert difference, name
