"""`Scene`: a scene that can be drawn by lot, changed, described, drawn, written and read."""

from __future__ import annotations

import io
import json
from dataclasses import asdict, dataclass, fields
from typing import Any

from PIL import Image

from showtell_lib.errors import SceneError
from showtell_lib.inputs import plain
from showtell_lib.scenes.drawing.picture import draw
from showtell_lib.scenes.language.describe import describe
from showtell_lib.scenes.world.actor import Actor
from showtell_lib.scenes.world.changes import replaced
from showtell_lib.scenes.world.random_scene import Split, random_scene
from showtell_lib.scenes.world.scene import SceneData


@dataclass(frozen=True)
class Scene(SceneData):
    """A place, a time and up to three actors; the first is the main one.

    Attributes:
        place: one of `catalogue.PLACES`.
        time: `day` or `night`.
        actors: the main actor, then the one it is related to if there is a relation, then others.
        relation: of the main actor to the second, one of `catalogue.RELATIONS`, or empty.
        seed: decides everything that has no name: pose, faces, clouds, shades of colours.

    Raises:
        SceneError: if it cannot be drawn: an unknown word, a green dog, a bus in the living room.
    """

    @classmethod
    def random(cls, seed: int, split: Split | None = None) -> Scene:
        """A scene drawn by lot, the same for the same seed.

        Args:
            seed: any whole number.
            split: `train` for scenes whose combination of main kind, colour, action and place is
                not held out (`is_held_out`), `heldout` for those where it is; None for both.

        Raises:
            SceneError: if there is no such split.
        """
        return random_scene(seed, split, cls)

    def replace(self, **changes: str | int) -> Scene:
        """The same scene with something else in it; all the rest stays, the seed included.

        Args:
            changes: `place`, `time`, `relation` of the scene; `kind`, `colour`, `action` of an
                actor, the main one unless `actor` says which (counted from 0).

        Raises:
            SceneError: if that cannot be; the message says what could.
        """
        return replaced(self, changes)

    def describe(self) -> tuple[str, ...]:
        """Five different true sentences, as people caption photos."""
        return describe(self)

    def draw(self, size: int = 224) -> Image.Image:
        """The picture, `size` pixels wide and high."""
        return draw(self, size)

    @property
    def alt(self) -> str:
        """What the picture is, for those who do not see it."""
        return f"A drawn scene: {self.describe()[0]}."

    def _repr_png_(self) -> tuple[bytes, dict[str, str]]:
        file = io.BytesIO()
        self.draw().save(file, "PNG")
        return file.getvalue(), {"alt": self.alt}

    def to_json(self) -> str:
        """The scene as a JSON document; `from_json` reads it back."""
        return json.dumps(plain(asdict(self)), indent=2)

    @classmethod
    def from_json(cls, text: str) -> Scene:
        """The scene that `to_json` wrote.

        Raises:
            SceneError: if it is no JSON, lacks something, holds something else, or is not valid.
        """
        try:
            document = json.loads(text)
        except (ValueError, TypeError, RecursionError) as error:
            raise SceneError(f"the scene is no JSON: {error}") from None
        values = _fields_of(cls, document, "a scene")
        if not isinstance(values["actors"], list):
            raise SceneError(f"the actors of a scene are {values['actors']!r}; allowed: a list")
        actors = (Actor(**_fields_of(Actor, row, "an actor")) for row in values["actors"])
        return cls(**{**values, "actors": tuple(actors)})


def _fields_of(of: type[Actor] | type[Scene], document: object, what: str) -> dict[str, Any]:
    """The document, if its keys are exactly the names of a dataclass's fields."""
    names = [field.name for field in fields(of)]
    if not isinstance(document, dict):
        raise SceneError(f"{what} is {document!r}; it must be a JSON object")
    wrong = sorted(set(document) ^ set(names))
    if wrong:
        raise SceneError(f"{what} has wrong or missing keys: {wrong}; its keys must be {names}")
    return document
