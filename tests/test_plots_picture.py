"""Every figure has alt text, stored with it, and an opaque background."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from showtell_lib.errors import SettingsError
from showtell_lib.plots import Picture, style

ALT = "An empty figure that shows nothing at all."


def test_alt_text_goes_with_the_picture(tmp_path: Path) -> None:
    picture = Picture(style.new_figure(1), ALT)
    with Image.open(picture.save(tmp_path / "x.png")) as image:
        assert image.text["Description"] == ALT  # type: ignore[attr-defined]
    data, metadata = picture._repr_mimebundle_()
    assert data["text/plain"] == metadata["image/png"]["alt"] == ALT
    assert Image.open(io.BytesIO(data["image/png"])).size == (1440, 160)


def test_the_background_is_opaque() -> None:
    pixels = np.asarray(Image.open(io.BytesIO(Picture(style.new_figure(1), ALT).png())))
    assert (pixels[..., 3] == 255).all()


@pytest.mark.parametrize("alt", ["", "   ", "a tree"])
def test_a_figure_without_alt_text_fails(alt: str) -> None:
    with pytest.raises(SettingsError, match="needs alt text"):
        Picture(style.new_figure(1), alt)
