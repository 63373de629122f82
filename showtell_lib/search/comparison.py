"""Compares searches: where two of them part, how often each finds the optimum, what each costs.

Exact search is the oracle. A *search error*: the search missed the caption that the model finds
most probable. A *model error*: that caption is not a good one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from showtell_lib.search.beam_search import beam
from showtell_lib.search.common import StepModel
from showtell_lib.search.exact_search import exact
from showtell_lib.search.results import ExactResult, SearchResult
from showtell_lib.search.settings import BUDGET, LONGEST
from showtell_lib.trace import Caption
from showtell_lib.vocabulary import Vocabulary

Result = TypeVar("Result", SearchResult, ExactResult)


@dataclass(frozen=True)
class Future:
    """What became of a caption from a certain word on.

    Attributes:
        word: that word.
        probability: the probability of the word, given the words before it.
        after: the probability of all that follows the word, given the caption up to the word.
        caption: the whole caption.
    """

    word: str
    probability: float
    after: float
    caption: Caption

    @property
    def together(self) -> float:
        """The probability of the word and all that follows it."""
        return self.probability * self.after


@dataclass(frozen=True)
class WrongTurn:
    """The first step at which one caption leaves another's path.

    Attributes:
        step: 1 for the first word after `<S>`.
        shared: the words that both have before it.
        taken: the future of the caption that left.
        missed: the future of the other.
    """

    step: int
    shared: tuple[str, ...]
    taken: Future
    missed: Future

    @property
    def cost(self) -> float:
        """How many times more probable the missed caption is than the one taken."""
        return math.exp(self.missed.caption.log_prob - self.taken.caption.log_prob)


def first_wrong_turn(taken: Caption, missed: Caption) -> WrongTurn | None:
    """Where a caption first leaves the path of another, and both futures from there.

    None where neither leaves the other: they are the same, or one is the other's beginning.
    """
    pairs = enumerate(zip(taken.token_ids[1:], missed.token_ids[1:], strict=False))
    at = next((i for i, (left, right) in pairs if left != right), None)
    if at is None:
        return None
    shared = tuple(word for word, _ in taken.words[:at])
    return WrongTurn(at + 1, shared, _future(taken, at), _future(missed, at))


def _future(caption: Caption, at: int) -> Future:
    word, log_prob = caption.words[at]
    rest = sum(log_prob for _, log_prob in caption.words[at + 1 :])
    return Future(word, math.exp(log_prob), math.exp(rest), caption)


class CountingModel:
    """A model that counts how often it is asked.

    Attributes:
        calls: how many times `step` was called.
        hypotheses: how many hypotheses it was given in all these calls.
    """

    def __init__(self, model: StepModel) -> None:
        self._model = model
        self.calls = self.hypotheses = 0

    @property
    def vocabulary(self) -> Vocabulary:
        """The model's words."""
        return self._model.vocabulary

    def step(
        self, token_ids: Sequence[int] | np.ndarray, state: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """What the model answers."""
        self.calls += 1
        self.hypotheses += len(token_ids)
        return self._model.step(token_ids, state)


@dataclass(frozen=True)
class Outcome:
    """What one search found for one photo, and what it cost.

    Attributes:
        caption: its best caption.
        calls: how often it called the model.
        hypotheses: how many hypotheses it gave the model to extend.
    """

    caption: Caption
    calls: int
    hypotheses: int


@dataclass(frozen=True)
class Errors:
    """Which errors lie behind a caption that a search found; both can.

    Attributes:
        search: the model has a more probable caption.
        model: the model's most probable caption is not a good one.
    """

    search: bool
    model: bool


@dataclass(frozen=True)
class Comparison:
    """Beam searches of several widths against exact search, for one photo.

    Attributes:
        outcomes: by beam width; width 1 is greedy decoding.
        exact: of exact search.
        proved: whether exact search proved that its caption is the optimum.
    """

    outcomes: Mapping[int, Outcome]
    exact: Outcome
    proved: bool

    def finds_optimum(self, beam_width: int) -> bool:
        """Whether a search found the very caption that is proved to be the most probable."""
        found = self.outcomes[beam_width].caption
        return self.proved and found.token_ids == self.exact.caption.token_ids

    def shortfall(self, beam_width: int) -> float:
        """How far a search's log-probability is below the optimum's; 0 if it found the optimum."""
        found = self.outcomes[beam_width].caption
        if found.token_ids == self.exact.caption.token_ids:
            return 0.0
        return self.exact.caption.log_prob - found.log_prob

    def errors(self, beam_width: int, is_good: Callable[[Caption], bool]) -> Errors:
        """Which errors there are, given what makes a good caption of this photo."""
        missed = not self.finds_optimum(beam_width)
        return Errors(search=missed, model=not is_good(self.exact.caption))


def compare(
    model: StepModel,
    states: np.ndarray,
    *,
    beam_widths: Sequence[int] = (1, 3, 10),
    max_length: int = LONGEST,
    budget: int = BUDGET,
) -> list[Comparison]:
    """Runs beam searches and exact search on many photos.

    Args:
        model: anything with `step` and `vocabulary`.
        states: N encoded photos, float32 [N, 2 * units].
        beam_widths: which to run; width 1 is greedy decoding.
        max_length: most tokens, `<S>` and `</S>` included.
        budget: of exact search, in prefixes for each photo.

    Raises:
        SettingsError: a setting is outside what is allowed, or leaves no room for any caption.
    """
    return [_compare_one(model, s[np.newaxis], beam_widths, max_length, budget) for s in states]


def _compare_one(
    model: StepModel, state: np.ndarray, widths: Sequence[int], max_length: int, budget: int
) -> Comparison:
    def search(width: int) -> Callable[[StepModel], SearchResult]:
        return lambda asked: beam(asked, state, beam_width=width, max_length=max_length)

    outcomes = {width: _run(model, search(width))[0] for width in widths}
    oracle, found = _run(model, lambda m: exact(m, state, max_length=max_length, budget=budget))
    return Comparison(outcomes, oracle, found.proved)


def _run(model: StepModel, search: Callable[[StepModel], Result]) -> tuple[Outcome, Result]:
    """A search's outcome, and all that it returned."""
    counting = CountingModel(model)
    found = search(counting)
    return Outcome(found.best, counting.calls, counting.hypotheses), found
