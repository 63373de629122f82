"""Every figure: alt text with words of its data, stored with it, opaque, nothing left open."""

from __future__ import annotations

import inspect
import io
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.text import Text
from PIL import Image

from showtell_lib import plots, reports, search
from showtell_lib.errors import SettingsError
from showtell_lib.lstm import Gates
from showtell_lib.near_ties import first_largest
from showtell_lib.plots import Picture
from showtell_lib.plots.wording import rounded
from showtell_lib.trace import Caption, SearchTrace
from showtell_lib.vocabulary import Vocabulary
from tests.toy_models import START_STATE, random_model

MODEL = random_model(3, size=9, steps=6)
PHOTO = Image.new("RGB", (60, 40), "teal")
RANDOM = np.random.default_rng(0)
# Searches of a model whose optimum a narrow beam misses.
LOSING = random_model(5, size=9, steps=6)
OPTIMUM = search.exact(LOSING, START_STATE).best
LOSERS = [search.beam(LOSING, START_STATE, beam_width=w, trace=True).recorded for w in (1, 2, 9)]
Example = tuple[Callable[[], Any], tuple[str, ...]]


def trace(beam_width: int = 3) -> SearchTrace:
    return search.beam(MODEL, START_STATE, beam_width=beam_width, trace=True).recorded


def caption(words: str = "a dog runs", log_prob: float = -0.5) -> Caption:
    each = tuple((word, log_prob) for word in [*words.split(), "</S>"])
    ids = tuple(hash(word) for word, _ in each)
    return Caption(words, ids, log_prob * len(each), log_prob, True, each)


def gates_of_a_step() -> Gates:
    return Gates(*(np.full((1, 50), value, np.float32) for value in (0.5, -1, 0.9, 0.2, -3, 0)))


