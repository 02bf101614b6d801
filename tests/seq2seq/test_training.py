"""The masked loss and the trainers: update for update as the published ones, and clear about misuse."""

from __future__ import annotations

import re
from functools import partial

import matplotlib.pyplot as plt
import mxnet as mx
import numpy as np
import pytest

import gluonrnn as gb
from gluonrnn import seq2seq
from gluonrnn._arrays import using_np
from gluonrnn.corpus.vocab import Vocab
from gluonrnn.errors import NonFiniteLossError, NonFiniteLossWarning
from gluonrnn.threads import exclusive_training
from tests.scenarios import at_once
from tests.seq2seq.common import (
    OF_2020,
    OF_2022,
    TEXT,
    as_published,
    assert_equal,
    attention_net,
    gru_net,
    lstm_net,
    namespace_of,
    parameters_of,
    random_array,
)

BOTH = pytest.mark.parametrize("edition", ["2022", "2020"])


def loaded(edition, vocab_class=Vocab, load_array=None):
    """Return ten pairs in batches of two, five updates for an epoch, and the vocabularies."""
    tokens = seq2seq.tokenize_nmt(seq2seq.preprocess_nmt(TEXT))
    build = {f"build_{side}": partial(seq2seq.build_array, is_source=side == "source") for side in ("source", "target")}
    return seq2seq.batches_nmt(
        *tokens, 2, 6, min_freq=1, vocab_class=vocab_class, **(build if edition == "2020" else {})
    )


def trainer_of(edition, module=None):
    """Return ``train(net, data_iter, lr, num_epochs, tgt_vocab, device)``, ours or the published one."""
    if edition == "2022":
        return (module or seq2seq).train_seq2seq
    train = (module or seq2seq).train_s2s_ch9
    return lambda net, data_iter, lr, num_epochs, _, device, **kwargs: train(
        net, data_iter, lr, num_epochs, device, **kwargs
    )


class Recorded:
    """Stands in for the published Animator, and keeps its points."""

    def __init__(self, **kwargs):
        self.kwargs, self.points = kwargs, []
        Recorded.last = self

    def add(self, x, y):
        self.points.append((x, y[0]))


