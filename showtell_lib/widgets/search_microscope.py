"""The search microscope: beam searches of a photo, whose trees move without a kernel."""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.resources import files

from showtell_lib import plots
from showtell_lib.photos import PhotoSource
from showtell_lib.plots import Picture
from showtell_lib.widgets.subject import CaptionerLike, Subject, subject

WIDTHS = (1, 2, 3, 4, 5)
# Twice as sharp as it is shown.
PIXELS = 240
# Fits into a window 1,000 pixels high; what is larger scrolls.
HEIGHT = "660px"
ADVICE = (
    "The search microscope is not shown in a notebook that was not run here. Run this cell, after "
    "the cells above it."
)
# A frame of its own keeps its keys and styles apart from the notebook's. Where frames are taken out
# (GitHub, a notebook that was not run here) the advice is shown in its place.
FRAME = """<style>.showtell-frame + .showtell-advice {{ display: none !important; }}</style>
<iframe class="showtell-frame" title="Search microscope" srcdoc='{page}'
style="width: 100%; height: {height}; border: 1px solid #8886"></iframe>
<p class="showtell-advice" role="status">{advice}</p>"""


@dataclass(frozen=True)
class Microscope:
    """Searches to look at; a notebook shows them in a frame.

    Attributes:
        page: a web page, complete in itself; nothing in it needs a kernel or a network.
        name: what it is, in words.
    """

    page: str = field(repr=False)
    name: str

    def _repr_html_(self) -> str:
        page = html.escape(self.page, quote=False).replace("'", "&#x27;")
        return FRAME.format(page=page, height=HEIGHT, advice=ADVICE)


def microscope(
    captioner: CaptionerLike, photo: PhotoSource, *, widths: Sequence[int] = WIDTHS
) -> Microscope:
    """Beam searches under the microscope.

    Args:
        captioner: a `Captioner`.
        photo: a `Scene`, or anything `open_photo` takes.
        widths: the beam widths to choose from.

    Returns:
        The photo, the widths, and the tree of each search, to walk through step by step.

    Raises:
        PhotoError: the photo cannot be opened.
    """
    of = subject(captioner, photo)
    text = files(__package__).joinpath("search_microscope.html").read_text(encoding="utf-8")
    page = text.replace("/* the viewer */", plots.tree_viewer())
    told = f"Search microscope, beam widths {', '.join(map(str, widths))}. {of.alt}"
    return Microscope(page.replace("/* the searches */", _searches(of, widths)), told)


def _searches(of: Subject, widths: Sequence[int]) -> str:
    """What the page shows, as JavaScript."""
    own = of.captioner.files.beam_width
    photo = base64.b64encode(of.photo.thumbnail_jpeg(PIXELS)).decode()
    found = {
        "photo": f"data:image/jpeg;base64,{photo}",
        "alt": of.alt,
        "widths": list(widths),
        "traces": [json.loads(of.beam(width, 0.0).recorded.to_json()) for width in widths],
        "chosen": own if own in widths else widths[0],
    }
    # No word can end the script.
    return json.dumps(found, separators=(",", ":")).replace("<", "\\u003c")


def microscope_picture(
    captioner: CaptionerLike, photo: PhotoSource, *, beam_width: int | None = None
) -> Picture:
    """The same search as a filmstrip, one small tree per step.

    Args:
        captioner: a `Captioner`.
        photo: a `Scene`, or anything `open_photo` takes.
        beam_width: None takes the model's own.
    """
    trace = subject(captioner, photo).beam(beam_width, 0.0).recorded
    return plots.search_steps(trace)
