"""The workshop kit agrees with the notebooks: cells, minutes, slides, machines."""

from __future__ import annotations

import functools
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import nbformat
import pytest

from showtell_lib.errors import SettingsError
from tests.notebook_source import load, minutes

yaml = pytest.importorskip("yaml", reason="needs PyYAML, which comes with JupyterLab")

REPOSITORY = Path(__file__).parents[1]
FOLDER = REPOSITORY / "notebooks" / "workshop"
GUIDE = (FOLDER / "INSTRUCTOR.md").read_text(encoding="utf-8")

make_slides = load("workshop/make_slides")
PLAN = make_slides.plan()
# Notebooks that are planned for but not here have nothing to compare with yet.
HERE = sorted(path.name[:2] for path in FOLDER.parent.glob("[0-9][0-9]_*.ipynb"))


@functools.cache
def cells(number: str) -> dict[str, Any]:
    """The cells of a notebook by their ids."""
    notebook = nbformat.read(make_slides.notebook_path(number), as_version=4)
    return {cell.id: cell for cell in notebook.cells}


class Page(HTMLParser):
    """Collects a page's text, the alt texts of its pictures, and what it loads."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.alts: list[str] = []
        self.loads: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A picture, or something that is loaded."""
        given = dict(attrs)
        if tag == "img":
            self.alts.append(given.get("alt") or "")
        if tag in ("script", "link"):
            self.loads.append(given.get("src") or given.get("href") or "")

    def handle_data(self, data: str) -> None:
        """Text."""
        self.text += data


@pytest.mark.parametrize("number", HERE)
def test_every_notebook_has_slides(number: str) -> None:
    assert number in PLAN
    notebook = nbformat.v4.new_notebook(cells=[*cells(number).values()])
    first, *_, last = make_slides.slides_of(notebook, PLAN[number]).cells
    assert first.source.startswith(f"# {int(number)} · ")
    assert last.source.startswith("## Recap")


@pytest.mark.parametrize("number", [number for number in PLAN if number in HERE])
def test_slides_render(number: str) -> None:
    """Each cell that the plan names exists; the page shows it, and loads reveal.js alone."""
    html = make_slides.page(number, "reveal.js")
    page = Page(html)
    # nbconvert puts each slide, with what is below it, into a section of its own.
    assert html.count("<section") == 2 * len(PLAN[number])
    title = cells(number)["title"].source.splitlines()[0].lstrip("# ")
    assert title in page.text
    assert "img.shields.io" not in html, "badges are no use on a slide"
    assert "NBVAL" not in page.text, "nor is a word to the tests"
    assert {load for load in page.loads if load} == {
        "reveal.js/dist/reveal.css",
        "reveal.js/dist/theme/white.css",
        "reveal.js/dist/reveal.js",
    }
    assert all(len(alt.split()) >= 2 for alt in page.alts), page.alts


@pytest.mark.parametrize("number", [number for number in PLAN if number in HERE])
def test_slides_hold_no_formulas(number: str) -> None:
    """They would need another library from the network."""
    notebook = nbformat.v4.new_notebook(cells=[*cells(number).values()])
    for cell in make_slides.slides_of(notebook, PLAN[number]).cells:
        if cell.cell_type == "markdown":
            assert "$" not in cell.source, cell.source


def test_a_question_comes_before_its_answer() -> None:
    for number in set(PLAN) & set(HERE):
        order = list(cells(number))
        names = [re.split("[#>]", name)[0] for slide in PLAN[number] for name in slide]
        assert names == sorted(names, key=order.index), number


def test_a_cell_that_is_not_there(tmp_path: Path) -> None:
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A", id="title")])
    for name, words in (("nothing", "lacks"), ("title#1", "1 part")):
        with pytest.raises(SettingsError, match=words):
            make_slides.slides_of(notebook, [[name]])


def test_parts_and_outputs_of_cells() -> None:
    text = nbformat.v4.new_markdown_cell("before\n\n## One\nfirst\n## Two\nsecond", id="text")
    code = nbformat.v4.new_code_cell("1 + 1", id="code")
    notebook = nbformat.v4.new_notebook(cells=[text, code])
    shown = make_slides.slides_of(notebook, [["text#0"], ["text#2", "code>"], ["code"]]).cells
    assert [cell.source for cell in shown[:2]] == ["before\n\n", "## Two\nsecond"]
    assert [cell.metadata.slideshow.slide_type for cell in shown] == [
        *("slide", "slide", "fragment", "slide")
    ]
    assert [cell.metadata.transient.remove_source for cell in shown[2:]] == [True, False]
    assert text.metadata == code.metadata == {}, "the notebook itself is not changed"


