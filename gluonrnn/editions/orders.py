"""The order of arguments, edition by edition, and what to say when two are mixed up.

The book changed the order of its functions' arguments several times. A call in the order of one
edition to a function of another must not train on swapped arguments: it is a `TypeError` that
names the edition whose order it is.
"""

from __future__ import annotations

import functools
import numbers
from typing import Any, Callable, TypeVar

__all__ = ["ORDERS", "in_order_of"]

Function = TypeVar("Function", bound=Callable[..., Any])

# edition -> function -> its parameters; the last may be left out where it ends in "=False"
ORDERS: dict[str, dict[str, str]] = {
    "gluonrnn.editions.utils": {
        "predict_rnn": "rnn prefix num_chars params hidden_dim ctx idx_to_char char_to_idx get_inputs is_lstm=False",
        "train_and_predict_rnn": "rnn is_random_iter epochs num_steps hidden_dim learning_rate clipping_norm "
        "batch_size pred_period pred_len seqs get_params get_inputs ctx corpus_indices idx_to_char char_to_idx "
        "is_lstm=False",
    },
    "gluonrnn.editions.gluonbook06": {
        "predict_rnn": "rnn prefix num_chars params num_hiddens vocab_size ctx idx_to_char char_to_idx get_inputs "
        "is_lstm=False",
        "train_and_predict_rnn": "rnn is_random_iter num_epochs num_steps num_hiddens lr clipping_theta batch_size "
        "vocab_size pred_period pred_len prefixes get_params get_inputs ctx corpus_indices idx_to_char char_to_idx "
        "is_lstm=False",
    },
    "gluonrnn": {
        "predict_rnn": "prefix num_chars rnn params init_rnn_state num_hiddens vocab_size ctx idx_to_char char_to_idx",
        "train_and_predict_rnn": "rnn get_params init_rnn_state num_hiddens vocab_size ctx corpus_indices idx_to_char "
        "char_to_idx is_random_iter num_epochs num_steps lr clipping_theta batch_size pred_period pred_len prefixes",
    },
}


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
    **dict.fromkeys(("num_chars", "num_hiddens", "hidden_dim", "vocab_size", "epochs", "num_epochs"), _is_count),
    **dict.fromkeys(("num_steps", "batch_size", "pred_period", "pred_len"), _is_count),
    **dict.fromkeys(("lr", "learning_rate"), _is_number),
    **dict.fromkeys(("clipping_theta", "clipping_norm"), lambda value: value is None or _is_number(value)),
    **dict.fromkeys(
        ("is_random_iter", "is_lstm"), lambda value: isinstance(value, int) or type(value).__name__ == "bool_"
    ),
    "prefix": lambda value: isinstance(value, str),
    "ctx": lambda value: value is None or hasattr(value, "device_type"),
    "idx_to_char": lambda value: hasattr(value, "__getitem__"),
    "char_to_idx": lambda value: hasattr(value, "items"),
    "corpus_indices": lambda value: hasattr(value, "__len__") and not isinstance(value, (str, dict)),
}


def _fits(order: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> bool:
    """Return whether a call could be meant in this order; keyword-only additions are let by."""
    names = [word.partition("=")[0] for word in order.split()]
    given = dict(zip(names, args))
    if len(args) > len(names) or set(given) & set(kwargs):
        return False
    given.update((name, value) for name, value in kwargs.items() if name in names)
    needed = {word for word in order.split() if "=" not in word}
    return needed <= set(given) and all(_KINDS[name](value) for name, value in given.items())


def in_order_of(edition: str) -> Callable[[Function], Function]:
    """Make a function refuse calls that are in the order of another edition.

    Parameters
    ----------
    edition : str
        The edition of the function, a key of `ORDERS`.

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
use gluonrnn.editions.gluonbook06.predict_rnn
    """

    def decorate(function: Function) -> Function:
        name = function.__name__
        own = ORDERS[edition][name]

        @functools.wraps(function)
        def in_order(*args: Any, **kwargs: Any) -> Any:
            if not _fits(own, args, kwargs):
                for other, orders in ORDERS.items():
                    if other != edition and _fits(orders[name], args, kwargs):
                        raise TypeError(
                            f"{edition}.{name} takes ({', '.join(own.split())}), but this call is in the order of "
                            f"another edition: use {other}.{name}"
                        )
            return function(*args, **kwargs)

        return in_order  # type: ignore[return-value]

    return decorate
