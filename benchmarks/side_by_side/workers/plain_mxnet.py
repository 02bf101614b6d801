"""MXNet without gluonrnn, on a NumPy that has dropped what MXNet 1.9.1 asks for; imported before the published."""

from __future__ import annotations

import warnings

import numpy

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    if not hasattr(numpy, "bool"):
        numpy.bool = bool
    import mxnet as mxnet
