"""Bikes, cars, buses and boats, seen from the side and facing right."""

from __future__ import annotations

import math
import random as randoms

from showtell_lib.scenes.drawing.palette import darker, lighter
from showtell_lib.scenes.drawing.pencil import Colour, Pencil
from showtell_lib.scenes.drawing.shapes import GLASS, LAMP, box, ring, rounded

TYRE: Colour = (48, 48, 54)
STEEL: Colour = (176, 182, 190)


def draw_bike(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    """A bike: saddle (-0.18, 0.95), handlebar (0.42, 1.05), pedals round (0, 0.3)."""
    for x in (-0.52, 0.52):
        _spoked_wheel(pencil.at(x, 0.34), random.uniform(0, 0.5))
    dark = darker(colour, 0.3)
    pencil.line([(-0.52, 0.34), (0, 0.3)], 0.045, dark)
    pencil.line([(-0.52, 0.34), (-0.15, 0.76)], 0.045, dark)
    pencil.line([(0.36, 0.9), (0.4, 0.72), (0.52, 0.34)], 0.055, dark)
    pencil.line([(0, 0.3), (0.38, 0.76)], 0.065, colour)
    pencil.line([(-0.14, 0.76), (0.36, 0.82)], 0.065, colour)
    pencil.line([(0, 0.3), (-0.16, 0.82)], 0.06, colour)
    pencil.line([(-0.12, 0.775), (0.34, 0.83)], 0.016, lighter(colour, 0.5))
    _bike_fittings(pencil)


def _spoked_wheel(hub: Pencil, turn: float) -> None:
    for i in range(5):
        angle = 0.63 * i + turn
        x, y = 0.3 * math.cos(angle), 0.3 * math.sin(angle)
        hub.line([(-x, -y), (x, y)], 0.012, STEEL)
    ring(hub, 0, 0, 0.3, 0.02, STEEL)
    ring(hub, 0, 0, 0.325, 0.045, TYRE)
    hub.ellipse(0, 0, 0.035, 0.035, (96, 100, 108))


def _bike_fittings(pencil: Pencil) -> None:
    pencil.line([(-0.16, 0.82), (-0.18, 0.93)], 0.035, STEEL)
    pencil.blob([(-0.32, 0.97), (-0.2, 0.98), (-0.04, 0.96), (-0.18, 0.91)], TYRE)
    pencil.line([(0.36, 0.88), (0.33, 1.03), (0.42, 1.05)], 0.035, STEEL)
    pencil.line([(0.36, 1.045), (0.46, 1.05)], 0.05, TYRE)
    pencil.ellipse(0, 0.3, 0.085, 0.085, (120, 124, 132))
    pencil.ellipse(0, 0.3, 0.05, 0.05, STEEL)
    pencil.line([(-0.07, 0.42), (0.07, 0.18)], 0.03, (96, 100, 108))
    for x, y in ((-0.07, 0.42), (0.07, 0.18)):
        pencil.line([(x - 0.05, y), (x + 0.05, y)], 0.04, TYRE)


def draw_car(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    """A small car."""
    dark, light = darker(colour, 0.25), lighter(colour, 0.28)
    cabin = [(-1.2, 0.8), (-0.9, 1.38), (-0.55, 1.5), (0.3, 1.5), (0.62, 1.36), (1.1, 0.8)]
    pencil.polygon(cabin, colour)
    pencil.polygon([(-1.0, 0.88), (-0.78, 1.33), (-0.22, 1.4), (-0.22, 0.88)], GLASS)
    pencil.polygon([(-0.12, 0.88), (-0.12, 1.4), (0.26, 1.4), (0.5, 1.3), (0.88, 0.88)], GLASS)
    for x in (-0.62, 0.14):
        shine = [(x, 0.9), (x + 0.18, 1.38), (x + 0.28, 1.38), (x + 0.1, 0.9)]
        pencil.polygon(shine, lighter(GLASS, 0.5))
    body = [(-1.78, 0.3), (-1.8, 0.7), (-1.66, 0.9), (0.9, 0.9), (1.5, 0.8), (1.76, 0.66)]
    pencil.polygon([*body, (1.82, 0.42), (1.74, 0.28)], colour)
    pencil.polygon([(-1.78, 0.3), (-1.79, 0.48), (1.8, 0.48), (1.74, 0.28)], dark)
    pencil.line([(-1.62, 0.87), (0.86, 0.87)], 0.045, light)
    for points in ([(-0.17, 0.84), (-0.17, 0.36)], [(0.95, 0.84), (0.85, 0.4)]):
        pencil.line(points, 0.022, dark)
    pencil.line([(-0.42, 0.74), (-0.3, 0.74)], 0.04, dark)
    rounded(pencil, -1.82, 0.6, 0.14, 0.18, 0.05, (206, 52, 44))
    pencil.ellipse(1.62, 0.62, 0.12, 0.1, LAMP)
    for x in (-1.1, 1.1):
        _wheel(pencil.at(x, 0.33), 0.34, random.uniform(0, 1), dark)


def _wheel(hub: Pencil, radius: float, turn: float, arch: Colour) -> None:
    hub.ellipse(0, 0.02, radius * 1.2, radius * 1.2, darker(arch, 0.25))
    hub.ellipse(0, 0, radius, radius, TYRE)
    hub.ellipse(0, 0, radius * 0.6, radius * 0.6, STEEL)
    for i in range(3):
        x, y = math.cos(turn + i * 1.05), math.sin(turn + i * 1.05)
        spoke = radius * 0.52
        hub.line([(-x * spoke, -y * spoke), (x * spoke, y * spoke)], 0.03, (120, 126, 136))
    hub.ellipse(0, 0, radius * 0.2, radius * 0.2, (96, 100, 108))


def draw_bus(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    """A bus, long and with many windows."""
    dark, light = darker(colour, 0.25), lighter(colour, 0.3)
    rounded(pencil, -3.5, 0.38, 7.0, 2.42, 0.3, colour)
    box(pencil, -3.46, 0.4, 6.92, 0.35, dark)
    rounded(pencil, -3.3, 2.62, 6.6, 0.12, 0.05, light)
    box(pencil, -3.49, 1.12, 6.98, 0.14, (244, 244, 240))
    for number in range(5):
        x = -3.25 + number * 1.08
        rounded(pencil, x, 1.42, 0.94, 0.98, 0.08, GLASS)
        shine = [(x + 0.2, 1.46), (x + 0.5, 2.36), (x + 0.68, 2.36), (x + 0.38, 1.46)]
        pencil.polygon(shine, lighter(GLASS, 0.5))
    rounded(pencil, 2.2, 0.5, 0.66, 1.9, 0.06, dark)
    rounded(pencil, 2.26, 0.6, 0.54, 1.74, 0.05, GLASS)
    pencil.line([(2.53, 0.62), (2.53, 2.3)], 0.05, dark)
    pencil.polygon([(2.98, 1.3), (2.98, 2.4), (3.4, 2.4), (3.49, 2.2), (3.49, 1.3)], GLASS)
    pencil.ellipse(3.36, 0.86, 0.15, 0.13, LAMP)
    rounded(pencil, -3.5, 0.8, 0.14, 0.26, 0.05, (206, 52, 44))
    for x in (-2.2, 1.6):
        _wheel(pencil.at(x, 0.45), 0.46, random.uniform(0, 1), dark)


def draw_boat(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    """A small sailing boat; its hull has the colour, its sails are white."""
    dark, belly = darker(colour, 0.28), random.uniform(0.0, 0.14)
    sail, folded = (248, 246, 238), (216, 220, 228)
    pencil.line([(0, 0.6), (0, 3.42)], 0.07, (128, 88, 54))
    main = [(-0.08, 0.95), (-0.08, 3.3), (-0.72 - belly, 2.1), (-1.38, 1.0)]
    pencil.polygon(main, sail)
    pencil.polygon([(-0.08, 0.95), (-0.08, 3.3), (-0.34, 2.1), (-0.5, 0.97)], folded)
    pencil.polygon([(0.1, 0.98), (0.1, 2.9), (0.62 + belly, 2.0), (1.22, 0.98)], sail)
    pencil.polygon([(0.1, 0.98), (0.1, 2.9), (0.3, 2.0), (0.4, 0.98)], folded)
    pencil.polygon([(0, 3.2), (0, 3.45), (0.34, 3.32)], colour)
    hull = [(-1.6, 0.72), (-1.36, 0.24), (-1.1, 0.02), (1.0, 0.02), (1.36, 0.3), (1.72, 0.78)]
    pencil.polygon(hull, colour)
    pencil.polygon([(-1.42, 0.36), (-1.1, 0.02), (1.0, 0.02), (1.42, 0.36)], dark)
    pencil.line([(-1.57, 0.72), (1.69, 0.77)], 0.09, lighter(colour, 0.5))
