"""What captions get wrong, in words: by attribute, about people, and in their variety."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from showtell_lib.evaluation.scenes import caption_scenes
from showtell_lib.scenes import CaptionCheck, Scene, check_caption
from showtell_lib.scenes.language import accepted
from showtell_lib.scenes.language.check import words_of
from showtell_lib.scenes.world.catalogue import PEOPLE
from showtell_lib.search import BeamSettings

if TYPE_CHECKING:
    from showtell_lib.captioner import Captioner

# Far from the seeds that training starts from at 0, and from those of `evaluate --on scenes`.
FIRST_SEED = 3_000_000
CALLED = (*PEOPLE, "child", "person", "several people", "nobody")


@dataclass(frozen=True)
class SceneCaption:
    """A caption of a scene, whose truth is known.

    Attributes:
        scene: what was drawn.
        text: the caption.
        probability: of the whole caption, 0 to 1.
        check: what the caption names, and what it says that is untrue.
    """

    scene: Scene
    text: str
    probability: float
    check: CaptionCheck

    @property
    def right(self) -> bool:
        """Whether the caption names the main actor and says nothing untrue."""
        return self.check.names_actor and self.check.is_true


@dataclass(frozen=True)
class AttributeErrors:
    """How often captions are wrong about one attribute.

    Attributes:
        attribute: what it is about.
        wrong: how many captions are wrong about it.
        captions: how many captions there are.
        words: untrue words with their counts, the most frequent first; empty if the error is
            that something is not named.
        example: a caption that is wrong, or empty.
    """

    attribute: str
    wrong: int
    captions: int
    words: tuple[tuple[str, int], ...]
    example: str


@dataclass(frozen=True)
class Diversity:
    """How varied captions are; `most_said` is the most frequent caption and its count."""

    captions: int
    distinct: int
    words_used: int
    mean_words: float
    most_said: tuple[str, int]


def checked_captions(captioner: Captioner, scenes: Sequence[Scene]) -> list[SceneCaption]:
    """Draws scenes, captions them with the model's own settings, and checks each caption."""
    captions = caption_scenes(captioner, scenes, BeamSettings.of(captioner.files))
    return [
        SceneCaption(scene, caption.text, caption.probability, check_caption(scene, caption.text))
        for scene, caption in zip(scenes, captions, strict=True)
    ]


def people_scenes(count: int) -> list[Scene]:
    """Scenes with one person; each of `count` persons is drawn as man, woman, boy and girl.

    The four pictures differ in nothing else, so only the person can explain the caption.
    """
    scenes: list[Scene] = []
    seed = FIRST_SEED
    while len(scenes) < count * len(PEOPLE):
        scene = Scene.random(seed)
        alone = sum(actor.kind in PEOPLE for actor in scene.actors) == 1
        if alone and scene.main.kind in PEOPLE:
            scenes += [scene.replace(kind=kind) for kind in PEOPLE]
        seed += 1
    return scenes


def attribute_errors(captions: Sequence[SceneCaption]) -> list[AttributeErrors]:
    """What captions of scenes get wrong by attribute: first what they omit, then what is untrue."""
    names = {"who": "names_actor", "what is done": "names_action", "where": "names_place"}
    errors = [
        _errors(f"does not say {what}", captions, [not getattr(c.check, name) for c in captions])
        for what, name in names.items()
    ]
    for attribute in ("colour", "number", "place", "time", "who or what"):
        untrue = [[w for w in c.check.untruths if attribute_of(w) == attribute] for c in captions]
        errors.append(_errors(f"untrue {attribute}", captions, [bool(w) for w in untrue], untrue))
    return errors


def attribute_of(word: str) -> str:
    """What an untrue word is about: `colour`, `number`, `place`, `time` or `who or what`."""
    tables: Mapping[str, Iterable[str]] = {
        "colour": accepted.COLOUR_WORDS,
        "number": accepted.NUMBERS,
        "place": accepted.PLACE_WORDS,
        "time": accepted.TIME_WORDS,
    }
    return next((name for name, words in tables.items() if word in set(words)), "who or what")


def _errors(
    attribute: str,
    captions: Sequence[SceneCaption],
    wrong: Sequence[bool],
    words: Sequence[Sequence[str]] = (),
) -> AttributeErrors:
    counts = Counter(word for untrue in words for word in untrue)
    example = next((c.text for c, bad in zip(captions, wrong, strict=True) if bad), "")
    return AttributeErrors(attribute, sum(wrong), len(captions), _ranked(counts, 5), example)


def people_called(captions: Sequence[SceneCaption]) -> dict[str, dict[str, int]]:
    """What the only person in a scene is called.

    Args:
        captions: of scenes whose main actor is a person; others are left out.

    Returns:
        For each true kind (man, woman, boy, girl) and each name in `CALLED`, how many captions
        call the person by that name. The first word that names a person decides.
    """
    table = {kind: dict.fromkeys(CALLED, 0) for kind in PEOPLE}
    for caption in captions:
        if caption.scene.main.kind in PEOPLE:
            table[caption.scene.main.kind][called(caption.text)] += 1
    return table


def called(text: str) -> str:
    """Which of `CALLED` a caption calls the person it names first."""
    for word in words_of(text):
        kinds = accepted.SINGULAR.get(word, frozenset())
        if kinds and kinds <= set(PEOPLE):
            return {1: next(iter(kinds)), 2: "child"}.get(len(kinds), "person")
        if accepted.PLURAL.get(word, frozenset(" ")) <= set(PEOPLE):
            return "several people"
    return "nobody"


def word_frequencies(texts: Iterable[str], count: int = 20) -> tuple[tuple[str, int], ...]:
    """In how many captions each of the `count` most frequent words is; ties go by the alphabet."""
    return _ranked(Counter(word for text in texts for word in set(text.split())), count)


def _ranked(counts: Counter[str], count: int) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:count])


def diversity(texts: Sequence[str]) -> Diversity:
    """How varied captions are."""
    ((most, times),) = _ranked(Counter(texts), 1) or (("", 0),)
    words = [text.split() for text in texts]
    return Diversity(
        captions=len(texts),
        distinct=len(set(texts)),
        words_used=len({word for text in words for word in text}),
        mean_words=sum(map(len, words)) / max(len(words), 1),
        most_said=(most, times),
    )
