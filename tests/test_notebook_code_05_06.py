"""The searches that notebooks 05 and 06 write out are the library's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import showtell_lib as st
from showtell_lib.search import beam, first_wrong_turn, greedy
from tests.notebook_source import run, solutions
from tests.toy_models import START_STATE, ToyModel, random_model, table_model

Search = Callable[..., list[Any]]
PENALTIES = (0.0, 0.7, 1.0, 2.0)


@pytest.fixture(scope="module")
def beam_search() -> Search:
    """The full beam search of notebook 05."""
    from typing import NamedTuple

    space = run("05", "hypothesis", "candidates", "beam", np=np, NamedTuple=NamedTuple)
    found: Search = space["full_search"]
    return found


@pytest.fixture(scope="module")
def states(captioner: st.Captioner) -> np.ndarray:
    scenes = [st.Scene.random(seed).draw() for seed in range(500, 503)]
    photos = [st.sample_photo(name) for name in ("chelsea", "coffee")]
    return captioner.encode_many([*scenes, *photos])


def assert_same(beam_search: Search, model: Any, state: np.ndarray, **settings: Any) -> None:
    """Asserts that both find the same captions with the same log-probabilities."""
    captions, ours = beam(model, state, **settings).captions, beam_search(model, state, **settings)
    assert [h.tokens for h in ours] == [c.token_ids for c in captions]
    assert [h.log_prob for h in ours] == pytest.approx([c.log_prob for c in captions], abs=1e-5)


@pytest.mark.parametrize(("width", "penalty"), [(1, 0.0), (2, 1.0), (3, 0.0), (3, 0.7), (10, 2.0)])
def test_the_notebooks_beam_search_is_the_librarys_on_photos(
    beam_search: Search, captioner: st.Captioner, states: np.ndarray, width: int, penalty: float
) -> None:
    for state in states:
        settings = {"beam_width": width, "length_penalty": penalty}
        assert_same(beam_search, captioner, state[np.newaxis], **settings)


@pytest.mark.parametrize("penalty", PENALTIES)
@pytest.mark.parametrize("width", [1, 2, 3, 5])
@pytest.mark.parametrize("max_length", [2, 5, 9])
def test_the_notebooks_beam_search_is_the_librarys_on_toys(
    beam_search: Search, width: int, penalty: float, max_length: int
) -> None:
    models = [random_model(seed, size=6, sharpness=1 + seed % 3) for seed in range(6)]
    # Ties everywhere, words of no probability, and captions that never end.
    models.append(table_model([[0.2] * 5] * 5))
    models.append(table_model([[0, 0, 0.5, 0.3, 0.2]] * 5))
    for model in models:
        settings = {"beam_width": width, "length_penalty": penalty, "max_length": max_length}
        assert_same(beam_search, model, START_STATE, **settings)


def winners(rule: Any, search: Search, model: ToyModel, **settings: Any) -> list[tuple[int, ...]]:
    """The tokens of all captions that the notebook's search finds with a stopping rule."""
    return [h.tokens for h in search(model, START_STATE, stop=rule, **settings)]


@pytest.mark.parametrize("penalty", PENALTIES)
def test_the_safe_stopping_rule_changes_nothing(beam_search: Search, penalty: float) -> None:
    rule = solutions("05")["can_stop"]
    for seed in range(20):
        model = random_model(seed, size=6, steps=8, sharpness=2)
        settings = {"beam_width": 3, "length_penalty": penalty, "max_length": 12}
        stopped = winners(rule, beam_search, model, **settings)
        assert stopped == winners(None, beam_search, model, **settings)


def test_the_famous_rules_do_change_something(beam_search: Search) -> None:
    rules = run("05", "rules")
    changed = {"at_first_finished": 0, "best_open_is_worse": 0}
    for seed in range(40):
        model = random_model(seed, size=6, steps=8, sharpness=2)
        settings = {"beam_width": 3, "length_penalty": 1.0, "max_length": 12}
        full = winners(None, beam_search, model, **settings)[0]
        for name in changed:
            changed[name] += winners(rules[name], beam_search, model, **settings)[0] != full
    assert min(changed.values()) > 0


def test_without_a_penalty_the_second_rule_finds_the_winner(beam_search: Search) -> None:
    rule = run("05", "rules")["best_open_is_worse"]
    for seed in range(40):
        model = random_model(seed, size=6, steps=8, sharpness=2)
        settings = {"beam_width": 3, "max_length": 12}
        stopped = winners(rule, beam_search, model, **settings)
        assert stopped[0] == winners(None, beam_search, model, **settings)[0]


def test_winners_never_get_shorter_with_a_greater_penalty(
    captioner: st.Captioner, states: np.ndarray
) -> None:
    # Notebook 05 says so of its curve.
    for state in states:
        found = [
            beam(captioner, state[np.newaxis], beam_width=5, length_penalty=penalty).best
            for penalty in (0.0, 0.7, 2.0)
        ]
        lengths = [len(caption.words) for caption in found]
        assert lengths == sorted(lengths)


def test_the_notebooks_first_difference_is_the_librarys_wrong_turn(
    captioner: st.Captioner, states: np.ndarray
) -> None:
    first_difference = run("06", "turn", greedy=[], beam=[], Counter=dict)["first_difference"]
    for state in states:
        one, other = (find(captioner, state[np.newaxis]).best for find in (greedy, beam))
        turn = first_wrong_turn(one, other)
        assert first_difference(one, other) == (turn.step if turn else None)
