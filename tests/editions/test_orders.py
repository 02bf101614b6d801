from __future__ import annotations

import inspect
import itertools

import pytest

import gluonrnn as gb
from gluonrnn.editions import gluonbook06, orders, utils

EDITIONS = {"gluonrnn": gb, "gluonrnn.editions.gluonbook06": gluonbook06, "gluonrnn.editions.utils": utils}
FUNCTIONS = ("predict_rnn", "train_and_predict_rnn")
PAIRS = [
    (own, other, function, positional)
    for own, other in itertools.permutations(EDITIONS, 2)
    for function in FUNCTIONS
    for positional in (True, False)
]


def never(*arguments):
    pytest.fail("training began")


# an argument that is of its kind for every parameter of every edition
VALUES = {
    **dict.fromkeys(("rnn", "get_params", "get_inputs", "init_rnn_state"), never),
    **dict.fromkeys(("num_chars", "num_hiddens", "hidden_dim", "epochs", "num_epochs", "num_steps", "batch_size"), 2),
    **dict.fromkeys(("pred_period", "pred_len"), 2),
    **dict.fromkeys(("lr", "learning_rate", "clipping_theta", "clipping_norm"), 0.5),
    **dict.fromkeys(("is_random_iter", "is_lstm"), False),
    "prefixes": ["ab"],
    "seqs": ["ab"],
    "prefix": "ab",
    "vocab_size": 3,
    "params": [1, 2],
    "corpus_indices": [0, 1, 2] * 9,
    "idx_to_char": ["a", "b", "c"],
    "char_to_idx": {"a": 0, "b": 1, "c": 2},
    "ctx": gb.try_gpu(),
}


def names(edition, function):
    return [word.partition("=")[0] for word in orders.ORDERS[edition][function].split()]


@pytest.mark.parametrize(("edition", "function"), list(itertools.product(EDITIONS, FUNCTIONS)))
def test_the_table_is_what_the_functions_have(edition, function):
    parameters = inspect.signature(getattr(EDITIONS[edition], function)).parameters.values()
    assert names(edition, function) == [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    assert "is_lstm" not in names(edition, function) or orders.ORDERS[edition][function].endswith("is_lstm=False")


@pytest.mark.parametrize(("own", "other", "function", "positional"), PAIRS)
def test_a_call_in_another_editions_order_names_it(own, other, function, positional):
    call = {name: VALUES[name] for name in names(other, function)}
    arguments, keywords = (list(call.values()), {}) if positional else ([], call)
    if not positional and set(call) == set(names(own, function)):
        pytest.fail("two editions differ in order alone; a call by keywords would be right for both")
    with pytest.raises(TypeError) as caught:
        getattr(EDITIONS[own], function)(*arguments, **keywords)
    assert str(caught.value) == (
        f"{own}.{function} takes ({', '.join(orders.ORDERS[own][function].split())}), but this call is in the order of "
        f"another edition: use {other}.{function}"
    )


@pytest.mark.parametrize("is_lstm", [[], [False], [True]])
def test_the_last_argument_may_be_left_out(is_lstm):
    call = [VALUES[name] for name in names("gluonrnn.editions.gluonbook06", "train_and_predict_rnn")[:-1]]
    with pytest.raises(TypeError, match=r"use gluonrnn\.editions\.gluonbook06\.train_and_predict_rnn"):
        gb.train_and_predict_rnn(*call, *is_lstm)


def test_a_call_in_no_order_is_left_to_the_function():
    with pytest.raises(TypeError, match=r"missing .* required positional argument"):
        gb.predict_rnn("ab", 3)
    with pytest.raises(TypeError, match="unexpected keyword argument 'nothing'"):
        gb.train_and_predict_rnn(nothing=1)


@pytest.mark.parametrize("module", [utils, gluonbook06])
def test_bad_input_of_the_early_editions_is_refused_before_any_training(module):
    name = {utils: "gluonrnn.editions.utils", gluonbook06: "gluonrnn.editions.gluonbook06"}[module]
    call = {parameter: VALUES[parameter] for parameter in names(name, "train_and_predict_rnn")}
    prefixes, hiddens = ("seqs", "hidden_dim") if module is utils else ("prefixes", "num_hiddens")
    for changes, error, words in (
        ({prefixes: "ab"}, TypeError, r"prefixes must be a list of strings, but it is 'ab' \(str\)"),
        ({prefixes: [1]}, TypeError, "prefixes must be a list of strings"),
        ({prefixes: ["AX"]}, gb.UnknownCharacterError, "'x' at position 1 of 'ax'"),
        ({hiddens: 8.5}, TypeError, r"num_hiddens must be a whole number, but it is 8\.5"),
        (
            {"idx_to_char": VALUES["char_to_idx"], "char_to_idx": VALUES["idx_to_char"]},
            TypeError,
            "pass idx_to_char bef",
        ),
    ):
        with pytest.raises(error, match=words):
            module.train_and_predict_rnn(**{**call, **changes})
    with pytest.raises(TypeError, match="a prefix is a string, but this is 5"):
        module.predict_rnn(**{**{key: VALUES[key] for key in names(name, "predict_rnn")}, "prefix": 5})


def test_the_early_editions_know_the_books_other_names():
    import mxnet

    assert (utils.nd, gluonbook06.gluon) == (mxnet.nd, mxnet.gluon)
    with pytest.raises(AttributeError, match="'train_ch3' is from the chapter 'Deep learning basics'"):
        gluonbook06.train_ch3  # noqa: B018
    with pytest.raises(AttributeError, match=r"module 'gluonrnn\.editions\.utils' has no attribute 'nothing'"):
        utils.nothing  # noqa: B018
