"""What a scene can hold: places, kinds of actors, what they do, colours, how they are related."""

from __future__ import annotations

from dataclasses import dataclass

PLACES = (
    "field",
    "beach",
    "snow",
    "street",
    "room",
    "pool",
    "mountain",
    "park",
    "forest",
    "lake",
    "desert",
)
TIMES = ("day", "night")
PEOPLE = ("man", "woman", "boy", "girl")
ANIMALS = ("dog", "cat", "horse", "bird", "cow", "duck")
THINGS = (
    "ball",
    "frisbee",
    "bike",
    "skateboard",
    "car",
    "bus",
    "boat",
    "tree",
    "house",
    "cup",
    "flower",
    "umbrella",
    "bench",
)
KINDS = (*PEOPLE, *ANIMALS, *THINGS)

# A person's colour is that of the shirt or dress, an animal's that of its coat or feathers.
PAINTS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "black")
COATS = ("brown", "black", "white", "gray", "orange")
COLOURS = (*PAINTS, "brown", "gray")

ACTIONS = {
    "person": ("stand", "walk", "run", "sit", "jump", "swim", "ride", "hold", "throw", "kick"),
    "dog": ("stand", "walk", "run", "sit", "lie", "jump", "swim", "catch", "chase"),
    "cat": ("stand", "walk", "run", "sit", "lie", "jump", "chase"),
    "horse": ("stand", "walk", "run", "jump"),
    "cow": ("stand", "walk", "lie"),
    "bird": ("stand", "fly"),
    "duck": ("stand", "swim", "fly"),
    "thing": ("rest",),
}
# How the main actor is related to the second one, if there is one. The first five follow from
# the main actor's action; the second actor is then drawn in its hand, under it or before it.
RELATIONS = (
    "riding",
    "holding",
    "throwing",
    "kicking",
    "catching",
    "chasing",
    "jumping over",
    "next to",
    "in front of",
    "under",
)
FACINGS = ("left", "right")

FAMILIES = {
    **dict.fromkeys(PEOPLE, "person"),
    **dict.fromkeys(ANIMALS, "animal"),
    **dict.fromkeys(THINGS, "thing"),
}
ACTIONS_OF = {
    kind: ACTIONS.get(kind, ACTIONS["person" if kind in PEOPLE else "thing"]) for kind in KINDS
}
COLOURS_OF = {
    **dict.fromkeys((*PEOPLE, *THINGS), PAINTS),
    **dict.fromkeys(ANIMALS, COATS),
    "bird": (*COATS, "yellow", "blue", "red"),
    "duck": (*COATS, "yellow"),
    "car": (*PAINTS, "gray"),
    "tree": ("green", "orange", "yellow", "red", "pink"),
    "house": (*PAINTS, "brown", "gray"),
    "flower": ("red", "orange", "yellow", "blue", "purple", "pink", "white"),
    "bench": (*PAINTS, "brown", "gray"),
}

_OUTDOORS = tuple(place for place in PLACES if place != "room")
_ON_LAND = tuple(place for place in _OUTDOORS if place not in ("pool", "lake"))
# Small things and those who go everywhere may be anywhere; the others where one expects them.
PLACES_OF = {
    **dict.fromkeys(KINDS, PLACES),
    **dict.fromkeys(("bird", "bench"), _OUTDOORS),
    "horse": (*_ON_LAND, "lake"),
    "cow": ("field", "beach", "snow", "street", "mountain", "park", "forest", "lake"),
    "duck": ("field", "beach", "snow", "street", "pool", "park", "forest", "lake"),
    "bike": (*_ON_LAND, "lake", "room"),
    "skateboard": ("street", "room", "pool", "park"),
    "car": ("field", "beach", "snow", "street", "mountain", "desert"),
    "bus": ("field", "snow", "street", "mountain", "desert"),
    "boat": ("beach", "lake"),
    # A tree among the trees of the forest could not be told from them.
    "tree": tuple(place for place in _OUTDOORS if place != "forest"),
    "house": (*(place for place in _ON_LAND if place != "park"), "lake"),
}
ACTION_PLACES = {
    "swim": ("pool", "lake"),
    "fly": _OUTDOORS,
    "ride": tuple(place for place in PLACES if place not in ("room", "pool")),
}


@dataclass(frozen=True)
class Relation:
    """What a relation asks for.

    Attributes:
        actions: what the main actor does.
        others: kinds the second actor can have.
        mains: kinds the main actor can have.
    """

    actions: tuple[str, ...]
    others: tuple[str, ...]
    mains: tuple[str, ...] = KINDS


_STILL = ("stand", "sit", "lie", "rest")
_SMALL = ("dog", "cat", "bird", "duck", "ball", "cup", "flower", "bench")
RELATION_RULES = {
    "riding": Relation(("ride",), ("bike", "skateboard", "horse")),
    "holding": Relation(("hold",), ("ball", "frisbee", "cup", "flower", "umbrella")),
    "throwing": Relation(("throw",), ("ball", "frisbee")),
    "kicking": Relation(("kick",), ("ball",)),
    "catching": Relation(("catch",), ("ball", "frisbee")),
    "chasing": Relation(("chase",), ("ball", "dog", "cat", "bird", "duck")),
    "jumping over": Relation(("jump",), ("ball", "skateboard", "bench")),
    "next to": Relation((*_STILL, "walk", "run", "swim"), KINDS),
    "in front of": Relation(
        (*_STILL, "walk", "run"),
        ("tree", "house", "car", "bus", "boat", "bench"),
        tuple(kind for kind in KINDS if kind not in ("tree", "house", "bus", "boat")),
    ),
    "under": Relation(_STILL, ("tree", "umbrella"), (*PEOPLE, *_SMALL)),
}
# Nobody rides, holds, throws, kicks, catches or chases nothing.
ACTIONS_WITH_OBJECT = {
    action: relation
    for relation, rule in tuple(RELATION_RULES.items())[:6]
    for action in rule.actions
}


def family(kind: str) -> str:
    """`person`, `animal` or `thing`."""
    return FAMILIES[kind]


def is_in_water(kind: str, action: str) -> bool:
    """Whether someone swims or is a boat; both are drawn in the water of their place."""
    return action == "swim" or kind == "boat"
