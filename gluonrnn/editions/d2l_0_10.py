"""The edition of summer 2019: `d2l` 0.10 to 0.10.3, ``import d2l``, on ``mxnet.nd`` arrays.

It is `gluonrnn.editions.d2l_0_11` on the arrays of the editions before. Facts are those of release
0.10.3. All names of that edition are here, also those that came after the release, for documents
that were written between two.
"""

from __future__ import annotations

import inspect
from typing import Any, Callable, ClassVar, Sequence, TypeVar

from gluonrnn import plotting
from gluonrnn._arrays import as_nd, nd_world
from gluonrnn.corpus.batches import Batches
from gluonrnn.editions import d2l_0_11, other_chapters
from gluonrnn.editions.signatures import in_order_of
from gluonrnn.models import layers

__all__ = sorted(d2l_0_11.__all__)  # what is not in this module is that of d2l_0_11, see __getattr__
_EDITION = "gluonrnn.editions.d2l_0_10"

Function = TypeVar("Function", bound=Callable[..., Any])


def _on_nd(function: Function) -> Function:
    """Return a function of `d2l_0_11` that computes in another world than it names there."""
    on_nd: Function = nd_world()(inspect.unwrap(function))
    return on_nd


RNNModel = layers.RNNModel
grad_clipping = in_order_of(_EDITION)(_on_nd(d2l_0_11.grad_clipping))
predict_ch8 = in_order_of(_EDITION)(_on_nd(d2l_0_11.predict_ch8))
predict_s2s_ch8 = predict_s2s_ch9 = _on_nd(d2l_0_11.predict_s2s_ch8)
sgd = in_order_of(_EDITION)(_on_nd(d2l_0_11.sgd))
train_ch8 = in_order_of(_EDITION)(_on_nd(d2l_0_11.train_ch8))
train_epoch_ch8 = in_order_of(_EDITION)(_on_nd(d2l_0_11.train_epoch_ch8))
train_s2s_ch8 = train_s2s_ch9 = in_order_of(_EDITION)(_on_nd(d2l_0_11.train_s2s_ch8))


def seq_data_iter_random(corpus: Sequence[int], batch_size: int, num_steps: int) -> Batches:
    """Yield examples in random order; see `gluonrnn.d2l.seq_data_iter_random`.

    Parameters
    ----------
    corpus, batch_size, num_steps
        As there.

    Yields
    ------
    X, Y : NDArray, each (batch_size, num_steps), float32
        Indices, and the indices one token later, on the current context.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> X, Y = next(seq_data_iter_random(range(30), batch_size=2, num_steps=5))
    >>> (Y - X).asnumpy().tolist()
    [[1.0, 1.0, 1.0, 1.0, 1.0], [1.0, 1.0, 1.0, 1.0, 1.0]]
    """
    return map(as_nd, d2l_0_11.seq_data_iter_random(corpus, batch_size, num_steps))


def seq_data_iter_consecutive(corpus: Sequence[int], batch_size: int, num_steps: int) -> Batches:
    """Walk along the rows of a corpus; see `gluonrnn.d2l.seq_data_iter_sequential`.

    Parameters
    ----------
    corpus, batch_size, num_steps
        As there.

    Yields
    ------
    X, Y : NDArray, each (batch_size, num_steps), float32
        Indices, and the indices one token later, on the current context.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> [X.shape for X, Y in seq_data_iter_consecutive(range(37), batch_size=2, num_steps=5)]
    [(2, 5), (2, 5), (2, 5)]
    """
    return map(as_nd, d2l_0_11.seq_data_iter_consecutive(corpus, batch_size, num_steps))


class SeqDataLoader(d2l_0_11.SeqDataLoader):
    """*The Time Machine* in batches; see `gluonrnn.d2l.SeqDataLoader`.

    Parameters
    ----------
    batch_size, num_steps, use_random_iter, max_tokens
        As there.

    Raises
    ------
    CorpusNotFoundError, TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> train_iter = SeqDataLoader(32, 35, use_random_iter=True, max_tokens=10000)  # doctest: +SKIP
    """

    _random_iter: ClassVar[Any] = staticmethod(seq_data_iter_random)
    _sequential_iter: ClassVar[Any] = staticmethod(seq_data_iter_consecutive)


@in_order_of(_EDITION)
def load_data_time_machine(
    batch_size: int, num_steps: int, use_random_iter: bool = False, max_tokens: int = 10000
) -> tuple[SeqDataLoader, Any]:
    """Return *The Time Machine* in batches, and its vocabulary; see `gluonrnn.d2l.load_data_time_machine`.

    Parameters
    ----------
    batch_size, num_steps, use_random_iter, max_tokens
        As there.

    Returns
    -------
    data_iter : SeqDataLoader
        Gives the batches of an epoch each time it is gone through.
    vocab : Vocab
        28 tokens for the published file.

    Raises
    ------
    CorpusNotFoundError, TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> train_iter, vocab = load_data_time_machine(32, 35)  # doctest: +SKIP
    """
    data_iter = SeqDataLoader(batch_size, num_steps, use_random_iter, max_tokens)
    return data_iter, data_iter.vocab


