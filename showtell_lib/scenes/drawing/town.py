"""A street and a room."""

from __future__ import annotations

import random as randoms

from showtell_lib.scenes.drawing.landmarks import draw_tree
from showtell_lib.scenes.drawing.night import NightPencil
from showtell_lib.scenes.drawing.palette import darker, lighter, mixed
from showtell_lib.scenes.drawing.pencil import Colour, Pencil
from showtell_lib.scenes.drawing.scenery import fill, glow, hue, sky, street_lamp
from showtell_lib.scenes.drawing.shapes import GLASS, LAMP, box, cluster, rounded

WALLS: tuple[Colour, ...] = (
    (226, 150, 116),
    (238, 206, 150),
    (168, 190, 206),
    (206, 128, 110),
    (214, 214, 204),
    (178, 196, 160),
)
FRAME: Colour = (250, 248, 242)


def draw_street(pencil: Pencil, random: randoms.Random) -> None:
    """A row of town houses with shops behind a road and two sidewalks."""
    sky(pencil, 0.5, random, clouds=2)
    x, previous = -0.04, -1
    while x < 1:
        width = random.uniform(0.2, 0.3)
        # Neighbours never share a colour.
        previous = (previous + random.randint(1, len(WALLS) - 1)) % len(WALLS)
        house = pencil.at(x, 0.39)
        _town_house(house, width, random.uniform(0.36, 0.52), WALLS[previous], random)
        x += width
    pavement = hue((206, 202, 196), random)
    box(pencil, 0, 0.33, 1, 0.065, pavement)
    box(pencil, 0, 0.322, 1, 0.012, darker(pavement, 0.25))
    _road(pencil, pavement, random)
    for x in (random.uniform(0.06, 0.2), random.uniform(0.76, 0.94)):
        street_lamp(pencil.at(x, 0.34, 0.34))
    tree = pencil.at(random.uniform(0.4, 0.62), 0.345, 0.075)
    box(tree, -0.5, -0.1, 1.0, 0.4, (150, 96, 70))
    draw_tree(tree, hue((96, 168, 84), random), random)


def _town_house(
    corner: Pencil, width: float, height: float, wall: Colour, random: randoms.Random
) -> None:
    wall = hue(wall, random)
    fill(corner, [(0, 0), (width, 0), (width, height), (0, height)], lighter(wall, 0.1), wall)
    box(corner, width - 0.02, 0, 0.02, height, darker(wall, 0.12))
    box(corner, -0.006, height, width + 0.012, 0.02, darker(wall, 0.4))
    columns, rows = random.choice((2, 3)), int((height - 0.14) / 0.11)
    pane = width / columns * 0.46
    for row in range(rows):
        for column in range(columns):
            x = (column + 0.5) * width / columns - pane / 2
            _pane(corner.at(x, 0.165 + row * 0.11), pane, lighted=random.random() < 0.6)
    _shop(corner, width, random)


def _pane(corner: Pencil, width: float, lighted: bool) -> None:
    box(corner, -0.006, -0.006, width + 0.012, 0.082, FRAME)
    # Some windows stay dark at night: their glass is not the one that shines.
    box(corner, 0, 0, width, 0.07, GLASS if lighted else darker(GLASS, 0.16))
    corner.line([(width / 2, 0), (width / 2, 0.07)], 0.005, FRAME)
    box(corner, -0.01, -0.014, width + 0.02, 0.009, (214, 208, 198))


def _shop(corner: Pencil, width: float, random: randoms.Random) -> None:
    trim = hue(random.choice(((96, 74, 66), (60, 92, 110), (92, 110, 80))), random)
    box(corner, 0.01, 0, width - 0.02, 0.115, trim)
    box(corner, 0.025, 0.018, width * 0.52, 0.075, GLASS)
    box(corner, width * 0.52 + 0.045, 0, width * 0.26, 0.095, lighter(trim, 0.18))
    box(corner, width * 0.52 + 0.055, 0.03, width * 0.26 - 0.02, 0.055, GLASS)
    awning = random.choice(((206, 70, 62), (52, 130, 122), (230, 160, 60)))
    stripes = 7
    for number in range(stripes):
        left, right = (0.01 + (width - 0.02) * k / stripes for k in (number, number + 1))
        tone = FRAME if number % 2 else awning
        corner.polygon([(left, 0.125), (right, 0.125), (right, 0.09), (left, 0.09)], tone)
        corner.ellipse((left + right) / 2, 0.09, (right - left) / 2, 0.01, darker(tone, 0.1))


