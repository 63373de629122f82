"""The geometry of bodies: joints that bend, shapes that turn, and tables of parts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from showtell_lib.scenes.drawing.pencil import Colour, Pencil, Point, smooth


class Part(NamedTuple):
    """A smooth shape of a drawing kept as data: the role of its colour, and its outline."""

    role: str
    points: tuple[Point, ...]


def oval(role: str, x: float, y: float, rx: float, ry: float) -> Part:
    """An upright ellipse as a part."""
    turns = [math.pi * i / 4 for i in range(8)]
    return Part(role, tuple((x + rx * math.cos(t), y + ry * math.sin(t)) for t in turns))


def turned(
    points: Iterable[Point], centre: Point, degrees: float = 0.0, scale: float = 1.0
) -> list[Point]:
    """Points of a local frame, scaled, turned anticlockwise and moved to `centre`."""
    cos, sin = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return [
        (centre[0] + scale * (x * cos - y * sin), centre[1] + scale * (x * sin + y * cos))
        for x, y in points
    ]


def between(a: Point, b: Point, share: float) -> Point:
    """The point at a share (0 to 1) of the way from one point to another."""
    return a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])


def bent(start: Point, target: Point, upper: float, lower: float, side: int) -> list[Point]:
    """A limb of two bones that reaches for a target: its start, joint and end.

    Args:
        start: the shoulder or hip.
        target: where the hand or foot should be; if too far, the limb is stretched towards it.
        upper: length of the upper bone.
        lower: length of the lower bone.
        side: where the joint goes, seen along the limb: 1 left (a knee, of one who looks to the
            right), -1 right (an elbow).
    """
    dx, dy = target[0] - start[0], target[1] - start[1]
    wanted = math.hypot(dx, dy) or 1e-6
    reach = min(max(wanted, abs(upper - lower) + 1e-6), upper + lower)
    angle = math.atan2(dy, dx)
    cosine = (upper**2 + reach**2 - lower**2) / (2 * upper * reach)
    turn = angle + side * math.acos(min(max(cosine, -1.0), 1.0))
    joint = (start[0] + upper * math.cos(turn), start[1] + upper * math.sin(turn))
    end = (start[0] + reach * math.cos(angle), start[1] + reach * math.sin(angle))
    return [start, joint, end]


def swept(
    points: Sequence[Point], widths: Sequence[float], steps: int = 5
) -> tuple[list[Point], list[float]]:
    """A limb without joints, such as a tail: more points on a smooth curve, and their widths."""
    there_and_back = [*points, *points[-2:0:-1]]
    curve = smooth(there_and_back, steps)[: (len(points) - 1) * steps + 1]
    shares = [divmod(i, steps) for i in range(len(curve) - 1)]
    widened = [widths[i] + (widths[i + 1] - widths[i]) * k / steps for i, k in shares]
    return curve, [*widened, widths[-1]]


def along(points: Iterable[Point], rump: Point, chest: Point, girth: float) -> list[Point]:
    """Points in shares of a body's length and girth, along its spine."""
    dx, dy = chest[0] - rump[0], chest[1] - rump[1]
    length = math.hypot(dx, dy)
    return [
        (rump[0] + x * dx - y * girth * dy / length, rump[1] + x * dy + y * girth * dx / length)
        for x, y in points
    ]


def hull(points: Iterable[Point]) -> list[Point]:
    """The convex outline around points (Andrew 1979): cloth stretched over what is below it."""
    ordered = sorted(points)
    return _half_hull(ordered)[:-1] + _half_hull(ordered[::-1])[:-1]


def ring(centre: Point, radius: float) -> list[Point]:
    """Points around a centre, for `hull`."""
    return list(turned(oval("", 0, 0, 1, 1).points, centre, scale=radius))


def draw_parts(
    pencil: Pencil,
    parts: Sequence[Part],
    colours: Mapping[str, Colour],
    centre: Point = (0.0, 0.0),
    degrees: float = 0.0,
    scale: float = 1.0,
) -> None:
    """Draws a table of parts in order, turned anticlockwise around their origin."""
    for part in parts:
        pencil.blob(turned(part.points, centre, degrees, scale), colours[part.role])


def _half_hull(ordered: Sequence[Point]) -> list[Point]:
    outline: list[Point] = []
    for point in ordered:
        while len(outline) > 1 and _turn(outline[-2], outline[-1], point) <= 0:
            outline.pop()
        outline.append(point)
    return outline


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
