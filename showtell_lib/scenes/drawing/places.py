"""The places. Each draws the picture behind the actors and says where actors may stand."""

from __future__ import annotations

import random as randoms
from collections.abc import Callable
from typing import NamedTuple

from PIL import Image

from showtell_lib.scenes.drawing import countryside, town, waterside, wilds
from showtell_lib.scenes.drawing.night import NightPencil
from showtell_lib.scenes.drawing.pencil import Pencil


class Ground(NamedTuple):
    """Where actors may be, as heights in the picture (0 is its bottom, 1 its top).

    Attributes:
        front: where an actor of depth 0 stands.
        back: where an actor of depth 1 stands.
        water: the same two for whatever floats, if there is water.
    """

    front: float = 0.08
    back: float = 0.3
    water: tuple[float, float] | None = None


class Place(NamedTuple):
    """How a place is drawn (in a frame from 0 to 1), and where its ground is."""

    draw: Callable[[Pencil, randoms.Random], None]
    ground: Ground


PLACES = {
    "field": Place(countryside.draw_field, Ground()),
    "beach": Place(waterside.draw_beach, Ground(0.07, 0.25, water=(0.37, 0.43))),
    "snow": Place(wilds.draw_snow, Ground()),
    "street": Place(town.draw_street, Ground(0.06, 0.3)),
    "room": Place(town.draw_room, Ground(0.07, 0.25)),
    "pool": Place(waterside.draw_pool, Ground(0.05, 0.12, water=(0.24, 0.36))),
    "mountain": Place(wilds.draw_mountain, Ground()),
    "park": Place(countryside.draw_park, Ground()),
    "forest": Place(countryside.draw_forest, Ground()),
    "lake": Place(waterside.draw_lake, Ground(0.05, 0.13, water=(0.24, 0.38))),
    "desert": Place(wilds.draw_desert, Ground()),
}


def draw_place(image: Image.Image, place: str, time: str, random: randoms.Random) -> None:
    """Draws a place over the whole image.

    Args:
        image: RGB and square.
        place: one of `catalogue.PLACES`.
        time: `day` or `night`.
        random: decides hills, clouds, trees, shades of colours.
    """
    pen = NightPencil if time == "night" else Pencil
    PLACES[place].draw(pen(image, (0.0, float(image.height)), float(image.height)), random)


def ground(place: str) -> Ground:
    """Where actors may be in a place."""
    return PLACES[place].ground
