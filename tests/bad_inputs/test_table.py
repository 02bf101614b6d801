"""Every call in the tables raises what stands there, and every public name and option is in one."""

from __future__ import annotations

import argparse
import inspect
import re
import warnings

import pytest

import gluonrnn
from gluonrnn.cli import main
from gluonrnn.editions import numpy_names
from tests.bad_inputs import running
from tests.bad_inputs.table import FOLDER, ORDER, ROOMS, Entry, read

ENTRIES = [(room, entry) for room in ROOMS for entry in room.entries]
CODE = "\n".join(f"{room.before}\n{entry.call}" for room, entry in ENTRIES)
EDITIONS = {name: module for name, module in running.NAMES.items() if module.__name__.startswith("gluonrnn")}

# names that take arguments and are in no table, and why
LEFT_OUT = {
    "Corpus": "a tuple of four values, checked where it is trained on",
    "CorpusNotFoundError": "an error",
    "CorpusWarning": "a warning",
    "CheckpointWarning": "a warning",
    "DeviceWarning": "a warning",
    "Epoch": "a tuple of three values, which is returned",
    "LanguageModel": "made by fit and load",
    "MaskedSoftmaxCELoss": "takes what MXNet's own loss takes; its call is in the table",
    "ModelFileError": "an error",
    "NonFiniteLossError": "an error",
    "NonFiniteLossWarning": "a warning",
    "StopTraining": "raised by callbacks",
    "UnknownCharacterError": "an error",
    "load_ipython_extension": "called by IPython",
    "unload_ipython_extension": "called by IPython",
}
# options that take no value, or any text
FREE_OPTIONS = {
    "--help",
    "--keep-newlines",
    "--overwrite",
    "--quiet",
    "--skip-unknown",
    "--sample-data",
    "--keep-going",
}


@pytest.fixture(autouse=True)
def files(monkeypatch):
    running.lay_out(monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("room", "entry"), [pytest.param(*pair, id=f"{pair[0].name}: {pair[1].call}") for pair in ENTRIES]
)
def test_a_call_comes_to_what_stands_in_the_table(room, entry):
    if entry.call.startswith("$"):
        status, line = running.run(room.before, entry.call)
        assert str(status) == entry.error
        assert entry.fits(line), line
    elif not entry.error:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            running.run(room.before, entry.call)
    else:
        with pytest.raises(Exception) as caught:  # noqa: PT011 (its type and words are in the table)
            running.run(room.before, entry.call)
        assert type(caught.value).__name__ == entry.error
        assert entry.fits(str(caught.value)), str(caught.value)


def test_an_error_says_something_in_one_line():
    for _, entry in ENTRIES:
        assert entry.words, entry
        assert re.search("MXNetError|Traceback|Check failed|\\\\n", entry.words) is None, entry


def test_every_room_is_in_the_order_and_no_call_is_twice_in_one():
    assert sorted(ORDER) == sorted(path.stem for path in FOLDER.glob("*.txt"))
    for room in ROOMS:
        calls = [entry.call for entry in room.entries]
        assert len(set(calls)) == len(calls)


def is_called(function):
    return any(
        re.search(rf"\b{edition}\.{name}\b", CODE)
        for edition, module in EDITIONS.items()
        for name in module.__all__
        if inspect.unwrap(getattr(module, name)) is inspect.unwrap(function)
    )


def takes_arguments(function):
    try:
        return bool(inspect.signature(function).parameters)
    except (TypeError, ValueError):  # of an exception
        return True


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_public_name_that_takes_arguments_is_in_a_table(edition):
    module = EDITIONS[edition]
    missing = [
        name
        for name in module.__all__
        if callable(getattr(module, name))
        and name not in LEFT_OUT
        and name not in numpy_names.__all__  # MXNet's own functions, under other names
        and takes_arguments(getattr(module, name))
        and not is_called(getattr(module, name))
    ]
    assert missing == []


def test_nothing_is_left_out_that_is_not_public():
    public = {name for module in EDITIONS.values() for name in getattr(module, "__all__", ())}
    assert set(LEFT_OUT) - public <= {"CheckpointWarning"}
    assert set(gluonrnn.__all__) <= public


def options_of(parser):
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield from ((f"{name} {of}".strip(), option) for of, option in options_of(command))
        elif action.option_strings:
            yield "", max(action.option_strings, key=len) if action.dest != "num_epochs" else "--epochs"


def test_every_option_of_the_command_line_that_takes_a_value_is_in_the_table():
    calls = [entry.call for room, entry in ENTRIES if room.name == "command_line"]
    options = {pair for pair in options_of(main._parser()) if pair[0]}
    assert len(options) > 30
    missing = [
        (command, option)
        for command, option in sorted(options)
        if option not in FREE_OPTIONS
        and not any(f"gluonrnn {command}" in call and f"{option} " in call for call in calls)
    ]
    assert missing == []


def test_dots_stand_for_anything_and_all_else_for_itself():
    entry = Entry("f(1)", "ValueError", "x must be ..., but it is (1): pass another")
    assert entry.fits("x must be larger, but it is (1): pass another")
    assert not entry.fits("x must be larger, but it is 1: pass another")
    assert not entry.fits("x must be larger, but it is (1): pass another one")


def test_a_call_without_an_answer_is_told(tmp_path):
    path = tmp_path / "room.txt"
    path.write_text("A room\n\nf(1)\ng(2)\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"^f\(1\) must have an answer below it, but there is 'g\(2\)': write"):
        read(path)
