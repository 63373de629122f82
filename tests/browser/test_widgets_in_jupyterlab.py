"""The widgets in JupyterLab, in a real browser: they are clicked, and what they show changes.

The browser is the system's Chromium. With `SHOWTELL_SCREENSHOTS` set to a folder, each widget is
photographed there, in the light and in the dark theme.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from showtell_lib.captioner import load
from showtell_lib.photos import sample_photo
from showtell_lib.widgets import search_microscope
from tests.browser import jupyter_lab
from tests.browser.browsers import IS_DARK, needs_browser
from tests.web_server import Server

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")
pytest.importorskip("jupyterlab", reason="needs jupyterlab")
nbformat = pytest.importorskip("nbformat", reason="needs nbformat")

CELLS = {
    "load": "import showtell_lib as st\ncaptioner = st.load()\nscene = st.Scene.random(3)",
    "be_the_beam": "st.widgets.be_the_beam(captioner, st.sample_photo('coffee'))",
    "stepper": "st.widgets.stepper(captioner, scene)",
    "microscope": "st.widgets.microscope(captioner, scene)",
    "length_penalty": "st.widgets.length_penalty(captioner, scene)",
    "photo_picker": "st.widgets.photo_picker(captioner)",
    "own_photo": "st.widgets.own_photo(captioner)",
    "scene_composer": "st.widgets.scene_composer(captioner, scene)",
}
# What shows a picture before anything is done with it.
PICTURED = [name for name in CELLS if name not in ("load", "microscope", "own_photo")]
# Clicks ten times, waits until nothing has moved for a while, and counts the trees shown.
TEN_CLICKS = """async (output) => {
    const buttons = [...output.querySelectorAll('button')];
    const button = buttons.find((each) => each.textContent.includes('Another scene'));
    const tree = () => [...output.querySelectorAll('img')].at(-1).src;
    let [before, shown, since] = [tree(), 0, Date.now()];
    for (let click = 0; click < 10; click++) {
        button.click();
        await new Promise((resolve) => setTimeout(resolve, 50));
    }
    while (Date.now() - since < 10000) {
        if (tree() !== before) [before, shown, since] = [tree(), shown + 1, Date.now()];
        if (output.querySelector('.showtell-stale')) since = Date.now();
        await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return shown;
}"""
ADVICE = "This widget is not connected to a kernel"

pytestmark = needs_browser


@pytest.fixture(scope="module")
def lab(jupyterlab: jupyter_lab.Lab) -> str:
    """The address of a small notebook of widgets."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(code, id=name) for name, code in CELLS.items()],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}},
    )
    nbformat.write(notebook, jupyterlab.folder / "widgets.ipynb")
    return f"{jupyterlab.address}/widgets.ipynb"


@pytest.fixture(scope="module")
def page(lab_tab: Any, lab: str) -> Iterator[Any]:
    """The notebook, all its cells run without an error."""
    lab_tab.set_viewport_size({"width": 1280, "height": 2000})
    assert not jupyter_lab.failures(jupyter_lab.run_all(lab_tab, lab))
    yield lab_tab
    # The next notebook is not to share the machine with this one's kernel.
    lab_tab.evaluate(jupyter_lab.SHUT_DOWN)


def cell(page: Any, name: str) -> Any:
    """The output of a cell."""
    return jupyter_lab.output(page, list(CELLS).index(name))


def shows(part: Any, text: str) -> None:
    """Waits until a part shows a text."""
    sync_api.expect(part).to_contain_text(text, timeout=jupyter_lab.PATIENCE)


def press(part: Any, name: str) -> None:
    part.get_by_role("button", name=name).click()


def choose(part: Any, name: str, value: str) -> None:
    part.get_by_label(name, exact=True).select_option(value)


def test_no_widget_failed_in_the_browser(page: Any) -> None:
    assert page.get_by_text("javascript error").count() == 0


