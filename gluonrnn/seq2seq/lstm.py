"""Encoder and decoder on an LSTM, as the edition of 2019 to 2020 has them.

Source: *Dive into Deep Learning* (2019-20 edition), section "Sequence to sequence"; `d2l` 0.11.4.
"""

from __future__ import annotations

from typing import Any

from gluonrnn._mxnet import gluon
from gluonrnn.seq2seq import blocks

__all__ = ["Seq2SeqDecoder", "Seq2SeqEncoder"]


class Seq2SeqEncoder(blocks.Seq2SeqEncoder):
    """An encoder that reads indices with an LSTM.

    It is called as `gluonrnn.d2l.Seq2SeqEncoder` is.

    Parameters
    ----------
    vocab_size : int
        The number of tokens.
    embed_size : int
        The length of the vector that a token becomes.
    num_hiddens : int
        Hidden units of each layer.
    num_layers : int
        Layers of the LSTM.
    dropout : float
        The odds that an output is dropped between two layers, while training.
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `dropout` does not lie in [0, 1].

    Notes
    -----
    The state is a list of two arrays, the hidden state and the memory cell.

    On a CPU, MXNet 1.9.1 drops nothing between the layers of a recurrent layer, unless the variable
    ``MXNET_USE_MKLDNN_RNN=0`` is set.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition), section "Sequence to sequence"; `d2l` 0.11.4.

    Examples
    --------
    >>> from gluonrnn._mxnet import mx
    >>> encoder = Seq2SeqEncoder(vocab_size=10, embed_size=8, num_hiddens=16, num_layers=2)
    >>> encoder.initialize()
    >>> output, state = encoder(mx.np.zeros((4, 7)))
    >>> output.shape, len(state), state[0].shape
    ((7, 4, 16), 2, (2, 4, 16))
    """

    _layer = gluon.rnn.LSTM


class Seq2SeqDecoder(blocks.Seq2SeqDecoder):
    """A decoder that reads indices with an LSTM, from the encoder's last state on.

    It is called as `gluonrnn.d2l.Seq2SeqDecoder` is.

    Parameters
    ----------
    vocab_size : int
        The number of tokens, and so of scores.
    embed_size : int
        The length of the vector that a token becomes.
    num_hiddens, num_layers : int
        Those of the encoder.
    dropout : float
        The odds that an output is dropped between two layers, while training.
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `dropout` does not lie in [0, 1].

    Notes
    -----
    On a CPU, MXNet 1.9.1 drops nothing between the layers of a recurrent layer, unless the variable
    ``MXNET_USE_MKLDNN_RNN=0`` is set.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition), section "Sequence to sequence"; `d2l` 0.11.4.

    Examples
    --------
    >>> from gluonrnn._mxnet import mx
    >>> encoder = Seq2SeqEncoder(vocab_size=10, embed_size=8, num_hiddens=16, num_layers=2)
    >>> decoder = Seq2SeqDecoder(vocab_size=12, embed_size=8, num_hiddens=16, num_layers=2)
    >>> encoder.initialize()
    >>> decoder.initialize()
    >>> output, state = decoder(mx.np.zeros((4, 7)), decoder.init_state(encoder(mx.np.zeros((4, 9)))))
    >>> output.shape, len(state), state[0].shape
    ((4, 7, 12), 2, (2, 4, 16))
    """

    _layer = gluon.rnn.LSTM

    def _inputs(self, embedded: Any, state: Any) -> Any:
        return embedded
