"""Poses of people: where hips, hands and feet are in each action; joints follow from that."""

from __future__ import annotations

import random as randoms
from dataclasses import KW_ONLY, dataclass, replace

from showtell_lib.scenes.drawing.limbs import bent, turned
from showtell_lib.scenes.drawing.pencil import Point


@dataclass(frozen=True)
class Build:
    """Sizes of a body, metres.

    Attributes:
        head: radius of the head.
        leg: from hip to ankle.
        torso: from hip to the base of the neck.
        arm: from shoulder to hand.
        shoulder: half the width of the shoulders, as seen.
        waist: half the width of the waist.
        hip: half the width of the hips.
        limb: thickness of a thigh; the other limbs follow.
    """

    head: float
    leg: float
    torso: float
    arm: float
    shoulder: float
    waist: float
    hip: float
    limb: float


@dataclass(frozen=True)
class Pose:
    """Where the ends of a body are, of a person who looks right, half turned to the viewer.

    Attributes:
        hip: from the ground below the figure, in lengths of a leg.
        near_hand: from the shoulder, in lengths of an arm.
        far_hand: the same of the hand farther from the viewer.
        near_foot: from the ground below the figure, in lengths of a leg.
        far_foot: the same of the foot farther from the viewer.
        lean: how far the torso leans forward, degrees.
        toes: how far the toes of the near and of the far foot point up, degrees.
        neck: how far the neck leans forward, degrees.
    """

    hip: Point
    near_hand: Point
    far_hand: Point
    near_foot: Point
    far_foot: Point
    _: KW_ONLY
    lean: float = 0.0
    toes: tuple[float, float] = (0.0, 0.0)
    neck: float = 0.0


@dataclass(frozen=True)
class Body:
    """The joints of a figure in a pose, metres; each limb from the body outwards."""

    hip: Point
    neck: Point
    head: Point
    lean: float
    near_arm: list[Point]
    far_arm: list[Point]
    near_leg: list[Point]
    far_leg: list[Point]
    near_toes: float
    far_toes: float


SOLE = 0.055  # The ankle's height above the ground.

# Each action has a few poses, of which one is drawn.
POSES: dict[str, tuple[Pose, ...]] = {
    "stand": (
        Pose((0, 0.99), (-0.2, -0.93), (0.2, -0.93), (-0.15, 0), (0.14, 0)),
        Pose((0, 0.99), (-0.24, -0.9), (0.55, 0.62), (-0.14, 0), (0.15, 0)),
        Pose((0, 0.99), (-0.02, -0.66), (0.22, -0.92), (-0.17, 0), (0.15, 0)),
    ),
    "walk": (
        Pose((0, 0.97), (0.36, -0.85), (-0.38, -0.83), (-0.36, 0.06), (0.34, 0.03), toes=(-28, 14)),
        Pose((0, 0.97), (-0.42, -0.81), (0.42, -0.79), (0.36, 0.03), (-0.35, 0.06), toes=(14, -28)),
    ),
    "run": (
        Pose(
            (0, 1.06), (-0.5, -0.4), (0.7, 0.06), (0.6, 0.36), (-0.74, 0.5), lean=24, toes=(5, -80)
        ),
        Pose(
            (0, 1.06), (0.7, 0.02), (-0.56, -0.3), (-0.74, 0.5), (0.6, 0.36), lean=24, toes=(-80, 5)
        ),
    ),
    "sit": (
        Pose(
            (-0.28, 0.13), (0.5, -0.42), (-0.42, -0.9), (0.5, 0), (0.66, 0), lean=-8, toes=(8, 12)
        ),
        Pose(
            (-0.3, 0.13), (-0.4, -0.86), (0.55, -0.4), (0.68, 0), (0.44, 0), lean=-14, toes=(25, 5)
        ),
    ),
    "jump": (
        Pose(
            (0, 1.5),
            (-0.42, 0.86),
            (0.42, 0.86),
            (-0.36, 0.78),
            (0.3, 0.66),
            lean=3,
            toes=(-60, -25),
        ),
        Pose((0, 1.42), (-0.62, 0.72), (0.62, 0.72), (-0.52, 0.6), (0.54, 0.62), toes=(-20, 10)),
    ),
    "swim": (
        Pose(
            (-0.7, -0.2), (0.8, -0.5), (0.62, 0.66), (-1.5, -0.4), (-1.5, -0.2), lean=66, neck=-30
        ),
        Pose(
            (-0.7, -0.2), (-0.6, 0.56), (0.97, 0.12), (-1.5, -0.4), (-1.5, -0.2), lean=66, neck=-30
        ),
    ),
    "hold": (
        Pose((0, 0.99), (-0.2, -0.92), (0.66, -0.34), (-0.15, 0), (0.14, 0)),
        Pose((0, 0.99), (-0.24, -0.9), (0.72, -0.2), (-0.17, 0), (0.16, 0), lean=-2),
    ),
    "throw": (
        Pose((0, 0.95), (-0.5, -0.66), (0.86, 0.4), (-0.4, 0.04), (0.4, 0), lean=12, toes=(-25, 8)),
        Pose(
            (0, 0.95), (-0.7, -0.36), (0.68, 0.66), (-0.44, 0.06), (0.36, 0), lean=8, toes=(-30, 8)
        ),
    ),
    "kick": (
        Pose(
            (-0.05, 0.97),
            (-0.66, -0.5),
            (0.74, -0.28),
            (0.7, 0.3),
            (-0.16, 0),
            lean=-12,
            toes=(24, 0),
        ),
        Pose(
            (-0.05, 0.96), (-0.8, -0.2), (0.6, -0.5), (0.78, 0.4), (-0.2, 0), lean=-18, toes=(30, 0)
        ),
    ),
    "catch": (Pose((0, 0.97), (0.7, 0.55), (0.66, 0.5), (-0.25, 0), (0.25, 0), lean=5),),
    "skateboard": (
        Pose((-0.02, 0.92), (-0.82, 0.02), (0.84, 0.12), (-0.36, 0), (0.36, 0), lean=6),
        Pose((-0.04, 0.84), (-0.8, -0.3), (0.82, -0.1), (-0.38, 0), (0.36, 0), lean=14),
    ),
    "horse": (
        Pose((0, 0), (0.72, -0.36), (0.74, -0.4), (0.16, -0.72), (0.2, -0.7), lean=4, toes=(8, 8)),
    ),
    "bike": (Pose((0, 0), (0, 0), (0, 0), (0, 0), (0, 0), lean=24),),
}


