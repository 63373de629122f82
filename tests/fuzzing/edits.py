"""What a damaged or hostile file may be: one of ours, with a few edits."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

# More edits than these leave nothing that a reader takes for a file of its kind.
MOST_EDITS = 6
MOST_INSERTED, MOST_COPIES = 24, 40
NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 2**63)
LAYOUTS = ((">B", 1), (">H", 2), ("<H", 2), (">I", 4), ("<I", 4), (">Q", 8), ("<Q", 8))

Packing = Callable[[bytes], bytes]


def as_it_is(data: bytes) -> bytes:
    """The packing of a file that holds no checksums."""
    return data


@dataclass(frozen=True)
class Seed:
    """A file that is to be edited.

    Attributes:
        data: what is edited.
        packed: puts the edited bytes into what is read, checksums mended: a reader that finds a
            wrong one looks no further.
    """

    data: bytes
    packed: Packing = as_it_is


def edited(random: Random, seeds: Sequence[Seed]) -> bytes:
    """One of the seeds, edited a few times.

    Args:
        random: decides; one of Hypothesis's (`strategies.randoms`) finds the smallest edit that
            shows a fault, one of Python's is much faster.
        seeds: to choose from.
    """
    seed = random.choice(seeds)
    data = seed.data
    for _ in range(min(random.randint(1, MOST_EDITS) for _ in range(2))):
        data = random.choice(EDITS)(random, data, seeds)
    return seed.packed(data)


def _place(random: Random, data: bytes) -> int:
    return random.randint(0, len(data))


def _part(random: Random, data: bytes) -> tuple[int, int]:
    """Beginning and end of a part, often a short one."""
    start = _place(random, data)
    length = random.randint(0, random.choice((16, len(data))))
    return start, min(start + length, len(data))


def _bit(random: Random, data: bytes, _: Sequence[Seed]) -> bytes:
    at = _place(random, data)
    return (
        data[:at]
        + bytes(b ^ 1 << random.randint(0, 7) for b in data[at : at + 1])
        + (data[at + 1 :])
    )


def _number(random: Random, data: bytes, _: Sequence[Seed]) -> bytes:
    """A length, a size or an offset that is as small or large as it can be, or any."""
    layout, width = random.choice(LAYOUTS)
    number = random.choice((random.choice(NUMBERS), random.randint(0, 2**64))) % 256**width
    at = _place(random, data)
    return data[:at] + struct.pack(layout, number) + data[at + width :]


def _removed(random: Random, data: bytes, _: Sequence[Seed]) -> bytes:
    start, end = _part(random, data)
    return data[:start] + data[end:]


def _cut_short(random: Random, data: bytes, _: Sequence[Seed]) -> bytes:
    return data[: max(_place(random, data), _place(random, data))]


def _repeated(random: Random, data: bytes, _: Sequence[Seed]) -> bytes:
    start, end = _part(random, data)
    return data[:end] + data[start:end] * random.randint(1, MOST_COPIES) + data[end:]


def _inserted(random: Random, data: bytes, _: Sequence[Seed]) -> bytes:
    at = _place(random, data)
    new = bytes(random.randint(0, 255) for _ in range(random.randint(1, MOST_INSERTED)))
    return data[:at] + new + data[at:]


def _of_another(random: Random, data: bytes, seeds: Sequence[Seed]) -> bytes:
    """A part of another seed over a part of this one."""
    other = random.choice(seeds).data
    start, end = _part(random, other)
    at = _place(random, data)
    return data[:at] + other[start:end] + data[at + random.randint(0, end - start) :]


EDITS = (_bit, _number, _removed, _cut_short, _repeated, _inserted, _of_another)


def png_with_checksums(data: bytes) -> bytes:
    """A PNG whose chunks have the right checksums, as far as it is built of chunks."""
    kept, here = [data[:8]], 8
    while here + 12 <= len(data):
        end = here + 8 + int.from_bytes(data[here : here + 4], "big")
        if end + 4 > len(data):
            break
        kept.append(data[here:end] + struct.pack(">I", zlib.crc32(data[here + 4 : end])))
        here = end + 4
    return b"".join([*kept, data[here:]])


def tar_with_checksums(data: bytes) -> bytes:
    """A tar whose blocks that are headers, or were, have the right checksums."""
    blocks = [data[start : start + 512] for start in range(0, len(data), 512)]
    return b"".join(_header(one) if one[257:262] == b"ustar" else one for one in blocks)


def _header(block: bytes) -> bytes:
    total = sum(block[:148]) + 8 * ord(" ") + sum(block[156:])
    return block[:148] + b"%06o\0 " % total + block[156:]
