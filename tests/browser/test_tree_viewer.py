"""The search tree that moves, in a real browser: the same tree as the figure and the listing.

With `SHOWTELL_SCREENSHOTS` set to a folder, the tree is photographed there.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from showtell_lib import search
from showtell_lib.plots.tree_choice import choose
from showtell_lib.plots.tree_layout import signed
from showtell_lib.plots.tree_words import tree_listing
from showtell_lib.trace import SearchTrace
from tests.browser.browsers import listening, needs_browser
from tests.browser.tree_page import SEARCHES, open_in, opened, random_trace, show
from tests.toy_models import CATS, START_STATE, random_model

sync_api = pytest.importorskip("playwright.sync_api", reason="needs playwright")

PATIENCE = 60_000  # Milliseconds, on a busy machine.
# What a reader sees: of each drawn hypothesis its id, look, numbers and place, in their order.
NODES = """() => [...document.querySelectorAll("[data-id]")].map((node) => ({
  id: Number(node.dataset.id), step: Number(node.dataset.step), kind: node.classList[0],
  said: node.getAttribute("aria-label"), top: node.querySelector("rect").getBBox().y,
  word: node.querySelector(".word").textContent,
  small: [...node.querySelectorAll(".small")].map((text) => text.textContent),
}))"""

pytestmark = needs_browser


@pytest.fixture(scope="module", autouse=True)
def patience() -> None:
    """Five seconds, Playwright's own patience, are short for a machine that is busy testing."""
    sync_api.expect.set_options(timeout=PATIENCE)


@pytest.fixture
def page(tab: Any, tmp_path: Path) -> Iterator[Any]:
    """The viewer's page, in which no script may fail and which asks for nothing."""
    tab.set_viewport_size({"width": 1000, "height": 900})
    open_in(tab, tmp_path)
    failures: list[str] = []
    listeners = {
        "pageerror": lambda error: failures.append(str(error)),
        "request": lambda request: failures.append(request.url),
    }
    with listening(tab, listeners):
        yield tab
    assert not failures


@pytest.fixture(scope="module")
def cats() -> SearchTrace:
    """Three steps; at the second, "a cat" is pruned."""
    return search.beam(CATS, CATS.start_state, beam_width=2, trace=True).recorded


@pytest.fixture(scope="module")
def wide() -> SearchTrace:
    """So many hypotheses that most are counted, not drawn."""
    model = random_model(3, size=30, steps=9, sharpness=2.0)
    return search.beam(model, START_STATE, beam_width=5, max_length=9, trace=True).recorded


