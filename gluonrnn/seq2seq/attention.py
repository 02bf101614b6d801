"""Attention: an average of values, weighted by how well their keys fit a query.

Source: *Dive into Deep Learning* (2020-22 edition), section 10.3 "Attention scoring functions";
`d2l` 0.17.6.
"""

from __future__ import annotations

import math
from typing import Any

from gluonrnn._arrays import check_same_array_type, in_array_type_of_input, in_own_array_type, is_np, namespaces
from gluonrnn._checks import check_count, short_repr
from gluonrnn._mxnet import gluon, mx, nd
from gluonrnn._shapes import check_array, check_range
from gluonrnn.seq2seq.blocks import NumPyBlock, check_odds

__all__ = ["AdditiveAttention", "DotProductAttention", "masked_softmax"]


@in_array_type_of_input
def masked_softmax(X: Any, valid_lens: Any) -> Any:
    """Return the softmax along the last axis, of as many entries as are valid; the others get 0.

    Parameters
    ----------
    X : array, (batch_size, num_queries, num_keys)
        Scores, of either array type.
    valid_lens : array, (batch_size,) or (batch_size, num_queries), or None
        How many entries count, from the first on, for an example or for each of its queries; all,
        where it is more than there are, or None.

    Returns
    -------
    array, the shape of `X`
        Weights that sum to 1 along the last axis. Where no entry is valid, all weigh the same.

    Raises
    ------
    TypeError
        If the arrays are of both array types, or `valid_lens` is no array.
    ValueError
        If `valid_lens` does not fit `X`, or a length is negative or NaN.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 10.3; `d2l` 0.17.6.

    Examples
    --------
    >>> masked_softmax(mx.np.zeros((2, 1, 4)), mx.np.array([2, 4])).tolist()
    [[[0.5, 0.5, 0.0, 0.0]], [[0.25, 0.25, 0.25, 0.25]]]
    """
    _, npx = namespaces()
    if not isinstance(X, nd.NDArray):
        raise TypeError(f"X must be an array of scores, but it is {short_repr(X)}: pass mx.np.array(X)")
    if valid_lens is None:
        return npx.softmax(X)
    check_same_array_type("valid_lens", [X, valid_lens])
    if not isinstance(valid_lens, nd.NDArray):
        raise TypeError(
            f"valid_lens must be an array or None, but it is {short_repr(valid_lens)}: pass mx.np.array(valid_lens)"
        )
    if X.ndim != 3 or valid_lens.shape not in (X.shape[:1], X.shape[:2]):
        raise ValueError(
            "X must be (batch_size, num_queries, num_keys), and valid_lens (batch_size,) or (batch_size, num_queries), "
            f"but their shapes are {X.shape} and {valid_lens.shape}: pass a length for each example or each query"
        )
    batch_size, num_queries, num_keys = X.shape
    # exp(-1e6) is 0, and unlike with -inf, a row of which nothing is valid stays finite
    rows = masked(X.reshape((-1, num_keys)), valid_lens, -1e6, num_queries if valid_lens.ndim == 1 else 1)
    return npx.softmax(rows).reshape((batch_size, num_queries, num_keys))


def masked(X: Any, valid_lens: Any, value: float = 0, times: int = 1) -> Any:
    """Return rows with a value in place of what stands beyond the valid length of each, or of so many in turn.

    Examples
    --------
    >>> masked(nd.ones((2, 3)), nd.array([1, 3])).asnumpy().tolist()
    [[1.0, 0.0, 0.0], [1.0, 1.0, 1.0]]
    """
    # before anything is made of them: what the user has is there already, and nothing else is waited for
    check_range("an array of valid lengths", valid_lens, 2**31, "count the valid steps of each sequence, from 0 on")
    valid_lens = valid_lens.repeat(times) if times != 1 else valid_lens.reshape((-1,))
    sequence_mask = mx.npx.sequence_mask if is_np(X) else nd.SequenceMask
    return sequence_mask(X, valid_lens, True, value=value, axis=1)


