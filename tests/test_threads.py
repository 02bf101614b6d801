"""Threads at once, each scenario in a process of its own that must end in time."""

from __future__ import annotations

import gc
import random
import re
import threading

import numpy as np
import pytest

import gluonrnn as gb
from gluonrnn import d2l, threads
from gluonrnn._mxnet import init, mx
from gluonrnn.corpus.vocab import Vocab
from gluonrnn.fast import Blocks
from gluonrnn.fast.sequences import scores_of
from gluonrnn.models import CELLS
from gluonrnn.threads import computing, exclusive_training, freed_under_lock, pushing
from gluonrnn.training import optimizers
from gluonrnn.training.optimizers import SGD
from gluonrnn.training.options import Schedule
from gluonrnn.training.trainer import train_and_sample
from tests.apart import apart
from tests.scenarios import BATCH, CORPUS, STEPS, at_once, layers_model, model_of, np_batches

VOCAB = Vocab(CORPUS.idx_to_char[1:])  # and <unk>


@pytest.mark.slow
def test_trainings_of_all_kinds_at_once_come_to_what_they_do_alone():
    apart(
        """
alone = all_jobs()
assert alone == all_jobs()  # or there is nothing to compare with
names = list(JOBS)
for number in range(6):  # another kind and another cell in each thread
    some = names[number], names[6 + (number + 1) % 6], names[12 + (number + 2) % 6]
    assert at_once(*(JOBS[name] for name in some)) == [alone[name] for name in some], some
"""
    )


def test_fits_at_once_both_learn():
    printed = apart(
        """
fit = lambda **options: gb.fit(gb.load_corpus(text='over and over ' * 20), num_hiddens=16, num_steps=7, batch_size=4,
                               num_epochs=20, **options)
for model in at_once(lambda: fit(cell='gru'), lambda: fit(cell='rnn', layers='library')):
    print(model.history[-1].perplexity < 3, len(model.generate(prefix='over', length=9)))
"""
    )
    assert printed == "True 13\nTrue 13\n"


@pytest.mark.slow
def test_texts_are_written_while_the_same_model_is_trained_and_disturb_nothing():
    apart(
        """
for cell in ('rnn', 'gru', 'lstm'):
    for own in (False, True):
        alone = train_model(model_of(cell, own=own), epochs=4)
        model, texts, over = model_of(cell, own=own), [], []
        def go_on():
            while not over:
                texts.append(write(model))
        writers = [threading.Thread(target=go_on) for _ in range(2)]
        for writer in writers:
            writer.start()
        trained = train_model(model, epochs=4)
        over.append(True)
        for writer in writers:
            writer.join()
        assert trained == alone, cell
        assert texts and {len(text) for text in texts} == {22}
        assert write(model) == write(model)
"""
    )


@pytest.mark.slow
def test_a_thread_records_for_itself_and_has_a_switch_of_its_own():
    apart(
        """
x = nd.ones(2)
x.attach_grad()
with autograd.record():
    y = (x * x).sum()
    [elsewhere] = at_once(lambda: (autograd.is_recording(), train_model(model_of('gru'))))
y.backward()
assert elsewhere == (False, train_model(model_of('gru')))
assert x.grad.asnumpy().tolist() == [2, 2]
mx.npx.set_np()
assert at_once(mx.util.is_np_array) == [False]
assert at_once(JOBS['nd gru False'], JOBS['np gru False']) == [JOBS['nd gru False'](), JOBS['np gru False']()]
assert mx.util.is_np_array()
"""
    )


@pytest.mark.slow
def test_trainings_at_once_may_share_their_batches():
    """MXNet marks each array that goes into what is recorded, and loses count where two threads do."""
    apart(
        """
batches = list(gb.data_iter_consecutive(CORPUS.corpus_indices, BATCH, STEPS, mx.cpu()))
def train(cell):
    model = model_of(cell)
    optimizer = SGD(model, 1.0, 0.1)
    options = {'ctx': mx.cpu(), 'carry_state': True, 'guard': NonFiniteGuard()}
    return [train_epoch(model, batches, optimizer, **options) for _ in range(20)]
alone = [train(cell) for cell in ('rnn', 'gru', 'lstm')]
for _ in range(3):
    assert at_once(lambda: train('rnn'), lambda: train('gru'), lambda: train('lstm')) == alone
"""
    )


@pytest.mark.slow
def test_loops_of_ones_own_on_one_model_that_push_in_turn_come_to_their_end():
    """Otherwise, MXNet itself may hang: see `tests.torture.loops`."""
    apart(
        """
from gluonrnn.threads import pushing
for cell in ('rnn', 'lstm'):
    model = model_of(cell)
    def train():
        state = model.begin_state(4)
        for number in range(60):
            X = nd.array([[(number + i) % 3 for i in range(5)]] * 4)
            with pushing():
                with autograd.record():
                    loss, state = model.fast().loss(X, X, [part.detach() for part in state], summed=False)
                loss.backward()
                gb.grad_clipping(model.params, 0.1, mx.cpu())
                gb.sgd(model.params, 0.1, 1)
        return loss.asscalar() < 3
    assert at_once(train, train, train) == [True] * 3
"""
    )


