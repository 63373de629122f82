"""Search trees: no labels overlap, all of the search is drawn or counted, words say the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.patches import FancyBboxPatch
from matplotlib.text import Text

from showtell_lib import plots, search
from showtell_lib.plots import Picture
from showtell_lib.plots.tree_choice import choose
from showtell_lib.plots.tree_layout import FULL_WIDTH
from showtell_lib.trace import SearchTrace
from showtell_lib.vocabulary import Vocabulary
from tests.examples import examples
from tests.toy_models import START_STATE, ToyModel, random_model

# The longest that real captions hold, and short ones.
WORDS = "a skateboarder trampoline in wheelbarrow the of playing refrigerator".split()


class WordyModel(ToyModel):
    """A toy model with words of real lengths."""

    @property
    def vocabulary(self) -> Vocabulary:
        """`<S>`, `</S>`, real words, `<UNK>`."""
        return Vocabulary(("<S>", "</S>", *WORDS[: self.tables.shape[1] - 3], "<UNK>"))


def wordy_model(seed: int, sharpness: float = 1.0) -> WordyModel:
    tables = random_model(seed, size=12, steps=20, sharpness=sharpness).tables
    tables[:, :, 1] -= 1.5  # So that captions get long.
    return WordyModel(tables)


def label_boxes(picture: Picture) -> tuple[list[str], np.ndarray]:
    """Outlines of words, and all text outside of them: names, and float [N, 4] in pixels."""
    figure = picture.figure
    figure.draw_without_rendering()
    outlines = [p for p in figure.findobj(FancyBboxPatch) if p.get_gid() == "label"]
    edges = np.array([patch.get_window_extent().extents for patch in outlines])
    texts = [text for text in figure.findobj(Text) if text.get_text()]
    extents = np.array([text.get_window_extent().extents for text in texts])
    # Within one pixel of an outline: part of that label.
    above = (extents[:, None, :2] >= edges[None, :, :2] - 1).all(2)
    below = (extents[:, None, 2:] <= edges[None, :, 2:] + 1).all(2)
    free = ~(above & below).any(1)
    assert free.sum() < len(texts), "no text is in its outline"
    names = [text.get_text() for text, is_free in zip(texts, free, strict=True) if is_free]
    return [f"label {i}" for i in range(len(edges))] + names, np.vstack([edges, extents[free]])


def check_no_overlap(picture: Picture) -> None:
    names, boxes = label_boxes(picture)
    page = picture.figure.bbox
    assert (boxes[:, :2] >= 0).all()
    assert (boxes[:, 2:] <= [page.width, page.height]).all()
    common = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    common -= np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    overlap = np.triu((common > 1).all(2), 1)
    pairs = [(names[i], names[j]) for i, j in np.argwhere(overlap)]
    assert not pairs


def record(model: Any, algorithm: str, **options: Any) -> SearchTrace:
    found = getattr(search, algorithm)(model, START_STATE, trace=True, **options)
    return found.trace  # type: ignore[no-any-return]


ALGORITHMS: dict[str, dict[str, Any]] = {
    "greedy": {},
    "beam": {"beam_width": 3, "length_penalty": 0.7},
    "diverse_beam": {},
    "sample": {"captions": 5},
    "exact": {"captions": 3, "budget": 300},
}


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("beam_width", [1, 2, 3, 4, 5])
def test_no_labels_overlap(beam_width: int, seed: int) -> None:
    trace = record(wordy_model(seed), "beam", beam_width=beam_width)
    check_no_overlap(plots.search_tree(trace))
    if seed == 0:
        check_no_overlap(plots.search_steps(trace))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_no_labels_overlap_whatever_the_algorithm(algorithm: str) -> None:
    trace = record(wordy_model(7), algorithm, **ALGORITHMS[algorithm])
    check_no_overlap(plots.search_tree(trace))
    check_no_overlap(plots.search_steps(trace))
    check_no_overlap(plots.compare_searches(trace, record(wordy_model(7), "greedy")))


@given(
    st.integers(0, 10_000), st.integers(1, 5), st.floats(0.2, 4), st.integers(2, 20), st.booleans()
)
@examples(15)
def test_no_labels_overlap_in_random_searches(
    seed: int, beam_width: int, sharpness: float, max_length: int, wordy: bool
) -> None:
    model = wordy_model(seed, sharpness) if wordy else random_model(seed, sharpness=sharpness)
    width = min(beam_width, len(model.vocabulary))
    check_no_overlap(
        plots.search_tree(record(model, "beam", beam_width=width, max_length=max_length))
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_it_fits_the_notebook(algorithm: str) -> None:
    trace = record(wordy_model(1), algorithm, **ALGORITHMS[algorithm])
    for picture in (plots.search_tree(trace), plots.compare_searches(trace, trace)):
        assert picture.figure.get_figwidth() * 72 <= FULL_WIDTH + 1


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_all_are_drawn_or_counted(algorithm: str) -> None:
    trace = record(wordy_model(2), algorithm, **ALGORITHMS[algorithm])
    shown = choose(trace)
    drawn = [e for step in shown.steps for e in step]
    assert len(drawn) + shown.left_out_total == len(trace)
    ids = {e.hypothesis_id for e in drawn}
    assert all(e.parent_id in ids or e.parent_id == 0 for e in drawn)
    assert {e.hypothesis_id for i in trace.ranking for e in trace.path(i)} <= ids
    if shown.left_out_total:
        assert f"{shown.left_out_total} more not drawn" in plots.search_tree(trace).alt


@pytest.mark.parametrize("seed", range(5))
def test_all_kept_are_drawn(seed: int) -> None:
    trace = record(wordy_model(seed), "beam", beam_width=5)
    assert not any(counts["kept"] for counts in choose(trace).left_out)


def test_what_is_drawn_of_a_step() -> None:
    trace = record(wordy_model(2), "beam", beam_width=3)
    texts = [text.get_text() for text in plots.search_tree(trace).figure.findobj(Text)]
    for expansion in trace:
        if expansion.status == "kept":
            assert expansion.word in texts
    lost = next(e for e in choose(trace).steps[1] if e.status == "pruned")
    assert lost.lost_to is not None
    rival = trace[lost.lost_to].word
    assert f"{lost.lost_by:.2f} below {rival}" in texts
    assert any(text.startswith("+") and text.endswith(" more") for text in texts)


def test_last_step_shows_only_what_came_before() -> None:
    trace = record(wordy_model(2), "beam", beam_width=3)
    picture = plots.search_tree(trace, last_step=2)
    texts = [text.get_text() for text in picture.figure.findobj(Text)]
    assert "step 2" in texts
    assert "step 3" not in texts
    assert "steps 1 to 2 of Beam search" in picture.alt


def test_searches_that_part_and_searches_that_do_not() -> None:
    narrow, wide = (record(wordy_model(0), "beam", beam_width=width) for width in (1, 5))
    same = plots.compare_searches(narrow, narrow)
    assert "Both winners are the same" in same.alt
    apart = plots.compare_searches(narrow, wide)
    words = [[e.word for e in t.path(t.ranking[0])] for t in (narrow, wide)]
    step = next(i for i, (a, b) in enumerate(zip(*words, strict=False), 1) if a != b)
    assert f"They part at step {step}" in apart.alt


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_listing_tells_all(algorithm: str) -> None:
    trace = record(wordy_model(4), algorithm, **ALGORITHMS[algorithm])
    first, *lines = plots.tree_listing(trace).splitlines()
    assert "The winner is" in first
    assert len(lines) == len(trace)
    for expansion in trace:
        indent = "  " * (expansion.step - 1)
        start = f"{indent}{expansion.step}. "
        assert any(line.startswith(start) and f": {expansion.status}," in line for line in lines), (
            expansion
        )
    assert sum("lost to" in line for line in lines) == sum(e.lost_to is not None for e in trace)
    winners = sum("on the winner's path" in line for line in lines)
    assert winners == len(trace.path(trace.ranking[0]))
