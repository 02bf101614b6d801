"""The English-French sentences of the book: read them, and load them in batches.

Source: *Dive into Deep Learning* (2020-22 edition), section 9.5 "Machine translation and the
dataset"; `d2l` 0.17.6.
"""

from __future__ import annotations

import os
from typing import Any

from gluonrnn._checks import check_count
from gluonrnn.corpus import hub
from gluonrnn.seq2seq.data import batches_nmt, preprocess_nmt, tokenize_nmt

__all__ = ["load_data_nmt", "read_data_nmt"]


def read_data_nmt() -> str:
    r"""Read the English-French sentences, a pair on each line with a tab between.

    Returns
    -------
    str
        The text of ``fra-eng/fra.txt``. Where that folder is unpacked already, it is used as it
        is; else the archive is looked for and fetched, see `gluonrnn.corpus.hub.download_extract`.

    Raises
    ------
    CorpusNotFoundError
        If it is nowhere and cannot be fetched.
    ValueError
        If the archive is damaged, or does not hold the file.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.5; `d2l` 0.17.6.

    Examples
    --------
    >>> source, target = tokenize_nmt(preprocess_nmt(read_data_nmt()))  # doctest: +SKIP
    """
    path = os.path.join(hub.download_extract("fra-eng"), "fra.txt")
    if not os.path.isfile(path):
        raise ValueError(
            f"the sentences are in a file fra.txt, but there is no {path}: remove the folder and try again"
        )
    with open(path, encoding="utf-8") as file:
        return file.read()


def load_data_nmt(batch_size: int, num_steps: int, num_examples: int = 600) -> tuple[Any, Any, Any]:
    """Load the English-French sentences in shuffled batches, with the vocabulary of either language.

    Parameters
    ----------
    batch_size : int
        Pairs in a batch; the last one may be smaller.
    num_steps : int
        The length of each row of indices: longer sentences are cut, shorter ones padded.
    num_examples : int
        About how many lines are taken from the start, see `tokenize_nmt`; 0 for all of them.

    Returns
    -------
    data_iter : mxnet.gluon.data.DataLoader
        Gives batches of X (batch_size, num_steps), X_valid_len (batch_size,), Y and Y_valid_len.
    src_vocab, tgt_vocab : Vocab
        The vocabularies: words that occur twice and more, after ``<unk>``, ``<pad>``, ``<bos>``
        and ``<eos>``.

    Raises
    ------
    CorpusNotFoundError
        If the sentences are nowhere and cannot be fetched.
    TypeError, ValueError
        If a number is not a whole number that is large enough, or the text holds no pair.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.5; `d2l` 0.17.6.

    Examples
    --------
    >>> data_iter, src_vocab, tgt_vocab = load_data_nmt(batch_size=64, num_steps=10)  # doctest: +SKIP
    """
    # before anything is fetched
    batch_size, num_steps = check_count("batch_size", batch_size), check_count("num_steps", num_steps)
    source, target = tokenize_nmt(preprocess_nmt(read_data_nmt()), num_examples)
    return batches_nmt(source, target, batch_size, num_steps)
