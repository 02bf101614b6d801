"""Train a model on a corpus by a schedule, with samples on the way."""

from __future__ import annotations

import inspect
import time
from typing import Any, Callable, List, Mapping, Sequence

from gluonrnn._arrays import using_nd
from gluonrnn._checks import as_array, check_batches, check_callable, check_count, check_indices, check_list, short_repr
from gluonrnn.corpus.batches import data_iter_consecutive, data_iter_random
from gluonrnn.corpus.text import Corpus, encode
from gluonrnn.errors import UnknownCharacterError
from gluonrnn.generation.decoding import continue_text
from gluonrnn.threads import exclusive_training
from gluonrnn.training import loop
from gluonrnn.training.callbacks import Checkpointer
from gluonrnn.training.loop import Epoch, NonFiniteGuard, Totals, ends_training, printer, train
from gluonrnn.training.optimizers import Optimizer
from gluonrnn.training.options import Schedule
from gluonrnn.training.state import RandomStates, TrainingState

__all__ = ["Callback", "check_run", "check_vocabulary", "draw_params", "epoch_lines", "reporter", "train_and_sample"]

Callback = Callable[[int, float, float, List[str]], Any]


def check_run(
    corpus: Corpus, schedule: Schedule, *, callback: Callback | None = None, on_nonfinite: str = "warn"
) -> None:
    """Check that corpus and schedule fit each other, before any work.

    Examples
    --------
    >>> from gluonrnn.corpus.text import index_characters
    >>> check_run(index_characters("abc" * 10), Schedule(num_steps=5, batch_size=2, prefixes=["ab"]))
    """
    NonFiniteGuard(on_nonfinite)
    if callback is not None:
        check_callable("callback", callback)
    check_indices(corpus.corpus_indices, check_count("vocab_size", corpus.vocab_size))
    check_vocabulary(corpus.idx_to_char, corpus.char_to_idx, corpus.vocab_size)
    check_batches(len(corpus.corpus_indices), schedule.batch_size, schedule.num_steps, random=schedule.is_random_iter)
    for prefix in schedule.prefixes:
        try:
            encode(prefix, corpus.char_to_idx)
        except UnknownCharacterError as error:
            raise UnknownCharacterError(error.character, error.position, error.text, can_skip=False) from None


def check_vocabulary(idx_to_char: Any, char_to_idx: Any, vocab_size: int) -> None:
    """Raise unless both halves of a vocabulary have `vocab_size` characters.

    Examples
    --------
    >>> check_vocabulary(["a", "b"], {"a": 0, "b": 1}, 2)
    """
    if not isinstance(char_to_idx, Mapping):
        raise TypeError(
            f"char_to_idx must be a dict, but it is {short_repr(char_to_idx)}: pass idx_to_char before char_to_idx"
        )
    if not hasattr(idx_to_char, "__len__"):
        raise TypeError(
            f"idx_to_char must be a list of characters, but it is {short_repr(idx_to_char)}: pass the vocabulary"
        )
    if len(idx_to_char) < vocab_size:
        raise ValueError(
            f"idx_to_char must have a character for each of vocab_size {vocab_size} indices, but it has "
            f"{len(idx_to_char)}: pass the vocabulary of this corpus"
        )
    for char, index in char_to_idx.items():
        if not 0 <= index < vocab_size:
            raise ValueError(
                f"char_to_idx must give indices in [0, {vocab_size}) for vocab_size {vocab_size}, but {char!r} has "
                f"{index}: pass the vocabulary of this corpus"
            )


def draw_params(get_params: Callable[..., Sequence[Any]], vocab_size: int, num_hiddens: int, ctx: Any) -> list[Any]:
    """Call `get_params` as the book's closure or, if it cannot be called so, with its sizes."""
    try:
        inspect.signature(get_params).bind()
    except TypeError:
        params = get_params(vocab_size, num_hiddens, ctx)
    else:
        params = get_params()
    check_list("what get_params returns", params, "parameters")
    return list(params)


