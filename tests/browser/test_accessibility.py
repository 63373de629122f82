"""Every page that the project makes, held to the WCAG rules that a program can check (axe-core)."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from showtell_lib.errors import PhotoError
from showtell_lib.galleries import gallery
from showtell_lib.reports.page import Report, Section, Table
from showtell_lib.scenes import Scene
from showtell_lib.streaming import PhotoCaptions
from showtell_lib.trace import Caption
from showtell_lib.widgets import microscope
from tests.browser.browsers import needs_browser
from tests.browser.site import Site
from tests.browser.tree_page import random_trace, show, write
from tests.captioning_service import Service
from tests.notebook_source import load
from tests.toy_captioner import ToyCaptioner

axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
pytest.importorskip("nbconvert", reason="needs nbconvert")

FOLDER = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.stem for path in FOLDER.glob("[0-9][0-9]_*.ipynb"))
make_slides = load("workshop/make_slides")
# A picture with no words, or nbconvert's words where a figure has none.
NO_TEXT = 'img[alt=""], img[alt^="No description"]'
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]
# Those of axe's category "color". The others look at the elements that there are and are shown.
RULES_OF_COLOURS = ["color-contrast", "link-in-text-block"]
ELEMENTS = """() => document.documentElement.outerHTML +
  [...document.querySelectorAll("*")].map(one => Number(one.checkVisibility())).join("")"""
# Once the page is at rest: its colours may change slowly. Where a rule holds, the thousands of
# elements are not told.
CHECK = """async rules => {
  await Promise.allSettled(document.getAnimations().map(motion => motion.finished));
  return (await axe.run({runOnly: rules, resultTypes: ["violations"]})).violations;
}"""

# Of the words of code that look alike, the first is kept: a page has thousands, all coloured by
# their class alone, and the contrast of each would be worked out.
FIRST_OF_ITS_KIND = """() => {
  const seen = new Set();
  for (const word of document.querySelectorAll("pre span[class]:not(:has(span))")) {
    const classes = [];
    for (let at = word; at; at = at.parentElement) classes.push(at.className);
    const kind = classes.join(" / ");
    if (seen.has(kind)) word.remove(); else seen.add(kind);
  }
}"""

pytestmark = needs_browser


@pytest.fixture
def page(tab: Any) -> Iterator[Any]:
    """The tab; nothing comes to it from outside this machine."""
    tab.route("**/*", _from_here_only)
    yield tab
    tab.unroute("**/*", _from_here_only)


def _from_here_only(route: Any) -> None:
    if route.request.url.startswith(("file:", "data:", "http://127.0.0.1:")):
        route.continue_()
    else:
        route.abort()


def broken_rules(page: Any, dark: bool = True) -> list[tuple[str, str, list[str]]]:
    """The rules that a page breaks: name, meaning, and the first elements that do.

    Args:
        page: the page, in light.
        dark: whether it is turned dark, too, for the rules of colours; then it is light again.
    """
    page.evaluate(axe.Axe().axe_script)
    page.evaluate(FIRST_OF_ITS_KIND)
    found = page.evaluate(CHECK, RULES)
    if dark:
        in_light = page.evaluate(ELEMENTS)
        page.emulate_media(color_scheme="dark")
        found += page.evaluate(CHECK, RULES_OF_COLOURS)
        assert page.evaluate(ELEMENTS) == in_light
        page.emulate_media(color_scheme="light")
    return [
        (broken["id"], broken["help"], [node["html"][:200] for node in broken["nodes"][:3]])
        for broken in found
    ]


def broken_rules_of(
    html: str, page: Any, folder: Path, dark: bool = True
) -> list[tuple[str, str, list[str]]]:
    """The rules that a page breaks which is opened as a file."""
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    page.goto(path.as_uri(), wait_until="domcontentloaded")
    return broken_rules(page, dark)


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_on_the_site(name: str, page: Any, site: Site) -> None:
    page.goto((site.folder / f"{name}.html").as_uri())
    assert not broken_rules(page)
    assert not page.query_selector_all(NO_TEXT)


@pytest.mark.parametrize("width", [360, 1000])
def test_the_index_of_the_site(width: int, page: Any, site: Site) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    page.goto((site.folder / "index.html").as_uri())
    assert not broken_rules(page)
    assert not page.query_selector_all(NO_TEXT)
    page.get_by_role("slider", name="Beam width").fill("0")
    page.get_by_text("The tree in words").click()
    assert not broken_rules(page)


def test_the_reference(page: Any, site: Site) -> None:
    page.goto((site.folder / "reference" / "showtell_lib" / "trace.html").as_uri())
    assert not broken_rules(page)


@pytest.mark.parametrize("number", [name[:2] for name in NAMES])
def test_the_slides(number: str, page: Any, tmp_path: Path) -> None:
    """Without reveal.js all slides are shown, one below the other. They are never dark."""
    html = make_slides.page(number, "nowhere")
    assert not broken_rules_of(html, page, tmp_path, dark=False)
    assert not page.query_selector_all(NO_TEXT)


def test_a_gallery(page: Any, tmp_path: Path) -> None:
    scene = io.BytesIO()
    Scene.random(3).draw().save(scene, "JPEG")
    caption = Caption("a dog", (0, 1), -1.0, -1.0, True, (("a dog", -1.0),))
    captioned = PhotoCaptions("dog.jpg", "dog.jpg", [caption], thumbnail=scene.getvalue())
    damaged = PhotoCaptions("cat.jpg", "cat.jpg", [], PhotoError("cat.jpg: damaged"))
    assert not broken_rules_of(gallery([captioned, damaged]), page, tmp_path)


@pytest.mark.parametrize("width", [360, 1000])
def test_a_search_tree_that_moves(page: Any, width: int, tmp_path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 700})
    write(tmp_path / "tree.html")
    page.goto((tmp_path / "tree.html").as_uri())
    for algorithm in ("beam", "diverse_beam"):
        show(page, random_trace(algorithm, 3))
        assert not broken_rules(page)
        page.get_by_role("button", name="Back").click()
        page.get_by_text("The tree in words").click()
        page.locator("[data-id] .word").first.click()
        assert not broken_rules(page)


@pytest.mark.parametrize("width", [360, 1000])
def test_the_search_microscope(page: Any, width: int, tmp_path: Path) -> None:
    page.set_viewport_size({"width": width, "height": 660})
    shown = microscope(ToyCaptioner(), Scene.random(3))
    assert not broken_rules_of(shown.page, page, tmp_path)
    page.get_by_role("radio", name="2").check()
    page.get_by_role("button", name="Back").click()
    assert not broken_rules(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    around = f'<!doctype html><html lang="en"><title>A notebook</title>{shown._repr_html_()}'
    assert not broken_rules_of(around, page, tmp_path)


def test_a_report_on_a_model(page: Any, tmp_path: Path) -> None:
    table = Table("Speed", ("search", "seconds"), (("greedy", 0.5), ("beam", 1)))
    section = Section("speed", "How fast it is", ("Measured here.",), (table,))
    report = Report("The model", "0" * 64, True, (section,))
    assert not broken_rules_of(report.html(), page, tmp_path)


def test_the_page_of_the_service(page: Any, service: Service, tmp_path: Path) -> None:
    page.goto(service.address)
    assert not broken_rules(page)
    Scene.random(66).draw().save(tmp_path / "scene.png")
    page.locator("input[type=file]").set_input_files(tmp_path / "scene.png")
    page.locator("#captions li").first.wait_for()
    page.get_by_role("button", name="Be the beam").click()
    page.locator("#hand-table input").first.wait_for()
    page.get_by_text("The tree in words").click()
    assert not broken_rules(page)
