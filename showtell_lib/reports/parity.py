"""Parity: whether every way to search gives the same captions, tried on this machine."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from showtell_lib import search
from showtell_lib.errors import DataError
from showtell_lib.foreign import read_json
from showtell_lib.photos import sample_photo, sample_photos
from showtell_lib.scenes import Scene
from showtell_lib.trace import Caption

if TYPE_CHECKING:
    from showtell_lib.captioner import Captioner

BEAM_WIDTHS = (1, 3, 5, 20)
LENGTH_PENALTIES = (0.0, 0.7, 1.0)
SCENES = range(66, 69)
# Kernels for one photo and for many differ in the last digits: captions this close may change
# places.
DEAD_HEAT = 1e-4
TOLERANCE = 5e-3


@dataclass(frozen=True)
class _Recorded:
    """A caption that the published implementation was seen to return."""

    token_ids: tuple[int, ...]
    log_prob: float
    score: float


Ranked = Caption | _Recorded


@dataclass(frozen=True)
class Parity:
    """A comparison of one way to search with the readable search, with one setting.

    Attributes:
        way: what was compared.
        beam_width: of the search.
        length_penalty: of the search.
        photos: how many photos were captioned.
        same: for how many photos all ranked captions are the same.
        difference: the greatest difference of a log-probability, natural logarithm.
    """

    way: str
    beam_width: int
    length_penalty: float
    photos: int
    same: int
    difference: float

    @property
    def ok(self) -> bool:
        """Whether all photos have the same captions, with the same probabilities."""
        return self.same == self.photos and self.difference < TOLERANCE


def check_parity(captioner: Captioner, pictures: Sequence[object] | None = None) -> list[Parity]:
    """Compares the readable beam search with the compiled, the batched and NumPy's.

    Args:
        captioner: the model.
        pictures: anything that can be captioned; if None, three sample photos and three scenes.

    Returns:
        For every beam width and length penalty, one `Parity` per way.
    """
    if pictures is None:
        photos = [sample_photo(name) for name in sample_photos()[:3]]
        pictures = [*photos, *(Scene.random(seed).draw() for seed in SCENES)]
    states = captioner.encode_many(pictures)
    parities = []
    for width in BEAM_WIDTHS:
        for penalty in LENGTH_PENALTIES:
            settings = search.BeamSettings(width, penalty)
            readable, *others = _ways(captioner, states, settings).items()
            parities += [_compare(way, readable[1], captions, settings) for way, captions in others]
    return parities


def _ways(
    captioner: Captioner, states: np.ndarray, settings: search.BeamSettings
) -> dict[str, list[list[Caption]]]:
    each = [state[np.newaxis] for state in states]
    options, decoder = settings.as_dict(), captioner.numpy_decoder
    return {
        "readable": [search.beam(captioner, state, **options).captions for state in each],
        "compiled": [captioner.caption_states(state, settings)[0] for state in each],
        "batched": captioner.caption_states(states, settings),
        "NumPy": [search.beam(decoder, state, **options).captions for state in each],
    }


def _compare(
    way: str,
    expected: Sequence[Sequence[Ranked]],
    found: Sequence[Sequence[Ranked]],
    settings: search.BeamSettings,
) -> Parity:
    pairs = list(zip(expected, found, strict=True))
    differences = [_difference(*pair) for pair in pairs]
    known = [difference for difference in differences if difference is not None]
    return Parity(
        way,
        settings.beam_width,
        settings.length_penalty,
        len(pairs),
        len(known),
        max(known, default=0.0),
    )


def _difference(expected: Sequence[Ranked], found: Sequence[Ranked]) -> float | None:
    """The greatest difference of log-probabilities; None if the captions are not the same."""
    if len(expected) != len(found):
        return None
    greatest = 0.0
    for left, right in zip(expected, found, strict=True):
        same = left.token_ids == right.token_ids
        if not same and abs(left.score - right.score) >= DEAD_HEAT:
            return None
        greatest = max(greatest, abs(left.log_prob - right.log_prob) if same else 0.0)
    return greatest


def check_reference(captioner: Captioner, path: Path) -> list[Parity]:
    """Compares compiled search with recorded answers of the published implementation.

    Args:
        captioner: the model that gave the answers.
        path: `reference.json`, with its photos in `photos` beside it.

    Raises:
        DataError: the file is missing or holds something else.
    """
    groups: dict[tuple[int, float], list[tuple[str, list[_Recorded]]]] = defaultdict(list)
    try:
        document = read_json(path, DataError)
        longest = document["max_caption_length"]
        for case in document["cases"]:
            recorded = [
                _Recorded(tuple(c["ids"]), c["logprob"], c["score"]) for c in case["captions"]
            ]
            key = (case["beam_size"], case["length_normalization_factor"])
            groups[key].append((case["image"], recorded))
    except (DataError, ValueError, KeyError, TypeError) as error:
        raise DataError(f"{path}: no reference cases in it ({error!r})") from None
    parities = []
    for (width, penalty), cases in sorted(groups.items()):
        settings = search.BeamSettings(width, penalty, longest)
        photos = [path.parent / "photos" / name for name, _ in cases]
        captions = captioner.caption_batch(photos, **settings.as_dict())
        parities.append(_compare("reference", [r for _, r in cases], captions, settings))
    return parities
