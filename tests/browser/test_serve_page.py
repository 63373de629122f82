"""The page of `showtell serve`, in a real browser: with the mouse, by keyboard, light and dark.

With `SHOWTELL_SCREENSHOTS` set to a folder, the page is photographed there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from showtell_lib.scenes import Scene
from tests.browser.browsers import needs_browser
from tests.captioning_service import Service

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")

PATIENCE = 60_000  # Milliseconds, on a busy machine.
LEAST_CONTRAST = 4.5  # WCAG 2.2, level AA, for text.

pytestmark = needs_browser

CONTRASTS = """() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const colour = getComputedStyle(element).backgroundColor;
    const clear = numbers(colour)[3] === 0;
    return clear && element.parentElement ? behind(element.parentElement) : colour;
  };
  const shown = [...document.querySelectorAll("body *")].filter((element) =>
    element.checkVisibility() && [...element.childNodes].some((node) => node.data?.trim()));
  return shown.map((element) => {
    const pair = [light(getComputedStyle(element).color), light(behind(element))];
    const contrast = (Math.max(...pair) + 0.05) / (Math.min(...pair) + 0.05);
    return [element.textContent.trim().slice(0, 40), contrast];
  });
}"""


@pytest.fixture(scope="module", autouse=True)
def patience() -> None:
    """Five seconds, Playwright's own patience, are short for a machine that is busy testing."""
    sync_api.expect.set_options(timeout=PATIENCE)


@pytest.fixture
def page(browser: Any, service: Service) -> Iterator[Any]:
    """The page, freshly loaded; no script of it may fail, and nothing come from elsewhere."""
    page = browser.new_page(viewport={"width": 1000, "height": 900})
    page.set_default_timeout(PATIENCE)
    failures: list[str] = []
    page.on("pageerror", lambda error: failures.append(str(error)))
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(service.address)
    yield page
    page.close()
    assert not failures
    assert all(url.startswith((service.address, "data:", "blob:")) for url in asked)


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos") / "scene.png"
    Scene.random(66).draw().save(path)
    return path


def upload(page: Any, path: Path) -> None:
    with page.expect_file_chooser() as chooser:
        page.get_by_label(re.compile("Choose a photo")).click()
    chooser.value.set_files(str(path))