# By name of the function: an example, and words and figures that its alt text must hold.
EXAMPLES: dict[str, Example] = {
    "search_tree": (lambda: plots.search_tree(trace()), ("Beam search, beam width 3", "pruned")),
    "search_steps": (lambda: plots.search_steps(trace(), steps=[1, 2]), ("2 frames", "step 2: ")),
    "compare_searches": (
        lambda: plots.compare_searches(trace(1), trace(4), titles=("narrow", "wide")),
        ("narrow: ", "wide: ", "winner"),
    ),
    "next_words": (
        lambda: plots.next_words(np.log([0.1, 0.2, 0.1, 0.6]), VOCABULARY, count=2, chosen=0),
        ("2 most probable", "<UNK> 0.6, </S> 0.2", "Chosen: <S> with 0.1"),
    ),
    "word_probabilities": (
        lambda: plots.word_probabilities(caption()),
        ("a 0.607, dog 0.607, runs 0.607, </S> 0.607",),
    ),
    "gates": (
        lambda: plots.gates(["<S>", "dog"], [gates_of_a_step()] * 2),
        ("24 units", "2 words: <S> dog", "forget gate 0.9", "largest cell is 3.0 from 0"),
    ),
    "lstm_cell": (
        lambda: plots.lstm_cell(gates_of_a_step(), unit=7),
        ("forget gate f", "c' = f · c + i · j", "Unit 7 of 50", "candidate -1.00"),
    ),
    "model_map": (
        lambda: plots.model_map(caption(), PHOTO, "encoder"),
        ('at work on "a dog runs"', "a 0.61, dog 0.61, runs 0.61, </S> 0.61", "Lit: encoder."),
    ),
    "lines": (
        lambda: plots.lines([1, 2], {"up": [1, 3], "down": [2, 1]}, x_label="x", y_label="y"),
        ("y over x", "up goes from 1 to 3", "lowest 1 at 2"),
    ),
    "line_panels": (
        lambda: plots.line_panels(
            [1, 2], {"hours": {"a run": [4, 2]}, "cost": {"a run": [1, 3]}}, x_label="workers"
        ),
        ("Over workers", "hours: a run goes from 4 to 2", "cost: a run goes from 1 to 3"),
    ),
    "who_decided": (
        lambda: plots.who_decided(["a", "dog", "</S>"], [0.02, 11.94, 0.5]),
        ("a 0.0, dog 11.9, </S> 0.5", "The most: dog."),
    ),
    "sentence_tree": (
        lambda: plots.sentence_tree(search.worlds.BEAM_WINS),
        ("9 sentences", '"the cat sleeps" 0.288'),
    ),
    "shares": (
        lambda: plots.shares(["w 1", "w 2"], {"same": [3, 1], "other": [1, 3]}, x_label="photos"),
        ("w 1: same 3, other 1; w 2: same 1, other 3",),
    ),
    "tiles": (
        lambda: plots.tiles([[0.9, 0.1]], ["beach"], ["sand", "snow"], column_label="word"),
        ("beach: sand 0.90, snow 0.10",),
    ),
    "spreads": (
        lambda: plots.spreads(
            ["1", "best"],
            {"words": [[9, 7], [11, 6]], "score": [[-8, -5], [-7, -5.5]]},
            x_label="beam width",
        ),
        ("words 1 10.0, best 6.5", "score 1 -7.5, best -5.25", "middle half"),
    ),
    "lost_optimum": (
        lambda: plots.lost_optimum(LOSERS, OPTIMUM),
        ("3 searches", f"log-probability {OPTIMUM.log_prob:.2f}", "on the way to the optimum"),
    ),
    "bars": (
        lambda: plots.bars(["a", "b"], [1.234, 2], y_label="seconds", title="Time"),
        ("Time: seconds as bars: a 1.23, b 2",),
    ),
    "grouped_bars": (
        lambda: plots.grouped_bars(
            ["man", "girl"], {"model": [2, 1], "people": [3, 4]}, y_label="photos", level=100.0
        ),
        ("photos as grouped bars. man: model 2, people 3; girl: model 1, people 4", "at 100.0"),
    ),
    "reliability": (
        lambda: plots.reliability(
            {"words": reports.calibrate([0.2, 0.9], [True, False], bins=2)}, title="Sure?"
        ),
        ("from 1.00 at probability 0.20 to 0.00 at 0.90", "1 of 2 points below the diagonal"),
    ),
    "photo_row": (
        lambda: plots.photo_row([PHOTO, PHOTO], ["one", caption()]),
        ('2 pictures with captions: "one"; "a dog runs"',),
    ),
    "embedding_map": (
        lambda: plots.embedding_map(
            RANDOM.normal(size=(6, 2)),
            images=[(0, PHOTO)],
            labels=["first", *[""] * 5],
            groups=["cat", "cat", "dog", "dog", "cup", "cup"],
        ),
        ("6 points", "1 of them", "cat 2, dog 2, cup 2", "first", "closest"),
    ),
    "feature_maps": (
        lambda: plots.feature_maps(PHOTO, RANDOM.random((7, 5, 20)), count=3),
        ("3 of 20 feature maps of 7 by 5",),
    ),
    "occlusion": (
        lambda: plots.occlusion(PHOTO, [[0, 0, 0], [0, -0.1, 1.25]], "dog"),
        ("2 by 3 squares", '"dog"', "row 2, column 3, bottom right", "by 1.25"),
    ),
    "word_regions": (
        lambda: plots.word_regions(PHOTO, [[[0, 0, 1.25]], [[0.5, 0, 0]]], ["dog", "grass"]),
        ("2 words", '"dog" right, by 1.25', '"grass" left, by 0.5'),
    ),
    "attention": (
        lambda: plots.attention(PHOTO, [[[0, 0.25, 0.75]], [[0.4, 0.3, 0.3]]], ["dog", "grass"]),
        ("2 words", '"dog" right, 0.75', '"grass" left, 0.40'),
    ),
    "length_penalty_sweep": (
        lambda: plots.length_penalty_sweep([0, 0.5, 1], [caption("a"), caption("a"), caption()]),
        ("3 length penalties from 0 to 1", '"a"; from 1 "a dog runs"'),
    ),
}
NO_FIGURES = {"tree_listing", "tree_viewer"}
VOCABULARY = Vocabulary(("<S>", "</S>", "w0", "<UNK>"))


def test_every_function_has_an_example() -> None:
    functions = {name for name in plots.__all__ if inspect.isfunction(getattr(plots, name))}
    assert functions - NO_FIGURES == set(EXAMPLES)


@pytest.fixture(params=EXAMPLES)
def example(request: pytest.FixtureRequest) -> tuple[Picture, tuple[str, ...]]:
    make, words = EXAMPLES[request.param]
    return make(), words


