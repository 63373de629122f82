"""Tests of the tree of all sentences of a small world."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from matplotlib.patches import FancyBboxPatch, PathPatch

from showtell_lib import plots, search
from showtell_lib.errors import SettingsError
from showtell_lib.search import TableModel, worlds

MODEL = worlds.BEAM_WINS
GREEDY = search.greedy(MODEL, MODEL.start_state).best
OPTIMUM = search.exact(MODEL, MODEL.start_state).best
PATHS = {"greedy": GREEDY, "beam 2": OPTIMUM, "optimum": OPTIMUM}


def texts(picture: plots.Picture) -> list[Any]:
    return [t for t in picture.figure.axes[0].texts if t.get_text()]


def test_every_word_every_probability_and_every_sentence_is_there() -> None:
    written = [t.get_text() for t in texts(plots.sentence_tree(MODEL))]
    assert written.count("</S>") == 9
    assert written.count("sleeps") == written.count("dog") + written.count("cat") == 4
    for sentence in search.all_sentences(MODEL):
        assert f"{sentence.probability:.4g}" in written
    edges = ["0.6", "0.4", "0.5", "0.4", "0.1", "0.9", "0.1", *["0.6", "0.4", "0.8", "0.2"] * 2]
    for probability in set(edges):
        assert written.count(probability) == edges.count(probability)


def test_paths_are_told_apart_by_colour_by_dashes_and_in_words() -> None:
    picture = plots.sentence_tree(MODEL, paths=PATHS)
    drawn: list[Any] = picture.figure.findobj(lambda a: isinstance(a, PathPatch))
    marked = [a for a in drawn if a.get_linewidth() == 2.4]
    assert len(marked) == 3 * 4
    assert len({a.get_edgecolor() for a in marked}) == 3
    assert len({str(a.get_linestyle()) for a in marked}) == 3
    assert len(picture.figure.axes[0].lines) == 3
    written = [t.get_text() for t in texts(picture)]
    assert "0.18  greedy" in written
    assert "0.288  beam 2, optimum" in written


def test_the_alt_text_lists_the_sentences() -> None:
    alt = plots.sentence_tree(MODEL, paths=PATHS, title="Dogs and cats").alt
    assert alt.startswith(
        "Dogs and cats. Tree of 9 sentences, the most probable first: "
        '"the cat sleeps" 0.288 (beam 2, optimum); "a cat sleeps" 0.192; '
        '"a dog sleeps" 0.18 (greedy); "a dog" 0.12; '
    )
    assert plots.sentence_tree(worlds.WIDER_LOSES).alt.endswith("; and 2 less probable.")


@pytest.mark.parametrize("model", [MODEL, worlds.GREEDY_WINS, worlds.WIDER_LOSES])
def test_no_label_hides_another_and_all_are_on_the_page(model: TableModel) -> None:
    names = {"greedy": search.greedy(model, model.start_state).best}
    picture = plots.sentence_tree(model, paths=names)
    picture.png()
    axes = picture.figure.axes[0]
    labels: list[Any] = axes.findobj(lambda a: isinstance(a, FancyBboxPatch) and a.zorder == 2)
    ends = [t for t in texts(picture) if t.get_gid() == "probability"]
    extents = [artist.get_window_extent() for artist in [*labels, *ends]]
    page = picture.figure.bbox
    for i, one in enumerate(extents):
        assert page.x0 <= one.x0 < one.x1 <= page.x1
        assert page.y0 <= one.y0 < one.y1 <= page.y1
        assert not any(one.overlaps(other) for other in extents[i + 1 :])


def test_what_does_not_fit_is_refused() -> None:
    row = dict.fromkeys("abcdefg", 0.1)
    large = TableModel({"": row, **{w: {f"{w}{n}": 0.1 for n in range(9)} for w in row}})
    with pytest.raises(SettingsError, match="71 sentences do not fit on a screen"):
        plots.sentence_tree(large)
    with pytest.raises(SettingsError, match="up to 3 paths"):
        plots.sentence_tree(MODEL, paths=PATHS | {"fourth": GREEDY})
    stranger = replace(GREEDY, token_ids=(0, 2, 2, 1), text="a a")
    with pytest.raises(SettingsError, match='mine: "a a" is no whole sentence'):
        plots.sentence_tree(MODEL, paths={"mine": stranger})
