"""The pictures of the model and of the LSTM cell: legible for any caption, and true to the data."""

from __future__ import annotations

import importlib.util
import pathlib
from dataclasses import replace
from itertools import combinations
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from matplotlib.image import AxesImage
from matplotlib.patches import FancyArrowPatch
from matplotlib.path import Path
from matplotlib.text import Text
from PIL import Image

from showtell_lib import plots
from showtell_lib.errors import SettingsError
from showtell_lib.lstm import Gates, lstm_gates
from showtell_lib.plots import Picture
from showtell_lib.trace import Caption

ROOT = pathlib.Path(__file__).parent.parent
PARTS = ("photo", "encoder", "embedding", "lstm", "softmax", "search")
# Short words, and the longest that real captions hold.
WORDS = (
    "a skateboarder trampoline in wheelbarrow the of playing refrigerator i "
    "$5 two o'clock is otorhinolaryngologist on mountain it $9 jigsaw"
).split()
PHOTO = Image.new("RGB", (60, 40), "teal")


def caption(words: str, probability: float = 0.5, *, finished: bool = True) -> Caption:
    each = [*words.split(), *(["</S>"] if finished else [])]
    log_prob = float(np.log(probability))
    said = tuple((word, log_prob) for word in each)
    return Caption(words, tuple(range(len(each) + 1)), log_prob * len(each), 0.0, finished, said)


def texts_of(picture: Picture) -> list[Text]:
    picture.figure.draw_without_rendering()
    return [text for text in picture.figure.findobj(Text) if text.get_text()]


def written_in(picture: Picture) -> list[str]:
    return [text.get_text() for text in texts_of(picture)]


def check_legible(picture: Picture) -> None:
    """No text touches another, and no arrow crosses one."""
    places = [(text.get_text(), text.get_window_extent()) for text in texts_of(picture)]
    for (one, box), (other, beside) in combinations(places, 2):
        assert not box.overlaps(beside), f"{one} and {other} overlap"
    arrows: list[Any] = picture.figure.findobj(FancyArrowPatch)
    assert arrows
    for arrow in arrows:
        path = arrow.get_path().transformed(arrow.axes.transData)
        # What closes a polygon has no place of its own.
        drawn = path.codes != Path.CLOSEPOLY
        line = Path(path.vertices[drawn], path.codes[drawn])
        for name, box in places:
            assert not line.intersects_bbox(box, filled=False), f"an arrow crosses {name}"


@pytest.mark.parametrize("count", range(1, 21))
def test_captions_of_any_length_are_legible(count: int) -> None:
    said = caption(" ".join(WORDS[:count]), 3.2e-5, finished=count % 2 == 0)
    check_legible(plots.model_map(said, PHOTO))


@pytest.mark.parametrize("size", [(1, 1), (2000, 90), (90, 2000)])
@pytest.mark.parametrize("lit", ["photo", "search"])
def test_photos_of_any_shape_are_legible_with_any_part_lit(lit: str, size: tuple[int, int]) -> None:
    picture = plots.model_map(caption("two dogs"), Image.new("RGB", size, "teal"), lit)
    check_legible(picture)
    assert picture.holds_photos


def test_a_short_caption_is_drawn_whole_with_its_probabilities() -> None:
    log_probs = np.log([0.8, 0.6, 0.0123, 0.999]).tolist()
    words = tuple(zip(("a", "dog", "runs", "</S>"), log_probs, strict=True))
    picture = plots.model_map(replace(caption("a dog runs"), words=words), PHOTO)
    written = written_in(picture)
    assert {"<S>", "0.80", "0.60", "0.012", "1.00", '"a dog runs"'} <= set(written)
    # Each word is chosen, and then goes in; the last one only is chosen.
    assert [written.count(word) for word in ("a", "dog", "runs", "</S>")] == [2, 2, 2, 1]
    assert "a 0.80, dog 0.60, runs 0.012, </S> 1.00." in picture.alt
    assert "in 4 steps" in picture.alt