def test_figure(example: tuple[Picture, tuple[str, ...]]) -> None:
    picture, words = example
    assert isinstance(picture, Picture)
    for word in words:
        assert word in picture.alt
    with Image.open(io.BytesIO(picture.png())) as image:
        assert image.text["Description"] == picture.alt  # type: ignore[attr-defined]
        assert (np.asarray(image.convert("RGBA"))[..., 3] == 255).all()
        corner = np.asarray(image.convert("RGB"))[0, 0]
        assert corner.tolist() == [255, 255, 255]


def test_all_is_inside_and_of_readable_size(example: tuple[Picture, tuple[str, ...]]) -> None:
    figure = example[0].figure
    figure.draw_without_rendering()
    drawn = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert drawn.x0 >= -0.02
    assert drawn.y0 >= -0.02
    assert drawn.x1 <= width + 0.02
    assert drawn.y1 <= height + 0.02
    for text in figure.findobj(Text):
        assert not text.get_text() or text.get_fontsize() >= 8


def test_pyplot_knows_of_no_figure(example: tuple[Picture, tuple[str, ...]]) -> None:
    import matplotlib.pyplot

    assert not matplotlib.pyplot.get_fignums()


def test_importing_plots_brings_no_tensorflow() -> None:
    code = "import sys, showtell_lib.plots; sys.exit('tensorflow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_alt_text_of_a_single_row_of_log_probabilities_is_the_same() -> None:
    flat = np.log([0.1, 0.2, 0.1, 0.6])
    one, two = (plots.next_words(values, VOCABULARY) for values in (flat, flat[np.newaxis]))
    assert one.alt == two.alt


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (910, "910"), (np.int64(24), "24"), (24.04, "24.0"), (400.0, "400.0"), (9.97, "9.97"),
        (9.996, "10.0"), (-12.34, "-12.3"), (3.84, "3.84"), (0.996, "0.996"), (1.0, "1"),
        (0.99996, "0.9999"), (0.4, "0.4"), (0.00033, "0.00033"), (0.0, "0"),
        (np.float32(96.5), "96.5"), (1e20, "1e+20"),
    ],
)  # fmt: skip
def test_counts_are_whole_and_large_measurements_have_a_decimal(value: float, told: str) -> None:
    assert rounded(value) == told


def test_alt_texts_keep_counts_whole() -> None:
    assert "cat 910, dog 12." in plots.bars(["cat", "dog"], np.array([910, 12]), y_label="n").alt
    picture = plots.lines([1, 2], {"up": [1, 300]}, x_label="x", y_label="y")
    assert "up goes from 1 to 300" in picture.alt


@given(st.lists(st.sampled_from([0.0, 0.5, 0.98, 1.0]), min_size=2), st.integers(0, 2**32))
def test_no_last_digit_decides_which_is_the_largest(values: list[float], seed: int) -> None:
    """Of values that share the top the text names the first, whatever their last digits."""
    ends = [0.0, *values, 1.0]
    noise = np.random.default_rng(seed).uniform(-1e-4, 1e-4, len(ends))
    assert first_largest(ends + noise) == ends.index(1.0)


def test_what_is_not_finite_is_passed_over() -> None:
    assert first_largest([np.nan, -np.inf, 1, 3, 3]) == 3
    assert first_largest([[1, 2], [4, 4]]) == 2
    assert first_largest([1.0, 1.01]) == 1, "that is clear"
    assert first_largest([-0.9, -0.0088, -0.0087]) == 2, "and so is that, beside a large range"


def test_a_title_comes_first_in_the_alt_text() -> None:
    asked = plots.occlusion(PHOTO, [[1]], "dog", title="Where?").alt
    assert asked.startswith("Where? Occlusion map")


# Taken for a formula, this cannot be drawn: its fraction has no end.
PRICE = r"$\frac{ of $5 a_b^c"
PRICED: list[Callable[[], Any]] = [
    lambda: plots.photo_row([PHOTO], [PRICE]),
    lambda: plots.bars([PRICE], [1.0], y_label=PRICE, title=PRICE),
    lambda: plots.grouped_bars([PRICE], {PRICE: [1.0]}, y_label="y"),
    lambda: plots.shares([PRICE], {PRICE: [1.0]}, x_label="x"),
    lambda: plots.lines([1, 2], {PRICE: [1, 2], "b": [2, 1]}, x_label=PRICE, y_label="y"),
    lambda: plots.word_probabilities(caption(PRICE)),
    lambda: plots.word_regions(PHOTO, [[[1.0]]], [PRICE], title=PRICE),
    lambda: plots.embedding_map(np.eye(2), groups=[PRICE, "b"]),
    lambda: plots.model_map(caption(PRICE), PHOTO),
    lambda: plots.length_penalty_sweep([0, 1], [caption(), caption(PRICE)]),
    lambda: plots.search_tree(trace(), title=PRICE),
]


