"""`CaptionService`: from a photo's bytes to captions, many requests at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

import numpy as np

from showtell_lib import plots
from showtell_lib.captioner import Captioner
from showtell_lib.errors import PhotoError, SettingsError
from showtell_lib.photos import Photo
from showtell_lib.search import BeamSettings, beam_batch
from showtell_lib.serve.answers import (
    CaptionAnswer,
    CaptionsAnswer,
    ModelAnswer,
    SearchSettings,
    TreeAnswer,
)
from showtell_lib.serve.batching import Batcher
from showtell_lib.serve.by_hand import HandSettings, TurnAnswer, turn_answer
from showtell_lib.serve.clients import Shares
from showtell_lib.serve.limits import WIDEST_TRACED, Limits
from showtell_lib.serve.metrics import Metrics
from showtell_lib.serve.openers import Openers
from showtell_lib.serve.problems import Problem
from showtell_lib.serve.uploads import check_bytes
from showtell_lib.trace import Caption, SearchTrace


@dataclass(frozen=True)
class _Found:
    captions: list[Caption]
    trace: SearchTrace | None = None


class CaptionService:
    """A captioner that many clients use at the same time.

    Photos are opened in a few separate processes, see `Openers`. Photos that are ready at about the
    same time and have the same settings are encoded and searched in one call. Each photo gets the
    captions that it would get alone, up to near ties: see `Captioner.encode_many`. Searches that
    are traced take longer; they wait in a line of their own, so that others need not wait for them.

    Attributes:
        limits: the most that it takes on.
        uploads: the photos that each client is sending.
    """

    def __init__(self, captioner: Captioner, limits: Limits, metrics: Metrics) -> None:
        self.limits, self.uploads = limits, Shares(limits.uploads_of_one)
        self._captioner, self._metrics = captioner, metrics
        self._model = ModelAnswer.of(captioner.files)
        self._openers = Openers(limits)
        self._preparers = ThreadPoolExecutor(self._openers.most, "prepare")
        # One thread: Matplotlib's settings are shared by all threads.
        self._artist = ThreadPoolExecutor(1, "draw")
        self._referee = ThreadPoolExecutor(1, "by hand")
        self._plain, self._traced = self._line(self._captioned), self._line(self._searched)
        self._inside = 0

    async def run(self) -> None:
        """Captions photos until it is cancelled."""
        self._openers.start()
        await asyncio.gather(self._plain.run(), self._traced.run())

    def warm_up(self) -> None:
        """Compiles the search with the model's own settings, so that the first client need not."""
        pixels = self._captioner.pixels(np.zeros((8, 8, 3), np.uint8))
        settings = self._complete(SearchSettings())
        for photos in (1, self.limits.batch):
            self._captioned([pixels] * photos, settings)
        self._searched([pixels], settings)

    async def close(self) -> None:
        """Ends the processes and the threads; does not wait for the threads."""
        for line in (self._plain, self._traced):
            line.close()
        for pool in (self._preparers, self._artist, self._referee):
            pool.shutdown(wait=False, cancel_futures=True)
        await self._openers.close()

    def abandon(self) -> None:
        """Ends the processes that open photos when this process ends without `close`."""
        self._openers.kill()

    @property
    def stuck(self) -> bool:
        """Whether no photo has been opened for a while, although some wait."""
        return self._openers.stuck

    @property
    def full(self) -> bool:
        """Whether the next request would be turned away."""
        return self._inside >= self.limits.requests

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among the requests that are worked on or waiting.

        Raises:
            Problem: 429, there is no place left.
        """
        if self.full:
            detail = f"{self._inside} requests are waiting already; try again in a moment"
            raise Problem(HTTPStatus.TOO_MANY_REQUESTS, detail)
        self._inside += 1
        self._metrics.inside.set(self._inside)
        try:
            yield
        finally:
            self._inside -= 1
            self._metrics.inside.set(self._inside)

    async def answer(self, photo: bytes, wanted: SearchSettings) -> CaptionsAnswer:
        """The captions of one photo; its search as a picture and as a trace, if wanted.

        Raises:
            Problem: the photo or the settings are bad.
        """
        settings = self._complete(wanted)
        pixels = await self._opened(photo)
        line = self._traced if wanted.tree or wanted.trace else self._plain
        found = await line.submit(pixels, settings)
        tree = None
        if wanted.tree and found.trace:
            loop = asyncio.get_running_loop()
            picture = await loop.run_in_executor(self._artist, plots.search_tree, found.trace)
            tree = await loop.run_in_executor(self._artist, TreeAnswer.of, picture)
        return CaptionsAnswer(
            model=self._model,
            beam_width=settings.beam_width,
            length_penalty=settings.length_penalty,
            captions=[CaptionAnswer.of(caption) for caption in found.captions[: wanted.captions]],
            tree=tree,
            trace=found.trace if wanted.trace else None,
        )

    async def turn(self, photo: bytes, wanted: HandSettings) -> TurnAnswer:
        """How a beam search by hand stands.

        Raises:
            Problem: the photo is bad, or what was decided cannot be.
        """
        pixels = await self._opened(photo)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._referee, self._turn, pixels, wanted)

    async def _opened(self, photo: bytes) -> np.ndarray:
        loop = asyncio.get_running_loop()
        check_bytes(photo, self.limits)
        async with self._openers.opened(photo) as opened:
            return await loop.run_in_executor(self._preparers, self._pixels, opened)

    def _turn(self, pixels: np.ndarray, wanted: HandSettings) -> TurnAnswer:
        state = self._captioner.encode_pixels(pixels)
        try:
            return turn_answer(self._captioner, state, wanted)
        except SettingsError as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None

    def _complete(self, wanted: SearchSettings) -> BeamSettings:
        files = self._captioner.files
        settings = BeamSettings.of(files, wanted.beam_width, wanted.length_penalty)
        if wanted.trace and settings.beam_width > WIDEST_TRACED:
            detail = f"trace: a beam of {settings.beam_width} is too wide; trace one of at most "
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, f"{detail}{WIDEST_TRACED}")
        try:
            return settings.checked(len(self._captioner.vocabulary))
        except SettingsError as error:
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, str(error)) from None

    def _pixels(self, photo: Photo) -> np.ndarray:
        try:
            return self._captioner.pixels(photo)
        except PhotoError as error:
            detail = str(error).removeprefix("bytes: ")
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, detail) from None

    def _line(
        self, work: Callable[[list[np.ndarray], BeamSettings], list[_Found]]
    ) -> Batcher[np.ndarray, _Found]:
        """Gathers photos for this work."""

        def counted(pixels: list[np.ndarray], settings: BeamSettings) -> list[_Found]:
            self._metrics.batches.observe(len(pixels))
            return work(pixels, settings)

        return Batcher(counted, self.limits.batch, self.limits.wait_seconds)

    def _captioned(self, pixels: list[np.ndarray], settings: BeamSettings) -> list[_Found]:
        states = self._captioner.encode_pixels(np.concatenate(pixels))
        return [_Found(found) for found in self._captioner.caption_states(states, settings)]

    def _searched(self, pixels: list[np.ndarray], settings: BeamSettings) -> list[_Found]:
        """The same captions with the traces of their searches: the compiled search records none."""
        states = self._captioner.encode_pixels(np.concatenate(pixels))
        found = beam_batch(self._captioner, states, settings)
        return [_Found(result.captions, result.recorded) for result in found]
