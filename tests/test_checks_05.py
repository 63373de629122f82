"""The checks of notebook 05: its own solutions pass, typical misconceptions are named."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from showtell_lib import search
from showtell_lib.checks import beam_searches, beams, notebook_05
from showtell_lib.checks.tiny_model import tiny_model
from showtell_lib.search.common import bound
from tests.notebook_source import solutions, stub

EXERCISES = ("beam_step", "beam_search", "can_stop")
SOLUTIONS = solutions("05")

CAN_STOP: dict[str, Callable[..., Any]] = {
    "nothing finished": lambda o, f, w, p, m: not f or o[0] < f[-1],
    "before the pool is full": lambda o, f, w, p, m: len(f) > 0,
    "a finished hypothesis is missing|before the pool is full": (
        lambda o, f, w, p, m: len(f) > 0 and o[0] / m**p < f[-1]
    ),
    "the best finished hypothesis": lambda o, f, w, p, m: len(f) >= w and o[0] / m**p < f[0],
    "the worst open hypothesis": lambda o, f, w, p, m: len(f) >= w and o[-1] / m**p < f[-1],
    "that were divided by a length": lambda o, f, w, p, m: len(f) >= w and o[0] < f[-1],
    "the penalty is a power": (
        lambda o, f, w, p, m: len(f) >= w and o[0] / (m * p if p else 1) < f[-1]
    ),
    "it never stops with the penalty on": (
        lambda o, f, w, p, m: len(f) >= w and not p and o[0] < f[-1]
    ),
    "it divides by less than the greatest length": (
        lambda o, f, w, p, m: len(f) >= w and o[0] / (m / 2) ** p < f[-1]
    ),
    "it takes one off the greatest length": (
        lambda o, f, w, p, m: len(f) >= w and o[0] / (m - 1) ** p < f[-1]
    ),
    "it takes 20 for the greatest length": (
        lambda o, f, w, p, m: len(f) >= w and o[0] / 20**p < f[-1]
    ),
    "although -10 / 10 is better": (
        lambda o, f, w, p, m: len(f) >= w and o[0] / (20 if m == 20 else 8) ** p < f[-1]
    ),
    "where an open hypothesis can still enter": (
        lambda o, f, w, p, m: len(f) >= w and o[0] / (m if m in (10, 20) else 3) ** p < f[-1]
    ),
    "should be True or False, not 'yes'": lambda o, f, w, p, m: "yes",
    "it goes on although the pool is full": (
        lambda o, f, w, p, m: len(f) >= w and p > 0 and o[0] / m**p < f[-1]
    ),
}


RIGHT_RULES: dict[str, Callable[..., Any]] = {
    "a NumPy truth": lambda o, f, w, p, m: np.bool_(len(f) >= w and o[0] / m**p < f[-1]),
    "an array": lambda o, f, w, p, m: np.array([len(f) >= w and o[0] / m**p < f[-1]]),
    "one or zero": lambda o, f, w, p, m: int(len(f) >= w and o[0] / m**p < f[-1]),
    "in place": lambda o, f, w, p, m: len(f) >= w and o.pop(0) / m**p < f.pop(),
    "every length tried": lambda o, f, w, p, m: (
        len(f) >= w and all(o[0] / n**p < f[-1] for n in range(2, m + 1))
    ),
}


@pytest.mark.parametrize("how", RIGHT_RULES)
def test_right_stopping_rules_in_other_forms_pass(how: str) -> None:
    result = notebook_05.can_stop(RIGHT_RULES[how])
    assert result.passed, result.message


def test_a_rule_that_returns_nothing_while_the_pool_is_not_full_is_told_so() -> None:
    def bare_return(o: Any, f: Any, w: int, p: float, m: int) -> Any:
        if len(f) < w:
            return
        return o[0] / m**p < f[-1]

    result = notebook_05.can_stop(bare_return)
    assert result.attempted
    assert "it returned None" in result.message


def test_the_truth_of_the_stopping_rule_agrees_with_the_librarys() -> None:
    answers = set()
    for moment in notebook_05.random_moments():
        reachable = bound(moment.opened[0], moment.max_length, moment.penalty)
        safe = len(moment.finished) >= moment.width and reachable < moment.finished[-1]
        assert notebook_05.is_safe(moment) == safe
        answers.add(safe)
    assert answers == {True, False}


def beam_step(
    opened: Any,
    log_probs: Any,
    width: int,
    end_id: int,
    *,
    only: int | None = None,
    words: int | None = None,
    places: int = 0,
    how: str = "",
) -> Any:
    """One step with a fault of choice, written independently of the check's own step."""
    found = []
    for (total, ids), row in list(zip(opened, log_probs, strict=True))[:only]:
        best_first = sorted(range(len(row)), key=lambda word: -row[word])
        least_first = best_first[::-1] if how == "least" else best_first
        for word in least_first[: words or width]:
            log_prob = {"last": row[word], "product": total * row[word]}.get(how, total + row[word])
            found.append((log_prob, [*ids, word]))
    found.sort(key=lambda one: one[0] if how == "worst" else -one[0])
    found = found[:width] if how == "places" else found
    going_on = [one for one in found if one[1][-1] != end_id or how == "stay"][: width + places]
    ended = [one for one in found if one[1][-1] == end_id and how != "lost"]
    return (going_on[::-1] if how == "reversed" else going_on), ended


