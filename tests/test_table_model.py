"""Tests of models that fit in the hand."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from showtell_lib import search
from showtell_lib.errors import SettingsError
from showtell_lib.search import TableModel, worlds

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


def sentences(model: TableModel) -> dict[str, float]:
    """Every sentence with its probability, the most probable first."""
    return {c.text: round(c.probability, 6) for c in search.all_sentences(model)}


def test_all_sentences_of_a_world_as_worked_out_on_paper() -> None:
    assert list(sentences(worlds.BEAM_WINS).items()) == [
        ("the cat sleeps", 0.288),
        ("a cat sleeps", 0.192),
        ("a dog sleeps", 0.18),
        ("a dog", 0.12),
        ("the cat", 0.072),
        ("a", 0.06),
        ("a cat", 0.048),
        ("the dog sleeps", 0.024),
        ("the dog", 0.016),
    ]


WORLDS = {name: getattr(worlds, name) for name in ("BEAM_WINS", "GREEDY_WINS", "WIDER_LOSES")}


@pytest.mark.parametrize("model", WORLDS.values(), ids=WORLDS)
def test_a_world_fits_in_the_hand(model: TableModel) -> None:
    said = sentences(model)
    assert sum(said.values()) == pytest.approx(1)
    assert len(said) <= 20
    assert len(model.vocabulary) - len(("<S>", "</S>", "<UNK>")) in (5, 6)
    for row in model.table.values():
        assert all(round(p, 2) == pytest.approx(p) for p in row.values())


# By beam width, the caption found and its probability by hand; width 1 is greedy decoding.
FOUND = {
    "BEAM_WINS": {
        1: ("a dog sleeps", 0.6 * 0.5 * 0.6),
        2: ("the cat sleeps", 0.4 * 0.9 * 0.8),
        3: ("the cat sleeps", 0.4 * 0.9 * 0.8),
    },
    "GREEDY_WINS": {
        1: ("a dog", 0.55 * 0.32),
        2: ("the cat sleeps", 0.45 * 0.55 * 0.6),
        3: ("a dog", 0.55 * 0.32),
    },
    "WIDER_LOSES": {
        1: ("dogs run here", 0.38 * 0.5 * 0.6),
        2: ("cats sleep", 0.32 * 0.4),
        3: ("dogs run here", 0.38 * 0.5 * 0.6),
        4: ("cats sleep", 0.32 * 0.4),
    },
}


@pytest.mark.parametrize("name", WORLDS)
def test_the_searches_part_as_the_world_says(name: str) -> None:
    model, said = WORLDS[name], sentences(WORLDS[name])
    for width, (text, probability) in FOUND[name].items():
        found = search.beam(model, model.start_state, beam_width=width).best
        assert found.text == text
        assert said[text] == pytest.approx(probability, abs=1e-6)
    assert search.greedy(model, model.start_state).best.text == FOUND[name][1][0]
    optimum, second = list(said)[:2]
    assert search.exact(model, model.start_state).best.text == optimum
    assert optimum in {text for text, _ in FOUND[name].values()}
    assert said[optimum] > 1.1 * said[second]


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("width", [2, 3])
def test_no_choice_hangs_on_a_near_tie(name: str, width: int) -> None:
    model = WORLDS[name]
    said = list(sentences(model).values())
    assert min(a / b for a, b in itertools.pairwise(said)) > 1.01
    trace = search.beam(model, model.start_state, beam_width=width, trace=True).recorded
    lost_by = [e.lost_by or 0.0 for e in trace if e.status == "pruned" and e.word != "</S>"]
    assert min(lost_by) > math.log(1.1)


@pytest.mark.parametrize(("words", "most"), [(1, 3), (2, 4), (3, 3), (5, 2)])
def test_sentences_are_as_many_as_a_geometric_sum_says(words: int, most: int) -> None:
    row = {f"w{i}": 1 / (words + 1) for i in range(words)}
    certain_end = {"</S>": 1.0}
    begun = [s for length in range(most) for s in itertools.product(row, repeat=length)]
    ends = {" ".join(s): certain_end for s in itertools.product(row, repeat=most)}
    model = TableModel({" ".join(s): row for s in begun} | ends)
    counted = most + 1 if words == 1 else (words ** (most + 1) - 1) // (words - 1)
    assert len(search.all_sentences(model)) == counted


def test_a_world_without_end_is_not_listed() -> None:
    very = TableModel({"": {"very": 0.5, "good": 0.5}, "very": {"very": 0.5, "good": 0.5}})
    with pytest.raises(SettingsError, match=r'"very very.*goes on after 6 tokens'):
        search.all_sentences(very, max_length=6)


def test_max_length_counts_both_markers() -> None:
    assert len(search.all_sentences(worlds.BEAM_WINS, max_length=5)) == 9
    with pytest.raises(SettingsError, match="goes on after 4 tokens"):
        search.all_sentences(worlds.BEAM_WINS, max_length=4)


def test_a_world_too_large_is_not_listed() -> None:
    row = dict.fromkeys("abcdefghij", 0.1)
    with pytest.raises(SettingsError, match="more than 10,000 sentences"):
        search.all_sentences(TableModel({"": row, **dict.fromkeys(row, row)}))
