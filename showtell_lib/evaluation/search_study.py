"""What each search finds on every photo of a split: the figures that notebook 06 rests on.

Numbers only: no photo, no caption of people, not even the model's own words.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from tqdm import tqdm

from showtell_lib import search
from showtell_lib.captioner import Captioner
from showtell_lib.embeddings import EmbeddedPhotos
from showtell_lib.errors import DataError
from showtell_lib.files import written
from showtell_lib.foreign import read_arrays
from showtell_lib.metrics import score_each
from showtell_lib.store import bundled_folder
from showtell_lib.trace import Caption

BUNDLED_FILE = "search_study.npz"
WIDTHS = (1, 2, 3, 5, 10, 20)
EXACT = "exact"
NUMBERS = ("log_probs", "words", "cider", "first_to_say")
KINDS = {"log_probs": "f2", "words": "i2", "cider": "f2", "first_to_say": "i2", "proved": "b1"} | {
    **{"widths": "i1", "names": "U1", "model": "U0"}
}


class NamedErrors(NamedTuple):
    """Which errors a search makes on each photo; it can be both, or neither.

    Attributes:
        search: bool [N], a search error: the search missed the caption that the model finds most
            probable.
        model: bool [N], a model error: the most probable caption is worse than what else is found
            for this photo, its CIDEr below the photo's own median.
    """

    search: np.ndarray
    model: np.ndarray

    def counts(self) -> dict[str, int]:
        """On how many photos there is neither, only one, or both."""
        search, model = self.search, self.model
        found = {
            "neither": ~search & ~model,
            "search error": search & ~model,
            "model error": model & ~search,
            "both": search & model,
        }
        return {name: int(photos.sum()) for name, photos in found.items()}


@dataclass(frozen=True, eq=False)
class SearchStudy:
    """The best caption of every search for every photo, in numbers. Length penalty 0 throughout.

    Columns are searches: beam search of each width, narrow to wide, then exact search.

    Attributes:
        widths: the beam widths; 1 is greedy decoding.
        names: file name of each photo.
        log_probs: float32 [N, searches], natural-log probability of the caption.
        words: int16 [N, searches], how many words it has, `</S>` left out.
        cider: float32 [N, searches], CIDEr of this caption alone, as a fraction.
        first_to_say: int16 [N, searches], the first column that says the very same caption.
        proved: bool [N], whether exact search proved that its caption is the most probable one.
        model: sha256 of the model.
    """

    widths: tuple[int, ...]
    names: tuple[str, ...]
    log_probs: np.ndarray
    words: np.ndarray
    cider: np.ndarray
    first_to_say: np.ndarray
    proved: np.ndarray
    model: str

    def __len__(self) -> int:
        return len(self.names)

    def column(self, width: int | str) -> int:
        """The column of a beam width, or of `"exact"`."""
        return len(self.widths) if width == EXACT else self.widths.index(int(width))

    def same(self, one: int | str, other: int | str) -> np.ndarray:
        """On which photos two searches say the same caption, bool [N]."""
        columns = [self.column(one), self.column(other)]
        said = self.first_to_say[:, columns]
        return np.asarray(said[:, 0] == said[:, 1])

    def is_optimum(self, width: int | str) -> np.ndarray:
        """On which photos a search finds the proved optimum, bool [N]."""
        return np.asarray(self.same(width, EXACT) & self.proved)

    def errors(self, width: int | str) -> NamedErrors:
        """Names the errors of a search on every photo, with CIDEr as the judge.

        The photo's own median is of the CIDEr of its different captions, those that beam search
        of any width or exact search found, each counted once. A model error belongs to the photo,
        not to the width; where all searches say the same there is none, however bad that is.
        """
        once = self.first_to_say == np.arange(len(self.widths) + 1)
        usual = np.nanmedian(np.where(once, self.cider, np.nan), axis=1)
        optimum = self.cider[:, self.column(EXACT)]
        return NamedErrors(search=~self.is_optimum(width), model=np.asarray(optimum < usual))

    def save(self, path: Path) -> None:
        """Writes the study to an `.npz` file."""
        arrays: dict[str, Any] = {name: getattr(self, name) for name in (*NUMBERS, "proved")}
        arrays |= {"widths": np.array(self.widths), "names": np.array(self.names)}
        with written(path) as part, part.open("wb") as file:
            np.savez_compressed(file, model=np.array(self.model), **arrays)


def study_searches(
    captioner: Captioner,
    embedded: EmbeddedPhotos,
    references: Mapping[str, Sequence[str]],
    *,
    widths: Sequence[int] = WIDTHS,
    progress: bool = True,
) -> SearchStudy:
    """Runs every search on every embedded photo.

    It starts from stored embeddings, as notebook 06 does, so that both see the same states.

    Args:
        captioner: the model that made the embeddings.
        embedded: N photos.
        references: people's captions by file name.
        widths: beam widths.
        progress: whether to show a progress bar.

    Raises:
        DataError: the embeddings are another model's, or a photo has no references.
    """
    if embedded.model != captioner.files.sha256:
        raise DataError("these embeddings were made by another model; run `showtell embed` again")
    states = captioner.numpy_decoder.state_of(embedded.embeddings)
    searches = [
        [ranked[0] for ranked in _ranked(captioner, states, width)]
        for width in tqdm(widths, "beam widths", leave=False, disable=None if progress else True)
    ]
    answers = [
        search.exact(captioner.numpy_decoder, state[np.newaxis])
        for state in tqdm(states, EXACT, leave=False, disable=None if progress else True)
    ]
    searches.append([answer.best for answer in answers])
    return SearchStudy(
        tuple(widths),
        embedded.names,
        _table(searches, lambda caption: caption.log_prob, np.float32),
        _table(searches, lambda caption: len(caption.text.split()), np.int16),
        _cider(searches, embedded.names, references),
        _first_to_say(searches),
        np.array([answer.proved for answer in answers]),
        embedded.model,
    )


def load_search_study(path: Path | None = None) -> SearchStudy:
    """Reads a study.

    Args:
        path: what `SearchStudy.save` wrote; if None that of the 1,000 photos of the Flickr8k test
            split with the bundled model.

    Raises:
        DataError: the file is missing or holds something else.
    """
    path = path or bundled_folder() / "mini" / BUNDLED_FILE
    arrays = read_arrays(
        path, DataError, KINDS, "no search study in it; `showtell study` makes one"
    )
    numbers = {name: arrays[name] for name in (*NUMBERS, "proved")}
    widths, names = (tuple(arrays[name].tolist()) for name in ("widths", "names"))
    model = str(arrays["model"])
    shape = (len(names), len(widths) + 1)
    if any(numbers[n].shape != shape for n in NUMBERS) or len(numbers["proved"]) != len(names):
        raise DataError(f"{path}: its tables do not fit its {len(names)} photos")
    return SearchStudy(widths=widths, names=names, model=model, **numbers)


def _ranked(captioner: Captioner, states: np.ndarray, width: int) -> list[list[Caption]]:
    return captioner.caption_states(states, search.BeamSettings(width))


def _table(
    searches: Sequence[Sequence[Caption]], of: Callable[[Caption], float], dtype: type[np.generic]
) -> np.ndarray:
    return np.array([[of(caption) for caption in found] for found in searches], dtype).T


def _cider(
    searches: Sequence[Sequence[Caption]],
    names: Sequence[str],
    references: Mapping[str, Sequence[str]],
) -> np.ndarray:
    columns = []
    for found in searches:
        texts = {name: caption.text for name, caption in zip(names, found, strict=True)}
        scores = score_each(texts, references)
        columns.append([scores[name]["cider"] for name in names])
    return np.array(columns, np.float32).T


def _first_to_say(searches: Sequence[Sequence[Caption]]) -> np.ndarray:
    said = [[caption.token_ids for caption in row] for row in zip(*searches, strict=True)]
    return np.array([[row.index(caption) for caption in row] for row in said], np.int16)
