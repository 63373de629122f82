"""Animals on four legs: a build and a coat for each kind, drawn in any pose; birds go by tables."""

from __future__ import annotations

import random as randoms
from dataclasses import dataclass, replace

from showtell_lib.scenes.birds import draw_bird
from showtell_lib.scenes.limbs import along, bent, between, draw_parts, swept, turned
from showtell_lib.scenes.muzzles import COW_PATCHES, COW_UDDER, HEADS, coat_colours
from showtell_lib.scenes.palette import darker
from showtell_lib.scenes.pencil import Colour, Pencil, Point
from showtell_lib.scenes.scene import Actor

Legs = tuple[Point, ...]


@dataclass(frozen=True)
class Beast:
    """Sizes of an animal on four legs, metres.

    Attributes:
        body: from rump to chest.
        girth: half the height of the body.
        leg: from hip or shoulder to the ground.
        limb: thickness of a leg where it starts.
        neck: from chest to the middle of the head.
        rise: how steeply the neck rises, degrees.
        nape: thickness of the neck at the chest.
        head: size of the head.
        profile: outline of the body, in shares of its length and girth.
        hoofed: whether the feet are hoofs.
    """

    body: float
    girth: float
    leg: float
    limb: float
    neck: float
    rise: float
    nape: float
    head: float
    profile: tuple[Point, ...]
    hoofed: bool = False


@dataclass(frozen=True)
class Stance:
    """Where the ends of an animal are.

    Attributes:
        rump: from the ground below, in lengths of the body and of a leg.
        chest: the same.
        feet: near and far fore foot, near and far hind foot: sideways from where the leg starts
            and up from the ground, in lengths of a leg.
        neck: how much more than usual the neck rises, degrees.
        head: how far the head is turned up, degrees.
        tail: how far the tail is turned up, degrees.
    """

    rump: Point
    chest: Point
    feet: Legs
    neck: float = 0.0
    head: float = 0.0
    tail: float = 0.0


