"""The command ``gluonrnn``: train, generate, rerun, corpora, doctor. It computes nothing itself."""

from __future__ import annotations

import argparse
import contextlib
import os
import shlex
import shutil
import sys
import textwrap
import warnings
from dataclasses import fields
from pathlib import Path
from typing import Any, Iterator, Sequence

from gluonrnn.checks import check_count, check_seed
from gluonrnn.corpora import KNOWN_CORPORA, fetch_corpus, find_corpus, load_corpus
from gluonrnn.documents.command import add_rerun
from gluonrnn.errors import CorpusNotFoundError, NonFiniteLossError, UnknownCharacterError
from gluonrnn.options import Options
from gluonrnn.run_folders import HISTORY_NAME, MODEL_NAME, RunFolders, write_run
from gluonrnn.version import __version__

__all__ = ["main"]

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130

# of the text that `train` ends with
LAST_LENGTH, LAST_TEMPERATURE = 300, 0.2


class _UsageError(Exception):
    """An option that argparse lets through and its meaning forbids."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments after the command's name; those of the process by default.

    Returns
    -------
    int
        0 when all went well, 1 when it failed (one line on stderr says why), 2 for a usage
        error, 130 after Ctrl-C.

    Examples
    --------
    >>> main(["corpora", "path", "lyrics"])  # doctest: +ELLIPSIS
    /...lyrics.txt
    0
    """
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit as exit_:  # argparse has said what is wrong
        return int(exit_.code or 0)
    if hasattr(sys.stdout, "reconfigure"):
        sys.stdout.reconfigure(errors="backslashreplace")  # where a terminal has no Chinese
    with warnings.catch_warnings():
        warnings.showwarning = _one_line_warning
        try:
            status = int(arguments.run(arguments))
            sys.stdout.flush()  # here, where a reader who has gone is noticed in time
            return status
        except _UsageError as error:
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


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gluonrnn",
        description="Train a character-level recurrent network on a text, write with it, or run the book's chapters.",
    )
    parser.add_argument("--version", action="version", version=f"gluonrnn {__version__}")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_train(commands)
    _add_generate(commands)
    add_rerun(commands, _UsageError)
    _add_corpora(commands)
    command = commands.add_parser("doctor", help="say what this machine has, and what to do where something is wrong")
    command.set_defaults(run=_doctor)
    return parser


def _add_train(commands: Any) -> None:
    command = commands.add_parser(
        "train",
        help="train a model on a corpus",
        description="Train a model on a corpus. Prints perplexity and samples on the way, and a longer text at the "
        "end; writes the model, a plot and the history of its perplexity into one folder.",
        formatter_class=_Formatter,
    )
    command.add_argument(
        "--corpus", default="lyrics", metavar="NAME|FILE", help=f"{', '.join(KNOWN_CORPORA)}; or a .txt or .zip file"
    )
    command.add_argument("--encoding", default="utf-8", help="the encoding of the file")
    command.add_argument(
        "--max-chars",
        type=_max_chars,
        default="book",
        metavar="N|all|book",
        help="how many characters to train on; 'book' is as many as the book",
    )
    command.add_argument("--keep-newlines", action="store_true", help="keep newlines instead of making them spaces")
    for option in fields(Options):
        _add_option(command, option)
    command.add_argument("--seed", type=int, help="makes the run repeatable")
    command.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="where to train")
    command.add_argument(
        "--on-nonfinite",
        choices=("warn", "stop"),
        default="warn",
        help="what to do when the loss turns NaN or infinite",
    )
    command.add_argument("--out", metavar="FOLDER", help="where to write; runs/CORPUS, numbered, if left out")
    command.add_argument("--overwrite", action="store_true", help="replace a model that is in FOLDER already")
    command.add_argument("-q", "--quiet", action="store_true", help="print the path of the model, and nothing else")
    command.set_defaults(run=_train)


