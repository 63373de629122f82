"""Exact search: the most probable captions of all, with a proof."""

from __future__ import annotations

import heapq
from dataclasses import replace

import numpy as np

from showtell_lib.search.beam_search import Beam
from showtell_lib.search.common import (
    LEAST_LOG_PROB,
    Hypothesis,
    Number,
    StepModel,
    as_caption,
    bound,
    expansion,
    score,
    start,
    step_all,
)
from showtell_lib.search.results import ExactResult
from showtell_lib.search.settings import (
    BUDGET,
    LONGEST,
    check_length_penalty,
    check_max_length,
    check_whole,
)
from showtell_lib.trace import ROOT, Recorder

PREFIXES_PER_STEP = 32
QUICK_WIDTH = 3


def exact(
    model: StepModel,
    state: np.ndarray,
    *,
    captions: int = 1,
    length_penalty: float = 0.0,
    budget: int = BUDGET,
    max_length: int = LONGEST,
    trace: bool = False,
) -> ExactResult:
    """The N best finished captions of all, by best-first search.

    A log-probability only falls as words are added. So once the most probable prefix that is
    still open is less probable than a finished caption, nothing can ever become more probable:
    that caption is the best there is. With a length penalty, the best score that a prefix can
    still reach is its own log-probability, normalised by the greatest length. As in beam search,
    words of probability below 1e-12 are dropped and ties go to the lower token ids.

    Args:
        model: anything with `step` and `vocabulary`.
        state: an encoded photo, float32 [1, 2 * units].
        captions: N.
        length_penalty: as in `beam`; above 0 the bound is so loose that a proof seldom fits the
            budget.
        budget: most prefixes to expand before giving up on the proof. Without a proof, the answer
            is still no worse than that of a quick beam search.
        max_length: most tokens, `<S>` and `</S>` included.
        trace: whether to record the search: the prefixes it expanded and the captions it found.

    Raises:
        SettingsError: a setting is outside what is allowed.
    """
    captions = check_whole("captions", captions, 1)
    budget = check_whole("budget", budget, 1)
    max_length = check_max_length(max_length)
    length_penalty = check_length_penalty(length_penalty, max_length)
    settings = {
        "captions": captions,
        "length_penalty": length_penalty,
        "budget": budget,
        "max_length": max_length,
    }
    recorder = Recorder("exact", settings, enabled=trace)
    search = _BestFirst(model, captions, length_penalty, max_length, recorder)
    search.run(start(model, state), budget)
    best = [as_caption(h, model.vocabulary, search.score(h)) for h in search.finished]
    recorded = recorder.trace([h.hypothesis_id for h in search.finished])
    return ExactResult(best, recorded, search.proved, search.expansions)


