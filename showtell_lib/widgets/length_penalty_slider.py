"""The length-penalty slider: which caption wins as long captions are punished less."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

from showtell_lib import plots
from showtell_lib.photos import PhotoSource
from showtell_lib.plots import Picture
from showtell_lib.trace import Caption
from showtell_lib.widgets import parts
from showtell_lib.widgets.latest import Latest
from showtell_lib.widgets.life import living
from showtell_lib.widgets.parts import Widget
from showtell_lib.widgets.subject import CaptionerLike, Subject, subject

STEP, LARGEST = 0.1, 2.0
PENALTIES = tuple(round(STEP * i, 1) for i in range(round(LARGEST / STEP) + 1))
BEAM_WIDTH = 5


@dataclass(frozen=True)
class Place:
    """A caption's place in a ranking.

    Attributes:
        rank: 1 is the winner.
        caption: the caption.
        tokens: its length as the penalty counts it, `<S>` and `</S>` included.
        rank_before: its place without a penalty; None where it had none.
    """

    rank: int
    caption: Caption
    tokens: int
    rank_before: int | None

    @property
    def move(self) -> str:
        """How it moved, for a table."""
        if self.rank_before is None:
            return "new"
        climbed = self.rank_before - self.rank
        return f"▲ {climbed}" if climbed > 0 else f"▼ {-climbed}" if climbed < 0 else "="


def places(captions: Sequence[Caption], without_penalty: Sequence[Caption]) -> list[Place]:
    """Each caption's place, and what it was without a penalty."""
    before = {caption.token_ids: rank for rank, caption in enumerate(without_penalty, start=1)}
    return [
        Place(rank, caption, len(caption.token_ids), before.get(caption.token_ids))
        for rank, caption in enumerate(captions, start=1)
    ]


def turning_points(penalties: Sequence[float], winners: Sequence[Caption]) -> list[float]:
    """The penalties at which another caption wins than at the one before."""
    texts = [winner.token_ids for winner in winners]
    later = zip(penalties[1:], texts, texts[1:], strict=False)
    return [penalty for penalty, before, after in later if before != after]


def ranking_table(penalty: float, found: Sequence[Place]) -> str:
    """A ranking as an HTML table, the winner in bold."""
    rows = []
    for place in found:
        text = place.caption.text
        shown = parts.bold(text) if place.rank == 1 else html.escape(text)
        numbers = [f"{place.caption.log_prob:.2f}", str(place.tokens), f"{place.caption.score:.3f}"]
        rows.append([str(place.rank), place.move, shown, *numbers])
    header = [">", "moved", "caption", ">log-probability", ">tokens", ">score"]
    return parts.table(f"Ranking with length penalty {penalty:.1f}", header, rows)


def length_penalty(
    captioner: CaptionerLike, photo: PhotoSource, *, beam_width: int = BEAM_WIDTH
) -> Widget:
    """Move the length penalty, and see the ranking and the winner move.

    Args:
        captioner: a `Captioner`.
        photo: a `Scene`, or anything `open_photo` takes.
        beam_width: how many captions compete.

    Returns:
        A widget.
    """
    return living(_LengthPenalty(subject(captioner, photo), beam_width).box)


class _LengthPenalty:
    """The widget; `box` shows it."""

    def __init__(self, of: Subject, beam_width: int) -> None:
        widgets = parts.import_ipywidgets()
        self.of, self.beam_width = of, beam_width
        self.slider = widgets.SelectionSlider(
            options=[(f"{penalty:.1f}", penalty) for penalty in PENALTIES],
            description="Length penalty",
            continuous_update=False,
            style={"description_width": "initial"},
        )
        view = parts.PictureView("200px", "The photo in words")
        view.show_image(of.photo.thumbnail(200), of.alt)
        self.winner, self.table = widgets.HTML(), widgets.HTML()
        newest = Latest(self._show, self.winner, self.table)
        self.box = parts.row(view.box, parts.column(self.slider, newest.box))
        self.slider.observe(lambda _: newest.ask(), "value")
        self._show()

    def _show(self) -> None:
        penalty = self.slider.value
        plain = self.of.beam(self.beam_width, 0.0).captions
        captions = self.of.beam(self.beam_width, penalty).captions
        same = captions[0].token_ids == plain[0].token_ids
        remark = "as without a penalty" if same else f"not “{html.escape(plain[0].text)}” any more"
        self.winner.value = parts.paragraph(
            f"The winner: {parts.bold(captions[0].text)}, {remark}."
        )
        self.table.value = ranking_table(penalty, places(captions, plain))


def length_penalty_picture(
    captioner: CaptionerLike, photo: PhotoSource, *, beam_width: int = BEAM_WIDTH
) -> Picture:
    """The winners for every position of the slider.

    Args:
        captioner: a `Captioner`.
        photo: a `Scene`, or anything `open_photo` takes.
        beam_width: how many captions compete.
    """
    of = subject(captioner, photo)
    winners = [of.beam(beam_width, penalty).best for penalty in PENALTIES]
    return plots.length_penalty_sweep(PENALTIES, winners)
