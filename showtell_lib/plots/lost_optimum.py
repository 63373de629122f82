"""The step at which a beam loses the most probable caption, or keeps it, beam beside beam."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import matplotlib

from showtell_lib.errors import SettingsError
from showtell_lib.plots import style
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.search_tree import LEGEND_HEIGHT, TITLE_HEIGHT, kinds_of, page_width
from showtell_lib.plots.tree_choice import Shown, choose
from showtell_lib.plots.tree_drawing import draw_legend, draw_row, draw_title, page
from showtell_lib.plots.tree_layout import FULL_WIDTH, MARGIN, ROW_GAP, Row, step_row, text_width
from showtell_lib.plots.tree_words import name_of, winner_sentence
from showtell_lib.plots.wording import counted, named, rounded
from showtell_lib.trace import Caption, Expansion, SearchTrace

NAME_HEIGHT, NAME_SIZE = 18.0, 10.0


def lost_optimum(
    traces: Sequence[SearchTrace], optimum: Caption, *, step: int | None = None, title: str = ""
) -> Picture:
    """One step of several searches: which of them pushes the optimum out, and by how much.

    Each frame shows the hypotheses that a search extends at this step, and their children; the
    child on the way to the optimum is ringed.

    Args:
        traces: of the same photo, such as of beam widths 3, 5 and 8.
        optimum: what exact search found.
        step: which; if None the first at which one of the searches loses the optimum.
        title: above the figure; the optimum by default.

    Raises:
        SettingsError: there are no traces, or no search loses the optimum and no step was given.
    """
    paths = [trace.follow(optimum.token_ids) for trace in traces]
    lost = [at for path in paths if (at := lost_at(path, optimum)) is not None]
    if step is None and not lost:
        raise SettingsError("none of these searches loses the optimum; say which step to show")
    shown_step = min(lost) if step is None else step
    with matplotlib.rc_context(style.SETTINGS):
        frames = [
            _frame(trace, path, shown_step) for trace, path in zip(traces, paths, strict=True)
        ]
        names = [name_of(trace) for trace in traces]
        heading = title or f'Step {shown_step}: who keeps "{optimum.text}"?'
        rows = [row for _, row, _ in frames]
        bottom = _stacked(rows, names)
        kinds = kinds_of([shown for shown, _, _ in frames]) | {"ringed"}
        figure, axes = page(page_width(rows, kinds, [heading, *names]), bottom + LEGEND_HEIGHT)
        draw_title(axes, heading, MARGIN)
        for name, (_, row, ringed) in zip(names, frames, strict=True):
            axes.text(
                row.left,
                row.top - NAME_HEIGHT + 2,
                name,
                fontsize=NAME_SIZE,
                fontweight="bold",
                va="top",
            )
            draw_row(axes, row, ringed)
        draw_legend(axes, kinds, bottom)
    fates = [
        f"{name}: {_fate(trace, path, optimum, shown_step)}. {winner_sentence(trace)}"
        for name, trace, path in zip(names, traces, paths, strict=True)
    ]
    return Picture(
        figure,
        f"{named(heading)}Step {shown_step} of {counted(len(traces), 'search', 'searches')}; the "
        f'optimum is "{optimum.text}", log-probability {optimum.log_prob:.2f}. {" ".join(fates)}',
    )


def lost_at(path: Sequence[Expansion], optimum: Caption) -> int | None:
    """The step at which a search left the optimum's path; None if it went all the way.

    Args:
        path: `trace.follow(optimum.token_ids)`.
        optimum: what exact search found.
    """
    if path and path[-1].status == "pruned":
        return path[-1].step
    return None if len(path) == len(optimum.token_ids) - 1 else len(path) + 1


def _frame(
    trace: SearchTrace, path: Sequence[Expansion], step: int
) -> tuple[Shown, Row, frozenset[int]]:
    """What is chosen of a search, its row for the step, and which hypothesis is ringed there."""
    # A pruned hypothesis names what it lost to, so all that were kept there are drawn.
    kept = [e.hypothesis_id for e in trace if e.step == step and e.status == "kept"]
    drawn = {e.hypothesis_id for one in kept for e in trace.path(one)}
    shown = choose(trace, also=drawn.union(e.hypothesis_id for e in path))
    if not 1 <= step <= len(shown.steps):
        raise SettingsError(f"{name_of(trace)} has steps 1 to {len(shown.steps)}, not {step}")
    ringed = frozenset(e.hypothesis_id for e in path if e.step == step)
    row = step_row(shown, step - 1)
    return replace(shown, steps=(shown.steps[step - 1],)), row, ringed


def _stacked(rows: Sequence[Row], names: Sequence[str]) -> float:
    """Places frames beside each other, as many as fit; returns where the next thing can go."""
    left, top, tallest = MARGIN, MARGIN + TITLE_HEIGHT + NAME_HEIGHT, 0.0
    for row, name in zip(rows, names, strict=True):
        width = max(row.width, text_width(name, NAME_SIZE, bold=True))
        if left > MARGIN and left + width + MARGIN > FULL_WIDTH:
            left, top, tallest = MARGIN, top + tallest + ROW_GAP + NAME_HEIGHT, 0.0
        row.move(left, top)
        left += width + 3 * MARGIN
        tallest = max(tallest, row.height)
    return top + tallest + ROW_GAP


def _fate(trace: SearchTrace, path: Sequence[Expansion], optimum: Caption, step: int) -> str:
    """What a search does with the optimum at a step, in words."""
    at = lost_at(path, optimum)
    if at is None or at > step:
        return f'keeps "{path[step - 1].word}" on the way to the optimum'
    if at < step or len(path) < at:
        return f"has lost the optimum at step {at}"
    last = path[-1]
    rival = trace.path(last.lost_to)[-3:] if last.lost_to is not None else []
    words = " ".join(e.word for e in rival)
    by = f" by {rounded(last.lost_by or 0.0)}"
    return f'prunes "{last.word}" on the way to the optimum,{by} below "… {words}"'
