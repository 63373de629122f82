"""The photo picker: a sample photo, a drawn scene, or a file of your own."""

from __future__ import annotations

import html
from collections.abc import Sequence

from showtell_lib import plots
from showtell_lib.errors import PhotoError
from showtell_lib.photos import Photo, open_photo, sample_photo, sample_photos
from showtell_lib.plots import Picture
from showtell_lib.scenes import Scene
from showtell_lib.widgets import letterbox, parts
from showtell_lib.widgets.latest import Latest
from showtell_lib.widgets.letterbox import handed_over
from showtell_lib.widgets.life import living
from showtell_lib.widgets.parts import Widget
from showtell_lib.widgets.subject import CaptionerLike, open_with_alt

SAMPLE, DRAWN, OWN = "Sample photo", "Drawn scene", "Your own"
LAST_SEED = 9999


def photo_picker(captioner: CaptionerLike | None = None) -> Widget:
    """Pick a photo, and take it along to the next cell.

    Args:
        captioner: a `Captioner` that says what it sees; None only shows the photo.

    Returns:
        A widget. Its attribute `photo` is the `Photo` that was picked last, or the `Scene`.
    """
    return living(_PhotoPicker(captioner).box)


class _PhotoPicker:
    """The widget; `box` shows it."""

    def __init__(self, captioner: CaptionerLike | None) -> None:
        widgets = parts.import_ipywidgets()
        self.captioner = captioner
        self.source = widgets.ToggleButtons(options=(SAMPLE, DRAWN, OWN), description="Photo")
        self.name = widgets.Dropdown(options=sample_photos(), description="Name")
        self.seed = widgets.BoundedIntText(0, 0, LAST_SEED, description="Seed")
        self.upload, self.handed = letterbox.upload_button(), ""
        self.inputs = widgets.VBox()
        self.view, self.text = parts.PictureView("320px"), widgets.HTML()
        self.newest = Latest(self._show, parts.row(self.view.box, parts.column(self.text)))
        area = letterbox.letterbox(self._receive)
        self.box = parts.column(self.source, self.inputs, area, self.newest.box)
        self.box.add_class(letterbox.CLASS)
        # `photo` is a plain Python attribute: nothing of it goes to the browser.
        self.box.photo = None
        for control in (self.source, self.name, self.seed):
            control.observe(lambda _: self._pick(), "value")
            control.observe(lambda _: self.newest.ask(), "value")
        self._pick()
        self._show()

    def _picked(self) -> Photo | Scene:
        if self.source.value == SAMPLE:
            return sample_photo(self.name.value)
        if self.source.value == DRAWN:
            return Scene.random(self.seed.value)
        if not self.handed:
            raise PhotoError("no file yet: press “Upload” and choose a photo")
        return handed_over(self.handed)

    def _receive(self, text: str) -> None:
        self.handed = text
        self._pick()
        self.newest.ask()

    def _pick(self) -> None:
        asked = {SAMPLE: self.name, DRAWN: self.seed, OWN: self.upload}
        self.inputs.children = (asked[self.source.value],)
        try:
            self.box.photo, self.error = self._picked(), ""
        except PhotoError as error:
            # The photo picked before stays: a wrong file should not lose it.
            self.error = parts.paragraph(f"⚠ {html.escape(str(error))}")

    def _show(self) -> None:
        if self.error:
            self.text.value = self.error
            return
        photo, alt = open_with_alt(self.box.photo)
        lines = [html.escape(alt), *_credit(photo), *caption_lines(self.captioner, photo)]
        self.view.show_image(photo.thumbnail(320), alt)
        self.text.value = "".join(parts.paragraph(line) for line in lines)


def caption_lines(captioner: CaptionerLike | None, photo: Photo) -> list[str]:
    """HTML of each caption with its probability; nothing without a captioner."""
    if captioner is None:
        return []
    captions = captioner.caption(photo)
    return [f"{c.probability:.2g}&ensp;{parts.bold(c.text)}" for c in captions]


def _credit(photo: Photo) -> list[str]:
    return [html.escape(photo.credit)] if photo.credit else []


def photo_picker_picture(
    captioner: CaptionerLike | None = None,
    *,
    names: Sequence[str] | None = None,
    seeds: Sequence[int] = (0, 1, 2, 3),
) -> Picture:
    """What there is to pick from: sample photos and a few drawn scenes, each with its caption.

    Args:
        captioner: a `Captioner` whose captions are written below; None writes the names.
        names: of sample photos; None takes all.
        seeds: of drawn scenes.
    """
    chosen = {name: sample_photo(name) for name in (sample_photos() if names is None else names)}
    chosen |= {f"scene {seed}": open_photo(Scene.random(seed).draw()) for seed in seeds}
    photos, texts = list(chosen.values()), list(chosen)
    if captioner is not None:
        texts = [ranked[0].text for ranked in captioner.caption_batch(photos)]
    return plots.photo_row([photo.thumbnail(320) for photo in photos], texts)