@pytest.mark.parametrize("make", PRICED)
def test_dollars_in_captions_and_names_are_no_formula(make: Callable[[], Any]) -> None:
    figure = make().figure
    figure.draw_without_rendering()
    priced = [text for text in figure.findobj(Text) if "$" in text.get_text()]
    assert priced
    assert not any(text.get_parse_math() for text in priced)


def test_formulas_of_the_lstm_are_set_as_formulas() -> None:
    texts = plots.lstm_cell(gates_of_a_step(), unit=7).figure.findobj(Text)
    formulas = [text for text in texts if "$" in text.get_text()]
    assert len(formulas) > 4
    assert all(text.get_parse_math() for text in formulas)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: plots.lines([1, 2], {"a": [1]}, x_label="x", y_label="y"), "1 values for 2"),
        (lambda: plots.bars([], [], y_label="y"), "nothing to draw"),
        (lambda: plots.photo_row([PHOTO], []), "0 captions for 1 photos"),
        (lambda: plots.gates(["a"], []), "1 words for 0 steps"),
        (lambda: plots.who_decided(["a"], [1, 2]), "1 words for 2 values"),
        (lambda: plots.line_panels([1], {}, x_label="x"), "nothing to draw"),
        (lambda: plots.line_panels([1, 2], {"y": {"a": [1]}}, x_label="x"), "1 values for 2"),
        (lambda: plots.lines([1], {"a": [0.0]}, x_label="x", y_label="y", log_y=True), "above 0"),
        (
            lambda: plots.lines([0, 1], {"a": [1, 1]}, x_label="x", y_label="y", log_x=True),
            "above 0",
        ),
        (lambda: plots.shares(["a"], {"b": [1, 2]}, x_label="x"), "as many numbers as rows"),
        (lambda: plots.shares(["a"], {"b": [-1]}, x_label="x"), "none below 0"),
        (lambda: plots.grouped_bars(["a"], {"b": [1, 2]}, y_label="y"), "a value per label"),
        (lambda: plots.grouped_bars(["a"], {"b": [-1]}, y_label="y"), "none below 0"),
        (lambda: plots.reliability({"a": []}), "nothing to draw"),
        (lambda: plots.tiles([[0.5]], ["a", "b"], ["c"]), "2 rows and 1 columns"),
        (lambda: plots.tiles([[1.5]], ["a"], ["c"]), "0 to 1"),
        (lambda: plots.spreads(["1"], {"a": [[1, 2]]}, x_label="x"), r"must be \[N, 1\]"),
        (lambda: plots.feature_maps(PHOTO, np.ones((2, 2, 3)), channels=[3]), "channels 0 to 2"),
        (lambda: plots.lost_optimum(LOSERS[2:], OPTIMUM), "none of these searches"),
        (lambda: plots.word_regions(PHOTO, [[[1]]], []), "1 occlusion maps for 0 words"),
        (lambda: plots.attention(PHOTO, [[[1]]], []), "for 0 words"),
        (lambda: plots.attention(PHOTO, [[[1]], [[0.6]]], ["a", "dog"]), "add up to 1; see 'dog'"),
        (lambda: plots.embedding_map([[1, 2, 3]]), r"float \[N, 2\]"),
        (lambda: plots.embedding_map([[1, 2]], labels=["a", "b"]), "2 labels for 1 points"),
        (lambda: plots.length_penalty_sweep([1], []), "0 values for 1"),
        (lambda: plots.search_tree(trace(), last_step=99), "steps 1 to"),
        (lambda: plots.search_steps(trace(), steps=[0]), "steps 1 to"),
        (lambda: plots.search_tree(SearchTrace("beam", {}, (), ())), "trace=True"),
    ],
)
def test_what_does_not_fit_is_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        make()
