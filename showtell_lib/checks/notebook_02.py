"""Checks for the exercises of notebook 02, From pixels to an embedding."""

from __future__ import annotations

import numpy as np

from showtell_lib.checks.answers import array_of, number
from showtell_lib.checks.result import (
    Attempt,
    Result,
    Solution,
    call,
    call_with_originals,
    expect,
    run_check,
)


def cosine(attempt: Attempt) -> Result:
    """Checks a function of two vectors that returns the cosine of the angle between them."""
    return run_check(
        attempt, _check_cosine, "It is the direction that counts, whatever the lengths."
    )


def _check_cosine(solution: Solution) -> None:
    east, north = np.array([1.0, 0.0]), np.array([0.0, 1.0])
    long_vector, slanted = np.array([3.0, 0.0]), np.array([3.0, 4.0])

    def answer(left: np.ndarray, right: np.ndarray) -> float:
        value = call(solution, left, right)
        expect(
            not (isinstance(value, np.ndarray) and value.size > 1),
            "the answer should be one number, but is several; `*` multiplies element by element, "
            "`@` also adds up.",
        )
        return number(value)

    same = answer(east, east)
    expect(
        not np.isclose(same, 0),
        "a vector and itself gave 0. That is a distance; similarity is 1 where the angle is 0.",
    )
    expect(bool(np.isclose(answer(east, north), 0)), "vectors at a right angle should give 0.")
    expect(
        answer(east, -east) < 0,
        "opposite directions should give -1; do not take the absolute value or the square.",
    )
    by_squares = bool(np.allclose([answer(long_vector, east), answer(east, long_vector)], 1 / 3))
    expect(
        not by_squares,
        "you divided by the *squared* lengths. The length of a vector is the square root of the "
        "sum of squares.",
    )
    expect(
        bool(np.allclose([answer(long_vector, east), answer(east, long_vector)], 1)),
        "a vector and the same three times as long should give 1; the product must be divided "
        "by both lengths, left and right.",
    )
    expect(
        bool(np.isclose(answer(slanted, east), 0.6)),
        "the length of a vector is the square root of the sum of squares: that of [3, 4] is 5, "
        "so with [1, 0] it should give 0.6.",
    )
    random = np.random.default_rng(2)
    left, right = random.normal(size=(2, 300))
    truth = np.cos(2 * np.arcsin(np.linalg.norm(_unit(left) - _unit(right)) / 2))
    close = bool(np.isclose(answer(left, right), truth))
    expect(close, "two long random vectors gave a wrong number.")


def _unit(vector: np.ndarray) -> np.ndarray:
    return np.asarray(vector / np.sqrt((vector**2).sum()))


def cover(attempt: Attempt) -> Result:
    """Checks a function of pixels, top, left and size that covers a square."""
    return run_check(attempt, _check_cover, "The rest of the picture, and the original, are whole.")


def _check_cover(solution: Solution) -> None:
    pixels = np.random.default_rng(5).integers(0, 200, (30, 40, 3)).astype(np.uint8)
    pixels[:, :, 0] //= 3
    top, left, size = 4, 20, 9
    given = pixels.copy()
    returned = call_with_originals(solution, given, top, left, size)
    expect(
        bool((given == pixels).all()),
        "the picture you were given was changed. Work on a copy, or the next square is covered on "
        "top of this one.",
    )
    answer = array_of(returned, pixels.shape, "the picture, which keeps the original's shape,")
    changed = (answer != pixels).any(axis=2)
    rows, columns = (np.flatnonzero(changed.any(axis=axis)) for axis in (1, 0))
    _check_field(rows, columns, (top, left, size))
    _check_colour(answer[top : top + size, left : left + size], pixels)


def _check_field(rows: np.ndarray, columns: np.ndarray, field: tuple[int, int, int]) -> None:
    top, left, size = field
    expect(rows.size > 0, "nothing was covered.")
    expect(
        not (rows[0] == left and columns[0] == top),
        "rows and columns are swapped: pixels[row, column], and `top` is a row.",
    )
    expect(
        (rows[0], columns[0]) == (top, left),
        f"the square should begin at row {top} and column {left}, but begins at row {rows[0]} and "
        f"column {columns[0]}.",
    )
    expect(
        (len(rows), len(columns)) == (size, size),
        f"the square is {len(rows)} high and {len(columns)} wide and should be {size}: a slice "
        "ends before its second number, which is top + size.",
    )


def _check_colour(square: np.ndarray, pixels: np.ndarray) -> None:
    expect(np.ptp(square, axis=(0, 1)).max() == 0, "the covered square should have one colour.")
    colour, mean = square[0, 0], pixels.mean(axis=(0, 1))
    expect(
        colour.max() > 0,
        "the square is black. That is a new thing to look at; take the mean colour.",
    )
    expect(
        np.ptp(colour) > 0,
        "the square is grey: the mean over everything is one brightness. Take the mean over rows "
        "and columns only, axis=(0, 1), which leaves red, green and blue apart.",
    )
    expect(
        np.abs(colour - mean).max() <= 1,
        "the colour is not the mean of the whole picture, each of red, green and blue.",
    )