class RNNModelScratch(d2l_0_11.RNNModelScratch):
    """A recurrent network from scratch, as a model; see `gluonrnn.RNNModelScratch`.

    Parameters
    ----------
    vocab_size, num_hiddens, ctx, get_params, init_state, forward
        As in `gluonrnn.editions.d2l_0_11.RNNModelScratch`; `forward` is called with one
        ``mxnet.nd`` array (num_steps, batch_size, vocab_size), and the state and the parameters.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> from mxnet import nd
    >>> def get_params(vocab_size, num_hiddens, ctx):
    ...     return [nd.ones((vocab_size, num_hiddens))]
    >>> def forward(inputs, state, params):
    ...     return nd.dot(inputs.reshape((-1, 7)), params[0]), state
    >>> model = RNNModelScratch(7, 4, d2l_0_11.try_gpu(), get_params, lambda *sizes: (), forward)
    >>> model(nd.array([[1, 5, 6]]), ())[0].shape
    (3, 4)
    """

    _np = False


def build_array(lines: Any, vocab: Any, num_steps: int, is_source: bool) -> tuple[Any, Any]:
    """Turn lines of tokens into rows of indices; see `gluonrnn.seq2seq.build_array`.

    Parameters
    ----------
    lines, vocab, num_steps, is_source
        As there.

    Returns
    -------
    array : NDArray, (num_lines, num_steps), float32
        Indices.
    valid_len : NDArray, (num_lines,), float32
        How many in each row are not ``<pad>``.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> vocab = d2l_0_11.Vocab([["go", "."]], use_special_tokens=True)
    >>> array, valid_len = build_array([["go", "."]], vocab, num_steps=5, is_source=False)
    >>> array.asnumpy().tolist(), valid_len.asnumpy().tolist()
    ([[1.0, 5.0, 4.0, 2.0, 0.0]], [4.0])
    """
    array, valid_len = as_nd(d2l_0_11.build_array(lines, vocab, num_steps, is_source))
    return array, valid_len.astype("float32")


def load_data_nmt(batch_size: int, num_steps: int, num_examples: int = 1000) -> tuple[Any, Any, Any]:
    """Load the English-French sentences in batches; see `gluonrnn.editions.d2l_0_11.load_data_nmt`.

    The vocabularies begin with ``<pad>``, ``<bos>``, ``<eos>`` and ``<unk>``.

    Parameters
    ----------
    batch_size, num_steps, num_examples
        As there.

    Returns
    -------
    src_vocab, tgt_vocab : Vocab
        The vocabularies: words that occur three times and more.
    data_iter : mxnet.gluon.data.DataLoader
        Gives batches of X (batch_size, num_steps), X_valid_len (batch_size,), Y and Y_valid_len, all float32.

    Raises
    ------
    CorpusNotFoundError, TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> src_vocab, tgt_vocab, data_iter = load_data_nmt(batch_size=64, num_steps=10)  # doctest: +SKIP
    """
    return d2l_0_11.vocabularies_and_batches(
        batch_size,
        num_steps,
        num_examples,
        build_array,
        lambda lines, min_freq, reserved_tokens: d2l_0_11.Vocab(lines, min_freq, use_special_tokens=True),
    )


class Encoder(d2l_0_11.Encoder):
    """What any encoder is: it reads an input sequence; see `gluonrnn.seq2seq.Encoder`.

    Parameters
    ----------
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> from mxnet import nd
    >>> class AsItIs(Encoder):
    ...     def forward(self, X, *args):
    ...         return X
    >>> AsItIs()(nd.ones((2, 3))).shape
    (2, 3)
    """

    _np = False


class Decoder(d2l_0_11.Decoder):
    """What any decoder is: it writes an output sequence; see `gluonrnn.seq2seq.Decoder`.

    Parameters
    ----------
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> from mxnet import nd
    >>> class Added(Decoder):
    ...     def init_state(self, enc_outputs, *args):
    ...         return enc_outputs
    ...     def forward(self, X, state):
    ...         return X + state, state
    >>> decoder = Added()
    >>> decoder(nd.ones(2), decoder.init_state(nd.ones(2)))[0].asnumpy().tolist()
    [2.0, 2.0]
    """

    _np = False


class EncoderDecoder(d2l_0_11.EncoderDecoder):
    """An encoder, and a decoder that goes on from what it read; see `gluonrnn.seq2seq.EncoderDecoder`.

    Parameters
    ----------
    encoder, decoder, **kwargs
        As there.

    Raises
    ------
    TypeError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> from mxnet import nd
    >>> net = EncoderDecoder(Seq2SeqEncoder(9, 4, 8, 2), Seq2SeqDecoder(7, 4, 8, 2))
    >>> net.initialize()
    >>> output, state = net(nd.zeros((3, 5)), nd.zeros((3, 6)))
    >>> output.shape, state[0].shape
    ((3, 6, 7), (2, 3, 8))
    """

    _np = False


