"""The order of arguments, edition by edition, and what to say when two are mixed up.

The book changed the order of its functions' arguments several times. A call in the order of one
edition to a function of another must not train on swapped arguments: it is a `TypeError` that
names the edition whose order it is.
"""

from __future__ import annotations

import functools
import inspect
import numbers
from typing import Any, Callable, TypeVar

__all__ = ["ORDERS", "in_order_of"]

Function = TypeVar("Function", bound=Callable[..., Any])

# edition -> function -> its parameters; the last may be left out where it ends in "=False"
ORDERS: dict[str, dict[str, str]] = {
    "gluonrnn.editions.utils_2017": {
        "SGD": "params lr",
        "grad_clipping": "params clipping_norm ctx",
        "predict_rnn": "rnn prefix num_chars params hidden_dim ctx idx_to_char char_to_idx get_inputs is_lstm=False",
        "train_and_predict_rnn": "rnn is_random_iter epochs num_steps hidden_dim learning_rate clipping_norm "
        "batch_size pred_period pred_len seqs get_params get_inputs ctx corpus_indices idx_to_char char_to_idx "
        "is_lstm=False",
    },
    "gluonrnn.editions.gluonbook_0_6": {
        "sgd": "params lr batch_size",
        "grad_clipping": "params theta ctx",
        "predict_rnn": "rnn prefix num_chars params num_hiddens vocab_size ctx idx_to_char char_to_idx get_inputs "
        "is_lstm=False",
        "train_and_predict_rnn": "rnn is_random_iter num_epochs num_steps num_hiddens lr clipping_theta batch_size "
        "vocab_size pred_period pred_len prefixes get_params get_inputs ctx corpus_indices idx_to_char char_to_idx "
        "is_lstm=False",
    },
    "gluonrnn": {
        "load_data_time_machine": "",
        "sgd": "params lr batch_size",
        "grad_clipping": "params theta ctx",
        "predict_rnn": "prefix num_chars rnn params init_rnn_state num_hiddens vocab_size ctx idx_to_char char_to_idx",
        "train_and_predict_rnn": "rnn get_params init_rnn_state num_hiddens vocab_size ctx corpus_indices idx_to_char "
        "char_to_idx is_random_iter num_epochs num_steps lr clipping_theta batch_size pred_period pred_len prefixes",
    },
    "gluonrnn.editions.d2l_0_11": {
        "RNNModelScratch": "vocab_size num_hiddens ctx get_params init_state forward",
        "load_data_time_machine": "batch_size num_steps use_random_iter=False max_tokens=10000",
        "sgd": "params lr batch_size",
        "grad_clipping": "model theta",
        "predict_ch8": "prefix num_predicts model vocab ctx",
        "train_ch8": "model train_iter vocab lr num_epochs ctx use_random_iter=False",
        "train_epoch_ch8": "model train_iter loss updater ctx use_random_iter",
        "train_s2s_ch9": "model data_iter lr num_epochs ctx",
    },
    "gluonrnn.editions.d2l_0_15": {
        "load_data_time_machine": "batch_size num_steps use_random_iter=False max_tokens=10000",
        "grad_clipping": "model theta",
        "predict_ch8": "prefix num_preds model vocab device",
        "train_ch8": "model train_iter vocab lr num_epochs device use_random_iter=False",
        "train_epoch_ch8": "model train_iter loss updater device use_random_iter",
        "train_s2s_ch9": "model data_iter lr num_epochs tgt_vocab device",
    },
    "gluonrnn.d2l": {
        "RNNModelScratch": "vocab_size num_hiddens device get_params init_state forward_fn",
        "load_data_time_machine": "batch_size num_steps use_random_iter=False max_tokens=10000",
        "sgd": "params lr batch_size",
        "grad_clipping": "net theta",
        "predict_ch8": "prefix num_preds net vocab device",
        "train_ch8": "net train_iter vocab lr num_epochs device use_random_iter=False",
        "train_epoch_ch8": "net train_iter loss updater device use_random_iter",
        "train_seq2seq": "net data_iter lr num_epochs tgt_vocab device",
    },
}

# an edition that has the orders of another
_AS_IN = {"gluonrnn.editions.d2l_0_10": "gluonrnn.editions.d2l_0_11"}
# what a function is called in an edition that has another name for it
_RENAMED = {"train_s2s_ch9": "train_seq2seq", "train_seq2seq": "train_s2s_ch9", "SGD": "sgd", "sgd": "SGD"}


def _is_count(value: Any) -> bool:
    return isinstance(value, numbers.Integral) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, numbers.Real) and not isinstance(value, bool)


def _is_list(value: Any) -> bool:
    return hasattr(value, "__iter__") and not isinstance(value, (str, dict))


