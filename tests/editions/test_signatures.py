from __future__ import annotations

import inspect
import itertools

import pytest

import gluonrnn as gb
from gluonrnn.editions import d2l, d2l_0_11, d2l_0_15, gluonbook_0_6, signatures, utils_2017

EDITIONS = {
    "gluonrnn": gb,
    "gluonrnn.d2l": d2l,
    "gluonrnn.editions.d2l_0_11": d2l_0_11,
    "gluonrnn.editions.d2l_0_15": d2l_0_15,
    "gluonrnn.editions.gluonbook_0_6": gluonbook_0_6,
    "gluonrnn.editions.utils_2017": utils_2017,
}


ORDERS = signatures.orders()


def names(edition, function):
    return [parameter.name for parameter in ORDERS[edition][function]]


def kinds(edition, function):
    return [signatures._KINDS[name] for name in names(edition, function)]


# own edition and function, other edition and its name for it, whether the call is by place;
# without those where the one call is right in both
PAIRS = [
    (own, function, other, its, positional)
    for own, other in itertools.permutations(EDITIONS, 2)
    for function in ORDERS[own]
    for its in {function, signatures._RENAMED.get(function, function)} & set(ORDERS[other])
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


def test_the_guarded_functions_of_an_edition_are_its_own():
    guarded = {edition: sorted(functions) for edition, functions in ORDERS.items()}
    early = ["grad_clipping", "predict_rnn", "sgd", "train_and_predict_rnn"]
    later = ["grad_clipping", "load_data_time_machine", "predict_ch8", "train_ch8", "train_epoch_ch8"]
    assert guarded == {
        "gluonrnn.editions.utils_2017": ["SGD", "grad_clipping", "predict_rnn", "train_and_predict_rnn"],
        "gluonrnn.editions.gluonbook_0_6": early,
        "gluonrnn": sorted([*early, "load_data_time_machine"]),
        "gluonrnn.editions.d2l_0_11": sorted([*later, "RNNModelScratch", "sgd", "train_s2s_ch9"]),
        "gluonrnn.editions.d2l_0_15": sorted([*later, "train_s2s_ch9"]),
        "gluonrnn.d2l": sorted([*later, "RNNModelScratch", "sgd", "train_seq2seq"]),
    }
    for edition, functions in guarded.items():
        for function in functions:
            found = inspect.signature(getattr(EDITIONS[edition], function)).parameters.values()
            assert [p.name for p in found if p.kind is not p.KEYWORD_ONLY] == names(edition, function)


def test_every_pair_of_editions_is_tried():
    tried = {frozenset((own, other)) for own, _, other, _, _ in PAIRS}
    assert tried == {frozenset(pair) for pair in itertools.combinations(ORDERS, 2)}


def order(edition, function):
    """Return what an error says of an order."""
    return ", ".join(p.name if p.default is p.empty else f"{p.name}={p.default}" for p in ORDERS[edition][function])


def said_of(own, function, other, its, positional):
    """Return the error of a call in the order of another edition."""
    call = {name: VALUES[name] for name in names(other, its)}
    arguments, keywords = (list(call.values()), {}) if positional else ([], call)
    with pytest.raises(TypeError) as caught:
        getattr(EDITIONS[own], function)(*arguments, **keywords)
    return str(caught.value)


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_call_in_another_editions_order_names_it(edition):
    unnamed = {}
    for pair in PAIRS:
        own, function, other, its, _ = pair
        if own == edition:
            message, _, remedy = said_of(*pair).partition(": use ")
            start = f"{own}.{function} takes ({order(own, function)}), but "
            if not message.startswith(start) or f"{other}.{its}" not in remedy.split(" or "):
                unnamed[pair] = message, remedy
    assert unnamed == {}


def test_the_last_argument_may_be_left_out():
    call = [VALUES[name] for name in names("gluonrnn.editions.gluonbook_0_6", "train_and_predict_rnn")[:-1]]
    for is_lstm in ([], [False], [True]):
        with pytest.raises(TypeError, match=r"use gluonrnn\.editions\.gluonbook_0_6\.train_and_predict_rnn"):
            gb.train_and_predict_rnn(*call, *is_lstm)


def test_a_call_in_no_order_is_left_to_the_function():
    with pytest.raises(TypeError, match=r"missing .* required positional argument"):
        gb.predict_rnn("ab", 3)
    with pytest.raises(TypeError, match="unexpected keyword argument 'nothing'"):
        gb.train_and_predict_rnn(nothing=1)


@pytest.mark.parametrize("edition", ["gluonrnn.editions.utils_2017", "gluonrnn.editions.gluonbook_0_6"])
def test_prefixes_of_the_early_editions_are_lower_cased_and_checked_before_any_training(edition):
    call = {name: VALUES[name] for name in names(edition, "train_and_predict_rnn")}
    with pytest.raises(gb.UnknownCharacterError, match="'x' at position 1 of 'ax'"):
        EDITIONS[edition].train_and_predict_rnn(**{**call, "seqs" if "seqs" in call else "prefixes": ["AX"]})
