"""Photos with human captions: reading Flickr8k and the broader photos from disk."""

from __future__ import annotations

import csv
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from showtell_lib.errors import DataError
from showtell_lib.store import bundled_folder

SPLITS = {"train": "train", "dev": "dev", "test": "test"}
ORIGINAL_SPLITS = {split: f"Flickr_8k.{split}Images" for split in SPLITS}
MISSING_ALLOWED = 0.01

# How often a broader photo is drawn, by class: few photos with careful captions count for more.
SMALL_OBJECTS = frozenset({"mug", "coffee", "saucer", "object"})
LANDMARKS = frozenset({"temple", "castle", "church", "tower", "portrait"})


@dataclass(frozen=True)
class CaptionedPhoto:
    """A photo on disk with what people said about it.

    Attributes:
        name: file name, unique within its dataset.
        path: where the file is.
        captions: as the people wrote them.
        group: class of a broader photo, else empty.
        licence: terms of this photo where they are its own, else empty.
        caption_by: who wrote the captions of a broader photo: `coco`, `hand`, `template` or
            `label` as its dataset says, or `project`, our own.
        facts: of a drawn scene, what is known apart from words (`training.facts`), else empty.
    """

    name: str
    path: Path
    captions: tuple[str, ...]
    group: str = ""
    licence: str = ""
    caption_by: str = ""
    facts: tuple[int, ...] = ()


def read_flickr8k(photos: Path, captions: Path, splits: Path) -> dict[str, list[CaptionedPhoto]]:
    """Reads Flickr8k, or any dataset in its layout.

    Args:
        photos: folder of JPEG files.
        captions: `captions.csv` (header `image,caption`) or the original `Flickr8k.token.txt`.
        splits: folder with `train.txt`, `dev.txt` and `test.txt`, or with the original
            `Flickr_8k.trainImages.txt` and so on; a file name per line, once or more.

    Returns:
        The photos of each split, each once, in the split file's order. A photo that is listed but
        not on disk is left out.

    Raises:
        DataError: a file is missing or malformed, or more than 1% of a split's photos are missing.
    """
    by_photo = _read_captions(captions)
    return {split: _read_split(split, photos, by_photo, splits) for split in SPLITS}


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
    path = splits / f"{split}.txt"
    if not path.is_file():
        path = splits / f"{ORIGINAL_SPLITS[split]}.txt"
    names = [line.strip() for line in _text(path).splitlines() if line.strip()]
    names = list(dict.fromkeys(names))  # Some lists name a photo once for each caption.
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


def _read_captions(path: Path) -> dict[str, list[str]]:
    rows = _csv_rows(path) if path.suffix == ".csv" else _token_rows(path)
    captions: dict[str, list[str]] = {}
    for name, caption in rows:
        captions.setdefault(name, []).append(caption.strip())
    if not captions:
        raise DataError(f"{path}: no captions in it")
    return captions


def _csv_rows(path: Path) -> Iterator[tuple[str, str]]:
    reader = csv.reader(_text(path).splitlines())
    for number, row in enumerate(reader, start=1):
        if len(row) != 2 or not row[0]:
            raise DataError(f"{path}, line {number}: expected a photo and a caption, got {row}")
        if number > 1:
            yield row[0], row[1]


def _token_rows(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(_text(path).splitlines(), start=1):
        name, tab, caption = line.partition("\t")
        photo, mark, _ = name.rpartition("#")
        if not (tab and mark and photo):
            raise DataError(f"{path}, line {number}: expected `photo.jpg#0<TAB>caption`")
        yield photo, caption


def read_broader_photos(folder: Path) -> dict[str, list[CaptionedPhoto]]:
    """Reads the broader photos: `photos.csv` and, flat beside it, the photos.

    Where this project has captions of its own for a photo, written while looking at it, these take
    the place of those in `photos.csv`.

    Returns:
        The photos of each split, `train` and `heldout`, with class, licence and caption source.

    Raises:
        DataError: a file is missing or malformed.
    """
    path = folder / "photos.csv"
    splits: dict[str, list[CaptionedPhoto]] = {"train": [], "heldout": []}
    own = own_captions()
    for number, row in enumerate(csv.DictReader(_text(path).splitlines()), start=2):
        try:
            captions = tuple(c for i in range(1, 6) if (c := row[f"c{i}"]))
            name, split, group, licence = (row[k] for k in ("file", "split", "class", "licence"))
            caption_by = "project" if name in own else row["caption_by"]
            captions = own.get(name, captions)
            photo = CaptionedPhoto(name, folder / name, captions, group, licence, caption_by)
            splits[split].append(photo)
        except (KeyError, TypeError):
            raise DataError(f"{path}, line {number}: a column is missing or unknown") from None
        if not photo.path.is_file():
            raise DataError(f"{path}, line {number}: {photo.path} is not there; unpack photos.tar")
    return splits


def own_captions() -> dict[str, tuple[str, ...]]:
    """The captions that this project wrote for broader photos, by file name."""
    rows = csv.reader(_text(bundled_folder() / "broader_captions.csv").splitlines())
    next(rows)
    return {name: tuple(captions) for name, *captions in rows}


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
        # Few, and all that is known of cups: with less, a white cup becomes a small white dog.
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


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise DataError(f"{path}: cannot read it ({error.strerror})") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: not UTF-8 text") from None
