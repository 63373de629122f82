"""A photo of your own: uploaded, dropped, by address, or from the webcam."""

from __future__ import annotations

import base64
import binascii
import html
from collections.abc import Callable
from pathlib import Path
from typing import Any

from showtell_lib import plots
from showtell_lib.errors import PhotoError
from showtell_lib.photos import Photo, PhotoSource, open_photo, sample_photo
from showtell_lib.photos.names import is_address
from showtell_lib.plots import Picture
from showtell_lib.widgets import parts
from showtell_lib.widgets.life import living
from showtell_lib.widgets.parts import Widget
from showtell_lib.widgets.photo_picking import caption_lines, uploaded
from showtell_lib.widgets.subject import CaptionerLike, open_with_alt

CLASS = "showtell-own-photo"
DROP_FIELD = """\
<div ondragover="event.preventDefault()" ondrop="{handler}" style="border: 2px dashed #8888; \
padding: 1em; line-height: 1.4">Drag a photo from your computer onto this field.
<span role="status"></span></div>"""
CAMERA = """\
<div><video hidden muted playsinline aria-label="What the camera sees" \
style="width: 320px; max-width: 100%"></video></div>\
<button type="button" class="jupyter-button lm-Widget" style="width: auto" \
onclick="{handler}">Turn the camera on</button> <span role="status"></span>"""


def handed_over(text: str) -> Photo:
    """The photo that the browser handed over.

    Args:
        text: what a page can write into a text area: the name of a file, a line break and its
            content as a `data:` address; or the address of a photo.

    Raises:
        PhotoError: it is no photo.
    """
    name, _, content = text.partition("\n")
    if not content:
        return from_address(text)
    try:
        data = base64.b64decode(content.partition(";base64,")[2], validate=True)
    except binascii.Error:
        raise PhotoError(f"{name}: it did not arrive whole; try again") from None
    return uploaded([{"name": name, "content": data}])


def from_address(text: str) -> Photo:
    """The photo at an address that was typed or pasted.

    Raises:
        PhotoError: there is none, or it is no address: what is typed on a page is never taken for
            the path of a file.
    """
    if not is_address(text):
        raise PhotoError(f"{text.strip() or 'nothing'}: no address; it begins with https://")
    return open_photo(text)


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
        self.upload = widgets.FileUpload(accept="image/*", multiple=False)
        self.address = widgets.Text(
            description="Address",
            placeholder="https://...",
            continuous_update=False,
            layout=widgets.Layout(width="480px", max_width="100%"),
        )
        # Core widgets have neither a camera nor a place to drop files. The browser's own ones write
        # what they got into this text area, which is hidden.
        self.letterbox = widgets.Textarea(
            continuous_update=False, layout=widgets.Layout(display="none")
        )
        self.view, self.text = parts.PictureView("320px"), widgets.HTML()
        self.view.box.layout.display = "none"  # Until there is a picture.
        self.text.value = parts.paragraph("No photo yet.")
        self.box = parts.column(
            parts.row(self.upload, self.address),
            widgets.HTML(DROP_FIELD.format(handler=_handler("drop"))),
            widgets.HTML(CAMERA.format(handler=_handler("camera"))),
            self.letterbox,
            parts.row(self.view.box, parts.column(self.text)),
        )
        self.box.add_class(CLASS)
        # `photo` is a plain Python attribute: nothing of it goes to the browser.
        self.box.photo = None
        self._watch(self.upload, uploaded)
        self._watch(self.address, from_address)
        self._watch(self.letterbox, handed_over)

    def _watch(self, control: Widget, opened: Callable[[Any], Photo]) -> None:
        def brought(change: Any) -> None:
            if change["new"]:
                self._show(lambda: opened(change["new"]))

        control.observe(brought, "value")

    def _show(self, opened: Callable[[], Photo]) -> None:
        self.text.value = parts.paragraph("One moment ...")
        try:
            photo = opened()
        except PhotoError as error:
            # The photo brought before stays: a wrong file should not lose it.
            self.text.value = parts.paragraph(f"⚠ {html.escape(str(error))}")
            return
        finally:
            # So that the same photo can be handed over again, and is not kept twice.
            self.letterbox.value = ""
        self.box.photo = photo
        self.view.box.layout.display = None
        self.view.show_image(photo.thumbnail(320), open_with_alt(photo)[1])
        lines = [html.escape(photo.name), *caption_lines(self.captioner, photo)]
        self.text.value = "".join(parts.paragraph(line) for line in lines)


def _handler(name: str) -> str:
    """JavaScript for an attribute of an HTML element."""
    code = Path(__file__).with_name(f"own_photo_{name}.js").read_text(encoding="utf-8")
    return html.escape(code)


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
