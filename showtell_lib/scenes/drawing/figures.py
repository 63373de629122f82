"""Draws people and animals in their actions, with what they ride, hold, throw, kick or catch."""

from __future__ import annotations

import random as randoms

from showtell_lib.scenes.drawing.animals import draw_animal, saddle
from showtell_lib.scenes.drawing.pencil import Pencil
from showtell_lib.scenes.drawing.people import Prop, draw_person
from showtell_lib.scenes.drawing.things import draw_thing
from showtell_lib.scenes.world.actor import Actor
from showtell_lib.scenes.world.catalogue import ANIMALS, ATTACHED, PEOPLE

RIDDEN_ACTIONS = ("stand", "walk", "run")


def draw_figure(
    pencil: Pencil,
    actor: Actor,
    random: randoms.Random,
    *,
    relation: str = "",
    companion: Actor | None = None,
    companion_random: randoms.Random | None = None,
) -> None:
    """Draws a person or animal, and the second actor if the two are attached to each other.

    Args:
        pencil: placed, scaled and mirrored; its origin is the ground below the figure.
        actor: who.
        random: decides everything about the figure that the scene does not name.
        relation: one of `catalogue.RELATIONS`; only the `ATTACHED` ones draw the companion.
        companion: the second actor.
        companion_random: the same as `random` for the companion, so that either can be changed
            without the other.
    """
    prop = None
    if companion is not None and relation in ATTACHED:
        prop = _prop(companion, relation, companion_random or randoms.Random(0))
    if actor.kind in PEOPLE:
        draw_person(pencil, actor, random, prop)
        return
    x, y = draw_animal(pencil, actor, random)
    if prop:  # The mouth holds the thing by its edge.
        prop.draw(pencil.at(x + 0.13, y - 0.05))


def _prop(companion: Actor, relation: str, random: randoms.Random) -> Prop:
    def draw(pencil: Pencil) -> None:
        if companion.kind in ANIMALS:
            action = companion.action if companion.action in RIDDEN_ACTIONS else "walk"
            mount = Actor(companion.kind, companion.colour, action)
            draw_animal(pencil, mount, random)
        else:
            draw_thing(pencil, companion.kind, companion.colour, random)

    seat = saddle(companion.kind) if companion.kind in ANIMALS else (0.0, 0.0)
    return Prop(companion.kind, relation, draw, seat)
