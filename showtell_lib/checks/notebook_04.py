"""Checks for the exercises of notebook 04, Greedy decoding and sampling."""

from __future__ import annotations

import numpy as np

from showtell_lib.checks.result import Attempt, Result, Solution, call, expect, run_check

PROBABILITIES = np.array([0.04, 0.5, 0.06, 0.3, 0.1])
CAPTIONS = ["a cat sleeps", "a cat sits", "the dog sleeps on a mat"]


def min_p(attempt: Attempt) -> Result:
    """Checks a function of (log-probabilities, share) that returns min-p probabilities."""
    return run_check(attempt, _check_min_p, "It cuts the tail, and more of it where one is sure.")


def distinct(attempt: Attempt) -> Result:
    """Checks a function of captions that returns the share of different word pairs."""
    return run_check(attempt, _check_distinct, "Try it on samples of several temperatures.")


def _check_min_p(solution: Solution) -> None:
    log_probs = np.log(PROBABILITIES)
    answer = np.asarray(call(solution, log_probs, 0.15), np.float64)
    expect(
        answer.shape == log_probs.shape,
        f"one probability per word of the vocabulary, please: shape {list(log_probs.shape)}, not "
        f"{list(answer.shape)}. Words that were cut keep their place, with 0.",
    )
    expect(
        bool(np.nansum(np.abs(answer)) > 0),
        "no word is left. Compare probabilities with probabilities: the share of a *logarithm* is "
        "something else.",
    )
    expect(
        not (answer < 0).any() and not np.isnan(answer).any(),
        "these are not probabilities: some are negative or no numbers. Take e to the power of the "
        "log-probabilities first.",
    )
    _check_what_is_kept(answer)
    expect(
        bool(np.isclose(answer.sum(), 1)),
        f"what is left adds up to {answer.sum():.2f}; scale it up, so that it adds up to 1 again.",
    )
    kept = np.where(PROBABILITIES >= 0.15 * 0.5, PROBABILITIES, 0)
    expect(
        np.allclose(answer, kept / kept.sum()),
        "the right words are kept, but their odds have changed: divide all by the same sum.",
    )
    _check_extremes(solution, log_probs)


def _check_what_is_kept(answer: np.ndarray) -> None:
    kept = answer > 0
    expect(not kept.all(), "no word was cut at all; those below the threshold should be 0.")
    expect(
        not np.array_equal(kept, PROBABILITIES >= 0.15),
        "you cut at the share itself. The threshold is that share *of the best word's "
        "probability*: share times the largest.",
    )
    expect(
        np.array_equal(kept, PROBABILITIES >= 0.15 * 0.5),
        f"with probabilities {PROBABILITIES.tolist()} and a share of 0.15 the words of 0.075 and "
        f"more should stay; you keep {PROBABILITIES[kept].tolist()}.",
    )


def _check_extremes(solution: Solution, log_probs: np.ndarray) -> None:
    only_best = np.asarray(call(solution, log_probs, 1.0), np.float64)
    expect(
        np.array_equal(only_best > 0, PROBABILITIES.max() == PROBABILITIES),
        "with a share of 1 the best word should stay, and it alone: words *at* the threshold "
        "stay too.",
    )
    everything = np.asarray(call(solution, log_probs, 0.0), np.float64)
    expect(
        np.allclose(everything, PROBABILITIES),
        "with a share of 0 nothing is cut, so the probabilities should stay as they are.",
    )


def _check_distinct(solution: Solution) -> None:
    answer = float(call(solution, CAPTIONS))
    for value, message in _wrong_shares().items():
        expect(not np.isclose(answer, value), message)
    expect(
        bool(np.isclose(answer, 8 / 9)),
        f"in {CAPTIONS} there are 9 pairs of neighbours, 8 of them different: 8 / 9, not "
        f"{answer:.3f}.",
    )
    same = float(call(solution, ["a cat sleeps"] * 3))
    expect(
        bool(np.isclose(same, 1 / 3)),
        "three times the same caption has 2 different pairs among 6. Count over all captions "
        "together, not for each by itself.",
    )
    _check_no_pairs(solution)


def _wrong_shares() -> dict[float, str]:
    """What typical mistakes return for `CAPTIONS`, with what to say about each."""
    return {
        8 / 12: "you counted single words; a pair is two neighbours, in their order.",
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
        lonely = float(call(solution, ["cat", ""]))
    except ZeroDivisionError:
        lonely = np.nan
    expect(
        lonely == 0,
        "captions of one word or none have no pairs; return 0 for them instead of dividing by 0.",
    )
