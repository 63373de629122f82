"""The checks of notebook 12: its own solutions pass, typical misconceptions are named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from showtell_lib.attention import attend as in_numpy
from showtell_lib.checks import notebook_12
from showtell_lib.quiet import import_tensorflow
from tests.notebook_source import run, solution, stub

scipy_stats = pytest.importorskip(
    "scipy.stats", reason="needs SciPy, which comes with scikit-image"
)
EXERCISES = ["attend", "agreement"]


def softmax(scores: Any, axis: Any = 1) -> Any:
    shares = np.exp(scores - scores.max(axis=axis, keepdims=True))
    return shares / shares.sum(axis=axis, keepdims=True)


def with_scores(score: Callable[..., Any], axis: Any = 1, after: Any = softmax) -> Any:
    """Attention whose scores [N, places] come from keys and queries in another way."""

    def attend(f: Any, h: Any, of_f: Any, of_h: Any, to: Any) -> Any:
        weights = after((score(f @ of_f, (h @ of_h)[:, None]) @ to)[..., 0], axis)
        return (f * weights[..., None]).sum(axis=1), weights

    return attend


def added(keys: Any, query: Any) -> Any:
    return np.tanh(keys + query)


def with_context(context: Callable[..., Any]) -> Any:
    """Right weights, and something else done with them."""
    return lambda f, *others: (context(f, in_numpy(f, *others)[1]), in_numpy(f, *others)[1])


def unsafe(scores: Any, axis: int) -> Any:
    return np.exp(scores) / np.exp(scores).sum(axis=axis, keepdims=True)


WRONG_ATTENTION = [
    (with_scores(added, after=lambda scores, axis: scores), "still scores"),
    (with_scores(added, axis=(0, 1)), "of all photos together"),
    (with_scores(added, axis=0), "went over the photos"),
    (with_scores(added, after=lambda s, axis: 1 / (1 + np.exp(-s))), "must add up to 1"),
    (with_scores(lambda k, q: k + q), "without tanh"),
    (with_scores(lambda k, q: np.tanh(k)), "plays no part"),
    (with_scores(lambda k, q: np.tanh(k) + np.tanh(q)), "with a tanh of its own"),
    (with_scores(lambda k, q: np.tanh(k * q)), "a product"),
    (with_scores(lambda k, q: -np.tanh(k + q)), "are others than"),
    (with_scores(added, after=unsafe), "no number"),
    (with_context(lambda f, w: (f * w[..., None]).mean(axis=1)), "too small"),
    (with_context(lambda f, w: f.mean(axis=1)), "the plain mean"),
    (with_context(lambda f, w: f[range(len(f)), w.argmax(axis=1)]), "is the sum over all places"),
    (lambda *a: in_numpy(*a)[::-1], "the contexts should be numbers of the shape"),
    (lambda *a: in_numpy(*a)[0], "2 things"),
]


def test_both_forms_of_the_answer_pass() -> None:
    tf = import_tensorflow()
    for answer in (in_numpy, run("12", "attend", tf=tf)["attend"]):
        result = notebook_12.attend(answer)
        assert result.passed, result.message


@pytest.mark.parametrize(("answer", "named"), WRONG_ATTENTION)
def test_wrong_attention_is_named(answer: Any, named: str) -> None:
    result = notebook_12.attend(answer)
    assert not result.passed
    assert named in result.message


def signs(first: Any, second: Any) -> Any:
    """1, -1 or 0 for each pair of places, twice each, with the pairs of a place with itself."""
    a, b = np.asarray(first), np.asarray(second)
    return np.sign(a[:, None] - a) * np.sign(b[:, None] - b)


def ranks(values: Any) -> Any:
    return np.argsort(np.argsort(values))


WRONG_AGREEMENT = [
    (
        lambda a, b: float((signs(a, b) > 0).mean() * len(a) / (len(a) - 1)),
        "share of the others off it",
    ),
    (lambda a, b: float(signs(a, b).mean()), "no pair with itself"),
    (lambda a, b: float(np.triu(signs(a, b)).sum()), "counts once"),
    (lambda a, b: float(np.corrcoef(a, b)[0, 1]), "Pearson"),
    (lambda a, b: float(np.corrcoef(ranks(a), ranks(b))[0, 1]), "Spearman"),
    (lambda a, b: float(np.abs(np.corrcoef(a, b)[0, 1])), "the opposite order gives -1"),
    (lambda a, b: float(np.sign(np.corrcoef(a, b)[0, 1])), "for this example"),
]


def test_kendalls_own_passes() -> None:
    for tau in (lambda a, b: scipy_stats.kendalltau(a, b).statistic, notebook_12._kendall):
        result = notebook_12.agreement(tau)
        assert result.passed, result.message


@pytest.mark.parametrize(("answer", "named"), WRONG_AGREEMENT)
def test_wrong_agreement_is_named(answer: Any, named: str) -> None:
    result = notebook_12.agreement(answer)
    assert not result.passed
    assert named in result.message


def test_the_solution_is_kendalls_tau() -> None:
    random = np.random.default_rng(3)
    for size in (2, 5, 36):
        first, second = random.normal(size=(2, size))
        expected = scipy_stats.kendalltau(first, second).statistic
        assert solution("12", "agreement", np=np)(first, second) == pytest.approx(expected)


@pytest.mark.parametrize("name", EXERCISES)
def test_solutions_pass(name: str) -> None:
    result = getattr(notebook_12, name)(solution("12", name, np=np, tf=import_tensorflow()))
    assert result.passed, result.message


@pytest.mark.parametrize("name", EXERCISES)
def test_stubs_are_not_attempted(name: str) -> None:
    result = getattr(notebook_12, name)(stub("12", name))
    assert not result.attempted
