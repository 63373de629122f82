"""Birds and ducks, as tables of shapes in metres."""

from __future__ import annotations

import random as randoms

from showtell_lib.scenes.drawing.limbs import Part, draw_parts, oval
from showtell_lib.scenes.drawing.palette import darker, lighter, shade
from showtell_lib.scenes.drawing.pencil import Colour, Pencil, Point
from showtell_lib.scenes.world.actor import Actor

Bird = tuple[Part, ...]

_BIRD_HEAD = (
    Part("beak", ((0.2, 0.3), (0.32, 0.25), (0.2, 0.22))),
    oval("coat", 0.13, 0.26, 0.095, 0.09),
    oval("white", 0.165, 0.28, 0.026, 0.026),
    oval("pupil", 0.17, 0.28, 0.019, 0.02),
)
_BIRD_STAND = (
    Part("foot", ((-0.005, 0.12), (0.015, 0.12), (0.015, 0.01), (0.06, 0.0), (-0.02, 0.0))),
    Part("foot", ((0.055, 0.12), (0.075, 0.12), (0.075, 0.01), (0.12, 0.0), (0.04, 0.0))),
    Part("deep", ((-0.1, 0.2), (-0.32, 0.13), (-0.34, 0.08), (-0.1, 0.11))),
    Part("coat", ((-0.16, 0.16), (-0.02, 0.25), (0.1, 0.3), (0.2, 0.2), (0.14, 0.1), (0.0, 0.07))),
    Part("light", ((0.06, 0.1), (0.17, 0.13), (0.19, 0.2), (0.12, 0.18))),
    *_BIRD_HEAD,
    Part("shade", ((0.08, 0.23), (-0.04, 0.23), (-0.24, 0.12), (-0.08, 0.1), (0.06, 0.14))),
)
_BIRD_FLY = (
    Part("shade", ((0.08, 0.26), (0.16, 0.42), (0.12, 0.62), (0.0, 0.5), (-0.06, 0.26))),
    Part("deep", ((-0.1, 0.22), (-0.36, 0.22), (-0.38, 0.12), (-0.1, 0.14))),
    Part(
        "coat", ((-0.16, 0.17), (-0.02, 0.25), (0.1, 0.29), (0.2, 0.22), (0.12, 0.13), (0.0, 0.1))
    ),
    Part("light", ((0.0, 0.12), (0.12, 0.14), (0.19, 0.2), (0.1, 0.18))),
    *_BIRD_HEAD,
    Part(
        "coat",
        ((0.08, 0.24), (-0.02, 0.46), (-0.24, 0.64), (-0.3, 0.52), (-0.2, 0.34), (-0.08, 0.2)),
    ),
    Part("shade", ((-0.24, 0.64), (-0.3, 0.52), (-0.22, 0.36), (-0.16, 0.44))),
)
_DUCK_HEAD = (
    Part(
        "coat", ((0.1, 0.14), (0.12, 0.28), (0.14, 0.36), (0.26, 0.36), (0.28, 0.24), (0.24, 0.12))
    ),
    Part("beak", ((0.28, 0.38), (0.36, 0.36), (0.44, 0.335), (0.43, 0.3), (0.3, 0.3))),
    oval("coat", 0.22, 0.37, 0.1, 0.095),
    oval("white", 0.25, 0.39, 0.028, 0.028),
    oval("pupil", 0.256, 0.39, 0.02, 0.022),
    Part(
        "ring",
        ((0.13, 0.25), (0.2, 0.23), (0.275, 0.25), (0.27, 0.215), (0.2, 0.195), (0.125, 0.215)),
    ),
)
_DUCK_BODY = Part(
    "coat",
    (
        (-0.34, 0.24),
        (-0.24, 0.16),
        (0.0, 0.2),
        (0.16, 0.2),
        (0.26, 0.12),
        (0.2, 0.0),
        (0.0, -0.05),
        (-0.2, -0.01),
        (-0.3, 0.1),
    ),
)
_DUCK_WING = Part(
    "shade", ((0.12, 0.14), (0.0, 0.17), (-0.16, 0.15), (-0.28, 0.14), (-0.14, 0.05), (0.04, 0.04))
)
_DUCK_SWIM = (_DUCK_BODY, *_DUCK_HEAD, _DUCK_WING)
_DUCK_FEET = (
    Part("beak", ((-0.02, 0.1), (0.02, 0.1), (0.02, 0.02), (0.1, 0.0), (-0.04, 0.0))),
    Part("beak", ((0.08, 0.1), (0.12, 0.1), (0.12, 0.02), (0.2, 0.0), (0.06, 0.0))),
)
_DUCK_FLY = (
    Part("deep", ((0.1, 0.14), (0.18, 0.36), (0.06, 0.54), (-0.04, 0.4), (-0.06, 0.16))),
    _DUCK_BODY,
    *(Part(p.role, tuple((x + 0.1, y - 0.08) for x, y in p.points)) for p in _DUCK_HEAD),
    Part(
        "shade",
        ((0.12, 0.14), (0.04, 0.34), (-0.18, 0.54), (-0.26, 0.42), (-0.18, 0.24), (-0.1, 0.1)),
    ),
)


def _raised(parts: Bird, height: float) -> Bird:
    return tuple(Part(p.role, tuple((x, y + height) for x, y in p.points)) for p in parts)


BIRDS: dict[tuple[str, str], Bird] = {
    ("bird", "stand"): _BIRD_STAND,
    ("bird", "fly"): _BIRD_FLY,
    ("duck", "stand"): (*_DUCK_FEET, *_raised(_DUCK_SWIM, 0.11)),
    ("duck", "swim"): _DUCK_SWIM,
    ("duck", "fly"): _raised(_DUCK_FLY, 0.08),
}


def draw_bird(pencil: Pencil, actor: Actor, random: randoms.Random) -> Point:
    """Draws a bird or duck that looks to the right; returns where its beak is, metres."""
    tilt = random.uniform(-6, 6) if actor.action != "swim" else random.uniform(-1, 1)
    parts = BIRDS[actor.kind, actor.action]
    draw_parts(pencil, parts, bird_colours(actor, random), (0.0, 0.0), tilt)
    return 0.4, 0.3


def bird_colours(actor: Actor, random: randoms.Random) -> dict[str, Colour]:
    """The colours of a bird's parts."""
    coat = shade(actor.colour, random, 5)
    bright = sum(coat) > 640
    return {
        "coat": coat,
        "shade": lighter(coat, 0.2) if actor.colour == "black" else darker(coat, 0.14),
        "deep": darker(coat, 0.3),
        "light": lighter(coat, 0.5),
        "ring": darker(coat, 0.18) if bright else (246, 246, 242),
        "beak": (244, 164, 40) if actor.colour != "orange" else (206, 96, 30),
        "foot": (120, 84, 50),
        "white": (252, 252, 252),
        "pupil": (24, 20, 24),
    }
