"""Checks for the exercises of notebook 12, look again."""

from __future__ import annotations

import numpy as np

from showtell_lib.attention import attend as right_attention
from showtell_lib.checks.answers import array_of, number, parts
from showtell_lib.checks.result import Attempt, Result, Solution, call, expect, run_check

NEARLY = 1e-4


def attend(attempt: Attempt) -> Result:
    """Checks additive attention.

    Args:
        attempt: takes features [N, places, features], hidden states [N, units] and three
            matrices [features, size], [units, size] and [size, 1]; returns the contexts
            [N, features] and the weights [N, places].
    """
    praise = "The weights add up to 1, and the context is the mean of the places by them."
    return run_check(attempt, _check_attend, praise)


def _check_attend(solution: Solution) -> None:
    features, hidden, *matrices = _case()
    names = ["the contexts", "the weights"]
    found = parts(call(solution, features, hidden, *matrices), names)
    context = array_of(found[0], (3, 4), "the contexts")
    weights = array_of(found[1], (3, 5), "the weights")
    expect(
        bool((weights >= 0).all()),
        "some weights are below 0: these are still scores. A softmax makes weights of them.",
    )
    expect(
        not np.allclose(weights.sum(), 1, atol=NEARLY),
        "the weights of all photos together add up to 1: the softmax went over everything. Each "
        "photo has one look of its own; take the softmax over its places, `axis=1`.",
    )
    expect(
        not np.allclose(weights.sum(axis=0), 1, atol=NEARLY),
        "for each place, the weights of all photos add up to 1: the softmax went over the photos. "
        "Take it over the places, `axis=1`.",
    )
    expect(
        bool(np.allclose(weights.sum(axis=1), 1, atol=NEARLY)),
        "the weights of a photo must add up to 1: take the softmax of its scores over the places.",
    )
    _check_weights(weights, features, hidden, *matrices)
    _check_context(context, weights, features)
    _check_large(solution, features, hidden, *matrices)


def _check_weights(
    weights: np.ndarray,
    features: np.ndarray,
    hidden: np.ndarray,
    from_features: np.ndarray,
    from_hidden: np.ndarray,
    to_score: np.ndarray,
) -> None:
    keys, query = features @ from_features, (hidden @ from_hidden)[:, np.newaxis]

    def isnt(wrong: np.ndarray, message: str) -> None:
        expect(not np.allclose(weights, _softmax((wrong @ to_score)[..., 0]), atol=NEARLY), message)

    isnt(keys + query, "without tanh the hidden state adds the same to every score, and a softmax "
         "does not notice: the model would look at the same place for every word.")  # fmt: skip
    isnt(np.tanh(keys), "the hidden state plays no part: left out, or with a tanh of its own, it "
         "adds the same to every score. Add the two first, then take tanh.")  # fmt: skip
    isnt(np.tanh(keys * query), "that is a product: here the two are added.")
    right = right_attention(features, hidden, from_features, from_hidden, to_score)[1]
    expect(
        bool(np.allclose(weights, right, atol=NEARLY)),
        "the weights are others than the softmax of tanh(features @ from_features + "
        "hidden @ from_hidden) @ to_score.",
    )


def _check_context(context: np.ndarray, weights: np.ndarray, features: np.ndarray) -> None:
    right = (features * weights[..., np.newaxis]).sum(axis=1)
    expect(
        not np.allclose(context, right / features.shape[1], atol=NEARLY),
        "the context is the *sum* of the weighted places: the weights add up to 1 already, so "
        "dividing by the number of places makes it too small.",
    )
    expect(
        not np.allclose(context, features.mean(axis=1), atol=NEARLY),
        "that is the plain mean of all places, what Show and Tell gets. Weigh them.",
    )
    expect(
        bool(np.allclose(context, right, atol=NEARLY)),
        "the weights are right; the context is the sum over all places of weight times features.",
    )


def _check_large(
    solution: Solution, features: np.ndarray, hidden: np.ndarray, *matrices: np.ndarray
) -> None:
    """Scores in the hundreds, for which e to the power of them is no number any more."""
    *others, to_score = matrices
    with np.errstate(all="ignore"):
        answer = call(solution, features, hidden, *others, 400 * to_score)
    found = parts(answer, ["the contexts", "the weights"])
    expect(
        bool(np.isfinite(array_of(found[1], (3, 5), "the weights")).all()),
        "scores of some hundreds give no number: take the largest score off all of them before "
        "the exponential, or use a softmax that does.",
    )


def _case() -> tuple[np.ndarray, ...]:
    """Three photos with five places of four features; six units; seven to compare in."""
    random = np.random.default_rng(12)
    shapes = ((3, 5, 4), (3, 6), (4, 7), (6, 7), (7, 1))
    return tuple(random.normal(size=shape).astype(np.float32) for shape in shapes)


def _softmax(scores: np.ndarray) -> np.ndarray:
    shares = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def agreement(attempt: Attempt) -> Result:
    """Checks Kendall's rank correlation of two lists without ties.

    Args:
        attempt: takes two lists of numbers of the same length; returns the share of all pairs of
            places that both put in the same order, less the share of the others.
    """
    praise = "1 is the same order, -1 the opposite one, and 0 is what chance gives."
    return run_check(attempt, _check_agreement, praise)


def _check_agreement(solution: Solution) -> None:
    first, second = np.array([0.5, 0.2, 0.1, 0.15, 0.05]), np.array([2.0, 0.3, 1.0, 0.1, -0.2])
    same = number(call(solution, first, first), "the agreement of a list with itself")
    expect(
        abs(same - 1) < NEARLY,
        f"a list agrees with itself in every pair, so it is 1, not {same:.4g}. A place makes no "
        "pair with itself, and each pair counts once in the sum and once in what you divide by.",
    )
    opposite = number(call(solution, first, -first), "the agreement with the opposite order")
    expect(
        abs(opposite) > NEARLY,
        "the opposite order gives 0: that is the share of the pairs in the same order. Take the "
        "share of the others off it, so that chance gives 0.",
    )
    expect(abs(opposite + 1) < NEARLY, f"the opposite order gives -1, not {opposite:.4g}.")
    answer = number(call(solution, first, second))
    expect(
        abs(answer - np.corrcoef(first, second)[0, 1]) > NEARLY,
        "that is Pearson's correlation, in which one large number can decide alone. Only the order "
        "counts here.",
    )
    ranks = [np.argsort(np.argsort(values)).astype(float) for values in (first, second)]
    expect(
        abs(answer - np.corrcoef(ranks[0], ranks[1])[0, 1]) > NEARLY,
        "that is Spearman's correlation, of the ranks. Kendall's, asked for here, counts pairs.",
    )
    right = _kendall(first, second)
    expect(abs(answer - right) < NEARLY, f"for this example it is {right:.4g}, not {answer:.4g}.")


def _kendall(first: np.ndarray, second: np.ndarray) -> float:
    """The mean over all pairs of places of 1 if both put them in the same order, else -1."""
    one, other = np.triu_indices(len(first), k=1)
    signs = np.sign(first[one] - first[other]) * np.sign(second[one] - second[other])
    return float(signs.mean())
