"""Beam search as the published Show and Tell implementation does it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate
from types import MappingProxyType
from typing import Any

import numpy as np

from showtell_lib.search.common import (
    LEAST_LOG_PROB,
    Hypothesis,
    StepModel,
    as_caption,
    bound,
    expansion,
    most_probable,
    score,
    start,
    step_all,
)
from showtell_lib.search.results import SearchResult
from showtell_lib.search.settings import LONGEST, BeamSettings
from showtell_lib.trace import Recorder, Status

# Of each open hypothesis: log-probabilities [open, vocabulary], next states [open, 2 * units].
Stepped = tuple[np.ndarray, np.ndarray]
NO_PENALTIES: Mapping[int, float] = MappingProxyType({})


def beam(
    model: StepModel,
    state: np.ndarray,
    *,
    beam_width: int = 3,
    length_penalty: float = 0.0,
    max_length: int = LONGEST,
    trace: bool = False,
) -> SearchResult:
    """Beam search (Vinyals et al. 2015, section 3.1), as the published implementation does it.

    At each step every open hypothesis is expanded by its `beam_width` most probable words.
    Hypotheses that end go to a pool of the best finished ones; the others compete for `beam_width`
    open places. Finished hypotheses take no open place. Ties go to the lower token ids.

    That implementation, im2txt, still differs in two ways. If hypotheses tie exactly, as 0.3 x
    0.4 and 0.4 x 0.3 do, its heap keeps the hypothesis that came first, even for the last place.
    And im2txt prints every caption without its last token, so that an unfinished caption loses a
    word; here an unfinished caption keeps all its words.

    Args:
        model: anything with `step` and `vocabulary`.
        state: an encoded photo, float32 [1, 2 * units].
        beam_width: open places, and places in the finished pool.
        length_penalty: a finished hypothesis is ranked by its log-probability divided by its
            number of tokens, `<S>` and `</S>` included, to this power.
        max_length: most tokens, `<S>` and `</S>` included.
        trace: whether to record the search.

    Returns:
        Ranked captions, best first; if none finished, the open ones, marked unfinished.

    Raises:
        SettingsError: a setting is outside what is allowed.
    """
    settings = BeamSettings(beam_width, length_penalty, max_length).checked(len(model.vocabulary))
    recorder = Recorder("beam", settings.as_dict(), enabled=trace)
    first = start(model, state)
    search = Beam(model, first, settings.beam_width, settings.length_penalty, recorder)
    search.run(settings.max_length)
    return search.result()


class Beam:
    """The open hypotheses and the pool of finished ones.

    Args:
        model: anything with `step` and `vocabulary`.
        first: the hypothesis to start from.
        width: places for open hypotheses, and for finished ones.
        length_penalty: see `beam`.
        recorder: gets every expansion.
        group: its number in diverse beam search.

    Attributes:
        open: the hypotheses that the next step expands, best first.
        finished: the best that have ended, best score first.
    """

    def __init__(
        self,
        model: StepModel,
        first: Hypothesis,
        width: int,
        length_penalty: float,
        recorder: Recorder,
        group: int = 0,
    ) -> None:
        self.model, self.width, self.length_penalty = model, width, length_penalty
        self.recorder, self.group = recorder, group
        self.open = [first]
        self.finished: list[Hypothesis] = []

    def run(self, max_length: int) -> None:
        """Expands hypotheses until none can improve the answer, or all have `max_length` tokens."""
        for _ in range(max_length - 1):
            self.advance()
            if not self.open or self.cannot_improve(max_length):
                break

    def advance(
        self, penalties: Mapping[int, float] = NO_PENALTIES, stepped: Stepped | None = None
    ) -> list[Hypothesis]:
        """Expands every open hypothesis and decides which may stay.

        Args:
            penalties: by token id, what to take off a log-probability when ranking (diverse beam
                search).
            stepped: what `step_all` gives for the open hypotheses, where it has been asked.

        Returns:
            The open hypotheses.
        """
        candidates = self.candidates(penalties, stepped)
        going_on = [h for h in candidates if not self.has_ended(h)]
        self.settle(candidates, going_on[: self.width], penalties)
        return self.open

    def candidates(
        self, penalties: Mapping[int, float] = NO_PENALTIES, stepped: Stepped | None = None
    ) -> list[Hypothesis]:
        """Every open hypothesis with each of its `width` most probable words, best first."""
        stepped = stepped or step_all(self.model, self.open)
        return sorted(self._expand(penalties, stepped), key=lambda h: _order(h, penalties))

    def settle(
        self,
        candidates: list[Hypothesis],
        kept: list[Hypothesis],
        penalties: Mapping[int, float] = NO_PENALTIES,
    ) -> None:
        """Keeps some candidates open; those that have ended compete for the pool.

        Args:
            candidates: all candidates of the step, best first.
            kept: the candidates that stay open, best first.
            penalties: as in `advance`.
        """
        ended = [h for h in candidates if self.has_ended(h)]
        self.open = kept
        pool = sorted([*self.finished, *ended], key=lambda h: (-self.score(h), h.token_ids))
        self.finished = pool[: self.width]
        if self.recorder.enabled:
            self._record(candidates, penalties)
            self._record_displaced(pool[self.width :])

    def _expand(self, penalties: Mapping[int, float], stepped: Stepped) -> list[Hypothesis]:
        log_probs, states = stepped
        return [
            parent.extended(token_id, float(row[token_id]), next_state, self.recorder.new_id())
            for parent, row, next_state in zip(self.open, log_probs, states, strict=True)
            for token_id in most_probable(_penalised(row, penalties), self.width)
            if row[token_id] >= LEAST_LOG_PROB
        ]

    def has_ended(self, hypothesis: Hypothesis) -> bool:
        """Whether its last token is `</S>`."""
        return hypothesis.token_ids[-1] == self.model.vocabulary.end_id

    def score(self, hypothesis: Hypothesis) -> float:
        """What a hypothesis is ranked by: only a finished one is normalised by its length."""
        if not self.has_ended(hypothesis):
            return hypothesis.log_prob
        return score(hypothesis.log_prob, len(hypothesis.token_ids), self.length_penalty)

    def cannot_improve(self, max_length: int) -> bool:
        """Whether no open hypothesis can still enter the finished pool, so that we may stop."""
        if len(self.finished) < self.width:
            return False
        best_open = max(hypothesis.log_prob for hypothesis in self.open)
        reachable = bound(best_open, max_length, self.length_penalty)
        return reachable < self.score(self.finished[-1])

    def ranked(self) -> list[Hypothesis]:
        """The finished hypotheses, or the open ones if none has finished; best first."""
        for hypothesis in self.open:
            self.recorder.change(hypothesis.hypothesis_id, status="unfinished")
        return self.finished or self.open

    def result(self) -> SearchResult:
        """The ranked captions, and the trace if one was recorded."""
        ranked = self.ranked()
        captions = [as_caption(h, self.model.vocabulary, self.score(h)) for h in ranked]
        return SearchResult(captions, self.recorder.trace([h.hypothesis_id for h in ranked]))

    def _record(self, candidates: list[Hypothesis], penalties: Mapping[int, float]) -> None:
        kept = {h.hypothesis_id for h in self.open}
        for rank, hypothesis in enumerate(candidates):
            fields: dict[str, Any] = {"rank": rank, "score": self.score(hypothesis)}
            status: Status = "kept"
            if self.has_ended(hypothesis):
                status = "finished"
            elif hypothesis.hypothesis_id not in kept:
                status = "pruned"
                last = self.open[-1]
                lost_by = _order(hypothesis, penalties)[0] - _order(last, penalties)[0]
                fields |= {"lost_to": last.hypothesis_id, "lost_by": lost_by}
            record = expansion(
                hypothesis, self.model.vocabulary, status, group=self.group, **fields
            )
            self.recorder.add(record)

    def _record_displaced(self, left_out: list[Hypothesis]) -> None:
        """Records that these hypotheses lost their place in the pool to its last member."""
        for hypothesis in left_out:
            last = self.finished[-1]
            self.recorder.change(
                hypothesis.hypothesis_id,
                status="pruned",
                lost_to=last.hypothesis_id,
                lost_by=self.score(last) - self.score(hypothesis),
            )


def step_beams(beams: Sequence[Beam]) -> Iterator[Stepped]:
    """What `step_all` gives for the open hypotheses of each beam, by one model step for all."""
    log_probs, states = step_all(beams[0].model, [h for beam in beams for h in beam.open])
    ends = list(accumulate(len(beam.open) for beam in beams))
    for first, end in zip([0, *ends], ends, strict=False):
        yield log_probs[first:end], states[first:end]


def _penalised(log_probs: np.ndarray, penalties: Mapping[int, float]) -> np.ndarray:
    if not penalties:
        return log_probs
    lowered = log_probs.copy()
    for token_id, penalty in penalties.items():
        lowered[token_id] -= penalty
    return lowered


def _order(hypothesis: Hypothesis, penalties: Mapping[int, float]) -> tuple[float, tuple[int, ...]]:
    penalty = penalties.get(hypothesis.token_ids[-1], 0.0)
    return penalty - hypothesis.log_prob, hypothesis.token_ids
