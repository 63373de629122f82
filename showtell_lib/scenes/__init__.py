"""Picture-book scenes: a scene as data, drawn, described, and checked against a caption.

`world` is a scene as data, `language` says and checks it, `drawing` draws it; `Scene` is all three.
"""

from showtell_lib.scenes.language.check import CaptionCheck, check_caption
from showtell_lib.scenes.pairs import ChangePair, one_change_pairs, two_for_one_pairs
from showtell_lib.scenes.scene import Scene
from showtell_lib.scenes.world.actor import Actor

__all__ = [
    "Actor",
    "CaptionCheck",
    "ChangePair",
    "Scene",
    "check_caption",
    "one_change_pairs",
    "two_for_one_pairs",
]
