"""Dynamic batching: requests that come at about the same time share one call of the model."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Generic, Protocol, TypeVar

POLL_SECONDS = 0.001


class HasSettings(Protocol):
    """Anything that waits for its turn, and has settings."""

    @property
    def settings(self) -> Hashable:
        """The settings; only items with equal settings can share a call."""


Waiting = TypeVar("Waiting", bound=HasSettings)
Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(eq=False)
class _Job(Generic[Item, Answer]):
    item: Item
    settings: Hashable
    arrived: float
    answer: asyncio.Future[Answer] = field(repr=False)


def take_group(waiting: Sequence[Waiting], most: int) -> tuple[list[Waiting], list[Waiting]]:
    """The next group to work on.

    The job that has waited longest decides, so that a rare setting is never left behind: all jobs
    with its settings are in the group, in their order, as far as there is room.

    Args:
        waiting: the jobs, in the order in which they came; not empty.
        most: how many jobs fit in a group.

    Returns:
        The group, and the jobs that go on waiting, both in order.
    """
    group: list[Waiting] = []
    others: list[Waiting] = []
    for job in waiting:
        fits = len(group) < most and job.settings == waiting[0].settings
        (group if fits else others).append(job)
    return group, others


class Batcher(Generic[Item, Answer]):
    """Gathers items for a few milliseconds, then works on a group of them in a thread.

    While it works on a group, the next group gathers. A batcher belongs to one event loop.

    Args:
        work: takes items and the settings they share; returns an answer for each.
        most: how many items fit in a group.
        wait_seconds: how long an item waits for others while no group is being worked on.
    """

    def __init__(
        self, work: Callable[[list[Item], Any], list[Answer]], most: int, wait_seconds: float
    ) -> None:
        self._work, self._most, self._wait_seconds = work, most, wait_seconds
        self._waiting: list[_Job[Item, Answer]] = []
        self._arrival = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, "batch")

    async def submit(self, item: Item, settings: Hashable) -> Answer:
        """The answer for one item; the item is dropped if the caller is cancelled before."""
        loop = asyncio.get_running_loop()
        job: _Job[Item, Answer] = _Job(item, settings, loop.time(), loop.create_future())
        self._waiting.append(job)
        self._arrival.set()
        return await job.answer

    async def run(self) -> None:
        """Works on what is submitted, group after group, until it is cancelled."""
        while True:
            await self._arrival.wait()
            await self._gather()
            self._waiting = [job for job in self._waiting if not job.answer.done()]
            if self._waiting:
                group, self._waiting = take_group(self._waiting, self._most)
                await self._answer(group)
            if not self._waiting:
                self._arrival.clear()

    def close(self) -> None:
        """Ends the thread once it is done with its group; does not wait for it."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _gather(self) -> None:
        loop = asyncio.get_running_loop()
        deadline = self._waiting[0].arrived + self._wait_seconds
        while len(self._waiting) < self._most and loop.time() < deadline:
            await asyncio.sleep(POLL_SECONDS)

    async def _answer(self, group: list[_Job[Item, Answer]]) -> None:
        items = [job.item for job in group]
        loop = asyncio.get_running_loop()
        try:
            answers = await loop.run_in_executor(self._thread, self._work, items, group[0].settings)
        except Exception as error:
            # Those who wait for this group get the error; the next group may well succeed.
            for job in group:
                if not job.answer.done():
                    job.answer.set_exception(error)
            return
        for job, found in zip(group, answers, strict=True):
            if not job.answer.done():
                job.answer.set_result(found)
