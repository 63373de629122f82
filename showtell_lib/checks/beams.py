"""Checks of the learner's own beam search: one step of it, and the whole."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise, product

import numpy as np

from showtell_lib.checks.answers import items as items_of
from showtell_lib.checks.answers import number, parts, wholes
from showtell_lib.checks.result import Solution, StoppedError, WrongError, call, expect
from showtell_lib.checks.tiny_model import WatchedModel, tiny_model
from showtell_lib.search import TableModel, beam

# A hypothesis: its log-probability, and its token ids from `<S>` on.
Hypothesis = tuple[float, tuple[int, ...]]
Opened = list[Hypothesis]

WORDS = 7
STEP_CASES = 20
# A seed of a tiny model, the width, and `max_length`.
SEARCH_CASES = [(seed, width, most) for most in (7, 4) for seed in range(8) for width in (1, 2, 3)]
# With a width of all words, nothing is lost in the first two steps: the optimum is found.
EXHAUSTIVE = [(seed, 5, 3) for seed in range(5)]
NONE_FINISHES = (0, 1, 2)
NONE_FINISHED = "where no hypothesis has ended in time, return the best of those still open."
NONE_OPEN = "where all hypotheses have ended, none is left to expand: stop there."


def check_beam_step(solution: Solution) -> None:
    """Checks a function of (opened, log_probs, width, end_id)."""
    cases = list(_step_cases())
    answers = [_step_of(solution, *case) for case in cases]
    rights = [stepped(*case) for case in cases]
    if all(map(_same_step, answers, rights)):
        return
    for mistake, message in STEP_MISTAKES.items():
        wrongs = [stepped(*case, mistake) for case in cases]
        expect(not all(map(_same_step, answers, wrongs)), message)
    in_order = [(sorted(opened, reverse=True), ended) for opened, ended in answers]
    expect(
        not all(map(_same_step, in_order, rights)),
        "the right ones stay open, but not in the right order: the best should come first.",
    )
    for answer, right, case in zip(answers, rights, cases, strict=True):
        _expect_step(answer, right, case[2])


def _expect_step(answer: tuple[Opened, Opened], right: tuple[Opened, Opened], width: int) -> None:
    names = "the hypotheses that stay open", "those that have ended"
    for found, wanted, what in zip(answer, right, names, strict=True):
        expect(
            _same(sorted(found), sorted(wanted)),
            f"with width {width}, {what} should be {_shown(wanted)}, not {_shown(found)}.",
        )


def _step_cases() -> Iterator[tuple[Opened, np.ndarray, int, int]]:
    """Hypotheses by lot, the next words' log-probabilities, a width, and which token is `</S>`."""
    for seed in range(STEP_CASES):
        random = np.random.default_rng(seed)
        width, end_id = int(random.integers(2, 5)), int(random.integers(1, WORDS))
        sums = -np.sort(random.uniform(0.1, 3, size=random.integers(1, width + 1)))
        firsts = random.permutation(WORDS)[: len(sums)]
        opened: Opened = [(float(s), (0, int(i))) for s, i in zip(sums, firsts, strict=True)]
        scores = random.normal(size=(len(opened), WORDS))
        scores[:, end_id] += 1  # So that it is often among the best.
        yield opened, scores - np.log(np.exp(scores).sum(axis=1, keepdims=True)), width, end_id


def _step_of(
    solution: Solution, opened: Opened, log_probs: np.ndarray, width: int, end_id: int
) -> tuple[Opened, Opened]:
    given = [(log_prob, list(token_ids)) for log_prob, token_ids in opened]
    names = ["the hypotheses that stay open", "those that have ended"]
    found = parts(call(solution, given, log_probs, width, end_id), names)
    kept, ended = (_hypotheses(part, name) for part, name in zip(found, names, strict=True))
    for _, token_ids in (*kept, *ended):
        expect(
            len(token_ids) == len(opened[0][1]) + 1,
            f"a hypothesis has the token ids {list(token_ids)}, but each step adds one word to "
            f"those that were open: here to {len(opened[0][1])} tokens. If you use `append`, it "
            "changes the list that all its continuations share; `token_ids + [word]` makes a new "
            "one.",
        )
    return kept, ended


def _hypotheses(answer: object, what: str) -> Opened:
    return [_hypothesis(item, f"each of {what}") for item in items_of(answer, what)]


def _hypothesis(answer: object, what: str) -> Hypothesis:
    log_prob, token_ids = parts(answer, ["a log-probability", "token ids"], what)
    return number(log_prob, "a log-probability"), tuple(wholes(token_ids, "the token ids"))


