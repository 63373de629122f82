"""Batches for the trainer: photos, their captions as tokens, and which caption belongs to which.

A stage-one batch holds 64 captions of about the same length, of mixed photos. A stage-two batch
holds few photos with all their captions, since each photo costs a pass through the encoder's tail.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from showtell_lib.quiet import Tensor, import_tensorflow

tf = import_tensorflow()

BUCKET_BATCHES = 50


@dataclass(frozen=True)
class Source:
    """Photos of one kind to draw from.

    Attributes:
        images: one cached array per photo and view, [N, views, ...]: feature maps or features.
        captions: token ids of each photo's captions.
        weights: how often each photo is drawn, [N], summing to one; None takes all equally.
        facts: what is known of each photo apart from captions, int32 [N, questions]; see `facts`.
        captions_at_once: how many captions of each photo a step of stage two takes; None takes all.
        judges: whether a photo's captions can tell how good another caption is, bool [N]; None
            means that all can. Captions written for a whole class of photos cannot.
    """

    images: np.ndarray
    captions: Sequence[Sequence[Sequence[int]]]
    facts: np.ndarray
    weights: np.ndarray | None = None
    captions_at_once: int | None = None
    judges: np.ndarray | None = None


# Images [photos, ...], each caption's photo [captions], tokens [captions, length], and the facts of
# each photo [photos, questions].
Batch = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]
# The numbers of a source, of a photo in it, and of a caption of that photo.
Pick = tuple[int, int, int]


def decoder_batches(
    sources: Sequence[Source],
    batch_size: int,
    shares: Sequence[float],
    random: np.random.Generator,
) -> Iterator[Batch]:
    """One epoch of stage one: every caption of the first source once, others mixed in.

    Args:
        sources: the main source, then those to mix in.
        batch_size: captions per batch.
        shares: the share of all captions that each source to mix in has.
        random: decides order, views and draws.

    Yields:
        Features float32 [N, features], the photo of each caption int32 [N], tokens
        int32 [N, length] padded with -1, and the facts int32 [N, questions].
    """
    main, *others = sources
    picks = [(0, p, c) for p, captions in enumerate(main.captions) for c in range(len(captions))]
    counts = mixed_counts(len(picks), shares)
    for number, (other, count) in enumerate(zip(others, counts, strict=True), start=1):
        drawn = random.choice(len(other.captions), count, p=other.weights)
        picks += [(number, int(p), int(random.integers(len(other.captions[p])))) for p in drawn]
    random.shuffle(picks)
    for batch in _bucketed(picks, sources, batch_size, random):
        images = np.stack([_view(sources[s], p, random) for s, p, _ in batch])
        tokens = [sources[s].captions[p][c] for s, p, c in batch]
        facts = np.stack([sources[s].facts[p] for s, p, _ in batch])  # [captions, questions]
        yield images, np.arange(len(batch), dtype=np.int32), _padded(tokens), facts


def mixed_counts(captions: int, shares: Sequence[float]) -> list[int]:
    """How many captions each other source adds to `captions` of the main one to have its share."""
    return [round(captions * share / (1 - sum(shares))) for share in shares]


def tuning_batches(
    sources: Sequence[Source], photos: Sequence[int], random: np.random.Generator
) -> Iterator[Batch]:
    """One epoch of stage two: every photo of the first source once, others mixed in.

    Args:
        sources: the main source, then those to mix in.
        photos: photos of each source per batch.
        random: decides order, views and draws.

    Yields:
        Batches as `decoder_batches` yields them, with each photo once and with as many captions
        as its source says.
    """
    for chosen in chosen_photos(sources, photos, random):
        images = views(sources, chosen, random)  # [photos, height, width, channels]
        pairs = [(i, t) for i, (s, p) in enumerate(chosen) for t in _some(sources[s], p, random)]
        owners = np.array([owner for owner, _ in pairs], np.int32)  # [captions]
        facts = np.stack([sources[s].facts[p] for s, p in chosen])  # [photos, questions]
        yield images, owners, _padded([tokens for _, tokens in pairs]), facts


def photo_steps(sources: Sequence[Source], photos: Sequence[int]) -> int:
    """How many steps an epoch of `chosen_photos` has."""
    main = len(sources[0].captions)
    return main // min(photos[0], main)


def chosen_photos(
    sources: Sequence[Source], photos: Sequence[int], random: np.random.Generator
) -> Iterator[list[tuple[int, int]]]:
    """One epoch of photos: each of the first source once, others mixed in.

    Args:
        sources: the main source, then those to mix in.
        photos: photos of each source per step; the main source need not have as many.
        random: decides order and draws.

    Yields:
        The photos of each step, in the order of their sources: numbers of source and photo.
    """
    main, *others = sources
    order = random.permutation(len(main.captions))
    size = min(photos[0], len(order))
    for first in range(0, len(order) - size + 1, size):
        chosen = [(0, int(p)) for p in order[first : first + size]]
        for number, (other, count) in enumerate(zip(others, photos[1:], strict=True), start=1):
            drawn = random.choice(len(other.captions), count, p=other.weights)
            chosen += [(number, int(p)) for p in drawn]
        yield chosen


def views(
    sources: Sequence[Source], photos: Sequence[tuple[int, int]], random: np.random.Generator
) -> np.ndarray:
    """A view of each photo, by source and number, float32 [N, ...]."""
    return np.stack([_view(sources[s], p, random) for s, p in photos])


def forced(
    sources: Sequence[Source], photos: Sequence[tuple[int, int]], random: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """A view of each photo [N, ...] and one of its captions [N, length], for teacher forcing."""
    tokens = []
    for source, photo in photos:
        captions = sources[source].captions[photo]
        tokens.append(captions[int(random.integers(len(captions)))])
    return views(sources, photos, random), _padded(tokens)


def _some(source: Source, photo: int, random: np.random.Generator) -> Sequence[Sequence[int]]:
    captions = source.captions[photo]
    if source.captions_at_once is None:
        return captions
    chosen = random.permutation(len(captions))[: source.captions_at_once]
    return [captions[number] for number in chosen]


def plain_batches(source: Source, photos: int) -> Iterator[Batch]:
    """Every photo's first view with all its captions, in order, to measure the loss on them."""
    for first in range(0, len(source.captions), photos):
        captions = source.captions[first : first + photos]
        images = np.asarray(source.images[first : first + photos, 0], np.float32)  # [photos, ...]
        pairs = [(i, tokens) for i, photo in enumerate(captions) for tokens in photo]
        owners = np.array([owner for owner, _ in pairs], np.int32)  # [captions]
        facts = source.facts[first : first + photos]  # [photos, questions]
        yield images, owners, _padded([tokens for _, tokens in pairs]), facts


