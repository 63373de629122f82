"""A beach, a swimming pool and a lake."""

from __future__ import annotations

import math
import random as randoms

from showtell_lib.scenes.drawing.palette import darker, lighter, mixed
from showtell_lib.scenes.drawing.pencil import Colour, Pencil, Point
from showtell_lib.scenes.drawing.scenery import (
    fill,
    fir,
    hue,
    ridge,
    ripples,
    scattered,
    sky,
    stone,
    tuft,
)
from showtell_lib.scenes.drawing.shapes import arc, box, cluster

FOAM: Colour = (246, 252, 252)


def draw_beach(pencil: Pencil, random: randoms.Random) -> None:
    """Sand before the sea, with a parasol, shells and a sail far away."""
    horizon = random.uniform(0.5, 0.54)
    sky(pencil, horizon, random, clouds=random.randint(2, 4))
    sea = hue((34, 128, 190), random)
    shallow = mixed(sea, (120, 226, 214), 0.7)
    fill(pencil, [(0, horizon), (1, horizon), (1, 0.2), (0, 0.2)], sea, shallow)
    ripples(pencil, horizon - 0.02, 0.34, lighter(sea, 0.35), random, 26)
    _far_sail(pencil.at(random.uniform(0.1, 0.9), horizon - 0.004, 0.05))
    sand = hue((242, 216, 160), random)
    shore = random.uniform(0.28, 0.31)
    phase, slope = random.uniform(0, 6.28), random.uniform(-0.02, 0.02)
    for rise, tone in ((0.034, FOAM), (0.022, shallow), (0.012, FOAM), (0.0, darker(sand, 0.2))):
        pencil.polygon(_shore(shore + rise, slope, phase + rise * 20), tone)
    fill(pencil, _shore(shore - 0.035, slope, phase), lighter(sand, 0.2), darker(sand, 0.1))
    _on_the_sand(pencil, sand, random)


def _shore(y: float, slope: float, phase: float) -> list[Point]:
    line = []
    for i in range(31):
        x = i / 30
        line.append((x, y + slope * (x - 0.5) + 0.012 * math.sin(phase + 7 * x)))
    return [*line, (1.0, 0.0), (0.0, 0.0)]


def _far_sail(pencil: Pencil) -> None:
    pencil.polygon([(-0.5, 0.2), (-0.3, 0), (0.4, 0), (0.6, 0.22)], (120, 74, 60))
    pencil.polygon([(0.02, 0.26), (0.02, 1.3), (-0.5, 0.26)], FOAM)
    pencil.polygon([(0.1, 0.26), (0.1, 1.1), (0.5, 0.26)], (226, 232, 240))


def _on_the_sand(pencil: Pencil, sand: Colour, random: randoms.Random) -> None:
    for x, y, size in scattered(random, 60, 0.26):
        speck = random.choice((darker(sand, 0.16), lighter(sand, 0.4)))
        pencil.ellipse(x, y, 0.006 * size, 0.003 * size, speck)
    colours = ((222, 70, 62), (246, 170, 60), (60, 140, 200))
    side = random.choice((0.12, 0.88))
    if random.random() < 0.5:
        palm = pencil.at(1 - side + random.uniform(-0.06, 0.06), 0.2, random.uniform(0.42, 0.5))
        _palm(palm, hue((74, 156, 90), random), random)
    parasol(
        pencil.at(side + random.uniform(-0.03, 0.03), 0.215, 0.3), random.choice(colours), random
    )
    for x, y, size in scattered(random, 9, 0.2):
        _shell(pencil.at(x, y, 0.017 * size), hue((250, 222, 206), random))
    _starfish(pencil.at(random.random(), random.uniform(0.03, 0.15), 0.022))