def test_be_the_beam_with_the_keyboard(page: Any) -> None:
    part = cell(page, "be_the_beam")
    shows(part, "Step 1.")
    keep = part.get_by_role("button", name="Keep", exact=True)
    sync_api.expect(keep).to_be_disabled()
    for place in (0, 1):
        part.get_by_role("checkbox").locator("visible=true").nth(place).press("Space")
    sync_api.expect(keep).to_be_enabled()
    keep.press("Enter")
    shows(part, "Step 2.")
    press(part, "Let beam search finish")
    shows(part, "The optimum")


def test_the_stepper(page: Any) -> None:
    part = cell(page, "stepper")
    shows(part, "Choose the first word.")
    part.locator("button").nth(1).click()
    sync_api.expect(part).not_to_contain_text("Choose the first word.")
    press(part, "Undo")
    shows(part, "Choose the first word.")


def microscope(page: Any) -> Any:
    """What is in the frame of the microscope."""
    return cell(page, "microscope").frame_locator("iframe")


def test_the_microscope(page: Any) -> None:
    shown = microscope(page)
    step = shown.locator("[aria-live]")
    shows(step, "The winner is")
    last = step.text_content().split()[3]
    assert shown.get_by_role("img").first.evaluate("image => image.naturalWidth") > 0
    press(shown, "Back")
    sync_api.expect(step).not_to_contain_text("The winner is")
    at = step.text_content().split()[1]
    assert int(at) == int(last.rstrip(":.")) - 1
    shown.locator("[data-id].pruned:not(.later)").first.hover()
    shows(shown.locator(".told"), "lost to")


def test_another_width_shows_the_same_step_of_another_search(page: Any) -> None:
    shown = microscope(page)
    shown.get_by_role("slider", name="Step").fill("2")
    for width, all_are_drawn in (("5", False), ("1", True)):
        shown.get_by_role("radio", name=width).check()
        shows(shown.locator(".name"), f"beam width {width}")
        shows(shown.locator("[aria-live]"), "Step 2 of")
        assert shown.get_by_label("All hypotheses").is_hidden() == all_are_drawn
    assert shown.locator("[data-id]:visible").count() == 2


def test_the_microscope_obeys_the_keyboard_and_the_notebook_does_not(page: Any) -> None:
    """In JupyterLab, arrows and single letters are commands to the notebook."""
    shown, cells = microscope(page), page.locator(".jp-Cell").count()
    shown.get_by_role("radio", name="2").check()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Tab")
    sync_api.expect(shown.get_by_role("button", name="Back")).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Tab")
    node = shown.locator("[data-id]:focus")
    sync_api.expect(node).to_have_count(1)
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    sync_api.expect(node).to_have_attribute("aria-level", "2")
    page.keyboard.press("b")
    assert page.locator(".jp-Cell").count() == cells


def test_the_microscope_fits_a_window_and_keeps_its_height(page: Any) -> None:
    frame, heights = cell(page, "microscope").locator("iframe"), set()
    for width in "15":
        microscope(page).get_by_role("radio", name=width).check()
        heights.add(round(frame.bounding_box()["height"]))
    assert len(heights) == 1
    # JupyterLab takes 160 of a window's 1,000 pixels, and the cell itself 40.
    assert heights.pop() < 800


@pytest.mark.parametrize("theme", jupyter_lab.THEMES[::-1])
def test_the_microscope_is_as_dark_as_the_notebook(page: Any, theme: str) -> None:
    jupyter_lab.change_theme(page, theme)
    assert microscope(page).locator("body").evaluate(IS_DARK) == theme.endswith("Dark")


def test_the_length_penalty(page: Any) -> None:
    part = cell(page, "length_penalty")
    shows(part, "length penalty 0.0")
    handle = part.locator(".noUi-handle")
    handle.focus()
    handle.press("ArrowRight")
    shows(part, "length penalty 0.1")


