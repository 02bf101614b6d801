from __future__ import annotations

import re
import warnings

import numpy as np
import pytest
from mxnet import gluon, init, nd

import gluonrnn as gb

EPOCH_LINE = re.compile(r"^epoch \d+, perplexity (\d+\.\d{6}|inf|nan), time \d+\.\d{2} sec$")


def scratch_arguments(corpus, **changes):
    """Return the arguments of `train_and_predict_rnn`, in the book's order."""
    corpus_indices, char_to_idx, idx_to_char, vocab_size = corpus
    arguments = {
        "rnn": gb.rnn,
        "get_params": gb.get_params,
        "init_rnn_state": gb.init_rnn_state,
        "num_hiddens": 16,
        "vocab_size": vocab_size,
        "ctx": gb.try_gpu(),
        "corpus_indices": corpus_indices,
        "idx_to_char": idx_to_char,
        "char_to_idx": char_to_idx,
        "is_random_iter": False,
        "num_epochs": 4,
        "num_steps": 7,
        "lr": 1e2,
        "clipping_theta": 1e-2,
        "batch_size": 4,
        "pred_period": 2,
        "pred_len": 5,
        "prefixes": ["over", "a"],
    }
    return list({**arguments, **changes}.values())


def gluon_arguments(corpus, model, **changes):
    """Return the arguments of `train_and_predict_rnn_gluon`, in the book's order."""
    full = scratch_arguments(corpus, **changes)
    return [model, *full[3:9], *full[10:]]


def test_printed_lines_are_the_books(tiny, capsys):
    assert gb.train_and_predict_rnn(*scratch_arguments(tiny)) is None
    lines = capsys.readouterr().out.split("\n")
    assert lines.pop() == ""
    assert [bool(EPOCH_LINE.match(line)) for line in lines] == [True, False, False] * 2
    assert [lines[0][:8], lines[3][:8]] == ["epoch 2,", "epoch 4,"]
    assert [lines[n][: len(start)] for n, start in ((1, " - over"), (2, " - a"))] == [" - over", " - a"]
    assert [len(line) for line in lines if line.startswith(" - ")] == [3 + 4 + 5, 3 + 1 + 5] * 2


@pytest.mark.parametrize(
    ("cell", "get_params", "init_state", "is_random_iter"),
    [
        (gb.rnn, gb.get_params, gb.init_rnn_state, True),
        (gb.gru, gb.get_gru_params, gb.init_gru_state, False),
        (gb.lstm, gb.get_lstm_params, gb.init_lstm_state, False),
    ],
)
def test_a_repeating_text_is_learnt(tiny, capsys, cell, get_params, init_state, is_random_iter):
    gb.train_and_predict_rnn(
        *scratch_arguments(
            tiny,
            rnn=cell,
            get_params=get_params,
            init_rnn_state=init_state,
            is_random_iter=is_random_iter,
            num_epochs=40,
            pred_period=40,
            pred_len=24,
            prefixes=["over and"],
        ),
        seed=2,
    )
    line, sample, _ = capsys.readouterr().out.split("\n")
    assert float(line.split()[3].rstrip(",")) < 1.1
    if not is_random_iter:  # random examples never show it more than 7 characters of the past
        assert sample == " - over and over over and over over"


@pytest.mark.slow
@pytest.mark.parametrize("layer", [gluon.rnn.RNN, gluon.rnn.GRU, gluon.rnn.LSTM])
def test_library_layers_learn_too(tiny, capsys, layer):
    model = gb.RNNModel(layer(16), tiny.vocab_size)
    gb.train_and_predict_rnn_gluon(
        *gluon_arguments(tiny, model, num_epochs=40, pred_period=40, prefixes=["over"]), seed=3
    )
    line, sample, _ = capsys.readouterr().out.split("\n")
    assert EPOCH_LINE.match(line)
    assert float(line.split()[3].rstrip(",")) < 1.9
    assert sample.startswith(" - over")


@pytest.mark.slow
def test_get_params_may_be_the_books_closure_or_a_function_of_the_sizes(tiny, capsys):
    asked = []

    def closure():
        asked.append("closure")
        return gb.get_params(tiny.vocab_size, 16, gb.try_gpu())

    def with_default(vocab_size=tiny.vocab_size):
        asked.append("default")
        return gb.get_params(vocab_size, 16, gb.try_gpu())

    outputs = []
    for get_params in (closure, with_default, gb.get_params):
        gb.train_and_predict_rnn(*scratch_arguments(tiny, get_params=get_params), seed=3)
        outputs.append(re.sub(r"time .*", "", capsys.readouterr().out))
    assert asked == ["closure", "default"]
    assert outputs[0] == outputs[1] == outputs[2]


def test_the_callback_sees_every_epoch_and_can_end_the_training(tiny, capsys):
    seen = []

    def callback(epoch, perplexity, seconds, samples):
        seen.append((epoch, perplexity > 1, seconds >= 0, len(samples)))
        return epoch == 3

    gb.train_and_predict_rnn(*scratch_arguments(tiny, num_epochs=9), callback=callback)
    assert seen == [(1, True, True, 0), (2, True, True, 2), (3, True, True, 0)]
    assert capsys.readouterr().out.count("epoch") == 1


