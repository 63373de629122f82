"""What the widgets share: pictures that carry their alt text, tables, safe HTML."""

from __future__ import annotations

import html
import importlib
import io
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from showtell_lib.errors import ShowTellError

if TYPE_CHECKING:
    from PIL import Image

    from showtell_lib.plots import Picture

# ipywidgets has no types: the name says what a value is, and checks nothing.
Widget: TypeAlias = Any

# Shown at 700 pixels or less, so this is sharp, and quick to draw.
DOTS_PER_INCH = 100
# What you chose. Darker than the palette's orange: it is the colour of words, too.
YOURS = "#a35200"
CELL = "padding: 1px 10px 1px 0; text-align: {align}; border-bottom: 1px solid #8886"


def import_ipywidgets() -> Any:
    """The module `ipywidgets`.

    Raises:
        ShowTellError: it is not installed; the message says how to get it.
    """
    try:
        return importlib.import_module("ipywidgets")
    except ImportError:
        raise ShowTellError(
            "the widgets need ipywidgets: pip install 'showtell_lib[notebooks]'; without it, each "
            "widget has a picture that tells the same story, like widgets.stepper_picture"
        ) from None


def button(
    label: str,
    action: Callable[[], None],
    layout: dict[str, str],
    *,
    icon: str = "",
    style: str = "",
) -> Widget:
    """A button that does something when it is pressed."""
    widgets = import_ipywidgets()
    made = widgets.Button(
        description=label, icon=icon, button_style=style, layout=widgets.Layout(**layout)
    )
    made.on_click(lambda _: action())
    return made


class PictureView:
    """A place for a picture, with its alt text for whoever cannot see it.

    Attributes:
        box: the widget to lay out.
        image: the `ipywidgets.Image` in it. It has no alt attribute, and a tooltip, which would
            serve, makes its view fail in the browser (seen with ipywidgets 8.1.9).
        words: so the `ipywidgets.HTML` below it has the text, closed until asked for.
    """

    def __init__(self, width: str, summary: str = "This picture in words") -> None:
        widgets = import_ipywidgets()
        self._summary = summary
        self.image = widgets.Image(format="png", layout=widgets.Layout(max_width="100%"))
        self.words = widgets.HTML()
        layout = widgets.Layout(width=width, max_width="100%", min_width="0", flex="0 1 auto")
        layout.align_items = "flex-start"  # A small picture is not to be blown up.
        self.box = widgets.VBox([self.image, self.words], layout=layout)

    def show(self, picture: Picture) -> None:
        """Shows a figure of `plots`."""
        self._show(picture.png(DOTS_PER_INCH), picture.alt)

    def show_image(self, image: Image.Image, alt: str) -> None:
        """Shows a photo or a drawn scene."""
        self._show(_as_png(image), alt)

    def _show(self, png: bytes, alt: str) -> None:
        self.image.value = png
        self.words.value = (
            f'<details style="line-height: 1.4"><summary>{self._summary}</summary>'
            f"{html.escape(alt)}</details>"
        )


def _as_png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def paragraph(text: str) -> str:
    """HTML of a paragraph; the text is HTML already."""
    return f'<p style="line-height: 1.4; margin: 4px 0">{text}</p>'


def bold(text: str) -> str:
    """HTML of text in bold, its special characters escaped: `</S>` is a word here."""
    return f"<b>{html.escape(text)}</b>"


def chance(log_prob: float) -> str:
    """A probability with two digits that count, from its natural logarithm.

    It is `0.43`, `0.021` and, below a hundredth, `1 in 8,000`: small ones can be told apart.
    """
    probability = math.exp(log_prob)
    if probability >= 0.01:
        return ">0.99" if probability > 0.995 else f"{probability:#.2g}"
    for below, unit, name in ((1e6, 1, ""), (1e9, 1e6, " million"), (1e12, 1e9, " billion")):
        if probability > 1 / below:
            return f"1 in {float(f'{1 / probability:.2g}') / unit:,g}{name}"
    return "below 1 in 1,000 billion"


def table(caption: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """An HTML table, legible in light and dark themes.

    Args:
        caption: what it shows, plain text.
        header: names of the columns, plain text; one that begins with `>` is aligned to the right.
        rows: HTML of the cells.
    """
    aligns = ["right" if name.startswith(">") else "left" for name in header]
    styles = [CELL.format(align=align) for align in aligns]
    cells = zip(styles, header, strict=True)
    head = "".join(f'<th style="{s}">{html.escape(n.lstrip(">"))}</th>' for s, n in cells)
    body = "".join(
        "<tr>"
        + "".join(f'<td style="{s}">{cell}</td>' for s, cell in zip(styles, row, strict=True))
        + "</tr>"
        for row in rows
    )
    title = f'<caption style="text-align: left">{html.escape(caption)}</caption>'
    style = "border-collapse: collapse; line-height: 1.4"
    return f'<table style="{style}">{title}<tr>{head}</tr>{body}</table>'


def row(*children: Widget) -> Widget:
    """Widgets side by side, below each other where there is no room."""
    widgets = import_ipywidgets()
    layout = widgets.Layout(flex_flow="row wrap", align_items="flex-start", grid_gap="4px 16px")
    return widgets.Box(children, layout=layout)


def column(*children: Widget, width: str = "auto") -> Widget:
    """Widgets below each other."""
    widgets = import_ipywidgets()
    return widgets.VBox(children, layout=widgets.Layout(width=width, max_width="100%"))
