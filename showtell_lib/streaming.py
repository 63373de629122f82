"""Captions for many photos: opened and prepared in threads, captioned in batches, in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from showtell_lib.errors import PhotoError, without_password
from showtell_lib.model import CaptionModel
from showtell_lib.photos import PhotoSource, opened_in_turn
from showtell_lib.photos.names import data_uri_label, is_data_uri
from showtell_lib.search import BeamSettings
from showtell_lib.search.compiled import CompiledSearch
from showtell_lib.trace import Caption

BATCH = 16
# Batches that are prepared ahead of the one that is captioned: memory stays bounded by them.
AHEAD = 2


@dataclass(frozen=True)
class PhotoCaptions:
    """What became of one of many photos.

    Attributes:
        photo: as it was given.
        name: of the photo; of a file, its name.
        captions: best first; empty if there is an error.
        error: why it could not be captioned; None if it was.
        thumbnail: a small JPEG of it, if thumbnails were asked for.
    """

    photo: PhotoSource
    name: str
    captions: list[Caption]
    error: PhotoError | None = None
    thumbnail: bytes = b""

    @property
    def source(self) -> str:
        """Its path, its address without a password, or its name; empty if there was no photo."""
        if isinstance(self.photo, PhotoError):
            return ""
        if isinstance(self.photo, (str, Path)) and not is_data_uri(self.photo):
            return without_password(str(self.photo))
        return self.name


# A photo that has no captions yet, and its pixels for the encoder; None if it has an error.
_Prepared: TypeAlias = tuple[PhotoCaptions, np.ndarray | None]


def stream(
    model: CaptionModel,
    searches: CompiledSearch,
    photos: Iterable[Any],
    settings: BeamSettings,
    batch: int = BATCH,
    *,
    thumbnails: bool = False,
) -> Iterator[PhotoCaptions]:
    """Captions photos as they come, in their order; a bad one does not stop the others.

    Args:
        model: a loaded model.
        searches: the compiled searches over it.
        photos: anything that `open_photo` takes; a `PhotoError` comes out as itself. They are
            drawn from only as far as a few batches ahead.
        settings: of beam search.
        batch: how many photos go through the encoder and the search together.
        thumbnails: whether to keep a small JPEG of each.
    """
    waiting: deque[Future[_Prepared]] = deque()
    coming = iter(photos)
    with ThreadPoolExecutor(os.cpu_count()) as pool:

        def refill() -> None:
            for photo in islice(coming, batch * (1 + AHEAD) - len(waiting)):
                waiting.append(pool.submit(_prepare, model, photo, thumbnails))

        try:
            refill()
            while waiting:
                group = [waiting.popleft().result() for _ in range(min(batch, len(waiting)))]
                refill()
                yield from _captioned(model, searches, group, settings)
        finally:
            for future in waiting:
                future.cancel()


def _prepare(model: CaptionModel, photo: PhotoSource, thumbnails: bool) -> _Prepared:
    try:
        if isinstance(photo, PhotoError):
            raise photo
        with opened_in_turn(photo) as opened:
            small = opened.thumbnail_jpeg() if thumbnails else b""
            return PhotoCaptions(photo, opened.name, [], thumbnail=small), model.pixels(opened)
    except PhotoError as error:
        return PhotoCaptions(photo, _name(photo), [], error), None


def _name(photo: PhotoSource) -> str:
    if is_data_uri(photo):
        return data_uri_label(photo)
    if isinstance(photo, Path):
        return photo.name
    return without_password(str(getattr(photo, "name", photo)))


def _captioned(
    model: CaptionModel, searches: CompiledSearch, group: list[_Prepared], settings: BeamSettings
) -> Iterator[PhotoCaptions]:
    pixels = [prepared for _, prepared in group if prepared is not None]
    found: Iterator[list[Caption]] = iter(())
    if pixels:
        found = iter(searches.beam(model.encode_pixels(np.concatenate(pixels)), settings))
    for photo, _ in group:
        yield photo if photo.error else replace(photo, captions=next(found))
