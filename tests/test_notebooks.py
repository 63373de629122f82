"""The notebooks as documents: one form, in order, without errors, in the style of the series."""

from __future__ import annotations

import base64
import configparser
import io
import re
import shutil
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from PIL import Image

from tests.notebook_source import load

FOLDER = Path(__file__).parents[1] / "notebooks"
NAMES = sorted(path.name for path in FOLDER.glob("[0-9][0-9]_*.ipynb"))

renew = load("renew")


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def notebook(name: str) -> Any:
    return nbformat.read(FOLDER / name, as_version=4)


def code_cells(notebook: Any) -> list[Any]:
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def prose(notebook: Any) -> str:
    """All Markdown but for badges and code in it."""
    text = "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    text = re.sub(r"^.*<!-- badges -->.*$", "", text, flags=re.M)
    return re.sub(r"```.*?```", "", text, flags=re.S)


def lines_of(cell: Any) -> list[str]:
    return [line for line in cell.source.splitlines() if line.strip()]


def test_it_is_in_the_one_form(name: str, notebook: Any) -> None:
    nbformat.validate(notebook)
    text = renew.text_of(renew.normalised(notebook, name))
    assert text == (FOLDER / name).read_text(encoding="utf-8"), "run `make notebooks`"


def test_cell_ids_are_words_and_differ(notebook: Any) -> None:
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z][a-z0-9-]*", cell_id) for cell_id in ids), ids


def test_it_ran_in_order_without_errors_or_warnings(notebook: Any) -> None:
    counts = [cell.execution_count for cell in code_cells(notebook)]
    assert counts == list(range(1, len(counts) + 1))
    for cell in code_cells(notebook):
        for output in cell.outputs:
            assert output.output_type != "error", cell.source
            assert output.get("name") != "stderr", cell.source


def test_it_has_one_title_and_the_badges(name: str, notebook: Any) -> None:
    titles = re.findall(r"^# .*$", prose(notebook), flags=re.M)
    (title,) = titles
    assert re.fullmatch(rf"# {int(name[:2])} · .+", title)
    assert renew.badge_row(name) in notebook.cells[0].source


def test_it_starts_with_what_colab_needs(name: str, notebook: Any) -> None:
    source = code_cells(notebook)[0].source
    assert source == renew.colab_cell(name)
    for installed in re.findall(r"%pip install (.*)", source):
        assert "--no-deps" in installed.split()
        assert not {"tensorflow", "numpy"} & set(installed.split())


def test_goals_come_first_and_a_recap_last(notebook: Any) -> None:
    text = prose(notebook)
    goals = text.partition("**Goals**")[2].partition("\n## ")[0]
    assert len(re.findall(r"^- ", goals, flags=re.M)) == 3
    recap = text.rpartition("## Recap")[2]
    assert len(re.findall(r"^- ", recap, flags=re.M)) == 3


SEEN, ANSWER = "<summary>What you should have seen</summary>", "<summary>Answer</summary>"
QUESTIONS = "## Three questions"


def unanswered(text: str) -> list[str]:
    """What a notebook's prose asks and does not answer in a fold, by the form in CONTRIBUTING."""
    found = []
    for after in text.split("**Predict**")[1:]:
        if SEEN not in re.split(r"^##? ", after, flags=re.M)[0]:
            found.append(f"Predict{after[:60]}")
    asked = re.split(r"^##? ", text.partition(QUESTIONS)[2], flags=re.M)[0]
    for question in range(1, 4):
        if not re.search(rf"^{question}\. .+\?$\n+.*{ANSWER}", asked, flags=re.M):
            found.append(f"question {question}")
    return found if asked.count(ANSWER) == 3 else [*found, "three answers"]


def test_what_it_asks_is_answered(notebook: Any) -> None:
    """In each notebook that has been brought into this form."""
    text = "\n\n".join(c.source for c in notebook.cells if c.cell_type == "markdown")
    if SEEN not in text and QUESTIONS not in text:
        pytest.skip("has no folded answers yet")
    assert not unanswered(text)


