"""`Subject`: a photo with its state and the searches that were made from it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from showtell_lib import search
from showtell_lib.photos import Photo, PhotoSource, open_photo
from showtell_lib.scenes import Scene
from showtell_lib.search import BeamSettings, SearchResult
from showtell_lib.search.common import StepModel
from showtell_lib.store import ModelFiles
from showtell_lib.trace import Caption


class CaptionerLike(StepModel, Protocol):
    """What widgets need of a `Captioner`, so that tests can give them a small one."""

    @property
    def files(self) -> ModelFiles:
        """The model's files, which know its own search settings."""

    def encode(self, photo: PhotoSource) -> np.ndarray:
        """The LSTM state of one photo, float32 [1, 2 * units]."""

    def caption(self, photo: PhotoSource) -> list[Caption]:
        """Ranked captions of one photo."""

    def caption_batch(self, photos: PhotoSource) -> list[list[Caption]]:
        """Ranked captions of each photo."""


@dataclass(eq=False)
class Subject:
    """A photo that is explored; it is encoded once, and no search is made twice.

    Attributes:
        captioner: a `Captioner`, or anything like it.
        photo: the opened photo.
        alt: what the picture is, in words.
        state: its LSTM state, float32 [1, 2 * units].
    """

    captioner: CaptionerLike
    photo: Photo
    alt: str
    state: np.ndarray
    _results: dict[BeamSettings, SearchResult] = field(default_factory=dict, repr=False)

    def beam(
        self, beam_width: int | None = None, length_penalty: float | None = None
    ) -> SearchResult:
        """A beam search with its trace; None stands for the model's own setting."""
        settings = BeamSettings.of(self.captioner.files, beam_width, length_penalty)
        if settings not in self._results:
            found = search.beam(self.captioner, self.state, **settings.as_dict(), trace=True)
            self._results[settings] = found
        return self._results[settings]


def subject(captioner: CaptionerLike, photo: PhotoSource) -> Subject:
    """Opens and encodes a photo.

    Args:
        captioner: as in `Subject`.
        photo: a `Scene`, a `Subject`, or anything `open_photo` takes.

    Raises:
        PhotoError: the photo cannot be opened.
    """
    if isinstance(photo, Subject):
        return photo
    opened, alt = open_with_alt(photo)
    return Subject(captioner, opened, alt, captioner.encode(opened))


def open_with_alt(photo: PhotoSource) -> tuple[Photo, str]:
    """A photo or scene, opened, and what it is in words.

    Raises:
        PhotoError: the photo cannot be opened.
    """
    if isinstance(photo, Scene):
        return open_photo(photo.draw()), photo.alt
    opened = open_photo(photo)
    return opened, opened.alt
