"""A run in a process of its own: what signals do to it, and what it leaves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import gluonrnn as gb
from gluonrnn.training import callbacks, loop
from gluonrnn.training.checkpoints import read_checkpoint
from gluonrnn.training.folders import RunFolder
from tests.comparing import assert_equal_weights

ROOT = str(Path(gb.__file__).resolve().parents[1])
TEXT = "over and under, " * 19 + "and so"
SMALL = ["--num-hiddens=5", "--num-steps=11", "--batch-size=4", "--pred-len=3"]
# a shell may have started pytest with signals ignored
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGTERM, signal.SIG_DFL)
signal.signal(signal.SIGHUP, signal.SIG_DFL)
from gluonrnn.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


def begun(*arguments):
    Path("own.txt").write_text(TEXT, encoding="utf-8")
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, "train", "--corpus", "own.txt", *SMALL, "--out", "run", *arguments],
        env={**os.environ, "PYTHONPATH": ROOT, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(process, start):
    for line in process.stdout:
        if line.startswith(start):
            return
    pytest.fail(f"the process ended: {process.stderr.read()}")


@pytest.mark.parametrize(
    ("number", "status"),
    [
        (signal.SIGINT, 130),
        *(pytest.param(*each, marks=pytest.mark.slow) for each in ((signal.SIGTERM, 143), (signal.SIGHUP, 129))),
    ],
    ids=["INT", "TERM", "HUP"],
)
def test_a_signal_lets_the_batch_end_and_keeps_everything(number, status):
    with begun("--epochs=500000", "--pred-period=1", "--checkpoint-minutes=none") as process:
        wait_for(process, "epoch 3,")
        process.send_signal(number)
        output, errors = process.communicate(timeout=60)
    assert process.returncode == status, errors
    kept = read_checkpoint("run/model.safetensors")
    assert len(kept.history) >= 3
    told = output if status == 130 else errors
    assert f"{len(kept.history)} epochs are kept in run" in told
    assert "--resume run" in told
    assert "Traceback" not in errors
    log = Path("run/log.txt").read_text(encoding="utf-8")
    assert "begun: <LanguageModel rnn" in log
    assert "interrupted: <LanguageModel rnn" in log
    last = kept.history[-1].epoch
    again = ["train", "--resume", "run", "--epochs", str(last + 1), "-q"]
    environment = {**os.environ, "PYTHONPATH": ROOT}
    subprocess.run([sys.executable, "-c", PROGRAM, *again], env=environment, check=True, capture_output=True)
    assert len(read_checkpoint("run/model.safetensors").history) == last + 1
    assert "goes on at epoch" in Path("run/log.txt").read_text(encoding="utf-8")


def test_a_killed_run_goes_on_from_its_last_checkpoint():
    with begun("--epochs=500000", "--pred-period=1", "--checkpoint-epochs=1", "--checkpoint-minutes=none") as process:
        wait_for(process, "epoch 4,")
        process.kill()
    kept = len(read_checkpoint("run/model.safetensors").history)
    assert kept >= 3
    assert len(gb.resume("run", num_epochs=kept + 1).history) == kept + 1
    hidden = [path.name for path in Path("run").iterdir() if path.name.startswith(".")]
    assert hidden == [".lock"]


@pytest.mark.slow
def test_two_runs_on_one_folder_are_one_too_many():
    with begun("--epochs=500000", "--pred-period=1") as process:
        wait_for(process, "epoch 1,")
        second = subprocess.run(
            [sys.executable, "-c", PROGRAM, "train", "--resume", "run"],
            env={**os.environ, "PYTHONPATH": ROOT},
            capture_output=True,
            text=True,
            check=False,
        )
        process.kill()
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr == ("gluonrnn: error: another run is writing into run: let it end, or choose another --out\n")


def fitting(*settings):
    """A process that fits a model in Python, two epochs on its way."""
    program = (
        "import signal; signal.signal(signal.SIGTERM, signal.SIG_DFL)\nimport gluonrnn as gb\n"
        f"gb.fit(gb.load_corpus(text={TEXT!r}), num_hiddens=5, num_steps=11, batch_size=4, num_epochs=500_000,\n"
        f"       {', '.join(['pred_period=1', 'verbose=True', *settings])})\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-u", "-c", program],
        env={**os.environ, "PYTHONPATH": ROOT},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(process, "epoch 2,")
    return process


@pytest.mark.slow
def test_python_ends_as_it_was_told_to():
    with fitting("out='run'") as process:
        process.terminate()
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (143, "")
    assert len(read_checkpoint("run/model.safetensors").history) >= 2


@pytest.mark.slow
def test_without_a_folder_the_signal_acts_as_ever():
    with fitting() as process:
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == -signal.SIGTERM


@pytest.mark.slow
def test_the_folder_says_what_the_run_is():
    Path("own.txt").write_text(TEXT, encoding="utf-8")
    gb.fit(
        "own.txt", cell="gru", num_hiddens=5, num_steps=11, batch_size=4, num_epochs=2, pred_period=1, seed=7, out="run"
    )
    assert sorted(path.name for path in Path("run").iterdir()) == [
        ".lock",
        "history.csv",
        "log.txt",
        "model.safetensors",
        "options.json",
        "perplexity.png",
    ]
    said = json.loads(Path("run/options.json").read_text(encoding="utf-8"))
    assert (said["options"]["cell"], said["options"]["num_hiddens"], said["seed"]) == ("gru", 5, 7)
    assert said["corpus"]["name"] == str(Path("own.txt").resolve())
    assert (said["characters"], said["distinct"]) == (310, 11)
    assert sorted(said["versions"]) == ["gluonrnn", "mxnet", "numpy", "python"]
    log = Path("run/log.txt").read_text(encoding="utf-8").splitlines()
    assert [line.split("  ", 1)[1].split(",")[0] for line in log] == [
        "begun: <LanguageModel gru (scratch)",
        "epoch 1",
        " - ov" + log[2].split(" - ov")[1],
        "epoch 2",
        " - ov" + log[4].split(" - ov")[1],
        "ended: <LanguageModel gru (scratch)",
    ]
    assert time.strptime(log[0].split("  ")[0], "%Y-%m-%d %H:%M:%S")


@pytest.mark.parametrize("kept", [{}, {"out": "run"}], ids=["in memory", "in a folder"])
def test_ctrl_c_within_a_batch_lets_it_end(tiny, kept, monkeypatch):
    small = {"num_hiddens": 4, "num_steps": 7, "batch_size": 4, "seed": 1}

    def press(self, loss, *, epoch, batch, norm):
        seen.append((epoch, batch))
        if seen[-1] == (2, 3):
            signal.raise_signal(signal.SIGINT)

    seen = []
    monkeypatch.setattr(loop.NonFiniteGuard, "check", press)
    with pytest.raises(KeyboardInterrupt) as caught:
        gb.fit(tiny, num_epochs=50, **kept, **small)
    assert seen[-1] == (2, 3)
    assert len(caught.value.model.history) == 1
    if kept:
        assert_equal_weights(gb.load("run/model.safetensors"), caught.value.model)
        assert len(gb.resume("run", tiny, num_epochs=3).history) == 3


@pytest.mark.parametrize(
    ("numbers", "error"),
    [
        ([signal.SIGINT], KeyboardInterrupt),
        ([signal.SIGTERM], SystemExit),
        ([signal.SIGINT, signal.SIGTERM], SystemExit),
    ],
)
@pytest.mark.parametrize("moment", ["write_plot", "finish"])
def test_a_signal_is_not_lost_while_the_end_is_written(tiny, numbers, error, moment, monkeypatch):
    whole = getattr(RunFolder, moment)

    def pressed(*arguments, **keywords):
        for number in numbers:
            signal.raise_signal(number)
        return whole(*arguments, **keywords)

    monkeypatch.setattr(RunFolder, moment, pressed)
    with pytest.raises(error) as caught:
        gb.fit(tiny, num_hiddens=4, num_steps=7, batch_size=4, num_epochs=1, out="run")
    assert len(caught.value.model.history) == len(gb.load("run/model.safetensors").history) == 1


def test_a_second_ctrl_c_while_the_end_is_written_acts_at_once(tiny, monkeypatch):
    def pressed(*arguments, **keywords):
        signal.raise_signal(signal.SIGINT)
        pytest.fail("it did not act")

    def press(epoch, *_):
        if epoch == 2:
            monkeypatch.setattr(callbacks, "write_checkpoint", pressed)
            signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt) as caught:
        gb.fit(
            tiny, num_hiddens=4, num_steps=7, batch_size=4, num_epochs=9, out="run", checkpoint_epochs=1, callback=press
        )
    assert len(caught.value.model.history) == 2
    assert len(gb.load("run/model.safetensors").history) == 1


def test_no_epochs_are_a_run_that_is_finished(tiny):
    small = {"num_hiddens": 4, "num_steps": 7, "batch_size": 4, "seed": 1, "out": "run"}
    gb.fit(tiny, num_epochs=1, **small)
    gb.fit(tiny, num_epochs=0, overwrite=True, **small)
    assert sorted(path.name for path in Path("run").iterdir()) == [
        *(".lock", "history.csv", "log.txt", "model.safetensors", "options.json")
    ]
    assert gb.load("run/model.safetensors").history == []
    assert_equal_weights(gb.resume("run", tiny, num_epochs=2), gb.fit(tiny, **{**small, "num_epochs": 2, "out": None}))


# run once for each of its writes before the first batch, and killed there
KILLED_AT_A_WRITE = """
import os, sys
from pathlib import Path
import gluonrnn as gb
from gluonrnn.training.folders import RunFolder

