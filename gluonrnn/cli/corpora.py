"""The command ``gluonrnn corpora``: list, find and fetch the known corpora."""

from __future__ import annotations

import argparse
from typing import Any

from gluonrnn.cli.common import DONE
from gluonrnn.corpus.lookup import KNOWN_CORPORA, fetch_corpus, find_corpus
from gluonrnn.errors import CorpusNotFoundError

__all__ = ["add_corpora"]


def add_corpora(commands: Any) -> None:
    """Add the command to those of ``gluonrnn``."""
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
