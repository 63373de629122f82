"""The web site with few searches and little of the reference, made once for all tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import showtell_lib as st
from tests.notebook_source import load

PHOTOS, SCENES = ("chelsea", "astronaut", "grace_hopper"), (40,)
WIDTHS, PENALTIES = (1, 3), (0.0, 1.0)
MODULES = ("showtell_lib.trace", "showtell_lib.metrics")


class Site(NamedTuple):
    """A site: its folder, and the searches that its pages show."""

    folder: Path
    searches: Any


def made(folder: Path) -> Site:
    """Makes the site in a folder."""
    pages = load("pages")
    shown = pages.searches.shown(PHOTOS, SCENES)
    found = pages.searches.search(st.load(), shown, WIDTHS, PENALTIES)
    pages.make(folder, found)
    pages.reference.write(folder / "reference", MODULES)
    return Site(folder, found)
