"""The notebooks as web pages, held to the WCAG rules that a program can check (axe-core)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.browsers import BROWSER, needs_browser
from tests.notebook_source import load

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe")
pytest.importorskip("nbconvert", reason="needs nbconvert")

FOLDER = Path(__file__).parents[2] / "notebooks"
NAMES = sorted(path.name for path in FOLDER.glob("[0-9][0-9]_*.ipynb"))
pages = load("pages")
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa"]}

pytestmark = needs_browser


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    """A page that reaches nothing but files."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=["--no-sandbox"])
        page = browser.new_page()
        page.route("**/*", lambda route: _files_only(route))
        yield page
        browser.close()


def _files_only(route: Any) -> None:
    if route.request.url.startswith(("file:", "data:")):
        route.continue_()
    else:
        route.abort()


@pytest.mark.parametrize("name", NAMES)
def test_a_notebook_as_a_page_breaks_no_rule(name: str, page: Any, tmp_path: Path) -> None:
    path = tmp_path / f"{name}.html"
    path.write_text(pages.page_of(FOLDER / name), encoding="utf-8")
    page.goto(path.as_uri(), wait_until="domcontentloaded")
    found = axe.Axe().run(page, options=RULES).response["violations"]
    assert not found, [
        (broken["id"], broken["help"], [node["html"][:200] for node in broken["nodes"][:3]])
        for broken in found
    ]
