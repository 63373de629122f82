"""The widgets themselves: buttons pressed and values set in Python, as a browser does."""

from __future__ import annotations

import base64
import gc
import html
import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from showtell_lib import widgets
from showtell_lib.photos import Photo, sample_photo
from showtell_lib.scenes import Actor, Scene
from showtell_lib.scenes.world import changes
from showtell_lib.trace import SearchTrace
from showtell_lib.widgets import life, lstm_stepper
from showtell_lib.widgets.subject import subject
from tests.toy_captioner import ToyCaptioner
from tests.toy_models import CATS
from tests.web_server import Server

ipywidgets = pytest.importorskip("ipywidgets")
from IPython.core.interactiveshell import InteractiveShell  # noqa: E402
from IPython.utils.capture import capture_output  # noqa: E402

TOY = ToyCaptioner()
SCENE = Scene.random(3)
SWIMMER = Scene("pool", "day", (Actor("man", "red", "swim"),))


@pytest.fixture(autouse=True)
def _memory_as_before() -> Iterator[None]:
    yield
    gc.unfreeze()


def parts_of(widget: Any) -> Iterator[Any]:
    """A widget and all that is in it."""
    yield widget
    for child in getattr(widget, "children", ()):
        yield from parts_of(child)


def find(widget: Any, kind: str, label: str = "") -> Any:
    """The first part of this class whose description or tooltip is the label."""
    for part in parts_of(widget):
        if type(part).__name__ == kind and label in (
            "",
            getattr(part, "description", ""),
            getattr(part, "tooltip", ""),
        ):
            return part
    raise AssertionError(f"there is no {kind} {label!r}")


def press(widget: Any, label: str) -> None:
    find(widget, "Button", label).click()


def text_of(widget: Any) -> str:
    """All HTML that is shown."""
    return "\n".join(part.value for part in parts_of(widget) if type(part).__name__ == "HTML")


def images(widget: Any) -> list[Any]:
    return [part for part in parts_of(widget) if type(part).__name__ == "Image"]


def dropdown(widget: Any, name: str) -> Any:
    return find(widget, "Dropdown", name)


@pytest.fixture(autouse=True)
def _no_output(capfd: pytest.CaptureFixture[str]) -> Iterator[None]:
    """No widget prints or warns."""
    yield
    assert capfd.readouterr() == ("", "")


def test_every_picture_is_a_png_with_its_alt_text() -> None:
    boxes = [
        widgets.stepper(TOY, SCENE),
        widgets.length_penalty(TOY, SCENE),
        widgets.photo_picker(TOY),
        widgets.scene_composer(TOY),
        widgets.be_the_beam(TOY, SCENE),
    ]
    shown = [image for box in boxes for image in images(box) if image.value]
    assert len(shown) == 6
    for image in shown:
        assert Image.open(io.BytesIO(image.value)).format == "PNG"
        assert image.tooltip is None  # It makes the view fail in the browser.
    told = [text for box in boxes for text in text_of(box).split("in words</summary>")[1:]]
    assert len(told) == 6
    assert all(len(text.split("</details>")[0].split()) >= 5 for text in told)


# The stepper.


def test_the_stepper_follows_the_chosen_words_and_undoes_them() -> None:
    box = widgets.stepper(TOY, SCENE, count=4)
    start = lstm_stepper.first_draft(TOY, TOY.encode(SCENE.draw()))
    first = start.choices(4)[2]
    words = [b for b in parts_of(box) if type(b).__name__ == "Button"][:4]
    assert words[2].description.startswith(first.word)
    assert find(box, "Button", "Undo").disabled
    words[2].click()
    assert f"<b>{html.escape(first.word)}</b>" in text_of(box)
    assert f"{first.log_prob:.2f}" in text_of(box)
    press(box, "Undo")
    assert "Choose the first word." in text_of(box)


def test_the_stepper_ends_with_the_caption_and_starts_again() -> None:
    box = widgets.stepper(TOY, SCENE, count=9)
    best = subject(TOY, SCENE).beam().best
    words = [b for b in parts_of(box) if type(b).__name__ == "Button"][:9]
    for word, _ in best.words:
        next(b for b in words if b.description.split("  ")[0] == word).click()
    assert "You said what beam search says." in text_of(box)
    assert all(button.disabled for button in words)
    press(box, "Start again")
    assert not any(button.disabled for button in words)
    assert "Choose the first word." in text_of(box)