class AdditiveAttention(NumPyBlock):
    r"""Attention that scores a query and a key with a network of one hidden layer.

    .. math:: a(q, k) = w_v^\top \tanh(W_q q + W_k k)

    Parameters
    ----------
    num_hiddens : int
        Hidden units of that network.
    dropout : float
        The odds that a weight is dropped, while training.
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    Attributes
    ----------
    W_k, W_q, w_v : mxnet.gluon.nn.Dense
        The weights, without biases.
    dropout : mxnet.gluon.nn.Dropout
        What drops weights.
    attention_weights : mxnet.np.ndarray, (batch_size, num_queries, num_keys)
        Those of the last call, before any was dropped.

    Raises
    ------
    TypeError, ValueError
        If `num_hiddens` is not a positive whole number, or `dropout` does not lie in [0, 1].

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 10.3; `d2l` 0.17.6. Bahdanau et al.,
    "Neural machine translation by jointly learning to align and translate", 2014.

    Examples
    --------
    >>> attention = AdditiveAttention(num_hiddens=8, dropout=0.1)
    >>> attention.initialize()
    >>> keys, values = mx.np.ones((2, 4, 3)), mx.np.array([[[1, 10], [3, 30], [5, 50], [7, 70]]] * 2)
    >>> attention(mx.np.ones((2, 1, 5)), keys, values, mx.np.array([2, 4])).tolist()
    [[[2.0, 20.0]], [[4.0, 40.0]]]
    """

    def __init__(self, num_hiddens: int, dropout: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        num_hiddens = check_count("num_hiddens", num_hiddens)
        self.W_k = gluon.nn.Dense(num_hiddens, use_bias=False, flatten=False)
        self.W_q = gluon.nn.Dense(num_hiddens, use_bias=False, flatten=False)
        self.w_v = gluon.nn.Dense(1, use_bias=False, flatten=False)
        self.dropout = gluon.nn.Dropout(check_odds(dropout))

    @in_own_array_type
    def forward(self, queries: Any, keys: Any, values: Any, valid_lens: Any) -> Any:
        """Return the average of the values for each query.

        Parameters
        ----------
        queries : mxnet.np.ndarray, (batch_size, num_queries, query_size)
            What is looked for.
        keys : mxnet.np.ndarray, (batch_size, num_keys, key_size)
            What is compared with it.
        values : mxnet.np.ndarray, (batch_size, num_keys, value_size)
            What is averaged.
        valid_lens : mxnet.np.ndarray or None
            As in `masked_softmax`.

        Returns
        -------
        mxnet.np.ndarray, (batch_size, num_queries, value_size), float32
        """
        check_parts(queries=queries, keys=keys, values=values)
        np, npx = namespaces()
        of_queries, of_keys = self.W_q(queries), self.W_k(keys)
        hidden = np.tanh(pairwise_sums(of_queries, of_keys))
        self.attention_weights = masked_softmax(self.w_v(hidden).squeeze(axis=-1), valid_lens)
        return npx.batch_dot(self.dropout(self.attention_weights), values)


def check_parts(**parts: Any) -> None:
    """Raise unless queries, keys and values are arrays of three axes.

    Examples
    --------
    >>> check_parts(queries=mx.np.ones((2, 1, 5)))
    """
    for name, part in parts.items():
        check_array(name, part, "batch_size, number, size")


def pairwise_sums(queries: Any, keys: Any) -> Any:
    """Return each query plus each key, (batch_size, num_queries, num_keys, size)."""
    np, _ = namespaces()
    return np.expand_dims(queries, 2) + np.expand_dims(keys, 1)


class DotProductAttention(NumPyBlock):
    r"""Attention that scores a query and a key by their scaled dot product.

    .. math:: a(q, k) = q^\top k / \sqrt{d}

    Parameters
    ----------
    dropout : float
        The odds that a weight is dropped, while training.
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    Attributes
    ----------
    dropout : mxnet.gluon.nn.Dropout
        What drops weights.
    attention_weights : mxnet.np.ndarray, (batch_size, num_queries, num_keys)
        Those of the last call, before any was dropped.

    Raises
    ------
    TypeError, ValueError
        If `dropout` is no number from 0 to 1.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 10.3; `d2l` 0.17.6. Vaswani et al.,
    "Attention is all you need", 2017.

    Examples
    --------
    >>> attention = DotProductAttention(dropout=0.5)
    >>> keys, values = mx.np.ones((2, 4, 3)), mx.np.array([[[1, 10], [3, 30], [5, 50], [7, 70]]] * 2)
    >>> attention(mx.np.ones((2, 1, 3)), keys, values, mx.np.array([2, 4])).tolist()
    [[[2.0, 20.0]], [[4.0, 40.0]]]
    """

    def __init__(self, dropout: float, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.dropout = gluon.nn.Dropout(check_odds(dropout))

    @in_own_array_type
    def forward(self, queries: Any, keys: Any, values: Any, valid_lens: Any = None) -> Any:
        """Return the average of the values for each query.

        Parameters
        ----------
        queries : mxnet.np.ndarray, (batch_size, num_queries, d)
            What is looked for.
        keys : mxnet.np.ndarray, (batch_size, num_keys, d)
            What is compared with it.
        values : mxnet.np.ndarray, (batch_size, num_keys, value_size)
            What is averaged.
        valid_lens : mxnet.np.ndarray, optional
            As in `masked_softmax`.

        Returns
        -------
        mxnet.np.ndarray, (batch_size, num_queries, value_size), float32
        """
        check_parts(queries=queries, keys=keys, values=values)
        _, npx = namespaces()
        scores = npx.batch_dot(queries, keys, transpose_b=True) / math.sqrt(queries.shape[-1])
        self.attention_weights = masked_softmax(scores, valid_lens)
        return npx.batch_dot(self.dropout(self.attention_weights), values)
