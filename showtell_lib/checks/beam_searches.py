"""Checks of the learner's own beam search as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, product

import numpy as np

from showtell_lib.checks.beams import Hypothesis, Opened, hypothesis, same, shown, stepped
from showtell_lib.checks.result import Solution, StoppedError, WrongError, call, expect
from showtell_lib.checks.tiny_model import WatchedModel, tiny_model
from showtell_lib.search import TableModel, beam

# A seed of a tiny model, the width, and `max_length`.
SEARCH_CASES = [(seed, width, most) for most in (7, 4) for seed in range(8) for width in (1, 2, 3)]
# With a width of all words, nothing is lost in the first two steps: the optimum is found.
EXHAUSTIVE = [(seed, 5, 3) for seed in range(5)]
NONE_FINISHES = (0, 1, 2)
NONE_FINISHED = "where no hypothesis has ended in time, return the best of those still open."
NONE_OPEN = "where all hypotheses have ended, none is left to expand: stop there."


def check_beam_search(solution: Solution) -> None:
    """Checks a function of (model, state, width, max_length)."""
    answers = [_search_of(solution, *case) for case in SEARCH_CASES]
    rights = [_library(*case) for case in SEARCH_CASES]
    if not same(answers, rights):
        for mistake, message in SEARCH_MISTAKES.items():
            expect(not same(answers, [searched(*case, mistake) for case in SEARCH_CASES]), message)
    for answer, right, (_, width, most) in zip(answers, rights, SEARCH_CASES, strict=True):
        expect(
            same([answer], [right]),
            f"with width {width} and max_length {most} it found {shown([answer])} where beam "
            f"search finds {shown([right])}.",
        )
    for seed, width, most in EXHAUSTIVE:
        answer, right = _search_of(solution, seed, width, most), best_of_all(seed, most)
        expect(
            same([answer], [right]),
            f"with a width of all words it should find the most probable caption of all, "
            f"{shown([right])}, but finds {shown([answer])}.",
        )
    expect(
        same([_search_of(solution, *NONE_FINISHES)], [_library(*NONE_FINISHES)]),
        NONE_FINISHED,
    )


def _search_of(solution: Solution, seed: int, width: int, most: int) -> Hypothesis:
    model = tiny_model(seed)
    try:
        answer = call(solution, WatchedModel(model, 3 * most), model.start_state, width, most)
    except StoppedError as stopped:
        opened, finished = _run(seed, width, most)
        if opened and finished:
            raise
        hint = NONE_FINISHED if opened else NONE_OPEN
        raise WrongError(f"{hint} Your code stopped there with {stopped}") from None
    return hypothesis(answer, "the best hypothesis")


def _library(seed: int, width: int, most: int) -> Hypothesis:
    model = tiny_model(seed)
    best = beam(model, model.start_state, beam_width=width, max_length=most).best
    return best.log_prob, best.token_ids


def best_of_all(seed: int, most: int) -> Hypothesis:
    """The most probable of all captions of at most so many tokens, each of them weighed."""
    model = tiny_model(seed)
    words = [model.vocabulary.token_id(word) for word in model.table[""]]
    words.remove(model.vocabulary.end_id)
    captions = [c for length in range(most - 1) for c in product(words, repeat=length)]
    start_id, end_id = model.vocabulary.start_id, model.vocabulary.end_id
    return max(weighed(model, (start_id, *caption, end_id)) for caption in captions)


def weighed(model: TableModel, token_ids: Sequence[int]) -> Hypothesis:
    """A caption with its log-probability."""
    log_prob, state = 0.0, model.start_state
    for last, following in pairwise(token_ids):
        log_probs, state = model.step([last], state)
        log_prob += float(log_probs[0, following])
    return log_prob, tuple(token_ids)


def searched(seed: int, width: int, most: int, mistake: str = "") -> Hypothesis:
    """The best hypothesis of beam search, with a typical mistake or none."""
    opened, finished = _run(seed, width, most, mistake)
    pool = finished or opened
    if mistake == "open too":
        return max(finished + opened)
    if mistake == "last":
        return pool[-1]
    if mistake == "per word":
        return max(pool, key=lambda one: one[0] / len(one[1]))
    return min(pool) if mistake == "worst" else max(pool)


def _run(seed: int, width: int, most: int, mistake: str = "") -> tuple[Opened, Opened]:
    """What is open in the end, and what has finished."""
    model = tiny_model(seed)
    states, end_id = model.start_state, model.vocabulary.end_id
    opened: Opened = [(0.0, (model.vocabulary.start_id,))]
    finished: Opened = []
    width = 1 if mistake == "greedy" else width
    for _ in range(most - 1 + {"longer": 1, "shorter": -1}.get(mistake, 0)):
        if not opened or (finished and mistake == "first end"):
            break
        log_probs, states = model.step([ids[-1] for _, ids in opened], states)
        kept, ended = stepped(opened, log_probs.astype(float), width, end_id)
        states = _states_of(kept, opened, states, mistake)
        opened, finished = kept, finished + ended
    return opened, finished


def _states_of(kept: Opened, opened: Opened, states: np.ndarray, mistake: str) -> np.ndarray:
    if mistake == "first state":
        return np.zeros((len(kept), 1), np.float32)
    parents = [ids for _, ids in opened]
    rows = [parents.index(ids[:-1]) for _, ids in kept]
    if mistake == "states":
        rows = [min(place, len(states) - 1) for place in range(len(kept))]
    return np.asarray(states[np.array(rows, int)])


SEARCH_MISTAKES = {
    "greedy": "whatever the width, it finds what greedy decoding finds: `width` is not used.",
    "states": (
        "the states are in another order than the hypotheses. Each one that is kept needs the "
        "state of the hypothesis that it grew from."
    ),
    "first state": (
        "every word was stepped from the first state. Hand on the states that `step` returns."
    ),
    "first end": (
        "it takes the hypothesis that ended first; one that ends later may have a better sum."
    ),
    "open too": (
        "it returns a hypothesis that has not ended, though others have. An open one has a better "
        "sum only because it is not yet finished."
    ),
    "last": "it returns the hypothesis that ended last, not the most probable one.",
    "worst": "it returns the worst hypothesis: the best log-probability is nearest to 0.",
    "per word": "it divides by the length; here the plain sums are compared.",
    "longer": "captions get one token too long: `<S>` and `</S>` count for `max_length`, too.",
    "shorter": "it stops one step too early: `max_length` tokens are allowed, `<S>` among them.",
}
