"""The words that `check` accepts in captions, and what each of them means."""

from __future__ import annotations

from showtell_lib.scenes.world.catalogue import ANIMALS, COLOURS, KINDS, PEOPLE, PLACES

_CHILDREN = ("boy", "girl")


def _meanings(table: dict[tuple[str, ...], str]) -> dict[str, frozenset[str]]:
    """One entry per word of a table from what is meant to the words that mean it."""
    return {
        word: frozenset(meant)
        for meant, words_of_it in table.items()
        for word in words_of_it.split()
    }


# Words that name a kind, one of it. A word is true if somebody of one of these kinds is there.
SINGULAR = {
    word: frozenset((kind.name,)) for kind in KINDS.values() for word in (kind.name, *kind.synonyms)
} | _meanings({_CHILDREN: "child kid", PEOPLE: "person"})
# True, but too vague to name an actor.
VAGUE = _meanings(
    {
        ANIMALS: "animal",
        ("bird", "duck"): "seagull",
        ("car", "bus"): "vehicle",
        ("boat",): "ship",
        ("house",): "building home",
        ("ball", "frisbee"): "toy",
        PEOPLE: "player rider someone",
    }
)
# Words for several: true if that many of these kinds are there.
PLURAL = {
    word: frozenset((kind.name,))
    for kind in KINDS.values()
    for word in kind.plurals or (f"{kind.name}s",)
} | _meanings({PEOPLE: "people persons couple", _CHILDREN: "children kids", ANIMALS: "animals"})
NUMBERS = {"two": 2, "both": 2, "three": 3, "four": 4, "five": 5, "several": 4, "many": 4}
# What captions of photos often name and no scene holds.
NEVER = frozenset(
    """group crowd team baby toddler infant adult adults bride skier skiers snowboarder snowboard
    surfer surfboard surfers skater wrestler climber hiker hikers truck van motorcycle motorbike
    train airplane plane helicopter tractor taxi scooter sled skis kayak canoe raft sheep goat goats
    elephant bear monkey deer squirrel rabbit fish lion tiger zebra giraffe camel goose geese swan
    chicken kite balloon stick rope racket racquet guitar camera phone computer laptop book
    stroller tent swing slide
    trampoline sprinkler fountain statue temple church castle tower bowl plate bottle food cake
    hat helmet cap sunglasses backpack bag bikini wetsuit""".split()
)
# Nouns of the catalogue that belong to a place and so are true there.
BELONGS = {
    "field": frozenset(("flower", "flowers")),
    "snow": frozenset(("tree", "trees")),
    "street": frozenset(("house", "houses", "building")),
    "park": frozenset(("tree", "trees", "bench")),
    "forest": frozenset(("tree", "trees")),
}

ACTIONS = {
    "stand": "stands standing stand",
    "walk": "walks walking walk strolls strolling",
    "run": "runs running run races racing sprints sprinting jogs jogging",
    "sit": "sits sitting sit seated",
    "lie": "lies lying laying lays lay",
    "jump": "jumps jumping jump leaps leaping leap",
    "swim": "swims swimming swim floats floating",
    "ride": "rides riding ride biking bicycling skateboarding",
    "hold": "holds holding hold carries carrying",
    "throw": "throws throwing throw tosses tossing",
    "kick": "kicks kicking kick",
    "catch": "catches catching catch",
    "chase": "chases chasing chase",
    "fly": "flies flying fly",
}
ACTION_WORDS = {action: frozenset(forms.split()) for action, forms in ACTIONS.items()}

# Words that name a place; said elsewhere, most of them are untrue.
NAMING = {
    "field": "field meadow grass grassy",
    "beach": "beach sand sandy shore seashore ocean sea",
    "snow": "snow snowy snow-covered",
    "street": "street road sidewalk",
    "room": "room floor couch sofa indoors inside",
    "pool": "pool",
    "mountain": "mountain mountains mountainous rocky rock rocks cliff peak",
    "park": "park",
    "forest": "forest woods wooded",
    "lake": "lake pond",
    "desert": "desert dune dunes",
}
NAMING_WORDS = {place: frozenset(names.split()) for place, names in NAMING.items()}
# What else is drawn there.
_ALSO_TRUE = {
    "field": "hill hills dirt",
    "beach": "water waves wave surf",
    "snow": "hill hills slope",
    "street": "city town driveway",
    "room": "chair carpet rug",
    "pool": "water poolside",
    "mountain": "hill hills path trail dirt",
    "park": "grass grassy lawn path",
    "forest": "path trail wood",
    "lake": "water hill hills shore dock pier grass grassy",
    "desert": "sand sandy hill hills dirt",
}
TRUE_PLACE_WORDS = {
    place: NAMING_WORDS[place] | frozenset(_ALSO_TRUE[place].split()) for place in PLACES
}
_NOWHERE = frozenset(
    """river stream creek waterfall bridge stadium court track stage ramp restaurant kitchen
    bathroom bedroom office playground backyard yard subway station market""".split()
)
PLACE_WORDS = _NOWHERE.union(*TRUE_PLACE_WORDS.values())
TIME_WORDS = {
    **dict.fromkeys(("night", "nighttime", "moon", "moonlight", "stars"), "night"),
    **dict.fromkeys(("sunny", "day", "daytime", "daylight", "sun", "sunshine"), "day"),
    **dict.fromkeys(("sunset", "sunrise", "dusk", "dawn"), "neither"),
}

COLOUR_WORDS = {
    **{colour: frozenset((colour,)) for colour in COLOURS},
    **_meanings(
        {
            ("gray",): "grey silver",
            ("brown", "orange"): "tan",
            ("orange", "yellow"): "golden",
            ("purple",): "violet",
            ("red",): "maroon",
        }
    ),
}
# Clothes that a person's colour is that of, by who wears them.
GARMENTS = _meanings(
    {
        PEOPLE: "shirt t-shirt tshirt jacket coat sweater clothes clothing outfit",
        ("woman", "girl"): "dress skirt gown",
    }
)
# Colours of what belongs to a place; the rest of it may have any.
SCENERY_COLOURS = {
    word: frozenset(colours.split())
    for words_of_it, colours in {
        "grass grassy field meadow lawn": "green brown yellow",
        "tree trees": "green white brown",
        "bench": "brown",
        "snow snowy": "white blue",
        "water ocean sea pool lake": "blue green white black",
        "sand sandy beach desert": "brown yellow white orange",
    }.items()
    for word in words_of_it.split()
}
# A colour before one of these says nothing that could be checked.
UNCHECKED = frozenset(
    """haired hair eyes nose ears tail mane legs feet paws face beard skin collar leash pants jeans
    shorts shoes boots socks trunks swimsuit sky clouds background""".split()
)
# They end what a colour can belong to: `red` in `a man in red is near a tree` is not the tree's.
FUNCTION_WORDS = frozenset(
    """a an the is are was in on at by with of next to near beside behind over under through down
    along across into from while who that his her its their up and as for wearing wears dressed
    parked has""".split()
).union(*ACTION_WORDS.values())

# What may change along with a word without saying more: articles, where a place is, what follows
# from who somebody is.
ARTICLES = frozenset(("a", "an", "the"))
PLACE_GLUE = frozenset(
    """in on at by near through down along across over of up into living swimming""".split()
)
KIND_GLUE = {
    "person": frozenset("young little old his her in wearing dressed".split()).union(GARMENTS),
    "animal": frozenset(),
    "thing": frozenset(("is", "parked")).union(
        *(ACTION_WORDS[action] for action in ("stand", "sit", "lie", "swim"))
    ),
}