def _road(pencil: Pencil, pavement: Colour, random: randoms.Random) -> None:
    tar = hue((98, 102, 112), random)
    fill(pencil, [(0, 0.324), (1, 0.324), (1, 0.08), (0, 0.08)], lighter(tar, 0.12), tar)
    start = random.uniform(-0.2, 0)
    for number in range(7):
        x = start + number * 0.2
        pencil.polygon(
            [(x, 0.225), (x + 0.1, 0.225), (x + 0.104, 0.21), (x + 0.002, 0.21)], (244, 240, 226)
        )
    box(pencil, 0, 0.09, 1, 0.016, lighter(pavement, 0.35))
    box(pencil, 0, 0.08, 1, 0.012, darker(pavement, 0.3))
    fill(pencil, [(0, 0.084), (1, 0.084), (1, 0), (0, 0)], pavement, darker(pavement, 0.1))
    for number in range(-4, 5):
        pencil.line(
            [(0.5 + number * 0.17, 0.084), (0.5 + number * 0.21, 0)], 0.003, darker(pavement, 0.2)
        )


def draw_room(pencil: Pencil, random: randoms.Random) -> None:
    """A living room: window, picture, sofa, lamp, a rug on the boards."""
    wall = hue(
        random.choice(((240, 222, 190), (196, 214, 206), (232, 200, 184), (206, 206, 226))), random
    )
    floor = 0.35
    fill(pencil, [(0, 1), (1, 1), (1, floor), (0, floor)], darker(wall, 0.08), lighter(wall, 0.2))
    for number in range(-1, 15):
        box(pencil, number / 14, floor, 0.012, 0.65, (*lighter(wall, 0.4), 70))
    _boards(pencil, floor, random)
    side = random.choice((-1, 1))
    _window(pencil.at(0.5 - side * 0.24, 0.56), hue((206, 96, 84), random, 30), random)
    _picture(pencil.at(0.5 + side * 0.2, 0.68), random)
    _sofa(pencil.at(0.5 + side * 0.24, floor - 0.035, 0.2), random)
    _floor_lamp(pencil.at(0.5 + side * 0.455, floor - 0.03, 0.4))
    _plant(pencil.at(0.5 - side * 0.44, floor - 0.03, 0.2), random)
    rug = hue(random.choice(((176, 84, 84), (84, 120, 150), (214, 168, 92))), random)
    for rx, ry, tone in (
        (0.4, 0.1, darker(rug, 0.2)),
        (0.38, 0.09, lighter(rug, 0.5)),
        (0.35, 0.08, rug),
        (0.22, 0.048, lighter(rug, 0.22)),
    ):
        pencil.ellipse(0.5, 0.15, rx, ry, tone)


def _boards(pencil: Pencil, floor: float, random: randoms.Random) -> None:
    wood = hue((190, 142, 98), random)
    fill(pencil, [(0, floor), (1, floor), (1, 0), (0, 0)], darker(wood, 0.1), lighter(wood, 0.14))
    for number in range(-9, 10):
        top, foot = 0.5 + number * 0.075, 0.5 + number * 0.16
        pencil.line([(top, floor), (foot, 0)], 0.003, darker(wood, 0.2))
    box(pencil, 0, floor - 0.006, 1, 0.03, FRAME)
    box(pencil, 0, floor - 0.01, 1, 0.006, darker(wood, 0.3))


