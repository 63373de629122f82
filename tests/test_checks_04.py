"""The exercise checks of notebook 04: solutions pass, mistakes are named."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from showtell_lib import search
from showtell_lib.checks import Result, notebook_04
from showtell_lib.checks.tiny_model import tiny_model
from tests.notebook_source import solution, stub

# The function that a learner writes, by the name of its check.
EXERCISES = {
    "greedy": "greedy_caption",
    "top_k": "top_k",
    "nucleus": "nucleus",
    "distinct": "distinct",
    "min_p": "min_p",
}


def check(exercise: str, attempt: Any) -> Result:
    found: Result = getattr(notebook_04, exercise)(attempt)
    return found


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_solution_passes(exercise: str) -> None:
    result = check(exercise, solution("04", EXERCISES[exercise], np=np))
    assert result.passed, result.message


@pytest.mark.parametrize("exercise", EXERCISES)
def test_the_stub_is_not_attempted_yet(exercise: str) -> None:
    result = check(exercise, stub("04", EXERCISES[exercise]))
    assert not result.attempted
    assert repr(result) == "not attempted yet"


def scaled(kept: Any) -> Any:
    with np.errstate(invalid="ignore"):
        return kept / kept.sum()


def keep(log_probs: Any, which: Any) -> Any:
    return np.where(which, np.exp(log_probs), 0)


def threshold_is_the_share(log_probs: Any, share: float) -> Any:
    return scaled(keep(log_probs, np.exp(log_probs) >= share))


def not_scaled(log_probs: Any, share: float) -> Any:
    return keep(log_probs, np.exp(log_probs) >= share * np.exp(log_probs.max()))


def above_only(log_probs: Any, share: float) -> Any:
    kept = keep(log_probs, np.exp(log_probs) > share * np.exp(log_probs.max()))
    return scaled(kept) if kept.any() else kept


def logarithms_compared(log_probs: Any, share: float) -> Any:
    return scaled(keep(log_probs, log_probs >= share * log_probs.max()))


def the_best_only(log_probs: Any, share: float) -> Any:
    return scaled(keep(log_probs, log_probs == log_probs.max()))


def only_the_kept(log_probs: Any, share: float) -> Any:
    found = not_scaled(log_probs, share)
    return scaled(found[found > 0])


def still_logarithms(log_probs: Any, share: float) -> Any:
    return np.where(log_probs >= log_probs.max() + np.log(max(share, 1e-9)), log_probs, -np.inf)


def equal_odds(log_probs: Any, share: float) -> Any:
    return scaled((not_scaled(log_probs, share) > 0).astype(float))


def never_cuts_much(log_probs: Any, share: float) -> Any:
    return scaled(not_scaled(log_probs, max(share, 0.15)))


WRONG_MIN_P = {
    "of the best word's probability*": threshold_is_the_share,
    "adds up to 0.90; divide by that sum": not_scaled,
    "Words *at* the threshold stay, too": above_only,
    "the share of a *logarithm* is something else": logarithms_compared,
    "you keep the best word only": the_best_only,
    "one probability per word": only_the_kept,
    "e to the power of them first": still_logarithms,
    "their odds have changed": equal_odds,
    "no word was cut at all": lambda log_probs, share: np.exp(log_probs),
    "with a share of 0 nothing is cut": never_cuts_much,
}


@pytest.mark.parametrize("message", WRONG_MIN_P)
def test_wrong_min_p(message: str) -> None:
    expect_message("min_p", WRONG_MIN_P[message], message)


def pairs_of(caption: str) -> list[tuple[str, str]]:
    return list(pairwise(caption.split()))


def share(items: list[Any]) -> float:
    return len(set(items)) / len(items) if items else 0.0


def all_pairs(captions: list[str]) -> list[Any]:
    return [pair for caption in captions for pair in pairs_of(caption)]


def unordered(captions: list[str]) -> float:
    return share([tuple(sorted(pair)) for pair in all_pairs(captions)])


def glued(captions: list[str]) -> float:
    return share([first + second for first, second in all_pairs(captions)])


def splits_in_place(captions: list[Any]) -> Any:
    """Right, though it turns the list it is given into something else."""
    for i in range(len(captions)):
        captions[i] = captions[i].split()
    pairs = [pair for words in captions for pair in pairwise(words)]
    return np.array([share(pairs)])


def test_a_solution_that_changes_its_captions_passes_every_time() -> None:
    for _ in range(2):
        result = check("distinct", splits_in_place)
        assert result.passed, result.message


WRONG_DISTINCT = {
    "the order of two words matters": unordered,
    "you glued the two words of a pair together": glued,
    "for ['": lambda captions: (
        0.5 if len(captions) == 4 and all_pairs(captions) else share(all_pairs(captions))
    ),
    "you counted single words": lambda captions: share(" ".join(captions).split()),
    "you joined the captions": lambda captions: share(pairs_of(" ".join(captions))),
    "for each caption by itself": lambda captions: np.mean([share(pairs_of(c)) for c in captions]),
    "or whole captions": share,
    "divide it by the number of all pairs": lambda captions: len(set(all_pairs(captions))),
    "8 of them different": lambda captions: 0.5,
    "three times the same caption": lambda captions: 8 / 9,
    "instead of dividing by 0": lambda captions: (
        len(set(all_pairs(captions))) / len(all_pairs(captions))
    ),
}


@pytest.mark.parametrize("message", WRONG_DISTINCT)
def test_wrong_distinct(message: str) -> None:
    expect_message("distinct", WRONG_DISTINCT[message], message)


def expect_message(exercise: str, attempt: Callable[..., Any], message: str) -> None:
    result = check(exercise, attempt)
    assert result.attempted
    assert not result.passed
    assert message in result.message


def greedy_with(
    *,
    start: bool = False,
    keep_state: bool = False,
    place: int = 0,
    past_end: bool = False,
    more: int = 0,
    part: slice = slice(None),
    form: Callable[[list[int]], Any] = list,
) -> Callable[..., Any]:
    """Greedy decoding with a fault of choice, written independently of the check's own."""

    def decode(model: Any, state: Any, max_length: int) -> Any:
        ids, end_id = [model.vocabulary.start_id], model.vocabulary.end_id
        for _ in range(max_length - 1 + more):
            if ids[-1] == end_id and not past_end:
                break
            row, after = model.step([ids[0] if start else ids[-1]], state)
            state = state if keep_state else after
            best_first = sorted(range(row.shape[1]), key=lambda word: -row[0, word])
            ids.append(best_first[place])
        return form(ids[part])

    return decode


