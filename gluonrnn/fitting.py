"""The high-level API: fit a model on a corpus, keep it while it learns, and go on another day.

The command line calls these and computes nothing itself.
"""

from __future__ import annotations

from typing import Any

from gluonrnn import training
from gluonrnn.checkpoints import PathLike, read_checkpoint
from gluonrnn.checks import check_context, check_path
from gluonrnn.contexts import try_gpu
from gluonrnn.corpora import KNOWN_CORPORA
from gluonrnn.editions.gluonbook import reporter
from gluonrnn.keeping.folders import MODEL_NAME, RunFolder
from gluonrnn.keeping.going_on import changed, progress_of, standing_on_device, text_again
from gluonrnn.keeping.keepers import check_intervals
from gluonrnn.keeping.run import Report, Run, train_run
from gluonrnn.keeping.sources import Source, name_of
from gluonrnn.keeping.standing import RandomStates, Standing
from gluonrnn.language_model import LanguageModel, model_from
from gluonrnn.networks import new_network, updater_of
from gluonrnn.options import OPTION_NAMES, Options
from gluonrnn.runs import Callback, check_run
from gluonrnn.text import Corpus

__all__ = ["fit", "resume"]


def fit(
    corpus: Corpus | PathLike = "lyrics",
    *,
    ctx: Any | None = None,
    seed: int | None = None,
    verbose: bool = False,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
    out: PathLike | RunFolder | None = None,
    overwrite: bool = False,
    checkpoint_epochs: int | None = None,
    checkpoint_minutes: float | None = 1.0,
    source: Source | None = None,
    **options: Any,
) -> LanguageModel:
    """Train a character model on a corpus.

    Parameters
    ----------
    corpus : Corpus, str or path-like
        A name, or a file of your own in UTF-8; for other encodings, and to keep newlines or a
        part of the text, what `load_corpus` returns.
    ctx : mxnet.Context, optional
        Where to train; by default the first GPU that works, or the CPU.
    seed : int, optional
        Seeds Python, NumPy and MXNet first, so that the run can be repeated.
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
    source : Source, optional
        Where a `Corpus` came from, so that `resume` finds its text by itself.
    **options
        The fields of `Options`: `cell`, `layers`, `num_hiddens`, `sampling`, `num_epochs`,
        `num_steps`, `batch_size`, `lr`, `clipping_theta`, `pred_period`, `pred_len`, `prefixes`.
        The defaults are the book's; samples start from the known corpus's prefixes, or from
        the first two characters of another text.

    Returns
    -------
    LanguageModel
        Trained; on Ctrl-C, as far as it had come, with `interrupted` set.

    Raises
    ------
    TypeError, ValueError
        Before anything is trained: if an option is unknown or out of its range, or the corpus is
        too short for one batch.
    UnknownCharacterError
        Before anything is trained: if a prefix has a character that the corpus lacks.
    FileExistsError, BlockingIOError
        Before anything is trained: if `out` holds a run, or another run is writing there.
    NonFiniteLossError
        With ``on_nonfinite="raise"``.
    SystemExit
        If the process was told to end (``SIGTERM``, ``SIGHUP``) while it kept a run in `out`, once that is safe.

    Warns
    -----
    CheckpointWarning
        If `out` cannot be written to any more; training goes on, and the model is kept.

    Notes
    -----
    Ctrl-C lets the batch in hand end; pressed again, it acts at once. An exception that ends the
    training carries the model, as far as it had come, as its attribute ``model``.

    Examples
    --------
    >>> from gluonrnn import load_corpus
    >>> model = fit(load_corpus(text="over and over " * 20), cell="gru", num_hiddens=16, num_steps=7,
    ...             batch_size=4, num_epochs=60, seed=1)
    >>> model.history[-1].perplexity < 1.2
    True
    """
    _check_names(options)
    if not isinstance(corpus, tuple):
        source = Source(name_of(corpus))
        corpus = source.load()
    if "prefixes" not in options and source is not None and source.name in KNOWN_CORPORA:
        options["prefixes"] = KNOWN_CORPORA[source.name].prefixes
    corpus = Corpus(*corpus)  # the book's four values are one, too
    if "prefixes" not in options:
        options["prefixes"] = ["".join(corpus.idx_to_char[int(index)] for index in corpus.corpus_indices[:2])]
    chosen = Options(**options)
    check_run(corpus, chosen, callback=callback, on_nonfinite=on_nonfinite)
    check_intervals(checkpoint_epochs, checkpoint_minutes)
    if out is not None and not isinstance(out, RunFolder):
        check_path("out", out)
    check_context("ctx", ctx)
    folder = out if out is None or isinstance(out, RunFolder) else RunFolder(out, overwrite=overwrite)
    ctx = try_gpu() if ctx is None else ctx
    if seed is not None:
        training.seed(seed)
    network, update = new_network(chosen, corpus.vocab_size, ctx)
    # idx_to_char may be a dict
    model = LanguageModel(chosen, [corpus.idx_to_char[i] for i in range(corpus.vocab_size)], network, ctx)
    model.seed = seed
    return train_run(
        Run(model, update, corpus, source),
        Standing(1, RandomStates.now()),
        folder,
        epochs=checkpoint_epochs,
        minutes=checkpoint_minutes,
        report=_reporter(verbose, progress),
        callback=callback,
        progress=progress,
        on_nonfinite=on_nonfinite,
    )


