"""The masked loss, and the trainers of encoders with decoders.

Source: *Dive into Deep Learning* (2020-22 edition), section 9.7 "Sequence to sequence learning";
`d2l` 0.17.6 and 0.11.4.
"""

from __future__ import annotations

import math
from typing import Any, Callable, Iterable, Iterator, Tuple

from gluonrnn._arrays import (
    check_array_type,
    check_same_array_type,
    in_array_type_of_input,
    namespaces,
    on_device,
    using_np,
)
from gluonrnn._checks import check_callable, check_count, check_finite, short_repr
from gluonrnn._mxnet import autograd, gluon, init, mx, nd
from gluonrnn._shapes import check_range
from gluonrnn.devices import check_context
from gluonrnn.plotting import training_curve
from gluonrnn.seq2seq.attention import masked
from gluonrnn.seq2seq.blocks import check_sizes, num_tokens_of
from gluonrnn.seq2seq.data import index_of
from gluonrnn.threads import exclusive_training, pushing
from gluonrnn.training import loop
from gluonrnn.training.loop import Loss, NonFiniteGuard, Totals, printer, train, train_batches
from gluonrnn.training.optimizers import Stepped

__all__ = [
    "THETA",
    "Arrange",
    "Callback",
    "MaskedSoftmaxCELoss",
    "shifted",
    "teacher_forced",
    "train_s2s_ch9",
    "train_seq2seq",
    "train_translator",
]

THETA = 1  # what both editions clip at

# From the four arrays of a batch to what the net is called with, the labels, and their valid lengths.
Arrange = Callable[[Any, Any, Any, Any], Tuple[Tuple[Any, ...], Any, Any]]
Callback = Callable[[int, float, float], Any]


class MaskedSoftmaxCELoss(gluon.loss.SoftmaxCELoss):
    """Softmax cross-entropy over the valid steps of each sequence; padding counts nothing.

    Parameters
    ----------
    **kwargs
        Those of `mxnet.gluon.loss.SoftmaxCELoss`.

    Notes
    -----
    The sum over the valid steps is divided by the number of all steps, padding included, as in
    the book; so is each loss that the trainers print.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.7; `d2l` 0.17.6.

    Examples
    --------
    >>> loss = MaskedSoftmaxCELoss()
    >>> losses = loss(mx.np.zeros((3, 2, 5)), mx.np.ones((3, 2)), mx.np.array([2, 1, 0]))
    >>> [round(value, 4) for value in losses.tolist()]  # log(5), and half of it
    [1.6094, 0.8047, 0.0]
    """

    @in_array_type_of_input
    def __call__(self, *args: Any) -> Any:
        """Compute the losses, see `forward`."""
        return super().__call__(*args)

    @in_array_type_of_input
    def forward(self, pred: Any, label: Any, valid_len: Any) -> Any:
        """Return the loss of each sequence.

        Parameters
        ----------
        pred : array, (batch_size, num_steps, vocab_size)
            Scores, of either array type.
        label : array, (batch_size, num_steps)
            Indices.
        valid_len : array, (batch_size,)
            How many steps of each sequence count, from the first on.

        Returns
        -------
        array, (batch_size,), float32
            In nats.

        Raises
        ------
        TypeError
            If the arrays are of both array types.
        ValueError
            If the shapes do not fit, or a length is negative or NaN.
        """
        for name, array in (("pred", pred), ("label", label), ("valid_len", valid_len)):
            if not isinstance(array, nd.NDArray):
                raise TypeError(f"{name} must be an array of MXNet, but it is {short_repr(array)}: make one with array")
        for name, array in (("label", label), ("valid_len", valid_len)):
            check_same_array_type(name, [pred, array])
        if pred.shape[:2] != label.shape or valid_len.shape != label.shape[:1]:
            raise ValueError(
                "pred, label and valid_len must be (batch_size, num_steps, vocab_size), (batch_size, num_steps) and "
                f"(batch_size,), but their shapes are {pred.shape}, {label.shape} and {valid_len.shape}: "
                "bring the batch to the front"
            )
        np, _ = namespaces()
        ones = np.ones((*label.shape, 1), dtype=pred.dtype, ctx=pred.ctx)
        return super().forward(pred, label, masked(ones, valid_len))


