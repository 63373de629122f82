"""A field, a park and a forest."""

from __future__ import annotations

import random as randoms

from showtell_lib.scenes.drawing.landmarks import draw_bench, draw_tree
from showtell_lib.scenes.drawing.palette import darker, lighter, mixed
from showtell_lib.scenes.drawing.pencil import Colour, Pencil
from showtell_lib.scenes.drawing.scenery import (
    fill,
    hue,
    ridge,
    scattered,
    sky,
    stone,
    street_lamp,
    tuft,
)
from showtell_lib.scenes.drawing.shapes import box, cluster

BLOOMS: tuple[Colour, ...] = ((250, 214, 70), (246, 246, 240), (232, 84, 88), (188, 120, 214))


def draw_field(pencil: Pencil, random: randoms.Random) -> None:
    """A meadow with hills behind it and flowers in the grass."""
    horizon = random.uniform(0.45, 0.52)
    sky(pencil, horizon, random, clouds=random.randint(2, 5))
    far, near = hue((140, 188, 178), random), hue((132, 192, 112), random)
    fill(pencil, ridge(horizon + 0.06, 0.035, random, 2.5), far, lighter(far, 0.2))
    fill(pencil, ridge(horizon + 0.01, 0.03, random, 1.6), near, lighter(near, 0.2))
    for _ in range(random.randint(2, 5)):
        _far_tree(pencil.at(random.random(), horizon - 0.01, random.uniform(0.05, 0.08)), near)
    grass = hue((128, 194, 84), random)
    fill(pencil, ridge(horizon - 0.03, 0.012, random, 1.2), lighter(grass, 0.18), grass)
    fill(pencil, ridge(0.3, 0.02, random, 1.4), grass, darker(grass, 0.12))
    fill(pencil, ridge(0.13, 0.02, random, 1.4), darker(grass, 0.1), darker(grass, 0.28))
    _meadow(pencil, grass, random)


def _meadow(pencil: Pencil, grass: Colour, random: randoms.Random) -> None:
    if random.random() < 0.5:
        _fence(pencil.at(0, random.uniform(0.38, 0.41)), hue((206, 176, 136), random))
    for x, y, size in scattered(random, random.randint(0, 3), 0.4, 0.3):
        _hay(pencil.at(x, y, 0.07 * size), hue((226, 190, 96), random))
    for x, y, size in scattered(random, 44, 0.4):
        tone = random.choice((darker(grass, 0.22), lighter(grass, 0.25)))
        tuft(pencil.at(x, y, 0.035 * size), tone, random)
    blooms = random.sample(BLOOMS, 2)
    for x, y, size in scattered(random, 46, 0.4):
        flower = pencil.at(x, y, size)
        flower.line([(0, -0.016), (0, 0)], 0.003, darker(grass, 0.35))
        flower.ellipse(0, 0, 0.009, 0.008, random.choice(blooms))
        flower.ellipse(0, 0, 0.003, 0.003, (240, 180, 60))


def _fence(pencil: Pencil, wood: Colour) -> None:
    for y in (0.018, 0.04):
        pencil.line([(0, y), (1, y)], 0.006, darker(wood, 0.12))
    for number in range(14):
        pencil.line([(number / 13, -0.004), (number / 13, 0.056)], 0.011, wood)


def _hay(pencil: Pencil, straw: Colour) -> None:
    pencil.ellipse(0.15, 0.05, 0.75, 0.14, (30, 70, 30, 70))
    pencil.ellipse(0.3, 0.5, 0.4, 0.5, darker(straw, 0.25))
    pencil.polygon([(-0.1, 0), (0.3, 0), (0.3, 1), (-0.1, 1)], darker(straw, 0.12))
    for radius, tone in ((0.5, lighter(straw, 0.15)), (0.32, straw), (0.14, darker(straw, 0.25))):
        pencil.ellipse(-0.1, 0.5, radius * 0.85, radius, tone)


def _far_tree(pencil: Pencil, green: Colour) -> None:
    pencil.line([(0, 0), (0, 0.4)], 0.1, (120, 96, 80))
    cluster(pencil, [(-0.22, 0.5, 0.3), (0.22, 0.5, 0.3), (0, 0.78, 0.34)], darker(green, 0.25))


def draw_park(pencil: Pencil, random: randoms.Random) -> None:
    """A mown lawn with a path, a bench, round trees, a lamp, and the town behind."""
    horizon = random.uniform(0.42, 0.46)
    sky(pencil, horizon, random, clouds=random.randint(2, 4))
    _skyline(pencil, horizon, random)
    hedge = hue((72, 138, 80), random)
    bushes = [(i / 14, horizon, random.uniform(0.05, 0.075)) for i in range(15)]
    cluster(pencil, bushes, darker(hedge, 0.12))
    cluster(pencil, [(x - 0.012, y + 0.014, r * 0.75) for x, y, r in bushes], hedge)
    lawn = hue((138, 204, 98), random)
    fill(pencil, [(0, horizon), (1, horizon), (1, 0), (0, 0)], lighter(lawn, 0.12), lawn)
    for number in range(4):
        y = (0.02, 0.115, 0.235, 0.335)[number]
        stripe = [(0, y), (1, y), (1, y + 0.055), (0, y + 0.055)]
        pencil.polygon(stripe, (*darker(lawn, 0.14), 90))
    side = random.choice((-1, 1))
    _path(pencil, horizon, side, random)
    _park_trees(pencil, horizon, side, random)


