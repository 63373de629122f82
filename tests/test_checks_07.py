"""The checks of notebook 07: its own solutions pass, typical misconceptions are named."""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from showtell_lib.checks import notebook_07
from showtell_lib.embeddings import cosine_similarity
from tests.notebook_source import solutions

SOLUTIONS = solutions("07")
NAMES = ["gallery_entry", "square_around", "domain_limit"]


def entry(source: str, alt: str, text: str) -> str:
    return f'<img src="{source}" alt="{alt}"><p>{text}</p>'


def no_source(source: str, name: str, caption: str) -> str:
    return f'<img alt="{html.escape(caption)}"><p>{html.escape(name)}</p>'


def in_a_div(source: str, name: str, caption: str) -> str:
    return f'<img src="{source}" alt="{html.escape(caption)}"><div>{html.escape(name)}</div>'


def single_quotes(source: str, name: str, caption: str) -> str:
    alt = replaced(caption, "&", "<", ">", '"')
    return f"<img src='{source}' alt='{alt}'><p>{html.escape(name)}</p>"


def quantile_of_nearest(vectors: np.ndarray, share: float) -> float:
    return float(np.quantile(1 - others(vectors).max(axis=1), share))


RIGHT: dict[str, list[Callable[..., Any]]] = {
    "gallery_entry": [
        lambda s, n, c: (
            f"<figure><p>{html.escape(n)}</p><img alt='{html.escape(c)}' src='{s}'/></figure>"
        ),
    ],
    "square_around": [
        lambda w, h, s: list(SOLUTIONS["square_around"](w, h, s)),
        lambda w, h, s: np.array(SOLUTIONS["square_around"](w, h, s), float),
    ],
    "domain_limit": [lambda v, share: np.array([quantile_of_nearest(v, share)])],
}


@pytest.mark.parametrize("name", NAMES)
def test_right_answers_in_other_forms_pass(name: str) -> None:
    for attempt in RIGHT[name]:
        result = getattr(notebook_07, name)(attempt)
        assert result.passed, result.message


def replaced(text: str, *characters: str) -> str:
    names = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"}
    for character in characters:
        text = text.replace(character, names[character])
    return text


def box(width: int, height: int, x: float, y: float, side: int) -> tuple[float, ...]:
    """A square at x, y, pushed into the photo."""
    x, y = min(max(x, 0), width - side), min(max(y, 0), height - side)
    return x, y, x + side, y + side


def others(vectors: np.ndarray) -> np.ndarray:
    similarity = cosine_similarity(vectors, vectors)
    np.fill_diagonal(similarity, -1)
    return similarity


def euclidean(vectors: np.ndarray, share: float) -> float:
    apart = np.linalg.norm(vectors[:, None] - vectors[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    return float(np.quantile(apart.min(axis=1) ** 2 / 2, share))


WRONG: dict[str, dict[str, Callable[..., Any]]] = {
    "gallery_entry": {
        "its `src` should be the source": no_source,
        "should stand in a `p` element": in_a_div,
        "the caption `a cat's toy` became the alt text `a cat`": single_quotes,
        "became part of the page": lambda s, n, c: entry(s, c, n),
        "one `img`": lambda s, n, c: f"<p>{html.escape(n)}</p>",
        "alt text should be the caption": lambda s, n, c: entry(s, n, html.escape(n)),
        "the text to see": lambda s, n, c: entry(s, html.escape(c), html.escape(c)),
        "a quote ends the value": lambda s, n, c: entry(
            s, replaced(c, "&", "<", ">"), replaced(n, "&", "<", ">")
        ),
        "`me & you.jpg` is shown as `me &amp; you.jpg`": lambda s, n, c: entry(
            s, html.escape(c), html.escape(html.escape(n))
        ),
        "`a < b > c.jpg` is shown as": lambda s, n, c: entry(
            s, html.escape(c), replaced(n, "<", ">", "&")
        ),
        "`a &lt; b.jpg` is shown as": lambda s, n, c: entry(
            s, html.escape(c), replaced(n, "<", ">")
        ),
        "do not remove anything": lambda s, n, c: entry(
            s, html.escape(c), n.replace("<", "").replace(">", "").replace("&", "&amp;")
        ),
    },
    "square_around": {
        "cuts the subject": lambda w, h, s: box(
            w, h, (w - min(w, h)) // 2, (h - min(w, h)) // 2, min(w, h)
        ),
        "reaches beyond the edge": lambda w, h, s: (s[0], s[1], s[0] + min(w, h), s[1] + min(w, h)),
        "no square": lambda w, h, s: s,
        "a square of 400 fits": lambda w, h, s: box(
            w, h, s[0], s[1], max(s[2] - s[0], s[3] - s[1])
        ),
        "nearer to the middle": lambda w, h, s: box(w, h, s[0], s[1], min(w, h)),
        "of the shape [4], not [2]": lambda w, h, s: (s[0], s[1]),
        "photo of 300 by 500": lambda w, h, s: box(w, h, (s[0] + s[2] - h) / 2, 0, h),
    },
    "domain_limit": {
        "has found itself": lambda v, share: np.quantile(
            1 - cosine_similarity(v, v).max(axis=1).clip(max=1), share
        ),
        "has set the limit": lambda v, share: (1 - others(v).max(axis=1)).max(),
        "that is a similarity": lambda v, share: np.quantile(others(v).max(axis=1), share),
        "in the mean": lambda v, share: np.quantile(
            (1 - cosine_similarity(v, v)).mean(axis=1), share
        ),
        "directions only": euclidean,
        "as well": lambda v, share: np.quantile(1 - others(v).max(axis=1), 0.9),
        "does it use `share`": lambda v, share: quantile_of_nearest(v, max(share, 0.95)),
        "one number": lambda v, share: 1 - others(v).max(axis=1),
        "should be 0.000609": lambda v, share: np.quantile(1 - others(v).max(axis=1), share) / 2,
    },
}


@pytest.mark.parametrize("name", NAMES)
def test_the_solution_in_the_notebook_passes(name: str) -> None:
    result = getattr(notebook_07, name)(SOLUTIONS[name])
    assert result.passed, result.message


@pytest.mark.parametrize("name", NAMES)
def test_a_stub_is_not_attempted_yet(name: str) -> None:
    result = getattr(notebook_07, name)(lambda *arguments: ...)
    assert (result.attempted, result.message) == (False, "not attempted yet")


@pytest.mark.parametrize(
    ("name", "message"), [(name, message) for name in NAMES for message in WRONG[name]]
)
def test_misconceptions_are_named(name: str, message: str) -> None:
    result = getattr(notebook_07, name)(WRONG[name][message])
    assert not result.passed
    assert message in result.message
