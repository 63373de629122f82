"""The search study: its figures are those of the readable searches and of the metrics."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from showtell_lib import search
from showtell_lib.captioner import Captioner, load
from showtell_lib.cli import main
from showtell_lib.embeddings import EmbeddedPhotos, embed_photos
from showtell_lib.errors import DataError
from showtell_lib.evaluation import study_figures
from showtell_lib.evaluation.search_study import (
    BUNDLED_FILE,
    EXACT,
    SearchStudy,
    load_search_study,
    study_searches,
)
from showtell_lib.metrics import score_captions
from showtell_lib.store import find_model
from showtell_lib.training.datasets import read_flickr8k
from tests.tiny_dataset import make_dataset

WIDTHS = (1, 2, 5)


@pytest.fixture(scope="module")
def captioner() -> Captioner:
    return load()


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_dataset(tmp_path_factory.mktemp("data") / "shapes")


@pytest.fixture(scope="module")
def references(dataset: Path) -> dict[str, tuple[str, ...]]:
    splits = read_flickr8k(dataset / "images", dataset / "captions.csv", dataset)
    return {photo.name: photo.captions for photo in splits["train"]}


@pytest.fixture(scope="module")
def embedded(
    captioner: Captioner, dataset: Path, references: dict[str, tuple[str, ...]]
) -> EmbeddedPhotos:
    return embed_photos(captioner, [dataset / "images" / name for name in references])


@pytest.fixture(scope="module")
def study(
    captioner: Captioner, embedded: EmbeddedPhotos, references: dict[str, tuple[str, ...]]
) -> SearchStudy:
    return study_searches(captioner, embedded, references, widths=WIDTHS, progress=False)


def test_each_figure_is_that_of_the_readable_search(
    captioner: Captioner,
    embedded: EmbeddedPhotos,
    references: dict[str, tuple[str, ...]],
    study: SearchStudy,
) -> None:
    decoder = captioner.numpy_decoder
    states = [decoder.state_of(row[np.newaxis]) for row in embedded.embeddings]
    for width in WIDTHS:
        best = [search.beam(decoder, state, beam_width=width).best for state in states]
        column = study.column(width)
        expected = [caption.log_prob for caption in best]
        np.testing.assert_allclose(study.log_probs[:, column], expected, atol=1e-3)
        assert study.words[:, column].tolist() == [len(c.text.split()) for c in best]
        texts = {name: c.text for name, c in zip(study.names, best, strict=True)}
        cider = score_captions(texts, references).cider
        assert study.cider[:, column].mean() == pytest.approx(cider, abs=1e-4)


def test_nothing_is_more_probable_than_a_proved_optimum(study: SearchStudy) -> None:
    optimum = study.log_probs[:, study.column(EXACT)]
    assert study.proved.all()
    for width in WIDTHS:
        found = study.log_probs[:, study.column(width)]
        assert (found <= optimum + 1e-4).all()
        same = study.is_optimum(width)
        np.testing.assert_allclose(found[same], optimum[same], atol=1e-4)
        assert (found[~same] < optimum[~same] + 1e-5).all()


def hand_made() -> SearchStudy:
    """Four photos, widths 1 and 3 and the optimum, whose errors one can name by hand."""
    log_probs = np.array([[-5, -5, -5], [-6, -4, -4], [-6, -5, -4], [-6, -7, -4]], np.float32)
    cider = np.array([[0, 0, 0], [0.9, 0.2, 0.2], [0.1, 0.2, 0.9], [0.5, 0.4, 0.1]], np.float32)
    said = np.array([[0, 0, 0], [0, 1, 1], [0, 1, 2], [0, 1, 2]], np.int16)
    names, proved = ("same", "bad optimum", "good optimum", "worst"), np.ones(4, bool)
    return SearchStudy((1, 3), names, log_probs, said + 5, cider, said, proved, "0" * 64)


def test_errors_are_named_by_hand() -> None:
    study = hand_made()
    assert study.errors(1).search.tolist() == [False, True, True, True]
    assert study.errors(3).search.tolist() == [False, False, True, True]
    # The optimum's 0.2 is below the median of 0.9 and 0.2, of which 0.2 counts once.
    for width in (1, 3, EXACT):
        assert study.errors(width).model.tolist() == [False, True, False, True]
    assert study.errors(3).counts() == {
        "neither": 1, "search error": 1, "model error": 1, "both": 1,
    }  # fmt: skip
    assert not study.errors(EXACT).search.any()


def test_directions_are_counted_by_hand() -> None:
    study = hand_made()
    names = ("same caption", "others, level", "the second better", "the first better")
    for judge, expected in (("log-probability", (1, 0, 2, 1)), ("CIDEr", (1, 0, 1, 2))):
        found = study_figures.directions(study, 1, 3, judge)
        assert found == dict(zip(names, expected, strict=True))


def test_the_figures_tell_the_study() -> None:
    study = load_search_study()
    alt = study_figures.by_width(study).alt
    for column, place in enumerate([*map(str, study.widths), "best"]):
        assert f"{place} {study.words[:, column].mean():.3g}" in alt
    same = int(study.same(1, 3).sum())
    assert f"greedy and beam 3, by CIDEr: same caption {same}" in study_figures.agreement(study).alt
    both = study.errors(5).counts()["both"]
    told = study_figures.named_errors(study).alt.split("beam width 5: ")[1]
    assert told.split(";")[0].endswith(f"both {both}")


def test_a_study_survives_a_file(study: SearchStudy, tmp_path: Path) -> None:
    study.save(tmp_path / "study.npz")
    again = load_search_study(tmp_path / "study.npz")
    assert (again.names, again.widths, again.model) == (study.names, study.widths, study.model)
    for name in ("log_probs", "words", "cider", "first_to_say", "proved"):
        np.testing.assert_array_equal(getattr(again, name), getattr(study, name))


def test_embeddings_of_another_model_are_refused(
    captioner: Captioner, embedded: EmbeddedPhotos, references: dict[str, tuple[str, ...]]
) -> None:
    with pytest.raises(DataError, match="another model"):
        study_searches(captioner, replace(embedded, model="0" * 64), references)


def test_the_bundled_study_is_of_the_bundled_model() -> None:
    study = load_search_study()
    assert study.model == find_model("mini").sha256, "make it again: showtell study"
    assert len(study) == len(set(study.names)) == 1000
    assert study.widths == (1, 2, 3, 5, 10, 20)
    assert study.proved.all()
    optimum = study.log_probs[:, study.column(EXACT)]
    assert (study.log_probs <= optimum[:, np.newaxis] + 1e-3).all()
    # A wider beam finds the optimum more often; greedy and beam have something to compare.
    found = [int(study.is_optimum(width).sum()) for width in study.widths]
    assert found == sorted(found)
    assert (~study.same(1, 3)).sum() >= 400
    assert (find_model("mini").graph.parent / BUNDLED_FILE).stat().st_size < 1e5


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut short", b"not an archive"])
def test_a_file_that_holds_something_else(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "study.npz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"study\.npz"):
        load_search_study(path)


def test_the_command_writes_a_study(
    dataset: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    names = {"--photos": "images", "--captions": "captions.csv", "--splits": "."}
    options = [part for option, name in names.items() for part in (option, str(dataset / name))]
    made, out = tmp_path / "embeddings.npz", tmp_path / "study.npz"
    assert main(["embed", *options, "--split", "dev", "--out", str(made)]) == 0
    command = ["study", *options, "--split", "dev", "--embeddings", str(made), "--out", str(out)]
    assert main(command) == 0
    read = load_search_study(out)
    assert read.widths == (1, 2, 3, 5, 10, 20)
    assert read.model == find_model("mini").sha256
    last = capsys.readouterr().out.splitlines()[-1].split()
    assert last[0] == EXACT
    assert int(last[-1]) == len(read)


def test_the_card_quotes_the_study() -> None:
    study = load_search_study()
    card = (find_model("mini").graph.parent / "MODEL_CARD.md").read_text(encoding="utf-8")
    labels = {1: "greedy", EXACT: "exact search"}
    for search_name in (*study.widths, EXACT):
        column = study.column(search_name)
        label = labels.get(search_name, f"beam width {search_name}")
        found = int((study.same(search_name, EXACT) & study.proved).sum())
        figures = f"{study.log_probs[:, column].mean():.2f} | {study.words[:, column].mean():.1f}"
        figures += f" | {100 * study.cider[:, column].mean():.1f} | {found}"
        assert f"| {label} | {figures} |" in card
    assert f"say something else on {(~study.same(1, 3)).sum()} of them" in card
