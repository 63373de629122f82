"""Checks for the exercises of notebook 08, measure captions."""

from __future__ import annotations

import math

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
