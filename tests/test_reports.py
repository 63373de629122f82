"""Reports, against figures counted by hand."""

from __future__ import annotations

import json
import math
from html.parser import HTMLParser
from pathlib import Path

import pytest

import showtell_lib as st
from showtell_lib import reports
from showtell_lib.cli import main
from showtell_lib.errors import DataError
from showtell_lib.reports.mistakes import SceneCaption, attribute_of, called, people_scenes
from showtell_lib.reports.parity import _compare
from showtell_lib.reports.quality import words_and_truth
from showtell_lib.scenes import Actor, Scene, check_caption
from showtell_lib.search import BeamSettings
from showtell_lib.trace import Caption
from showtell_lib.training.datasets import CaptionedPhoto

BEACH = Scene("beach", "day", (Actor("man", "red", "run"),))


def caption(text: str, *log_probs: float, finished: bool = True) -> Caption:
    words = [*text.split(), "</S>"] if finished else text.split()
    return Caption(
        text,
        tuple(range(len(words) + 1)),
        sum(log_probs),
        sum(log_probs),
        finished,
        tuple(zip(words, log_probs, strict=True)),
    )


def seen(scene: Scene, text: str) -> SceneCaption:
    return SceneCaption(scene, text, 0.5, check_caption(scene, text))


def page() -> reports.Report:
    table = reports.Table("Some <b>", ("what", "count"), (("a|b", 1200), ("<UNK>", 0.5)))
    section = reports.Section("one", "One & two", ("a < b",), (table,))
    return reports.Report("Page", "abc", True, (section,))


def test_calibration_of_four_predictions() -> None:
    low, high = reports.calibrate([0.9, 0.1, 0.3, 0.7], [True, False, True, True], bins=2)
    assert (low.count, low.probability, low.right) == (2, pytest.approx(0.2), 0.5)
    assert (high.count, high.probability, high.right) == (2, pytest.approx(0.8), 1.0)
    assert len(reports.calibrate([0.5], [True])) == 1
    with pytest.raises(DataError):
        reports.calibrate([], [])


def test_the_expected_calibration_error_of_five_predictions() -> None:
    """Four said with 0.9, of which half are right, and one with 0.2 that is wrong."""
    sure, unsure = reports.Bin(4, 0.9, 0.5), reports.Bin(1, 0.2, 0.0)
    error = (4 * 0.4 + 1 * 0.2) / 5
    assert reports.expected_calibration_error([unsure, sure]) == pytest.approx(error)
    assert reports.expected_calibration_error([reports.Bin(3, 0.5, 0.5)]) == 0
    with pytest.raises(DataError):
        reports.expected_calibration_error([])


def test_content_words_are_told_from_the_others() -> None:
    log_probs = tuple(math.log(p) for p in (0.9, 0.5, 0.8, 0.7, 0.4))
    caption = reports.ScoredCaption(
        "a dog and a dog", -1.0, log_probs, (True, False, True, True, False), {}
    )
    stored = reports.StoredCaptions("", {}, {"dogs.jpg": caption}, {})
    values, right = words_and_truth(stored, content=True)
    assert (values, right) == (pytest.approx([0.5, 0.4]), [False, False])
    values, right = words_and_truth(stored, content=False)
    assert (values, right) == (pytest.approx([0.9, 0.8, 0.7]), [True, True, True])


def test_the_stored_captions_are_those_whose_words_were_counted() -> None:
    stored = reports.load_captions()
    counts = reports.load_word_counts(stored.settings)
    for word in ("man", "woman", "boy", "girl"):
        having = [c for c in stored.captions.values() if word in c.text.split()]
        agreed = sum(c.agreed[c.text.split().index(word)] for c in having)
        assert (counts[word].said, counts[word].agreed) == (len(having), agreed)
        assert counts[word].agreed <= counts[word].in_references <= len(stored.captions)


@pytest.mark.parametrize(
    ("settings", "text", "message"),
    [
        ({"beam_width": 99}, None, "nothing was measured with beam_width 99"),
        ({}, "{}", "no counts of words"),
        ({}, '{"evaluations": {"flickr8k_test": {"results": [1]}}}', "no counts of words"),
        ({}, "[", "no counts of words"),
    ],
)
def test_counts_that_are_not_there_are_told(
    settings: dict[str, float], text: str | None, message: str, tmp_path: Path
) -> None:
    path = None
    if text is not None:
        path = tmp_path / "metrics.json"
        path.write_text(text)
    with pytest.raises(DataError, match=message):
        reports.load_word_counts({**reports.load_captions().settings, **settings}, path)


