"""The bundled model is the one its card speaks of, and the card's figures are measured ones."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from showtell_lib.cli import main
from showtell_lib.evaluation.degradations import DEGRADATIONS
from showtell_lib.evaluation.photos import COUNTED_WORDS
from showtell_lib.reports import load_captions, read_report
from showtell_lib.store import bundled_folder, find_model
from showtell_lib.vocabulary import read_vocabulary
from tests.notebook_source import load

reading = load("same_text")
quotes, same_text = reading.quotes, reading.same_text

FOLDER = bundled_folder() / "mini"
COLUMNS = ("bleu_1", "bleu_4", "rouge_l", "cider")


@pytest.fixture(scope="module")
def metrics() -> dict[str, Any]:
    document: dict[str, Any] = json.loads((FOLDER / "metrics.json").read_text())
    return document


@pytest.fixture(scope="module")
def card() -> str:
    return (FOLDER / "MODEL_CARD.md").read_text(encoding="utf-8")


def results(metrics: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = metrics["evaluations"][name]["results"]
    return found


def by_default(metrics: dict[str, Any], name: str) -> dict[str, Any]:
    """The figures with the settings that the model is searched with unless told otherwise."""
    model = find_model("mini")
    (found,) = (
        r
        for r in results(metrics, name)
        if (r["beam_width"], r["length_penalty"]) == (model.beam_width, model.length_penalty)
    )
    return found


def rows_of(card: str, start: str) -> list[str]:
    return [line for line in card.splitlines() if line.startswith(f"| {start}")]


def as_row(split: str, result: dict[str, Any]) -> str:
    figures = [f"{100 * result['scores'][name]:.1f}" for name in COLUMNS]
    figures.append(f"{100 * result['shuffled_cider']:.1f}")
    figures += [f"{result['distinct_per_1000']:.0f}", f"{result['mean_words']:.1f}"]
    settings = f"{result['beam_width']} | {result['length_penalty']:g}"
    return f"| {split} | {settings} | {' | '.join(figures)} |"


def test_the_figures_are_of_this_model(metrics: dict[str, Any]) -> None:
    assert metrics["model"] == {"name": "mini", "sha256": find_model("mini").sha256}


def test_the_stored_captions_are_of_this_model(metrics: dict[str, Any]) -> None:
    stored = load_captions()
    assert stored.model == find_model("mini").sha256
    assert len(stored.captions) == 1000
    expected = by_default(metrics, "flickr8k_test")["scores"]
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
    rows = [as_row(split, result) for result in results(metrics, f"flickr8k_{split}")]
    assert rows
    assert same_text("\n".join(rows), "\n".join(rows_of(card, f"{split} |")))


def test_the_card_quotes_robustness(metrics: dict[str, Any], card: str) -> None:
    clean = by_default(metrics, "flickr8k_test")["scores"]["cider"]
    degraded = results(metrics, "robustness")
    assert {result["degraded"] for result in degraded} == set(DEGRADATIONS)
    for result in degraded:
        cider = result["scores"]["cider"]
        row = f"| `{result['degraded']}` | {100 * cider:.1f} | {cider / clean:.0%} |"
        assert quotes(card, row), row


def test_the_card_quotes_what_bfloat16_does(metrics: dict[str, Any], card: str) -> None:
    measured = metrics["evaluations"]["bfloat16"]
    (half,) = measured["results"]
    whole = by_default(metrics, "flickr8k_test")
    for setting in ("beam_width", "length_penalty", "max_length"):
        assert half[setting] == whole[setting]
    figures = [f"{100 * r['scores']['cider']:.1f}" for r in (half, whole)]
    assert quotes(card, f"CIDEr on test is {figures[0]} instead of {figures[1]}")
    assert quotes(card, f"{measured['captions_changed']} of 1,000 captions are other ones")


def test_the_card_quotes_the_scenes(metrics: dict[str, Any], card: str) -> None:
    (result,) = results(metrics, "scenes")
    for name, label in (("fresh", "new scenes"), ("held_out", "held-out combinations")):
        shares = result[name]
        figures = [f"{shares[key]:.0%}" for key in ("actor", "action", "place", "complete", "true")]
        row = f"| {label} | {shares['scenes']} | {' | '.join(figures)} |"
        assert quotes(card, row), row
    changes = result["one_change"]
    kinds = ("all", "colour", "kind", "place")
    row = f"| {' | '.join(f'{changes[kind]:.0%}' for kind in kinds)} |"
    assert quotes(card, row), row


def test_the_card_quotes_what_it_gets_wrong(metrics: dict[str, Any], card: str) -> None:
    result = by_default(metrics, "flickr8k_test")
    for group, words in COUNTED_WORDS.items():
        counts = [result["words"][word] for word in words]
        said, agreed = (sum(count[key] for count in counts) for key in ("said", "agreed"))
        assert quotes(card, f"{agreed} of {said}"), group
    assert quotes(card, f"{result['words_used']} of its")
    assert quotes(card, f"hold the unknown word `<UNK>`: {result['unknown']}.")
    for word in COUNTED_WORDS["people"]:
        count = result["words"][word]
        assert quotes(card, f"| {word} | {count['said']} | {count['in_references']} |")


def test_the_card_quotes_size_words_and_classes(metrics: dict[str, Any], card: str) -> None:
    model = find_model("mini")
    assert quotes(card, f"{model.graph.stat().st_size / 1e6:.1f} MB")
    assert quotes(card, f"{len(read_vocabulary(model.vocabulary)):,} entries")
    named = metrics["evaluations"]["broader_heldout"]["classes_named"]
    assert quotes(card, f"the class of {named['named']} of {named['of']}")


def test_the_search_defaults_are_the_best_on_dev(metrics: dict[str, Any]) -> None:
    """Counts only the searches that give more than one caption to choose from."""
    several = [r for r in results(metrics, "flickr8k_dev") if r["beam_width"] > 1]
    best = max(several, key=lambda r: r["scores"]["cider"])
    assert best == by_default(metrics, "flickr8k_dev")


def test_the_quality_that_was_promised(metrics: dict[str, Any]) -> None:
    (result,) = (
        r
        for r in results(metrics, "flickr8k_test")
        if (r["beam_width"], r["length_penalty"]) == (3, 0)
    )
    assert result["photos"] == 1000
    assert result["scores"]["cider"] >= 0.46
    assert result["scores"]["bleu_4"] >= 0.195
    assert result["distinct_per_1000"] >= 550
    assert result["shuffled_cider"] < 0.12
    assert find_model("mini").size < 20_000_000


def test_the_quality_on_scenes_that_was_promised(metrics: dict[str, Any]) -> None:
    (result,) = results(metrics, "scenes")
    assert (result["fresh"]["scenes"], result["held_out"]["scenes"]) == (300, 200)
    for name, least in (("fresh", 0.9), ("held_out", 0.8)):
        assert result[name]["complete"] >= least
    true = sum(result[name]["true"] * result[name]["scenes"] for name in ("fresh", "held_out"))
    assert true >= 0.85 * 500
    assert result["one_change"]["all"] >= 0.8


def test_the_log_shows_the_epoch_that_was_chosen(card: str) -> None:
    """First run: the last epoch of stage three that beats all before it; second run: a logged one.

    Before the second run's only stage there is only what the run started from.
    """
    header, *lines = (FOLDER / "training_log.csv").read_text().splitlines()
    assert header.startswith("stage,epoch,train_loss,train_perplexity,dev_loss,dev_cider")
    rows = [line.split(",") for line in lines]
    before = max(float(row[5]) for row in rows if row[0] in ("decoder", "tuning"))
    *_, kept = (row for row in rows if row[0] == "self_critical" and float(row[5]) > before)
    assert quotes(card, f"Epoch {kept[1]} of stage three was kept")
    (chosen,) = re.findall(r"epoch (\d+) of the second run is this model", card)
    of_second = {row[1]: float(row[5]) for row in rows if row[0] == "second_run"}
    assert chosen in of_second
    wavers = f"{100 * min(of_second.values()):.1f} to {100 * max(of_second.values()):.1f}"
    assert quotes(card, f"CIDEr on dev wavers there ({wavers} on the first 500 photos)")


def test_nothing_of_others_is_bundled() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == [
        "MODEL_CARD.md",
        "captions.json",
        "embeddings.npz",
        "metrics.json",
        "report.html",
        "report.json",
        "report.md",
        "search_study.npz",
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
    result = by_default(metrics, "flickr8k_test")
    assert quotes(readme, f"| CIDEr | {100 * result['scores']['cider']:.1f} |")
    assert quotes(readme, f"| BLEU-4 | {100 * result['scores']['bleu_4']:.1f} |")
    assert quotes(readme, f"over the wrong photos | {100 * result['shuffled_cider']:.1f} |")
    (scenes,) = results(metrics, "scenes")
    labels = {"fresh": "nothing is untrue", "held_out": "kept from training"}
    for name, label in labels.items():
        figures = f"{scenes[name]['complete']:.0%}; {scenes[name]['true']:.0%}"
        assert quotes(readme, f"{label} | {figures} |")
    assert quotes(readme, f"| on disk | {find_model('mini').graph.stat().st_size / 1e6:.1f} MB |")


def test_the_readme_shows_what_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    readme = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    assert main(["caption", "--sample", "chelsea"]) == 0
    assert quotes(readme, capsys.readouterr().out.rstrip())
