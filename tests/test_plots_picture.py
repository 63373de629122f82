"""Every figure has alt text, stored with it, and an opaque background."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from showtell_lib import plots
from showtell_lib.errors import SettingsError
from showtell_lib.photos import sample_photo
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
    image = Image.open(io.BytesIO(Picture(style.new_figure(1), ALT).png()))
    assert (np.asarray(image.convert("RGBA"))[..., 3] == 255).all()


def with_photo() -> Picture:
    figure = style.new_figure(2)
    figure.add_subplot().imshow(sample_photo("chelsea").pixels)
    return Picture(figure, ALT)


def test_a_figure_with_a_photo_is_a_jpeg_with_its_alt_text() -> None:
    data, metadata = with_photo()._repr_mimebundle_()
    assert set(data) == {"image/jpeg", "text/plain"}
    image = Image.open(io.BytesIO(data["image/jpeg"]))
    assert image.info["comment"].decode() == metadata["image/jpeg"]["alt"] == ALT


@pytest.mark.parametrize("name", ["x.jpg", "x.JPEG"])
def test_a_file_that_is_named_so_is_a_jpeg(tmp_path: Path, name: str) -> None:
    with Image.open(with_photo().save(tmp_path / name)) as image:
        assert image.format == "JPEG"
        assert image.info["comment"].decode() == ALT


def test_a_grey_photo_under_a_heat_map_is_a_photo() -> None:
    picture = plots.word_regions(
        sample_photo("chelsea"), np.eye(7)[np.newaxis], ["cat"], title="Regions"
    )
    assert picture.holds_photos


def test_a_heat_map_is_no_photo() -> None:
    figure = style.new_figure(2)
    figure.add_subplot().imshow(np.eye(40))
    assert not Picture(figure, ALT).holds_photos


def test_the_jpeg_loses_nothing_that_one_could_see() -> None:
    picture = with_photo()
    exact, lossy = (
        np.asarray(Image.open(io.BytesIO(content)).convert("RGB"), float)
        for content in (picture.png(), picture.jpeg(style.DOTS_PER_INCH))
    )
    assert len(picture.jpeg()) < 0.4 * len(picture.png())
    noise = np.mean((exact - lossy) ** 2)
    assert 10 * np.log10(255**2 / noise) > 35  # decibels


def test_lines_and_text_keep_their_colours() -> None:
    figure = style.new_figure(2)
    figure.add_subplot().plot([0, 1], [1, 0], color=style.RED, linewidth=8)
    image = Image.open(io.BytesIO(Picture(figure, ALT).png())).convert("RGB")
    red = tuple(int(style.RED[i : i + 2], 16) for i in (1, 3, 5))
    nearest = min(
        sum(abs(a - b) for a, b in zip(pixel, red, strict=True))
        for _, pixel in image.getcolors(1 << 20)  # type: ignore[misc, union-attr]
    )
    assert nearest <= 6


@pytest.mark.parametrize("alt", ["", "   ", "a tree"])
def test_a_figure_without_alt_text_fails(alt: str) -> None:
    with pytest.raises(SettingsError, match="needs alt text"):
        Picture(style.new_figure(1), alt)