def resume(
    run: PathLike | RunFolder,
    corpus: Corpus | PathLike | None = None,
    *,
    ctx: Any | None = None,
    verbose: bool = False,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
    checkpoint_epochs: int | None = None,
    checkpoint_minutes: float | None = 1.0,
    **options: Any,
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
    ctx, verbose, callback, progress, on_nonfinite, checkpoint_epochs, checkpoint_minutes
        As for `fit`.
    **options
        What is to be otherwise from here on: `num_epochs` (to train a finished run further, too),
        `lr`, `clipping_theta`, `pred_period`, `pred_len`, `prefixes`.

    Returns
    -------
    LanguageModel
        Trained, with the whole history; on Ctrl-C, as far as it had come.

    Raises
    ------
    FileNotFoundError
        If there is no run in the folder, or its text is not found.
    ModelFileError
        If its model cannot be read, or says nothing of its training.
    ValueError
        If the text is not the one that the run was begun with, or an option cannot be changed.
    BlockingIOError
        If another run is at work in the folder.
    NonFiniteLossError, SystemExit
        As for `fit`.

    Examples
    --------
    >>> import tempfile
    >>> from gluonrnn import load_corpus
    >>> corpus, folder = load_corpus(text="over and over " * 20), tempfile.mkdtemp()
    >>> small = {"num_hiddens": 16, "num_steps": 7, "batch_size": 4}
    >>> stopped = fit(corpus, num_epochs=5, seed=1, out=folder, callback=lambda epoch, *_: epoch == 2, **small)
    >>> len(stopped.history), len(resume(folder, corpus).history)
    (2, 5)
    """
    if not isinstance(run, RunFolder):
        check_path("run", run)
    check_context("ctx", ctx)
    check_intervals(checkpoint_epochs, checkpoint_minutes)
    folder = run if isinstance(run, RunFolder) else RunFolder.again(run)
    folder.open()  # before it is read: another run may be about to write its last checkpoint
    try:
        path = folder.path / MODEL_NAME
        checkpoint = read_checkpoint(folder.where / MODEL_NAME)
        before = progress_of(path, checkpoint)
        chosen = changed(checkpoint.options, options)
        found, source = text_again(path, checkpoint, before, corpus)
        check_run(found, chosen, callback=callback, on_nonfinite=on_nonfinite)
        model = model_from(checkpoint._replace(options=chosen), path, try_gpu() if ctx is None else ctx)
        model.seed = before.seed
        standing = standing_on_device(path, before.standing, model)
    except BaseException:
        folder.close()
        raise
    standing.random_states.restore()
    return train_run(
        Run(model, updater_of(model.network, chosen), found, source),
        standing,
        folder,
        epochs=checkpoint_epochs,
        minutes=checkpoint_minutes,
        report=_reporter(verbose, progress),
        callback=callback,
        progress=progress,
        on_nonfinite=on_nonfinite,
    )


def _reporter(verbose: bool, progress: bool) -> Report:
    return reporter(progress) if verbose else (lambda epoch, samples: None)


def _check_names(options: dict[str, Any]) -> None:
    for name in options:
        if name in ("encoding", "keep_newlines", "max_chars", "path", "text"):
            raise TypeError(f"fit has no option {name!r}: pass load_corpus(..., {name}=...) as the corpus")
        if name not in OPTION_NAMES:
            raise TypeError(f"fit has no option {name!r}: choose from {', '.join(OPTION_NAMES)}")
