from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mxnet import nd

import gluonrnn as gb
from gluonrnn._arrays import using_np
from gluonrnn.generation.decoding import chooser, continue_text, decode, likeliest

CHARACTERS = "abcdef"
CHAR_TO_IDX = {char: i for i, char in enumerate(CHARACTERS)}


class NextLetter:
    """A model that always says the letter after, and notes what it is asked."""

    def __init__(self):
        self.seen = []

    def begin_state(self, batch_size, ctx):
        self.batch_size, self.ctx = batch_size, ctx
        return 0

    def __call__(self, X, state):
        self.seen.append((int(X.asnumpy()[0, 0]), X.shape, state))
        return nd.one_hot((X.reshape(-1) + 1) % len(CHARACTERS), len(CHARACTERS)), state + 1


@given(prefix=st.text(CHARACTERS, min_size=1, max_size=9), num_chars=st.integers(0, 12))
@settings(max_examples=30)
def test_text_starts_with_the_prefix_and_has_the_exact_length(prefix, num_chars):
    text = continue_text(NextLetter(), prefix, num_chars, gb.try_gpu(), CHARACTERS, CHAR_TO_IDX)
    assert text.startswith(prefix)
    last = CHAR_TO_IDX[prefix[-1]]
    assert text[len(prefix) :] == "".join(CHARACTERS[(last + n) % 6] for n in range(1, num_chars + 1))


def test_the_state_is_carried_and_each_character_is_fed_once(ctx):
    model = NextLetter()
    assert decode(model, [3, 1], 3, ctx, likeliest) == [3, 1, 2, 3, 4]
    assert model.seen == [(3, (1, 1), 0), (1, (1, 1), 1), (2, (1, 1), 2), (3, (1, 1), 3)]
    assert (model.batch_size, model.ctx) == (1, ctx)


@given(prefix=st.lists(st.integers(0, 5), min_size=1, max_size=4), num_tokens=st.integers(0, 9), stop=st.integers(0, 5))
@settings(max_examples=30)
def test_the_output_ends_before_the_token_that_stops_it(prefix, num_tokens, stop):
    without = decode(NextLetter(), prefix, num_tokens, gb.try_gpu(), likeliest)
    chosen = without[len(prefix) :]  # a token of the prefix stops nothing
    kept = chosen.index(stop) if stop in chosen else num_tokens
    assert decode(NextLetter(), prefix, num_tokens, gb.try_gpu(), likeliest, stop=stop) == [*prefix, *chosen[:kept]]


def test_writing_starts_from_the_state_that_is_given(ctx):
    model = NextLetter()
    assert decode(model, [4], 1, ctx, likeliest, state=7) == [4, 5]
    assert model.seen == [(4, (1, 1), 7)]


def test_a_model_of_nd_writes_the_same_while_np_is_on(ctx):
    with using_np():
        assert continue_text(NextLetter(), "b", 3, ctx, CHARACTERS, CHAR_TO_IDX) == "bcde"


def test_unknown_characters_of_a_prefix_are_skipped_and_stand_in_the_text(ctx):
    text = continue_text(NextLetter(), "axb", 2, ctx, CHARACTERS, CHAR_TO_IDX, unknown="skip")
    assert text == "axbcd"


def test_temperature_zero_and_top_one_are_the_likeliest():
    scores = np.array([0.3, 2.0, -1.0, 1.99])
    assert likeliest(scores) == 1
    for choose in (chooser(), chooser(temperature=5.0, top_k=1), chooser(temperature=1e-6)):
        assert {choose(scores) for _ in range(20)} == {1}


def frequencies(choose, scores, draws=1500):
    counts = np.bincount([choose(scores) for _ in range(draws)], minlength=len(scores))
    return counts / draws


@pytest.mark.parametrize("temperature", [0.5, 3.0])
def test_draws_follow_the_softmax(temperature):
    logits = np.array([1.0, 0.0, -1.0, 2.0])
    expected = np.exp(logits / temperature) / np.exp(logits / temperature).sum()
    found = frequencies(chooser(temperature=temperature, seed=5), logits)
    # 4 standard errors
    np.testing.assert_allclose(found, expected, atol=4 * np.sqrt(0.25 / 1500))


def test_a_high_temperature_is_uniform():
    found = frequencies(chooser(temperature=1e9, seed=5), np.array([1.0, 0.0, -50.0, 20.0]))
    chi_square = (1500 * (found - 0.25) ** 2 / 0.25).sum()
    assert chi_square < 16.3  # the 0.1 % point for 3 degrees of freedom


def test_top_k_draws_among_the_likeliest_only():
    scores = np.array([1.0, 5.0, 4.0, 3.0, -2.0])
    choose = chooser(temperature=10.0, top_k=3, seed=1)
    assert {choose(scores) for _ in range(200)} == {1, 2, 3}
    assert chooser(temperature=1.0, top_k=99, seed=1)(scores) in range(5)


def test_the_seed_makes_draws_repeatable():
    scores = np.zeros(50)
    draws = {chooser(1.0, seed=seed)(scores) for seed in (1, 2, 3, 4)}
    choose_a, choose_b = chooser(1.0, seed=1), chooser(1.0, seed=1)
    assert [choose_a(scores) for _ in range(30)] == [choose_b(scores) for _ in range(30)]
    assert len(draws) > 1


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
@pytest.mark.parametrize("temperature", [0.0, 1.0])
def test_scores_that_are_not_finite_choose_nothing(bad, temperature):
    with pytest.raises(ValueError, match="scores are not finite, so no character can be chosen"):
        chooser(temperature)(np.array([0.0, bad]))