def choose_pose(name: str, random: randoms.Random) -> Pose:
    """One of an action's poses, slightly varied at random."""
    pose = random.choice(POSES[name])
    moves = [(random.uniform(-0.05, 0.05), random.uniform(-0.05, 0.05)) for _ in range(2)]
    return replace(
        pose,
        near_hand=_moved(pose.near_hand, moves[0]),
        far_hand=_moved(pose.far_hand, moves[1]),
        near_foot=_moved(pose.near_foot, (random.uniform(-0.03, 0.03), 0)),
        far_foot=_moved(pose.far_foot, (random.uniform(-0.03, 0.03), 0)),
        lean=pose.lean + random.uniform(-2, 2),
        neck=pose.neck + random.uniform(-4, 4),
    )


def shifted(pose: Pose, build: Build, by: Point) -> Pose:
    """The same pose elsewhere, `by` in metres: on a saddle, on a board."""
    step = (by[0] / build.leg, by[1] / build.leg)
    return replace(
        pose,
        hip=_moved(pose.hip, step),
        near_foot=_moved(pose.near_foot, step),
        far_foot=_moved(pose.far_foot, step),
    )


def body(pose: Pose, build: Build) -> Body:
    """The joints of a build in a pose."""
    hip = (pose.hip[0] * build.leg, pose.hip[1] * build.leg + SOLE)
    neck, near, far = turned(
        [
            (0, build.torso),
            (-0.82 * build.shoulder, build.torso * 0.86),
            (0.8 * build.shoulder, build.torso * 0.87),
        ],
        hip,
        -pose.lean,
    )
    head = turned([(0.02, build.head * 1.12)], neck, -pose.lean * 0.4 - pose.neck)[0]
    return Body(
        hip,
        neck,
        head,
        pose.lean,
        _arm(near, pose.near_hand, build),
        _arm(far, pose.far_hand, build),
        _leg(hip, -0.5, pose.near_foot, build),
        _leg(hip, 0.5, pose.far_foot, build),
        *pose.toes,
    )


def on_bike(pose: Pose, build: Build, scale: float) -> Body:
    """The joints of a cyclist: the hands on the bar, the feet on the pedals."""
    on_saddle = shifted(pose, build, (-0.2 * scale, 1.0 * scale - SOLE))
    grip = (0.42 * scale, 1.07 * scale)
    rider = body(on_saddle, build)
    return replace(
        rider,
        near_arm=bent(rider.near_arm[0], grip, build.arm / 2, build.arm / 2, -1),
        far_arm=bent(rider.far_arm[0], grip, build.arm / 2, build.arm / 2, -1),
        near_leg=bent(rider.near_leg[0], (0.08 * scale, 0.25 * scale), *_bones(build), 1),
        far_leg=bent(rider.far_leg[0], (0.0, 0.5 * scale), *_bones(build), 1),
    )


def _bones(build: Build) -> tuple[float, float]:
    return build.leg * 0.51, build.leg * 0.5


def _arm(shoulder: Point, hand: Point, build: Build) -> list[Point]:
    target = turned([hand], shoulder, scale=build.arm)[0]
    return bent(shoulder, target, build.arm / 2, build.arm / 2, -1)


def _leg(hip: Point, side: float, foot: Point, build: Build) -> list[Point]:
    start = (hip[0] + side * build.hip, hip[1])
    target = (foot[0] * build.leg, foot[1] * build.leg + SOLE)
    return bent(start, target, *_bones(build), 1)


def _moved(point: Point, by: Point) -> Point:
    return point[0] + by[0], point[1] + by[1]
