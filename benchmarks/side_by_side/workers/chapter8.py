"""What d2l and gluonrnn do alike: an epoch of The Time Machine with ``train_epoch_ch8``."""

from __future__ import annotations

from typing import Any, Callable

from mxnet import gluon

from benchmarks.side_by_side.setting import TIME_MACHINE_HIDDENS, TIME_MACHINE_LR, Setting
from benchmarks.side_by_side.timing import seconds_per_call


def epoch_task(d2l: Any, functions: tuple[Callable[..., Any], ...], loader: Any, setting: Setting) -> float:
    """Return the seconds of an epoch, of a fresh network from ``(get_params, init_state, rnn)``."""
    device, loss = d2l.try_gpu(), gluon.loss.SoftmaxCrossEntropyLoss()
    net = d2l.RNNModelScratch(len(loader.vocab), TIME_MACHINE_HIDDENS, device, *functions)

    def updater(batch_size: int) -> None:
        d2l.sgd(net.params, TIME_MACHINE_LR, batch_size)

    def epoch() -> None:
        d2l.train_epoch_ch8(net, loader, loss, updater, device, False)

    return seconds_per_call(epoch, setting.epochs)
