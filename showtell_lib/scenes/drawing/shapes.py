"""Shapes that places and things share: boxes, rings, arcs, shaded sides."""

from __future__ import annotations

import math
from collections.abc import Sequence

from showtell_lib.scenes.drawing.pencil import Colour, Pencil, Point

# Colours that shine at night (see `night`), whatever they are part of.
GLASS: Colour = (178, 216, 236)
LAMP: Colour = (255, 246, 198)


def box(pencil: Pencil, x: float, y: float, width: float, height: float, colour: Colour) -> None:
    """A filled rectangle whose lower left corner is (x, y)."""
    corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height)]
    pencil.polygon(corners, colour)


def rounded(
    pencil: Pencil,
    x: float,
    y: float,
    width: float,
    height: float,
    radius: float,
    colour: Colour,
) -> None:
    """A filled rectangle with round corners; its lower left corner is (x, y)."""
    outline: list[Point] = []
    right, top = x + width - radius, y + height - radius
    for start, cx, cy in (
        (0, right, top),
        (90, x + radius, top),
        (180, x + radius, y + radius),
        (270, right, y + radius),
    ):
        outline += arc(cx, cy, radius, radius, start, start + 90, 6)
    pencil.polygon(outline, colour)


def arc(
    x: float, y: float, rx: float, ry: float, start: float, end: float, steps: int = 16
) -> list[Point]:
    """Points on an ellipse from one angle to another, in degrees, anticlockwise."""
    angles = [math.radians(start + (end - start) * i / steps) for i in range(steps + 1)]
    return [(x + rx * math.cos(a), y + ry * math.sin(a)) for a in angles]


def ring(pencil: Pencil, x: float, y: float, radius: float, width: float, colour: Colour) -> None:
    """A circle that is a line."""
    pencil.line(arc(x, y, radius, radius, 0, 360, 32), width, colour)


def cluster(pencil: Pencil, circles: Sequence[tuple[float, float, float]], colour: Colour) -> None:
    """Circles (x, y, radius) that overlap: a crown, a bush, a cloud."""
    for x, y, radius in circles:
        pencil.ellipse(x, y, radius, radius * 0.92, colour)
