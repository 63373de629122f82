"""A captioner whose model is a toy: it sees of a photo only how bright it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from showtell_lib import search
from showtell_lib.photos import open_photo
from showtell_lib.store import ModelFiles
from showtell_lib.trace import Caption
from showtell_lib.vocabulary import Vocabulary
from tests.toy_models import random_model

STATES = 8


@dataclass(frozen=True)
class ToyCaptioner:
    """Has what widgets use of a `Captioner`; its steps count from what the photo's sum gives."""

    seed: int = 0
    files: ModelFiles = field(
        default_factory=lambda: ModelFiles("toy", Path("toy.pb"), Path("word_counts.txt"))
    )

    @property
    def vocabulary(self) -> Vocabulary:
        """Nine words."""
        return self._model.vocabulary

    @property
    def _model(self) -> Any:
        return random_model(self.seed, size=9, steps=STATES + 5, sharpness=1.5)

    def encode(self, photo: Any) -> np.ndarray:
        """Where the model's steps begin."""
        first = int(open_photo(photo).pixels.sum()) % STATES
        return np.array([[first, 0]], np.float32)

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Next words and states."""
        answer: tuple[np.ndarray, np.ndarray] = self._model.step(token_ids, state)
        return answer

    def caption(self, photo: Any) -> list[Caption]:
        """Ranked captions of one photo."""
        return search.beam(self, self.encode(photo), beam_width=3).captions

    def caption_batch(self, photos: Sequence[Any]) -> list[list[Caption]]:
        """Ranked captions of each photo."""
        return [self.caption(photo) for photo in photos]