# Be the beam.


def tick(box: Any, words: str) -> None:
    boxes = [part for part in parts_of(box) if type(part).__name__ == "Checkbox"]
    next(b for b in boxes if b.description.split("   ")[-1] == words).value = True


def test_you_are_the_beam_and_see_what_was_lost_where() -> None:
    box = widgets.be_the_beam(CATS, beam_width=2)
    assert "<b>Step 1.</b> Keep 2 of these 2." in text_of(box)
    assert find(box, "Button", "Keep").disabled
    for choice in (("a", "the"), ("a cat", "the dog")):
        for words in choice:
            tick(box, words)
        press(box, "Keep")
    assert "<b>Step 3.</b>" in text_of(box)
    assert "beam search would keep" not in text_of(box)
    find(box, "Checkbox", "After each step, show what beam search would keep").value = True
    assert "<mark>a cat</mark>" in text_of(box)
    assert "<mark>a dog</mark>" in text_of(box)
    press(box, "Let beam search finish")
    assert "You beat beam search by 0.10." in text_of(box)
    assert "lost at step 2: “a cat” was dropped" in text_of(box)
    assert find(box, "Button", "Keep").disabled
    press(box, "Undo")
    press(box, "Start again")
    assert "<b>Step 1.</b>" in text_of(box)


def test_only_as_many_as_the_beam_is_wide_are_kept() -> None:
    box = widgets.be_the_beam(TOY, SCENE, beam_width=2)
    boxes = [part for part in parts_of(box) if type(part).__name__ == "Checkbox"]
    shown = [b for b in boxes[:4] if b.layout.display != "none"]
    for count, ticked in enumerate(shown, start=1):
        ticked.value = True
        assert find(box, "Button", "Keep").disabled == (count != 2)


def test_a_widget_says_what_to_do_without_a_kernel(capfd: pytest.CaptureFixture[str]) -> None:
    box = widgets.stepper(TOY, SCENE)
    shell = InteractiveShell.instance()
    with capture_output() as captured:
        shell.display_formatter.format(box)
    InteractiveShell.clear_instance()
    capfd.readouterr()
    first, second = (output.data for output in captured.outputs)
    assert "application/vnd.jupyter.widget-view+json" in first
    assert "Run this cell again" in second["text/html"]
    assert "Run this cell again" in second["text/plain"]


def test_a_cell_that_runs_again_ends_the_widget_of_its_run_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = ["first"]
    monkeypatch.setattr(life, "_running_cell", lambda: ("cell", run[0]))
    monkeypatch.setattr(life, "_RUNS", {})
    before = set(ipywidgets.widgets.widget._instances)
    old = widgets.be_the_beam(TOY, SCENE), widgets.stepper(TOY, SCENE)
    made = len(set(ipywidgets.widgets.widget._instances) - before)
    assert made > 40
    run[0] = "second"
    new = widgets.be_the_beam(TOY, SCENE), widgets.stepper(TOY, SCENE)
    assert len(set(ipywidgets.widgets.widget._instances) - before) == made
    assert all(box.comm is None for box in old)
    assert all(box.comm is not None for box in new)
    press(new[0], "Let beam search finish")
    assert "The optimum" in text_of(new[0])


# The microscope.


