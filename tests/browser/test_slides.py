"""The workshop's slides as a room sees them: nothing is cut off, no figure is tiny.

They need a folder of reveal.js (INSTRUCTOR, "Slides"): `make browser REVEAL=package`.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browsers import needs_browser
from tests.notebook_source import load

pytest.importorskip("nbconvert", reason="needs nbconvert, which comes with JupyterLab")
REVEAL = os.environ.get("REVEAL", "")
make_slides = load("workshop/make_slides")
PLAN = make_slides.plan()
# Everything that comes up one after another is shown.
SHOWN = """number => {
  Reveal.slide(number, 0);
  while (Reveal.availableFragments().next) Reveal.nextFragment();
  const slide = Reveal.getCurrentSlide();
  return {
    beyond: Math.max(
      slide.scrollHeight - slide.clientHeight, slide.scrollWidth - slide.clientWidth),
    pictures: [...slide.querySelectorAll("img")].map(one => ({
      height: one.clientHeight,
      share: one.clientWidth / (Number(one.getAttribute("width")) || one.naturalWidth),
    })),
  };
}"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The slides of all notebooks."""
    if not REVEAL:
        pytest.skip("needs a folder of reveal.js, named by REVEAL")
    out = tmp_path_factory.mktemp("slides")
    make_slides.make([*PLAN], out, Path(REVEAL))
    return out


@needs_browser
@pytest.mark.parametrize("number", PLAN)
def test_slides_hold_all_that_is_on_them(browser: Any, folder: Path, number: str) -> None:
    (path,) = folder.glob(f"{number}_*.html")
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(path.as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    assert page.evaluate("Reveal.getHorizontalSlides().length") == len(PLAN[number])
    for place, cells in enumerate(PLAN[number]):
        shown = page.evaluate(SHOWN, place)
        assert shown["beyond"] <= 1, f"{cells} goes beyond its slide"
        for picture in shown["pictures"]:
            # As large as in the notebook, or as high as the slide lets it be.
            assert picture["share"] > 0.85 or picture["height"] > 540, f"{cells} has a tiny figure"
    page.close()
