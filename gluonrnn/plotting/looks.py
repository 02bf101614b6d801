"""What axes may be given: limits, scales and a legend."""

from __future__ import annotations

import numbers
from typing import Any

from gluonrnn._checks import check_list, shown
from gluonrnn.plotting.display import matplotlib

__all__ = ["check_axes", "check_looks"]


def check_looks(xlim: Any, ylim: Any, xscale: Any, yscale: Any, legend: Any) -> None:
    """Raise unless limits, scales and legend are such as axes take.

    Examples
    --------
    >>> check_looks([1, 10], None, "linear", "log", ["train"])
    """
    for name, limits in (("xlim", xlim), ("ylim", ylim)):
        if limits is not None and not _are_limits(limits):
            raise ValueError(
                f"{name} must be two finite numbers or None, but it is {shown(limits)}: pass where the axis begins "
                "and ends"
            )
    known = matplotlib("scale").get_scale_names()
    for name, scale in (("xscale", xscale), ("yscale", yscale)):
        if not isinstance(scale, str) or scale not in known:
            raise ValueError(
                f"{name} must be the name of a scale of matplotlib, but it is {shown(scale)}: choose one of "
                f"{', '.join(known)}"
            )
    if legend is not None and not isinstance(legend, str):
        check_list("legend", legend, "strings")


def _are_limits(limits: Any) -> bool:
    if hasattr(limits, "asnumpy"):
        limits = limits.asnumpy()
    if isinstance(limits, numbers.Real):
        return -_LARGEST <= float(limits) <= _LARGEST  # where the axis begins
    try:
        found = [0.0 if limit is None else float(limit) for limit in limits]
    except (TypeError, ValueError, OverflowError):
        return False
    return not isinstance(limits, str) and len(found) == 2 and all(abs(number) <= _LARGEST for number in found)


_LARGEST = 1e300  # beyond, matplotlib's own sums overflow


def check_axes(axes: Any) -> None:
    """Raise a `TypeError` unless `axes` are axes of matplotlib.

    Examples
    --------
    >>> check_axes(matplotlib("figure").Figure().subplots())
    """
    if not hasattr(axes, "set_xlim"):
        raise TypeError(f"axes must be axes of matplotlib, but they are {shown(axes)}: pass what pyplot.gca() returns")
