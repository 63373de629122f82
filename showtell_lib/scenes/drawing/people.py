"""People: a build and clothes for each kind, drawn in any pose."""

from __future__ import annotations

import random as randoms
from collections.abc import Callable
from dataclasses import dataclass

from showtell_lib.scenes.drawing.heads import Head, choose_head, draw_hair_behind, draw_head
from showtell_lib.scenes.drawing.limbs import between, hull, ring, turned
from showtell_lib.scenes.drawing.palette import darker, lighter, shade
from showtell_lib.scenes.drawing.pencil import Colour, Pencil, Point
from showtell_lib.scenes.drawing.poses import Body, Build, body, choose_pose, on_bike, shifted
from showtell_lib.scenes.world.actor import Actor

BUILDS: dict[str, Build] = {
    "man": Build(
        head=0.165, leg=0.80, torso=0.56, arm=0.60, shoulder=0.27, waist=0.20, hip=0.19, limb=0.19
    ),
    "woman": Build(
        head=0.16, leg=0.78, torso=0.51, arm=0.55, shoulder=0.205, waist=0.145, hip=0.17, limb=0.15
    ),
    "boy": Build(
        head=0.175,
        leg=0.47,
        torso=0.37,
        arm=0.39,
        shoulder=0.175,
        waist=0.145,
        hip=0.145,
        limb=0.14,
    ),
    "girl": Build(
        head=0.175, leg=0.46, torso=0.36, arm=0.38, shoulder=0.15, waist=0.125, hip=0.13, limb=0.12
    ),
}
# Clothes that never compete with the colour that the scene names.
TROUSERS: tuple[Colour, ...] = (
    (48, 60, 96),
    (70, 78, 98),
    (96, 98, 104),
    (186, 168, 134),
    (62, 56, 58),
)
SHOES: tuple[Colour, ...] = ((58, 44, 40), (40, 42, 52), (226, 224, 218), (112, 84, 62))
BOARD_HEIGHT = 0.13  # Of a skateboard's deck, metres.
CHILD_LEG = 0.6  # Metres; a longer leg is a grown-up's.
CHILD_BIKE = 0.74  # How large a child's bike is, compared with a grown-up's.
# How far above its base a thing is held, metres; other things lie on the palm.
GRIPS = {"umbrella": 0.16, "flower": 0.2, "cup": 0.08, "frisbee": 0.04}
# Small things are larger than life, so that they can be recognised.
LARGER = {"ball": 1.3, "frisbee": 1.3, "flower": 1.3, "cup": 1.6}


@dataclass(frozen=True)
class Look:
    """What one person looks like, apart from the pose.

    Attributes:
        build: sizes of the body.
        head: face and hair.
        cloth: colour of the shirt or dress.
        trousers: colour of trousers or shorts.
        shoes: their colour.
        dress: whether the cloth hangs down as a dress.
        sleeve: how much of the arm it covers, 0 to 1.
        legging: how much of the leg the trousers cover, 0 to 1.
    """

    build: Build
    head: Head
    cloth: Colour
    trousers: Colour
    shoes: Colour
    dress: bool
    sleeve: float
    legging: float


@dataclass(frozen=True)
class Prop:
    """What a person rides, holds, throws or kicks.

    Attributes:
        kind: one of `catalogue.KINDS`.
        relation: how the person is related to it.
        draw: draws it with a pencil whose origin is the middle of its base.
        seat: where the rider sits, if the prop is ridden like a horse, metres.
    """

    kind: str
    relation: str
    draw: Callable[[Pencil], None]
    seat: Point = (0.0, 0.0)