class Seq2SeqEncoder(Encoder, d2l_0_11.Seq2SeqEncoder):
    """An encoder that reads indices with an LSTM; see `gluonrnn.seq2seq.lstm.Seq2SeqEncoder`.

    Parameters
    ----------
    vocab_size, embed_size, num_hiddens, num_layers, dropout, **kwargs
        As there.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> from mxnet import nd
    >>> encoder = Seq2SeqEncoder(vocab_size=10, embed_size=8, num_hiddens=16, num_layers=2)
    >>> encoder.initialize()
    >>> output, state = encoder(nd.zeros((4, 7)))
    >>> output.shape, len(state), state[0].shape
    ((7, 4, 16), 2, (2, 4, 16))
    """


class Seq2SeqDecoder(Decoder, d2l_0_11.Seq2SeqDecoder):
    """A decoder that reads indices with an LSTM; see `gluonrnn.seq2seq.lstm.Seq2SeqDecoder`.

    Parameters
    ----------
    vocab_size, embed_size, num_hiddens, num_layers, dropout, **kwargs
        As there.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> from mxnet import nd
    >>> encoder, decoder = Seq2SeqEncoder(10, 8, 16, 2), Seq2SeqDecoder(12, 8, 16, 2)
    >>> encoder.initialize()
    >>> decoder.initialize()
    >>> output, state = decoder(nd.zeros((4, 7)), decoder.init_state(encoder(nd.zeros((4, 9)))))
    >>> output.shape, len(state), state[0].shape
    ((4, 7, 12), 2, (2, 4, 16))
    """


def masked_softmax(X: Any, valid_length: Any) -> Any:
    """Return the softmax of as many entries as are valid; see `gluonrnn.seq2seq.masked_softmax`.

    Parameters
    ----------
    X, valid_length
        As there, where `valid_length` is `valid_lens`.

    Returns
    -------
    array, the shape of `X`
        Weights that sum to 1 along the last axis. Where no entry is valid, all weigh the same.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> from mxnet import nd
    >>> masked_softmax(nd.zeros((2, 1, 4)), nd.array([2, 4])).asnumpy().tolist()
    [[[0.5, 0.5, 0.0, 0.0]], [[0.25, 0.25, 0.25, 0.25]]]
    """
    return d2l_0_11.masked_softmax(X, valid_length)


class DotProductAttention(d2l_0_11.DotProductAttention):
    """Attention by scaled dot products; see `gluonrnn.seq2seq.mlp_attention.DotProductAttention`.

    Parameters
    ----------
    dropout, **kwargs
        As there.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> from mxnet import nd
    >>> layer = DotProductAttention(dropout=0.5)
    >>> key, value = nd.ones((2, 4, 3)), nd.array([[[1, 10], [3, 30], [5, 50], [7, 70]]] * 2)
    >>> layer(nd.ones((2, 1, 3)), key, value, nd.array([2, 4])).asnumpy().tolist()
    [[[2.0, 20.0]], [[4.0, 40.0]]]
    """

    _np = False


class MLPAttention(d2l_0_11.MLPAttention):
    """Attention that scores with a network; see `gluonrnn.seq2seq.mlp_attention.MLPAttention`.

    Parameters
    ----------
    units, dropout, **kwargs
        As there.

    Raises
    ------
    TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> from mxnet import nd
    >>> layer = MLPAttention(units=8, dropout=0.1)
    >>> layer.initialize()
    >>> key, value = nd.ones((2, 4, 3)), nd.array([[[1, 10], [3, 30], [5, 50], [7, 70]]] * 2)
    >>> layer(nd.ones((2, 1, 3)), key, value, nd.array([2, 4])).asnumpy().tolist()
    [[[2.0, 20.0]], [[4.0, 40.0]]]
    """

    _np = False


def plot(
    X: Any,
    Y: Any = None,
    xlabel: str | None = None,
    ylabel: str | None = None,
    legend: Any = [],  # noqa: B006
    xlim: Any = None,
    ylim: Any = None,
    xscale: str = "linear",
    yscale: str = "linear",
    fmts: Any = None,
    figsize: tuple[float, float] = (3.5, 2.5),
    axes: Any = None,
) -> None:
    """Plot one curve or several, each as a plain line; see `gluonrnn.d2l.plot`.

    Parameters
    ----------
    X, Y, xlabel, ylabel, legend, xlim, ylim, xscale, yscale, fmts, figsize, axes
        As there.

    Raises
    ------
    ImportError, TypeError, ValueError
        As there.

    References
    ----------
    *Dive into Deep Learning* (2019 edition); `d2l` 0.10.3.

    Examples
    --------
    >>> plot([1, 4, 9], xlabel="n")
    """
    plotting.plot(X, Y, xlabel, ylabel, legend, xlim, ylim, xscale, yscale, fmts or ["-"], figsize, axes)


def __getattr__(name: str) -> Any:
    return getattr(d2l_0_11, name) if name in d2l_0_11.__all__ else other_chapters.look_up(name, __name__)