class _Tags(HTMLParser):
    """The tags of a page, and their attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.names, self.found = list[str](), dict[str, dict[str, str | None]]()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.found[tag] = dict(attrs)


def searches_of(shown: Any) -> Any:
    """What the page of a microscope shows."""
    (stored,) = re.findall(r"const {photo,.*} = (.*);$", shown.page, re.MULTILINE)
    return json.loads(stored)


def test_the_microscope_holds_the_search_of_each_width() -> None:
    found = searches_of(widgets.microscope(TOY, SCENE, widths=(1, 4)))
    assert found["widths"] == [1, 4]
    assert found["chosen"] == 1
    of = subject(TOY, SCENE)
    for width, trace in zip((1, 4), found["traces"], strict=True):
        assert SearchTrace.from_json(json.dumps(trace)) == of.beam(width, 0.0).trace


def test_the_microscope_begins_with_the_model_s_own_width() -> None:
    assert searches_of(widgets.microscope(TOY, SCENE))["chosen"] == TOY.files.beam_width


def test_the_photo_under_the_microscope_is_told_in_words() -> None:
    shown = widgets.microscope(TOY, SCENE)
    found = searches_of(shown)
    assert found["alt"] == SCENE.alt
    assert SCENE.alt in str(shown)
    data = base64.b64decode(found["photo"].removeprefix("data:image/jpeg;base64,"))
    assert Image.open(io.BytesIO(data)).format == "JPEG"


def test_nothing_under_the_microscope_ends_its_page_or_its_frame() -> None:
    plain = widgets.microscope(TOY, sample_photo("coffee"))
    hostile = widgets.microscope(TOY, replace(sample_photo("coffee"), name=f"</script>{HOSTILE}"))
    assert HOSTILE in searches_of(hostile)["alt"]
    for shown in (plain, hostile):
        frame = _Tags(shown._repr_html_())
        assert frame.names == ["style", "iframe", "p"]
        assert frame.found["iframe"]["srcdoc"] == shown.page
        assert _Tags(shown.page).names == _Tags(plain.page).names


# The length penalty.


def test_the_ranking_follows_the_slider() -> None:
    of = subject(TOY, SCENE)
    box = widgets.length_penalty(TOY, SCENE)
    slider = find(box, "SelectionSlider")
    assert "as without a penalty" in text_of(box)
    for penalty in (0.7, 2.0):
        slider.value = penalty
        winner = of.beam(5, penalty).best
        assert f"length penalty {penalty:.1f}" in text_of(box)
        assert f"The winner: <b>{html.escape(winner.text)}</b>" in text_of(box)
        assert f"{winner.score:.3f}" in text_of(box)


# The photo picker.


def test_the_picker_hands_out_what_was_picked() -> None:
    box = widgets.photo_picker(TOY)
    assert isinstance(box.photo, Photo)
    find(box, "Dropdown").value = "coffee"
    assert box.photo.name == "coffee.png"
    assert sample_photo("coffee").credit in text_of(box)
    find(box, "ToggleButtons").value = "Drawn scene"
    find(box, "BoundedIntText").value = 5
    assert box.photo == Scene.random(5)
    assert Scene.random(5).describe()[0] in text_of(box)


def test_the_picker_takes_a_file_and_explains_a_wrong_one() -> None:
    box = widgets.photo_picker()
    find(box, "ToggleButtons").value = "Your own"
    assert "no file yet" in text_of(box)
    upload = find(box, "Textarea")
    upload.value = handed("mine.png", Scene.random(2)._repr_png_()[0])
    assert box.photo.name == "mine.png"
    assert np.array_equal(box.photo.pixels, np.asarray(Scene.random(2).draw()))
    assert upload.value == ""
    upload.value = handed("<b>.txt", b"hello")
    assert "⚠ &lt;b&gt;.txt: not a photo" in text_of(box)
    assert box.photo.name == "mine.png"


def handed(name: str, data: bytes) -> str:
    """What the browser writes into the hidden text area."""
    return f"{name}\ndata:image/png;base64,{base64.b64encode(data).decode()}"


# A photo of your own.


def test_your_own_photo_comes_by_every_way(server: Server) -> None:
    box = widgets.own_photo(TOY)
    assert box.photo is None
    assert "No photo yet." in text_of(box)
    find(box, "Textarea").value = handed("mine.png", Scene.random(2)._repr_png_()[0])
    assert box.photo.name == "mine.png"
    assert TOY.caption(box.photo)[0].text in text_of(box)
    server.files = {"coffee.png": sample_photo("coffee").as_png()}
    find(box, "Text").value = f"{server.url}coffee.png"
    assert box.photo.name == "coffee.png"
    find(box, "Textarea").value = handed("webcam.png", Scene.random(4)._repr_png_()[0])
    assert box.photo.name == "webcam.png"
    assert np.array_equal(box.photo.pixels, np.asarray(Scene.random(4).draw()))
    assert find(box, "Textarea").value == ""


HOSTILE = "\"'><img src=x onerror=alert(1)><script>$\\frac$</script>.png"


def tags_in(widget: Any) -> list[str]:
    """What stands in the HTML that is shown, but for texts: each tag with its attributes."""
    return re.findall(r"<[^>]*>", text_of(widget))


@pytest.mark.parametrize("make", [widgets.own_photo, widgets.photo_picker])
def test_a_name_is_shown_and_never_part_of_the_page(make: Any) -> None:
    shown = []
    for name in ("plain.png", HOSTILE):
        box = make(TOY)
        if make is widgets.photo_picker:
            find(box, "ToggleButtons").value = "Your own"
        find(box, "Textarea").value = handed(name, Scene.random(2)._repr_png_()[0])
        assert html.escape(name) in text_of(box)
        shown.append(tags_in(box))
    assert shown[0] == shown[1]


def test_a_wrong_photo_is_explained_and_does_not_lose_the_one_before(server: Server) -> None:
    box = widgets.own_photo()
    find(box, "Textarea").value = handed("mine.png", Scene.random(2)._repr_png_()[0])
    for kind, text in (("Text", f"{server.url}<i>.png"), ("Textarea", "<i>.txt\ndata:,")):
        find(box, kind).value = text
        assert "&lt;i&gt;." in text_of(box)
        assert "⚠" in text_of(box)
        assert box.photo.name == "mine.png"


def test_the_browser_s_part_is_well_formed() -> None:
    """The page's code stands in attributes: nothing in the code may end an attribute."""
    told = text_of(widgets.own_photo())
    handlers = re.findall(r' on(?:drop|change|click)="([^"]*)"', told)
    sources = {html.unescape(handler) for handler in handlers if "closest" in handler}
    folder = Path(widgets.__file__).parent
    files = {path.read_text(encoding="utf-8") for path in folder.glob("letterbox_*.js")}
    assert sources == files
    assert len(handlers) == 4  # The file's handler twice, the camera's, and Upload's own click.


