"""The "tell" half of the picture of the model: LSTM unrolled, softmax, search."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from showtell_lib.plots.diagram import (
    LABEL_SIZE,
    NAME_SIZE,
    NOTE_SIZE,
    Look,
    draw_arrow,
    draw_box,
    write,
)
from showtell_lib.plots.model_map_layout import (
    CELL_HEIGHT,
    CELLS,
    ELLIPSIS,
    EMBEDDING,
    EMBEDDING_WIDTH,
    GAP,
    INPUTS,
    MARGIN,
    NAMES,
    SEARCH,
    SEARCH_HEIGHT,
    SOFTMAX,
    SOFTMAX_HEIGHT,
    SPACE,
    STEPS_LEFT,
    WORD_HEIGHT,
    WORD_SIZE,
    Step,
)
from showtell_lib.plots.tree_layout import text_width
from showtell_lib.plots.wording import probability_label

MOST_LETTERS, MOST_LINES = 70, 3
BAR_HEIGHT, BAR_PAD = 5.0, 5.0


def draw_sentence(axes: Axes, text: str) -> None:
    """The whole caption above the words, in quotes."""
    lines = textwrap.wrap(f'"{text}"', MOST_LETTERS, max_lines=MOST_LINES, placeholder=' …"')
    for number, line in enumerate(lines):
        write(
            axes, (STEPS_LEFT, NAMES + 13 * number), line,
            size=NAME_SIZE if len(lines) == 1 else LABEL_SIZE, ha="left",
        )  # fmt: skip


def draw_lstm(axes: Axes, steps: Sequence[Step], look: Look) -> None:
    """A cell per step, what goes in from above, and the state that goes from cell to cell."""
    _draw_row_name(axes, CELLS, "LSTM", "hands its state to the next step", look)
    cells = [Step(EMBEDDING, EMBEDDING_WIDTH, "", "", None), *steps]
    for cell in cells:
        if cell.word_in == ELLIPSIS:
            for middle in (INPUTS, CELLS):
                write(axes, (cell.middle, middle), ELLIPSIS, size=NAME_SIZE, color=look.ink)
            continue
        draw_box(axes, (cell.middle, CELLS), (cell.width, CELL_HEIGHT), look, corner=5)
        write(axes, (cell.middle, CELLS), "LSTM", size=NOTE_SIZE, color=look.ink)
        write(axes, (cell.middle, INPUTS), cell.word_in, size=WORD_SIZE, color=look.ink)
        top, bottom = INPUTS + WORD_HEIGHT / 2, CELLS - CELL_HEIGHT / 2
        draw_arrow(axes, [(cell.middle, top), (cell.middle, bottom - 1)], look)
    for before, after in pairwise(cells):
        draw_arrow(axes, [(before.right, CELLS), (after.left - 1, CELLS)], look)


def draw_softmax(axes: Axes, steps: Sequence[Step], look: Look) -> None:
    """Under each cell a bar and a number: the probability of the word that was chosen."""
    _draw_row_name(axes, SOFTMAX, "softmax", "a probability for every word", look)
    top = SOFTMAX - SOFTMAX_HEIGHT / 2
    for step in steps:
        if step.probability is None:
            write(axes, (step.middle, SOFTMAX), ELLIPSIS, size=NAME_SIZE, color=look.ink)
            continue
        draw_arrow(axes, [(step.middle, CELLS + CELL_HEIGHT / 2 + 1), (step.middle, top - 1)], look)
        draw_box(axes, (step.middle, SOFTMAX), (step.width, SOFTMAX_HEIGHT), look)
        _draw_bar(axes, step, step.probability, top + BAR_PAD, look)
        number = (step.middle, SOFTMAX + 6)
        write(axes, number, probability_label(step.probability), size=NOTE_SIZE, color=look.ink)


def _draw_bar(axes: Axes, step: Step, probability: float, top: float, look: Look) -> None:
    left, width = step.left + BAR_PAD, step.width - 2 * BAR_PAD
    for share, color in ((1.0, "white"), (probability, look.edge)):
        axes.add_artist(
            Rectangle(
                (left, top), share * width, BAR_HEIGHT, facecolor=color,
                edgecolor=look.edge, linewidth=0.7, zorder=3,
            )
        )  # fmt: skip


def draw_search(axes: Axes, steps: Sequence[Step], look: Look) -> None:
    """The words that were chosen, and how each becomes the next input."""
    _draw_row_name(axes, SEARCH, "search", "chooses a word, which goes in next", look)
    left, right = steps[0].left - 5, steps[-1].right + 5
    draw_box(axes, ((left + right) / 2, SEARCH), (right - left, SEARCH_HEIGHT), look, corner=5)
    for step in steps:
        chosen = (step.middle, SEARCH)
        if step.probability is not None:
            bottom = SOFTMAX + SOFTMAX_HEIGHT / 2
            draw_arrow(
                axes,
                [(step.middle, bottom + 1), (step.middle, SEARCH - SEARCH_HEIGHT / 2 - 1)],
                look,
            )
        write(axes, chosen, step.word_out, size=WORD_SIZE, color=look.ink, weight=look.weight)
    for before, after in pairwise(steps):
        # Not in the middle of the gap, where the head of the arrow between two cells is.
        gap, top = before.right + GAP / 3, SEARCH - SEARCH_HEIGHT / 2
        word = after.middle - text_width(after.word_in, WORD_SIZE) / 2
        draw_arrow(axes, [(gap, top), (gap, INPUTS), (word - SPACE, INPUTS)], look)


def _draw_row_name(axes: Axes, middle: float, name: str, note: str, look: Look) -> None:
    write(
        axes, (MARGIN, middle - 6), name,
        size=NAME_SIZE, color=look.ink, weight=look.weight, ha="left",
    )  # fmt: skip
    write(axes, (MARGIN, middle + 7), note, size=NOTE_SIZE, color=look.ink, ha="left")