def _same(found: Opened, wanted: Opened) -> bool:
    same_tokens = [ids for _, ids in found] == [ids for _, ids in wanted]
    return same_tokens and np.allclose([s for s, _ in found], [s for s, _ in wanted], atol=1e-4)


def _same_step(found: tuple[Opened, Opened], wanted: tuple[Opened, Opened]) -> bool:
    return _same(found[0], wanted[0]) and _same(sorted(found[1]), sorted(wanted[1]))


def _shown(opened: Opened) -> str:
    return str([(round(log_prob, 2), list(token_ids)) for log_prob, token_ids in opened])


def stepped(
    opened: Opened, log_probs: np.ndarray, width: int, end_id: int, mistake: str = ""
) -> tuple[Opened, Opened]:
    """One step of beam search, with a typical mistake or none.

    Returns:
        The hypotheses that stay open, best first, and those that have ended.
    """
    parents = opened[:1] if mistake == "best only" else opened
    words = {"one each": 1, "all words": WORDS}.get(mistake, width)
    sign = 1 if mistake == "least words" else -1
    candidates = [
        (_added(log_prob, float(row[word]), mistake), (*token_ids, int(word)))
        for (log_prob, token_ids), row in zip(parents, log_probs, strict=False)
        for word in np.argsort(sign * row)[:words]
    ]
    candidates.sort(reverse=mistake != "worst")
    if mistake == "ends take places":
        candidates = candidates[:width]
    ended = [one for one in candidates if one[1][-1] == end_id and mistake != "ends are lost"]
    open_still = [one for one in candidates if one[1][-1] != end_id or mistake == "ends stay open"]
    places = {"one too many": width + 1, "one too few": width - 1, "nothing pruned": None}
    return open_still[: places.get(mistake, width)], ended


def _added(log_prob: float, of_word: float, mistake: str) -> float:
    if mistake == "last word":
        return of_word
    return log_prob * of_word if mistake == "product" else log_prob + of_word


STEP_MISTAKES = {
    "best only": (
        "it expands only the best open hypothesis. Expand every one of them: a worse one may have "
        "the better future."
    ),
    "one each": (
        "each hypothesis is continued by its best word only. Take its `width` best words, and let "
        "all candidates compete."
    ),
    "all words": (
        "each hypothesis is continued by every word. Its `width` most probable ones are enough, "
        "and only where `</S>` is among these does it end."
    ),
    "ends take places": (
        "hypotheses that have ended take places of open ones. Sort out the ended ones first; then "
        "keep the `width` best of the others."
    ),
    "ends stay open": (
        "a hypothesis that has ended with `</S>` is still among the open ones, and would get more "
        "words."
    ),
    "ends are lost": "the hypotheses that have ended are lost: return them as the second list.",
    "last word": (
        "a hypothesis is weighed by its last word alone. Add the word's log-probability to the sum "
        "that the hypothesis had."
    ),
    "product": (
        "you multiplied log-probabilities. Probabilities multiply; their logarithms add up."
    ),
    "worst": "it keeps the worst candidates: the best log-probability is the one nearest to 0.",
    "least words": ("it expands by the *least* probable words: sorting puts the smallest first."),
    "nothing pruned": "nothing is pruned: only the `width` best candidates stay open.",
    "one too many": "one hypothesis too many stays open: there are `width` places.",
    "one too few": "one hypothesis too few stays open: there are `width` places.",
}


def check_beam_search(solution: Solution) -> None:
    """Checks a function of (model, state, width, max_length)."""
    answers = [_search_of(solution, *case) for case in SEARCH_CASES]
    rights = [_library(*case) for case in SEARCH_CASES]
    if not _same(answers, rights):
        for mistake, message in SEARCH_MISTAKES.items():
            expect(not _same(answers, [searched(*case, mistake) for case in SEARCH_CASES]), message)
    for answer, right, (_, width, most) in zip(answers, rights, SEARCH_CASES, strict=True):
        expect(
            _same([answer], [right]),
            f"with width {width} and max_length {most} it found {_shown([answer])} where beam "
            f"search finds {_shown([right])}.",
        )
    for seed, width, most in EXHAUSTIVE:
        answer, right = _search_of(solution, seed, width, most), best_of_all(seed, most)
        expect(
            _same([answer], [right]),
            f"with a width of all words it should find the most probable caption of all, "
            f"{_shown([right])}, but finds {_shown([answer])}.",
        )
    expect(
        _same([_search_of(solution, *NONE_FINISHES)], [_library(*NONE_FINISHES)]),
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
    return _hypothesis(answer, "the best hypothesis")


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
