"""Draws and measures one actor of a scene, with what the actor rides or holds."""

from __future__ import annotations

import random as randoms
from typing import NamedTuple

from PIL import Image, ImageChops

from showtell_lib.scenes.drawing.figures import draw_figure
from showtell_lib.scenes.drawing.pencil import Pencil
from showtell_lib.scenes.drawing.things import draw_thing
from showtell_lib.scenes.world.catalogue import ATTACHED, THINGS
from showtell_lib.scenes.world.scene import SceneData

_SKETCH = (200, 140)  # Pixels of the sketch that is measured.
_GROUND = (100.0, 100.0)  # Where its pencil is.
_FINE = 14.0  # Its pixels per metre.
_PAPER = (1, 2, 3)


class Extent(NamedTuple):
    """How far an actor reaches from its place, metres; left and bottom are often negative."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def width(self) -> float:
        """From its left to its right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From its bottom to its top."""
        return self.top - self.bottom


def stream(scene: SceneData, what: str | int) -> randoms.Random:
    """Random numbers for one actor (or the place), whatever else is in the scene."""
    return randoms.Random(f"{scene.seed}/{what}")


def draw_actor(pencil: Pencil, scene: SceneData, index: int) -> None:
    """Draws an actor, and its companion if it has that in its hand or under it.

    Args:
        pencil: at the ground under the actor, mirrored if it faces left.
        scene: the whole scene.
        index: of the actor in `scene.actors`.
    """
    actor, random = scene.actors[index], stream(scene, index)
    if actor.kind in THINGS:
        draw_thing(pencil, actor.kind, actor.colour, random)
    elif index == 0 and has_companion(scene):
        draw_figure(
            pencil,
            actor,
            random,
            relation=scene.relation,
            companion=scene.actors[1],
            companion_random=stream(scene, 1),
        )
    else:
        draw_figure(pencil, actor, random, relation=scene.relation if index == 0 else "")


def has_companion(scene: SceneData) -> bool:
    """Whether the second actor is drawn together with the main one."""
    return scene.relation in ATTACHED and len(scene.actors) > 1


def measure(scene: SceneData, index: int) -> Extent:
    """How far an actor, drawn with its companion, reaches, measured on a sketch."""
    sketch = Image.new("RGB", _SKETCH, _PAPER)
    mirrored = scene.actors[index].facing == "left"
    draw_actor(Pencil(sketch, _GROUND, _FINE, mirrored), scene, index)
    found = ImageChops.difference(sketch, Image.new("RGB", _SKETCH, _PAPER)).getbbox()
    left, upper, right, lower = found or (99, 99, 101, 101)
    x, y = _GROUND
    return Extent((left - x) / _FINE, (y - lower) / _FINE, (right - x) / _FINE, (y - upper) / _FINE)
