"""Mountains, snow and a desert."""

from __future__ import annotations

import random as randoms

from showtell_lib.scenes.drawing.palette import darker, lighter, mixed
from showtell_lib.scenes.drawing.pencil import Colour, Pencil, Point
from showtell_lib.scenes.drawing.scenery import fill, fir, hue, ridge, scattered, sky, stone, tuft
from showtell_lib.scenes.drawing.shapes import arc, box

SNOW: Colour = (244, 248, 252)
WINTER_SKIES = (((150, 184, 220), (226, 236, 246)), ((112, 172, 226), (220, 236, 250)))
HOT_SKIES = (((246, 170, 96), (254, 232, 176)), ((80, 168, 222), (252, 234, 196)))


def draw_mountain(pencil: Pencil, random: randoms.Random) -> None:
    """High snow-capped peaks above rocky ground."""
    sky(pencil, 0.45, random, clouds=2)
    far, rock = hue((160, 184, 220), random), hue((106, 124, 166), random)
    for x in (random.uniform(0, 0.15), random.uniform(0.45, 0.6), random.uniform(0.85, 1)):
        _peak(pencil.at(x, 0.4), random.uniform(0.26, 0.32), 0.28, far, random)
    first = random.uniform(0.2, 0.36)
    for x, height, half in ((first + random.uniform(0.38, 0.46), 0.4, 0.36), (first, 0.5, 0.42)):
        _peak(pencil.at(x, 0.38), height * random.uniform(0.94, 1.06), half, rock, random)
    hill = hue((112, 146, 108), random)
    fill(pencil, ridge(0.41, 0.02, random, 3), hill, darker(hill, 0.1))
    for x, _, size in scattered(random, 16, 0.4):
        fir(pencil.at(x, 0.375, 0.11 * size), hue((58, 108, 82), random))
    _rocky_ground(pencil, random)


def _peak(foot: Pencil, height: float, half: float, rock: Colour, random: randoms.Random) -> None:
    jags = [random.uniform(-0.02, 0.02) for _ in range(6)]
    left: list[Point] = [(-half, 0), (-half * 0.55, height * 0.42 + jags[0])]
    left += [(-half * 0.26, height * 0.72 + jags[1])]
    right: list[Point] = [(half * 0.22, height * 0.74 + jags[2])]
    right += [(half * 0.6, height * 0.38 + jags[3]), (half, 0)]
    spine = [(0, height), (0.03, height * 0.7), (-0.01, height * 0.45), (0.05, 0)]
    foot.polygon([*left, (0, height), *right], rock)
    foot.polygon([*spine[::-1], *right], darker(rock, 0.28))
    edge = [(-half * 0.12, height * 0.66), (-half * 0.04, height * 0.74), spine[1]]
    foot.polygon([left[2], (0, height), spine[1], *edge[:2][::-1]], SNOW)
    low = [(half * 0.14, height * 0.64), right[0]]
    foot.polygon([(0, height), spine[1], *low], mixed(SNOW, (150, 170, 210), 0.4))


def _rocky_ground(pencil: Pencil, random: randoms.Random) -> None:
    ground = hue((166, 154, 134), random)
    fill(pencil, ridge(0.36, 0.012, random), lighter(ground, 0.1), darker(ground, 0.12))
    fill(pencil, ridge(0.15, 0.02, random), darker(ground, 0.06), darker(ground, 0.22))
    for x, y, size in scattered(random, 16, 0.35):
        tuft(pencil.at(x, y, 0.035 * size), hue((124, 142, 84), random), random)
    for x, y, size in scattered(random, 30, 0.36):
        width = size * random.choice((0.02, 0.035, 0.06))
        stone(pencil.at(x, y, width), hue((140, 138, 138), random, 14), random)
    for x in (random.uniform(0, 0.1), random.uniform(0.9, 1)):
        stone(pencil.at(x, random.uniform(0.28, 0.34), 0.22), hue((128, 128, 134), random), random)


