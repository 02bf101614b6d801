"""A model that was trained: it writes, and it is saved and loaded."""

from __future__ import annotations

from typing import Any, Sequence

from gluonrnn._checks import check_count, check_list, check_path
from gluonrnn._mxnet import mx
from gluonrnn.corpus.archives import readable
from gluonrnn.devices import device_or_default
from gluonrnn.errors import ModelFileError
from gluonrnn.generation.decoding import chooser, continue_text
from gluonrnn.training.checkpoints import Checkpoint, PathLike, Progress, read_checkpoint, write_checkpoint
from gluonrnn.training.loop import Epoch
from gluonrnn.training.networks import network_from, weights_of
from gluonrnn.training.options import Options
from gluonrnn.version import __version__

__all__ = ["LanguageModel", "load", "model_from"]


class LanguageModel:
    """A character model with its vocabulary, its options and its history.

    `gluonrnn.fit`, `gluonrnn.resume` and `load` make one.

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
    seed : int or None
        What its training was begun with, if that is known.

    Examples
    --------
    >>> from gluonrnn import fit, load_corpus
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
        self.seed: int | None = None

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
        >>> from gluonrnn import fit, load_corpus
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

        Raises
        ------
        TypeError
            If it is no path.
        OSError
            If it cannot be written.
        """
        check_path("path", path)
        write_checkpoint(path, self.checkpoint())

    def checkpoint(self, progress: Progress | None = None) -> Checkpoint:
        """Return a checkpoint of the model as it is now, with copies of its arrays.

        Parameters
        ----------
        progress : Progress, optional
            What it takes to train on.

        Returns
        -------
        gluonrnn.training.checkpoints.Checkpoint
        """
        weights = {name: weight.asnumpy() for name, weight in weights_of(self.network, self.options).items()}
        return Checkpoint(weights, self.idx_to_char, self.options, list(self.history), versions(), progress)


def versions() -> dict[str, str]:
    """Return the versions that a model file records."""
    return {"gluonrnn": __version__, "mxnet": mx.__version__}


def load(path: PathLike, *, ctx: Any | None = None, vocabulary: Sequence[str] | None = None) -> LanguageModel:
    """Load a model that `LanguageModel.save` wrote.

    Parameters
    ----------
    path : str or path-like
        The file.
    ctx : mxnet.Context, optional
        Where the model lives; by default the first GPU that works, or the CPU (`try_gpu`).
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
    >>> from gluonrnn import fit, load_corpus
    >>> model = fit(load_corpus(text="over and over " * 20), num_hiddens=16, num_steps=7, batch_size=4,
    ...             num_epochs=40, seed=1)
    >>> path = os.path.join(tempfile.mkdtemp(), "model.safetensors")
    >>> model.save(path)
    >>> load(path).generate(prefix="over", length=10)
    'over and over '
    """
    check_path("path", path)
    ctx = device_or_default(ctx)
    if vocabulary is not None:
        check_list("vocabulary", vocabulary, "characters")
    return model_from(read_checkpoint(path, vocabulary=vocabulary), path, ctx)


def model_from(checkpoint: Checkpoint, path: PathLike, ctx: Any) -> LanguageModel:
    """Build the model of a checkpoint."""
    try:
        network = network_from(checkpoint.weights, checkpoint.options, len(checkpoint.vocabulary), ctx)
    except ValueError as error:
        raise ModelFileError(
            f"the parts of {path} do not fit each other ({readable(error)}): copy it anew or train again"
        ) from None
    return LanguageModel(checkpoint.options, checkpoint.vocabulary, network, ctx, checkpoint.history)
