"""A declared function is the original under other names: when it is called, asked for its signature, and read about."""

from __future__ import annotations

import inspect

import pytest

from gluonrnn.editions import d2l, d2l_0_15
from gluonrnn.editions.declarations import Edition

EDITION = Edition("a.module", "A book.", {"planet": "moon"})


def original(net, num_preds=3, *, speed="slow", loud=False):
    """Fly a net to a planet.

    The second sentence of what `net` does, which calls ``net(num_preds)`` for a net.

    Parameters
    ----------
    net : callable
        Of `num_preds`.
    num_preds : int
        How many for `net`.
    speed : str
        One
        or the other.
    loud : bool
        Whether.

    Returns
    -------
    tuple
        All arguments.

    Notes
    -----
    A note.

    References
    ----------
    An older book.

    Examples
    --------
    >>> net = 1
    >>> original(net, num_preds=2)
    (1, 2, 'slow', False)
    """
    return net, num_preds, speed, loud


def test_it_is_called_by_place_and_by_its_own_names_only():
    renamed = EDITION.renamed(original, "flown", net="model", num_preds="num_predicts")
    assert renamed(1) == renamed(model=1) == (1, 3, "slow", False)
    assert renamed(1, 2, loud=True) == renamed(num_predicts=2, model=1, loud=True) == (1, 2, "slow", True)
    for arguments, keywords, words in (
        ((), {"net": 1}, r"flown\(\) .*'(net|model)'"),
        ((1,), {"num_preds": 2}, r"flown\(\) got an unexpected keyword argument 'num_preds'"),
        ((1, 2, "slow"), {}, r"flown\(\) too many positional arguments"),
        ((1,), {"model": 1}, r"flown\(\) multiple values for argument 'model'"),
    ):
        with pytest.raises(TypeError, match=words):
            renamed(*arguments, **keywords)


def test_it_says_that_it_is_of_the_edition():
    renamed = EDITION.renamed(original, "flown", net="model")
    assert (renamed.__module__, renamed.__name__, renamed.__qualname__) == ("a.module", "flown", "flown")
    assert str(inspect.signature(renamed)) == "(model, num_preds=3, *, speed='slow', loud=False)"
    assert inspect.unwrap(renamed) is renamed  # an entry of its own in the reference


def test_parameters_are_left_out_and_have_other_defaults_and_another_function_is_called():
    renamed = EDITION.renamed(
        original, calls=lambda *given, **more: (given, more), without=["loud"], defaults={"num_preds": 5, "speed": 9}
    )
    assert renamed(1) == ((1, 5), {"speed": 9})
    assert "loud" not in renamed.__doc__


def test_the_docstring_has_the_names_of_the_edition():
    docs = {"One or the other.": "Any.", "Notes": "", "Returns": "\n    tuple\n        Both."}
    renamed = EDITION.renamed(original, "flown", without=["loud"], docs=docs, net="model", num_preds="num_predicts")
    assert renamed.__doc__ == (
        "Fly a net to a moon.\n\n"
        "The second sentence of what `model` does, which calls ``model(num_predicts)`` for a net.\n\n"
        "Parameters\n----------\nmodel : callable\n    Of `num_predicts`.\n"
        "num_predicts : int\n    How many for `model`.\nspeed : str\n    Any.\n\n"
        "Returns\n-------\ntuple\n    Both.\n\n"
        "References\n----------\nA book.\n\n"
        "Examples\n--------\n>>> model = 1\n>>> flown(model, num_predicts=2)\n(1, 2, 'slow', False)\n"
    )


def test_words_that_the_original_has_no_more_are_told_of():
    with pytest.raises(ValueError, match="there is no 'Two words' to replace in 'Fly a net"):
        EDITION.renamed(original, docs={"Two words": "one"})


def test_a_class_and_a_method_are_declared_too():
    assert d2l_0_15.MLPAttention.__doc__.startswith(d2l.AdditiveAttention.__doc__[:40])
    assert "units : int" in d2l_0_15.MLPAttention.__doc__
    assert list(inspect.signature(d2l_0_15.MLPAttention.forward).parameters) == [
        *("self", "query", "key", "value", "valid_len")
    ]
