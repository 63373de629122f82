"""The parts of places, drawn in the picture's frame: x and y from 0 to 1, y upwards."""

from __future__ import annotations

import math
import random as randoms
from collections.abc import Sequence

from PIL import Image, ImageDraw

from showtell_lib.scenes.drawing.night import STAR, NightPencil, as_seen
from showtell_lib.scenes.drawing.palette import darker, lighter, mixed
from showtell_lib.scenes.drawing.pencil import Colour, Pencil, Point
from showtell_lib.scenes.drawing.shapes import LAMP, cluster, rounded

# From the top to the horizon: clear, hazy, greenish, towards evening.
DAY_SKIES: tuple[tuple[Colour, Colour], ...] = (
    ((92, 170, 232), (214, 238, 250)),
    ((132, 188, 232), (232, 242, 246)),
    ((84, 182, 220), (222, 244, 236)),
    ((120, 164, 228), (252, 226, 208)),
)
NIGHT_SKY: tuple[Colour, Colour] = ((12, 20, 58), (58, 78, 136))


def hue(colour: Colour, random: randoms.Random, spread: int = 9) -> Colour:
    """A colour, a little different each time: brighter or darker, warmer or colder."""
    light = random.randint(-spread, spread)
    shift = random.randint(-spread // 2, spread // 2)
    moved = (colour[0] + light + shift, colour[1] + light, colour[2] + light - shift)
    return tuple(min(max(c, 0), 252) for c in moved)


def fill(pencil: Pencil, outline: Sequence[Point], top: Colour, bottom: Colour) -> None:
    """A filled polygon whose colour changes from its top to its bottom."""
    pixels = [pencil.at(*point).origin for point in outline]
    left, upper = (math.floor(min(p[i] for p in pixels)) for i in (0, 1))
    right, lower = (math.ceil(max(p[i] for p in pixels)) for i in (0, 1))
    left, right = max(left, 0), min(right, pencil.image.width)
    upper, lower = max(upper, 0), min(lower, pencil.image.height)
    if right <= left or lower <= upper:
        return
    size = (right - left, lower - upper)
    strip = Image.new("RGB", (1, 2))
    strip.putpixel((0, 0), as_seen(pencil, top))
    strip.putpixel((0, 1), as_seen(pencil, bottom))
    # Bilinear resizing is flat in the outer quarters, so the strip is read from its middle.
    colours = strip.resize((1, size[1]), Image.Resampling.BILINEAR, box=(0, 0.5, 1, 1.5))
    colours = colours.resize(size, Image.Resampling.NEAREST)
    mask = Image.new("L", size)
    ImageDraw.Draw(mask).polygon([(x - left, y - upper) for x, y in pixels], fill=255)
    pencil.image.paste(colours, (left, upper), mask)


def sky(
    pencil: Pencil,
    horizon: float,
    random: randoms.Random,
    days: Sequence[tuple[Colour, Colour]] = DAY_SKIES,
    clouds: int = 4,
    sun: bool = True,
) -> None:
    """The sky above the horizon: by day sun and clouds, at night moon and stars."""
    area = [(0.0, horizon - 0.06), (1.0, horizon - 0.06), (1.0, 1.0), (0.0, 1.0)]
    top, bottom = (hue(colour, random) for colour in random.choice(days))
    at = (random.uniform(0.1, 0.9), random.uniform(0.82, 0.91))
    stars = [(random.random(), random.uniform(horizon, 1), random.random()) for _ in range(46)]
    if isinstance(pencil, NightPencil):
        fill(NightPencil(pencil.image, pencil.origin, pencil.unit, strength=0), area, *NIGHT_SKY)
        for x, y, size in stars:
            pencil.ellipse(x, y, 0.002 + 0.003 * size**2, 0.002 + 0.003 * size**2, STAR)
        moon(pencil.at(*at))
    else:
        fill(pencil, area, top, bottom)
        if sun:
            glow(pencil.at(*at), 0.055, (255, 236, 150))
            pencil.ellipse(*at, 0.055, 0.055, (255, 222, 104))
    for _ in range(clouds):
        spot = (random.uniform(0, 1), random.uniform(horizon + 0.15, 0.95))
        cloud(pencil.at(*spot, scale=random.uniform(0.6, 1.2)), bottom, random)


def moon(pencil: Pencil) -> None:
    """A full moon with its seas, and a halo."""
    glow(pencil, 0.06, (200, 214, 255))
    pencil.ellipse(0, 0, 0.058, 0.058, STAR)
    for x, y, radius in ((-0.018, 0.015, 0.014), (0.02, -0.012, 0.01), (0.012, 0.028, 0.007)):
        Pencil(pencil.image, pencil.origin, pencil.unit).ellipse(
            x, y, radius, radius, (226, 222, 196)
        )


def glow(pencil: Pencil, radius: float, colour: Colour) -> None:
    """Light that fades away from a lamp, the sun or the moon."""
    bare = Pencil(pencil.image, pencil.origin, pencil.unit)
    for step in range(5, 0, -1):
        size = radius * (1 + 0.28 * step)
        bare.ellipse(0, 0, size, size, (*colour, 26))


def cloud(pencil: Pencil, air: Colour, random: randoms.Random) -> None:
    """A cloud with a flat, shaded base."""
    puffs = []
    for i in range(5):
        x = (i - 2) * 0.045
        radius = 0.042 - 0.008 * abs(i - 2) + random.uniform(-0.006, 0.01)
        puffs.append((x, radius * 0.6, radius))
    cluster(pencil, [(x, y - 0.008, r) for x, y, r in puffs], mixed(air, (190, 206, 226), 0.6))
    cluster(pencil, puffs, mixed((252, 252, 252), air, 0.12))
    rounded(pencil, -0.13, -0.026, 0.26, 0.036, 0.018, mixed(air, (214, 226, 240), 0.5))


def ridge(y: float, height: float, random: randoms.Random, bumps: float = 2.0) -> list[Point]:
    """The outline of a rolling hill or dune, down to the bottom of the picture."""
    phase, second = random.uniform(0, 6.28), random.uniform(0, 6.28)
    crest = []
    for i in range(41):
        x = i / 40
        wave = math.sin(phase + x * bumps * math.pi) * 0.65
        wave += math.sin(second + x * bumps * 2.3 * math.pi) * 0.35
        crest.append((x, y + height * wave))
    return [*crest, (1.0, 0.0), (0.0, 0.0)]


def fir(pencil: Pencil, green: Colour, snow: bool = False) -> None:
    """A fir, 1 high; its right side is shaded."""
    pencil.polygon([(-0.05, 0), (-0.04, 0.2), (0.04, 0.2), (0.05, 0)], (104, 72, 50))
    for base, top, half in ((0.12, 0.52, 0.32), (0.34, 0.74, 0.25), (0.56, 1.0, 0.18)):
        pencil.polygon([(-half, base), (0, top), (half, base), (0, base - 0.04)], green)
        pencil.polygon([(0, base - 0.04), (0, top), (half, base)], darker(green, 0.25))
        if snow:
            white = [(0, top), (-half * 0.6, top - 0.24), (-half * 0.2, top - 0.19)]
            white += [(0, top - 0.25), (half * 0.25, top - 0.18), (half * 0.55, top - 0.24)]
            pencil.polygon(white, (248, 250, 254))


def tuft(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    """A tuft of grass, 1 high."""
    for i in range(5):
        lean = (i - 2) * 0.22 + random.uniform(-0.1, 0.1)
        tip = (lean * 1.5, random.uniform(0.7, 1.0) - abs(i - 2) * 0.12)
        foot = (i - 2) * 0.1
        pencil.polygon([(foot - 0.08, 0), tip, (foot + 0.08, 0)], colour)


def scattered(
    random: randoms.Random, count: int, back: float, front: float = 0.0
) -> list[tuple[float, float, float]]:
    """Spots on the ground from back to front: x, y, and how large things are there."""
    spots = []
    for _ in range(count):
        near = random.random()
        spots.append((random.random(), back + (front - back) * near, 0.35 + 0.65 * near))
    return sorted(spots, key=lambda spot: -spot[1])


def stone(pencil: Pencil, colour: Colour, random: randoms.Random) -> None:
    """A stone, about 1 wide, lit from the left."""
    outline = [(-0.5, 0.0), (-0.42, 0.3), (-0.12, 0.55), (0.25, 0.46), (0.48, 0.16), (0.5, 0.0)]
    outline = [(x + random.uniform(-0.05, 0.05), y) for x, y in outline]
    pencil.polygon(outline, colour)
    pencil.polygon([outline[3], outline[4], outline[5], (0.02, 0)], darker(colour, 0.25))
    pencil.polygon([outline[1], outline[2], outline[3], (0, 0.32)], lighter(colour, 0.25))


def street_lamp(pencil: Pencil) -> None:
    """A lamp post, 1 high; at night it glows."""
    iron = (62, 70, 84)
    pencil.line([(0, 0), (0, 0.84)], 0.03, iron)
    pencil.polygon([(-0.06, 0), (-0.03, 0.12), (0.03, 0.12), (0.06, 0)], iron)
    if isinstance(pencil, NightPencil):
        glow(pencil.at(0, 0.9), 0.13, (255, 226, 140))
    pencil.polygon([(-0.05, 0.84), (-0.08, 0.96), (0.08, 0.96), (0.05, 0.84)], LAMP)
    pencil.polygon([(-0.1, 0.96), (0, 1.03), (0.1, 0.96)], iron)
    pencil.line([(-0.05, 0.84), (0.05, 0.84)], 0.025, iron)


def ripples(
    pencil: Pencil, back: float, front: float, colour: Colour, random: randoms.Random, count: int
) -> None:
    """Short light streaks on water, longer towards the viewer."""
    for x, y, near in scattered(random, count, back, front):
        half = near * random.uniform(0.02, 0.06)
        pencil.ellipse(x, y, half, 0.0035 * near, colour)