def press_until(page: Any, key: str, done: Callable[[], bool]) -> None:
    """Presses a key until it has done its work.

    Chromium drops keys while a page is not painted yet, and opens a file chooser unseen while
    Playwright's request to see it is still on its way.
    """
    for _ in range(PATIENCE // 1000):
        page.keyboard.press(key)
        for _ in range(10):
            page.wait_for_timeout(100)
            if done():
                return
    raise AssertionError(f"{key} did nothing")


def expect_result(page: Any) -> None:
    """The captions, the photo and the tree are there, and are told to who cannot see them."""
    captions = (
        page.get_by_role("region", name="Captions").locator("#captions").get_by_role("listitem")
    )
    sync_api.expect(captions).to_have_count(3, timeout=PATIENCE)
    best = captions.first.locator(".text").inner_text()
    sync_api.expect(page.get_by_role("status")).to_have_text(f"Best caption: {best}")
    tree = page.get_by_role("tree", name=re.compile(r"^Search tree, Beam search"))
    sync_api.expect(tree.get_by_role("treeitem").first).to_be_visible()
    sync_api.expect(page.locator("#tree pre")).to_contain_text(f'The winner is "{best}"')
    for image in page.get_by_role("img").all():
        assert image.evaluate("image => image.naturalWidth") > 0


def look_at(page: Any, name: str) -> list[dict[str, float]]:
    """The contrast of each text, in dark and in light; the page is photographed in both."""
    folder, found = os.environ.get("SHOWTELL_SCREENSHOTS"), []
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        if folder:
            page.screenshot(path=Path(folder) / f"serve {scheme} {name}.png", full_page=True)
        found.append(dict(page.evaluate(CONTRASTS)))
    return found


def expect_contrast(page: Any, name: str) -> None:
    """The same texts are there in dark and in light, in other colours, and can be read."""
    dark, light = look_at(page, name)
    assert dark.keys() == light.keys()
    assert dark != light
    for found in (dark, light):
        assert min(found.values()) >= LEAST_CONTRAST, found


def test_a_photo_is_uploaded_and_its_captions_and_tree_are_shown(page: Any, photo: Path) -> None:
    look_at(page, "empty")
    upload(page, photo)
    expect_result(page)
    assert len(page.evaluate(CONTRASTS)) > 10
    expect_contrast(page, "result")


def test_a_text_file_is_answered_with_an_error(page: Any, tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("no photo at all")
    upload(page, text)
    sync_api.expect(page.get_by_role("status")).to_contain_text("not a photo that can be read")
    sync_api.expect(page.get_by_role("region", name="Captions")).to_be_hidden()
    expect_contrast(page, "error")


def test_it_can_be_used_by_keyboard_alone(page: Any, photo: Path) -> None:
    chooser = page.get_by_label(re.compile("Choose a photo"))
    press_until(page, "Tab", lambda: chooser.evaluate("it => it === document.activeElement"))
    opened: list[Any] = []
    page.on("filechooser", lambda found: opened.append(found))
    press_until(page, "Space", lambda: bool(opened))
    opened[0].set_files(str(photo))
    expect_result(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Home")
    sync_api.expect(page.get_by_role("slider", name="Beam width")).to_have_value("1")
    captions = page.locator("#captions li")
    sync_api.expect(captions).to_have_count(1, timeout=PATIENCE)
    sync_api.expect(page.locator("#model")).to_contain_text("beam width 1,")


def test_a_slider_asks_again_and_the_tree_is_that_of_the_new_search(page: Any, photo: Path) -> None:
    upload(page, photo)
    expect_result(page)
    own = page.locator("#model").inner_text()
    for width, told in (("2", "Beam search, beam width 2"), ("4", "Beam search, beam width 4")):
        page.get_by_role("slider", name="Beam width").fill(width)
        sync_api.expect(page.locator("#tree .name")).to_contain_text(told)
    page.get_by_role("slider", name="Length penalty").fill("0")
    sync_api.expect(page.locator("#model")).to_contain_text("beam width 4, length penalty 0")
    sync_api.expect(page.locator("#tree .name")).to_have_text("Beam search, beam width 4")
    assert page.locator("#model").inner_text() != own


def test_one_is_the_beam_by_keyboard_alone(page: Any, photo: Path) -> None:
    upload(page, photo)
    expect_result(page)
    task = page.locator("#hand-task")
    page.get_by_role("button", name="Be the beam").press("Enter")
    for step in (1, 2):
        sync_api.expect(task).to_contain_text(f"Step {step}. Keep 2 of these")
        sync_api.expect(task).to_be_focused()
        for _ in range(2):
            page.keyboard.press("Tab")
            page.keyboard.press("Space")
        page.get_by_role("button", name="Keep").press("Enter")
    sync_api.expect(task).to_contain_text("Step 3.")
    page.get_by_role("button", name="Undo").press("Enter")
    sync_api.expect(task).to_contain_text("Step 2.")
    expect_contrast(page, "by hand")
    page.get_by_role("button", name="Let beam search finish").press("Enter")
    sync_api.expect(task).to_contain_text("The end.")
    rows = page.locator("#hand-told table").first.locator("tbody tr")
    assert [row.locator("td").first.inner_text() for row in rows.all()][:2] == [
        "You",
        "Beam search",
    ]
    expect_contrast(page, "by hand at the end")


def test_a_telephone_is_wide_enough(browser: Any, service: Service, photo: Path) -> None:
    page = browser.new_page(viewport={"width": 360, "height": 700})
    page.set_default_timeout(PATIENCE)
    page.goto(service.address)
    page.locator("input[type=file]").set_input_files(photo)
    page.get_by_role("button", name="Be the beam").click()
    sync_api.expect(page.locator("#hand-task")).to_contain_text("Step 1.")
    look_at(page, "narrow")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.close()


def test_a_photo_is_pasted_or_dropped(page: Any, photo: Path) -> None:
    carry = """([type, bytes]) => {
      const data = new DataTransfer();
      data.items.add(new File([new Uint8Array(bytes)], "photo.png", {type: "image/png"}));
      const carrier = type === "paste" ? {clipboardData: data} : {dataTransfer: data};
      const kind = type === "paste" ? ClipboardEvent : DragEvent;
      document.body.dispatchEvent(new kind(type, {...carrier, bubbles: true}));
    }"""
    for event in ("paste", "drop"):
        page.reload()
        page.evaluate(carry, [event, list(photo.read_bytes())])
        expect_result(page)


def test_the_description_of_the_api_is_shown_without_a_network(page: Any) -> None:
    page.get_by_role("link", name="description of the API").click()
    sync_api.expect(page.get_by_text("/v1/captions").first).to_be_visible()
    look_at(page, "docs")
