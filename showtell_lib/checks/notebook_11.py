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
# Their names stand between those of the others.
ADDED = [f"{place:02}_added.jpg" for place in range(5)]


def remaining_shards(attempt: Attempt) -> Result:
    """Checks a function that says which shards a resumed run has still to do.

    Args:
        attempt: takes the shards that an earlier run has kept, a list of lists of paths (empty
            for the first run); the paths of all photos that are there now, in any order; the
            number of photos in a shard; and the set of the numbers of finished shards. Returns a
            dict from the number of each shard that is left to the list of its paths.
    """
    praise = "Killed wherever it may be, such a run does every photo once, also those added later."
    return run_check(attempt, _check_remaining, praise)


def _check_remaining(solution: Solution) -> None:
    kept = _check_first_run(solution)
    _check_finished(solution, kept)
    _check_added(solution, kept)


def _check_first_run(solution: Solution) -> list[list[str]]:
    """The shards of a first run, in order."""
    first = _shards(solution, [], PATHS, set())
    expect(
        [path for paths in first.values() for path in paths][-1:] == PATHS[-1:],
        "the last photos are missing: the last shard may be smaller than the others.",
    )
    expect(
        list(first) == [0, 1, 2] and [len(paths) for paths in first.values()] == [4, 4, 3],
        "eleven photos in shards of four are the shards 0, 1 and 2, of 4, 4 and 3 photos.",
    )
    expect(
        _shards(solution, [], PATHS[::-1], set()) == first,
        "the same photos, listed in another order, gave other shards. A folder promises no order: "
        "sort first.",
    )
    return list(first.values())


def _check_finished(solution: Solution, kept: list[list[str]]) -> None:
    later = _shards(solution, kept, PATHS, {0})
    everything = {path for paths in later.values() for path in paths}
    expect(
        len(everything) == sum(map(len, later.values())),
        "photos of the kept shards were cut a second time: only those that are in no kept shard "
        "are new.",
    )
    expect(
        0 not in later or later[0] == kept[0],
        "what was left was cut and numbered anew, so that a shard has the number of a finished "
        "one, and its file would take that one's place. Take all shards first, then leave out.",
    )
    expect(0 not in later, "shard 0 is finished: it would be done twice.")
    expect(
        later == {1: kept[1], 2: kept[2]},
        "with shard 0 finished, the shards 1 and 2 are left, just as they were kept.",
    )
    expect(
        _shards(solution, kept, PATHS, {1}) == {0: kept[0], 2: kept[2]},
        "shards do not finish in order: with shard 1 finished, 0 and 2 are left.",
    )
    expect(_shards(solution, kept, PATHS, {0, 1, 2}) == {}, "all are finished: nothing is left.")


def _check_added(solution: Solution, kept: list[list[str]]) -> None:
    later = _shards(solution, kept, ADDED[::-1] + PATHS, {0, 1})
    held = later.get(2, [])
    expect(
        held[: len(kept[2])] == kept[2],
        "photos were added, and shards that were kept hold other photos now, so that the file of a "
        "finished shard is no longer about its photos. Leave the kept shards as they are.",
    )
    expect(
        held == kept[2],
        "photos were added to a kept shard, which may be finished or half done: new photos go into "
        "new shards.",
    )
    expect(
        {path for paths in later.values() for path in paths} >= set(ADDED),
        "the photos that were added later are in no shard.",
    )
    expect(
        later == {2: kept[2], 3: ADDED[:4], 4: ADDED[4:]},
        "five photos were added: in shards of four, sorted, they are the shards 3 and 4.",
    )


def _shards(
    solution: Solution, kept: list[list[str]], paths: list[str], finished: set[int]
) -> dict[int, list[str]]:
    answer = call(solution, kept, list(paths), 4, set(finished))
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
