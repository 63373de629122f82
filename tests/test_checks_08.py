"""The checks of notebook 08: its own solutions pass, typical misconceptions are named."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from showtell_lib.checks import notebook_08
from tests.notebook_source import solutions

SOLUTIONS = solutions("08")


def grams(words: list[str], n: int) -> list[tuple[str, ...]]:
    return [tuple(words[i : i + n]) for i in range(len(words) - n + 1)]


def unclipped(caption: list[str], references: list[list[str]], n: int) -> float:
    known = {gram for reference in references for gram in grams(reference, n)}
    said = grams(caption, n)
    return sum(gram in known for gram in said) / len(said)


def added_up(caption: list[str], references: list[list[str]], n: int) -> float:
    most = Counter(gram for reference in references for gram in grams(reference, n))
    return (Counter(grams(caption, n)) & most).total() / len(grams(caption, n))


def only_once(caption: list[str], references: list[list[str]], n: int) -> float:
    known = {gram for reference in references for gram in grams(reference, n)}
    return len(set(grams(caption, n)) & known) / len(grams(caption, n))


def clipped(caption: list[str], references: list[list[str]], n: int) -> int:
    most: Counter[tuple[str, ...]] = Counter()
    for reference in references:
        most |= Counter(grams(reference, n))
    return (Counter(grams(caption, n)) & most).total()


def by_words(caption: list[str], references: list[list[str]], n: int) -> float:
    return clipped(caption, references, n) / len(caption)


def recall(caption: list[str], references: list[list[str]], n: int) -> float:
    return clipped(caption, references, n) / len(grams(references[0], n))


def unordered(caption: list[str], references: list[list[str]], n: int) -> float:
    def ordered(words: list[str]) -> list[str]:
        return words if n < 3 else sorted(words)

    return clipped(ordered(caption), [["and", "bus", "cat"], *references], n) / len(
        grams(caption, n)
    )


def sorted_grams(caption: list[str], references: list[list[str]], n: int) -> float:
    most: Counter[Any] = Counter()
    for reference in references:
        most |= Counter(tuple(sorted(gram)) for gram in grams(reference, n))
    said = Counter(tuple(sorted(gram)) for gram in grams(caption, n))
    return (said & most).total() / said.total()


def words_clipped_only(caption: list[str], references: list[list[str]], n: int) -> float:
    precision = clipped if n == 1 else lambda *given: unclipped(*given) * len(grams(caption, n))
    return precision(caption, references, n) / len(grams(caption, n))


def by_counting(caption: list[str], references: list[list[str]], n: int) -> Any:
    """Takes each n-gram of a reference away once it is used; changes what it is given."""
    said = grams(caption, n)
    most = [max(grams(r, n).count(gram) for r in references) for gram in set(said)]
    counts = [said.count(gram) for gram in set(said)]
    caption.clear()
    return np.array([np.minimum(most, counts).sum() / len(said)])


def test_a_right_precision_in_another_form_passes() -> None:
    result = notebook_08.clipped_precision(by_counting)
    assert result.passed, result.message


PRECISIONS: dict[str, Callable[..., Any]] = {
    "the other way round": sorted_grams,
    "Clip pairs as you clip words": words_clipped_only,
    "only two words count": unclipped,
    "references are not added up": added_up,
    "may count more than once": only_once,
    "not of a reference's": recall,
    "not of words": by_words,
    "the order of the words": unordered,
}
BREVITIES: dict[str, Callable[..., Any]] = {
    "never above 1": lambda length, reference: math.exp(1 - reference / length),
    "is not punished here": lambda length, reference: math.exp(-abs(1 - reference / length)),
    "the wrong way round": lambda length, reference: (
        1 if length >= reference else math.exp(1 - length / reference)
    ),
    "the ratio itself": lambda length, reference: min(1, length / reference),
    "must not lose anything": lambda length, reference: math.exp(-reference / length),
}


def odds(probabilities: Any) -> Any:
    return np.log(probabilities / (1 - probabilities))


def sigmoid(logits: Any) -> Any:
    return 1 / (1 + np.exp(-logits))


def loss(scaled: Any, right: Any) -> float:
    return float(-np.log(np.where(right, scaled, 1 - scaled)).mean())


def chosen_by(cost: Callable[[Any, Any, float], float]) -> Callable[..., Any]:
    return lambda p, right, tried: min(tried, key=lambda t: cost(p, right, t))


TEMPERATURES: dict[str, Callable[..., Any]] = {
    "one of the temperatures": lambda p, right, tried: tried.index(
        chosen_by(lambda p, r, t: loss(sigmoid(odds(p) / t), r))(p, right, tried)
    ),
    "least probable": chosen_by(lambda p, r, t: -loss(sigmoid(odds(p) / t), r)),
    "count with 1 minus its scaled probability": chosen_by(
        lambda p, r, t: -np.log(sigmoid(odds(p) / t))[r].mean()
    ),
    "not multiplied": chosen_by(lambda p, r, t: loss(sigmoid(odds(p) * t), r)),
    "nor its logarithm": chosen_by(lambda p, r, t: loss(p ** (1 / t), r)),
    "not sure enough": chosen_by(lambda p, r, t: -t if t <= 2 else 0),
    "can be the same at every temperature": chosen_by(
        lambda p, r, t: round(abs(sigmoid(odds(p) / t).mean() - r.mean()), 9)
    ),
}


@pytest.mark.parametrize("message", TEMPERATURES)
def test_wrong_temperatures_are_named(message: str) -> None:
    result = notebook_08.fit_temperature(TEMPERATURES[message])
    assert not result.passed
    assert message in result.message


def test_a_right_temperature_in_another_form_passes() -> None:
    """The sum instead of the mean, by a loop, as an array of one number."""

    def by_hand(probabilities: Any, right: Any, tried: Any) -> Any:
        losses = []
        for temperature in tried:
            total = 0.0
            for p, was_right in zip(probabilities, right, strict=True):
                scaled = sigmoid(odds(p) / temperature)
                total -= math.log(scaled if was_right else 1 - scaled)
            losses.append(total)
        return np.array([tried[int(np.argmin(losses))]])

    result = notebook_08.fit_temperature(by_hand)
    assert result.passed, result.message


@pytest.mark.parametrize("name", ["clipped_precision", "brevity_penalty", "fit_temperature"])
def test_the_solution_in_the_notebook_passes(name: str) -> None:
    result = getattr(notebook_08, name)(SOLUTIONS[name])
    assert result.passed, result.message


@pytest.mark.parametrize("name", ["clipped_precision", "brevity_penalty", "fit_temperature"])
def test_a_stub_is_not_attempted_yet(name: str) -> None:
    result = getattr(notebook_08, name)(lambda *arguments: ...)
    assert (result.attempted, result.message) == (False, "not attempted yet")


@pytest.mark.parametrize("message", PRECISIONS)
def test_wrong_precisions_are_named(message: str) -> None:
    result = notebook_08.clipped_precision(PRECISIONS[message])
    assert not result.passed
    assert message in result.message


@pytest.mark.parametrize("message", BREVITIES)
def test_wrong_brevities_are_named(message: str) -> None:
    result = notebook_08.brevity_penalty(BREVITIES[message])
    assert not result.passed
    assert message in result.message
