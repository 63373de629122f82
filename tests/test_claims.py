"""What the notebooks' sentences claim: read from claims.toml, tried in the kernel by nbval."""

from __future__ import annotations

import ast
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import numpy as np
import pytest

from tests.notebook_source import NOTEBOOKS, load

claims, judging = load("claims"), load("judging")
ALL = claims.read_claims(NOTEBOOKS / claims.FILE)
CLAIM = claims.Claim("00_a.ipynb", "said", "it is two", "x == 2")


def claim(**changed: str) -> Any:
    return claims.Claim(**{**vars(CLAIM), **changed})


def small_notebook() -> Any:
    new = nbformat.v4
    cells = [
        new.new_markdown_cell("# Title", id="title"),
        new.new_code_cell("x = 2\nx", id="first"),
        new.new_markdown_cell("See:\nit is\n  two, and then more.", id="said"),
        new.new_code_cell("x += 1\n_", id="second"),
    ]
    for count, code in enumerate((cells[1], cells[3]), start=1):
        code.execution_count = count
        code.outputs = [
            new.new_output("execute_result", {"text/plain": "2"}, execution_count=count)
        ]
    return new.new_notebook(cells=cells)


def judged(true: str, prepare: str = "", **names: Any) -> Any:
    return json.loads(judging.judged(true, prepare, names))


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.notebook[:2]}/{one.cell}")
def test_the_sentence_stands_in_its_cell(one: Any) -> None:
    path = NOTEBOOKS / one.notebook
    assert path.is_file(), f"a claim of {one.notebook}, which is not here"
    claims.place(one, nbformat.read(path, as_version=4))


@pytest.mark.parametrize("one", ALL, ids=lambda one: f"{one.notebook[:2]}/{one.cell}")
def test_a_claim_is_short_python(one: Any) -> None:
    ast.parse(one.true, mode="eval")
    ast.parse(one.prepare)
    assert len(one.true) <= 200, "show it in the notebook, then claim it"
    assert len(one.prepare.splitlines()) <= 5


def test_no_sentence_is_listed_twice() -> None:
    names = [(one.notebook, one.name) for one in ALL]
    assert len(set(names)) == len(names) > 0


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("a = [", "claims.toml"),
        ('[["a.ipynb"]]\ncell = "a"\nphrase = "b"', "true"),
        ('[["a.ipynb"]]\ncell = "a"\nphrase = "b"\ntrue = "c"\nbefore = "d"', "before"),
        ('[["a.ipynb"]]\ncell = "a"\nphrase = "b"\ntrue = true', "texts"),
        ('[["a.ipynb"]]\ncell = "a"\nphrase = " "\ntrue = "c"', "texts"),
        ('["a.ipynb"]\ncell = "a"', "cell"),
        ('cell = "a"', "cell"),
    ],
)
def test_a_malformed_file_is_told(tmp_path: Path, text: str, word: str) -> None:
    (tmp_path / "claims.toml").write_text(text)
    with pytest.raises(claims.ClaimError, match=word):
        claims.read_claims(tmp_path / "claims.toml")


def test_where_the_kernel_is_asked() -> None:
    assert claims.place(CLAIM, small_notebook()) == "first"
    assert claims.place(claim(after="second"), small_notebook()) == "second"


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({"cell": "gone"}, "no such Markdown cell"),
        ({"cell": "first"}, "no such Markdown cell"),
        ({"phrase": "it is three"}, "does not say so"),
        ({"after": "gone"}, "no code cell gone"),
        ({"after": "title"}, "no code cell title"),
        ({"cell": "title", "phrase": "Title"}, "say `after`"),
    ],
)
def test_what_is_gone_is_told(changed: dict[str, str], word: str) -> None:
    with pytest.raises(claims.ClaimError, match=word) as told:
        claims.place(claim(**changed), small_notebook())
    assert f'"{claim(**changed).phrase}"' in str(told.value)


def test_what_is_true() -> None:
    assert judged("x == 2", x=2)["true"]
    assert judged("x.all()", x=np.array([True]))["true"]
    assert judged("np.array(x > 1)", x=2, np=np)["true"]
    assert judged("all(y < x for y in (0, 1))", x=2)["true"]
    assert judged("y == 4", "def twice(z): return x * z\ny = twice(2)", x=2)["true"]


