"""Separates what is needed to see a photo from the rest of its file.

Cameras, phones and editors write all kinds of data beside the pixels: fields of a wrong type,
blocks that were cut short, megabytes of text. A decoder that reads all this refuses good photos. So
the decoder gets the pixels alone; of an EXIF block only the orientation is read, which says how the
camera was held.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

ORIENTATION = 0x0112
_EXIF = b"Exif\0\0"
_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
# The whole numbers of TIFF: unsigned and signed, of one, two and four bytes.
_WHOLE = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}
PNG_START = b"\x89PNG\r\n\x1a\n"
# In a JPEG: the start of a scan, after which only pixels come, and the end of the image.
_LAST_MARKERS = (0xDA, 0xD9)
_APP0, _APP1, _APP14, _APP15, _COMMENT = 0xE0, 0xE1, 0xEE, 0xEF, 0xFE
# Two markers say how colours are stored; decoders ignore them if they are too short.
_COLOUR_MARKERS = {_APP0: (b"JFIF\0", 14), _APP14: (b"Adobe", 12)}
# Optional, but not metadata: transparency and the frames of an animation.
_PNG_PIXELS = (b"tRNS", b"acTL", b"fcTL", b"fdAT")
# ImageMagick keeps EXIF in a PNG in this way, as hexadecimal digits in compressed text.
_RAW_PROFILE = re.compile(rb"Raw profile type (?:exif|APP1)\0.", re.DOTALL)
_RAW_PROFILE_BYTES = 200_000
_WEBP_METADATA = {b"EXIF": 0x08, b"XMP ": 0x04, b"ICCP": 0x20}
# Fields of TIFF by number: sizes, strips and tiles, compression, colours.
_TIFF_PIXELS = {254, *range(256, 260), 262, 266, 273, *range(277, 280), 284, 292, 293, 317}
_TIFF_PIXELS |= {*range(320, 326), 332, 334, 336, *range(338, 342), 347, *range(512, 522)}
_TIFF_PIXELS |= {*range(529, 533)}
_ITEM_OF_METADATA = re.compile(rb"(infe\x02\0\0.{5})(?:Exif|mime)", re.DOTALL)


@dataclass(frozen=True)
class Essentials:
    """What is needed to see a photo.

    Attributes:
        data: the file, less its metadata.
        orientation: as the EXIF block says; None if there is none that can be read, or if the
            decoder itself turns photos of this kind.
    """

    data: bytes
    orientation: int | None = None


def essentials(data: bytes) -> Essentials:
    """A photo's file without its metadata, and its orientation.

    A file of an unknown kind, or a file that is not built as its kind should be, stays as it is.
    """
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    if data.startswith(PNG_START):
        return _png(data)
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return _webp(data)
    if _byte_order(data) is not None:
        return _tiff(data)
    if data[4:8] == b"ftyp":
        # AVIF and HEIC have fields of their own for turns, which decoders obey; EXIF must not turn
        # the photo a second time.
        return Essentials(_ITEM_OF_METADATA.sub(rb"\1free", data))
    return Essentials(data)


def _jpeg(data: bytes) -> Essentials:
    kept, orientation, here = [data[:2]], None, 2
    for marker, start, end in _jpeg_segments(data):
        body, here = data[start + 4 : end], end
        if not _is_jpeg_metadata(marker, body):
            kept.append(data[start:end])
        elif marker == _APP1 and body.startswith(_EXIF) and orientation is None:
            orientation = read_orientation(body)
    return Essentials(b"".join([*kept, data[here:]]), orientation)


def _jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment before the pixels.

    Bytes between segments are skipped, as libjpeg does.
    """
    here = 2
    while (here := data.find(b"\xff", here)) >= 0 and here + 4 <= len(data):
        marker = data[here + 1]
        if marker in _LAST_MARKERS:
            return
        if marker in (0x00, 0x01, 0xFF) or 0xD0 <= marker <= 0xD8:
            here += 1
            continue
        end = here + 2 + struct.unpack_from(">H", data, here + 2)[0]
        if end > len(data):
            return
        yield marker, here, end
        here = end


def _is_jpeg_metadata(marker: int, body: bytes) -> bool:
    if marker in _COLOUR_MARKERS:
        start, length = _COLOUR_MARKERS[marker]
        return not (body.startswith(start) and len(body) >= length)
    return _APP1 <= marker <= _APP15 or marker == _COMMENT


