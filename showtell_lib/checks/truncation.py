"""Checks of functions that cut the tail off a distribution: top-k, nucleus and min-p."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from showtell_lib.checks.answers import array_of
from showtell_lib.checks.result import Solution, call, expect

PROBABILITIES = np.array([0.04, 0.5, 0.06, 0.3, 0.1])
FLATTER = np.array([0.12, 0.35, 0.08, 0.25, 0.2])
RANDOM_CASES = 20

# Given probabilities and a setting, which words stay.
Kept = Callable[[np.ndarray, float], np.ndarray]


@dataclass(frozen=True)
class Rule:
    """Which words a cut keeps.

    Attributes:
        kept: the right ones.
        mistakes: those that typical mistakes keep, by what to say about each.
        if_none: what to say where none is kept.
    """

    kept: Kept
    mistakes: Mapping[str, Kept]
    if_none: str


def check_top_k(solution: Solution) -> None:
    """Checks a function of (probabilities, k)."""
    _check_cut(solution, PROBABILITIES, 2, TOP_K)
    few = np.count_nonzero(_distribution(call(solution, np.full(10, 0.1), 3), 10, TOP_K))
    expect(
        few == 3,
        f"of ten words that tie, with k = 3, you keep {few}. A threshold lets in all that tie with "
        "the last; take the first k of the sorted words instead.",
    )
    for probabilities, random in _random_distributions():
        k = int(random.integers(1, len(probabilities) + 1))
        _check_cut(solution, probabilities, k, TOP_K)


def check_nucleus(solution: Solution) -> None:
    """Checks a function of (probabilities, p)."""
    _check_cut(solution, FLATTER, 0.62, NUCLEUS)
    kept = np.count_nonzero(_distribution(call(solution, np.full(10, 0.1), 0.8), 10, NUCLEUS))
    expect(
        kept != 9,
        "of ten words of 0.1 each, p = 0.8 should keep eight, but you keep nine. In binary, eight "
        "times 0.1 adds up to a hair less than 0.8. Leave room for that: compare with p - 1e-9.",
    )
    expect(kept == 8, f"of ten words of 0.1 each, p = 0.8 should keep eight; you keep {kept}.")
    for p in (1.0, 0.01):
        _check_cut(solution, PROBABILITIES, p, NUCLEUS)
    for probabilities, random in _random_distributions():
        _check_cut(solution, probabilities, float(random.uniform(0.05, 0.99)), NUCLEUS)


def check_min_p(solution: Solution) -> None:
    """Checks a function of (log-probabilities, share)."""

    def cut(given: np.ndarray, share: float) -> object:
        return call(solution, np.log(given), share)

    _check_cut(cut, PROBABILITIES, 0.15, MIN_P)
    _check_cut(cut, PROBABILITIES, 1.0, MIN_P)
    everything = _distribution(cut(PROBABILITIES, 0.0), len(PROBABILITIES), MIN_P)
    expect(
        np.allclose(everything, PROBABILITIES),
        "with a share of 0 nothing is cut, so the probabilities should stay as they are.",
    )
    for probabilities, random in _random_distributions():
        _check_cut(cut, probabilities, float(random.uniform(0, 0.5)), MIN_P)


def _random_distributions() -> list[tuple[np.ndarray, np.random.Generator]]:
    """Distributions over a few words, each with the dice for a setting that goes with it."""
    dice = [np.random.default_rng(seed) for seed in range(RANDOM_CASES)]
    return [(random.dirichlet(np.ones(3 + random.integers(8))), random) for random in dice]


def _check_cut(solution: Solution, given: np.ndarray, setting: float, rule: Rule) -> None:
    """Compares which words stay, then their sum, then their odds."""
    answer = _distribution(call(solution, given, setting), len(given), rule)
    kept, right = answer > 0, rule.kept(given, setting)
    if not np.array_equal(kept, right):
        _expect_no_mistake(answer, given, setting, rule)
        expect(
            False,
            f"of {_shown(given)}, with {setting:.3g}, {_shown(given[right])} should stay; you keep "
            f"{_shown(given[kept])}.",
        )
    expect(
        bool(np.isclose(answer.sum(), 1)),
        f"what is left adds up to {answer.sum():.2f}; divide by that sum, so that it adds up to 1 "
        "again.",
    )
    scaled = np.where(right, given, 0)
    expect(
        np.allclose(answer, scaled / scaled.sum()),
        "the right words are kept, but their odds have changed: divide all by the same sum.",
    )


def _expect_no_mistake(answer: np.ndarray, given: np.ndarray, setting: float, rule: Rule) -> None:
    scaled = np.where(rule.kept(given, setting), given, 0)
    expect(
        not np.allclose(answer / answer.sum(), -np.sort(-scaled / scaled.sum())),
        "the words have changed places. Put each probability where its word was in the vocabulary.",
    )
    for message, mistake in rule.mistakes.items():
        expect(not np.array_equal(answer > 0, mistake(given, setting)), message)


def _shown(probabilities: np.ndarray) -> list[float]:
    shown: list[float] = np.round(probabilities, 3).tolist()
    return shown


def _distribution(answer: object, words: int, rule: Rule) -> np.ndarray:
    """One probability per word, as the learner's function returned them.

    Raises:
        WrongError: they are none.
    """
    what = "the answer, one probability per word and 0 for those that were cut,"
    array = array_of(answer, (words,), what)
    none = f"no word is left, though the best one always stays. {rule.if_none}"
    expect(bool(np.nansum(np.abs(array)) > 0), none)
    expect(
        not (array < 0).any() and not np.isnan(array).any(),
        "these are not probabilities: some are negative or no numbers. If you have "
        "log-probabilities, take e to the power of them first.",
    )
    return array


def _place(probabilities: np.ndarray) -> np.ndarray:
    """The place of each word when the most probable come first, from 0."""
    return np.argsort(np.argsort(-probabilities, kind="stable"), kind="stable")


def _nucleus_size(probabilities: np.ndarray, p: float) -> int:
    """The fewest most probable words that together reach p."""
    best_first = sorted(probabilities.tolist(), reverse=True)
    enough = [n for n in range(1, len(best_first) + 1) if sum(best_first[:n]) >= p - 1e-9]
    return min(enough)


def _unsorted_nucleus(probabilities: np.ndarray, p: float) -> np.ndarray:
    before = np.concatenate([[0.0], np.cumsum(probabilities)[:-1]])
    return np.asarray(before < p)


def _nucleus_from_below(probabilities: np.ndarray, p: float) -> np.ndarray:
    order = np.argsort(probabilities, kind="stable")
    kept = np.zeros(len(probabilities), bool)
    kept[order] = _unsorted_nucleus(probabilities[order], p)
    return kept


TOP_K = Rule(
    lambda given, k: _place(given) < k,
    {
        "no word was cut at all; all but k should be 0.": lambda given, k: given > 0,
        "you keep the *least* probable words: sorting puts the smallest first.": (
            lambda given, k: _place(-given) < k
        ),
        "you keep one word too many: k words should stay.": lambda given, k: _place(given) < k + 1,
        "you keep one word too few: k words should stay.": lambda given, k: _place(given) < k - 1,
        "you keep the first k words of the vocabulary; take the k most probable.": (
            lambda given, k: np.arange(len(given)) < k
        ),
    },
    "Keep the k most probable.",
)
NUCLEUS = Rule(
    lambda given, p: _place(given) < _nucleus_size(given, p),
    {
        "no word was cut at all; those outside the nucleus should be 0.": lambda given, p: (
            given > 0
        ),
        "you keep one word too few. The word with which the sum reaches p belongs to the "
        "nucleus.": lambda given, p: _place(given) < _nucleus_size(given, p) - 1,
        "you keep one word too many. Stop at the word with which the sum reaches p.": (
            lambda given, p: _place(given) < _nucleus_size(given, p) + 1
        ),
        "you add up the words in the order of the vocabulary. Sort them first, the most probable "
        "at the front.": _unsorted_nucleus,
        "you begin with the *least* probable word: sorting puts the smallest first.": (
            _nucleus_from_below
        ),
    },
    "It is the *sum* of the most probable words that should reach p, not each of them.",
)
MIN_P = Rule(
    lambda given, share: given >= share * given.max(),
    {
        "no word was cut at all; those below the threshold should be 0.": lambda given, s: (
            given > 0
        ),
        "you cut at the share itself. The threshold is that share *of the best word's "
        "probability*: share times the largest.": lambda given, share: given >= share,
        "you keep the best word only; the threshold is a share of its probability.": (
            lambda given, share: given == given.max()
        ),
    },
    "Compare probabilities with probabilities: the share of a *logarithm* is something else. "
    "Words *at* the threshold stay, too: with a share of 1 the best word does.",
)
