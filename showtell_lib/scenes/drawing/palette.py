"""The named colours, varied a little from scene to scene, and lighter and darker shades."""

from __future__ import annotations

import random as randoms

from showtell_lib.scenes.drawing.pencil import Colour

NAMED: dict[str, Colour] = {
    "red": (214, 48, 49),
    "orange": (240, 138, 36),
    "yellow": (250, 208, 60),
    "green": (66, 160, 71),
    "blue": (41, 98, 200),
    "purple": (142, 66, 190),
    "pink": (240, 128, 172),
    "white": (245, 245, 242),
    "black": (42, 42, 48),
    "brown": (128, 82, 48),
    "gray": (142, 146, 152),
}


def shade(name: str, random: randoms.Random, spread: int = 10) -> Colour:
    """A named colour, each channel moved by up to `spread`."""
    return tuple(min(max(c + random.randint(-spread, spread), 0), 255) for c in NAMED[name])


def mixed(colour: Colour, other: Colour, share: float) -> Colour:
    """A colour with a share (0 to 1) of another."""
    return tuple(
        round(a * (1 - share) + b * share) for a, b in zip(colour[:3], other[:3], strict=True)
    )


def darker(colour: Colour, share: float = 0.2) -> Colour:
    """A darker colour, for shaded sides."""
    return mixed(colour, (20, 20, 40), share)


def lighter(colour: Colour, share: float = 0.2) -> Colour:
    """A lighter colour, for lit sides."""
    return mixed(colour, (255, 255, 250), share)
