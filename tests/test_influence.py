"""How many bits of a word the photo decides, against sums written out, and its properties."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from showtell_lib import embeddings as em
from showtell_lib.captioner import load
from showtell_lib.errors import SettingsError
from tests.toy_models import random_model

TOKENS = (0, 2, 3, 1)


def starting(*steps: int) -> np.ndarray:
    """States of toy photos: they differ in how many steps their tables are ahead."""
    return np.array([[step, 0] for step in steps], np.float32)


def test_forced_words_are_the_tables() -> None:
    model = random_model(4)
    found = em.forced_log_probs(model, starting(0, 1), TOKENS)
    assert found.shape == (2, 3, 5)
    for photo in range(2):
        for step, token in enumerate(TOKENS[:-1]):
            expected = model.tables[min(photo + step, 3), token]
            np.testing.assert_allclose(found[photo, step], expected, rtol=1e-6)


def test_bits_are_the_sum_of_p_log_p_over_q() -> None:
    model = random_model(7, steps=5)
    bits = em.photo_influence(model, starting(0), TOKENS, starting(1, 2))
    for step, token in enumerate(TOKENS[:-1]):
        own = [math.exp(x) for x in model.tables[step, token]]
        expected = 0.0
        for other in (1, 2):
            q = [math.exp(x) for x in model.tables[min(step + other, 4), token]]
            expected += sum(a * math.log2(a / b) for a, b in zip(own, q, strict=True)) / 2
        assert bits[step] == pytest.approx(expected, abs=1e-5)


@given(st.integers(0, 10_000), st.floats(0.1, 8))
def test_never_below_0_and_0_for_the_same_photo(seed: int, sharpness: float) -> None:
    model = random_model(seed, sharpness=sharpness)
    assert (em.photo_influence(model, starting(0), TOKENS, starting(1, 2, 3)) >= 0).all()
    same = em.photo_influence(model, starting(2), TOKENS, starting(2, 2))
    np.testing.assert_allclose(same, 0, atol=1e-9)


def test_one_state_may_come_without_its_list() -> None:
    model = random_model(3)
    one, listed = (
        em.photo_influence(model, s, TOKENS, starting(1)) for s in (starting(0)[0], starting(0))
    )
    np.testing.assert_array_equal(one, listed)


@pytest.mark.parametrize(
    ("tokens", "others", "message"),
    [(TOKENS, starting(), "no other photo"), ((0,), starting(1), "a word at least")],
)
def test_nothing_to_compare(tokens: Any, others: np.ndarray, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        em.photo_influence(random_model(3), starting(0), tokens, others)


def test_the_bundled_model_without_tensorflow() -> None:
    """The NumPy decoder and stored embeddings do as well as a captioner."""
    captioner = load()
    states = captioner.numpy_decoder.state_of(em.load_embeddings().embeddings[:3])
    tokens = captioner.vocabulary.encode(["a", "dog"])
    of_numpy = em.photo_influence(captioner.numpy_decoder, states[0], tokens, states[1:])
    of_graph = em.photo_influence(captioner, states[0], tokens, states[1:])
    np.testing.assert_allclose(of_numpy, of_graph, atol=1e-3)


def test_content_words_are_named_once() -> None:
    words = "a black dog and a white dog run through the <UNK> grass </S>".split()
    assert [words[at] for at in em.content_words(words)] == [
        "black",
        "dog",
        "white",
        "run",
        "grass",
    ]


def test_distinctive_channels_are_active_here_and_not_there() -> None:
    random = np.random.default_rng(0)
    others = [random.uniform(0, 1, (4, 4, 6)) for _ in range(5)]
    own = random.uniform(0, 1, (4, 4, 6))
    own[:2, :, 4] += 9
    own[:, 2:, 1] += 2
    own[:, :, 5] = own[:, :, 4]
    for other in others:
        other[:, :, 5] = other[:, :, 4]  # Says the same as channel 4, so it comes after channel 1.
    assert em.distinctive_channels(own, others, count=2) == [4, 1]
    assert sorted(em.distinctive_channels(own, others, count=9)) == list(range(6))
    everywhere = [other + 5 * (np.arange(6) == 0) for other in others]
    own[:, :, 0] += 5
    assert em.distinctive_channels(own, everywhere, count=2) == [4, 1], "0 is strong in all"


def test_feature_maps_of_other_layers_are_refused() -> None:
    maps = np.zeros((4, 4, 6))
    with pytest.raises(SettingsError, match="one layer"):
        em.distinctive_channels(maps, [maps, np.zeros((2, 2, 6))])
    with pytest.raises(SettingsError, match="two other photos"):
        em.distinctive_channels(maps, [maps])
