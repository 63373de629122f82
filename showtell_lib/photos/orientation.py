"""How a camera was held: one number of a photo's EXIF block, read without the rest of it."""

from __future__ import annotations

import struct

from PIL import Image

ORIENTATION = 0x0112
PREFIX = b"Exif\0\0"
_BYTE_ORDERS = {b"II*\0": "<", b"MM\0*": ">"}
# The whole numbers of TIFF: unsigned and signed, of one, two and four bytes.
_WHOLE = {1: "B", 3: "H", 4: "I", 6: "b", 8: "h", 9: "i"}
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def byte_order(block: bytes) -> str | None:
    """The byte order of a TIFF header, as `struct` writes it; None if this is none."""
    return _BYTE_ORDERS.get(block[:4])


def read_orientation(block: bytes) -> int | None:
    """The orientation that an EXIF block states, 1 to 8; None if it states none.

    Nothing else of the block is looked at, so nothing else can be wrong with it: no offset is
    followed but the one to the first list of fields.

    Args:
        block: as a file holds it, with or without `Exif` before it; a whole TIFF file will do.
    """
    block = block.removeprefix(PREFIX)
    order = byte_order(block)
    if order is None or len(block) < 8:
        return None
    start = struct.unpack_from(f"{order}I", block, 4)[0]
    for entry in entries(block, start, order):
        tag, kind = struct.unpack_from(f"{order}HH", entry)
        if tag == ORIENTATION and kind in _WHOLE:
            value = struct.unpack_from(order + _WHOLE[kind], entry, 8)[0]
            return value if 1 <= value <= 8 else None
    return None


def entries(block: bytes, start: int, order: str) -> list[bytes]:
    """The fields of a list in a TIFF file, 12 bytes each; those that the block still holds."""
    if start + 2 > len(block):
        return []
    count = struct.unpack_from(f"{order}H", block, start)[0]
    room = (len(block) - start - 2) // 12
    first = start + 2
    return [block[first + 12 * i : first + 12 * i + 12] for i in range(min(count, room))]


def orientation_of(image: Image.Image) -> int:
    """The orientation that Pillow finds with a picture; 1 where it finds none or fails."""
    try:
        return int(image.getexif().get(ORIENTATION, 1))
    except Exception:
        # Pillow reads all of the block, and raises almost anything on what it does not like.
        return read_orientation(bytes(image.info.get("exif") or b"")) or 1


def turned_upright(image: Image.Image, orientation: int) -> Image.Image:
    """The picture as the camera saw it; itself if it was held upright."""
    turn = _TURNS.get(orientation)
    return image if turn is None else image.transpose(turn)
