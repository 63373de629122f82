"""Where each actor of a scene goes in the picture, and how large it is there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from showtell_lib.scenes.drawing.actors import Extent, has_companion, measure
from showtell_lib.scenes.drawing.places import Ground, ground
from showtell_lib.scenes.world.catalogue import is_in_water
from showtell_lib.scenes.world.scene import SceneData

# A man of 1.75 m is this part of the picture's height in front, and at the back.
_NEAR, _FAR = 0.66 / 1.75, 0.36 / 1.75
_MARGIN = 0.025
_BOAT_DRAUGHT = 0.2  # Metres of a boat that are under water.
# How far a thing is above the actor under it.
_SHELTER = {"tree": 1.9, "umbrella": 1.75}


@dataclass(frozen=True)
class Spot:
    """Where an actor is: everything in fractions of the picture, y upwards.

    Attributes:
        index: of the actor in the scene.
        x: under the middle of the actor.
        y: of the ground or the water under it.
        unit: per metre.
        extent: of the actor, metres.
        floats: whether it is in the water.
        lift: how far above the ground it is drawn.
        depth: of where it stands; the nearer is drawn later.
    """

    index: int
    x: float
    y: float
    unit: float
    extent: Extent
    floats: bool = False
    lift: float = 0.0
    depth: float = 0.0

    @property
    def left(self) -> float:
        """Its left edge."""
        return self.x + self.extent.left * self.unit

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.extent.right * self.unit

    @property
    def top(self) -> float:
        """Its upper edge."""
        return self.y + self.lift + self.extent.top * self.unit

    @property
    def width(self) -> float:
        """From its left edge to its right edge."""
        return self.extent.width * self.unit


def arrange(scene: SceneData) -> list[Spot]:
    """Where the actors are, from the farthest to the nearest."""
    spots = [_spot(scene, index) for index in range(len(scene.actors))]
    if has_companion(scene):
        del spots[1]
    elif scene.relation in _ARRANGEMENTS and len(spots) > 1:
        spots[:2] = _ARRANGEMENTS[scene.relation](scene, *spots[:2])
    # Of two equally far away the main actor comes last, on top.
    return sorted((_within(spot) for spot in spots), key=lambda s: (-s.depth, -s.index))


def _spot(scene: SceneData, index: int) -> Spot:
    actor, land = scene.actors[index], ground(scene.place)
    extent = measure(scene, index)
    floats = land.water is not None and is_in_water(actor.kind, actor.action)
    is_large = extent.height > 2.4 or extent.width > 3
    depth = max(actor.depth, 0.55) if is_large else actor.depth
    unit = (_NEAR + (_FAR - _NEAR) * depth) * _fit(extent, depth, main=index == 0) * actor.size
    spot = Spot(index, actor.x, _height(land, depth, floats), unit, extent, floats, 0.0, depth)
    if floats:
        # The water is farther away than any ground in front of it.
        spot = replace(spot, depth=depth + 1)
    if actor.kind == "boat" and floats:
        spot = replace(spot, lift=-_BOAT_DRAUGHT * unit)
    if actor.action == "fly":
        spot = replace(spot, lift=0.42 - 0.14 * depth)
    return _within(spot)


def _height(land: Ground, depth: float, floats: bool) -> float:
    front, back = land.water if floats and land.water else (land.front, land.back)
    return front + (back - front) * depth


def _fit(extent: Extent, depth: float, main: bool) -> float:
    """The factor that keeps an actor large enough to see and small enough for the picture."""
    unit = _NEAR + (_FAR - _NEAR) * depth
    least = (0.46 if main else 0.24) * (1 - 0.25 * depth)
    reach = max(extent.height, 0.75 * extent.width) * unit
    widest, highest = (0.72, 0.72) if main else (0.56, 0.6)
    if reach < least:
        return least / reach
    return min(1.0, widest / (extent.width * unit), highest / (extent.height * unit))


def _within(spot: Spot) -> Spot:
    """The spot, shrunk and moved until the actor is not cut off."""
    room = 1 - 2 * _MARGIN
    share = min(
        1.0, room / spot.width, (1 - _MARGIN - spot.y - spot.lift) / (spot.top - spot.y - spot.lift)
    )
    spot = replace(spot, unit=spot.unit * share)
    shift = max(_MARGIN - spot.left, 0.0) + min(1 - _MARGIN - spot.right, 0.0)
    return replace(spot, x=spot.x + shift)


def _apart(main: Spot, other: Spot, side: int, gap: float) -> tuple[Spot, Spot]:
    """Puts the other actor on the left (-1) or right (1) of the main one, within the picture."""
    total = main.width + other.width + gap
    share = min(1.0, (1 - 2 * _MARGIN) / total)
    main, other = (replace(s, unit=s.unit * share) for s in (main, other))
    first, second = (main, other) if side > 0 else (other, main)
    total *= share
    start = (main.x + other.x - total) / 2
    start = min(max(start, _MARGIN), 1 - _MARGIN - total)
    first = replace(first, x=start - first.extent.left * first.unit)
    begin = start + first.width + gap * share
    second = replace(second, x=begin - second.extent.left * second.unit)
    return (first, second) if side > 0 else (second, first)


def _side(scene: SceneData) -> int:
    return 1 if scene.actors[1].x >= scene.actors[0].x else -1


def _next_to(scene: SceneData, main: Spot, other: Spot) -> list[Spot]:
    return list(_apart(main, other, _side(scene), 0.03))


def _chasing(scene: SceneData, main: Spot, other: Spot) -> list[Spot]:
    side = 1 if scene.actors[0].facing == "right" else -1
    return list(_apart(main, other, side, 0.05))


def _in_front_of(scene: SceneData, main: Spot, other: Spot) -> list[Spot]:
    """Puts the other actor farther back, hidden by at most a third."""
    if not main.floats and other.depth < main.depth + 0.3:
        land = ground(scene.place)
        depth = main.depth + 0.3
        other = replace(other, depth=depth, y=_height(land, min(depth, 1.2), other.floats))
    if other.width > 1.5 * main.width:
        other = replace(other, x=0.5 + 0.04 * _side(scene))
        return [replace(main, x=0.5 - _side(scene) * other.width * 0.22), other]
    return list(_apart(main, other, _side(scene), -0.3 * min(main.width, other.width)))


def _under(scene: SceneData, main: Spot, other: Spot) -> list[Spot]:
    """Puts the other actor high above the main one, its stem a little to the side."""
    times = _SHELTER.get(scene.actors[1].kind, 2.2)
    height = min(main.top - main.y, 0.82 / times)
    main = replace(main, unit=main.unit * height / (main.top - main.y))
    unit = height * times / other.extent.top
    other = replace(other, unit=unit, y=main.y + 0.01, depth=main.depth, floats=False, lift=0.0)
    other = replace(other, x=main.x - _side(scene) * 0.13 * other.width)
    inside = _within(other)
    return [replace(main, x=main.x + inside.x - other.x), inside]


def _jumping_over(scene: SceneData, main: Spot, other: Spot) -> list[Spot]:
    """Puts the other actor on the ground and the main one in the air above it."""
    share = min(1.0, 0.2 / (other.extent.top * other.unit), 0.4 / other.width)
    other = replace(other, unit=other.unit * share, y=main.y, depth=main.depth, lift=0.0)
    over = other.top - main.y + 0.015
    share = min(1.0, (0.95 - main.y - over) / (main.extent.height * main.unit))
    main = replace(main, unit=main.unit * share)
    main = _within(replace(main, lift=over - main.extent.bottom * main.unit))
    middle = (main.left + main.right) / 2
    return [
        main,
        replace(other, x=middle - (other.extent.left + other.extent.right) / 2 * other.unit),
    ]


_ARRANGEMENTS: dict[str, Callable[[SceneData, Spot, Spot], list[Spot]]] = {
    "next to": _next_to,
    "chasing": _chasing,
    "in front of": _in_front_of,
    "under": _under,
    "jumping over": _jumping_over,
}