def test_errors_are_counted_by_attribute() -> None:
    said = [
        seen(BEACH, "a man in a red shirt is running on the beach"),
        seen(BEACH, "a man in a blue shirt is running on the beach"),
        seen(BEACH, "two dogs are in the snow at night"),
    ]
    found = {e.attribute: (e.wrong, dict(e.words)) for e in reports.attribute_errors(said)}
    assert found == {
        "does not say who": (1, {}),
        "does not say what is done": (1, {}),
        "does not say where": (1, {}),
        "untrue colour": (1, {"blue": 1}),
        "untrue number": (1, {"two": 1}),
        "untrue place": (1, {"snow": 1}),
        "untrue time": (1, {"night": 1}),
        "untrue who or what": (1, {"dogs": 1}),
    }
    assert [caption.right for caption in said] == [True, False, False]


@pytest.mark.parametrize(
    ("word", "attribute"),
    [("blue", "colour"), ("pool", "place"), ("five", "number"), ("truck", "who or what")],
)
def test_what_a_word_is_about(word: str, attribute: str) -> None:
    assert attribute_of(word) == attribute


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("a man and a woman", "man"),
        ("a lady with a dog", "woman"),
        ("the child is a girl", "child"),
        ("a person in red", "person"),
        ("two men", "several people"),
        ("a dog runs", "nobody"),
        ("dogs", "nobody"),
    ],
)
def test_what_people_are_called(text: str, who: str) -> None:
    assert called(text) == who


def test_the_table_of_people() -> None:
    woman = BEACH.replace(kind="woman")
    table = reports.people_called([seen(BEACH, "a man"), seen(woman, "a man"), seen(woman, "dog")])
    assert table["man"]["man"] == table["woman"]["man"] == table["woman"]["nobody"] == 1
    assert sum(sum(row.values()) for row in table.values()) == 3


def test_people_are_drawn_four_times_with_all_else_the_same() -> None:
    fours = people_scenes(3)
    assert [scene.main.kind for scene in fours] == ["man", "woman", "boy", "girl"] * 3
    for first in (0, 4, 8):
        assert len({scene.replace(kind="man") for scene in fours[first : first + 4]}) == 1


def test_words_and_diversity() -> None:
    texts = ["a dog a dog", "a cat", "a cat"]
    assert reports.word_frequencies(texts, 2) == (("a", 3), ("cat", 2))
    found = reports.diversity(texts)
    assert (found.distinct, found.words_used, found.most_said) == (2, 3, ("a cat", 2))
    assert found.mean_words == pytest.approx(8 / 3)


def test_spoiled_captions() -> None:
    texts = {"1": "a dog runs over the grass", "2": "a cat sleeps on a big sofa"}
    references = {name: [text] for name, text in texts.items()}
    found = reports.fooled_scores(texts, references)
    assert found["as they are"].bleu_4 == pytest.approx(1)
    # Of 13 words, only "a" (twice, where the other has two) is shared: clipped to 1 each.
    assert found["shuffled"].bleu_1 == pytest.approx(2 / 13, rel=1e-6)
    # 8 words of 13, all right, none too many.
    assert found["too short"].bleu_1 == pytest.approx(math.exp(1 - 13 / 8), rel=1e-6)


def test_captions_are_stored_without_references(tmp_path: Path) -> None:
    photo = CaptionedPhoto("x.jpg", tmp_path, ("A secret dog .", "a cat"))
    other = CaptionedPhoto("y.jpg", tmp_path, ("snow", "hills"))
    captions = {
        "x.jpg": caption("a dog runs", -0.5, -1.0, -2.0, -0.25),
        "y.jpg": caption("a hill", -0.5, -1.0, finished=False),
    }
    stored = reports.store_captions(captions, [photo, other], model="abc", settings={"k": 1})
    stored.save(tmp_path / "c.json")
    text = (tmp_path / "c.json").read_text()
    assert "secret" not in text
    assert "cat" not in text
    found = reports.load_captions(tmp_path / "c.json")
    assert found == stored
    first = found.captions["x.jpg"]
    assert (first.log_prob, first.word_log_probs) == (-3.75, (-0.5, -1.0, -2.0))
    assert first.agreed == (True, True, False)
    assert found.captions["y.jpg"].agreed == (False, False)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"captions": {"x": 1}}', '{"captions": {}}'])
