"""What each animal on four legs looks like."""

from __future__ import annotations

from dataclasses import dataclass

from showtell_lib.scenes.drawing import muzzles
from showtell_lib.scenes.drawing.limbs import Part
from showtell_lib.scenes.drawing.pencil import Point


@dataclass(frozen=True, kw_only=True)
class Beast:
    """An animal on four legs, sizes in metres.

    Attributes:
        body: from rump to chest.
        girth: half the height of the body.
        leg: from hip or shoulder to the ground.
        limb: thickness of a leg where it starts.
        neck: from chest to the middle of the head.
        rise: how steeply the neck rises, degrees.
        nape: thickness of the neck at the chest.
        head: size of the head.
        profile: outline of the body, in shares of its length and girth.
        tail: points along the tail, in girths from the rump's end, growing away from the body.
        tail_widths: how thick the tail is at each point, in girths.
        tail_rise: how far up it points, degrees.
        muzzle: the head itself.
        catching: the head of an animal that catches something, if it differs from `muzzle`.
        patches: shapes on the body, in shares of its length and girth.
        udder: shapes below the body, hidden when the animal lies.
        hoofed: whether the feet are hoofs, and the tail is of hair that hangs down.
    """

    body: float
    girth: float
    leg: float
    limb: float
    neck: float
    rise: float
    nape: float
    head: float
    profile: tuple[Point, ...]
    tail: tuple[Point, ...]
    tail_widths: tuple[float, ...]
    muzzle: muzzles.Muzzle
    tail_rise: float = 0.0
    catching: muzzles.Muzzle | None = None
    patches: tuple[Part, ...] = ()
    udder: tuple[Part, ...] = ()
    hoofed: bool = False


_SLIM = (
    *((-0.2, 0.1), (-0.1, 0.78), (0.3, 0.86), (0.75, 0.98), (1.1, 0.9), (1.26, 0.2)),
    *((1.16, -0.75), (0.85, -1.1), (0.4, -0.72), (0.02, -0.7), (-0.15, -0.5)),
)
_LEAN = (
    *((-0.22, 0.0), (-0.12, 0.8), (0.3, 0.95), (0.75, 0.85), (1.1, 0.85), (1.22, 0.1)),
    *((1.1, -0.75), (0.8, -0.95), (0.4, -0.85), (0.05, -0.8), (-0.16, -0.6)),
)
_STRONG = (
    *((-0.24, 0.1), (-0.12, 0.85), (0.12, 0.95), (0.45, 0.72), (0.8, 0.92), (1.12, 0.9)),
    *((1.26, 0.2), (1.14, -0.7), (0.8, -0.98), (0.4, -0.98), (0.05, -0.8), (-0.18, -0.6)),
)
_BROAD = (
    *((-0.2, 0.5), (-0.12, 0.9), (0.3, 0.92), (0.8, 0.96), (1.1, 0.8), (1.2, 0.1)),
    *((1.1, -0.8), (0.75, -1.0), (0.4, -1.12), (0.1, -1.0), (-0.14, -0.7), (-0.22, -0.1)),
)
BEASTS: dict[str, Beast] = {
    "dog": Beast(
        body=0.44,
        girth=0.145,
        leg=0.38,
        limb=0.14,
        neck=0.27,
        rise=58,
        nape=0.2,
        head=0.16,
        profile=_SLIM,
        tail=((0, 0), (0.8, 0.1), (1.5, 0.5), (2.0, 1.2)),
        tail_widths=(0.42, 0.42, 0.4, 0.22),
        tail_rise=30,
        muzzle=muzzles.DOG,
        catching=muzzles.OPEN_DOG,
    ),
    "cat": Beast(
        body=0.34,
        girth=0.1,
        leg=0.25,
        limb=0.09,
        neck=0.2,
        rise=52,
        nape=0.13,
        head=0.125,
        profile=_LEAN,
        tail=((0, 0), (0.9, -0.1), (1.7, 0.3), (2.1, 1.2), (1.9, 2.1), (2.3, 2.7)),
        tail_widths=(0.36, 0.36, 0.34, 0.32, 0.3, 0.2),
        tail_rise=10,
        muzzle=muzzles.CAT,
    ),
    "horse": Beast(
        body=0.92,
        girth=0.27,
        leg=1.02,
        limb=0.27,
        neck=0.72,
        rise=56,
        nape=0.4,
        head=0.3,
        profile=_STRONG,
        tail=((0, 0), (0.6, 0.0), (1.0, -0.8), (1.1, -1.7), (1.3, -2.4)),
        tail_widths=(0.3, 0.5, 0.6, 0.5, 0.1),
        muzzle=muzzles.HORSE,
        hoofed=True,
    ),
    "cow": Beast(
        body=1.05,
        girth=0.36,
        leg=0.84,
        limb=0.25,
        neck=0.48,
        rise=32,
        nape=0.46,
        head=0.3,
        profile=_BROAD,
        tail=((0, 0), (0.25, -0.2), (0.32, -1.0), (0.3, -1.6), (0.34, -1.9)),
        tail_widths=(0.12, 0.12, 0.1, 0.2, 0.14),
        muzzle=muzzles.COW,
        patches=muzzles.COW_PATCHES,
        udder=(muzzles.COW_UDDER,),
        hoofed=True,
    ),
}
