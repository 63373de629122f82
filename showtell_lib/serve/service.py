"""`CaptionService`: from a photo's bytes to captions, many requests at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus

import numpy as np

from showtell_lib import plots, search
from showtell_lib.captioner import Captioner
from showtell_lib.errors import PhotoError, SettingsError
from showtell_lib.photos import Photo
from showtell_lib.search import BeamSettings
from showtell_lib.serve.answers import (
    CaptionAnswer,
    CaptionsAnswer,
    ModelAnswer,
    SearchSettings,
    TreeAnswer,
)
from showtell_lib.serve.batching import Batcher
from showtell_lib.serve.clients import Shares
from showtell_lib.serve.limits import Limits
from showtell_lib.serve.metrics import Metrics
from showtell_lib.serve.openers import Openers
from showtell_lib.serve.problems import Problem
from showtell_lib.serve.uploads import check_bytes
from showtell_lib.trace import Caption


@dataclass(frozen=True)
class _Found:
    captions: list[Caption]
    state: np.ndarray


class CaptionService:
    """A captioner that many clients use at the same time.

    Photos are opened in a few separate processes, see `Openers`. Photos that are ready at about the
    same time and have the same settings are encoded and searched in one call. Each photo gets the
    captions that it would get alone, up to near ties: see `Captioner.encode_many`.

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
        self._batcher: Batcher[np.ndarray, _Found] = Batcher(
            self._caption_group, limits.batch, limits.wait_seconds
        )
        self._inside = 0

    async def run(self) -> None:
        """Captions photos until it is cancelled."""
        self._openers.start()
        await self._batcher.run()

    def warm_up(self) -> None:
        """Compiles the search with the model's own settings, so that the first client need not."""
        pixels = self._captioner.pixels(np.zeros((8, 8, 3), np.uint8))
        settings = self._complete(SearchSettings())
        for photos in (1, self.limits.batch):
            self._captions_of([pixels] * photos, settings)

    async def close(self) -> None:
        """Ends the processes and the threads; does not wait for the threads."""
        self._batcher.close()
        for pool in (self._preparers, self._artist):
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
        """The captions of one photo, and its search tree if wanted.

        Raises:
            Problem: the photo or the settings are bad.
        """
        settings = self._complete(wanted)
        loop = asyncio.get_running_loop()
        check_bytes(photo, self.limits)
        async with self._openers.opened(photo) as opened:
            pixels = await loop.run_in_executor(self._preparers, self._pixels, opened)
        found = await self._batcher.submit(pixels, settings)
        tree = None
        if wanted.tree:
            tree = await loop.run_in_executor(self._artist, self._tree, found.state, settings)
        return CaptionsAnswer(
            model=self._model,
            beam_width=settings.beam_width,
            length_penalty=settings.length_penalty,
            captions=[CaptionAnswer.of(caption) for caption in found.captions[: wanted.captions]],
            tree=tree,
        )

    def _complete(self, wanted: SearchSettings) -> BeamSettings:
        files = self._captioner.files
        settings = BeamSettings.of(files, wanted.beam_width, wanted.length_penalty)
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

    def _caption_group(self, pixels: list[np.ndarray], settings: BeamSettings) -> list[_Found]:
        self._metrics.batches.observe(len(pixels))
        return self._captions_of(pixels, settings)

    def _captions_of(self, pixels: list[np.ndarray], settings: BeamSettings) -> list[_Found]:
        states = self._captioner.encode_pixels(np.concatenate(pixels))
        captions = self._captioner.caption_states(states, settings)
        return [_Found(ranked, state) for ranked, state in zip(captions, states, strict=True)]

    def _tree(self, state: np.ndarray, settings: BeamSettings) -> TreeAnswer:
        options = settings.as_dict()
        found = search.beam(self._captioner, state[np.newaxis], **options, trace=True)
        return TreeAnswer.of(plots.search_tree(found.recorded))
