"""Many scenes at a glance."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

from showtell_lib.scenes.drawing.picture import draw
from showtell_lib.scenes.world.scene import SceneData

GAP = 4


def contact_sheet(scenes: Sequence[SceneData], size: int = 112, columns: int = 10) -> Image.Image:
    """Draws scenes side by side on white, each `size` pixels wide and high, `columns` in a row."""
    columns = min(columns, len(scenes))
    rows = -(-len(scenes) // columns)
    step = size + GAP
    sheet = Image.new("RGB", (columns * step + GAP, rows * step + GAP), "white")
    for number, scene in enumerate(scenes):
        row, column = divmod(number, columns)
        sheet.paste(draw(scene, size), (GAP + column * step, GAP + row * step))
    return sheet
