"""`Picture`: a figure with its alt text, shown in notebooks and saved as a file with both."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import _ImageBase
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from showtell_lib.errors import SettingsError
from showtell_lib.files import written
from showtell_lib.plots import style

LEAST_WORDS = 5
# PNG level 6 of 9: a gate map takes a third of the space that it takes at level 4. Level 9 saves
# a few per cent more, and takes ten times as long: widgets and the service draw trees often.
COMPRESSION = 6
# Enough for lines, text and flat colours; with 64 an orange ring turns brown.
COLOURS = 128
# Every pixel keeps its own colour (4:4:4): shared colours leave a fringe beside text.
JPEG_QUALITY, JPEG_SUBSAMPLING = 75, 0
# A picture of more points in one channel is a grey photo, not a heat-map.
LARGEST_MAP = 10_000
# A good third more than it is shown at: text stays sharp, and photos stay light.
JPEG_DOTS_PER_INCH = 104


@dataclass(frozen=True, eq=False)
class Picture:
    """A finished figure.

    Attributes:
        figure: a matplotlib figure; pyplot does not know it, so no figure is left open.
        alt: what the figure shows, in words and numbers computed from its data. Where pictures
            cannot be seen it takes the picture's place, and nbval compares it.

    Raises:
        SettingsError: the alt text is missing or says nothing.
    """

    figure: Figure
    alt: str

    def __post_init__(self) -> None:
        if len(self.alt.split()) < LEAST_WORDS:
            raise SettingsError(f"a picture needs alt text of {LEAST_WORDS} words or more")
        FigureCanvasAgg(self.figure)

    @property
    def holds_photos(self) -> bool:
        """Whether pictures in many colours or shades of grey are part of the figure."""
        # Any, here and below: Matplotlib's stubs leave these methods untyped.
        images: list[Any] = self.figure.findobj(lambda artist: isinstance(artist, _ImageBase))
        shapes = [np.shape(image.get_array()) for image in images]
        return any(len(shape) == 3 or np.prod(shape) > LARGEST_MAP for shape in shapes)

    def png(self, dots_per_inch: int = style.DOTS_PER_INCH) -> bytes:
        """The picture as PNG bytes, opaque, with the alt text as its `Description`."""
        described = PngInfo()
        described.add_text("Description", self.alt)
        image = self._drawn(dots_per_inch)
        if not self.holds_photos:
            image = image.quantize(COLOURS, dither=Image.Dither.NONE)
        return _saved(image, "PNG", pnginfo=described, compress_level=COMPRESSION)

    def jpeg(self, dots_per_inch: int = JPEG_DOTS_PER_INCH) -> bytes:
        """The picture as JPEG bytes, with the alt text as the file's comment."""
        return _saved(
            self._drawn(dots_per_inch),
            "JPEG",
            quality=JPEG_QUALITY,
            subsampling=JPEG_SUBSAMPLING,
            comment=self.alt.encode(),
            optimize=True,
        )

    def _drawn(self, dots_per_inch: int) -> Image.Image:
        # Not by `savefig`, which draws everything twice.
        self.figure.set_dpi(dots_per_inch)
        self.figure.set_facecolor(style.BACKGROUND)
        canvas: Any = FigureCanvasAgg(self.figure)
        canvas.draw()
        return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")

    def save(self, path: str | Path) -> Path:
        """Writes a JPEG file where the name ends in .jpg or .jpeg, else a PNG file."""
        path = Path(path)
        content = self.jpeg() if path.suffix.lower() in (".jpg", ".jpeg") else self.png()
        with written(path) as part:
            part.write_bytes(content)
        return path

    def _repr_mimebundle_(self, **_: object) -> tuple[dict[str, object], dict[str, object]]:
        width, height = self.figure.get_size_inches() * style.DOTS_PER_INCH
        shown = {
            "alt": self.alt,
            "width": round(width / 2),
            "height": round(height / 2),
        }
        kind = "image/jpeg" if self.holds_photos else "image/png"
        content = self.jpeg() if self.holds_photos else self.png()
        return {kind: content, "text/plain": self.alt}, {kind: shown}


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
