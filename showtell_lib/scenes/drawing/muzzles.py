"""Heads and coats of animals on four legs, as tables of shapes in sizes of the head."""

from __future__ import annotations

import random as randoms
from dataclasses import dataclass

from showtell_lib.scenes.drawing.limbs import Part, oval
from showtell_lib.scenes.drawing.palette import darker, lighter, mixed, shade
from showtell_lib.scenes.drawing.pencil import Colour, Point
from showtell_lib.scenes.world.actor import Actor


@dataclass(frozen=True)
class Muzzle:
    """An animal's head that looks to the right.

    Attributes:
        parts: the head itself.
        mane: shapes over the neck.
        mouth: where the mouth is.
    """

    parts: tuple[Part, ...]
    mane: tuple[Part, ...] = ()
    mouth: Point = (1.2, -0.4)


def _eye(x: float, y: float, size: float) -> tuple[Part, ...]:
    return (
        oval("white", x, y, size * 1.25, size * 1.25),
        oval("pupil", x + size * 0.15, y, size * 0.9, size * 0.95),
        oval("white", x + size * 0.4, y + size * 0.4, size * 0.3, size * 0.3),
    )


_DOG_SKULL = Part(
    "coat",
    (
        *((-0.9, 0.1), (-0.7, 0.72), (-0.1, 0.92), (0.5, 0.66), (0.72, 0.28), (1.3, 0.14)),
        *((1.56, -0.06), (1.46, -0.42), (0.9, -0.62), (0.2, -0.72), (-0.5, -0.7)),
    ),
)
_DOG_FACE = (
    Part(
        "light", ((0.55, -0.1), (1.0, 0.02), (1.5, -0.1), (1.44, -0.42), (0.9, -0.6), (0.5, -0.5))
    ),
    oval("nose", 1.48, 0.02, 0.2, 0.17),
    *_eye(0.36, 0.26, 0.15),
    Part(
        "deep",
        ((-0.62, 0.74), (-0.2, 0.7), (-0.02, 0.1), (-0.12, -0.62), (-0.48, -0.84), (-0.78, -0.3)),
    ),
)
_DOG_SMILE = (
    Part("mouth", ((0.66, -0.34), (1.05, -0.4), (1.36, -0.34), (1.2, -0.54), (0.85, -0.54))),
    Part("tongue", ((0.92, -0.42), (1.24, -0.42), (1.26, -0.8), (1.1, -0.94), (0.94, -0.8))),
)
_DOG_OPEN = (
    Part(
        "coat", ((0.2, -0.3), (0.8, -0.5), (1.26, -0.86), (1.16, -1.04), (0.6, -0.96), (0.0, -0.7))
    ),
    Part("mouth", ((0.5, -0.34), (1.3, -0.3), (1.42, -0.42), (1.2, -0.8), (0.8, -0.62))),
    Part("tongue", ((0.7, -0.5), (1.1, -0.58), (1.3, -0.76), (1.16, -0.82), (0.8, -0.66))),
)
_COLLAR = Part("collar", ((-0.78, -0.5), (0.0, -0.86), (0.1, -1.08), (-0.3, -1.04), (-0.92, -0.7)))
_CAT = (
    Part("coat", ((-0.86, 0.3), (-0.84, 1.32), (-0.6, 1.2), (-0.08, 0.74))),
    Part("coat", ((0.86, 0.3), (0.9, 1.32), (0.66, 1.2), (0.14, 0.74))),
    Part("pink", ((-0.68, 0.55), (-0.72, 1.08), (-0.58, 1.02), (-0.32, 0.74))),
    Part("pink", ((0.7, 0.55), (0.78, 1.08), (0.64, 1.02), (0.38, 0.74))),
    oval("coat", 0.0, 0.0, 1.04, 0.86),
    Part(
        "light",
        ((-0.3, -0.2), (0.1, -0.08), (0.5, -0.2), (0.52, -0.56), (0.1, -0.74), (-0.32, -0.56)),
    ),
    oval("iris", -0.36, 0.12, 0.2, 0.24),
    oval("iris", 0.5, 0.12, 0.2, 0.24),
    oval("pupil", -0.34, 0.12, 0.1, 0.21),
    oval("pupil", 0.52, 0.12, 0.1, 0.21),
    Part("pink", ((-0.04, -0.14), (0.24, -0.14), (0.1, -0.32))),
    Part("mouth", ((-0.2, -0.38), (0.1, -0.44), (0.4, -0.38), (0.26, -0.54), (-0.06, -0.54))),
    Part("whisker", ((0.5, -0.26), (1.4, -0.1), (1.4, -0.16), (0.5, -0.34))),
    Part("whisker", ((0.5, -0.38), (1.34, -0.5), (1.34, -0.56), (0.5, -0.46))),
    Part("whisker", ((-0.3, -0.26), (-1.2, -0.1), (-1.2, -0.16), (-0.3, -0.34))),
    Part("whisker", ((-0.3, -0.38), (-1.14, -0.5), (-1.14, -0.56), (-0.3, -0.46))),
)
_HORSE = (
    Part("coat", ((-0.3, 0.5), (-0.16, 1.02), (0.02, 0.9), (0.12, 0.46))),
    Part(
        "coat",
        (
            *((-0.55, 0.2), (-0.3, 0.56), (0.2, 0.52), (0.7, 0.04), (1.22, -0.56), (1.32, -0.86)),
            *((1.12, -1.08), (0.82, -0.98), (0.4, -0.56), (-0.1, -0.44), (-0.5, -0.3)),
        ),
    ),
    Part("light", ((0.98, -0.42), (1.26, -0.62), (1.32, -0.86), (1.12, -1.08), (0.84, -0.96))),
    oval("nose", 1.2, -0.74, 0.07, 0.09),
    Part("shade", ((0.86, -0.88), (1.1, -0.9), (1.12, -0.96), (0.84, -0.96))),
    *_eye(0.28, 0.16, 0.11),
)
_HORSE_MANE = (
    Part(
        "mane",
        (
            *((0.36, 0.5), (0.06, 0.74), (-0.5, 0.62), (-0.95, 0.1), (-1.4, -0.7), (-1.8, -1.5)),
            *((-1.5, -1.56), (-1.06, -1.1), (-0.84, -0.5), (-0.46, 0.06), (0.1, 0.3)),
        ),
    ),
)
_COW = (
    Part("horn", ((-0.36, 0.5), (-0.62, 0.9), (-0.42, 1.16), (-0.3, 0.92), (-0.06, 0.6))),
    Part("horn", ((0.3, 0.5), (0.62, 0.82), (0.56, 1.14), (0.36, 0.96), (0.06, 0.6))),
    Part("shade", ((-0.4, 0.34), (-0.9, 0.5), (-1.16, 0.26), (-0.9, 0.06), (-0.46, 0.1))),
    Part(
        "coat",
        (
            *((-0.56, 0.2), (-0.4, 0.62), (0.1, 0.72), (0.5, 0.5), (0.8, -0.1), (1.1, -0.5)),
            *((1.0, -0.92), (0.6, -1.0), (0.1, -0.8), (-0.4, -0.4)),
        ),
    ),
    Part("patch", ((-0.1, 0.68), (0.3, 0.62), (0.62, 0.2), (0.76, -0.2), (0.4, -0.3), (0.1, 0.2))),
    Part(
        "pink",
        ((0.56, -0.4), (0.98, -0.36), (1.16, -0.62), (1.02, -0.94), (0.6, -1.02), (0.4, -0.76)),
    ),
    oval("mouth", 0.98, -0.56, 0.07, 0.09),
    oval("mouth", 0.72, -0.56, 0.06, 0.08),
    *_eye(0.24, 0.1, 0.12),
)
# In shares of the body's length and girth.
COW_UDDER = Part("pink", ((0.1, -0.9), (0.3, -0.95), (0.34, -1.3), (0.2, -1.42), (0.08, -1.25)))
COW_PATCHES = (
    Part(
        "patch",
        ((-0.12, 0.6), (0.1, 0.88), (0.3, 0.7), (0.26, 0.1), (0.02, -0.1), (-0.14, 0.1)),
    ),
    Part("patch", ((0.46, 0.88), (0.74, 0.9), (0.82, 0.4), (0.7, -0.2), (0.5, -0.3), (0.4, 0.3))),
    Part("patch", ((0.9, -0.2), (1.06, 0.1), (1.12, -0.5), (0.98, -0.8), (0.86, -0.6))),
)
DOG = Muzzle((_COLLAR, _DOG_SKULL, *_DOG_FACE, *_DOG_SMILE))
OPEN_DOG = Muzzle((_COLLAR, *_DOG_OPEN, _DOG_SKULL, *_DOG_FACE), mouth=(1.5, -0.5))
CAT = Muzzle(_CAT, mouth=(0.1, -0.4))
HORSE = Muzzle(_HORSE, mane=_HORSE_MANE, mouth=(1.1, -1.0))
COW = Muzzle(_COW)


def coat_colours(actor: Actor, random: randoms.Random) -> dict[str, Colour]:
    """The colours of an animal's parts."""
    coat = shade(actor.colour, random, 5)
    if actor.colour == "black":  # A little lighter, so that legs and ears stand out.
        coat = lighter(coat, 0.06)
    bright = sum(coat) > 500
    dark_mane = mixed(coat, (36, 26, 24), 0.62)
    return {
        "coat": coat,
        "shade": darker(coat, 0.16),
        "deep": darker(coat, 0.4 if not bright else 0.3),
        "light": lighter(coat, 0.45),
        "patch": (58, 46, 44) if bright else (244, 242, 236),
        "mane": mixed(coat, (214, 190, 150), 0.5) if bright else dark_mane,
        "hoof": (52, 44, 42),
        "nose": (34, 28, 30),
        "pupil": (26, 22, 26),
        "white": (250, 250, 250),
        "iris": (176, 206, 84),
        "pink": (238, 164, 160),
        "tongue": (232, 104, 112),
        "mouth": (110, 44, 48),
        "horn": (226, 210, 176),
        "whisker": lighter(coat, 0.7) if not bright else darker(coat, 0.35),
        "collar": (60, 66, 92),
    }
