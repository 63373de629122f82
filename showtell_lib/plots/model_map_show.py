"""The "show" half of the picture of the model: photo, encoder, image embedding."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from PIL import Image

from showtell_lib.plots.diagram import (
    NAME_SIZE,
    NOTE_SIZE,
    Look,
    draw_arrow,
    draw_box,
    write,
)
from showtell_lib.plots.model_map_layout import (
    EMBEDDING,
    EMBEDDING_WIDTH,
    ENCODER_LEFT,
    ENCODER_WIDTH,
    INPUTS,
    LAYER_GAP,
    LAYERS,
    MARGIN,
    NAMES,
    NUMBER_SIDE,
    NUMBERS,
    PHOTO_HEIGHT,
    PHOTO_WIDTH,
    SPACE,
)


def draw_photo(axes: Axes, image: Image.Image, look: Look, *, dimmed: bool) -> None:
    """The photo, as large as fits; grey and pale if it is dimmed."""
    scale = min(PHOTO_WIDTH / image.width, PHOTO_HEIGHT / image.height)
    width, height = scale * image.width, scale * image.height
    if dimmed:
        grey = image.convert("L").convert("RGB")
        image = Image.blend(grey, Image.new("RGB", image.size, "white"), 0.6)
    middle = MARGIN + PHOTO_WIDTH / 2
    left, top = middle - width / 2, INPUTS - height / 2
    limits = axes.get_xlim(), axes.get_ylim()
    axes.imshow(image, extent=(left, left + width, top + height, top), aspect="auto", zorder=2)
    axes.set(xlim=limits[0], ylim=limits[1])
    axes.add_artist(
        Rectangle(
            (left, top), width, height, facecolor="none", edgecolor=look.edge,
            linestyle=look.dashes, linewidth=look.line_width, zorder=3,
        )
    )  # fmt: skip
    write(axes, (middle, NAMES), "photo", size=NAME_SIZE, color=look.ink, weight=look.weight)


def draw_encoder(axes: Axes, photo: Image.Image, look: Look) -> None:
    """Layers that shrink, and the arrow from the photo."""
    scale = min(PHOTO_WIDTH / photo.width, PHOTO_HEIGHT / photo.height)
    edge = MARGIN + (PHOTO_WIDTH + scale * photo.width) / 2
    draw_arrow(axes, [(edge + SPACE, INPUTS), (ENCODER_LEFT - SPACE, INPUTS)], look)
    left = ENCODER_LEFT
    for width, height in LAYERS:
        draw_box(axes, (left + width / 2, INPUTS), (width, height), look, corner=1.5)
        left += width + LAYER_GAP
    middle = ENCODER_LEFT + ENCODER_WIDTH / 2
    write(axes, (middle, NAMES), "encoder", size=NAME_SIZE, color=look.ink, weight=look.weight)
    for line, text in enumerate(("convolutional", "network")):
        write(axes, (middle, NAMES + 12 + 9 * line), text, size=NOTE_SIZE, color=look.ink)


def draw_embedding(axes: Axes, look: Look) -> None:
    """A row of numbers at the height of the words that follow, and the arrow from the encoder."""
    left = EMBEDDING - EMBEDDING_WIDTH / 2
    start = ENCODER_LEFT + ENCODER_WIDTH + SPACE
    draw_arrow(axes, [(start, INPUTS), (left - SPACE, INPUTS)], look)
    for number in range(NUMBERS):
        middle = left + (number + 0.5) * NUMBER_SIDE
        draw_box(axes, (middle, INPUTS), (NUMBER_SIDE, 14), look, corner=0.5)
    for line, text in enumerate(("image", "embedding")):
        write(
            axes, (EMBEDDING, NAMES + 12 * line), text,
            size=NAME_SIZE, color=look.ink, weight=look.weight,
        )  # fmt: skip
