"""The high-level API: fit a model on a corpus, generate from it, save and load it.

The command line calls these and computes nothing itself.
"""

from __future__ import annotations

from dataclasses import fields
from typing import Any, Sequence

from gluonrnn import training
from gluonrnn._mxnet import mx
from gluonrnn.checkpoints import Checkpoint, PathLike, read_checkpoint, write_checkpoint
from gluonrnn.checks import check_count
from gluonrnn.contexts import try_gpu
from gluonrnn.corpora import KNOWN_CORPORA, load_corpus
from gluonrnn.editions.gluonbook import reporter
from gluonrnn.errors import ModelFileError
from gluonrnn.generation import chooser, continue_text
from gluonrnn.networks import network_from, new_network, weights_of
from gluonrnn.options import Options
from gluonrnn.runs import Callback, check_run, train_and_sample
from gluonrnn.text import Corpus
from gluonrnn.training import Epoch
from gluonrnn.version import __version__

__all__ = ["LanguageModel", "fit", "load"]


class LanguageModel:
    """A character model with its vocabulary, its options and its history.

    `fit` and `load` make one.

    Parameters
    ----------
    options : Options
        What the model is and how it was trained.
    idx_to_char : sequence of str
        The character of each index.
    network : CellModel or RNNModel
        The model itself: ``network(X, state) -> (scores, state)``.
    ctx : mxnet.Context
        Where it lives.
    history : list of Epoch, optional
        Perplexity and seconds of each epoch.

    Attributes
    ----------
    interrupted : bool
        Whether the training was ended by Ctrl-C.

    Examples
    --------
    >>> fit(load_corpus(text="over and over " * 20), num_hiddens=16, num_steps=7, num_epochs=2, batch_size=4,
    ...     seed=1)  # doctest: +ELLIPSIS
    <LanguageModel rnn (scratch), 16 hidden units, 8 characters, 2 epochs, perplexity ...>
    """

    def __init__(
        self,
        options: Options,
        idx_to_char: Sequence[str],
        network: Any,
        ctx: Any,
        history: list[Epoch] | None = None,
    ) -> None:
        self.options = options
        self.idx_to_char = list(idx_to_char)
        self.char_to_idx = {char: i for i, char in enumerate(self.idx_to_char)}
        self.network = network
        self.ctx = ctx
        self.history: list[Epoch] = history or []
        self.interrupted = False

    def __repr__(self) -> str:
        options = self.options
        trained = f", perplexity {self.history[-1].perplexity:.2f}" if self.history else ""
        return (
            f"<LanguageModel {options.cell} ({options.layers}), {options.num_hiddens} hidden units, "
            f"{len(self.idx_to_char)} characters, {len(self.history)} epochs{trained}>"
        )

    def generate(
        self,
        *,
        prefix: str,
        length: int = 50,
        temperature: float = 0.0,
        top_k: int | None = None,
        seed: int | None = None,
        unknown: str = "raise",
    ) -> str:
        """Write on from a prefix.

        Parameters
        ----------
        prefix : str
            The text to start from.
        length : int
            How many characters to add.
        temperature : float
            0 takes the likeliest character each time, as the book does; 1 draws from the model's
            distribution, more is wilder.
        top_k : int, optional
            Draw only among that many likeliest characters.
        seed : int, optional
            Makes the draws repeatable.
        unknown : {"raise", "skip"}
            What becomes of a character of the prefix that the vocabulary does not hold.

        Returns
        -------
        str
            The prefix, to the letter, and `length` characters.

        Raises
        ------
        UnknownCharacterError
            At a character of the prefix that the vocabulary does not hold.
        TypeError, ValueError
            If an argument is not of its kind, the prefix is empty, or the model's scores are not
            finite.

        Examples
        --------
        >>> model = fit(load_corpus(text="over and over " * 20), num_hiddens=16, num_steps=7, batch_size=4,
        ...             num_epochs=40, seed=1)
        >>> model.generate(prefix="over", length=10)
        'over and over '
        >>> len(model.generate(prefix="over", length=10, temperature=0.8, top_k=3, seed=2))
        14
        """
        length = check_count("length", length, least=0)
        choose = chooser(temperature, top_k, seed)
        return continue_text(
            self.network,
            prefix,
            length,
            self.ctx,
            self.idx_to_char,
            self.char_to_idx,
            choose=choose,
            unknown=unknown,
        )

    def save(self, path: PathLike) -> None:
        """Write the model into one `.safetensors` file, with vocabulary, options and history.

        Parameters
        ----------
        path : str or path-like
            The file; it is replaced only when the new one is complete.
        """
        weights = {name: weight.asnumpy() for name, weight in weights_of(self.network, self.options).items()}
        versions = {"gluonrnn": __version__, "mxnet": mx.__version__}
        write_checkpoint(path, Checkpoint(weights, self.idx_to_char, self.options, self.history, versions))