def test_a_question_without_answer_is_told() -> None:
    fold = "\n\n   <details>{}\n\n   It is.\n\n   </details>\n\n"
    three = QUESTIONS + "\n\n" + "".join(f"{n}. Is it?{fold.format(ANSWER)}" for n in (1, 2, 3))
    predict = f"## One\n**Predict**: what?\n\n<details>{SEEN}\n\nThat.\n\n</details>\n\n"
    assert unanswered(f"{predict}{three}## Recap") == []
    assert unanswered(f"**Predict**: who?\n{predict}{three}") == ["Predict: who?\n## One\n"]
    assert unanswered(f"**Predict**: who? **Predict**: what?{three}")
    assert unanswered(f"{predict}{three.replace('2. Is it?', '')}") == ["question 2"]
    assert unanswered(predict)


def test_cells_are_short(notebook: Any) -> None:
    lengths = [len(lines_of(cell)) for cell in code_cells(notebook)]
    assert max(lengths) <= 25
    assert statistics.median(lengths) <= 6


def words_and_lines(name: str, *, folded: bool = True) -> tuple[int, int]:
    notebook = nbformat.read(FOLDER / name, as_version=4)
    lines = sum(len(lines_of(cell)) for cell in code_cells(notebook)[1:])
    text = prose(notebook)
    if not folded:
        text = re.sub(r"<details>.*?</details>", "", text, flags=re.S)
    return len(text.split()), lines


def test_there_is_far_more_prose_than_code(name: str) -> None:
    words, lines = words_and_lines(name)
    # The first is the map of the series: it has more to tell than to run.
    assert 8 <= words / lines <= (45 if name.startswith("00") else 17), f"{words} on {lines} lines"


def test_the_series_has_8_to_15_words_on_a_line_of_code() -> None:
    # Answers in a fold are not on the way: each learner opens some.
    counted = [words_and_lines(name, folded=False) for name in NAMES]
    words, lines = (sum(column) for column in zip(*counted, strict=True))
    assert 8 <= words / lines <= 15 or len(NAMES) == 1


def described(content: str) -> str:
    """What an image file says of itself: PNG's description, JPEG's comment."""
    image = Image.open(io.BytesIO(base64.b64decode(content)))
    comment = image.info.get("comment", b"")
    return str(image.info.get("Description") or comment.decode())


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg"])
def test_every_picture_says_what_it_shows(notebook: Any, kind: str) -> None:
    for cell in code_cells(notebook):
        for output in cell.outputs:
            data = output.get("data", {})
            if kind not in data:
                continue
            assert len(data["text/plain"].split()) >= 2, cell.source
            shown = output.metadata.get(kind, {})
            if "width" in shown:  # A figure of ours, not a photo on its own.
                assert described(data[kind]) == shown["alt"] == data["text/plain"]


def test_notebooks_are_light() -> None:
    """GitHub shows a notebook of several megabytes late or not at all."""
    sizes = {name: (FOLDER / name).stat().st_size / 1e6 for name in NAMES}
    assert max(sizes.values()) <= 1.5, sizes
    assert sum(sizes.values()) <= 8


def test_links_to_other_notebooks_lead_somewhere(notebook: Any) -> None:
    for target in re.findall(r"\]\(([^)#]+\.ipynb)\)", prose(notebook)):
        assert (FOLDER / target).is_file(), target


def test_the_readme_has_the_same_addresses() -> None:
    readme = (FOLDER.parent / "README.md").read_text(encoding="utf-8")
    where = renew.setting()
    for repository, branch in re.findall(r"colab/github/([^/]+/[^/]+)/blob/([^/]+)/", readme):
        assert (repository, branch) == (where["repository"], where["branch"])
    for name in NAMES:
        assert f"(notebooks/{name})" in readme


def test_a_notebook_out_of_form_is_told(tmp_path: Path) -> None:
    notebook = nbformat.read(FOLDER / NAMES[0], as_version=4)
    changed = renew.normalised(notebook, NAMES[0])
    changed.metadata["widgets"] = {}
    changed.cells[1].execution_count = 7
    assert renew.text_of(changed) != renew.text_of(renew.normalised(changed, NAMES[0]))