def _png(data: bytes) -> Essentials:
    kept, orientation, here = [PNG_START], None, len(PNG_START)
    while here + 8 <= len(data):
        kind, end = (
            data[here + 4 : here + 8],
            here + 12 + int.from_bytes(data[here : here + 4], "big"),
        )
        # The fifth bit of a chunk's first letter says that a decoder may skip the chunk.
        if not kind[0] & 0x20 or kind in _PNG_PIXELS:
            kept.append(data[here:end])
        elif orientation is None:
            orientation = _png_orientation(kind, data[here + 8 : end - 4])
        here = end
    return Essentials(b"".join(kept), orientation)


def _png_orientation(kind: bytes, body: bytes) -> int | None:
    if kind == b"eXIf":
        return read_orientation(body)
    named = _RAW_PROFILE.match(body) if kind == b"zTXt" else None
    if named is None:
        return None
    try:
        text = zlib.decompressobj().decompress(body[named.end() :], _RAW_PROFILE_BYTES)
        digits = b"".join(text.split()[2:])
        return read_orientation(bytes.fromhex(digits[: len(digits) & ~1].decode("ascii")))
    except (ValueError, zlib.error):
        return None


def _webp(data: bytes) -> Essentials:
    kept, orientation, here = [], None, 12
    while here + 8 <= len(data):
        kind, size = struct.unpack_from("<4sI", data, here)
        end = here + 8 + size + (size & 1)
        body = data[here + 8 : here + 8 + size]
        if kind == b"EXIF" and orientation is None:
            orientation = read_orientation(body)
        if kind == b"VP8X" and body:
            flags = body[0] & ~sum(_WEBP_METADATA.values())
            kept.append(data[here : here + 8] + bytes([flags]) + data[here + 9 : end])
        elif kind not in _WEBP_METADATA:
            kept.append(data[here:end])
        here = end
    chunks = b"WEBP" + b"".join(kept) + data[here:]
    return Essentials(b"RIFF" + struct.pack("<I", len(chunks)) + chunks, orientation)


def _tiff(data: bytes) -> Essentials:
    """The fields of the first picture that pixels depend on, in a list of their own at the end."""
    order = _byte_order(data)
    if order is None or len(data) < 8:
        return Essentials(data)
    fields = _entries(data, struct.unpack_from(f"{order}I", data, 4)[0], order)
    kept = [field for field in fields if struct.unpack_from(f"{order}H", field)[0] in _TIFF_PIXELS]
    padded = data + bytes(len(data) % 2)
    start = struct.pack(f"{order}I", len(padded))
    list_of_fields = struct.pack(f"{order}H", len(kept)) + b"".join(kept) + bytes(4)
    orientation = read_orientation(data)
    return Essentials(data[:4] + start + padded[8:] + list_of_fields, orientation)


def _byte_order(block: bytes) -> str | None:
    """The byte order of a TIFF header, as `struct` writes it; None if this is no such header."""
    return _BYTE_ORDERS.get(block[:4])


def read_orientation(block: bytes) -> int | None:
    """The orientation that an EXIF block states, 1 to 8; None if it states none.

    Nothing else in the block is read, so no other fault in it matters: the only offset that is
    followed is that of the first list of fields.

    Args:
        block: with or without the leading `Exif`; or a whole TIFF file.
    """
    block = block.removeprefix(_EXIF)
    order = _byte_order(block)
    if order is None or len(block) < 8:
        return None
    start = struct.unpack_from(f"{order}I", block, 4)[0]
    for entry in _entries(block, start, order):
        tag, kind = struct.unpack_from(f"{order}HH", entry)
        if tag == ORIENTATION and kind in _WHOLE:
            value = struct.unpack_from(order + _WHOLE[kind], entry, 8)[0]
            return value if 1 <= value <= 8 else None
    return None


def _entries(block: bytes, start: int, order: str) -> list[bytes]:
    """The fields of a list in a TIFF file, 12 bytes each, as far as the block holds them."""
    if start + 2 > len(block):
        return []
    count = struct.unpack_from(f"{order}H", block, start)[0]
    room = (len(block) - start - 2) // 12
    first = start + 2
    return [block[first + 12 * i : first + 12 * i + 12] for i in range(min(count, room))]
