"""Be the beam: you decide which hypotheses stay open, and see what beam search would have done."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import matplotlib
from matplotlib.axes import Axes

from showtell_lib.photos import PhotoSource
from showtell_lib.plots import Picture, style
from showtell_lib.plots.wording import rounded
from showtell_lib.search.beam_by_hand import Rivals, Turn, decided, rivals
from showtell_lib.search.common import Hypothesis, StepModel
from showtell_lib.widgets import parts
from showtell_lib.widgets.beam_choices import (
    begun,
    history,
    on_table,
    pool,
    standings,
    task,
)
from showtell_lib.widgets.life import living
from showtell_lib.widgets.parts import Widget
from showtell_lib.widgets.subject import Subject

BEAM_WIDTH = 2
BUTTON = {"width": "auto", "margin": "2px 0"}
MARKS: dict[str, Any] = {
    "you kept it": {"marker": "s", "color": parts.YOURS, "markersize": 12},
    "beam search would keep it": {
        "marker": "o",
        "color": style.BLUE,
        "markersize": 19,
        "markerfacecolor": "none",
        "markeredgewidth": 1.8,
    },
    "on the way to the optimum": {
        "marker": "*",
        "color": style.GREEN,
        "markersize": 11,
        "markeredgecolor": "white",
    },
}
FINISHED: Any = {"marker": "|", "color": style.INK, "markersize": 10, "markeredgewidth": 2}
# Inches, words and letters.
ROW_HEIGHT, MOST_WORDS, LINE = 0.24, 6, 120


def be_the_beam(
    model: StepModel, photo: PhotoSource | None = None, *, beam_width: int = BEAM_WIDTH
) -> Widget:
    """Be the beam: at each step, choose which hypotheses stay open.

    Args:
        model: a `Captioner`, or a `search.TableModel`.
        photo: for a captioner: a `Scene`, or anything `open_photo` takes.
        beam_width: how many you keep at each step.

    Returns:
        A widget. At the end it shows beam search's caption and the most probable one of all beside
        yours, and where each was lost.

    Raises:
        SettingsError: a setting is outside what is allowed, or a captioner has no photo.
        PhotoError: the photo cannot be opened.
    """
    return living(_BeTheBeam(*begun(model, photo, beam_width)).box)


class _BeTheBeam:
    """The widget; all that it knows of the search is the turn."""

    def __init__(self, first: Turn, of: Subject | None) -> None:
        widgets = parts.import_ipywidgets()
        self.turn, self.rivals = first, rivals(first)
        width = first.beam.width
        self.boxes = [
            widgets.Checkbox(indent=False, layout=widgets.Layout(width="auto", margin="0"))
            for _ in range(width * width)
        ]
        self.keep = parts.button("Keep", self._keep, BUTTON, style="primary")
        self.undo = parts.button("Undo", lambda: self._go(self.turn.previous or self.turn), BUTTON)
        self.again = parts.button("Start again", lambda: self._go(self.turn.turns()[0]), BUTTON)
        self.rest = parts.button(
            "Let beam search finish", lambda: self._go(self.turn.play_on()), BUTTON
        )
        self.peek = widgets.Checkbox(
            description="After each step, show what beam search would keep", indent=False
        )
        self.peek.layout.width = "auto"
        self.task, self.pool, self.history = (widgets.HTML() for _ in range(3))
        for box in self.boxes:
            box.observe(lambda _: self._count(), "value")
        self.peek.observe(lambda _: self._tell(), "value")
        self._lay_out(of)
        self._show()

    def _lay_out(self, of: Subject | None) -> None:
        buttons = parts.row(self.keep, self.undo, self.again, self.rest)
        table = parts.column(self.task, *self.boxes, buttons, self.pool, self.peek, self.history)
        if of is None:
            self.box = table
            return
        view = parts.PictureView("200px", "The photo in words")
        view.show_image(of.photo.thumbnail(200), of.alt)
        table.layout.width = "calc(100% - 220px)"
        table.layout.min_width = "320px"
        self.box = parts.row(view.box, table)

    def _ticked(self) -> list[Hypothesis]:
        pairs = zip(self.boxes, on_table(self.turn), strict=False)
        return [hypothesis for box, hypothesis in pairs if box.value]

    def _keep(self) -> None:
        if not self.turn.over and len(self._ticked()) == self.turn.places:
            self._go(self.turn.keep(self._ticked()))

    def _go(self, turn: Turn) -> None:
        self.turn = turn
        self._show()

    def _count(self) -> None:
        ready = len(self._ticked()) == self.turn.places
        self.keep.disabled = self.turn.over or not ready

    def _show(self) -> None:
        candidates = on_table(self.turn)
        for place, box in enumerate(self.boxes):
            box.value = False
            box.layout.display = None if place < len(candidates) else "none"
            if place < len(candidates):
                words = self.turn.words_of(candidates[place])
                box.description = f"{candidates[place].log_prob:.2f}   {words}"
        self.undo.disabled = self.again.disabled = self.turn.previous is None
        self.rest.disabled = self.turn.over
        self._count()
        self._tell()

    def _tell(self) -> None:
        self.task.value = task(self.turn, self.rivals)
        self.pool.value = pool(self.turn)
        self.history.value = history(self.turn, self.turn.over or self.peek.value)


def be_the_beam_picture(
    model: StepModel,
    photo: PhotoSource | None = None,
    choices: Sequence[Sequence[str]] | None = None,
    *,
    beam_width: int = BEAM_WIDTH,
) -> Picture:
    """A search by hand whose choices are given: what was kept, and what was lost where.

    Args:
        model: a `Captioner`, or a `search.TableModel`.
        photo: for a captioner: a `Scene`, or anything `open_photo` takes.
        choices: for each step the hypotheses that are kept, as `["a dog", "the cat"]`; beam search
            decides the steps that are left. None keeps, at each step, those whose newest word is
            the most probable, whatever their sums.
        beam_width: how many are kept at each step.

    Raises:
        SettingsError: a choice is not on the table, or keeps too few or too many.
        PhotoError: the photo cannot be opened.
    """
    first, of = begun(model, photo, beam_width)
    last, against = decided(first, choices), rivals(first)
    how = "by the newest word alone" if choices is None else "by hand"
    title = f"Beam search of width {beam_width}, decided {how}"
    dots = _dots(last, against)
    results = [str(standing) for standing in standings(last, against)]
    with matplotlib.rc_context(style.SETTINGS):
        figure = style.new_figure(1.6 + ROW_HEIGHT * (len(dots) + last.step))
        if of is None:
            axes = figure.subplots()
        else:
            left, axes = figure.subplots(1, 2, width_ratios=(1, 4))
            left.imshow(of.photo.thumbnail(320))
            left.set_axis_off()
            left.set_anchor("N")
        _draw_dots(axes, dots)
        figure.suptitle(title, x=0.01, ha="left", fontweight="bold")
        lines = [textwrap.fill(line, LINE, subsequent_indent="    ") for line in results]
        figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=9.5)
    scene = f"{of.alt} " if of else ""
    return Picture(figure, f"{scene}{title}. {_kept_in_words(last)} {' '.join(results)}")


@dataclass(frozen=True)
class _Dot:
    """A hypothesis in the figure: at which step, its words and sum, and who is for it."""

    step: int
    words: str
    log_prob: float
    marks: tuple[str, ...]


def _dots(last: Turn, against: Rivals) -> list[_Dot]:
    """By step, in alphabetical order, the candidates that someone is for."""
    optimum = against.optimum.token_ids if against.optimum else ()
    dots = []
    for turn, after in pairwise(last.turns()):
        for hypothesis in sorted(turn.table, key=turn.words_of):
            tokens = hypothesis.token_ids
            told = (
                tokens in {h.token_ids for h in after.beam.open},
                tokens in {h.token_ids for h in turn.beam_choice},
                tokens == optimum[: len(tokens)],
            )
            marks = tuple(name for name, true in zip(MARKS, told, strict=True) if true)
            if marks or turn.beam.has_ended(hypothesis):
                words = turn.words_of(hypothesis)
                dots.append(_Dot(turn.step, words, hypothesis.log_prob, marks))
    return dots


def _draw_dots(axes: Axes, dots: Sequence[_Dot]) -> None:
    """A row for each hypothesis, a gap after each step; the further right, the more probable."""
    places = [row + dot.step - 1 for row, dot in enumerate(dots)]
    for name, look in {"finished by itself": FINISHED, **MARKS}.items():
        chosen = [
            (dot.log_prob, place)
            for dot, place in zip(dots, places, strict=True)
            if name in (dot.marks or ("finished by itself",))
        ]
        if chosen:
            sums, rows = zip(*chosen, strict=True)
            axes.plot(sums, rows, linestyle="none", label=name, **look)
    axes.set_yticks(places, [_short(dot.words) for dot in dots])
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(max(places) + 0.7, -0.7)
    axes.grid(axis="x")
    for step in sorted({dot.step for dot in dots}):
        first = next(p for p, dot in zip(places, dots, strict=True) if dot.step == step)
        axes.annotate(
            f"step {step}",
            (1, first),
            xycoords=axes.get_yaxis_transform(),
            va="center",
            color=style.FAINT,
        )
        if step > 1:
            axes.axhline(first - 1, color=style.GRID)
    axes.set_xlabel("sum of log-probabilities")
    axes.legend(
        loc="lower center", bbox_to_anchor=(0.4, 1), ncols=2, frameon=False, labelspacing=1.0
    )


def _short(words: str) -> str:
    """The last words of a hypothesis; the end mark is called by its name, as in other figures."""
    shown = words.split()
    return " ".join(shown if len(shown) <= MOST_WORDS else ["…", *shown[-MOST_WORDS:]])


def _kept_in_words(last: Turn) -> str:
    told = []
    for turn, after in pairwise(last.turns()):
        yours, beams = (
            ", ".join(
                f"“{turn.words_of(h)}” {rounded(h.log_prob)}"
                for h in sorted(kept, key=turn.words_of)
            )
            for kept in (after.beam.open, turn.beam_choice)
        )
        other = "as beam search would" if yours == beams else f"beam search would keep {beams}"
        told.append(f"Step {turn.step}: you kept {yours or 'nothing'}; {other}.")
    return " ".join(told)