def _add_option(command: argparse.ArgumentParser, option: Any) -> None:
    """Offer a field of `Options` under its name, with its default and its help."""
    flags = {"num_epochs": ["--epochs", "--num-epochs"], "prefixes": ["--prefix"]}
    settings: dict[str, Any] = {"dest": option.name, "default": option.default, "help": option.metadata["help"]}
    if option.metadata["choices"]:
        settings["choices"] = option.metadata["choices"]
    elif option.name == "prefixes":
        settings.update(action="append", default=None, metavar="TEXT")
    elif option.name == "clipping_theta":
        settings.update(type=_number_or_none, metavar="NUMBER|none")
    else:
        settings.update(type=type(option.default), metavar="N" if isinstance(option.default, int) else "NUMBER")
    command.add_argument(*flags.get(option.name, ["--" + option.name.replace("_", "-")]), **settings)


def _max_chars(text: str) -> Any:
    if text in ("all", "book"):
        return None if text == "all" else text
    try:
        return check_count("max_chars", int(text))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"a whole number of at least 1, 'all' or 'book' is needed, not {text!r}"
        ) from None


def _number_or_none(text: str) -> float | None:
    try:
        return None if text == "none" else float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"a number or 'none' is needed, not {text!r}") from None


class _Formatter(argparse.ArgumentDefaultsHelpFormatter):
    """Shows the defaults that there are."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return action.help if action.default in (None, False) else super()._get_help_string(action)


def _add_generate(commands: Any) -> None:
    command = commands.add_parser(
        "generate",
        help="write with a trained model",
        description="Write with a trained model: the likeliest character each time, as the book does, or drawn.",
        formatter_class=_Formatter,
    )
    command.add_argument("model", metavar="MODEL", help="a model file, or the folder of a run")
    command.add_argument(
        "--prefix", metavar="TEXT", help="the text to start from; that of the model's samples if left out"
    )
    command.add_argument("--length", type=int, default=200, metavar="N", help="how many characters to add")
    command.add_argument(
        "--temperature", type=float, default=0.0, metavar="T", help="0 takes the likeliest, 1 draws as the model says"
    )
    command.add_argument("--top-k", type=int, metavar="K", help="draw only among the K likeliest")
    command.add_argument("--seed", type=int, help="makes the draws repeatable")
    command.add_argument(
        "--skip-unknown", action="store_true", help="leave out characters of the prefix that the model does not know"
    )
    command.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="where to run")
    command.set_defaults(run=_generate)


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


def _train(arguments: argparse.Namespace) -> int:
    from gluonrnn.language_model import fit

    chosen = {option.name: getattr(arguments, option.name) for option in fields(Options)}
    if chosen["prefixes"] is None:
        del chosen["prefixes"]
        if arguments.corpus in KNOWN_CORPORA:
            chosen["prefixes"] = KNOWN_CORPORA[arguments.corpus].prefixes
    with _usage_errors():
        Options(**chosen)
        if arguments.seed is not None:
            check_seed(arguments.seed)
    corpus = load_corpus(
        arguments.corpus,
        encoding=arguments.encoding,
        max_chars=arguments.max_chars,
        keep_newlines=arguments.keep_newlines,
    )
    ctx = _context(arguments.device)
    folders = RunFolders(arguments.out, _stem(arguments.corpus), overwrite=arguments.overwrite)
    if not arguments.quiet:
        print(f"corpus {arguments.corpus}: {len(corpus.corpus_indices):,} characters, {corpus.vocab_size:,} distinct")
    try:
        model = fit(
            corpus,
            ctx=ctx,
            seed=arguments.seed,
            verbose=not arguments.quiet,
            progress=sys.stderr.isatty() and not arguments.quiet,
            on_nonfinite="raise" if arguments.on_nonfinite == "stop" else "warn",
            **chosen,
        )
    except NonFiniteLossError:
        raise
    except Exception as error:
        unfinished = getattr(error, "model", None)
        if unfinished is not None and unfinished.history:
            folder = folders.make(finished=False)
            write_run(unfinished, folder, title=_title(unfinished, arguments.corpus))
            print(f"gluonrnn: {len(unfinished.history)} epochs were trained, and are kept in {folder}", file=sys.stderr)
        raise
    if not model.history:
        return _say_error("interrupted before the first epoch was over; nothing was learnt", INTERRUPTED)
    folder = folders.make(finished=not model.interrupted)
    plot = write_run(model, folder, title=_title(model, arguments.corpus))
    if arguments.quiet:
        print(folder / MODEL_NAME)
    else:
        _conclude(model, folder, plot, arguments.seed)
    return INTERRUPTED if model.interrupted else DONE


@contextlib.contextmanager
def _usage_errors() -> Iterator[None]:
    """Turn what the block refuses into usage errors."""
    try:
        yield
    except (ValueError, TypeError) as error:
        raise _UsageError(error) from None


def _stem(corpus: str) -> str:
    return Path(corpus).name.split(".")[0] or "corpus"


def _title(model: Any, corpus: str) -> str:
    # matplotlib's own font has no Chinese
    return f"{model.options.cell} on {corpus}" if corpus.isascii() else str(model.options.cell)


def _conclude(model: Any, folder: Path, plot: str, seed: int | None) -> None:
    if model.interrupted:
        print(f"interrupted after {len(model.history)} epochs; what was learnt is kept")
    prefix = model.options.prefixes[0]
    try:
        text = model.generate(prefix=prefix, length=LAST_LENGTH, temperature=LAST_TEMPERATURE, seed=seed)
    except ValueError as error:  # after a training that diverged
        print(f"\nno text: {error}")
    else:
        print(f"\n{LAST_LENGTH} characters at temperature {LAST_TEMPERATURE}:\n\n{_wrapped(text)}")
    print(f"\nmodel    {folder / MODEL_NAME}\nhistory  {folder / HISTORY_NAME}\nplot     {plot}")
    command = [*_own_name(), "generate", str(folder), "--prefix", prefix, "--temperature", str(LAST_TEMPERATURE)]
    print(f"write more with: {' '.join(map(shlex.quote, command))}")


def _own_name() -> list[str]:
    """Return the words that start this command from here."""
    if shutil.which("gluonrnn") is not None:
        return ["gluonrnn"]
    started_as = Path(sys.argv[0])
    return [os.path.relpath(started_as)] if started_as.name == "gluonrnn" else [sys.executable, "-m", "gluonrnn"]


def _wrapped(text: str) -> str:
    """Break a text at its spaces into lines that fit a terminal; a Chinese character is two wide."""
    wide = any(ord(char) > 0x2E80 for char in text)
    return "\n".join(
        textwrap.fill(line, 36 if wide else 72, initial_indent="  ", subsequent_indent="  ")
        for line in text.splitlines()
    )


def _generate(arguments: argparse.Namespace) -> int:
    from gluonrnn.generation import chooser
    from gluonrnn.language_model import load

    path = Path(arguments.model)
    model = load(path / MODEL_NAME if path.is_dir() else path, ctx=_context(arguments.device))
    if arguments.prefix is None and not model.options.prefixes:
        raise _UsageError("this model was trained without samples, so there is no text to start from: give --prefix")
    with _usage_errors():
        check_count("length", arguments.length, least=0)
        chooser(arguments.temperature, arguments.top_k, arguments.seed)
    text = model.generate(
        prefix=model.options.prefixes[0] if arguments.prefix is None else arguments.prefix,
        length=arguments.length,
        temperature=arguments.temperature,
        top_k=arguments.top_k,
        seed=arguments.seed,
        unknown="skip" if arguments.skip_unknown else "raise",
    )
    print(text)
    return DONE


def _context(device: str) -> Any:
    from gluonrnn._mxnet import mx
    from gluonrnn.contexts import try_gpu

    ctx = mx.cpu() if device == "cpu" else try_gpu()
    if device == "gpu" and ctx.device_type != "gpu":
        raise ValueError("--device gpu needs a GPU that MXNet can use, and there is none: leave --device out")
    return ctx


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
    from gluonrnn.diagnosis import doctor

    return DONE if doctor() else FAILED
