"""How every figure of the series looks."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

# Twice as many as are shown, for sharp screens.
DOTS_PER_INCH = 160
WIDTH = 9.0
BACKGROUND = "#ffffff"
INK, FAINT, GRID = "#222222", "#8a8a8a", "#dddddd"
# From Okabe and Ito's palette, whose colours differ for every kind of colour blindness.
ORANGE, SKY, GREEN = "#e69f00", "#56b4e9", "#009e73"
BLUE, RED, PURPLE = "#0072b2", "#d55e00", "#cc79a7"
CYCLE = (BLUE, ORANGE, GREEN, RED, PURPLE, SKY)
# From little to much, and from below zero to above.
SEQUENTIAL, DIVERGING = "cividis", "PuOr"

# Any: newer stubs of Matplotlib list all names that it may have.
SETTINGS: Any = {
    "font.size": 10,
    "font.family": "DejaVu Sans",
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.edgecolor": FAINT,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "text.color": INK,
    # A dollar sign in a caption or in the name of a photo is no formula.
    "text.parse_math": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "grid.color": GRID,
}


def new_figure(height: float, width: float = WIDTH) -> Figure:
    """An empty figure in the style of the series, inches; set `SETTINGS` before adding axes.

    Use it as `with matplotlib.rc_context(style.SETTINGS): figure = new_figure(3) ...`.
    """
    return Figure(figsize=(width, height), layout="constrained", facecolor=BACKGROUND)