CLIP_OR_UPDATE = {
    "clip": lambda params: gb.grad_clipping(params, 0.1, None),
    "update": lambda params: gb.sgd(params, 0.1, 1),
}


@pytest.mark.parametrize(("first", "second"), [("clip", "update"), ("update", "clip"), ("update", "update")])
def test_two_threads_that_clip_or_update_one_model_say_why_not(monkeypatch, first, second):
    params = gb.get_params(5, 3, None)
    inside, over = threading.Event(), threading.Event()

    def wait(real):
        def waiting(*args, **kwargs):
            inside.set()
            assert over.wait(10)
            return real(*args, **kwargs)

        return waiting

    monkeypatch.setattr(optimizers, "_norm", wait(optimizers._norm))
    monkeypatch.setattr(optimizers.nd, "sgd_update", wait(optimizers.nd.sgd_update))
    thread = threading.Thread(target=CLIP_OR_UPDATE[first], args=(params,))
    thread.start()
    assert inside.wait(10)
    with pytest.raises(RuntimeError, match=rf"thread {thread.ident} is clipping or updating .*: take threads\.pushing"):
        CLIP_OR_UPDATE[second](params)
    over.set()
    CLIP_OR_UPDATE[second](gb.get_params(5, 3, None))  # another model
    wait_for(thread)
    CLIP_OR_UPDATE[second](params)


@pytest.mark.slow
def test_what_is_compiled_is_freed_by_one_thread_at_a_time():
    """Also where the garbage collector runs while another thread pushes."""
    freed = []

    class Compiled:
        def __call__(self, x):
            return 2 * x

        def __del__(self):
            freed.append(threads._pushing._is_owned())

    class Block:
        def __init__(self):
            self.itself = self  # only the collector finds it
            self.double = freed_under_lock(Compiled())

    def make():
        assert Block().double(21) == 42

    make()
    gc.collect()
    assert freed == [True]
    with pushing():
        at_once(make, gc.collect)
        at_once(gc.collect)
        assert freed == [True]
    with pushing():
        assert freed == [True, True]


@pytest.mark.slow
def test_compiled_blocks_are_freed_with_their_model():
    apart(
        """
import gc
from gluonrnn import threads
def count():
    gc.collect()
    return sum(type(found).__name__ == 'CachedOp' for found in gc.get_objects())
def train():
    train_model(model_of('gru'))
train()
before = count()
at_once(train, train)
assert (before, count(), threads._unused) == (0, 0, [])
model = model_of('gru')
train_model(model)
assert count() == 1
"""
    )


def test_each_thread_has_compiled_blocks_of_its_own():
    blocks = Blocks()
    mine = blocks.of(scores_of, 1)
    assert at_once(lambda: blocks.of(scores_of, 1) is mine) == [False]
    assert blocks.of(scores_of, 1) is mine


@pytest.mark.slow
def test_a_model_that_is_trained_in_two_threads_says_why_not():
    printed = apart(
        """
model = model_of('rnn')
results = at_once(*[lambda: train_model(model, epochs=20)] * 2)
print(sum(isinstance(result, list) for result in results), *[r for r in results if not isinstance(r, list)])
train_model(model)
"""
    )
    assert printed.startswith("1 a model is trained by one thread at a time, but thread ")
    assert printed.endswith(" is training this CellModel: wait for it to end, or train a copy\n")


REFUSED = {
    "2018": lambda net: gb.train_and_predict_rnn_gluon(
        net, 4, CORPUS.vocab_size, mx.cpu(), CORPUS.corpus_indices, CORPUS.idx_to_char, CORPUS.char_to_idx,
        1, 5, 1.0, 0.1, 2, 1, 5, ["ov"], seed=1),
    "2021": lambda net: d2l.train_ch8(net, np_batches(), VOCAB, 1.0, 1, mx.cpu(), seed=1),
}  # fmt: skip


@pytest.mark.parametrize("edition", REFUSED)
def test_a_training_that_is_refused_leaves_the_model_and_the_generators_as_they_are(edition):
    net = layers_model("rnn", edition == "2021")
    before = {name: param.data().asnumpy() for name, param in net.collect_params().items()}
    random.seed(5)
    with exclusive_training(net):
        [error] = at_once(lambda: REFUSED[edition](net))
    assert re.match(r"a model is trained by one thread at a time, but thread \d+ is training this RNNModel", str(error))
    for name, param in net.collect_params().items():
        np.testing.assert_array_equal(param.data().asnumpy(), before[name])
    assert random.random() == random.Random(5).random()


