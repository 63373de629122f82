"""Picture-book scenes: a scene as data, drawn, described, and checked against a caption."""

from showtell_lib.scenes.check import CaptionCheck, check_caption
from showtell_lib.scenes.scene import Actor, Scene

__all__ = ["Actor", "CaptionCheck", "Scene", "check_caption"]
