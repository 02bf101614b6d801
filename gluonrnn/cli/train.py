"""The command ``gluonrnn train``."""

from __future__ import annotations

import argparse
import functools
import math
import sys
import textwrap
from dataclasses import fields
from pathlib import Path
from typing import Any, Callable

from gluonrnn._checks import check_count, check_seed
from gluonrnn.cli.common import DONE, INTERRUPTED, Formatter, UsageError, call, device, usage_errors
from gluonrnn.corpus.lookup import KNOWN_CORPORA
from gluonrnn.training.folders import HISTORY_NAME, MODEL_NAME, RunFolder
from gluonrnn.training.options import OPTION_NAMES, Options
from gluonrnn.training.sources import Source

__all__ = ["add_train"]

# of the text that is generated after training
LAST_LENGTH, LAST_TEMPERATURE = 300, 0.2

# Options that are not given are not in the namespace, so that --resume keeps the run's own.
LEFT_OUT = argparse.SUPPRESS
TEXT = ("encoding", "max_chars", "keep_newlines")


def add_train(commands: Any) -> None:
    """Add the command to those of ``gluonrnn``."""
    command = commands.add_parser(
        "train",
        help="train a model on a corpus",
        description="Train a model on a corpus. Prints perplexity and samples on the way, and a longer text at the "
        "end; keeps the model, a plot and the history of its perplexity, its options and a log in one folder, from "
        "the beginning on. What was interrupted, killed or finished goes on with --resume.",
        formatter_class=Formatter,
    )
    command.add_argument(
        "--resume",
        metavar="RUN",
        help="go on with the run in this folder, from its last checkpoint; --epochs is then the number of epochs in "
        "all, and what is not given stays as it was",
    )
    command.add_argument(
        "--corpus",
        default=LEFT_OUT,
        metavar="NAME|FILE",
        help=f"{', '.join(KNOWN_CORPORA)}; or a .txt or .zip file (default: lyrics)",
    )
    command.add_argument("--encoding", default=LEFT_OUT, help="the encoding of the file (default: utf-8)")
    command.add_argument(
        "--max-chars",
        type=_max_chars,
        default=LEFT_OUT,
        metavar="N|all|book",
        help="how many characters to train on; 'book' is as many as the book (default: book)",
    )
    command.add_argument(
        "--keep-newlines", action="store_true", default=LEFT_OUT, help="keep newlines instead of making them spaces"
    )
    for option in fields(Options):
        _add_option(command, option)
    command.add_argument("--seed", type=int, default=LEFT_OUT, help="makes the run repeatable")
    command.add_argument("--device", choices=("auto", "cpu", "gpu"), default="auto", help="where to train")
    command.add_argument(
        "--on-nonfinite",
        choices=("warn", "stop"),
        default="warn",
        help="what to do when the loss turns NaN or infinite",
    )
    command.add_argument(
        "--out", default=LEFT_OUT, metavar="FOLDER", help="where to write; runs/CORPUS, numbered, if left out"
    )
    command.add_argument(
        "--overwrite",
        action="store_true",
        default=LEFT_OUT,
        help="replace a run that is in FOLDER already, once this one is finished",
    )
    command.add_argument(
        "--checkpoint-epochs", type=int, metavar="N", help="write the model every N epochs, besides every few minutes"
    )
    command.add_argument(
        "--checkpoint-minutes",
        type=_number_or_none,
        default=1.0,
        metavar="NUMBER|none",
        help="write the model whenever that many minutes have gone by, 0 for after each batch",
    )
    command.add_argument("-q", "--quiet", action="store_true", help="print the path of the model, and nothing else")
    command.set_defaults(run=_train)


def _add_option(command: argparse.ArgumentParser, option: Any) -> None:
    """Add an option for a field of `Options`."""
    flags = {"num_epochs": ["--epochs", "--num-epochs"], "prefixes": ["--prefix"]}
    text = option.metadata["help"]
    settings: dict[str, Any] = {"dest": option.name, "default": LEFT_OUT, "help": f"{text} (default: {option.default})"}
    if option.metadata["choices"]:
        settings["choices"] = option.metadata["choices"]
    elif option.name == "prefixes":
        settings.update(action="append", metavar="TEXT", help=text)
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