def draw_snow(pencil: Pencil, random: randoms.Random) -> None:
    """White ground, snowy firs, and flakes that fall."""
    horizon = random.uniform(0.44, 0.5)
    sky(pencil, horizon, random, WINTER_SKIES, clouds=3, sun=False)
    far = hue((206, 220, 238), random, 5)
    fill(pencil, ridge(horizon + 0.07, 0.04, random, 2.4), far, SNOW)
    for x, _, size in scattered(random, 18, 0.4):
        spot = pencil.at(x, horizon + random.uniform(-0.01, 0.03), 0.1 * size)
        fir(spot, mixed((78, 124, 118), far, 0.35), snow=True)
    fill(pencil, ridge(horizon, 0.02, random, 1.5), (236, 242, 250), SNOW)
    for x in (random.uniform(0.02, 0.14), random.uniform(0.2, 0.3), random.uniform(0.84, 0.98)):
        spot = pencil.at(x, random.uniform(0.34, 0.4), random.uniform(0.34, 0.46))
        spot.ellipse(0.1, 0.02, 0.34, 0.05, (120, 150, 196, 80))
        fir(spot, hue((52, 108, 92), random), snow=True)
    fill(pencil, ridge(0.31, 0.025, random, 1.6), (250, 252, 254), (228, 238, 250))
    fill(pencil, ridge(0.12, 0.025, random, 1.3), (242, 247, 253), (212, 226, 244))
    for _ in range(70):
        size = random.uniform(0.003, 0.008)
        pencil.ellipse(random.random(), random.random(), size, size, (250, 252, 255))


def draw_desert(pencil: Pencil, random: randoms.Random) -> None:
    """Dunes and cacti under a hot sky."""
    horizon = random.uniform(0.44, 0.5)
    sky(pencil, horizon, random, HOT_SKIES, clouds=0)
    mesa = hue((206, 126, 92), random)
    for x in (random.uniform(0.0, 0.3), random.uniform(0.6, 0.9)):
        _mesa(pencil.at(x, horizon - 0.02), random.uniform(0.1, 0.18), mesa)
    sand = hue((240, 196, 124), random)
    for y, height, tone in (
        (horizon + 0.02, 0.03, mixed(sand, (250, 216, 170), 0.5)),
        (0.39, 0.035, sand),
        (0.24, 0.03, lighter(sand, 0.12)),
        (0.08, 0.03, darker(sand, 0.06)),
    ):
        fill(pencil, ridge(y, height, random, 1.8), lighter(tone, 0.12), darker(tone, 0.16))
    for x, y, size in scattered(random, 12, 0.36):
        half = 0.07 * size
        pencil.line(arc(x, y - half, half * 1.6, half, 60, 120, 8), 0.004, darker(sand, 0.14))
    for x, y, size in scattered(random, 9, 0.36):
        stone(pencil.at(x, y, 0.035 * size), hue((190, 140, 104), random), random)
    green = hue((74, 142, 84), random)
    for x, y, size in (
        (random.uniform(0.3, 0.7), 0.41, 0.1),
        (random.uniform(0.05, 0.16), 0.34, random.uniform(0.26, 0.36)),
        (random.uniform(0.84, 0.95), 0.3, random.uniform(0.3, 0.42)),
    ):
        _cactus(pencil.at(x, y, size), green)


def _mesa(pencil: Pencil, height: float, colour: Colour) -> None:
    outline = [(-0.2, 0), (-0.13, height), (0.12, height), (0.2, 0)]
    pencil.polygon(outline, colour)
    pencil.polygon([(0.04, 0), (0.02, height), *outline[2:]], darker(colour, 0.2))
    box(pencil, -0.145, height * 0.7, 0.275, height * 0.08, lighter(colour, 0.2))


def _cactus(pencil: Pencil, green: Colour) -> None:
    pencil.ellipse(0.15, 0, 0.35, 0.05, (120, 80, 40, 80))
    branches: list[list[Point]] = [
        [(0, 0.04), (0, 0.9)],
        [(0, 0.36), (-0.27, 0.38), (-0.28, 0.66)],
        [(0, 0.48), (0.26, 0.5), (0.27, 0.76)],
    ]
    for points, width in zip(branches, (0.2, 0.13, 0.13), strict=True):
        pencil.line(points, width, darker(green, 0.28))
        moved = [(x - 0.018, y) for x, y in points]
        pencil.line(moved, width * 0.78, green)
        pencil.line([(x - width * 0.2, y) for x, y in points], 0.018, lighter(green, 0.35))
    pencil.ellipse(0, 1.0, 0.06, 0.04, (236, 110, 150))
