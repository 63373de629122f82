"""Photos that were made to hurt: small to send, long to open, or too much for the memory."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from showtell_lib.errors import PhotoError
from showtell_lib.photos import open_photo

SCAN, END = b"\xff\xda", b"\xff\xd9"
# How many KB the peak of a process rises. The peak in `getrusage` begins with that of the parent.
MEASURE = """
import re, sys
from showtell_lib.photos import open_photo
peak = lambda: int(re.search(r"VmHWM:\\s+(\\d+)", open("/proc/self/status").read())[1])
data = sys.stdin.buffer.read()
before = peak()
open_photo(data)
print(peak() - before)
"""


DECOYS = {
    "an end inside a comment": b"\xff\xfe\0\4" + END,
    "an end inside a field of the application": b"\xff\xe5\0\4" + END,
    "bytes between the segments": b"junk \xff\0 junk",
    "fill before a marker": b"\xff\xff\xff",
    "a restart": b"\xff\xd3",
}


def progressive(scans: int, size: int = 256, mode: str = "L") -> bytes:
    """A progressive JPEG whose last scan comes again and again, changing nothing."""
    buffer = io.BytesIO()
    Image.new(mode, (size, size), 128).save(buffer, "JPEG", progressive=True)
    data = buffer.getvalue()
    repeated = data[data.rindex(SCAN) : -2]
    return data[:-2] + repeated * (scans - data.count(SCAN)) + END


@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_a_jpeg_of_thousands_of_scans_is_refused_before_it_is_decoded(mode: str) -> None:
    assert open_photo(progressive(90, mode=mode)).width == 256
    with pytest.raises(PhotoError, match="more than 100 scans"):
        open_photo(progressive(20_000, size=5000, mode=mode))


@pytest.mark.parametrize("decoy", DECOYS.values(), ids=DECOYS)
def test_scans_are_counted_as_decoders_count_them(decoy: bytes) -> None:
    many = progressive(500)
    start = many.index(b"\xff\xdb")
    with pytest.raises(PhotoError, match="scans"):
        open_photo(many[:start] + decoy + many[start:])


def test_what_follows_a_photo_or_lies_inside_its_metadata_is_not_counted() -> None:
    """Phones append a film to a photo, and editors put previews into it."""
    photo = progressive(12)
    film = photo + SCAN * 1000
    preview = b"\xff\xe2\xff\xff" + (SCAN * 40_000)[:65_533]
    for data in (film, photo[:2] + preview + photo[2:]):
        assert open_photo(data).height == 256


BIG = {
    "16 bit": lambda: Image.fromarray(np.full((5000, 5000), 40_000, np.uint16)),
    "transparent": lambda: Image.new("RGBA", (5000, 5000), (200, 100, 50, 128)),
    "grey and transparent": lambda: Image.new("LA", (5000, 5000), (200, 128)),
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="counts memory as Linux does")
@pytest.mark.parametrize("kind", BIG)
def test_every_mode_takes_at_most_ten_bytes_a_pixel(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "big.png"
    BIG[kind]().save(path, "PNG", compress_level=1)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    run = subprocess.run(
        [sys.executable, "-c", MEASURE],
        stdin=path.open("rb"),
        env=environment,
        capture_output=True,
        check=True,
    )
    assert int(run.stdout) * 1024 < 10 * 25_000_000


@pytest.mark.parametrize("mode", ["I;16", "I", "F", "RGBA", "LA", "P", "1", "CMYK", "L"])
def test_strips_make_the_same_picture(mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    values = np.random.default_rng(0).integers(0, 60_000, (50, 30))
    kinds = {"I;16": np.uint16, "I": np.int32, "F": np.float32}
    if mode in kinds:
        image = Image.fromarray(values.astype(kinds[mode]))
    else:
        colours = np.random.default_rng(1).integers(0, 256, (50, 30, 4), np.uint8)
        image = Image.fromarray(colours)
        image = image.convert("RGB").convert(mode) if mode in ("P", "CMYK") else image.convert(mode)
    whole = open_photo(image).pixels
    monkeypatch.setattr("showtell_lib.photos.pixels.STRIP_PIXELS", 100)
    assert np.array_equal(open_photo(image).pixels, whole)
