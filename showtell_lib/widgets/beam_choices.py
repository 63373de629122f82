"""What "be the beam" shows, in words: the table, what was kept, and who lost what where."""

from __future__ import annotations

import html
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from showtell_lib.errors import SettingsError
from showtell_lib.photos import PhotoSource
from showtell_lib.plots.wording import rounded
from showtell_lib.search.beam_by_hand import Rivals, Turn, first_turn, loss
from showtell_lib.search.common import Hypothesis, StepModel
from showtell_lib.trace import Caption
from showtell_lib.widgets import parts
from showtell_lib.widgets.subject import Subject, subject


def begun(
    model: StepModel, photo: PhotoSource | None, beam_width: int
) -> tuple[Turn, Subject | None]:
    """The turn before the first choice, and the photo if there is one.

    Raises:
        SettingsError: neither a photo nor a model that knows its own beginning is given.
    """
    if photo is not None:
        # Any: with a photo the model is a captioner, which the photo's opening makes use of.
        captioner: Any = model
        of = subject(captioner, photo)
        return first_turn(model, of.state, beam_width=beam_width), of
    state: np.ndarray | None = getattr(model, "start_state", None)
    if state is None:
        raise SettingsError("be_the_beam needs a photo: be_the_beam(captioner, photo)")
    return first_turn(model, state, beam_width=beam_width), None


def on_table(turn: Turn) -> list[Hypothesis]:
    """The candidates in alphabetical order, so that the order does not give the choice away."""
    return sorted(turn.going_on, key=turn.words_of)


def kept_by(turn: Turn, after: Turn) -> list[str]:
    """A table row: the step, what was kept, and what beam search would keep of the same table."""
    yours, beams = after.beam.open, turn.beam_choice
    return [str(turn.step), _kept(turn, yours, beams), _kept(turn, beams, yours)]


def _kept(turn: Turn, kept: list[Hypothesis], other: list[Hypothesis]) -> str:
    """HTML of hypotheses; those that the other side did not keep are marked."""
    both, lines = {h.token_ids for h in other}, []
    for hypothesis in kept:
        text = html.escape(turn.words_of(hypothesis))
        marked = text if hypothesis.token_ids in both else f"<mark>{text}</mark>"
        lines.append(f"{hypothesis.log_prob:.2f}&ensp;{marked}")
    return "<br>".join(lines) or "nothing"


@dataclass(frozen=True)
class Standing:
    """What one search found.

    Attributes:
        who: its name.
        caption: what it found; None where nothing finished.
        fate: what it lost of the optimum, where and by how much, in words.
    """

    who: str
    caption: Caption | None
    fate: str = ""

    def __str__(self) -> str:
        if self.caption is None:
            found = "nothing finished"
        else:
            found = f"“{self.caption.text}” {rounded(self.caption.log_prob)}"
        return f"{self.who}: {found}{self.fate and '; '}{self.fate}."


def standings(turn: Turn, against: Rivals) -> list[Standing]:
    """Who found what, and what was lost where: you, beam search, and the optimum.

    Args:
        turn: your last turn.
        against: beam search and exact search of the same beginning.
    """
    optimum = against.optimum
    name = "The optimum" if against.exact.proved else "The best that exact search found"
    return [
        Standing("You", turn.best, _fate(turn, optimum)),
        Standing("Beam search", against.beam.best, _fate(against.beam, optimum)),
        Standing(name, optimum),
    ]


def _fate(last: Turn, optimum: Caption | None) -> str:
    """What a search lost of the optimum, where and by how much."""
    found = last.best
    if optimum is None or (found and found.token_ids == optimum.token_ids):
        return "found the optimum"
    lost = loss(last, optimum)
    below = f"{optimum.log_prob - found.log_prob:.2f} below the optimum" if found else ""
    return "; ".join(filter(None, (below, str(lost) if lost else "")))


def summary(turn: Turn, against: Rivals) -> str:
    """How you did, in a sentence."""
    yours, theirs = turn.best, against.beam.best
    if yours is None:
        return "None of your hypotheses was finished."
    if theirs is None or yours.token_ids == theirs.token_ids:
        return "You found what beam search finds." if theirs else "Beam search finished nothing."
    gap = yours.log_prob - theirs.log_prob
    if gap > 0:
        return f"You beat beam search by {gap:.2f}."
    lost = loss(turn, theirs)
    where = f" Its caption was {lost}." if lost else ""
    return f"Beam search beats you by {-gap:.2f}.{where}"


def task(turn: Turn, against: Rivals) -> str:
    """What is to be done now; at the end, how it went. HTML."""
    if not turn.over:
        told = f"<b>Step {turn.step}.</b> Keep {turn.places} of these {len(turn.going_on)}"
        return parts.paragraph(f"{told}. The number is the sum of the log-probabilities.")
    rows = [
        [
            html.escape(standing.who),
            parts.bold(standing.caption.text if standing.caption else "nothing finished"),
            f"{standing.caption.log_prob:.2f}" if standing.caption else "",
            html.escape(standing.fate),
        ]
        for standing in standings(turn, against)
    ]
    end = "The end: nothing that is still open can become one of the best."
    header = ["", "caption", ">log-probability", "what became of the optimum"]
    told = f"{end} <b>{html.escape(summary(turn, against))}</b>"
    return parts.paragraph(told) + parts.table("You, beam search and the optimum", header, rows)


def pool(turn: Turn) -> str:
    """The pool of finished hypotheses, and what is about to join it. HTML."""
    held = [("in the pool", h) for h in turn.beam.finished]
    held += [("ends at this step", h) for h in turn.ended]
    if not held:
        return parts.paragraph("No hypothesis is finished yet.")
    told = (f"{h.log_prob:.2f} {parts.bold(turn.words_of(h))} ({where})" for where, h in held)
    return parts.paragraph(f"Finished by themselves: {'; '.join(told)}.")


def history(turn: Turn, beside: bool) -> str:
    """What was kept at each step so far, as an HTML table.

    Args:
        turn: the last one.
        beside: whether to show what beam search would have kept of the same tables.
    """
    rows = [kept_by(*pair) for pair in pairwise(turn.turns())]
    if not rows:
        return ""
    columns = 3 if beside else 2
    header = ["step", "you kept", "of this table beam search would keep"][:columns]
    return parts.table("Your choices so far", header, [row[:columns] for row in rows])