def _skyline(pencil: Pencil, horizon: float, random: randoms.Random) -> None:
    x = -0.02
    while x < 1:
        width, height = random.uniform(0.06, 0.12), random.uniform(0.08, 0.24)
        tone = mixed((176, 196, 216), (206, 204, 214), random.random())
        box(pencil, x, horizon - 0.02, width, height, tone)
        for row in range(int(height / 0.04)):
            box(pencil, x + 0.015, horizon + row * 0.04, width - 0.03, 0.012, lighter(tone, 0.4))
        x += width + random.choice((0.0, 0.0, 0.05))


def _path(pencil: Pencil, horizon: float, side: int, random: randoms.Random) -> None:
    sand = hue((232, 212, 172), random)
    bend = random.uniform(-0.03, 0.03)
    half = [0.19, 0.13, 0.085, 0.05, 0.022]
    rows = [-0.02, 0.12, 0.25, 0.35, horizon - 0.025]
    middle = [0.5 + side * (0.3 - offset + bend) for offset in (0.0, 0.06, 0.2, 0.16, 0.02)]
    left = [(m - h, y) for m, h, y in zip(middle, half, rows, strict=True)]
    right = [(m + h, y) for m, h, y in zip(middle, half, rows, strict=True)]
    edge = [(x, y - 0.008) for x, y in (*left, *reversed(right))]
    pencil.blob(edge, darker(sand, 0.25))
    pencil.blob([*left, *reversed(right)], sand)


def _park_trees(pencil: Pencil, horizon: float, side: int, random: randoms.Random) -> None:
    middle = 0.5 - side * 0.12
    street_lamp(pencil.at(middle, horizon - 0.06, random.uniform(0.26, 0.32)))
    bench = pencil.at(middle - side * 0.16, horizon - 0.075, 0.11)
    draw_bench(bench, (164, 112, 70), random)
    for x, y, scale in ((0.04, 0.36, 0.135), (0.95, 0.36, 0.125), (0.5 + side * 0.24, 0.39, 0.075)):
        crown = hue(random.choice(((88, 164, 82), (112, 180, 84), (70, 148, 92))), random)
        spot = pencil.at(x + random.uniform(-0.03, 0.03), y, scale * random.uniform(0.9, 1.1))
        spot.ellipse(0.2, 0, 1.1, 0.16, (30, 70, 40, 70))
        draw_tree(spot, crown, random)


def draw_forest(pencil: Pencil, random: randoms.Random) -> None:
    """Tall trunks, near and far, under a ceiling of leaves."""
    green = hue((96, 150, 84), random)
    air = mixed(green, (226, 240, 190), 0.6)
    fill(pencil, [(0, 0.3), (1, 0.3), (1, 1), (0, 1)], mixed(green, (40, 80, 60), 0.2), air)
    for haze, count, width, foot in ((0.68, 15, 0.022, 0.43), (0.4, 9, 0.04, 0.39)):
        bark = mixed(hue((98, 70, 50), random), air, haze)
        for number in range(count):
            x = (number + random.uniform(0.1, 0.9)) / count
            _trunk(pencil.at(x, foot, width * random.uniform(0.8, 1.2)), bark)
    for _ in range(3):
        x = random.uniform(0.2, 0.9)
        pencil.polygon(
            [(x, 1), (x + 0.09, 1), (x - 0.05, 0.33), (x - 0.22, 0.33)], (255, 250, 200, 44)
        )
    earth = hue((126, 128, 70), random)
    fill(pencil, ridge(0.4, 0.012, random), earth, darker(earth, 0.35))
    for x in (random.uniform(0.0, 0.1), random.uniform(0.2, 0.3), random.uniform(0.9, 1.0)):
        _trunk(pencil.at(x, random.uniform(0.3, 0.34), 0.085), hue((104, 72, 50), random))
    _leaf_ceiling(pencil, green, random)
    _undergrowth(pencil, green, random)


def _trunk(pencil: Pencil, bark: Colour) -> None:
    outline = [(-0.75, 0), (-0.5, 0.6), (-0.45, 22), (0.45, 22), (0.5, 0.6), (0.75, 0)]
    pencil.polygon(outline, bark)
    pencil.polygon([(0.1, 0), (0.15, 22), *outline[3:]], darker(bark, 0.22))
    for y in (1.4, 2.9, 4.3, 5.2):
        pencil.line([(-0.28, y), (-0.22, y + 0.5)], 0.07, darker(bark, 0.3))


def _leaf_ceiling(pencil: Pencil, green: Colour, random: randoms.Random) -> None:
    for y, tone in ((0.93, darker(green, 0.4)), (0.97, darker(green, 0.2)), (1.01, green)):
        leaves = [
            (i / 9 + random.uniform(-0.03, 0.03), y, random.uniform(0.06, 0.11)) for i in range(10)
        ]
        cluster(pencil, leaves, tone)


def _undergrowth(pencil: Pencil, green: Colour, random: randoms.Random) -> None:
    for x, y, size in scattered(random, 30, 0.4):
        tuft(pencil.at(x, y, 0.055 * size), random.choice((green, darker(green, 0.3))), random)
    for x, y, size in scattered(random, 22, 0.38):
        pencil.ellipse(x, y, 0.014 * size, 0.007 * size, hue((190, 128, 62), random, 20))
    for x, y, size in scattered(random, 4, 0.33, 0.04):
        toadstool = pencil.at(x, y, 0.03 * size)
        toadstool.line([(0, 0), (0, 0.5)], 0.3, (244, 236, 220))
        toadstool.polygon(
            [(-0.6, 0.45), (-0.4, 0.9), (0, 1.1), (0.4, 0.9), (0.6, 0.45)], (206, 60, 48)
        )
        toadstool.ellipse(-0.15, 0.8, 0.12, 0.1, (250, 246, 240))
    stone(pencil.at(random.random(), 0.36, 0.09), hue((130, 134, 126), random), random)
