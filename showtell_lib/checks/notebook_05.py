"""Checks for the exercises of notebook 05, beam search."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from showtell_lib.checks.result import Attempt, Result, Solution, call, expect, run_check
from showtell_lib.search import LONGEST


def can_stop(attempt: Attempt) -> Result:
    """Checks a stopping rule of beam search.

    Args:
        attempt: takes the open hypotheses' log-probabilities, the scores of the finished pool,
            `beam_width`, `length_penalty` and `max_length`; says whether the search may stop
            without any finished hypothesis being lost.
    """
    praise = "It stops as soon as it is safe, and never before."
    return run_check(attempt, _check_can_stop, praise)


def _check_can_stop(solution: Solution) -> None:
    def stops(
        opened: Sequence[float], finished: Sequence[float], width: int, penalty: float
    ) -> bool:
        best_first = sorted(opened, reverse=True), sorted(finished, reverse=True)
        return bool(call(solution, *map(list, best_first), width, penalty, LONGEST))

    expect(
        not stops([-1.0], [], 1, 0.0),
        "it stops with nothing finished: there is no caption to return yet.",
    )
    expect(
        not stops([-9.0, -9.5], [-5.0], 2, 0.0),
        "it stops before the pool is full. A finished hypothesis is missing, and any open one "
        "may still take that place, however improbable it is.",
    )
    expect(
        not stops([-7.0], [-5.0, -8.0], 2, 0.0),
        "it compares with the best finished hypothesis. An open one worse than that can still "
        "enter the pool: it only has to beat the last one in it.",
    )
    expect(
        not stops([-9.0, -3.0], [-4.0, -5.0], 2, 0.0),
        "it looks at the worst open hypothesis; the best one can still enter the pool.",
    )
    _check_penalty(stops)
    expect(
        stops([-6.0, -9.0], [-4.0, -5.0], 2, 0.0),
        "it goes on although the pool is full and the best open log-probability, which can only "
        "fall, is below every score in it.",
    )


def _check_penalty(stops: Callable[[Sequence[float], Sequence[float], int, float], bool]) -> None:
    expect(
        not stops([-4.0, -4.2], [-0.4, -0.5], 2, 1.0),
        "it compares an open log-probability with scores that were divided by a length. With the "
        f"penalty on, -4 can still become -4 / {LONGEST}: divide it by the greatest length to "
        "the power of the penalty.",
    )
    expect(
        stops([-12.0, -14.0], [-0.4, -0.5], 2, 1.0),
        f"it never stops with the penalty on. Even -12 / {LONGEST}, the best that can come, is "
        "below every score in a full pool.",
    )
    expect(
        stops([-4.0], [-0.8], 1, 0.5),
        f"the penalty is a power: -4 can become -4 / {LONGEST} ** 0.5 at best, which is below "
        "the pool's last score, so the search may stop.",
    )


def distinct_bigrams(attempt: Attempt) -> Result:
    """Checks a measure of diversity: the share of different bigrams among all of some captions.

    Args:
        attempt: takes a list of captions as text; returns a number from 0 to 1.
    """
    praise = "The more captions repeat each other, the lower it is."
    return run_check(attempt, _check_distinct, praise)


def _check_distinct(solution: Solution) -> None:
    def share(*captions: str) -> float:
        return float(call(solution, list(captions)))

    def close(answer: float, wanted: float) -> bool:
        return abs(answer - wanted) < 1e-9

    once, twice = share("a dog runs"), share("a dog runs", "a dog runs")
    expect(
        not close(once, 2.0),
        "it counts the different bigrams; divide by the number of all bigrams.",
    )
    expect(
        not close(once, 2 / 3),
        "it divides by the number of words; three words make only two bigrams.",
    )
    expect(
        not close(twice, 1.0),
        "saying the same twice is not diverse: count different bigrams over all captions together, "
        "not caption by caption.",
    )
    expect(
        not close(share("a b a c"), 3 / 4),
        "it counts single words. A bigram is two words in a row.",
    )
    expect(
        not close(share("a b", "c a", "b d"), 4 / 5),
        "it lets a bigram reach from one caption into the next; take them within each caption.",
    )
    expect(
        not close(share("a b", "b a"), 1 / 2),
        "the order of two words matters: 'a b' and 'b a' are two bigrams.",
    )
    wanted = [(once, 1.0), (twice, 0.5), (share("a b a b"), 2 / 3), (share("a b", "a c"), 1.0)]
    expect(
        all(close(answer, right) for answer, right in wanted),
        "for 'a b a b' it should give 2 different bigrams out of 3.",
    )
    expect(
        close(share("cat", "a dog"), 1.0),
        "a caption of one word has no bigrams, and must not disturb the others.",
    )