def test_the_photo_picker(page: Any, tmp_path: Path) -> None:
    from showtell_lib.scenes import Scene

    part = cell(page, "photo_picker")
    shows(part, "astronaut.png")
    part.locator("select").select_option("coffee")
    shows(part, "coffee.png")
    press(part, "Drawn scene")
    shows(part, "A drawn scene:")
    press(part, "Your own")
    mine = tmp_path / "mine.png"
    Scene.random(9).draw().save(mine)
    with page.expect_file_chooser() as chooser:
        press(part, "Upload")
    chooser.value.set_files(str(mine))
    shows(part, "The photo mine.png")


def told_name(part: Any) -> Any:
    """The first line of what the widget for your own photo says."""
    return part.locator(".widget-html p").first


def test_your_own_photo_is_uploaded_and_captioned(page: Any, tmp_path: Path) -> None:
    part = cell(page, "own_photo")
    shows(part, "No photo yet.")
    mine = tmp_path / "holiday.png"
    Image.fromarray(sample_photo("chelsea").pixels).save(mine)
    with page.expect_file_chooser() as chooser:
        press(part, "Upload")
    chooser.value.set_files(str(mine))
    sync_api.expect(told_name(part)).to_have_text("holiday.png", timeout=jupyter_lab.PATIENCE)
    shows(part, load().caption(mine)[0].text)
    assert part.locator("img").evaluate("image => image.naturalWidth") == 320


@pytest.mark.parametrize("name", ["photo_picker", "own_photo"])
def test_a_file_that_is_too_large_is_told_and_nothing_dies(
    page: Any, name: str, tmp_path: Path
) -> None:
    """A message of more than 10 MiB would end the connection to the kernel."""
    part = cell(page, name)
    if name == "photo_picker":
        press(part, "Your own")
    (tmp_path / "panorama.jpg").write_bytes(bytes(30_000_000))
    Image.fromarray(sample_photo("coffee").pixels).save(tmp_path / "small.png")
    for file, text in (("panorama.jpg", "panorama.jpg is larger than 7.5 MB"), ("small.png", "")):
        with page.expect_file_chooser() as chooser:
            press(part, "Upload")
        chooser.value.set_files(str(tmp_path / file))
        shows(part, text)
    shows(part, "small.png")
    assert "larger than" not in part.inner_text()


def test_your_own_photo_by_address(page: Any, server: Server) -> None:
    part = cell(page, "own_photo")
    server.files = {"pasted.png": sample_photo("coffee").as_png()}
    for name, text in (("pasted.png", "pasted.png"), ("missing.png", "the server says 404")):
        part.get_by_label("Address").fill(server.url + name)
        part.get_by_label("Address").press("Enter")
        sync_api.expect(told_name(part)).to_contain_text(text, timeout=jupyter_lab.PATIENCE)


def dropped(page: Any, name: str, content: list[int] | int) -> Any:
    """What a drag of one file carries: of these bytes, or of so many zeros."""
    return page.evaluate_handle(
        """([name, content]) => {
            const data = new DataTransfer();
            data.items.add(new File([new Uint8Array(content)], name));
            return data;
        }""",
        [name, content],
    )


def test_your_own_photo_is_dropped(page: Any) -> None:
    part = cell(page, "own_photo")
    field = part.get_by_text("Drag a photo from your computer")
    # Playwright takes byte by byte to the page.
    small = io.BytesIO()
    Image.fromarray(sample_photo("coffee").pixels[:48, :64]).save(small, "PNG")
    photo = list(small.getvalue())
    for name, content, text in (
        ("dropped.png", photo, "dropped.png"),
        ("list.txt", list(b"two eggs"), "list.txt: not a photo"),
    ):
        field.dispatch_event("drop", {"dataTransfer": dropped(page, name, content)})
        sync_api.expect(told_name(part)).to_contain_text(text, timeout=jupyter_lab.PATIENCE)
    field.dispatch_event("drop", {"dataTransfer": dropped(page, "huge.png", 8_000_000)})
    shows(field, "huge.png is larger than 7.5 MB")


def test_your_own_photo_from_the_camera(page: Any) -> None:
    part = cell(page, "own_photo")
    press(part, "Turn the camera on")
    press(part, "Take the photo")
    sync_api.expect(told_name(part)).to_have_text("webcam.jpg", timeout=jupyter_lab.PATIENCE)
    assert part.locator("video").is_hidden()


