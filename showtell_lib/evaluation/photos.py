"""Measuring a captioner: captions for a set of photos, scored against what people said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import numpy as np
from tqdm import tqdm

from showtell_lib.captioner import Captioner
from showtell_lib.errors import DataError
from showtell_lib.evaluation.degradations import DEGRADATIONS
from showtell_lib.inputs import plain
from showtell_lib.metrics import score_captions
from showtell_lib.photos import open_photo
from showtell_lib.search import BeamSettings, beam
from showtell_lib.search.common import StepModel
from showtell_lib.trace import Caption
from showtell_lib.training.datasets import CaptionedPhoto
from showtell_lib.training.text import plain_words
from showtell_lib.vocabulary import UNKNOWN

ENCODED_AT_ONCE = 64

# Words that name a class of the broader photos as well as its own name does. Rooms and places
# count as named by what is always in them.
SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "airplane": ("airplane", "plane", "jet", "airliner"),
    "bathroom": ("bathroom", "toilet", "sink", "bathtub", "tub", "shower"),
    "bedroom": ("bedroom", "bed", "beds"),
    "butterfly": ("butterfly",),
    "camera": ("camera",),
    "car": ("car", "truck", "vehicle"),
    "castle": ("castle", "building", "tower", "fortress"),
    "cat": ("cat", "kitten", "cats"),
    "chair": ("chair", "chairs", "armchair", "stool"),
    "church": ("church", "building", "cathedral", "tower"),
    "coffee": ("coffee", "cup", "mug", "espresso"),
    "daisy": ("flower", "flowers", "daisy", "daisies"),
    "dandelion": ("flower", "flowers", "dandelion", "dandelions"),
    "dining_room": ("dining", "table", "tables"),
    "facade": ("building", "buildings", "facade", "house", "windows"),
    "ferry": ("ferry", "boat", "ship"),
    "helicopter": ("helicopter",),
    "house": ("house", "building", "home"),
    "kitchen": ("kitchen", "stove", "cabinets", "oven"),
    "lamp": ("lamp", "light"),
    "laptop": ("laptop", "computer"),
    "living_room": ("living", "couch", "sofa", "room"),
    "motorbike": ("motorbike", "motorcycle", "bike"),
    "mug": ("mug", "cup", "coffee"),
    "piano": ("piano",),
    "pizza": ("pizza",),
    "portrait": ("man", "woman", "person", "face", "boy", "girl"),
    "rose": ("flower", "flowers", "rose", "roses"),
    "sailboat": ("sailboat", "boat", "ship", "sails"),
    "skyscraper": ("skyscraper", "building", "buildings", "tower"),
    "street": ("street", "road", "sidewalk", "buildings", "city"),
    "sunflower": ("flower", "flowers", "sunflower", "sunflowers"),
    "temple": ("temple", "building", "pagoda", "tower"),
    "tower": ("tower", "building"),
    "tulip": ("flower", "flowers", "tulip", "tulips"),
    "umbrella": ("umbrella", "umbrellas"),
    "watch": ("watch", "wristwatch", "clock"),
    "waterlily": ("flower", "flowers", "lily", "lilies"),
}


# Words whose truth is worth counting one by one.
COUNTED_WORDS: Mapping[str, tuple[str, ...]] = {
    "colours": (
        *("red", "orange", "yellow", "green", "blue", "purple", "pink"),
        *("white", "black", "brown", "gray", "grey", "tan"),
    ),
    "numbers": ("two", "three", "four", "five"),
    "people": ("man", "woman", "boy", "girl"),
    "dogs": ("dog", "dogs"),
}


class PhotoCaptioner(StepModel, Protocol):
    """All that an evaluation needs of a captioner."""

    def encode_many(self, photos: Sequence[Any]) -> np.ndarray:
        """The states of N photos, float32 [N, 2 * units]."""


@dataclass(frozen=True)
class Evaluation:
    """How well captions fit their photos; metrics are fractions.

    Attributes:
        photos: how many were captioned.
        beam_width: of the search; `length_penalty` and `max_length` likewise.
        scores: BLEU-1 to 4, ROUGE-L and CIDEr.
        shuffled_cider: CIDEr of the same captions over the wrong photos: what is left of the
            figure for a captioner that does not look.
        distinct_per_1000: how many different captions per thousand photos.
        mean_words: mean number of words.
        unfinished: share of captions without `</S>`.
        unknown: how many captions hold the unknown word.
        words_used: how many different words there are in all captions.
        words: for some words (see `COUNTED_WORDS`), in how many captions they were `said`, how
            often one of the photo's references `agreed`, and how many photos have a reference
            that says them.
        degraded: what was done to the photos before (see `degradations`), or empty.
    """

    photos: int
    beam_width: int
    length_penalty: float
    max_length: int
    scores: Mapping[str, float]
    shuffled_cider: float
    distinct_per_1000: float
    mean_words: float
    unfinished: float
    unknown: int
    words_used: int
    words: Mapping[str, Mapping[str, int]]
    degraded: str = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return dict(plain(asdict(self)))


def encode_photos(
    captioner: PhotoCaptioner,
    photos: Sequence[CaptionedPhoto],
    *,
    degraded: str = "",
    progress: bool = True,
) -> np.ndarray:
    """The states of photos on disk, float32 [N, 2 * units].

    Args:
        captioner: what encodes them.
        photos: N photos.
        degraded: a key of `degradations.DEGRADATIONS`, to make each photo worse first.
        progress: whether to show a progress bar.

    Raises:
        DataError: there are no photos.
    """
    if not photos:
        raise DataError("there are no photos to encode; look at the split file")
    starts = range(0, len(photos), ENCODED_AT_ONCE)
    return np.concatenate(
        [
            captioner.encode_many(
                [_opened(photo, degraded) for photo in photos[first : first + ENCODED_AT_ONCE]]
            )
            for first in tqdm(starts, "encoding", leave=False, disable=None if progress else True)
        ]
    )


def _opened(photo: CaptionedPhoto, degraded: str) -> Any:
    if not degraded:
        return photo.path
    return DEGRADATIONS[degraded](open_photo(photo.path).as_image())


def caption_states(
    captioner: PhotoCaptioner,
    photos: Sequence[CaptionedPhoto],
    states: np.ndarray,
    settings: BeamSettings,
    *,
    progress: bool = True,
) -> dict[str, Caption]:
    """The best caption of each encoded photo, by the photo's name."""
    starts = range(0, len(photos), ENCODED_AT_ONCE)
    best: list[Caption] = []
    for first in tqdm(starts, "captioning", leave=False, disable=None if progress else True):
        best += best_captions(captioner, states[first : first + ENCODED_AT_ONCE], settings)
    return {photo.name: caption for photo, caption in zip(photos, best, strict=True)}


