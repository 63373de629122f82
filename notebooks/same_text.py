"""Compares texts as a reader does: strict on words, tolerant of a measurement's last digit.

Processors add up in another order, so the last digit of what was measured differs from machine to
machine. The rules:

- Words, lines and their order must be the same. The width of white space and of ruled lines, which
  shift when a number gets wider, may differ.
- A number with a decimal point, an exponent or a percent sign was measured: two such numbers are
  equal within one unit of the last digit printed or 1%, whichever is more.
- A whole number is a count, a place or an identifier, a word in effect: it must be the same.
- What has a letter or another number glued to it is a word (`beam3`, `2.21.0`, `12:30`, a hash), as
  is the size of a file (`15.7 MB`).

A cell whose numbers must be the same to the last digit says so by the comment `# EXACT_OUTPUT`.
"""

from __future__ import annotations

import re
from decimal import Decimal
from itertools import zip_longest

EXACT = "EXACT_OUTPUT"
RELATIVE = Decimal("0.01")
NUMBER = re.compile(
    r"""
    (?<![\w.])(?<!\d:)                      # neither part of a word, of a version nor of a time
    (
        (?:(?<![\w)\]])[-+\u2212])?         # a sign, where it is no hyphen
        (?:\d{1,3}(?:,\d{3})+|\d+)          # thousands may be separated
        (?:\.\d+)?
        (?:[eE][-+]\d+)?                    # Without a sign it may be a piece of a hash.
        (?:\s?%)?
    )
    (?!\w|\.\d|:\d|,\d{3}|\s?%)
    (?!\s?(?:[kKMGT]i?)?B\b|\sbytes\b)      # not the size of a file
    """,
    re.VERBOSE,
)
MEASURED = re.compile(r"[.eE%]")
SPACE, RULE = re.compile(r"\s+"), re.compile(r"([-=_─═])\1{2,}")


def same_text(expected: str, found: str) -> bool:
    """Whether a reader takes two texts for the same."""
    return first_difference(expected, found) is None


def first_difference(expected: str, found: str) -> tuple[str | None, str | None] | None:
    """The first two lines that differ; None for the line of a text that has ended.

    Returns:
        None where the texts are the same.
    """
    lines = zip_longest(expected.rstrip().splitlines(), found.rstrip().splitlines())
    return next((pair for pair in lines if not _same_line(*pair)), None)


def quotes(page: str, said: str) -> bool:
    """Whether a page says this somewhere, with the numbers that a reader takes for these."""
    pieces = NUMBER.split(said)
    pieces[::2] = map(re.escape, pieces[::2])
    pieces[1::2] = [NUMBER.pattern] * len(pieces[1::2])
    found = re.finditer("".join(pieces), page, re.VERBOSE)
    return any(same_text(said, one[0]) for one in found)


def is_exact(source: str) -> bool:
    """Whether a cell's source asks that its outputs be the same to the last digit."""
    return any(line.strip() == f"# {EXACT}" for line in source.splitlines())


class ReadText(str):
    """A text that equals every text that a reader takes for the same."""

    __slots__ = ()
    __hash__ = None  # type: ignore[assignment]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, str) and same_text(self, other)

    def __ne__(self, other: object) -> bool:
        return not self == other


def _same_line(expected: str | None, found: str | None) -> bool:
    if expected is None or found is None or expected == found:
        return expected == found
    pieces, others = _pieces(expected), _pieces(found)
    if len(pieces) != len(others) or pieces[::2] != others[::2]:
        return False
    return all(map(_same_number, pieces[1::2], others[1::2]))


def _pieces(line: str) -> list[str]:
    """Words and numbers in turn; words without the white space around them."""
    pieces = NUMBER.split(line)
    return [RULE.sub(r"\1\1\1", SPACE.sub(" ", piece)).strip() for piece in pieces]


def _same_number(expected: str, found: str) -> bool:
    if expected == found:
        return True
    if ("%" in expected) != ("%" in found):
        return False
    one, other = _value(expected), _value(found)
    if not MEASURED.search(expected + found):
        return one == other
    return abs(one - other) <= max(_unit(one, other), RELATIVE * max(abs(one), abs(other)))


def _value(number: str) -> Decimal:
    return Decimal(number.rstrip(" %").replace(",", "").replace("\N{MINUS SIGN}", "-"))


def _unit(one: Decimal, other: Decimal) -> Decimal:
    """One unit of the last digit printed; where they show different places, of the smaller."""
    return Decimal((0, (1,), min(int(n.as_tuple().exponent) for n in (one, other))))
