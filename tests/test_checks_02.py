"""Notebook 02: its exercises' checks, and that its inlined code is what the library does."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from showtell_lib import embeddings
from showtell_lib.captioner import load
from showtell_lib.checks import notebook_02
from showtell_lib.photos import sample_photo

NOTEBOOK = Path(__file__).parents[1] / "notebooks" / "02_from_pixels_to_an_embedding.ipynb"


def source(cell_id: str) -> str:
    """The source of one cell of the notebook."""
    cells = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return "".join(next(cell["source"] for cell in cells if cell["id"] == cell_id))


def run(code: str, **names: Any) -> dict[str, Any]:
    """The names that the code defines."""
    scope: dict[str, Any] = {"np": np, **names}
    exec(compile(code, "notebook", "exec"), scope)
    return scope


def solution(name: str) -> Any:
    """The function in a collapsed solution."""
    match = re.search(r"```python\n(.*?)```", source(f"{name}-solution"), re.DOTALL)
    assert match
    return run(match[1])[name]


def cover(
    change: Callable[[np.ndarray, int, int, int], Any] | None = None, **options: Any
) -> Callable[..., Any]:
    """A right `cover`, but for what the options say."""

    def attempt(pixels: np.ndarray, top: int, left: int, size: int) -> Any:
        picture = pixels if options.get("in_place") else pixels.copy()
        if options.get("swapped"):
            top, left = left, top
        size += options.get("longer", 0)
        colour = options.get("colour", lambda p: p.mean(axis=(0, 1)).round())(pixels)
        picture[top : top + size, left : left + size] = colour
        return picture

    return attempt


@pytest.mark.parametrize("name", ["cosine", "cover"])
def test_the_solution_passes(name: str) -> None:
    result = getattr(notebook_02, name)(solution(name))
    assert result.passed, result
    assert str(result).startswith("Right.")


@pytest.mark.parametrize("name", ["cosine", "cover"])
def test_the_stub_is_not_attempted_yet(name: str) -> None:
    stub = run(source(f"{name}-exercise"))[name]
    assert str(getattr(notebook_02, name)(stub)) == "not attempted yet"


def length(vector: np.ndarray) -> Any:
    return np.linalg.norm(vector)


def cosine_by_hand(left: Any, right: Any) -> float:
    product = sum(a * b for a, b in zip(left, right, strict=True))
    return float(product / (sum(a * a for a in left) * sum(b * b for b in right)) ** 0.5)


def cosine_in_place(left: Any, right: Any) -> Any:
    left /= length(left)
    right /= length(right)
    return np.array([left @ right])


@pytest.mark.parametrize("attempt", [cosine_by_hand, cosine_in_place])
def test_right_cosines(attempt: Any) -> None:
    assert notebook_02.cosine(attempt).passed


def cover_in_floats(pixels: np.ndarray, top: int, left: int, size: int) -> np.ndarray:
    picture = pixels.astype(float)
    picture[top : top + size, left : left + size] = pixels.mean(axis=(0, 1))
    return picture


def cover_by_hand(pixels: np.ndarray, top: int, left: int, size: int) -> list[Any]:
    rows, columns, _ = pixels.shape
    colour = [sum(int(p) for p in pixels[..., c].flat) // (rows * columns) for c in range(3)]
    picture: list[Any] = pixels.tolist()
    for row in range(top, top + size):
        picture[row][left : left + size] = [colour] * size
    return picture


@pytest.mark.parametrize("attempt", [cover_in_floats, cover_by_hand])
def test_right_covers(attempt: Any) -> None:
    result = notebook_02.cover(attempt)
    assert result.passed, result.message


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (lambda a, b: a @ b / (a @ a) / (b @ b), "divided by the *squared* lengths"),
        (lambda a, b: a @ b, "divided by both lengths"),
        (lambda a, b: a @ b / length(a), "divided by both lengths"),
        (lambda a, b: a @ b / length(a) / length(b) ** 2, "divided by both lengths"),
        (lambda a, b: 1 - a @ b / length(a) / length(b), "a distance"),
        (lambda a, b: length(a - b), "a distance"),
        (lambda a, b: abs(a @ b) / length(a) / length(b), "absolute value"),
        (lambda a, b: a @ b / abs(a).sum() / abs(b).sum(), "square root of the sum of squares"),
        (lambda a, b: a * b / length(a) / length(b), "adds up"),
        (lambda a, b: 1.0, "right angle"),
        (lambda a, b: a @ b @ a, "stopped with ValueError"),
    ],
)
def test_wrong_cosines_are_told_why(attempt: Any, message: str) -> None:
    result = notebook_02.cosine(attempt)
    assert not result.passed
    assert message in result.message


@pytest.mark.parametrize(
    ("attempt", "message"),
    [
        (cover(in_place=True), "Work on a copy"),
        (cover(colour=lambda p: 0), "black"),
        (cover(colour=lambda p: p.mean().round()), "grey"),
        (cover(colour=lambda p: p[4:13, 20:29].mean(axis=(0, 1)).round()), "the whole picture"),
        (cover(colour=lambda p: np.arange(27).reshape(9, 3)), "one colour"),
        (cover(swapped=True), "rows and columns are swapped"),
        (cover(longer=1), "a slice ends before its second number"),
        (cover(longer=-1), "a slice ends before its second number"),
        (lambda p, top, left, size: p.copy(), "nothing was covered"),
        (lambda p, top, left, size: p[top : top + size, left : left + size], "not [9, 9, 3]"),
    ],
)
def test_wrong_covers_are_told_why(attempt: Any, message: str) -> None:
    result = notebook_02.cover(attempt)
    assert not result.passed
    assert message in result.message


def test_the_inlined_neighbours_are_the_librarys() -> None:
    nearest = run(source("nearest"))["nearest"]
    embedded = embeddings.load_embeddings().embeddings
    for query in embedded[[3, 500, 999]] + 0.1:
        found, similarities = nearest(query, embedded, 6)
        expected = embeddings.cosine_similarity(query[np.newaxis], embedded)[0]
        nearest_first = np.argsort(-expected, kind="stable")[:6]
        assert list(found) == list(nearest_first)
        np.testing.assert_allclose(similarities[found], expected[nearest_first], atol=1e-5)


def test_the_inlined_pooling_is_the_graphs() -> None:
    captioner, photo = load(), sample_photo("coffee")
    last = captioner.feature_maps(photo)[-1][1]
    scope = run(source("pooling"), captioner=captioner, photo=photo, last=last)
    np.testing.assert_allclose(scope["embedding"], captioner.embed([photo])[0], atol=1e-4)


def test_the_exercise_covers_as_the_library_does() -> None:
    pixels = np.random.default_rng(1).integers(0, 256, (12, 12, 3)).astype(np.uint8)
    attempt = solution("cover")
    squares = [attempt(pixels, top, left, 4) for top in (0, 4, 8) for left in (0, 4, 8)]
    for found, expected in zip(squares, embeddings.covered(pixels, 3), strict=True):
        np.testing.assert_array_equal(found, expected)
