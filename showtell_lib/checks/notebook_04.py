"""Checks for the exercises of notebook 04, Greedy decoding and sampling."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from showtell_lib.checks.answers import number, wholes
from showtell_lib.checks.result import (
    Attempt,
    Result,
    Solution,
    StoppedError,
    call,
    expect,
    run_check,
)
from showtell_lib.checks.tiny_model import WatchedModel, tiny_model
from showtell_lib.checks.truncation import check_min_p, check_nucleus, check_top_k

CAPTIONS = ["a cat sleeps", "a cat sits", "the dog sleeps on a mat"]
# Seeds of tiny models with `max_length`; some captions end early, some not at all.
GREEDY_CASES = [(seed, max_length) for seed in range(12) for max_length in (5, 8)]


def greedy(attempt: Attempt) -> Result:
    """Checks greedy decoding.

    Args:
        attempt: takes a model, the state of an encoded photo and `max_length`, the most tokens
            that a caption may have; returns the caption's token ids, from `<S>` to `</S>`.
    """
    praise = "It says the same as the library's, word for word, and knows when to stop."
    return run_check(attempt, _check_greedy, praise)


def top_k(attempt: Attempt) -> Result:
    """Checks a function of (probabilities, k): the k most probable, scaled to add up to 1."""
    praise = "k words stay, whatever the model thinks of them."
    return run_check(attempt, check_top_k, praise)


def nucleus(attempt: Attempt) -> Result:
    """Checks a function of (probabilities, p).

    Args:
        attempt: keeps the fewest most probable words that together reach p; the others are 0, and
            what is left adds up to 1.
    """
    praise = "Few words stay where the model is sure, and many where it is not."
    return run_check(attempt, check_nucleus, praise)


def min_p(attempt: Attempt) -> Result:
    """Checks a function of (log-probabilities, share) that returns min-p probabilities."""
    return run_check(attempt, check_min_p, "It cuts the tail, and more of it where one is sure.")


def distinct(attempt: Attempt) -> Result:
    """Checks a function of captions that returns the share of different word pairs."""
    return run_check(attempt, _check_distinct, "Try it on samples of several temperatures.")


def _check_greedy(solution: Solution) -> None:
    answers = [_path_of(solution, *case) for case in GREEDY_CASES]
    rights = [greedy_path(*case) for case in GREEDY_CASES]
    if answers == rights:
        return
    for mistake, message in GREEDY_MISTAKES.items():
        expect(answers != [greedy_path(*case, mistake) for case in GREEDY_CASES], message)
    again = [_path_of(solution, *case) for case in GREEDY_CASES]
    expect(answers == again, "a second call says something else: greedy decoding draws no lots.")
    for answer, right, (_, max_length) in zip(answers, rights, GREEDY_CASES, strict=True):
        expect(
            answer == right,
            f"with max_length={max_length} it gave {answer}, where the most probable word at each "
            f"step gives {right}.",
        )


def _path_of(solution: Solution, seed: int, max_length: int) -> list[int]:
    model = tiny_model(seed)
    watched = WatchedModel(model, 3 * max_length)
    return wholes(call(solution, watched, model.start_state, max_length), "the token ids")


def greedy_path(seed: int, max_length: int, mistake: str = "") -> list[int]:
    """The token ids of greedy decoding on a tiny model, with a typical mistake or none."""
    model = tiny_model(seed)
    start_id, end_id = model.vocabulary.start_id, model.vocabulary.end_id
    token_ids, state = [start_id], model.start_state
    most = max_length + {"longer": 1, "shorter": -1}.get(mistake, 0)
    place = {"least": -1, "second": 1}.get(mistake, 0)
    while len(token_ids) < most and (token_ids[-1] != end_id or mistake == "goes on"):
        fed = start_id if mistake == "start" else token_ids[-1]
        log_probs, next_state = model.step([fed], state)
        state = state if mistake == "state" else next_state
        token_ids.append(int(np.argsort(-log_probs[0])[place]))
    ended = token_ids[-1] == end_id
    return token_ids[mistake == "no start" : len(token_ids) - (mistake == "no end" and ended)]


GREEDY_MISTAKES = {
    "state": "every word was stepped from the first state. Hand on the state that `step` returns.",
    "start": (
        "`<S>` was fed at every step. After the first one feed the word that you have just chosen."
    ),
    "least": "it takes the *least* probable word: the largest log-probability is the one near 0.",
    "second": "it takes the second-best word.",
    "goes on": "it goes on after `</S>`, which ends the caption: stop there.",
    "longer": "captions get one token too long: `<S>` and `</S>` count for `max_length`, too.",
    "shorter": "it stops one token too early: `max_length` tokens are allowed, `<S>` among them.",
    "no start": "`<S>` is missing: return all token ids, and it is the first that you feed.",
    "no end": "`</S>` is missing: it is the last of the token ids, where the caption ends in time.",
}


def _check_distinct(solution: Solution) -> None:
    answer = _share(solution, CAPTIONS)
    for value, message in _wrong_shares().items():
        expect(not np.isclose(answer, value), message)
    expect(
        bool(np.isclose(answer, 8 / 9)),
        f"in {CAPTIONS} there are 9 pairs of neighbours, 8 of them different: 8 / 9, not "
        f"{answer:.3f}.",
    )
    expect(
        bool(np.isclose(_share(solution, ["a cat sleeps"] * 3), 1 / 3)),
        "three times the same caption has 2 different pairs among 6. Count over all captions "
        "together, not for each by itself.",
    )
    expect(
        not np.isclose(_share(solution, ["a b", "b a"]), 1 / 2),
        "the order of two words matters: 'a b' and 'b a' are two different pairs.",
    )
    expect(
        not np.isclose(_share(solution, ["a bc", "ab c"]), 1 / 2),
        "you glued the two words of a pair together: 'a' with 'bc' then looks like 'ab' with 'c'. "
        "Keep them apart, in a tuple.",
    )
    _check_no_pairs(solution)
    _check_random_captions(solution)


def _share(solution: Solution, captions: list[str]) -> float:
    return number(call(solution, captions))


def _wrong_shares() -> dict[float, str]:
    """What typical mistakes return for `CAPTIONS`, with what to say about each."""
    return {
        8 / 12: (
            "you counted single words, or divided by their number; a pair is two neighbours, in "
            "their order, and the share is of all pairs."
        ),
        10 / 11: (
            "you joined the captions, so the last word of one and the first of the next became a "
            "pair. A pair lies within one caption."
        ),
        1.0: (
            "you counted for each caption by itself, or whole captions. Put the pairs of all "
            "captions together, then count the different ones."
        ),
        8.0: "this is a number of pairs; divide it by the number of all pairs.",
    }


def _check_no_pairs(solution: Solution) -> None:
    try:
        lonely = _share(solution, ["cat", ""])
    except StoppedError as stopped:
        if "ZeroDivisionError" not in str(stopped):
            raise
        lonely = np.nan
    expect(
        lonely == 0,
        "captions of one word or none have no pairs; return 0 for them instead of dividing by 0.",
    )


def _check_random_captions(solution: Solution) -> None:
    random = np.random.default_rng(6)
    for _ in range(20):
        lengths = random.integers(0, 7, size=4)
        captions = [" ".join(random.choice(["a", "b", "ab", "ba"], size=n)) for n in lengths]
        right, answer = _distinct(captions), _share(solution, captions)
        expect(
            bool(np.isclose(answer, right)),
            f"for {captions} it should be {right:.3f}, not {answer:.3f}.",
        )


def _distinct(captions: Sequence[str]) -> float:
    """Counted one by one, with neither a set nor a counter."""
    pairs = [pair for caption in captions for pair in pairwise(caption.split())]
    first_ones = [pair for place, pair in enumerate(pairs) if pair not in pairs[:place]]
    return len(first_ones) / len(pairs) if pairs else 0.0