def test_other_files_are_refused(text: str, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text(text)
    with pytest.raises(DataError, match="no stored captions"):
        reports.load_captions(tmp_path / "x.json")
    with pytest.raises(DataError, match="no report"):
        reports.read_report(tmp_path / "x.json")


def test_parity_tells_a_swap_from_a_dead_heat() -> None:
    one, two = caption("a", -1.0, -1.0), caption("b c", -1.0, -1.5, -2.0)
    settings = BeamSettings()
    assert _compare("x", [[one, two]], [[one, two]], settings).ok
    assert not _compare("x", [[one, two]], [[two, one]], settings).ok
    assert not _compare("x", [[one, two]], [[one]], settings).ok
    heat = caption("b c", -1.0, -0.5, -0.50001)
    assert _compare("x", [[one, heat]], [[heat, one]], settings).ok
    shifted = caption("a", -1.0, -1.1)
    found = _compare("x", [[one]], [[shifted]], settings)
    assert (found.same, found.ok) == (1, False)
    assert found.difference == pytest.approx(0.1)


class _Page(HTMLParser):
    """Collects tags and the text in table cells."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_is_accessible_and_needs_nothing_else() -> None:
    parser = _Page()
    parser.feed(page().html())
    tags = [tag for tag, _ in parser.tags]
    assert tags.count("h1") == tags.count("main") == tags.count("title") == 1
    assert ("html", {"lang": "en"}) in parser.tags
    assert [a["scope"] for t, a in parser.tags if t == "th"] == ["col", "col", "row", "row"]
    assert tags.count("caption") == tags.count("table") == 1
    assert not {"script", "link", "img", "iframe"} & set(tags)
    assert {"<UNK>", "a < b", "One & two", "1,200"} <= set(parser.texts)
    assert "b" not in tags


def test_the_page_in_markdown() -> None:
    text = page().markdown()
    assert "| a\\|b | 1,200 |" in text
    assert "| &lt;UNK> | 0.5 |" in text


def test_a_report_is_written_and_read_back(tmp_path: Path) -> None:
    paths = reports.write_report(page(), tmp_path / "new" / "folder")
    assert [path.name for path in paths] == ["report.md", "report.html", "report.json"]
    assert sorted(path.name for path in paths[0].parent.iterdir()) == sorted(p.name for p in paths)
    found = reports.read_report(paths[2])
    assert found == page()
    assert found.table("one").records()[0] == {"what": "a|b", "count": 1200}
    with pytest.raises(DataError, match="one \\(1 tables\\)"):
        found.table("two")
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot write"):
        reports.write_report(page(), tmp_path / "file")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the command wrote."""
    out = tmp_path_factory.mktemp("proof")
    assert main(["report", "--scenes", "4", "--out", str(out)]) == 0
    return out


def test_the_command_executes_every_search(made: Path) -> None:
    report = reports.read_report(made / "report.json")
    assert report.passed
    assert report.model == st.store.find_model("mini").sha256
    rows = report.table("parity").records()
    keys = {(row["way"], row["beam width"], row["length penalty"]) for row in rows}
    ways, widths = ("compiled", "batched", "NumPy"), (1, 3, 5, 20)
    assert keys == {(w, b, p) for w in ways for b in widths for p in (0.0, 0.7, 1.0)}
    assert all(row["agrees"] and row["photos"] == row["same captions"] == 6 for row in rows)


def test_the_command_quotes_what_was_stored(made: Path) -> None:
    report = reports.read_report(made / "report.json")
    metrics = json.loads((st.store.bundled_folder() / "mini" / "metrics.json").read_text())
    first = metrics["evaluations"]["flickr8k_test"]["results"][0]
    row = report.table("quality").records()[0]
    assert row["CIDEr"] == round(100 * first["scores"]["cider"], 1)
    people = report.table("people").records()
    assert [row["is a"] for row in people] == ["man", "woman", "boy", "girl"]
    assert all(sum(v for v in row.values() if isinstance(v, int)) == 1 for row in people)


def test_too_few_scenes_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--scenes", "3"]) == 2
    assert "4 or more, not '3'" in capsys.readouterr().err


def test_bad_reference_cases_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "--reference", str(tmp_path / "x.json"), "mini"]) == 2
    assert "no reference cases" in capsys.readouterr().err