@using_nd()
def train_and_sample(
    model: Any,
    optimizer: Optimizer,
    corpus: Corpus,
    schedule: Schedule,
    *,
    ctx: Any,
    report: Callable[[Epoch, Sequence[str]], None],
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
    summed: bool = False,
    sample: Callable[[str], str] | None = None,
    history: list[Epoch] | None = None,
    start: TrainingState | None = None,
    checkpointer: Checkpointer | None = None,
) -> None:
    """Train a model by a schedule, and report perplexity and samples every `pred_period` epochs."""
    data_iter = data_iter_random if schedule.is_random_iter else data_iter_consecutive
    indices = as_array(corpus.corpus_indices)  # once, and not once an epoch

    def write_on(prefix: str) -> str:
        return continue_text(model, prefix, schedule.pred_len, ctx, corpus.idx_to_char, corpus.char_to_idx)

    if start is None:
        start = TrainingState(1, RandomStates.now())
    state = start

    def run_epoch(epoch: int, guard: NonFiniteGuard) -> tuple[float, float]:
        begun = RandomStates.now()
        goes_on = epoch == start.epoch
        clock = time.perf_counter() - (start.seconds if goes_on else 0)

        def after_batch(reached: TrainingState) -> None:
            nonlocal state
            if checkpointer is not None:
                seconds = time.perf_counter() - clock
                state = reached._replace(seconds=seconds, diverged=start.diverged or guard.diverged)
                checkpointer.after(state)

        return loop.train_epoch(
            model,
            data_iter(indices, schedule.batch_size, schedule.num_steps, ctx),
            optimizer,
            ctx=ctx,
            carry_state=not schedule.is_random_iter,
            guard=guard,
            epoch=epoch,
            summed=summed,
            start=start if goes_on else TrainingState(epoch, begun),
            after_batch=after_batch,
        )

    def after_epoch(epoch: int) -> TrainingState:
        return TrainingState(epoch + 1, RandomStates.now(), loss=state.loss, diverged=state.diverged)

    def on_epoch(totals: Totals) -> bool:
        result = Epoch(totals.epoch, totals.perplexity, totals.seconds)
        if history is not None:
            history.append(result)
        if checkpointer is not None:
            checkpointer.hold(after_epoch(result.epoch))
        samples: list[str] = []
        if schedule.prints_after(result.epoch):
            samples = [(sample or write_on)(prefix) for prefix in schedule.prefixes]
            report(result, samples)
        ends = ends_training(callback, *result, samples)
        if checkpointer is not None:
            checkpointer.after(after_epoch(result.epoch))
        return ends

    if start.epoch <= schedule.num_epochs:
        with exclusive_training(model):  # between epochs, too
            train(
                run_epoch,
                num_epochs=schedule.num_epochs,
                on_epoch=on_epoch,
                # what was reported before is not reported again
                on_nonfinite="ignore" if start.diverged and on_nonfinite == "warn" else on_nonfinite,
                progress=progress,
                first_epoch=start.epoch,
                seconds=start.seconds,
            )


def epoch_lines(result: Epoch, samples: Sequence[str]) -> list[str]:
    """Return the lines that this edition prints: perplexity, then the samples.

    Examples
    --------
    >>> print(*epoch_lines(Epoch(50, 69.470822, 1.638), ["abc"]), sep=chr(10))
    epoch 50, perplexity 69.470822, time 1.64 sec
     - abc
    """
    return [f"epoch {result.epoch}, perplexity {result.perplexity:f}, time {result.seconds:.2f} sec"] + [
        f" - {sample}" for sample in samples
    ]


def reporter(progress: bool) -> Callable[[Epoch, Sequence[str]], None]:
    """Return a function that prints `epoch_lines`, above the progress bar if there is one."""
    write = printer(progress)
    return lambda result, samples: write("\n".join(epoch_lines(result, samples)))
