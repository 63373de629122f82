"""How often the bundled model says some words of photos, and how often people do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from showtell_lib.errors import DataError
from showtell_lib.foreign import read_json
from showtell_lib.store import bundled_folder

METRICS_FILE = "metrics.json"
OWN_SETTINGS = ("beam_width", "length_penalty", "max_length")


@dataclass(frozen=True)
class WordCount:
    """One word over the photos of a split.

    Attributes:
        said: captions of the model that have it.
        agreed: those of them where one of the photo's references has it, too.
        in_references: photos of which one of the references has it.
    """

    said: int
    agreed: int
    in_references: int


def load_word_counts(
    settings: Mapping[str, float], path: Path | None = None
) -> dict[str, WordCount]:
    """What was counted on the Flickr8k test photos, by word.

    Args:
        settings: `beam_width`, `length_penalty` and `max_length` of the search whose captions
            were counted, such as `load_captions().settings`.
        path: a model's `metrics.json`; if None the bundled model's.

    Raises:
        DataError: the file is missing or holds something else, or no such search was measured.
    """
    path = path or bundled_folder() / "mini" / METRICS_FILE
    try:
        results = read_json(path, DataError)["evaluations"]["flickr8k_test"]["results"]
        for result in results:
            if all(result[name] == settings[name] for name in OWN_SETTINGS):
                return {word: WordCount(**counts) for word, counts in result["words"].items()}
    except (DataError, KeyError, TypeError, AttributeError) as error:
        raise DataError(
            f"{path}: no counts of words in it ({error}); `showtell evaluate` measures them"
        ) from None
    searched = ", ".join(f"{name} {settings[name]:g}" for name in OWN_SETTINGS)
    raise DataError(
        f"{path}: nothing was measured with {searched}; `showtell evaluate` measures it"
    )
