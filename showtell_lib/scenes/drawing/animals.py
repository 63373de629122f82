"""Animals in any pose: those on four legs have joints, birds are tables of shapes."""

from __future__ import annotations

import random as randoms
from dataclasses import KW_ONLY, dataclass, replace

from showtell_lib.scenes.drawing.beasts import BEASTS, Beast
from showtell_lib.scenes.drawing.birds import draw_bird
from showtell_lib.scenes.drawing.limbs import along, bent, between, draw_parts, swept, turned
from showtell_lib.scenes.drawing.muzzles import coat_colours
from showtell_lib.scenes.drawing.palette import darker
from showtell_lib.scenes.drawing.pencil import Colour, Pencil, Point
from showtell_lib.scenes.world.actor import Actor

Legs = tuple[Point, ...]


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
    _: KW_ONLY
    neck: float = 0.0
    head: float = 0.0
    tail: float = 0.0


_STAND: Legs = ((0.02, 0), (0.2, 0), (-0.12, 0), (0.1, 0))
_GALLOP: Legs = ((0.8, 0.3), (0.6, 0.42), (-0.75, 0.26), (-0.6, 0.12))
_GATHERED: Legs = ((-0.1, 0.02), (0.5, 0.42), (0.35, 0.05), (-0.6, 0.34))
_LEAP: Legs = ((0.42, 1.1), (0.6, 1.22), (-0.62, 0.58), (-0.48, 0.44))
STANCES: dict[str, tuple[Stance, ...]] = {
    "stand": (
        Stance((-0.5, 1.0), (0.5, 1.02), _STAND),
        Stance(
            (-0.5, 1.0),
            (0.5, 1.02),
            ((0.1, 0), (-0.04, 0), (0.06, 0), (-0.12, 0)),
            neck=4,
            head=4,
            tail=8,
        ),
    ),
    "walk": (
        Stance(
            (-0.5, 1.0), (0.5, 1.02), ((0.36, 0.1), (-0.22, 0), (-0.36, 0), (0.24, 0.06)), neck=-6
        ),
        Stance(
            (-0.5, 1.0), (0.5, 1.02), ((-0.26, 0), (0.36, 0.1), (0.24, 0.06), (-0.36, 0)), neck=-6
        ),
    ),
    "run": (
        Stance((-0.5, 1.06), (0.5, 1.12), _GALLOP, neck=-18, head=6, tail=14),
        Stance((-0.5, 1.06), (0.5, 1.06), _GATHERED, neck=-14, head=4, tail=10),
    ),
    "sit": (
        Stance(
            (-0.32, 0.42),
            (0.12, 1.08),
            ((0.12, 0), (0.26, 0), (0.5, 0), (0.62, 0)),
            neck=10,
            head=2,
            tail=-30,
        ),
    ),
    "lie": (
        Stance((-0.5, 0.38), (0.42, 0.42), ((0.7, 0.04), (0.9, 0.04), (0.5, 0.02), (0.6, 0.04))),
        Stance(
            (-0.5, 0.38), (0.42, 0.4), ((0.5, 0.03), (0.8, 0.04), (0.6, 0.02), (0.5, 0.04)), neck=8
        ),
    ),
    "jump": (Stance((-0.46, 1.2), (0.42, 1.62), _LEAP, neck=-12, head=8, tail=20),),
    "swim": (
        Stance(
            (-0.5, -0.1), (0.45, 0.04), ((0.4, -0.5), (0.2, -0.7), (-0.3, -1), (-0.1, -1)), neck=14
        ),
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
    _draw_tail(pencil, beast, stance, rump, colours)
    _draw_body(pencil, beast, rump, chest, colours)
    _draw_leg(pencil, beast, legs[2], colours["coat"], colours["hoof"], haunch=True)
    _draw_leg(pencil, beast, legs[0], colours["coat"], colours["hoof"])
    return _draw_head(pencil, actor, beast, stance, chest, colours)


def choose_stance(action: str, random: randoms.Random) -> Stance:
    """One of an action's stances, slightly varied at random."""
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
    """Where a rider sits on an animal that stands, walks or runs."""
    beast = BEASTS[kind]
    return 0.0, beast.leg * 1.02 + beast.girth * 0.6


def _spine(beast: Beast, stance: Stance) -> tuple[Point, Point]:
    (x, y), (u, v) = stance.rump, stance.chest
    # A body does not sink into the ground; only the body of a swimmer is partly below.
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
    pencil: Pencil, beast: Beast, rump: Point, chest: Point, colours: dict[str, Colour]
) -> None:
    lying = rump[1] < beast.leg * 0.5
    pencil.blob(along(beast.profile, rump, chest, beast.girth), colours["coat"])
    belly = [(x, min(y, -0.35 - 0.1 * (y > 0))) for x, y in beast.profile if -0.1 < x < 1.15]
    pencil.blob(along(belly, rump, chest, beast.girth), colours["shade"])
    for part in beast.patches if lying else (*beast.patches, *beast.udder):
        pencil.blob(along(part.points, rump, chest, beast.girth), colours[part.role])


def _draw_tail(
    pencil: Pencil, beast: Beast, stance: Stance, rump: Point, colours: dict[str, Colour]
) -> None:
    # Tables grow to the right; a tail grows to the left.
    placed = turned(beast.tail, (0, 0), beast.tail_rise + stance.tail, beast.girth)
    start = (rump[0] - 0.14 * beast.body, rump[1] + 0.45 * beast.girth)
    curve = [(start[0] - x, start[1] + y) for x, y in placed]
    if beast.hoofed:  # Hair hangs down to the ground at most.
        curve = [(x, max(y, 0.04)) for x, y in curve]
    role = "mane" if beast.muzzle.mane else "shade"
    pencil.limb(*swept(curve, [w * beast.girth for w in beast.tail_widths]), colours[role])


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
    muzzle = beast.catching if actor.action == "catch" and beast.catching else beast.muzzle
    tilt = stance.head
    pencil.limb((start, head), (beast.nape * 1.25, beast.nape * 0.75), colours["coat"])
    draw_parts(pencil, (*muzzle.mane, *muzzle.parts), colours, head, tilt, beast.head)
    return turned([muzzle.mouth], head, tilt, beast.head)[0]
