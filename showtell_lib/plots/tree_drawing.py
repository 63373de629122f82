"""Draws rows of a search tree: boxes, edges, running sums."""

from __future__ import annotations

from collections.abc import Iterable

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import FancyBboxPatch, PathPatch
from matplotlib.path import Path

from showtell_lib.plots import style
from showtell_lib.plots.tree_layout import (
    EDGE,
    LINE,
    MARGIN,
    NOTE_LINE,
    NOTE_SIZE,
    PAD,
    START_KEY,
    WORD_SIZE,
    Box,
    Column,
    Row,
    text_width,
)
from showtell_lib.vocabulary import END

GHOST_INK = "#6b6b6b"
Dashes = str | tuple[int, tuple[int, ...]]
# Of each kind: its outline, inside, dashes, line width and writing.
LOOKS: dict[str, tuple[str, str, Dashes, float, str]] = {
    "start": (style.INK, "#f2f2f2", "-", 1.0, style.INK),
    "kept": (style.INK, style.BACKGROUND, "-", 1.0, style.INK),
    "again": (style.FAINT, "#f2f2f2", ":", 1.0, style.INK),
    "finished": (style.GREEN, "#e3f4ee", "-", 1.4, style.INK),
    "unfinished": (style.ORANGE, "#fdf3dd", "-", 1.4, style.INK),
    "winner": (style.BLUE, "#d9ebf7", "-", 2.2, "#00395a"),
    "pruned": (style.FAINT, style.BACKGROUND, (0, (3, 2)), 0.9, GHOST_INK),
}
LEGEND = (
    ("winner", "on the way to the winner"),
    ("kept", "kept"),
    ("finished", "finished"),
    ("unfinished", "unfinished"),
    ("pruned", "pruned: how far below which"),
    ("group", "g1, g2, …: group"),
    ("ringed", "ringed: on the way to the optimum"),
)


def page(width: float, height: float) -> tuple[Figure, Axes]:
    """A figure with one axes in which a unit is a point and y grows downwards."""
    figure = style.new_figure(height / 72, width / 72)
    figure.set_layout_engine("none")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_axis_off()
    return figure, axes


def draw_title(axes: Axes, text: str, top: float) -> None:
    """A heading at the left margin."""
    axes.text(MARGIN, top, text, fontsize=12, fontweight="bold", va="top", gid="title")


def draw_row(axes: Axes, row: Row, marked: frozenset[int] = frozenset()) -> None:
    """All of a row; the `marked` hypotheses get a ring."""
    for column in row.columns:
        axes.text(
            column.left,
            row.top,
            column.heading,
            fontsize=NOTE_SIZE,
            color=GHOST_INK,
            va="top",
        )
    for before, column in zip(row.columns, row.columns[1:], strict=False):
        for box in reversed(column.boxes):
            if box.kind != "more":
                _draw_edge(axes, row, before, box)
    for column in row.columns:
        for box in column.boxes:
            draw_box(axes, box, marked=box.key[0] in marked)


def draw_box(axes: Axes, box: Box, *, marked: bool = False) -> None:
    """A label: outline, word, note, and the running sum before it."""
    if box.kind == "more":
        axes.text(
            box.left + PAD,
            box.middle,
            box.word,
            fontsize=NOTE_SIZE,
            color=GHOST_INK,
            va="center",
            style="italic",
        )
        return
    _outline(axes, box, marked)
    ink = LOOKS[box.kind][4]
    weight = "bold" if box.kind == "winner" else "normal"
    first = box.top + PAD / 2 + LINE / 2
    axes.text(
        box.left + PAD, first, box.word, fontsize=WORD_SIZE, color=ink, va="center", weight=weight
    )
    if box.note:
        below = box.top + PAD / 2 + LINE + NOTE_LINE / 2 - 1
        axes.text(box.left + PAD, below, box.note, fontsize=NOTE_SIZE, color=ink, va="center")
    if box.total:
        axes.text(
            box.left - 5,
            box.middle - 1,
            box.total,
            fontsize=NOTE_SIZE,
            color=ink,
            ha="right",
            va="bottom",
        )


def _outline(axes: Axes, box: Box, marked: bool) -> None:
    # Not `add_patch`, which works out new limits for the axes each time.
    edge, face, dashes, line_width, _ = LOOKS[box.kind]
    square = box.word == END or box.kind == "finished"
    shape = "square,pad=0" if square else "round,pad=0,rounding_size=4"
    patch = FancyBboxPatch(
        (box.left, box.top),
        box.width,
        box.height,
        boxstyle=shape,
        edgecolor=edge,
        facecolor=face,
        linestyle=dashes,
        linewidth=line_width,
        zorder=2,
        gid="label",
    )
    axes.add_artist(patch)
    if marked:
        ring = FancyBboxPatch(
            (box.left, box.top),
            box.width,
            box.height,
            boxstyle="round,pad=2.5,rounding_size=5",
            edgecolor=style.RED,
            facecolor="none",
            linewidth=2.2,
            zorder=3,
        )
        axes.add_artist(ring)


def _draw_edge(axes: Axes, row: Row, before: Column, box: Box) -> None:
    parent_id = box.parent[0] if box.parent else START_KEY[0]
    parent = row.boxes.get((parent_id, True)) or row.boxes.get((parent_id, False))
    if parent is None:
        return
    edge, _, dashes, line_width, _ = LOOKS[box.kind]
    color = style.FAINT if box.kind in ("pruned", "kept") else edge
    axes.add_artist(
        PathPatch(
            edge_path(parent, before, box),
            facecolor="none",
            edgecolor=color,
            linestyle=dashes,
            linewidth=line_width,
            zorder=1.5 if box.kind == "winner" else 1,
        )
    )


def edge_path(parent: Box, before: Column, box: Box, shift: float = 0.0) -> Path:
    """The way from a box's parent, in the column before, to the box; `shift` points lower."""
    start = parent.left + parent.width
    bend = before.left + max(b.width for b in before.boxes)
    flat = bend + EDGE
    middle = (bend + flat) / 2
    points = [
        (start, parent.middle + shift),
        (bend, parent.middle + shift),
        (middle, parent.middle + shift),
        (middle, box.middle + shift),
        (flat, box.middle + shift),
        (box.left, box.middle + shift),
    ]
    codes = [Path.MOVETO, Path.LINETO, Path.CURVE4, Path.CURVE4, Path.CURVE4, Path.LINETO]
    return Path(points, codes)


def draw_legend(axes: Axes, kinds: Iterable[str], top: float) -> None:
    """What the kinds of boxes mean, in a line."""
    left = MARGIN
    present = set(kinds)
    for kind, words in LEGEND:
        if kind not in present:
            continue
        if kind in LOOKS:
            box = Box((0, False), kind, END if kind == "finished" else "word")  # type: ignore[arg-type]
            box.left, box.top = left, top
            draw_box(axes, box)
            left += box.width + 5
        middle = top + (LINE + PAD) / 2
        axes.text(left, middle, words, fontsize=NOTE_SIZE, color=GHOST_INK, va="center_baseline")
        left += text_width(words, NOTE_SIZE) + 16


def legend_width(kinds: Iterable[str]) -> float:
    """How much room the legend takes."""
    present = set(kinds)
    texts = [words for kind, words in LEGEND if kind in present]
    return 2 * MARGIN + sum(text_width(words, NOTE_SIZE) + 60 for words in texts)
