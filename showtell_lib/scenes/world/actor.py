"""`Actor`: someone or something in a scene, as data."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Actor:
    """Someone or something in a scene.

    Attributes:
        kind: one of `catalogue.KINDS`.
        colour: of the clothes, coat or paint; one of the colours of its kind.
        action: one of the actions of its kind.
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
