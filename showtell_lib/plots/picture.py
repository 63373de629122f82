"""`Picture`: a figure with its alt text, shown in notebooks and saved as PNG with both."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from showtell_lib.errors import SettingsError
from showtell_lib.files import written
from showtell_lib.plots import style

LEAST_WORDS = 5
# Of 9: more takes twice the time for a few per cent.
COMPRESSION = 4


@dataclass(frozen=True, eq=False)
class Picture:
    """A finished figure.

    Attributes:
        figure: a matplotlib figure that pyplot knows nothing of, so that none is left open.
        alt: what the figure shows, in words and numbers computed from its data. It is the text
            under the picture where pictures cannot be seen, and nbval compares it.

    Raises:
        SettingsError: the alt text is missing or says nothing.
    """

    figure: Figure
    alt: str

    def __post_init__(self) -> None:
        if len(self.alt.split()) < LEAST_WORDS:
            raise SettingsError(f"a picture needs alt text of {LEAST_WORDS} words or more")
        FigureCanvasAgg(self.figure)

    def png(self, dots_per_inch: int = style.DOTS_PER_INCH) -> bytes:
        """The picture as PNG bytes, opaque, with the alt text as its `Description`."""
        # Not by `savefig`, which draws everything twice.
        self.figure.set_dpi(dots_per_inch)
        self.figure.set_facecolor(style.BACKGROUND)
        canvas: Any = FigureCanvasAgg(self.figure)
        canvas.draw()
        described = PngInfo()
        described.add_text("Description", self.alt)
        buffer = io.BytesIO()
        image = Image.fromarray(np.asarray(canvas.buffer_rgba()))
        image.save(buffer, "PNG", pnginfo=described, compress_level=COMPRESSION)
        return buffer.getvalue()

    def save(self, path: str | Path) -> Path:
        """Writes the PNG file."""
        path = Path(path)
        with written(path) as part:
            part.write_bytes(self.png())
        return path

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        width, height = self.figure.get_size_inches() * style.DOTS_PER_INCH
        shown = {"alt": self.alt, "width": round(width / 2), "height": round(height / 2)}
        return {"image/png": self.png(), "text/plain": self.alt}, {"image/png": shown}
