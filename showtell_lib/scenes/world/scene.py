"""`SceneData`: a scene as plain, checked data. `scenes.Scene` is the same with its abilities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from showtell_lib.scenes.world.actor import Actor
from showtell_lib.scenes.world.rules import check_scene

# The functions of the world return scenes of the class that they are given.
AnyScene = TypeVar("AnyScene", bound="SceneData")


@dataclass(frozen=True)
class SceneData:
    """A place, a time, actors and their relation; `scenes.Scene` says what each of them is.

    Raises:
        SceneError: if it cannot be drawn.
    """

    place: str
    time: str
    actors: tuple[Actor, ...]
    relation: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        check_scene(self.place, self.time, self.actors, self.relation, self.seed)

    @property
    def main(self) -> Actor:
        """The actor that the scene is about."""
        return self.actors[0]

    @property
    def second(self) -> Actor | None:
        """The actor that the main one is related to, if there is a relation."""
        return self.actors[1] if self.relation else None

    @property
    def bystanders(self) -> tuple[Actor, ...]:
        """The actors that have nothing to do with the main one."""
        return self.actors[2:] if self.relation else self.actors[1:]
