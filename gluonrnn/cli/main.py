"""The command ``gluonrnn``: parse the arguments, run a subcommand, and report its errors in one line."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from typing import Any, Sequence

from gluonrnn.cli.common import FAILED, INTERRUPTED, USAGE, UsageError
from gluonrnn.cli.corpora import add_corpora
from gluonrnn.cli.doctor import add_doctor
from gluonrnn.cli.generate import add_generate
from gluonrnn.cli.rerun import add_rerun
from gluonrnn.errors import UnknownCharacterError
from gluonrnn.version import __version__

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Examples
    --------
    >>> main(["corpora", "path", "lyrics"])  # doctest: +ELLIPSIS
    /...lyrics.txt
    0
    """
    argv = sys.argv[1:] if argv is None else list(argv)
    try:
        arguments = _parser(argv).parse_args(argv)
    except SystemExit as exit_:  # argparse has reported the error
        return int(exit_.code or 0)
    except ImportError as error:
        return _say_error(error, FAILED)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # for terminals that cannot show Chinese
    with warnings.catch_warnings():
        warnings.showwarning = _one_line_warning
        try:
            status = int(arguments.run(arguments))
            sys.stdout.flush()  # here, so that a closed pipe is caught below
            return status
        except UsageError as error:
            return _say_error(error, USAGE)
        except KeyboardInterrupt:
            return _say_error("interrupted", INTERRUPTED)
        except BrokenPipeError:
            # the reader of the output has gone; keep Python quiet when it flushes at exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAILED
        except (ValueError, OSError, ImportError, ArithmeticError, RuntimeError, UnknownCharacterError) as error:
            return _say_error(error, FAILED)


def _say_error(error: object, status: int) -> int:
    print(f"gluonrnn: error: {_as_options(error)}", file=sys.stderr)
    return status


def _as_options(message: object) -> str:
    """Return a message in one line, with options in place of Python's keywords."""
    text = " ".join(str(message).split())
    for keyword, option in (('unknown="skip"', "--skip-unknown"), ('on_nonfinite="raise"', "--on-nonfinite stop")):
        text = text.replace(keyword, option)
    return text


def _one_line_warning(
    message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None
) -> None:
    print(f"gluonrnn: warning: {_as_options(message)}", file=sys.stderr)


def _parser(argv: Sequence[str] = ()) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gluonrnn",
        description="Train a character-level recurrent network on a text, write with it, or run the book's chapters.",
    )
    parser.add_argument("--version", action="version", version=f"gluonrnn {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    try:
        from gluonrnn.cli.train import add_train  # whose choices are the table of cells
    except ImportError:  # MXNet does not load; `gluonrnn doctor` can still say why
        if argv[:1] == ["train"]:
            raise
    else:
        add_train(commands)
    for add in (add_generate, add_rerun, add_corpora, add_doctor):
        add(commands)
    return parser
