"""People's heads: faces half turned to the viewer, and hair as tables of shapes.

All points are in radii of the head, around its middle.
"""

from __future__ import annotations

import random as randoms
from dataclasses import dataclass

from showtell_lib.scenes.drawing.limbs import Part, draw_parts, oval
from showtell_lib.scenes.drawing.palette import darker, lighter, mixed
from showtell_lib.scenes.drawing.pencil import Colour, Pencil, Point

SKINS: tuple[Colour, ...] = (
    (250, 214, 186),
    (240, 194, 158),
    (214, 158, 116),
    (168, 112, 76),
    (118, 76, 52),
)
HAIRS: tuple[Colour, ...] = (
    (52, 36, 30),
    (30, 26, 28),
    (98, 62, 38),
    (150, 84, 42),
    (222, 180, 96),
)

_SHORT = Part(
    "hair",
    (
        *((0.84, 0.42), (0.8, 0.86), (0.4, 1.2), (-0.2, 1.24), (-0.78, 0.98), (-1.04, 0.4)),
        *((-1.0, -0.16), (-0.78, -0.36), (-0.66, -0.02), (-0.6, 0.34), (-0.2, 0.56), (0.4, 0.6)),
    ),
)
_FRINGE = Part(
    "hair",
    (
        *((0.9, 0.22), (0.92, 0.7), (0.5, 1.14), (-0.1, 1.26), (-0.76, 1.0), (-1.06, 0.4)),
        *((-1.02, -0.3), (-0.8, -0.4), (-0.66, 0.06), (-0.5, 0.38), (0.0, 0.7), (0.5, 0.56)),
    ),
)
_SHINE = Part("shine", ((-0.62, 0.72), (-0.2, 1.0), (0.3, 0.98), (-0.15, 0.86)))
_LONG = Part(
    "shade",
    (
        *((0.7, 0.9), (0.0, 1.28), (-0.8, 1.02), (-1.16, 0.3), (-1.24, -0.7), (-1.3, -1.7)),
        *((-1.1, -2.1), (-0.3, -2.0), (0.5, -1.75), (0.86, -1.2), (0.92, -0.2)),
    ),
)
_LOCK = Part(
    "hair",
    (
        *((-0.5, 0.7), (-0.92, 0.6), (-1.16, -0.2), (-1.24, -1.3), (-1.12, -2.0), (-0.8, -1.9)),
        *((-0.64, -1.1), (-0.72, -0.4), (-0.58, 0.2)),
    ),
)
_WAVES = Part(
    "shade",
    (
        *((0.8, 0.8), (0.0, 1.3), (-0.9, 1.0), (-1.34, 0.3), (-1.2, -0.3), (-1.5, -0.8)),
        *((-1.3, -1.3), (-1.1, -1.75), (0.4, -1.7), (0.9, -1.4), (0.86, -0.9), (1.06, -0.4)),
    ),
)
_PONYTAIL = Part(
    "shade",
    (
        *((-0.7, 0.9), (-1.2, 0.95), (-1.7, 0.5), (-1.85, -0.4), (-1.75, -1.3), (-1.4, -1.0)),
        *((-1.3, -0.3), (-1.05, 0.3)),
    ),
)
_BEARD = Part(
    "hair",
    (
        *((-0.72, -0.02), (-0.72, -0.62), (-0.3, -1.12), (0.3, -1.22), (0.74, -0.86)),
        *((0.86, -0.4), (0.6, -0.36), (0.1, -0.32), (-0.4, -0.3)),
    ),
)
_MOUSTACHE = Part("hair", ((0.05, -0.44), (0.4, -0.3), (0.8, -0.42), (0.42, -0.5)))
_CURLS = tuple(
    oval("hair", x, y, 0.4, 0.38)
    for x, y in ((-0.86, 0.1), (-0.84, 0.62), (-0.4, 1.0), (0.15, 1.1), (0.62, 0.82), (-0.3, 0.7))
)
_PIGTAIL = ((0.0, 0.0), (-0.34, 0.02), (-0.62, -0.5), (-0.56, -1.15), (-0.3, -1.3), (-0.06, -0.6))


@dataclass(frozen=True)
class Hair:
    """A way to wear hair: shapes behind the head and shapes over it."""

    behind: tuple[Part, ...]
    over: tuple[Part, ...]


def _pigtail(x: float, y: float, side: float) -> tuple[Part, ...]:
    points = tuple((x + side * px, y + py) for px, py in _PIGTAIL)
    return Part("shade", points), oval("band", x, y, 0.16, 0.16)


