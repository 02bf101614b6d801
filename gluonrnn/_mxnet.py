"""The one place that imports MXNet.

MXNet 1.9.1 is the last release. It asks for ``numpy.bool``, which NumPy 1.24 dropped and this
module puts back; for ``distutils``, which Python 3.12 dropped and setuptools supplies; and for
NumPy 1, so that with NumPy 2 there is only a sentence that says what to install.

The names ``mx``, ``autograd``, ``gluon``, ``init`` and ``nd`` load MXNet when they are first
asked for, so that this module can be imported, and asked what is wrong, where MXNet cannot.
"""

from __future__ import annotations

import importlib
import importlib.util
import platform
import sys
import warnings
from typing import Any

__all__ = ["load", "put_back_numpy_aliases"]

MXNET_REQUIREMENT = "'mxnet>=1.9.1,<2'"
# the platforms that MXNet 1.9.1 was built for; gluonrnn is tested on the first
WHEELS = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "x86_64"))
OLDEST_PYTHON, NEWEST_PYTHON = (3, 8), (3, 12)


def put_back_numpy_aliases(numpy: Any) -> None:
    """Give NumPy the one alias that MXNet 1.9.1 uses, if this NumPy lacks it.

    Notes
    -----
    NumPy 1.20 to 1.23 still answer to ``numpy.bool``, with a warning that is not the user's to
    heed; an alias that exists is left alone.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if not hasattr(numpy, "bool"):
            numpy.bool = bool


def load() -> Any:
    """Import MXNet 1.9, and return the module."""
    if not OLDEST_PYTHON <= sys.version_info[:2] <= NEWEST_PYTHON:
        raise ImportError(
            f"gluonrnn needs Python 3.8 to 3.12, for which MXNet 1.9.1 and NumPy 1.x exist, but this is "
            f"Python {platform.python_version()}: make an environment with one of those"
        )
    try:
        numpy = importlib.import_module("numpy")
    except ImportError:
        raise ImportError("gluonrnn needs NumPy 1.x, which is not installed: pip install 'numpy<2'") from None
    if int(numpy.__version__.split(".")[0]) >= 2:
        raise ImportError(
            f"MXNet 1.9.1 works with NumPy 1.x only, but NumPy {numpy.__version__} is installed: pip install 'numpy<2'"
        )
    put_back_numpy_aliases(numpy)
    if sys.version_info >= (3, 12) and importlib.util.find_spec("distutils") is None:
        raise ImportError(
            "MXNet 1.9.1 needs distutils, which Python 3.12 no longer has and setuptools supplies: "
            "pip install setuptools"
        )
    try:
        with warnings.catch_warnings():
            # MXNet 1.9.1 asks NumPy and distutils for names that they deprecate.
            warnings.simplefilter("ignore", DeprecationWarning)
            mxnet = importlib.import_module("mxnet")
    except ModuleNotFoundError as error:
        raise ImportError(_missing_module(error.name or "mxnet")) from None
    except Exception as error:  # a wheel for another platform fails in ways of its own
        raise ImportError(_broken_library(error)) from None
    version = getattr(mxnet, "__version__", "of an unknown version")
    if not version.startswith("1.9"):
        raise ImportError(
            f"gluonrnn works with MXNet 1.9.1, but MXNet {version} is installed: pip install {MXNET_REQUIREMENT}"
        )
    return mxnet


def _missing_module(name: str) -> str:
    if name == "mxnet" and (sys.platform, platform.machine()) not in WHEELS:
        return (
            f"MXNet 1.9.1 has no wheel for {sys.platform} on {platform.machine()}: "
            "use Linux on x86-64, for instance WSL or a linux/amd64 container"
        )
    requirement = MXNET_REQUIREMENT if name == "mxnet" else name
    return f"MXNet 1.9.1 cannot be imported because {name} is not installed: pip install {requirement}"


def _broken_library(error: Exception) -> str:
    cause = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if "libgomp" in cause:
        remedy = "install the OpenMP runtime, for instance apt-get install libgomp1"
    elif "cannot open shared object file" in cause:
        remedy = f"install that library, or pip install --force-reinstall {MXNET_REQUIREMENT} for the CPU build"
    else:
        remedy = f"pip install --force-reinstall {MXNET_REQUIREMENT} 'numpy<2', on Linux x86-64"
    return f"MXNet is installed but does not load ({cause}): {remedy}"


def __getattr__(name: str) -> Any:
    if name == "mx":
        return load()
    if name in ("autograd", "gluon", "init", "nd"):
        return getattr(load(), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
