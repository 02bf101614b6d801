"""The command ``gluonrnn generate``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from gluonrnn._checks import check_count
from gluonrnn.cli.common import DONE, Formatter, UsageError, device, for_terminal, usage_errors
from gluonrnn.training.folders import MODEL_NAME

__all__ = ["add_generate"]


def add_generate(commands: Any) -> None:
    """Add the command to those of ``gluonrnn``."""
    command = commands.add_parser(
        "generate",
        help="write with a trained model",
        description="Write with a trained model: the likeliest character each time, as the book does, or drawn.",
        formatter_class=Formatter,
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


def _generate(arguments: argparse.Namespace) -> int:
    from gluonrnn.generation.decoding import chooser
    from gluonrnn.training.language_model import load

    path = Path(arguments.model)
    model = load(path / MODEL_NAME if path.is_dir() else path, ctx=device(arguments.device))
    if arguments.prefix is None and not model.options.prefixes:
        raise UsageError("this model was trained without samples, so there is no text to start from: give --prefix")
    with usage_errors():
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
    print(for_terminal(text) if sys.stdout.isatty() else text)
    return DONE
