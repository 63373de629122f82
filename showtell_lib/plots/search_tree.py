"""Search trees: all of a search, step by step, or two searches to compare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import matplotlib

from showtell_lib.errors import SettingsError
from showtell_lib.plots import style
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.tree_choice import MOST_PRUNED, Shown, choose
from showtell_lib.plots.tree_drawing import draw_legend, draw_row, draw_title, legend_width, page
from showtell_lib.plots.tree_layout import (
    FULL_WIDTH,
    MARGIN,
    ROW_GAP,
    Row,
    stacked,
    step_row,
    text_width,
    tree_rows,
)
from showtell_lib.plots.tree_words import (
    describe_comparison,
    describe_steps,
    describe_tree,
    first_difference,
    name_of,
)
from showtell_lib.trace import SearchTrace

TITLE_HEIGHT, LEGEND_HEIGHT = 26.0, 26.0


def search_tree(
    trace: SearchTrace,
    *,
    title: str = "",
    last_step: int | None = None,
    most_pruned: int = MOST_PRUNED,
) -> Picture:
    """The tree of a search, from left to right.

    Pruned hypotheses are ghosted, with how far they fell below the one that took the last place;
    running sums of log-probabilities are on the edges; the winner's path is bold. Where there is
    no room for all, the rest is counted.

    Args:
        trace: what any of the searches recorded.
        title: instead of the algorithm and its settings.
        last_step: shows only steps up to this one.
        most_pruned: of each step, at most so many pruned hypotheses; those that lost by least.

    Raises:
        SettingsError: there is no such step.
    """
    _check_steps(trace, [] if last_step is None else [last_step])
    shown = choose(trace, last_step, most_pruned)
    with matplotlib.rc_context(style.SETTINGS):
        title = title or name_of(trace)
        (rows,) = tree_rows(shown)
        bottom = stacked(rows, MARGIN + TITLE_HEIGHT)
        kinds = kinds_of([shown])
        width = page_width(rows, kinds, [title])
        figure, axes = page(width, bottom + LEGEND_HEIGHT)
        draw_title(axes, title, MARGIN)
        for row in rows:
            draw_row(axes, row)
        draw_legend(axes, kinds, bottom)
    return Picture(figure, describe_tree(shown, last_step))


def search_steps(trace: SearchTrace, *, steps: Sequence[int] | None = None) -> Picture:
    """A filmstrip: for each step the hypotheses it extends, and what became of their children.

    Args:
        trace: what any of the searches recorded.
        steps: which ones, the first is 1; all by default.

    Raises:
        SettingsError: there is no such step.
    """
    _check_steps(trace, steps or [])
    shown = choose(trace)
    numbers = list(steps) if steps is not None else list(range(1, len(shown.steps) + 1))
    with matplotlib.rc_context(style.SETTINGS):
        frames = [step_row(shown, number - 1) for number in numbers]
        bottom = _in_grid(frames, MARGIN + TITLE_HEIGHT)
        kinds = kinds_of([shown])
        title = f"{name_of(trace)}, step by step"
        figure, axes = page(page_width(frames, kinds, [title]), bottom + LEGEND_HEIGHT)
        draw_title(axes, title, MARGIN)
        for frame in frames:
            draw_row(axes, frame)
        draw_legend(axes, kinds, bottom)
    return Picture(figure, describe_steps(trace, numbers))


def compare_searches(
    left: SearchTrace, right: SearchTrace, *, titles: tuple[str, str] = ("", "")
) -> Picture:
    """Two searches, one above the other so that their words can be read.

    The first words in which their winners differ are ringed in red.

    Args:
        left: drawn first.
        right: drawn second.
        titles: instead of the algorithms and their settings.
    """
    names = [title or name_of(t) for title, t in zip(titles, (left, right), strict=True)]
    step = first_difference(left, right)
    trees = [choose(left), choose(right)]
    with matplotlib.rc_context(style.SETTINGS):
        groups = tree_rows(*trees)
        tops, below = [], MARGIN
        for rows in groups:
            tops.append(below)
            below = stacked(rows, below + TITLE_HEIGHT) + ROW_GAP
        kinds = kinds_of(trees)
        width = page_width([row for rows in groups for row in rows], kinds, names)
        figure, axes = page(width, below + LEGEND_HEIGHT)
        for shown, rows, name, top in zip(trees, groups, names, tops, strict=True):
            draw_title(axes, name, top)
            for row in rows:
                draw_row(axes, row, _parting(shown, step))
        draw_legend(axes, kinds, below)
    return Picture(figure, describe_comparison(left, right, names))


def _parting(shown: Shown, step: int | None) -> frozenset[int]:
    """The winner's word at the step where two winners part."""
    if step is None or shown.trace.winner is None:
        return frozenset()
    path = shown.trace.path(shown.trace.winner.hypothesis_id)
    return frozenset(e.hypothesis_id for e in path if e.step == step)


def _in_grid(frames: Sequence[Row], top: float) -> float:
    """Places frames side by side, as many as fit; returns where the next thing can go."""
    widest = max(frame.width for frame in frames) + 2 * MARGIN
    columns = max(1, int((FULL_WIDTH - MARGIN) // widest))
    for first in range(0, len(frames), columns):
        line = frames[first : first + columns]
        for index, frame in enumerate(line):
            frame.move(MARGIN + index * widest, top)
        top += max(frame.height for frame in line) + ROW_GAP
    return top


def page_width(rows: Sequence[Row], kinds: Iterable[str], titles: Sequence[str]) -> float:
    """How wide a page is that holds these rows, titles and the legend."""
    widths = [row.left + row.width + MARGIN for row in rows]
    headings = [text_width(title, 12, bold=True) + 2 * MARGIN for title in titles]
    return max([*widths, *headings, legend_width(kinds)])


def kinds_of(trees: Sequence[Shown]) -> set[str]:
    """What the legend has to explain."""
    kinds: set[str] = {shown.kind(e) for shown in trees for step in shown.steps for e in step}
    grouped = any(shown.trace.settings.get("groups", 1) > 1 for shown in trees)
    return kinds | ({"group"} if grouped else set())


def _check_steps(trace: SearchTrace, steps: Sequence[int]) -> None:
    if not len(trace):
        raise SettingsError("the trace is empty; search with trace=True")
    last = max(expansion.step for expansion in trace)
    for step in steps:
        if not 1 <= step <= last:
            raise SettingsError(f"the search has steps 1 to {last}, not {step}")