def without_end(model: Any, state: Any, max_length: int) -> list[int]:
    ids: list[int] = greedy_with()(model, state, max_length)
    return [token_id for token_id in ids if token_id != model.vocabulary.end_id]


def drawn(random: Any) -> Callable[..., Any]:
    def draw(model: Any, state: Any, max_length: int) -> list[int]:
        ids = [model.vocabulary.start_id]
        while len(ids) < max_length and ids[-1] != model.vocabulary.end_id:
            row, state = model.step([ids[-1]], state)
            ids.append(int(random.choice(row.shape[1], p=np.exp(row[0]) / np.exp(row[0]).sum())))
        return ids

    return draw


def never_gives_up(model: Any, state: Any, max_length: int) -> list[int]:
    ids = [model.vocabulary.start_id]
    while ids[-1] != model.vocabulary.end_id:
        row, state = model.step([ids[-1]], state)
        ids.append(int(row[0].argmax()))
    return ids


def in_words(model: Any, state: Any, max_length: int) -> list[str]:
    return list(map(model.vocabulary.word, greedy_with()(model, state, max_length)))


WRONG_GREEDY: dict[str, Callable[..., Any]] = {
    "Hand on the state": greedy_with(keep_state=True),
    "`<S>` was fed at every step": greedy_with(start=True),
    "takes the *least* probable word": greedy_with(place=-1),
    "the second-best word": greedy_with(place=1),
    "it goes on after `</S>`": greedy_with(past_end=True),
    "one token too long": greedy_with(more=1),
    "one token too early": greedy_with(more=-1),
    "`<S>` is missing": greedy_with(part=slice(1, None)),
    "`</S>` is missing": without_end,
    "draws no lots": drawn(np.random.default_rng(1)),
    "it never stops where `</S>` does not come": never_gives_up,
    "each of the token ids should be one number, not '<S>'": in_words,
    "the most probable word at each step gives": lambda model, state, most: [0, 1],
}


@pytest.mark.parametrize("message", WRONG_GREEDY)
def test_wrong_greedy(message: str) -> None:
    expect_message("greedy", WRONG_GREEDY[message], message)


@pytest.mark.parametrize("form", [list, tuple, np.array, lambda ids: list(map(np.int64, ids))])
def test_right_greedy(form: Callable[..., Any]) -> None:
    result = check("greedy", greedy_with(form=form))
    assert result.passed, result.message


def test_the_greedy_checks_truth_is_the_librarys() -> None:
    ends = set()
    for seed, max_length in notebook_04.GREEDY_CASES:
        model = tiny_model(seed)
        best = search.greedy(model, model.start_state, max_length=max_length).best
        assert notebook_04.greedy_path(seed, max_length) == list(best.token_ids)
        ends.add(best.finished)
    assert ends == {True, False}


def top_k_array(probabilities: Any, k: int) -> Any:
    kept = np.zeros(len(probabilities))
    best = np.argsort(-probabilities)[:k]
    kept[best] = probabilities[best]
    return kept / kept.sum()


def top_k_by_hand(probabilities: Any, k: int) -> list[float]:
    best = sorted(range(len(probabilities)), key=lambda i: probabilities[i], reverse=True)[:k]
    total = sum(probabilities[i] for i in best)
    return [probabilities[i] / total if i in best else 0 for i in range(len(probabilities))]


def top_k_in_place(probabilities: Any, k: int) -> Any:
    probabilities[np.argsort(probabilities)[: len(probabilities) - k]] = 0
    probabilities /= probabilities.sum()
    return tuple(probabilities)


