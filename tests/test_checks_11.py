"""The checks of notebook 11: its own solutions pass, typical misconceptions are named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from showtell_lib.checks import notebook_11
from tests.notebook_source import solutions, stub

SOLUTIONS = solutions("11")


def cut(paths: list[str], size: int) -> dict[int, list[str]]:
    starts = range(0, len(paths), size)
    return {start // size: sorted(paths)[start : start + size] for start in starts}


Kept = list[list[str]]


def added_to(kept: Kept, paths: list[str]) -> list[str]:
    listed = {path for shard in kept for path in shard}
    return [path for path in sorted(paths) if path not in listed]


def together(kept: Kept, paths: list[str], size: int) -> dict[int, list[str]]:
    """All shards: those that were kept, and after them those of the photos added later."""
    return dict(enumerate([*kept, *cut(added_to(kept, paths), size).values()]))


def left(shards: dict[int, list[str]], finished: set[int]) -> dict[int, list[str]]:
    return {number: shard for number, shard in shards.items() if number not in finished}


def recut(kept: Kept, paths: list[str], size: int, finished: set[int]) -> dict[int, list[str]]:
    done = {path for number in finished for path in kept[number]}
    return cut([path for path in sorted(paths) if path not in done], size)


def in_the_last_shard(
    kept: Kept, paths: list[str], size: int, finished: set[int]
) -> dict[int, list[str]]:
    if not kept:
        return cut(paths, size)
    last = kept[-1] + added_to(kept, paths)
    return left(dict(enumerate([*kept[:-1], last])), finished)


def twice(kept: Kept, paths: list[str], size: int, finished: set[int]) -> dict[int, list[str]]:
    return left(dict(enumerate([*kept, *cut(paths, size).values()])), finished)


REMAINING: dict[str, Callable[..., Any]] = {
    "the last photos are missing": lambda kept, paths, size, finished: cut(
        sorted(paths)[: len(paths) // size * size], size
    ),
    "are the shards 0, 1 and 2": lambda kept, paths, size, finished: {
        number + 1: shard for number, shard in cut(paths, size).items()
    },
    "A folder promises no order": lambda kept, paths, size, finished: {
        start // size: paths[start : start + size] for start in range(0, len(paths), size)
    },
    "cut a second time": twice,
    "Take all shards first": recut,
    "it would be done twice": lambda kept, paths, size, finished: together(kept, paths, size),
    "shards do not finish in order": lambda kept, paths, size, finished: {
        number: shard
        for number, shard in together(kept, paths, size).items()
        if number >= len(finished)
    },
    "Leave the kept shards as they are": lambda kept, paths, size, finished: left(
        cut(paths, size), finished
    ),
    "new photos go into new shards": in_the_last_shard,
    "are in no shard": lambda kept, paths, size, finished: left(
        dict(enumerate(kept)) or cut(paths, size), finished
    ),
    "they are the shards 3 and 4": lambda kept, paths, size, finished: left(
        {n: shard[::-1] if n > 2 else shard for n, shard in together(kept, paths, size).items()},
        finished,
    ),
    "return a dict": lambda kept, paths, size, finished: list(cut(paths, size).values()),
}


def in_any_order(kept: Kept, paths: list[str], size: int, finished: set[int]) -> dict[Any, Any]:
    """Right, but the last shard first, tuples for lists, and NumPy's numbers."""
    shards = left(together(kept, paths, size), finished)
    return {np.int64(number): tuple(shards[number]) for number in sorted(shards, reverse=True)}


def test_shards_are_taken_in_any_order() -> None:
    result = notebook_11.remaining_shards(in_any_order)
    assert result.passed, result.message


def test_the_solution_cuts_as_the_program_does(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow", reason="needs showtell_lib[scale]")
    from showtell_lib.batch.shards import Manifest, plan
    from showtell_lib.batch.storage import Storage
    from showtell_lib.search import BeamSettings

    photos = tmp_path / "photos"
    photos.mkdir()
    target = Storage(str(tmp_path / "out"))
    manifest = Manifest(str(photos), "hash", BeamSettings(), 2)
    kept: Kept = []
    for names in ("bdf", "ace"):  # The second three are added between the first three.
        for name in names:
            Image.new("RGB", (4, 4)).save(photos / f"{name}.png")
        _, todo = plan(target, manifest)
        found = [path.name for path in photos.iterdir()]
        assert SOLUTIONS["remaining_shards"](kept, found, 2, set()) == {
            shard.number: shard.paths for shard in todo
        }
        kept = [shard.paths for shard in todo]


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