def parasol(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    """A striped parasol, 1 high, with a towel in its shade."""
    pencil.polygon(
        [(-0.5, -0.1), (0.3, -0.1), (0.42, 0.04), (-0.36, 0.04)], hue((90, 170, 190), random)
    )
    pencil.ellipse(0.1, -0.02, 0.5, 0.07, (120, 90, 50, 70))
    pencil.line([(0, 0), (0.06, 0.95)], 0.03, (240, 236, 226))
    dome = pencil.at(0.04, 0.62)
    dome.polygon(arc(0, 0, 0.55, 0.36, 0, 180, 24), FOAM)
    for left, right in ((-0.55, -0.33), (-0.11, 0.11), (0.33, 0.55)):
        edges = [
            [(x * (1 - (i / 8) ** 2.3), 0.36 * (i / 8) ** 0.62) for i in range(9)]
            for x in (left, right)
        ]
        dome.polygon([*edges[0], *reversed(edges[1])], colour)


def _shell(pencil: Pencil, colour: Colour) -> None:
    pencil.polygon([(0, 0), *arc(0, 0.2, 0.8, 0.75, 0, 180, 12)], colour)
    for x in (-0.45, 0, 0.45):
        pencil.line([(0, 0.05), (x, 0.8)], 0.09, darker(colour, 0.25))


def _starfish(pencil: Pencil) -> None:
    points = []
    for i in range(10):
        angle, reach = math.radians(90 + 36 * i), 1.0 if i % 2 == 0 else 0.42
        points.append((reach * math.cos(angle), 0.7 * reach * math.sin(angle)))
    pencil.polygon(points, (232, 120, 84))
    pencil.ellipse(0, 0, 0.2, 0.15, (246, 160, 120))


def draw_pool(pencil: Pencil, random: randoms.Random) -> None:
    """A swimming pool: bright water with lanes between tiled edges."""
    sky(pencil, 0.62, random, clouds=2)
    hedge = hue((76, 150, 92), random)
    bushes = [(i / 11, 0.62, random.uniform(0.06, 0.1)) for i in range(12)]
    cluster(pencil, bushes, darker(hedge, 0.15))
    cluster(pencil, [(x - 0.015, y + 0.02, r * 0.7) for x, y, r in bushes], hedge)
    for x in (random.uniform(0.04, 0.14), random.uniform(0.84, 0.96)):
        _palm(pencil.at(x, 0.56, random.uniform(0.26, 0.34)), hue((70, 150, 86), random), random)
    wall = hue((250, 244, 232), random)
    fill(pencil, [(0, 0.62), (1, 0.62), (1, 0.5), (0, 0.5)], wall, darker(wall, 0.06))
    box(pencil, 0, 0.608, 1, 0.014, (226, 134, 96))
    deck = hue((236, 226, 206), random)
    box(pencil, 0, 0.48, 1, 0.05, deck)
    _pool_water(pencil, random)
    _near_edge(pencil, deck, random)


def _pool_water(pencil: Pencil, random: randoms.Random) -> None:
    water = hue((44, 190, 222), random)
    box(pencil, 0, 0.455, 1, 0.03, (208, 232, 238))
    box(pencil, 0, 0.462, 1, 0.008, (52, 130, 190))
    fill(
        pencil,
        [(0, 0.46), (1, 0.46), (1, 0.12), (0, 0.12)],
        lighter(water, 0.25),
        darker(water, 0.08),
    )
    vanish = random.uniform(0.4, 0.6)
    for number in range(-3, 4):
        near, far = vanish + (number + 0.5) * 0.46, vanish + (number + 0.5) * 0.22
        _lane((near, 0.12), (far, 0.455), pencil)
    for x, y, size in scattered(random, 46, 0.44, 0.16):
        half = 0.034 * size
        wave = arc(x, y - half * 0.5, half, half * 0.6, 40, 140, 6)
        pencil.line(wave, 0.004 * size, lighter(water, 0.55))


def _lane(near: Point, far: Point, pencil: Pencil) -> None:
    count = 26
    for i in range(count):
        # Equal floats look shorter the farther away they are.
        t, after = (1 - (1 - k / count) ** 1.5 for k in (i, i + 1))
        a, b = (
            (near[0] + (far[0] - near[0]) * s, near[1] + (far[1] - near[1]) * s) for s in (t, after)
        )
        width = 0.016 - 0.01 * t
        pencil.line([a, b], width, (224, 64, 58) if i % 2 else FOAM)


def _near_edge(pencil: Pencil, deck: Colour, random: randoms.Random) -> None:
    box(pencil, 0, 0.125, 1, 0.03, (190, 232, 240))
    for number in range(24):
        box(pencil, number / 24, 0.128, 0.036, 0.022, (70, 150, 204))
    fill(pencil, [(0, 0.13), (1, 0.13), (1, 0), (0, 0)], lighter(deck, 0.2), darker(deck, 0.06))
    for y in (0.085, 0.035):
        pencil.line([(0, y), (1, y)], 0.003, darker(deck, 0.16))
    for number in range(-6, 7):
        x = 0.5 + number * 0.115
        pencil.line([(x, 0.13), (0.5 + number * 0.15, 0)], 0.003, darker(deck, 0.16))
    ladder = pencil.at(random.choice((0.1, 0.86)) + random.uniform(-0.03, 0.03), 0.1, 0.2)
    for x in (0.0, 0.3):
        bar = [(x, 0.0), (x, 0.42), *arc(x, 0.42, 0.08, 0.14, 180, 20, 6), (x + 0.075, 0.1)]
        ladder.line(bar, 0.045, (150, 162, 176))
        ladder.line([(px - 0.008, py) for px, py in bar], 0.02, (232, 238, 244))


def _palm(pencil: Pencil, green: Colour, random: randoms.Random) -> None:
    lean = random.uniform(-0.12, 0.12)
    pencil.limb(
        [(0, 0), (lean * 0.4, 0.5), (lean, 1.0)], [0.09, 0.07, 0.055], hue((150, 110, 74), random)
    )
    for angle in (-25, 10, 45, 90, 135, 170, 205):
        turn = math.radians(angle + random.uniform(-8, 8))
        tip = (lean + 0.48 * math.cos(turn), 1.0 + 0.34 * math.sin(turn) - 0.12)
        middle = (lean + 0.28 * math.cos(turn), 1.06 + 0.26 * math.sin(turn))
        low = (middle[0], middle[1] - 0.1)
        pencil.blob([(lean, 1.0), middle, tip, low], darker(green, 0.2) if angle > 90 else green)


def draw_lake(pencil: Pencil, random: randoms.Random) -> None:
    """Calm water between wooded hills and a grassy shore with reeds and a dock."""
    horizon = random.uniform(0.48, 0.52)
    sky(pencil, horizon, random, clouds=random.randint(2, 4))
    far = hue((132, 172, 190), random)
    fill(pencil, ridge(horizon + 0.1, 0.06, random, 2.2), far, lighter(far, 0.25))
    near = hue((92, 150, 110), random)
    fill(pencil, ridge(horizon + 0.035, 0.025, random, 2.6), near, darker(near, 0.1))
    for x, _, size in scattered(random, 26, 0.4):
        tone = mixed(hue((56, 116, 86), random), near, 0.3)
        fir(pencil.at(x, horizon - 0.012, 0.09 * size), tone)
    _lake_water(pencil, horizon, near, random)
    grass = hue((112, 178, 84), random)
    fill(pencil, ridge(0.165, 0.012, random, 1.5), darker(grass, 0.3), darker(grass, 0.3))
    fill(pencil, ridge(0.152, 0.012, random, 1.5), lighter(grass, 0.1), darker(grass, 0.18))
    side = random.choice((-1, 1))
    _dock(pencil, side, hue((158, 112, 74), random))
    for x, y, size in scattered(random, 26, 0.15):
        tuft(pencil.at(x, y, 0.03 * size), darker(grass, 0.2), random)
    for _ in range(13):
        x = 0.5 - side * random.uniform(0.28, 0.5)
        _reed(pencil.at(x, random.uniform(0.12, 0.17), random.uniform(0.16, 0.24)), random)
    stone(pencil.at(0.5 - side * 0.3, 0.145, 0.07), hue((140, 142, 140), random), random)


def _lake_water(pencil: Pencil, horizon: float, near: Colour, random: randoms.Random) -> None:
    water = hue((64, 138, 196), random)
    level = horizon - 0.02
    fill(pencil, [(0, level), (1, level), (1, 0.1), (0, 0.1)], lighter(water, 0.35), water)
    fill(
        pencil,
        [(0, level), (1, level), (1, level - 0.05), (0, level - 0.05)],
        mixed(near, water, 0.35),
        lighter(water, 0.3),
    )
    box(pencil, 0, level - 0.003, 1, 0.006, lighter(water, 0.6))
    ripples(pencil, level - 0.03, 0.18, lighter(water, 0.45), random, 30)
    ripples(pencil, level - 0.03, 0.18, darker(water, 0.15), random, 12)


def _dock(pencil: Pencil, side: int, wood: Colour) -> None:
    # Planks run across; the far end is narrower.
    count = 9
    for number in range(count):
        t, after = number / count, (number + 0.86) / count
        rows = []
        for s in (t, after):
            middle, half = 0.5 + side * (0.36 - 0.08 * s), 0.085 - 0.045 * s
            rows.append((middle - half, middle + half, 0.13 + 0.17 * s))
        (a, b, y), (c, d, top) = rows
        pencil.polygon([(a, y), (b, y), (d, top), (c, top)], lighter(wood, 0.12 * (number % 2)))
        pencil.line([(a, y), (b, y)], 0.005, darker(wood, 0.4))
        if number % 4 == 0:
            for x in (a, b):
                pencil.line([(x, y - 0.04), (x, y + 0.035)], 0.016 - 0.006 * t, darker(wood, 0.3))


def _reed(pencil: Pencil, random: randoms.Random) -> None:
    lean = random.uniform(-0.15, 0.15)
    pencil.line([(0, 0), (lean * 0.4, 0.5), (lean, 1)], 0.035, (98, 142, 70))
    pencil.line([(lean * 0.85, 0.82), (lean * 1.02, 1.02)], 0.08, (112, 74, 48))
    leaf = random.choice((-0.3, 0.3))
    pencil.polygon([(-0.03, 0), (leaf, 0.75), (0.03, 0)], (116, 164, 82))
