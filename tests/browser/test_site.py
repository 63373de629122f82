"""The web site: complete in its folder, its searches those of the library, usable by keyboard."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag

import nbformat
import pytest

from showtell_lib import plots
from tests.browser.browsers import listening, needs_browser
from tests.browser.site import Site
from tests.notebook_source import NOTEBOOKS

# What a page loads by itself; a link is followed by a reader.
LOADED = {"img": "src", "script": "src", "link": "href"}
NAMES = sorted(path.stem for path in NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))


class _Read(HTMLParser):
    """The ids of a page, what it loads, and where its links lead."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.ids, self.loaded, self.links = set[str](), list[str](), list[dict[str, str | None]]()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids.add(given.get("id") or "")
        self.loaded += [given[key] or "" for key in [LOADED.get(tag, "")] if key in given]
        if tag == "a" and given.get("href"):
            self.links.append(given)


def _inside(link: str) -> bool:
    return not re.match(r"https?:|mailto:", link)


@pytest.fixture(scope="module")
def pages(site: Site) -> dict[Path, _Read]:
    return {path.resolve(): _Read(path) for path in site.folder.rglob("*.html")}


@pytest.fixture
def page(tab: Any) -> Iterator[Any]:
    """A page on which no script may fail and to which nothing may come from outside the folder."""
    wrong: list[str] = []
    listeners = {
        "pageerror": lambda error: wrong.append(str(error)),
        "request": lambda request: wrong.append(request.url) if _inside_not(request) else None,
    }
    with listening(tab, listeners):
        yield tab
    assert not wrong


def _inside_not(request: Any) -> bool:
    return not request.url.startswith(("file:", "data:"))


def test_pages_load_only_what_lies_beside_them(pages: dict[Path, _Read]) -> None:
    for path, page in pages.items():
        for source in page.loaded:
            assert source.startswith("data:") or (path.parent / source).is_file(), (path, source)


def test_links_inside_the_site_lead_somewhere(pages: dict[Path, _Read]) -> None:
    followed = 0
    for path, page in pages.items():
        for link in filter(_inside, (str(one["href"]) for one in page.links)):
            file, place = urldefrag(link)
            target = (path.parent / file).resolve() if file else path
            if "reference" in target.parts and target not in pages:
                continue  # The tests have the reference of some modules only.
            assert target in pages, (path, link)
            assert not place or unquote(place) in pages[target].ids, (path, link)
            followed += 1
    assert followed > 100


def test_previous_and_next_go_through_all_notebooks(pages: dict[Path, _Read], site: Site) -> None:
    for way, names in (("next", NAMES), ("prev", NAMES[::-1])):
        seen, path = [names[0]], site.folder / f"{names[0]}.html"
        while ways := {str(a["href"]) for a in pages[path.resolve()].links if a.get("rel") == way}:
            (file,) = ways
            seen, path = [*seen, file.removesuffix(".html")], site.folder / file
            assert len(seen) <= len(names)
        assert seen == names


def test_the_index_leads_to_every_notebook_and_to_the_reference(
    pages: dict[Path, _Read], site: Site
) -> None:
    links = [str(a["href"]) for a in pages[(site.folder / "index.html").resolve()].links]
    assert [link for link in links if link[:2].isdigit()] == [f"{name}.html" for name in NAMES]
    assert "reference/showtell_lib.html" in links


def test_every_cell_of_a_notebook_is_on_its_page(site: Site) -> None:
    """Words are there, formulas are MathML, and no badge is fetched."""
    html = (site.folder / "03_step_the_lstm.html").read_text(encoding="utf-8")
    notebook = nbformat.read(NOTEBOOKS / "03_step_the_lstm.ipynb", as_version=4)
    text = unescape(re.sub(r"<[^>]*>|\s", "", html))
    for cell in notebook.cells:
        if cell.cell_type == "code":
            for line in cell.source.splitlines():
                assert re.sub(r"\s", "", line) in text, line
    assert "<math" in html
    assert not re.search(r"\$[^$<>]*\\[a-z]+[^$<>]*\$", html)
    assert "not connected to a kernel" not in text


@needs_browser
def test_a_lab_shows_the_searches_of_the_library(page: Any, site: Site) -> None:
    page.goto((site.folder / "index.html").as_uri())
    found = site.searches
    lab = page.locator(".lab")
    for one in found.shown:
        lab.get_by_label("Photo").select_option(one.name)
        assert lab.locator(".photo img").get_attribute("alt") == one.alt
        for at, width in enumerate(found.widths):
            lab.get_by_role("slider", name="Beam width").fill(str(at))
            for place, penalty in enumerate(found.penalties):
                lab.get_by_role("slider", name="Length penalty").fill(str(place))
                trace = found.traces[one.name, width, penalty]
                assert lab.locator("pre").text_content() == plots.tree_listing(trace)
                captions = lab.locator(".captions .text").all_text_contents()
                assert captions == [_text(trace, caption) for caption in trace.ranking]


def _text(trace: Any, hypothesis_id: int) -> str:
    return " ".join(e.word for e in trace.path(hypothesis_id) if e.status != "finished")


@needs_browser
@pytest.mark.parametrize(
    ("name", "cell", "count"),
    [
        ("05_beam_search", "microscope-picture", 1),
        ("05_beam_search", "penalty-sweep", 1),
        ("06_greedy_against_beam", "trees", 2),
    ],
)
def test_a_lab_begins_with_the_search_of_the_picture_that_it_replaces(
    name: str, cell: str, count: int, page: Any, site: Site
) -> None:
    notebook = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    (outputs,) = [found.outputs for found in notebook.cells if found.id == cell]
    (alt,) = [o.metadata["image/png"]["alt"] for o in outputs if "metadata" in o]
    page.goto((site.folder / f"{name}.html").as_uri())
    picture = page.locator(f".still img[alt={json.dumps(alt)}]")
    lab = picture.locator("xpath=preceding::div[@class='lab'][1]")
    winners = lab.locator(".captions li:first-child .text").all_text_contents()
    assert len(winners) == count
    assert all(f'"{winner}"' in alt for winner in winners)
    assert not picture.is_visible()
    page.get_by_text("The picture in the notebook").first.click()


@needs_browser
def test_a_lab_obeys_the_keyboard(page: Any, site: Site) -> None:
    page.goto((site.folder / "06_greedy_against_beam.html").as_uri())
    lab = page.locator(".lab")
    lab.get_by_label("Photo").focus()
    page.keyboard.press("Home")
    assert lab.locator(".photo img").get_attribute("alt") == site.searches.shown[0].alt
    lab.get_by_role("slider", name="Beam width").last.focus()
    page.keyboard.press("Home")
    assert lab.locator(".name").all_text_contents() == ["Beam search, beam width 1"] * 2
    assert lab.get_by_role("status").first.text_content() == "Both find the same caption."


@needs_browser
@pytest.mark.parametrize("name", ["index", *NAMES])
def test_a_page_fits_a_phone(name: str, page: Any, site: Site) -> None:
    page.set_viewport_size({"width": 360, "height": 700})
    page.goto((site.folder / f"{name}.html").as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
