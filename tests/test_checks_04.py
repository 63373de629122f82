"""The exercise checks of notebook 04: solutions pass, mistakes are named."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from showtell_lib.checks import Result, notebook_04
from tests.notebook_source import solution, stub

EXERCISES = ("min_p", "distinct")


def check(exercise: str, attempt: Any) -> Result:
    found: Result = getattr(notebook_04, exercise)(attempt)
    return found


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_passes(exercise: str) -> None:
    result = check(exercise, solution("04", exercise, np=np))
    assert result.passed, result.message


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_stub_is_not_attempted_yet(exercise: str) -> None:
    result = check(exercise, stub("04", exercise))
    assert not result.attempted
    assert repr(result) == "not attempted yet"


def scaled(kept: Any) -> Any:
    with np.errstate(invalid="ignore"):
        return kept / kept.sum()


def keep(log_probs: Any, which: Any) -> Any:
    return np.where(which, np.exp(log_probs), 0)


def threshold_is_the_share(log_probs: Any, share: float) -> Any:
    return scaled(keep(log_probs, np.exp(log_probs) >= share))


def not_scaled(log_probs: Any, share: float) -> Any:
    return keep(log_probs, np.exp(log_probs) >= share * np.exp(log_probs.max()))


def above_only(log_probs: Any, share: float) -> Any:
    kept = keep(log_probs, np.exp(log_probs) > share * np.exp(log_probs.max()))
    return scaled(kept) if kept.any() else kept


def logarithms_compared(log_probs: Any, share: float) -> Any:
    return scaled(keep(log_probs, log_probs >= share * log_probs.max()))


def the_best_only(log_probs: Any, share: float) -> Any:
    return scaled(keep(log_probs, log_probs == log_probs.max()))


def only_the_kept(log_probs: Any, share: float) -> Any:
    found = not_scaled(log_probs, share)
    return scaled(found[found > 0])


def still_logarithms(log_probs: Any, share: float) -> Any:
    return np.where(log_probs >= log_probs.max() + np.log(max(share, 1e-9)), log_probs, -np.inf)


def equal_odds(log_probs: Any, share: float) -> Any:
    return scaled((not_scaled(log_probs, share) > 0).astype(float))


def never_cuts_much(log_probs: Any, share: float) -> Any:
    return scaled(not_scaled(log_probs, max(share, 0.15)))


WRONG_MIN_P = {
    "of the best word's probability*": threshold_is_the_share,
    "adds up to 0.90; scale it up": not_scaled,
    "words *at* the threshold stay too": above_only,
    "the share of a *logarithm* is something else": logarithms_compared,
    "of 0.075 and more should stay; you keep [0.5]": the_best_only,
    "one probability per word": only_the_kept,
    "e to the power of the log-probabilities": still_logarithms,
    "their odds have changed": equal_odds,
    "no word was cut at all": lambda log_probs, share: np.exp(log_probs),
    "with a share of 0 nothing is cut": never_cuts_much,
}


@pytest.mark.parametrize("message", WRONG_MIN_P)
def test_wrong_min_p(message: str) -> None:
    expect_message("min_p", WRONG_MIN_P[message], message)


def pairs_of(caption: str) -> list[tuple[str, str]]:
    return list(pairwise(caption.split()))


def share(items: list[Any]) -> float:
    return len(set(items)) / len(items) if items else 0.0


def all_pairs(captions: list[str]) -> list[Any]:
    return [pair for caption in captions for pair in pairs_of(caption)]


WRONG_DISTINCT = {
    "you counted single words": lambda captions: share(" ".join(captions).split()),
    "you joined the captions": lambda captions: share(pairs_of(" ".join(captions))),
    "for each caption by itself": lambda captions: np.mean([share(pairs_of(c)) for c in captions]),
    "or whole captions": share,
    "divide it by the number of all pairs": lambda captions: len(set(all_pairs(captions))),
    "8 of them different": lambda captions: 0.5,
    "three times the same caption": lambda captions: 8 / 9,
    "instead of dividing by 0": lambda captions: (
        len(set(all_pairs(captions))) / len(all_pairs(captions))
    ),
}


@pytest.mark.parametrize("message", WRONG_DISTINCT)
def test_wrong_distinct(message: str) -> None:
    expect_message("distinct", WRONG_DISTINCT[message], message)


def expect_message(exercise: str, attempt: Callable[..., Any], message: str) -> None:
    result = check(exercise, attempt)
    assert result.attempted
    assert not result.passed
    assert message in result.message
