"""What the editions from 2019 on have in common: the trainer beneath ``train_ch8``.

A model is trained on an iterator of batches, and goes on from prefixes in the tokens of a `Vocab`;
gradients are clipped at a norm of 1. It all computes in the current array world, which the
editions name.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator, Sequence

from gluonrnn._arrays import check_world
from gluonrnn._checks import check_callable, check_count, check_finite, shown, told_of_missing_parameters
from gluonrnn._mxnet import gluon, mx, nd
from gluonrnn._threads import trained_by_one
from gluonrnn.devices import check_context
from gluonrnn.generation.decoding import decode, likeliest
from gluonrnn.models.layers import initialize
from gluonrnn.plotting import training_curve
from gluonrnn.training import loop
from gluonrnn.training.loop import Totals, Watch, train, train_epoch
from gluonrnn.training.optimizers import block_updater, params_of, sgd, updater
from gluonrnn.training.trainer import Callback

__all__ = ["THETA", "run_epoch", "train_net", "write_on"]

THETA = 1  # what all of them clip at


def write_on(prefix: Sequence[str], num_preds: int, net: Any, vocab: Any, device: Any) -> str:
    """Go on from a prefix with the likeliest tokens; unknown ones become ``<unk>``.

    Parameters
    ----------
    prefix : str or list of str
        The tokens to start from; not empty.
    num_preds : int
        How many tokens to add.
    net : callable
        A model with ``begin_state(batch_size, ctx)``.
    vocab : Vocab
        Its tokens.
    device : mxnet.Context
        Where the model lives.

    Returns
    -------
    str
        The prefix and `num_preds` tokens.

    Raises
    ------
    TypeError, ValueError
        If the prefix is empty, an argument is not of its kind, or the model is of the other world.
    """
    num_preds = check_count("num_preds", num_preds, least=0)
    check_context("device", device)
    _check_vocab(vocab)
    _check_prefix(prefix)
    _check_net(net, vocab)
    output = decode(net, [vocab[token] for token in prefix], num_preds, device, likeliest)
    return "".join(vocab.idx_to_token[index] for index in output)


def run_epoch(
    net: Any, train_iter: Iterable[Any], loss: Any, step: Any, device: Any, use_random_iter: bool
) -> tuple[float, float]:
    """Train one epoch with a user's loss and updater; return perplexity and tokens per second."""
    check_context("device", device)
    _check_net(net)
    _check_batches(train_iter)
    check_callable("loss", loss)
    if isinstance(step, gluon.Trainer):
        step = step.step
    check_callable("updater", step)
    with told_of_missing_parameters():
        totals = train(
            lambda epoch, watch: train_epoch(
                net,
                _checked(train_iter, net),
                # the loss is a mean already
                updater(lambda: params_of(net), THETA, lambda _: step(batch_size=1)),
                ctx=device,
                carry_state=not use_random_iter,
                watch=watch,
                loss=loss,
            ),
            num_epochs=1,
            on_epoch=lambda totals: False,
        )
    return totals.perplexity, totals.tokens_per_second


