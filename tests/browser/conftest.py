"""One browser, one JupyterLab and one service for all browser tests; they end with the last."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests import captioning_service
from tests.browser import jupyter_lab
from tests.browser import site as web_site
from tests.browser.browsers import BROWSER, DESK

# A camera of coloured test images, given to every page that asks.
CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]


@pytest.fixture(scope="package")
def browser() -> Iterator[Any]:
    """The system's Chromium; each test opens pages of its own in it.

    It ends with the folder's last test: as long as Playwright is there, an event loop runs, and
    other tests start loops of their own.
    """
    sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=BROWSER, args=["--no-sandbox", *CAMERA]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def jupyterlab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[jupyter_lab.Lab]:
    """JupyterLab on an empty folder, into which each file of tests puts its notebooks."""
    with jupyter_lab.started(tmp_path_factory.mktemp("lab")) as lab:
        yield lab


@pytest.fixture(scope="package")
def only_tab(browser: Any) -> Iterator[Any]:
    """A tab for one page after the other.

    A tab of its own for each would be a process of its own, which compiles every script anew.
    """
    tab = browser.new_page()
    yield tab
    tab.close()


@pytest.fixture
def tab(only_tab: Any) -> Any:
    """That tab, as wide as a desk's and in light; what a page before has set is gone."""
    only_tab.set_viewport_size(DESK)
    only_tab.emulate_media(media="screen", color_scheme="light")
    return only_tab


@pytest.fixture(scope="package")
def lab_tab(browser: Any) -> Iterator[Any]:
    """The tab for JupyterLab; a second one would fetch and compile all of its scripts anew."""
    # Playwright would otherwise show every frame in light colours, whatever is around it.
    tab = browser.new_page(color_scheme="null")
    yield tab
    tab.close()


@pytest.fixture(scope="package")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[captioning_service.Service]:
    """`showtell serve` with the bundled model, in a process of its own."""
    pytest.importorskip("fastapi_offline", reason="needs showtell_lib[serve]")
    with captioning_service.started(tmp_path_factory.mktemp("service") / "log.txt") as running:
        yield running


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> web_site.Site:
    """The web site, as a reader opens it from a disk."""
    for package in ("nbconvert", "pdoc", "latex2mathml"):
        pytest.importorskip(package, reason=f"needs {package}")
    return web_site.made(tmp_path_factory.mktemp("site"))
