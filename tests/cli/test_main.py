"""The command as a whole: its help, its usage, corpora and doctor, and how it ends."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import pytest

import gluonrnn as gb
from gluonrnn._machine import num_cores
from tests.cli.common import EPOCH_LINE, ERROR, ROOT, SMALL, TEXT, assert_one_line, call_python

# help and usage


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ((), ["train", "generate", "corpora", "doctor", "--version"]),
        (("train",), ["--corpus", "--max-chars", "--on-nonfinite", "--overwrite", "--seed", "--epochs", "--prefix"]),
        (("generate",), ["MODEL", "--prefix", "--length", "--temperature", "--top-k", "--skip-unknown"]),
        (("corpora",), ["list", "path", "fetch"]),
        (("corpora", "path"), ["timemachine"]),
        (("corpora", "fetch"), ["timemachine"]),
        (("doctor",), ["usage: gluonrnn doctor"]),
    ],
)
def test_help_of_every_command(run, command, words):
    result = run(*command, "--help")
    assert (result.status, result.err) == (0, "")
    assert result.out.startswith(" ".join(["usage: gluonrnn", *command]))
    for word in words:
        assert word in result.out


def test_help_of_train_has_every_option_with_its_default_and_its_text(run):
    shown = " ".join(run("train", "--help").out.split())
    for option in fields(gb.Options):
        name = {"num_epochs": "epochs", "prefixes": "prefix"}.get(option.name, option.name)
        assert f"--{name.replace('_', '-')} " in shown.replace(",", " ")
        text = " ".join(option.metadata["help"].split())
        assert text in shown
        if option.name != "prefixes":
            assert f"{text} (default: {option.default})" in shown


def test_version(run):
    assert run("--version") == (0, f"gluonrnn {gb.__version__}\n", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "the following arguments are required: COMMAND"),
        (("rewrite",), "invalid choice: 'rewrite'"),
        (("train", "--cell", "foo"), r"argument --cell: invalid choice: 'foo' \(choose from '?rnn'?, '?gru'?, '?lstm"),
        (("train", "--layers", "foo"), "argument --layers: invalid choice"),
        (("train", "--sampling", "foo"), "argument --sampling: invalid choice"),
        (("train", "--epochs", "many"), "argument --epochs/--num-epochs: invalid int value: 'many'"),
        (("train", "--lr", "fast"), "argument --lr: invalid float value: 'fast'"),
        (("train", "--device", "tpu"), "argument --device: invalid choice"),
        (("train", "--momentum", "1"), "unrecognized arguments: --momentum"),
        (("generate",), "the following arguments are required: MODEL"),
        (("corpora", "path", "poems"), "invalid choice: 'poems'"),
        (("corpora", "fetch"), "the following arguments are required: name"),
        # not the names of functions
        (("train", "--max-chars", "0"), "argument --max-chars: a whole number of at least 1, .* is needed, not '0'"),
        (("train", "--max-chars", "some"), "argument --max-chars: (?!invalid _).*'some'"),
        (("train", "--clipping-theta", "some"), "argument --clipping-theta: (?!invalid _).*'some'"),
    ],
)
def test_wrong_usage_ends_with_2_and_says_how_it_is_used(run, arguments, words):
    result = run(*arguments)
    assert (result.status, result.out) == (2, "")
    assert result.err.startswith("usage: gluonrnn")
    last = result.err.splitlines()[-1]
    assert re.match(r"gluonrnn.*: error: ", last)
    assert re.search(words, last), last


# corpora and doctor


@pytest.mark.parametrize("arguments", [("corpora",), ("corpora", "list")])
def test_corpora_are_listed_with_where_they_are(run, arguments):
    result = run(*arguments)
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert [line.split()[0] for line in lines[::2]] == ["lyrics", "prose", "jaychou", "jaychou-2017", "timemachine"]
    assert "1,055 distinct characters   Chinese song lyrics" in lines[0]
    assert Path(lines[1].strip()) == gb.find_corpus("lyrics")
    assert lines[5].strip() == "not on this machine: gluonrnn corpora fetch jaychou"


def test_the_path_of_a_corpus(run):
    result = run("corpora", "path", "prose")
    assert (result.status, result.err) == (0, "")
    assert Path(result.out.strip()) == gb.find_corpus("prose").resolve()


def test_a_corpus_that_comes_with_the_package_need_not_be_fetched(run):
    result = run("corpora", "fetch", "lyrics")
    assert (result.status, result.err) == (0, "")
    assert Path(result.out.strip()) == gb.find_corpus("lyrics")


def test_the_path_of_a_corpus_that_is_not_here(run):
    result = run("corpora", "path", "timemachine")
    assert_one_line(result, 1, r"the corpus 'timemachine' \(timemachine.txt\) was not found, and it was not fetched; l")
    assert result.out == ""


def test_fetching_offline(run):
    words = "'jaychou' .* it was not fetched because GLUONRNN_OFFLINE is set.* name its folder in GLUONRNN_DATA"
    assert_one_line(run("corpora", "fetch", "jaychou"), 1, words)


def test_doctor(run):
    result = run("doctor")
    assert (result.status, result.err) == (0, "")
    assert result.out.splitlines()[-1] == "All that gluonrnn needs is here."


def test_doctor_of_a_machine_that_lacks_something(run, monkeypatch):
    monkeypatch.setitem(sys.modules, "numpy", None)
    result = run("doctor")
    assert (result.status, result.err) == (1, "")
    assert re.search(r"^FAIL  NumPy +not installed$", result.out, flags=re.MULTILINE)


# the command as users start it, in a process of its own


def test_the_command_in_a_process_of_its_own_computes_on_all_cores(monkeypatch):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.delenv("MXNET_OMP_MAX_THREADS", raising=False)
    Path("own.txt").write_text(TEXT, encoding="utf-8")
    result = call_python(
        *("-m", "gluonrnn", "train", "--corpus", "own.txt", *SMALL, "--epochs", 2, "--pred-period", 1, "--seed", 1)
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert [epoch for epoch, _ in EPOCH_LINE.findall(result.stdout)] == ["1", "2"]
    assert len(gb.load("runs/own/model.safetensors").history) == 2
    assert json.loads(Path("runs/own/options.json").read_text())["threads"] == num_cores()


def test_exit_statuses_of_a_process_of_its_own():
    usage = call_python("-m", "gluonrnn")
    assert usage.returncode == 2
    assert usage.stderr.splitlines()[-1] == f"{ERROR}the following arguments are required: COMMAND"
    failure = call_python("-m", "gluonrnn", "generate", "nothing.safetensors")
    assert failure.returncode == 1
    assert failure.stderr.startswith(f"{ERROR}there is no model file nothing.safetensors")
    assert len(failure.stderr.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_reader_that_has_gone_leaves_nothing_on_stderr(unbuffered):
    with subprocess.Popen(
        [sys.executable, "-m", "gluonrnn", "corpora"],
        env={**os.environ, "PYTHONPATH": ROOT, "PYTHONUNBUFFERED": unbuffered},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        process.stdout.close()
        errors = process.stderr.read()
    assert (process.returncode, errors) == (1, "")