def test_a_browser_without_a_camera_says_so(page: Any) -> None:
    part = cell(page, "own_photo")
    page.evaluate(
        "() => { navigator.mediaDevices.getUserMedia = () => Promise.reject(new Error()); }"
    )
    press(part, "Turn the camera on")
    shows(part.get_by_role("status").last, "No camera here")


def test_the_scene_composer(page: Any) -> None:
    part = cell(page, "scene_composer")
    shows(part, "Change something")
    choose(part, "time", "night")
    shows(part, "Changed words:")
    press(part, "Change one thing")
    shows(part, "Before")
    choose(part, "place", "snow")
    sync_api.expect(part.get_by_label("place", exact=True)).to_have_value("snow")
    shows(part, "After")


def test_of_quick_clicks_only_the_newest_is_shown(page: Any) -> None:
    from showtell_lib.scenes import Scene

    part = cell(page, "scene_composer")
    one = part.get_by_role("button", name="Change one thing")
    if "mod-active" in (one.get_attribute("class") or ""):
        one.click()
    seen = part.evaluate(TEN_CLICKS)
    assert seen <= 5  # Fewer than half of the scenes were drawn.
    last = Scene.random(13)
    sync_api.expect(part.get_by_label("place", exact=True)).to_have_value(last.place)


def test_each_picture_is_shown_and_told_in_words(page: Any) -> None:
    for name in PICTURED:
        part = cell(page, name)
        shown = part.locator("img:visible")
        assert shown.count() == part.locator("summary:visible").count() > 0
        for image in shown.all():
            assert image.evaluate("image => image.naturalWidth") > 0


@pytest.mark.parametrize("theme", jupyter_lab.THEMES)
def test_screenshots(page: Any, theme: str) -> None:
    folder = os.environ.get("SHOWTELL_SCREENSHOTS")
    if not folder:
        pytest.skip("only with SHOWTELL_SCREENSHOTS set to a folder")
    jupyter_lab.change_theme(page, theme)
    for name in list(CELLS)[1:]:
        cell(page, name).first.screenshot(path=Path(folder) / f"{name} {theme}.png")


def test_after_a_restart_each_widget_says_what_to_do(page: Any) -> None:
    """The last but one: it ends the kernel that the others need, all but the microscope."""
    advice = page.get_by_text(ADVICE).locator("visible=true")
    assert advice.count() == 0
    page.evaluate(jupyter_lab.SAVE)
    page.evaluate(jupyter_lab.RESTART)
    sync_api.expect(advice).to_have_count(len(CELLS) - 2)
    page.reload()
    sync_api.expect(advice).to_have_count(len(CELLS) - 2, timeout=jupyter_lab.PATIENCE)
    shows(microscope(page).locator("[aria-live]"), "The winner is")
    sync_api.expect(page.get_by_text(search_microscope.ADVICE)).to_be_hidden()


def test_in_a_notebook_of_someone_else_the_microscope_says_what_to_do(
    page: Any, lab: str, jupyterlab: jupyter_lab.Lab
) -> None:
    """JupyterLab takes frames and scripts out of what was not run here, such as a changed file."""
    page.evaluate(jupyter_lab.SAVE)
    path = jupyterlab.folder / "widgets.ipynb"
    saved = nbformat.read(path, as_version=4)
    assert "<iframe" in str(saved.cells[list(CELLS).index("microscope")].outputs)
    saved.cells[0].source += "\n# Changed"
    nbformat.write(saved, path)
    page.goto(f"{lab}?reset")
    advice = page.get_by_text(search_microscope.ADVICE)
    sync_api.expect(advice).to_be_visible(timeout=jupyter_lab.PATIENCE)
    assert page.locator("iframe").count() == 0
    # Its kernel is ended by a page that knows it.
    page.wait_for_function(jupyter_lab.IDLE, polling=200, timeout=jupyter_lab.PATIENCE)