@pytest.mark.parametrize(("batch_size", "dtype"), [(1, "float32"), (3, "int32"), (3, "int64")])
def test_masked_loss_is_equal(batch_size, dtype):
    rng = np.random.default_rng(5)
    pred = random_array(rng, batch_size, 4, 7)
    label = mx.np.array(rng.integers(0, 7, size=(batch_size, 4)).astype("float32"))
    valid_len = mx.np.array([3, 9, 0][:batch_size], dtype=dtype)
    results = []
    for loss in (seq2seq.MaskedSoftmaxCELoss(), OF_2022.MaskedSoftmaxCELoss(), OF_2020.MaskedSoftmaxCELoss()):
        pred.attach_grad()
        world = (
            as_published if isinstance(loss, (OF_2022.MaskedSoftmaxCELoss, OF_2020.MaskedSoftmaxCELoss)) else using_np
        )
        with world(), mx.autograd.record():
            losses = loss(pred, label, valid_len)
        losses.backward()
        results.append([losses, pred.grad.copy()])
    assert_equal(results[0], results[1])
    assert_equal(results[0], results[2])
    assert_equal(seq2seq.MaskedSoftmaxCELoss()(pred, label, valid_len), results[1][0])
    log_softmax = pred.asnumpy() - np.log(np.exp(pred.asnumpy()).sum(axis=2, keepdims=True))
    of_each = [
        -sum(log_softmax[row, step, int(label[row, step])] for step in range(min(4, int(valid_len[row])))) / 4
        for row in range(batch_size)
    ]
    np.testing.assert_allclose(results[0][0].asnumpy(), of_each, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize(
    ("edition", "make"),
    [("2022", gru_net), pytest.param("2022", attention_net, marks=pytest.mark.slow), ("2020", lstm_net)],
    ids=["gru", "attention", "lstm"],
)
@pytest.mark.parametrize("lr", [pytest.param(0.005, marks=pytest.mark.slow), 0.05])
def test_fifty_updates_are_equal(edition, make, lr, monkeypatch, capsys, ctx):
    data_iter, src_vocab, tgt_vocab = loaded(edition)
    net = make(None, src_vocab, tgt_vocab)
    losses = []
    gb.seed(21)
    trainer_of(edition)(
        net, data_iter, lr, 10, tgt_vocab, ctx, callback=lambda epoch, loss, seconds: losses.append((epoch, loss))
    )
    printed = capsys.readouterr().out
    (line,) = plt.gca().lines
    theirs = OF_2022 if edition == "2022" else OF_2020
    published_net = make(theirs, src_vocab, tgt_vocab)
    with as_published():
        monkeypatch.setattr(namespace_of(theirs)["d2l"], "Animator", Recorded)
        gb.seed(21)
        trainer_of(edition, theirs)(published_net, data_iter, lr, 10, tgt_vocab, ctx)
    assert [epoch for epoch, _ in losses] == list(range(1, 11))
    assert losses[-1][1] < 0.7 * losses[0][1]
    ((epoch, loss),) = Recorded.last.points
    np.testing.assert_allclose([epoch, loss], losses[-1], rtol=1e-4)
    np.testing.assert_allclose([line.get_xdata()[0], line.get_ydata()[0]], [epoch, loss], rtol=1e-4)
    without_speed = re.compile(r", [\d.]+ tokens/sec")
    published_line = capsys.readouterr().out
    assert without_speed.sub("", printed) == without_speed.sub("", published_line)
    shape = r"loss \d\.\d{3}, \d+\.\d tokens/sec on cpu\(0\)\n" if edition == "2022" else (
        r"loss \d\.\d{3}, \d+ tokens/sec on cpu\(0\) \n")  # fmt: skip
    assert re.fullmatch(shape, printed)
    assert re.fullmatch(shape, published_line)
    published_params = parameters_of(published_net)
    for name, parameter in parameters_of(net).items():
        assert_close(parameter, published_params[name], name)
    wanted, axes = Recorded.last.kwargs, plt.gca()
    drawn = {"xlabel": axes.get_xlabel(), "ylabel": axes.get_ylabel()}
    if edition == "2022":
        drawn["xlim"] = [10, 10]  # limits that do not rise, as after ten epochs, are not drawn
    else:
        drawn.update(xlim=list(axes.get_xlim()), ylim=list(axes.get_ylim()))
    assert drawn == wanted


def assert_close(parameter, other, name):
    np.testing.assert_allclose(parameter.data().asnumpy(), other.data().asnumpy(), rtol=1e-3, atol=1e-3, err_msg=name)


@pytest.mark.slow
@BOTH
def test_each_trains_what_the_other_made(edition, capsys, ctx):
    theirs, make = (OF_2022, gru_net) if edition == "2022" else (OF_2020, lstm_net)
    with as_published():
        data_iter, src_vocab, tgt_vocab = loaded(edition, theirs.Vocab)
        published_iter = theirs.load_array(tuple(loaded_arrays(data_iter)), 2)
    results = []
    for trainer, net, batches in (
        (trainer_of(edition), make(theirs, src_vocab, tgt_vocab), published_iter),
        (trainer_of(edition, theirs), make(None, src_vocab, tgt_vocab), data_iter),
    ):
        gb.seed(3)
        with as_published():
            trainer(net, batches, 0.02, 3, tgt_vocab, ctx)
        results.append((net, capsys.readouterr().out))
    (net, printed), (other, other_printed) = results
    assert printed[:11] == other_printed[:11]
    others = parameters_of(other)
    for name, parameter in parameters_of(net).items():
        assert_close(parameter, others[name], name)


def loaded_arrays(data_iter):
    """Return the arrays that a loader takes its batches from."""
    return [mx.np.array(array) for array in data_iter._dataset._data]


@pytest.mark.filterwarnings("ignore:ndarray.context has been renamed:DeprecationWarning")
def test_published_net_in_our_trainer_wherever_the_switch_is(capsys, ctx):
    data_iter, src_vocab, tgt_vocab = loaded("2020")
    with as_published():
        net = lstm_net(OF_2020, src_vocab, tgt_vocab)
    seq2seq.train_s2s_ch9(net, data_iter, 0.02, 2, ctx, seed=1)
    assert re.match(r"loss \d\.\d{3}, ", capsys.readouterr().out)


@pytest.mark.slow
@BOTH
def test_a_seed_repeats_a_run(edition, capsys, ctx):
    data_iter, src_vocab, tgt_vocab = loaded(edition)
    runs = []
    for seed in (7, 7, 8):
        losses = []
        net = (gru_net if edition == "2022" else lstm_net)(None, src_vocab, tgt_vocab)
        trainer_of(edition)(net, data_iter, 0.02, 1, tgt_vocab, ctx, seed=seed,
                            callback=lambda epoch, loss, seconds, losses=losses: losses.append(loss))  # fmt: skip
        runs.append(losses)
    assert runs[0] == runs[1] != runs[2]


@BOTH
def test_a_training_that_is_refused_leaves_the_net_as_it_is(edition, ctx):
    data_iter, src_vocab, tgt_vocab = loaded(edition)
    net = (gru_net if edition == "2022" else lstm_net)(None, src_vocab, tgt_vocab)
    train = partial(trainer_of(edition), net, data_iter, 0.02, 1, tgt_vocab, ctx)
    train()
    before = {name: parameter.data().asnumpy() for name, parameter in parameters_of(net).items()}
    with exclusive_training(net):
        [error] = at_once(train)
    assert re.search(r"is training this EncoderDecoder: wait for it to end, or train a copy$", str(error))
    for name, parameter in parameters_of(net).items():
        np.testing.assert_array_equal(parameter.data().asnumpy(), before[name])


@BOTH
def test_a_true_answer_ends_the_training(edition, capsys, ctx):
    data_iter, src_vocab, tgt_vocab = loaded(edition)
    net = (gru_net if edition == "2022" else lstm_net)(None, src_vocab, tgt_vocab)
    calls = []

    def callback(epoch, loss, seconds):
        assert seconds > 0
        calls.append((epoch, loss))
        return epoch == 2

    trainer_of(edition)(net, data_iter, 0.02, 100, tgt_vocab, ctx, callback=callback, seed=1)
    assert [epoch for epoch, _ in calls] == [1, 2]
    assert capsys.readouterr().out.startswith(f"loss {calls[-1][1]:.3f}, ")


@BOTH
def test_points_of_every_tenth_epoch(edition, capsys, ctx):
    data_iter, src_vocab, tgt_vocab = loaded(edition)
    net = (gru_net if edition == "2022" else lstm_net)(None, src_vocab, tgt_vocab)
    trainer_of(edition)(net, list(data_iter)[:1], 0.02, 25, tgt_vocab, ctx, seed=1)
    assert plt.gca().lines[0].get_xdata().tolist() == [10, 20]
    assert plt.gca().get_xlim() == ((10, 25) if edition == "2022" else (1, 25))


def test_progress_is_on_stderr(capsys, ctx):
    data_iter, src_vocab, tgt_vocab = loaded("2022")
    seq2seq.train_seq2seq(gru_net(None, src_vocab, tgt_vocab), data_iter, 0.02, 2, tgt_vocab, ctx, progress=True)
    captured = capsys.readouterr()
    assert re.fullmatch(r"loss .* tokens/sec on cpu\(0\)\n", captured.out)
    assert "2/2" in captured.err


def test_a_loss_that_is_not_finite(capsys, ctx):
    data_iter, src_vocab, tgt_vocab = loaded("2022")
    net = gru_net(None, src_vocab, tgt_vocab)
    train = partial(seq2seq.train_seq2seq, net, data_iter, 1e38, 1, tgt_vocab, ctx, seed=1)
    with pytest.raises(NonFiniteLossError, match=r"^the loss became (nan|inf) at epoch \d, batch \d \(gradient norm"):
        train(on_nonfinite="raise")
    with pytest.warns(NonFiniteLossWarning, match=r"^the loss became (nan|inf) at epoch"):
        train()
    train(on_nonfinite="ignore")
    assert capsys.readouterr().out.count("loss nan") == 2


def test_one_step_is_enough_to_be_teacher_forced(capsys, ctx):
    net = gru_net(None, range(9), range(9))
    one = mx.np.array([[5], [6]])
    vocab = Vocab(list("abcde"), reserved_tokens=["<pad>", "<bos>", "<eos>"])
    seq2seq.train_seq2seq(net, [(one, one[:, 0] * 0 + 1, one, one[:, 0] * 0 + 1)], 0.05, 15, vocab, ctx, seed=1)
    assert capsys.readouterr().out.startswith("loss 0.")


ONES = mx.np.ones((2, 3))
LENS = mx.np.ones(2)


@BOTH
def test_batches_that_are_something_else(edition, ctx):
    _, src_vocab, tgt_vocab = loaded(edition)
    net = (gru_net if edition == "2022" else lstm_net)(None, src_vocab, tgt_vocab)
    for batch, error, words in [
        ((ONES, LENS, ONES, mx.np.ones(3)), ValueError, "has 4, of 2, 2, 2, 3 rows: pass what load_data_nmt"),
        ((ONES, LENS, mx.nd.ones((2, 3)), LENS), TypeError, "each array of a batch must be a mxnet.np array"),
        ((ONES, LENS, 99 * ONES, LENS), ValueError, r"Y of a batch must lie in \[0, \d+\), but this one has 99 to 99"),
        ((-ONES, LENS, ONES, LENS), ValueError, r"X of a batch must lie in \[0, \d+\), but this one has -1 to -1"),
        ((ONES, 4 * LENS, ONES, LENS), ValueError, r"X_valid_len of a batch must lie in \[0, 4\), .* 4 to 4"),
        ((ONES, LENS, ONES, 4 * LENS), ValueError, r"Y_valid_len of a batch must lie in \[0, 4\), .* 4 to 4"),
    ]:
        with pytest.raises(error, match=words):
            trainer_of(edition)(net, [batch], 0.02, 2, tgt_vocab, ctx)
    assert plt.get_fignums() == []


def test_nothing_to_predict_after_bos(ctx):
    with pytest.raises(ValueError, match=r"Y must have at least 2 steps, .* its shape is \(2, 1\): load the data with"):
        seq2seq.train_s2s_ch9(lstm_net(None, range(9), range(9)), [(ONES, LENS, ONES[:, :1], LENS)], 0.1, 1, ctx)
    with pytest.raises(ValueError, match=r"^Y_valid_len, less the <bos>, must lie in .* has -1 to 2: count the <bos>"):
        seq2seq.training.shifted(ONES, LENS, ONES, mx.np.array([0, 3]))  # and the loss would be masked from -1 on


def test_an_iterator_that_has_run_out(ctx):
    with pytest.raises(ValueError, match="at least one batch, but epoch 2 had none"):
        seq2seq.train_s2s_ch9(lstm_net(None, range(9), range(9)), iter([(ONES, LENS, ONES, 3 * LENS)]), 0.1, 2, ctx)


def test_arguments_are_checked_before_any_work(ctx):
    data_iter, src_vocab, tgt_vocab = loaded("2022")
    net = gru_net(None, src_vocab, tgt_vocab)
    train = partial(seq2seq.train_seq2seq, net, data_iter, 0.1, 1)
    with pytest.raises(ValueError, match=r"as many tokens as the decoder of net, \d+, but it has 3"):
        train(Vocab(["a"], reserved_tokens=["<bos>"]), ctx)
    with pytest.raises(ValueError, match="one of warn, raise, ignore, but it is 'stop'"):
        train(tgt_vocab, ctx, on_nonfinite="stop")
    with pytest.raises(ValueError, match=r"seed must be a whole number in \[0, 2\*\*32\), but it is -1"):
        train(tgt_vocab, ctx, seed=-1)
    assert net.encoder.embedding.weight._data is None
    assert plt.get_fignums() == []