# what an argument must be for a call to count as being in an order
_KINDS: dict[str, Callable[[Any], bool]] = {
    **dict.fromkeys(("rnn", "get_params", "get_inputs", "init_rnn_state"), callable),
    **dict.fromkeys(("prefixes", "seqs", "params"), _is_list),
    **dict.fromkeys(("num_chars", "num_preds", "num_predicts", "num_hiddens", "hidden_dim", "vocab_size"), _is_count),
    **dict.fromkeys(("epochs", "num_epochs"), _is_count),
    **dict.fromkeys(("num_steps", "batch_size", "pred_period", "pred_len", "max_tokens"), _is_count),
    **dict.fromkeys(("lr", "learning_rate"), _is_number),
    **dict.fromkeys(("clipping_theta", "clipping_norm", "theta"), lambda value: value is None or _is_number(value)),
    **dict.fromkeys(
        ("is_random_iter", "is_lstm", "use_random_iter"),
        lambda value: isinstance(value, int) or type(value).__name__ == "bool_",
    ),
    **dict.fromkeys(("net", "model", "loss", "init_state", "forward", "forward_fn"), callable),
    **dict.fromkeys(("vocab", "tgt_vocab"), lambda value: hasattr(value, "idx_to_token")),
    "train_iter": lambda value: hasattr(value, "__iter__"),
    # or a vocabulary: what load_data_nmt returns has two orders, too
    "data_iter": lambda value: hasattr(value, "__iter__") or hasattr(value, "idx_to_token"),
    **dict.fromkeys(("ctx", "device"), lambda value: value is None or hasattr(value, "device_type")),
    "updater": lambda value: callable(value) or hasattr(value, "step"),
    "prefix": lambda value: isinstance(value, str),
    "idx_to_char": lambda value: hasattr(value, "__getitem__"),
    "char_to_idx": lambda value: hasattr(value, "items"),
    "corpus_indices": lambda value: hasattr(value, "__len__") and not isinstance(value, (str, dict)),
}


def _fits(order: str, args: tuple[Any, ...], kwargs: dict[str, Any], additions: set[str]) -> bool:
    """Return whether a call could be meant in this order; keyword-only additions are let by."""
    names = [word.partition("=")[0] for word in order.split()]
    given = dict(zip(names, args))
    if len(args) > len(names) or set(given) & set(kwargs) or set(kwargs) - set(names) - additions:
        return False
    given.update((name, value) for name, value in kwargs.items() if name in names)
    needed = {word for word in order.split() if "=" not in word}
    return needed <= set(given) and all(_KINDS[name](value) for name, value in given.items())


def _others(edition: str, name: str) -> list[tuple[str, str]]:
    """Return the other editions that have a function, with its name there."""
    return [
        (other, its_name)
        for other, orders in ORDERS.items()
        for its_name in {name, _RENAMED.get(name, name)}
        if other != edition and its_name in orders
    ]


def in_order_of(edition: str, *, method_of: str | None = None) -> Callable[[Function], Function]:
    """Make a function refuse calls that are in the order of another edition.

    Parameters
    ----------
    edition : str
        The edition of the function.
    method_of : str, optional
        The class that is called, if it is its ``__init__`` that is decorated.

    Returns
    -------
    function
        A decorator. What it returns has the same signature, and raises a `TypeError` that names
        the right edition; a call that is in no known order is left to the function to refuse.

    Examples
    --------
    >>> import gluonrnn as gb
    >>> gb.predict_rnn(gb.rnn, "ab", 5, [], 4, 3, gb.try_gpu(), "abc", {"a": 0}, gb.to_onehot)
    Traceback (most recent call last):
    ...
    TypeError: gluonrnn.predict_rnn takes (prefix, num_chars, rnn, params, init_rnn_state, num_hiddens, vocab_size, \
ctx, idx_to_char, char_to_idx), but this call is in the order of another edition: \
use gluonrnn.editions.gluonbook_0_6.predict_rnn
    """

    def decorate(function: Function) -> Function:
        name = method_of or function.__name__
        as_in = _AS_IN.get(edition, edition)
        own = ORDERS[as_in][name]
        parameters = inspect.signature(function).parameters.values()
        additions = {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}

        @functools.wraps(function)
        def in_order(*args: Any, **kwargs: Any) -> Any:
            given = args[1:] if method_of else args
            if not _fits(own, given, kwargs, additions):
                fitting = [
                    other
                    for other in _others(as_in, name)
                    if _fits(ORDERS[other[0]][other[1]], given, kwargs, additions)
                ]
                if fitting:
                    raise TypeError(
                        f"{edition}.{name} takes ({', '.join(own.split())}), but this call is in the order of another "
                        f"edition: use {' or '.join('.'.join(other) for other in fitting)}"
                    )
            return function(*args, **kwargs)

        return in_order  # type: ignore[return-value]

    return decorate
