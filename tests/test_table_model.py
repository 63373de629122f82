"""Tests of models that fit in the hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from showtell_lib import search
from showtell_lib.errors import SettingsError
from showtell_lib.search import TableModel

PETS = TableModel(
    {
        "": {"a": 0.6, "the": 0.4},
        "a": {"dog": 0.4, "cat": 0.35},
        "the": {"cat": 0.9, "dog": 0.1},
        "dog": {"</S>": 0.7, "sleeps": 0.3},
        "the dog": {"sleeps": 1},
    }
)
A, THE, DOG, CAT, SLEEPS = range(2, 7)


def probabilities_after(model: TableModel, words: str) -> dict[str, float]:
    """What the model says next, by word, after having been fed a sentence."""
    state, vocabulary = model.start_state, model.vocabulary
    for token_id in vocabulary.encode(words)[:-1]:
        log_probs, state = model.step([token_id], state)
    return {
        vocabulary.word(i): round(math.exp(p), 6)
        for i, p in enumerate(log_probs[0])
        if math.exp(p) > 1e-6
    }


def test_ids_follow_the_order_of_the_rows() -> None:
    tokens = ("<S>", "</S>", "a", "the", "dog", "cat", "sleeps", "<UNK>")
    assert PETS.vocabulary.tokens == tokens


@pytest.mark.parametrize(
    ("said", "following"),
    [
        ("", {"a": 0.6, "the": 0.4}),
        ("a", {"dog": 0.4, "cat": 0.35, "</S>": 0.25}),
        ("a dog", {"</S>": 0.7, "sleeps": 0.3}),
        ("the dog", {"sleeps": 1}),
        ("a the dog", {"</S>": 0.7, "sleeps": 0.3}),
        ("dog a the cat sleeps dog", {"</S>": 0.7, "sleeps": 0.3}),
        ("a cat", {"</S>": 1}),
        ("zebra", {"</S>": 1}),
    ],
)
def test_the_whole_sentence_counts_before_its_last_word(
    said: str, following: dict[str, float]
) -> None:
    assert probabilities_after(PETS, said) == following


def test_many_hypotheses_in_one_step_are_as_each_alone() -> None:
    tokens = np.array([THE, DOG, SLEEPS])
    _, states = PETS.step([0, 0, 0], np.repeat(PETS.start_state, 3, axis=0))
    together = PETS.step(tokens, states)
    assert [part.shape for part in together] == [(3, 8), (3, 1)]
    assert all(part.dtype == np.float32 and np.isfinite(part).all() for part in together)
    for i, token in enumerate(tokens):
        alone = PETS.step(token, states[i])
        assert all(np.array_equal(a[0], b[i]) for a, b in zip(alone, together, strict=True))


@pytest.mark.parametrize(
    ("tokens", "state", "message"),
    [
        ([8], np.zeros((1, 1)), "token id 8 is outside the vocabulary"),
        ([-1], np.zeros((1, 1)), "token id -1 is outside"),
        ([1.0], np.zeros((1, 1)), "whole numbers"),
        ([[2]], np.zeros((1, 1)), "must be one list"),
        ([2, 3], np.zeros((1, 1)), "2 token ids need as many states, not 1"),
        ([2], np.zeros((1, 2)), r"shape \[N, 1\]"),
        ([2], [[99.0]], "one that `step` returned"),
        ([2], [[-1.0]], "one that `step` returned"),
        ([2], [[0.5]], "one that `step` returned"),
        ([2], [[np.nan]], "one that `step` returned"),
    ],
)
def test_step_is_as_strict_as_a_captioners(tokens: Any, state: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        PETS.step(tokens, state)


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ({}, 'needs a row ""'),
        ({"a": {"dog": 1}}, 'needs a row ""'),
        ([("", {"a": 1})], 'needs a row ""'),
        ({"": {"a": 0.7, "the": 0.4}}, 'row "" adds up to 1.1'),
        ({"": {"a": 1}, "a": {"</S>": 0.5, "dog": 0.4}}, 'row "a" adds up to 0.9'),
        ({"": {"a": 1}, "a": {"dog": -0.1}}, 'row "a": the probability of "dog" must be .* -0.1'),
        ({"": {"a": math.nan}}, 'row "": the probability of "a" must be .* nan'),
        ({"": {"a": math.inf}}, 'row "": the probability of "a" must be .* inf'),
        ({"": {"a": "0.5"}}, 'row "": the probability of "a" must be .* \'0.5\''),
        ({"": {"a dog": 1}}, "row \"\": a next word must be one word, not 'a dog'"),
        ({"": {"<S>": 1}}, "a next word must be one word, not '<S>'"),
        ({"": {1: 1}}, "a next word must be one word, not 1"),
        ({"": {"a": 1}, "a": 1}, 'row "a" must be like'),
        ({"": {"a": 1}, "a dgo": {"sleeps": 1}}, "row \"a dgo\": no row offers 'dgo'"),
        ({"": {"a": 1}, "a </S>": {"a": 1}}, "no row offers '</S>'"),
    ],
)
def test_a_table_that_is_none_is_refused(table: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        TableModel(table)


def test_numbers_that_add_up_to_1_only_on_paper_are_taken() -> None:
    tenths = {word: np.float64(0.1) for word in "abcdefghij"}
    assert sum(tenths.values()) != 1
    assert "</S>" not in probabilities_after(TableModel({"": tenths}), "")


def test_words_that_tie_are_taken_in_the_order_of_their_row() -> None:
    model = TableModel({"": {"z": 0.5, "a": 0.5}})
    assert search.greedy(model, model.start_state).best.text == "z"
    turned = TableModel({"": {"a": 0.5, "z": 0.5}})
    assert search.greedy(turned, turned.start_state).best.text == "a"


def test_every_search_takes_it() -> None:
    state = PETS.start_state
    greedy = search.greedy(PETS, state).best
    assert greedy.text == "a dog"
    assert greedy.probability == pytest.approx(0.6 * 0.4 * 0.7, rel=1e-5)
    for best in (
        search.beam(PETS, state, beam_width=2).best,
        search.diverse_beam(PETS, state, beam_width=2, groups=2).best,
        search.sample(PETS, state, captions=50).best,
        search.exact(PETS, state).best,
    ):
        assert best.text == "the cat"
        assert best.probability == pytest.approx(0.4 * 0.9, rel=1e-5)
