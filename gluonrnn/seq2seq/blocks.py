"""Encoders and decoders: one reads a sequence, the other goes on from what it read.

Source: *Dive into Deep Learning* (2020-22 edition), sections 9.6 "Encoder-decoder architecture",
9.7 "Sequence to sequence learning" and 10.4 "Bahdanau attention"; `d2l` 0.17.6.
"""

from __future__ import annotations

from typing import Any, Callable, ClassVar

from gluonrnn._arrays import in_own_array_type
from gluonrnn._checks import check_callable, check_count, check_number, short_repr
from gluonrnn._mxnet import gluon, mx
from gluonrnn._shapes import check_array
from gluonrnn.models.layers import ArrayTypeBlock

__all__ = [
    "AttentionDecoder",
    "Decoder",
    "Encoder",
    "EncoderDecoder",
    "NumPyBlock",
    "Seq2SeqDecoder",
    "Seq2SeqEncoder",
]


_MOST_LAYERS = 1000  # each is made at once, before its size is known


class NumPyBlock(ArrayTypeBlock):
    """A block that computes on ``mxnet.np`` arrays, wherever the user's switch stands.

    Parameters
    ----------
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    Raises
    ------
    TypeError
        When it is called with an array of ``mxnet.nd``.

    Examples
    --------
    >>> class Doubled(NumPyBlock):
    ...     def forward(self, X):
    ...         return 2 * mx.npx.relu(X)
    >>> Doubled()(mx.np.array([-1.0, 3.0])).tolist()
    [0.0, 6.0]
    """

    _np = True


class Encoder(NumPyBlock):
    """What any encoder is: it reads an input sequence.

    Parameters
    ----------
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.6; `d2l` 0.17.6.

    Examples
    --------
    >>> class AsItIs(Encoder):
    ...     def forward(self, X, *args):
    ...         return X
    >>> AsItIs()(mx.np.ones((2, 3))).shape
    (2, 3)
    """

    def forward(self, X: Any, *args: Any) -> Any:
        """Read the input `X`; a class derived from this one says how.

        Raises
        ------
        NotImplementedError
            Unless one does.
        """
        raise _not_written(self, "forward(X, *args)")


class Decoder(NumPyBlock):
    """What any decoder is: it writes an output sequence, from a state that an encoder led to.

    Parameters
    ----------
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.6; `d2l` 0.17.6.

    Examples
    --------
    >>> class Added(Decoder):
    ...     def init_state(self, enc_outputs, *args):
    ...         return enc_outputs
    ...     def forward(self, X, state):
    ...         return X + state, state
    >>> decoder = Added()
    >>> decoder(mx.np.ones(2), decoder.init_state(mx.np.ones(2)))[0].tolist()
    [2.0, 2.0]
    """

    def init_state(self, enc_outputs: Any, *args: Any) -> Any:
        """Turn what the encoder returned into the state to start from.

        Raises
        ------
        NotImplementedError
            Unless a class derived from this one says how.
        """
        raise _not_written(self, "init_state(enc_outputs, *args)")

    def forward(self, X: Any, state: Any) -> Any:
        """Read the input `X` from `state` on, and return the output and the state after it.

        Raises
        ------
        NotImplementedError
            Unless a class derived from this one says how.
        """
        raise _not_written(self, "forward(X, state)")


def _not_written(block: Any, method: str) -> NotImplementedError:
    return NotImplementedError(
        f"a decoder or encoder needs {method} of its own, but {type(block).__name__} has none: write it in your class"
    )


