"""Photos: whatever is handed in comes out as a person would see it, or is refused with a reason."""

from __future__ import annotations

import io
import os
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, features

from showtell_lib.errors import PhotoError
from showtell_lib.photos import find_photos, open_photo, sample_photo, sample_photos
from tests.examples import examples

ORIENTATION = 0x0112


def quadrants(width: int = 64, height: int = 48) -> Image.Image:
    """Red, green above blue, white: every turn and mirror image of it differs."""
    pixels = np.zeros((height, width, 3), np.uint8)
    y, x = height // 2, width // 2
    pixels[:y, :x], pixels[:y, x:] = (200, 30, 30), (30, 180, 30)
    pixels[y:, :x], pixels[y:, x:] = (30, 30, 200), (255, 255, 255)
    return Image.fromarray(pixels)


def saved(image: Image.Image, file_format: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)  # type: ignore[arg-type]
    return buffer.getvalue()


def assert_looks_like(pixels: np.ndarray, expected: Image.Image, tolerance: float = 6) -> None:
    """Equal in size, and nearly equal in every quarter's middle, where no codec blurs."""
    reference = np.asarray(expected.convert("RGB"), float)
    assert pixels.shape == reference.shape
    assert pixels.dtype == np.uint8
    height, width = pixels.shape[:2]
    for y in (height // 4, 3 * height // 4):
        for x in (width // 4, 3 * width // 4):
            assert np.abs(pixels[y, x] - reference[y, x]).max() <= tolerance, (y, x)


FORMATS: dict[str, Callable[[], bytes]] = {
    "JPEG": lambda: saved(quadrants(), "JPEG", quality=95),
    "progressive JPEG": lambda: saved(quadrants(), "JPEG", quality=95, progressive=True),
    "PNG": lambda: saved(quadrants(), "PNG"),
    "GIF": lambda: saved(quadrants().quantize(), "GIF"),
    "BMP": lambda: saved(quadrants(), "BMP"),
    "WebP": lambda: saved(quadrants(), "WEBP", lossless=True),
    "TIFF": lambda: saved(quadrants(), "TIFF"),
    "palette PNG": lambda: saved(quadrants().quantize(), "PNG"),
    "CMYK JPEG": lambda: saved(quadrants().convert("CMYK"), "JPEG", quality=95),
}


@pytest.mark.parametrize("name", FORMATS)
def test_formats(name: str) -> None:
    photo = open_photo(FORMATS[name]())
    assert_looks_like(photo.pixels, quadrants(), tolerance=12)
    assert (photo.width, photo.height) == (64, 48)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_honoured(orientation: int) -> None:
    """A camera that was turned stores the pixels turned, with the way back in EXIF."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = quadrants()
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    photo = open_photo(saved(stored, "JPEG", quality=95, exif=exif))
    assert_looks_like(photo.pixels, upright)
    # The graph ignores EXIF, so only the upright file may go to it as it is.
    assert (photo.original is not None) == (orientation == 1)


def test_grey_is_grey_in_all_channels() -> None:
    grey = quadrants().convert("L")
    photo = open_photo(saved(grey, "PNG"))
    np.testing.assert_array_equal(photo.pixels, np.asarray(grey.convert("RGB")))
    assert photo.original is not None


def test_16_bits_become_8() -> None:
    values = np.linspace(0, 65535, 64 * 48).reshape(48, 64).astype(np.uint16)
    photo = open_photo(saved(Image.fromarray(values), "PNG"))
    expected = np.round(values / 257)
    assert np.abs(photo.pixels[..., 0] - expected).max() <= 1
    assert photo.original is None


@pytest.mark.parametrize("mode", ["RGBA", "LA"])
def test_transparency_is_flattened_on_white(mode: str) -> None:
    image = Image.new("RGBA", (8, 8), (0, 0, 0, 0))
    image.putpixel((3, 3), (0, 0, 0, 255))
    image.putpixel((4, 4), (0, 0, 0, 128))
    photo = open_photo(saved(image.convert(mode), "PNG"))
    assert tuple(photo.pixels[0, 0]) == (255, 255, 255)
    assert tuple(photo.pixels[3, 3]) == (0, 0, 0)
    assert abs(int(photo.pixels[4, 4, 0]) - 127) <= 1
    assert photo.original is None


def test_a_transparent_palette_colour_becomes_white() -> None:
    image = Image.new("P", (4, 4), 0)
    image.putpalette([10, 20, 30, 200, 100, 50])
    image.putpixel((1, 1), 1)
    photo = open_photo(saved(image, "GIF", transparency=0))
    assert tuple(photo.pixels[0, 0]) == (255, 255, 255)
    assert tuple(photo.pixels[1, 1]) == (200, 100, 50)


@pytest.mark.parametrize("file_format", ["GIF", "WEBP", "PNG"])
def test_an_animation_is_its_first_frame(file_format: str) -> None:
    frames = [quadrants(), Image.new("RGB", (64, 48), "black")]
    data = saved(frames[0], file_format, save_all=True, append_images=frames[1:], lossless=True)
    photo = open_photo(data)
    assert_looks_like(photo.pixels, quadrants(), tolerance=12)
    assert photo.original is None


@pytest.mark.parametrize(("width", "height"), [(1, 1), (1, 4000), (4000, 1), (3, 2)])
def test_odd_shapes(width: int, height: int) -> None:
    photo = open_photo(saved(Image.new("RGB", (width, height), "teal"), "PNG"))
    assert photo.pixels.shape == (height, width, 3)
    assert tuple(photo.pixels[-1, -1]) == (0, 128, 128)


def test_every_way_to_hand_in_a_photo(tmp_path: Path) -> None:
    data = FORMATS["PNG"]()
    path = tmp_path / "a photo.png"
    path.write_bytes(data)
    with path.open("rb") as file:
        from_file = open_photo(file)
    expected = np.asarray(quadrants())
    sources = [str(path), path, data, bytearray(data), io.BytesIO(data), quadrants(), expected]
    for photo in [from_file, *map(open_photo, sources)]:
        np.testing.assert_array_equal(photo.pixels, expected)
    assert open_photo(from_file) is from_file
    assert open_photo(path).name == from_file.name == "a photo.png"


@pytest.mark.parametrize(
    "array",
    [
        np.asarray(quadrants()) / 255,
        np.asarray(quadrants()).astype(np.uint16) * 257,
        np.dstack([np.asarray(quadrants()), np.full((48, 64), 255, np.uint8)]),
        np.asarray(quadrants())[:, ::-1][:, ::-1],
    ],
    ids=["float", "16 bit", "with alpha", "not contiguous"],
)
def test_arrays(array: np.ndarray) -> None:
    np.testing.assert_array_equal(open_photo(array).pixels, np.asarray(quadrants()))


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (np.zeros((2, 2, 5), np.uint8), "[2, 2, 5]"),
        (np.zeros((0, 4, 3), np.uint8), "no pixels"),
        (np.full((2, 2), 7.0), "from 0 to 1"),
        (np.full((2, 2), np.nan), "from 0 to 1"),
        (np.zeros((2, 2), np.int64), "int64"),
        (io.StringIO("text"), "mode 'rb'"),
        (42, "int"),
    ],
)
def test_what_is_no_photo_is_refused(source: object, words: str) -> None:
    with pytest.raises(PhotoError) as error:
        open_photo(source)
    assert words in str(error.value)


def bad_files(folder: Path) -> dict[str, tuple[Path, str]]:
    """Files that cannot be captioned, each with a word that its message must hold."""
    good = FORMATS["JPEG"]()
    contents = {
        "empty.jpg": (b"", "empty"),
        "truncated.jpg": (good[: len(good) // 2], "cut short"),
        "text.jpg": (b"these are only words\n" * 9, "not a photo"),
        "page.png": (b"<!doctype html><title>404</title>", "not a photo"),
        "bomb.png": (bomb(), "million pixels"),
        "drawing.eps": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "not a photo"),
    }
    files = {}
    for name, (data, word) in contents.items():
        (folder / name).write_bytes(data)
        files[name] = (folder / name, word)
    return files | {"missing": (folder / "none.jpg", "no such file"), "folder": (folder, "folder")}


def bomb() -> bytes:
    """A PNG of a few bytes that claims 60,000 x 60,000 pixels."""
    header = (60_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")]
    body = b"".join(
        len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")
        for kind, data in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


BAD = (
    "empty.jpg truncated.jpg text.jpg page.png bomb.png drawing.eps missing folder".split()
)  # the names in `bad_files`


@pytest.mark.parametrize("name", BAD)
def test_bad_files_are_named_with_the_reason(name: str, tmp_path: Path) -> None:
    path, word = bad_files(tmp_path)[name]
    with pytest.raises(PhotoError) as error:
        open_photo(path)
    message = str(error.value)
    assert message.startswith(str(path))
    assert word in message
    assert "\n" not in message


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_may_not_be_read(tmp_path: Path) -> None:
    path = tmp_path / "secret.jpg"
    path.write_bytes(FORMATS["JPEG"]())
    path.chmod(0)
    with pytest.raises(PhotoError, match=r"secret\.jpg.*permissions"):
        open_photo(path)


def test_a_file_that_fails_while_it_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refuse)
    with pytest.raises(PhotoError, match=r"secret\.jpg.*Permission denied.*permissions"):
        open_photo(tmp_path / "secret.jpg")


FUZZED = {
    name: make() for name, make in FORMATS.items() if name != "WebP" or features.check("webp")
}
FUZZED["16-bit PNG"] = saved(
    Image.fromarray(np.arange(3072, dtype=np.uint16).reshape(48, 64)), "PNG"
)
FUZZED["animated GIF"] = saved(
    quadrants().quantize(), "GIF", save_all=True, append_images=[Image.new("P", (64, 48))]
)


@pytest.mark.parametrize("name", FUZZED)
@given(data=st.data())
@examples(60)
def test_damaged_files_give_a_photo_or_a_photo_error(name: str, data: st.DataObject) -> None:
    damaged = bytearray(FUZZED[name])
    for _ in range(data.draw(st.integers(0, 6))):
        position = data.draw(st.integers(0, len(damaged) - 1))
        damaged[position] ^= 1 << data.draw(st.integers(0, 7))
    damaged = damaged[: data.draw(st.integers(0, len(damaged)))]
    try:
        photo = open_photo(bytes(damaged))
    except PhotoError:
        return
    assert photo.pixels.ndim == 3
    assert photo.pixels.shape[2] == 3


@given(data=st.binary(max_size=300))
@examples(60)
def test_random_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(PhotoError):
        open_photo(data)


@pytest.mark.parametrize("name", sample_photos())
def test_sample_photos_say_who_made_them(name: str) -> None:
    photo = sample_photo(name)
    assert "; from " in photo.credit
    assert photo.width > 200
    assert photo.original is not None


def test_an_unknown_sample_photo() -> None:
    with pytest.raises(PhotoError, match=r"'dog'.*chelsea"):
        sample_photo("dog")


def test_pixels_cannot_be_changed_behind_a_photo() -> None:
    with pytest.raises(ValueError, match="read-only"):
        sample_photo("chelsea").pixels[0, 0] = 0


def test_a_photo_shows_itself_in_a_notebook() -> None:
    photo = sample_photo("chelsea")
    data, metadata = photo._repr_jpeg_()
    shown = Image.open(io.BytesIO(data))
    assert max(shown.size) == 320
    assert metadata["alt"] == "The photo chelsea.png, 451 by 300 pixels."
    assert repr(photo) == "<Photo chelsea.png: 451 x 300>"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("b.jpg", "a.PNG", "notes.txt", "deep/c.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(FORMATS["PNG"]())
    (tmp_path / "empty").mkdir()
    return tmp_path


def test_find_photos(folder: Path) -> None:
    found = find_photos([str(folder), str(folder / "**/*.jpg"), str(folder / "notes.txt")])
    names = [path.name for path in found if isinstance(path, Path)]
    assert names == ["a.PNG", "b.jpg", "b.jpg", "c.jpg", "notes.txt"]


def test_find_photos_puts_an_error_where_nothing_is_found(folder: Path) -> None:
    names = [str(folder / "empty"), str(folder / "*.gif"), str(folder / "no.jpg")]
    errors = find_photos([names[0], str(folder / "b.jpg"), *names[1:]])
    assert isinstance(errors.pop(1), Path)
    assert [str(error) for error in errors] == [
        f"{names[0]}: no photos in this folder",
        f"{names[1]}: no file matches",
        f"{names[2]}: no such file; check the path",
    ]


def test_a_file_whose_name_looks_like_a_glob(tmp_path: Path) -> None:
    path = tmp_path / "photo[1].png"
    path.write_bytes(FORMATS["PNG"]())
    assert find_photos([str(path)]) == [path]
