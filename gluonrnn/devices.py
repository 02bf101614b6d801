"""Where arrays live: the first GPU that works, or the CPU.

Source: `gluonbook` 0.8.10, `d2lzh` 1.0.0, chapter "GPU computation".
"""

from __future__ import annotations

from itertools import islice
from typing import Any

from gluonrnn._checks import check_count, short_repr
from gluonrnn._mxnet import mx, nd
from gluonrnn.errors import DeviceWarning, warn

__all__ = ["check_context", "device_or_default", "gpu_or_cpu", "num_gpus", "try_all_gpus", "try_gpu"]


def try_gpu() -> Any:
    """Return the first GPU, or the CPU where there is none.

    It never raises, and allocates nothing on a machine without a GPU. A GPU that is there but
    cannot run a kernel (its driver is broken, or it is newer than this build of MXNet knows) is
    passed over with a `DeviceWarning`.

    Returns
    -------
    mxnet.Context
        Such as ``mx.gpu(0)``, or ``mx.cpu()``.

    Warns
    -----
    DeviceWarning
        If a GPU is there and cannot run a kernel.

    References
    ----------
    `gluonbook` 0.8.10, ``try_gpu``.

    Examples
    --------
    >>> ctx = try_gpu()
    >>> ctx.device_type in ("cpu", "gpu")
    True
    """
    return _working_gpus(1)[0]


def try_all_gpus() -> list[Any]:
    """Return every GPU that works, or a list of the CPU alone.

    Returns
    -------
    list of mxnet.Context
        At least one context; see `try_gpu` for what "works" means.

    Warns
    -----
    DeviceWarning
        If a GPU is there and cannot run a kernel.

    References
    ----------
    `gluonbook` 0.8.10 and `d2l` 0.17.6, ``try_all_gpus``.

    Examples
    --------
    >>> len(try_all_gpus()) >= 1
    True
    """
    return _working_gpus(None)


def gpu_or_cpu(i: int) -> Any:
    """Return GPU `i` if it is there and works, or the CPU.

    Examples
    --------
    >>> gpu_or_cpu(99)
    cpu(0)
    """
    check_count("i", i, least=0)
    return mx.gpu(i) if i < num_gpus() and _runs_kernels(mx.gpu(i)) else mx.cpu()


def device_or_default(ctx: Any | None) -> Any:
    """Return the device that was asked for or, for None, what `try_gpu` finds.

    Examples
    --------
    >>> device_or_default(mx.cpu(1))
    cpu(1)
    """
    check_context("ctx", ctx)
    return try_gpu() if ctx is None else ctx


def num_gpus() -> int:
    """Return how many GPUs MXNet sees, whether or not they work."""
    try:
        return mx.context.num_gpus()
    except mx.base.MXNetError:  # CUDA itself fails where the driver is missing
        return 0


def _working_gpus(at_most: Any) -> list[Any]:
    working = (gpu for gpu in map(mx.gpu, range(num_gpus())) if _runs_kernels(gpu))
    return list(islice(working, at_most)) or [mx.cpu()]


def _runs_kernels(ctx: Any) -> bool:
    try:
        nd.ones((1,), ctx=ctx).asnumpy()
    except mx.base.MXNetError as error:
        cause = (str(error).strip() or type(error).__name__).splitlines()[-1]
        warn(f"{ctx} cannot be used and is passed over ({cause})", DeviceWarning)
        return False
    return True


def check_context(name: str, value: Any) -> None:
    """Raise unless `value` is a device of this machine, or None for the current one.

    Examples
    --------
    >>> check_context("ctx", None)
    """
    if value is None:
        return
    if not hasattr(value, "device_type"):
        raise TypeError(f"{name} must be a device, but it is {short_repr(value)}: pass try_gpu() or mxnet.cpu()")
    if value.device_type != "gpu":
        return

    if value.device_id >= num_gpus():
        raise ValueError(
            f"{name} must be a device that MXNet sees, but it is {value}, and there are {num_gpus()} GPUs: "
            "pass try_gpu() or mxnet.cpu()"
        )
