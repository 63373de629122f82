"""A photo of your own: uploaded, dropped, by address, or from the webcam."""

from __future__ import annotations

import html
from collections.abc import Callable

from showtell_lib import plots
from showtell_lib.errors import PhotoError
from showtell_lib.photos import Photo, PhotoSource, open_photo, sample_photo
from showtell_lib.plots import Picture
from showtell_lib.widgets import letterbox, parts
from showtell_lib.widgets.letterbox import from_address, handed_over
from showtell_lib.widgets.life import living
from showtell_lib.widgets.parts import Widget
from showtell_lib.widgets.photo_picking import caption_lines
from showtell_lib.widgets.subject import CaptionerLike, open_with_alt


def own_photo(captioner: CaptionerLike | None = None) -> Widget:
    """Bring a photo, see its captions, and take it along to the next cell.

    Args:
        captioner: a `Captioner` that says what it sees; None only shows the photo.

    Returns:
        A widget. Its attribute `photo` is the `Photo` that was brought last; None before.
    """
    return living(_OwnPhoto(captioner).box)


class _OwnPhoto:
    """The widget; `box` shows it."""

    def __init__(self, captioner: CaptionerLike | None) -> None:
        widgets = parts.import_ipywidgets()
        self.captioner = captioner
        self.address = widgets.Text(
            description="Address",
            placeholder="https://...",
            continuous_update=False,
            layout=widgets.Layout(width="480px", max_width="100%"),
        )
        self.view, self.text = parts.PictureView("320px"), widgets.HTML()
        self.view.box.layout.display = "none"  # Until there is a picture.
        self.text.value = parts.paragraph("No photo yet.")
        self.box = parts.column(
            parts.row(letterbox.upload_button(), self.address),
            letterbox.drop_field(),
            letterbox.camera(),
            letterbox.letterbox(lambda text: self._show(lambda: handed_over(text))),
            parts.row(self.view.box, parts.column(self.text)),
        )
        self.box.add_class(letterbox.CLASS)
        # `photo` is a plain Python attribute: nothing of it goes to the browser.
        self.box.photo = None
        self.address.observe(lambda change: self._typed(change["new"]), "value")

    def _typed(self, address: str) -> None:
        if address:
            self._show(lambda: from_address(address))

    def _show(self, opened: Callable[[], Photo]) -> None:
        self.text.value = parts.paragraph("One moment ...")
        try:
            photo = opened()
        except PhotoError as error:
            # The photo brought before stays: a wrong file should not lose it.
            self.text.value = parts.paragraph(f"⚠ {html.escape(str(error))}")
            return
        self.box.photo = photo
        self.view.box.layout.display = None
        self.view.show_image(photo.thumbnail(320), open_with_alt(photo)[1])
        lines = [html.escape(photo.name), *caption_lines(self.captioner, photo)]
        self.text.value = "".join(parts.paragraph(line) for line in lines)


def own_photo_picture(captioner: CaptionerLike | None = None, photo: PhotoSource = None) -> Picture:
    """What the widget shows of a photo: the photo, and its captions with their probabilities.

    Args:
        captioner: a `Captioner`; None writes only the photo's name.
        photo: anything `open_photo` takes; None takes a sample photo.

    Raises:
        PhotoError: the photo cannot be opened.
    """
    opened = sample_photo("coffee") if photo is None else open_photo(photo)
    lines = [opened.name]
    if captioner is not None:
        lines += [f"{c.probability:.2g}  {c.text}" for c in captioner.caption(opened)]
    return plots.photo_row([opened], ["\n".join(lines)])
