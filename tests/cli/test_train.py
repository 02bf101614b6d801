"""Training from the command line: what it prints, what it writes, how it fails, and how it goes on."""

from __future__ import annotations

import csv
import itertools
import os
import re
import shlex
from pathlib import Path

import mxnet as mx
import numpy as np
import pytest
import safetensors.numpy

import gluonrnn as gb
from gluonrnn import devices
from gluonrnn.cli.main import main
from gluonrnn.cli.train import LAST_TEMPERATURE
from gluonrnn.training import loop
from tests.cli.common import EPOCH_LINE, FILES, TEXT, assert_one_line, perplexities, weights
from tests.matrix import KINDS, combinations


def test_train_prints_the_lines_of_the_book_and_writes_its_files(train):
    result = train("--epochs", 4, "--pred-period", 2, "--prefix", "over", "--prefix", "an", "--seed", 1)
    assert (result.status, result.err) == (0, "")
    lines = result.out.splitlines()
    assert lines[0] == "corpus own.txt: 280 characters, 8 distinct"
    for first, number in ((1, 2), (4, 4)):
        assert EPOCH_LINE.fullmatch(lines[first]).group(1) == str(number)
        assert re.fullmatch(" - over.{14}", lines[first + 1])
        assert re.fullmatch(" - an.{14}", lines[first + 2])
    assert lines[7] == ""
    assert lines[8] == f"300 characters at temperature {LAST_TEMPERATURE}:"
    folder = Path("runs") / "own"
    assert sorted(path.name for path in folder.iterdir()) == FILES
    assert lines[-4:-1] == [
        f"model    {folder / 'model.safetensors'}",
        f"history  {folder / 'history.csv'}",
        f"plot     {folder / 'perplexity.png'}",
    ]
    assert re.match(rf"write more with: .*gluonrnn generate {re.escape(str(folder))} --prefix ", lines[-1])
    text = "\n".join(lines[9:-4])
    assert text.split()[0].startswith("over")
    assert all(len(line) <= 72 for line in text.splitlines())
    assert (folder / "perplexity.png").read_bytes().startswith(b"\x89PNG\r\n\x1a\n")


