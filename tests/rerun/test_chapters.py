"""Chapters of our own, one or more for each edition and form: they use every name, and they run."""

from __future__ import annotations

import ast
import importlib
import re
from pathlib import Path

import pytest

from gluonrnn.rerun import rerun
from gluonrnn.rerun.reading import read_document
from gluonrnn.rerun.syntax import masked

CHAPTERS = Path(__file__).with_name("chapters")
# file -> edition, form, number of code cells
DOCUMENTS = {
    "utils-rnn-scratch.txt": ("utils", "exported", 13),
    "utils-lstm.ipynb": ("utils", "notebook", 6),
    "gluonbook_0_6-gru.ipynb": ("gluonbook-0.6", "notebook", 10),
    "gluonbook-language-model-dataset.md": ("gluonbook", "markdown", 7),
    "gluonbook-lstm.md": ("gluonbook", "markdown", 7),
    "d2lzh-rnn-concise.md": ("gluonbook", "markdown", 9),
    "d2l09-rnn-scratch.txt": ("gluonbook", "script", 9),
    "d2lzh-bptt.md": ("", "markdown", 1),
    "d2lzh-attention.md": ("", "markdown", 5),
    "d2l_0_10-rnn.md": ("d2l-0.10 on nd", "markdown", 13),
    "d2l_0_10-seq2seq.md": ("d2l-0.10 on nd", "markdown", 13),
    "d2l_0_11-sequence-model.md": ("d2l-0.10", "markdown", 7),
    "d2l_0_11-language-model.ipynb": ("d2l-0.10", "notebook", 15),
    "d2l_0_11-seq2seq.txt": ("d2l-0.10", "exported", 18),
    "d2l013-seq2seq.md": ("d2l-0.10", "markdown", 6),
    "d2l_0_15-seq2seq.md": ("d2l-0.15", "markdown", 9),
    "d2l-sequence-model.md": ("d2l", "markdown", 13),
    "d2l-language-models.txt": ("d2l", "markdown", 9),
    "d2l-rnn.md": ("d2l", "markdown", 20),
    "d2l-machine-translation.txt": ("d2l", "notebook", 12),
    "d2l-attention.md": ("d2l", "markdown", 13),
    "d2l-beam-search.md": ("d2l", "markdown", 1),
}
# one of each form, which the short suite runs: the book's Markdown, plain fences, a notebook, a script, exported text
SHORT = {
    *("d2l-language-models.txt", "d2lzh-rnn-concise.md", "gluonbook_0_6-gru.ipynb", "d2l09-rnn-scratch.txt"),
    "utils-rnn-scratch.txt",
}
MODULES = {
    "utils": "gluonrnn.editions.utils_2017",
    "gluonbook-0.6": "gluonrnn.editions.gluonbook_0_6",
    "gluonbook": "gluonrnn.editions.gluonbook",
    "d2l-0.10 on nd": "gluonrnn.editions.d2l_0_10",
    "d2l-0.10": "gluonrnn.editions.d2l_0_11",
    "d2l-0.15": "gluonrnn.editions.d2l_0_15",
    "d2l": "gluonrnn.editions.d2l",
}
# what a chapter uses of the objects that it makes
MEMBERS = {
    "Accumulator": "add reset",
    "Animator": "add",
    "AttentionDecoder": "attention_weights",
    "Decoder": "init_state",
    "RNNModel": "begin_state",
    "RNNModelScratch": "begin_state params",
    "Timer": "start stop avg sum cumsum times",
    "Vocab": "to_tokens unk token_freqs idx_to_token token_to_idx",
}
LIBRARIES = ("d2l", "d2lzh", "gluonbook", "utils")


# an edition that has the names of another, but for its own
SHARING = {"d2l-0.10 on nd": "d2l-0.10", "d2l-0.15": "d2l"}


def names_of(edition):
    """Return the public names of an edition; of one that shares those of another, what is its own."""
    module = importlib.import_module(MODULES[edition])
    other = importlib.import_module(MODULES[SHARING[edition]]) if edition in SHARING else None
    return {name for name in module.__all__ if not (other and getattr(module, name) is getattr(other, name, None))}


def trees_of(edition):
    names = [name for name, (of, *_) in DOCUMENTS.items() if of == edition]
    return [ast.parse(masked(cell.source)) for name in names for cell in read_document(CHAPTERS / name).code]


def used_of_libraries(trees):
    """Return what the cells use of the helper library, under whatever name they import it."""
    imports = [node for tree in trees for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    bound = {name.asname or name.name for node in imports for name in node.names}
    libraries = bound & {*LIBRARIES, "gb"}
    return {
        node.attr
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in libraries
    }


def defined_by(trees):
    nodes = (node for tree in trees for node in ast.walk(tree))
    return {node.name for node in nodes if isinstance(node, (ast.FunctionDef, ast.ClassDef))}


def cells_of_chapters():
    """Return the names that the originals leave to the chapters, which define them: d2l's own cells."""
    table = (Path(__file__).parents[2] / "docs" / "en" / "names.md").read_text(encoding="utf-8")
    return set(re.findall(r"^\| `(\w+)` \|.*the chapter's own", table, re.MULTILINE))


def test_every_document_is_listed():
    found = {path.name for path in CHAPTERS.iterdir()}
    assert found == {*DOCUMENTS, "README.md"}


@pytest.mark.slow
def test_every_public_name_is_used():
    for edition in MODULES:
        trees = trees_of(edition)
        used = used_of_libraries(trees) | (defined_by(trees) & cells_of_chapters())
        assert names_of(edition) - used == set(), edition
        if edition in ("gluonbook-0.6", "gluonbook", "d2l-0.10", "d2l"):
            assert "plt" in used, edition


@pytest.mark.slow
def test_every_member_is_used():
    for edition in MODULES:
        names = names_of(edition)
        wanted = {member for name, members in MEMBERS.items() if name in names for member in members.split()}
        trees = trees_of(edition)
        used = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert wanted - used - defined_by(trees) == set(), edition


def test_forms_and_cells():
    for name, (_, form, cells) in DOCUMENTS.items():
        document = read_document(CHAPTERS / name)
        assert (document.form, len(document.code)) == (form, cells), name


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in SHORT else pytest.mark.slow) for name in DOCUMENTS]
)
def test_runs_unchanged(name):
    result = rerun(CHAPTERS / name, sample_data=True)
    assert [(cell.where, cell.error) for cell in result.cells if cell.status != "ran"] == []
    assert result.ok, result.problem
    assert result.edition == DOCUMENTS[name][0].partition(" ")[0]
