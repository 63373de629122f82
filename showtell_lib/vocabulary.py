"""The vocabulary: token ids to words and back, read from a `word_counts.txt`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np

from showtell_lib.errors import VocabularyError, printable
from showtell_lib.files import LARGEST_TEXT, lines_of, read_bytes, text_of

START, END, UNKNOWN = "<S>", "</S>", "<UNK>"

# The published file lost its apostrophes: 's is stored as "s", in double quotes. These are the
# words in it whose apostrophe did not come first.
APOSTROPHE_INSIDE = {"nt": "n't", "oclock": "o'clock", "doeuvres": "d'oeuvres"}


@dataclass(frozen=True)
class Vocabulary:
    """Words by token id; ids past the end of the file are the unknown word.

    Attributes:
        tokens: one token per id, as stored in the file, `<UNK>` included.
        size: number of ids the model's softmax has; at least `len(tokens)`.

    Raises:
        VocabularyError: a marker is missing or there are more tokens than `size` has room for.
    """

    tokens: tuple[str, ...]
    size: int = field(default=0)

    def __post_init__(self) -> None:
        for marker in (START, END):
            if marker not in self.tokens:
                raise VocabularyError(
                    f"the vocabulary has no {marker} token; use the word_counts.txt "
                    "that was saved with the model"
                )
        if UNKNOWN not in self.tokens:
            object.__setattr__(self, "tokens", (*self.tokens, UNKNOWN))
        if self.size and len(self.tokens) > self.size:
            raise VocabularyError(
                f"the vocabulary has {len(self.tokens):,} tokens ({UNKNOWN} included) but the "
                f"model knows only {self.size:,}; use the word_counts.txt saved with the model"
            )
        if not self.size:
            object.__setattr__(self, "size", len(self.tokens))

    @cached_property
    def _words(self) -> tuple[str, ...]:
        return tuple(map(_shown, self.tokens))

    @cached_property
    def _ids(self) -> dict[str, int]:
        # A later line wins: the published file holds the token `""` twice.
        shown = {word: token_id for token_id, word in enumerate(self._words)}
        return shown | {token: token_id for token_id, token in enumerate(self.tokens)}

    @property
    def start_id(self) -> int:
        """Id of `<S>`, the first token of every caption."""
        return self._ids[START]

    @property
    def end_id(self) -> int:
        """Id of `</S>`, the token that finishes a caption."""
        return self._ids[END]

    @property
    def unknown_id(self) -> int:
        """Id of `<UNK>`, which stands for every word not in the file."""
        return self._ids[UNKNOWN]

    def __len__(self) -> int:
        return self.size

    def token_id(self, word: str) -> int:
        """The id of a word as shown or as stored; the unknown word's id if there is none.

        Raises:
            VocabularyError: it is no text.
        """
        if not isinstance(word, str):
            raise VocabularyError(f"a word must be text, not {word!r:.80}")
        return self._ids.get(word, self.unknown_id)

    def word(self, token_id: int) -> str:
        """The word for an id, as a reader should see it: apostrophes restored.

        Raises:
            VocabularyError: the id is no whole number, or outside the softmax.
        """
        whole = isinstance(token_id, (int, np.integer)) and not isinstance(token_id, bool)
        if not whole:
            raise VocabularyError(f"a token id must be a whole number, not {token_id!r}")
        if not 0 <= token_id < self.size:
            raise VocabularyError(f"token id {token_id} is outside 0 to {self.size - 1}")
        if token_id >= len(self.tokens):
            return UNKNOWN
        return self._words[token_id]

    def encode(self, words: str | Iterable[str]) -> list[int]:
        """Token ids for words, with `<S>` before and `</S>` after.

        Args:
            words: a list of them, or a sentence, which is cut at its blanks.

        Raises:
            VocabularyError: a word is no text.
        """
        words = words.split() if isinstance(words, str) else words
        return [self.start_id, *(self.token_id(word) for word in words), self.end_id]

    def text(self, token_ids: int | Iterable[int]) -> str:
        """The caption as text: the words between `<S>` and `</S>`, joined by blanks.

        Args:
            token_ids: of a caption, or a single one.

        Raises:
            VocabularyError: an id is no whole number, or outside the softmax.
        """
        markers = (self.start_id, self.end_id)
        ids = token_ids if isinstance(token_ids, Iterable) else [token_ids]
        return " ".join(self.word(token) for token in ids if token not in markers)

    def sized(self, size: int) -> Vocabulary:
        """The same vocabulary for a model whose softmax is `size` wide."""
        return Vocabulary(self.tokens, size)


def read_vocabulary(path: str | Path) -> Vocabulary:
    """Reads a `word_counts.txt`: the first field of line i is the token with id i.

    Args:
        path: text as `files.read_text` takes it, one `token count` pair per line, no blank lines.

    Raises:
        VocabularyError: the file is missing, no text, has a blank line, or lacks a marker; the
            message names the file and the line.
    """
    path = Path(path)
    if not path.is_file():
        raise VocabularyError(
            f"{path}: there is no vocabulary; a model needs its word_counts.txt beside it"
        )
    return parse_vocabulary(read_bytes(path, LARGEST_TEXT, VocabularyError), path)


def parse_vocabulary(data: bytes, path: Path) -> Vocabulary:
    """The vocabulary that a file's bytes are; see `read_vocabulary`. The path is for messages."""
    lines = lines_of(text_of(data, path, VocabularyError))
    if not lines:
        raise VocabularyError(f"{path}: the file is empty; get it again from where the model is")
    tokens = []
    for number, line in enumerate(lines, start=1):
        fields = line.split()
        if not fields:
            raise VocabularyError(f"{path}, line {number}: blank line; every line needs a token")
        tokens.append(fields[0])
    try:
        return Vocabulary(tuple(tokens))
    except VocabularyError as error:
        raise VocabularyError(f"{path}: {error}") from None


def _shown(token: str) -> str:
    """A token as it was before the published file put it in double quotes, fit to be printed."""
    token = printable(token)
    if len(token) < 2 or not (token.startswith('"') and token.endswith('"')):
        return token
    bare = token[1:-1]
    return APOSTROPHE_INSIDE.get(bare, f"'{bare}")
