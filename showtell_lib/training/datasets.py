"""Photos with captions that people wrote: reading Flickr8k and the broader photos from disk."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from showtell_lib.errors import DataError
from showtell_lib.files import lines_of, read_text
from showtell_lib.store import bundled_folder
from showtell_lib.training.captions_file import read_captions, read_rows

SPLITS = {"train": "train", "dev": "dev", "test": "test"}
ORIGINAL_SPLITS = {split: f"Flickr_8k.{split}Images" for split in SPLITS}
MISSING_ALLOWED = 0.01

# How often a broader photo is drawn, by class: few photos with careful captions count for more.
SMALL_OBJECTS = frozenset({"mug", "coffee", "saucer", "object"})
LANDMARKS = frozenset({"temple", "castle", "church", "tower", "portrait"})


@dataclass(frozen=True)
class CaptionedPhoto:
    """A photo on disk with the captions that people wrote for it.

    Attributes:
        name: file name, unique within its dataset.
        path: where the file is.
        captions: as the people wrote them.
        group: class of a broader photo, else empty.
        licence: terms of this photo where they are its own, else empty.
        caption_by: who wrote the captions of a broader photo: `coco`, `hand`, `template` or
            `label` as its dataset says, or `project`, our own.
        facts: the facts of a drawn scene (`training.facts`); empty for a photo.
    """

    name: str
    path: Path
    captions: tuple[str, ...]
    group: str = ""
    licence: str = ""
    caption_by: str = ""
    facts: tuple[int, ...] = ()


def read_flickr8k(
    photos: Path, captions: Path, splits: Path | None = None
) -> dict[str, list[CaptionedPhoto]]:
    """Reads Flickr8k, or any dataset in its layout, also as Kaggle has it.

    Args:
        photos: folder of JPEG files.
        captions: `captions.csv` or `captions.txt` (header `image,caption`) or the original
            `Flickr8k.token.txt`; `captions_file.read_captions` says what else.
        splits: folder with `train.txt`, `dev.txt` and, unless nothing is to be measured,
            `test.txt`, or with the original `Flickr_8k.trainImages.txt` and so on; a file name
            per line, once or more. Without it the photos are split by their names, see
            `split_by_name`; figures of such a split are not comparable with those of the standard
            one.

    Returns:
        The photos of each split, each once, in the split file's order; no test photos if there is
        no such file. A photo that is listed but not on disk is left out.

    Raises:
        DataError: a file is missing or malformed, or more than 1% of a split's photos are missing.
    """
    by_photo = read_captions(captions)
    if splits is None:
        named = split_by_name(by_photo)
        return {
            split: _captioned(names, photos, by_photo, captions) for split, names in named.items()
        }
    return {split: _read_split(split, photos, by_photo, splits) for split in SPLITS}


def split_by_name(names: Iterable[str]) -> dict[str, list[str]]:
    """Splits photos by their names alone: a tenth to `test`, a tenth to `dev`.

    The same names are always split in the same way, on any machine: they are put in the order of
    their sha256, the first tenth is for testing, the second for choosing.

    Returns:
        The names of each split, sorted; at least one each where there are three.
    """
    shuffled = sorted(set(names), key=lambda name: hashlib.sha256(name.encode()).digest())
    tenth = max(len(shuffled) // 10, 1)
    parts = {"test": shuffled[:tenth], "dev": shuffled[tenth : 2 * tenth]}
    parts["train"] = shuffled[2 * tenth :]
    return {split: sorted(parts[split]) for split in SPLITS}


def about_split_by_name(splits: Mapping[str, Sequence[CaptionedPhoto]]) -> str:
    """The message to a user whose photos were split by their names."""
    counts = ", ".join(f"{len(photos):,} {split}" for split, photos in splits.items())
    return (
        f"no split files: the photos are split by their names ({counts}); figures are not "
        "comparable with those of the standard split"
    )


def some(photos: list[CaptionedPhoto], what: str) -> list[CaptionedPhoto]:
    """The same photos, if there are any.

    Raises:
        DataError: there are none; the message names `what` they are.
    """
    if not photos:
        raise DataError(f"no photos: {what} names none; give another folder, or list photos there")
    return photos


def _read_split(
    split: str, photos: Path, captions: dict[str, list[str]], splits: Path
) -> list[CaptionedPhoto]:
    paths = [splits / f"{name}.txt" for name in (split, ORIGINAL_SPLITS[split])]
    path = next((path for path in paths if path.is_file()), None)
    if path is None and split == "test":
        return []
    if path is None:
        raise DataError(
            f"{splits}: there is no {split}.txt; write one with the file names of the {split} "
            "photos, one a line, or leave out --splits: then the photos are split by their names"
        )
    lines = lines_of(read_text(path, DataError))
    names = [line.strip() for line in lines if line.strip()]
    # Some lists name a photo once for each caption.
    return _captioned(list(dict.fromkeys(names)), photos, captions, path)


def _captioned(
    names: list[str], photos: Path, captions: dict[str, list[str]], path: Path
) -> list[CaptionedPhoto]:
    here = [name for name in names if (photos / name).is_file()]
    if len(here) < len(names) * (1 - MISSING_ALLOWED):
        raise DataError(
            f"{photos}: {len(names) - len(here):,} of the {len(names):,} photos of {path.name} are "
            "not there; give the folder that holds the JPEG files"
        )
    for name in here:
        if name not in captions:
            raise DataError(f"{path}: {name} has no captions; are split and captions one dataset?")
    return [CaptionedPhoto(name, photos / name, tuple(captions[name])) for name in here]


def read_broader_photos(folder: Path) -> dict[str, list[CaptionedPhoto]]:
    """Reads the broader photos: `photos.csv` and, flat beside it, the photos.

    For some photos this project wrote captions of its own, looking at the photo; these replace the
    captions in `photos.csv`.

    Returns:
        The photos of each split, `train` and `heldout`, with class, licence and caption source.

    Raises:
        DataError: a file is missing or malformed.
    """
    path = folder / "photos.csv"
    splits: dict[str, list[CaptionedPhoto]] = {"train": [], "heldout": []}
    own = own_captions()
    rows = read_rows(path, read_text(path, DataError))
    _, header = next(rows, (1, []))
    for number, fields in rows:
        try:
            row = dict(zip(header, fields, strict=True))
            captions = tuple(c for i in range(1, 6) if (c := row[f"c{i}"]))
            name, split, group, licence = (row[k] for k in ("file", "split", "class", "licence"))
            caption_by = "project" if name in own else row["caption_by"]
            captions = own.get(name, captions)
            photo = CaptionedPhoto(name, folder / name, captions, group, licence, caption_by)
            splits[split].append(photo)
        except (KeyError, ValueError):
            raise DataError(
                f"{path}, line {number}: a column is missing or unknown; the first line "
                "must name them all"
            ) from None
        if not photo.path.is_file():
            raise DataError(f"{path}, line {number}: {photo.path} is not there; unpack photos.tar")
    return splits


def own_captions() -> dict[str, tuple[str, ...]]:
    """The captions that this project wrote for broader photos, by file name."""
    path = bundled_folder() / "broader_captions.csv"
    rows = read_rows(path, read_text(path, DataError))
    next(rows)
    return {name: tuple(captions) for _, (name, *captions) in rows}


def sampling_weights(photos: Sequence[CaptionedPhoto]) -> np.ndarray:
    """How often each broader photo is drawn in training, float64 [N], summing to one.

    A class of many photos with captions written per class must not drown the few photos that
    were captioned one by one.
    """
    sizes = Counter(photo.group for photo in photos)
    weights = np.array([_weight(photo, sizes[photo.group]) for photo in photos])
    return np.asarray(weights / weights.sum())


def _weight(photo: CaptionedPhoto, class_size: int) -> float:
    if photo.group in SMALL_OBJECTS:
        # The only photos of cups: with a lower weight, a white cup is called a small white dog.
        return 8.0
    if photo.caption_by in ("hand", "project"):
        return 2.5
    if photo.group in LANDMARKS:
        return 2.0
    if photo.caption_by == "coco":
        return 1.0
    weight = min(9 / math.sqrt(class_size), 1.6)
    return weight * 1.3 if photo.group == "cat" else weight


def all_captions(photos: Iterable[CaptionedPhoto]) -> list[str]:
    """Every caption of the photos, in order."""
    return [caption for photo in photos for caption in photo.captions]
