"""Counts the scans of a JPEG before it is decoded: each of them costs a pass over all pixels."""

from __future__ import annotations

import re

# A progressive photo has about 10. libtiff draws the same line.
MAX_SCANS = 100
# As decoders look for markers: any number of 0xFF, then a byte that is neither stuffing nor a
# restart, which have no length.
_MARKER = re.compile(rb"\xff+([^\x00\x01\xd0-\xd8\xff])", re.DOTALL)
_END, _SCAN = 0xD9, 0xDA


def too_many_scans(data: bytes) -> bool:
    """Whether a file is a JPEG of more than `MAX_SCANS` scans.

    A file of a few hundred kilobytes can hold tens of thousands of scans that change nothing, each
    as long to decode as the photo is large. What follows the end of the image is another file.
    """
    if not data.startswith(b"\xff\xd8"):
        return False
    scans, here = 0, 2
    while (found := _MARKER.search(data, here)) and found[1][0] != _END:
        scans += found[1][0] == _SCAN
        if scans > MAX_SCANS:
            return True
        here = found.end() + max(2, int.from_bytes(data[found.end() : found.end() + 2], "big"))
    return False
