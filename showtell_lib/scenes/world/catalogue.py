"""What a scene can hold: places, kinds of actors, colours, and how actors are related."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

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
FACINGS = ("left", "right")
PAINTS = ("red", "orange", "yellow", "green", "blue", "purple", "pink", "white", "black")
COATS = ("brown", "black", "white", "gray", "orange")
COLOURS = (*PAINTS, "brown", "gray")

_OUTDOORS = tuple(place for place in PLACES if place != "room")
_ON_LAND = tuple(place for place in _OUTDOORS if place not in ("pool", "lake"))
ACTION_PLACES = {
    "swim": ("pool", "lake"),
    "fly": _OUTDOORS,
    "ride": tuple(place for place in PLACES if place not in ("room", "pool")),
}


@dataclass(frozen=True)
class Kind:
    """All that is known of a kind of actor, but for what it looks like (`scenes.drawing`).

    Attributes:
        name: the word for it.
        family: `person`, `animal` or `thing`.
        colours: of the clothes, the coat or the paint.
        actions: what it can do.
        width: its rough width at size 1, metres; random scenes keep actors apart by it.
        places: where it can be.
        size: its size in a random scene; the largest kinds are made smaller, to fit in.
        main_size: the same if it is the main actor: one small thing is larger than life.
        weight: how often it is the main actor, compared with others of its family.
        far_off: whether it can be a bystander far off.
        nouns: what `describe` calls it, the usual noun first; its name unless given.
        synonyms: other words for one of it, true in a caption.
        plurals: words for several of it; the name with an `s` unless given.
        rests: how it rests if it does nothing else; a verb of `language.words`.
    """

    name: str
    family: str
    colours: tuple[str, ...]
    actions: tuple[str, ...]
    width: float
    places: tuple[str, ...] = PLACES
    size: float = 1.0
    main_size: float = 1.0
    weight: float = 1.0
    far_off: bool = True
    nouns: tuple[str, ...] = ()
    synonyms: tuple[str, ...] = ()
    plurals: tuple[str, ...] = ()
    rests: tuple[str, ...] = ("sit",)


# A person's colour is that of the shirt or dress, an animal's that of its coat or feathers.
_person = partial(
    Kind,
    family="person",
    colours=PAINTS,
    actions=("stand", "walk", "run", "sit", "jump", "swim", "ride", "hold", "throw", "kick"),
    width=0.8,
)
_animal = partial(Kind, family="animal", colours=COATS)
_thing = partial(Kind, family="thing", colours=PAINTS, actions=("rest",), far_off=False)
_KINDS = (
    _person("man", synonyms=("guy", "gentleman"), plurals=("men", "guys")),
    _person("woman", synonyms=("lady",), plurals=("women", "ladies")),
    _person("boy", nouns=("boy", "boy", "young boy", "little boy")),
    _person("girl", nouns=("girl", "girl", "young girl", "little girl")),
    _animal(
        "dog",
        actions=("stand", "walk", "run", "sit", "lie", "jump", "swim", "catch", "chase"),
        width=1.1,
        weight=1.6,
        synonyms=("puppy", "pup"),
        plurals=("dogs", "puppies"),
    ),
    _animal(
        "cat",
        actions=("stand", "walk", "run", "sit", "lie", "jump", "chase"),
        width=0.7,
        main_size=1.3,
        far_off=False,
        synonyms=("kitten", "kitty"),
        plurals=("cats", "kittens"),
    ),
    _animal(
        "horse",
        actions=("stand", "walk", "run", "jump"),
        width=2.2,
        places=(*_ON_LAND, "lake"),
        synonyms=("pony",),
        plurals=("horses", "ponies"),
    ),
    _animal(
        "bird",
        colours=(*COATS, "yellow", "blue", "red"),
        actions=("stand", "fly"),
        width=0.5,
        places=_OUTDOORS,
        main_size=1.7,
    ),
    _animal(
        "cow",
        actions=("stand", "walk", "lie"),
        width=2.1,
        places=("field", "beach", "snow", "street", "mountain", "park", "forest", "lake"),
        synonyms=("bull",),
        plurals=("cows", "cattle"),
    ),
    _animal(
        "duck",
        colours=(*COATS, "yellow"),
        actions=("stand", "swim", "fly"),
        width=0.6,
        places=("field", "beach", "snow", "street", "pool", "park", "forest", "lake"),
        main_size=1.6,
    ),
    _thing("ball", width=0.3, rests=("lie",)),
    _thing("frisbee", width=0.4, rests=("lie",)),
    _thing(
        "bike",
        width=1.75,
        places=(*_ON_LAND, "lake", "room"),
        nouns=("bike", "bike", "bicycle"),
        synonyms=("bicycle",),
        plurals=("bikes", "bicycles"),
        rests=("park", "stand"),
    ),
    _thing("skateboard", width=0.9, places=("street", "room", "pool", "park")),
    _thing(
        "car",
        colours=(*PAINTS, "gray"),
        width=3.6,
        places=("field", "beach", "snow", "street", "mountain", "desert"),
        size=0.8,
        weight=2.5,
        far_off=True,
        rests=("park",),
    ),
    _thing(
        "bus",
        width=7.0,
        places=("field", "snow", "street", "mountain", "desert"),
        size=0.5,
        main_size=0.9,
        weight=2.5,
        plurals=("buses",),
        rests=("park",),
    ),
    _thing(
        "boat",
        width=3.4,
        places=("beach", "lake"),
        size=0.7,
        main_size=0.9,
        weight=2.0,
        far_off=True,
        synonyms=("sailboat",),
        plurals=("boats", "sailboats"),
        rests=("float",),
    ),
    _thing(
        "tree",
        colours=("green", "orange", "yellow", "red", "pink"),
        width=3.0,
        # A tree among the trees of the forest could not be told from them.
        places=tuple(place for place in _OUTDOORS if place != "forest"),
        size=0.85,
        main_size=0.95,
        far_off=True,
        rests=("stand",),
    ),
    _thing(
        "house",
        colours=COLOURS,
        width=5.0,
        places=(*(place for place in _ON_LAND if place != "park"), "lake"),
        size=0.65,
        main_size=0.9,
        weight=2.5,
        far_off=True,
        rests=("stand",),
    ),
    _thing("cup", width=0.25, main_size=3.0, synonyms=("mug",), plurals=("cups", "mugs")),
    _thing(
        "flower",
        colours=("red", "orange", "yellow", "blue", "purple", "pink", "white"),
        width=0.3,
        main_size=2.2,
        rests=("stand",),
    ),
    _thing("umbrella", width=1.1, main_size=1.3),
    _thing("bench", colours=COLOURS, width=1.6, places=_OUTDOORS, weight=0.7, plurals=("benches",)),
)
KINDS = {kind.name: kind for kind in _KINDS}
PEOPLE, ANIMALS, THINGS = (
    tuple(name for name, kind in KINDS.items() if kind.family == family)
    for family in ("person", "animal", "thing")
)
ACTIONS = tuple(sorted({action for kind in KINDS.values() for action in kind.actions}))


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
    mains: tuple[str, ...] = tuple(KINDS)


_STILL = ("stand", "sit", "lie", "rest")
_SMALL = ("dog", "cat", "bird", "duck", "ball", "cup", "flower", "bench")
# How the main actor is related to the second one, if there is one.
RELATIONS = {
    "riding": Relation(("ride",), ("bike", "skateboard", "horse")),
    "holding": Relation(("hold",), ("ball", "frisbee", "cup", "flower", "umbrella")),
    "throwing": Relation(("throw",), ("ball", "frisbee")),
    "kicking": Relation(("kick",), ("ball",)),
    "catching": Relation(("catch",), ("ball", "frisbee")),
    "chasing": Relation(("chase",), ("ball", "dog", "cat", "bird", "duck")),
    "jumping over": Relation(("jump",), ("ball", "skateboard", "bench")),
    "next to": Relation((*_STILL, "walk", "run", "swim"), tuple(KINDS)),
    "in front of": Relation(
        (*_STILL, "walk", "run"),
        ("tree", "house", "car", "bus", "boat", "bench"),
        tuple(kind for kind in KINDS if kind not in ("tree", "house", "bus", "boat")),
    ),
    "under": Relation(_STILL, ("tree", "umbrella"), (*PEOPLE, *_SMALL)),
}
# In these the second actor is drawn together with the main one: in its hand, under or before it.
ATTACHED = ("riding", "holding", "throwing", "kicking", "catching")
# Nobody rides, holds, throws, kicks, catches or chases nothing.
ACTIONS_WITH_OBJECT = {
    action: relation
    for relation in (*ATTACHED, "chasing")
    for action in RELATIONS[relation].actions
}


def is_in_water(kind: str, action: str) -> bool:
    """Whether someone swims or is a boat; both are drawn in the water of their place."""
    return action == "swim" or kind == "boat"
