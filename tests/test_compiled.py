"""The compiled searches give the readable ones' answers: same tokens, same log-probabilities."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from showtell_lib import search
from showtell_lib.captioner import Captioner, load
from showtell_lib.errors import ModelError, SettingsError
from showtell_lib.photos import sample_photo, sample_photos
from showtell_lib.quiet import import_tensorflow
from showtell_lib.scenes import Scene
from showtell_lib.search import BeamSettings
from showtell_lib.search.compiled import CompiledSearch
from showtell_lib.search.compiled.best_words import best_words
from showtell_lib.trace import Caption
from tests.examples import examples
from tests.toy_models import ToyModel, random_model, table_model


def compiled(model: ToyModel) -> CompiledSearch:
    """The compiled searches over a toy model, written in TensorFlow."""
    tf = import_tensorflow()
    tables = tf.constant(np.exp(model.tables.astype(np.float64)).astype(np.float32))

    def step(tokens: Any, states: Any) -> tuple[Any, Any]:
        steps = tf.minimum(tf.cast(states[:, 0], tf.int64), len(model.tables) - 1)
        rows = tf.gather_nd(tables, tf.stack([steps, tokens], axis=1))
        return rows, states + tf.constant([[1.0, 0.0]])

    return CompiledSearch(step, model.vocabulary)


def assert_same(found: list[Caption], expected: list[Caption], tolerance: float = 1e-4) -> None:
    assert [c.token_ids for c in found] == [c.token_ids for c in expected]
    for one, other in zip(found, expected, strict=True):
        assert one.log_prob == pytest.approx(other.log_prob, abs=tolerance)
        assert one.score == pytest.approx(other.score, abs=tolerance)
        assert (one.text, one.finished) == (other.text, other.finished)
        assert [word for word, _ in one.words] == [word for word, _ in other.words]
        found_words, words = ([x for _, x in c.words] for c in (one, other))
        np.testing.assert_allclose(found_words, words, atol=tolerance)


def states_at(*steps: int) -> np.ndarray:
    """Photos that a toy model sees at different places of its tables."""
    return np.array([[step, 0] for step in steps], np.float32)


@examples(15)
@given(
    seed=some.integers(0, 10_000),
    size=some.integers(4, 9),
    sharpness=some.sampled_from([0.3, 1.0, 3.0]),
    beam_width=some.integers(1, 4),
    length_penalty=some.sampled_from([0.0, 0.6, 1.0, 2.0]),
    max_length=some.integers(2, 9),
)
def test_beam_search_is_the_readable_one(
    seed: int,
    size: int,
    sharpness: float,
    beam_width: int,
    length_penalty: float,
    max_length: int,
) -> None:
    model = random_model(seed, size, steps=5, sharpness=sharpness)
    chosen = {"beam_width": beam_width, "length_penalty": length_penalty, "max_length": max_length}
    states = states_at(0, 1, 4)
    for state, found in zip(
        states, compiled(model).beam(states, BeamSettings(**chosen)), strict=True
    ):
        assert_same(found, search.beam(model, state[np.newaxis], **chosen).captions)


@examples(60)
@given(
    seed=some.integers(0, 10_000),
    words=some.integers(64, 300),
    count=some.integers(1, 6),
    different=some.sampled_from([2, 5, 1000]),
)
def test_best_words_are_the_first_of_the_sorted_ones(
    seed: int, words: int, count: int, different: int
) -> None:
    """However many words are equally probable."""
    random = np.random.default_rng(seed)
    probabilities = random.integers(0, different, (3, words)).astype(np.float32) / different
    best, ids = best_words(import_tensorflow().constant(probabilities), count)
    expected = np.argsort(-probabilities, axis=1, kind="stable")[:, :count]
    np.testing.assert_array_equal(ids, expected)
    np.testing.assert_array_equal(best, np.take_along_axis(probabilities, expected, axis=1))


@pytest.mark.parametrize("beam_width", [1, 2, 3, 5])
def test_ties_go_to_the_lower_token_ids(beam_width: int) -> None:
    model = table_model(np.full((6, 6), 1 / 6).tolist())
    chosen = {"beam_width": beam_width, "length_penalty": 0.0, "max_length": 5}
    (found,) = compiled(model).beam(states_at(0), BeamSettings(**chosen))
    assert_same(found, search.beam(model, states_at(0), **chosen).captions)


def test_captions_that_never_end_are_returned_unfinished() -> None:
    model = table_model([[0, 0, 0.6, 0.4, 0]] * 5)
    chosen = {"beam_width": 3, "length_penalty": 0.7, "max_length": 6}
    (found,) = compiled(model).beam(states_at(0), BeamSettings(**chosen))
    assert_same(found, search.beam(model, states_at(0), **chosen).captions)
    assert not any(caption.finished for caption in found)


def test_no_photos_no_captions() -> None:
    none = np.zeros((0, 2), np.float32)
    assert compiled(random_model(0)).beam(none, BeamSettings()) == []
    assert compiled(random_model(0)).sample(none) == []


def test_a_model_that_gives_no_numbers_is_refused() -> None:
    broken = CompiledSearch(
        lambda tokens, states: (states * np.nan, states), random_model(0, 4).vocabulary
    )
    with pytest.raises(ModelError, match="not probabilities"):
        broken.beam(np.ones((1, 4), np.float32), BeamSettings(2, max_length=4))


@pytest.fixture(scope="module")
def states(captioner: Captioner) -> np.ndarray:
    pictures = [Scene.random(seed).draw() for seed in range(12)]
    return captioner.encode_many([*pictures, *map(sample_photo, sample_photos())])


@pytest.mark.parametrize("length_penalty", [0.0, 0.7])
@pytest.mark.parametrize("beam_width", [1, 3, 5, 20])
def test_on_the_bundled_model(
    beam_width: int, length_penalty: float, captioner: Captioner, states: np.ndarray
) -> None:
    chosen = {"beam_width": beam_width, "length_penalty": length_penalty, "max_length": 20}
    found = captioner.caption_states(states, BeamSettings(**chosen))
    for state, captions in zip(states, found, strict=True):
        assert_same(captions, search.beam(captioner, state[np.newaxis], **chosen).captions)


@pytest.mark.parametrize("size", [1, 2, 7])
def test_the_batch_makes_no_difference(size: int, captioner: Captioner, states: np.ndarray) -> None:
    chosen = {"beam_width": 3, "length_penalty": 0.0, "max_length": 20}
    whole = captioner.caption_states(states, BeamSettings(**chosen))
    pieces: list[list[Caption]] = []
    for first in range(0, len(states), size):
        pieces += captioner.caption_states(states[first : first + size], BeamSettings(**chosen))
    for one, other in zip(pieces, whole, strict=True):
        assert_same(one, other)


def test_greedy_is_beam_width_one(captioner: Captioner, states: np.ndarray) -> None:
    found = captioner.caption_states(states, BeamSettings(1))
    for state, (caption,) in zip(states, found, strict=True):
        expected = search.greedy(captioner, state[np.newaxis]).best
        assert caption.token_ids == expected.token_ids


def test_nothing_is_compiled_twice(captioner: Captioner, states: np.ndarray) -> None:
    """Neither another number of photos nor another length penalty needs a new function."""
    searches = CompiledSearch(captioner.step_function, captioner.vocabulary)
    for count in (1, 2, 5, len(states)):
        for length_penalty in (0, 0.5, 1.0):
            searches.beam(states[:count], BeamSettings(2, length_penalty, 8))
    assert searches.compiled == 1
    searches.beam(states[:1], BeamSettings(3, max_length=8))
    for temperature, top_p in ((1.0, 1.0), (0.5, 0.9)):
        searches.sample(states[:3], temperature=temperature, top_p=top_p, captions=2)
    assert searches.compiled == 3


@pytest.mark.parametrize("chosen", [{"top_k": 1}, {"temperature": 1e-4}, {"top_p": 1e-6}])
def test_sampling_without_chance_is_greedy(
    chosen: dict[str, Any], captioner: Captioner, states: np.ndarray
) -> None:
    searches = CompiledSearch(captioner.step_function, captioner.vocabulary)
    for state, drawn in zip(states, searches.sample(states, **chosen), strict=True):
        expected = search.greedy(captioner, state[np.newaxis]).best
        assert drawn[0].token_ids == expected.token_ids
        assert drawn[0].log_prob == pytest.approx(expected.log_prob, abs=1e-4)


@pytest.mark.parametrize(
    "chosen",
    [{}, {"temperature": 0.5}, {"temperature": 2.0}, {"top_k": 3}, {"top_p": 0.7}],
)
def test_words_are_drawn_as_often_as_they_should(chosen: dict[str, Any]) -> None:
    """Against the readable sampling's own distribution of the first word, 4,000 draws."""
    model = random_model(7, size=8, steps=1, sharpness=1.5)
    probabilities = np.exp(model.tables[0, 0].astype(np.float64) / chosen.get("temperature", 1.0))
    order = np.argsort(-probabilities, kind="stable")
    ranked = probabilities[order] / probabilities.sum()
    ranked[chosen.get("top_k", len(ranked)) :] = 0
    ranked /= ranked.sum()
    ranked[np.cumsum(ranked) - ranked >= chosen.get("top_p", 1.0)] = 0
    expected = dict(zip(order.tolist(), ranked / ranked.sum(), strict=True))
    (drawn,) = compiled(model).sample(states_at(0), captions=4000, max_length=2, **chosen)
    counts = Counter(caption.token_ids[1] for caption in drawn)
    for token_id, probability in expected.items():
        assert counts[token_id] / 4000 == pytest.approx(probability, abs=0.035)


