"""`describe`: five different true sentences about a scene, in the style of photo captions."""

from __future__ import annotations

import random as randoms
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from showtell_lib.scenes.language import words
from showtell_lib.scenes.world.actor import Actor
from showtell_lib.scenes.world.catalogue import KINDS
from showtell_lib.scenes.world.scene import SceneData

if TYPE_CHECKING:
    from _typeshed import SupportsLenAndGetItem

Item = TypeVar("Item")

LONGEST = 14
# The first sentence is never shortened, and there is none longer than this.
LONGEST_PLAIN = 16
# Seen this much farther back than the main actor, someone is in the background.
BACKGROUND = 0.25


@dataclass(frozen=True)
class Plan:
    """What a sentence says beside who the main actor is, and how.

    Attributes:
        form: `progressive` (a dog is running), `simple` (a dog runs), `participle` (a dog
            running) or `bare` (a dog, and no verb).
        colour: whether it names the main actor's colour.
        other_colour: whether it names the second actor's colour.
        place: whether it names the place.
        time: whether it says `at night`, if it is.
        bystander: whether it names somebody in the background.
        short_place: whether the place's phrase has to be a short one.
        short_colour: whether clothes are only `in red`.
        plain: whether it takes the usual word everywhere, and no chance has a say.
    """

    form: str
    colour: bool = False
    other_colour: bool = False
    place: bool = True
    time: bool = False
    bystander: bool = False
    short_place: bool = False
    short_colour: bool = False
    plain: bool = False


class _Usual(randoms.Random):
    """Chance that always takes the first."""

    def choice(self, seq: SupportsLenAndGetItem[Item]) -> Item:
        """The first of a sequence."""
        return seq[0]


def describe(scene: SceneData) -> tuple[str, ...]:
    """Five different true sentences about a scene.

    Lower case, 5 to 14 words (the first up to 16), no full stop. Each names the main actor; at
    least four say what it does, at least four where. The first says the most (who, in which
    colour, what and where) in the usual words: scenes alike in all that have first sentences
    alike in all. The scene's seed chooses the words of the others.
    """
    random = randoms.Random(f"{scene.seed}/words")
    sentences: list[str] = []
    for plan in _plans(scene, random):
        sentences.append(_new_sentence(scene, plan, sentences, random))
    return tuple(sentences)


def _plans(scene: SceneData, random: randoms.Random) -> list[Plan]:
    """Which five sentences there are to be."""
    night = [scene.time == "night" and on for on in random.choice(_NIGHTS)]
    plans = [
        Plan("progressive", colour=True, plain=True),
        Plan("simple", other_colour=True),
        Plan("participle", colour=True),
        Plan(random.choice(("progressive", "participle", "simple")), other_colour=True),
        _last_plan(scene, random),
    ]
    return [replace(plan, time=on) for plan, on in zip(plans, night, strict=True)]


_NIGHTS = (
    (False, True, True, False, False),
    (False, True, False, True, False),
    (False, False, True, True, False),
)


def _last_plan(scene: SceneData, random: randoms.Random) -> Plan:
    if scene.bystanders and random.random() < 0.7:
        form = random.choice(("progressive", "participle"))
        return Plan(form, bystander=True, place=not scene.relation)
    if scene.relation:
        form = random.choice(("simple", "progressive"))
        return Plan(form, colour=True, other_colour=True, place=False)
    return Plan(random.choice(("bare", "simple")), colour=True)


def _new_sentence(scene: SceneData, plan: Plan, made: list[str], random: randoms.Random) -> str:
    """A sentence by the plan that is not there yet, with less in it until it is short enough."""
    for _ in range(30):
        shorter = plan
        for cut in _CUTS:
            shorter = cut(shorter)
            sentence = _sentence(scene, shorter, random)
            if len(sentence.split()) <= (LONGEST_PLAIN if plan.plain else LONGEST):
                break
        if sentence not in made:
            return sentence
    # All ways to say it are used up; that form was not.
    return _new_sentence(scene, Plan("bare", colour=True), made, random)


_SHORTER = {"progressive": "participle"}
# What goes, one after the other, when a sentence is too long.
_CUTS: tuple[Callable[[Plan], Plan], ...] = (
    lambda plan: plan,
    lambda plan: replace(plan, time=False),
    lambda plan: replace(plan, other_colour=False),
    lambda plan: replace(plan, short_place=True),
    lambda plan: replace(plan, form=_SHORTER.get(plan.form, plan.form)),
    lambda plan: replace(plan, short_colour=True),
    lambda plan: replace(plan, colour=False),
    lambda plan: replace(plan, bystander=False),
)


def _sentence(scene: SceneData, plan: Plan, random: randoms.Random) -> str:
    """One sentence by a plan."""
    main = scene.main
    random = _Usual() if plan.plain else random
    parts = [words.article(_named(main, plan.colour, random, plan.short_colour))]
    parts += _predicate(scene, plan, random)
    if plan.place:
        parts.append(_place(scene, plan, random))
    if plan.bystander:
        parts.append(_background(scene, random))
    elif plan.time:
        parts.append(words.NIGHT)
    return " ".join(part for part in parts if part)


def _predicate(scene: SceneData, plan: Plan, random: randoms.Random) -> list[str]:
    """What the main actor does, and with whom."""
    main, second = scene.main, scene.second
    if plan.form == "bare":
        return []
    actions = KINDS[main.kind].rests if main.action == "rest" else (main.action,)
    verb = random.choice([verb for action in actions for verb in words.VERBS[action]])
    forms = {
        "progressive": f"is {verb.progressive}",
        "simple": verb.simple,
        "participle": verb.progressive,
    }
    if second is None:
        return [forms[plan.form]]
    link = random.choice(words.RELATION_WORDS[scene.relation])
    return [forms[plan.form], link, words.article(_named(second, plan.other_colour, random))]


def _named(actor: Actor, with_colour: bool, random: randoms.Random, short: bool = False) -> str:
    """The noun, with the colour if asked for: `brown dog`, `man in a red shirt`, `man in red`."""
    noun = random.choice(KINDS[actor.kind].nouns or (actor.kind,))
    if not with_colour:
        return noun
    if actor.kind in words.CLOTHED:
        # With the clothes it is long enough without `young`.
        clothes = words.SHORT_CLOTHES if short else random.choice(words.CLOTHED[actor.kind])
        return f"{actor.kind} {clothes.format(actor.colour, words.article(actor.colour))}"
    return f"{actor.colour} {noun}"


def _place(scene: SceneData, plan: Plan, random: randoms.Random) -> str:
    main = scene.main
    manner = "boating" if main.kind == "boat" else words.MANNERS.get(main.action, "there")
    if scene.relation in ("next to", "in front of") and manner == "moving":
        manner = "there"
    phrases = words.PLACE_PHRASES[manner][scene.place]
    return phrases[0] if plan.short_place else random.choice(phrases)


def _background(scene: SceneData, random: randoms.Random) -> str:
    other = random.choice(scene.bystanders)
    far = other.depth - scene.main.depth > BACKGROUND
    where = "in the background" if far else "nearby"
    return f"with {words.article(_named(other, False, random))} {where}"
