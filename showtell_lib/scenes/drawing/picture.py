"""`draw`: a scene as a picture."""

from __future__ import annotations

from PIL import Image, ImageDraw

from showtell_lib.scenes.drawing.actors import draw_actor, stream
from showtell_lib.scenes.drawing.layout import Spot, arrange
from showtell_lib.scenes.drawing.night import NightPencil
from showtell_lib.scenes.drawing.pencil import Colour, Pencil
from showtell_lib.scenes.drawing.places import draw_place
from showtell_lib.scenes.drawing.shapes import arc
from showtell_lib.scenes.world.scene import SceneData

SUPERSAMPLING = 4
# People and animals stay readable at night: they are less dark than the place.
ACTORS_NIGHT = 0.3
SHADOW: Colour = (24, 30, 60)
FOAM: Colour = (240, 250, 252)


def draw(scene: SceneData, size: int = 224) -> Image.Image:
    """Draws a scene.

    The same scene always gives the same picture, at any size.

    Args:
        scene: what to draw.
        size: of the picture's sides, pixels.

    Returns:
        An RGB picture.
    """
    image = Image.new("RGB", (size * SUPERSAMPLING, size * SUPERSAMPLING))
    draw_place(image, scene.place, scene.time, stream(scene, "place"))
    for spot in arrange(scene):
        if spot.floats:
            _draw_in_water(image, scene, spot)
        else:
            _draw_shadow(_picture_pencil(image), spot)
            draw_spot(image, scene, spot)
    return image.resize((size, size), Image.Resampling.BOX)


def _picture_pencil(image: Image.Image) -> Pencil:
    return Pencil(image, (0.0, float(image.height)), float(image.height))


def draw_spot(image: Image.Image, scene: SceneData, spot: Spot) -> None:
    """Draws one actor at its spot, moonlit at night, without shadow and water."""
    size = image.height
    origin = (spot.x * size, (1 - spot.y - spot.lift) * size)
    mirrored = scene.actors[spot.index].facing == "left"
    pencil = Pencil(image, origin, spot.unit * size, mirrored)
    if scene.time == "night":
        pencil = NightPencil(image, origin, spot.unit * size, mirrored, strength=ACTORS_NIGHT)
    draw_actor(pencil, scene, spot.index)


def _draw_shadow(pencil: Pencil, spot: Spot) -> None:
    """Draws a soft shadow on the ground, smaller and fainter if the actor is in the air."""
    above = max(spot.lift + spot.extent.bottom * spot.unit, 0.0)
    share = 1 / (1 + 4 * above)
    rx = spot.width * (0.34 + 0.2 * share)
    ry = min(rx * 0.2, 0.03)
    for step in (1.0, 0.8, 0.6):
        alpha = round(38 * share)
        middle = (spot.left + spot.right) / 2
        pencil.ellipse(middle, spot.y, rx * step, ry * step, (*SHADOW, alpha))


def _draw_in_water(image: Image.Image, scene: SceneData, spot: Spot) -> None:
    """Draws an actor that floats, then the water over the part below the surface."""
    size = image.height
    left, right = (round(x * size) for x in (spot.left - 0.03, spot.right + 0.03))
    surface = round((1 - spot.y) * size)
    box = (left, surface, right, min(surface + round(0.2 * size), size))
    water = image.crop(box)
    draw_spot(image, scene, spot)
    # Parts just under the surface shine through the water; deeper parts do not.
    deep = round(0.045 * size)
    mask = Image.new("L", water.size, 255)
    mask.paste(
        Image.linear_gradient("L")
        .resize((water.width, deep))
        .point(lambda value: 185 + value * 70 // 255)
    )
    # The surface is a curve, lower in the middle, where the waves are nearer to the viewer.
    ImageDraw.Draw(mask).ellipse((0, -0.012 * size, water.width, 0.012 * size), fill=0)
    image.paste(water, box[:2], mask)
    _draw_waves(_picture_pencil(image), scene, spot)


def _draw_waves(pencil: Pencil, scene: SceneData, spot: Spot) -> None:
    middle, half = (spot.left + spot.right) / 2, spot.width / 2
    if scene.time == "night":
        pencil = NightPencil(pencil.image, pencil.origin, pencil.unit)
    for out, low, alpha in ((0.9, 0.0, 230), (1.05, 0.009, 160), (1.15, 0.018, 90)):
        curve = arc(middle, spot.y - low, half * out + 0.01, 0.012 + low * 0.3, 195, 345, 14)
        pencil.line(curve, 0.006, (*FOAM, alpha))