number, written = int(sys.argv[1]), []


def then_killed(write):
    def written_or_killed(self, *arguments):
        if len(written) == number:
            os._exit(9)
        written.append(write)
        return write(self, *arguments)

    return written_or_killed


for name in ("open", "log", "write_history", "write_options"):
    setattr(RunFolder, name, then_killed(getattr(RunFolder, name)))
ends = lambda *epoch: os._exit(5)
gb.fit("own.txt", out="run", num_epochs=3, num_hiddens=5, num_steps=11, batch_size=4, callback=ends)
"""


@pytest.mark.slow
def test_whenever_a_run_is_killed_as_it_begins_it_can_go_on_or_begin_anew():
    Path("own.txt").write_text(TEXT, encoding="utf-8")
    for number in range(10):
        killed = subprocess.run(
            [sys.executable, "-c", KILLED_AT_A_WRITE, str(number)],
            env={**os.environ, "PYTHONPATH": ROOT},
            stderr=subprocess.PIPE,
            text=True,
        )
        assert killed.returncode in (9, 5), killed.stderr
        if Path("run/model.safetensors").exists():
            assert gb.resume("run", num_epochs=1).history
        else:
            assert gb.fit("own.txt", out="run", num_epochs=1, num_hiddens=5, num_steps=11, batch_size=4).history
        shutil.rmtree("run")
        if killed.returncode == 5:
            break
    assert number == 4


def test_a_sigterm_behind_a_ctrl_c_counts_more(tiny, monkeypatch):
    monkeypatch.setattr(RunFolder, "write_plot", lambda *arguments: signal.raise_signal(signal.SIGTERM))
    press = {"callback": lambda *_: signal.raise_signal(signal.SIGINT)}
    with pytest.raises(SystemExit, match="143") as caught:
        gb.fit(tiny, num_hiddens=4, num_steps=7, batch_size=4, num_epochs=9, out="run", **press)
    assert len(caught.value.model.history) == len(gb.load("run/model.safetensors").history) == 1
