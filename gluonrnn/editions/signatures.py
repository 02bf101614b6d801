"""The order of arguments, edition by edition, and what to say when two are mixed up.

The book changed the order of its functions' arguments several times. A call in the order of one
edition to a function of another must not train on swapped arguments: it is a `TypeError` that
names the edition whose order it is.
"""

from __future__ import annotations

import functools
import importlib
import inspect
import numbers
from typing import Any, Callable, TypeVar

__all__ = ["guard_order", "orders"]

Function = TypeVar("Function", bound=Callable[..., Any])

# an edition's name for itself -> its module; errors name the editions in this order
_MODULES = {
    "gluonrnn.editions.utils_2017": "gluonrnn.editions.utils_2017",
    "gluonrnn.editions.gluonbook_0_6": "gluonrnn.editions.gluonbook_0_6",
    "gluonrnn": "gluonrnn.editions.gluonbook",
    "gluonrnn.editions.d2l_0_11": "gluonrnn.editions.d2l_0_11",
    "gluonrnn.editions.d2l_0_15": "gluonrnn.editions.d2l_0_15",
    "gluonrnn.d2l": "gluonrnn.editions.d2l",
}
_ORDERS: dict[str, dict[str, list[inspect.Parameter]]] = {edition: {} for edition in _MODULES}
# an edition that has the orders of another
_SAME = {"gluonrnn.editions.d2l_0_10": "gluonrnn.editions.d2l_0_11"}
# what a function is called in an edition that has another name for it
_RENAMED = {"train_s2s_ch9": "train_seq2seq", "train_seq2seq": "train_s2s_ch9", "SGD": "sgd", "sgd": "SGD"}


def orders() -> dict[str, dict[str, list[inspect.Parameter]]]:
    """Return, by edition and function, the parameters of every guarded function that may be given by place."""
    for module in _MODULES.values():
        importlib.import_module(module)
    return _ORDERS


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


def _fits(order: list[inspect.Parameter], args: tuple[Any, ...], kwargs: dict[str, Any], additions: set[str]) -> bool:
    """Return whether a call could be meant in this order; keyword-only additions are let by."""
    names = [parameter.name for parameter in order]
    given = dict(zip(names, args))
    if len(args) > len(names) or set(given) & set(kwargs) or set(kwargs) - set(names) - additions:
        return False
    given.update((name, value) for name, value in kwargs.items() if name in names)
    needed = {parameter.name for parameter in order if parameter.default is parameter.empty}
    return needed <= set(given) and all(_KINDS[name](value) for name, value in given.items())


def _shown(order: list[inspect.Parameter]) -> str:
    return ", ".join(p.name if p.default is p.empty else f"{p.name}={p.default}" for p in order)


def guard_order(edition: str) -> Callable[[Function], Function]:
    """Make a function or an ``__init__`` refuse calls that are in the order of another edition.

    The decorated function raises a `TypeError` that names the right edition; a call in no known order is left to the
    function itself to refuse.

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

    def guard(function: Function) -> Function:
        name, _, method = function.__qualname__.partition(".")
        parameters = list(inspect.signature(function).parameters.values())[1 if method else 0 :]
        additions = {parameter.name for parameter in parameters if parameter.kind is parameter.KEYWORD_ONLY}
        own = [parameter for parameter in parameters if parameter.name not in additions]
        _ORDERS.get(edition, {})[name] = own

        @functools.wraps(function)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            given = args[1:] if method else args
            if not _fits(own, given, kwargs, additions):
                fitting = [
                    f"{other}.{its_name}"
                    for other, functions in orders().items()
                    for its_name in sorted({name, _RENAMED.get(name, name)} & set(functions))
                    if other != _SAME.get(edition, edition) and _fits(functions[its_name], given, kwargs, additions)
                ]
                if fitting:
                    raise TypeError(
                        f"{edition}.{name} takes ({_shown(own)}), but this call is in the order of another edition: "
                        f"use {' or '.join(fitting)}"
                    )
            return function(*args, **kwargs)

        return guarded  # type: ignore[return-value]

    return guard
