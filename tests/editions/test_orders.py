from __future__ import annotations

import inspect
import itertools

import pytest

import gluonrnn as gb
from gluonrnn.editions import d2l, d2l010, gluonbook06, orders, utils

EDITIONS = {
    "gluonrnn": gb,
    "gluonrnn.d2l": d2l,
    "gluonrnn.editions.d2l010": d2l010,
    "gluonrnn.editions.gluonbook06": gluonbook06,
    "gluonrnn.editions.utils": utils,
}


def names(edition, function):
    return [word.partition("=")[0] for word in orders.ORDERS[edition][function].split()]


def kinds(edition, function):
    return [orders._KINDS[name] for name in names(edition, function)]


# own edition and function, other edition and its name for it, whether the call is by place;
# without those where the one call is right in both
PAIRS = [
    (own, function, other, its, positional)
    for own, other in itertools.permutations(EDITIONS, 2)
    for function in orders.ORDERS[own]
    for its in {function, orders._RENAMED.get(function, function)} & set(orders.ORDERS[other])
    for positional in (True, False)
    if (kinds if positional else names)(own, function) != (kinds if positional else names)(other, its)
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
    **dict.fromkeys(("num_preds", "num_predicts", "max_tokens"), 2),
    **dict.fromkeys(("init_state", "forward", "forward_fn"), never),
    **dict.fromkeys(("net", "model", "loss", "updater"), never),
    **dict.fromkeys(("train_iter", "data_iter"), ()),
    **dict.fromkeys(("vocab", "tgt_vocab"), d2l.Vocab(["a", "b", "c"])),
    "device": gb.try_gpu(),
    "theta": 0.5,
    "use_random_iter": False,
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


@pytest.mark.parametrize(
    ("edition", "function"), [(edition, function) for edition in EDITIONS for function in orders.ORDERS[edition]]
)
def test_the_table_is_what_the_functions_have(edition, function):
    parameters = inspect.signature(getattr(EDITIONS[edition], function)).parameters.values()
    assert names(edition, function) == [p.name for p in parameters if p.kind is not p.KEYWORD_ONLY]
    by_place = [p for p in parameters if p.kind is not p.KEYWORD_ONLY]
    optional = [f"{p.name}={p.default}" for p in by_place if p.default is not p.empty]
    assert [word for word in orders.ORDERS[edition][function].split() if "=" in word] == optional


def test_every_pair_of_editions_that_shares_a_function_is_tried():
    tried = {frozenset((own, other)) for own, _, other, _, _ in PAIRS}
    assert tried == {frozenset(pair) for pair in itertools.combinations(EDITIONS, 2)}


@pytest.mark.parametrize(("own", "function", "other", "its", "positional"), PAIRS)
def test_a_call_in_another_editions_order_names_it(own, function, other, its, positional):
    call = {name: VALUES[name] for name in names(other, its)}
    arguments, keywords = (list(call.values()), {}) if positional else ([], call)
    with pytest.raises(TypeError) as caught:
        getattr(EDITIONS[own], function)(*arguments, **keywords)
    message, _, remedy = str(caught.value).partition(": use ")
    assert message == (
        f"{own}.{function} takes ({', '.join(orders.ORDERS[own][function].split())}), but this call is in the order of "
        "another edition"
    )
    assert f"{other}.{its}" in remedy.split(" or ")


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
