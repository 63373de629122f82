"""What image embeddings hold: which photos are near each other, which region carries a word."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np

from showtell_lib.errors import DataError, SettingsError
from showtell_lib.files import written
from showtell_lib.photos import open_photo
from showtell_lib.search import BeamSettings
from showtell_lib.store import bundled_folder

if TYPE_CHECKING:
    from showtell_lib.captioner import Captioner

BUNDLED_FILE = "embeddings.npz"
LARGEST_SIDE = 448
COVERED_AT_ONCE = 16
EMBEDDED_AT_ONCE = 64


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
    try:
        with np.load(path, allow_pickle=False) as file:
            names, captions = (tuple(file[key].tolist()) for key in ("names", "captions"))
            embeddings, model = file["embeddings"].astype(np.float32), str(file["model"])
    except (OSError, KeyError, ValueError, EOFError, BadZipFile) as error:
        raise DataError(f"{path}: no embeddings in it ({error}); `showtell embed` makes") from None
    if not len(names) == len(captions) == len(embeddings):
        raise DataError(f"{path}: not as many names and captions as embeddings")
    return EmbeddedPhotos(names, embeddings, captions, model)


def embed_photos(
    captioner: Captioner, paths: Sequence[Path], *, progress: bool = True
) -> EmbeddedPhotos:
    """Embeds and captions photos on disk, with the model's own search settings.

    Args:
        captioner: the model.
        paths: N photos.
        progress: whether to show a progress bar.
    """
    from tqdm import tqdm

    settings = BeamSettings.of(captioner.files)
    embeddings, captions = [np.zeros((0, captioner.units), np.float32)], []
    starts = range(0, len(paths), EMBEDDED_AT_ONCE)
    for first in tqdm(starts, "embedding", leave=False, disable=None if progress else True):
        photos = [open_photo(path) for path in paths[first : first + EMBEDDED_AT_ONCE]]
        embeddings.append(captioner.embed(photos))  # [photos, units]
        # The LSTM sees an embedding first, so the encoder need not run again for the captions.
        states = captioner.numpy_decoder.state_of(embeddings[-1])  # [photos, 2 * units]
        captions += [ranked[0].text for ranked in captioner.caption_states(states, settings)]
    names = tuple(path.name for path in paths)
    return EmbeddedPhotos(
        names, np.concatenate(embeddings), tuple(captions), captioner.files.sha256
    )


def cosine_similarity(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    """The cosine of the angle between embeddings: 1 the same direction, 0 at right angles.

    Args:
        left: [N, units].
        right: [M, units].

    Returns:
        float64 [N, M]; 0 for an embedding of zeros, which has no direction.
    """
    return np.asarray(_unit_length(left) @ _unit_length(right).T)


def _unit_length(embeddings: np.ndarray) -> np.ndarray:
    embeddings = np.asarray(embeddings, np.float64)
    lengths = np.linalg.norm(embeddings, axis=1, keepdims=True)
    return np.asarray(embeddings / np.where(lengths == 0, 1, lengths))


def pca_map(embeddings: np.ndarray) -> np.ndarray:
    """The two directions along which embeddings differ most: points float64 [N, 2]."""
    from sklearn.decomposition import PCA
    from threadpoolctl import threadpool_limits

    # One thread is quick enough, does not compete with others, and always sums in one order.
    with threadpool_limits(1):
        return np.asarray(PCA(2, svd_solver="full").fit_transform(_checked(embeddings)))


def tsne_map(embeddings: np.ndarray, *, perplexity: float = 30.0, seed: int = 0) -> np.ndarray:
    """A map that keeps neighbours together (t-SNE, by cosine): points float32 [N, 2].

    Args:
        embeddings: [N, units].
        perplexity: about how many neighbours each should keep; less than N.
        seed: decides where the points start.

    Raises:
        SettingsError: there are too few embeddings for the perplexity.
    """
    from sklearn.manifold import TSNE
    from threadpoolctl import threadpool_limits

    if not 0 < perplexity < len(_checked(embeddings)):
        raise SettingsError(f"perplexity is {perplexity}; it must be less than {len(embeddings)}")
    # Distances of unit vectors rank as cosines do, and are quicker to search.
    model = TSNE(2, perplexity=perplexity, init="pca", random_state=seed, n_jobs=1)
    with threadpool_limits(1):
        return np.asarray(model.fit_transform(_unit_length(embeddings).astype(np.float32)))


def _checked(embeddings: np.ndarray) -> np.ndarray:
    if len(embeddings) < 3:
        raise SettingsError(f"{len(embeddings)} embeddings make no map; give 3 or more")
    return np.asarray(embeddings, np.float64)


def word_log_probs(
    captioner: Captioner, states: np.ndarray, token_ids: Sequence[int]
) -> np.ndarray:
    """How probable each word of a caption is, given the words before it, from N states.

    Args:
        captioner: the model.
        states: float32 [N, 2 * units], of N encoded photos.
        token_ids: the caption's, from `<S>` on.

    Returns:
        float32 [N, words], natural-log probabilities of the tokens after `<S>`.
    """
    columns = []
    for token, following in itertools.pairwise(token_ids):
        log_probs, states = captioner.step(np.full(len(states), token), states)
        columns.append(log_probs[:, following])  # [N]
    return np.stack(columns, axis=1)  # [N, words]


def occlusion_map(
    captioner: Captioner, photo: object, token_ids: Sequence[int], *, squares: int = 7
) -> np.ndarray:
    """Which part of a photo carries which word of its caption (Zeiler and Fergus 2014).

    The fields of a grid are covered with the photo's mean colour, one after another.

    Args:
        captioner: the model.
        photo: anything `open_photo` takes.
        token_ids: the caption's, from `<S>` on, such as `caption.token_ids`.
        squares: fields from left to right, and as many from top to bottom.

    Returns:
        float32 [words, squares, squares]: how much the log-probability of each token after `<S>`,
        given the tokens before it, falls when that field is covered.

    Raises:
        SettingsError: the grid has no fields, or fields smaller than a pixel.
        PhotoError: the photo cannot be opened.
    """
    pixels = np.asarray(open_photo(photo).thumbnail(LARGEST_SIDE))
    if not 1 <= squares <= min(pixels.shape[:2]):
        raise SettingsError(f"squares is {squares}; it must be 1 to {min(pixels.shape[:2])}")
    pictures = [pixels, *covered(pixels, squares)]
    states = [
        captioner.encode_many(pictures[first : first + COVERED_AT_ONCE])
        for first in range(0, len(pictures), COVERED_AT_ONCE)
    ]
    log_probs = word_log_probs(captioner, np.concatenate(states), token_ids)
    return np.asarray((log_probs[0] - log_probs[1:]).T.reshape(-1, squares, squares))


def covered(pixels: np.ndarray, squares: int) -> list[np.ndarray]:
    """A picture with each field of a grid covered by its mean colour, row by row.

    Args:
        pixels: uint8 [height, width, 3].
        squares: fields from left to right, and as many from top to bottom.
    """
    colour = np.round(pixels.mean(axis=(0, 1))).astype(np.uint8)
    rows, columns = (np.arange(squares + 1) * size // squares for size in pixels.shape[:2])
    pictures = []
    for row in range(squares):
        for column in range(squares):
            picture = pixels.copy()
            field = picture[rows[row] : rows[row + 1], columns[column] : columns[column + 1]]
            field[:] = colour
            pictures.append(picture)
    return pictures