def test_a_run_is_of_one_thread_between_its_epochs_too():
    model = model_of("rnn")
    errors = []

    def callback(*of_an_epoch):
        errors.extend(at_once(lambda: exclusive_training(model).__enter__()))

    options = Schedule(num_epochs=2, num_steps=STEPS, batch_size=BATCH, prefixes=("ov",))
    train_and_sample(
        model,
        SGD(model, 1.0, 0.1),
        CORPUS,
        options,
        ctx=mx.cpu(),
        report=lambda *_: None,
        callback=callback,
    )
    assert [type(error) for error in errors] == [RuntimeError] * 2


def test_a_model_is_free_again_however_its_training_ends():
    model = object()
    with pytest.raises(ZeroDivisionError), exclusive_training(model), exclusive_training(model):
        raise ZeroDivisionError
    with exclusive_training(model):
        [error] = at_once(lambda: exclusive_training(model).__enter__())
    assert isinstance(error, RuntimeError)
    at_once(lambda: exclusive_training(model).__enter__())


@pytest.fixture
def turns(monkeypatch):
    """Return turns that no real fork takes."""
    monkeypatch.setattr(threads, "_fork_gate", threads._ForkGate())
    return threads._fork_gate


def wait_for(thread, seconds=10):
    thread.join(seconds)
    assert not thread.is_alive()


def test_a_fork_waits_until_computations_pause(turns):
    told, go_on = [], threading.Event()

    def compute():
        with computing() as pause:
            told.append("begun")
            begun.set()
            go_on.wait(10)
            told.append("pauses")
            pause()
            told.append("goes on")

    def fork():
        turns.before_fork()
        told.append("forks")
        turns.after_fork()

    begun = threading.Event()
    computation, forking = threading.Thread(target=compute), threading.Thread(target=fork)
    computation.start()
    begun.wait(10)
    forking.start()
    forking.join(0.2)
    assert forking.is_alive()
    go_on.set()
    wait_for(forking)
    wait_for(computation)
    assert told == ["begun", "pauses", "forks", "goes on"]


def test_a_fork_waits_for_who_pushes(turns):
    pushes, over = threading.Event(), threading.Event()

    def push():
        with pushing():
            pushes.set()
            over.wait(10)

    pusher, forking = threading.Thread(target=push), threading.Thread(target=turns.before_fork)
    pusher.start()
    pushes.wait(10)
    forking.start()
    forking.join(0.2)
    assert forking.is_alive()
    over.set()
    wait_for(forking)
    wait_for(pusher)


def test_computations_wait_until_a_fork_is_over(turns):
    turns.before_fork()
    thread = threading.Thread(target=lambda: computing().__enter__())
    thread.start()
    thread.join(0.2)
    assert thread.is_alive()
    turns.after_fork()
    wait_for(thread)


def test_who_computes_may_fork_and_so_may_another_meanwhile(turns):
    both = threading.Barrier(2, timeout=10)

    def fork():
        with computing():
            both.wait()
            turns.before_fork()
            turns.after_fork()

    assert at_once(fork, fork) == [None, None]


def test_a_fork_takes_its_chance_where_a_computation_never_pauses(turns, monkeypatch):
    monkeypatch.setattr(threads, "PATIENCE", 0.1)
    over = threading.Event()

    def compute():
        with computing():
            over.wait(10)

    thread = threading.Thread(target=compute)
    thread.start()
    turns.before_fork()
    turns.after_fork()
    over.set()
    wait_for(thread)


def test_a_computation_in_one_that_computes_goes_on_while_a_fork_waits(turns):
    inside, over = threading.Event(), []

    def compute():
        with computing():
            inside.set()
            while turns.forking is None:
                pass
            with computing():
                over.append(True)

    thread = threading.Thread(target=compute)
    thread.start()
    inside.wait(10)
    turns.before_fork()
    turns.after_fork()
    wait_for(thread)
    assert over


class Watched(init.Zero):
    """Notes whether arrays are made in a turn of their own, which a fork waits for."""

    def __init__(self):
        super().__init__()
        self.turns = []

    def _init_weight(self, name, array):
        self.turns.append(threads._fork_gate._computing[threading.get_ident()] > 0)
        super()._init_weight(name, array)


def test_parameters_are_made_in_a_turn():
    watched = Watched()
    gb.RNNModel(CELLS["lstm"].layer(5), 7).initialize(watched)
    assert watched.turns
    assert all(watched.turns)
    assert threads._fork_gate._computing[threading.get_ident()] == 0


def test_an_interrupt_while_waiting_to_push_leaves_no_turn_behind(turns, monkeypatch):
    class Held:
        def acquire(self):
            raise KeyboardInterrupt

    monkeypatch.setattr(threads, "_pushing", Held())
    with pytest.raises(KeyboardInterrupt), pushing():
        pass
    assert not turns._computing
