"""Words that all figures share."""

from __future__ import annotations

from numbers import Integral

from showtell_lib.vocabulary import END


def word_label(word: str) -> str:
    """A word as figures and alt texts write it: the end marker is called "end"."""
    return "end" if word == END else word


def named(title: str) -> str:
    """A title at the start of an alt text."""
    if not title:
        return ""
    return f"{title} " if title[-1] in ".:?!" else f"{title}: "


def counted(number: int, singular: str, plural: str = "") -> str:
    """A number with its noun, as "1 step" or "3 steps"."""
    return f"{number} {singular if number == 1 else plural or singular + 's'}"


def rounded(value: float) -> str:
    """A count as it is; a measurement with two digits that count, from 10 on with a decimal.

    A decimal tells that a number was measured: its last digit may differ on another machine.
    """
    if isinstance(value, Integral):
        return str(int(value))
    if 9.95 <= abs(value) < 1e15:
        return f"{value:.1f}"
    return f"{float(f'{value:.2g}'):g}"


def probability_label(probability: float) -> str:
    """A probability with two digits that count; 1.00 and not 1, since it was measured."""
    return f"{probability:.2f}" if probability >= 0.0995 else f"{probability:.2g}"
