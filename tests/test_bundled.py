"""The bundled model is the one its card speaks of, and the card's figures are measured ones."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from showtell_lib.cli import main
from showtell_lib.reports import load_captions, read_report
from showtell_lib.store import bundled_folder, find_model
from showtell_lib.vocabulary import read_vocabulary

FOLDER = bundled_folder() / "mini"
COLUMNS = ("bleu_1", "bleu_4", "rouge_l", "cider")


@pytest.fixture(scope="module")
def metrics() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / "metrics.json").read_text())
    return document


@pytest.fixture(scope="module")
def card() -> str:
    return (FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")


def results(metrics: dict[str, Any], split: str) -> dict[int, dict[str, Any]]:
    return {r["beam_width"]: r for r in metrics["evaluations"][split]["results"]}


def as_row(split: str, result: dict[str, Any]) -> str:
    figures = [f"{100 * result['scores'][name]:.1f}" for name in COLUMNS]
    figures.append(f"{100 * result['shuffled_cider']:.1f}")
    figures += [f"{result['distinct_per_1000']:.0f}", f"{result['mean_words']:.1f}"]
    return f"| {split} | {result['beam_width']} | {' | '.join(figures)} |"


def test_the_figures_are_of_this_model(metrics: dict[str, Any]) -> None:
    assert metrics["model"] == {"name": "mini", "sha256": find_model("mini").sha256}


def test_the_stored_captions_are_of_this_model(metrics: dict[str, Any]) -> None:
    stored = load_captions()
    assert stored.model == find_model("mini").sha256
    assert len(stored.captions) == 1000
    width = int(stored.settings["beam_width"])
    expected = results(metrics, "flickr8k_test")[width]["scores"]
    assert stored.fooled["as they are"] == pytest.approx(expected, abs=2e-3)
    ciders = [caption.scores["cider"] for caption in stored.captions.values()]
    assert sum(ciders) / len(ciders) == pytest.approx(expected["cider"], abs=2e-3)


def test_the_proof_page_is_of_this_model() -> None:
    report = read_report()
    assert report.model == find_model("mini").sha256
    assert report.passed
    assert (FOLDER / "report.md").read_text(encoding="utf-8") == report.markdown()
    assert (FOLDER / "report.html").read_text(encoding="utf-8") == report.html()


@pytest.mark.parametrize("split", ["test", "dev"])
def test_the_card_quotes_the_figures(split: str, metrics: dict[str, Any], card: str) -> None:
    rows = [as_row(split, result) for result in results(metrics, f"flickr8k_{split}").values()]
    assert rows == [line for line in card.splitlines() if line.startswith(f"| {split} |")]


def test_the_card_quotes_size_words_and_classes(metrics: dict[str, Any], card: str) -> None:
    model = find_model("mini")
    assert f"{model.graph.stat().st_size / 1e6:.1f} MB" in card
    assert f"{len(read_vocabulary(model.vocabulary)):,} entries" in card
    named = metrics["evaluations"]["broader_heldout"]["classes_named"]
    assert f"the class of {named['named']} of {named['of']}" in card


def test_the_quality_that_was_promised(metrics: dict[str, Any]) -> None:
    result = results(metrics, "flickr8k_test")[3]
    assert result["photos"] == 1000
    assert result["scores"]["cider"] >= 0.40
    assert result["scores"]["bleu_4"] >= 0.175
    assert result["shuffled_cider"] < 0.12
    assert find_model("mini").size < 20_000_000


def test_the_log_shows_the_epoch_that_was_chosen(card: str) -> None:
    header, *lines = (FOLDER / "training_log.csv").read_text().splitlines()
    assert header.startswith("stage,epoch,train_loss,train_perplexity,dev_loss,dev_cider")
    best = max((line.split(",") for line in lines), key=lambda row: float(row[5]))
    assert best[:2] == ["tuning", "4"]
    assert "Best epoch: the fourth of stage two" in card
    assert len(lines) == 8 + 6


def test_nothing_of_others_is_bundled() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == [
        "MODEL_CARD.md",
        "captions.json",
        "embeddings.npz",
        "metrics.json",
        "report.html",
        "report.json",
        "report.md",
        "show-and-tell.pb",
        "training_log.csv",
        "word_counts.txt",
    ]
    words = (FOLDER / "word_counts.txt").read_text().splitlines()
    assert all(re.fullmatch(r"\S+ \d+", line) for line in words)


def test_no_path_of_a_machine(card: str) -> None:
    for path in Path(FOLDER).glob("*.*"):
        data = path.read_bytes()
        assert b"/home/" not in data
        assert b"/tmp/" not in data


def test_the_readme_quotes_the_figures(metrics: dict[str, Any]) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    result = results(metrics, "flickr8k_test")[3]
    assert f"| CIDEr | {100 * result['scores']['cider']:.1f} |" in readme
    assert f"| BLEU-4 | {100 * result['scores']['bleu_4']:.1f} |" in readme
    assert f"over the wrong photos | {100 * result['shuffled_cider']:.1f} |" in readme
    assert f"| on disk | {find_model('mini').graph.stat().st_size / 1e6:.1f} MB |" in readme


def test_the_readme_shows_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert main(["caption", "--sample", "chelsea"]) == 0
    for printed in capsys.readouterr().out.splitlines():
        words, _, figure = printed.partition(" (p=")
        shown = next(line for line in readme.splitlines() if line.startswith(words))
        if figure:
            quoted = float(shown.partition(" (p=")[2].rstrip(")"))
            assert quoted == pytest.approx(float(figure.rstrip(")")), rel=0.01)
