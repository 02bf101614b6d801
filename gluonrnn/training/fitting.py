"""The high-level API: `fit` a model on a corpus, and `resume` an interrupted run.

The command line calls `begin` and `go_on`, as `fit` and `resume` do, and computes nothing itself.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Mapping, Sequence

from gluonrnn._checks import check_path
from gluonrnn.corpus.lookup import KNOWN_CORPORA
from gluonrnn.corpus.text import Corpus
from gluonrnn.devices import device_or_default
from gluonrnn.training import loop
from gluonrnn.training.checkpoints import PathLike, read_checkpoint
from gluonrnn.training.folders import MODEL_NAME, RunFolder
from gluonrnn.training.language_model import LanguageModel, model_from
from gluonrnn.training.networks import new_network, optimizer_of
from gluonrnn.training.options import Options
from gluonrnn.training.resuming import progress_of, state_on_device, text_again
from gluonrnn.training.run import Run, RunSettings, train_run
from gluonrnn.training.sources import Source, name_of
from gluonrnn.training.state import RandomStates, TrainingState
from gluonrnn.training.trainer import Callback

__all__ = ["begin", "fit", "go_on", "resume"]

UNCHANGED = "unchanged"


def fit(
    corpus: Corpus | PathLike = "lyrics",
    *,
    text: str | None = None,
    encoding: str = "utf-8",
    max_chars: int | str | None = "book",
    keep_newlines: bool = False,
    cell: str = "rnn",
    layers: str = "scratch",
    num_hiddens: int = 256,
    sampling: str = "consecutive",
    num_epochs: int = 200,
    num_steps: int = 35,
    batch_size: int = 32,
    lr: float = 1e2,
    clipping_theta: float | None = 1e-2,
    pred_period: int = 50,
    pred_len: int = 50,
    prefixes: Sequence[str] | None = None,
    seed: int | None = None,
    ctx: Any | None = None,
    verbose: bool = False,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
    out: PathLike | None = None,
    overwrite: bool = False,
    checkpoint_epochs: int | None = None,
    checkpoint_minutes: float | None = 1.0,
) -> LanguageModel:
    """Train a character model on a corpus.

    Parameters
    ----------
    corpus : Corpus, str or path-like
        The name of a known corpus, a file of your own, or what `load_corpus` returns.
    text : str, optional
        The text itself, in place of a corpus.
    encoding, max_chars, keep_newlines
        How a file or a text is read; see `load_corpus`.
    cell, layers, num_hiddens
        The model; see `Options`.
    sampling, num_epochs, num_steps, batch_size, lr, clipping_theta
        How it is trained; see `Options`. The defaults are the book's.
    pred_period, pred_len
        When samples are drawn, and how long they are; see `Options`.
    prefixes : sequence of str, optional
        What samples start from; by default the prefixes of the known corpus, or the first two
        characters of another text.
    seed : int, optional
        Seeds Python, NumPy and MXNet first, so that the run can be repeated.
    ctx : mxnet.Context, optional
        Where the model lives; by default the first GPU that works, or the CPU (`try_gpu`).
    verbose : bool
        Whether to print perplexity and samples every `pred_period` epochs, as the book does.
    callback : function, optional
        ``callback(epoch, perplexity, seconds, samples)`` after every epoch; to end the training
        there, it raises `StopTraining` or returns True.
    progress : bool
        Whether to show a progress bar on stderr.
    on_nonfinite : {"warn", "raise", "ignore"}
        What to do at the first loss that is NaN or infinite.
    out : str or path-like, optional
        A folder to keep the run in: model, history, plot, options and log. `resume` goes on with
        it after whatever ended it. Nothing is written without it.
    overwrite : bool
        Whether a run that is in `out` may be replaced; it is when the new one is finished.
    checkpoint_epochs : int, optional
        Write the model into `out` every that many epochs.
    checkpoint_minutes : float, optional
        Write the model into `out` whenever that many minutes have gone by, within an epoch, too;
        0 is after each batch, and None is never.

    Returns
    -------
    LanguageModel
        Trained.

    Raises
    ------
    TypeError, ValueError
        Before anything is trained: if an argument is not of its kind or out of its range, or the
        corpus is too short for one batch.
    UnknownCharacterError
        Before anything is trained: if a prefix has a character that the corpus lacks.
    FileExistsError, BlockingIOError
        Before anything is trained: if `out` holds a run, or another run is writing there.
    NonFiniteLossError
        With ``on_nonfinite="raise"``.
    KeyboardInterrupt
        On Ctrl-C, after the batch in hand; pressed again, it acts at once.
    SystemExit
        If the process was told to end (``SIGTERM``, ``SIGHUP``) while it kept a run in `out`, once that is safe.

    Warns
    -----
    CheckpointWarning
        If `out` cannot be written to any more; training goes on, and the model is kept.

    Notes
    -----
    Whatever exception ends the training carries the model, as far as it had come, as its attribute
    ``model``: ``except KeyboardInterrupt as error: model = error.model``.

    Examples
    --------
    >>> model = fit(text="over and over " * 20, cell="gru", num_hiddens=16, num_steps=7, batch_size=4,
    ...             num_epochs=60, seed=1)
    >>> model.history[-1].perplexity < 1.2
    True
    """
    found, source = _read(corpus, text, encoding=encoding, max_chars=max_chars, keep_newlines=keep_newlines)
    options: dict[str, Any] = {
        "cell": cell,
        "layers": layers,
        "num_hiddens": num_hiddens,
        "sampling": sampling,
        "num_epochs": num_epochs,
        "num_steps": num_steps,
        "batch_size": batch_size,
        "lr": lr,
        "clipping_theta": clipping_theta,
        "pred_period": pred_period,
        "pred_len": pred_len,
    }
    if prefixes is not None:
        options["prefixes"] = prefixes
    settings = RunSettings(verbose, callback, progress, on_nonfinite, checkpoint_epochs, checkpoint_minutes)
    return begin(found, source, options, out, settings, overwrite=overwrite, seed=seed, ctx=ctx)


def _read(corpus: Any, text: str | None, **reading: Any) -> tuple[Corpus, Source | None]:
    """Return the corpus that `fit` was given, and where it came from."""
    if text is not None:
        if not isinstance(corpus, str) or corpus != "lyrics":
            raise TypeError("fit takes a corpus or text=, but both were given: leave one of them out")
        source = Source("", **reading)
        return source.load(text), source
    if not isinstance(corpus, tuple):
        source = Source(name_of(corpus), **reading)
        return source.load(), source
    if Source("", **reading) != Source(""):
        raise TypeError(
            "encoding, max_chars and keep_newlines say how a file or a text is read, but this corpus is read already: "
            "pass them to load_corpus"
        )
    return Corpus(*corpus), None  # the book's four values are one, too


def begin(
    corpus: Corpus,
    source: Source | None,
    options: Mapping[str, Any],
    out: PathLike | RunFolder | None,
    settings: RunSettings,
    *,
    overwrite: bool = False,
    seed: int | None = None,
    ctx: Any | None = None,
) -> LanguageModel:
    """`fit`, once the corpus is read; the command line calls it, too."""
    if "prefixes" not in options:
        options = {**options, "prefixes": _start_of(corpus, source)}
    chosen = Options(**options)
    settings.check(corpus, chosen)
    if out is not None and not isinstance(out, RunFolder):
        check_path("out", out)
    ctx = device_or_default(ctx)
    folder = out if out is None or isinstance(out, RunFolder) else RunFolder(out, overwrite=overwrite)
    if seed is not None:
        loop.seed(seed)
    network = new_network(chosen, corpus.vocab_size, ctx)
    # idx_to_char may be a dict
    model = LanguageModel(chosen, [corpus.idx_to_char[i] for i in range(corpus.vocab_size)], network, ctx)
    model.seed = seed
    return train_run(
        Run(model, optimizer_of(network, chosen), corpus, source),
        TrainingState(1, RandomStates.now()),
        folder,
        settings,
    )


def _start_of(corpus: Corpus, source: Source | None) -> Sequence[str]:
    """Return the default prefixes of a corpus."""
    if source is not None and source.name in KNOWN_CORPORA:
        return KNOWN_CORPORA[source.name].prefixes
    return ["".join(corpus.idx_to_char[int(index)] for index in corpus.corpus_indices[:2])]


def resume(
    run: PathLike,
    corpus: Corpus | PathLike | None = None,
    *,
    text: str | None = None,
    num_epochs: int | None = None,
    lr: float | None = None,
    clipping_theta: float | str | None = UNCHANGED,
    pred_period: int | None = None,
    pred_len: int | None = None,
    prefixes: Sequence[str] | None = None,
    ctx: Any | None = None,
    verbose: bool = False,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
    checkpoint_epochs: int | None = None,
    checkpoint_minutes: float | None = 1.0,
) -> LanguageModel:
    """Go on with a run that `fit` kept in a folder, from its last checkpoint.

    What comes out is, to the bit, what the run would have come to without the break: on the same
    machine, with the same number of threads.

    Parameters
    ----------
    run : str or path-like
        The folder that was given to `fit` as `out`.
    corpus : Corpus, str or path-like, optional
        The text, where it is not where it was, or was never in a file.
    text : str, optional
        The text itself, in place of a corpus; it is read as it was.
    num_epochs : int, optional
        Epochs in all, from the first on; a finished run goes on if it is larger.
    lr, pred_period, pred_len, prefixes : optional
        As for `fit`, from here on; as they were if left out.
    clipping_theta : float or None
        The same; None is no clipping.
    ctx : mxnet.Context, optional
        Where the model lives; by default the first GPU that works, or the CPU (`try_gpu`).
    verbose, callback, progress, on_nonfinite, checkpoint_epochs, checkpoint_minutes
        As for `fit`.

    Returns
    -------
    LanguageModel
        Trained, with the whole history.

    Raises
    ------
    FileNotFoundError
        If there is no run in the folder, or its text is not found.
    ModelFileError
        If its model cannot be read, or says nothing of its training.
    TypeError, ValueError
        If the text is not the one that the run was begun with, or an option is not of its kind.
    BlockingIOError
        If another run is at work in the folder.
    NonFiniteLossError, KeyboardInterrupt, SystemExit
        As for `fit`.

    Examples
    --------
    >>> import tempfile
    >>> text, folder = "over and over " * 20, tempfile.mkdtemp()
    >>> stopped = fit(text=text, num_hiddens=16, num_steps=7, batch_size=4, num_epochs=5, seed=1, out=folder,
    ...               callback=lambda epoch, *_: epoch == 2)
    >>> len(stopped.history), len(resume(folder, text=text).history)
    (2, 5)
    """
    check_path("run", run)
    if corpus is not None and text is not None:
        raise TypeError("resume takes a corpus or text=, but both were given: leave one of them out")
    changes: dict[str, Any] = {
        "num_epochs": num_epochs,
        "lr": lr,
        "pred_period": pred_period,
        "pred_len": pred_len,
        "prefixes": prefixes,
    }
    changes = {name: value for name, value in changes.items() if value is not None}
    if not isinstance(clipping_theta, str) or clipping_theta != UNCHANGED:
        changes["clipping_theta"] = clipping_theta
    settings = RunSettings(verbose, callback, progress, on_nonfinite, checkpoint_epochs, checkpoint_minutes)
    return go_on(run, corpus, changes, settings, text=text, ctx=ctx)


def go_on(
    run: PathLike | RunFolder,
    corpus: Corpus | PathLike | None,
    changes: Mapping[str, Any],
    settings: RunSettings,
    *,
    text: str | None = None,
    ctx: Any | None = None,
) -> LanguageModel:
    """`resume`, with its options as a mapping; the command line calls it, too."""
    ctx = device_or_default(ctx)
    folder = run if isinstance(run, RunFolder) else RunFolder.again(run)
    folder.open()  # before it is read: another run may be about to write its last checkpoint
    try:
        path = folder.path / MODEL_NAME
        checkpoint = read_checkpoint(folder.where / MODEL_NAME)
        before = progress_of(path, checkpoint)
        chosen = replace(checkpoint.options, **changes)
        found, source = text_again(path, checkpoint, before, corpus, text)
        settings.check(found, chosen)
        model = model_from(checkpoint._replace(options=chosen), path, ctx)
        model.seed = before.seed
        state = state_on_device(path, before.state, model)
    except BaseException:
        folder.close()
        raise
    if state.random_states is not None:
        state.random_states.restore()
    optimizer = optimizer_of(model.network, chosen)
    optimizer.load(before.optimizer)
    return train_run(Run(model, optimizer, found, source), state, folder, settings)
