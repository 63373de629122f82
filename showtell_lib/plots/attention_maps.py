"""Where a model looked for each word: the photo, dark where it did not look."""

from __future__ import annotations

from collections.abc import Sequence

import matplotlib
import numpy as np
from numpy.typing import ArrayLike
from PIL import Image

from showtell_lib.errors import SettingsError
from showtell_lib.near_ties import first_largest
from showtell_lib.plots import style
from showtell_lib.plots.occlusion_maps import strip
from showtell_lib.plots.photo_grid import Pictured, as_image, show
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.wording import named, probability_label, whereabouts

# So much of the light stays where the model did not look.
DARKEST = 0.3


def attention(
    image: Pictured, looks: ArrayLike, words: Sequence[str], *, title: str = ""
) -> Picture:
    """A strip of attention maps, one per word, after Xu et al. (2015), figure 3.

    The photo is as bright as ever where the model looked most for that word, and dark where it did
    not look. Beside the word stands how much of its look the brightest square has.

    Args:
        image: a Pillow image, an array, or whatever has `as_image()` or `draw()`.
        looks: float [words, rows, columns], for each word weights that add up to 1.
        words: whose maps they are.
        title: above the figure.

    Raises:
        SettingsError: not as many maps as words, or none; or the weights do not add up to 1.
    """
    maps = np.asarray(looks, np.float64)
    _check(maps, words)
    picture = as_image(image)
    with matplotlib.rc_context(style.SETTINGS):
        figure, places = strip(len(words), picture, title)
        for axes, look, word in zip(places, maps, words, strict=False):
            show(axes, _lit(picture, look), f"{word}  {probability_label(look.max())}")
        for unused in places[len(words) :]:
            unused.set_axis_off()
    told = (f'"{word}" {_brightest(look)}' for look, word in zip(maps, words, strict=True))
    return Picture(
        figure,
        f"{named(title)}Attention maps of {len(words)} words, each with where the model looked "
        f"most and how much of its look went there: {'; '.join(told)}.",
    )


def _check(maps: np.ndarray, words: Sequence[str]) -> None:
    if not words or maps.ndim != 3 or len(maps) != len(words):
        raise SettingsError(
            f"the attention maps have the shape {list(maps.shape)}; for {len(words)} words it must "
            f"be [{len(words)}, rows, columns]"
        )
    sums = maps.sum(axis=(1, 2))
    if maps.min() < 0 or not np.allclose(sums, 1, atol=1e-3):
        wrong = words[int(np.argmax(np.abs(sums - 1)))]
        raise SettingsError(
            f"the weights of each attention map must be 0 or more and add up to 1; see {wrong!r}"
        )


def _lit(picture: Image.Image, look: np.ndarray) -> np.ndarray:
    """The picture uint8 [height, width, 3], each square as bright as it was looked at."""
    light = DARKEST + (1 - DARKEST) * look / look.max()  # [rows, columns]
    spread = Image.fromarray(light.astype(np.float32))
    spread = spread.resize(picture.size, Image.Resampling.NEAREST)
    return np.asarray(np.asarray(picture) * np.asarray(spread)[..., np.newaxis], np.uint8)


def _brightest(look: np.ndarray) -> str:
    """Where a map is largest, and how large."""
    row, column = divmod(first_largest(look), look.shape[1])
    return f"{whereabouts(row, column, look.shape)}, {probability_label(look.max())}"
