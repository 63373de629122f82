"""Opens clients' photos in other processes; a process is killed if its photo takes too long."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from http import HTTPStatus
from typing import Any, TypeVar

import numpy as np

from showtell_lib.photos import Photo
from showtell_lib.photos.decoding import LookedThrough
from showtell_lib.serve.limits import Limits
from showtell_lib.serve.problems import Problem

MODULE = "showtell_lib.photos.apart"
# More processes would take memory and save hardly any time.
MOST = 4
# The most pixels of a photo that is opened at once; photos of phones have twice as many.
SMALL_PIXELS = 6_000_000
# How long a process may take to start, even on a busy machine; no client can delay the start.
START_SECONDS = 60.0
# The address space of a process, in bytes: for its libraries, and for each pixel of a photo.
LIBRARY_BYTES, PIXEL_BYTES = 700_000_000, 20
# One thread for each process: more threads take address space and save no time.
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
CHUNK = 1 << 18
STATUSES = {
    "PhotoFormatError": HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
    "PhotoSizeError": HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
}
Result = TypeVar("Result")


class Openers:
    """Opens photos in at most `MOST` processes.

    A process is killed when its photo takes too long, or when nobody waits for the photo any more;
    a new process takes its place.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.most = max(2, min(MOST, os.cpu_count() or 1))
        # Room for one photo of the largest size, or for several smaller ones.
        self._room = _Room(limits.photo_pixels * 5 // 4)
        # However many large photos come, one process is left for small ones.
        self._large = asyncio.Semaphore(self.most - 1)
        self._ready: asyncio.Queue[_Opener] = asyncio.Queue()
        self._all: set[_Opener] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closing = False

    @property
    def stuck(self) -> bool:
        """Whether every process has spent longer on its photo than photos take."""
        long_ago = time.monotonic() - self._limits.stuck_seconds
        return sum(one.began < long_ago for one in self._all) >= self.most

    def start(self) -> None:
        """Starts the processes in the background; photos wait for them."""
        for _ in range(self.most):
            self._later(self._supply())

    @asynccontextmanager
    async def opened(self, data: bytes) -> AsyncIterator[Photo]:
        """Opens a photo for a graph when its turn comes; the turn lasts until the block ends.

        Large photos wait in a line of their own, so that small ones need not wait for them.

        Raises:
            Problem: the photo cannot be opened; the status 413, 415 or 422 says why.
        """
        async with self._opener() as opener:
            pixels = await opener.begin(data)
            if pixels <= SMALL_PIXELS:
                yield await opener.finish(data)
                return
            await opener.leave()
        async with self._room.taken(pixels):
            async with self._large, self._opener() as opener:
                await opener.begin(data)
                photo = await opener.finish(data)
            yield photo

    @asynccontextmanager
    async def _opener(self) -> AsyncIterator[_Opener]:
        """A process that is ready; it is killed if the block ends in the middle of a photo."""
        opener = await self._ready.get()
        try:
            yield opener
        finally:
            if opener.at_rest:
                self._ready.put_nowait(opener)
            else:
                opener.kill()
                self._later(self._replace(opener))

    async def close(self) -> None:
        """Ends all processes, whatever they are doing."""
        self._closing = True
        for task in self._tasks:
            task.cancel()
        self.kill()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await asyncio.gather(*(opener.ended() for opener in self._all))

    def kill(self) -> None:
        """Ends all processes without waiting for them."""
        for opener in tuple(self._all):
            opener.kill()

    def _later(self, work: Coroutine[Any, Any, None]) -> None:
        """Does the work in a task of its own: the request that needs it may be cancelled."""
        if self._closing:
            work.close()
            return
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _replace(self, opener: _Opener) -> None:
        await opener.ended()
        self._all.discard(opener)
        await self._supply()

    async def _supply(self) -> None:
        opener = await _Opener.started(self._limits)
        self._all.add(opener)
        self._ready.put_nowait(opener)


class _Room:
    """Lets in photos of so many pixels together; a pixel takes 18 bytes on its way to the model."""

    def __init__(self, pixels: int) -> None:
        self._free = pixels
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def taken(self, pixels: int) -> AsyncIterator[None]:
        """Waits until there is room for so many pixels, and keeps it until the block ends."""
        async with self._changed:
            await self._changed.wait_for(lambda: pixels <= self._free)
            self._free -= pixels
        try:
            yield
        finally:
            self._free += pixels
            async with self._changed:
                self._changed.notify_all()


class _Opener:
    """One process, which opens one photo at a time; see `showtell_lib.photos.apart`.

    Attributes:
        began: when the process began with its present photo; infinity if it has none.
    """

    def __init__(self, process: Process, limits: Limits) -> None:
        self._process, self._limits = process, limits
        self.began = float("inf")

    @classmethod
    async def started(cls, limits: Limits) -> _Opener:
        """A new process that is ready for a photo."""
        most = LIBRARY_BYTES + PIXEL_BYTES * limits.photo_pixels
        paths = os.pathsep.join(filter(None, sys.path))
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", MODULE, str(most)),
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": paths},
            stdin=PIPE,
            stdout=PIPE,
            stderr=DEVNULL,
        )
        opener = cls(process, limits)
        try:
            await asyncio.wait_for(opener._answer(), START_SECONDS)
        except BaseException:
            opener.kill()
            await opener.ended()
            raise
        return opener

    @property
    def at_rest(self) -> bool:
        """Whether the process is done with its last photo and can take another."""
        return self.began == float("inf")

    async def begin(self, data: bytes) -> int:
        """Takes a photo and reads its header; returns how many pixels the photo has."""
        self.began = time.monotonic()
        pixels: int = (await self._in_time(self._ask(b"%d\n" % len(data) + data)))["pixels"]
        if pixels <= self._limits.photo_pixels:
            return pixels
        await self.leave()
        most = self._limits.photo_pixels / 1e6
        detail = f"more than {most:g} million pixels; make the photo smaller first"
        raise Problem(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)

    async def leave(self) -> None:
        """Drops the photo that was begun."""
        await self._in_time(self._refuse())

    async def finish(self, data: bytes) -> Photo:
        """Opens the photo that was begun, and returns it."""
        self.began = time.monotonic()
        photo = await self._in_time(self._photo(data))
        self.began = float("inf")
        return photo

    def kill(self) -> None:
        """Kills the process, even in the middle of a photo."""
        with suppress(ProcessLookupError):
            self._process.kill()

    async def ended(self) -> None:
        """Waits for the end of the killed process, and closes its pipes, full or not."""
        await self._process.wait()
        self._process._transport.close()  # type: ignore[attr-defined]

    async def _in_time(self, work: Awaitable[Result]) -> Result:
        seconds = self._limits.open_seconds
        try:
            return await asyncio.wait_for(work, seconds)
        except asyncio.TimeoutError:
            detail = (
                f"the photo takes more than {seconds:g} seconds to open; save it anew, or smaller"
            )
        except (asyncio.IncompleteReadError, ConnectionError):
            detail = "the photo cannot be opened: its decoder failed; save it anew, or smaller"
        raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail) from None

    async def _photo(self, data: bytes) -> Photo:
        answer = await self._ask(b"go\n")
        pixels = await self._array(answer["shape"])
        png = await self._array([answer["png"]])
        return LookedThrough("bytes", pixels, png.tobytes() or data)

    async def _refuse(self) -> None:
        with suppress(Problem):
            await self._ask(b"no\n")

    async def _ask(self, question: bytes) -> dict[str, Any]:
        """The process's answer to a question.

        Raises:
            Problem: the photo cannot be opened; the process is at rest again.
        """
        assert self._process.stdin is not None
        self._process.stdin.write(question)
        await self._process.stdin.drain()
        answer = await self._answer()
        if "error" in answer:
            self.began = float("inf")
            status = STATUSES.get(answer["error"], HTTPStatus.UNPROCESSABLE_ENTITY)
            raise Problem(status, answer["message"].removeprefix("bytes: "))
        return answer

    async def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = json.loads(await self._process.stdout.readuntil(b"\n"))
        return answer

    async def _array(self, shape: Sequence[int]) -> np.ndarray:
        array = np.empty(shape, np.uint8)
        await self._read_into(array.reshape(-1))
        array.setflags(write=False)
        return array

    async def _read_into(self, room: np.ndarray) -> None:
        assert self._process.stdout is not None
        filled = 0
        while filled < room.size:
            chunk = await self._process.stdout.read(min(CHUNK, room.size - filled))
            if not chunk:
                raise asyncio.IncompleteReadError(b"", room.size - filled)
            room[filled : filled + len(chunk)] = np.frombuffer(chunk, np.uint8)
            filled += len(chunk)
