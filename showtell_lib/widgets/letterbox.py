"""How a photo gets from the browser into the notebook: chosen, dropped, or taken by the camera.

Core widgets have neither a camera nor a place to drop files, and their button for files sends a
file of any size, whereupon the notebook server ends the connection without a word. So the browser's
own means are used. They look at the size first, and write what they got into a hidden text area.
"""

from __future__ import annotations

import base64
import binascii
import html
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from showtell_lib.errors import PhotoError
from showtell_lib.photos import Photo, open_photo
from showtell_lib.photos.names import is_address
from showtell_lib.widgets import parts
from showtell_lib.widgets.parts import Widget

# Of the box that holds the text area and all that writes into it.
CLASS = "showtell-letterbox"
UPLOAD = """\
<div><button type="button" class="jupyter-button lm-Widget" style="width: auto" \
onclick="this.nextElementSibling.click()">Upload</button>\
<input type="file" accept="image/*" hidden aria-label="A photo of your own" \
onchange="{handler}"> <span role="status"></span></div>"""
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
    try:
        return replace(open_photo(data), name=name)
    except PhotoError as error:
        raise PhotoError(f"{name}: {str(error).removeprefix('bytes: ')}") from None


def from_address(text: str) -> Photo:
    """The photo at an address that was typed or pasted.

    Raises:
        PhotoError: there is none, or it is no address: what is typed on a page is never taken for
            the path of a file.
    """
    if not is_address(text):
        raise PhotoError(f"{text.strip() or 'nothing'}: no address; it begins with https://")
    return open_photo(text)


def letterbox(received: Callable[[str], None]) -> Widget:
    """The hidden text area; put it into a box of the class `CLASS`.

    Args:
        received: is called with each text that arrives. The text area is empty again by then, so
            that the same photo can be handed over again, and is not kept twice.
    """
    widgets = parts.import_ipywidgets()
    area = widgets.Textarea(continuous_update=False, layout=widgets.Layout(display="none"))

    def arrived(change: dict[str, str]) -> None:
        if change["new"]:
            area.value = ""
            received(change["new"])

    area.observe(arrived, "value")
    return area


def upload_button() -> Widget:
    """A button that chooses a file."""
    return _written(UPLOAD, "file")


def drop_field() -> Widget:
    """A field to drop a file or an address onto."""
    return _written(DROP_FIELD, "file")


def camera() -> Widget:
    """A button that takes a photo with the webcam."""
    return _written(CAMERA, "camera")


def _written(page: str, name: str) -> Widget:
    """HTML whose handler is one of the JavaScript files beside this module."""
    code = Path(__file__).with_name(f"letterbox_{name}.js").read_text(encoding="utf-8")
    return parts.import_ipywidgets().HTML(page.format(handler=html.escape(code)))