def test_history_is_that_of_the_model_and_of_the_printed_lines(train):
    result = train("--epochs", 3, "--pred-period", 1, "--seed", 1)
    history = gb.load("runs/own/model.safetensors").history
    with open("runs/own/history.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["epoch", "perplexity", "seconds"]
    assert [(int(epoch), float(value), float(seconds)) for epoch, value, seconds in rows[1:]] == history
    printed = EPOCH_LINE.findall(result.out)
    assert printed == [(str(epoch), f"{value:f}") for epoch, value, _ in history]


@pytest.mark.slow
def test_the_text_to_start_from_is_the_first_two_characters_of_a_file_of_ones_own(train):
    assert "\n - ov" in train("--epochs", 1, "--pred-period", 1).out
    assert gb.load("runs/own/model.safetensors").options.prefixes == ("ov",)


@pytest.mark.slow
def test_a_known_corpus_brings_its_prefixes(run):
    small = ("--epochs", 1, "--num-hiddens", 2, "--num-steps", 100, "--batch-size", 100)
    result = run("train", "--corpus", "prose", "--max-chars", "all", *small, "-q")
    assert (result.status, result.out) == (0, f"{Path('runs/prose/model.safetensors')}\n")
    assert gb.load("runs/prose/model.safetensors").options.prefixes == ("The ", "Miss Thorne ")


@pytest.mark.slow
def test_runs_are_numbered_when_out_is_left_out(train):
    for _ in range(3):
        assert train("--epochs", 1, "-q").status == 0
    assert sorted(path.name for path in Path("runs").iterdir()) == ["own", "own-2", "own-3"]


def test_quiet_prints_the_path_alone_and_writes_the_same_files(train):
    result = train("--epochs", 2, "--pred-period", 1, "--out", "here", "-q")
    assert result == (0, f"{Path('here/model.safetensors')}\n", "")
    assert sorted(path.name for path in Path("here").iterdir()) == FILES


@pytest.mark.slow
def test_a_model_in_the_folder_is_kept_unless_overwrite_is_said(train, monkeypatch):
    assert train("--epochs", 1, "--out", "here", "-q").status == 0
    before = Path("here/model.safetensors").read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(loop, "train_epoch", lambda *a, **k: pytest.fail("training began"))
        result = train("--epochs", 2, "--out", "here")
    assert_one_line(result, 1, r"here.model.safetensors is there already: choose another --out, or .* --overwrite$")
    assert result.out == ""
    assert Path("here/model.safetensors").read_bytes() == before
    assert train("--epochs", 2, "--out", "here", "--overwrite", "-q").status == 0
    assert len(gb.load("here/model.safetensors").history) == 2


@pytest.mark.slow
def test_a_folder_without_a_model_may_be_there(train):
    Path("here").mkdir()
    Path("here/notes.txt").write_text("mine", encoding="utf-8")
    assert train("--epochs", 1, "--out", "here", "-q").status == 0
    assert Path("here/notes.txt").read_text(encoding="utf-8") == "mine"


@pytest.mark.slow
def test_the_command_it_ends_with_can_be_pasted_into_a_shell(train):
    last = train("--epochs", 1, "--out", "my run", "--prefix", "over and").out.splitlines()[-1]
    command = last.split(": ", 1)[1]
    assert shlex.split(command)[-7:] == [
        *["gluonrnn", "generate", "my run", "--prefix", "over and", "--temperature", str(LAST_TEMPERATURE)],
    ]


def test_a_seed_repeats_a_run_exactly(train):
    outputs = [
        train("--epochs", 3, "--pred-period", 1, "--sampling", "random", "--seed", seed, "--out", folder).out
        for folder, seed in (("a", 7), ("b", 7), ("c", 8))
    ]
    without_times = [re.sub(r"time \S+ sec|\b[abc]\b(?=[/\\ ])", "", output) for output in outputs]
    assert without_times[0] == without_times[1]
    assert perplexities("a") == perplexities("b")
    assert perplexities("a") != perplexities("c")
    for name, weight in weights("a").items():
        np.testing.assert_array_equal(weights("b")[name], weight)
        assert not np.array_equal(weights("c")[name], weight)


@pytest.mark.parametrize(
    ("cell", "layers", "sampling"),
    combinations(
        *KINDS,
        short=[("rnn", "scratch", "consecutive"), ("gru", "library", "consecutive"), ("lstm", "scratch", "random")],
    ),
)
def test_every_cell_layer_and_sampling_trains(train, run, cell, layers, sampling):
    options = ("--cell", cell, "--layers", layers, "--sampling", sampling)
    assert train(*options, "--epochs", 3, "--seed", 1, "--out", "here", "-q").status == 0
    model = gb.load("here/model.safetensors")
    assert (model.options.cell, model.options.layers, model.options.sampling) == (cell, layers, sampling)
    assert float(perplexities("here")[-1]) < float(perplexities("here")[0]) < 20
    assert len(run("generate", "here", "--prefix", "over", "--length", 10).out) == 15


def test_options_reach_the_model(train):
    result = train(
        *("--epochs", 1, "--lr", "10", "--clipping-theta", "none", "--pred-period", 0, "--prefix", "over"),
        *("--prefix", "and", "--num-hiddens", 5, "-q"),
    )
    assert result.status == 0
    assert gb.load("runs/own/model.safetensors").options == gb.Options(
        num_epochs=1,
        lr=10.0,
        clipping_theta=None,
        pred_period=0,
        pred_len=14,
        prefixes=["over", "and"],
        num_hiddens=5,
        num_steps=7,
        batch_size=4,
    )
    train("--epochs", 1, "--clipping-theta", "0.5", "--out", "clipped", "-q")
    assert gb.load("clipped/model.safetensors").options.clipping_theta == 0.5


@pytest.mark.slow
@pytest.mark.parametrize(("value", "length"), [("100", "100"), ("all", "280"), ("book", "280"), ("1000", "280")])
def test_max_chars(train, value, length):
    assert train("--epochs", 1, "--max-chars", value).out.startswith(f"corpus own.txt: {length} characters, 8 distinct")


@pytest.mark.slow
def test_newlines_are_spaces_unless_kept(train):
    Path("own.txt").write_text("over and over\n" * 20, encoding="utf-8")
    train("--epochs", 1, "-q")
    train("--epochs", 1, "-q", "--keep-newlines")
    assert "\n" not in gb.load("runs/own/model.safetensors").idx_to_char
    assert "\n" in gb.load("runs/own-2/model.safetensors").idx_to_char


def test_a_text_in_another_encoding(train):
    Path("own.txt").write_text("想要有直升机和你飞到宇宙去" * 20, encoding="gb18030")
    result = train("--epochs", 1, "--encoding", "gb18030", "--pred-period", 1)
    assert result.status == 0
    assert "\n - 想要" in result.out
    assert all(len(line) <= 36 for line in result.out.splitlines() if line.startswith("  "))
    assert "飞" in gb.load("runs/own/model.safetensors").idx_to_char


@pytest.mark.slow
def test_a_chinese_file_name_is_no_matter(train):
    Path("歌词.txt").write_text(TEXT, encoding="utf-8")
    result = train("--corpus", "歌词.txt", "--epochs", 1)
    assert (result.status, result.err) == (0, "")
    assert sorted(path.name for path in Path("runs/歌词").iterdir()) == FILES


# training that goes wrong

DIVERGING = ("--lr", "1e38", "--clipping-theta", "none", "--epochs", 2, "--pred-period", 1, "--seed", 1)


@pytest.mark.parametrize(
    ("arguments", "status", "words"),
    [
        (("--prefix", "oxen"), 1, "'x' at position 1 of 'oxen' .* leave it out, or train on a text that has it"),
        (("--prefix", ""), 1, "a prefix needs at least one character, but it is empty"),
        (("--batch-size", 0), 2, "batch_size must be at least 1, but it is 0"),
        (("--epochs", -1), 2, "num_epochs must be at least 0, but it is -1"),
        (("--num-steps", 0), 2, "num_steps must be at least 1"),
        (("--num-hiddens", 0), 2, "num_hiddens must be at least 1"),
        (("--pred-period", -1), 2, "pred_period must be at least 0"),
        (("--lr", "nan"), 2, "lr must be a finite number, but it is nan"),
        (("--clipping-theta", "-1"), 2, "clipping_theta must be a finite number of at least 0"),
        (("--corpus", "poems"), 1, "'poems' is neither a known corpus .lyrics, prose.* nor a file"),
        (("--corpus", "jaychou"), 1, "the corpus 'jaychou' .* not fetched because GLUONRNN_OFFLINE is set"),
        (("--corpus", "."), 1, "a corpus is a text file or a zip of one, but .* is a folder"),
        (("--encoding", "ascii-art"), 1, "Python knows no encoding 'ascii-art'"),
        (
            ("--batch-size", 40),
            1,
            "needs at least 320 characters for one batch of batch_size 40 and num_steps 7, but this one has 280: "
            "use batch_size up to 35 or num_steps up to 6, or a longer text",
        ),
        (("--batch-size", 40, "--sampling", "random"), 1, "at least 281 .* use batch_size up to 39 or num_steps up to"),
        (("--seed", -1), 2, r"seed must be a whole number in \[0, 2\*\*32\), but it is -1"),
    ],
)
def test_what_cannot_be_trained_is_one_line_before_any_training(train, never_trained, arguments, status, words):
    assert_one_line(train(*arguments), status, words)
    assert not Path("runs").exists()


def test_a_file_in_another_encoding_says_where_and_what_to_do(train, never_trained):
    Path("own.txt").write_bytes("想要有直升机".encode("gb18030"))
    assert_one_line(
        train(), 1, r"own.txt is not written in utf-8: byte 0x\w\w at offset \d+ does not fit; .*--encoding.*gb18030"
    )


def test_an_empty_file(train, never_trained):
    Path("own.txt").write_bytes(b"")
    assert_one_line(train(), 1, "a corpus needs at least one character, but the text is empty")


def test_a_folder_that_cannot_be_written_to(train, never_trained, monkeypatch):
    # for root every folder can be
    monkeypatch.setattr(os, "access", lambda path, mode, **keywords: mode != os.W_OK)
    assert_one_line(train("--out", "here"), 1, r"the folder \S* cannot be written to: choose another --out")


def test_a_file_in_the_place_of_the_folder(train, never_trained):
    assert_one_line(train("--out", "own.txt"), 1, "own.txt.*choose another --out")


@pytest.mark.slow
def test_a_hidden_file_has_a_folder_of_its_own_under_runs(train):
    Path(".txt").write_text(TEXT, encoding="utf-8")
    for _ in range(2):
        assert train("--corpus", ".txt", "--epochs", 1, "-q").status == 0
    assert [path.parent.parent for path in Path().rglob("model.safetensors")] == [Path("runs")] * 2


@pytest.mark.slow
def test_a_gpu_that_is_not_there(train, trained, run, never_trained, monkeypatch):
    monkeypatch.setattr(devices, "try_gpu", mx.cpu)
    words = "--device gpu needs a GPU that MXNet can use, and there is none: leave --device out"
    assert_one_line(train("--device", "gpu"), 1, words)
    assert_one_line(run("generate", trained, "--device", "gpu"), 1, words)


def test_the_cpu_can_be_asked_for(train, monkeypatch):
    monkeypatch.setattr(devices, "try_gpu", lambda: pytest.fail("a GPU was looked for"))
    assert train("--device", "cpu", "--epochs", 1, "-q").status == 0


def test_a_perplexity_beyond_all_numbers_is_inf(train):
    result = train("--lr", "1e6", "--clipping-theta", "none", "--epochs", 2, "--pred-period", 1, "--seed", 1)
    assert (result.status, result.err) == (0, "")
    assert EPOCH_LINE.findall(result.out) == [("1", "inf"), ("2", "inf")]
    assert perplexities("runs/own") == ["inf", "inf"]
    assert Path("runs/own/perplexity.png").exists()


@pytest.mark.filterwarnings("default")
def test_a_loss_that_is_not_finite_is_one_warning_line_and_training_goes_on(train):
    result = train(*DIVERGING)
    [warned] = [line for line in result.err.splitlines() if line.startswith("gluonrnn: warning: ")]
    assert re.search(r"the loss became (inf|nan) at epoch 1, batch \d+ \(gradient norm", warned)
    assert "--on-nonfinite stop" in warned
    assert "on_nonfinite=" not in warned
    assert "Traceback" not in result.err
    assert EPOCH_LINE.findall(result.out) == [("1", "nan"), ("2", "nan")]
    assert perplexities("runs/own") == ["nan", "nan"]
    assert f"model    {Path('runs/own/model.safetensors')}" in result.out
    assert f"plot     {Path('runs/own/perplexity.png')}" in result.out
    assert Path("runs/own/perplexity.png").exists()


def test_a_loss_that_is_not_finite_can_stop_the_training(train):
    result = train(*DIVERGING, "--on-nonfinite", "stop")
    kept, error = result.err.splitlines()
    assert result.status == 1
    assert re.search(r"the loss became (inf|nan) at epoch 1, batch \d+ .*: use a smaller lr", error)
    assert "0 epochs are kept in runs/own; go on with: " in kept
    assert not EPOCH_LINE.search(result.out)
    assert all(np.isfinite(weight).all() for weight in weights("runs/own").values())


def interrupted_after(epochs, monkeypatch, error=KeyboardInterrupt):
    whole, count = loop.train_epoch, itertools.count()

    def press(*arguments, **keywords):
        if next(count) == epochs:
            raise error
        return whole(*arguments, **keywords)

    monkeypatch.setattr(loop, "train_epoch", press)


@pytest.mark.slow
@pytest.mark.parametrize("epochs_done", [1, 2])
def test_ctrl_c_during_training_keeps_the_model(train, run, monkeypatch, epochs_done):
    interrupted_after(epochs_done, monkeypatch)
    result = train("--epochs", 50, "--out", "here")
    assert (result.status, result.err) == (130, "")
    counted = "1 epoch is" if epochs_done == 1 else "2 epochs are"
    assert f"interrupted: {counted} kept in here\n" in result.out
    assert shlex.split(result.out.splitlines()[-2])[-3:] == ["train", "--resume", "here"]
    assert len(perplexities("here")) == len(gb.load("here/model.safetensors").history) == epochs_done
    assert Path("here/perplexity.png").exists()
    assert run("generate", "here").status == 0


@pytest.mark.slow
def test_ctrl_c_before_anything_was_learnt_leaves_a_run_to_go_on_with(train, monkeypatch):
    with monkeypatch.context() as patched:
        interrupted_after(0, patched)
        result = train("--epochs", 2, "--out", "here", "--seed", 1)
    assert (result.status, result.err) == (130, "")
    assert "interrupted: 0 epochs are kept in here\n" in result.out
    assert "characters at temperature" not in result.out
    assert main(["train", "--resume", "here", "-q"]) == 0
    train("--epochs", 2, "--out", "straight", "--seed", 1)
    assert perplexities("here") == perplexities("straight")


@pytest.mark.slow
def test_ctrl_c_never_replaces_a_finished_run(train, monkeypatch):
    train("--epochs", 3, "--out", "here", "-q")
    finished = Path("here/model.safetensors").read_bytes()
    interrupted_after(2, monkeypatch)
    assert train("--epochs", 9, "--out", "here", "--overwrite", "-q").status == 130
    assert Path("here/model.safetensors").read_bytes() == finished
    assert len(gb.load("here/unfinished/model.safetensors").history) == 2


@pytest.mark.slow
def test_an_interrupted_run_in_the_current_folder_is_kept_too(train, monkeypatch):
    train("--epochs", 1, "--out", ".", "-q")
    interrupted_after(2, monkeypatch)
    assert train("--epochs", 9, "--out", ".", "--overwrite", "-q").status == 130
    assert len(gb.load("unfinished/model.safetensors").history) == 2


@pytest.mark.parametrize(("out", "file"), [((), "runs"), (("--out", "o/f/sub"), "o/f")])
def test_a_file_where_a_folder_is_needed_is_noticed_before_training(train, never_trained, out, file):
    Path(file).parent.mkdir(exist_ok=True)
    Path(file).write_text("mine", encoding="utf-8")
    assert_one_line(train(*out), 1, rf"{file} is a file, and a run needs a folder there: choose another --out")


@pytest.mark.slow
def test_an_epoch_counts_before_its_samples_are_drawn(train, monkeypatch):
    def press(*arguments, **keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("gluonrnn.training.trainer.continue_text", press)
    assert train("--epochs", 1, "--pred-period", 1, "-q").status == 130
    assert len(gb.load("runs/own/model.safetensors").history) == 1


@pytest.mark.slow
def test_whatever_ends_the_training_what_was_learnt_is_kept(train, monkeypatch):
    interrupted_after(2, monkeypatch, OSError("no space left"))
    result = train("--epochs", 9)
    assert result.status == 1
    assert "2 epochs are kept in runs/own; go on with: " in result.err
    assert len(gb.load("runs/own/model.safetensors").history) == 2


@pytest.mark.parametrize("name", ["history.csv", "perplexity.png"])
def test_no_file_of_a_run_is_replaced_unless_overwrite_is_said(train, never_trained, name):
    Path("here").mkdir()
    Path("here", name).write_text("mine", encoding="utf-8")
    assert_one_line(train("--out", "here"), 1, f"here.{name} is there already: choose another --out, or .*--overwrite")
    assert Path("here", name).read_text(encoding="utf-8") == "mine"


def test_ctrl_c_before_training_is_one_line(train, monkeypatch):
    def press(*arguments, **keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr("gluonrnn.training.sources.load_corpus", press)
    assert_one_line(train(), 130, "interrupted$")


# going on


@pytest.fixture
def half_trained(train):
    train("--epochs", 2, "--seed", 1, "--out", "half", "-q")
    return "half"


def test_resume_goes_on_where_the_run_stood(half_trained, train, run):
    result = run("train", "--resume", half_trained, "--epochs", 4)
    assert (result.status, result.err) == (0, "")
    assert f"model    {Path('half/model.safetensors')}" in result.out
    train("--epochs", 4, "--seed", 1, "--out", "straight", "-q")
    assert perplexities("half") == perplexities("straight")
    for name, weight in weights("straight").items():
        np.testing.assert_array_equal(weights("half")[name], weight)


@pytest.mark.slow
def test_what_is_written_in_the_end_is_that_of_a_run_without_a_break(half_trained, train, run):
    broken = run("train", "--resume", half_trained, "--epochs", 4).out
    straight = train("--epochs", 4, "--seed", 1, "--out", "straight").out
    beginning = f"300 characters at temperature {LAST_TEMPERATURE}:"
    assert broken.split(beginning)[1].split("model  ")[0] == straight.split(beginning)[1].split("model  ")[0]


@pytest.mark.slow
def test_resume_of_a_finished_run_says_where_everything_is(half_trained, run):
    result = run("train", "--resume", half_trained, "-q")
    assert result == (0, f"{Path('half/model.safetensors')}\n", "")
    assert len(perplexities("half")) == 2


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--seed", 2), "--resume goes on with the run's own --seed: leave it out, or begin a new run"),
        (("--num-hiddens", 16), "the run's own --num-hiddens: leave it out"),
        (("--cell", "gru"), "the run's own --cell: leave it out"),
        (("--encoding", "gbk"), "the run's own --encoding: leave it out"),
        (("--keep-newlines",), "the run's own --keep-newlines: leave it out"),
        (("--out", "there"), "the run's own --out: leave it out"),
        (("--overwrite",), "the run's own --overwrite: leave it out"),
        (("--lr", "inf"), "lr must be a finite number, but it is inf"),
        (("--epochs", -1), "num_epochs must be at least 0, but it is -1"),
        (("--checkpoint-epochs", 0), "checkpoint_epochs must be at least 1, but it is 0"),
        (("--checkpoint-minutes", -1), "checkpoint_minutes must be a finite number of at least 0, but it is -1"),
    ],
)
def test_what_cannot_be_otherwise_on_the_way_is_a_usage_error(half_trained, run, arguments, words):
    assert_one_line(run("train", "--resume", half_trained, *arguments), 2, words)


def test_no_epochs_are_a_model_that_learns_later(train, run):
    result = train("--epochs", 0, "--out", "here", "--seed", 1)
    assert (result.status, result.err) == (0, "")
    assert "characters at temperature" not in result.out
    assert result.out.splitlines()[-4:-1] == [
        "model    here/model.safetensors",
        "history  here/history.csv",
        "plot     none: no epoch was trained",
    ]
    assert run("train", "--resume", "here", "--epochs", 2, "-q").status == 0
    assert train("--epochs", 2, "--out", "straight", "--seed", 1, "-q").status == 0
    assert perplexities("here") == perplexities("straight")


def test_what_does_not_learn_trains(train):
    assert train("--lr", 0, "--clipping-theta", 0, "--epochs", 2, "--out", "here", "-q").status == 0
    assert len(set(perplexities("here"))) == 1


def test_resume_where_no_run_is(run):
    assert_one_line(
        run("train", "--resume", "nowhere"), 1, "there is no run in nowhere .no model.safetensors.: name the"
    )


@pytest.mark.slow
def test_resume_with_another_text(half_trained, run):
    Path("other.txt").write_text(TEXT + "!", encoding="utf-8")
    words = (
        r"the run in half learns from another text \(280 characters, 8 distinct\) than other.txt \(281, 9\): give the"
    )
    assert_one_line(run("train", "--resume", half_trained, "--corpus", "other.txt"), 1, words)
    Path("other.txt").write_text(TEXT, encoding="utf-8")
    Path("own.txt").unlink()
    assert run("train", "--resume", half_trained, "--corpus", "other.txt", "--epochs", 3, "-q").status == 0


@pytest.mark.slow
@pytest.mark.filterwarnings("default")
def test_a_run_that_diverged_names_the_last_model_that_did_not(train):
    result = train(*DIVERGING, "--checkpoint-minutes", 0)
    assert f"{Path('runs/own/last-finite.safetensors')} is the last that was finite" in result.out
    kept = safetensors.numpy.load_file("runs/own/last-finite.safetensors")
    assert all(np.isfinite(array).all() for array in kept.values())
