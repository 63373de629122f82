"""What a learner's function returned, in the form that a check compares; or one sentence why not.

Python's and NumPy's numbers, lists, tuples and arrays are all right. Where a check asks for one
number, an array that holds one number is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence, Set
from typing import SupportsFloat, cast

import numpy as np

from showtell_lib.checks.result import WrongError, expect


def described(answer: object) -> str:
    """A value as a message quotes it, short."""
    text = " ".join(repr(answer).split())
    return text if len(text) <= 60 else f"{text[:57]}..."


def number(answer: object, what: str = "the answer") -> float:
    """One number.

    Raises:
        WrongError: it is none, or several.
    """
    array = _array(answer, f"{what} should be one number, not {described(answer)}.")
    shape = f"{what} should be one number, but has the shape {list(array.shape)}."
    expect(array.size == 1, shape)
    return float(array.reshape(()))


def truth(answer: object, what: str = "the answer") -> bool:
    """True or False; 1 and 0 count as them.

    Raises:
        WrongError: it is neither.
    """
    message = f"{what} should be True or False, not {described(answer)}."
    array = _array(answer, message)
    expect(array.size == 1 and bool(np.isin(array, (0, 1)).all()), message)
    return bool(array.all())


def whole(answer: object, what: str = "the answer") -> int:
    """One whole number; 3.0 is one.

    Raises:
        WrongError: it is none.
    """
    value = number(answer, what)
    expect(
        value.is_integer(), f"{what} should be a whole number, not {described(answer)}."
    )  # NaN and infinity are none either.
    return int(value)


def array_of(answer: object, shape: tuple[int, ...], what: str) -> np.ndarray:
    """Numbers as a float array of this shape.

    Args:
        answer: what the learner's function returned.
        shape: the one that is right.
        what: of what, as the learner knows it.

    Raises:
        WrongError: they are no numbers, or of another shape.
    """
    wanted = f"{what} should be numbers of the shape {list(shape)}"
    array = _array(answer, f"{wanted}, not {described(answer)}.")
    expect(array.shape == shape, f"{wanted}, not {list(array.shape)}.")
    return array


def parts(answer: object, names: Sequence[str], what: str = "the answer") -> list[object]:
    """As many things as there are names, in a tuple, a list or an array.

    Args:
        answer: what the learner's function returned, or a part of it.
        names: what the parts are.
        what: what the answer is.

    Raises:
        WrongError: there are more or fewer, or it is one thing only.
    """
    wanted = f"{what} should be {len(names)} things, {' and '.join(names)}"
    found = items(answer, wanted) if _is_list(answer) else []
    expect(len(found) == len(names), f"{wanted}, not {described(answer)}.")
    return found


def items(answer: object, what: str) -> list[object]:
    """What stands in a list, a tuple, an array, or anything else that can be gone through once.

    Raises:
        WrongError: nothing can stand in it.
    """
    expect(_is_list(answer), f"{what} should be a list, not {described(answer)}.")
    return list(cast("Iterable[object]", answer))


def _is_list(answer: object) -> bool:
    text_or_unordered = isinstance(answer, (str, bytes, Mapping, Set))
    scalar = isinstance(answer, np.ndarray) and answer.ndim == 0
    return isinstance(answer, Iterable) and not text_or_unordered and not scalar


def wholes(answer: object, what: str) -> list[int]:
    """A list of whole numbers.

    Raises:
        WrongError: it is no list, or something else stands in it.
    """
    return [whole(item, f"each of {what}") for item in items(answer, what)]


def _array(answer: object, message: str) -> np.ndarray:
    """Any numbers as a float array; the message if they are none."""
    if isinstance(answer, (str, bytes)):
        raise WrongError(message)
    try:
        return np.asarray(cast("SupportsFloat", answer), np.float64)
    except (TypeError, ValueError):  # No numbers, or lists of different lengths.
        raise WrongError(message) from None
