"""Boxes, arrows and labels of the pictures that explain the model, on a page measured in points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Circle, FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from showtell_lib.plots import style

GREY_INK = "#6b6b6b"
NOTE_SIZE, LABEL_SIZE, NAME_SIZE = 8.0, 9.0, 10.0
# How far a baseline lies below the middle of small letters, as a share of the font size.
BASELINE = 0.36
Dashes = str | tuple[int, tuple[int, ...]]
Point = tuple[float, float]


@dataclass(frozen=True)
class Look:
    """How a part is drawn.

    Attributes:
        edge: colour of outlines and arrows.
        face: colour inside boxes.
        ink: colour of what is written.
        dashes: of outlines and arrows.
        line_width: of outlines, points.
        weight: of names.
    """

    edge: str
    face: str
    ink: str = style.INK
    dashes: Dashes = "-"
    line_width: float = 1.4
    weight: str = "bold"


DIMMED = Look(style.FAINT, style.BACKGROUND, GREY_INK, (0, (3, 2)), 0.9, "normal")


def lit_in(color: str) -> Look:
    """The look of a part that stands out: its own colour, solid and filled."""
    return Look(color, tint(color))


def tint(color: str, share: float = 0.2) -> str:
    """A share of a colour on white."""
    red, green, blue = (share * part + 1 - share for part in to_rgb(color))
    return to_hex((red, green, blue))


def draw_box(
    axes: Axes,
    middle: Point,
    size: tuple[float, float],
    look: Look,
    *,
    corner: float = 3,
    zorder: float = 2,
) -> None:
    """A rounded box around a middle, width and height in points; above arrows (1) or below."""
    (x, y), (width, height) = middle, size
    axes.add_artist(
        FancyBboxPatch(
            (x - width / 2, y - height / 2),
            width,
            height,
            boxstyle=f"round,pad=0,rounding_size={corner}",
            edgecolor=look.edge,
            facecolor=look.face,
            linestyle=look.dashes,
            linewidth=look.line_width,
            zorder=zorder,
        )
    )


def draw_circle(axes: Axes, middle: Point, sign: str, look: Look, *, radius: float = 9) -> None:
    """An operation: a circle with its sign."""
    axes.add_artist(
        Circle(
            middle,
            radius,
            edgecolor=look.edge,
            facecolor=look.face,
            linewidth=look.line_width,
            zorder=2,
        )
    )
    write(axes, middle, sign, size=12, color=look.ink)


def draw_arrow(axes: Axes, points: Sequence[Point], look: Look) -> None:
    """A line through points, with a head at the last of them."""
    axes.add_artist(
        FancyArrowPatch(
            path=Path(list(points)),
            arrowstyle="-|>,head_length=3.5,head_width=2",
            mutation_scale=1.4,
            color=look.edge,
            # Dashes would break up a short arrow.
            linestyle=look.dashes if len(points) > 2 else "-",
            linewidth=look.line_width,
            joinstyle="round",
            zorder=1,
        )
    )


def write(
    axes: Axes,
    middle: Point,
    text: str,
    *,
    size: float = LABEL_SIZE,
    color: str = style.INK,
    weight: str = "normal",
    ha: str = "center",
    math: bool = False,
) -> None:
    """A line of text whose small letters are centred at a height, so that rows share a baseline."""
    x, y = middle
    axes.text(
        x,
        y + BASELINE * size,
        text,
        fontsize=size,
        color=color,
        fontweight=weight,
        ha=ha,
        va="baseline",
        zorder=4,
        parse_math=math,
    )
