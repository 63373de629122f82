"""Trees, houses and benches, as actors and as parts of places."""

from __future__ import annotations

import random as randoms

from showtell_lib.scenes.drawing.palette import darker, lighter
from showtell_lib.scenes.drawing.pencil import Colour, Pencil
from showtell_lib.scenes.drawing.shapes import GLASS, box, cluster, rounded

BARK: Colour = (118, 80, 52)


def draw_tree(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    """A round tree whose crown has the colour."""
    crown = [(-0.85, 2.2, 0.72), (0.85, 2.15, 0.74), (-0.55, 3.05, 0.78), (0.5, 3.0, 0.8)]
    crown += [(0, 3.35, 0.74), (0, 2.3, 0.95)]
    crown = [(x, y, r * random.uniform(0.93, 1.07)) for x, y, r in crown]
    trunk = [(-0.3, 0), (-0.17, 0.5), (-0.14, 1.9), (0.14, 1.9), (0.17, 0.5), (0.3, 0)]
    pencil.polygon(trunk, BARK)
    pencil.polygon([(0.02, 0.04), (0.03, 1.9), *trunk[3:]], darker(BARK, 0.25))
    pencil.limb([(0.0, 1.1), (0.5, 1.9)], [0.16, 0.09], darker(BARK, 0.2))
    cluster(pencil, [(x + 0.1, y - 0.13, r) for x, y, r in crown], darker(colour, 0.3))
    cluster(pencil, [(x - 0.04, y + 0.02, r * 0.9) for x, y, r in crown], colour)
    cluster(pencil, [(x - 0.2, y + 0.22, r * 0.5) for x, y, r in crown], lighter(colour, 0.2))
    for _ in range(14):
        x, y = random.uniform(-1.1, 1.1), random.uniform(1.9, 3.6)
        tone = random.choice((lighter(colour, 0.4), darker(colour, 0.2)))
        pencil.ellipse(x, y, 0.1, 0.06, tone, random.uniform(0, 180))


def draw_house(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    """A house: walls of the colour, a roof that differs from them, a door and windows."""
    warm = colour[0] > colour[2] + 40
    roof = (92, 100, 122) if warm else (184, 84, 62)
    box(pencil, 1.0, 3.6, 0.55, 1.3, darker(roof, 0.35))
    box(pencil, -2.1, 0, 4.2, 2.75, colour)
    box(pencil, -2.1, 2.35, 4.2, 0.4, darker(colour, 0.22))
    box(pencil, 1.75, 0, 0.35, 2.75, darker(colour, 0.13))
    box(pencil, -2.15, 0, 4.3, 0.18, (150, 144, 138))
    pencil.polygon([(-2.5, 2.62), (-1.5, 4.45), (1.5, 4.45), (2.5, 2.62)], roof)
    for row in range(1, 4):
        y = 2.62 + row * 0.46
        inset = 2.46 - row * 0.25
        pencil.line([(-inset, y), (inset, y)], 0.04, darker(roof, 0.18))
    pencil.line([(-2.46, 2.64), (2.46, 2.64)], 0.12, lighter(roof, 0.35))
    rounded(pencil, -0.5, 0.1, 1.0, 1.95, 0.08, (248, 244, 236))
    rounded(pencil, -0.4, 0.1, 0.8, 1.85, 0.06, (122, 74, 46))
    rounded(pencil, -0.26, 1.25, 0.52, 0.5, 0.05, GLASS)
    pencil.ellipse(0.27, 0.95, 0.06, 0.06, (236, 200, 96))
    for x in (-1.75, 0.8):
        _window(pencil.at(x, 0.95), random)


def _window(corner: Pencil, random: randoms.Random) -> None:
    box(corner, -0.08, -0.08, 1.06, 1.16, (250, 248, 242))
    box(corner, 0, 0, 0.9, 1.0, GLASS)
    corner.line([(0.45, 0.02), (0.45, 0.98)], 0.06, (250, 248, 242))
    corner.line([(0.02, 0.5), (0.88, 0.5)], 0.06, (250, 248, 242))
    box(corner, -0.1, -0.24, 1.1, 0.16, (128, 86, 54))
    for number in range(5):
        x = 0.05 + 0.2 * number
        corner.ellipse(x, -0.05, 0.11, 0.1, (82, 148, 72))
        bloom = random.choice(((236, 92, 104), (250, 206, 88), (236, 140, 186)))
        corner.ellipse(x, 0.02, 0.065, 0.06, bloom)


def draw_bench(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    """A park bench, seen from the front: slats of the colour on iron legs."""
    iron, dark = (64, 68, 76), darker(colour, 0.28)
    for x in (-0.64, 0.64):
        pencil.line([(x, 0.02), (x, 0.82)], 0.06, iron)
        pencil.line([(x - 0.05, 0.02), (x + 0.05, 0.02)], 0.05, iron)
        pencil.line([(x, 0.6), (x * 1.06, 0.6), (x * 1.06, 0.36)], 0.045, iron)
    for y in (0.82, 0.69, 0.56):
        tone = random.uniform(0.0, 0.12)
        pencil.line([(-0.76, y), (0.76, y)], 0.09, dark)
        pencil.line([(-0.76, y + 0.015), (0.76, y + 0.015)], 0.06, lighter(colour, tone))
    pencil.polygon([(-0.78, 0.46), (0.78, 0.46), (0.82, 0.34), (-0.82, 0.34)], colour)
    pencil.line([(-0.79, 0.42), (0.79, 0.42)], 0.02, dark)
    pencil.line([(-0.8, 0.34), (0.8, 0.34)], 0.06, dark)
