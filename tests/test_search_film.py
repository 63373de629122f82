"""The README's film of a search: nothing moves in it, nothing is told before its time."""

from __future__ import annotations

import html
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from showtell_lib import search
from showtell_lib.plots import style
from showtell_lib.plots.tree_choice import choose
from showtell_lib.trace import ROOT as START
from showtell_lib.trace import SearchTrace
from tests.notebook_source import load
from tests.test_plots_trees import wordy_model
from tests.toy_models import START_STATE

ROOT = Path(__file__).parents[1]
FILM, STILL = ROOT / "data" / "search_tree.gif", ROOT / "data" / "search_tree.png"
film, readme_pictures = load("search_film"), load("readme_pictures")


@pytest.fixture(scope="module")
def trace() -> SearchTrace:
    return beam(steps=8)


def beam(steps: int) -> SearchTrace:
    model = wordy_model(3)
    found = search.beam(model, START_STATE, beam_width=3, max_length=steps, trace=True).trace
    assert found is not None
    return found


def frames(path: Path) -> list[Image.Image]:
    with Image.open(path) as image:
        found = []
        for number in range(image.n_frames):
            image.seek(number)
            found.append(image.convert("RGB"))
    return found


def holds(image: Image.Image, colour: str) -> bool:
    """Whether the tree, between title and legend, has at least a line's worth of a colour."""
    wanted = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
    tree = np.asarray(image, int)[60:-60]
    return int((np.abs(tree - wanted).max(axis=-1) < 24).sum()) > 50


def test_the_readme_shows_the_film_as_the_command_drew_it() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    with Image.open(FILM) as image:
        alt = image.info["comment"].decode()
        steps = (image.n_frames - 3) // 2
    assert f'src="data/search_tree.gif" alt="{html.escape(alt)}">' in text, "`make pictures`"
    assert f": {steps} steps, " in alt
    with Image.open(STILL) as still:
        told = still.info["Description"].removeprefix("Search tree, ")
    assert alt.endswith(told), "film and still are of one search"
    assert '(prefers-reduced-motion: reduce)" srcset="data/search_tree.png"' in text
    assert FILM.stat().st_size < 1_000_000
    changed = readme_pictures.with_alt(text, "data/search_tree.gif", 'a "new" one')
    assert changed == text.replace(html.escape(alt), "a &quot;new&quot; one")


def test_the_way_to_the_winner_is_seen_first_and_last() -> None:
    """Where a film does not run, its first frame stands for it."""
    first, *between, last = frames(FILM)
    assert first.tobytes() == last.tobytes()
    assert [holds(image, style.BLUE) for image in (first, *between, last)] == [
        *(True, *(False for _ in between), True)
    ]
    assert holds(last, style.GREEN)
    assert not holds(between[0], style.GREEN)


def test_what_is_there_stays_where_it_is(trace: SearchTrace) -> None:
    """Of every label its place and size; and every hypothesis is there from its step on."""
    shown = choose(trace)
    (rows,) = film.tree_rows(shown)
    film.stacked(rows, 40.0)
    places = {box.key: (box.left, box.top, box.width) for row in rows for box in row.boxes.values()}
    last = len(shown.steps)
    for moment in film.moments(last):
        seen = film.rows_at(rows, moment, trace)
        boxes = {key: box for row in seen for key, box in row.boxes.items()}
        assert all((b.left, b.top, b.width) == places[k] for k, b in boxes.items())
        drawn = {key[0] for key in boxes if key[0] > START and not key[1]}
        steps = shown.steps[: moment.step]
        assert drawn == {e.hypothesis_id for step in steps for e in step}


def test_what_becomes_of_a_hypothesis_is_not_told_before(trace: SearchTrace) -> None:
    shown = choose(trace)
    (rows,) = film.tree_rows(shown)
    film.stacked(rows, 40.0)
    for moment in film.moments(len(shown.steps)):
        for row in film.rows_at(rows, moment, trace):
            for (hypothesis_id, again), box in row.boxes.items():
                if hypothesis_id <= START or again or moment.over:
                    continue
                expansion = trace[hypothesis_id]
                undecided = expansion.step == moment.step and not moment.decided
                assert box.kind == ("again" if undecided else expansion.status)
                assert not (undecided and box.note)
                assert "no." not in box.note, "places are known at the end"


def test_the_titles_count_what_the_trace_holds(trace: SearchTrace) -> None:
    for moment in film.moments(max(e.step for e in trace)):
        title = film.title(trace, moment)
        found = Counter(e.status for e in trace if e.step == moment.step)
        if moment.over:
            words = " ".join(e.word for e in trace.path(trace.ranking[0])[:-1])
            assert f"“{words}”" in title
        elif moment.step and moment.decided:
            said = dict(part.split()[::-1] for part in title.partition(": ")[2].split(", "))
            assert {status: int(number) for status, number in said.items()} == found
        elif moment.step:
            assert title.startswith(f"Step {moment.step}: {found.total()} ")


def test_a_film_of_any_search(tmp_path: Path) -> None:
    trace = beam(steps=3)
    alt = film.save_film(trace, tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as image:
        assert image.info["comment"].decode() == alt
        assert image.info["loop"] == film.PLAYS - 1, "it comes to rest"
    assert len(frames(tmp_path / "film.gif")) == 2 * max(e.step for e in trace) + 3
