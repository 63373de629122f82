"""A copy of the project gets a home, and loses it again: addresses change, and nothing else."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from showtell_lib.errors import SettingsError
from tests.notebook_source import load

REPOSITORY = Path(__file__).parents[1]
publish = load("publish")
HOME = "Ada-L/show.tell_2"
# Where the placeholder is a part of what the file does.
NAME_IT = ("notebooks/publish.py", "tests/test_publish.py")

Contents = dict[str, bytes]


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """All files of the repository, without its history."""
    listing = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, capture_output=True)
    if listing.returncode:
        pytest.skip("needs git, and a clone of the repository")
    for name in filter(None, listing.stdout.decode().split("\0")):
        if (REPOSITORY / name).is_file():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(REPOSITORY / name, tmp_path / name)
    return tmp_path


def run(script: str, copy: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs one of the copy's scripts, with the copy's library."""
    environment = os.environ | {"PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, str(copy / "notebooks" / f"{script}.py"), *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True)


def contents(copy: Path) -> Contents:
    return {str(p.relative_to(copy)): p.read_bytes() for p in copy.rglob("*") if p.is_file()}


def changed_lines(before: Contents, after: Contents) -> list[tuple[str, str]]:
    """The file and the new text of each line that differs; no line has come or gone."""
    assert before.keys() == after.keys()
    found = []
    for name in before:
        if before[name] != after[name]:
            old, new = (files[name].decode().splitlines() for files in (before, after))
            assert len(old) == len(new), name
            found += [(name, line) for was, line in zip(old, new, strict=True) if was != line]
    return found


def test_there_and_back(copy: Path) -> None:
    before, old_home = contents(copy), publish.setting()["repository"]
    told = run("publish", copy, f"https://github.com/{HOME}.git")
    assert told.returncode == 0, told.stderr
    after = contents(copy)
    lines = changed_lines(before, after)
    assert all(HOME.lower() in line.lower() for _, line in lines), lines
    names = {name for name, _ in lines}
    notebooks = {name for name in before if re.fullmatch(r"notebooks/\d\d_.+\.ipynb", name)}
    papers = {"README.md", "CITATION.cff", "pyproject.toml", ".github/CHANGELOG.md"}
    assert names == papers | notebooks
    assert len(notebooks) >= 12
    assert told.stdout.startswith(f"{len(names)} files now name {HOME}")
    for name in after.keys() - {*NAME_IT}:
        assert not re.search(rb"\bOWNER/", after[name]), name
    readme = after["README.md"].decode()
    assert "REPOSITORY" not in readme
    assert f"git clone --depth 1 https://github.com/{HOME} showtell" in readme
    assert f"ghcr.io/{HOME.lower()}`" in readme
    assert "no home yet" not in readme
    assert run("renew", copy, "--check").returncode == 0, "the notebooks have the new home's form"
    assert run("publish", copy, HOME).stdout.startswith("0 files")
    assert run("publish", copy, old_home).returncode == 0
    assert contents(copy) == before


@pytest.mark.parametrize(
    "text",
    [
        "ada/showtell",
        "https://github.com/ada/showtell",
        "http://www.github.com/ada/showtell/",
        "github.com/ada/showtell.git",
        " ada/showtell\n",
    ],
)
def test_what_names_a_repository(text: str) -> None:
    assert publish.repository_of(text) == "ada/showtell"


@pytest.mark.parametrize(
    "text",
    [
        *("", "showtell", "ada/", "/showtell", "ada/show tell", "ada /showtell", "ada/show/tell"),
        *("https://gitlab.com/ada/showtell", "https://github.com/ada", "git@github.com:ada/x"),
        *("-ada/showtell", "ada-/showtell", "ada--l/showtell", "ada/..", "ada/.", "ädä/showtell"),
        *('ada/"showtell', "ada/showtell\nbranch", "ada/" + "x" * 101, "{repository}/showtell"),
    ],
)
def test_what_names_none(text: str) -> None:
    with pytest.raises(SettingsError, match=r"owner/name") as raised:
        publish.repository_of(text)
    assert repr(text) in str(raised.value)
    assert "\n" not in str(raised.value)


def test_what_cannot_be_done_changes_nothing(copy: Path) -> None:
    before = contents(copy)
    told = run("publish", copy, "ada lovelace")
    assert (told.returncode, told.stdout) == (2, "")
    assert told.stderr.count("\n") == 1, told.stderr
    assert contents(copy) == before
    readme = copy / "README.md"
    readme.write_text(readme.read_text(encoding="utf-8").replace(" <!-- image -->", ""))
    before = contents(copy)
    told = run("publish", copy, HOME)
    assert told.returncode == 2
    assert "README.md: 0 places" in told.stderr
    assert contents(copy) == before
