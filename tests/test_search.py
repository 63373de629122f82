"""Every search against brute force, a naive re-implementation, and properties that must hold."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from showtell_lib import search
from showtell_lib.errors import ModelError, SettingsError
from showtell_lib.search import TableModel, exact_search
from showtell_lib.search.common import most_probable
from showtell_lib.search.comparison import CountingModel
from showtell_lib.trace import Caption
from tests.examples import examples
from tests.toy_models import (
    NEVER_ENDS,
    START_STATE,
    ToyModel,
    every_caption,
    log_prob_of,
    random_model,
)

seeds = st.integers(0, 10_000)
penalties = st.sampled_from([0.0, 0.5, 0.7, 1.0, 2.0])


def naive_beam(
    model: ToyModel, width: int, penalty: float, max_length: int
) -> list[tuple[tuple[int, ...], float]]:
    """The published algorithm with full sorts, all its steps, and no early stop."""
    vocabulary = model.vocabulary
    open_ones: list[tuple[tuple[int, ...], float]] = [((vocabulary.start_id,), 0.0)]
    done: list[tuple[tuple[int, ...], float]] = []
    for step in range(max_length - 1):
        grown = []
        for tokens, log_prob in open_ones:
            row = model.tables[min(step, len(model.tables) - 1), tokens[-1]]
            best = sorted(range(len(row)), key=lambda t: (-row[t], t))[:width]
            grown += [((*tokens, t), log_prob + float(row[t])) for t in best]
        done += [g for g in grown if g[0][-1] == vocabulary.end_id]
        open_ones = [g for g in grown if g[0][-1] != vocabulary.end_id]
        open_ones = sorted(open_ones, key=lambda g: (-g[1], g[0]))[:width]
    if not done:
        return open_ones
    return sorted(done, key=lambda g: (-g[1] / len(g[0]) ** penalty, g[0]))[:width]


def naive_diverse_beam(
    model: ToyModel, width: int, groups: int, diversity: float, max_length: int
) -> set[tuple[int, ...]]:
    """Plain beams in turn, all their steps; words that earlier ones chose are dearer."""
    end_id, each = model.vocabulary.end_id, width // groups
    open_ones = [[((model.vocabulary.start_id,), 0.0)] for _ in range(groups)]
    done: list[list[tuple[tuple[int, ...], float]]] = [[] for _ in range(groups)]
    for step in range(max_length - 1):
        chosen: Counter[int] = Counter()
        for group in range(groups):
            grown = []
            for tokens, log_prob in open_ones[group]:
                row = model.tables[min(step, len(model.tables) - 1), tokens[-1]]
                dear = [float(row[t]) - diversity * chosen[t] for t in range(len(row))]
                best = sorted(range(len(row)), key=lambda t, dear=dear: (-dear[t], t))[:each]
                grown += [
                    ((*tokens, t), log_prob + float(row[t]), log_prob + dear[t]) for t in best
                ]
            done[group] += [(g[0], g[1]) for g in grown if g[0][-1] == end_id]
            left = sorted((g for g in grown if g[0][-1] != end_id), key=lambda g: (-g[2], g[0]))
            open_ones[group] = [(g[0], g[1]) for g in left[:each]]
            chosen.update(tokens[-1] for tokens, _ in open_ones[group])
    pools = done if any(done) else open_ones
    return {t for pool in pools for t, _ in sorted(pool, key=lambda g: (-g[1], g[0]))[:each]}


def answers(captions: list[Caption]) -> list[tuple[int, ...]]:
    return [caption.token_ids for caption in captions]


@given(seeds, st.integers(1, 5), penalties, st.integers(2, 7), st.sampled_from([0.3, 1.0, 3.0]))
@examples(150)
def test_beam_equals_the_naive_one(
    seed: int, width: int, penalty: float, max_length: int, sharpness: float
) -> None:
    model = random_model(seed, sharpness=sharpness)
    found = search.beam(
        model, START_STATE, beam_width=width, length_penalty=penalty, max_length=max_length
    ).captions
    expected = naive_beam(model, width, penalty, max_length)
    assert answers(found) == [tokens for tokens, _ in expected]
    for caption, (tokens, log_prob) in zip(found, expected, strict=True):
        assert caption.log_prob == pytest.approx(log_prob, abs=1e-5)
        normal = len(tokens) ** penalty if caption.finished else 1
        assert caption.score == pytest.approx(log_prob / normal, abs=1e-5)


@given(seeds, st.integers(2, 8))
@settings(deadline=None)
def test_beam_width_one_is_greedy(seed: int, max_length: int) -> None:
    model = random_model(seed)
    greedy = search.greedy(model, START_STATE, max_length=max_length)
    assert greedy == search.beam(model, START_STATE, beam_width=1, max_length=max_length)


@given(seeds, st.integers(1, 5), penalties, st.integers(2, 7))
@examples(20)
def test_photos_side_by_side_get_what_each_gets_alone(
    seed: int, width: int, penalty: float, max_length: int
) -> None:
    """Their searches end at different steps; neither captions nor traces may mix."""
    model, options = random_model(seed, size=7), search.BeamSettings(width, penalty, max_length)
    # The toy's state counts its steps: each photo begins at another table.
    states = [np.array([[first, 0]], np.float32) for first in range(4)]
    together = search.beam_batch(model, states, options)
    alone = [search.beam(model, state, **options.as_dict(), trace=True) for state in states]
    assert together == alone
    assert search.beam_batch(model, [], options) == []


def test_a_wide_enough_beam_is_brute_force() -> None:
    for seed in range(5):
        model = random_model(seed, size=4)
        expected = sorted(every_caption(model, 4), key=lambda c: (-c[1], c[0]))
        search_all = search.beam(model, START_STATE, beam_width=4, max_length=4)
        assert search_all.best.token_ids == expected[0][0]


@given(seeds, st.integers(1, 6), st.integers(2, 6))
@examples(60)
def test_exact_equals_brute_force(seed: int, count: int, max_length: int) -> None:
    model = random_model(seed, size=4)
    everything = sorted(every_caption(model, max_length), key=lambda c: (-c[1], c[0]))
    found = search.exact(model, START_STATE, captions=count, max_length=max_length)
    assert found.proved
    assert len(found.captions) == min(count, len(everything))
    for caption, (_, log_prob) in zip(found.captions, everything, strict=False):
        assert caption.log_prob == pytest.approx(log_prob, abs=1e-5)
        assert caption.log_prob == pytest.approx(log_prob_of(model, caption.token_ids), abs=1e-5)
    assert len(set(answers(found.captions))) == len(found.captions)


@given(seeds, st.integers(1, 4), penalties, st.integers(2, 6))
@examples(60)
def test_exact_with_a_length_penalty_equals_brute_force(
    seed: int, count: int, penalty: float, max_length: int
) -> None:
    model = random_model(seed, size=4)
    scores = [score / len(tokens) ** penalty for tokens, score in every_caption(model, max_length)]
    found = search.exact(
        model, START_STATE, captions=count, length_penalty=penalty, max_length=max_length
    )
    assert found.proved
    expected = sorted(scores, reverse=True)[:count]
    assert [c.score for c in found.captions] == pytest.approx(expected, abs=1e-5)


@given(seeds, st.integers(1, 5), st.integers(1, 3), penalties)
@examples(60)
def test_without_a_proof_exact_search_is_still_no_worse_than_beam_search(
    seed: int, budget: int, count: int, penalty: float
) -> None:
    model = random_model(seed, size=8, steps=8, sharpness=0.5)
    options = {"length_penalty": penalty, "max_length": 8}
    found = search.exact(model, START_STATE, captions=count, budget=budget, **options)
    beam = search.beam(model, START_STATE, beam_width=3, **options).captions[:count]
    assert len(found.captions) >= len(beam)
    for ours, beams in zip(found.captions, beam, strict=False):
        assert ours.score >= beams.score - 1e-9
    assert len(set(answers(found.captions))) == len(found.captions)


@given(seeds, st.integers(1, 300), st.integers(1, 3))
@examples(60)
def test_forgetting_hopeless_prefixes_changes_nothing(seed: int, budget: int, count: int) -> None:
    model = random_model(seed, size=12, steps=5, sharpness=0.7)
    options = {"captions": count, "budget": budget, "max_length": 6}
    found = search.exact(model, START_STATE, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact_search._BestFirst, "_forget_the_hopeless", lambda search: None)
        assert found == search.exact(model, START_STATE, **options)


def test_exact_search_of_a_model_that_never_ends_keeps_its_memory_small() -> None:
    model = random_model(0, size=300, steps=1, sharpness=0.1)
    model.tables[..., model.vocabulary.end_id] = -50
    longest = 0

    def watched(search: Any, *, forget: Any = exact_search._BestFirst._forget_the_hopeless) -> None:
        nonlocal longest
        forget(search)
        longest = max(longest, len(search.frontier))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(exact_search._BestFirst, "_forget_the_hopeless", watched)
        found = search.exact(model, START_STATE, budget=200)
    assert (found.captions, found.proved, found.expansions) == ([], False, 200)
    assert 0 < longest <= 2 * 201


@given(seeds, st.sampled_from([0.3, 1.0, 3.0]))
@examples(40)
def test_no_search_beats_the_exact_one(seed: int, sharpness: float) -> None:
    model = random_model(seed, size=6, steps=6, sharpness=sharpness)
    best = search.exact(model, START_STATE, max_length=7).best.log_prob
    others = [
        *search.greedy(model, START_STATE, max_length=7).captions,
        *search.beam(model, START_STATE, beam_width=6, max_length=7).captions,
        *search.diverse_beam(model, START_STATE, beam_width=6, groups=3, max_length=7).captions,
        *search.sample(model, START_STATE, captions=20, seed=seed, max_length=7).captions,
    ]
    assert all(c.log_prob <= best + 1e-6 for c in others if c.finished)


@given(seeds, st.integers(1, 40), st.integers(1, 40))
@examples(40)
def test_a_larger_budget_never_worsens_exact_search(seed: int, small: int, more: int) -> None:
    model = random_model(seed, size=6, steps=6)
    little = search.exact(model, START_STATE, budget=small)
    much = search.exact(model, START_STATE, budget=small + more)
    assert little.expansions <= small
    assert much.proved or not little.proved
    if little.captions:
        assert much.captions[0].log_prob >= little.captions[0].log_prob


def test_exact_search_that_ran_out_of_budget_says_so() -> None:
    found = search.exact(random_model(1, size=20, sharpness=0.1), START_STATE, budget=1)
    assert not found.proved
    assert found.expansions == 1


@given(seeds, st.integers(1, 4), penalties)
@examples(50)
def test_one_group_of_diverse_beams_is_beam_search(seed: int, width: int, penalty: float) -> None:
    model = random_model(seed)
    options: dict[str, Any] = {"beam_width": width, "length_penalty": penalty, "max_length": 6}
    diverse = search.diverse_beam(model, START_STATE, groups=1, diversity=5.0, **options)
    assert diverse == search.beam(model, START_STATE, **options)


@given(
    seeds,
    st.sampled_from([(2, 2), (4, 2), (3, 3)]),
    st.sampled_from([0.0, 0.3, 2.0]),
    st.integers(2, 7),
    st.sampled_from([1.0, 3.0]),
)
@examples(100)
def test_diverse_beam_equals_the_naive_one(
    seed: int, shape: tuple[int, int], diversity: float, max_length: int, sharpness: float
) -> None:
    model = random_model(seed, size=6, sharpness=sharpness)
    width, groups = shape
    options = {"groups": groups, "diversity": diversity, "max_length": max_length}
    found = search.diverse_beam(model, START_STATE, beam_width=width, **options).captions
    expected = naive_diverse_beam(model, width, groups, diversity, max_length)
    assert set(answers(found)) == expected
    assert len(found) == len(expected)
    assert [c.log_prob for c in found] == sorted((c.log_prob for c in found), reverse=True)


@pytest.mark.parametrize("seed", [9, 11, 26, 41, 49, 64])
def test_a_group_that_cannot_improve_still_counts_for_the_others(seed: int) -> None:
    model = random_model(seed, size=8, steps=8)
    options = {"groups": 2, "diversity": 2.0, "max_length": 8}
    found = search.diverse_beam(model, START_STATE, beam_width=4, **options).captions
    assert set(answers(found)) == naive_diverse_beam(model, 4, 2, 2.0, 8)


def test_a_strong_diversity_penalty_makes_the_groups_differ_at_once() -> None:
    model = random_model(3, size=8)
    found, trace = search.diverse_beam(
        model, START_STATE, beam_width=3, groups=3, diversity=1e3, max_length=5, trace=True
    )
    first = [e.token_id for e in trace.expansions if e.step == 1 and e.status == "kept"]
    assert len(set(first)) == len(first) == 3
    assert len(found) >= 2
    for caption in found:
        assert caption.log_prob == pytest.approx(log_prob_of(model, caption.token_ids), abs=1e-5)


def test_sampling_is_seeded() -> None:
    model = random_model(0)
    draws = [search.sample(model, START_STATE, captions=5, seed=s) for s in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def test_sampling_one_word_is_greedy() -> None:
    for seed in range(10):
        model = random_model(seed)
        greedy = search.greedy(model, START_STATE)
        assert search.sample(model, START_STATE, top_k=1, seed=seed) == greedy
        assert search.sample(model, START_STATE, top_p=1e-9, seed=seed) == greedy
        for temperature in (1e-4, 1e-310):
            cold = search.sample(model, START_STATE, temperature=temperature, seed=seed)
            assert cold == greedy


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [0.0, 0.5, 0.3, 0.15, 0.05]),
        ({"temperature": 0.5}, [0.0, 0.25, 0.09, 0.0225, 0.0025]),
        ({"top_k": 2}, [0.0, 0.5, 0.3, 0.0, 0.0]),
        ({"top_p": 0.6}, [0.0, 0.5, 0.3, 0.0, 0.0]),
        ({"top_p": 0.5}, [0.0, 0.5, 0.0, 0.0, 0.0]),
    ],
)
def test_words_are_drawn_as_often_as_they_should(
    options: dict[str, Any], expected: list[float]
) -> None:
    model = TableModel({"": {"a": 0.3, "b": 0.15, "c": 0.05}})  # The end has 0.5.
    state = model.start_state
    drawn = search.sample(model, state, captions=4000, max_length=2, seed=5, **options)
    counts = Counter(caption.token_ids[1] for caption in drawn.captions)
    for token_id, share in enumerate(np.array(expected) / sum(expected)):
        spread = 4 * math.sqrt(share * (1 - share) / 4000)
        assert abs(counts[token_id] / 4000 - share) <= spread


def test_sampled_captions_have_the_models_own_probability() -> None:
    model = random_model(4)
    drawn = search.sample(model, START_STATE, captions=20, temperature=2.0, top_k=3)
    for caption in drawn.captions:
        assert caption.log_prob == pytest.approx(log_prob_of(model, caption.token_ids), abs=1e-4)


def test_ties_go_to_the_lower_token_ids() -> None:
    row = {"a": 0.25, "b": 0.25, "c": 0.25}
    model = TableModel(dict.fromkeys(("", *row), row))
    found = search.beam(model, model.start_state, beam_width=3, max_length=4).captions
    assert answers(found) == [(0, 1), (0, 2, 1), (0, 3, 1)]
    assert search.greedy(model, model.start_state).best.token_ids == (0, 1)


def test_words_below_1e_12_are_dropped() -> None:
    model = TableModel({"": {"a": 1.0, "b": 5e-13}})
    found = search.beam(model, model.start_state, beam_width=4).captions
    assert answers(found) == [(0, 2, 1)]


def test_captions_that_never_end_are_returned_unfinished() -> None:
    state = NEVER_ENDS.start_state
    options = {"beam_width": 2, "length_penalty": 1.0, "max_length": 4}
    found = search.beam(NEVER_ENDS, state, **options).captions
    assert [c.finished for c in found] == [False, False]
    assert found[0].token_ids == (0, 2, 2, 2)
    assert found[0].score == found[0].log_prob
    assert not search.greedy(NEVER_ENDS, state, max_length=4).best.finished
    assert search.exact(NEVER_ENDS, state, max_length=4).captions == []


def test_finished_and_unfinished_are_never_mixed() -> None:
    row = {"a": 0.9, "b": 0.09}
    model = TableModel(dict.fromkeys(("", *row), row))
    found = search.beam(model, model.start_state, beam_width=3, max_length=3).captions
    assert all(caption.finished for caption in found)


@given(seeds)
@examples(30)
def test_a_search_does_not_depend_on_the_company_in_a_step(seed: int) -> None:
    model = random_model(seed)

    class OneByOne(ToyModel):
        def step(self, token_ids: Any, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            pairs = [
                ToyModel.step(self, [token], row[np.newaxis])
                for token, row in zip(token_ids, state, strict=True)
            ]
            return np.concatenate([p[0] for p in pairs]), np.concatenate([p[1] for p in pairs])

    alone = OneByOne(model.tables)
    assert search.beam(model, START_STATE) == search.beam(alone, START_STATE)
    assert search.exact(model, START_STATE) == search.exact(alone, START_STATE)


@pytest.mark.parametrize(
    "function", [search.greedy, search.beam, search.diverse_beam, search.sample, search.exact]
)
def test_every_search_answers_in_the_same_way(function: Any) -> None:
    model = random_model(2, size=8)
    plain, traced = function(model, START_STATE), function(model, START_STATE, trace=True)
    captions, trace = traced[:2]
    assert (plain.captions, plain.best, plain.trace) == (captions, captions[0], None)
    assert trace.winner.token_id == captions[0].token_ids[-1]


def test_a_trace_that_was_not_recorded_is_asked_for_in_vain() -> None:
    found = search.beam(random_model(2), START_STATE)
    with pytest.raises(SettingsError, match="call it with trace=True"):
        _ = found.recorded
    found = search.beam(random_model(2), START_STATE, trace=True)
    assert found.recorded is found.trace


def test_no_caption_is_no_best_one() -> None:
    with pytest.raises(SettingsError, match="raise max_length or budget"):
        _ = search.exact(NEVER_ENDS, NEVER_ENDS.start_state, max_length=4).best


def test_words_carry_their_own_log_probabilities() -> None:
    for caption in search.beam(random_model(2), START_STATE).captions:
        assert sum(log_prob for _, log_prob in caption.words) == pytest.approx(caption.log_prob)
        assert caption.words[-1][0] == "</S>"
        assert caption.probability == pytest.approx(math.exp(caption.log_prob))


@pytest.mark.parametrize(
    ("function", "options", "message"),
    [
        (search.beam, {"beam_width": 0}, "beam_width must be a whole number, from 1 to 5, not 0"),
        (search.beam, {"beam_width": 6}, "from 1 to 5, not 6"),
        (search.beam, {"beam_width": 2.5}, "whole number"),
        (search.beam, {"beam_width": True}, "whole number"),
        (search.beam, {"length_penalty": -0.1}, "0 or more, not -0.1"),
        (search.beam, {"length_penalty": math.nan}, "length_penalty must be a number"),
        (search.beam, {"length_penalty": 234}, "from 0 to 233 for captions of up to 20 tokens"),
        (search.exact, {"length_penalty": 1e9}, "from 0 to 233"),
        (search.exact, {"length_penalty": -1}, "0 or more, not -1"),
        (search.beam, {"max_length": 1}, "max_length must be a whole number, 2 or more, not 1"),
        (search.greedy, {"max_length": 0}, "2 or more"),
        (search.sample, {"temperature": 0}, "temperature must be a number, above 0, not 0"),
        (search.sample, {"top_k": 0}, "top_k must be a whole number, from 1 to 5"),
        (search.sample, {"top_p": 0.0}, "top_p must be a number, above 0"),
        (search.sample, {"top_p": 1.1}, "above 0 to 1, not 1.1"),
        (search.sample, {"captions": 0}, "captions must be"),
        (search.sample, {"seed": -1}, "seed must be"),
        (search.diverse_beam, {"beam_width": 4, "groups": 3}, "groups must divide beam_width"),
        (search.diverse_beam, {"beam_width": 3, "groups": 0}, "from 1 to 3, not 0"),
        (search.diverse_beam, {"beam_width": 3, "diversity": -1}, "diversity must be a number"),
        (search.exact, {"budget": 0}, "budget must be"),
        (search.exact, {"captions": -1}, "captions must be"),
    ],
)
def test_bad_settings_are_refused_before_any_work(
    function: Any, options: dict[str, Any], message: str
) -> None:
    class Untouchable(ToyModel):
        def step(self, token_ids: Any, state: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
            raise AssertionError("the model was asked although a setting is bad")

    with pytest.raises(SettingsError, match=message):
        function(Untouchable(random_model(0).tables), START_STATE, **options)


def test_the_state_of_several_photos_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"state of one photo, shape \[1, 2 \* units\]"):
        search.beam(random_model(0), np.zeros((2, 2), np.float32))


def test_a_model_that_gives_no_probabilities_is_refused() -> None:
    model = ToyModel(np.full((1, 5, 5), np.nan, np.float32))
    for function in (search.greedy, search.beam, search.sample, search.exact):
        with pytest.raises(ModelError, match="not log-probabilities"):
            function(model, START_STATE)


def test_a_word_may_have_no_chance_but_not_all_words() -> None:
    never = np.full((1, 5, 5), -np.inf, np.float32)
    certain = never.copy()
    certain[..., 1] = 0.0
    for function in (search.greedy, search.beam, search.sample, search.exact):
        found = function(ToyModel(certain), START_STATE)
        assert answers(found.captions) == [(0, 1)]
        for impossible in (never, certain + 1, certain * np.float32(np.nan)):
            with pytest.raises(ModelError, match="not log-probabilities"):
                function(ToyModel(impossible), START_STATE)


def test_a_softmax_that_rounds_above_one_gives_no_positive_log_probability() -> None:
    model = ToyModel(np.full((1, 5, 5), -30, np.float32))
    model.tables[..., 2] = 1e-6
    found = search.beam(model, START_STATE, beam_width=1, max_length=5)
    assert found.best.log_prob == 0.0


@given(st.lists(st.integers(-4, 0), min_size=1, max_size=12), st.data())
def test_the_most_probable_words_are_those_of_a_full_sort(values: list[int], data: Any) -> None:
    count = data.draw(st.integers(1, len(values)))
    expected = sorted(range(len(values)), key=lambda t: (-values[t], t))[:count]
    assert most_probable(np.array(values, np.float32), count) == expected


def test_beam_search_stops_as_soon_as_its_answer_cannot_change() -> None:
    model = TableModel({"": {"very": 0.1}, "very": {"very": 0.1}})
    for penalty, expected in ((0.0, 2), (0.5, 3), (10.0, 19)):
        counting = CountingModel(model)
        search.beam(counting, model.start_state, beam_width=2, length_penalty=penalty)
        assert counting.calls == expected
