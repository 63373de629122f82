"""The proof page's sections on what captions get wrong."""

from __future__ import annotations

import math
from collections.abc import Sequence

from showtell_lib.embeddings import content_words
from showtell_lib.reports.calibration import Bin, calibrate
from showtell_lib.reports.mistakes import (
    CALLED,
    SceneCaption,
    attribute_errors,
    diversity,
    people_called,
    word_frequencies,
)
from showtell_lib.reports.page import Row, Section, Table
from showtell_lib.reports.stored import BUNDLED_FILE, StoredCaptions, load_captions
from showtell_lib.store import ModelFiles

WORDS_SHOWN, CAPTIONS_SHOWN = 20, 5


def mistakes_sections(
    captions: Sequence[SceneCaption], people: Sequence[SceneCaption]
) -> tuple[Section, ...]:
    """Errors on scenes, what people are called there, and how varied the captions are."""
    return (_errors(captions), _people(people), variety_section([c.text for c in captions]))


def _errors(captions: Sequence[SceneCaption]) -> Section:
    rows = tuple(
        (
            e.attribute,
            e.wrong,
            e.captions,
            ", ".join(f"{word} ({count})" for word, count in e.words),
            e.example,
        )
        for e in attribute_errors(captions)
    )
    right = sum(caption.right for caption in captions)
    text = (
        f"{len(captions)} drawn scenes, where what is true is known. {right} captions name the "
        "main actor and say nothing untrue; here is what the others get wrong."
    )
    columns = ("error", "captions with it", "of", "untrue words", "example")
    table = Table("Errors on scenes by attribute", columns, rows)
    return Section("errors", "What captions of scenes get wrong", (text,), (table,))


def _people(people: Sequence[SceneCaption]) -> Section:
    table = people_called(people)
    rows: tuple[Row, ...] = tuple(
        (kind, *(counts[word] for word in CALLED)) for kind, counts in table.items()
    )
    text = (
        f"{len(people) // len(table)} scenes with one person, each drawn four times: as a man, a "
        "woman, a boy and a girl, with all else the same. An unbiased captioner has its large "
        "counts where row and column agree, and errs to all sides alike."
    )
    columns = ("is a", *(f"called {word}" for word in CALLED))
    called = Table("What the person is called", columns, rows)
    return Section("people", "Who is called a man", (text,), (called,))


def variety_section(texts: Sequence[str], on: str = "scenes") -> Section:
    """Word frequencies and diversity of captions."""
    variety = diversity(texts)
    rows = (
        ("captions", variety.captions),
        ("different ones", variety.distinct),
        ("different words in all", variety.words_used),
        ("words in a caption, mean", round(variety.mean_words, 1)),
        (f'said most often: "{variety.most_said[0]}"', variety.most_said[1]),
    )
    words = word_frequencies(texts, WORDS_SHOWN)
    return Section(
        f"variety_{on}",
        f"How varied captions of {on} are",
        (),
        (
            Table("Diversity", ("what", "count"), rows),
            Table("Most frequent words", ("word", "captions with it"), words),
        ),
    )


def calibration_section(captions: Sequence[SceneCaption], files: ModelFiles) -> Section:
    """Whether probabilities say how often captions, and single words, are right."""
    probabilities = [caption.probability for caption in captions]
    tables = [
        _bins(
            "Captions of scenes",
            "right (actor named, nothing untrue)",
            calibrate(probabilities, [caption.right for caption in captions]),
        )
    ]
    stored = stored_captions(files)
    if stored:
        # A single table would be flattered: "a" is in somebody's sentence whatever the photo shows.
        for kind, content in (("Content words", True), ("Words such as a, in, is", False)):
            bins = calibrate(*words_and_truth(stored, content=content))
            tables.append(_bins(f"{kind} on photos", "said by one of five people", bins))
    text = (
        "Sorted by the probability that the model gave them, in five groups of the same size. "
        "Where a model is calibrated, its probability is the share that is right. A whole caption "
        "is one of many right ones, so its probability is far below its chance to be right; what "
        "counts is that the share rises with it."
    )
    return Section("calibration", "Calibration", (text,), tuple(tables))


def _bins(caption: str, right: str, bins: Sequence[Bin]) -> Table:
    rows = tuple(
        (number, b.count, float(f"{b.probability:.2g}"), round(b.right, 2))
        for number, b in enumerate(bins, start=1)
    )
    return Table(caption, ("group", "how many", "mean probability", right), rows)


def words_and_truth(stored: StoredCaptions, *, content: bool) -> tuple[list[float], list[bool]]:
    """The probability of the words of stored captions, and whether a reference says each.

    Args:
        stored: the captions.
        content: whether words such as "dog" and "red" are asked for, or all the others.
    """
    values, right = [], []
    for caption in stored.captions.values():
        words = caption.text.split()
        seen = {words[at] for at in content_words(words)}
        for word, log_prob, agreed in zip(
            words, caption.word_log_probs, caption.agreed, strict=True
        ):
            if (word in seen) is content:
                values.append(math.exp(log_prob))
                right.append(agreed)
    return values, right


def stored_captions(files: ModelFiles) -> StoredCaptions | None:
    """The captions stored beside a model, if there are any and they are this model's."""
    path = files.graph.with_name(BUNDLED_FILE)
    stored = load_captions(path) if path.is_file() else None
    return stored if stored and stored.model == files.sha256 else None


def photos_section(files: ModelFiles) -> Section:
    """The best and the worst stored captions of photos, and what fools the metrics."""
    stored = stored_captions(files)
    heading = "Captions of photos"
    if stored is None:
        text = "No captions of photos were stored with this model: see showtell evaluate."
        return Section("photos", heading, (text,))
    spoiled: tuple[Row, ...] = tuple(
        (how, *(round(100 * s[n], 1) for n in ("bleu_1", "bleu_4", "rouge_l", "cider")))
        for how, s in stored.fooled.items()
    )
    columns = ("captions", "BLEU-1", "BLEU-4", "ROUGE-L", "CIDEr")
    ranked = sorted(stored.captions.items(), key=lambda pair: (-pair[1].scores["cider"], pair[0]))
    shown = [*ranked[:CAPTIONS_SHOWN], *ranked[-CAPTIONS_SHOWN:]]
    examples = tuple((name, c.text, round(100 * c.scores["cider"], 1)) for name, c in shown)
    text = (
        f"The model's own captions of {len(stored.captions):,} photos of the Flickr8k test split "
        "are stored with it, their scores too; neither photos nor people's captions are. "
        "The scores of spoiled captions say how far a metric is to be trusted."
    )
    tables = (
        Table("What fools the metrics (times 100)", columns, spoiled),
        Table("Highest and lowest CIDEr", ("photo", "caption", "CIDEr"), examples),
        *variety_section([c.text for c in stored.captions.values()]).tables,
    )
    return Section("photos", heading, (text,), tables)