def test_of_a_frame_only_what_stands_in_its_place_is_kept() -> None:
    shown = "<p>before</p>\n<iframe srcdoc='<p>\nheavy</p>'></iframe>\n<p>Run this cell.</p>"
    output = nbformat.v4.new_output("display_data", {"text/html": shown})
    cell = nbformat.v4.new_code_cell("1", outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    (kept,) = renew.normalised(notebook, NAMES[0]).cells[0].outputs
    assert kept.data["text/html"] == "<p>before</p>\n<p>Run this cell.</p>"


def test_pieces_of_a_stream_are_joined() -> None:
    pieces = [nbformat.v4.new_output("stream", name="stdout", text=text) for text in ("a", "b")]
    other = nbformat.v4.new_output("stream", name="stderr", text="c")
    assert [output.text for output in renew._merged([*pieces, other])] == ["ab", "c"]


def test_the_sanitize_file_has_only_rules_that_work() -> None:
    """A `replace:` without a trailing value, or a blank line in a pair, silently drops a rule."""
    path = FOLDER / "sanitize.cfg"
    parser = configparser.RawConfigParser()
    parser.read(path)
    for section in parser.sections():
        assert re.compile(parser.get(section, "regex"))
        assert parser.get(section, "replace")
    pairs = re.findall(r"^regex: (.+)\nreplace: (.+)$", path.read_text(), flags=re.M)
    assert len(pairs) == len(parser.sections()) == path.read_text().count("regex:")
    text = 'at 0x7f3a2b1c4d5e in /home/me/showtell/data/mini/x and "model_id": "' + "a" * 32 + '"'
    for regex, replacement in pairs:
        text = re.sub(regex, replacement, text)
    assert text == "at ADDRESS in FOLDER/data/mini/x and model_id"


def test_nbval_compares_as_a_reader_does(tmp_path: Path) -> None:
    """With the conftest and the sanitize file of the notebooks: a changed word is a failure."""
    source = "import sys\nprint('noise', file=sys.stderr)\nprint('0.51  cat')"
    cells = {
        "same": (source, "0.51  cat\n"),
        "last digit": (source, "0.52  cat\n"),
        "last digit, exact": (f"# EXACT_OUTPUT\n{source}", "0.52  cat\n"),
        "number": (source, "0.57  cat\n"),
        "word": (source, "0.51  dog\n"),
        "line": (source, "0.51  cat\nand more\n"),
        "alt text": ("'0.51 cat'", "'0.52 cat'"),
        "word of an alt text": ("'0.51 cat'", "'0.51 dog'"),
    }
    notebook = nbformat.v4.new_notebook(cells=[ran(*cell) for cell in cells.values()])
    nbformat.write(notebook, tmp_path / "cells.ipynb")
    for script in ("conftest.py", "same_text.py", "claims.py", "judging.py"):
        shutil.copy(FOLDER / script, tmp_path)
    command = ["-m", "pytest", "--nbval", f"--nbval-sanitize-with={FOLDER / 'sanitize.cfg'}", "-v"]
    run = subprocess.run(
        [sys.executable, *command, "-p", "no:cacheprovider", "cells.ipynb"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    found = re.findall(r"::Cell \d+ (PASSED|FAILED)", run.stdout)
    passed = [name for name, verdict in zip(cells, found, strict=True) if verdict == "PASSED"]
    assert passed == ["same", "last digit", "alt text"], run.stdout


def ran(source: str, said: str) -> Any:
    """A code cell with a printed output, or with a value where it prints nothing."""
    if "print" in source:
        output = nbformat.v4.new_output("stream", name="stdout", text=said)
    else:
        output = nbformat.v4.new_output("execute_result", {"text/plain": said}, execution_count=1)
    return nbformat.v4.new_code_cell(source, outputs=[output], execution_count=1)