class EncoderDecoder(NumPyBlock):
    """An encoder, and a decoder that goes on from what it read.

    Parameters
    ----------
    encoder : Encoder
        Called with the input sequence.
    decoder : Decoder
        Called with its own input, and the state it makes of what the encoder returned.
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    Raises
    ------
    TypeError
        If one cannot be called, or `decoder` has no ``init_state``.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.6; `d2l` 0.17.6.

    Examples
    --------
    >>> net = EncoderDecoder(Seq2SeqEncoder(9, 4, 8, 2), Seq2SeqDecoder(7, 4, 8, 2))
    >>> net.initialize()
    >>> output, state = net(mx.np.zeros((3, 5)), mx.np.zeros((3, 6)))
    >>> output.shape, state[0].shape
    ((3, 6, 7), (2, 3, 8))
    """

    def __init__(self, encoder: Any, decoder: Any, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        for name, part in (("encoder", encoder), ("decoder", decoder)):
            check_callable(name, part)
        if not hasattr(decoder, "init_state"):
            raise TypeError(f"decoder must have init_state, but it is {short_repr(decoder)}: pass a Decoder")
        self.encoder = encoder
        self.decoder = decoder

    @in_own_array_type
    def forward(self, enc_X: Any, dec_X: Any, *args: Any) -> Any:
        """Encode `enc_X`, and decode `dec_X` from there on.

        Parameters
        ----------
        enc_X : mxnet.np.ndarray
            The input of the encoder.
        dec_X : mxnet.np.ndarray
            The input of the decoder.
        *args
            Passed on to the encoder and to ``decoder.init_state``, such as the valid lengths of
            the sequences in `enc_X`.

        Returns
        -------
        output, state
            As the decoder returns them.
        """
        return self.decoder(dec_X, self.decoder.init_state(self.encoder(enc_X, *args), *args))


def num_tokens_of(part: Any) -> int | None:
    """Return how many tokens an encoder or decoder can read, or None if that cannot be told.

    Examples
    --------
    >>> num_tokens_of(Seq2SeqEncoder(9, 4, 8, 1))
    9
    """
    embedding = getattr(part, "embedding", None)
    return embedding.weight.shape[0] if isinstance(embedding, gluon.nn.Embedding) else None


def check_sizes(net: Any, **vocabs: Any) -> None:
    """Raise unless ``src_vocab`` is as large as the encoder of `net`, and ``tgt_vocab`` as the decoder.

    Examples
    --------
    >>> check_sizes(EncoderDecoder(Seq2SeqEncoder(9, 4, 8, 1), Seq2SeqDecoder(7, 4, 8, 1)), src_vocab="9 letters")
    """
    for name, vocab in vocabs.items():
        part = "encoder" if name == "src_vocab" else "decoder"
        size = num_tokens_of(getattr(net, part, None))
        if size is not None and hasattr(vocab, "__len__") and len(vocab) != size:
            raise ValueError(
                f"{name} must have as many tokens as the {part} of net, {size}, but it has {len(vocab)}: "
                f"make the {part} with len({name})"
            )


def check_odds(dropout: Any) -> float:
    """Return `dropout` as a float, if it is a number from 0 up to 1.

    Examples
    --------
    >>> check_odds(0.5)
    0.5
    """
    odds = check_number("dropout", dropout, positive=False)
    if odds > 1:
        raise ValueError(f"dropout must be a number from 0 to 1, but it is {dropout}: pass the odds of dropping")
    return odds


def add_layers(block: Any, vocab_size: int, embed_size: int, layer: Any, sizes: tuple[int, int, float]) -> None:
    """Give a block its embedding and its recurrent layer, the latter with (num_hiddens, num_layers, dropout)."""
    num_hiddens, num_layers, dropout = sizes
    block.embedding = gluon.nn.Embedding(check_count("vocab_size", vocab_size), check_count("embed_size", embed_size))
    block.rnn = layer(
        check_count("num_hiddens", num_hiddens),
        check_count("num_layers", num_layers, most=_MOST_LAYERS),
        dropout=check_odds(dropout),
    )


class Seq2SeqEncoder(Encoder):
    """An encoder that reads indices with a GRU.

    Parameters
    ----------
    vocab_size : int
        The number of tokens.
    embed_size : int
        The length of the vector that a token becomes.
    num_hiddens : int
        Hidden units of each layer.
    num_layers : int
        Layers of the GRU.
    dropout : float
        The odds that an output is dropped between two layers, while training.
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    Attributes
    ----------
    embedding : mxnet.gluon.nn.Embedding
        From tokens to vectors.
    rnn : mxnet.gluon.rnn.GRU
        The recurrent layer.

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
    *Dive into Deep Learning* (2020-22 edition), section 9.7; `d2l` 0.17.6. Sutskever et al.,
    "Sequence to sequence learning with neural networks", 2014.

    Examples
    --------
    >>> encoder = Seq2SeqEncoder(vocab_size=10, embed_size=8, num_hiddens=16, num_layers=2)
    >>> encoder.initialize()
    >>> output, state = encoder(mx.np.zeros((4, 7)))
    >>> output.shape, len(state), state[0].shape
    ((7, 4, 16), 1, (2, 4, 16))
    """

    _layer: ClassVar[Callable[..., Any]] = gluon.rnn.GRU

    def __init__(
        self, vocab_size: int, embed_size: int, num_hiddens: int, num_layers: int, dropout: float = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        add_layers(self, vocab_size, embed_size, self._layer, (num_hiddens, num_layers, dropout))

    @in_own_array_type
    def forward(self, X: Any, *args: Any) -> tuple[Any, Any]:
        """Read indices from a state of zeros on.

        Parameters
        ----------
        X : mxnet.np.ndarray, (batch_size, num_steps)
            Indices.
        *args
            Not looked at.

        Returns
        -------
        output : mxnet.np.ndarray, (num_steps, batch_size, num_hiddens), float32
            What the last layer gave at each step.
        state : list of mxnet.np.ndarray, each (num_layers, batch_size, num_hiddens)
            The state of all layers after the last step.

        Raises
        ------
        TypeError, ValueError
            If `X` is no array of two axes.
        """
        check_array("X", X, "batch_size, num_steps")
        embedded = self.embedding(X).swapaxes(0, 1)
        return self.rnn(embedded, self.rnn.begin_state(batch_size=X.shape[0], ctx=X.ctx))


class Seq2SeqDecoder(Decoder):
    """A decoder that reads indices with a GRU, and the encoder's last state along with each.

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

    Attributes
    ----------
    embedding : mxnet.gluon.nn.Embedding
        From tokens to vectors.
    rnn : mxnet.gluon.rnn.GRU
        The recurrent layer.
    dense : mxnet.gluon.nn.Dense
        From its outputs to scores.

    Raises
    ------
    TypeError, ValueError
        If a size is not a positive whole number, or `dropout` does not lie in [0, 1].

    Notes
    -----
    What goes along with each token is the last layer of the state that `forward` is given. In
    training, that is the encoder's. In prediction, which calls `forward` once for each token, it
    is so for the first token, and then the decoder's own after the token before; so it is in the
    chapter.

    On a CPU, MXNet 1.9.1 drops nothing between the layers of a recurrent layer, unless the variable
    ``MXNET_USE_MKLDNN_RNN=0`` is set.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.7. Cho et al., "Learning phrase
    representations using RNN encoder-decoder for statistical machine translation", 2014.

    Examples
    --------
    >>> encoder = Seq2SeqEncoder(vocab_size=10, embed_size=8, num_hiddens=16, num_layers=2)
    >>> decoder = Seq2SeqDecoder(vocab_size=12, embed_size=8, num_hiddens=16, num_layers=2)
    >>> encoder.initialize()
    >>> decoder.initialize()
    >>> output, state = decoder(mx.np.zeros((4, 7)), decoder.init_state(encoder(mx.np.zeros((4, 9)))))
    >>> output.shape, len(state), state[0].shape
    ((4, 7, 12), 1, (2, 4, 16))
    """

    _layer: ClassVar[Callable[..., Any]] = gluon.rnn.GRU

    def __init__(
        self, vocab_size: int, embed_size: int, num_hiddens: int, num_layers: int, dropout: float = 0, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        add_layers(self, vocab_size, embed_size, self._layer, (num_hiddens, num_layers, dropout))
        self.dense = gluon.nn.Dense(vocab_size, flatten=False)

    def init_state(self, enc_outputs: Any, *args: Any) -> Any:
        """Return the encoder's state, the second of what it returned.

        Parameters
        ----------
        enc_outputs : tuple
            From `Seq2SeqEncoder`.
        *args
            Not looked at.

        Returns
        -------
        list of mxnet.np.ndarray, each (num_layers, batch_size, num_hiddens)

        Raises
        ------
        TypeError
            If it is not two values.
        """
        if not isinstance(enc_outputs, (tuple, list)) or len(enc_outputs) != 2:
            raise TypeError(
                f"enc_outputs must be the output and the state of an encoder, but it is {short_repr(enc_outputs)}: "
                "pass what the encoder returned"
            )
        return enc_outputs[1]

    @in_own_array_type
    def forward(self, X: Any, state: Any) -> tuple[Any, Any]:
        """Score the token that follows each input.

        Parameters
        ----------
        X : mxnet.np.ndarray, (batch_size, num_steps)
            Indices.
        state : list of mxnet.np.ndarray, each (num_layers, batch_size, num_hiddens)
            From `init_state`, or the last call.

        Returns
        -------
        output : mxnet.np.ndarray, (batch_size, num_steps, vocab_size), float32
            Scores.
        state : list of mxnet.np.ndarray, each (num_layers, batch_size, num_hiddens)
            The state after the last step.

        Raises
        ------
        TypeError, ValueError
            If `X` is no array of two axes, or `state` no list of arrays.
        """
        check_array("X", X, "batch_size, num_steps")
        if not isinstance(state, (tuple, list)) or not state or not isinstance(state[0], mx.nd.NDArray):
            raise TypeError(
                f"state must be a list of arrays, but it is {short_repr(state)}: pass what init_state returns"
            )
        hidden, state = self.rnn(self._inputs(self.embedding(X).swapaxes(0, 1), state), state)
        return self.dense(hidden).swapaxes(0, 1), state

    def _inputs(self, embedded: Any, state: Any) -> Any:
        """Return what the recurrent layer reads, step by step."""
        context = state[0][-1]
        at_each_step = mx.np.broadcast_to(context, (len(embedded), *context.shape))
        return mx.np.concatenate([embedded, at_each_step], axis=2)


class AttentionDecoder(Decoder):
    """What any decoder with attention is: it keeps the weights that it gave to the inputs.

    Parameters
    ----------
    **kwargs
        Passed on to `mxnet.gluon.nn.Block`.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 10.4; `d2l` 0.17.6. Bahdanau et al.,
    "Neural machine translation by jointly learning to align and translate", 2014.

    Examples
    --------
    >>> class Even(AttentionDecoder):
    ...     @property
    ...     def attention_weights(self):
    ...         return [mx.np.full((1, 1, 4), 0.25)]
    >>> Even().attention_weights[0].shape
    (1, 1, 4)
    """

    @property
    def attention_weights(self) -> Any:
        """The weights of the last call; a class derived from this one returns them.

        Raises
        ------
        NotImplementedError
            Unless one does.
        """
        raise _not_written(self, "the property attention_weights")
