"""Questions about scenes whose answers the features must hold while the encoder learns.

A caption mentions only some facts of a scene, and its gradient reaches the encoder through the
whole LSTM. So a linear layer also reads the facts directly from the features: where, when, who, in
which colour, doing what, with whom. The layer is thrown away after
training. The idea is that of attribute prediction (Wu et al. 2016, "What value do explicit high
level concepts have in vision to language problems?"). With the layer, about a tenth of the pictures
is enough to learn what sets scenes apart.
"""

from __future__ import annotations

from showtell_lib.scenes import Scene
from showtell_lib.scenes.world import catalogue

NOBODY = ""
QUESTIONS: dict[str, tuple[str, ...]] = {
    "place": catalogue.PLACES,
    "time": catalogue.TIMES,
    "kind": tuple(catalogue.KINDS),
    "colour": catalogue.COLOURS,
    "action": catalogue.ACTIONS,
    "relation": (NOBODY, *catalogue.RELATIONS),
    "other kind": (NOBODY, *catalogue.KINDS),
    "other colour": (NOBODY, *catalogue.COLOURS),
}
UNKNOWN = -1
NOTHING_KNOWN = (UNKNOWN,) * len(QUESTIONS)


def facts_of(scene: Scene) -> tuple[int, ...]:
    """The number of the true answer to each question; "other" means the second actor, if any."""
    main = scene.main
    other = scene.actors[1] if len(scene.actors) > 1 else None
    answers = {
        "place": scene.place,
        "time": scene.time,
        "kind": main.kind,
        "colour": main.colour,
        "action": main.action,
        "relation": scene.relation,
        "other kind": other.kind if other else NOBODY,
        "other colour": other.colour if other else NOBODY,
    }
    return tuple(QUESTIONS[question].index(answers[question]) for question in QUESTIONS)
