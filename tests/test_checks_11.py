"""The checks of notebook 11: its own solutions pass, typical misconceptions are named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from showtell_lib.checks import notebook_11
from tests.notebook_source import solutions, stub

SOLUTIONS = solutions("11")


def cut(paths: list[str], size: int) -> dict[int, list[str]]:
    starts = range(0, len(paths), size)
    return {start // size: sorted(paths)[start : start + size] for start in starts}


def recut(paths: list[str], size: int, finished: set[int]) -> dict[int, list[str]]:
    done = {path for number in finished for path in cut(paths, size)[number]}
    return cut([path for path in sorted(paths) if path not in done], size)


REMAINING: dict[str, Callable[..., Any]] = {
    "the last photos are missing": lambda paths, size, finished: cut(
        sorted(paths)[: len(paths) // size * size], size
    ),
    "are the shards 0, 1 and 2": lambda paths, size, finished: {
        number + 1: shard for number, shard in cut(paths, size).items()
    },
    "A folder promises no order": lambda paths, size, finished: {
        start // size: paths[start : start + size] for start in range(0, len(paths), size)
    },
    "Cut all photos first": recut,
    "it would be done twice": lambda paths, size, finished: cut(paths, size),
    "shards do not finish in order": lambda paths, size, finished: {
        number: shard for number, shard in cut(paths, size).items() if number >= len(finished)
    },
    "return a dict": lambda paths, size, finished: list(cut(paths, size).values()),
}


def in_any_order(paths: list[str], size: int, finished: set[int]) -> dict[Any, Any]:
    """Right, but the last shard first, tuples for lists, and NumPy's numbers."""
    paths.sort()
    left = [(number, paths[number * size :][:size]) for number in range(-(-len(paths) // size))]
    return {np.int64(n): tuple(shard) for n, shard in left[::-1] if n not in finished}


def test_shards_are_taken_in_any_order() -> None:
    result = notebook_11.remaining_shards(in_any_order)
    assert result.passed, result.message


@pytest.mark.parametrize("form", [list, np.array])
def test_hours_and_cost_are_taken_in_any_form(form: Callable[..., Any]) -> None:
    result = notebook_11.estimate(lambda *given: form(SOLUTIONS["estimate"](*given)))
    assert result.passed, result.message


def seconds(photos: float, rate: float, workers: int) -> float:
    return photos / rate / workers


ESTIMATES: dict[str, Callable[..., Any]] = {
    "that is in seconds": lambda n, r, w, s, p: (s + seconds(n, r, w), 2.0),
    "four workers share the photos": lambda n, r, w, s, p: (n / r / 3600, n / r / 3600 * p),
    "that is the cost of one worker": lambda n, r, w, s, p: (
        (s + seconds(n, r, w)) / 3600,
        (s + seconds(n, r, w)) / 3600 * p,
    ),
    "the start is not shared": lambda n, r, w, s, p: (
        (s / w + seconds(n, r, w)) / 3600,
        (s / w + seconds(n, r, w)) / 3600 * p * w,
    ),
    "not one after another": lambda n, r, w, s, p: (
        (s * w + seconds(n, r, w)) / 3600,
        (s * w + seconds(n, r, w)) / 3600 * p * w,
    ),
    "add that time": lambda n, r, w, s, p: (
        seconds(n, r, w) / 3600,
        seconds(n, r, w) / 3600 * p * w,
    ),
    "is paid while it starts": lambda n, r, w, s, p: (
        (s + seconds(n, r, w)) / 3600,
        seconds(n, r, w) / 3600 * p * w,
    ),
    "2 things, the hours and the cost, not 3600.0": lambda n, r, w, s, p: seconds(n, r, w),
}


@pytest.mark.parametrize("name", ["remaining_shards", "estimate"])
def test_the_solution_in_the_notebook_passes(name: str) -> None:
    result = getattr(notebook_11, name)(SOLUTIONS[name])
    assert result.passed, result.message


@pytest.mark.parametrize("name", ["remaining_shards", "estimate"])
def test_a_stub_is_not_attempted_yet(name: str) -> None:
    result = getattr(notebook_11, name)(stub("11", name))
    assert (result.attempted, result.message) == (False, "not attempted yet")


@pytest.mark.parametrize("message", REMAINING)
def test_wrong_shards_are_named(message: str) -> None:
    result = notebook_11.remaining_shards(REMAINING[message])
    assert not result.passed
    assert message in result.message


@pytest.mark.parametrize("message", ESTIMATES)
def test_wrong_estimates_are_named(message: str) -> None:
    result = notebook_11.estimate(ESTIMATES[message])
    assert not result.passed
    assert message in result.message