def appended(opened: Any, log_probs: Any, width: int, end_id: int) -> Any:
    found = []
    for (total, ids), row in zip(opened, log_probs, strict=True):
        for word in np.argsort(-row)[:width]:
            ids.append(int(word))
            found.append((total + row[word], ids))
    return found[:width], []


WRONG_STEPS: dict[str, Callable[..., Any]] = {
    "it expands only the best open hypothesis": partial(beam_step, only=1),
    "by its best word only": partial(beam_step, words=1),
    "continued by every word": partial(beam_step, words=99),
    "take places of open ones": partial(beam_step, how="places"),
    "is still among the open ones": partial(beam_step, how="stay"),
    "that have ended are lost": partial(beam_step, how="lost"),
    "weighed by its last word alone": partial(beam_step, how="last"),
    "you multiplied log-probabilities": partial(beam_step, how="product"),
    "it keeps the worst candidates": partial(beam_step, how="worst"),
    "by the *least* probable words": partial(beam_step, how="least"),
    "nothing is pruned": partial(beam_step, places=99),
    "one hypothesis too many": partial(beam_step, places=1),
    "one hypothesis too few": partial(beam_step, places=-1),
    "not in the right order": partial(beam_step, how="reversed"),
    "`token_ids + [word]` makes a new one": appended,
    "2 things, the hypotheses that stay open and": lambda *given: beam_step(*given)[0][:1],
    "each of the hypotheses that stay open should be 2 things": lambda *given: ([1], []),
    "those that have ended should be [": lambda o, rows, w, e: (
        beam_step(o, rows, w, e)[0],
        [(one[0] - 1, one[1]) for one in beam_step(o, rows, w, e)[1]],
    ),
}


@pytest.mark.parametrize("message", WRONG_STEPS)
def test_wrong_steps_are_named(message: str) -> None:
    result = notebook_05.beam_step(WRONG_STEPS[message])
    assert not result.passed
    assert message in result.message


def step_in_numpy(opened: Any, log_probs: Any, width: int, end_id: int) -> Any:
    """Right, in arrays and in place."""
    log_probs += np.array([total for total, _ in opened])[:, None]
    best = np.argsort(-log_probs, axis=1)[:, :width]
    rows = np.repeat(np.arange(len(opened)), width)
    order = np.argsort(-log_probs[rows, best.ravel()])
    found = [
        [log_probs[row, word], np.array([*opened[row][1], word])]
        for row, word in zip(rows[order], best.ravel()[order], strict=True)
    ]
    ended = tuple(one for one in found if one[1][-1] == end_id)
    return [[one for one in found if one[1][-1] != end_id][:width], ended]


def step_with_tuples(*given: Any) -> Any:
    kept, ended = beam_step(*given)
    return tuple((s, tuple(ids)) for s, ids in kept), ended[::-1]


@pytest.mark.parametrize("attempt", [beam_step, step_in_numpy, step_with_tuples])
def test_right_steps_pass(attempt: Callable[..., Any]) -> None:
    result = notebook_05.beam_step(attempt)
    assert result.passed, result.message


def test_the_truth_of_a_step_is_what_the_librarys_beam_keeps() -> None:
    for seed in range(6):
        model = tiny_model(seed)
        trace = search.beam(model, model.start_state, beam_width=2, max_length=3, trace=True)
        kept = [e for e in trace.recorded.expansions if e.step == 1 and e.status == "kept"]
        log_probs, _ = model.step([0], model.start_state)
        opened, _ = beams.stepped([(0.0, (0,))], log_probs, 2, model.vocabulary.end_id)
        assert [ids[-1] for _, ids in opened] == [e.token_id for e in kept]


def test_all_of_nothing_is_the_proved_optimum() -> None:
    for seed, _, most in beam_searches.EXHAUSTIVE:
        model = tiny_model(seed)
        optimum = search.exact(model, model.start_state, max_length=most)
        assert optimum.proved
        assert beam_searches.best_of_all(seed, most)[1] == optimum.best.token_ids


