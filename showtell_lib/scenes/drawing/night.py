"""A pencil for the night: its colours are moonlit, except those of windows and lamps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from showtell_lib.scenes.drawing.pencil import Colour, Pencil, Point
from showtell_lib.scenes.drawing.shapes import GLASS, LAMP

STAR: Colour = (250, 248, 224)
_SHINING = {GLASS: (255, 214, 120), LAMP: LAMP, STAR: STAR}
_MOONLIGHT = (0.38, 0.46, 0.63)
_AIR = (4, 8, 24)


@dataclass(frozen=True)
class NightPencil(Pencil):
    """A pencil at night.

    Attributes:
        strength: how dark the night is, 0 (as by day) to 1.
    """

    strength: float = 0.9

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled polygon, moonlit."""
        super().polygon(points, moonlit(colour, self.strength))

    def line(self, points: Sequence[Point], width: float, colour: Colour) -> None:
        """A line with round ends and joints, moonlit."""
        super().line(points, width, moonlit(colour, self.strength))


def moonlit(colour: Colour, strength: float) -> Colour:
    """What a colour looks like at night; an alpha stays as it is."""
    if colour in _SHINING:
        return _SHINING[colour]
    dim = [
        round(c * (1 - strength + strength * light) + strength * air)
        for c, light, air in zip(colour[:3], _MOONLIGHT, _AIR, strict=True)
    ]
    return (*dim, *colour[3:])


def as_seen(pencil: Pencil, colour: Colour) -> Colour:
    """A colour as this pencil would draw it."""
    return moonlit(colour, pencil.strength) if isinstance(pencil, NightPencil) else colour