def test_of_a_long_caption_the_first_words_and_the_last_are_drawn() -> None:
    words = [f"word{number}" for number in range(20)]
    picture = plots.model_map(caption(" ".join(words)), PHOTO)
    written = written_in(picture)
    assert {"word0", "word1", "word2", "…", "word19", "</S>"} <= set(written)
    assert "word12" not in written
    assert all(f"{word} 0.50" in picture.alt for word in words)
    assert " ".join(words) in " ".join(written).replace('"', "")


@pytest.mark.parametrize(
    ("lit", "told"),
    [
        (None, "all parts"), (PARTS, "all parts"), ("photo", "photo"), ("encoder", "encoder"),
        ("embedding", "image embedding"), ("lstm", "LSTM"), ("softmax", "softmax"),
        ("search", "search"), (["search", "lstm"], "LSTM, search"),
    ],
)  # fmt: skip
def test_the_alt_text_names_what_is_lit(lit: Any, told: str) -> None:
    assert plots.model_map(caption("a dog"), PHOTO, lit).alt.endswith(f"Lit: {told}.")


@pytest.mark.parametrize("lit", PARTS)
def test_only_the_names_of_lit_parts_are_bold(lit: str) -> None:
    names = {"photo", "encoder", "embedding", "LSTM", "softmax", "search"}
    texts = texts_of(plots.model_map(caption("a dog"), PHOTO, lit))
    bold = {text.get_text() for text in texts if text.get_fontweight() == "bold"}
    assert {name.lower() for name in bold & names} == {lit}


def test_a_dimmed_photo_is_grey() -> None:
    def colours(lit: str) -> np.ndarray:
        images: list[Any] = plots.model_map(caption("a"), PHOTO, lit).figure.findobj(AxesImage)
        return np.asarray(images[0].get_array())[0, 0]

    assert colours("photo").tolist() == [0, 128, 128]
    assert len(set(colours("search").tolist())) == 1


@pytest.mark.parametrize(
    ("said", "lit", "message"),
    [
        (caption("a dog"), "attention", r"lit='attention' .* 'photo', 'encoder', 'embedding'"),
        (caption("a dog"), ["lstm", "gates"], "'gates'"),
        (caption("a dog"), [], r"lit=\[\]"),
        ([caption("a dog")], None, r"captioner.caption\(photo\)\[0\], not 'list'"),
        (caption("", finished=False), None, "has words"),
    ],
)
def test_what_cannot_be_drawn_is_refused(said: Any, lit: Any, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        plots.model_map(said, PHOTO, lit)


def step_of_five_units() -> Gates:
    random = np.random.default_rng(0)
    sizes = ((1, 4), (1, 10), (9, 20), (20,))
    return lstm_gates(*(random.normal(size=size) for size in sizes))


def test_the_lstm_cell_is_legible_with_and_without_values() -> None:
    check_legible(plots.lstm_cell())
    check_legible(plots.lstm_cell(step_of_five_units()))
    check_legible(plots.lstm_cell(Gates(*[np.full((1, 1), -123.456)] * 6)))


def test_the_lstm_cell_shows_the_values_of_a_unit() -> None:
    gates = step_of_five_units()
    picture = plots.lstm_cell(gates, unit=2)
    values = [f"{gates.forget_gate[0, 2]:.2f}", f"= {gates.hidden_state[0, 2]:.2f}"]
    assert set(values) <= set(written_in(picture))
    assert f"Unit 2 of 5: forget gate {values[0]}" in picture.alt
    for unit in (-1, 5):
        with pytest.raises(SettingsError, match="0 to 4"):
            plots.lstm_cell(gates, unit=unit)


def notebooks_script(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "notebooks" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_readme_shows_the_model_as_the_command_drew_it() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    path = ROOT / "data" / "model_map.jpg"
    with Image.open(path) as image:
        alt = image.info["comment"].decode()
    assert f"![{alt}](data/model_map.jpg)" in text, "run `make pictures`"
    assert path.stat().st_size < 80_000
    with_alt = notebooks_script("readme_pictures").with_alt
    assert with_alt(text, "data/model_map.jpg", alt) == text
    assert "![new](data/model_map.jpg)" in with_alt(text, "data/model_map.jpg", "new")
    with pytest.raises(SystemExit, match="shows no data/none"):
        with_alt(text, "data/none.png", "new")