def _train(arguments: argparse.Namespace) -> int:
    from gluonrnn.training.callbacks import check_intervals
    from gluonrnn.training.run import RunSettings

    given = vars(arguments)
    chosen = {name: given[name] for name in OPTION_NAMES if name in given}
    with usage_errors():
        check_intervals(arguments.checkpoint_epochs, arguments.checkpoint_minutes)
    ctx = device(arguments.device)
    prepare = _new_run if arguments.resume is None else _resumed_run
    folder, train = prepare(given, chosen)
    settings = RunSettings(
        verbose=not arguments.quiet,
        progress=sys.stderr.isatty() and not arguments.quiet,
        on_nonfinite="raise" if arguments.on_nonfinite == "stop" else "warn",
        checkpoint_epochs=arguments.checkpoint_epochs,
        checkpoint_minutes=arguments.checkpoint_minutes,
    )
    status = DONE
    try:
        model = train(settings, ctx=ctx)
    except KeyboardInterrupt as error:
        if not hasattr(error, "model"):  # training had not begun
            raise
        model, status = error.model, INTERRUPTED
    except (Exception, SystemExit) as error:
        if folder.kept is not None and hasattr(error, "model"):  # training had begun
            place, _ = folder.kept
            print(f"gluonrnn: {_said(folder.kept)}; go on with: {call('train', '--resume', place)}", file=sys.stderr)
        if isinstance(error, SystemExit):
            return int(error.code or 0)
        raise
    if arguments.quiet:
        print(folder.path / MODEL_NAME)
    else:
        _conclude(model, folder, is_interrupted=status == INTERRUPTED)
    return status


def _new_run(given: dict[str, Any], chosen: dict[str, Any]) -> tuple[RunFolder, Callable[..., Any]]:
    from gluonrnn.training.fitting import begin

    source = Source(given.get("corpus", "lyrics"), **{name: given[name] for name in TEXT if name in given})
    with usage_errors():
        Options(**chosen)
        if "seed" in given:
            check_seed(given["seed"])
    corpus = source.load()
    folder = RunFolder(given.get("out"), source.stem, overwrite=given.get("overwrite", False))
    if not given["quiet"]:
        name = given.get("corpus", "lyrics")
        print(f"corpus {name}: {len(corpus.corpus_indices):,} characters, {corpus.vocab_size:,} distinct")
    return folder, functools.partial(begin, corpus, source, chosen, folder, seed=given.get("seed"))


def _resumed_run(given: dict[str, Any], chosen: dict[str, Any]) -> tuple[RunFolder, Callable[..., Any]]:
    from gluonrnn.training.fitting import go_on
    from gluonrnn.training.resuming import CHANGEABLE

    for name in (*TEXT, "seed", "out", "overwrite", *(name for name in chosen if name not in CHANGEABLE)):
        if name in given:
            raise UsageError(
                f"--resume goes on with the run's own --{name.replace('_', '-')}: leave it out, or begin a new run"
            )
    with usage_errors():
        Options(**chosen)
    folder = RunFolder.again(given["resume"])
    return folder, functools.partial(go_on, folder, given.get("corpus"), chosen)


def _said(kept: tuple[Path, int]) -> str:
    """Describe the last checkpoint."""
    place, number = kept
    return f"{'1 epoch is' if number == 1 else f'{number} epochs are'} kept in {place}"


def _conclude(model: Any, folder: RunFolder, *, is_interrupted: bool) -> None:
    if is_interrupted:
        _, number = folder.kept or (None, 0)
        print(f"interrupted: {_said((folder.path, number))}")
    prefix = next(iter(model.options.prefixes), model.idx_to_char[0])
    if model.history:
        _write_more(model, prefix)
    print(f"\nmodel    {folder.path / MODEL_NAME}\nhistory  {folder.path / HISTORY_NAME}\nplot     {folder.plot}")
    if folder.last_finite is not None and _has_diverged(model):
        print(f"         {folder.last_finite} is the last that was finite")
    if is_interrupted:
        print(f"go on with: {call('train', '--resume', folder.path)}")
    words = call("generate", folder.path, "--prefix", prefix, "--temperature", LAST_TEMPERATURE)
    print(f"write more with: {words}")


def _has_diverged(model: Any) -> bool:
    return not (model.checkpoint().is_finite and all(math.isfinite(epoch.perplexity) for epoch in model.history[-1:]))


def _write_more(model: Any, prefix: str) -> None:
    try:
        text = model.generate(prefix=prefix, length=LAST_LENGTH, temperature=LAST_TEMPERATURE, seed=model.seed)
    except ValueError as error:  # after a training that diverged
        print(f"\nno text: {error}")
    else:
        print(f"\n{LAST_LENGTH} characters at temperature {LAST_TEMPERATURE}:\n\n{_wrapped(text)}")


def _wrapped(text: str) -> str:
    """Wrap a text for a terminal, where a Chinese character takes two columns."""
    wide = any(ord(char) > 0x2E80 for char in text)
    return "\n".join(
        textwrap.fill(line, 36 if wide else 72, initial_indent="  ", subsequent_indent="  ")
        for line in text.splitlines()
    )
