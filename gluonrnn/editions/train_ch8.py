"""The trainer beneath ``train_ch8`` of every edition from 2019 on.

A model is trained on an iterator of batches, gradients clipped at a norm of 1, and extends prefixes in
the tokens of a `Vocab`. Everything computes on the array type that is current; the editions set it.
"""

from __future__ import annotations

from typing import Any, Callable, Iterable, Iterator, Sequence

from gluonrnn._arrays import check_array_type
from gluonrnn._checks import check_callable, check_count, check_finite, explain_missing_parameters, short_repr
from gluonrnn._mxnet import gluon, mx, nd
from gluonrnn.devices import check_context
from gluonrnn.generation.decoding import decode, likeliest
from gluonrnn.models.layers import initialize
from gluonrnn.plotting import training_curve
from gluonrnn.threads import exclusive_training
from gluonrnn.training import loop
from gluonrnn.training.loop import NonFiniteGuard, Totals, printer, train, train_epoch
from gluonrnn.training.optimizers import SGD, Stepped, block_sgd, params_of
from gluonrnn.training.trainer import Callback

__all__ = ["generate", "train_and_print", "train_one_epoch"]

THETA = 1  # what all of them clip at


def generate(prefix: Sequence[str], num_preds: int, net: Any, vocab: Any, device: Any) -> str:
    """Extend a prefix with the likeliest tokens; unknown ones become ``<unk>``."""
    num_preds = check_count("num_preds", num_preds, least=0)
    check_context("device", device)
    _check_vocab(vocab)
    _check_prefix(prefix)
    _check_net(net, vocab)
    output = decode(net, [vocab[token] for token in prefix], num_preds, device, likeliest)
    return "".join(vocab.idx_to_token[index] for index in output)


def train_one_epoch(
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
    with explain_missing_parameters():
        totals = train(
            lambda epoch, guard: train_epoch(
                net,
                _checked(train_iter, net),
                # the loss is a mean already
                Stepped(net, lambda num_tokens: step(batch_size=1), THETA),
                ctx=device,
                carry_state=not use_random_iter,
                guard=guard,
                loss=loss,
            ),
            num_epochs=1,
            on_epoch=lambda totals: False,
        )
    return totals.perplexity, totals.tokens_per_second


def train_and_print(
    net: Any,
    train_iter: Iterable[Any],
    vocab: Any,
    lr: float,
    num_epochs: int,
    device: Any,
    use_random_iter: bool,
    *,
    first_point: int,
    sampling: bool,
    line: Callable[[Totals], str],
    prefixes: Sequence[Sequence[str]],
    seed: int | None,
    callback: Callback | None,
    progress: bool,
    on_nonfinite: str,
) -> None:
    """Train a model, a Gluon one from new parameters, and print a line and what it writes.

    The plot has a point at the epoch `first_point` and at every tenth after it; where `sampling` is true, a sample
    is printed at each.
    """
    lr, num_epochs = check_finite("lr", lr), check_count("num_epochs", num_epochs)
    NonFiniteGuard(on_nonfinite)
    if callback is not None:
        check_callable("callback", callback)
    check_context("device", device)
    _check_vocab(vocab)
    _check_net(net, vocab)
    if not isinstance(prefixes, (list, tuple)):
        raise TypeError(
            f"prefixes must be a list of strings, but it is {short_repr(prefixes)}: pass a list, as [prefix]"
        )
    for prefix in prefixes:
        _check_prefix(prefix)
    _check_batches(train_iter)
    write = printer(progress)
    curve = training_curve(xlabel="epoch", ylabel="perplexity", legend=["train"], xlim=[first_point, num_epochs])

    def on_epoch(totals: Totals) -> Any:
        samples: list[str] = []
        if totals.epoch >= first_point and (totals.epoch - first_point) % 10 == 0:
            samples = [generate(prefix, 50, net, vocab, device) for prefix in prefixes[:1] if sampling]
            for sample in samples:
                write(sample)
            curve.add(totals.epoch, [totals.perplexity])
        return callback and callback(totals.epoch, totals.perplexity, totals.seconds, samples)

    with exclusive_training(net):
        if seed is not None:
            loop.seed(seed)
        if isinstance(net, gluon.Block):
            initialize(net, device)
            optimizer = block_sgd(net, lr, THETA)
        else:
            optimizer = SGD(net, lr, THETA)
        last = train(
            lambda epoch, guard: train_epoch(
                net,
                _checked(train_iter, net),
                optimizer,
                ctx=device,
                carry_state=not use_random_iter,
                guard=guard,
                epoch=epoch,
            ),
            num_epochs=num_epochs,
            on_epoch=on_epoch,
            on_nonfinite=on_nonfinite,
            progress=progress,
        )
    write(f"{line(last)} tokens/sec on {device}")
    for prefix in prefixes:
        write(generate(prefix, 50, net, vocab, device))


def _check_batches(train_iter: Any) -> None:
    if not hasattr(train_iter, "__iter__"):
        raise TypeError(
            f"train_iter must give batches, but it is {short_repr(train_iter)}: pass a SeqDataLoader, and check "
            "the order of the arguments"
        )


def _check_vocab(vocab: Any) -> None:
    if not hasattr(vocab, "idx_to_token"):
        raise TypeError(f"vocab must be a Vocab, but it is {short_repr(vocab)}: check the order of the arguments")


def _check_prefix(prefix: Any) -> None:
    if not isinstance(prefix, (str, list, tuple)):
        raise TypeError(f"a prefix is a string, but this is {short_repr(prefix)}: pass a string")
    if not prefix:
        raise ValueError("a prefix needs at least one token, but it is empty: give the text to go on from")


def _check_net(net: Any, vocab: Any = None) -> None:
    if not callable(net) or not hasattr(net, "begin_state"):
        raise TypeError(
            f"net must be a model such as RNNModelScratch or RNNModel, but it is {short_repr(net)}: "
            "check the order of the arguments"
        )
    if not isinstance(net, gluon.Block):
        check_array_type("a parameter of net", params_of(net), np=mx.util.is_np_array())
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
                f"a batch must be X and Y, two mxnet.{world} arrays, but this one is {short_repr(batch)}: "
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
