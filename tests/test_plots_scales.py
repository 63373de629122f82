"""Axes, colour scales and thumbnails: a difference is neither hidden nor blown up."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.offsetbox import AnnotationBbox
from PIL import Image

from showtell_lib import plots, search
from showtell_lib.errors import SettingsError
from showtell_lib.plots.apart import laid_apart
from showtell_lib.plots.lost_optimum import lost_at
from showtell_lib.plots.scales import linear_limits, power_of_ten
from tests.toy_models import START_STATE, random_model

PHOTO = Image.new("RGB", (60, 40), "teal")
WIDTHS = [1, 2, 3, 5, 10, 20]


def axes_of(picture: plots.Picture, index: int = 0) -> Any:
    picture.figure.draw_without_rendering()
    return picture.figure.axes[index]


def drawn(values: list[float], **options: bool) -> Any:
    return axes_of(plots.lines(WIDTHS, {"a": values}, x_label="beam width", y_label="y", **options))


@pytest.mark.parametrize("log_x", [False, True])
def test_ticks_are_at_the_widths_that_were_tried(log_x: bool) -> None:
    axes = drawn([0.9, 0.91, 0.92, 0.93, 0.94, 0.95], log_x=log_x)
    assert [label.get_text() for label in axes.get_xticklabels()] == [str(w) for w in WIDTHS]


def test_epochs_are_told_whole() -> None:
    epochs = list(range(1, 21))
    axes = axes_of(plots.lines(epochs, {"a": [0.5] * 20}, x_label="epochs", y_label="loss"))
    ticks = axes.get_xticks()
    assert len(ticks) > 2
    assert (ticks == ticks.round()).all()


def panels(**options: Any) -> list[Any]:
    measures = {"mean": {"a": [1, 2, 4], "b": [1, 2, 3]}, "most": {"a": [10, 20, 400]}}
    picture = plots.line_panels([1, 10, 100], measures, x_label="rate", **options)
    picture.figure.draw_without_rendering()
    return list(picture.figure.axes)


def test_panels_have_an_axis_each_unless_they_share_one() -> None:
    for share_y, alike in ((False, False), (True, True)):
        mean, most = panels(share_y=share_y)
        assert (mean.get_ylim() == most.get_ylim()) == alike
        assert most.get_ylim()[1] > 400
        assert [mean.get_ylabel(), most.get_ylabel()] == ["mean", "most"]


def test_ticks_in_narrow_panels_do_not_run_into_each_other() -> None:
    rates = [5, 10, 20, 30, 36, 60, 200]
    measure = {"y": {"a": [1.0] * len(rates)}}
    for count, least in ((1, "36"), (2, "60")):
        measures = {f"{name} {n}": v for n in range(count) for name, v in measure.items()}
        picture = plots.line_panels(rates, measures, x_label="rate", log_x=True)
        told = [label.get_text() for label in axes_of(picture).get_xticklabels()]
        assert told[told.index("30") + 1] == least


def test_a_marked_place_is_drawn_and_named_in_each_panel() -> None:
    for axes in panels(log_x=True, log_y=True, marked={"capacity": 50.0}):
        assert [list(axes.lines[-1].get_xdata()), axes.texts[0].get_text()] == [
            [50.0, 50.0],
            "capacity",
        ]
        assert axes.get_xscale() == axes.get_yscale() == "log"
    marked = {"y": {"a": [1]}}
    alt = plots.line_panels([1], marked, x_label="x", marked={"capacity": 50.0}).alt
    assert alt.endswith("capacity is marked at 50.0.")


def test_a_word_that_comes_twice_has_two_places() -> None:
    said, values = ["a", "mug", "with", "a", "handle"], [0.1, 0.2, 0.3, 0.4, 0.5]
    axes = axes_of(plots.lines(said, {"p": values}, x_label="word", y_label="p"))
    assert [label.get_text() for label in axes.get_xticklabels()] == said
    assert axes.lines[0].get_xydata().tolist() == [[at, p] for at, p in enumerate(values)]


def test_an_axis_of_shares_begins_at_0_and_a_log_axis_does_not() -> None:
    assert drawn([0.90, 0.91, 0.92, 0.93, 0.94, 0.95]).get_ylim()[0] == 0
    axes = drawn([0.99, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6], log_y=True)
    assert axes.get_yscale() == "log"
    assert 0 < axes.get_ylim()[0] <= 1e-6


@given(st.lists(st.floats(-100, -0.01), min_size=1, max_size=8))
def test_below_0_a_small_difference_looks_small(values: list[float]) -> None:
    limits = linear_limits(values)
    assert limits is not None
    low, high = limits
    assert low <= min(values) <= max(values) <= high <= 0
    assert high - low >= 0.3 * -min(values)


def test_what_lies_on_both_sides_of_0_or_nowhere_is_left_to_matplotlib() -> None:
    assert linear_limits([-1, 2]) is None
    assert linear_limits([np.nan]) is None
    assert linear_limits([0, 0]) == (0, 1)


def test_alt_text_tells_small_differences_apart() -> None:
    words = [11.32, 11.2, 11.0, 10.9, 10.8, 10.73]
    picture = plots.lines(WIDTHS, {"words": words}, x_label="beam width", y_label="words")
    assert "from 11.32 to 10.73, lowest 10.73 at 20, highest 11.32 at 1" in picture.alt
    assert "a 0.996, b 0.998" in plots.bars(["a", "b"], [0.996, 0.998], y_label="share").alt


def test_one_outlier_does_not_turn_the_rest_grey() -> None:
    falls = np.full((3, 5, 5), 0.3)
    falls[0, 2, 2] = 4.6
    picture = plots.word_regions(PHOTO, falls, ["dog", "red", "field"])
    maps = [axes.images[1] for axes in picture.figure.axes if len(axes.images) > 1]
    assert len(maps) == 3
    assert {heat.get_clim() for heat in maps} == {(-4.6, 4.6)}, "the scale shows the outlier"
    assert maps[1].norm(0.3) > 0.65, "the middle of the scale, 0.5, is grey"
    assert "by 4.6" in picture.alt


def test_next_to_nothing_gets_no_frame_and_no_colour() -> None:
    falls = np.random.default_rng(0).uniform(-1e-3, 1e-3, (1, 5, 5))
    picture = plots.word_regions(PHOTO, falls, ["dress"])
    axes = picture.figure.axes[0]
    assert axes.images[1].get_clim() == (-0.1, 0.1)
    assert not axes.lines
    assert axes.get_title("left") == "dress  under 0.1"
    assert '"dress" hardly anywhere, by less than 0.1' in picture.alt


def test_figure_and_alt_text_tell_the_same_fall() -> None:
    falls = np.zeros((2, 3, 3))
    falls[0, 0, 0], falls[1, 2, 2] = 0.164, 0.0999
    picture = plots.word_regions(PHOTO, falls, ["yellow", "umbrella"])
    headings = [axes.get_title("left") for axes in picture.figure.axes[:2]]
    assert headings == ["yellow  0.16", "umbrella  under 0.1"]
    assert (
        '"yellow" top left, by 0.164; "umbrella" hardly anywhere, by less than 0.1' in picture.alt
    )


def test_a_near_zero_of_a_measure_with_ends_looks_near_zero() -> None:
    picture = plots.bars(["a", "b"], [0.0305, -0.004], y_label="tau", limits=(-1, 1))
    assert axes_of(picture).get_ylim() == (-1, 1)
    assert picture.alt == "tau as bars: a 0.03, b 0.00."
    with pytest.raises(SettingsError, match=r"1\.5 does not lie between -1 and 1"):
        plots.bars(["a"], [1.5], y_label="tau", limits=(-1, 1))


def test_the_last_place_that_was_measured_has_a_tick() -> None:
    rates = [5, 10, 20, 30, 36, 40, 60, 90, 130, 170, 180, 200]
    measures = {name: {"a": [1.0] * len(rates)} for name in ("mean", "95th percentile")}
    axes = axes_of(plots.line_panels(rates, measures, x_label="rate", log_x=True))
    told = [label.get_text() for label in axes.get_xticklabels()]
    assert (told[0], told[-1]) == ("5", "200")
    assert "170" not in told, "which would run into 200"


def test_powers_of_ten_are_plain_text() -> None:
    axes = drawn([0.99, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6], log_y=True)
    told = {label.get_text() for label in axes.get_yticklabels()}
    assert {"10⁰", "10⁻³", "10⁻⁶"} <= told
    assert power_of_ten(2500) == "2500"


@pytest.mark.parametrize("count", [1, 4, 5, 9])
def test_every_word_has_its_map(count: int) -> None:
    words = [f"w{i}" for i in range(count)]
    picture = plots.word_regions(PHOTO, np.ones((count, 5, 5)), words)
    assert sum(len(axes.images) > 1 for axes in picture.figure.axes) == count


def test_the_cap_of_relu6_is_said_and_dotted() -> None:
    maps = np.random.default_rng(0).uniform(0, 5, (7, 7, 4))
    maps[:3, :, 2] = 6
    picture = plots.feature_maps(PHOTO, maps, channels=[2, 0])
    assert "21.4% lie at 6, the most that ReLU6 lets through" in picture.alt, "21 of 98"
    axes = [axes for axes in picture.figure.axes if axes.get_title("left").startswith("channel")]
    assert [len(a.lines[0].get_xdata()) for a in axes] == [21, 0]
    assert "ReLU6" not in plots.feature_maps(PHOTO, maps * 1.5, channels=[2, 0]).alt


@given(st.integers(0, 10_000), st.integers(1, 12))
def test_boxes_laid_apart_do_not_overlap(seed: int, count: int) -> None:
    random = np.random.default_rng(seed)
    places = random.uniform(200, 800, (count, 2)).round(-2)  # Many in the very same place.
    size = random.uniform(30, 60, (count, 2))
    middles = laid_apart(places, size, (0, 0, 1000, 1000))
    assert (middles - size / 2 >= 0).all()
    assert (middles + size / 2 <= 1000).all()
    between = np.abs(middles[:, None] - middles[None])
    overlap = (size[:, None] + size[None]) / 2 - between - 1e-6
    np.fill_diagonal(overlap[..., 0], 0)
    assert not (overlap > 0).all(axis=2).any()


def test_a_box_alone_stays_where_it_belongs() -> None:
    middles = laid_apart(np.array([[500.0, 500.0]]), np.array([[50.0, 40.0]]), (0, 0, 900, 900))
    np.testing.assert_allclose(middles, [[500, 500]], atol=0.01)


def test_thumbnails_do_not_hide_each_other() -> None:
    points = np.random.default_rng(0).normal(size=(60, 2))
    points[:8] = points[0]
    images = [(i, PHOTO) for i in range(8)]
    picture = plots.embedding_map(points, images=images)
    picture.png()
    boxes = picture.figure.findobj(AnnotationBbox)
    extents = np.array([box.patch.get_window_extent().extents for box in boxes])
    common = np.minimum(extents[:, None, 2:], extents[None, :, 2:])
    common -= np.maximum(extents[:, None, :2], extents[None, :, :2])
    assert len(boxes) == 8
    assert not np.triu((common > 0).all(axis=2), 1).any()


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("width", [1, 2, 3])
def test_where_the_optimum_was_lost(seed: int, width: int) -> None:
    model = random_model(seed, size=9, steps=6)
    optimum = search.exact(model, START_STATE).best
    found = search.beam(model, START_STATE, beam_width=width, trace=True)
    path = found.recorded.follow(optimum.token_ids)
    tokens = tuple(expansion.token_id for expansion in path)
    assert tokens == optimum.token_ids[1 : len(path) + 1]
    step = lost_at(path, optimum)
    assert (step is None) == (found.best.token_ids == optimum.token_ids)
    if step is None:
        return
    kept = {
        tuple(e.token_id for e in found.recorded.path(e.hypothesis_id))
        for e in found.recorded
        if e.status != "pruned"
    }
    prefixes = [optimum.token_ids[1 : last + 1] for last in range(1, len(optimum.token_ids))]
    assert step == 1 + next(i for i, prefix in enumerate(prefixes) if prefix not in kept)
