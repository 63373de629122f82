"""Metadata never decides whether a photo opens, and nothing of it but the orientation is read."""

from __future__ import annotations

import io
import random
import struct
import zlib

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from showtell_lib.captioner import load
from showtell_lib.errors import PhotoError
from showtell_lib.photos import open_photo
from showtell_lib.quiet import import_tensorflow
from tests.test_photos import assert_looks_like, quadrants, saved

TURNED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def exif(fields: list[tuple[int, int, int, bytes]], order: str = "<") -> bytes:
    """An EXIF block of one list of fields: tag, type, count and the bytes of the value."""
    start = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}I", 8)
    values, after = b"", 8 + 2 + 12 * len(fields) + 4
    block = start + struct.pack(f"{order}H", len(fields))
    for tag, kind, count, value in fields:
        block += struct.pack(f"{order}HHI", tag, kind, count)
        if len(value) <= 4:
            block += value.ljust(4, b"\0")
        else:
            block += struct.pack(f"{order}I", after + len(values))
            values += value
    return block + bytes(4) + values


def orientation(value: int, order: str = "<") -> tuple[int, int, int, bytes]:
    return 0x0112, 3, 1, struct.pack(f"{order}H", value)


def with_exif(photo: bytes, block: bytes) -> bytes:
    """A JPEG or PNG with an EXIF block before its pixels."""
    if photo.startswith(b"\xff\xd8"):
        body = b"Exif\0\0" + block
        return photo[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + photo[2:]
    return with_chunk(photo, b"eXIf", block)


def with_chunk(png: bytes, kind: bytes, body: bytes, damage: int = 0) -> bytes:
    checksum = struct.pack(">I", zlib.crc32(kind + body) ^ damage)
    return png[:33] + struct.pack(">I", len(body)) + kind + body + checksum + png[33:]


def stated(block: bytes) -> int:
    """The orientation in an EXIF block, read apart from the library: plainly, by the format."""
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(block[:4])
    if order is None or len(block) < 10:
        return 1

    def number(at: int, size: int, signed: bool = False) -> int:
        return int.from_bytes(block[at : at + size], order, signed=signed)  # type: ignore[arg-type]

    first = number(4, 4)
    for at in range(first + 2, first + 2 + 12 * number(first, 2), 12):
        if at + 12 > len(block):
            break
        if number(at, 2) == 0x0112 and (kind := number(at + 2, 2)) in (1, 3, 4, 6, 8, 9):
            size = {1: 1, 3: 2, 4: 4, 6: 1, 8: 2, 9: 4}[kind]
            value = number(at + 8, size, signed=kind > 4)
            return value if 1 <= value <= 8 else 1
    return 1


def damaged_block(chance: random.Random) -> bytes:
    """An EXIF block as no camera should write it."""
    order = chance.choice("<>")
    fields = [orientation(chance.randint(1, 8), order)]
    for tag in chance.sample([0x010F, 0x0110, 0x011A, 0x011B, 0x0128, 0x0132, 0x8769, 0x8825], 4):
        value = chance.randbytes(chance.choice([0, 1, 4, 8, 30]))
        fields.append((tag, chance.randint(0, 14), chance.choice([0, 1, 2, 9, 2**31]), value))
    chance.shuffle(fields)
    block = bytearray(exif(fields, order))
    if chance.random() < 0.3:  # Back to the list itself: a loop of lists.
        where = 10 + 12 * len(fields)
        block[where : where + 4] = struct.pack(f"{order}I", 8)
    for _ in range(chance.choice([0, 0, 1, 3, 10])):
        block[chance.randrange(len(block))] ^= 1 << chance.randrange(8)
    return bytes(block[: chance.choice([len(block)] * 3 + [chance.randrange(len(block) + 1)])])


@pytest.mark.parametrize(("kind", "cases"), [("JPEG", 1500), ("PNG", 1500), ("WEBP", 200)])
def test_damaged_exif_by_the_thousand(kind: str, cases: int) -> None:
    """All open, upright where that can be read; what is passed through can be decoded."""
    tf, chance = import_tensorflow(), random.Random(16)
    stored = quadrants()
    photo = saved(stored, kind, quality=95, lossless=True)
    for number in range(cases):
        block = damaged_block(chance)
        data = with_exif(photo, block) if kind != "WEBP" else webp_with_exif(photo, block)
        opened, turn = open_photo(data), stated(block)
        upright = stored.transpose(TURNED[turn]) if turn in TURNED else stored
        assert_looks_like(opened.pixels, upright, tolerance=12)
        passed = kind != "WEBP" and turn == 1
        assert opened.original == (data if passed else None), number
        if passed and number % 10 == 0:
            seen = tf.io.decode_image(opened.encoded, channels=3, expand_animations=False)
            assert np.abs(seen.numpy().astype(int) - opened.pixels).max() <= 6


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "TIFF"])
@pytest.mark.parametrize(
    "field",
    [
        (0x010F, 5, 1, struct.pack("<II", 1, 1)),
        (0x011A, 2, 4, b"72\0\0"),
        (0x011A, 11, 1, struct.pack("<f", float("nan"))),
        (0x011A, 5, 1, struct.pack("<II", 1, 0)),
        (0x8769, 4, 1, struct.pack("<I", 8)),
    ],
    ids=["maker as a ratio", "text as resolution", "not a number", "through nought", "a loop"],
)
def test_fields_of_a_wrong_type(kind: str, field: tuple[int, int, int, bytes]) -> None:
    photo = saved(quadrants(), kind)
    if kind == "TIFF":
        data = with_fields(photo, [field, orientation(6)])
    else:
        data = with_exif(photo, exif([orientation(6), field]))
    assert_looks_like(open_photo(data).pixels, quadrants().transpose(TURNED[6]), tolerance=12)


