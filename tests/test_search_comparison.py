"""Comparing searches: where they part, what they find, what they cost."""

from __future__ import annotations

import math

import numpy as np
import pytest

from showtell_lib.errors import SettingsError
from showtell_lib.search import TableModel, compare, exact, first_wrong_turn, greedy
from showtell_lib.search.comparison import CountingModel
from showtell_lib.trace import Caption
from tests.toy_models import NEVER_ENDS, START_STATE, every_caption, random_model

SEEDS = range(12)

# Greedy is lured to "cats", whose futures are poor.
LURE = TableModel(
    {
        "": {"cats": 0.6, "dogs": 0.4},
        "cats": {"cats": 0.3, "dogs": 0.3},
        "dogs": {"cats": 0.05, "dogs": 0.05},
    }
)


def caption(*words: tuple[str, float]) -> Caption:
    """A caption of such words with such probabilities."""
    pairs = tuple((word, math.log(probability)) for word, probability in words)
    ids = (0, *(sum(map(ord, word)) for word, _ in words))
    total = sum(log_prob for _, log_prob in pairs)
    text = " ".join(word for word, _ in words)
    return Caption(text, ids, total, total, True, pairs)


def test_the_first_wrong_turn_and_both_futures() -> None:
    taken = caption(("a", 0.9), ("man", 0.6), ("sits", 0.1), ("</S>", 0.5))
    missed = caption(("a", 0.9), ("dog", 0.4), ("</S>", 0.8))
    turn = first_wrong_turn(taken, missed)
    assert turn is not None
    assert (turn.step, turn.shared) == (2, ("a",))
    assert (turn.taken.word, turn.missed.word) == ("man", "dog")
    assert turn.taken.probability == pytest.approx(0.6)
    assert turn.taken.after == pytest.approx(0.05)
    assert turn.missed.together == pytest.approx(0.32)
    assert turn.cost == pytest.approx(0.32 / 0.03)
    assert (turn.taken.caption, turn.missed.caption) == (taken, missed)


def test_a_turn_can_be_the_first_word_or_the_end() -> None:
    short, long = caption(("a", 0.5), ("</S>", 0.5)), caption(("a", 0.5), ("cat", 0.5))
    turn = first_wrong_turn(short, long)
    assert turn is not None
    assert (turn.step, turn.taken.word, turn.taken.after) == (2, "</S>", 1.0)
    turn = first_wrong_turn(short, caption(("two", 0.5), ("</S>", 0.5)))
    assert turn is not None
    assert (turn.step, turn.shared) == (1, ())


def test_no_turn_where_neither_leaves_the_other() -> None:
    whole = caption(("a", 0.5), ("cat", 0.5), ("</S>", 0.5))
    assert first_wrong_turn(whole, whole) is None
    assert first_wrong_turn(caption(("a", 0.5), ("cat", 0.5)), whole) is None


def test_greedy_is_lured_and_the_comparison_says_so() -> None:
    (result,) = compare(LURE, LURE.start_state, beam_widths=(1, 2), max_length=6)
    assert result.proved
    assert result.outcomes[1].caption.text == "cats"
    assert result.outcomes[2].caption.text == result.exact.caption.text == "dogs"
    assert not result.finds_optimum(1)
    assert result.finds_optimum(2)
    assert result.shortfall(1) == pytest.approx(math.log(0.36 / 0.24))
    assert result.shortfall(2) == 0


def test_search_error_and_model_error_are_told_apart() -> None:
    (result,) = compare(LURE, LURE.start_state, beam_widths=(1, 2), max_length=6)
    greedy_errors = result.errors(1, lambda c: c.text == "dogs")
    assert (greedy_errors.search, greedy_errors.model) == (True, False)
    # By luck greedy says what is good, though it is not the model's best.
    lucky = result.errors(1, lambda c: c.text == "cats")
    assert (lucky.search, lucky.model) == (True, True)
    beam_errors = result.errors(2, lambda c: c.text == "cats")
    assert (beam_errors.search, beam_errors.model) == (False, True)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_oracle_is_the_best_of_all_captions(seed: int) -> None:
    model = random_model(seed, sharpness=2)
    (result,) = compare(model, START_STATE, beam_widths=(1, 2, 5), max_length=6)
    best = max(every_caption(model, 6), key=lambda pair: pair[1])
    assert result.exact.caption.log_prob == pytest.approx(best[1], abs=1e-5)
    finished = [o for o in result.outcomes.values() if o.caption.finished]
    assert all(o.caption.log_prob <= best[1] + 1e-5 for o in finished)


@pytest.mark.parametrize("seed", SEEDS)
def test_width_one_is_greedy_decoding(seed: int) -> None:
    model = random_model(seed, sharpness=2)
    (result,) = compare(model, START_STATE, beam_widths=(1,), max_length=8)
    assert result.outcomes[1].caption == greedy(model, START_STATE, max_length=8).best


def test_costs_are_counted() -> None:
    # </S> never comes of itself: five steps, the first with one hypothesis, the rest with two.
    counting = CountingModel(NEVER_ENDS)
    greedy(counting, NEVER_ENDS.start_state, max_length=6)
    assert (counting.calls, counting.hypotheses) == (5, 5)
    row = {"a": 0.5, "b": 0.3, "c": 0.199}
    ends_late = TableModel(dict.fromkeys(("", *row), row))
    (result,) = compare(ends_late, ends_late.start_state, beam_widths=(1, 2), max_length=6)
    assert (result.outcomes[1].calls, result.outcomes[1].hypotheses) == (5, 5)
    assert (result.outcomes[2].calls, result.outcomes[2].hypotheses) == (5, 9)
    assert result.exact.calls > 0


def test_what_is_not_proved_is_not_called_the_optimum() -> None:
    model = random_model(1, size=8, sharpness=0.1)
    (result,) = compare(model, START_STATE, beam_widths=(3,), max_length=8, budget=1)
    assert not result.proved
    assert not result.finds_optimum(3)


def test_one_comparison_for_each_photo() -> None:
    model = random_model(3)
    states = np.repeat(START_STATE, 3, axis=0)
    results = compare(model, states, beam_widths=(1,), max_length=5)
    assert len(results) == 3
    expected = exact(model, START_STATE, max_length=5).best
    assert {r.exact.caption for r in results} == {expected}


def test_no_caption_at_all_is_a_settings_error() -> None:
    with pytest.raises(SettingsError, match="found no caption"):
        compare(NEVER_ENDS, NEVER_ENDS.start_state, beam_widths=(1,), max_length=4)