def train_net(
    net: Any,
    train_iter: Iterable[Any],
    vocab: Any,
    lr: float,
    num_epochs: int,
    device: Any,
    use_random_iter: bool,
    *,
    first_point: int,
    prefixes: Sequence[Sequence[str]],
    sample: Callable[[], list[str]] = list,
    seed: int | None,
    callback: Callback | None,
    progress: bool,
    on_nonfinite: str,
) -> Totals:
    """Initialise a Gluon model, or take a scratch one as it is; train it; return the last totals.

    Parameters
    ----------
    net, train_iter, vocab, lr, num_epochs, device, use_random_iter
        As in `gluonrnn.d2l.train_ch8`.
    first_point : int
        The epoch of the first point of the plot, from which on every tenth has one.
    prefixes : sequence of str
        What samples go on from, to be checked.
    sample : function
        Called when a point is due; what it writes is passed on to `callback`.
    seed, callback, progress, on_nonfinite
        As in `gluonrnn.d2l.train_ch8`.
    """
    lr, num_epochs = check_finite("lr", lr), check_count("num_epochs", num_epochs)
    Watch(on_nonfinite)
    if callback is not None:
        check_callable("callback", callback)
    check_context("device", device)
    _check_vocab(vocab)
    _check_net(net, vocab)
    if not isinstance(prefixes, (list, tuple)):
        raise TypeError(f"prefixes must be a list of strings, but it is {shown(prefixes)}: pass a list, as [prefix]")
    for prefix in prefixes:
        _check_prefix(prefix)
    _check_batches(train_iter)
    curve = training_curve(xlabel="epoch", ylabel="perplexity", legend=["train"], xlim=[first_point, num_epochs])

    def on_epoch(totals: Totals) -> Any:
        samples: list[str] = []
        if totals.epoch >= first_point and (totals.epoch - first_point) % 10 == 0:
            samples = sample()
            curve.add(totals.epoch, [totals.perplexity])
        return callback and callback(totals.epoch, totals.perplexity, totals.seconds, samples)

    with trained_by_one(net):
        if seed is not None:
            loop.seed(seed)
        if isinstance(net, gluon.Block):
            initialize(net, device)
            update = block_updater(net, lr, THETA)
        else:
            update = updater(lambda: params_of(net), THETA, lambda _: sgd(net.params, lr, 1))
        return train(
            lambda epoch, watch: train_epoch(
                net,
                _checked(train_iter, net),
                update,
                ctx=device,
                carry_state=not use_random_iter,
                watch=watch,
                epoch=epoch,
            ),
            num_epochs=num_epochs,
            on_epoch=on_epoch,
            on_nonfinite=on_nonfinite,
            progress=progress,
        )


def _check_batches(train_iter: Any) -> None:
    if not hasattr(train_iter, "__iter__"):
        raise TypeError(
            f"train_iter must give batches, but it is {shown(train_iter)}: pass a SeqDataLoader, and check the order "
            "of the arguments"
        )


def _check_vocab(vocab: Any) -> None:
    if not hasattr(vocab, "idx_to_token"):
        raise TypeError(f"vocab must be a Vocab, but it is {shown(vocab)}: check the order of the arguments")


def _check_prefix(prefix: Any) -> None:
    if not isinstance(prefix, (str, list, tuple)):
        raise TypeError(f"a prefix is a string, but this is {shown(prefix)}: pass a string")
    if not prefix:
        raise ValueError("a prefix needs at least one token, but it is empty: give the text to go on from")


def _check_net(net: Any, vocab: Any = None) -> None:
    if not callable(net) or not hasattr(net, "begin_state"):
        raise TypeError(
            f"net must be a model such as RNNModelScratch or RNNModel, but it is {shown(net)}: "
            "check the order of the arguments"
        )
    if not isinstance(net, gluon.Block):
        check_world("a parameter of net", params_of(net), np=mx.util.is_np_array())
    size = getattr(net, "vocab_size", None)
    if vocab is not None and size is not None and size != len(vocab):
        raise ValueError(
            f"vocab must have as many tokens as net, {size}, but it has {len(vocab)}: make the net with len(vocab)"
        )


def _checked(train_iter: Iterable[Any], net: Any) -> Iterator[tuple[Any, Any]]:
    """Yield the batches of an iterator that may be the user's own, if they fit each other and `net`."""
    size, world = getattr(net, "vocab_size", None), "np" if mx.util.is_np_array() else "nd"
    for batch in train_iter:
        if not isinstance(batch, (tuple, list)) or not all(isinstance(array, nd.NDArray) for array in batch):
            raise TypeError(
                f"a batch must be X and Y, two mxnet.{world} arrays, but this one is {shown(batch)}: "
                f"pass a SeqDataLoader, or convert what you have with {world}.array"
            )
        shapes = [array.shape for array in batch]
        if len(shapes) != 2 or len(shapes[0]) != 2 or shapes[0] != shapes[1]:
            raise ValueError(
                "a batch must be X and Y of one shape (batch_size, num_steps), but this one has "
                f"{' and '.join(map(str, shapes))}: let Y be X one token later"
            )
        X, Y = batch
        if size is not None:
            for array in (X.asnumpy(), Y.asnumpy()):
                if array.size and not (array.min() >= 0 and array.max() < size):
                    raise ValueError(
                        f"an index must lie in [0, {size}) for vocab_size {size}, but a batch holds "
                        f"{array.min():g} to {array.max():g}: make the net with the len(vocab) of this text"
                    )
        yield X, Y