_CAP = (
    Part("cloth", ((0.86, 0.4), (0.7, 1.0), (0, 1.3), (-0.8, 1.05), (-1.06, 0.36), (-0.2, 0.3))),
    Part("cloth_shade", ((0.3, 0.5), (0.9, 0.56), (1.5, 0.4), (1.46, 0.26), (0.8, 0.28))),
)
_BUN = (oval("shade", -0.72, 1.12, 0.5, 0.48),)
STYLES: dict[str, Hair] = {
    "short": Hair((), (_SHORT, _SHINE)),
    "fringe": Hair((), (_FRINGE, _SHINE)),
    "curls": Hair((), _CURLS),
    "beard": Hair((), (_BEARD, _SHORT, _SHINE)),
    "moustache": Hair((), (_MOUSTACHE, _SHORT, _SHINE)),
    "cap": Hair((), (_SHORT, *_CAP)),
    "long": Hair((_LONG,), (_FRINGE, _LOCK, _SHINE)),
    "waves": Hair((_WAVES,), (_SHORT, _LOCK, _SHINE)),
    "bun": Hair(_BUN, (_FRINGE, _SHINE)),
    "ponytail": Hair((_PONYTAIL, oval("band", -0.98, 0.78, 0.2, 0.2)), (_FRINGE, _SHINE)),
    "pigtails": Hair((*_pigtail(-0.95, 0.2, 1.0), *_pigtail(0.86, 0.2, -0.9)), (_FRINGE, _SHINE)),
}
STYLES_OF: dict[str, tuple[str, ...]] = {
    "man": ("short", "beard", "short", "moustache", "beard"),
    "woman": ("long", "waves", "long", "ponytail", "waves"),
    "boy": ("fringe", "cap", "curls", "short"),
    "girl": ("pigtails", "pigtails", "ponytail"),
}

_FACE = (
    oval("skin", 0.06, -0.02, 0.88, 1.0),
    Part("skin_shade", ((-0.8, 0.1), (-0.62, -0.7), (0.0, -1.02), (-0.42, -0.6), (-0.56, 0.0))),
    oval("skin_shade", -0.72, -0.08, 0.2, 0.26),
    oval("blush", 0.06, -0.34, 0.2, 0.15),
    oval("blush", 0.8, -0.32, 0.12, 0.13),
    oval("white", 0.2, 0.1, 0.17, 0.21),
    oval("white", 0.66, 0.1, 0.15, 0.21),
    oval("eye", 0.23, 0.1, 0.115, 0.17),
    oval("eye", 0.68, 0.1, 0.105, 0.17),
    Part("skin_shade", ((0.44, 0.02), (0.6, -0.16), (0.5, -0.24), (0.4, -0.18))),
)
_SMILE = Part("lips", ((0.14, -0.46), (0.42, -0.5), (0.72, -0.44), (0.62, -0.64), (0.32, -0.66)))


@dataclass(frozen=True)
class Head:
    """What a head looks like.

    Attributes:
        style: of the hair, one of `STYLES`.
        skin: colour of the skin.
        hair: colour of the hair.
        cloth: colour of a cap and of hair bands.
    """

    style: str
    skin: Colour
    hair: Colour
    cloth: Colour

    def colours(self) -> dict[str, Colour]:
        """The colours of the head's parts."""
        return {
            "skin": self.skin,
            "skin_shade": darker(self.skin, 0.14),
            "blush": (*mixed(self.skin, (226, 92, 84), 0.4), 170),
            "white": (252, 250, 246),
            "eye": (38, 28, 30),
            "lips": mixed((176, 44, 48), self.skin, 0.1),
            "hair": self.hair,
            "shade": darker(self.hair, 0.22),
            "shine": lighter(self.hair, 0.16),
            "band": self.cloth,
            "cloth": self.cloth,
            "cloth_shade": darker(self.cloth, 0.2),
        }


def choose_head(kind: str, cloth: Colour, random: randoms.Random) -> Head:
    """Skin and hair for a man, woman, boy or girl."""
    style = random.choice(STYLES_OF[kind])
    skin = random.choice(SKINS)
    # Fair hair is for fair skin only; both draws are always made, so that the rest stays equal.
    hair = HAIRS[int(random.random() * (len(HAIRS) if sum(skin) > 560 else 3))]
    return Head(style, skin, hair, cloth)


def draw_hair_behind(pencil: Pencil, head: Head, centre: Point, radius: float, tilt: float) -> None:
    """What hangs behind the neck and shoulders."""
    draw_parts(pencil, STYLES[head.style].behind, head.colours(), centre, tilt, radius)


def draw_head(pencil: Pencil, head: Head, centre: Point, radius: float, tilt: float) -> None:
    """The face and the hair over it, turned anticlockwise by `tilt` degrees."""
    parts = (*_FACE, *STYLES[head.style].over, _SMILE)
    draw_parts(pencil, parts, head.colours(), centre, tilt, radius)