def signature(image_shape: Sequence[int]) -> tuple[Tensor, ...]:
    """The shapes of a batch for TensorFlow, with any number of images and captions."""
    return (
        tf.TensorSpec([None, *image_shape], tf.float32),  # [photos, ...]
        tf.TensorSpec([None], tf.int32),  # [captions]
        tf.TensorSpec([None, None], tf.int32),  # [captions, length]
        tf.TensorSpec([None, None], tf.int32),  # [photos, questions]
    )


def as_dataset(
    batches: Callable[[], Iterator[Batch]], signature: tuple[Tensor, ...]
) -> Iterable[tuple[Tensor, ...]]:
    """A `tf.data.Dataset` that prepares the next batches while the model trains."""
    dataset: Iterable[tuple[Tensor, ...]] = tf.data.Dataset.from_generator(
        batches, output_signature=signature
    ).prefetch(8)
    return dataset


def _bucketed(
    picks: list[Pick], sources: Sequence[Source], size: int, random: np.random.Generator
) -> list[list[Pick]]:
    """Batches of captions of about the same length, so that little of a batch is padding."""

    def length(pick: Pick) -> int:
        source, photo, caption = pick
        return len(sources[source].captions[photo][caption])

    batches = []
    chunk = size * BUCKET_BATCHES
    for first in range(0, len(picks), chunk):
        near = sorted(picks[first : first + chunk], key=length)
        batches += [near[start : start + size] for start in range(0, len(near), size)]
    random.shuffle(batches)
    return batches


def _view(source: Source, photo: int, random: np.random.Generator) -> np.ndarray:
    view = random.integers(source.images.shape[1])
    return np.asarray(source.images[photo, view], np.float32)


def _padded(captions: Sequence[Sequence[int]]) -> np.ndarray:
    """Captions as one array, int32 [captions, length of the longest], padded with -1."""
    tokens = np.full((len(captions), max(map(len, captions))), -1, np.int32)
    for row, caption in zip(tokens, captions, strict=True):
        row[: len(caption)] = caption
    return tokens
