"""The one decoding loop: read the prefix, then feed each chosen character back in.

Source: *Dive into Deep Learning* (2018 edition), section 6.4, "Defining the prediction function",
which always takes the likeliest character. Temperature and top-k are additions.
"""

from __future__ import annotations

from typing import Any, Callable, Mapping, Sequence

import numpy as np

from gluonrnn._arrays import using_nd
from gluonrnn._checks import check_count, check_number, check_seed, explain_missing_parameters
from gluonrnn._mxnet import mx, nd
from gluonrnn.corpus.text import encode
from gluonrnn.fast import fast_form_of
from gluonrnn.threads import computing, pushing

__all__ = ["chooser", "continue_text", "decode", "likeliest"]


def decode(
    model: Any,
    prefix: Sequence[int],
    num_tokens: int,
    ctx: Any,
    choose: Callable[[Any], int],
    *,
    state: Any = None,
    stop: int | None = None,
) -> list[int]:
    """Go on from a prefix, one token at a time.

    Parameters
    ----------
    model : callable
        ``model(X, state) -> (scores, state)``, with ``begin_state(batch_size, ctx)`` if no
        `state` is given.
    prefix : sequence of int
        The indices to start from; at least one.
    num_tokens : int
        How many more to choose.
    ctx : mxnet.Context
        Where the model lives.
    choose : function
        From scores, a NumPy array (vocab_size,), to the index of the next token, such as `likeliest`.
    state : optional
        The state to start from, such as an encoder's; the model's own by default.
    stop : int, optional
        The index that ends the output, and is left out of it.

    Returns
    -------
    list of int
        ``len(prefix) + num_tokens`` indices, the prefix first; fewer where `stop` was chosen.

    Raises
    ------
    RuntimeError
        If the model was not initialised.
    """
    output = list(prefix)
    with computing() as pause:
        if state is None:
            with pushing():
                state = model.begin_state(batch_size=1, ctx=ctx)
        write = _writer(model, state, ctx)
        # the last token is written and never read
        for t in range(len(prefix) + num_tokens - 1):
            pause()
            scores = write(output[t])
            if t >= len(prefix) - 1:
                chosen = choose(scores)
                if chosen == stop:
                    break
                output.append(chosen)
    return output


def _writer(model: Any, state: Any, ctx: Any) -> Callable[[int], Any]:
    """Return the function from one index after the other to the scores of the next token."""
    network = fast_form_of(model, ctx)
    own = None if network is None else network.writer(state)
    if own is not None:
        return own
    array = mx.np.array if mx.util.is_np_array() else nd.array

    def write(index: int) -> Any:
        nonlocal state
        with explain_missing_parameters(), pushing():
            scores, state = model(array([[index]], ctx=ctx), state)
        return scores.asnumpy()[0]

    return write


def likeliest(scores: Any) -> int:
    """Return the index of the highest score, the book's choice.

    Examples
    --------
    >>> likeliest(np.array([0.1, 2.0, -1.0]))
    1
    """
    return int(scores.argmax())


@using_nd()
def continue_text(
    model: Any,
    prefix: str,
    num_chars: int,
    ctx: Any,
    idx_to_char: Sequence[str],
    char_to_idx: Mapping[str, int],
    *,
    choose: Callable[[Any], int] = likeliest,
    unknown: str = "raise",
) -> str:
    """Go on from a prefix, in characters.

    Parameters
    ----------
    model, ctx, choose
        As in `decode`.
    prefix : str
        The text to start from.
    num_chars : int
        How many characters to add; 0 adds none.
    idx_to_char : sequence of str
        The character of each index.
    char_to_idx : dict of str to int
        The index of each character.
    unknown : {"raise", "skip"}
        What becomes of a character of the prefix that the vocabulary does not hold.

    Returns
    -------
    str
        The prefix, to the letter, and `num_chars` characters.

    Raises
    ------
    UnknownCharacterError
        At a character of the prefix that the vocabulary does not hold.
    TypeError, ValueError
        If the prefix is empty or no string, or `num_chars` is not a whole number from 0 up.
    RuntimeError
        If the model was not initialised.
    """
    indices = encode(prefix, char_to_idx, unknown)
    num_chars = check_count("num_chars", num_chars, least=0)
    output = decode(model, indices, num_chars, ctx, choose)
    return prefix + "".join(idx_to_char[index] for index in output[len(indices) :])


def chooser(temperature: float = 0.0, top_k: int | None = None, seed: int | None = None) -> Callable[[Any], int]:
    r"""Return a function that draws the next character from scores.

    Parameters
    ----------
    temperature : float
        The scores are divided by it before the softmax: 1 draws from the model's own
        distribution, less is bolder in repeating what it knows, more is wilder. 0 takes the
        likeliest character, as the book does.
    top_k : int, optional
        Draw only among that many likeliest characters.
    seed : int, optional
        Makes the draws repeatable; fresh entropy by default.

    Returns
    -------
    function
        From scores, a NumPy array (vocab_size,), to an index. It raises a `ValueError` where the scores are not
        finite, since no character could be chosen on purpose.

    Raises
    ------
    TypeError, ValueError
        If `temperature` is negative or not finite, or `top_k` is not a positive whole number.

    Examples
    --------
    >>> draw = chooser(temperature=0.5, top_k=2, seed=1)
    >>> sorted({draw(np.array([5.0, 5.0, 0.0])) for _ in range(20)})
    [0, 1]
    """
    temperature = check_number("temperature", temperature, positive=False)
    if top_k is not None:
        top_k = check_count("top_k", top_k, most=None)
    rng = np.random.default_rng(None if seed is None else check_seed(seed))

    def choose(scores: Any) -> int:
        logits = scores.astype("float64")
        if not np.isfinite(logits).all():
            raise ValueError(
                "the model's scores are not finite, so no character can be chosen: "
                "train again with a smaller lr or clipping_theta"
            )
        if temperature == 0:
            return int(logits.argmax())
        return _draw(logits, temperature, top_k, rng)

    return choose


def _draw(logits: Any, temperature: float, top_k: int | None, rng: Any) -> int:
    candidates = np.argsort(-logits, kind="stable")[:top_k]
    # with the highest taken off first, whatever overflows becomes odds of 0
    with np.errstate(over="ignore"):
        odds = np.exp((logits[candidates] - logits.max()) / temperature)
    return int(rng.choice(candidates, p=odds / odds.sum()))