def photograph(page: Any, name: str) -> None:
    folder = os.environ.get("SHOWTELL_SCREENSHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def drawn(page: Any) -> list[list[int]]:
    """The ids that are drawn, by step, from top to bottom."""
    steps: dict[int, list[tuple[float, int]]] = {}
    for node in page.evaluate(NODES):
        steps.setdefault(node["step"], []).append((node["top"], node["id"]))
    return [[id_ for _, id_ in sorted(steps[step])] for step in sorted(steps)]


def expect_same_tree(page: Any, trace: SearchTrace) -> None:
    """The tree of the listing, line by line, and of the figure, column by column."""
    show(page, trace)
    listing = tree_listing(trace)
    assert page.locator("pre").text_content() == listing
    shown = choose(trace)
    assert drawn(page) == [[e.hypothesis_id for e in step] for step in shown.steps if step]
    if shown.left_out_total:
        page.get_by_label("All hypotheses").check()
    nodes = page.evaluate(NODES)
    assert [node["said"] for node in nodes] == [line.strip() for line in listing.split("\n")[1:]]
    for node in nodes:
        expansion = trace[node["id"]]
        assert node["kind"] == shown.kind(expansion)
        assert node["word"] == expansion.word
        assert node["small"][-1].endswith(signed(expansion.cumulative_log_prob))


@pytest.mark.parametrize("algorithm", SEARCHES)
def test_it_is_the_tree_of_the_listing_and_of_the_figure(algorithm: str, page: Any) -> None:
    for seed in range(10):
        expect_same_tree(page, random_trace(algorithm, seed))


def test_what_was_pruned_says_what_it_lost_to_and_rings_it(page: Any, cats: SearchTrace) -> None:
    show(page, cats)
    page.locator("[data-id].pruned", has_text="cat").first.hover()
    told = page.locator(".told")
    sync_api.expect(told.locator("strong")).to_have_text("a cat")
    sync_api.expect(told).to_contain_text('lost to "a dog" by 0.13')
    assert page.locator(".rival .word").all_text_contents() == ["dog"]
    assert page.locator("[data-id].lit .word").all_text_contents() == ["a", "cat"]


def test_it_is_walked_through_by_keyboard_alone(page: Any, cats: SearchTrace) -> None:
    show(page, cats)
    status = page.locator("[aria-live]")
    sync_api.expect(status).to_contain_text('Step 4 of 4: 2 finished. The winner is "the dog runs"')
    page.keyboard.press("Tab")
    for step in (3, 2, 1, 1):
        page.keyboard.press("Enter")
        sync_api.expect(status).to_contain_text(f"Step {step} of 4")
    assert page.locator("[data-id]:visible .word").all_text_contents() == ["a", "the"]
    page.keyboard.press("Tab")
    sync_api.expect(page.get_by_role("button", name="Play")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("End")
    sync_api.expect(status).to_contain_text("Step 4 of 4")
    page.keyboard.press("Tab")
    focused = page.locator("[data-id]:focus")
    for key, word in (
        ("ArrowUp", "the"),
        ("ArrowRight", "dog"),
        ("ArrowDown", "dog"),
        ("ArrowLeft", "a"),
    ):
        page.keyboard.press(key)
        sync_api.expect(focused.locator(".word")).to_have_text(word)
    sync_api.expect(page.locator(".told strong")).to_have_text("a")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    sync_api.expect(page.locator("pre")).to_be_visible()


def test_it_plays_from_the_first_step_to_the_last_and_can_be_held(
    browser: Any, tmp_path: Path, cats: SearchTrace
) -> None:
    page = opened(browser, tmp_path)  # Of its own: its clock will never be right again.
    page.clock.install()
    show(page, cats)
    status = page.locator("[aria-live]")
    page.get_by_role("button", name="Play").click()
    sync_api.expect(status).to_contain_text("Step 1 of 4")
    page.clock.run_for(1300)
    sync_api.expect(status).to_contain_text("Step 2 of 4")
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(10_000)
    sync_api.expect(status).to_contain_text("Step 2 of 4")
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(10_000)
    sync_api.expect(status).to_contain_text("Step 4 of 4")
    sync_api.expect(page.get_by_role("button", name="Play")).to_be_visible()
    page.close()


def test_it_is_tapped_and_fits_a_telephone(browser: Any, tmp_path: Path, wide: SearchTrace) -> None:
    page = opened(browser, tmp_path, viewport={"width": 360, "height": 700}, has_touch=True)
    show(page, wide)
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.locator("[data-id].pruned").first.tap()
    sync_api.expect(page.locator(".told")).to_contain_text("lost to")
    sizes = page.evaluate(
        '[...document.querySelectorAll("button, input, summary, [data-id]")].map((part) => '
        "part.closest('label') ?? part).map((part) => part.getBoundingClientRect().height)"
    )
    assert min(size for size in sizes if size) >= 22
    photograph(page, "tree narrow")
    page.close()


def test_who_asked_for_less_motion_sees_none(
    browser: Any, tmp_path: Path, cats: SearchTrace
) -> None:
    seconds = {}
    for motion in ("reduce", "no-preference"):
        page = opened(browser, tmp_path, reduced_motion=motion)
        show(page, cats)
        seconds[motion] = page.locator("[data-id]").first.evaluate(
            "node => parseFloat(getComputedStyle(node).transitionDuration)"
        )
        page.close()
    assert seconds["reduce"] == 0 < seconds["no-preference"]


def test_on_paper_are_the_tree_and_its_words_but_no_buttons(page: Any, wide: SearchTrace) -> None:
    show(page, wide)
    page.emulate_media(media="print")
    sync_api.expect(page.get_by_role("button", name="Play")).to_be_hidden()
    assert page.locator("pre").evaluate("it => it.getBoundingClientRect().height") > 100
    assert page.locator(".frame svg").evaluate("it => it.getBoundingClientRect().right") <= 1000
    photograph(page, "tree print")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_can_be_seen_in_light_and_dark(page: Any, scheme: str, wide: SearchTrace) -> None:
    """The text of each kind of box stands out from the box (WCAG 2.2, level AA)."""
    page.emulate_media(color_scheme=scheme)
    show(page, wide)
    page.locator("[data-id].pruned").first.hover()
    photograph(page, f"tree {scheme}")
    colours = page.evaluate(
        """() => [...document.querySelectorAll("[data-id]")].map((node) => ["rect", ".word"].map(
          (part) => getComputedStyle(node.querySelector(part)).fill.match(/\\d+/g).map(Number)))"""
    )
    assert min(contrast(*pair) for pair in colours) >= 4.5


def contrast(first: list[int], second: list[int]) -> float:
    """Of two colours, as WCAG defines it."""
    low, high = sorted(map(luminance, (first, second)))
    return (high + 0.05) / (low + 0.05)


def luminance(colour: list[int]) -> float:
    """How light a colour is, 0 to 1."""
    shares = [value / 255 for value in colour]
    red, green, blue = (
        share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4 for share in shares
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
