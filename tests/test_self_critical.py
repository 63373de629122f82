"""Stage three of training: what is sampled, what it is worth, and which way it pushes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from showtell_lib.metrics.cider import cider
from showtell_lib.training.batches import Source
from showtell_lib.vocabulary import END, Vocabulary
from tests.test_precision import needs_bfloat16

WORDS = Vocabulary(("<S>", "</S>", "<UNK>", "a", "dog", "cat", "runs", "sits"))
START_ID, END_ID, UNKNOWN_ID = 0, 1, 2
FEATURES = 6


@pytest.fixture(scope="module")
def decoder() -> Any:
    from showtell_lib.training.network import Decoder

    mean, deviation = np.full(FEATURES, 0.3), np.linspace(0.5, 1.5, FEATURES)
    return Decoder(len(WORDS), mean, deviation, units=5, dropout=0.4, seed=1)


def source(captions: Sequence[Sequence[str]]) -> Source:
    """Photos with these captions, the end token added."""
    encoded = [[WORDS.encode(caption.split()) for caption in photo] for photo in captions]
    nothing = np.zeros((len(captions), 1))
    return Source(nothing, encoded, nothing)


def ids(caption: str) -> list[int]:
    return [WORDS.tokens.index(word) for word in caption.split()]


TRAIN = [["a dog runs", "dog runs"], ["a cat sits", "a cat"]]
BROADER = [["a dog sits", "zebra sits"]]


@pytest.fixture(scope="module")
def rewards() -> Any:
    from showtell_lib.training.self_critical import Rewards

    return Rewards([source(TRAIN), source(BROADER)], WORDS)


def test_a_reward_is_cider_with_the_end_as_a_word(rewards: Any) -> None:
    ended = [[[*c.split(), END] for c in photo] for photo in [*TRAIN, *BROADER]]
    said = [["dog", "runs", END], ["a", "cat", "sits", END], ["a", "dog", END]]
    expected = cider(said, ended)
    found = [
        rewards.score(0, 0, [*ids("dog runs </S>"), -1, -1]),
        rewards.score(0, 1, ids("a cat sits </S>")),
        rewards.score(1, 0, ids("a dog </S>")),
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_breaking_off_is_worth_less_than_ending(rewards: Any) -> None:
    assert rewards.score(0, 0, ids("a dog runs")) < rewards.score(0, 0, ids("a dog runs </S>"))


def test_an_unknown_word_is_worth_nothing(rewards: Any) -> None:
    """The zebra is unknown to the vocabulary; saying so must not count as naming it."""
    assert rewards.score(1, 0, [UNKNOWN_ID]) == 0


def test_advantages_are_against_the_others_of_the_same_photo() -> None:
    from showtell_lib.training.self_critical import advantages

    table = np.random.default_rng(0).random((4, 5)).astype(np.float32)
    found = advantages(table)
    for photo in range(4):
        for one in range(5):
            others = np.delete(table[photo], one)
            assert found[photo, one] == pytest.approx(table[photo, one] - others.mean(), abs=1e-6)


def test_on_average_it_pushes_towards_what_is_worth_more() -> None:
    """Over all captions of two words, each as often as it is said, it is the reward's gradient.

    Whatever constant is taken off the rewards.
    """
    import tensorflow as tf

    from showtell_lib.training.self_critical import policy_loss

    random = np.random.default_rng(3)
    logits = tf.Variable(random.normal(size=(1, 2, 3)), dtype=tf.float64)
    worth, baseline = random.random((3, 3)), 0.4
    with tf.GradientTape() as tape:
        p = tf.nn.softmax(logits)[0]
        expected = tf.reduce_sum(p[0][:, None] * p[1][None, :] * worth)
    wanted = tape.gradient(expected, logits).numpy()
    p = tf.nn.softmax(logits)[0].numpy()
    total = np.zeros_like(wanted)
    for first in range(3):
        for second in range(3):
            with tf.GradientTape() as tape:
                tokens = tf.constant([[first, second]])
                advantage = tf.constant([worth[first, second] - baseline], tf.float32)
                loss = policy_loss(tf.cast(logits, tf.float32), tokens, advantage)
            total += p[0, first] * p[1, second] * tape.gradient(loss, logits).numpy()
    np.testing.assert_allclose(-2 * total, wanted, atol=1e-6)


def test_padding_has_no_part_in_the_loss() -> None:
    from showtell_lib.training.self_critical import policy_loss

    logits = np.random.default_rng(0).normal(size=(1, 3, 4)).astype(np.float32)
    whole = policy_loss(logits[:, :2], np.array([[1, 2]], np.int32), np.ones(1, np.float32))
    padded = policy_loss(logits, np.array([[1, 2, -1]], np.int32), np.ones(1, np.float32))
    assert float(whole) == pytest.approx(float(padded), rel=1e-6)


def test_captions_are_drawn_as_often_as_they_are_probable(decoder: Any) -> None:
    """The first two tokens of 20,000 captions, against teacher forcing on every pair."""
    import tensorflow as tf

    from showtell_lib.training.self_critical import LONGEST, sample_captions

    feature = np.random.default_rng(5).normal(size=(1, FEATURES)).astype(np.float32)
    many = 20_000
    said = sample_captions(
        decoder, np.repeat(feature, many, 0), START_ID, END_ID, tf.constant(7)
    ).numpy()
    assert said.shape == (many, LONGEST)
    pairs = Counter(map(tuple, said[:, :2].tolist()))
    size = len(WORDS)
    before = np.array([[START_ID, first] for first in range(size)], np.int32)
    probabilities = tf.nn.softmax(decoder(np.repeat(feature, size, 0), before)).numpy()
    for first in range(size):
        for second in range(size):
            expected = probabilities[0, 0, first] * probabilities[first, 1, second]
            if first != END_ID:
                spread = np.sqrt(expected / many)
                assert abs(pairs[first, second] / many - expected) < 5 * spread + 1e-4
    assert pairs[END_ID, -1] / many == pytest.approx(probabilities[0, 0, END_ID], abs=0.02)
    assert all((row[np.argmax(row == END_ID) + 1 :] == -1).all() for row in said if END_ID in row)


def test_the_same_seed_draws_the_same_captions(decoder: Any) -> None:
    import tensorflow as tf

    from showtell_lib.training.self_critical import sample_captions

    features = np.zeros((8, FEATURES), np.float32)
    first, again, other = (
        sample_captions(decoder, features, START_ID, END_ID, tf.constant(seed)).numpy()
        for seed in (1, 1, 2)
    )
    np.testing.assert_array_equal(first, again)
    assert (first != other).any()


@pytest.mark.parametrize("precision", ["float32", pytest.param("bfloat16", marks=needs_bfloat16)])
def test_weights_come_back_as_they_were_frozen(decoder: Any, precision: str) -> None:
    from showtell_lib.training.network import Decoder, frozen_weights, set_frozen_weights

    mean, deviation = np.full(FEATURES, 0.3), np.linspace(0.5, 1.5, FEATURES)
    other = Decoder(len(WORDS), mean, deviation, units=5, seed=9, precision=precision)
    set_frozen_weights(other, frozen_weights(decoder))
    for name, value in frozen_weights(decoder).items():
        np.testing.assert_allclose(frozen_weights(other)[name], value, atol=1e-6, err_msg=name)


def stage_three(folder: Path, judges: np.ndarray | None = None) -> Any:
    """The loop of sixteen photos of two kinds, whose decoder has learned nothing."""
    from types import SimpleNamespace

    import tensorflow as tf

    from showtell_lib.training.network import Decoder
    from showtell_lib.training.options import TrainingOptions
    from showtell_lib.training.self_critical import SelfCriticalLoop

    features = np.eye(2, FEATURES, dtype=np.float16)[:, np.newaxis]
    images, captions = np.tile(features, (8, 1, 1)), [*source(TRAIN).captions] * 8
    photos = Source(images, captions, np.zeros((16, 1)), judges=judges)
    options = TrainingOptions(self_critical_epochs=60, self_critical_rate=0.02, warm_up_steps=2)
    trainer = SimpleNamespace(
        decoder=Decoder(len(WORDS), np.zeros(FEATURES), np.ones(FEATURES), 8, 0.0),
        encoder=SimpleNamespace(tail=tf.Module()),
        reader=tf.Module(),
        vocabulary=WORDS,
        options=options,
        folder=folder,
    )
    return SelfCriticalLoop(trainer, {"train": photos})


def test_captions_of_a_whole_class_judge_nothing(tmp_path: Path) -> None:
    judges = np.arange(16) % 4 != 0
    picks = [(0, photo) for photo in (0, 1, 2, 4, 7)]
    found = [
        stage_three(tmp_path, who)._sampled(picks, np.random.default_rng(0))[2].reshape(5, -1)
        for who in (judges, None)
    ]
    np.testing.assert_array_equal(found[0][[0, 3]], 0)
    np.testing.assert_array_equal(found[0][[1, 2, 4]], found[1][[1, 2, 4]])
    assert found[1][[0, 3]].any()


def test_a_decoder_learns_to_say_what_is_worth_most(tmp_path: Path) -> None:
    """From a random start: after the stage, drawn captions are worth several times as much."""
    loop = stage_three(tmp_path)
    picks = [(0, photo) for photo in range(16)]

    def worth() -> float:
        random = np.random.default_rng(0)
        sampled, tokens, _ = loop._sampled(picks, random)
        owners = np.repeat(np.arange(16), len(sampled) // 16)
        return float(
            np.mean([loop.rewards.score(0, o, t) for o, t in zip(owners, tokens, strict=True)])
        )

    before = worth()
    for epoch in range(loop.epochs):
        loop.run_epoch(epoch)
    assert worth() > 3 * before
