"""Which region of a photo carries which word: cover the region, and see what falls."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from showtell_lib.embeddings.influence import forced_log_probs
from showtell_lib.errors import SettingsError
from showtell_lib.photos import open_photo
from showtell_lib.vocabulary import END, START, UNKNOWN

if TYPE_CHECKING:
    from showtell_lib.captioner import Captioner

# Words that hold a sentence together; no region of a photo shows them.
FUNCTION_WORDS = frozenset(
    (
        "a an the this that some and or as while with without of in on at to for by from into onto "
        "up down out off through over under is are was be being has have it its his her their him "
        "them there . ,"
    ).split()
)
LARGEST_SIDE = 448
COVERED_AT_ONCE = 16


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
    log_probs = forced_log_probs(captioner, states, token_ids)  # [N, words, vocabulary]
    return np.asarray(log_probs[:, np.arange(len(token_ids) - 1), list(token_ids[1:])])


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


def content_words(words: Sequence[str]) -> list[int]:
    """The places of the words that name something to be seen: not "a", "in" or an end marker.

    Args:
        words: of a caption, such as `[word for word, _ in caption.words]`.

    Returns:
        The first place of each such word.
    """
    unseen = {*FUNCTION_WORDS, START, END, UNKNOWN}
    return [at for at, word in enumerate(words) if word not in unseen and word not in words[:at]]


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
