"""Checks for the exercises of notebook 05, beam search."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from showtell_lib.checks.answers import truth
from showtell_lib.checks.beam_searches import check_beam_search
from showtell_lib.checks.beams import check_beam_step
from showtell_lib.checks.result import Attempt, Result, Solution, call, expect, run_check
from showtell_lib.search import LONGEST

RANDOM_CASES = 300


def beam_step(attempt: Attempt) -> Result:
    """Checks one step of beam search.

    Args:
        attempt: takes the open hypotheses as a list of pairs (log-probability, token ids), best
            first; the natural-log probabilities of their next words, [open, vocabulary];
            `width`; and the id of `</S>`. Returns two lists of such pairs: the hypotheses that
            stay open, best first, and those that have ended.
    """
    praise = "Every open hypothesis had its chance, and those that ended took nobody's place."
    return run_check(attempt, check_beam_step, praise)


def beam_search(attempt: Attempt) -> Result:
    """Checks a whole beam search.

    Args:
        attempt: takes a model, the state of an encoded photo, `width` and `max_length`, the most
            tokens of a caption; returns the most probable hypothesis that has ended as a pair
            (log-probability, token ids), or the best open one if none has.
    """
    praise = "It finds what the library's beam search finds, and with room for all, the optimum."
    return run_check(attempt, check_beam_search, praise)


def can_stop(attempt: Attempt) -> Result:
    """Checks a stopping rule of beam search.

    Args:
        attempt: takes the open hypotheses' log-probabilities, the scores of the finished pool,
            `beam_width`, `length_penalty` and `max_length`; says whether the search may stop
            without any finished hypothesis being lost.
    """
    praise = "It stops as soon as it is safe, and never before."
    return run_check(attempt, _check_can_stop, praise)


@dataclass(frozen=True)
class Moment:
    """A moment of a search: what a stopping rule is asked about.

    Attributes:
        opened: log-probabilities of the open hypotheses, best first.
        finished: scores of the finished ones, best first.
        width: places in the pool.
        penalty: the length penalty.
        max_length: most tokens.
    """

    opened: Sequence[float]
    finished: Sequence[float]
    width: int
    penalty: float
    max_length: int = LONGEST


def _stops(solution: Solution, moment: Moment) -> bool:
    lists = list(moment.opened), list(moment.finished)
    return truth(call(solution, *lists, moment.width, moment.penalty, moment.max_length))


def _check_can_stop(solution: Solution) -> None:
    for moment, right, message in [*KNOWN, *KNOWN_WITH_PENALTY]:
        expect(_stops(solution, moment) == right, message)
    moments = list(random_moments())
    answers = [_stops(solution, moment) for moment in moments]
    rights = [is_safe(moment) for moment in moments]
    if answers == rights:
        return
    for message, mistake in MISTAKES.items():
        expect(answers != [mistake(moment) for moment in moments], message)
    for moment, answer, right in zip(moments, answers, rights, strict=True):
        done = "stops" if answer else "goes on"
        why = "none can any more" if right else "an open hypothesis can still enter the pool"
        expect(answer == right, f"it {done} at {moment}, where {why}.")


KNOWN = [
    (
        Moment([-1.0], [], 1, 0.0),
        False,
        "it stops with nothing finished: there is no caption to return yet.",
    ),
    (
        Moment([-9.0, -9.5], [-5.0], 2, 0.0),
        False,
        "it stops before the pool is full. A finished hypothesis is missing, and any open one "
        "may still take that place, however improbable it is.",
    ),
    (
        Moment([-7.0], [-5.0, -8.0], 2, 0.0),
        False,
        "it compares with the best finished hypothesis. An open one worse than that can still "
        "enter the pool: it only has to beat the last one in it.",
    ),
    (
        Moment([-3.0, -9.0], [-4.0, -5.0], 2, 0.0),
        False,
        "it looks at the worst open hypothesis; the best one can still enter the pool.",
    ),
]
KNOWN_WITH_PENALTY = [
    (
        Moment([-4.0, -4.2], [-0.4, -0.5], 2, 1.0),
        False,
        "it compares an open log-probability with scores that were divided by a length. With the "
        f"penalty on, -4 can still become -4 / {LONGEST}: divide it by the greatest length to "
        "the power of the penalty.",
    ),
    (
        Moment([-10.0], [-0.9], 1, 1.0),
        False,
        f"it divides by less than the greatest length. -10 can still become -10 / {LONGEST}, and "
        "so enter the pool.",
    ),
    (
        Moment([-12.0, -14.0], [-0.4, -0.5], 2, 1.0),
        True,
        f"it never stops with the penalty on. Even -12 / {LONGEST}, the best that can come, is "
        "below every score in a full pool.",
    ),
    (
        Moment([-4.0], [-0.8], 1, 0.5),
        True,
        f"the penalty is a power: -4 can become -4 / {LONGEST} ** 0.5 at best, which is below "
        "the pool's last score, so the search may stop.",
    ),
    (
        Moment([-6.0, -9.0], [-4.0, -5.0], 2, 0.0),
        True,
        "it goes on although the pool is full and the best open log-probability, which can only "
        "fall, is below every score in it.",
    ),
    (
        Moment([-10.0], [-1.2], 1, 1.0, max_length=10),
        False,
        "it stops at max_length=10 with -10 open and -1.2 finished, although -10 / 10 is better.",
    ),
    (
        Moment([-10.0], [-0.7], 1, 1.0, max_length=10),
        True,
        f"it takes {LONGEST} for the greatest length, whatever `max_length` is. With "
        "max_length=10 the best that -10 can become is -10 / 10.",
    ),
]


def random_moments() -> Iterator[Moment]:
    """Moments of searches that might have been, near the border between the two answers."""
    random = np.random.default_rng(8)
    for _ in range(RANDOM_CASES):
        width, max_length = int(random.integers(1, 5)), int(random.integers(5, 31))
        penalty = float(random.choice([0, 0.3, 0.7, 1, 1.5]))
        opened = -np.sort(random.uniform(2, 20, size=random.integers(1, width + 1)))
        near = opened[0] / max_length**penalty * random.uniform(0.8, 1.3)
        places = width if random.random() < 0.7 else int(random.integers(1, width + 1))
        better = near * random.uniform(0.3, 1, size=places - 1)
        finished = -np.sort(-np.array([near, *better]))
        yield Moment(opened.tolist(), finished.tolist(), width, penalty, max_length)


def is_safe(moment: Moment) -> bool:
    """Whether no open hypothesis can enter the pool: every one is tried at every length."""
    if len(moment.finished) < moment.width:
        return False
    lengths = range(2, moment.max_length + 1)
    scores = (one / length**moment.penalty for one in moment.opened for length in lengths)
    return bool(max(scores) < moment.finished[-1])


def _by_length(divisor: Callable[[Moment], float]) -> Callable[[Moment], bool]:
    """The safe rule, but for what the best open log-probability is divided by."""

    def rule(moment: Moment) -> bool:
        full = len(moment.finished) >= moment.width
        return full and bool(moment.opened[0] / divisor(moment) < moment.finished[-1])

    return rule


MISTAKES: Mapping[str, Callable[[Moment], bool]] = {
    "it divides by half the greatest length; an open hypothesis may become as long as "
    "`max_length`.": _by_length(lambda m: (m.max_length / 2) ** m.penalty),
    "it takes one off the greatest length; `<S>` and `</S>` count, so divide by `max_length`.": (
        _by_length(lambda m: (m.max_length - 1) ** m.penalty)
    ),
    f"it takes {LONGEST} for the greatest length, whatever `max_length` is.": _by_length(
        lambda m: float(LONGEST**m.penalty)
    ),
    "it stops before the pool is full.": lambda m: bool(
        m.opened[0] / m.max_length**m.penalty < m.finished[-1]
    ),
}
