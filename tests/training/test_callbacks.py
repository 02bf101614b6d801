"""What has been learnt is kept: when it is due, when it cannot be written, when it is no longer finite."""

from __future__ import annotations

import errno
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest

import gluonrnn as gb
from gluonrnn.training import callbacks
from gluonrnn.training.callbacks import check_intervals
from gluonrnn.training.checkpoints import read_checkpoint
from gluonrnn.training.folders import LAST_FINITE_NAME, MODEL_NAME

TEXT = "over and under, " * 19 + "and so"
SMALL = {"num_hiddens": 5, "num_steps": 11, "batch_size": 4, "pred_period": 0, "seed": 1}
NUM_BATCHES = 6
DIVERGING = {**SMALL, "lr": 1e38, "clipping_theta": None}


@pytest.fixture
def corpus():
    return gb.load_corpus(text=TEXT)


@pytest.fixture
def written(monkeypatch):
    """Each checkpoint that is written, as (epoch, batch)."""
    found, write = [], callbacks.write_checkpoint

    def noted(path, checkpoint):
        write(path, checkpoint)
        state = checkpoint.progress.state
        found.append((Path(path).name, state.epoch, state.batch))

    monkeypatch.setattr(callbacks, "write_checkpoint", noted)
    return found


def of_model(written):
    return [place for name, *place in written if name == MODEL_NAME]


def test_nothing_is_written_without_a_folder(corpus):
    gb.fit(corpus, num_epochs=1, **SMALL)
    assert list(Path().iterdir()) == []


def test_the_first_and_the_last_are_always_written(corpus, written):
    gb.fit(corpus, num_epochs=3, out="run", checkpoint_minutes=None, **SMALL)
    assert of_model(written) == [[1, 0], [4, 0]]


def test_every_so_many_epochs(corpus, written):
    gb.fit(corpus, num_epochs=5, out="run", checkpoint_minutes=None, checkpoint_epochs=2, **SMALL)
    assert of_model(written) == [[1, 0], [3, 0], [5, 0], [6, 0]]


def test_every_so_many_minutes_within_an_epoch_too(corpus, written, monkeypatch):
    now = [0.0]

    def tick():
        now[0] += 20.0
        return now[0]

    monkeypatch.setattr(callbacks.time, "monotonic", tick)
    gb.fit(corpus, num_epochs=1, out="run", checkpoint_minutes=1.0, **SMALL)
    # the clock is looked at after each batch, and when a checkpoint is written
    assert of_model(written) == [[1, 0], [1, 3], [1, 6], [2, 0]]


def test_after_each_batch(corpus, written):
    gb.fit(corpus, num_epochs=1, out="run", checkpoint_minutes=0, **SMALL)
    assert of_model(written) == [*([1, batch] for batch in range(NUM_BATCHES + 1)), [2, 0]]


@pytest.mark.parametrize(
    ("intervals", "error", "words"),
    [
        ((0, None), ValueError, "^checkpoint_epochs must be at least 1, but it is 0"),
        ((1.5, None), TypeError, "^checkpoint_epochs must be a whole number"),
        ((None, -1), ValueError, "^checkpoint_minutes must be a finite number of at least 0, but it is -1"),
        ((None, "1"), TypeError, "^checkpoint_minutes must be a finite number"),
    ],
)
def test_intervals_that_are_none_are_refused_before_any_work(corpus, intervals, error, words):
    with pytest.raises(error, match=words):
        check_intervals(*intervals)
    with pytest.raises(error, match=words):
        gb.fit(corpus, out="run", checkpoint_epochs=intervals[0], checkpoint_minutes=intervals[1], **SMALL)
    assert list(Path().iterdir()) == []


def fill_the_disk(monkeypatch, *, after, for_writes, elsewhere=False):
    """Let `after` writes of a model succeed, and the next `for_writes` fail as on a full disk."""
    write, count = callbacks.write_checkpoint, []

    def full(path, checkpoint):
        count.append(path)
        if after < len(count) <= after + for_writes and (elsewhere or Path(path).parent.name == "run"):
            raise OSError(errno.ENOSPC, "No space left on device")
        write(path, checkpoint)

    monkeypatch.setattr(callbacks, "write_checkpoint", full)


