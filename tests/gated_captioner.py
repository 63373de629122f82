"""A captioner that captions only when its gate is open, to see what a service does meanwhile."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np

from showtell_lib import search
from showtell_lib.photos import open_photo
from showtell_lib.store import find_model
from showtell_lib.trace import Caption
from tests.toy_captioner import ToyCaptioner


class GatedCaptioner(ToyCaptioner):
    """Has what a service uses of a `Captioner`; its pixels are where the toy model begins.

    Attributes:
        gate: set, it captions; cleared, it waits.
        batches: how many photos were captioned in each call, but for the warming up.
    """

    def __init__(self) -> None:
        # A service names its model by the hash of its files, which a toy has none of.
        super().__init__(files=find_model())
        # The parent is frozen.
        object.__setattr__(self, "gate", threading.Event())
        object.__setattr__(self, "batches", [])
        self.gate.set()

    gate: threading.Event
    batches: list[int]

    def pixels(self, photo: Any) -> np.ndarray:
        """The toy state, in the place of pixels."""
        return self.encode(open_photo(photo))

    def encode_pixels(self, pixels: np.ndarray) -> np.ndarray:
        """The same again, once the gate is open."""
        self.gate.wait(timeout=60)
        return pixels

    def caption_states(
        self, states: np.ndarray, settings: search.BeamSettings
    ) -> list[list[Caption]]:
        """Ranked captions of each."""
        self.batches.append(len(states))
        options = settings.as_dict()
        return [search.beam(self, state, **options).captions for state in states]
