"""Writing with a trained model from the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy

import gluonrnn as gb
from tests.cli.common import SMALL, assert_one_line
from tests.cli.test_train import DIVERGING


def test_generate_takes_a_file_or_the_folder_of_a_run(run, trained):
    result = run("generate", trained, "--prefix", "over", "--length", 20)
    assert result == (0, "over and over over and o\n", "")
    assert run("generate", trained / "model.safetensors", "--prefix", "over", "--length", 20) == result


def test_generate_starts_from_the_text_of_the_samples(run, trained):
    assert run("generate", trained) == run("generate", trained, "--prefix", "over", "--length", 200)


@pytest.mark.slow
def test_a_terminal_is_given_no_control_characters(run, monkeypatch):
    Path("own.txt").write_text("a\x1b[2Jb\tc" * 40, encoding="utf-8")
    assert run("train", "--corpus", "own.txt", *SMALL, "--epochs", 30, "--seed", 1, "--out", "here", "-q").status == 0
    written = run("generate", "here", "--prefix", "a\x1b", "--length", 20).out
    assert written.startswith("a\x1b")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert run("generate", "here", "--prefix", "a\x1b", "--length", 20).out == written.replace("\x1b", "\\x1b")


@pytest.mark.parametrize("same", [("--temperature", 0), ("--temperature", 3, "--top-k", 1), ("--seed", 5)])
def test_the_likeliest_is_taken_by_default(run, trained, same):
    assert run("generate", trained, *same) == run("generate", trained)


def test_a_seed_repeats_the_draws(run, trained):
    first, second, other = (run("generate", trained, "--temperature", 5, "--seed", seed) for seed in (1, 1, 2))
    assert (first.status, first.err) == (0, "")
    assert first == second
    assert first.out != other.out
    assert len(first.out) == 205


def test_no_length_is_the_prefix_alone(run, trained):
    assert run("generate", trained, "--prefix", "nd ov", "--length", 0) == (0, "nd ov\n", "")


def test_unknown_characters_can_be_skipped(run, trained):
    result = run("generate", trained, "--prefix", "oXver", "--length", 9, "--skip-unknown")
    assert result == (0, "oXver and over\n", "")


def test_a_model_without_samples_needs_a_prefix(run, tiny):
    gb.fit(tiny, num_epochs=1, num_hiddens=2, num_steps=7, batch_size=4, prefixes=[]).save("model.safetensors")
    assert_one_line(run("generate", "model.safetensors"), 2, "trained without samples.*: give --prefix")
    assert run("generate", "model.safetensors", "--prefix", "o", "--length", 3).status == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--prefix", "oxen"), "the character 'x' at position 1 of 'oxen' is not in the vocabulary"),
        (("--prefix", ""), "a prefix needs at least one character, but it is empty"),
        (("--prefix", "XYZ", "--skip-unknown"), "at least one character of the vocabulary, but 'XYZ' has none"),
        (("--temperature", -1), "temperature must be a finite number of at least 0, but it is -1"),
        (("--temperature", "inf"), "temperature must be a finite number"),
        (("--top-k", 0), "top_k must be at least 1, but it is 0"),
        (("--length", -1), r"length must be at least 0, but it is -1"),
        (("--seed", -1, "--temperature", 1), "seed must .* but it is -1"),
    ],
)
def test_what_cannot_be_generated_is_one_line(run, trained, arguments, words):
    result = run("generate", trained, *arguments)
    assert result.out == ""
    assert result.status in (1, 2)
    assert_one_line(result, result.status, words)


def test_the_remedy_for_an_unknown_character_can_be_followed_on_the_command_line(run, trained):
    error = run("generate", trained, "--prefix", "oxen").err
    assert "--skip-unknown" in error
    assert "unknown=" not in error


DAMAGE = {
    "truncated": lambda content: content[: len(content) // 2],
    "random bytes": lambda content: bytes(np.random.default_rng(1).integers(0, 256, size=3000, dtype="uint8")),
    "empty": lambda content: b"",
    "longer": lambda content: content + b"more",
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_damaged_model_is_one_line(run, trained, damage):
    content = (trained / "model.safetensors").read_bytes()
    Path("model.safetensors").write_bytes(damage(content))
    words = "model.safetensors is not a readable model .*: it is damaged or incomplete, copy it anew or train again"
    assert_one_line(run("generate", "model.safetensors"), 1, words)
    assert_one_line(run("generate", "."), 1, words)


def test_a_file_of_another_program_is_one_line(run):
    safetensors.numpy.save_file({"W": np.zeros(3, "float32")}, "other.safetensors")
    assert_one_line(run("generate", "other.safetensors"), 1, "holds weights but was not written by gluonrnn")


@pytest.mark.parametrize("name", ["nothing.safetensors", "runs", "."])
def test_a_model_that_is_not_there_is_one_line(run, name):
    assert_one_line(run("generate", name), 1, "there is no model file .*: check the name, relative to")


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_model_that_diverged_cannot_write(train, run):
    train(*DIVERGING, "-q")
    assert_one_line(run("generate", "runs/own", "--prefix", "ov"), 1, "the model's scores are not finite")