def teacher_forced(bos: int) -> Arrange:
    """Return how 0.17 trains: the decoder reads ``<bos>`` and the target but for its last token.

    Examples
    --------
    >>> one = mx.np.array([1])
    >>> (X, Y_input, X_valid_len), label, valid_len = teacher_forced(2)(one, one, mx.np.array([[7, 8, 3]]), one)
    >>> Y_input.tolist(), label.tolist()
    ([[2.0, 7.0, 8.0]], [[7.0, 8.0, 3.0]])
    """

    def arrange(X: Any, X_valid_len: Any, Y: Any, Y_valid_len: Any) -> tuple[tuple[Any, ...], Any, Any]:
        first = mx.np.full((Y.shape[0], 1), bos, dtype=Y.dtype, ctx=Y.ctx)
        return (X, mx.np.concatenate([first, Y[:, :-1]], axis=1), X_valid_len), Y, Y_valid_len

    return arrange


def shifted(X: Any, X_valid_len: Any, Y: Any, Y_valid_len: Any) -> tuple[tuple[Any, ...], Any, Any]:
    """Arrange a batch as 0.11 trains: the target, ``<bos>`` first, is read and predicted one token on.

    Examples
    --------
    >>> one = mx.np.array([1])
    >>> (X, Y_input, *_), label, valid_len = shifted(one, one, mx.np.array([[2, 7, 3]]), 3 * one)
    >>> Y_input.tolist(), label.tolist(), valid_len.tolist()
    ([[2.0, 7.0]], [[7.0, 3.0]], [2.0])
    """
    if Y.shape[1] < 2:
        raise ValueError(
            f"Y must have at least 2 steps, since the first is only read, but its shape is {Y.shape}: "
            "load the data with a larger num_steps"
        )
    Y_valid_len = Y_valid_len - 1
    check_range("Y_valid_len, less the <bos>,", Y_valid_len, math.inf, "count the <bos> of each target, too")
    return (X, Y[:, :-1], X_valid_len, Y_valid_len), Y[:, 1:], Y_valid_len


@using_np()
def train_translator(
    net: Any,
    data_iter: Iterable[Any],
    lr: float,
    num_epochs: int,
    device: Any,
    *,
    arrange: Arrange,
    on_epoch: Callable[[Totals], Any],
    **options: Any,
) -> Totals:
    """Draw a net's parameters anew (Xavier), train it with Adam, and return the last totals.

    Gradients are clipped at a norm of 1, and a step is taken on their mean over all tokens.

    Parameters
    ----------
    net, data_iter, lr, num_epochs, device
        As in `train_seq2seq`.
    arrange : function
        From the four arrays of a batch to the tuple of arrays that the net is called with, the
        labels and their valid lengths: `shifted`, or what `teacher_forced` returns.
    on_epoch : function
        Called with the `Totals` of each epoch; to end the training, it raises `StopTraining` or
        returns True.
    **options
        `seed`, `progress` and `on_nonfinite`, as in `train_seq2seq`.

    Returns
    -------
    Totals
        Their `mean_loss` is what the editions print.

    Raises
    ------
    TypeError, ValueError, NonFiniteLossError
        As `train_seq2seq` does.

    Examples
    --------
    >>> from gluonrnn.seq2seq.blocks import EncoderDecoder, Seq2SeqDecoder, Seq2SeqEncoder
    >>> net = EncoderDecoder(Seq2SeqEncoder(9, 4, 8, 1), Seq2SeqDecoder(9, 4, 8, 1))
    >>> X, valid_len = mx.np.array([[5, 6, 3], [8, 3, 1]]), mx.np.array([3, 2])
    >>> totals = train_translator(net, [(X, valid_len, X, valid_len)], 0.01, 40, mx.cpu(), arrange=teacher_forced(2),
    ...                           on_epoch=lambda totals: totals.mean_loss < 0.5, seed=1)
    >>> totals.num_tokens, totals.mean_loss < 0.5
    (5.0, True)
    """
    return _trained(net, data_iter, lr, num_epochs, device, arrange=arrange, on_epoch=on_epoch, **options)