# The scene composer.


def test_the_composer_follows_a_choice() -> None:
    box = widgets.scene_composer(TOY, SWIMMER)
    before = images(box)[1].value
    dropdown(box, "main colour").value = "blue"
    assert box.scene == SWIMMER.replace(colour="blue")
    assert images(box)[1].value != before
    assert "Changed words:" in text_of(box)


def test_the_composer_offers_only_what_can_be() -> None:
    box = widgets.scene_composer(TOY, SWIMMER)
    for control in changes.CONTROLS:
        assert dropdown(box, str(control)).options == changes.options(SWIMMER, control)
        assert dropdown(box, str(control)).value == changes.value_of(SWIMMER, control)
    dropdown(box, "place").value = "field"
    assert box.scene.main.action == "stand"
    assert dropdown(box, "main action").value == "stand"
    assert "swim" not in dropdown(box, "main action").options
    assert "This had to follow: main action: swim → stand" in text_of(box)


def test_changing_one_thing_always_starts_from_the_same_scene() -> None:
    box = widgets.scene_composer(TOY, SWIMMER)
    one = find(box, "ToggleButton")
    one.value = True
    assert dropdown(box, "place").options == ("pool", "lake")
    dropdown(box, "main colour").value = "blue"
    dropdown(box, "time").value = "night"
    assert box.scene == SWIMMER.replace(time="night")
    assert dropdown(box, "main colour").value == "red"
    before, after = (Image.open(io.BytesIO(image.value)) for image in images(box)[:2])
    assert np.array_equal(np.asarray(before), np.asarray(SWIMMER.draw()))
    assert np.array_equal(np.asarray(after), np.asarray(box.scene.draw()))
    assert "<b>Before</b>" in text_of(box)
    one.value = False
    dropdown(box, "main colour").value = "blue"
    assert box.scene == SWIMMER.replace(time="night", colour="blue")


def test_another_scene() -> None:
    box = widgets.scene_composer(TOY, Scene.random(4))
    press(box, "Another scene")
    assert box.scene == Scene.random(5)
    find(box, "ToggleButton").value = True
    press(box, "Another scene")
    assert box.scene == Scene.random(6)
    assert dropdown(box, "place").value == Scene.random(6).place


def test_the_composer_leaves_little_to_collect() -> None:
    """What was loaded before it is no longer walked through whenever memory is collected."""
    gc.collect()
    before = len(gc.get_objects())
    widgets.scene_composer(TOY)
    assert len(gc.get_objects()) < before / 10
