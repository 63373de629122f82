"""A model's captions of a test split, kept with their scores but without photos or references."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from showtell_lib.errors import DataError
from showtell_lib.files import written
from showtell_lib.foreign import read_json
from showtell_lib.inputs import plain
from showtell_lib.metrics import score_each, tokenize
from showtell_lib.reports.fooled import fooled_scores
from showtell_lib.store import bundled_folder
from showtell_lib.trace import Caption
from showtell_lib.training.datasets import CaptionedPhoto

BUNDLED_FILE = "captions.json"
DIGITS = 5


@dataclass(frozen=True)
class ScoredCaption:
    """A caption of a photo that is not stored, and how well it fits what people said.

    Attributes:
        text: the caption.
        log_prob: natural-log probability of the whole caption.
        word_log_probs: of each word, `</S>` left out.
        agreed: of each word, whether one of the photo's references says it.
        scores: BLEU-1 to 4, ROUGE-L and CIDEr of this caption, as fractions.
    """

    text: str
    log_prob: float
    word_log_probs: tuple[float, ...]
    agreed: tuple[bool, ...]
    scores: Mapping[str, float]


@dataclass(frozen=True)
class StoredCaptions:
    """Captions of a split, by the photo's file name.

    Attributes:
        model: sha256 of the model that said them.
        settings: `beam_width`, `length_penalty` and `max_length` of its search.
        captions: by photo.
        fooled: corpus scores of the captions and of spoiled ones; see `fooled_scores`.
    """

    model: str
    settings: Mapping[str, float]
    captions: Mapping[str, ScoredCaption]
    fooled: Mapping[str, Mapping[str, float]]

    def save(self, path: Path) -> None:
        """Writes the captions as JSON, one photo per line."""
        head = plain({"model": self.model, "settings": self.settings, "fooled": self.fooled})
        rows = ",\n".join(f"{json.dumps(name)}: {_line(c)}" for name, c in self.captions.items())
        start = json.dumps(head, indent=1).removesuffix("\n}")
        with written(path) as part:
            part.write_text(f'{start},\n "captions": {{\n{rows}\n }}\n}}\n', encoding="utf-8")


def store_captions(
    captions: Mapping[str, Caption],
    photos: Sequence[CaptionedPhoto],
    *,
    model: str,
    settings: Mapping[str, float],
) -> StoredCaptions:
    """Scores captions and keeps the scores without the references, which are not ours.

    Args:
        captions: by photo name, as `evaluation.caption_states` gives them.
        photos: with people's captions.
        model: sha256 of the model.
        settings: of its search.

    Raises:
        DataError: there are no photos.
    """
    texts = {photo.name: captions[photo.name].text for photo in photos}
    references = {photo.name: photo.captions for photo in photos}
    scores = score_each(texts, references)
    return StoredCaptions(
        model,
        dict(settings),
        {name: _scored(captions[name], references[name], scores[name]) for name in texts},
        {name: s.as_dict() for name, s in fooled_scores(texts, references).items()},
    )


def load_captions(path: Path | None = None) -> StoredCaptions:
    """Reads stored captions.

    Args:
        path: what `StoredCaptions.save` wrote; if None the 1,000 photos of the Flickr8k test
            split, as the bundled model captions them.

    Raises:
        DataError: the file is missing or holds something else.
    """
    path = path or bundled_folder() / "mini" / BUNDLED_FILE
    try:
        document = read_json(path, DataError)
        captions = {name: _read(row) for name, row in document.pop("captions").items()}
        return StoredCaptions(captions=captions, **document)
    except (DataError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path}: no stored captions in it ({error}); `showtell evaluate --captions-out` makes "
            "them"
        ) from None


def _scored(
    caption: Caption, references: Sequence[str], scores: Mapping[str, float]
) -> ScoredCaption:
    people = {word for reference in references for word in tokenize(reference)}
    words = caption.words[:-1] if caption.finished else caption.words
    return ScoredCaption(
        caption.text,
        round(caption.log_prob, DIGITS),
        tuple(round(log_prob, DIGITS) for _, log_prob in words),
        tuple(word in people for word, _ in words),
        {name: round(value, DIGITS) for name, value in scores.items()},
    )


def _line(caption: ScoredCaption) -> str:
    agreed = [int(agreed) for agreed in caption.agreed]
    return json.dumps(plain({**asdict(caption), "agreed": agreed}), separators=(",", ":"))


def _read(row: dict[str, Any]) -> ScoredCaption:
    log_probs, agreed = tuple(row.pop("word_log_probs")), tuple(map(bool, row.pop("agreed")))
    return ScoredCaption(word_log_probs=log_probs, agreed=agreed, **row)
