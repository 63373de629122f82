"""The checks of notebook 09: its own solutions pass, typical misconceptions are named."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from showtell_lib.checks import notebook_09
from tests.notebook_source import solution

EXERCISES = ["masked_loss", "perplexity", "split_by_combination"]


def at_tokens(log_probs: Any, tokens: Any) -> Any:
    """The log-probability of each token, -1 taken as the last word."""
    return np.take_along_axis(log_probs, tokens[..., None] % log_probs.shape[2], axis=2)[..., 0]


def real_only(log_probs: Any, tokens: Any) -> Any:
    return np.where(tokens >= 0, at_tokens(log_probs, tokens), 0.0)


def by_rule(held_out: Callable[[list[Any], int], set[Any]]) -> Callable[..., Any]:
    """A split whose held-out combinations a rule chooses."""

    def split(combinations: list[Any], share: float) -> tuple[list[int], list[int]]:
        different = sorted(set(combinations))
        chosen = held_out(different, round(share * len(different)))
        train = [i for i, found in enumerate(combinations) if found not in chosen]
        return train, [i for i, found in enumerate(combinations) if found in chosen]

    return split


def from_a_set(combinations: list[Any], share: float) -> Any:
    """Draws with a seed, but from a set, whose order is another in every run of Python."""
    different = list(set(combinations))
    chosen = random.Random(1).sample(different, round(share * len(different)))
    return by_rule(lambda *_: set(chosen))(combinations, share)


def as_arrays(combinations: list[Any], share: float) -> list[Any]:
    """A right split, with NumPy's indices, by another generator; spoils what it is given."""
    different = sorted(set(combinations))
    chosen = random.Random(1).sample(different, round(share * len(different)))
    held_out = np.array([found in chosen for found in combinations])
    combinations.clear()
    return [np.flatnonzero(~held_out), np.flatnonzero(held_out)]


def test_a_right_split_in_another_form_passes() -> None:
    result = notebook_09.split_by_combination(as_arrays)
    assert result.passed, result.message


def by_picture(combinations: list[Any], share: float) -> tuple[Any, Any]:
    order = np.random.default_rng(0).permutation(len(combinations))
    count = int(share * len(order))
    return order[count:], order[:count]


WRONG: dict[str, dict[str, Callable[..., Any]]] = {
    "masked_loss": {
        "the *negative* of it": lambda p, t: real_only(p, t).sum() / (t >= 0).sum(),
        "the padding counts": lambda p, t: -at_tokens(p, t).mean(),
        "the number you divide by": lambda p, t: -real_only(p, t).mean(),
        "the mean of the captions' means": lambda p, t: np.mean(
            -real_only(p, t).sum(1) / (t >= 0).sum(1)
        ),
        "that is the sum": lambda p, t: -real_only(p, t).sum(),
        "for this batch it is": lambda p, t: 1.0,
    },
    "perplexity": {
        "a small batch counts as much": lambda losses, counts: np.exp(np.mean(losses)),
        "a mean of perplexities": lambda losses, counts: np.average(np.exp(losses), weights=counts),
        "the base is e": lambda losses, counts: 2 ** np.average(losses, weights=counts),
        "that is the mean loss": lambda losses, counts: np.average(losses, weights=counts),
        "for this example it is": lambda losses, counts: 1.0,
    },
    "split_by_combination": {
        "the split goes by picture": by_picture,
        "nobody could learn that word": by_rule(lambda different, count: set(different[:count])),
        "nothing is held out": by_rule(lambda different, count: set()),
        "different combinations, 20 should": by_rule(lambda different, count: set(different[::7])),
        "tomorrow it gives another split": from_a_set,
        "on one only": lambda combinations, share: ([0], [1]),
    },
}


@pytest.mark.parametrize("name", EXERCISES)
def test_the_solution_in_the_notebook_passes(name: str) -> None:
    result = getattr(notebook_09, name)(solution("09", name, np=np))
    assert result.passed, result.message


@pytest.mark.parametrize("name", EXERCISES)
def test_a_stub_is_not_attempted_yet(name: str) -> None:
    result = getattr(notebook_09, name)(lambda *arguments: ...)
    assert (result.attempted, result.message) == (False, "not attempted yet")


@pytest.mark.parametrize(
    ("name", "message"), [(name, message) for name in WRONG for message in WRONG[name]]
)
def test_misconceptions_are_named(name: str, message: str) -> None:
    result = getattr(notebook_09, name)(WRONG[name][message])
    assert not result.passed
    assert message in result.message


def test_a_split_that_changes_from_call_to_call_is_named() -> None:
    seeds = itertools.count()

    def held_out(different: list[Any], count: int) -> set[Any]:
        order = np.random.default_rng(next(seeds)).permutation(len(different))
        return {different[i] for i in order[:count]}

    result = notebook_09.split_by_combination(by_rule(held_out))
    assert "a second call gives another split" in result.message


def test_the_solution_of_the_loss_is_the_one_that_is_trained_with() -> None:
    from showtell_lib.training.network import caption_loss

    logits = np.random.default_rng(1).normal(size=(2, 4, 5)).astype(np.float32)
    log_probs = logits - np.log(np.exp(logits).sum(axis=2, keepdims=True))
    tokens = np.array([[2, 3, 4, 1], [3, 1, -1, -1]], np.int32)
    by_hand = solution("09", "masked_loss")(log_probs, tokens)
    assert by_hand == pytest.approx(float(caption_loss(logits, tokens)), abs=1e-5)
