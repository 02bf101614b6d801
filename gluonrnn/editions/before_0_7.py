"""What the two editions before autumn 2018 have in common.

Their cells take the state's parts and the parameters as arguments of their own; the sum of the
loss is differentiated, not its mean; prefixes are lower-cased, and samples are one character
longer.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Callable, Sequence

from gluonrnn._arrays import check_world
from gluonrnn._checks import check_callable, check_count, check_list, shown
from gluonrnn._mxnet import nd
from gluonrnn.corpus.text import Corpus
from gluonrnn.devices import check_context
from gluonrnn.generation.decoding import continue_text
from gluonrnn.models import init_lstm_state, init_rnn_state
from gluonrnn.training import loop
from gluonrnn.training.loop import Epoch
from gluonrnn.training.optimizers import updater
from gluonrnn.training.options import Schedule
from gluonrnn.training.trainer import Callback, check_run, draw_params, train_and_sample

__all__ = ["EarlyCellModel", "train_early", "write_early"]


class EarlyCellModel:
    """A cell of these editions as a model: indices in, scores out.

    Parameters
    ----------
    rnn : function
        ``rnn(inputs, state_h, *params) -> (outputs, state_h)`` or, with `is_lstm`,
        ``rnn(inputs, state_h, state_c, *params) -> (outputs, state_h, state_c)``.
    params : sequence of NDArray
        The parameters of the cell.
    get_inputs : function
        From a batch of indices to one matrix for each time step.
    num_hiddens : int
        Hidden units.
    is_lstm : bool
        Whether the cell has a memory cell.
    """

    def __init__(
        self,
        rnn: Callable[..., Any],
        params: Sequence[Any],
        get_inputs: Callable[[Any], Sequence[Any]],
        num_hiddens: int,
        is_lstm: bool,
    ) -> None:
        check_list("params", params, "arrays")
        check_world("a parameter", list(params), np=False)
        check_count("num_hiddens", num_hiddens)
        self.rnn = rnn
        self.params = params
        self.get_inputs = get_inputs
        self.num_hiddens = num_hiddens
        self.is_lstm = is_lstm

    def begin_state(self, batch_size: int, ctx: Any = None) -> Any:
        """Return the state before the first character: zeros."""
        init_state = init_lstm_state if self.is_lstm else init_rnn_state
        return init_state(batch_size, self.num_hiddens, ctx)

    def __call__(self, X: Any, state: Any) -> tuple[Any, Any]:
        """Return the scores (num_steps * batch_size, vocab_size), step by step, and the state."""
        result = self.rnn(self.get_inputs(X), *state, *self.params)
        if not isinstance(result, (tuple, list)) or len(result) < 2 or not isinstance(result[0], (tuple, list)):
            raise TypeError(
                f"rnn must return its outputs and the parts of its state, but it returned {shown(result)}: "
                "return outputs, H"
            )
        outputs, *state = result
        return nd.concat(*outputs, dim=0), state


def write_early(
    model: EarlyCellModel, prefix: str, num_chars: int, ctx: Any, idx_to_char: Sequence[str], char_to_idx: Any
) -> str:
    """Go on from a prefix as these editions do: in lower case, and one character further."""
    num_chars = check_count("num_chars", num_chars, least=0)
    check_context("ctx", ctx)
    if isinstance(prefix, str):  # anything else is refused below
        prefix = prefix.lower()
    return continue_text(model, prefix, num_chars + 1, ctx, idx_to_char, char_to_idx)


def train_early(
    model_of: Callable[[Sequence[Any]], EarlyCellModel],
    get_params: Callable[..., Sequence[Any]],
    num_hiddens: int,
    step: Callable[[Sequence[Any]], None],
    corpus: Corpus,
    *,
    is_random_iter: bool,
    num_epochs: int,
    num_steps: int,
    lr: float,
    clipping_theta: float | None,
    batch_size: int,
    pred_period: int,
    pred_len: int,
    prefixes: Sequence[str],
    ctx: Any,
    report: Callable[[Epoch, Sequence[str]], None],
    seed: int | None,
    callback: Callback | None,
    progress: bool,
    on_nonfinite: str,
) -> None:
    """Check, draw the parameters, train, and report: the trainer beneath both editions'.

    Parameters
    ----------
    model_of : function
        From parameters to a model.
    get_params : function
        Draws the parameters, without arguments or of ``(vocab_size, num_hiddens, ctx)``.
    num_hiddens : int
        Hidden units.
    step : function
        Takes one step on the parameters' clipped gradients.
    corpus : Corpus
        The text and its vocabulary.
    report : function
        Prints an epoch and its samples in the words of the edition.
    is_random_iter, num_epochs, num_steps, lr, clipping_theta, batch_size
        As in `gluonrnn.train_and_predict_rnn`.
    pred_period, pred_len, prefixes, ctx, seed, callback, progress, on_nonfinite
        As in `gluonrnn.train_and_predict_rnn`.
    """
    check_callable("get_params", get_params)
    check_count("num_hiddens", num_hiddens)
    check_context("ctx", ctx)
    schedule = Schedule(
        sampling="random" if is_random_iter else "consecutive",
        num_epochs=num_epochs,
        num_steps=num_steps,
        batch_size=batch_size,
        lr=lr,
        clipping_theta=clipping_theta,
        pred_period=pred_period,
        pred_len=pred_len,
        prefixes=prefixes,
    )
    schedule = replace(schedule, prefixes=[prefix.lower() for prefix in schedule.prefixes])
    check_run(corpus, schedule, callback=callback, on_nonfinite=on_nonfinite)
    if seed is not None:
        loop.seed(seed)
    params = draw_params(get_params, corpus.vocab_size, num_hiddens, ctx)
    model = model_of(params)
    train_and_sample(
        model,
        updater(lambda: list(params), clipping_theta, lambda _: step(params)),
        corpus,
        schedule,
        ctx=ctx,
        report=report,
        callback=callback,
        progress=progress,
        on_nonfinite=on_nonfinite,
        summed=True,
        sample=lambda prefix: write_early(model, prefix, pred_len, ctx, corpus.idx_to_char, corpus.char_to_idx),
    )
