"""Beam search by hand: the same rules, someone else's choices, and what they cost."""

from __future__ import annotations

import numpy as np
import pytest

from showtell_lib import search
from showtell_lib.errors import SettingsError
from showtell_lib.search import TableModel, beam_by_hand
from showtell_lib.search.beam_by_hand import Turn, decided, first_turn, loss, rivals
from tests.toy_models import CATS, START_STATE, every_caption, log_prob_of, random_model


def cats() -> Turn:
    return first_turn(CATS, CATS.start_state, beam_width=2)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("width", [1, 2, 3])
def test_with_beam_search_s_own_choices_it_finds_what_beam_search_finds(
    seed: int, width: int
) -> None:
    model = random_model(seed, size=6, steps=5, sharpness=1.5)
    last = first_turn(model, START_STATE, beam_width=width, max_length=7).play_on()
    found = search.beam(model, START_STATE, beam_width=width, max_length=7).captions
    if found[0].finished:
        assert [h.token_ids for h in last.beam.finished] == [c.token_ids for c in found]
    else:
        assert last.best is None


@pytest.mark.parametrize("seed", range(20))
def test_what_is_lost_is_lost_where_its_beginning_is_no_longer_open(seed: int) -> None:
    model = random_model(seed, size=6, steps=4, sharpness=1.5)
    first = first_turn(model, START_STATE, beam_width=2, max_length=6)
    best = max(every_caption(model, 6), key=lambda caption: caption[1])
    optimum = rivals(first).optimum
    assert optimum is not None
    assert optimum.token_ids == best[0]
    last = decided(first, None)
    lost = loss(last, optimum)
    found = last.best is not None and last.best.token_ids == best[0]
    assert (lost is None) == found
    if lost is None:
        return
    tokens = best[0][: lost.step + 1]
    assert lost.log_prob == pytest.approx(log_prob_of(model, tokens), abs=1e-5)
    turns = last.turns()
    assert tokens[:-1] in {h.token_ids for h in turns[lost.step - 1].beam.open}
    assert tokens not in {h.token_ids for h in turns[lost.step].beam.open}
    assert (lost.gap is None) == (tokens not in {h.token_ids for h in turns[lost.step - 1].table})


def test_a_learner_who_looks_ahead_beats_beam_search() -> None:
    last = decided(cats(), [["a", "the"], ["a cat", "the dog"]])
    against = rivals(cats())
    assert last.best is not None
    assert against.beam.best is not None
    assert against.optimum is not None
    assert last.best.text == against.optimum.text == "a cat sits"
    assert against.beam.best.text == "the dog runs"
    assert loss(last, against.optimum) is None
    lost = loss(against.beam, against.optimum)
    assert lost is not None
    assert (lost.step, lost.words) == (2, "a cat")
    # "a dog" was kept in its place: 0.6 x 0.4 against 0.6 x 0.35.
    assert lost.gap == pytest.approx(np.log(0.35 / 0.4), abs=1e-5)
    assert str(lost).endswith("“a cat” was dropped, 0.13 below the last one kept")


def test_what_never_came_to_the_table_is_told_apart() -> None:
    first = cats()
    last = first.keep_words(["a", "the"]).keep_words(["a dog", "the cat"]).play_on()
    rare = search.exact(CATS, CATS.start_state, captions=50).captions
    bird = next(caption for caption in rare if caption.text == "a bird")
    lost = loss(last, bird)
    assert lost is not None
    assert lost.gap is None
    assert "was not on the table" in str(lost)


def test_an_older_turn_stays_as_it_was() -> None:
    first = cats()
    one = first.keep_words(["a", "the"])
    before = [h.token_ids for h in one.beam.open]
    one.keep_words(["a cat", "the dog"])
    two = one.keep_words(["a dog", "the dog"])
    assert [h.token_ids for h in one.beam.open] == before
    assert two.turns() == [first, one, two]
    assert [turn.step for turn in two.turns()] == [1, 2, 3]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["a"], "keep 2 of the hypotheses, not 1"),
        (["a", "bird"], "'bird' is not on the table; there are 'a', 'the'"),
    ],
)
def test_a_wrong_choice_is_explained(texts: list[str], message: str) -> None:
    with pytest.raises(SettingsError, match=f"step 1: {message}"):
        cats().keep_words(texts)


def test_whoever_looks_at_the_newest_word_only_may_drop_the_better_sum() -> None:
    rows = {"": {"a": 0.8, "the": 0.2}, "a": {"dog": 0.5, "cat": 0.4}, "the": {"dog": 0.9}}
    model = TableModel(rows)
    second = first_turn(model, model.start_state, beam_width=2).keep_words(["a", "the"])
    assert [second.words_of(h) for h in beam_by_hand.by_last_word(second)] == ["the dog", "a dog"]
    assert [second.words_of(h) for h in second.beam_choice] == ["a dog", "a cat"]