class _BestFirst:
    """The frontier of open prefixes, most probable first, and the best finished captions so far.

    Attributes:
        frontier: a heap of open prefixes.
        finished: the best finished captions, best score first, as many as asked for.
        floor: a score that every caption of the answer reaches.
        cutoff: a log-probability; the budget ends before any prefix below it would be expanded.
    """

    def __init__(
        self,
        model: StepModel,
        captions: int,
        length_penalty: float,
        max_length: int,
        recorder: Recorder,
    ) -> None:
        self.model, self.captions, self.recorder = model, captions, recorder
        self.length_penalty, self.max_length = length_penalty, max_length
        self.frontier: list[tuple[float, tuple[int, ...], Hypothesis]] = []
        self.finished: list[Hypothesis] = []
        self.floor = self.cutoff = -np.inf
        self.budget = self.expansions = 0
        self.proved = False

    def score(self, hypothesis: Hypothesis) -> float:
        """The score of a finished caption."""
        return score(hypothesis.log_prob, len(hypothesis.token_ids), self.length_penalty)

    def bound(self, log_prob: Number) -> Number:
        """The best score that prefixes of these log-probabilities can reach."""
        return bound(log_prob, self.max_length, self.length_penalty)

    def run(self, first: Hypothesis, budget: int) -> None:
        """Expands prefixes until the answer is proved or the budget is spent."""
        self.budget = budget
        quick = self._quick_search(first)
        if len(quick.finished) >= self.captions:
            # Batches of another size may round differently; the margin keeps the answer inside.
            self.floor = self.score(quick.finished[self.captions - 1]) - 1e-3
        heapq.heappush(self.frontier, (*first.order, first))
        while not self._is_proved() and self.expansions < budget:
            count = min(PREFIXES_PER_STEP, budget - self.expansions, len(self.frontier))
            prefixes = [heapq.heappop(self.frontier)[2] for _ in range(count)]
            self._expand([p for p in prefixes if self.bound(p.log_prob) >= self.floor])
        self.proved = self._is_proved()
        if not self.proved:
            self._adopt(quick)

    def _quick_search(self, first: Hypothesis) -> Beam:
        """A beam search, whose captions show early which prefixes are not worth expanding."""
        width = min(max(self.captions, QUICK_WIDTH), len(self.model.vocabulary))
        recorder = Recorder("beam", {}, enabled=self.recorder.enabled)
        quick = Beam(self.model, first, width, self.length_penalty, recorder)
        quick.run(self.max_length)
        return quick

    def _is_proved(self) -> bool:
        if not self.frontier:
            return True
        if len(self.finished) < self.captions:
            return False
        negative_log_prob, token_ids, _ = self.frontier[0]
        return (self.bound(negative_log_prob), token_ids) > self._order(self.finished[-1])

    def _order(self, finished: Hypothesis) -> tuple[float, tuple[int, ...]]:
        return -self.score(finished), finished.token_ids

    def _expand(self, prefixes: list[Hypothesis]) -> None:
        if not prefixes:
            return
        self.expansions += len(prefixes)
        log_probs, states = step_all(self.model, prefixes)
        for prefix, row, next_state in zip(prefixes, log_probs, states, strict=True):
            if prefix.log_probs:
                self.recorder.add(expansion(prefix, self.model.vocabulary, "kept"))
            self._grow(prefix, row, next_state)
            self._forget_the_hopeless()

    def _grow(self, prefix: Hypothesis, row: np.ndarray, next_state: np.ndarray) -> None:
        """Adds every child that could still be part of the answer."""
        reached = prefix.log_prob + row.astype(np.float64)
        hopeful = (row >= LEAST_LOG_PROB) & (self.bound(reached) >= self.floor)
        end_id = self.model.vocabulary.end_id
        if hopeful[end_id]:
            child = prefix.extended(end_id, float(row[end_id]), next_state, self.recorder.new_id())
            self._finish(child)
        if len(prefix.token_ids) + 2 > self.max_length:
            return
        hopeful[end_id] = False
        for token_id in map(int, np.flatnonzero(hopeful & (reached >= self.cutoff))):
            log_prob = float(row[token_id])
            child = prefix.extended(token_id, log_prob, next_state, self.recorder.new_id())
            heapq.heappush(self.frontier, (*child.order, child))

    def _finish(self, caption: Hypothesis) -> None:
        """Adds a finished caption; drops the worst if there are now more than were asked for."""
        score = self.score(caption)
        self.recorder.add(expansion(caption, self.model.vocabulary, "finished", score=score))
        self.finished = sorted([*self.finished, caption], key=self._order)
        if len(self.finished) > self.captions:
            loser, last = self.finished.pop(), self.finished[-1]
            lost_by = self.score(last) - self.score(loser)
            fate = {"status": "pruned", "lost_to": last.hypothesis_id, "lost_by": lost_by}
            self.recorder.change(loser.hypothesis_id, **fate)
        if len(self.finished) == self.captions:
            self.floor = max(self.floor, self.score(self.finished[-1]))

    def _forget_the_hopeless(self) -> None:
        """Bounds the memory: keeps only as many prefixes as the budget can still expand.

        One more prefix stays: if forgetting emptied the frontier, that would count as a proof.
        """
        enough = self.budget - self.expansions + 1
        if len(self.frontier) > 2 * enough:
            self.frontier = heapq.nsmallest(enough, self.frontier)
            self.cutoff = self.frontier[-1][2].log_prob

    def _adopt(self, quick: Beam) -> None:
        """Takes over captions that the quick beam search found and this search did not (yet)."""
        for caption in quick.finished:
            if caption.token_ids not in {found.token_ids for found in self.finished}:
                self._finish(self._rerecorded(caption, quick.recorder))

    def _rerecorded(self, caption: Hypothesis, recorder: Recorder) -> Hypothesis:
        """A caption of another search, its steps copied to this trace under new ids."""
        trace = recorder.trace(())
        if trace is None:
            return caption
        parent_id = ROOT
        for step in trace.path(caption.hypothesis_id)[:-1]:
            copy = replace(step, hypothesis_id=self.recorder.new_id(), parent_id=parent_id)
            self.recorder.add(replace(copy, status="kept", lost_to=None, lost_by=None))
            parent_id = copy.hypothesis_id
        new_id = self.recorder.new_id()
        return replace(caption, hypothesis_id=new_id, parent_id=parent_id)
