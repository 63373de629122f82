"""Whether a caption changed where its scene did, and only there."""

from __future__ import annotations

from collections.abc import Set
from difflib import SequenceMatcher

from showtell_lib.errors import SceneError
from showtell_lib.scenes.language import accepted
from showtell_lib.scenes.language.check import words_of
from showtell_lib.scenes.world.catalogue import KINDS
from showtell_lib.scenes.world.changes import ATTRIBUTES, Attribute
from showtell_lib.scenes.world.scene import SceneData


def changed_words_are_about(
    attribute: Attribute,
    before_scene: SceneData,
    after_scene: SceneData,
    before_text: str,
    after_text: str,
) -> bool:
    """Whether the words that differ between two captions are about what differs in their scenes.

    The captions are compared word by word. Words about a colour are all colours; about a kind, the
    nouns for its family (people, animals or things) and what follows from the kind: clothes,
    `young`, `his`, for things how they rest (`parked`, `sitting`); about a place, every word for
    places and the prepositions before them. Articles may always change. It is not asked whether
    the new words are true: that is what `check_caption` is for.

    Args:
        attribute: what differs between the scenes: `colour`, `kind` or `place`.
        before_scene: a scene; its main actor's colour or kind, or its place, changed.
        after_scene: the scene with the change.
        before_text: caption of the first.
        after_text: caption of the second.

    Returns:
        False if another word changed; False, too, if no word of the attribute changed although
        the first caption had named it. True else, so also if neither caption says anything of it
        and both are the same.

    Raises:
        SceneError: if it is no attribute, or the scenes do not differ in it.
    """
    if attribute not in ATTRIBUTES:
        raise SceneError(f"the attribute is {attribute!r}; allowed: {', '.join(ATTRIBUTES)}")
    if _value(before_scene, attribute) == _value(after_scene, attribute):
        value = _value(before_scene, attribute)
        raise SceneError(f"the {attribute} of both scenes is {value!r}; it must differ")
    before, after = words_of(before_text), words_of(after_text)
    changed = _differing_words(before, after)
    core, glue = _words_about(attribute, KINDS[before_scene.main.kind].family)
    if not changed <= core | glue | accepted.ARTICLES:
        return False
    named = not _names(attribute, _value(before_scene, attribute)).isdisjoint(before)
    return bool(changed & core) or not named


def _differing_words(before: list[str], after: list[str]) -> set[str]:
    """The words that only one of two captions has at their place."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return {
        word
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
        if tag != "equal"
        for word in (*before[i1:i2], *after[j1:j2])
    }


def _value(scene: SceneData, attribute: Attribute) -> str:
    return scene.place if attribute == "place" else str(getattr(scene.main, attribute))


def _words_about(attribute: Attribute, family: str) -> tuple[Set[str], Set[str]]:
    """The words of an attribute, and those that change along with them."""
    if attribute == "colour":
        return set(accepted.COLOUR_WORDS), set()
    if attribute == "place":
        return accepted.PLACE_WORDS, accepted.PLACE_GLUE
    kinds = {name for name, kind in KINDS.items() if kind.family == family}
    nouns = {**accepted.SINGULAR, **accepted.VAGUE, **accepted.PLURAL}
    return {word for word in nouns if nouns[word] & kinds}, accepted.KIND_GLUE[family]


def _names(attribute: Attribute, value: str) -> Set[str]:
    """The words for one value of an attribute."""
    if attribute == "place":
        return accepted.NAMING_WORDS[value]
    table = accepted.COLOUR_WORDS if attribute == "colour" else accepted.SINGULAR
    return {word for word, meant in table.items() if value in meant}
