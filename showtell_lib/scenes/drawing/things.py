"""The things in a scene. Each is drawn with the middle of its base at the pencil's origin."""

from __future__ import annotations

import math
import random as randoms
from collections.abc import Callable

from showtell_lib.scenes.drawing import landmarks, vehicles
from showtell_lib.scenes.drawing.palette import darker, lighter, shade
from showtell_lib.scenes.drawing.pencil import Colour, Pencil
from showtell_lib.scenes.drawing.shapes import arc

DrawThing = Callable[[Pencil, Colour, randoms.Random], None]


def draw_thing(pencil: Pencil, kind: str, colour: str, random: randoms.Random) -> None:
    """Draws a thing; the origin is the middle of its base.

    Args:
        pencil: draws in metres, placed on the ground under the thing.
        kind: one of `catalogue.THINGS`.
        colour: one of `catalogue.COLOURS`.
        random: decides shades and small details.
    """
    THINGS[kind](pencil, shade(colour, random, 6), random)


def _ball(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    radius, turn = 0.14, random.uniform(-25, 25)
    pencil.ellipse(0, radius, radius, radius, darker(colour, 0.32))
    lit = pencil.at(-0.012, radius + 0.013)
    lit.ellipse(0, 0, radius * 0.875, radius * 0.875, colour)
    lit.ellipse(0, 0, radius * 0.42, radius * 0.87, lighter(colour, 0.45), turn)
    lit.ellipse(0, 0, radius * 0.19, radius * 0.86, colour, turn)
    lit.ellipse(-0.05, 0.055, 0.035, 0.025, lighter(colour, 0.75), 40)


def _frisbee(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    tilt = random.uniform(4, 14)
    disc = pencil.at(0, 0.08)
    disc.ellipse(0, -0.015, 0.2, 0.075, darker(colour, 0.4), tilt)
    disc.ellipse(0, 0.01, 0.2, 0.068, colour, tilt)
    disc.ellipse(0, 0.015, 0.155, 0.046, darker(colour, 0.18), tilt)
    disc.ellipse(0, 0.012, 0.145, 0.038, lighter(colour, 0.3), tilt)
    disc.ellipse(-0.06, 0.016, 0.05, 0.012, lighter(colour, 0.7), tilt)


def _skateboard(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    wheel = lighter(shade("yellow", random), 0.4)
    for x in (-0.24, 0.24):
        pencil.line([(x - 0.05, 0.08), (x + 0.05, 0.08)], 0.04, (110, 114, 122))
        for side in (-0.055, 0.055):
            pencil.ellipse(x + side, 0.05, 0.05, 0.05, darker(wheel, 0.25))
            pencil.ellipse(x + side, 0.05, 0.035, 0.035, wheel)
            pencil.ellipse(x + side, 0.05, 0.013, 0.013, (90, 94, 102))
    deck = [(-0.4, 0.17), (-0.3, 0.12), (0.3, 0.12), (0.4, 0.17)]
    pencil.line(deck, 0.055, darker(colour, 0.3))
    pencil.line([(x, y + 0.014) for x, y in deck], 0.034, colour)
    pencil.line([(-0.27, 0.145), (0.27, 0.145)], 0.01, lighter(colour, 0.5))


def _cup(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    rim, dark = lighter(colour, 0.35), darker(colour, 0.25)
    pencil.line(arc(0.095, 0.115, 0.055, 0.055, -100, 100), 0.024, dark)
    pencil.line(arc(0.092, 0.119, 0.055, 0.055, -100, 100), 0.014, colour)
    foot = arc(0, 0.05, 0.085, 0.05, 180, 360, 12)
    pencil.polygon([(-0.1, 0.19), *foot, (0.1, 0.19)], colour)
    pencil.polygon([(0.05, 0.19), *foot[8:], (0.1, 0.19)], dark)
    pencil.polygon([(-0.075, 0.17), (-0.06, 0.05), (-0.045, 0.05), (-0.055, 0.17)], rim)
    pencil.ellipse(0, 0.19, 0.1, 0.027, rim)
    pencil.ellipse(0, 0.188, 0.085, 0.019, (92, 58, 40))
    pencil.ellipse(-0.02, 0.184, 0.05, 0.009, (126, 84, 58))
    for x in (-0.035, 0.03):
        _steam(pencil, x + random.uniform(-0.01, 0.01))


def _steam(pencil: Pencil, x: float) -> None:
    wave = [(0, 0.205), (0.012, 0.225), (0, 0.245), (-0.01, 0.262), (0.004, 0.28)]
    pencil.line([(x + dx, y) for dx, y in wave], 0.009, (255, 255, 255, 120))


def _flower(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    stem, lean, turn = (70, 140, 62), random.uniform(-0.03, 0.03), random.uniform(0, 60)
    top = (lean, 0.46)
    pencil.line([(0, 0), (lean * 0.3, 0.22), top], 0.026, stem)
    for side in (-1, 1):
        leaf = [(0, 0.08), (side * 0.07, 0.17), (side * 0.17, 0.21), (side * 0.1, 0.1)]
        pencil.blob(leaf, stem if side < 0 else darker(stem, 0.2))
    head = pencil.at(*top)
    for ring_radius, length, width, tone, start in (
        (0.085, 0.07, 0.042, darker(colour, 0.18), turn + 22.5),
        (0.075, 0.065, 0.036, colour, turn),
    ):
        for x, y in arc(0, 0, ring_radius, ring_radius, start, start + 315, 7):
            head.ellipse(x, y, length, width, tone, math.degrees(math.atan2(y, x)))
    middle = (128, 82, 48) if colour[0] > 200 and colour[2] < 130 else (250, 200, 60)
    head.ellipse(0, 0, 0.055, 0.055, darker(middle, 0.15))
    head.ellipse(-0.008, 0.01, 0.042, 0.042, lighter(middle, 0.15))


def _umbrella(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    wood = shade("brown", random)
    pencil.line([(0, 0.12), (0, 1.1)], 0.028, (96, 100, 110))
    pencil.line(arc(0.06, 0.1, 0.06, 0.075, 180, 360, 10), 0.036, wood)
    canopy = pencil.at(0, 0.66)
    canopy.polygon(arc(0, 0, 0.56, 0.42, 0, 180, 30), colour)
    hem = [(-0.56, -0.34), (-0.34, -0.11), (-0.11, 0.11), (0.11, 0.34), (0.34, 0.56)]
    for number, (left, right) in enumerate(hem):
        tone = (lighter(colour, 0.2), lighter(colour, 0.5), colour)[number % 3]
        _panel(canopy, left, right, darker(colour, 0.25) if number == 4 else tone)
    pencil.line([(0, 1.07), (0, 1.13)], 0.026, (96, 100, 110))


def _panel(canopy: Pencil, left: float, right: float, colour: Colour) -> None:
    # Each panel is the part of the dome between two meridians, with a scalloped hem.
    rise = [i / 8 for i in range(9)]
    edges = [[(x * (1 - t**2.3), 0.42 * t**0.62) for t in rise] for x in (left, right)]
    middle = ((left + right) / 2, 0.045)
    canopy.polygon([*edges[0], *reversed(edges[1]), middle], colour)


THINGS: dict[str, DrawThing] = {
    "ball": _ball,
    "frisbee": _frisbee,
    "bike": vehicles.draw_bike,
    "skateboard": _skateboard,
    "car": vehicles.draw_car,
    "bus": vehicles.draw_bus,
    "boat": vehicles.draw_boat,
    "tree": landmarks.draw_tree,
    "house": landmarks.draw_house,
    "cup": _cup,
    "flower": _flower,
    "umbrella": _umbrella,
    "bench": landmarks.draw_bench,
}