def test_sampling_is_seeded_and_has_the_models_own_probability(
    captioner: Captioner, states: np.ndarray
) -> None:
    searches = captioner.compiled
    one, same, other = (
        searches.sample(states[:2], captions=3, seed=seed, temperature=1.5) for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other
    for state, captions in zip(states[:2], one, strict=True):
        for caption in captions:
            log_prob, now = 0.0, state[np.newaxis]
            for before, after in zip(caption.token_ids, caption.token_ids[1:], strict=False):
                log_probs, now = captioner.step([before], now)
                log_prob += float(log_probs[0, after])
            assert caption.log_prob == pytest.approx(log_prob, abs=1e-3)


def test_bad_sampling_settings_are_refused(captioner: Captioner, states: np.ndarray) -> None:
    with pytest.raises(SettingsError, match="temperature"):
        captioner.compiled.sample(states[:1], temperature=0.0)


def test_the_full_size_reference_in_one_batch(full_size_model: Path, shared: Path) -> None:
    captioner = load(full_size_model)
    folder = shared / "full_size" / "photos"
    states = captioner.encode_many(sorted(folder.glob("*.jpg")))
    for beam_width in (3, 20):
        chosen = {"beam_width": beam_width, "length_penalty": 0.0, "max_length": 20}
        found = captioner.caption_states(states, BeamSettings(**chosen))
        for state, captions in zip(states, found, strict=True):
            expected = search.beam(captioner, state[np.newaxis], **chosen).captions
            assert {c.token_ids for c in captions} == {c.token_ids for c in expected}
            for one, other in zip(captions, expected, strict=True):
                assert one.log_prob == pytest.approx(other.log_prob, abs=5e-4)


def test_a_photo_at_a_time_or_many(captioner: Captioner) -> None:
    photos = [sample_photo("chelsea"), sample_photo("coffee")]
    together = captioner.caption_batch(photos)
    for photo, captions in zip(photos, together, strict=True):
        assert_same(captioner.caption(photo), captions)
