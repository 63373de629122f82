"""The vocabulary reader: strict, and kind to the quirks of the published file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from showtell_lib.errors import VocabularyError
from showtell_lib.vocabulary import Vocabulary, read_vocabulary

WORDS = ("a", "<S>", "</S>", "cat")


def test_the_line_number_is_the_id(tmp_path: Path) -> None:
    path = tmp_path / "word_counts.txt"
    path.write_text("a 9\n</S> 8\n<S> 8\ncat 3\n", encoding="utf-8")
    vocabulary = read_vocabulary(path)
    assert (vocabulary.end_id, vocabulary.start_id, vocabulary.token_id("cat")) == (1, 2, 3)
    assert vocabulary.unknown_id == 4
    assert len(vocabulary) == 5


def test_published_files_read_as_published(shared: Path) -> None:
    published = read_vocabulary(shared / "full_size" / "word_counts.txt").sized(12000)
    assert (published.start_id, published.end_id, published.unknown_id) == (2, 1, 11519)
    assert published.word(11519) == published.word(11999) == "<UNK>"
    assert (published.word(128), published.word(1429)) == ("'s", "n't")
    assert (published.token_id("'s"), published.token_id('""')) == (128, 1640)
    other = read_vocabulary(shared / "full_size" / "word_counts_1m.txt")
    assert (other.start_id, other.end_id) == (1, 2)


def test_of_a_token_that_occurs_twice_the_last_one_wins() -> None:
    vocabulary = Vocabulary((*WORDS, '""', "dog", '""'))
    assert vocabulary.token_id('""') == 6
    assert vocabulary.word(4) == vocabulary.word(6) == "'"


def test_apostrophes_are_shown_as_apostrophes() -> None:
    vocabulary = Vocabulary((*WORDS, '"s"', '"nt"', '"oclock"'))
    assert vocabulary.text([1, 3, 4, 5, 6, 2]) == "cat 's n't o'clock"
    assert vocabulary.token_id("'s") == vocabulary.token_id('"s"') == 4


@given(st.lists(st.sampled_from(["a", "cat", "dog", "<UNK>"]), max_size=8))
def test_encoding_and_text_are_inverse(words: list[str]) -> None:
    vocabulary = Vocabulary((*WORDS, "dog"))
    ids = vocabulary.encode(words)
    assert (ids[0], ids[-1]) == (vocabulary.start_id, vocabulary.end_id)
    assert vocabulary.text(ids) == " ".join(words)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"a 3\n\n<S> 1\n</S> 1\n", "line 2: blank line"),
        (b"a 3\n<S> 1\n</S> 1\n\n", "line 4: blank line"),
        (b"a 3\n<S> 1\n\xff\xfe 1\n", "line 3: not UTF-8"),
        (b"a 3\n<S> 1\n", "no </S> token"),
        (b"a 3\n</S> 1\n", "no <S> token"),
        (b"", "empty"),
    ],
)
def test_a_malformed_file_is_refused_by_line(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "word_counts.txt"
    path.write_bytes(data)
    with pytest.raises(VocabularyError, match=message) as caught:
        read_vocabulary(path)
    assert str(path) in str(caught.value)


def test_a_missing_file_says_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(VocabularyError, match=r"needs its word_counts\.txt beside it"):
        read_vocabulary(tmp_path / "word_counts.txt")


def test_more_words_than_the_softmax_is_wide_do_not_fit() -> None:
    vocabulary = Vocabulary(WORDS)
    with pytest.raises(VocabularyError, match=r"5 tokens .* knows only 4"):
        vocabulary.sized(4)


def test_an_id_outside_the_softmax_has_no_word() -> None:
    for token_id in (-1, 5):
        with pytest.raises(VocabularyError, match="outside 0 to 4"):
            Vocabulary(WORDS).word(token_id)
