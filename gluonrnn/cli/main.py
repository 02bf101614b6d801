"""The command ``gluonrnn``: train, generate, rerun, corpora, doctor. It computes nothing itself."""

from __future__ import annotations

import argparse
import os
import sys
import warnings
from typing import Any, Sequence

from gluonrnn.cli.common import DONE, FAILED, INTERRUPTED, USAGE, UsageError
from gluonrnn.cli.generate import add_generate
from gluonrnn.cli.rerun import add_rerun
from gluonrnn.corpus.lookup import KNOWN_CORPORA, fetch_corpus, find_corpus
from gluonrnn.errors import CorpusNotFoundError, UnknownCharacterError
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
    except SystemExit as exit_:  # argparse has said what is wrong
        return int(exit_.code or 0)
    except ImportError as error:
        return _say_error(error, FAILED)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # where a terminal has no Chinese
    with warnings.catch_warnings():
        warnings.showwarning = _one_line_warning
        try:
            status = int(arguments.run(arguments))
            sys.stdout.flush()  # here, where a reader who has gone is noticed in time
            return status
        except UsageError as error:
            return _say_error(error, USAGE)
        except KeyboardInterrupt:
            return _say_error("interrupted", INTERRUPTED)
        except BrokenPipeError:
            # whoever read the output has gone; keep Python from complaining at its own exit
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return FAILED
        except (ValueError, OSError, ImportError, ArithmeticError, RuntimeError, UnknownCharacterError) as error:
            return _say_error(error, FAILED)


def _say_error(error: object, status: int) -> int:
    print(f"gluonrnn: error: {_as_options(error)}", file=sys.stderr)
    return status


def _as_options(message: object) -> str:
    """Return a message on one line, its remedies as options instead of Python's keywords."""
    text = " ".join(str(message).split())
    for keyword, option in (('unknown="skip"', "--skip-unknown"), ('on_nonfinite="raise"', "--on-nonfinite stop")):
        text = text.replace(keyword, option)
    return text


def _one_line_warning(
    message: Any, category: Any, filename: str, lineno: int, file: Any = None, line: Any = None
) -> None:
    print(f"gluonrnn: warning: {_as_options(message)}", file=sys.stderr)


def _parser(argv: Sequence[str]) -> argparse.ArgumentParser:
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
    add_generate(commands)
    add_rerun(commands, UsageError)
    _add_corpora(commands)
    command = commands.add_parser("doctor", help="say what this machine has, and what to do where something is wrong")
    command.set_defaults(run=_doctor)
    return parser


def _add_corpora(commands: Any) -> None:
    command = commands.add_parser("corpora", help="list the known corpora, and where each was found")
    command.set_defaults(run=_list_corpora)
    actions = command.add_subparsers(metavar="ACTION")
    actions.add_parser("list", help="list them (the default)").set_defaults(run=_list_corpora)
    for name, run, text in (
        ("path", _print_path, "print the path of a corpus"),
        ("fetch", _fetch, "fetch a corpus into the cache, once"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("name", choices=list(KNOWN_CORPORA))
        action.set_defaults(run=run)


def _list_corpora(arguments: argparse.Namespace) -> int:
    for known in KNOWN_CORPORA.values():
        try:
            place = str(find_corpus(known.name, fetch=False))
        except CorpusNotFoundError:
            place = f"not on this machine: gluonrnn corpora fetch {known.name}"
        print(f"{known.name:<13} {known.vocab_size:>5,} distinct characters   {known.title}\n{'':<13} {place}")
    return DONE


def _print_path(arguments: argparse.Namespace) -> int:
    print(find_corpus(arguments.name, fetch=False).resolve())
    return DONE


def _fetch(arguments: argparse.Namespace) -> int:
    print(fetch_corpus(arguments.name))
    return DONE


def _doctor(arguments: argparse.Namespace) -> int:
    from gluonrnn.cli.doctor import doctor

    return DONE if doctor() else FAILED
