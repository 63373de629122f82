"""Checks for the exercises of notebook 09, train your own."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np

from showtell_lib.checks.answers import number, parts, wholes
from showtell_lib.checks.result import Attempt, Result, Solution, call, expect, run_check

PADDING = -1
SHARE = 0.2


def masked_loss(attempt: Attempt) -> Result:
    """Checks the loss of a batch of captions of different lengths.

    Args:
        attempt: takes log-probabilities [N, length, vocabulary] and the true next tokens
            [N, length], padded with -1; returns the mean negative log-probability per real token.
    """
    praise = "Every real token counts once, and padding does not count."
    return run_check(attempt, _check_loss, praise)


def _check_loss(solution: Solution) -> None:
    log_probs, tokens = _batch()
    real = tokens != PADDING
    taken = np.take_along_axis(log_probs, tokens[..., np.newaxis] % 7, axis=2)[..., 0]
    kept = np.where(real, taken, 0.0)
    answer = number(call(solution, log_probs, tokens))

    def isnt(wrong: float, message: str) -> None:
        expect(abs(answer - wrong) > 1e-6, message)

    right = -kept.sum() / real.sum()
    isnt(-right, "a log-probability is below 0; the loss is the *negative* of it.")
    isnt(
        -taken.mean(),
        "the padding counts. Python takes -1 as the last place, so it asked how probable the last "
        "word of the vocabulary was where there is no word at all.",
    )
    isnt(
        -kept.mean(),
        "the padding adds nothing to the sum, but still counts in the number you divide by: a "
        "batch with one long caption would look better than it is.",
    )
    isnt(
        float(np.mean(-kept.sum(axis=1) / real.sum(axis=1))),
        "that is the mean of the captions' means: a word of a short caption counts for more than "
        "one of a long caption. Divide the sum of all by the number of all real tokens.",
    )
    isnt(-kept.sum(), "that is the sum. Divide by the number of real tokens.")
    expect(abs(answer - right) < 1e-6, f"for this batch it is {right:.4f}, not {answer:.4f}.")


def _batch() -> tuple[np.ndarray, np.ndarray]:
    """Three captions of 5, 3 and 2 tokens over seven words."""
    scores = np.random.default_rng(9).normal(size=(3, 5, 7))
    log_probs = scores - np.log(np.exp(scores).sum(axis=2, keepdims=True))
    tokens = np.array([[2, 3, 4, 5, 1], [2, 4, 1, -1, -1], [3, 1, -1, -1, -1]])
    return log_probs, tokens


def perplexity(attempt: Attempt) -> Result:
    """Checks the perplexity over several batches.

    Args:
        attempt: takes the mean loss per token of each batch, and how many tokens each had;
            returns the perplexity over all tokens.
    """
    praise = "First the mean over all tokens, then the power of e."
    return run_check(attempt, _check_perplexity, praise)


def _check_perplexity(solution: Solution) -> None:
    losses, counts = np.array([0.5, 3.0]), np.array([90, 10])
    answer = number(call(solution, losses, counts))
    right = float(np.exp(np.average(losses, weights=counts)))

    def isnt(wrong: float, message: str) -> None:
        expect(abs(answer - wrong) > 1e-6, message)

    unweighted = "a small batch counts as much as a large one; weigh each loss by its tokens."
    isnt(float(np.exp(losses.mean())), unweighted)
    isnt(float(np.exp(losses).mean()), unweighted)
    isnt(
        float(np.average(np.exp(losses), weights=counts)),
        "that is a mean of perplexities, in which one bad batch outweighs many good ones. Take the "
        "mean of the losses first, then e to the power of it.",
    )
    isnt(
        float(2 ** np.average(losses, weights=counts)),
        "the losses are natural logarithms, so the base is e, not 2.",
    )
    isnt(float(np.log(right)), "that is the mean loss; perplexity is e to the power of it.")
    expect(abs(answer - right) < 1e-6, f"for this example it is {right:.4f}, not {answer:.4f}.")


def split_by_combination(attempt: Attempt) -> Result:
    """Checks a split that holds out whole combinations.

    Args:
        attempt: takes a list with one combination per picture, such as `("cat", "red", "beach")`,
            and which share of the different combinations to hold out; returns two lists of
            indices, of the pictures to train on and of those held out.
    """
    praise = "No combination is on both sides, and every word is seen in training."
    return run_check(attempt, _check_split, praise)


def _check_split(solution: Solution) -> None:
    pictures = _pictures(salt=1)
    train, held_out = _sides(solution, pictures)
    expect(
        sorted(train + held_out) == list(range(len(pictures))),
        "every picture must be on one of the two sides, and on one only; return indices.",
    )
    seen, unseen = ({pictures[i] for i in part} for part in (train, held_out))
    expect(bool(held_out), "nothing is held out.")
    if seen & unseen:
        kind, colour, place = min(seen & unseen)
        expect(
            False,
            f"a {colour} {kind} at the {place} is on both sides: the split goes by picture. The "
            "model would be asked about what it has seen. Draw lots among the combinations.",
        )
    _check_words(seen, unseen)
    count = round(SHARE * len(set(pictures)))
    expect(
        abs(len(unseen) - count) <= 1,
        f"of {len(set(pictures))} different combinations, {count} should be held out, not "
        f"{len(unseen)}.",
    )
    expect(
        _sides(solution, pictures) == (train, held_out),
        "a second call gives another split: what was held out before is then trained on. Give the "
        "random generator a seed.",
    )
    expect(
        _sides(solution, _pictures(salt=2)) == (train, held_out),
        "tomorrow it gives another split. A set has another order in every run of Python, so the "
        "same lots fall on other combinations: sort them before you draw.",
    )


def _sides(
    solution: Solution, pictures: Sequence[tuple[str, str, str]]
) -> tuple[list[int], list[int]]:
    """The indices on both sides, in order."""
    names = ["the indices to train on", "those held out"]
    found = parts(call(solution, list(pictures), SHARE), names)
    train, held_out = (wholes(part, name) for part, name in zip(found, names, strict=True))
    return sorted(train), sorted(held_out)


class _Word(str):
    """A word whose place in a set depends on a salt, as it does on the run of Python."""

    salt = 0

    def __hash__(self) -> int:
        return hash((self.salt, str(self)))


def _salted(word: str, salt: int) -> str:
    salted = _Word(word)
    salted.salt = salt
    return salted


def _check_words(seen: set[tuple[str, str, str]], unseen: set[tuple[str, str, str]]) -> None:
    known = {word for combination in seen for word in combination}
    missing = sorted({word for combination in unseen for word in combination} - known)
    expect(
        not missing,
        f"no picture to train on has {', '.join(repr(word) for word in missing)}: nobody could "
        "learn that word. Hold out combinations from everywhere, not the first or last ones.",
    )


def _pictures(salt: int) -> Sequence[tuple[str, str, str]]:
    """500 pictures of 100 combinations, some combinations much more often than others.

    Args:
        salt: of the words; those of another salt stand in another order in a set.
    """
    kinds, colours = ("cat", "dog", "bird", "car", "boat"), ("red", "blue", "black", "white")
    everything = list(product(kinds, colours, ("beach", "street", "field", "lake", "pool")))
    random = np.random.default_rng(5)
    shares = random.dirichlet(np.ones(len(everything)))
    drawn = [*range(len(everything)), *random.choice(len(everything), 400, p=shares)]
    kind_colour_place = [everything[i] for i in drawn]
    return [
        (_salted(kind, salt), _salted(colour, salt), _salted(place, salt))
        for kind, colour, place in kind_colour_place
    ]