def test_pred_period_zero_prints_nothing(tiny, capsys):
    gb.train_and_predict_rnn(*scratch_arguments(tiny, pred_period=0))
    assert capsys.readouterr().out == ""


def test_progress_leaves_the_printed_lines_as_they_are(tiny, capsys):
    outputs = []
    for progress in (False, True):
        gb.train_and_predict_rnn(*scratch_arguments(tiny), seed=1, progress=progress)
        outputs.append(re.sub(r"time .*", "", capsys.readouterr().out))
    assert outputs[0] == outputs[1]


def test_perplexity_that_overflows_prints_inf(tiny, capsys):
    def loud(inputs, state, params):
        outputs, state = gb.rnn(inputs, state, params)
        return [output * 1e6 for output in outputs], state

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", gb.NonFiniteLossWarning)
        gb.train_and_predict_rnn(
            *scratch_arguments(tiny, rnn=loud, num_epochs=1, pred_period=1, lr=1e3, clipping_theta=None)
        )
    assert capsys.readouterr().out.startswith("epoch 1, perplexity inf, time")


def test_a_nan_loss_warns_once_and_goes_on_as_the_book_does(tiny, capsys):
    with pytest.warns(gb.NonFiniteLossWarning, match=r"became (nan|inf) at epoch \d+, batch \d+"):
        gb.train_and_predict_rnn(*scratch_arguments(tiny, lr=1e38, clipping_theta=None, num_epochs=6, pred_period=6))
    assert "epoch 6, perplexity nan" in capsys.readouterr().out


def test_a_model_is_drawn_anew_or_trained_further(tiny, capsys):
    model = gb.RNNModel(gluon.rnn.RNN(8), tiny.vocab_size)
    model.initialize(init.Constant(0.1))
    model(nd.zeros((1, 1)), model.begin_state(batch_size=1))
    weight = model.dense.weight
    common = {"num_epochs": 1, "pred_period": 0, "lr": 1e-6, "clipping_theta": 1e-6}
    gb.train_and_predict_rnn_gluon(*gluon_arguments(tiny, model, **common), reinit=False)
    np.testing.assert_allclose(weight.data().asnumpy(), 0.1, atol=1e-4)
    for _ in range(2):  # the same model twice, as in a notebook
        gb.train_and_predict_rnn_gluon(*gluon_arguments(tiny, model, **common), seed=1)
        assert weight.data().asnumpy().std() == pytest.approx(0.01, rel=0.4)


def test_bad_input_is_refused_before_any_parameter_is_drawn(tiny):
    """What is said of it stands in the tables of `tests.bad_inputs`."""
    drawn = []
    for changes in (
        {"prefixes": ["ovex"]},
        {"prefixes": [""]},
        {"batch_size": 0},
        {"num_epochs": 2.5},
        {"lr": float("nan")},
        {"vocab_size": 3},
        {"num_steps": 900},
        {"rnn": "rnn"},
        {"init_rnn_state": 3},
        {"pred_len": -1},
        {"idx_to_char": "over"},
        {"corpus_indices": [[0] * 99] * 2},
    ):
        with pytest.raises((TypeError, ValueError, gb.UnknownCharacterError)):
            gb.train_and_predict_rnn(*scratch_arguments(tiny, get_params=lambda: drawn.append(1), **changes))
        assert drawn == [], changes


@pytest.mark.parametrize("options", [{"on_nonfinite": "stop"}, {"callback": 3}])
def test_a_trained_model_is_not_drawn_anew_for_a_call_that_is_refused(tiny, options):
    model = gb.RNNModel(gluon.rnn.RNN(8), tiny.vocab_size)
    model.initialize(init.Constant(0.1))
    model(nd.zeros((1, 1)), model.begin_state(batch_size=1))
    with pytest.raises((TypeError, ValueError), match=r"on_nonfinite|callback"):
        gb.train_and_predict_rnn_gluon(*gluon_arguments(tiny, model), **options)
    assert set(model.dense.weight.data().asnumpy().ravel()) == {np.float32(0.1)}


def test_the_loaders_take_a_path(tmp_path):
    import zipfile

    path = tmp_path / "jaychou_lyrics.txt.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("jaychou_lyrics.txt", "一二三\n" * 3000)
    corpus_indices, char_to_idx, idx_to_char, vocab_size = gb.load_data_jay_lyrics(path=path)
    assert (len(corpus_indices), vocab_size) == (10_000, 4)
    assert type(corpus_indices) is list
    assert "".join(idx_to_char[index] for index in corpus_indices[:8]) == "一二三 一二三 "
    assert char_to_idx == {char: i for i, char in enumerate(idx_to_char)}

    path = tmp_path / "timemachine.txt"
    path.write_text("One TWO\n" * 2000, encoding="utf-8")
    corpus_indices, _, idx_to_char, vocab_size = gb.load_data_time_machine(path=path)
    assert (len(corpus_indices), vocab_size) == (10_000, 6)
    assert type(corpus_indices) is list
    assert "".join(idx_to_char[index] for index in corpus_indices[:9]) == "one two o"
