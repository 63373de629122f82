"""Checks captions of scenes: do they name what is there, and is all that they say true?

What is accepted is in the tables of `accepted`: synonyms for every kind, action and place, and the
words that are untrue where they do not fit. The check reads words, not grammar:

- The main actor, its action and the place count as named if one of their words occurs anywhere.
  `person` names anybody, `child` a boy or girl; `animal`, `vehicle` and the like are true but name
  nothing. A thing that merely rests needs no verb.
- A noun is untrue if nobody of its kind is in the scene, a plural if there are fewer than two, a
  number if there are fewer than that; trees in the forest, houses on the street and the like are
  true without an actor. Things common in captions but in no scene (`group`, `truck`, `helmet`)
  are untrue.
- A colour belongs to the next noun after it (`a red ball`, `black and white dog`), for clothes and
  where no noun follows (`a man in red`) to who is named before. It is untrue if nobody of that
  kind has it. Two of a kind are not told apart. Hair, eyes, trousers and shoes are not checked.
- A word for another place is untrue, as is `night` by day and `sunny` at night.

Words that are in no table, verbs and relations are not checked for truth.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from showtell_lib.scenes.language import accepted
from showtell_lib.scenes.world.catalogue import KINDS, PEOPLE
from showtell_lib.scenes.world.scene import SceneData

_NAMING = accepted.PLURAL | accepted.SINGULAR
_KINDS_OF = accepted.VAGUE | _NAMING


@dataclass(frozen=True)
class CaptionCheck:
    """What a caption says about a scene.

    Attributes:
        names_actor: whether it names the main actor.
        names_action: whether it says what the main actor does.
        names_place: whether it says where.
        untruths: words that are untrue, in their order.
    """

    names_actor: bool
    names_action: bool
    names_place: bool
    untruths: tuple[str, ...]

    @property
    def is_true(self) -> bool:
        """Whether nothing in it was found untrue."""
        return not self.untruths

    @property
    def complete(self) -> bool:
        """Whether it says who, does what, where."""
        return self.names_actor and self.names_action and self.names_place


def check_caption(scene: SceneData, text: str) -> CaptionCheck:
    """What a caption names of a scene, and which of its words are untrue about the scene."""
    tokens = words_of(text)
    main = scene.main
    untrue = [token for i, token in enumerate(tokens) if _is_untrue(scene, tokens, i)]
    return CaptionCheck(
        names_actor=any(main.kind in _NAMING.get(token, ()) for token in tokens),
        names_action=main.action == "rest" or _names_action(tokens, main.action),
        names_place=not accepted.NAMING_WORDS[scene.place].isdisjoint(tokens),
        untruths=tuple(dict.fromkeys(untrue)),
    )


def words_of(text: str) -> list[str]:
    """The words of a caption in lower case, without punctuation."""
    return re.findall(r"[a-z0-9]+(?:[-'][a-z0-9]+)*", text.lower())


def _names_action(tokens: Sequence[str], action: str) -> bool:
    # A swimming pool does not swim.
    text = " ".join(tokens).replace("swimming pool", "pool")
    return not accepted.ACTION_WORDS[action].isdisjoint(text.split())


def _is_untrue(scene: SceneData, tokens: Sequence[str], at: int) -> bool:
    word = tokens[at]
    return (
        word in accepted.NEVER
        or _is_untrue_noun(scene, word)
        or _is_untrue_number(scene, tokens, at)
        or _is_untrue_place_or_time(scene, word)
        or (word in accepted.COLOUR_WORDS and _is_untrue_colour(scene, tokens, at))
    )


def _is_untrue_noun(scene: SceneData, word: str) -> bool:
    kinds = _KINDS_OF.get(word) or accepted.GARMENTS.get(word)
    if kinds is None or word in accepted.BELONGS.get(scene.place, ()):
        return False
    return _count(scene, kinds) < (2 if word in accepted.PLURAL else 1)


def _is_untrue_number(scene: SceneData, tokens: Sequence[str], at: int) -> bool:
    """Whether fewer are there than a number says; of the next plural, else of anybody."""
    number = accepted.NUMBERS.get(tokens[at])
    if number is None:
        return False
    noun = next((word for word in tokens[at + 1 : at + 4] if word in accepted.PLURAL), None)
    if noun is None:
        return number > len(scene.actors)
    if noun in accepted.BELONGS.get(scene.place, ()):
        return False
    return _count(scene, accepted.PLURAL[noun]) < number


def _is_untrue_place_or_time(scene: SceneData, word: str) -> bool:
    if word in accepted.PLACE_WORDS:
        return word not in accepted.TRUE_PLACE_WORDS[scene.place]
    return accepted.TIME_WORDS.get(word, scene.time) != scene.time


def _is_untrue_colour(scene: SceneData, tokens: Sequence[str], at: int) -> bool:
    owner = _owner(tokens, at)
    if owner is None:
        return False
    meant = accepted.COLOUR_WORDS[tokens[at]]
    kinds = _KINDS_OF.get(owner, ())
    drawn = {actor.colour for actor in scene.actors if actor.kind in kinds}
    if owner in accepted.BELONGS.get(scene.place, ()) or owner in accepted.PLACE_WORDS:
        drawn |= accepted.SCENERY_COLOURS.get(owner, set())
    return bool(drawn) and meant.isdisjoint(drawn)


def _owner(tokens: Sequence[str], at: int) -> str | None:
    """The noun that a colour belongs to; None if there is none that can be checked."""
    start = at + 1
    while start < len(tokens) and _goes_on(tokens, start):
        start += 1
    for i, word in enumerate(tokens[start:], start):
        if word in accepted.GARMENTS:
            return _nearest_before(tokens, at, PEOPLE)
        if word in accepted.FUNCTION_WORDS:
            # An unknown noun came before it: nobody knows its colour.
            return _named_before(tokens, at) if i == start else None
        if word in accepted.UNCHECKED:
            return None
        if word in _KINDS_OF or word in accepted.PLACE_WORDS:
            return word
    return _named_before(tokens, at) if start == len(tokens) else None


def _goes_on(tokens: Sequence[str], at: int) -> bool:
    """Whether the colours go on here: `black and white`."""
    follows = tokens[at + 1] if at + 1 < len(tokens) else ""
    is_and = tokens[at] == "and" and follows in accepted.COLOUR_WORDS
    return is_and or tokens[at] in accepted.COLOUR_WORDS


def _named_before(tokens: Sequence[str], at: int) -> str | None:
    dressed = bool({"in", "wearing"} & set(tokens[max(at - 3, 0) : at]))
    kinds = PEOPLE if dressed else KINDS
    return _nearest_before(tokens, at, kinds)


def _nearest_before(tokens: Sequence[str], at: int, kinds: Collection[str]) -> str | None:
    before = reversed(tokens[:at])
    return next((w for w in before if not _KINDS_OF.get(w, frozenset()).isdisjoint(kinds)), None)


def _count(scene: SceneData, kinds: Collection[str]) -> int:
    return sum(actor.kind in kinds for actor in scene.actors)