def best_captions(
    captioner: PhotoCaptioner, states: np.ndarray, settings: BeamSettings
) -> list[Caption]:
    """The best caption for each state, by the compiled search where the captioner has one."""
    if isinstance(captioner, Captioner):
        return [ranked[0] for ranked in captioner.caption_states(states, settings)]
    options = settings.as_dict()
    return [beam(captioner, state[np.newaxis], **options).best for state in states]


def evaluate(
    captions: Mapping[str, Caption],
    photos: Sequence[CaptionedPhoto],
    settings: BeamSettings,
    *,
    degraded: str = "",
    seed: int = 0,
) -> Evaluation:
    """Scores the best caption of each photo.

    Args:
        captions: by photo name, as `caption_states` gives them.
        photos: with people's captions.
        settings: what the captions were searched with.
        degraded: what was done to the photos.
        seed: decides how the captions are shuffled.
    """
    texts = {photo.name: captions[photo.name].text for photo in photos}
    references = {photo.name: photo.captions for photo in photos}
    return Evaluation(
        photos=len(photos),
        **settings.as_dict(),
        scores=score_captions(texts, references).as_dict(),
        shuffled_cider=score_captions(shuffled(texts, seed=seed), references).cider,
        distinct_per_1000=1000 * len(set(texts.values())) / len(texts),
        mean_words=float(np.mean([len(text.split()) for text in texts.values()])),
        unfinished=float(np.mean([not captions[name].finished for name in texts])),
        unknown=sum(UNKNOWN in text.split() for text in texts.values()),
        words_used=len({word for text in texts.values() for word in text.split()}),
        words=_count_words(texts, references),
        degraded=degraded,
    )


def shuffled(texts: Mapping[str, str], *, seed: int = 0) -> dict[str, str]:
    """The same captions, each over another photo than its own."""
    order = np.random.default_rng(seed).permutation(len(texts))
    names = [list(texts)[i] for i in order]
    # Each photo gets its neighbour's caption, so that none keeps its own.
    return {name: texts[names[i - 1]] for i, name in enumerate(names)}


def _count_words(
    texts: Mapping[str, str], references: Mapping[str, Sequence[str]]
) -> dict[str, dict[str, int]]:
    said = {name: set(text.split()) for name, text in texts.items()}
    people = {
        name: {word for reference in references[name] for word in plain_words(reference)}
        for name in texts
    }
    return {
        word: {
            "said": sum(word in said[name] for name in texts),
            "agreed": sum(word in said[name] & people[name] for name in texts),
            "in_references": sum(word in people[name] for name in texts),
        }
        for group in COUNTED_WORDS.values()
        for word in group
    }


def classes_named(
    captions: Mapping[str, Caption], photos: Sequence[CaptionedPhoto]
) -> dict[str, bool]:
    """Whether each broader photo's class is named in its caption; see `SYNONYMS`.

    Photos of classes that have no name of their own (a COCO photo of many things) are left out.
    """
    return {
        photo.name: not set(SYNONYMS[photo.group]).isdisjoint(captions[photo.name].text.split())
        for photo in photos
        if photo.group in SYNONYMS
    }