def _window(middle: Pencil, curtain: Colour, random: randoms.Random) -> None:
    box(middle, -0.15, -0.015, 0.3, 0.33, FRAME)
    view = [(-0.135, 0), (0.135, 0), (0.135, 0.3), (-0.135, 0.3)]
    # A night pencil dims this sky to a night sky.
    fill(middle, view, (96, 164, 228), (206, 232, 246))
    if isinstance(middle, NightPencil):
        fill(
            NightPencil(middle.image, middle.origin, middle.unit),
            view,
            (26, 44, 96),
            (96, 120, 180),
        )
        middle.ellipse(0.06, 0.22, 0.026, 0.026, LAMP)
    hill = hue((120, 180, 110), random)
    cluster(middle, [(-0.07, 0.0, 0.06), (0.05, 0.0, 0.075)], hill)
    box(middle, -0.15, -0.06, 0.3, 0.06, FRAME)
    box(middle, -0.135, -0.075, 0.27, 0.02, darker(FRAME, 0.12))
    box(middle, -0.006, 0, 0.012, 0.3, FRAME)
    box(middle, -0.135, 0.145, 0.27, 0.012, FRAME)
    middle.line([(-0.22, 0.335), (0.22, 0.335)], 0.014, (140, 98, 66))
    for end in (-1, 1):
        cloth = [(0.21 * end, 0.33), (0.08 * end, 0.33), (0.12 * end, 0.14), (0.12 * end, -0.1)]
        middle.polygon([*cloth, (0.22 * end, -0.1)], curtain)
        for x in (0.13, 0.175):
            middle.line([(x * end, 0.32), ((x + 0.015) * end, -0.09)], 0.007, darker(curtain, 0.2))


def _picture(middle: Pencil, random: randoms.Random) -> None:
    box(middle, -0.1, -0.075, 0.2, 0.15, (150, 104, 66))
    box(middle, -0.085, -0.06, 0.17, 0.12, FRAME)
    box(middle, -0.07, -0.047, 0.14, 0.094, hue((190, 218, 226), random))
    peak = random.uniform(-0.03, 0.03)
    middle.polygon([(-0.07, -0.047), (peak, 0.03), (0.07, -0.047)], hue((120, 150, 140), random))
    middle.ellipse(0.045, 0.022, 0.013, 0.013, (244, 190, 90))


def _sofa(pencil: Pencil, random: randoms.Random) -> None:
    cloth = hue(
        random.choice(((92, 132, 142), (150, 116, 150), (120, 140, 100), (96, 110, 160))), random
    )
    for x in (-0.9, 0.9):
        pencil.line([(x, -0.06), (x, 0.1)], 0.08, (96, 66, 46))
    rounded(pencil, -1.0, 0.3, 2.0, 0.72, 0.16, darker(cloth, 0.08))
    for x in (-0.86, 0.02):
        rounded(pencil, x, 0.4, 0.84, 0.54, 0.1, lighter(cloth, 0.1))
    rounded(pencil, -1.02, 0.04, 2.04, 0.26, 0.06, darker(cloth, 0.22))
    for x in (-0.86, 0.02):
        rounded(pencil, x, 0.24, 0.84, 0.24, 0.08, lighter(cloth, 0.2))
    for x in (-1.12, 0.84):
        rounded(pencil, x, 0.04, 0.28, 0.66, 0.12, cloth)
    rounded(pencil, -0.72, 0.42, 0.4, 0.36, 0.08, hue((240, 190, 96), random))


def _floor_lamp(pencil: Pencil) -> None:
    pencil.ellipse(0, 0.01, 0.1, 0.025, (84, 72, 66))
    pencil.line([(0, 0.02), (0, 0.85)], 0.022, (84, 72, 66))
    if isinstance(pencil, NightPencil):
        glow(pencil.at(0, 0.9), 0.22, (255, 222, 140))
    pencil.polygon([(-0.18, 0.78), (-0.1, 1.05), (0.1, 1.05), (0.18, 0.78)], LAMP)


def _plant(pencil: Pencil, random: randoms.Random) -> None:
    green = hue((84, 150, 90), random)
    for number in range(7):
        lean = (number - 3) * 0.16
        tip = (lean * 1.6, 1.15 - abs(number - 3) * 0.16 + random.uniform(-0.06, 0.06))
        tone = mixed(green, darker(green, 0.4), 0.4 * (number % 2))
        side = (lean * 0.9 - 0.09, 0.7)
        pencil.blob([(0, 0.34), side, tip, (lean * 0.9 + 0.09, 0.66)], tone)
    pencil.polygon(
        [(-0.22, 0.36), (-0.16, 0), (0.16, 0), (0.22, 0.36)], hue((214, 124, 86), random)
    )
    box(pencil, -0.24, 0.33, 0.48, 0.07, (190, 100, 70))
