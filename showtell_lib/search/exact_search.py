"""Exact search: the most probable captions of all, with a proof."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import Any

import numpy as np

from showtell_lib.search.beam_search import Beam
from showtell_lib.search.common import (
    Hypothesis,
    StepModel,
    answer,
    as_caption,
    check_max_length,
    check_whole,
    expansion,
    start,
    step_all,
)
from showtell_lib.trace import Caption, Recorder

PREFIXES_PER_STEP = 32
INCUMBENT_WIDTH = 3


@dataclass(frozen=True)
class ExactAnswer:
    """What exact search found.

    Attributes:
        captions: the most probable finished captions, best first; fewer than asked for if there
            are no more, or if the budget ran out.
        proved: whether no caption can be more probable than these, beyond doubt.
        expansions: how many prefixes were expanded.
    """

    captions: list[Caption]
    proved: bool
    expansions: int


def exact(
    model: StepModel,
    state: np.ndarray,
    *,
    captions: int = 1,
    budget: int = 50_000,
    max_length: int = 20,
    trace: bool = False,
) -> Any:
    """The N most probable finished captions, by best-first search.

    A log-probability only falls as words are added. So once the most probable thing on the list
    is a finished caption, nothing on the list can ever become more probable: it is the best there
    is. Ties go to the lower token ids.

    Args:
        model: anything with `step` and `vocabulary`.
        state: an encoded photo, float32 [1, 2 * units].
        captions: N.
        budget: most prefixes to expand before giving up on the proof.
        max_length: most tokens, `<S>` and `</S>` included.
        trace: whether to record the search: the prefixes it expanded and the captions it found.

    Returns:
        An `ExactAnswer`. With `trace` a pair of it and the `SearchTrace`.

    Raises:
        SettingsError: a setting is outside what is allowed.
    """
    check_whole("captions", captions, 1)
    check_whole("budget", budget, 1)
    check_max_length(max_length)
    settings = {"captions": captions, "budget": budget, "max_length": max_length}
    recorder = Recorder("exact", settings, off=not trace)
    search = _BestFirst(model, captions, max_length, recorder)
    search.run(start(model, state), budget)
    best = search.finished[:captions]
    found = ExactAnswer(
        [as_caption(h, model.vocabulary) for h in best], search.proved, search.expansions
    )
    return answer(found, recorder, best)


class _BestFirst:
    """The frontier of open prefixes, most probable first, and the finished captions so far."""

    def __init__(
        self, model: StepModel, captions: int, max_length: int, recorder: Recorder
    ) -> None:
        self.model, self.captions, self.max_length = model, captions, max_length
        self.recorder = recorder
        self.frontier: list[tuple[float, tuple[int, ...], Hypothesis]] = []
        self.finished: list[Hypothesis] = []
        self.floor = -np.inf
        self.expansions = 0
        self.proved = False

    def run(self, first: Hypothesis, budget: int) -> None:
        self.floor = self._incumbent(first)
        self._push(first)
        while not self._is_proved() and self.expansions < budget:
            count = min(PREFIXES_PER_STEP, budget - self.expansions, len(self.frontier))
            prefixes = [heapq.heappop(self.frontier)[2] for _ in range(count)]
            self._expand([prefix for prefix in prefixes if prefix.log_prob >= self.floor])
        self.proved = self._is_proved()

    def _incumbent(self, first: Hypothesis) -> float:
        """A log-probability that the answer reaches: beam search finds something as good."""
        width = min(max(self.captions, INCUMBENT_WIDTH), len(self.model.vocabulary))
        quick = Beam(self.model, first, width, 0.0, Recorder("beam", {}, off=True))
        for _ in range(self.max_length - 1):
            quick.advance()
            if not quick.open:
                break
        if len(quick.finished) < self.captions:
            return -np.inf
        # Batches of another size may round differently; the margin keeps the answer inside.
        return quick.finished[self.captions - 1].log_prob - 1e-3

    def _is_proved(self) -> bool:
        if not self.frontier:
            return True
        enough = len(self.finished) >= self.captions
        return enough and self.frontier[0][:2] > self.finished[self.captions - 1].order

    def _push(self, prefix: Hypothesis) -> None:
        heapq.heappush(self.frontier, (*prefix.order, prefix))

    def _expand(self, prefixes: list[Hypothesis]) -> None:
        if not prefixes:
            return
        self.expansions += len(prefixes)
        log_probs, states = step_all(self.model, prefixes)
        for prefix, row, next_state in zip(prefixes, log_probs, states, strict=True):
            if prefix.log_probs:
                self.recorder.add(expansion(prefix, self.model.vocabulary, "kept"))
            self._grow(prefix, row, next_state)
        self.finished.sort(key=lambda hypothesis: hypothesis.order)
        if len(self.finished) >= self.captions:
            self.floor = max(self.floor, self.finished[self.captions - 1].log_prob)

    def _grow(self, prefix: Hypothesis, row: np.ndarray, next_state: np.ndarray) -> None:
        """Adds every child that could still be part of the answer."""
        end_id = self.model.vocabulary.end_id
        hopeful = np.flatnonzero(prefix.log_prob + row.astype(np.float64) >= self.floor)
        full = len(prefix.token_ids) + 1 == self.max_length
        for token_id in map(int, hopeful):
            if full and token_id != end_id:
                continue
            child = prefix.extended(
                token_id, float(row[token_id]), next_state, self.recorder.new_id()
            )
            if token_id == end_id:
                self.finished.append(child)
                self.recorder.add(expansion(child, self.model.vocabulary, "finished"))
            else:
                self._push(child)