def draw_person(
    pencil: Pencil, actor: Actor, random: randoms.Random, prop: Prop | None = None
) -> None:
    """Draws a person who looks to the right, in the actor's action.

    Args:
        pencil: its origin is the ground below the person.
        actor: who, in which colour, doing what.
        random: decides face, hair, clothes without a name, and the pose within the action.
        prop: what the person rides, holds, throws or kicks.
    """
    look = choose_look(actor, random)
    joints = choose_body(actor.action, look.build, random, prop)
    tilt = -joints.lean * 0.3
    held = prop is not None and prop.relation != "riding"
    if prop and held and prop.kind == "umbrella":  # Its canopy must not hide the face.
        prop.draw(pencil.at(*prop_place(prop, joints)))
    draw_hair_behind(pencil, look.head, joints.head, look.build.head, tilt)
    _draw_arm(pencil, joints.far_arm, look, 0.2)
    _draw_leg(pencil, joints.far_leg, joints.far_toes, look, 0.24)
    if prop and prop.relation == "riding":
        prop.draw(pencil.at(0, 0, _bike_scale(look.build) if prop.kind == "bike" else 1.0))
    _draw_leg(pencil, joints.near_leg, joints.near_toes, look, 0.0)
    _draw_torso(pencil, joints, look)
    draw_head(pencil, look.head, joints.head, look.build.head, tilt)
    _draw_arm(pencil, joints.near_arm, look, -0.04)
    if prop and held and prop.kind != "umbrella":
        prop.draw(pencil.at(*prop_place(prop, joints), LARGER.get(prop.kind, 1.0)))
        _draw_hand(pencil, joints.far_arm[-1], look, 0.2)


def choose_look(actor: Actor, random: randoms.Random) -> Look:
    """Chooses clothes, skin and hair, by the same random draws for every colour."""
    cloth = shade(actor.colour, random, 7)
    head = choose_head(actor.kind, cloth, random)
    trousers, shoes = random.choice(TROUSERS), random.choice(SHOES)
    dressed, sleeved = random.random(), random.random()
    dress = {"woman": 0.75, "girl": 1.0}.get(actor.kind, 0.0) > dressed
    legging = 0.0 if dress else 0.46 if actor.kind == "boy" else 1.0
    sleeve = 1.0 if sleeved < (0.6 if actor.kind == "man" else 0.3) else 0.42
    return Look(BUILDS[actor.kind], head, cloth, trousers, shoes, dress, sleeve, legging)


def choose_body(action: str, build: Build, random: randoms.Random, prop: Prop | None) -> Body:
    """The joints of a body in an action, fitted to what the person rides."""
    ridden = prop.kind if prop and prop.relation == "riding" else ""
    if ridden == "bike":
        return on_bike(choose_pose("bike", random), build, _bike_scale(build))
    if ridden == "horse" and prop:
        return body(shifted(choose_pose("horse", random), build, prop.seat), build)
    if ridden:
        pose = choose_pose("skateboard", random)
        return body(shifted(pose, build, (0, BOARD_HEIGHT)), build)
    name = "skateboard" if action == "ride" else action
    return body(choose_pose(name, random), build)


def prop_place(prop: Prop, joints: Body) -> Point:
    """Where the base of a held, thrown or kicked thing goes."""
    hand, toes = joints.far_arm[-1], joints.near_leg[-1]
    if prop.relation == "throwing":
        return hand[0] + 0.3, hand[1] + 0.02
    if prop.relation == "kicking":
        return toes[0] + 0.32, max(toes[1] - 0.08, 0.0)
    if prop.relation == "catching":
        return hand[0] + 0.16, hand[1] - 0.08
    return hand[0] + 0.03, hand[1] - GRIPS.get(prop.kind, 0.0) * LARGER.get(prop.kind, 1.0)


def _bike_scale(build: Build) -> float:
    return 1.0 if build.leg > CHILD_LEG else CHILD_BIKE


def _draw_arm(pencil: Pencil, arm: list[Point], look: Look, shadow: float) -> None:
    shoulder, elbow, hand = arm
    skin, cloth = darker(look.head.skin, max(shadow, 0.0)), _toned(look.cloth, shadow)
    width = look.build.limb * 0.66
    pencil.limb(arm, (width, width * 0.84, width * 0.66), skin)
    _draw_hand(pencil, hand, look, shadow)
    if look.sleeve < 1:
        cuff = between(shoulder, elbow, look.sleeve * 2)
        pencil.limb((shoulder, cuff), (width * 1.12, width * 1.14), cloth)
        return
    wrist = between(elbow, hand, 0.86)
    pencil.limb((shoulder, elbow, wrist), (width * 1.1, width, width * 0.84), cloth)


