"""Processes forked, or started by multiprocessing in other ways; each scenario must end in time."""

from __future__ import annotations

import pytest

from tests.apart import apart

# what a child does, after the parent has or has not trained itself
WORK = """
model = model_of('gru')
def work():
    return write(model), train_model(model), JOBS['np lstm False'](), JOBS['layers rnn False'](), JOBS['nd gru True']()
"""


@pytest.mark.parametrize(
    "before",
    [
        pytest.param("pass", id="fresh"),
        pytest.param("train_model(model); all_jobs()", id="trained", marks=pytest.mark.slow),
    ],
)
def test_a_forked_child_imports_writes_and_trains(before):
    apart(
        f"""{WORK}
{before}
assert forked(os.getpid) != os.getpid()
found = forked(work)
assert found == forked(work) == work()  # the parent's model is as it was, and no child has touched it
"""
    )


@pytest.mark.slow
@pytest.mark.parametrize("method", ["forkserver", "spawn"])
def test_a_process_started_anew_trains(method):
    apart(
        f"""
assert forked(some_jobs, {method!r}) == some_jobs()
"""
    )


@pytest.mark.slow
def test_a_child_computes_on_several_cores():
    apart(
        """
big = lambda: train_model(model_of('gru', hiddens=128), batch_size=8)
mine = big()
assert forked(big) == mine == big()
""",
        OMP_NUM_THREADS="4",
    )


LOADER = """
data = gluon.data.ArrayDataset(nd.arange(80).reshape((40, 2)))
load = lambda: sum(batch.sum().asscalar() for batch in gluon.data.DataLoader(data, batch_size=8, num_workers=2))
"""


@pytest.mark.slow
def test_a_loader_with_workers_and_trainings_take_turns():
    apart(
        f"""{LOADER}
mine = JOBS['nd gru False'](), JOBS['np lstm True']()
for _ in range(3):
    assert load() == 3160
    assert (JOBS['nd gru False'](), JOBS['np lstm True']()) == mine
"""
    )


# without its turn, a fork beside a thread that computes hangs within a few times
@pytest.mark.slow
def test_forks_beside_a_thread_that_trains_and_writes():
    apart(
        f"""{LOADER}
mine, over, rounds = some_jobs(), [], []
model = model_of('lstm', own=True)
text = write(model)
def go_on():
    while not over:
        rounds.append(some_jobs() == mine and write(model) == text)
thread = threading.Thread(target=go_on)
thread.start()
for _ in range(8):
    assert forked(os.getpid) != os.getpid()
    assert load() == 3160
assert forked(some_jobs) == mine
over.append(True)
thread.join()
assert rounds and all(rounds), rounds
"""
    )


@pytest.mark.slow
def test_threads_that_are_not_in_the_child_hold_nothing_there():
    """A thread of the parent that computes, and trains a model, is no reason to wait in the child."""
    apart(
        """
from gluonrnn.threads import exclusive_training
model, over, inside = model_of('rnn'), [], threading.Event()
def hold():
    with exclusive_training(model), computing() as pause:
        inside.set()
        while not over:
            pause()
thread = threading.Thread(target=hold)
thread.start()
inside.wait()
found = forked(lambda: train_model(model))
over.append(True)
thread.join()
assert found == train_model(model), found
"""
    )


@pytest.mark.slow
def test_a_child_pushes_though_another_thread_held_the_lock():
    apart(
        """
from gluonrnn import threads
threads.PATIENCE = 0.2
train = lambda: train_model(model_of('rnn'))
alone, held, over = train(), threading.Event(), threading.Event()
def hold():
    with threads.pushing():
        held.set()
        over.wait(60)
thread = threading.Thread(target=hold)
thread.start()
held.wait(60)
assert forked(train) == alone
over.set()
"""
    )
