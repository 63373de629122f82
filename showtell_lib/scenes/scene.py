"""`Scene`: a picture-book scene as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Someone or something in a scene.

    Attributes:
        kind: one of `catalogue.KINDS`.
        colour: of the clothes, coat or paint; one of `catalogue.COLOURS`.
        action: one of `catalogue.ACTIONS` for its kind.
        x: where its middle is, 0 (left) to 1 (right).
        depth: how far back it stands, 0 (front) to 1 (as far as the ground goes).
        size: 1 is its natural size, compared with others at the same depth.
        facing: `left` or `right`.
    """

    kind: str
    colour: str
    action: str = "rest"
    x: float = 0.5
    depth: float = 0.3
    size: float = 1.0
    facing: str = "right"


@dataclass(frozen=True)
class Scene:
    """A place, a time and up to three actors; the first is the main one.

    Attributes:
        place: one of `catalogue.PLACES`.
        time: `day` or `night`.
        actors: the main actor, then the one it is related to if there is a relation, then others.
        relation: of the main actor to the second, one of `catalogue.RELATIONS`, or empty.
        seed: decides everything that has no name: pose, faces, clouds, shades of colours.
    """

    place: str
    time: str
    actors: tuple[Actor, ...]
    relation: str = ""
    seed: int = 0