def nucleus_size(probabilities: Any, p: float, room: float = 1e-9) -> int:
    return int(np.searchsorted(np.cumsum(-np.sort(-probabilities)), p - room)) + 1


def nucleus_array(probabilities: Any, p: float) -> Any:
    return top_k_array(probabilities, nucleus_size(probabilities, p))


def nucleus_by_hand(probabilities: Any, p: float) -> list[float]:
    kept, total = [0.0] * len(probabilities), 0.0
    for i in sorted(range(len(kept)), key=lambda i: -probabilities[i]):
        if total < p - 1e-9:
            kept[i] = float(probabilities[i])
            total += kept[i]
    return [probability / total for probability in kept]


def nucleus_in_place(probabilities: Any, p: float) -> Any:
    return top_k_in_place(probabilities, nucleus_size(probabilities, p))


def min_p_in_place(log_probs: Any, share: float) -> Any:
    np.exp(log_probs, out=log_probs)
    log_probs[log_probs < share * log_probs.max()] = 0
    log_probs /= log_probs.sum()
    return log_probs


def min_p_by_hand(log_probs: Any, share: float) -> tuple[float, ...]:
    probabilities = [math.exp(log_prob) for log_prob in log_probs]
    kept = [p if p >= share * max(probabilities) else 0 for p in probabilities]
    return tuple(p / sum(kept) for p in kept)


@pytest.mark.parametrize(
    "attempt",
    [
        *(top_k_array, top_k_by_hand, top_k_in_place),
        *(nucleus_array, nucleus_by_hand, nucleus_in_place),
        *(min_p_in_place, min_p_by_hand),
    ],
)
def test_right_cuts(attempt: Callable[..., Any]) -> None:
    name = attempt.__name__
    exercise = next(cut for cut in ("top_k", "nucleus", "min_p") if name.startswith(cut))
    result = check(exercise, attempt)
    assert result.passed, result.message


def ranked(probabilities: Any, kept: Callable[[Any], Any]) -> Any:
    """A distribution over what a rule keeps of the words, the most probable first."""
    order = np.argsort(-probabilities, kind="stable")
    result = np.zeros(len(probabilities))
    result[order] = np.where(kept(np.arange(len(order))), probabilities[order], 0)
    return scaled(result)


def by_threshold(probabilities: Any, k: int) -> Any:
    return scaled(np.where(probabilities >= np.sort(probabilities)[-k], probabilities, 0))


WRONG_TOP_K: dict[str, Callable[..., Any]] = {
    "no word was cut at all": lambda given, k: given,
    "the *least* probable words": lambda given, k: top_k_array(1 - given, k) * given,
    "one word too many": lambda given, k: ranked(given, lambda place: place < k + 1),
    "one word too few": lambda given, k: ranked(given, lambda place: place < k - 1),
    "the first k words of the vocabulary": lambda given, k: scaled(
        np.where(np.arange(len(given)) < k, given, 0)
    ),
    "adds up to 0.80; divide by that sum": lambda given, k: np.where(
        top_k_array(given, k) > 0, given, 0
    ),
    "their odds have changed": lambda given, k: (top_k_array(given, k) > 0) / k,
    "changed places": lambda given, k: -np.sort(-top_k_array(given, k)),
    "of ten words that tie": by_threshold,
    "of the shape [5], not [2]": lambda given, k: given[np.argsort(-given)[:k]],
    "some are negative": lambda given, k: np.where(top_k_array(given, k) > 0, np.log(given), 0),
    "no word is left": lambda given, k: np.zeros(len(given)),
}
WRONG_NUCLEI: dict[str, Callable[..., Any]] = {
    "no word was cut at all": lambda given, p: given,
    "one word too few": lambda given, p: ranked(
        given, lambda place: place < nucleus_size(given, p) - 1
    ),
    "one word too many": lambda given, p: ranked(
        given, lambda place: place < nucleus_size(given, p) + 1
    ),
    "in the order of the vocabulary": lambda given, p: scaled(
        np.where(np.cumsum(given) - given < p, given, 0)
    ),
    "begin with the *least* probable word": lambda given, p: scaled(
        np.where(given <= np.sort(given)[(np.cumsum(np.sort(given)) < p).sum()], given, 0)
    ),
    "the *sum* of the most probable words": lambda given, p: np.where(given >= p, given, 0),
    "adds up to 0.80; divide by that sum": lambda given, p: np.where(
        nucleus_array(given, p) > 0, given, 0
    ),
    "changed places": lambda given, p: -np.sort(-nucleus_array(given, p)),
    "should keep eight, but you keep nine": lambda given, p: top_k_array(
        given, nucleus_size(given, p, room=0.0)
    ),
}


@pytest.mark.parametrize("message", WRONG_TOP_K)
def test_wrong_top_k(message: str) -> None:
    expect_message("top_k", WRONG_TOP_K[message], message)


@pytest.mark.parametrize("message", WRONG_NUCLEI)
def test_wrong_nuclei(message: str) -> None:
    expect_message("nucleus", WRONG_NUCLEI[message], message)
