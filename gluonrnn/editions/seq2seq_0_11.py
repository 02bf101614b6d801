"""Translation as the edition of 2019 to 2020 has it: an LSTM, and attention under older names.

Source: *Dive into Deep Learning* (2019-20 edition), sections "Sequence to sequence" and "Attention
mechanisms"; `d2l` 0.11.4.
"""

from __future__ import annotations

from typing import Any

from gluonrnn import seq2seq
from gluonrnn._arrays import in_own_array_type, namespaces
from gluonrnn._checks import check_count
from gluonrnn._mxnet import gluon, mx  # noqa: F401 (mx is for the examples)
from gluonrnn.editions.declarations import Edition
from gluonrnn.seq2seq.attention import check_parts, pairwise_sums
from gluonrnn.seq2seq.blocks import NumPyBlock, check_odds

__all__ = ["DotProductAttention", "MLPAttention", "Seq2SeqDecoder", "Seq2SeqEncoder", "masked_softmax"]

_edition = Edition(__name__, '*Dive into Deep Learning* (2019-20 edition), "Attention mechanisms"; `d2l` 0.11.4.')
_translation = Edition(
    __name__,
    '*Dive into Deep Learning* (2019-20 edition), section "Sequence to sequence"; `d2l` 0.11.4.',
    {
        "Layers of the GRU": "Layers of the LSTM",
        "gluon.rnn.GRU": "gluon.rnn.LSTM",
        "((7, 4, 16), 1,": "((7, 4, 16), 2,",
        "((4, 7, 12), 1,": "((4, 7, 12), 2,",
    },
)


@_translation.documented(
    seq2seq.Seq2SeqEncoder,
    {"": "An encoder that reads indices with an LSTM."},
)
class Seq2SeqEncoder(seq2seq.Seq2SeqEncoder):
    _layer = gluon.rnn.LSTM


@_translation.documented(
    seq2seq.Seq2SeqDecoder,
    {
        "": "A decoder that reads indices with an LSTM, from the encoder's last state on.",
        "Notes": """
            On a CPU, MXNet 1.9.1 drops nothing between the layers of a recurrent layer, unless the variable
            ``MXNET_USE_MKLDNN_RNN=0`` is set.
            """,
    },
)
class Seq2SeqDecoder(seq2seq.Seq2SeqDecoder):
    _layer = gluon.rnn.LSTM

    def _inputs(self, embedded: Any, state: Any) -> Any:
        return embedded  # the encoder's state goes along only as the first state


masked_softmax = _edition.renamed(seq2seq.masked_softmax, valid_lens="valid_len")


@_edition.documented(seq2seq.DotProductAttention)
class DotProductAttention(seq2seq.DotProductAttention):
    forward = _edition.renamed(
        seq2seq.DotProductAttention.forward,
        queries="query",
        keys="key",
        values="value",
        valid_lens="valid_len",
    )


class MLPAttention(NumPyBlock):
    r"""Attention that scores a query and a key with a network, as it was before `AdditiveAttention`.

    .. math:: a(q, k) = v^\top (\tanh(W_k q) + \tanh(W_q k))

    Parameters
    ----------
    units : int
        Hidden units of that network.
    dropout : float
        The odds that a weight is dropped, while training.
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    Attributes
    ----------
    W_k, W_q, v : mxnet.gluon.nn.Dense
        The weights, without biases.
    dropout : mxnet.gluon.nn.Dropout
        What drops weights.

    Raises
    ------
    TypeError, ValueError
        If `units` is not a positive whole number, or `dropout` does not lie in [0, 1].

    Notes
    -----
    The hyperbolic tangent is taken of query and key each, and not of their sum; and ``W_k`` is
    what the query meets, ``W_q`` what the key meets. Both are so in the edition, and kept, so that
    its parameters fit. What the query adds to a score is then the same for all keys, so that the
    weights do not depend on it, and ``W_k`` learns nothing; `AdditiveAttention` mends that.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition), section "Attention mechanisms"; `d2l` 0.11.4.

    Examples
    --------
    >>> from mxnet import np
    >>> layer = MLPAttention(units=8, dropout=0.1)
    >>> layer.initialize()
    >>> key, value = np.ones((2, 4, 3)), np.array([[[1, 10], [3, 30], [5, 50], [7, 70]]] * 2)
    >>> layer(np.ones((2, 1, 3)), key, value, np.array([2, 4])).tolist()
    [[[2.0, 20.0]], [[4.0, 40.0]]]
    """

    def __init__(self, units: int, dropout: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        units = check_count("units", units)
        self.W_k = gluon.nn.Dense(units, activation="tanh", use_bias=False, flatten=False)
        self.W_q = gluon.nn.Dense(units, activation="tanh", use_bias=False, flatten=False)
        self.v = gluon.nn.Dense(1, use_bias=False, flatten=False)
        self.dropout = gluon.nn.Dropout(check_odds(dropout))

    @in_own_array_type
    @_edition.documented(
        seq2seq.AdditiveAttention.forward, queries="query", keys="key", values="value", valid_lens="valid_len"
    )
    def forward(self, query: Any, key: Any, value: Any, valid_len: Any) -> Any:  # noqa: D102
        check_parts(query=query, key=key, value=value)
        of_query, of_key = self.W_k(query), self.W_q(key)  # crosswise, see the Notes
        scores = self.v(pairwise_sums(of_query, of_key)).squeeze(axis=-1)
        _, npx = namespaces()
        return npx.batch_dot(self.dropout(masked_softmax(scores, valid_len)), value)