def webp_with_exif(webp: bytes, block: bytes) -> bytes:
    """A WebP with the block in a chunk of its own, and the header that says so."""
    width, height = (size.to_bytes(3, "little") for size in (63, 47))
    header = b"VP8X" + struct.pack("<I", 10) + b"\x08\0\0\0" + width + height
    chunk = b"EXIF" + struct.pack("<I", len(block)) + block + bytes(len(block) % 2)
    body = b"WEBP" + header + webp[12:] + chunk
    return b"RIFF" + struct.pack("<I", len(body)) + body


def with_fields(tiff: bytes, fields: list[tuple[int, int, int, bytes]]) -> bytes:
    """A TIFF file with more fields in its list, which moves to the end."""
    at = struct.unpack_from("<I", tiff, 4)[0]
    count = struct.unpack_from("<H", tiff, at)[0]
    values, entries = b"", tiff[at + 2 : at + 2 + 12 * count]
    after = len(tiff) + 2 + 12 * (count + len(fields)) + 4
    for tag, kind, number, value in fields:
        place = value.ljust(4, b"\0") if len(value) <= 4 else struct.pack("<I", after + len(values))
        entries += struct.pack("<HHI", tag, kind, number) + place
        values += value if len(value) > 4 else b""
    moved = struct.pack("<H", count + len(fields)) + entries + bytes(4) + values
    return tiff[:4] + struct.pack("<I", len(tiff)) + tiff[8:] + moved


def png_with_text(kilobytes: int) -> bytes:
    text = PngInfo()
    text.add_text("XML:com.adobe.xmp", "A" * 1000 * kilobytes, zip=True)
    return saved(quadrants(), "PNG", pnginfo=text)


ODD = {
    "a megabyte of packed text": lambda: png_with_text(1_100),
    "nine megabytes of text": lambda: with_chunk(
        saved(quadrants(), "PNG"), b"tEXt", b"Comment\0" + b"A" * 9_000_000
    ),
    "a damaged text": lambda: with_chunk(saved(quadrants(), "PNG"), b"zTXt", b"Title\0\0no", 1),
    "a damaged profile": lambda: with_chunk(saved(quadrants(), "PNG"), b"iCCP", b"x\0\0junk"),
    "a profile that is none": lambda: saved(quadrants(), "JPEG", icc_profile=b"junk"),
    "a short JFIF marker": lambda: with_segment(0xE0, b"JFIF\0\1"),
    "a short Adobe marker": lambda: with_segment(0xEE, b"Adobe"),
    "more pictures than there are": lambda: with_segment(0xE2, b"MPF\0II*\0\xff\xff\xff\x7f"),
    "a Photoshop block cut short": lambda: with_segment(0xED, b"Photoshop 3.0\0" + b"8BIM\3\xed"),
}


def with_segment(marker: int, body: bytes) -> bytes:
    photo = saved(quadrants(), "JPEG", quality=95)
    return photo[:2] + bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body + photo[2:]


@pytest.mark.parametrize("name", ODD)
def test_other_metadata_is_passed_over(name: str) -> None:
    """And the model takes the photo, too: what its decoder cannot take comes as a plain PNG."""
    data = ODD[name]()
    photo = open_photo(data)
    assert_looks_like(photo.pixels, quadrants(), tolerance=12)
    seen = load().pixels(data)
    plain = load().pixels(open_photo(photo.as_image()))
    assert np.abs(seen - plain).max() < 0.1


def test_imagemagick_keeps_exif_in_text() -> None:
    block = b"Exif\0\0" + exif([orientation(8)])
    profile = f"\nexif\n{len(block):8}\n{block.hex()}\n".encode()
    body = b"Raw profile type exif\0\0" + zlib.compress(profile)
    photo = open_photo(with_chunk(saved(quadrants(), "PNG"), b"zTXt", body))
    assert_looks_like(photo.pixels, quadrants().transpose(TURNED[8]))


def test_a_picture_of_pillow_with_exif_that_pillow_cannot_read() -> None:
    block = exif([orientation(6), (0x010F, 5, 1, struct.pack("<II", 1, 1))])
    image = Image.open(io.BytesIO(with_exif(saved(quadrants(), "JPEG"), block)))
    assert_looks_like(open_photo(image).pixels, quadrants().transpose(TURNED[6]), tolerance=12)


def test_the_pixels_still_decide() -> None:
    """What is cut short is refused, however good its metadata."""
    data = with_exif(saved(quadrants(600, 400), "JPEG"), exif([orientation(6)]))
    with pytest.raises(PhotoError, match="cut short"):
        open_photo(data[: len(data) // 2])
