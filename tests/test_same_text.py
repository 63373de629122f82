"""Outputs are compared as a reader compares them: words strictly, measurements to a last digit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.notebook_source import load

same_text = load("same_text")
same, difference = same_text.same_text, same_text.first_difference

TABLE = """name     score  count
--------------------
greedy    9.97      3
beam3    10.04     12"""


@pytest.mark.parametrize(
    ("printed", "again"),
    [
        ("0.91  a cat", "0.92  a cat"),
        ("log-probability -0.4.", "log-probability -0.5."),
        ("p = 1.7e-07", "p = 1.8e-07"),
        ("p = 1.0e-02, then", "p = 9.9e-03, then"),
        ("20% of the spread", "21% of the spread"),
        ("(97%)", "(96 %)"),
        ("1,234.5 ms", "1,240.1 ms"),
        ("a 1, close 0.46", "a 0.99, close 0.46"),
        ("-0.00", "0.00"),
        ("-0", "0"),
        ("[ 0.00 -1.25]", "[-0.00 -1.24]"),
        ("x\u22120.50", "x\u22120.51"),
        ('{"log_prob":-2.39,"probability":0.09}', '{"log_prob":-2.40,"probability":0.09}'),
        ("nan and inf", "nan  and inf"),
        ("the cat \n", "the cat\n\n"),
        ("<td>0.31</td>", "<td>0.32</td>"),
        ("0.12,0.34", "0.11,0.35"),
        ("It took 20.1\u00d7 as long", "It took 20.0\u00d7 as long"),
        (TABLE, TABLE.replace(" 9.97", "10.01").replace("----", "-----")),
    ],
)
def test_last_digits_and_padding_are_no_difference(printed: str, again: str) -> None:
    assert same(printed, again), difference(printed, again)
    assert same(again, printed), difference(again, printed)


@pytest.mark.parametrize(
    ("printed", "again"),
    [
        ("0.91  a cat", "0.91  a dog"),
        ("0.91  a cat", "0.91  a Cat"),
        ("0.91  a cat", "0.91  acat"),
        ("a 0.5", "a0.5"),
        ("1.00 CIDEr", "1.05 CIDEr"),
        ("-0.45", "0.45"),
        ("0.04", "-0.04"),
        ("3 kept", "4 kept"),
        ("2,770 words", "2,771 words"),
        ("415 not a photo", "413 not a photo"),
        ("(1, 1024)", "(1, 1023)"),
        ("[0 3 10 25]", "[0 3 10 26]"),
        ("scene 12 is best", "scene 13 is best"),
        ("beam3", "beam4"),
        ("p50 0.5x", "p50 0.6x"),
        ("TensorFlow 2.21.0", "TensorFlow 2.21.1"),
        ("TensorFlow 2.21.0", "TensorFlow 2.20.0"),
        ("at 12:30", "at 12:31"),
        ("at 12:30.5", "at 12:30.6"),
        ("2026-11-27", "2026-11-28"),
        ("127.0.0.1", "127.0.0.2"),
        ("sha 12e45678", "sha 12e45679"),
        ("sha 79e-45f8 b1", "sha 79e-45f9 b1"),
        ("15.7 MB", "15.8 MB"),
        ("16458201 bytes", "16458202 bytes"),
        ("53%", "53"),
        ("0.5", "nan"),
        ("nan", "inf"),
        ("True", "False"),
        ("0.5 -0.4", "0.5-0.4"),
        ("1e-05 up", "1e-06 up"),
        ("agree", "agree 0.1"),
    ],
)
def test_words_counts_and_names_are(printed: str, again: str) -> None:
    assert not same(printed, again)
    assert not same(again, printed)


def test_lines_are_all_there_in_their_order() -> None:
    lines = ["a 0.1", "b 0.2", "", "c 0.3"]
    assert difference("\n".join(lines), "\n".join(lines[:2])) == ("", None)
    assert difference("\n".join(lines), "\n".join([*lines, "d"])) == (None, "d")
    assert difference("\n".join(lines), "\n".join(lines[1:])) == ("a 0.1", "b 0.2")
    swapped = [lines[1], lines[0], *lines[2:]]
    assert difference("\n".join(lines), "\n".join(swapped)) == ("a 0.1", "b 0.2")
    assert not same("\n".join(lines), "\n".join(line for line in lines if line))


def test_a_text_that_compares_itself() -> None:
    text = same_text.ReadText("0.91 a cat")
    assert text == "0.92 a cat"
    assert (text != "0.92 a cat") is False  # What nbval asks.
    assert text != "0.91 a dog"
    assert text != 0.91


def test_a_page_that_quotes_a_number() -> None:
    page = "# Figures\n\n| test | 5 | 46.9 | 92% |\n\nIt takes 1.24 times (p=0.0917) as long."
    for said in ("| 5 | 46.8 |", "| 5 | 46.9 | 91% |", "takes 1.25 times (p=0.0916)", "Figures"):
        assert same_text.quotes(page, said), said
    for said in ("| 5 | 49.9 |", "| 6 | 46.9 |", "took 1.24 times", "| 92 |", "6.9 | 92%"):
        assert not same_text.quotes(page, said), said
    assert same_text.quotes("13 of 12, 3 of 12", "3 of 12")
    assert not same_text.quotes("13 of 12", "3 of 12")


def test_a_cell_says_that_it_is_exact() -> None:
    assert same_text.is_exact("x = 1\n# EXACT_OUTPUT\nx")
    assert not same_text.is_exact("print('EXACT_OUTPUT')  # EXACT_OUTPUT in passing")


words = st.text("abcxyz", min_size=1, max_size=6)
decimals = st.integers(1, 6)
values = st.floats(-1e6, 1e6)
# Numbers of three digits that count, as most are printed: a unit of the last is at most 1%.
telling = st.integers(100, 999)


@given(st.lists(st.lists(st.one_of(words, values.map(str)), min_size=1), max_size=5))
def test_a_text_is_the_same_as_itself_however_it_is_spaced(text: list[list[str]]) -> None:
    printed = "\n".join(" ".join(line) for line in text)
    assert same(printed, printed)
    assert same(printed, "\n".join("  " + "   ".join(line) + " " for line in text))


@given(values, decimals, words)
def test_one_unit_of_the_last_digit_is_no_difference(value: float, places: int, word: str) -> None:
    printed = f"{word} {value:.{places}f} {word}"
    again = f"{word} {value + 0.9 * 10**-places:.{places}f} {word}"
    assert same(printed, again)
    assert same(again, printed)


@given(telling, decimals, st.sampled_from(["", "%"]), st.sampled_from(["", "-"]))
def test_five_percent_is_a_difference(digits: int, places: int, percent: str, sign: str) -> None:
    for factor in (0.95, 1.05):
        printed, again = (
            f"a {sign}{n / 10**places:.{places + 2}f}{percent} b" for n in (digits, factor * digits)
        )
        assert not same(printed, again)


@given(values, st.integers(2, 6))
def test_half_a_percent_is_none_whatever_the_exponent(value: float, places: int) -> None:
    assert same(f"{value:.{places}e}", f"{value * 1.005:.{places}e}")
    if abs(value) > 1e-300:
        assert not same(f"{value:.{places}e}", f"{value * 1.05:.{places}e}")


@given(st.integers(-(10**9), 10**9), st.integers(-(10**9), 10**9), words)
def test_whole_numbers_are_words(one: int, other: int, word: str) -> None:
    assert same(f"{one} {word}", f"{other} {word}") == (one == other)
    assert same(f"{one:,} {word}", f"{other:,} {word}") == (one == other)


@given(st.lists(words, min_size=2, max_size=6), st.data())
def test_a_changed_word_is_always_a_difference(text: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text) - 1))
    changed = [*text]
    changed[place] = data.draw(words.filter(lambda word: word != text[place]))
    numbers = [f"{data.draw(values):.2f}" for _ in text]
    lines = (" ".join(f"{w} {n}" for w, n in zip(t, numbers, strict=True)) for t in (text, changed))
    assert not same(*lines)
