"""Embeddings of many photos on disk: numbers and the model's own words, no pixels."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from showtell_lib.errors import DataError, PhotoError
from showtell_lib.files import written
from showtell_lib.foreign import read_arrays
from showtell_lib.photos import open_photo
from showtell_lib.search import BeamSettings
from showtell_lib.store import bundled_folder

if TYPE_CHECKING:
    from showtell_lib.captioner import Captioner

BUNDLED_FILE = "embeddings.npz"
EMBEDDED_AT_ONCE = 64
KINDS = {"names": "U1", "captions": "U1", "embeddings": "f2", "model": "U0"}


@dataclass(frozen=True, eq=False)
class EmbeddedPhotos:
    """Photos as a model sees them, without pixels: only numbers and the model's own words.

    Attributes:
        names: file name of each photo.
        embeddings: float32 [N, units].
        captions: the model's best caption of each photo.
        model: sha256 of the model that made embeddings and captions.
    """

    names: tuple[str, ...]
    embeddings: np.ndarray
    captions: tuple[str, ...]
    model: str

    def __len__(self) -> int:
        return len(self.names)

    def save(self, path: Path) -> None:
        """Writes the photos to an `.npz` file, the embeddings as float16."""
        # Any: NumPy's stubs would take an array of this dictionary for `allow_pickle`.
        arrays: dict[str, Any] = {
            "embeddings": self.embeddings.astype(np.float16),
            "names": np.array(self.names),
            "captions": np.array(self.captions),
            "model": np.array(self.model),
        }
        with written(path) as part, part.open("wb") as file:
            np.savez_compressed(file, **arrays)


def load_embeddings(path: Path | None = None) -> EmbeddedPhotos:
    """Reads embedded photos.

    Args:
        path: what `EmbeddedPhotos.save` wrote; if None, the 1,000 photos of the Flickr8k test
            split as the bundled model sees them.

    Raises:
        DataError: the file is missing or holds something else.
    """
    path = path or bundled_folder() / "mini" / BUNDLED_FILE
    arrays = read_arrays(path, DataError, KINDS, "no embeddings in it; `showtell embed` makes them")
    names, captions = (tuple(arrays[key].tolist()) for key in ("names", "captions"))
    embeddings, model = arrays["embeddings"].astype(np.float32), str(arrays["model"])
    if not len(names) == len(captions) == len(embeddings):
        raise DataError(f"{path}: not as many names and captions as embeddings")
    return EmbeddedPhotos(names, embeddings, captions, model)


def embed_photos(
    captioner: Captioner,
    paths: Sequence[Path],
    *,
    progress: bool = True,
    passed_over: Callable[[PhotoError], object] | None = None,
) -> EmbeddedPhotos:
    """Embeds and captions photos on disk, with the model's own search settings.

    Args:
        captioner: the model.
        paths: N photos.
        progress: whether to show a progress bar.
        passed_over: is told why a photo is left out; without it a bad photo ends the work.

    Raises:
        PhotoError: a photo cannot be opened, and nobody is to be told.
    """
    from tqdm import tqdm

    settings = BeamSettings.of(captioner.files)
    embeddings, captions = [np.zeros((0, captioner.units), np.float32)], []
    names: list[str] = []
    starts = range(0, len(paths), EMBEDDED_AT_ONCE)
    for first in tqdm(starts, "embedding", leave=False, disable=None if progress else True):
        photos = []
        for path in paths[first : first + EMBEDDED_AT_ONCE]:
            try:
                photos.append(open_photo(path))
                names.append(path.name)
            except PhotoError as error:
                if passed_over is None:
                    raise
                passed_over(error)
        embeddings.append(captioner.embed(photos))  # [photos, units]
        # The LSTM sees an embedding first, so the encoder need not run again for the captions.
        states = captioner.numpy_decoder.state_of(embeddings[-1])  # [photos, 2 * units]
        captions += [ranked[0].text for ranked in captioner.caption_states(states, settings)]
    return EmbeddedPhotos(
        tuple(names), np.concatenate(embeddings), tuple(captions), captioner.files.sha256
    )
