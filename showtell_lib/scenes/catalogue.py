"""What a scene can hold: places, kinds of actors, what they do, colours, how they are related."""

from __future__ import annotations

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
