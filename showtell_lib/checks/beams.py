"""Checks of one step of the learner's own beam search."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from showtell_lib.checks.answers import items as items_of
from showtell_lib.checks.answers import number, parts, wholes
from showtell_lib.checks.result import Solution, call, expect

# A hypothesis: its log-probability, and its token ids from `<S>` on.
Hypothesis = tuple[float, tuple[int, ...]]
Opened = list[Hypothesis]

WORDS = 7
STEP_CASES = 20


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
            same(sorted(found), sorted(wanted)),
            f"with width {width}, {what} should be {shown(wanted)}, not {shown(found)}.",
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
    return [hypothesis(item, f"each of {what}") for item in items_of(answer, what)]


def hypothesis(answer: object, what: str) -> Hypothesis:
    """A pair of log-probability and token ids, as the learner's function returned it.

    Raises:
        WrongError: it is something else.
    """
    log_prob, token_ids = parts(answer, ["a log-probability", "token ids"], what)
    return number(log_prob, "a log-probability"), tuple(wholes(token_ids, "the token ids"))


def same(found: Opened, wanted: Opened) -> bool:
    """Whether these are the same hypotheses in the same order."""
    same_tokens = [ids for _, ids in found] == [ids for _, ids in wanted]
    return same_tokens and np.allclose([s for s, _ in found], [s for s, _ in wanted], atol=1e-4)


def _same_step(found: tuple[Opened, Opened], wanted: tuple[Opened, Opened]) -> bool:
    return same(found[0], wanted[0]) and same(sorted(found[1]), sorted(wanted[1]))


def shown(opened: Opened) -> str:
    """Hypotheses as a message quotes them."""
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
