"""Be the beam over HTTP: the client decides which hypotheses stay open.

Nothing is kept between two requests: each brings the photo and all that was decided so far.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from showtell_lib.errors import SettingsError
from showtell_lib.search.beam_by_hand import Turn, first_turn, rivals
from showtell_lib.search.common import Hypothesis, StepModel
from showtell_lib.search.settings import LONGEST
from showtell_lib.widgets.beam_choices import Standing, on_table, standings, summary

WIDEST_BY_HAND = 5
LONGEST_HYPOTHESIS = 2_000
# Prefixes that exact search may expand for the comparison; seldom needed, so that it ends in time.
BUDGET = 5_000


class HandSettings(BaseModel):
    """What was decided so far; it stands in the request's address."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    beam_width: int = Field(
        default=2, ge=1, le=WIDEST_BY_HAND, description="Hypotheses to keep at each step."
    )
    keep: list[Annotated[str, Field(max_length=LONGEST_HYPOTHESIS)]] = Field(
        default=[],
        max_length=WIDEST_BY_HAND * LONGEST,
        description="All hypotheses kept so far, as their words: those of one word were kept at "
        "step 1, those of two words at step 2.",
    )
    finish: bool = Field(default=False, description="Whether beam search decides from here on.")


class HypothesisAnswer(BaseModel):
    """A hypothesis."""

    words: str = Field(description="All its words, the end token included.")
    log_prob: float = Field(description="Sum of their log-probabilities.")


class ChoiceAnswer(BaseModel):
    """What was kept at a step."""

    step: int
    kept: list[HypothesisAnswer]
    beam: list[HypothesisAnswer] = Field(description="What beam search keeps of the same table.")


class StandingAnswer(BaseModel):
    """What one search found."""

    who: str
    text: str | None = Field(description="Its caption; null if it finished none.")
    log_prob: float | None
    fate: str = Field(description="What became of the optimum in it.")

    @classmethod
    def of(cls, standing: Standing) -> StandingAnswer:
        """A standing of the library as the API gives it."""
        found = standing.caption
        text, log_prob = (found.text, found.log_prob) if found else (None, None)
        return cls(who=standing.who, text=text, log_prob=log_prob, fate=standing.fate)


class TurnAnswer(BaseModel):
    """How it stands before the next choice, or at the end."""

    step: int = Field(description="Which step the next choice is of.")
    places: int = Field(description="How many hypotheses are to be kept.")
    table: list[HypothesisAnswer] = Field(
        description="Those to choose from, in alphabetical order; none at the end."
    )
    finished: list[HypothesisAnswer] = Field(description="Those that have ended by themselves.")
    choices: list[ChoiceAnswer] = Field(description="What was kept so far.")
    verdict: str | None = Field(description="At the end, how it went.")
    standings: list[StandingAnswer] = Field(
        description="At the end: you, beam search, the optimum."
    )


def turn_answer(model: StepModel, state: np.ndarray, wanted: HandSettings) -> TurnAnswer:
    """Replays what was decided, and says what is to be decided next.

    Args:
        model: anything with `step` and `vocabulary`.
        state: an encoded photo, float32 [1, 2 * units].
        wanted: the width, and what was decided.

    Raises:
        SettingsError: what was decided cannot be: it is not on the table, or too little or much.
    """
    first = first_turn(model, state, beam_width=wanted.beam_width)
    turn = _replayed(first, wanted.keep)
    if wanted.finish:
        turn = turn.play_on()
    against = rivals(first, budget=BUDGET) if turn.over else None
    return TurnAnswer(
        step=turn.step,
        places=turn.places,
        table=_told(turn, on_table(turn)),
        finished=_told(turn, [*turn.beam.finished, *turn.ended]),
        choices=[_choice(*pair) for pair in pairwise(turn.turns())],
        verdict=summary(turn, against) if against else None,
        standings=[StandingAnswer.of(s) for s in standings(turn, against)] if against else [],
    )


def _replayed(turn: Turn, keep: list[str]) -> Turn:
    by_step: dict[int, list[str]] = {}
    for words in keep:
        by_step.setdefault(len(words.split()), []).append(words)
    for step in sorted(by_step):
        if step != turn.step:
            raise SettingsError(f"keep: nothing was kept at step {turn.step}, but at step {step}")
        turn = turn.keep_words(by_step[step])
    return turn


def _choice(turn: Turn, after: Turn) -> ChoiceAnswer:
    kept, beam = _told(turn, after.beam.open), _told(turn, turn.beam_choice)
    return ChoiceAnswer(step=turn.step, kept=kept, beam=beam)


def _told(turn: Turn, hypotheses: list[Hypothesis]) -> list[HypothesisAnswer]:
    return [HypothesisAnswer(words=turn.words_of(h), log_prob=h.log_prob) for h in hypotheses]
