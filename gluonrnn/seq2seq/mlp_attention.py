"""Attention as the edition of 2019 to 2020 has it.

Source: *Dive into Deep Learning* (2019-20 edition), section "Attention mechanisms"; `d2l` 0.11.4.
"""

from __future__ import annotations

from typing import Any

from gluonrnn._arrays import in_own_world, namespaces
from gluonrnn._checks import check_count
from gluonrnn._mxnet import gluon
from gluonrnn.seq2seq import attention
from gluonrnn.seq2seq.attention import check_parts, pairwise_sums
from gluonrnn.seq2seq.blocks import NumPyBlock, check_odds

__all__ = ["DotProductAttention", "MLPAttention", "masked_softmax"]


def masked_softmax(X: Any, valid_len: Any) -> Any:
    """Return the softmax along the last axis, of as many entries as are valid; the others get 0.

    Parameters
    ----------
    X : array, (batch_size, num_queries, num_keys)
        Scores.
    valid_len : array, (batch_size,) or (batch_size, num_queries), or None
        How many entries count, as in `gluonrnn.seq2seq.attention.masked_softmax`.

    Returns
    -------
    array, the shape of `X`

    Raises
    ------
    TypeError
        If the arrays are of both worlds, or `valid_len` is no array.
    ValueError
        If the shapes do not fit, or a length is negative or NaN.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition), section "Attention mechanisms"; `d2l` 0.11.4.

    Examples
    --------
    >>> from mxnet import np
    >>> masked_softmax(np.zeros((2, 1, 4)), np.array([2, 4])).tolist()
    [[[0.5, 0.5, 0.0, 0.0]], [[0.25, 0.25, 0.25, 0.25]]]
    """
    return attention.masked_softmax(X, valid_len)


class DotProductAttention(attention.DotProductAttention):
    """Attention that scores a query and a key by their scaled dot product.

    Parameters
    ----------
    dropout : float
        The odds that a weight is dropped, while training.
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    Raises
    ------
    TypeError, ValueError
        If `dropout` is no number from 0 to 1.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition), section "Attention mechanisms"; `d2l` 0.11.4.

    Examples
    --------
    >>> from mxnet import np
    >>> layer = DotProductAttention(dropout=0.5)
    >>> key, value = np.ones((2, 4, 3)), np.array([[[1, 10], [3, 30], [5, 50], [7, 70]]] * 2)
    >>> layer(np.ones((2, 1, 3)), key, value, np.array([2, 4])).tolist()
    [[[2.0, 20.0]], [[4.0, 40.0]]]
    """

    def forward(self, query: Any, key: Any, value: Any, valid_len: Any = None) -> Any:
        """Return the average of the values for each query, as the class above it does.

        Parameters
        ----------
        query : mxnet.np.ndarray, (batch_size, num_queries, d)
            What is looked for.
        key : mxnet.np.ndarray, (batch_size, num_keys, d)
            What is compared with it.
        value : mxnet.np.ndarray, (batch_size, num_keys, value_size)
            What is averaged.
        valid_len : mxnet.np.ndarray, optional
            As in `masked_softmax`.

        Returns
        -------
        mxnet.np.ndarray, (batch_size, num_queries, value_size), float32
        """
        return super().forward(query, key, value, valid_len)


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

    @in_own_world
    def forward(self, query: Any, key: Any, value: Any, valid_len: Any) -> Any:
        """Return the average of the values for each query.

        Parameters
        ----------
        query : mxnet.np.ndarray, (batch_size, num_queries, query_size)
            What is looked for.
        key : mxnet.np.ndarray, (batch_size, num_keys, key_size)
            What is compared with it.
        value : mxnet.np.ndarray, (batch_size, num_keys, value_size)
            What is averaged.
        valid_len : mxnet.np.ndarray or None
            As in `masked_softmax`.

        Returns
        -------
        mxnet.np.ndarray, (batch_size, num_queries, value_size), float32
        """
        check_parts(query=query, key=key, value=value)
        of_query, of_key = self.W_k(query), self.W_q(key)  # crosswise, see the Notes
        scores = self.v(pairwise_sums(of_query, of_key)).squeeze(axis=-1)
        _, npx = namespaces()
        return npx.batch_dot(self.dropout(masked_softmax(scores, valid_len)), value)