def _trained(
    net: Any,
    data_iter: Iterable[Any],
    lr: float,
    num_epochs: int,
    device: Any,
    *,
    arrange: Arrange,
    on_epoch: Callable[[Totals], Any],
    seed: int | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
) -> Totals:
    """Train as `train_translator` does, on the current array type."""
    lr, num_epochs = check_finite("lr", lr), check_count("num_epochs", num_epochs)
    NonFiniteGuard(on_nonfinite)
    check_context("device", device)
    if not isinstance(net, gluon.Block):
        raise TypeError(f"net must be a Gluon block such as EncoderDecoder, but it is {short_repr(net)}: pass a block")
    if not hasattr(data_iter, "__iter__"):
        raise TypeError(
            f"data_iter must give batches, but it is {short_repr(data_iter)}: pass what load_data_nmt returns, and "
            "check the order of the arguments"
        )
    loss = MaskedSoftmaxCELoss()

    def forward(*batch: Any) -> Loss:
        inputs, label, valid_len = arrange(*(on_device(array, device) for array in batch))
        num_tokens = float(valid_len.asnumpy().sum())
        if not num_tokens > 0:
            raise ValueError(
                "a batch must have at least one token to predict, but the sum of its Y_valid_len leaves "
                f"{num_tokens:g}: leave out sentences that are empty"
            )
        with autograd.record():
            scores, _ = net(*inputs)
            objective = loss(scores, label, valid_len).sum()
        return Loss(objective, 1, num_tokens)

    with exclusive_training(net):
        if seed is not None:
            loop.seed(seed)
        with pushing():
            net.initialize(init.Xavier(), force_reinit=True, ctx=device)
        trainer = gluon.Trainer(net.collect_params(), "adam", {"learning_rate": lr})
        optimizer = Stepped(net, trainer.step, THETA)
        return train(
            lambda epoch, guard: train_batches(forward, _checked(data_iter, net), optimizer, guard=guard, epoch=epoch),
            num_epochs=num_epochs,
            on_epoch=on_epoch,
            on_nonfinite=on_nonfinite,
            progress=progress,
            describe=lambda totals: f"loss {totals.mean_loss:.3f}",
        )


def _checked(data_iter: Iterable[Any], net: Any) -> Iterator[Any]:
    """Check and yield the batches of a user's iterator."""
    rule = "a batch must be four arrays of as many rows, X, X_valid_len, Y and Y_valid_len"
    for batch in data_iter:
        if not isinstance(batch, (list, tuple)):
            raise TypeError(f"{rule}, but this one is {short_repr(batch)}: pass what load_data_nmt returns")
        for array in batch:
            if not isinstance(array, nd.NDArray):
                raise TypeError(f"{rule}, but this one holds {short_repr(array)}: pass what load_data_nmt returns")
        lengths = [len(array) for array in batch]
        if len(lengths) != 4 or len(set(lengths)) != 1:
            raise ValueError(
                f"{rule}, but this one has {len(lengths)}, of {', '.join(map(str, lengths))} rows: "
                "pass what load_data_nmt returns"
            )
        check_array_type("each array of a batch", batch, np=mx.util.is_np_array())
        X, X_valid_len, Y, Y_valid_len = batch
        for name, array, end in (
            ("X", X, num_tokens_of(getattr(net, "encoder", None))),
            ("Y", Y, num_tokens_of(getattr(net, "decoder", None))),
            ("X_valid_len", X_valid_len, X.shape[1] + 1),
            ("Y_valid_len", Y_valid_len, Y.shape[1] + 1),
        ):
            remedy = "pass what load_data_nmt returns, and make the net with the len of its vocabularies"
            check_range(f"{name} of a batch", array, math.inf if end is None else end, remedy)
        yield batch