_SLIM = (
    *((-0.2, 0.1), (-0.1, 0.78), (0.3, 0.86), (0.75, 0.98), (1.1, 0.9), (1.26, 0.2)),
    *((1.16, -0.75), (0.85, -1.1), (0.4, -0.72), (0.02, -0.7), (-0.15, -0.5)),
)
_LEAN = (
    *((-0.22, 0.0), (-0.12, 0.8), (0.3, 0.95), (0.75, 0.85), (1.1, 0.85), (1.22, 0.1)),
    *((1.1, -0.75), (0.8, -0.95), (0.4, -0.85), (0.05, -0.8), (-0.16, -0.6)),
)
_STRONG = (
    *((-0.24, 0.1), (-0.12, 0.85), (0.12, 0.95), (0.45, 0.72), (0.8, 0.92), (1.12, 0.9)),
    *((1.26, 0.2), (1.14, -0.7), (0.8, -0.98), (0.4, -0.98), (0.05, -0.8), (-0.18, -0.6)),
)
_BROAD = (
    *((-0.2, 0.5), (-0.12, 0.9), (0.3, 0.92), (0.8, 0.96), (1.1, 0.8), (1.2, 0.1)),
    *((1.1, -0.8), (0.75, -1.0), (0.4, -1.12), (0.1, -1.0), (-0.14, -0.7), (-0.22, -0.1)),
)
BEASTS: dict[str, Beast] = {
    "dog": Beast(0.44, 0.145, 0.38, 0.14, 0.27, 58, 0.2, 0.16, _SLIM),
    "cat": Beast(0.34, 0.1, 0.25, 0.09, 0.2, 52, 0.13, 0.125, _LEAN),
    "horse": Beast(0.92, 0.27, 1.02, 0.27, 0.72, 56, 0.4, 0.3, _STRONG, True),
    "cow": Beast(1.05, 0.36, 0.84, 0.25, 0.48, 32, 0.46, 0.3, _BROAD, True),
}
TAILS: dict[str, tuple[tuple[Point, ...], tuple[float, ...], float]] = {
    # Points and widths in girths from the rump's end, and how far up it points.
    "dog": (((0, 0), (0.8, 0.1), (1.5, 0.5), (2.0, 1.2)), (0.42, 0.42, 0.4, 0.22), 30),
    "cat": (
        ((0, 0), (0.9, -0.1), (1.7, 0.3), (2.1, 1.2), (1.9, 2.1), (2.3, 2.7)),
        (0.36, 0.36, 0.34, 0.32, 0.3, 0.2),
        10,
    ),
    "horse": (
        ((0, 0), (0.6, 0.0), (1.0, -0.8), (1.1, -1.7), (1.3, -2.4)),
        (0.3, 0.5, 0.6, 0.5, 0.1),
        0,
    ),
    "cow": (
        ((0, 0), (0.25, -0.2), (0.32, -1.0), (0.3, -1.6), (0.34, -1.9)),
        (0.12, 0.12, 0.1, 0.2, 0.14),
        0,
    ),
}
_STAND: Legs = ((0.02, 0), (0.2, 0), (-0.12, 0), (0.1, 0))
_GALLOP: Legs = ((0.8, 0.3), (0.6, 0.42), (-0.75, 0.26), (-0.6, 0.12))
_GATHERED: Legs = ((-0.1, 0.02), (0.5, 0.42), (0.35, 0.05), (-0.6, 0.34))
_LEAP: Legs = ((0.42, 1.1), (0.6, 1.22), (-0.62, 0.58), (-0.48, 0.44))
STANCES: dict[str, tuple[Stance, ...]] = {
    "stand": (
        Stance((-0.5, 1.0), (0.5, 1.02), _STAND),
        Stance((-0.5, 1.0), (0.5, 1.02), ((0.1, 0), (-0.04, 0), (0.06, 0), (-0.12, 0)), 4, 4, 8),
    ),
    "walk": (
        Stance((-0.5, 1.0), (0.5, 1.02), ((0.36, 0.1), (-0.22, 0), (-0.36, 0), (0.24, 0.06)), -6),
        Stance((-0.5, 1.0), (0.5, 1.02), ((-0.26, 0), (0.36, 0.1), (0.24, 0.06), (-0.36, 0)), -6),
    ),
    "run": (
        Stance((-0.5, 1.06), (0.5, 1.12), _GALLOP, -18, 6, 14),
        Stance((-0.5, 1.06), (0.5, 1.06), _GATHERED, -14, 4, 10),
    ),
    "sit": (
        Stance(
            (-0.32, 0.42), (0.12, 1.08), ((0.12, 0), (0.26, 0), (0.5, 0), (0.62, 0)), 10, 2, -30
        ),
    ),
    "lie": (
        Stance((-0.5, 0.38), (0.42, 0.42), ((0.7, 0.04), (0.9, 0.04), (0.5, 0.02), (0.6, 0.04))),
        Stance((-0.5, 0.38), (0.42, 0.4), ((0.5, 0.03), (0.8, 0.04), (0.6, 0.02), (0.5, 0.04)), 8),
    ),
    "jump": (Stance((-0.46, 1.2), (0.42, 1.62), _LEAP, -12, 8, 20),),
    "swim": (
        Stance((-0.5, -0.1), (0.45, 0.04), ((0.4, -0.5), (0.2, -0.7), (-0.3, -1), (-0.1, -1)), 14),
    ),
}
STANCES["chase"] = STANCES["run"]
STANCES["catch"] = STANCES["jump"]


def draw_animal(pencil: Pencil, actor: Actor, random: randoms.Random) -> Point:
    """Draws an animal that looks to the right, in the actor's action.

    Args:
        pencil: its origin is the ground below the animal.
        actor: which animal, in which coat, doing what.
        random: decides the shade of the coat and the pose within the action.

    Returns:
        Where its mouth is, metres.
    """
    if actor.kind in ("bird", "duck"):
        return draw_bird(pencil, actor, random)
    beast, stance = BEASTS[actor.kind], choose_stance(actor.action, random)
    colours = coat_colours(actor, random)
    rump, chest = _spine(beast, stance)
    legs = _legs(beast, stance, rump, chest)
    for leg in (legs[1], legs[3]):
        _draw_leg(pencil, beast, leg, darker(colours["coat"], 0.3), colours["hoof"])
    _draw_tail(pencil, actor.kind, stance, rump, beast, colours)
    _draw_body(pencil, actor.kind, beast, rump, chest, colours)
    _draw_leg(pencil, beast, legs[2], colours["coat"], colours["hoof"], haunch=True)
    _draw_leg(pencil, beast, legs[0], colours["coat"], colours["hoof"])
    return _draw_head(pencil, actor, beast, stance, chest, colours)


def choose_stance(action: str, random: randoms.Random) -> Stance:
    """One of an action's stances, with a little of its own."""
    stance = random.choice(STANCES[action])
    steps = [random.uniform(-0.04, 0.04) for _ in stance.feet]
    feet = tuple((x + step, y) for (x, y), step in zip(stance.feet, steps, strict=True))
    return replace(
        stance,
        feet=feet,
        neck=stance.neck + random.uniform(-6, 6),
        head=stance.head + random.uniform(-6, 6),
        tail=stance.tail + random.uniform(-12, 12),
    )


