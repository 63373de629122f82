"""Captions as the decoder learns them: plain lower-case words and a vocabulary of frequent ones."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from showtell_lib.files import written
from showtell_lib.vocabulary import END, START, UNKNOWN, Vocabulary

NOT_A_WORD = re.compile(r"[^a-z0-9' ]+")


def plain_words(caption: str) -> list[str]:
    """The words of a caption: lower case, no punctuation.

    >>> plain_words("A dog's ball , thrown .")
    ['a', "dog's", 'ball', 'thrown']
    """
    bare = NOT_A_WORD.sub(" ", caption.lower()).split()
    return [word for token in bare if (word := token.strip("'"))]


def count_words(captions: Iterable[str], min_count: int = 5) -> list[tuple[str, int]]:
    """Words with their counts, most frequent first; the markers and `<UNK>` lead.

    A word that occurs fewer than `min_count` times counts as `<UNK>`.
    """
    captions = list(captions)
    counts = Counter(word for caption in captions for word in plain_words(caption))
    kept = [(word, count) for word, count in counts.items() if count >= min_count]
    kept.sort(key=lambda item: (-item[1], item[0]))
    unknown = sum(count for count in counts.values() if count < min_count)
    return [(START, len(captions)), (END, len(captions)), (UNKNOWN, unknown), *kept]


def write_word_counts(counts: Iterable[tuple[str, int]], path: Path) -> None:
    """Writes a `word_counts.txt`: a token and its count per line, the line number is the id."""
    with written(path) as part:
        part.write_text("".join(f"{word} {count}\n" for word, count in counts), encoding="utf-8")


def encode_caption(vocabulary: Vocabulary, caption: str, max_words: int = 22) -> list[int]:
    """Token ids of a caption, cut at `max_words`, with `<S>` before and `</S>` after."""
    return vocabulary.encode(plain_words(caption)[:max_words])
