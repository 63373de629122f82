"""One picture of the model at work: from the photo to the words of its caption."""

from __future__ import annotations

import math
from collections.abc import Iterable

import matplotlib

from showtell_lib.errors import SettingsError
from showtell_lib.plots import style
from showtell_lib.plots.diagram import DIMMED, lit_in
from showtell_lib.plots.model_map_layout import HEIGHT, WIDTH, placed_steps
from showtell_lib.plots.model_map_show import draw_embedding, draw_encoder, draw_photo
from showtell_lib.plots.model_map_tell import draw_lstm, draw_search, draw_sentence, draw_softmax
from showtell_lib.plots.photo_grid import Pictured, as_image
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.tree_drawing import page
from showtell_lib.plots.wording import counted, probability_label
from showtell_lib.trace import Caption

# The parts from first to last, each with its colour and with its name in the alt text.
COLORS = {
    "photo": style.INK,
    "encoder": style.BLUE,
    "embedding": style.ORANGE,
    "lstm": style.GREEN,
    "softmax": style.PURPLE,
    "search": style.RED,
}
NAMES = {"embedding": "image embedding", "lstm": "LSTM"}


def model_map(caption: Caption, photo: Pictured, lit: str | Iterable[str] | None = None) -> Picture:
    """Show and Tell on one photo: photo, encoder, embedding, LSTM unrolled, softmax, search.

    After Vinyals et al. (2015), figure 3. Of a long caption the first words and the last are
    drawn, with an ellipsis between them.

    Args:
        caption: of any search, such as `captioner.caption(photo)[0]`.
        photo: a Pillow image, an array, or whatever has `as_image()` or `draw()`.
        lit: the part that stands out while the others are dimmed, or several: "photo", "encoder",
            "embedding", "lstm", "softmax" or "search"; None lights all of them.

    Raises:
        SettingsError: there is no such part, or the caption is not one with words.
    """
    if not isinstance(caption, Caption) or not caption.words:
        raise SettingsError(
            "model_map draws one Caption that has words, such as captioner.caption(photo)[0], not "
            f"{caption if isinstance(caption, Caption) else type(caption).__name__!r}"
        )
    parts = _parts(lit)
    looks = {part: lit_in(COLORS[part]) if part in parts else DIMMED for part in COLORS}
    image, steps = as_image(photo), placed_steps(caption.words)
    with matplotlib.rc_context(style.SETTINGS):
        figure, axes = page(WIDTH, HEIGHT)
        draw_photo(axes, image, looks["photo"], dimmed="photo" not in parts)
        draw_encoder(axes, image, looks["encoder"])
        draw_embedding(axes, looks["embedding"])
        draw_sentence(axes, caption.text)
        draw_lstm(axes, steps, looks["lstm"])
        draw_softmax(axes, steps, looks["softmax"])
        draw_search(axes, steps, looks["search"])
    return Picture(figure, _describe(caption, parts))


def _parts(lit: str | Iterable[str] | None) -> list[str]:
    """The parts that are lit, in their order in the model."""
    asked = list(COLORS) if lit is None else [lit] if isinstance(lit, str) else list(lit)
    unknown = [part for part in asked if part not in COLORS]
    if unknown or not asked:
        raise SettingsError(
            f"lit={lit!r} names no part of the model; the parts are {', '.join(map(repr, COLORS))}"
        )
    return [part for part in COLORS if part in asked]


def _describe(caption: Caption, parts: list[str]) -> str:
    chosen = ", ".join(
        f"{word} {probability_label(math.exp(log_prob))}" for word, log_prob in caption.words
    )
    names = [NAMES.get(part, part) for part in parts]
    shown = "all parts" if len(parts) == len(COLORS) else ", ".join(names)
    return (
        f'The model at work on "{caption.text}". The encoder, a convolutional network, turns the '
        "photo into the image embedding, which is the LSTM's first input. Then the start token "
        f"goes in, and each word after it, in {counted(len(caption.words), 'step')}. The softmax "
        f"gives every word a probability, and search chooses: {chosen}. Lit: {shown}."
    )