def fit(
    corpus: Corpus | PathLike = "lyrics",
    *,
    ctx: Any | None = None,
    seed: int | None = None,
    verbose: bool = False,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
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
        ``callback(epoch, perplexity, seconds, samples)`` after every epoch; a true answer
        ends the training.
    progress : bool
        Whether to show a progress bar on stderr.
    on_nonfinite : {"warn", "raise", "ignore"}
        What to do at the first loss that is NaN or infinite.
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
    NonFiniteLossError
        With ``on_nonfinite="raise"``.

    Notes
    -----
    An exception that ends the training carries the model, as far as it had come, as its attribute
    ``model``.

    Examples
    --------
    >>> model = fit(load_corpus(text="over and over " * 20), cell="gru", num_hiddens=16, num_steps=7,
    ...             batch_size=4, num_epochs=60, seed=1)
    >>> model.history[-1].perplexity < 1.2
    True
    """
    _check_names(options)
    if "prefixes" not in options and isinstance(corpus, str) and corpus in KNOWN_CORPORA:
        options["prefixes"] = KNOWN_CORPORA[corpus].prefixes
    # a tuple is a Corpus, or the book's four values
    corpus = Corpus(*corpus) if isinstance(corpus, tuple) else load_corpus(corpus)
    if "prefixes" not in options:
        options["prefixes"] = ["".join(corpus.idx_to_char[int(index)] for index in corpus.corpus_indices[:2])]
    chosen = Options(**options)
    check_run(corpus, chosen, callback=callback, on_nonfinite=on_nonfinite)
    ctx = try_gpu() if ctx is None else ctx
    if seed is not None:
        training.seed(seed)
    network, update = new_network(chosen, corpus.vocab_size, ctx)
    # idx_to_char may be a dict
    model = LanguageModel(chosen, [corpus.idx_to_char[i] for i in range(corpus.vocab_size)], network, ctx)

    try:
        train_and_sample(
            network,
            update,
            corpus,
            chosen,
            ctx=ctx,
            report=reporter(progress) if verbose else (lambda epoch, samples: None),
            callback=callback,
            progress=progress,
            on_nonfinite=on_nonfinite,
            history=model.history,
        )
    except KeyboardInterrupt:
        model.interrupted = True
    except Exception as error:
        error.model = model  # type: ignore[attr-defined]  # for who wants what was learnt so far
        raise
    return model


def _check_names(options: dict[str, Any]) -> None:
    known = [field.name for field in fields(Options)]
    for name in options:
        if name in ("encoding", "keep_newlines", "max_chars", "path", "text"):
            raise TypeError(f"fit has no option {name!r}: pass load_corpus(..., {name}=...) as the corpus")
        if name not in known:
            raise TypeError(f"fit has no option {name!r}: choose from {', '.join(known)}")


def load(path: PathLike, *, ctx: Any | None = None, vocabulary: Sequence[str] | None = None) -> LanguageModel:
    """Load a model that `LanguageModel.save` wrote.

    Parameters
    ----------
    path : str or path-like
        The file.
    ctx : mxnet.Context, optional
        Where the model will live; the CPU by default.
    vocabulary : sequence of str, optional
        The vocabulary that the model must have, such as a corpus's ``idx_to_char``.

    Returns
    -------
    LanguageModel

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ModelFileError
        If it is damaged, foreign, of another vocabulary, or its weights do not fit its options.

    Examples
    --------
    >>> import os, tempfile
    >>> model = fit(load_corpus(text="over and over " * 20), num_hiddens=16, num_steps=7, batch_size=4,
    ...             num_epochs=40, seed=1)
    >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
    >>> model.save(path)
    >>> load(path).generate(prefix="over", length=10)
    'over and over '
    """
    checkpoint = read_checkpoint(path, vocabulary=vocabulary)
    ctx = mx.cpu() if ctx is None else ctx
    try:
        network = network_from(checkpoint.weights, checkpoint.options, len(checkpoint.vocabulary), ctx)
    except ValueError as error:
        raise ModelFileError(
            f"the parts of {path} do not fit each other ({error}): copy it anew or train again"
        ) from None
    return LanguageModel(checkpoint.options, checkpoint.vocabulary, network, ctx, checkpoint.history)
