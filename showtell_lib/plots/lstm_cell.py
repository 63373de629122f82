"""The LSTM cell as a picture: three gates, the candidate, cell state and hidden state."""

from __future__ import annotations

import matplotlib
from matplotlib.axes import Axes

from showtell_lib.errors import SettingsError
from showtell_lib.lstm import Gates
from showtell_lib.plots import style
from showtell_lib.plots.diagram import (
    NAME_SIZE,
    NOTE_SIZE,
    Look,
    draw_arrow,
    draw_box,
    draw_circle,
    lit_in,
    write,
)
from showtell_lib.plots.picture import Picture
from showtell_lib.plots.tree_drawing import page

WIDTH, HEIGHT = style.WIDTH * 72, 262.0
GATE, CANDIDATE = lit_in(style.GREEN), lit_in(style.ORANGE)
CELL, HIDDEN, INPUT = lit_in(style.BLUE), lit_in(style.RED), Look(style.INK, "#ececec")
FRAME = Look(style.FAINT, "#f7f7f7", line_width=1.0)
# From the left: forget gate, input gate, candidate, output gate, and where the hidden state forms.
FORGET, WRITE, NEW, SHOW, OUT = 172.0, 260.0, 348.0, 436.0, 508.0
FRAME_LEFT, FRAME_RIGHT, LEFT, RIGHT = 116.0, 540.0, 12.0, WIDTH - 12.0
# From the top: the cell state's line, the products, gates, sums, and what goes in.
MEMORY, PRODUCT, GATES, SUMS, BELOW = 46.0, 88.0, 136.0, 192.0, 246.0
TIMES = "\u00d7"
BOX, BAR_HEIGHT, RADIUS = (76.0, 40.0), 24.0, 9.0
# By attribute of `Gates`: where its box stands, its name, how it is computed.
BOXES = {
    "forget_gate": (FORGET, "forget gate", r"$f = \sigma(s_f + 1)$"),
    "input_gate": (WRITE, "input gate", r"$i = \sigma(s_i)$"),
    "candidate": (NEW, "candidate", r"$j = \tanh(s_j)$"),
    "output_gate": (SHOW, "output gate", r"$o = \sigma(s_o)$"),
}


def lstm_cell(gates: Gates | None = None, *, unit: int = 0) -> Picture:
    """The LSTM cell that `showtell_lib.lstm` computes, with its gates f, i, o and candidate j.

    Zaremba et al. (2014), section 3.1; in the kernel the four stand in the order i, j, f, o.

    Args:
        gates: of one step, such as `captioner.numpy_decoder.gates(...)`: writes the values of a
            unit into the picture; of several hypotheses, those of the first.
        unit: whose values, counted from 0.

    Raises:
        SettingsError: the LSTM has no such unit.
    """
    values = {} if gates is None else _values(gates, unit)
    with matplotlib.rc_context(style.SETTINGS):
        figure, axes = page(WIDTH, HEIGHT)
        left, right = FRAME_LEFT, FRAME_RIGHT
        draw_box(axes, ((left + right) / 2, 116), (right - left, 204), FRAME, corner=10, zorder=0)
        _draw_sums(axes)
        _draw_memory(axes)
        _draw_gates(axes, values)
        _draw_output(axes)
        _draw_states(axes, values)
    return Picture(figure, _describe(gates, values, unit))


def _values(gates: Gates, unit: int) -> dict[str, str]:
    """The values of a unit as they are written, by attribute of `Gates`."""
    units = gates.cell_state.shape[1]
    if not 0 <= unit < units:
        raise SettingsError(f"unit={unit} is none of the LSTM's units: they are 0 to {units - 1}")
    names = (*BOXES, "cell_state", "hidden_state")
    return {name: f"{float(getattr(gates, name)[0, unit]):.2f}" for name in names}


def _draw_sums(axes: Axes) -> None:
    """The matrix product that makes four sums of word vector and hidden state."""
    left, right = FORGET - BOX[0] / 2, SHOW + BOX[0] / 2
    middle = (left + right) / 2
    draw_box(axes, (middle, SUMS), (right - left, BAR_HEIGHT), INPUT)
    text = r"four sums:  $[x, h] \cdot \mathrm{kernel} + \mathrm{bias} = [s_i, s_j, s_f, s_o]$"
    write(axes, (middle, SUMS), text, math=True)
    draw_arrow(axes, [(LEFT + 66, SUMS), (left - 1, SUMS)], HIDDEN)
    draw_arrow(axes, [(middle, BELOW - 9), (middle, SUMS + BAR_HEIGHT / 2 + 1)], INPUT)


