"""The checks of notebook 06: its own solutions pass, typical misconceptions are named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from showtell_lib.checks import notebook_06
from tests.notebook_source import solutions

SOLUTIONS = solutions("06")

RIGHT: dict[str, list[Callable[..., Any]]] = {
    "name_errors": [
        lambda f, b, a: [f != b, b not in a],
        lambda f, b, a: np.array([f != b, b not in a]),
        lambda f, b, a: (np.bool_(f != b), int(b not in a)),
    ],
    "count_hypotheses": [
        lambda width, steps: np.int64(1 + width * (steps - 1)),
        lambda width, steps: sum([1, *[width] * (steps - 1)]),
        lambda width, steps: [1.0 + width * (steps - 1)],
    ],
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_answers_in_other_forms_pass(name: str) -> None:
    for attempt in RIGHT[name]:
        result = getattr(notebook_06, name)(attempt)
        assert result.passed, result.message


ERRORS: dict[str, Callable[..., Any]] = {
    "should be 2 things, search error and model error, not True": lambda f, b, a: f != b,
    "the model error should be True or False, not 'no'": lambda f, b, a: (f != b, "no"),
    "the wrong way round": lambda f, b, a: (b not in a, f != b),
    "that it is wrong is no search error": lambda f, b, a: (f not in a, b not in a),
    "can still be a search error": lambda f, b, a: (f != b and f not in a, b not in a),
    "even if the search missed it": lambda f, b, a: (f != b, f == b and b not in a),
    "not by what was found": (
        lambda f, b, a: (f != b, f not in a or (b not in a and f != b)) if f != b else (False, True)
    ),
    "should return (False, False)": lambda f, b, a: (f != b, b not in a or f == b),
}
COUNTS: dict[str, Callable[..., Any]] = {
    "the first step has one hypothesis only": lambda width, steps: width * steps,
    "from which nothing is pruned": lambda width, steps: sum(width**s for s in range(steps)),
    "Beam search keeps": lambda width, steps: width**steps,
    "the candidates it sorts": lambda width, steps: width + width**2 * (steps - 1),
    "those are the calls": lambda width, steps: steps,
    "with beam width 3 and 4 steps": lambda width, steps: (
        2 if width == 3 and steps == 4 else (1 + width * (steps - 1))
    ),
}


@pytest.mark.parametrize("name", ["name_errors", "count_hypotheses"])
def test_the_solution_in_the_notebook_passes(name: str) -> None:
    result = getattr(notebook_06, name)(SOLUTIONS[name])
    assert result.passed, result.message


@pytest.mark.parametrize("name", ["name_errors", "count_hypotheses"])
def test_a_stub_is_not_attempted_yet(name: str) -> None:
    result = getattr(notebook_06, name)(lambda *arguments: ...)
    assert (result.attempted, result.message) == (False, "not attempted yet")


@pytest.mark.parametrize("message", ERRORS)
def test_confused_errors_are_named(message: str) -> None:
    result = notebook_06.name_errors(ERRORS[message])
    assert not result.passed
    assert message in result.message


@pytest.mark.parametrize("message", COUNTS)
def test_wrong_counts_are_named(message: str) -> None:
    result = notebook_06.count_hypotheses(COUNTS[message])
    assert not result.passed
    assert message in result.message
