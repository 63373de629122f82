"""The notebooks in JupyterLab, in a real browser, run to their ends as a learner does.

The first is run always, all of them with `SHOWTELL_ALL_NOTEBOOKS=1` (`make browser`). With
`SHOWTELL_SCREENSHOTS` set to a folder, each is photographed there, in the light and in the dark
theme.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser import jupyter_lab
from tests.browser.browsers import listening, needs_browser

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
pytest.importorskip("jupyterlab", reason="needs jupyterlab")

NAMES = sorted(path.name for path in (jupyter_lab.REPOSITORY / "notebooks").glob("[0-9]*.ipynb"))
# It has a widget; the other widgets are clicked through in `test_widgets_in_jupyterlab`.
ALWAYS = ("00",)
ALL = bool(os.environ.get("SHOWTELL_ALL_NOTEBOOKS"))
WIDGET = "application/vnd.jupyter.widget-view+json"
TALLEST = 16_000  # Pixels that Chromium can photograph.

pytestmark = needs_browser


@pytest.fixture(scope="module")
def lab(jupyterlab: jupyter_lab.Lab) -> str:
    """The address of copies of the notebooks, which JupyterLab may save."""
    folder = jupyterlab.folder / "notebooks"
    folder.mkdir()
    for name in NAMES:
        shutil.copy(jupyter_lab.REPOSITORY / "notebooks" / name, folder)
    return f"{jupyterlab.address}/notebooks"


@pytest.fixture
def page(lab_tab: Any) -> Iterator[Any]:
    """A page in which no script may fail."""
    lab_tab.set_viewport_size({"width": 1280, "height": 1000})
    failed: list[str] = []
    listeners = {
        "pageerror": lambda error: failed.append(str(error)),
        "console": lambda line: failed.append(line.text) if _is_failure(line) else None,
    }
    with listening(lab_tab, listeners):
        yield lab_tab
        # The next notebook is not to share the machine with this one's kernel.
        lab_tab.evaluate(jupyter_lab.SHUT_DOWN)
    assert not failed


def _is_failure(line: Any) -> bool:
    """Whether a line on the console tells of an error that is not the server's answer to a page."""
    return line.type == "error" and not line.text.startswith("Failed to load resource")


@pytest.mark.parametrize("name", [n for n in NAMES if n.startswith(ALWAYS) or ALL])
def test_a_notebook_runs_to_its_end(name: str, lab: str, page: Any) -> None:
    cells = jupyter_lab.run_all(page, f"{lab}/{name}")
    photograph(page, name)
    assert not jupyter_lab.failures(cells)
    code = [cell for cell in cells if cell["cell_type"] == "code" and cell["source"]]
    assert all(cell["execution_count"] for cell in code)
    for index, cell in enumerate(cells):
        if any(WIDGET in shown.get("data", {}) for shown in cell.get("outputs", [])):
            expect_widget(jupyter_lab.output(page, index))


def expect_widget(part: Any) -> None:
    """The widget is there, with the pictures that it has."""
    sync_api.expect(part.locator(".jupyter-widgets").first).to_be_visible()
    for image in part.locator("img:visible").all():
        assert image.evaluate("image => image.naturalWidth") > 0


def photograph(page: Any, name: str) -> None:
    folder = os.environ.get("SHOWTELL_SCREENSHOTS")
    if not folder:
        return
    height = min(page.evaluate(jupyter_lab.HEIGHT) + 100, TALLEST)
    page.set_viewport_size({"width": 1280, "height": height})
    for theme in jupyter_lab.THEMES:
        jupyter_lab.change_theme(page, theme)
        page.evaluate(jupyter_lab.TO_TOP)
        page.wait_for_timeout(1000)
        page.screenshot(path=Path(folder) / f"{Path(name).stem} {theme}.png")
