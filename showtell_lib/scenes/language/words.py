"""The words that `describe` uses, but for the nouns, which are in the catalogue of kinds.

All are words that the photo captions have too, so that one model can learn both.
"""

from __future__ import annotations

from dataclasses import dataclass

from showtell_lib.scenes.world.catalogue import ATTACHED

# {0} is the colour, {1} the colour with its article.
CLOTHED = {
    **dict.fromkeys(("man", "boy"), ("in {1} shirt", "in {1} shirt", "wearing {1} shirt")),
    **dict.fromkeys(("woman", "girl"), ("in {1} dress", "wearing {1} dress", "in {0}")),
}
SHORT_CLOTHES = "in {0}"


@dataclass(frozen=True)
class Verb:
    """A verb in the two forms that captions need, such as `runs` and `running`."""

    simple: str
    progressive: str


VERBS = {
    "stand": (Verb("stands", "standing"),),
    "walk": (Verb("walks", "walking"),),
    "run": (Verb("runs", "running"),),
    "sit": (Verb("sits", "sitting"),),
    "lie": (Verb("lies", "lying"),),
    "jump": (Verb("jumps", "jumping"), Verb("jumps", "jumping"), Verb("leaps", "leaping")),
    "swim": (Verb("swims", "swimming"),),
    "ride": (Verb("rides", "riding"),),
    "hold": (Verb("holds", "holding"),),
    "throw": (Verb("throws", "throwing"),),
    "kick": (Verb("kicks", "kicking"),),
    "catch": (Verb("catches", "catching"),),
    "chase": (Verb("chases", "chasing"),),
    "fly": (Verb("flies", "flying"),),
    # How things rest.
    "park": (Verb("is parked", "parked"),),
    "float": (Verb("floats", "floating"),),
}

RELATION_WORDS = {
    **dict.fromkeys((*ATTACHED, "chasing"), ("",)),
    "jumping over": ("over",),
    "next to": ("next to", "next to", "beside"),
    "in front of": ("in front of",),
    "under": ("under",),
}

# Where it happens, by how it happens: something is there, moves, flies, or is in the water.
_THERE: dict[str, tuple[str, ...]] = {
    "field": ("in a field", "in a grassy field", "on the grass"),
    "beach": ("on the beach", "on a sandy beach", "on the sand"),
    "snow": ("in the snow", "on the snow", "on a snowy hill"),
    "street": ("on the street", "on the road", "in the street"),
    "room": ("in a room", "in a living room", "in the living room"),
    "pool": ("by the pool", "by a swimming pool", "near a pool"),
    "mountain": ("in the mountains", "on a mountain", "on a rocky mountain"),
    "park": ("in the park", "in a park", "on the grass in a park"),
    "forest": ("in the forest", "in the woods", "in a forest"),
    "lake": ("by the lake", "by a lake", "near a lake"),
    "desert": ("in the desert", "in a desert", "on the sand in the desert"),
}
_MOVING = {
    "field": ("through a field", "across a grassy field", "through the grass"),
    "beach": ("on the beach", "along the beach", "across the sand"),
    "snow": ("through the snow", "across the snow", "in the snow"),
    "street": ("down the street", "down the road", "on the street"),
    "room": ("through a living room", "across a room", "in a living room"),
    "park": ("through the park", "through a park", "in the park"),
    "forest": ("through the forest", "through the woods", "in the woods"),
    "desert": ("through the desert", "across the desert", "in the desert"),
}
_FLYING = {
    "field": ("over a field", "over a grassy field", "over the grass"),
    "beach": ("over the beach", "over a sandy beach", "over the sand"),
    "snow": ("over the snow", "over a snowy hill"),
    "street": ("over the street", "over the road"),
    "pool": ("over the pool", "over a swimming pool"),
    "mountain": ("over the mountains", "over a mountain"),
    "park": ("over the park", "over a park"),
    "forest": ("through the forest", "through the woods", "in the forest"),
    "lake": ("over the lake", "over a lake"),
    "desert": ("over the desert", "over a desert"),
}
_AFLOAT = {
    "pool": ("in the pool", "in a pool", "in a swimming pool"),
    "lake": ("in the lake", "in a lake"),
}
# Only boats are on the sea.
_BOATING = {
    "lake": ("on the lake", "on a lake"),
    "beach": ("in the ocean", "on the ocean", "near the beach"),
}
PLACE_PHRASES: dict[str, dict[str, tuple[str, ...]]] = {
    "there": _THERE,
    "moving": {**_THERE, **_MOVING},
    "flying": {**_THERE, **_FLYING},
    "afloat": {**_THERE, **_AFLOAT},
    "boating": {**_THERE, **_BOATING},
}
MANNERS = {
    **dict.fromkeys(("walk", "run", "ride", "chase"), "moving"),
    "fly": "flying",
    "swim": "afloat",
}
NIGHT = "at night"


def article(phrase: str) -> str:
    """The phrase after `a` or `an`."""
    return f"{'an' if phrase[0] in 'aeiou' else 'a'} {phrase}"