def beam_search(
    model: Any, state: Any, width: int, max_length: int, *, more: int = 0, how: str = ""
) -> Any:
    """A beam search whose hypotheses carry their states, with a fault of choice."""
    end_id, width = model.vocabulary.end_id, 1 if how == "greedy" else width
    opened, finished = [(0.0, [model.vocabulary.start_id])], []
    states = {(model.vocabulary.start_id,): state[0]}
    for _ in range(max_length - 1 + more):
        if not opened and how != "empty":
            break
        given = np.array([states[tuple(ids)] for _, ids in opened])
        log_probs, after = model.step([ids[-1] for _, ids in opened], given)
        kept, ended = beam_step(opened, log_probs, width, end_id)
        after = np.tile(state, (len(opened), 1)) if how == "first state" else after
        by_parent = {tuple(ids): row for (_, ids), row in zip(opened, after, strict=True)}
        states = {tuple(ids): by_parent[tuple(ids[:-1])] for _, ids in kept}
        if how == "states":
            rows = [after[min(i, len(after) - 1)] for i in range(len(kept))]
            states = {tuple(ids): row for (_, ids), row in zip(kept, rows, strict=True)}
        opened, finished = kept, finished + ended
        if how == "first end" and finished:
            break
    return best_of(opened, finished, how)


def best_of(opened: Any, finished: Any, how: str) -> Any:
    pool = finished if how == "only finished" else finished or opened
    if how in ("first", "last"):
        return pool[0 if how == "first" else -1]
    if how == "per word":
        return max(pool, key=lambda one: one[0] / len(one[1]))
    return min(pool) if how == "worst" else max(finished + opened if how == "open too" else pool)


WRONG_SEARCHES: dict[str, Callable[..., Any]] = {
    "`width` is not used": partial(beam_search, how="greedy"),
    "the state of the hypothesis that it grew from": partial(beam_search, how="states"),
    "stepped from the first state": partial(beam_search, how="first state"),
    "one that ends later may have a better sum": partial(beam_search, how="first end"),
    "that has not ended, though others have": partial(beam_search, how="open too"),
    "the hypothesis that ended first": partial(beam_search, how="first"),
    "that ended last": partial(beam_search, how="last"),
    "the worst hypothesis": partial(beam_search, how="worst"),
    "it divides by the length": partial(beam_search, how="per word"),
    "one token too long": partial(beam_search, more=1),
    "one step too early": partial(beam_search, more=-1),
    "none is left to expand": partial(beam_search, how="empty"),
    "return the best of those still open": partial(beam_search, how="only finished"),
    "the best hypothesis should be 2 things": lambda *given: beam_search(*given)[1],
    "4 token ids need as many states": lambda model, state, width, most: model.step(
        [0] * 4, np.zeros((3, 1))
    ),
    "with width 1 and max_length 7 it found": lambda *given: (-1.0, [0, 1]),
}


@pytest.mark.parametrize("message", WRONG_SEARCHES)
def test_wrong_searches_are_named(message: str) -> None:
    result = notebook_05.beam_search(WRONG_SEARCHES[message])
    assert not result.passed
    assert message in result.message


def search_of_the_library(model: Any, state: Any, width: int, max_length: int) -> Any:
    found = search.beam(model, state, beam_width=width, max_length=max_length).best
    return [np.float32(found.log_prob), np.array(found.token_ids)]


@pytest.mark.parametrize("attempt", [beam_search, search_of_the_library])
def test_right_searches_pass(attempt: Callable[..., Any]) -> None:
    result = notebook_05.beam_search(attempt)
    assert result.passed, result.message


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_in_the_notebook_passes(name: str) -> None:
    result = getattr(notebook_05, name)(SOLUTIONS[name])
    assert result.passed, result.message


@pytest.mark.parametrize("name", EXERCISES)
def test_a_stub_is_not_attempted_yet(name: str) -> None:
    result = getattr(notebook_05, name)(stub("05", name))
    assert (result.attempted, result.message) == (False, "not attempted yet")


@pytest.mark.parametrize("message", CAN_STOP)
def test_wrong_stopping_rules_are_named(message: str) -> None:
    result = notebook_05.can_stop(CAN_STOP[message])
    assert not result.passed
    assert any(part in result.message for part in message.split("|")), result.message


def test_an_error_in_the_learners_code_is_told() -> None:
    result = notebook_05.can_stop(lambda o, f, w, p, m: o[0] < f[0])
    assert "IndexError" in result.message
