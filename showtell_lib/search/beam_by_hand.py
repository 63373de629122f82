"""Beam search by hand: someone else decides which hypotheses stay open."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from showtell_lib.errors import SettingsError
from showtell_lib.search.beam_search import Beam
from showtell_lib.search.common import Hypothesis, StepModel, as_caption, start
from showtell_lib.search.exact_search import exact
from showtell_lib.search.results import ExactResult
from showtell_lib.search.settings import BUDGET, LONGEST, BeamSettings
from showtell_lib.trace import Caption, Recorder

Tokens = tuple[int, ...]


@dataclass(frozen=True, eq=False)
class Turn:
    """A beam search before a choice. `keep` returns the next turn and leaves this one as it is.

    The rules are those of beam search: each open hypothesis is expanded by its most probable words,
    as many as the beam is wide; hypotheses that end go to the pool of the best finished ones. The
    only difference is who decides which of the others stay open.

    Attributes:
        beam: the open hypotheses and the pool.
        max_length: most tokens, `<S>` and `</S>` included.
        previous: the turn before; None at the start.
    """

    beam: Beam
    max_length: int = LONGEST
    previous: Turn | None = None

    @property
    def step(self) -> int:
        """The step that the choice belongs to; 1 for the first word."""
        return 1 if self.previous is None else self.previous.step + 1

    @cached_property
    def over(self) -> bool:
        """Whether nothing is left to decide: no open hypothesis can still enter the pool."""
        if not self.beam.open or self.step >= self.max_length:
            return True
        return self.previous is not None and self.beam.cannot_improve(self.max_length)

    @cached_property
    def table(self) -> list[Hypothesis]:
        """All candidates, most probable first; none once it is over."""
        return [] if self.over else self.beam.candidates()

    @property
    def ended(self) -> list[Hypothesis]:
        """The candidates that end with `</S>`: they compete for the pool by themselves."""
        return [h for h in self.table if self.beam.has_ended(h)]

    @property
    def going_on(self) -> list[Hypothesis]:
        """The candidates to choose from, most probable first."""
        return [h for h in self.table if not self.beam.has_ended(h)]

    @property
    def places(self) -> int:
        """How many hypotheses are to be kept."""
        return min(self.beam.width, len(self.going_on))

    @property
    def beam_choice(self) -> list[Hypothesis]:
        """What beam search would keep of this table."""
        return self.going_on[: self.places]

    def words_of(self, hypothesis: Hypothesis) -> str:
        """All words of a hypothesis, `</S>` included."""
        return words_of(self.beam.model, hypothesis.token_ids)

    def keep(self, kept: Iterable[Hypothesis]) -> Turn:
        """The turn after these hypotheses were kept.

        Raises:
            SettingsError: there are too few or too many, or one is not on the table.
        """
        tokens = {hypothesis.token_ids for hypothesis in kept}
        chosen = [h for h in self.going_on if h.token_ids in tokens]
        if len(chosen) < len(tokens):
            raise SettingsError(f"step {self.step}: only what lies on the table can be kept")
        if self.over or len(chosen) != self.places:
            raise SettingsError(
                f"step {self.step}: keep {self.places} of the hypotheses, not {len(chosen)}"
            )
        after = copy.copy(self.beam)
        after.settle(self.table, chosen)
        return Turn(after, self.max_length, self)

    def keep_words(self, texts: Iterable[str]) -> Turn:
        """The turn after the hypotheses with these words were kept: `["a dog", "the cat"]`.

        Raises:
            SettingsError: there are too few or too many, or one is not on the table.
        """
        on_table = {self.words_of(h): h for h in self.going_on}
        wanted = [" ".join(text.split()) for text in texts]
        for text in wanted:
            if text not in on_table:
                raise SettingsError(
                    f"step {self.step}: {text!r} is not on the table; "
                    f"there are {', '.join(map(repr, sorted(on_table)))}"
                )
        return self.keep(on_table[text] for text in wanted)

    def play_on(self) -> Turn:
        """The last turn if beam search decides from here on."""
        turn = self
        while not turn.over:
            turn = turn.keep(turn.beam_choice)
        return turn

    def turns(self) -> list[Turn]:
        """All turns from the first to this one."""
        before = [] if self.previous is None else self.previous.turns()
        return [*before, self]

    @property
    def best(self) -> Caption | None:
        """The best finished caption so far; None where there is none."""
        finished = self.beam.finished
        return as_caption(finished[0], self.beam.model.vocabulary) if finished else None


def first_turn(
    model: StepModel, state: np.ndarray, *, beam_width: int = 2, max_length: int = LONGEST
) -> Turn:
    """The turn before the first choice.

    Args:
        model: anything with `step` and `vocabulary`.
        state: an encoded photo, float32 [1, 2 * units].
        beam_width: how many are kept at each step.
        max_length: most tokens, `<S>` and `</S>` included.

    Raises:
        SettingsError: a setting is outside what is allowed.
    """
    settings = BeamSettings(beam_width, 0.0, max_length).checked(len(model.vocabulary))
    recorder = Recorder("beam", {}, enabled=False)
    beam = Beam(model, start(model, state), settings.beam_width, 0.0, recorder)
    return Turn(beam, settings.max_length)


def words_of(model: StepModel, tokens: Tokens) -> str:
    """All words of a hypothesis as text, `</S>` included, `<S>` not."""
    return " ".join(model.vocabulary.word(token) for token in tokens[1:])


def by_last_word(turn: Turn) -> list[Hypothesis]:
    """The hypotheses to keep if only the newest word counts, not the sums."""
    return sorted(turn.going_on, key=lambda h: (-h.log_probs[-1], h.token_ids))[: turn.places]


@dataclass(frozen=True)
class Loss:
    """Where a search by hand lost a caption.

    Attributes:
        step: the step at which it was lost.
        words: the beginning of the caption that was lost.
        log_prob: the log-probability of that beginning.
        gap: by how much that beginning was above the least probable hypothesis that was kept
            instead; negative if it was below. None if it was not on the table, since its last word
            was not among the most probable ones.
    """

    step: int
    words: str
    log_prob: float
    gap: float | None

    def __str__(self) -> str:
        if self.gap is None:
            return (
                f"lost at step {self.step}: “{self.words}” was not on the table, since its last "
                "word was not among the most probable ones"
            )
        side = "above" if self.gap >= 0 else "below"
        return (
            f"lost at step {self.step}: “{self.words}” was dropped, "
            f"{abs(self.gap):.2f} {side} the last one kept"
        )


def loss(last: Turn, caption: Caption) -> Loss | None:
    """Where a caption was lost; None if it was not lost.

    Args:
        last: the last turn of a search by hand.
        caption: the caption to look for: that of beam search, or the optimum.
    """
    for before, after in pairwise(last.turns()):
        tokens = caption.token_ids[: before.step + 1]
        survived = {h.token_ids for h in (*after.beam.open, *before.ended)}
        if tokens not in survived:
            return _loss(before, after, tokens, caption)
        if tokens == caption.token_ids:
            return None
    return None


def _loss(before: Turn, after: Turn, tokens: Tokens, caption: Caption) -> Loss:
    log_prob = sum(log_prob for _, log_prob in caption.words[: before.step])
    on_table = {h.token_ids for h in before.table}
    least = min((h.log_prob for h in after.beam.open), default=-np.inf)
    gap = log_prob - least if tokens in on_table else None
    return Loss(before.step, words_of(before.beam.model, tokens), log_prob, gap)


@dataclass(frozen=True, eq=False)
class Rivals:
    """What a search by hand is compared with: same photo, same width, no length penalty.

    Attributes:
        beam: the last turn of beam search's own run.
        exact: the most probable caption of all, with whether that is proved.
    """

    beam: Turn
    exact: ExactResult

    @property
    def optimum(self) -> Caption | None:
        """The most probable caption of all, as far as exact search found one."""
        return self.exact.captions[0] if self.exact.captions else None


def rivals(first: Turn, *, budget: int = BUDGET) -> Rivals:
    """What beam search and exact search find from the same start.

    Args:
        first: the turn before the first choice.
        budget: of exact search: most prefixes to expand.
    """
    beam = first.beam
    state = beam.open[0].state
    found = exact(beam.model, state, max_length=first.max_length, budget=budget)
    return Rivals(first.play_on(), found)


def decided(first: Turn, choices: Sequence[Sequence[str]] | None) -> Turn:
    """The last turn of a search whose choices are given.

    Args:
        first: the turn before the first choice.
        choices: for each step, the hypotheses to keep, in words; beam search decides the steps
            after those. None keeps the hypotheses whose newest word is the most probable.

    Raises:
        SettingsError: a choice is not on the table, or keeps too few or too many.
    """
    turn = first
    if choices is None:
        while not turn.over:
            turn = turn.keep(by_last_word(turn))
        return turn
    for texts in choices:
        turn = turn.keep_words(texts)
    return turn.play_on()