def test_both_sides_of_what_is_false() -> None:
    found = judged("len(x) + 1 < y - 1 and z > 0", x=[1, 2], y=3, z=9)
    assert not found["true"]
    assert found["compared"] == ["len(x) + 1 = 3", "y - 1 = 2", "z = 9"]
    assert len(judged("len(x) == 1 or x == 2", x=[0] * 5000)["compared"][1]) < 400


def test_what_is_no_answer() -> None:
    for value in (1, "yes", None, [True], np.array([True])):
        found = judged("x", x=value)
        assert not found["true"]
        assert "True or False" in found["why"]
    assert "NameError" in judged("y == 2")["why"]
    assert "ZeroDivisionError" in judged("1 < y", "y = 1 / 0")["why"]


CASES = {
    'phrase = "it is two"\ntrue = "x == 2"': "",
    'phrase = "two, and then more"\nafter = "second"\ntrue = "x == 3"': "",
    'phrase = "See: it is two"\nprepare = "x = 7\\n_ = 8\\nprint(x)"\ntrue = "(x := 8) == 8"': "",
    'phrase = "it is"\ntrue = "x == 5"': "x = 2",
    'phrase = "and then"\nafter = "second"\ntrue = "x == 2"': "x = 3",
    'phrase = "then more"\ntrue = "y"': "NameError",
    'phrase = "two"\ntrue = "x"': "True or False",
    'phrase = "it is three"\ntrue = "True"': "does not say so",
}


@pytest.fixture(scope="module")
def nbval_run(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What nbval says of a small notebook with true claims and others, two processes at once."""
    folder = tmp_path_factory.mktemp("claims")
    nbformat.write(small_notebook(), folder / "00_a.ipynb")
    gone = 'cell = "gone"\nphrase = "a sentence"\ntrue = "True"'
    listed = [*(f'cell = "said"\n{case}' for case in CASES), gone]
    text = "\n".join(f'[["00_a.ipynb"]]\n{one}' for one in listed)
    (folder / "claims.toml").write_text(text)
    for script in ("conftest.py", "same_text.py", "claims.py", "judging.py"):
        shutil.copy(NOTEBOOKS / script, folder)
    command = ["-m", "pytest", "--nbval", f"--nbval-sanitize-with={NOTEBOOKS / 'sanitize.cfg'}"]
    run = subprocess.run(
        [sys.executable, *command, "-v", "-p", "no:cacheprovider", "-n", "2", "--dist=loadfile"],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    return run.stdout


def test_nbval_tries_each_claim(nbval_run: str) -> None:
    """A true one passes; any other fails, by the name of its sentence."""
    verdicts = re.findall(r"(PASSED|FAILED) 00_a.ipynb::claim of \w+: \"(.*?)\"", nbval_run)
    by_phrase = {phrase: verdict for verdict, phrase in verdicts}
    for case, told in CASES.items():
        phrase = re.findall('phrase = "(.*?)"', case)[0]
        assert by_phrase[phrase] == ("FAILED" if told else "PASSED"), nbval_run
        assert not told or re.search(rf'said: "{phrase}"\n(.*\n){{0,3}}.*{told}', nbval_run), told
    assert by_phrase["a sentence"] == "FAILED"


def test_a_claim_leaves_the_kernel_as_it_was(nbval_run: str) -> None:
    """The second cell adds to x, and shows `_`: claims between them have changed neither."""
    assert len(re.findall(r"PASSED 00_a\W+ipynb::Cell [01]", nbval_run)) == 2, nbval_run


def test_renewing_a_notebook_tells_what_is_no_longer_true(tmp_path: Path) -> None:
    nbformat.write(small_notebook(), tmp_path / "00_a.ipynb")
    listed = (f'[["00_a.ipynb"]]\ncell = "said"\n{case}' for case in CASES)
    (tmp_path / "claims.toml").write_text("\n".join(listed))
    notebook, told = load("renew").execute(tmp_path / "00_a.ipynb")
    assert notebook.cells[1].outputs[0].data["text/plain"] == "2"
    untrue = {case for case, why in CASES.items() if why}
    assert len(told) == len(untrue)
    for case in untrue:
        phrase = re.findall('phrase = "(.*?)"', case)[0]
        assert any(f'said: "{phrase}"' in one for one in told), told