@using_np()
def train_seq2seq(
    net: Any,
    data_iter: Iterable[Any],
    lr: float,
    num_epochs: int,
    tgt_vocab: Any,
    device: Any,
    *,
    seed: int | None = None,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
) -> None:
    r"""Train an encoder and a decoder to translate, and print loss and speed of the last epoch.

    The parameters are drawn anew (Xavier), Adam is what updates them, and gradients are clipped at
    a norm of 1. The loss of every tenth epoch is plotted: live in a notebook; in a script the plot
    is pyplot's current figure, to be saved.

    Parameters
    ----------
    net : mxnet.gluon.Block
        ``net(X, Y_input, X_valid_len) -> (scores, state)``, such as an `EncoderDecoder`.
    data_iter : iterable of (X, X_valid_len, Y, Y_valid_len)
        As ``load_data_nmt`` returns it: indices (batch_size, num_steps) and valid lengths
        (batch_size,) of source and target; it begins anew each time it is gone through.
    lr : float
        The learning rate.
    num_epochs : int
        Passes over the data.
    tgt_vocab : Vocab
        The vocabulary of the target, with ``<bos>`` among its tokens.
    device : mxnet.Context
        Where to train; batches are moved there.
    seed : int, optional
        Seeds Python, NumPy and MXNet first. It repeats a run on a net that is made anew; one that
        was called before draws its parameters in another order.
    callback : function, optional
        Called after each epoch as ``callback(epoch, loss, seconds)``, with the loss that is
        plotted; to end the training there, it raises `StopTraining` or returns True.
    progress : bool
        Whether to show a progress bar on stderr.
    on_nonfinite : {"warn", "raise", "ignore"}
        What to do at the first loss that is NaN or infinite: warn once and go on as the book
        does, stop, or nothing.

    Raises
    ------
    TypeError, ValueError
        If an argument is not of its kind, `tgt_vocab` lacks ``<bos>``, there are no batches, or
        one is of ``mxnet.nd`` or not four arrays of as many rows.
    NonFiniteLossError
        With ``on_nonfinite="raise"``.

    Notes
    -----
    The loss is in nats per token, divided by the number of steps, see `MaskedSoftmaxCELoss`.

    References
    ----------
    *Dive into Deep Learning* (2020-22 edition), section 9.7; `d2l` 0.17.6.

    Examples
    --------
    >>> from gluonrnn import seq2seq
    >>> text = seq2seq.preprocess_nmt("Go.\tVa !\nGo on.\tContinue !\nRun on.\tCours !\n" * 2)
    >>> data_iter, src_vocab, tgt_vocab = seq2seq.batches_nmt(*seq2seq.tokenize_nmt(text), batch_size=3, num_steps=4)
    >>> net = seq2seq.EncoderDecoder(
    ...     seq2seq.Seq2SeqEncoder(len(src_vocab), 8, 16, 1), seq2seq.Seq2SeqDecoder(len(tgt_vocab), 8, 16, 1)
    ... )
    >>> train_seq2seq(net, data_iter, 0.01, 40, tgt_vocab, mx.cpu(), seed=1)  # doctest: +ELLIPSIS
    loss 0.0..., ... tokens/sec on cpu(0)
    """
    bos = index_of(tgt_vocab, "<bos>", "tgt_vocab")
    check_sizes(net, tgt_vocab=tgt_vocab)
    _train(
        net,
        data_iter,
        lr,
        num_epochs,
        device,
        arrange=teacher_forced(bos),
        axes={"xlim": [10, num_epochs]},
        line=lambda last: f"loss {last.mean_loss:.3f}, {last.tokens_per_second:.1f} tokens/sec on {device}",
        callback=callback,
        seed=seed,
        progress=progress,
        on_nonfinite=on_nonfinite,
    )