def saddle(kind: str) -> Point:
    """Where one sits on an animal that stands, walks or runs."""
    beast = BEASTS[kind]
    return 0.0, beast.leg * 1.02 + beast.girth * 0.6


def _spine(beast: Beast, stance: Stance) -> tuple[Point, Point]:
    (x, y), (u, v) = stance.rump, stance.chest
    # A body on the ground lies on it; only one that swims is partly below.
    low = beast.girth if v > 0.1 else -beast.leg
    return (
        (x * beast.body, max(y * beast.leg, low)),
        (u * beast.body, max(v * beast.leg, low)),
    )


def _legs(beast: Beast, stance: Stance, rump: Point, chest: Point) -> list[list[Point]]:
    legs = []
    # A fore leg's wrist bends forwards like a knee, a hind leg's heel bends backwards.
    for (x, y), start, side in zip(
        stance.feet, (chest, chest, rump, rump), (1, 1, -1, -1), strict=True
    ):
        foot = (start[0] + x * beast.leg, y * beast.leg + beast.limb * 0.2)
        leg = bent(start, foot, beast.leg * 0.53, beast.leg * 0.49, side)
        low = max(leg[1][1], beast.limb * 0.3) if foot[1] >= 0 else leg[1][1]
        legs.append([leg[0], (leg[1][0], low), leg[2]])
    return legs


def _draw_leg(
    pencil: Pencil,
    beast: Beast,
    leg: list[Point],
    coat: Colour,
    hoof: Colour,
    haunch: bool = False,
) -> None:
    width = beast.limb
    thin = 0.38 if beast.hoofed else 0.52
    pencil.limb(leg, (width * 1.1, width * 0.62, width * thin), coat)
    if haunch:
        middle = between(leg[0], leg[1], 0.3)
        pencil.ellipse(*middle, width * 0.8, beast.girth * 0.95, coat)
    x, y = leg[-1]
    if beast.hoofed:
        outline = ((-0.24, 0.2), (0.2, 0.2), (0.34, -0.2), (-0.28, -0.2))
        pencil.polygon(turned(outline, (x, y), 0, width), hoof)
    else:
        pencil.ellipse(x + width * 0.18, y, width * 0.48, width * 0.26, coat)


def _draw_body(
    pencil: Pencil,
    kind: str,
    beast: Beast,
    rump: Point,
    chest: Point,
    colours: dict[str, Colour],
) -> None:
    lying = rump[1] < beast.leg * 0.5
    pencil.blob(along(beast.profile, rump, chest, beast.girth), colours["coat"])
    belly = [(x, min(y, -0.35 - 0.1 * (y > 0))) for x, y in beast.profile if -0.1 < x < 1.15]
    pencil.blob(along(belly, rump, chest, beast.girth), colours["shade"])
    if kind == "cow":
        # One who lies on the ground hides the udder.
        for part in COW_PATCHES if lying else (*COW_PATCHES, COW_UDDER):
            pencil.blob(along(part.points, rump, chest, beast.girth), colours[part.role])


def _draw_tail(
    pencil: Pencil,
    kind: str,
    stance: Stance,
    rump: Point,
    beast: Beast,
    colours: dict[str, Colour],
) -> None:
    points, widths, up = TAILS[kind]
    # Tables grow to the right; a tail grows to the left.
    placed = turned(points, (0, 0), up + stance.tail, beast.girth)
    start = (rump[0] - 0.14 * beast.body, rump[1] + 0.45 * beast.girth)
    curve = [(start[0] - x, start[1] + y) for x, y in placed]
    if kind in ("horse", "cow"):  # Hair hangs down to the ground at most.
        curve = [(x, max(y, 0.04)) for x, y in curve]
    role = "mane" if kind == "horse" else "shade"
    pencil.limb(*swept(curve, [w * beast.girth for w in widths]), colours[role])


def _draw_head(
    pencil: Pencil,
    actor: Actor,
    beast: Beast,
    stance: Stance,
    chest: Point,
    colours: dict[str, Colour],
) -> Point:
    start = (chest[0] + 0.04 * beast.body, chest[1] + 0.2 * beast.girth)
    head = turned([(beast.neck, 0)], start, beast.rise + stance.neck)[0]
    kind = HEADS["open dog" if actor.action == "catch" else actor.kind]
    tilt = stance.head
    draw_parts(pencil, kind.behind, colours, head, tilt, beast.head)
    pencil.limb((start, head), (beast.nape * 1.25, beast.nape * 0.75), colours["coat"])
    if kind.mane:
        draw_parts(pencil, kind.mane, colours, head, tilt, beast.head)
    draw_parts(pencil, kind.parts, colours, head, tilt, beast.head)
    return turned([kind.mouth], head, tilt, beast.head)[0]
