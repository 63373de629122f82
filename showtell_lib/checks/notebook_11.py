"""Checks for the exercises of notebook 11, a million photos."""

from __future__ import annotations

from showtell_lib.checks.answers import items, number, parts, whole
from showtell_lib.checks.result import (
    Attempt,
    Result,
    Solution,
    WrongError,
    call,
    expect,
    run_check,
)

PATHS = [f"{place:02}.jpg" for place in range(11)]


def remaining_shards(attempt: Attempt) -> Result:
    """Checks a function that says which shards a resumed run has still to do.

    Args:
        attempt: takes the paths of all photos in any order, the number of photos in a shard, and
            the set of the numbers of finished shards; returns a dict from the number of each
            shard that is left to the list of its paths.
    """
    praise = "Killed wherever it may be, such a run does every photo once."
    return run_check(attempt, _check_remaining, praise)


def _check_remaining(solution: Solution) -> None:
    whole = _shards(solution, PATHS, set())
    expect(
        [path for paths in whole.values() for path in paths][-1:] == PATHS[-1:],
        "the last photos are missing: the last shard may be smaller than the others.",
    )
    expect(
        list(whole) == [0, 1, 2] and [len(paths) for paths in whole.values()] == [4, 4, 3],
        "eleven photos in shards of four are the shards 0, 1 and 2, of 4, 4 and 3 photos.",
    )
    expect(
        _shards(solution, PATHS[::-1], set()) == whole,
        "the same photos, listed in another order, gave other shards. A folder promises no order: "
        "sort first.",
    )
    later = _shards(solution, PATHS, {0})
    expect(
        0 not in later or later[0] == whole[0],
        "what was left was cut and numbered anew, so that a shard has the number of a finished "
        "one, and its file would take that one's place. Cut all photos first, then leave out.",
    )
    expect(0 not in later, "shard 0 is finished: it would be done twice.")
    expect(
        later == {1: whole[1], 2: whole[2]},
        "with shard 0 finished, the shards 1 and 2 are left, just as they were cut before.",
    )
    expect(
        _shards(solution, PATHS, {1}) == {0: whole[0], 2: whole[2]},
        "shards do not finish in order: with shard 1 finished, 0 and 2 are left.",
    )
    expect(_shards(solution, PATHS, {0, 1, 2}) == {}, "all are finished: nothing is left.")


def _shards(solution: Solution, paths: list[str], finished: set[int]) -> dict[int, list[str]]:
    answer = call(solution, list(paths), 4, set(finished))
    if not isinstance(answer, dict):
        raise WrongError("return a dict: the number of each shard, and the list of its paths.")
    shards = {
        whole(key, "the number of a shard"): items(shard, "a shard")
        for key, shard in answer.items()
    }
    return {key: [str(path) for path in shards[key]] for key in sorted(shards)}


def estimate(attempt: Attempt) -> Result:
    """Checks a function that estimates what a run takes.

    Args:
        attempt: takes the number of photos, photos per second of one worker, the number of
            workers, seconds until a worker is ready, and the price of a worker for an hour;
            returns the hours that the run takes and its cost.
    """
    praise = "More workers buy time, and the cost hardly changes."
    return run_check(attempt, _check_estimate, praise)


def _check_estimate(solution: Solution) -> None:
    hours, cost = _numbers(solution, 36_000, 10, 1, 0, 2.0)
    expect(not _near(hours, 3600), "that is in seconds; an hour has 3,600 of them.")
    expect(
        _near(hours, 1) and _near(cost, 2),
        "one worker with 10 photos per second does 36,000 in one hour, which costs its price, 2.",
    )
    hours, cost = _numbers(solution, 36_000, 10, 4, 0, 2.0)
    expect(_near(hours, 0.25), "four workers share the photos: they need a quarter of the time.")
    expect(
        not _near(cost, 0.5),
        "that is the cost of one worker. All four are paid for as long as the run takes.",
    )
    expect(_near(cost, 2), "four workers for a quarter of an hour cost as much as one for an hour.")
    hours, cost = _numbers(solution, 36_000, 10, 4, 900, 2.0)
    expect(
        not _near(hours, 0.25 + 0.25 / 4),
        "workers start at the same time: the start is not shared between them.",
    )
    expect(not _near(hours, 1.25), "workers start at the same time, not one after another.")
    expect(_near(hours, 0.5), "no photo is captioned until a worker is ready: add that time.")
    expect(_near(cost, 4), "a worker is paid while it starts, too.")


def _numbers(solution: Solution, *arguments: float) -> tuple[float, float]:
    hours, cost = parts(call(solution, *arguments), ["the hours", "the cost"])
    return number(hours, "the hours"), number(cost, "the cost")


def _near(answer: float, right: float) -> bool:
    return abs(answer - right) <= 1e-6 * max(1.0, abs(right))