def _draw_hand(pencil: Pencil, hand: Point, look: Look, shadow: float) -> None:
    size = look.build.limb * 0.34
    pencil.ellipse(hand[0], hand[1], size, size, darker(look.head.skin, max(shadow, 0.0)))


def _draw_leg(pencil: Pencil, leg: list[Point], toes: float, look: Look, shadow: float) -> None:
    hip, knee, ankle = leg
    skin, cloth = darker(look.head.skin, shadow), darker(look.trousers, shadow)
    width = look.build.limb
    pencil.limb(leg, (width, width * 0.74, width * 0.5), skin)
    _draw_shoe(pencil, ankle, toes, look, shadow)
    if look.legging >= 1:
        hem = between(knee, ankle, 0.93)
        pencil.limb((hip, knee, hem), (width * 1.12, width * 0.86, width * 0.68), cloth)
    elif look.legging:
        hem = between(hip, knee, look.legging * 2)
        pencil.limb((hip, hem), (width * 1.2, width * 1.12), cloth)


def _draw_shoe(pencil: Pencil, ankle: Point, toes: float, look: Look, shadow: float) -> None:
    size = look.build.limb * 0.36
    outline = ((-0.9, 0.6), (-0.95, -0.85), (2.3, -0.85), (2.5, -0.3), (1.0, 0.45), (0.5, 0.9))
    pencil.blob(turned(outline, ankle, toes, size), darker(look.shoes, shadow))


def _draw_torso(pencil: Pencil, joints: Body, look: Look) -> None:
    build, cloth = look.build, look.cloth
    neck = between(joints.neck, joints.head, 0.4)
    pencil.limb((joints.neck, neck), (build.head * 0.74,) * 2, darker(look.head.skin, 0.16))
    if look.dress:
        _draw_skirt(pencil, joints, look)
    else:
        x, y = joints.hip
        pencil.ellipse(x, y + 0.02, build.hip * 1.12, build.limb * 0.62, look.trousers)
    outline = _torso_outline(build)
    pencil.blob(turned(outline, joints.hip, -joints.lean), cloth)
    back = [(x if x < 0 else -0.35 * build.waist, y) for x, y in outline]
    pencil.blob(turned(back, joints.hip, -joints.lean), darker(cloth, 0.12))
    collar = ((-0.5, 0.04), (0.5, 0.04), (0.3, -0.4), (0.05, -0.55), (-0.25, -0.4))
    pencil.blob(turned(collar, joints.neck, -joints.lean, build.head), look.head.skin)


def _torso_outline(build: Build) -> list[Point]:
    shoulder, waist, hip, top = build.shoulder, build.waist, build.hip, build.torso
    right = [(hip, -0.02), (waist, 0.36 * top), (shoulder * 0.96, 0.74 * top)]
    right += [(shoulder * 0.84, 0.95 * top), (0.36 * shoulder, 1.03 * top)]
    return right + [(-x, y) for x, y in reversed(right)]


def _draw_skirt(pencil: Pencil, joints: Body, look: Look) -> None:
    """Cloth from the waist over both thighs, wider at its hem."""
    build = look.build
    top = turned([(-build.waist, 0.3 * build.torso), (build.waist, 0.3 * build.torso)], joints.hip)
    hem = []
    for leg in (joints.near_leg, joints.far_leg):
        hem += ring(between(leg[0], leg[1], 0.86), build.limb * 0.72)
    flare = build.hip * (1.75 if build.leg < CHILD_LEG else 1.4)
    low = joints.hip[1] - build.leg * 0.42
    if joints.near_leg[1][1] < joints.hip[1] - 0.2 * build.leg:  # Standing: it hangs.
        hem += [(joints.hip[0] - flare, low), (joints.hip[0] + flare, low)]
    outline = hull(top + ring(joints.hip, build.hip) + hem)
    pencil.polygon(outline, look.cloth)
    middle = joints.hip[0]
    folds = [(min(x, middle - 0.1 * flare), y) for x, y in outline]
    pencil.polygon(hull(folds), darker(look.cloth, 0.12))


def _toned(colour: Colour, shadow: float) -> Colour:
    return darker(colour, shadow) if shadow > 0 else lighter(colour, -shadow)
