"""A pencil for clean, friendly vector pictures: smooth shapes in the frame of what is drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from PIL import Image, ImageDraw

Point = tuple[float, float]
Colour = tuple[int, ...]
# The outline of a circle, worked out once: a picture has hundreds of them.
CIRCLE = tuple((math.cos(t), math.sin(t)) for t in (2 * math.pi * i / 48 for i in range(48)))


@dataclass(frozen=True)
class Pencil:
    """Draws on an image in a frame of its own: x to the right, y upwards, in metres.

    A grown-up is about 1.75 high; the origin is the ground under the middle of what is drawn.

    Attributes:
        image: RGB, several times larger than the finished picture, which smooths the edges.
        origin: where the frame's origin lies, pixels.
        unit: pixels per metre.
        mirrored: whether x grows to the left.
    """

    image: Image.Image
    origin: Point
    unit: float
    mirrored: bool = False
    # One for opaque colours and one for others: a picture has hundreds of shapes.
    _draws: dict[bool, ImageDraw.ImageDraw] = field(
        default_factory=dict, kw_only=True, repr=False, compare=False
    )

    def at(self, x: float, y: float, scale: float = 1.0) -> Pencil:
        """The same pencil in a frame that starts elsewhere."""
        return replace(self, origin=self._pixels([(x, y)])[0], unit=self.unit * scale)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled polygon."""
        self._draw(colour).polygon(self._pixels(points), fill=colour)

    def blob(self, points: Sequence[Point], colour: Colour, steps: int = 8) -> None:
        """A filled smooth closed curve through the points (Catmull-Rom)."""
        self.polygon(smooth(points, steps), colour)

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A line with round ends and joints."""
        pixels = self._pixels(points)
        draw, thick = self._draw(colour), max(1, round(width * self.unit))
        draw.line(pixels, fill=colour, width=thick)
        for x, y in pixels:
            r = thick / 2
            draw.ellipse((x - r, y - r, x + r, y + r), fill=colour)

    def limb(self, points: Sequence[Point], widths: Sequence[float], colour: Colour) -> None:
        """A tapering line: a round joint of its own width at each point."""
        for (a, u), (b, v) in pairwise(zip(points, widths, strict=True)):
            angle = math.atan2(b[1] - a[1], b[0] - a[0])
            side = (-math.sin(angle) / 2, math.cos(angle) / 2)
            corners = [
                (p[0] + s * side[0], p[1] + s * side[1])
                for p, s in ((a, u), (b, v), (b, -v), (a, -u))
            ]
            self.polygon(corners, colour)
        for (x, y), width in zip(points, widths, strict=True):
            self.ellipse(x, y, width / 2, width / 2, colour)

    def ellipse(
        self, x: float, y: float, rx: float, ry: float, colour: Colour, angle: float = 0.0
    ) -> None:
        """A filled ellipse, turned anticlockwise by `angle` degrees."""
        turn = math.radians(angle)
        cos, sin = math.cos(turn), math.sin(turn)
        outline = [
            (x + rx * c * cos - ry * s * sin, y + rx * c * sin + ry * s * cos) for c, s in CIRCLE
        ]
        self.polygon(outline, colour)

    def _pixels(self, points: Sequence[Point]) -> list[Point]:
        left, bottom = self.origin
        across = -self.unit if self.mirrored else self.unit
        return [(left + x * across, bottom - y * self.unit) for x, y in points]

    def _draw(self, colour: Colour) -> ImageDraw.ImageDraw:
        # Mode RGBA blends a colour that has an alpha into an RGB image.
        blends = len(colour) == 4
        if blends not in self._draws:
            self._draws[blends] = ImageDraw.Draw(self.image, "RGBA" if blends else None)
        return self._draws[blends]


def smooth(points: Sequence[Point], steps: int = 8) -> list[Point]:
    """A closed curve through the points (Catmull and Rom 1974), as a polygon."""
    count = len(points)
    times = [(t, t**2, t**3) for t in (step / steps for step in range(steps))]
    curve = []
    for i in range(count):
        four = (points[(i + k) % count] for k in (-1, 0, 1, 2))
        (x0, x1, x2, x3), (y0, y1, y2, y3) = (_cubic(*axis) for axis in zip(*four, strict=True))
        curve += [
            (0.5 * (x0 + x1 * t + x2 * tt + x3 * ttt), 0.5 * (y0 + y1 * t + y2 * tt + y3 * ttt))
            for t, tt, ttt in times
        ]
    return curve


def _cubic(a: float, b: float, c: float, d: float) -> tuple[float, float, float, float]:
    """Twice the coefficients of the curve from b to c, after a and before d."""
    return 2 * b, c - a, 2 * a - 5 * b + 4 * c - d, 3 * b - a - 3 * c + d