@using_np()
def train_s2s_ch9(
    model: Any,
    data_iter: Iterable[Any],
    lr: float,
    num_epochs: int,
    ctx: Any,
    *,
    seed: int | None = None,
    callback: Callback | None = None,
    progress: bool = False,
    on_nonfinite: str = "warn",
) -> None:
    """Train an encoder and a decoder as the edition of 2019 to 2020 does, and print loss and speed.

    It differs from `train_seq2seq` in that targets have their ``<bos>`` already, and that `model`
    is told their valid lengths, less the one for ``<bos>``, too.

    Parameters
    ----------
    model : mxnet.gluon.Block
        ``model(X, Y_input, X_valid_len, Y_valid_len) -> (scores, state)``, such as an
        `EncoderDecoder`.
    data_iter, lr, num_epochs
        As in `train_seq2seq`; targets begin with ``<bos>``, see `build_array`.
    ctx : mxnet.Context
        Where to train; batches are moved there.
    seed, callback, progress, on_nonfinite
        As in `train_seq2seq`.

    Raises
    ------
    TypeError, ValueError, NonFiniteLossError
        As `train_seq2seq` does, and if targets have one step only.

    References
    ----------
    *Dive into Deep Learning* (2019-20 edition), section "Sequence to sequence"; `d2l` 0.11.4.

    Examples
    --------
    >>> from gluonrnn.seq2seq import EncoderDecoder, Seq2SeqDecoder, Seq2SeqEncoder
    >>> model = EncoderDecoder(Seq2SeqEncoder(9, 8, 16, 1), Seq2SeqDecoder(9, 8, 16, 1))
    >>> X, Y, valid_len = mx.np.array([[5, 6, 3]]), mx.np.array([[2, 7, 3]]), mx.np.array([3])
    >>> train_s2s_ch9(model, [(X, valid_len, Y, valid_len)], 0.1, 20, mx.cpu(), seed=1)  # doctest: +ELLIPSIS
    loss 0.0..., ... tokens/sec on cpu(0)
    """
    _train(
        model,
        data_iter,
        lr,
        num_epochs,
        ctx,
        arrange=shifted,
        axes={"xlim": [1, num_epochs], "ylim": [0, 0.25]},
        # the blank at the end is the edition's
        line=lambda last: f"loss {last.mean_loss:.3f}, {int(last.tokens_per_second)} tokens/sec on {ctx} ",
        callback=callback,
        seed=seed,
        progress=progress,
        on_nonfinite=on_nonfinite,
    )


def _train(
    net: Any,
    data_iter: Iterable[Any],
    lr: float,
    num_epochs: int,
    device: Any,
    *,
    arrange: Arrange,
    axes: dict[str, Any],
    line: Callable[[Totals], str],
    callback: Callback | None,
    seed: int | None,
    progress: bool,
    on_nonfinite: str,
) -> None:
    """Train, plot a point every ten epochs, and print `line` of the last totals."""
    if callback is not None:
        check_callable("callback", callback)
    curve: Any = None

    def on_epoch(totals: Totals) -> Any:
        nonlocal curve
        # made here, where all arguments have been checked
        curve = curve or training_curve(xlabel="epoch", ylabel="loss", **axes)
        if totals.epoch % 10 == 0:
            curve.add(totals.epoch, (totals.mean_loss,))
        return callback and callback(totals.epoch, totals.mean_loss, totals.seconds)

    last = _trained(
        net,
        data_iter,
        lr,
        num_epochs,
        device,
        arrange=arrange,
        on_epoch=on_epoch,
        seed=seed,
        progress=progress,
        on_nonfinite=on_nonfinite,
    )
    printer(progress)(line(last))