def test_a_full_disk_is_said_once_and_training_goes_on(corpus, monkeypatch):
    fill_the_disk(monkeypatch, after=2, for_writes=3)
    words = (
        r"^a checkpoint could not be written into run \(No space left on device\); training goes on, and it is tried "
        r"again, and the last one is of epoch 1, batch 1: make room, or stop with Ctrl-C$"
    )
    with pytest.warns(gb.CheckpointWarning, match=words) as seen:
        model = gb.fit(corpus, num_epochs=2, out="run", checkpoint_minutes=0, **SMALL)
    assert len(seen) == 1
    assert "No space left" in Path("run/log.txt").read_text(encoding="utf-8")
    assert len(read_checkpoint("run/model.safetensors").history) == len(model.history) == 2


def test_a_disk_that_is_full_from_the_first_is_known_before_any_work(corpus, monkeypatch):
    fill_the_disk(monkeypatch, after=0, for_writes=10**6)
    with pytest.raises(OSError, match="No space left on device"):
        gb.fit(corpus, num_epochs=2, out="run", **SMALL)
    assert not Path("run").exists()


def test_a_disk_that_stays_full_has_the_model_written_elsewhere(corpus, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    fill_the_disk(monkeypatch, after=1, for_writes=10**6)
    words = (
        r"^the model could not be written into run \(No space left on device\) and is kept in "
        rf"{tmp_path}/gluonrnn-\w+/model.safetensors: copy it to where there is room$"
    )
    with pytest.raises(OSError, match=words) as caught:
        gb.fit(corpus, num_epochs=2, out="run", **SMALL)
    (kept,) = tmp_path.glob("gluonrnn-*/model.safetensors")
    assert len(read_checkpoint(kept).history) == len(caught.value.model.history) == 2
    # where there is room again
    monkeypatch.undo()
    shutil.copy(kept, tmp_path / MODEL_NAME)
    assert len(gb.resume(tmp_path, corpus, num_epochs=3).history) == 3


def test_two_full_disks_are_said_and_leave_nothing(corpus, monkeypatch, tmp_path):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    fill_the_disk(monkeypatch, after=1, for_writes=10**6, elsewhere=True)
    words = r"into run \(No space left on device\), nor into .*, and the last one is of epoch 1, batch 0: make room"
    with pytest.raises(OSError, match=words):
        gb.fit(corpus, num_epochs=2, out="run", **SMALL)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_history_that_cannot_be_written_is_no_lost_checkpoint(corpus, monkeypatch):
    def fail(self, history):
        raise PermissionError(errno.EACCES, "open in a spreadsheet")

    monkeypatch.setattr("gluonrnn.training.folders.RunFolder.write_history", fail)
    gb.fit(corpus, num_epochs=2, out="run", checkpoint_epochs=1, **SMALL)
    assert len(read_checkpoint("run/model.safetensors").history) == 2
    assert "the history could not be written" in Path("run/log.txt").read_text(encoding="utf-8")


def test_a_folder_that_is_gone_at_the_end_is_made_anew(corpus):
    def delete_and_fail(epoch, *result):
        shutil.rmtree("run")
        raise RuntimeError("in the callback")

    with pytest.warns(gb.CheckpointWarning, match="is made anew"), pytest.raises(RuntimeError, match="in the callback"):
        gb.fit(corpus, num_epochs=2, out="run", callback=delete_and_fail, checkpoint_minutes=None, **SMALL)
    assert len(read_checkpoint("run/model.safetensors").history) == 1


@pytest.mark.slow
def test_a_clock_that_steps_back_is_no_matter(corpus, monkeypatch):
    now = [1e9]

    def back():
        now[0] -= 100.0
        return now[0]

    monkeypatch.setattr("time.time", back)
    gb.fit(corpus, num_epochs=2, out="run", checkpoint_minutes=0, **SMALL)
    assert len(gb.resume("run", corpus, num_epochs=3).history) == 3


@pytest.mark.slow
def test_a_folder_that_is_deleted_during_the_run_is_made_anew(corpus):
    def delete(epoch, *result):
        if epoch == 2:
            shutil.rmtree("run")

    with pytest.warns(gb.CheckpointWarning, match="^the folder run was deleted or moved, and is made anew$"):
        gb.fit(corpus, num_epochs=4, out="run", checkpoint_epochs=1, callback=delete, **SMALL)
    assert len(read_checkpoint("run/model.safetensors").history) == 4
    assert len(gb.resume("run", corpus, num_epochs=5).history) == 5


def test_weights_that_are_not_finite_do_not_take_the_place_of_the_last_that_were(corpus):
    with pytest.warns(gb.NonFiniteLossWarning, match="the loss became"):
        gb.fit(corpus, num_epochs=2, out="run", checkpoint_minutes=0, **DIVERGING)
    last, finite = read_checkpoint(f"run/{MODEL_NAME}"), read_checkpoint(f"run/{LAST_FINITE_NAME}")
    assert last.progress.state.diverged
    assert not np.isfinite(last.progress.state.loss)
    assert (finite.is_finite, finite.progress.state.diverged) == (True, False)
    # on the model of one batch, the loss of the next is not finite
    assert finite.progress.state.batch == 0
    assert "no longer finite" in Path("run/log.txt").read_text(encoding="utf-8")


def test_training_that_stops_there_leaves_the_last_finite_model(corpus):
    def then_diverge(epoch, *result):
        return epoch == 2

    gb.fit(corpus, num_epochs=9, out="run", callback=then_diverge, **SMALL)
    with pytest.raises(gb.NonFiniteLossError, match=r"at epoch 3, batch \d"):
        gb.resume("run", corpus, on_nonfinite="raise", lr=1e38, clipping_theta=None, checkpoint_minutes=0)
    kept = read_checkpoint(f"run/{MODEL_NAME}")
    assert kept.is_finite
    assert len(kept.history) == 2
    assert "ended by NonFiniteLossError" in Path("run/log.txt").read_text(encoding="utf-8")
    assert not Path("run", LAST_FINITE_NAME).exists()
    # a smaller step, and it goes on
    assert gb.resume("run", corpus, num_epochs=4, lr=1.0, clipping_theta=0.01).history[-1].epoch == 4


@pytest.mark.slow
def test_after_an_infinite_loss_what_is_finite_again_is_kept(corpus):
    with pytest.warns(gb.NonFiniteLossWarning, match="the loss became inf"):
        gb.fit(corpus, num_epochs=1, out="run", **{**SMALL, "lr": 1e37, "clipping_theta": None})
    model = gb.resume(
        "run", corpus, num_epochs=9, on_nonfinite="raise", checkpoint_epochs=1, lr=1e36, clipping_theta=1.0
    )
    assert len(model.history) == len(read_checkpoint("run/model.safetensors").history) == 9


def test_clipping_does_not_hide_what_is_not_finite(corpus):
    with pytest.raises(gb.NonFiniteLossError, match=r"^the loss became (inf|nan) at epoch 1, batch 2 \(grad"):
        gb.fit(corpus, num_epochs=2, on_nonfinite="raise", **{**SMALL, "lr": 1e38, "clipping_theta": 1e30})


@pytest.mark.slow
@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_an_epoch_is_kept_whatever_happens_behind_it(corpus, error):
    def fail(epoch, *result):
        if epoch == 2:
            raise error("in the callback")

    with pytest.raises(error, match="in the callback"):
        gb.fit(corpus, num_epochs=5, out="run", callback=fail, checkpoint_minutes=None, **SMALL)
    assert len(read_checkpoint("run/model.safetensors").history) == 2
    gb.fit(corpus, num_epochs=5, out="straight", **SMALL)
    gb.resume("run", corpus)
    one, other = (read_checkpoint(f"{name}/model.safetensors").weights for name in ("run", "straight"))
    for name, weight in one.items():
        np.testing.assert_array_equal(weight, other[name])


@pytest.mark.slow
def test_a_run_that_is_replaced_is_so_at_the_end(corpus):
    gb.fit(corpus, num_epochs=1, out="run", **SMALL)
    seen = []

    def look(epoch, *result):
        seen.append(len(read_checkpoint("run/model.safetensors").history))

    gb.fit(corpus, num_epochs=2, out="run", overwrite=True, callback=look, checkpoint_epochs=1, **SMALL)
    assert seen == [1, 1]
    assert len(read_checkpoint("run/model.safetensors").history) == 2
    assert not Path("run/unfinished").exists()
    with pytest.raises(FileExistsError, match="is there already"):
        gb.fit(corpus, num_epochs=1, out="run", **SMALL)
