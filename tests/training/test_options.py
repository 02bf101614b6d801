"""Hyper-parameters: the book's defaults, and the rule for each."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pytest

from gluonrnn.models import CELLS
from gluonrnn.training.options import CELL_NAMES, LAYER_KINDS, SAMPLINGS, Options, Schedule

COUNTS = [
    ("num_epochs", 0),
    ("num_steps", 1),
    ("batch_size", 1),
    ("pred_period", 0),
    ("pred_len", 0),
    ("num_hiddens", 1),
]


def test_defaults_are_those_of_the_book():
    assert dataclasses.asdict(Options()) == {
        "sampling": "consecutive",
        "num_epochs": 200,
        "num_steps": 35,
        "batch_size": 32,
        "lr": 1e2,
        "clipping_theta": 1e-2,
        "pred_period": 50,
        "pred_len": 50,
        "prefixes": (),
        "cell": "rnn",
        "layers": "scratch",
        "num_hiddens": 256,
    }


def test_options_are_a_schedule_and_a_model():
    assert isinstance(Options(), Schedule)
    added = {field.name for field in dataclasses.fields(Options)} - {
        field.name for field in dataclasses.fields(Schedule)
    }
    assert added == {"cell", "layers", "num_hiddens"}


@pytest.mark.parametrize("field", dataclasses.fields(Options), ids=lambda field: field.name)
def test_every_option_has_a_help_text(field):
    assert field.metadata["help"]
    assert not field.metadata["help"].endswith(".")


def test_choices_are_offered_with_the_options():
    choices = {field.name: field.metadata["choices"] for field in dataclasses.fields(Options)}
    assert {name: of for name, of in choices.items() if of} == {
        "sampling": ("random", "consecutive"),
        "cell": tuple(CELLS),
        "layers": ("scratch", "library"),
    }


@pytest.mark.parametrize("name", [field.name for field in dataclasses.fields(Options)])
def test_options_cannot_be_changed(name):
    with pytest.raises(dataclasses.FrozenInstanceError, match=f"cannot assign to field '{name}'"):
        setattr(Options(), name, 1)


@pytest.mark.parametrize(("name", "choices"), [("sampling", SAMPLINGS), ("cell", CELL_NAMES), ("layers", LAYER_KINDS)])
def test_choice_is_one_of_a_few(name, choices):
    for choice in choices:
        assert getattr(Options(**{name: choice}), name) == choice
    for value in ("", "RNN", None, 1, choices):
        expected = re.escape(f"{name} must be one of {', '.join(choices)}, but it is {value!r}: choose one of these")
        with pytest.raises(ValueError, match=expected):
            Options(**{name: value})


@pytest.mark.parametrize(("name", "least"), COUNTS)
def test_counts_are_whole_numbers_from_the_least_on(name, least):
    assert getattr(Options(**{name: least}), name) == least
    with pytest.raises(ValueError, match=f"{name} must be at least {least}, but it is {least - 1}: pass"):
        Options(**{name: least - 1})
    for value in (True, 2.0, "2", None, float("nan")):
        with pytest.raises(TypeError, match=f"{name} must be a whole number, but it is .*: pass an int"):
            Options(**{name: value})


RATES = [("lr", "a finite number", [0.5, 3, 0, -1.0]), ("clipping_theta", "a finite number of at least 0", [0.5, 3, 0])]


@pytest.mark.parametrize(("name", "kind", "values"), RATES)
def test_rates_are_finite_numbers(name, kind, values):
    for value in values:
        assert getattr(Options(**{name: value}), name) == value
    for value in (float("nan"), -float("inf"), 10**400):
        with pytest.raises(ValueError, match=f"{name} must be {kind}, but it is {value}: pass another"):
            Options(**{name: value})
    for value in (True, "0.5"):
        with pytest.raises(TypeError, match=f"{name} must be {kind}, but it is .*: pass a float"):
            Options(**{name: value})


def test_a_threshold_is_not_negative():
    with pytest.raises(ValueError, match="clipping_theta must be a finite number of at least 0, but it is -1"):
        Options(clipping_theta=-1)


def test_clipping_may_be_left_out_and_the_learning_rate_may_not():
    assert Options(clipping_theta=None).clipping_theta is None
    with pytest.raises(TypeError, match=r"lr must be a finite number, but it is None \(NoneType\): pass"):
        Options(lr=None)


def test_numpy_scalars_become_plain_numbers_that_can_be_saved():
    options = Options(
        num_epochs=np.int64(2),
        num_steps=np.int32(3),
        batch_size=np.int64(4),
        num_hiddens=np.int64(5),
        lr=np.float32(0.5),
    )
    assert options == Options(num_epochs=2, num_steps=3, batch_size=4, num_hiddens=5, lr=0.5)
    assert Options(**json.loads(json.dumps(dataclasses.asdict(options)))) == options


@pytest.mark.parametrize("make", [list, tuple, dict.fromkeys, iter])
def test_prefixes_become_a_tuple(make):
    assert Options(prefixes=make(["ab", "c"])).prefixes == ("ab", "c")


@pytest.mark.parametrize(
    ("prefixes", "received"),
    [
        ("ab", "'ab' (str)"),
        ([1], "[1] (list)"),
        (["a", None], "['a', None] (list)"),
        ([b"a"], "[b'a'] (list)"),
        (None, "None (NoneType)"),
        (3, "3 (int)"),
    ],
)
def test_prefixes_that_are_no_list_of_strings(prefixes, received):
    expected = re.escape(f"prefixes must be a list of strings, but it is {received}: pass ['...']")
    with pytest.raises(TypeError, match=expected):
        Options(prefixes=prefixes)


def test_equal_options_are_equal_and_hash_alike():
    assert Options(prefixes=["a"]) == Options(prefixes=("a",))
    assert hash(Options(prefixes=["a"])) == hash(Options(prefixes=("a",)))
    assert Options(cell="gru") != Options(cell="lstm")


def test_replacing_an_option_checks_it_again():
    assert dataclasses.replace(Options(), cell="gru") == Options(cell="gru")
    with pytest.raises(ValueError, match="cell must be one of rnn, gru, lstm, but it is 'cnn'"):
        dataclasses.replace(Options(), cell="cnn")


def test_unknown_option_is_an_error():
    with pytest.raises(TypeError, match="unexpected keyword argument 'learning_rate'"):
        Options(learning_rate=1)


@pytest.mark.parametrize(("sampling", "expected"), [("random", True), ("consecutive", False)])
def test_sampling_in_the_words_of_the_book(sampling, expected):
    assert Schedule(sampling=sampling).is_random_iter is expected


@pytest.mark.parametrize(
    ("pred_period", "epochs"), [(0, []), (1, [1, 2, 3, 4, 5, 6]), (2, [2, 4, 6]), (4, [4]), (6, [6]), (7, [])]
)
def test_samples_are_due_every_few_epochs(pred_period, epochs):
    schedule = Schedule(pred_period=pred_period)
    assert [epoch for epoch in range(1, 7) if schedule.prints_after(epoch)] == epochs


def test_an_infinite_threshold_clips_nothing_as_none_does():
    assert Schedule(clipping_theta=float("inf")).clipping_theta is None
    with pytest.raises(ValueError, match="lr must be a finite number, but it is inf"):
        Schedule(lr=float("inf"))
