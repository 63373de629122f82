"""The checks of notebook 05: its own solutions pass, typical misconceptions are named."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from showtell_lib.checks import notebook_05
from tests.notebook_source import solutions

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
    "it goes on although the pool is full": (
        lambda o, f, w, p, m: len(f) >= w and p > 0 and o[0] / m**p < f[-1]
    ),
}


def _bigrams(caption: str) -> list[tuple[str, str]]:
    words = caption.split()
    return list(pairwise(words))


def _all(captions: list[str]) -> list[tuple[str, str]]:
    return [pair for caption in captions for pair in _bigrams(caption)]


def _joined(captions: list[str]) -> float:
    return len(set(_bigrams(" ".join(captions)))) / len(_bigrams(" ".join(captions)))


def _each(captions: list[str]) -> float:
    shares = [len(set(_bigrams(c))) / max(len(_bigrams(c)), 1) for c in captions]
    return sum(shares) / len(shares)


def _single(captions: list[str]) -> float:
    words = " ".join(captions).split()
    return len(set(words)) / len(words)


DISTINCT: dict[str, Callable[..., Any]] = {
    "it counts the different bigrams": lambda c: len(set(_all(c))),
    "divides by the number of words": lambda c: len(set(_all(c))) / len(" ".join(c).split()),
    "not caption by caption": _each,
    "reach from one caption into the next": _joined,
    "the order of two words matters": lambda c: len(set(map(frozenset, _all(c)))) / len(_all(c)),
}


@pytest.mark.parametrize("name", ["can_stop", "distinct_bigrams"])
def test_the_solution_in_the_notebook_passes(name: str) -> None:
    result = getattr(notebook_05, name)(SOLUTIONS[name])
    assert result.passed, result.message


@pytest.mark.parametrize("name", ["can_stop", "distinct_bigrams"])
def test_a_stub_is_not_attempted_yet(name: str) -> None:
    result = getattr(notebook_05, name)(lambda *arguments: ...)
    assert (result.attempted, result.message) == (False, "not attempted yet")


@pytest.mark.parametrize("message", CAN_STOP)
def test_wrong_stopping_rules_are_named(message: str) -> None:
    result = notebook_05.can_stop(CAN_STOP[message])
    assert not result.passed
    assert any(part in result.message for part in message.split("|")), result.message


@pytest.mark.parametrize("message", DISTINCT)
def test_wrong_measures_of_diversity_are_named(message: str) -> None:
    result = notebook_05.distinct_bigrams(DISTINCT[message])
    assert not result.passed
    assert message in result.message


def test_single_words_are_named() -> None:
    # Three of four words are different, but all three bigrams.
    result = notebook_05.distinct_bigrams(_single_words_but_careful)
    assert "single words" in result.message


def _single_words_but_careful(captions: list[str]) -> float:
    return 0.5 if captions == ["a dog runs"] * 2 else _single(captions)


def test_an_error_in_the_learners_code_is_told() -> None:
    result = notebook_05.can_stop(lambda o, f, w, p, m: o[0] < f[0])
    assert "IndexError" in result.message
