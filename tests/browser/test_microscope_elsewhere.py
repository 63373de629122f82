"""The search microscope in a notebook that shows outputs in frames of another origin, as Colab."""

from __future__ import annotations

import json
from typing import Any

import pytest

from showtell_lib import plots
from showtell_lib.scenes import Scene
from showtell_lib.widgets import microscope
from showtell_lib.widgets.search_microscope import ADVICE
from showtell_lib.widgets.subject import subject
from tests.browser.browsers import IS_DARK, needs_browser
from tests.toy_captioner import ToyCaptioner
from tests.web_server import Server

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")

# What Colab lets its outputs do. Another name is another origin.
NOTEBOOK = """<!doctype html><title>Notebook</title>
<iframe src="{address}output.html" style="width: 100%; height: 800px" sandbox="allow-forms
allow-modals allow-popups allow-same-origin allow-scripts"></iframe>"""
# Outputs come as a message, and are put into the page as HTML.
OUTPUT = """<!doctype html><meta charset="utf-8"><title>Output</title>
<body style="color: {ink}"><div id="output"></div>
<script>document.getElementById("output").innerHTML = {shown};</script>"""

TOY, SCENE = ToyCaptioner(), Scene.random(3)

pytestmark = needs_browser


@pytest.mark.parametrize(("ink", "dark"), [("#212121", False), ("#d5d5d5", True)])
def test_it_is_the_tree_of_each_width_and_as_dark_as_the_output(
    ink: str, dark: bool, browser: Any, server: Server
) -> None:
    shown = json.dumps(microscope(TOY, SCENE)._repr_html_()).replace("</", "<\\/")
    other = server.url.replace("127.0.0.1", "localhost")
    server.files = {
        "output.html": OUTPUT.format(ink=ink, shown=shown).encode(),
        "notebook.html": NOTEBOOK.format(address=other).encode(),
    }
    page, failed = browser.new_page(color_scheme="null"), list[str]()
    page.on("pageerror", lambda error: failed.append(str(error)))
    page.goto(f"{server.url}notebook.html")
    output = page.frame_locator("iframe")
    frame, of = output.frame_locator("iframe"), subject(TOY, SCENE)
    for width in (1, 5):
        frame.get_by_role("radio", name=str(width)).check()
        assert frame.locator("pre").text_content() == plots.tree_listing(of.beam(width, 0.0).trace)
    frame.get_by_role("button", name="Back").click()
    sync_api.expect(frame.locator("[aria-live]")).not_to_contain_text("The winner is")
    assert frame.locator("body").evaluate(IS_DARK) == dark
    assert output.get_by_text(ADVICE).is_hidden()
    page.close()
    assert not failed
