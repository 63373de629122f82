"""Checks for the exercises of notebook 08, measure captions."""

from __future__ import annotations

import math

import numpy as np

from showtell_lib.checks.answers import number
from showtell_lib.checks.result import Attempt, Result, Solution, call, expect, run_check

TWICE = [["the", "cat", "sees", "the", "dog"], ["a", "cat", "and", "the", "bus"]]


def clipped_precision(attempt: Attempt) -> Result:
    """Checks the share of a caption's n-grams that a reference has, each counted often enough.

    Args:
        attempt: takes the caption and its references, all as lists of words, and n; returns the
            share, 0 to 1.
    """
    praise = "A word counts as often as the one reference that has it most often, and no more."
    return run_check(attempt, _check_precision, praise)


def _check_precision(solution: Solution) -> None:
    def precision(caption: str, n: int) -> float:
        return number(call(solution, caption.split(), TWICE, n))

    four = precision("the the the the", 1)
    expect(
        not math.isclose(four, 1),
        'of "the the the the" only two words count: count each word at most as often as a '
        "reference has it.",
    )
    expect(
        not math.isclose(four, 3 / 4),
        "references are not added up: the most that any single one has is the limit.",
    )
    expect(
        not math.isclose(four, 1 / 4),
        "a word may count more than once, if one reference has it more than once.",
    )
    expect(
        not math.isclose(four, 2 / 5),
        "precision is a share of the caption's n-grams, not of a reference's.",
    )
    expect(math.isclose(four, 2 / 4), f'for "the the the the" it should be 0.5, not {four:.3g}.')
    two = precision("the cat and a dog", 2)
    expect(
        not math.isclose(two, 2 / 5),
        "five words have four pairs: divide by the number of n-grams, not of words.",
    )
    expect(
        math.isclose(two, 2 / 4),
        f'for the pairs of "the cat and a dog" it should be 0.5, not {two:.3g}: "the cat" and '
        '"cat and" are in a reference.',
    )
    for reversed_words, n in (("bus and cat", 3), ("cat the", 2), ("the and", 2)):
        expect(
            math.isclose(precision(reversed_words, n), 0, abs_tol=1e-9),
            "the order of the words in an n-gram counts: a reference that has them the other way "
            f'round does not have "{reversed_words}".',
        )
    repeated = precision("the cat the cat", 2)
    expect(
        math.isclose(repeated, 1 / 3),
        'for the pairs of "the cat the cat" it should be 1 / 3, '
        f'not {repeated:.3g}: "the cat" comes twice, but no reference has it more than once. Clip '
        "pairs as you clip words.",
    )


def brevity_penalty(attempt: Attempt) -> Result:
    """Checks the factor by which BLEU lowers the score of a short caption.

    Args:
        attempt: takes the number of words of the caption and of the reference; returns the
            factor.
    """
    praise = "Too short is punished, too long is not: that is what precision does already."
    return run_check(attempt, _check_brevity, praise)


def _check_brevity(solution: Solution) -> None:
    def factor(length: int, reference: int) -> float:
        return number(call(solution, length, reference))

    expect(
        math.isclose(factor(8, 8), 1), "a caption of the reference's length must not lose anything."
    )
    expect(
        factor(16, 8) <= 1,
        "a long caption gets no reward: the factor is never above 1.",
    )
    expect(
        math.isclose(factor(16, 8), 1),
        "a long caption is not punished here: its surplus words lower the precisions already.",
    )
    half = factor(4, 8)
    expect(
        not math.isclose(half, math.exp(1 - 4 / 8)) and half < 1,
        "the ratio is the wrong way round: divide the reference's length by the caption's.",
    )
    expect(
        not math.isclose(half, 4 / 8),
        "that is the ratio itself; BLEU takes exp(1 - reference / length).",
    )
    expect(
        not math.isclose(half, math.exp(-8 / 4)),
        "the exponent is 1 - reference / length, so that it is 0 where both are equal.",
    )
    for length, reference in ((4, 8), (7, 8), (1, 12)):
        right = math.exp(1 - reference / length)
        expect(
            math.isclose(factor(length, reference), right),
            f"for {length} words against {reference} it should be {right:.3g}.",
        )


# Log-odds of ln 9 and ln 4, and half of them: these predictions are right by a temperature of 2.
TOO_SURE = [(0.9, 9, 12), (0.8, 8, 12), (0.1, 3, 12)]
NOT_SURE_ENOUGH = [(0.75, 9, 10), (2 / 3, 12, 15), (0.25, 1, 10)]
# At every temperature the mean is one half, and the likelier answer is the same one.
EVEN = [(0.9, 9, 12), (0.1, 3, 12)]
TRIED = [4.0, 0.5, 1.0, 2.0, 0.25]


def fit_temperature(attempt: Attempt) -> Result:
    """Checks a function that chooses the temperature of calibration (Guo et al. 2017).

    Args:
        attempt: takes probabilities, whether each prediction was right, and temperatures; returns
            the one under which what happened is most probable.
    """
    praise = "It makes what happened as probable as one number can."
    return run_check(attempt, _check_temperature, praise)


def _check_temperature(solution: Solution) -> None:
    def fitted(predictions: list[tuple[float, int, int]]) -> float:
        sure = [p for p, _, count in predictions for _ in range(count)]
        right = [at < good for _, good, count in predictions for at in range(count)]
        return number(call(solution, np.array(sure), np.array(right), list(TRIED)))

    answer = fitted(TOO_SURE)
    expect(
        any(math.isclose(answer, tried) for tried in TRIED),
        f"it should return one of the temperatures that it is given, not {answer:.3g}.",
    )
    expect(
        not math.isclose(answer, 0.25),
        "it took the temperature under which what happened is least probable. The likelihood is to "
        "be as large as possible, so the mean negative log-likelihood as small.",
    )
    expect(
        not math.isclose(answer, 0.5),
        "predictions that were too sure became surer: log-odds are divided by the temperature, not "
        "multiplied.",
    )
    expect(
        math.isclose(answer, 2),
        "where 0.9 is right in 75% of cases, 0.8 in 67% and 0.1 in 25%, half the log-odds would be "
        f"true, so it should return 2, not {answer:g}. Divide the log-odds, log(p / (1 - p)), not "
        "the probability nor its logarithm, and let a prediction that was wrong count with 1 minus "
        "its scaled probability.",
    )
    expect(
        math.isclose(fitted(NOT_SURE_ENOUGH), 0.5),
        "where 0.75 is right in 90% of cases it is not sure enough, and the temperature should be "
        "0.5.",
    )
    expect(
        math.isclose(fitted(EVEN), 2),
        "it does not look at single predictions: their mean, and how many lie on the right side of "
        "one half, can be the same at every temperature. Compare the negative log-likelihood.",
    )