def test_as_it_is_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reveal = tmp_path / "reveal"
    (reveal / "dist" / "theme").mkdir(parents=True)
    (reveal / "dist" / "reveal.js").write_text("// reveal")
    command = ["make_slides.py", "--out", str(tmp_path / "slides")]
    monkeypatch.setattr(sys, "argv", [*command, "--reveal", str(reveal), "00"])
    assert make_slides.main() == 0
    assert (tmp_path / "slides" / "reveal.js" / "dist" / "reveal.js").is_file()
    (page,) = (tmp_path / "slides").glob("*.html")
    assert page.name == "00_caption_a_photo.slides.html"
    for wrong in (["99"], ["--reveal", str(tmp_path), "00"]):
        monkeypatch.setattr(sys, "argv", [*command, *wrong])
        assert make_slides.main() == 2
        assert capsys.readouterr().err.startswith("make_slides: ")


def plan_rows(minutes: int) -> list[list[str]]:
    """The rows of a plan's table: start, notebooks, section, teach, exercise."""
    section = GUIDE.partition(f"\n## {minutes} minutes")[2].partition("\n## ")[0]
    rows = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in row] for row in rows[2:]]


@pytest.mark.parametrize("minutes", [90, 180])
def test_the_plan_fills_its_time(minutes: int) -> None:
    clock = 0
    for start, _, section, teach, exercise in plan_rows(minutes):
        assert int(start) == clock, section
        clock += int(teach) + int(exercise)
    assert clock == minutes


@pytest.mark.parametrize("minutes", [90, 180])
def test_hands_get_something_to_do(minutes: int) -> None:
    """Never more than half an hour between two marks."""
    marks = [int(row[0]) for row in plan_rows(minutes) if "✋" in row[2] or "Break" in row[2]]
    assert marks
    steps = [b - a for a, b in zip([0, *marks], [*marks, minutes], strict=True)]
    assert max(steps) <= 30, steps


def test_the_plans_cover_the_series() -> None:
    planned = {n for row in plan_rows(180) for n in re.findall(r"\d\d", row[1])}
    assert planned >= set(HERE)


def test_the_minutes_are_those_of_the_notebooks() -> None:
    said = re.findall(
        r"Notebooks (\d\d) to (\d\d) .*one person takes (\d+) to (\d+) minutes", GUIDE
    )
    ((first, last, least, most),) = said
    taken = [count for number, count in minutes().items() if first <= number <= last]
    assert [int(least), int(most)] == [min(taken), max(taken)]


def test_questions_are_those_of_the_notebooks() -> None:
    """Every cell that is named asks for a prediction; every cell that asks is named."""
    asked = set(
        re.findall(r"^- `(\d\d)/([a-z0-9-]+)` .*\*Likely\*: .*\*It reveals\*: ", GUIDE, re.M)
    )
    assert len(asked) == len(re.findall(r"^- `\d\d/", GUIDE, re.M)), "an entry lacks a part"
    there = {
        (number, cell_id)
        for number in HERE
        for cell_id, cell in cells(number).items()
        if cell.cell_type == "markdown" and "**Predict**" in cell.source
    }
    assert {pair for pair in asked if pair[0] in HERE} == there


def test_sections_that_are_named_exist() -> None:
    """Numbers in the advice are those of the notebook's own cells."""
    (quoted,) = re.findall(r"change `(range\(\d+, \d+\))`", GUIDE)
    assert any(quoted in cell.source for cell in cells("06").values())


def test_the_hub_gives_enough_memory() -> None:
    values = yaml.safe_load((FOLDER / "jupyterhub" / "values.yaml").read_text(encoding="utf-8"))
    measured = json.loads((REPOSITORY / "benchmarks" / "results" / "notebooks.json").read_text())
    largest = max(one["gigabytes"] for one in measured.values())
    memory = values["singleuser"]["memory"]
    assert largest < float(memory["guarantee"].rstrip("G")) <= float(memory["limit"].rstrip("G"))
    assert values["singleuser"]["startTimeout"] > 300, "the default, too short to pull the image"
    opened = values["singleuser"]["defaultUrl"].removeprefix("/lab/tree/")
    assert (REPOSITORY / opened).is_file()


def test_repo2docker_takes_the_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """It reads `.binder/`, not the project's own Dockerfile, and renders a build from it."""
    buildpacks = pytest.importorskip("repo2docker.buildpacks", reason="needs jupyter-repo2docker")
    monkeypatch.chdir(REPOSITORY)
    assert not buildpacks.DockerBuildPack("base").detect()
    pack = buildpacks.PythonBuildPack("base")
    pack.platform = "linux/amd64"
    assert pack.detect()
    assert pack.python_version == "3.11"
    build = pack.render({"NB_UID": "1000"})
    assert ".binder/requirements.txt" in build
    assert ".binder/postBuild" in build