def _draw_memory(axes: Axes) -> None:
    """The cell state's line: times the forget gate, plus what is written."""
    gap = RADIUS + 1
    for start, end in (
        (LEFT + 66, FORGET - gap),
        (FORGET + gap, NEW - gap),
        (NEW + gap, RIGHT - 84),
    ):
        draw_arrow(axes, [(start, MEMORY), (end, MEMORY)], CELL)
    draw_circle(axes, (FORGET, MEMORY), TIMES, CELL, radius=RADIUS)
    draw_circle(axes, (NEW, MEMORY), "+", CELL, radius=RADIUS)
    draw_circle(axes, (NEW, PRODUCT), TIMES, CANDIDATE, radius=RADIUS)


def _draw_gates(axes: Axes, values: dict[str, str]) -> None:
    """Four boxes with name, formula and value, each with its way to what it scales."""
    top, bottom = GATES - BOX[1] / 2, GATES + BOX[1] / 2
    for name, (x, title, formula) in BOXES.items():
        look = CANDIDATE if name == "candidate" else GATE
        draw_arrow(axes, [(x, SUMS - BAR_HEIGHT / 2), (x, bottom + 1)], INPUT)
        draw_box(axes, (x, GATES), BOX, look)
        write(axes, (x, GATES - 10), title, weight="bold")
        write(axes, (x, GATES + 7), formula, math=True)
        if name in values:
            write(axes, (x + 5, top - 9), values[name], size=NOTE_SIZE, ha="left")
    draw_arrow(axes, [(FORGET, top), (FORGET, MEMORY + RADIUS + 1)], GATE)
    draw_arrow(axes, [(WRITE, top), (WRITE, PRODUCT), (NEW - RADIUS - 1, PRODUCT)], GATE)
    draw_arrow(axes, [(NEW, top), (NEW, PRODUCT + RADIUS + 1)], CANDIDATE)
    draw_arrow(axes, [(NEW, PRODUCT - RADIUS), (NEW, MEMORY + RADIUS + 1)], CANDIDATE)
    product = (OUT - RADIUS - 1, GATES)
    draw_arrow(axes, [(SHOW + BOX[0] / 2, GATES), product], GATE)


def _draw_output(axes: Axes) -> None:
    """The hidden state: what the output gate shows of the cell state's tanh."""
    draw_arrow(axes, [(OUT, MEMORY), (OUT, PRODUCT - 10)], CELL)
    draw_box(axes, (OUT, PRODUCT), (34, 18), CELL, corner=9)
    write(axes, (OUT, PRODUCT), "tanh", size=NOTE_SIZE)
    draw_arrow(axes, [(OUT, PRODUCT + 9), (OUT, GATES - RADIUS - 1)], CELL)
    draw_circle(axes, (OUT, GATES), TIMES, HIDDEN, radius=RADIUS)
    draw_arrow(axes, [(OUT, GATES + RADIUS), (OUT, SUMS), (RIGHT - 84, SUMS)], HIDDEN)


def _draw_states(axes: Axes, values: dict[str, str]) -> None:
    """The names of what goes in and out, beside the ends of the lines."""
    ends = (
        (LEFT, MEMORY, "c", "cell state", None),
        (LEFT, SUMS, "h", "hidden state", None),
        (RIGHT - 78, MEMORY, "c'", "next cell state", "cell_state"),
        (RIGHT - 78, SUMS, "h'", "next hidden state", "hidden_state"),
    )
    for x, y, symbol, name, attribute in ends:
        write(axes, (x, y - 6), f"${symbol}$", size=NAME_SIZE + 2, ha="left", math=True)
        write(axes, (x, y + 7), name, size=NOTE_SIZE, ha="left")
        if attribute in values:
            write(axes, (x + 20, y - 6), f"= {values[attribute]}", size=NOTE_SIZE, ha="left")
    middle = (FORGET + SHOW) / 2
    write(axes, (middle, BELOW), "$x$", size=NAME_SIZE + 2, math=True, ha="right")
    write(axes, (middle + 8, BELOW), "vector of the word that goes in", size=NOTE_SIZE, ha="left")


def _describe(gates: Gates | None, values: dict[str, str], unit: int) -> str:
    text = (
        "An LSTM cell. Word vector x and hidden state h make four sums. Three become gates by the "
        "sigmoid: forget gate f, input gate i, output gate o; one becomes the candidate j by tanh. "
        "The next cell state is c' = f · c + i · j, the next hidden state h' = o · tanh(c')."
    )
    if gates is None:
        return text
    told = ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in values.items())
    return f"{text} Unit {unit} of {gates.cell_state.shape[1]}: {told}."
