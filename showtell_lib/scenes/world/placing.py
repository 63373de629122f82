"""Where the actors of a random scene stand: large in front, beside each other, inside the frame."""

from __future__ import annotations

import random as randoms
from collections.abc import Sequence
from dataclasses import replace

from showtell_lib.scenes.world.actor import Actor
from showtell_lib.scenes.world.catalogue import KINDS

# How far the second actor's middle is before the main one's, metres; None: side by side.
AHEAD: dict[str, float | None] = {
    "riding": 0.0,
    "holding": 0.35,
    "throwing": 1.0,
    "kicking": 0.7,
    "catching": 0.7,
    "chasing": None,
    "jumping over": 0.0,
    "next to": None,
    "in front of": 0.0,
    "under": 0.0,
}
BEHIND = {"in front of": 0.2, "under": 0.04}  # Added to the main actor's depth.
GAP = {"chasing": 0.5, "next to": 0.2}  # Metres between two that are side by side.
BORDER = 0.03
WIDE_BORDER = 0.16
FAR = (0.62, 0.95)


def metre(depth: float) -> float:
    """About how much of the picture's width a metre takes."""
    return 0.3 - 0.18 * depth


def half_width(actor: Actor) -> float:
    """Half of an actor's width, as a share of the picture's."""
    return KINDS[actor.kind].width * actor.size * metre(actor.depth) / 2


def place_pair(main: Actor, second: Actor, relation: str, random: randoms.Random) -> list[Actor]:
    """The main actor and the one it is related to, moved to where the relation wants them."""
    depth = main.depth + BEHIND.get(relation, 0.0)
    second = replace(second, depth=round(depth, 3))
    ahead = AHEAD[relation]
    if ahead is None:
        apart = half_width(main) + half_width(second) + GAP[relation] * metre(depth)
        side = random.choice((-1, 1)) if relation == "next to" else _direction(main)
        distance = side * apart
    else:
        distance = _direction(main) * ahead * metre(depth)
    return move_inside([replace(main, x=0.0), replace(second, x=distance)], random)


def move_inside(group: Sequence[Actor], random: randoms.Random) -> list[Actor]:
    """A group moved sideways, by chance but so that all of it is in the picture if it fits."""
    left = max(_margin(actor) - actor.x for actor in group)
    right = min(1 - _margin(actor) - actor.x for actor in group)
    shift = random.uniform(left, right) if left < right else (left + right) / 2
    return [replace(a, x=round(min(max(a.x + shift, 0.0), 1.0), 3)) for a in group]


def fits(group: Sequence[Actor]) -> bool:
    """Whether the middle of each is far enough from the picture's sides."""
    return all(min(a.x, 1 - a.x) >= min(half_width(a) * 0.75, WIDE_BORDER) for a in group)


def place_far_off(actor: Actor, group: Sequence[Actor], random: randoms.Random) -> Actor | None:
    """A bystander far off and to the side of all others; None if no such place was found."""
    for _ in range(20):
        moved = replace(actor, depth=round(random.uniform(*FAR), 3))
        (moved,) = move_inside([replace(moved, x=0.0)], random)
        if all(abs(moved.x - a.x) > half_width(moved) + half_width(a) for a in group):
            return moved
    return None


def _margin(actor: Actor) -> float:
    half = half_width(actor)
    return half + BORDER if half < WIDE_BORDER else max(half, WIDE_BORDER)


def _direction(actor: Actor) -> int:
    return 1 if actor.facing == "right" else -1
