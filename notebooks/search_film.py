"""Films a search: its tree grows step by step, in the look of `plots.search_tree`.

Every label stays in its place. In each step the candidates come first, then what became of them;
which way is the winner's is seen when all is over, and in the first frame, which stands for the
film wherever it does not run.
"""

from __future__ import annotations

import copy
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import matplotlib
from PIL import Image

from showtell_lib.files import written
from showtell_lib.plots import Picture, style
from showtell_lib.plots.picture import COLOURS
from showtell_lib.plots.search_tree import LEGEND_HEIGHT, TITLE_HEIGHT, kinds_of, page_width
from showtell_lib.plots.tree_choice import Shown, choose
from showtell_lib.plots.tree_drawing import draw_legend, draw_row, draw_title, page
from showtell_lib.plots.tree_layout import MARGIN, Box, Column, Row, signed, stacked, tree_rows
from showtell_lib.plots.tree_words import describe_tree, name_of
from showtell_lib.trace import SearchTrace

DOTS_PER_INCH = 130
# How long a moment is seen, in milliseconds.
TRIED, DECIDED, BEGINNING, OVER = 700, 1200, 1500, 3000
# A film that never rests keeps readers from what stands beside it.
PLAYS = 3


@dataclass(frozen=True)
class Moment:
    """How far a search has got.

    Attributes:
        step: the newest step; 0 is before the first.
        decided: whether it is known which hypotheses of that step are kept.
        over: whether the winner is known.
    """

    step: int
    decided: bool = True
    over: bool = False

    @property
    def milliseconds(self) -> int:
        """How long it is seen."""
        if self.over or not self.step:
            return OVER if self.over else BEGINNING
        return DECIDED if self.decided else TRIED


def moments(last: int) -> Iterator[Moment]:
    """Of a search of so many steps."""
    yield Moment(last, over=True)
    yield Moment(0)
    for step in range(1, last + 1):
        yield Moment(step, decided=False)
        yield Moment(step)
    yield Moment(last, over=True)


def save_film(trace: SearchTrace, path: Path) -> str:
    """Writes an animated GIF with its alt text as a comment, and returns the alt text."""
    shown = choose(trace)
    told = describe_tree(shown, None).removeprefix("Search tree, ")
    alt = f"A search tree that grows, step by step. {told}"
    seen = list(moments(len(shown.steps)))
    pictures = [draw(shown, moment, alt).png(DOTS_PER_INCH) for moment in seen]
    first, *others = in_one_palette([Image.open(io.BytesIO(picture)) for picture in pictures])
    with written(path) as part:
        first.save(
            part,
            "GIF",
            save_all=True,
            append_images=others,
            duration=[moment.milliseconds for moment in seen],
            loop=PLAYS - 1,
            comment=alt.encode(),
        )
    return alt


def in_one_palette(frames: Sequence[Image.Image]) -> list[Image.Image]:
    """Frames of one size in the same few colours, so that what rests does not flicker."""
    width, height = frames[0].size
    strip = Image.new("RGB", (width, height * len(frames)))
    tops = range(0, strip.height, height)
    for top, frame in zip(tops, frames):
        strip.paste(frame.convert("RGB"), (0, top))
    strip = strip.quantize(COLOURS, dither=Image.Dither.NONE)
    return [strip.crop((0, top, width, top + height)) for top in tops]


def draw(shown: Shown, moment: Moment, alt: str) -> Picture:
    """A frame."""
    with matplotlib.rc_context(style.SETTINGS):
        (rows,) = tree_rows(shown)
        bottom = stacked(rows, MARGIN + TITLE_HEIGHT)
        kinds = kinds_of([shown])
        titles = [title(shown.trace, at) for at in moments(len(shown.steps))]
        figure, axes = page(page_width(rows, kinds, titles), bottom + LEGEND_HEIGHT)
        draw_title(axes, title(shown.trace, moment), MARGIN)
        for row in rows_at(rows, moment, shown.trace):
            draw_row(axes, row)
        draw_legend(axes, kinds, bottom)
    return Picture(figure, alt)


def title(trace: SearchTrace, moment: Moment) -> str:
    """What happens at a moment, in a line."""
    if not moment.step:
        return f"{name_of(trace)}: which sentence fits the photo?"
    if moment.over and trace.winner is not None:
        words = " ".join(e.word for e in trace.path(trace.winner.parent_id))
        return f"The winner: “{words}”, log-probability {signed(trace.winner.cumulative_log_prob)}"
    found = Counter(e.status for e in trace if e.step == moment.step)
    if not moment.decided:
        return f"Step {moment.step}: {found.total()} hypotheses, each longer by a word"
    return f"Step {moment.step}: " + ", ".join(f"{n} {status}" for status, n in found.items())


def rows_at(rows: list[Row], moment: Moment, trace: SearchTrace) -> list[Row]:
    """What is there of a tree at a moment; nothing has moved."""
    found, step = [], 0
    for row in rows:
        if step and step >= moment.step:
            break
        columns = [_column_at(row.columns[0], moment, trace, newest=False)]
        for column in row.columns[1:]:
            step += 1
            if step <= moment.step:
                columns.append(_column_at(column, moment, trace, newest=step == moment.step))
        seen = copy.copy(row)
        seen.columns = columns
        seen.boxes = {box.key: box for column in columns for box in column.boxes}
        found.append(seen)
    return found


def _column_at(column: Column, moment: Moment, trace: SearchTrace, *, newest: bool) -> Column:
    open_still = newest and not moment.decided
    seen = copy.copy(column)
    if not moment.over:
        seen.boxes = [_box_at(box, trace, open_still) for box in column.boxes]
    return seen


def _box_at(box: Box, trace: SearchTrace, open_still: bool) -> Box:
    """A label before the end: nothing tells the winner, and no caption has a place yet."""
    if box.kind in ("start", "more"):
        return box
    hypothesis_id, again = box.key
    seen = copy.copy(box)
    seen.kind = "again" if again or open_still else trace[hypothesis_id].status
    if open_still:
        seen.note = ""
    elif seen.kind in ("finished", "unfinished"):
        seen.note = seen.kind
    return seen
